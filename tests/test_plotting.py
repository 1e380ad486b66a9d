"""Figures show their data: tests read the artists, because stored images are not compared."""

from __future__ import annotations

import io
import itertools

import numpy as np
import pytest
from conftest import ROOT, asymmetric_graph, spin_glass
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.image import imread
from matplotlib.text import Text

import qgraph as qg
from qgraph.canvas import DARK, FAINT, INK
from qgraph.plotting import BLUE, ORANGE
from qgraph.widgets import figures

GRAPH = asymmetric_graph(6, 1)
NAMED = qg.read_graph(ROOT / "examples/bridges.json")
CITY = qg.read_city(ROOT / "examples/city.json")
GREEDY = qg.solve_greedy(qg.PriorityRouting(CITY))
RESULT = qg.solve_qaoa(qg.MaxCut(GRAPH), depth=2, seed=1)
STATE = qg.simulate(qg.MaxCut(GRAPH), RESULT.gammas, RESULT.betas)
SIDES = {name: i % 2 for i, name in enumerate(NAMED.ids)}
FIGURES = {
    "graph": lambda: qg.plot_graph(NAMED).figure,
    "cut": lambda: qg.plot_cut(NAMED, SIDES).figure,
    "route": lambda: qg.plot_route(CITY, GREEDY.route).figure,
    "landscape": lambda: qg.plot_landscape([0, 1], [0, 1], np.eye(2)).figure,
    "distribution": lambda: qg.plot_distribution(STATE).figure,
    "convergence": lambda: qg.plot_convergence(RESULT).figure,
    "schedule": lambda: qg.plot_schedule(RESULT).figure,
    "picture of a cut": lambda: figures.editor(NAMED, labels=SIDES),
    "picture of a city": lambda: figures.editor(CITY),
    "picture of routes": lambda: figures.routes(CITY, {"greedy": GREEDY, "again": GREEDY}),
}


def drawn(axes: Axes) -> Axes:
    """Render in pixels, so that errors of drawing are raised."""
    image = io.BytesIO()
    axes.figure.savefig(image, format="png")  # type: ignore[union-attr]
    assert image.getvalue().startswith(b"\x89PNG")
    return axes


def lines(axes: Axes) -> list[LineCollection]:
    return [group for group in axes.collections if isinstance(group, LineCollection)]


def contrast(one: str, other: str) -> float:
    """As in WCAG 2.2."""
    shades = []
    for colour in (one, other):
        parts = np.array(to_rgb(colour))
        linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
        shades.append(float(linear @ [0.2126, 0.7152, 0.0722]) + 0.05)
    return max(shades) / min(shades)


def boxes_of(axes: Axes) -> list[np.ndarray]:
    """Corners of the names and symbols on the page."""
    texts = [Text.get_window_extent(text).extents for text in axes.texts if text.get_text()]
    scale, symbols = axes.figure.dpi / 72, []
    for group in axes.collections:
        if isinstance(group, PathCollection):
            half = np.sqrt(group.get_sizes()[0]) / 2 * scale
            places = axes.transData.transform(group.get_offsets())
            symbols += [np.concatenate([place - half, place + half]) for place in places]
    return texts + symbols


@pytest.mark.parametrize("name", FIGURES)
def test_figures_are_readable_on_white_and_on_black(name: str) -> None:
    figure, image = FIGURES[name](), io.BytesIO()
    figure.savefig(image, format="png")
    alpha = imread(io.BytesIO(image.getvalue()))[..., 3]
    assert alpha[0, 0] == alpha[-1, -1] == 0 < alpha.max()
    texts = [text for text in figure.findobj(Text) if text.get_text() and text.get_visible()]
    shown = [text for text in texts if text.axes is None or text.axes.axison or text not in text.axes.texts]
    assert len(shown) > 1
    for text in shown:
        for background in ("white", "#111111"):
            assert contrast(to_hex(text.get_color()), background) > 4, text


def test_colours_can_be_told_from_their_backgrounds() -> None:
    assert min(contrast(INK, "white"), contrast(INK, "#111111")) > 4
    assert contrast("white", BLUE) > 4
    assert contrast(DARK, ORANGE) > 4
    assert contrast("white", "black") == pytest.approx(21)


def check_names(axes: Axes, city: qg.City) -> None:
    """Names cover no other name and no symbol, and nothing is cut off at the edge."""
    boxes, page = boxes_of(axes), axes.figure.canvas.figure.bbox  # type: ignore[union-attr]
    assert len(boxes) == len(city.stops) + len(city.nodes)
    title = axes.title.get_window_extent().extents
    assert (title >= 0).all()
    assert (title[2:] <= [page.width, page.height]).all()
    for k, box in enumerate(boxes[: len(city.stops)]):
        assert (box[:2] >= 0).all()
        assert (box[2:] <= [page.width, page.height]).all()
        for other in boxes[k + 1 :]:
            shared = np.minimum(box[2:], other[2:]) - np.maximum(box[:2], other[:2])
            assert shared.min() < 0.5, (k, box, other)


