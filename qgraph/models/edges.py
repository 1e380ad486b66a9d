"""Edges as listed in files, tables and matrices, and the rules for the edges of a graph."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Literal, NoReturn, get_args

import numpy as np

from qgraph.base.checks import require
from qgraph.base.errors import InvalidInput, shown
from qgraph.base.typing import Integers, NDArray
from qgraph.models.generators import LARGEST_GRAPH

Directed = Literal["refuse", "merge"]
Loops = Literal["refuse", "drop"]

LARGEST_EDGES = 2_000_000
WEIGHT = "weight"
MERGE = 'directed="merge" (in the terminal, --directed merge) takes arcs as edges'
DROP = 'loops="drop" (in the terminal, --loops drop) leaves self-loops out'

# Names of columns in tables of edges, in lower case.
ENDS = [("source", "target"), ("from", "to"), ("src", "dst"), ("u", "v"), ("i", "j")]
ENDS += [("node1", "node2"), ("node_1", "node_2"), ("start", "end")]
WEIGHTS = ("weight", "value", "weights", "w")


@dataclass(frozen=True)
class Choices:
    """The options of `read_graph`."""

    directed: Directed = "refuse"
    loops: Loops = "refuse"
    weight: str = WEIGHT

    def __post_init__(self) -> None:
        require(self.directed in get_args(Directed), "directed", 'must be "refuse" or "merge"', self.directed)
        require(self.loops in get_args(Loops), "loops", 'must be "refuse" or "drop"', self.loops)
        require(isinstance(self.weight, str), "weight", "must be the name of an attribute", self.weight)

    def require_weight(self, there: Collection[str]) -> None:
        """Raise `InvalidInput` unless `weight` is the default, or an attribute that edges have."""
        names = ", ".join(sorted(shown(name) for name in there)) or "none"
        known = self.weight == WEIGHT or self.weight in there
        require(known, "weight", f"must name an attribute of the edges, which have {names}", self.weight)

    def require_undirected(self, directed: bool) -> None:
        """Raise `InvalidInput` for a directed graph, unless arcs are merged."""
        if directed and self.directed == "refuse":
            raise InvalidInput(f"the graph must be undirected; {MERGE}")


class EdgeList:
    """Edges by the names of their ends, each pair of nodes once.

    An edge that is repeated with the same weight, from either end, is one edge; with another weight it is
    an error. With `directed="merge"`, an arc and its reverse become one edge with the mean of their weights.
    `place` describes the place of an edge in its source, such as "line {}". Without `choices`, errors do not
    suggest other choices.
    """

    def __init__(self, place: str, choices: Choices | None = None) -> None:
        self.place = place
        self.choices = choices or Choices()
        self.hints = choices is not None
        self.names: dict[str, str] = {}  # of the ends of edges, each stored once
        self.places: list[object] = []  # the first place of each name
        self.weights: dict[tuple[str, str], float] = {}
        self.backward: dict[tuple[str, str], float] = {}

    def add(self, source: str, target: str, weight: float, at: object) -> None:
        """Add an edge, whose place is `at`. Raises `InvalidInput`."""
        source = self._known(source, at)
        if source == target:
            if self.choices.loops == "refuse":
                self._refuse(at, f"self-loop at {source!a}", DROP)
            return
        target = self._known(target, at)
        pair, back, weights = (source, target), (target, source), self.weights
        if pair in weights:
            known = weights[pair]
        elif back not in weights:
            weights[pair] = weight
            return
        elif self.choices.directed == "merge":
            known = self.backward.setdefault(back, weight)
        else:
            known = weights[back]
        if known != weight:
            edge, way_out = f"the edge between {source!a} and {target!a}", "" if pair in weights else MERGE
            self._refuse(at, f"{edge} has the weight {weight!r}, and had {known!r} before", way_out)

    def add_matrix(
        self, names: Sequence[str], rows: NDArray[Any], columns: NDArray[Any], values: NDArray[Any]
    ) -> None:
        """Add the entries of a square matrix, symmetric or triangular. Raises `InvalidInput`.

        The entries of other matrices are arcs. Zeros on the diagonal are not self-loops.
        """
        rows, columns = rows.astype(np.int64), columns.astype(np.int64)
        between = rows != columns
        size = len(names)
        forward, backward = (rows * size + columns)[between], (columns * size + rows)[between]
        triangular = bool((forward < backward).all() or (forward > backward).all())
        if not triangular and not np.array_equal(np.unique(forward), np.unique(backward)):
            if not self.hints:
                raise InvalidInput("`edges` must be symmetric or triangular as a matrix")
            self.choices.require_undirected(True)
        kept = between | (values != 0)
        for i, j, value in zip(*(part[kept].tolist() for part in (rows, columns, values)), strict=True):
            self.add(names[i], names[j], float(value), (i + 1, j + 1))

    def fields(self, nodes: Iterable[str | dict[str, Any]] | None = None) -> dict[str, Any]:
        """The fields of a graph; without `nodes`, the nodes are in order of appearance."""
        own = self.names if nodes is None else nodes
        items = [{"id": node} if isinstance(node, str) else node for node in own]
        known = {item["id"] for item in items if isinstance(item["id"], str)}
        for name, at in zip(self.names, self.places, strict=True):
            if name not in known:
                self._refuse(at, f"unknown node {name!a}")
        require(len(items) <= LARGEST_GRAPH, "nodes", f"must be at most {LARGEST_GRAPH}", len(items))
        count = len(self.weights)
        require(count <= LARGEST_EDGES, "edges", f"must be at most {LARGEST_EDGES}", count)
        for pair, weight in self.backward.items():
            self.weights[pair] = (self.weights[pair] + weight) / 2
        edges = edge_fields((*pair, weight) for pair, weight in self.weights.items())
        return {"nodes": items, "edges": edges}

    def _known(self, name: str, at: object) -> str:
        own = self.names.setdefault(name, name)
        if len(self.names) > len(self.places):
            self.places.append(at)
        return own

    def _refuse(self, at: object, rule: str, way_out: str = "") -> NoReturn:
        hint = f"; {way_out}" if way_out and self.hints else ""
        raise InvalidInput(f"{self.place.format(at)}: {rule}{hint}")


def edge_fields(edges: Iterable[tuple[Any, Any, Any]]) -> list[dict[str, Any]]:
    """The fields of edges from (source, target, weight)."""
    return [{"source": source, "target": target, "weight": weight} for source, target, weight in edges]


def columns_of(header: Sequence[object], weight: str, *, spare: bool = True) -> tuple[int, int, int | None]:
    """The columns of a table that hold the ends of an edge and its weight.

    Without known names of the ends they are the first two, and with `spare`, the third is the weight.
    """
    names = [str(name).strip() for name in header]
    lower = [name.lower() for name in names]
    wanted = [names.index(weight)] if weight in names else []
    if weight == WEIGHT and not wanted:
        wanted = [lower.index(name) for name in WEIGHTS if name in lower]
    place = wanted[0] if wanted else None
    ends = named_ends(header)
    if ends is not None:
        return *ends, place
    first, second, *rest = (k for k in range(max(len(names), 3)) if k != place)
    third = rest[0] if rest and rest[0] < len(names) and spare else None
    return first, second, third if place is None else place


def named_ends(header: Sequence[object]) -> tuple[int, int] | None:
    """The columns that hold the ends of an edge, if the names of the columns tell."""
    lower = [str(name).strip().lower() for name in header]
    pair = next((pair for pair in ENDS if set(pair) <= set(lower)), None)
    return pair and (lower.index(pair[0]), lower.index(pair[1]))


def numbers_of(names: Iterable[str]) -> dict[str, int]:
    """The number of each node, from 0. Raises ValueError for the first name that is there twice."""
    numbers: dict[str, int] = {}
    for i, name in enumerate(names):
        if numbers.setdefault(name, i) != i:
            raise ValueError(f"`nodes[{i}]`: duplicate node id {name!a}")
    return numbers


def check_ends(place: str, source: str, target: str, known: Collection[str]) -> None:
    """Raise ValueError unless an edge joins two different known nodes."""
    for end in (source, target):
        if end not in known:
            raise ValueError(f"`{place}`: unknown node {end!a}")
    if source == target:
        raise ValueError(f"`{place}`: self-loop at {source!a}")


def checked_pairs(edges: Sequence[tuple[str, str]], index: Mapping[str, int]) -> Integers:
    """The ends of edges as the numbers of their nodes: int64[edges, 2].

    Raises ValueError unless each edge joins two different known nodes that no other edge joins.
    """
    numbers = (index.get(end, -1) for end in chain.from_iterable(edges))
    pairs = np.fromiter(numbers, np.int64, 2 * len(edges)).reshape(-1, 2)
    low, high = pairs.min(axis=1), pairs.max(axis=1)
    first = np.unique(low * len(index) + high, return_index=True)[1]
    wrong = (low < 0) | (low == high)
    if wrong.any() or len(first) < len(edges):
        again = np.ones(len(edges), dtype=bool)
        again[first] = False
        i = int(np.argmax(wrong | again))
        source, target = edges[i]
        check_ends(f"edges[{i}]", source, target, index.keys())
        raise ValueError(f"`edges[{i}]`: duplicate edge between {source!a} and {target!a}")
    return pairs
