"""What independent sets and vertex covers share: a chosen set of nodes, each with a positive weight."""

from __future__ import annotations

import itertools
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from qgraph.base.checks import require, require_positive
from qgraph.base.fields import LARGEST_NUMBER, as_name
from qgraph.base.frozen import FrozenDict, constant
from qgraph.base.typing import Bits, Reals
from qgraph.models.graph import Graph
from qgraph.problems.ising import Ising
from qgraph.problems.problem import GraphProblem
from qgraph.problems.program import Program
from qgraph.problems.sense import Sense, sign
from qgraph.problems.terms import entries

Weights = Mapping[str, float] | Sequence[float] | Reals

PENALTY = 2.0  # times the lighter end's weight; every value above 1 suffices


class NodeSet(GraphProblem):
    """Bit v says whether node v is in the set. `weights` is a mapping (1 where not given) or one per node."""

    constrained = True
    refused: int  # the bit that the two ends of an edge must not both have
    complaint: str  # about such an edge

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
    def trivial_bound(self) -> float:
        """The sum of the weights where C is maximised; 0 where it is minimised."""
        return float(self.weights.sum()) if self.sense == "maximize" else 0.0

    @cached_property
    def _ising(self) -> Ising:
        prices = PENALTY * self.weights[self.graph.pairs].min(axis=1)
        return self._model(self.weights, sign(self) * prices, self.sense)

    @cached_property
    def rules(self) -> Ising:
        """See `BitProblem`: the number of edges whose two ends have the refused bit."""
        return self._model(np.zeros(len(self.nodes)), np.ones(len(self.graph.pairs)), "minimize")

    @abstractmethod
    def _model(self, weights: Reals, prices: Reals, sense: Sense) -> Ising:
        """The weights of the chosen nodes, plus the price of each edge whose two ends have `refused`."""

    def _violations(self, bits: Bits) -> list[str]:
        broken = self.graph.pairs[(bits[self.graph.pairs] == self.refused).all(axis=1)].tolist()
        return [self.complaint.format(self.nodes[i], self.nodes[j]) for i, j in broken]


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
    values = entries("weights", {} if weights is None else weights, graph.ids)
    given = {as_name(name): weight for name, weight in values.items()}
    for name, weight in given.items():
        require(name in graph.index, "weights", "must name nodes of the graph", name)
        require_positive(f"weights[{name!r}]", weight, LARGEST_NUMBER)
    return constant(np.array([float(given.get(name, 1.0)) for name in graph.ids]))