@pytest.mark.parametrize("seed", range(12))
def test_names_cover_no_other_name_and_no_symbol(seed: int) -> None:
    city = qg.City.random((6, 10, 20)[seed % 3], 4, seed=seed)
    axes = drawn(qg.plot_route(city, qg.solve_greedy(qg.PriorityRouting(city)).route))  # type: ignore[arg-type]
    check_names(axes, city)
    for one, other in itertools.combinations(boxes_of(axes)[len(city.stops) :], 2):
        apart = np.linalg.norm(one[:2] + one[2:] - other[:2] - other[2:]) / 2
        assert apart > 0.98 * (one[2] - one[0] + other[2] - other[0]) / 2


def test_names_follow_when_the_figure_changes() -> None:
    city = qg.City.random(10, 4, seed=1)
    solution = qg.solve_greedy(qg.PriorityRouting(city))
    figure = figures.routes(city, {"one": solution, "two": solution, "three": solution})
    for size in (tuple(figure.get_size_inches()), (11.0, 3.0), (20.0, 6.0)):
        figure.set_size_inches(*size)
        for _ in range(2):  # the layout follows the names
            figure.draw_without_rendering()
        for axes in figure.axes:
            check_names(axes, city)


def test_symbols_move_only_where_they_collide() -> None:
    places = [(0, 0), (0.01, 0), (5, 5), (9, 1)]
    nodes = [{"id": f"s{i}", "x": x, "y": y, "type": "normal"} for i, (x, y) in enumerate(places)]
    axes = qg.plot_route(
        qg.City.model_validate({"nodes": nodes, "metric": "EUC_2D"}), ["s0", "s1", "s2", "s3"]
    )
    (symbols,) = (group for group in axes.collections if isinstance(group, PathCollection))
    shown = np.asarray(symbols.get_offsets())
    assert np.array_equal(shown[2:], places[2:])
    assert np.linalg.norm(shown[0] - shown[1]) > 0.2
    assert np.abs(shown - places).max() < 0.5


def test_axes_have_round_ticks() -> None:
    angles = np.linspace(0.1, 0.7, 30)
    for depth in (3, 30):
        axes = drawn(qg.plot_schedule([angles[:depth], angles[:depth]]))
        assert {tick % 1 for tick in axes.get_xticks()} == {0.0}
    for ticks in (axes.get_xticks(), axes.get_yticks()):
        step = np.diff(ticks)[0]
        assert round(step / 10 ** np.floor(np.log10(step) + 1e-9), 6) in (1, 2, 5)


def test_graph_has_a_line_per_edge_and_a_name_per_node() -> None:
    axes = drawn(qg.plot_graph(GRAPH))
    assert {text.get_text() for text in axes.texts} == set(GRAPH.ids)
    full, dashed = sorted(lines(axes), key=lambda group: group.get_linestyle()[0][1] is not None)
    assert len(full.get_segments()) == (GRAPH.weights >= 0).sum()
    assert len(dashed.get_segments()) == (GRAPH.weights < 0).sum() > 0


def test_cut_shows_sides_by_shape_and_weight_in_the_title() -> None:
    labels = {name: i % 2 for i, name in enumerate(GRAPH.ids)}
    axes = drawn(qg.plot_cut(GRAPH, labels))
    value = float(qg.MaxCut(GRAPH).objective(list(labels.values())))
    assert axes.get_title() == f"cut of weight {value:.6g}"
    nodes = [group for group in axes.collections if isinstance(group, PathCollection)]
    assert [len(group.get_offsets()) for group in nodes] == [3, 3]
    cut = sum(labels[edge.source] != labels[edge.target] for edge in GRAPH.edges)
    faint = [group for group in lines(axes) if to_hex(group.get_color()[0], keep_alpha=True) == FAINT]
    assert sum(len(group.get_segments()) for group in faint) == len(GRAPH.edges) - cut


def test_route_follows_the_roads() -> None:
    route = qg.solve_exact(qg.PriorityRouting(CITY)).route
    assert route is not None
    axes = drawn(qg.plot_route(CITY, route))
    legs = sum(len(CITY.way(a, b)) - 1 for a, b in itertools.pairwise(route))
    arrows = [text for text in axes.texts if text.arrow_patch is not None and not text.get_text()]
    assert sum(len(group.get_segments()) for group in lines(axes)) == len(CITY.edges)
    assert len(arrows) == legs
    assert f"1: {route[1]}" in {text.get_text() for text in axes.texts}


