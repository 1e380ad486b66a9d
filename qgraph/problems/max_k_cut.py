"""Max-k-cut: k parts of the nodes so that the edges between different parts weigh most."""

from __future__ import annotations

import numpy as np

from qgraph.base.typing import Reals
from qgraph.problems.couplings import row_sums
from qgraph.problems.one_hot import OneHot
from qgraph.problems.sense import Sense

PENALTY = 2.0  # times the least value that suffices


class MaxKCut(OneHot):
    """`C(x) = sum_edges w_uv (1 - sum_c b_uc b_vc) - sum_v A_v (1 - sum_c b_vc)^2`; maximised.

    The penalty suffices. Let P_v be the sum of a node's positive weights and N_v that of the sizes of its
    negative ones. Dropping one of several colours of a node gains at least `A_v - N_v`; and once no node has
    several, giving a node without any the best of the k colours gains at least `A_v - P_v / k`, since the
    colours share its neighbours. With `A_v = 2 max(N_v, P_v / k)`, all maxima, and all that single flips
    cannot improve, have one colour for each node. (A node without edges gets the largest weight for A_v.)
    Source: Carlson and Nemhauser, Oper. Res. 14 (1966), for the objective; Lucas, arXiv:1302.5843, section
    6.1, for the bits.

    >>> from qgraph import Graph
    >>> problem = MaxKCut(Graph.from_edges([("a", "b", 2.0), ("b", "c", 1.0), ("a", "c", -1.0)]), colors=3)
    >>> problem.decode(problem.encode({"a": 0, "b": 1, "c": 0})).objective
    3.0
    >>> problem.to_ising()
    Ising(9 nodes, 9 fields, 18 couplings, maximize)
    """

    sense: Sense = "maximize"
    fewest_colors = 2

    @property
    def _penalties(self) -> Reals:
        weights, n = self.graph.weights, len(self.graph.nodes)
        gain, loss = (row_sums(self.graph.pairs, np.maximum(side * weights, 0.0), n) for side in (1.0, -1.0))
        prices = PENALTY * np.maximum(loss, np.divide(gain, self.colors))
        largest = float(np.abs(weights).max(initial=0.0)) or 1.0
        return np.where(prices > 0, prices, largest)

    def _together(self) -> Reals:
        return self.graph.weights
