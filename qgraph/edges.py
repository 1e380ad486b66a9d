"""Edges as files and matrices list them, one after the other, made into edges that a graph has once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NoReturn, get_args

import numpy as np

from qgraph.errors import InvalidInput, require, shown
from qgraph.generators import LARGEST_GRAPH

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from numpy.typing import NDArray

Directed = Literal["refuse", "merge"]
Loops = Literal["refuse", "drop"]

LARGEST_EDGES = 2_000_000
WEIGHT = "weight"
MERGE = 'directed="merge" (in the terminal, --directed merge) takes arcs as edges'
DROP = 'loops="drop" (in the terminal, --loops drop) leaves self-loops out'

# What the columns of tables of edges are called, in lower case.
ENDS = (
    ("source", "target"),
    ("from", "to"),
    ("src", "dst"),
    ("u", "v"),
    ("i", "j"),
    ("node1", "node2"),
    ("node_1", "node_2"),
    ("start", "end"),
)
WEIGHTS = ("weight", "value", "weights", "w")


@dataclass(frozen=True)
class Choices:
    """What the reader of a file chose: see `read_graph`."""

    directed: Directed = "refuse"
    loops: Loops = "refuse"
    weight: str = WEIGHT

    def __post_init__(self) -> None:
        require(self.directed in get_args(Directed), "directed", 'must be "refuse" or "merge"', self.directed)
        require(self.loops in get_args(Loops), "loops", 'must be "refuse" or "drop"', self.loops)
        require(isinstance(self.weight, str), "weight", "must be the name of an attribute", self.weight)

    def require_weight(self, there: Collection[str]) -> None:
        """Raise `InvalidInput` if a weight was asked for by name and no edge has it."""
        names = ", ".join(sorted(shown(name) for name in there)) or "none"
        known = self.weight == WEIGHT or self.weight in there
        require(known, "weight", f"must name an attribute of the edges, which have {names}", self.weight)

    def require_undirected(self, directed: bool) -> None:
        """Raise `InvalidInput` for a directed graph that was not asked for."""
        if directed and self.directed == "refuse":
            raise InvalidInput(f"the graph must be undirected; {MERGE}")


class EdgeList:
    """Edges by name of their ends, each pair of nodes once.

    An edge that comes again with the same weight, from either end, is one edge; with another weight it is
    refused. With `directed="merge"`, an arc and its reverse become one edge with the mean of their weights.
    `place` says where an edge stands in the source, such as "line {}". Without `choices`, errors name none.
    """

    def __init__(self, place: str, choices: Choices | None = None) -> None:
        self.place = place
        self.choices = choices or Choices()
        self.hints = choices is not None
        self.ends: dict[str, object] = {}  # each node that has edges, and where the first of them is
        self.weights: dict[tuple[str, str], float] = {}
        self.backward: dict[tuple[str, str], float] = {}

    def add(self, source: str, target: str, weight: float, at: object) -> None:
        """One more edge, which stands at `at`. Raises `InvalidInput`."""
        self.ends.setdefault(source, at)
        if source == target:
            if self.choices.loops == "refuse":
                self._refuse(at, f"self-loop at {source!a}", DROP)
            return
        self.ends.setdefault(target, at)
        pair, back, weights = (source, target), (target, source), self.weights
        if pair in weights:
            known = weights[pair]
        elif back not in weights:
            weights[pair] = weight
            if len(weights) > LARGEST_EDGES:
                self._refuse(at, f"a graph has at most {LARGEST_EDGES} edges")
            return
        elif self.choices.directed == "merge":
            known = self.backward.setdefault(back, weight)
        else:
            known = weights[back]
        if known != weight:
            rule = (
                f"the edge between {source!a} and {target!a} has the weight {weight!r}, and {known!r} before"
            )
            self._refuse(at, rule, "" if pair in weights else MERGE)

    def add_matrix(
        self, names: Sequence[str], rows: NDArray[Any], columns: NDArray[Any], values: NDArray[Any]
    ) -> None:
        """The entries of a square matrix, symmetric or of one triangle. Raises `InvalidInput`.

        A matrix that is neither is one of arcs. Zeros on the diagonal are no self-loops.
        """
        rows, columns = rows.astype(np.int64), columns.astype(np.int64)
        between = rows != columns
        size = len(names)
        forward, backward = (rows * size + columns)[between], (columns * size + rows)[between]
        triangular = bool((forward < backward).all() or (forward > backward).all())
        if not triangular and not np.array_equal(np.unique(forward), np.unique(backward)):
            if not self.hints:
                raise InvalidInput("the matrix must be symmetric or triangular")
            self.choices.require_undirected(True)
        kept = between | (values != 0)
        for i, j, value in zip(
            rows[kept].tolist(), columns[kept].tolist(), values[kept].tolist(), strict=True
        ):
            self.add(names[i], names[j], float(value), (i + 1, j + 1))

    def fields(self, nodes: Iterable[str | dict[str, Any]] | None = None) -> dict[str, Any]:
        """What `conversions.build` makes a graph of; without `nodes`, these come in order of appearance."""
        own = self.ends if nodes is None else nodes
        items = [{"id": node} if isinstance(node, str) else node for node in own]
        known = {item["id"] for item in items if isinstance(item["id"], str)}
        for name, at in self.ends.items():
            if name not in known:
                self._refuse(at, f"unknown node {name!a}")
        require(len(items) <= LARGEST_GRAPH, "nodes", f"must be at most {LARGEST_GRAPH}", len(items))
        edges = [
            {"source": pair[0], "target": pair[1], "weight": self._mean(pair, weight)}
            for pair, weight in self.weights.items()
        ]
        return {"nodes": items, "edges": edges}

    def _mean(self, pair: tuple[str, str], weight: float) -> float:
        return (weight + self.backward[pair]) / 2 if pair in self.backward else weight

    def _refuse(self, at: object, rule: str, way_out: str = "") -> NoReturn:
        hint = f"; {way_out}" if way_out and self.hints else ""
        raise InvalidInput(f"{self.place.format(at)}: {rule}{hint}")


def has_named_ends(header: Sequence[object]) -> bool:
    """Whether names of columns say which two hold the ends of an edge."""
    return _ends(header) is not None


def columns_of(header: Sequence[object], weight: str, *, spare: bool = True) -> tuple[int, int, int | None]:
    """Which columns of a table hold the ends of an edge and its weight, by name.

    Without known names of the ends they are the first two, and with `spare`, the third is the weight.
    """
    names = [str(name).strip() for name in header]
    lower = [name.lower() for name in names]
    wanted = [names.index(weight)] if weight in names else []
    if weight == WEIGHT and not wanted:
        wanted = [lower.index(name) for name in WEIGHTS if name in lower]
    place = wanted[0] if wanted else None
    ends = _ends(header)
    if ends is not None:
        return *ends, place
    first, second, *rest = (k for k in range(max(len(names), 2)) if k != place)
    return first, second, rest[0] if rest and place is None and spare else place


def _ends(header: Sequence[object]) -> tuple[int, int] | None:
    lower = [str(name).strip().lower() for name in header]
    pair = next((pair for pair in ENDS if set(pair) <= set(lower)), None)
    return pair and (lower.index(pair[0]), lower.index(pair[1]))


def check_ends(place: str, source: str, target: str, known: set[str]) -> None:
    """Raise ValueError unless an edge joins two different known nodes."""
    for end in (source, target):
        if end not in known:
            raise ValueError(f"`{place}`: unknown node {end!a}")
    if source == target:
        raise ValueError(f"`{place}`: self-loop at {source!a}")
