"""Maximum-weight independent set: the heaviest set of nodes, no two of them adjacent."""

from __future__ import annotations

from qgraph.base.typing import Reals
from qgraph.problems.ising import Ising, from_bits
from qgraph.problems.node_set import NodeSet
from qgraph.problems.sense import Sense


class IndependentSet(NodeSet):
    """`C(x) = sum_i w_i b_i - sum_edges P_ij b_i b_j` with `P_ij = 2 min(w_i, w_j)`; maximised.

    The penalty suffices: in a set with both ends of an edge, dropping the lighter end i loses w_i and
    gains at least `2 w_i`, so no maximum breaks an edge. Edge weights are not used. Node weights are
    positive, 1 unless given in `weights`.

    >>> from qgraph import Graph
    >>> star = Graph.from_edges([("hub", "a"), ("hub", "b")])
    >>> IndependentSet(star, weights={"hub": 1.5}).objective([[1, 0, 0], [0, 1, 1], [1, 1, 0]])
    array([1.5, 2. , 0.5])
    >>> IndependentSet(Graph.ring(5)).to_ising()
    Ising(5 nodes, 5 fields, 5 couplings, maximize)
    """

    sense: Sense = "maximize"
    refused = 1
    complaint = "{!r} and {!r} are adjacent"

    def _model(self, weights: Reals, prices: Reals, sense: Sense) -> Ising:
        return from_bits(self.nodes, weights, self.graph.pairs, prices, 0.0, sense)
