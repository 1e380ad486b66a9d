"""Graph partitioning: two halves of the nodes with the least weight between them."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from qgraph.base.typing import ArrayLike, Bits, Reals
from qgraph.problems.base import check_bits
from qgraph.problems.couplings import row_sums
from qgraph.problems.ising import Ising, from_arrays
from qgraph.problems.labelling import Labelling
from qgraph.problems.maxcut import MaxCut
from qgraph.problems.problem import GraphProblem
from qgraph.problems.program import Program
from qgraph.problems.sense import Sense

PENALTY = 2.0  # times what balances the most expensive move; every value above 1 suffices


class GraphPartitioning(GraphProblem):
    """`C(x)` is the weight between two parts, plus `A ((sum_i s_i)^2 - n mod 2)`; minimised.

    The parts have equally many nodes, or one more in one of them. The penalty suffices: if the sizes differ
    by d > 1, moving any node from the larger part lowers d^2 by 4 (d - 1), at least 4, and adds at most the
    sum of the sizes of its weights to the cut, at most D over all nodes. A is D / 2, so that 4 A = 2 D; no
    minimum is unequal, nor is any partition that single flips cannot improve. Lucas, arXiv:1302.5843,
    section 2.2, has the smallest A for unit weights.

    >>> from qgraph import Graph
    >>> problem = GraphPartitioning(Graph.from_edges([("a", "b", 3.0), ("b", "c", 1.0), ("c", "d", 2.0)]))
    >>> problem.objective([[0, 0, 1, 1], [0, 1, 1, 1]])
    array([ 1., 11.])
    >>> problem.to_ising()
    Ising(4 nodes, 0 fields, 6 couplings, minimize)
    """

    sense: Sense = "minimize"
    constrained = True

    @cached_property
    def penalty(self) -> float:
        """A, the factor of (sum s)^2."""
        weights, n = np.abs(self.graph.weights), len(self.nodes)
        return PENALTY * float(row_sums(self.graph.pairs, weights, n).max()) / 4 or 1.0

    @cached_property
    def _ising(self) -> Ising:
        return self._model(self.graph.weights, self.penalty)

    @cached_property
    def rules(self) -> Ising:
        """See `BitProblem`: `((sum s)^2 - n mod 2) / 4`."""
        return self._model(0.0 * self.graph.weights, 0.25)

    def _model(self, weights: Reals, penalty: float) -> Ising:
        """The weight between the parts, plus `penalty` times `(sum s)^2 - n mod 2`."""
        n = len(self.nodes)
        everyone = np.stack(np.triu_indices(n, 1), axis=1)
        pairs = np.concatenate([self.graph.pairs, everyone])
        J = np.concatenate([-weights / 2, np.full(len(everyone), 2 * penalty)])
        offset = float(weights.sum()) / 2 + penalty * (n - n % 2)
        return from_arrays(self.nodes, np.zeros(n), pairs, J, offset, self.sense)

    def objective(self, bits: ArrayLike) -> Reals:
        """The weight between the parts, and the penalty: bits[..., n] to float64[...]."""
        values = check_bits(bits, len(self.nodes))
        spins = len(self.nodes) - 2 * values.sum(axis=-1, dtype=np.int64)
        excess = np.square(spins) - len(self.nodes) % 2
        return np.asarray(self._cut.objective(values) + self.penalty * excess)

    @cached_property
    def _cut(self) -> MaxCut:
        return MaxCut(self.graph)

    def _violations(self, bits: Bits) -> list[str]:
        ones = int(bits.sum())
        sizes = len(bits) - ones, ones
        return [] if abs(sizes[0] - sizes[1]) <= 1 else [f"the parts have {sizes[0]} and {sizes[1]} nodes"]

    def to_program(self) -> Program:
        """See `BitProblem`: a column for each edge that is cut, and one row for the balance."""
        n = len(self.nodes)
        program = Program(self.sense)
        bits = program.add_columns(self.nodes, 0.0)
        program.add_differences(self.graph.pairs, self.graph.weights)
        program.add_rows(bits, 1.0, low=n // 2, high=n - n // 2)
        program.upper[0] = 0.0  # exchanging the sides does not change C
        return program

    def canonical(self, bits: Bits) -> Bits:
        """See `BitProblem`: the first node is on side 0."""
        return np.asarray(bits ^ bits[0])

    def labelling(self) -> Labelling:
        """See `BitProblem`: nodes change sides in pairs."""
        alone = np.zeros((len(self.nodes), 2))
        return Labelling(self.graph.pairs, -self.graph.weights, alone, balanced=True)
