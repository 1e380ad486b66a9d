"""What every problem offers, and what problems on graphs share."""

from __future__ import annotations

from typing import Any, Protocol, Self

import numpy as np

from qgraph.base.checks import require
from qgraph.base.typing import ArrayLike, Reals
from qgraph.models.graph import Graph
from qgraph.problems.base import BitProblem, Candidate
from qgraph.problems.ising import Ising
from qgraph.problems.sense import Sense


class Problem(Protocol):
    """An objective C(x) over bits, one per name in `nodes`, to be maximised or minimised.

    Bit q belongs to `nodes[q]`. `objective` is vectorised: uint8[..., n] to float64[...].

    >>> from qgraph import Graph, MaxCut
    >>> problem: Problem = MaxCut(Graph.from_edges([("a", "b", 2.5), ("b", "c", 1.0)]))
    >>> problem.nodes, problem.sense
    (('a', 'b', 'c'), 'maximize')
    >>> problem.objective([[0, 1, 0], [0, 1, 1]])
    array([3.5, 2.5])
    """

    @property
    def nodes(self) -> tuple[str, ...]:
        """The names of the bits, in qubit order."""

    @property
    def sense(self) -> Sense:
        """Whether C is to be maximised or minimised."""

    @property
    def constrained(self) -> bool:
        """Whether some bit strings break rules. C then contains penalties."""

    def objective(self, bits: ArrayLike) -> Reals:
        """C of each bit string."""

    def decode(self, bits: ArrayLike) -> Candidate:
        """The answer that one bit string stands for, and the rules that it breaks."""

    def to_ising(self) -> Ising:
        """The Ising model whose energy is C."""


class GraphProblem(BitProblem[Ising]):
    """A problem on a graph. Its bits belong to the nodes unless a subclass says otherwise."""

    def __init__(self, graph: Graph) -> None:
        require(isinstance(graph, Graph), "graph", "must be a qgraph.Graph", graph)
        require(len(graph.nodes) > 0, "graph", "must have at least one node", graph)
        self.graph = graph

    @property
    def nodes(self) -> tuple[str, ...]:
        """The nodes of the graph."""
        return self.graph.ids

    @property
    def _summary(self) -> str:
        return repr(self.graph)

    @property
    def trivial_bound(self) -> float:
        """The sum of the weights that improve C: positive ones where it is maximised, else negative ones."""
        better = np.maximum if self.sense == "maximize" else np.minimum
        return float(better(self.graph.weights, 0).sum())

    def on(self, graph: Graph) -> Self:
        """The same problem with the same parameters on another graph. Raises `InvalidInput`.

        Weights of nodes that stay are kept; new nodes have the weight 1.

        >>> from qgraph import GraphColoring
        >>> GraphColoring(Graph.ring(3), colors=2).on(Graph.ring(4))
        GraphColoring(Graph(4 nodes, 4 edges), 2 colors)
        """
        require(isinstance(graph, Graph), "graph", "must be a qgraph.Graph", graph)
        return type(self)(**self._arguments_on(graph))

    def _arguments_on(self, graph: Graph) -> dict[str, Any]:
        return {**self.arguments, "graph": graph}


def require_problem(problem: object) -> None:
    """Raise `InvalidInput` unless this is a problem; a graph or a city is not a problem."""
    require(hasattr(problem, "to_ising"), "problem", "must be a problem, such as MaxCut(graph)", problem)
