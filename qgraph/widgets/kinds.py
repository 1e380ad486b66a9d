"""Problems on graphs, and the same problem on another graph."""

from __future__ import annotations

from typing import Any

from qgraph.base.errors import InvalidInput, shown
from qgraph.models.graph import Graph
from qgraph.problems.independent_set import IndependentSet
from qgraph.problems.ising import Ising
from qgraph.problems.maxcut import MaxCut
from qgraph.problems.problem import Problem


def graph_of(problem: Problem) -> Graph:
    """The graph that a problem is drawn as: its own, or that of its couplings.

    >>> graph_of(Ising(h=[1.0, 0.0], J={(0, 1): -2.0})).weights
    array([-2.])
    """
    if isinstance(problem, MaxCut | IndependentSet):
        return problem.graph
    if isinstance(problem, Ising):
        ends = [(problem.nodes[i], problem.nodes[j]) for i, j in problem.pairs.tolist()]
        couplings = [(a, b, J) for (a, b), J in zip(ends, problem.J.tolist(), strict=True)]
        return Graph.from_edges(couplings, problem.nodes)
    known = "a graph, MaxCut, IndependentSet or Ising (RouteExplorer is for cities)"
    raise InvalidInput(f"`problem_or_graph` must be {known}, got {shown(problem)}")


def rebuilt(problem: Problem, graph: Graph) -> Problem:
    """The same kind of problem on another graph; what is said of nodes that stay is kept.

    >>> rebuilt(Ising(h=[1.0, 0.5], J={(0, 1): 1.0}), Graph.from_edges([(1, 2, -3.0)])).h
    array([0.5, 0. ])
    """
    if isinstance(problem, MaxCut):
        return MaxCut(graph)
    if isinstance(problem, IndependentSet):
        own = dict(zip(problem.graph.ids, problem.weights.tolist(), strict=True))
        return IndependentSet(graph, {name: own[name] for name in graph.ids if name in own})
    if isinstance(problem, Ising):
        fields = dict(zip(problem.nodes, problem.h.tolist(), strict=True))
        J = {(edge.source, edge.target): edge.weight for edge in graph.edges}
        h = {name: fields.get(name, 0.0) for name in graph.ids}
        return Ising(h, J, problem.offset, sense=problem.sense)
    raise InvalidInput(f"`problem_or_graph` must be a problem on a graph, got {shown(problem)}")


def described(problem: Problem) -> dict[str, Any]:
    """What a problem is besides its graph, as plain JSON.

    >>> described(IndependentSet(Graph.from_edges([("a", "b")]), {"a": 2.0}))
    {'kind': 'IndependentSet', 'weights': {'a': 2.0, 'b': 1.0}}
    """
    kind = {"kind": type(problem).__name__}
    if isinstance(problem, IndependentSet):
        return {**kind, "weights": dict(zip(problem.graph.ids, problem.weights.tolist(), strict=True))}
    if isinstance(problem, Ising):
        fields = dict(zip(problem.nodes, problem.h.tolist(), strict=True))
        return {**kind, "h": fields, "offset": problem.offset, "sense": problem.sense}
    return kind


def read(description: Any, graph: Graph) -> Problem:
    """The problem that `described` described, on its graph. Raises `InvalidInput`."""
    kind = description.get("kind") if isinstance(description, dict) else None
    if kind == "MaxCut":
        return MaxCut(graph)
    if kind == "IndependentSet":
        return IndependentSet(graph, description.get("weights"))
    if kind == "Ising":
        own = Ising(description.get("h"), {}, description.get("offset"), sense=description.get("sense"))
        return rebuilt(own, graph)
    raise InvalidInput(f"`problem` must be one that `state()` described, got {shown(description)}")
