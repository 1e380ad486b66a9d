"""What a person chooses in the QAOA explorer besides the graph and the angles."""

from __future__ import annotations

import inspect
from typing import Annotated, Any, Literal

from pydantic import Field

from qgraph.base.checks import require
from qgraph.base.frozen import Frozen
from qgraph.models.graph import Graph
from qgraph.problems.files import OF_GRAPHS
from qgraph.problems.ising import Ising
from qgraph.problems.problem import GraphProblem

OnGraph = GraphProblem | Ising  # problems that exist on every graph, see `on`
Coupling = Literal["all to all", "line", "ring", "grid", "heavy hex"]

CLASSES = {kind.__name__: kind for kind in sorted(OF_GRAPHS, key=lambda kind: kind.__name__)}
NAMES = ("MaxCut", *(name for name in CLASSES if name != "MaxCut"), "Ising")

SHOTS = 1024  # if no number is chosen


class Settings(Frozen):
    """The choices, with their limits. `shots` 0 and `noise` 0 mean: only the exact state."""

    problem: str = "MaxCut"
    colors: Annotated[int, Field(ge=2, le=8)] = 3
    cvar: Annotated[float, Field(gt=0, le=1)] = 1.0
    warm_start: bool = False
    shots: Annotated[int, Field(ge=0, le=100_000)] = 0
    noise: Annotated[float, Field(ge=0, le=0.2)] = 0.0
    starts: Annotated[int, Field(ge=1, le=20)] = 3
    coupling: Coupling = "all to all"

    @property
    def some_shots(self) -> int:
        """The number of shots where there must be a sample."""
        return self.shots or SHOTS


def problem_named(name: str, graph: Graph, colors: int) -> OnGraph:
    """The problem of a class on a graph. An `Ising` has the weights as couplings, and no fields.

    >>> problem_named("GraphColoring", Graph.ring(4), 2)
    GraphColoring(Graph(4 nodes, 4 edges), 2 colors)
    """
    require(name in NAMES, "problem", f"must be one of {', '.join(NAMES)}", name)
    if name == "Ising":
        return Ising(h=[0.0], J={}).on(graph)
    kind: Any = CLASSES[name]
    colored = "colors" in inspect.signature(kind).parameters
    problem: GraphProblem = kind(graph, colors) if colored else kind(graph)
    return problem


def reading(problem: OnGraph, *, twins: bool) -> str:
    """What the braces of a solution mean, in words.

    >>> from qgraph import MaxCut
    >>> reading(MaxCut(Graph.ring(3)), twins=True)
    '{…} lists the nodes on side 1. A cut and its complement are one solution here.'
    """
    words = {
        "MaxCut": "the nodes on side 1",
        "IndependentSet": "the nodes in the set",
        "VertexCover": "the nodes in the cover",
        "GraphPartitioning": "the nodes of one part",
        "GraphColoring": "the nodes of each color",
        "MaxKCut": "the nodes of each part",
        "Ising": "the nodes with bit 1, which is spin −1",
    }
    name = type(problem).__name__
    first = f"{{…}} lists {words.get(name, 'the nodes with bit 1')}."
    if not twins:
        return first
    pair = "A cut" if name == "MaxCut" else "A solution"
    return f"{first} {pair} and its complement are one solution here."
