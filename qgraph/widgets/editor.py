"""Draw a graph or a city by mouse, touch or keyboard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Self

import traitlets

from qgraph.base.checks import require
from qgraph.models.city import City
from qgraph.models.graph import Graph
from qgraph.widgets import still
from qgraph.widgets.assets import EDITOR, joined
from qgraph.widgets.widget import Editor

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class GraphEditor(Editor):
    """An editor of a graph or a city; `graph` holds what is drawn, both ways.

    `labels` (node to 0 or 1) shows a cut, `route` (stop names) a route through a city. Observe changes with
    `editor.observe(function, names="graph")`: one gesture is one change.

    >>> editor = GraphEditor(Graph.ring(4), labels={"0": 0, "1": 1, "2": 0, "3": 1})
    >>> editor
    GraphEditor(Graph(4 nodes, 4 edges))
    """

    labels = traitlets.Any(None)
    route = traitlets.Any(None)

    _esm = joined(*EDITOR, "city.js", "graph_editor.js")
    _css = joined("widget.css")

    def __init__(
        self,
        graph: Graph | City | None = None,
        *,
        labels: Mapping[Any, int] | None = None,
        route: Sequence[str] | None = None,
    ) -> None:
        super().__init__(Graph(nodes=()) if graph is None else graph)
        self.observe(self._on_marks, names=["labels", "route"])
        self.labels, self.route = labels, route

    def close(self) -> None:
        """Let go of listeners and of the browser's side."""
        if self.comm is not None:
            self.unobserve(self._on_marks, names=["labels", "route"])
        super().close()

    @traitlets.validate("labels")
    def _valid_labels(self, proposal: Mapping[str, Any]) -> dict[str, int] | None:
        labels = proposal["value"]
        if labels is None:
            return None
        require(hasattr(labels, "items"), "labels", "must be a mapping from nodes", labels)
        sides = still.named(labels)
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

    def _on_marks(self, _: object) -> None:
        self._publish()

    def _extras(self) -> dict[str, Any]:
        known = {node.id for node in self.graph.nodes}
        labels = None if self.labels is None else {n: b for n, b in self.labels.items() if n in known}
        route = self._route_now()
        ways = [list(self.graph.way(a, b)) for a, b in pairwise(route or ())]
        return {"labels": labels, "route": route and list(route), "ways": ways}

    def _route_now(self) -> tuple[str, ...] | None:
        """The route, unless an edit has taken one of its stops away."""
        route: tuple[str, ...] | None = self.route
        return route if route is not None and set(route) <= set(self.graph.stops) else None

    def state(self) -> dict[str, Any]:
        """Everything worth keeping, as plain JSON; `from_state` builds the widget again.

        >>> GraphEditor(Graph.ring(3)).state()["widget"]
        'GraphEditor'
        """
        extras = self._extras()
        return {**super().state(), "labels": extras["labels"], "route": extras["route"]}

    @classmethod
    def _rebuilt(cls, graph: Graph | City, state: Mapping[str, Any]) -> Self:
        return cls(graph, labels=state.get("labels"), route=state.get("route"))

    def _figure(self) -> Figure:
        from qgraph import plotting

        extras = self._extras()
        if isinstance(self.graph, City):
            axes = plotting.plot_route(self.graph, extras["route"] or ())
        elif (
            self.graph.nodes
            and extras["labels"] is not None
            and len(extras["labels"]) == len(self.graph.nodes)
        ):
            axes = plotting.plot_cut(self.graph, extras["labels"])
        else:
            axes = plotting.plot_graph(self.graph)
        return still.figure_of(axes)
