"""Minimum-weight vertex cover: the lightest set of nodes that touches every edge."""

from __future__ import annotations

import numpy as np

from qgraph.base.typing import Reals
from qgraph.problems.ising import Ising, from_bits
from qgraph.problems.node_set import NodeSet
from qgraph.problems.sense import Sense


class VertexCover(NodeSet):
    """`C(x) = sum_i w_i b_i + sum_edges P_ij (1 - b_i)(1 - b_j)`, `P_ij = 2 min(w_i, w_j)`; minimised.

    The penalty suffices: where neither end of an edge is in the set, adding the lighter end i costs w_i and
    saves at least `2 w_i`, so no minimum leaves an edge uncovered, nor does any set that single flips cannot
    improve. Edge weights are not used. Node weights are positive, 1 unless given in `weights`. Source: Lucas,
    arXiv:1302.5843, section 4.3.

    >>> from qgraph import Graph
    >>> star = Graph.from_edges([("hub", "a"), ("hub", "b")])
    >>> VertexCover(star, weights={"hub": 1.5}).objective([[1, 0, 0], [0, 1, 1], [0, 1, 0]])
    array([1.5, 2. , 3. ])
    >>> VertexCover(Graph.ring(5)).to_ising()
    Ising(5 nodes, 5 fields, 5 couplings, minimize)
    """

    sense: Sense = "minimize"
    refused = 0
    complaint = "the edge between {!r} and {!r} is not covered"

    def _model(self, weights: Reals, prices: Reals, sense: Sense) -> Ising:
        pairs = self.graph.pairs
        linear = weights - np.bincount(pairs.ravel(), np.repeat(prices, 2), len(weights))
        return from_bits(self.nodes, linear, pairs, prices, float(prices.sum()), sense)
