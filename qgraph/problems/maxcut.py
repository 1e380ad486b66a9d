"""MaxCut: colour the nodes with two colours so that the edges between them weigh most."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from qgraph.errors import require
from qgraph.graph import Graph
from qgraph.problems.ising import Ising, from_arrays

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from qgraph.problems.base import Candidate, Sense


class MaxCut:
    """`C(x)` is the weight of the edges whose ends differ, `sum w_ij (1 - s_i s_j) / 2`; maximised.

    >>> MaxCut(Graph.ring(4)).objective([0, 1, 0, 1])
    array(4.)
    """

    sense: Sense = "maximize"
    constrained = False

    def __init__(self, graph: Graph) -> None:
        require(isinstance(graph, Graph), "graph", "must be a qgraph.Graph", graph)
        require(len(graph.nodes) > 0, "graph", "must have at least one node", graph)
        self.graph = graph

    def __eq__(self, other: object) -> bool:
        return isinstance(other, MaxCut) and self.graph == other.graph

    def __hash__(self) -> int:
        return hash(self.graph)

    def __repr__(self) -> str:
        return f"MaxCut({self.graph!r})"

    @property
    def nodes(self) -> tuple[str, ...]:
        """The nodes of the graph."""
        return self.graph.ids

    @cached_property
    def _ising(self) -> Ising:
        weights = self.graph.weights
        fields = np.zeros(len(self.nodes))
        return from_arrays(
            self.nodes, fields, self.graph.pairs, -weights / 2, float(weights.sum() / 2), self.sense
        )

    def to_ising(self) -> Ising:
        """`J = -w / 2` and `offset = sum w / 2`.

        >>> MaxCut(Graph.ring(4)).to_ising()
        Ising(4 nodes, 0 fields, 4 couplings, maximize)
        """
        return self._ising

    def objective(self, bits: ArrayLike) -> NDArray[np.float64]:
        """The weight of each cut: bits[..., n] to float64[...]."""
        return self._ising.energy(bits)

    def decode(self, bits: ArrayLike) -> Candidate:
        """Each node's side, 0 or 1, and the weight of the cut."""
        return self._ising.decode(bits)
