"""Minimum-weight vertex cover: the lightest set of nodes that touches every edge."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from qgraph.errors import require
from qgraph.graph import Graph
from qgraph.problems.base import Candidate, Sense, check_bits
from qgraph.problems.independent_set import node_weights
from qgraph.problems.ising import Ising, from_bits

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike, NDArray

PENALTY = 2.0  # times the lighter end's weight; anything above 1 suffices


class VertexCover:
    """`C(x) = sum_i w_i b_i + sum_edges P_ij (1 - b_i)(1 - b_j)`, `P_ij = 2 min(w_i, w_j)`; minimised.

    The penalty suffices: where neither end of an edge is in the set, adding the lighter end i costs w_i and
    saves at least `2 w_i`, so no minimum leaves an edge uncovered, nor does any set that single flips cannot
    improve. Edge weights are not used. Node weights are positive, 1 unless given in `weights`. Source: Lucas,
    arXiv:1302.5843, section 4.3.

    >>> star = Graph.from_edges([("hub", "a"), ("hub", "b")])
    >>> VertexCover(star, weights={"hub": 1.5}).objective([[1, 0, 0], [0, 1, 1], [0, 1, 0]])
    array([1.5, 2. , 3. ])
    """

    sense: Sense = "minimize"
    constrained = True

    def __init__(self, graph: Graph, weights: Mapping[str, float] | None = None) -> None:
        require(isinstance(graph, Graph), "graph", "must be a qgraph.Graph", graph)
        require(len(graph.nodes) > 0, "graph", "must have at least one node", graph)
        self.graph = graph
        self.weights = node_weights(graph, weights)

    def __repr__(self) -> str:
        return f"VertexCover({self.graph!r})"

    @property
    def nodes(self) -> tuple[str, ...]:
        """The nodes of the graph."""
        return self.graph.ids

    @cached_property
    def _ising(self) -> Ising:
        pairs = self.graph.pairs
        prices = PENALTY * self.weights[pairs].min(axis=1)
        linear = self.weights.copy()
        for ends in pairs.T:
            linear = linear - np.bincount(ends, prices, len(linear))
        return from_bits(self.nodes, linear, pairs, prices, float(prices.sum()), self.sense)

    def to_ising(self) -> Ising:
        """The penalised objective as an Ising model.

        >>> VertexCover(Graph.ring(5)).to_ising()
        Ising(5 nodes, 5 fields, 5 couplings, minimize)
        """
        return self._ising

    def objective(self, bits: ArrayLike) -> NDArray[np.float64]:
        """The weight of each set, and its penalties: bits[..., n] to float64[...]."""
        return self._ising.energy(bits)

    def decode(self, bits: ArrayLike) -> Candidate:
        """Which nodes are in the cover, and the edges that it misses, which are violations."""
        values = check_bits(bits, len(self.nodes), single=True)
        missed = self.graph.pairs[~values[self.graph.pairs].any(axis=1)]
        violations = tuple(
            f"the edge between {self.nodes[i]!r} and {self.nodes[j]!r} is not covered"
            for i, j in missed.tolist()
        )
        decoded = self._ising.decode(values)
        return decoded.model_copy(update={"feasible": not violations, "violations": violations})
