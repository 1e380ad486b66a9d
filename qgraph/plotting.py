"""Static matplotlib figures. Each takes an `Axes` or makes one, draws on it, and returns it.

The colours are Okabe and Ito's. A shape, a line style or a number shows the same as each colour. The
background is clear. Text and lines can be read on white and on black: a kernel does not know the theme.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from qgraph import canvas, histograms
from qgraph.base.checks import require
from qgraph.base.errors import printable
from qgraph.base.fields import as_name
from qgraph.base.typing import ArrayLike, Axes, Flags, Reals
from qgraph.canvas import DARK, FAINT, INK, Place
from qgraph.models import layouts
from qgraph.models.city import City
from qgraph.models.graph import Graph
from qgraph.models.travel import UNIT
from qgraph.problems.routing import PriorityRouting
from qgraph.simulation.angles import check_angles, finite_row
from qgraph.simulation.counts import Counts
from qgraph.simulation.state import State
from qgraph.solvers.result import Result

BLUE, ORANGE, VERMILION, GREEN, SKY = "#0072B2", "#E69F00", "#D55E00", "#009E73", "#56B4E9"
SIDES = ((BLUE, "o"), (ORANGE, "s"))
STOPS = {
    "priority": (VERMILION, "^", 130, "priority stop"),
    "normal": (SKY, "o", 100, "normal stop"),
    "depot": (INK, "s", 110, "depot"),
    "junction": (INK, ".", 30, "junction"),
}
TRAFFIC = {"low": (INK, "-", 1.2), "medium": (ORANGE, "--", 1.8), "high": (VERMILION, ":", 2.4)}
ROUTE = BLUE + "bf"  # roads can be seen through it
MOST_NAMES = 60  # with more nodes, names would cover each other
LETTER = 7.0  # points; a letter of the title, and its share of the legend's room
SYMBOL = 13.0  # points; the least distance of two symbols of a city


def plot_graph(graph: Graph, *, ax: Axes | None = None) -> Axes:
    """Nodes by name, edges as wide as their weight; negative weights are dashed.

    >>> from qgraph import Graph
    >>> plot_graph(Graph.ring(5)).get_title()
    '5 nodes, 5 edges'
    """
    axes = _map(ax)
    places = _draw_edges(graph, axes, None)
    _draw_nodes(graph, axes, places, [0] * len(places))
    axes.set_title(f"{len(graph.nodes)} nodes, {len(graph.edges)} edges")
    return axes


def plot_cut(graph: Graph, labels: Mapping[Any, int], *, ax: Axes | None = None) -> Axes:
    """The two sides by colour and shape; cut edges are dark, the others faint.

    >>> from qgraph import Graph
    >>> plot_cut(Graph.ring(4), {"0": 0, "1": 1, "2": 0, "3": 1}).get_title()
    'cut of weight 4'
    """
    side = {as_name(name): label for name, label in labels.items()}
    require(side.keys() == set(graph.ids), "labels", "must name every node of the graph", list(labels)[:5])
    for name, label in side.items():
        require(label in (0, 1), f"labels[{name!r}]", "must be 0 or 1", label)
    axes = _map(ax)
    sides = [side[name] for name in graph.ids]
    cut = np.array([side[edge.source] != side[edge.target] for edge in graph.edges], dtype=bool)
    places = _draw_edges(graph, axes, cut)
    _draw_nodes(graph, axes, places, sides)
    axes.set_title(f"cut of weight {float(graph.weights @ cut):.6g}")
    return axes


def plot_route(city: City, route: Sequence[Any], *, ax: Axes | None = None) -> Axes:
    """Roads by traffic, stops by type, and the route over the roads, numbered in order of visit.

    Where symbols would cover each other, they are drawn a little apart. A route of more than 60 stops is a
    line without arrows, numbers and names.

    >>> from qgraph import City
    >>> city = City.random(stops=3, priority=1, seed=1)
    >>> plot_route(city, ["depot", "P1", "S2", "S1"]).get_title()
    'depot → P1 → S2 → S1'
    """
    stops = {node.id for node in city.nodes if node.type != "junction"}
    names = [str(as_name(stop)) for stop in route]
    for name in names:
        require(name in stops, "route", "must consist of stops of the city", name)
    axes, few = _map(ax), len(names) <= MOST_NAMES
    visited = [stop for stop in names if stop != city.depot]
    title = " → ".join(map(printable, names)) if few else f"{len(visited)} stops"
    per_line = max(20, int(axes.bbox.width * 72 / axes.figure.dpi / LETTER))
    lines = textwrap.wrap(title, per_line, break_long_words=False, break_on_hyphens=False)
    axes.set_title("\n".join(lines), parse_math=False, fontsize=10)
    _legend_of_routes(axes)
    at = _symbols_apart(city, axes) if few and len(stops) <= MOST_NAMES else _places(city)
    for traffic, (colour, style, width) in TRAFFIC.items():
        roads = [(at[road.source], at[road.target]) for road in city.edges if road.traffic == traffic]
        canvas.lines(axes, roads, colour, width, style=style)
    ways = [(at[a], at[b]) for ends in pairwise(names) for a, b in pairwise(city.way(*ends))]
    arrow = {"arrowstyle": "-|>", "color": BLUE, "lw": 3, "alpha": 0.75, "shrinkA": 6, "shrinkB": 6}
    if few:
        for here, there in ways:
            axes.annotate("", xy=there, xytext=here, arrowprops=arrow, zorder=2).set_in_layout(False)
    else:
        canvas.lines(axes, ways, ROUTE, 1.5, zorder=4)
    for stop_type, (colour, marker, full_size, _) in STOPS.items():
        size = full_size if len(stops) <= MOST_NAMES else full_size / 10
        places = [at[node.id] for node in city.nodes if node.type == stop_type]
        if places:
            x, y = zip(*places, strict=True)
            axes.scatter(x, y, c=colour, marker=marker, s=size, edgecolors=INK, linewidths=0.8, zorder=3)
    all_named = few and len(stops) <= MOST_NAMES
    written = {stop: stop for stop in city.stops if all_named or stop == city.depot}
    written |= {stop: f"{number}: {stop}" for number, stop in enumerate(visited if few else (), start=1)}
    all_roads = [(at[road.source], at[road.target]) for road in city.edges]
    canvas.name_beside(axes, written, at, SYMBOL / 2, all_roads)
    return axes


def _places(city: City) -> dict[str, Place]:
    return {node.id: (node.x, node.y) for node in city.nodes}


def _symbols_apart(city: City, axes: Axes) -> dict[str, Place]:
    """Where symbols are drawn: no two of them closer than a symbol is wide."""
    places = np.array(list(_places(city).values())).reshape(-1, 2)
    axes.update_datalim(places)
    axes.autoscale_view()
    canvas.lay_out(axes)
    points = float(np.ptp(canvas.points_of(axes, [(0, 0), (1, 0)])[:, 0]))
    return dict(zip(_places(city), map(tuple, layouts.apart(places, SYMBOL / points).tolist()), strict=True))


def _legend_of_routes(axes: Axes) -> None:
    stops = [
        {"marker": marker, "ls": "", "color": colour, "markersize": 8, "mec": INK, "label": name}
        for colour, marker, _, name in STOPS.values()
    ]
    roads = [
        {"ls": style, "color": colour, "lw": width, "label": f"{traffic} traffic"}
        for traffic, (colour, style, width) in TRAFFIC.items()
    ]
    canvas.legend(axes, stops + roads)


def plot_landscape(
    gammas: ArrayLike,
    betas: ArrayLike,
    values: Reals,
    *,
    point: tuple[float, float] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """<C> over the angles of depth 1, `values[i, j]` at `gammas[i]`, `betas[j]`; `point` is marked.

    >>> plot_landscape([0, 1], [0, 1, 2], np.arange(6).reshape(2, 3)).get_xlabel()
    'gamma (rad)'
    """
    x, y, z = finite_row("gammas", gammas), finite_row("betas", betas), np.asarray(values)
    require(z.shape == (len(x), len(y)), "values", f"must have the shape ({len(x)}, {len(y)})", z.shape)
    axes = _chart(ax)
    mesh = axes.pcolormesh(x, y, z.T, cmap="cividis", shading="nearest")
    scale = axes.figure.colorbar(mesh, ax=axes, label="expectation of C")
    scale.outline.set_visible(False)
    scale.ax.tick_params(colors=INK)
    scale.ax.yaxis.label.set_color(INK)
    if point is not None:
        axes.plot(*point, marker="*", ms=16, mfc="white", mec=DARK, ls="", label="optimum")
        axes.legend(loc="upper right", facecolor="white", framealpha=0.9, labelcolor=DARK)
    axes.set(xlabel="gamma (rad)", ylabel="beta (rad)")
    return axes


def plot_distribution(state: State | Counts, *, ax: Axes | None = None) -> Axes:
    """The probability of each objective value, beside that of a random guess; mean and optimum are marked.

    >>> from qgraph import Graph, MaxCut, simulate
    >>> plot_distribution(simulate(MaxCut(Graph.ring(4)), [0.785], [0.393])).get_ylabel()
    'probability'
    """
    axes = _chart(ax)
    best = state.optimum() if isinstance(state, State) else state.best().objective
    mean = state.expectation()
    edges, heights, guess = histograms.shares(state)
    middles, width = (edges[1:] + edges[:-1]) / 2, float(edges[1] - edges[0])
    axes.bar(middles, heights, 0.8 * width, color=BLUE, label="QAOA")
    if guess is not None:
        axes.plot(middles, guess, "s", color=ORANGE, mec=DARK, mew=0.6, ms=5, label="random guess")
    axes.axvline(mean, color=INK, ls="--", lw=1.4, label=f"mean {mean:.4g}")
    axes.axvline(best, color=VERMILION, ls="-.", lw=1.4, label=f"best {best:.4g}")
    unit = f" ({UNIT})" if isinstance(state.problem, PriorityRouting) else ""
    axes.set(xlabel=f"objective C{unit}", ylabel="probability")
    canvas.legend(axes)
    return axes


def plot_convergence(result: Result, *, ax: Axes | None = None) -> Axes:
    """The optimised value over the evaluations, depth by depth, with the exact optimum if it is known.

    >>> from qgraph import Graph, MaxCut, solve_qaoa
    >>> plot_convergence(solve_qaoa(MaxCut(Graph.ring(4)), depth=2, seed=1)).get_xlabel()
    'gradient evaluations'
    """
    axes, markers = _chart(ax), "osD^vPX"
    colours = (BLUE, ORANGE, GREEN, VERMILION, SKY, INK)
    for depth in sorted({step.depth for step in result.history}):
        x, y = zip(*((s.evaluations, s.value) for s in result.history if s.depth == depth), strict=True)
        colour, marker = colours[(depth - 1) % len(colours)], markers[(depth - 1) % len(markers)]
        axes.plot(x, y, color=colour, marker=marker, ms=4, label=f"depth {depth}")
    if result.optimum is not None:
        axes.axhline(result.optimum, color=INK, ls="-.", lw=1.4, label=f"optimum {result.optimum:.4g}")
    unit = f" ({UNIT})" if result.best is not None and result.best.unit else ""
    measure = "expectation" if result.cvar == 1 else "CVaR"
    axes.set(xlabel="gradient evaluations", ylabel=f"{measure} of C{unit}")
    canvas.legend(axes)
    return axes


def plot_schedule(angles: Result | Sequence[Sequence[float]], *, ax: Axes | None = None) -> Axes:
    """The angles by layer: those of a result, or `(gammas, betas)`.

    >>> plot_schedule([(0.4, 0.8), (0.6, 0.3)]).get_xlabel()
    'layer'
    """
    given = (angles.gammas, angles.betas) if isinstance(angles, Result) else angles
    require(len(given) == 2, "angles", "must be a result or (gammas, betas)", given)
    gammas, betas = check_angles(*given)
    axes = _chart(ax)
    layers = range(1, len(gammas) + 1)
    axes.plot(layers, gammas, "o-", color=BLUE, label="gamma")
    axes.plot(layers, betas, "s--", color=VERMILION, label="beta")
    axes.set(xlabel="layer", ylabel="angle (rad)")
    axes.xaxis.get_major_locator().set_params(integer=True)  # type: ignore[call-arg]
    canvas.legend(axes)
    return axes


def _chart(ax: Axes | None) -> Axes:
    return canvas.themed(ax or canvas.figure(6.4, 4.0).subplots())


def _map(ax: Axes | None) -> Axes:
    axes = canvas.themed(ax or canvas.figure(6.4, 4.8).subplots())
    axes.set_aspect("equal")
    axes.margins(0.12)
    axes.set_axis_off()
    return axes


def _draw_edges(graph: Graph, axes: Axes, cut: Flags | None) -> dict[str, Place]:
    places = graph.positions(aspect=float(np.clip(axes.bbox.width / axes.bbox.height, 0.5, 3.0)))
    largest = float(np.abs(graph.weights).max(initial=0.0)) or 1.0
    thin = float(np.clip((60 / max(len(graph.edges), 1)) ** 0.5, 0.15, 1.0))
    styles: dict[tuple[str, str], list[int]] = {}
    for e, weight in enumerate(graph.weights):
        faint = cut is not None and not cut[e]
        styles.setdefault((FAINT if faint else INK, "-" if weight >= 0 else "--"), []).append(e)
    for (colour, style), members in styles.items():
        lines = [(places[graph.edges[e].source], places[graph.edges[e].target]) for e in members]
        widths = [thin * (0.6 + 2.0 * abs(graph.weights[e]) / largest) for e in members]
        canvas.lines(axes, lines, colour, widths, style=style)
    return places


def _draw_nodes(graph: Graph, axes: Axes, places: dict[str, Place], sides: Sequence[int]) -> None:
    named = len(places) <= MOST_NAMES
    inside = named and all(len(printable(name)) <= 2 for name in places)
    size = (
        min(320, 12_000 / max(len(places), 1)) if inside else 120 if named else min(14, 10_000 / len(places))
    )
    for side, (colour, marker) in enumerate(SIDES):
        members = [place for place, own in zip(places.values(), sides, strict=True) if own == side]
        if members:
            x, y = zip(*members, strict=True)
            axes.scatter(x, y, c=colour, marker=marker, s=size, edgecolors=INK if named else "none", zorder=2)
    if inside:
        for (name, place), side in zip(places.items(), sides, strict=True):
            colour = "white" if side == 0 else DARK
            style: dict[str, Any] = {"ha": "center", "va": "center", "weight": "bold", "zorder": 3}
            axes.annotate(printable(name), place, fontsize=9, parse_math=False, color=colour, **style)
    elif named:
        ends = [(places[edge.source], places[edge.target]) for edge in graph.edges]
        canvas.name_beside(axes, {name: name for name in places}, places, size**0.5 / 2, ends)
