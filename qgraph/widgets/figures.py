"""The static figures of the widgets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matplotlib.figure import Figure

from qgraph import canvas, plotting
from qgraph.models.city import City
from qgraph.models.graph import Graph
from qgraph.solvers.result import Solution


def editor(
    model: Graph | City, labels: Mapping[str, int] | None = None, route: Sequence[str] | None = None
) -> Figure:
    """A graph, a graph with a cut, or a city with a route."""
    figure = canvas.figure(6.4, 4.8)
    axes = figure.subplots()
    if isinstance(model, City):
        plotting.plot_route(model, route or (), ax=axes)
    elif model.nodes and labels is not None and len(labels) == len(model.nodes):
        plotting.plot_cut(model, labels, ax=axes)
    else:
        plotting.plot_graph(model, ax=axes)
    return figure


def routes(city: City, solutions: Mapping[str, Solution]) -> Figure:
    """The routes that solvers found, side by side."""
    shown = {name: solution for name, solution in solutions.items() if solution.route is not None}
    columns = max(len(shown), 1)
    figure = canvas.figure(4.6 * columns + 1.6, 4.4)
    axes = figure.subplots(1, columns, squeeze=False)[0]
    for ax, (name, solution) in zip(axes, shown.items(), strict=False):
        plotting.plot_route(city, solution.route or (), ax=ax)
        ax.set_title(f"{name}: {solution.objective:.6g}{solution.unit}")
    for ax in axes[:-1]:
        if (legend := ax.get_legend()) is not None:
            legend.remove()
    figure.draw_without_rendering()  # the room of the legends is free now
    return figure
