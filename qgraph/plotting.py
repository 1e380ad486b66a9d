"""Static matplotlib figures. Each takes an `Axes` or makes one, draws on it, and returns it.

The colours are Okabe and Ito's. A shape, a line style or a number shows the same as each colour. The
background is light and opaque, so that figures are readable in dark themes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from qgraph import histograms
from qgraph.base.checks import require
from qgraph.base.errors import MissingDependency, printable
from qgraph.base.fields import as_name
from qgraph.simulation.angles import check_angles, finite_row
from qgraph.simulation.state import State
from qgraph.solvers.result import Result

try:
    from matplotlib.collections import LineCollection
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D
    from matplotlib.patheffects import withStroke
except ImportError as error:  # pragma: no cover (the lock file always has it)
    raise MissingDependency("qgraph's figures need matplotlib: pip install 'qgraph[lab]'") from error

from qgraph.base.typing import ArrayLike, Axes, Flags, Reals
from qgraph.models.city import City
from qgraph.models.graph import Graph
from qgraph.simulation.counts import Counts

BLUE, ORANGE, VERMILION, GREEN, SKY = "#0072B2", "#E69F00", "#D55E00", "#009E73", "#56B4E9"
INK, GREY, FAINT = "#1a1a1a", "#767676", "#bbbbbb"
SIDES = ((BLUE, "o"), (ORANGE, "s"))
STOPS = {
    "priority": (VERMILION, "^", 130, "priority stop"),
    "normal": (SKY, "o", 100, "normal stop"),
    "depot": (INK, "s", 110, "depot"),
    "junction": (GREY, ".", 30, "junction"),
}
TRAFFIC = {"low": (GREY, "-", 1.2), "medium": (ORANGE, "--", 1.8), "high": (VERMILION, ":", 2.4)}
MOST_NAMES = 60  # with more nodes, names would cover each other


def plot_graph(graph: Graph, *, ax: Axes | None = None) -> Axes:
    """Nodes by name, edges as wide as their weight; negative weights are dashed.

    >>> from qgraph import Graph
    >>> plot_graph(Graph.ring(5)).get_title()
    '5 nodes, 5 edges'
    """
    axes = _map(ax)
    places = _draw_edges(graph, axes, None)
    _draw_nodes(axes, places, [0] * len(places))
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
    _draw_nodes(axes, places, sides)
    axes.set_title(f"cut of weight {float(graph.weights @ cut):.6g}")
    return axes


def plot_route(city: City, route: Sequence[Any], *, ax: Axes | None = None) -> Axes:
    """Roads by traffic, stops by type, and the route over the roads, numbered in order of visit.

    A route of more than 60 stops is a line without arrows, numbers and names.

    >>> from qgraph import City
    >>> city = City.random(stops=3, priority=1, seed=1)
    >>> plot_route(city, ["depot", "P1", "S2", "S1"]).get_title()
    'depot → P1 → S2 → S1'
    """
    at = {node.id: (node.x, node.y) for node in city.nodes}
    stops = {node.id for node in city.nodes if node.type != "junction"}
    names = [str(as_name(stop)) for stop in route]
    for name in names:
        require(name in stops, "route", "must consist of stops of the city", name)
    axes = _map(ax)
    for traffic, (colour, style, width) in TRAFFIC.items():
        roads = [(at[road.source], at[road.target]) for road in city.edges if road.traffic == traffic]
        _lines(axes, roads, colour, width, linestyles=style)
    few = len(names) <= MOST_NAMES
    ways = [leg for ends in pairwise(names) for leg in pairwise(city.way(*ends))]
    arrow = {"arrowstyle": "-|>", "color": BLUE, "lw": 3, "alpha": 0.75, "shrinkA": 6, "shrinkB": 6}
    if few:
        for here, there in ways:
            axes.annotate("", xy=at[there], xytext=at[here], arrowprops=arrow, zorder=2)
    else:
        _lines(axes, [(at[here], at[there]) for here, there in ways], BLUE, 1.5, alpha=0.75, zorder=4)
    for stop_type, (colour, marker, full_size, _) in STOPS.items():
        size = full_size if len(stops) <= MOST_NAMES else full_size / 10
        places = [(node.x, node.y) for node in city.nodes if node.type == stop_type]
        if places:
            x, y = zip(*places, strict=True)
            outline = colour if marker == "." else INK
            axes.scatter(x, y, c=colour, marker=marker, s=size, edgecolors=outline, linewidths=0.8, zorder=3)
    visited = [stop for stop in names if stop != city.depot]
    for number, stop in enumerate(visited if few else (), start=1):
        _name_beside(axes, f"{number}: {stop}", at[stop])
    if city.depot is not None:
        _name_beside(axes, city.depot, at[city.depot])
    handles = [
        Line2D([], [], marker=m, ls="", color=c, markersize=8, label=t) for c, m, _, t in STOPS.values()
    ]
    handles += [Line2D([], [], ls=s, color=c, lw=w, label=f"{t} traffic") for t, (c, s, w) in TRAFFIC.items()]
    axes.legend(handles=handles, loc="center left", bbox_to_anchor=(1.08, 0.5), frameon=False)
    title = " → ".join(map(printable, names)) if few else f"{len(visited)} stops"
    axes.set_title(title, parse_math=False, wrap=True)
    return axes


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
    axes.figure.colorbar(mesh, ax=axes, label="expectation of C")
    if point is not None:
        axes.plot(*point, marker="*", ms=16, mfc="white", mec=INK, ls="", label="optimum")
        axes.legend(loc="upper right")
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
        axes.plot(middles, guess, "s", color=ORANGE, mec=INK, mew=0.6, ms=5, label="random guess")
    axes.axvline(mean, color=INK, ls="--", lw=1.4, label=f"mean {mean:.4g}")
    axes.axvline(best, color=VERMILION, ls="-.", lw=1.4, label=f"best {best:.4g}")
    axes.set(xlabel="objective C", ylabel="probability")
    axes.legend(frameon=False)
    return axes


def plot_convergence(result: Result, *, ax: Axes | None = None) -> Axes:
    """The optimised value over the evaluations, depth by depth, with the exact optimum if it is known.

    >>> from qgraph import Graph, MaxCut, solve_qaoa
    >>> plot_convergence(solve_qaoa(MaxCut(Graph.ring(4)), depth=2, seed=1)).get_xlabel()
    'gradient evaluations'
    """
    axes, markers = _chart(ax), "osD^vPX"
    colours = (BLUE, ORANGE, GREEN, VERMILION, SKY, GREY)
    for depth in sorted({step.depth for step in result.history}):
        x, y = zip(*((s.evaluations, s.value) for s in result.history if s.depth == depth), strict=True)
        colour, marker = colours[(depth - 1) % len(colours)], markers[(depth - 1) % len(markers)]
        axes.plot(x, y, color=colour, marker=marker, ms=4, label=f"depth {depth}")
    if result.optimum is not None:
        axes.axhline(result.optimum, color=INK, ls="-.", lw=1.4, label=f"optimum {result.optimum:.4g}")
    axes.set(xlabel="gradient evaluations", ylabel="expectation of C" if result.cvar == 1 else "CVaR of C")
    axes.legend(frameon=False)
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
    axes.set(xlabel="layer", ylabel="angle (rad)", xticks=list(layers))
    axes.legend(frameon=False)
    return axes


def _chart(ax: Axes | None) -> Axes:
    if ax is not None:
        return ax
    axes: Axes = Figure(figsize=(6.4, 4.0), layout="constrained", facecolor="white").subplots()
    axes.spines[["top", "right"]].set_visible(False)
    return axes


def _map(ax: Axes | None) -> Axes:
    axes = ax or Figure(figsize=(6.4, 4.8), layout="constrained", facecolor="white").subplots()
    axes.set_aspect("equal")
    axes.margins(0.12)
    axes.set_axis_off()
    return axes


def _draw_edges(graph: Graph, axes: Axes, cut: Flags | None) -> dict[str, tuple[float, float]]:
    places = graph.positions()
    largest = float(np.abs(graph.weights).max(initial=0.0)) or 1.0
    styles: dict[tuple[str, str], list[int]] = {}
    for e, weight in enumerate(graph.weights):
        faint = cut is not None and not cut[e]
        styles.setdefault((FAINT if faint else INK, "-" if weight >= 0 else "--"), []).append(e)
    for (colour, style), members in styles.items():
        lines = [(places[graph.edges[e].source], places[graph.edges[e].target]) for e in members]
        widths = [0.6 + 2.0 * abs(graph.weights[e]) / largest for e in members]
        _lines(axes, lines, colour, widths, linestyles=style)
    return places


def _lines(axes: Axes, lines: Any, colour: str, width: Any, *, zorder: int = 1, **style: Any) -> None:
    axes.add_collection(LineCollection(lines, colors=colour, linewidths=width, zorder=zorder, **style))


def _draw_nodes(axes: Axes, places: dict[str, tuple[float, float]], sides: Sequence[int]) -> None:
    named = len(places) <= MOST_NAMES
    inside = named and all(len(printable(name)) <= 2 for name in places)
    for side, (colour, marker) in enumerate(SIDES):
        members = [place for place, own in zip(places.values(), sides, strict=True) if own == side]
        if members:
            size = 320 if inside else 120 if named else 14
            x, y = zip(*members, strict=True)
            axes.scatter(x, y, c=colour, marker=marker, s=size, edgecolors=INK, zorder=2)
    for (name, place), side in zip(places.items(), sides, strict=True):
        if inside:
            colour = "white" if side == 0 else INK
            _write(axes, name, place, ha="center", va="center", color=colour, weight="bold", zorder=3)
        elif named:
            _name_beside(axes, name, place)


def _name_beside(axes: Axes, name: str, place: tuple[float, float]) -> None:
    halo = [withStroke(linewidth=3, foreground="white")]
    beside: dict[str, Any] = {"xytext": (8, 6), "textcoords": "offset points"}
    _write(axes, name, place, color=INK, path_effects=halo, zorder=5, **beside)


def _write(axes: Axes, name: str, place: tuple[float, float], **style: Any) -> None:
    axes.annotate(printable(name), place, fontsize=9, parse_math=False, **style)
