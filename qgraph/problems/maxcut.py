"""MaxCut: two sides of the nodes with the most weight between them."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from qgraph.problems.ising import Ising, from_arrays
from qgraph.problems.problem import GraphProblem
from qgraph.problems.sense import Sense


class MaxCut(GraphProblem):
    """`C(x)` is the weight of the edges whose ends differ, `sum w_ij (1 - s_i s_j) / 2`; maximised.

    As an Ising model, `J = -w / 2` and `offset = sum w / 2`.

    >>> from qgraph import Graph
    >>> problem = MaxCut(Graph.ring(4))
    >>> problem.objective([0, 1, 0, 1])
    array(4.)
    >>> problem.to_ising()
    Ising(4 nodes, 0 fields, 4 couplings, maximize)
    """

    sense: Sense = "maximize"

    @cached_property
    def _ising(self) -> Ising:
        weights, fields = self.graph.weights, np.zeros(len(self.nodes))
        offset = float(weights.sum() / 2)
        return from_arrays(self.nodes, fields, self.graph.pairs, -weights / 2, offset, self.sense)