def test_landscape_has_gamma_on_the_horizontal_axis() -> None:
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


def test_routes_have_a_unit() -> None:
    routing = qg.PriorityRouting(qg.City.random(4, 2, seed=1))
    result = qg.solve_qaoa(routing, depth=1, seed=1)
    state = qg.simulate(routing, result.gammas, result.betas)
    unit = "km at free flow"
    assert unit in qg.plot_distribution(state).get_xlabel()
    assert unit in qg.plot_distribution(state.sample(10, seed=1)).get_xlabel()
    assert unit in qg.plot_convergence(result).get_ylabel()
    for shown in (result, result.best, qg.compare(routing, depth=1, seed=1)):
        assert unit in repr(shown)
        assert unit in shown._repr_html_()  # type: ignore[union-attr]
    others = (RESULT, RESULT.best, qg.compare(qg.MaxCut(GRAPH), depth=1, seed=1))
    assert not any(unit in repr(other) + other._repr_html_() for other in others)  # type: ignore[union-attr]
    assert unit not in qg.plot_distribution(STATE).get_xlabel()


def test_figures_draw_on_given_axes() -> None:
    axes = Figure().subplots()
    assert qg.plot_graph(GRAPH, ax=axes) is axes


def test_large_graphs_are_drawn_without_names() -> None:
    axes = drawn(qg.plot_graph(qg.Graph.grid(12, 12)))
    assert not axes.texts


def test_long_routes_are_lines_without_names() -> None:
    city = qg.City.random(70, 30, seed=1)
    route = qg.solve_greedy(qg.PriorityRouting(city)).route
    assert route is not None
    axes = drawn(qg.plot_route(city, route))
    legs = sum(len(city.way(a, b)) - 1 for a, b in itertools.pairwise(route))
    assert sum(len(group.get_segments()) for group in lines(axes)) == len(city.edges) + legs
    assert [text.get_text() for text in axes.texts] == ["depot"]
    assert axes.get_title() == "70 stops"


def test_routes_through_stops_in_one_place_are_drawn() -> None:
    nodes = [{"id": name, "x": 1, "y": 1, "type": "normal"} for name in "abc"]
    city = qg.City.model_validate({"nodes": nodes, "metric": "EUC_2D"})
    assert drawn(qg.plot_route(city, ["c", "a", "b"])).get_title() == "c → a → b"


def test_names_are_drawn_without_markup() -> None:
    """Dollars and braces do not make formulas."""
    graph = qg.Graph.from_edges([("$x_{", "a$b$", 1.0), ("a$b$", "^", -2.0)])
    texts = {text.get_text() for text in drawn(qg.plot_graph(graph)).texts}
    assert texts == {"$x_{", "a$b$", "^"}
    nodes = [{"id": f"$s{i}_", "x": i, "y": i * i, "type": "normal"} for i in range(3)]
    roads = [{"from": f"$s{i}_", "to": f"$s{i + 1}_", "distance": 1, "traffic": "low"} for i in range(2)]
    city = qg.City.model_validate({"nodes": nodes, "edges": roads})
    drawn(qg.plot_route(city, ["$s0_", "$s1_", "$s2_"]))


def test_nodes_may_be_named_by_number() -> None:
    axes = drawn(qg.plot_cut(qg.Graph.ring(4), {0: 0, 1: 1, 2: 0, 3: 1}))
    assert axes.get_title() == "cut of weight 4"


@pytest.mark.parametrize("scale", [1e-8, 1.0, 1e12])
def test_bins_do_not_depend_on_the_unit(scale: float) -> None:
    graph = qg.Graph.ring(6).with_weights([scale] * 6)
    state = qg.simulate(qg.MaxCut(graph), [0.785 / scale], [0.393])
    bars = drawn(qg.plot_distribution(state)).patches
    assert len(bars) == 4, "cuts of 0, 2, 4 and 6 edges"
    assert bars[-1].get_height() == pytest.approx(state.optimum_probability())  # type: ignore[attr-defined]
    assert bars[-1].get_x() < 6 * scale < bars[-1].get_x() + bars[-1].get_width()  # type: ignore[attr-defined]


def test_large_states_are_counted_in_bins() -> None:
    for problem in (qg.MaxCut(qg.Graph.random_regular(3, 18, seed=1)), spin_glass(17, 1)):
        state = qg.simulate(problem, [0.3], [0.3])
        axes = drawn(qg.plot_distribution(state))
        heights = [bar.get_height() for bar in axes.patches]  # type: ignore[attr-defined]
        assert sum(heights) == pytest.approx(1)
        centres = [bar.get_x() + bar.get_width() / 2 for bar in axes.patches]  # type: ignore[attr-defined]
        assert np.dot(heights, centres) == pytest.approx(state.expectation(), rel=0.02)
