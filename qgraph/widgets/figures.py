"""The static figures of the widgets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from qgraph import canvas, plotting
from qgraph.models.city import City
from qgraph.models.graph import Graph
from qgraph.solvers.result import Solution
from qgraph.widgets.small import SmallScene

if TYPE_CHECKING:
    from qgraph.widgets.scene import Scene


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


def explorer(scene: Scene, graph: Graph, angles: Sequence[Sequence[float]], title: str) -> Figure:
    """The most likely solution, the landscape or the angles, and the distribution if there is a state."""
    state = scene.state(angles) if isinstance(scene, SmallScene) else None
    figure = canvas.figure(13 if state else 9, 4)
    left, middle, *right = figure.subplots(1, 3 if state else 2)
    labels = state.top(1)[0].candidate.labels if state else None
    if labels is not None and len(labels) == len(graph.nodes) and {*labels.values()} <= {0, 1}:
        plotting.plot_cut(graph, labels, ax=left)
        left.set_title("the most likely solution")
    else:
        plotting.plot_graph(graph, ax=left)
    if len(angles[0]) == 1:
        scene.finish_landscape()
        plotting.plot_landscape(scene.gammas, scene.betas, scene.landscape, ax=middle)
        middle.plot(*angles, "o", ms=9, mfc=plotting.VERMILION, mec="white", mew=2)
    else:
        plotting.plot_schedule(angles, ax=middle)
    if state:
        plotting.plot_distribution(state, ax=right[0])
    figure.suptitle(title, fontsize=10, parse_math=False, color=canvas.INK)
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
