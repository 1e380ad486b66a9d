"""The static figure of the QAOA explorer."""

from __future__ import annotations

from matplotlib.figure import Figure

from qgraph import canvas, plotting
from qgraph.models.graph import Graph
from qgraph.widgets.qaoa.scene import Rows, Scene
from qgraph.widgets.qaoa.small import SmallScene


def explorer(scene: Scene, graph: Graph, angles: Rows, title: str) -> Figure:
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
