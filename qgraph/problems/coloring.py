"""Graph colouring: one of k colours for every node, so that no edge joins two nodes of one colour."""

from __future__ import annotations

import numpy as np

from qgraph.base.typing import Bits, Reals
from qgraph.problems.one_hot import OneHot
from qgraph.problems.sense import Sense


class GraphColoring(OneHot):
    """`C(x) = sum_edges sum_c b_uc b_vc + sum_v A_v (1 - sum_c b_vc)^2`, minimised; 0 if k colours suffice.

    C counts the edges within a colour, and what breaks the rule of one colour for each node. That penalty
    suffices: dropping one of several colours of a node saves at least A_v and adds no conflict; and once no
    node has several, giving a node without any the colour that fewest of its d_v neighbours have saves A_v
    and adds at most `floor(d_v / k)`. With `A_v = 1 + floor(d_v / k)`, all minima, and all that single flips
    cannot improve, have one colour for each node. If the graph has no colouring with k colours, they are the
    assignments with the fewest conflicts, which are not feasible. Edge weights are not used. Source: Lucas,
    arXiv:1302.5843, section 6.1.

    >>> from qgraph import Graph
    >>> problem = GraphColoring(Graph.ring(3), colors=3)
    >>> problem.nodes[:4], problem.decode([1, 0, 0, 0, 1, 0, 0, 0, 1]).labels
    (('0=0', '0=1', '0=2', '1=0'), {'0': 0, '1': 1, '2': 2})
    >>> problem.to_ising()
    Ising(9 nodes, 9 fields, 18 couplings, minimize)
    """

    sense: Sense = "minimize"
    fewest_colors = 1

    @property
    def _penalties(self) -> Reals:
        return (1 + self.graph.degrees // self.colors).astype(np.float64)

    @property
    def trivial_bound(self) -> float:
        """The number of conflicts is at least 0."""
        return 0.0

    def _together(self) -> Reals:
        return np.ones(len(self.graph.edges))

    _forbidden = _together

    def _violations(self, bits: Bits) -> list[str]:
        names, (first, second) = self.graph.ids, bits.reshape(-1, self.colors)[self.graph.pairs.T]
        broken = self.graph.pairs[(first == second).all(axis=1)].tolist()
        conflicts = [f"{names[i]!r} and {names[j]!r} are adjacent and of one color" for i, j in broken]
        return super()._violations(bits) or conflicts
