"""Draw a graph or a city by mouse, touch or keyboard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, Self

import traitlets

from qgraph.base.checks import require
from qgraph.base.fields import as_name
from qgraph.base.typing import Figure
from qgraph.models.city import City
from qgraph.models.graph import Graph
from qgraph.widgets import figures
from qgraph.widgets.assets import CITY, EDITOR, STYLE, joined
from qgraph.widgets.widget import GraphWidget


class GraphEditor(GraphWidget):
    """An editor of a graph or a city. `graph` holds what is drawn; script and Python both set it.

    `labels` (node to 0 or 1) shows a cut, `route` (stop names) a route through a city. Observe changes with
    `editor.observe(function, names="graph")`: one gesture is one change.

    >>> editor = GraphEditor(Graph.ring(4), labels={"0": 0, "1": 1, "2": 0, "3": 1})
    >>> editor
    GraphEditor(Graph(4 nodes, 4 edges))
    """

    labels = traitlets.Any(None)
    route = traitlets.Any(None)

    _esm = joined(*EDITOR, CITY, "editing/graph_editor.js")
    _css = joined(*STYLE)

    def __init__(
        self,
        graph: Graph | City | None = None,
        *,
        labels: Mapping[Any, int] | None = None,
        route: Sequence[str] | None = None,
    ) -> None:
        super().__init__(Graph(nodes=()) if graph is None else graph)
        self.labels, self.route = labels, route

    @traitlets.validate("labels")
    def _valid_labels(self, proposal: Mapping[str, Any]) -> dict[str, int] | None:
        labels = proposal["value"]
        if labels is None:
            return None
        require(hasattr(labels, "items"), "labels", "must be a mapping from nodes", labels)
        sides = {str(as_name(name)): side for name, side in labels.items()}
        known = {node.id for node in self.graph.nodes}
        for name, side in sides.items():
            require(name in known, "labels", "must name nodes of the graph", name)
            require(side in (0, 1), f"labels[{name!r}]", "must be 0 or 1", side)
        return sides

    @traitlets.validate("route")
    def _valid_route(self, proposal: Mapping[str, Any]) -> tuple[str, ...] | None:
        route = proposal["value"]
        if route is None:
            return None
        require(isinstance(self.graph, City), "route", "needs a city", self.graph)
        require(isinstance(route, (list, tuple)), "route", "must be a list of stops", route)
        for stop in route:
            require(stop in self.graph.stops, "route", "must consist of stops of the city", stop)
        return tuple(route)

    @traitlets.observe("labels", "route")
    def _on_marks(self, _: object) -> None:
        if self.comm is not None:
            self._publish()

    def _marks(self) -> dict[str, Any]:
        """Labels of nodes that still exist, and the route if all its stops still exist."""
        known = {node.id for node in self.graph.nodes}
        labels, route = self.labels, self.route
        if labels is not None:
            labels = {name: side for name, side in labels.items() if name in known}
        if route is not None:
            route = list(route) if set(route) <= set(self.graph.stops) else None
        ways = [list(self.graph.way(a, b)) for a, b in pairwise(route or ())]
        return {"labels": labels, "route": route, "ways": ways}

    def _own_state(self) -> dict[str, Any]:
        marks = self._marks()
        return {"labels": marks["labels"], "route": marks["route"]}

    @classmethod
    def _rebuilt(cls, graph: Any, state: Mapping[str, Any]) -> Self:
        return cls(graph, labels=state.get("labels"), route=state.get("route"))

    def _figure(self) -> Figure:
        marks = self._marks()
        return figures.editor(self.graph, marks["labels"], marks["route"])
