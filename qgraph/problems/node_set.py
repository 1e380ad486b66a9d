"""What independent sets and vertex covers share: a chosen set of nodes, each with a positive weight."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from qgraph.base.checks import require, require_positive
from qgraph.base.fields import LARGEST_NUMBER, as_name
from qgraph.base.frozen import FrozenDict, constant
from qgraph.base.typing import Reals
from qgraph.models.graph import Graph
from qgraph.problems.problem import GraphProblem
from qgraph.problems.program import Program

Weights = Mapping[str, float] | Sequence[float] | Reals

PENALTY = 2.0  # times the lighter end's weight; every value above 1 suffices


class NodeSet(GraphProblem):
    """Bit v says whether node v is in the set. `weights` is a mapping (1 where not given) or one per node."""

    constrained = True

    def __init__(self, graph: Graph, weights: Weights | None = None) -> None:
        super().__init__(graph)
        self.weights = node_weights(graph, weights)

    @property
    def arguments(self) -> dict[str, Any]:
        """See `BitProblem`."""
        weights = zip(self.nodes, self.weights.tolist(), strict=True)
        return {"graph": self.graph, "weights": FrozenDict(weights)}

    def _arguments_on(self, graph: Graph) -> dict[str, Any]:
        weights = self.arguments["weights"]
        return {"graph": graph, "weights": {name: weights[name] for name in graph.ids if name in weights}}

    def to_program(self) -> Program:
        """See `BitProblem`: one row for each clique.

        An independent set has at most one node of a clique, a vertex cover at least all except one. The
        cliques together contain all edges.
        """
        program = Program(self.sense)
        bits = program.add_columns(self.nodes, self.weights)
        for clique in cliques(len(self.nodes), self.graph.pairs.tolist()):
            members = bits[list(clique)]
            if self.sense == "maximize":
                program.add_rows(members, 1.0, high=1.0)
            else:
                program.add_rows(members, 1.0, low=len(clique) - 1.0)
        return program

    @property
    def _prices(self) -> Reals:
        """What each edge costs whose rule is broken: float64[edges]."""
        prices: Reals = PENALTY * self.weights[self.graph.pairs].min(axis=1)
        return prices


def cliques(n: int, edges: list[tuple[int, int]]) -> list[tuple[int, ...]]:
    """Cliques that together contain every edge. Each grows greedily, node by node.

    >>> cliques(4, [(0, 1), (1, 2), (0, 2), (2, 3)])
    [(0, 1, 2), (2, 3)]
    """
    near: list[set[int]] = [set() for _ in range(n)]
    for i, j in edges:
        near[i].add(j)
        near[j].add(i)
    held = set[tuple[int, int]]()
    found = []
    for i, j in edges:
        if (min(i, j), max(i, j)) in held:
            continue
        clique, common = [i, j], near[i] & near[j]
        while common:
            new = max(common, key=lambda v: (len(near[v] & common), -v))
            clique.append(new)
            common &= near[new]
        clique.sort()
        held.update(itertools.combinations(clique, 2))
        found.append(tuple(clique))
    return found


def node_weights(graph: Graph, weights: Weights | None) -> Reals:
    """Positive weights in node order, 1 where not given: float64[n]. Raises `InvalidInput`."""
    row = isinstance(weights, (list, tuple)) or (isinstance(weights, np.ndarray) and weights.ndim == 1)
    known = weights is None or isinstance(weights, Mapping) or row
    require(known, "weights", "must be a mapping from nodes, or a sequence in node order", weights)
    if row:
        values = list(weights)  # type: ignore[arg-type]
        require(len(values) == len(graph.ids), "weights", f"must have {len(graph.ids)} values", len(values))
        weights = dict(zip(graph.ids, values, strict=True))
    given = {as_name(name): weight for name, weight in (weights or {}).items()}  # type: ignore[union-attr]
    for name, weight in given.items():
        require(name in graph.index, "weights", "must name nodes of the graph", name)
        require_positive(f"weights[{name!r}]", weight, LARGEST_NUMBER)
    return constant(np.array([float(given.get(name, 1.0)) for name in graph.ids]))
