"""Figures draw what they are given: asserted on the artists, since stored images are not compared."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from conftest import ROOT, asymmetric_graph
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import qgraph as qg

GRAPH = asymmetric_graph(6, 1)
CITY = qg.read_city(ROOT / "examples/city.json")


def drawn(axes: Axes) -> Axes:
    """Render, so that whatever a draw would raise is raised."""
    axes.figure.canvas.draw()  # type: ignore[union-attr]
    return axes


def test_graph_has_a_line_per_edge_and_a_name_per_node() -> None:
    axes = drawn(qg.plot_graph(GRAPH))
    assert len(axes.lines) == len(GRAPH.edges)
    assert {text.get_text() for text in axes.texts} == set(GRAPH.ids)
    dashed = [line.get_linestyle() == "--" for line in axes.lines]
    assert dashed == [weight < 0 for weight in GRAPH.weights]


def test_cut_shows_sides_by_shape_and_weight_in_the_title() -> None:
    labels = {name: i % 2 for i, name in enumerate(GRAPH.ids)}
    axes = drawn(qg.plot_cut(GRAPH, labels))
    value = float(qg.MaxCut(GRAPH).objective(list(labels.values())))
    assert axes.get_title() == f"cut of weight {value:.6g}"
    assert [len(group.get_offsets()) for group in axes.collections] == [3, 3]


def test_route_follows_the_roads() -> None:
    route = qg.solve_exact(qg.PriorityRouting(CITY)).route
    assert route is not None
    axes = drawn(qg.plot_route(CITY, route))
    legs = sum(len(CITY.way(a, b)) - 1 for a, b in itertools.pairwise(route))
    arrows = [text for text in axes.texts if text.arrow_patch is not None]
    assert len(axes.lines) == len(CITY.edges)
    assert len(arrows) == legs
    assert f"1: {route[1]}" in {text.get_text() for text in axes.texts}


def test_landscape_is_the_right_way_round() -> None:
    values = np.arange(6.0).reshape(2, 3)
    axes = drawn(qg.plot_landscape([0, 1], [10, 20, 30], values, point=(1, 30)))
    mesh = axes.collections[0].get_array().reshape(3, 2)  # type: ignore[union-attr]
    assert np.array_equal(mesh, values.T)
    assert axes.get_xlim()[1] < axes.get_ylim()[0]


def test_distribution_sums_to_one_and_marks_mean_and_optimum() -> None:
    state = qg.simulate(qg.MaxCut(qg.Graph.ring(6)), [0.785], [0.393])
    axes = drawn(qg.plot_distribution(state))
    bars = {round(b.get_x() + b.get_width() / 2, 6): b.get_height() for b in axes.patches}  # type: ignore[attr-defined]
    assert sum(bars.values()) == pytest.approx(1)
    assert bars[6.0] == pytest.approx(state.optimum_probability())
    assert {"mean 4.5", "best 6"} < {text.get_text() for text in axes.get_legend().get_texts()}  # type: ignore[union-attr]
    drawn(qg.plot_distribution(state.sample(1000, seed=1)))
    drawn(qg.plot_distribution(qg.simulate(qg.MaxCut(qg.Graph.complete(1)), [], [])))


def test_convergence_and_schedule() -> None:
    result = qg.solve_qaoa(qg.MaxCut(GRAPH), depth=3, seed=1)
    axes = drawn(qg.plot_convergence(result))
    assert axes.lines[-1].get_ydata()[0] == pytest.approx(result.optimum)  # type: ignore[index]
    assert sum(len(line.get_xdata()) for line in axes.lines[:-1]) == len(result.history)  # type: ignore[arg-type]
    axes = drawn(qg.plot_schedule(result))
    assert axes.lines[0].get_ydata() == pytest.approx(result.gammas)


def test_figures_draw_on_the_axes_they_are_given() -> None:
    axes = Figure().subplots()
    assert qg.plot_graph(GRAPH, ax=axes) is axes


def test_large_graphs_are_drawn_without_names() -> None:
    axes = drawn(qg.plot_graph(qg.Graph.grid(12, 12)))
    assert not axes.texts
