"""Maximum-weight independent set: the heaviest set of nodes, no two of them adjacent."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from numbers import Real
from typing import TYPE_CHECKING

import numpy as np

from qgraph.arrays import constant
from qgraph.errors import require
from qgraph.fields import LARGEST_NUMBER, as_name
from qgraph.graph import Graph
from qgraph.problems.base import Candidate, Sense, check_bits
from qgraph.problems.ising import Ising

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

PENALTY = 2.0  # times the lighter end's weight; anything above 1 suffices


class IndependentSet:
    """`C(x) = sum_i w_i b_i - sum_edges P_ij b_i b_j` with `P_ij = 2 min(w_i, w_j)`; maximised.

    The penalty suffices: in a set with both ends of an edge, dropping the lighter end i loses w_i and
    gains at least `2 w_i`, so no maximum breaks an edge. Edge weights are not used. Node weights are
    positive, 1 unless given in `weights`.

    >>> star = Graph.from_edges([("hub", "a"), ("hub", "b")])
    >>> IndependentSet(star, weights={"hub": 1.5}).objective([[1, 0, 0], [0, 1, 1], [1, 1, 0]])
    array([1.5, 2. , 0.5])
    """

    sense: Sense = "maximize"
    constrained = True

    def __init__(self, graph: Graph, weights: Mapping[str, float] | None = None) -> None:
        require(isinstance(graph, Graph), "graph", "must be a qgraph.Graph", graph)
        require(len(graph.nodes) > 0, "graph", "must have at least one node", graph)
        self.graph = graph
        self.weights = node_weights(graph, weights)

    def __repr__(self) -> str:
        return f"IndependentSet({self.graph!r})"

    @property
    def nodes(self) -> tuple[str, ...]:
        """The nodes of the graph."""
        return self.graph.ids

    @cached_property
    def _ising(self) -> Ising:
        names = self.nodes
        Q = {(name, name): float(weight) for name, weight in zip(names, self.weights, strict=True)}
        for i, j in self.graph.pairs.tolist():
            Q[names[i], names[j]] = -PENALTY * float(min(self.weights[i], self.weights[j]))
        return Ising.from_qubo(Q, sense=self.sense)

    def to_ising(self) -> Ising:
        """The penalised objective as an Ising model.

        >>> IndependentSet(Graph.ring(5)).to_ising()
        Ising(5 nodes, 5 fields, 5 couplings, maximize)
        """
        return self._ising

    def objective(self, bits: ArrayLike) -> NDArray[np.float64]:
        """The weight of each set, less its penalties: bits[..., n] to float64[...]."""
        return self._ising.energy(bits)

    def decode(self, bits: ArrayLike) -> Candidate:
        """Which nodes are in the set, and the edges inside it, which are violations."""
        values = check_bits(bits, len(self.nodes), single=True)
        broken = self.graph.pairs[values[self.graph.pairs].all(axis=1)]
        violations = tuple(
            f"{self.nodes[i]!r} and {self.nodes[j]!r} are adjacent" for i, j in broken.tolist()
        )
        decoded = self._ising.decode(values)
        return decoded.model_copy(update={"feasible": not violations, "violations": violations})


def node_weights(graph: Graph, weights: Mapping[str, float] | None) -> NDArray[np.float64]:
    """Positive weights in node order, 1 where not given: float64[n]. Raises `InvalidInput`."""
    require(
        weights is None or isinstance(weights, Mapping),
        "weights",
        "must be a mapping from nodes",
        weights,
    )
    given = {as_name(name): weight for name, weight in (weights or {}).items()}
    for name, weight in given.items():
        require(name in graph.index, "weights", "must name nodes of the graph", name)
        real = isinstance(weight, Real) and not isinstance(weight, bool)
        require(
            real and 0 < weight <= LARGEST_NUMBER,
            f"weights[{name!r}]",
            "must be positive and finite",
            weight,
        )
    return constant(np.array([float(given.get(name, 1.0)) for name in graph.ids]))
