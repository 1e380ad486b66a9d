"""What a canvas draws: the document that the scripts get, and where its nodes are."""

from __future__ import annotations

from typing import Any

from qgraph.base.checks import require_number
from qgraph.models.city import City
from qgraph.models.graph import Graph
from qgraph.models.layouts import ASPECT
from qgraph.widgets.whole import tools

LEAST_ASPECT, MOST_ASPECT = 0.2, 5.0


class Drawing:
    """Places for the nodes of graphs without coordinates, in the shape of the canvas that asked last.

    >>> drawing = Drawing()
    >>> drawing.fit(2.0), drawing.fit(2.0)
    (True, False)
    >>> max(x for x, _ in drawing.places(Graph.random_regular(3, 8, seed=1)).values()) > 1.5
    True
    """

    def __init__(self) -> None:
        self.aspect = ASPECT
        self._graph: Graph | None = None  # for which there are places
        self._places: dict[str, tuple[float, float]] = {}

    def fit(self, aspect: object) -> bool:
        """Lay out for a canvas with this width per height from now on. Returns whether that is new."""
        wanted = min(max(require_number("aspect", aspect, 0), LEAST_ASPECT), MOST_ASPECT)
        if wanted == self.aspect:
            return False
        self.aspect, self._graph = wanted, None
        return True

    def places(self, graph: Graph | City) -> dict[str, tuple[float, float]]:
        """Where each node of a graph is drawn. A layout is computed once, since large ones take a while."""
        if isinstance(graph, City):
            return {node.id: (node.x, node.y) for node in graph.nodes}
        if self._graph is not graph:
            self._graph, self._places = graph, graph.positions(aspect=self.aspect)
        return self._places

    def document(self, graph: Graph | City) -> dict[str, Any]:
        """A graph or city as the scripts draw it, and what they offer to make of it."""
        document: dict[str, Any] = graph.model_dump(exclude_none=True, exclude={"metadata"})
        for node, (x, y) in zip(document["nodes"], self.places(graph).values(), strict=True):
            node.update(x=x, y=y)
        mode = "city" if isinstance(graph, City) else "graph"
        return {**document, "mode": mode, "tools": tools(graph)}


def is_placed(graph: Graph | City) -> bool:
    """Whether all nodes have coordinates of their own, so that nothing is laid out.

    >>> is_placed(Graph.random_regular(3, 8, seed=1)), is_placed(Graph.grid(2, 2))
    (False, True)
    """
    return all(node.x is not None and node.y is not None for node in graph.nodes)
