"""Graph partitioning: two halves of the nodes with as little as can be between them."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from qgraph.errors import require
from qgraph.graph import Graph
from qgraph.problems.base import Candidate, Sense, check_bits
from qgraph.problems.ising import Ising, from_arrays

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

PENALTY = 2.0  # times what balances the dearest move; anything above 1 suffices


class GraphPartitioning:
    """`C(x)` is the weight between two parts, plus `A ((sum_i s_i)^2 - n mod 2)`; minimised.

    The parts have equally many nodes, or one more in one of them. The penalty suffices: if the sizes differ
    by d > 1, moving any node from the larger part lowers d^2 by 4 (d - 1), at least 4, and adds at most the
    sum of the sizes of its weights to the cut, at most D over all nodes. A is D / 2, so that 4 A = 2 D; no
    minimum is unequal, nor is any partition that single flips cannot improve. Lucas, arXiv:1302.5843,
    section 2.2, has the smallest A for unit weights.

    >>> problem = GraphPartitioning(Graph.from_edges([("a", "b", 3.0), ("b", "c", 1.0), ("c", "d", 2.0)]))
    >>> problem.objective([[0, 0, 1, 1], [0, 1, 1, 1]])
    array([ 1., 11.])
    """

    sense: Sense = "minimize"
    constrained = True

    def __init__(self, graph: Graph) -> None:
        require(isinstance(graph, Graph), "graph", "must be a qgraph.Graph", graph)
        require(len(graph.nodes) > 0, "graph", "must have at least one node", graph)
        self.graph = graph

    def __repr__(self) -> str:
        return f"GraphPartitioning({self.graph!r})"

    @property
    def nodes(self) -> tuple[str, ...]:
        """The nodes of the graph."""
        return self.graph.ids

    @cached_property
    def penalty(self) -> float:
        """A, the price of (sum s)^2."""
        weights, n = np.abs(self.graph.weights), len(self.nodes)
        i, j = self.graph.pairs.T
        moved = np.bincount(i, weights, n) + np.bincount(j, weights, n)
        return PENALTY * float(moved.max()) / 4 or 1.0

    @cached_property
    def _ising(self) -> Ising:
        n, weights = len(self.nodes), self.graph.weights
        i, j = np.triu_indices(n, 1)
        pairs = np.concatenate([self.graph.pairs, np.stack([i, j], axis=1)])
        J = np.concatenate([-weights / 2, np.full(len(i), 2 * self.penalty)])
        offset = float(weights.sum()) / 2 + self.penalty * (n - n % 2)
        return from_arrays(self.nodes, np.zeros(n), pairs, J, offset, self.sense)

    def to_ising(self) -> Ising:
        """The penalised objective as an Ising model, in which all pairs are coupled.

        >>> GraphPartitioning(Graph.ring(6)).to_ising()
        Ising(6 nodes, 0 fields, 15 couplings, minimize)
        """
        return self._ising

    def objective(self, bits: ArrayLike) -> NDArray[np.float64]:
        """The weight of each cut, and its penalty: bits[..., n] to float64[...]."""
        return self._ising.energy(bits)

    def decode(self, bits: ArrayLike) -> Candidate:
        """Which of the two parts each node is in, and whether they are of unequal size, a violation."""
        values = check_bits(bits, len(self.nodes), single=True)
        ones = int(values.sum())
        sizes = len(self.nodes) - ones, ones
        equal = abs(sizes[0] - sizes[1]) <= 1
        violations = () if equal else (f"the parts have {sizes[0]} and {sizes[1]} nodes",)
        decoded = self._ising.decode(values)
        return decoded.model_copy(update={"feasible": equal, "violations": violations})
