"""What all figures share: colours for light and dark pages, and names where there is room."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from qgraph.base.errors import MissingDependency, printable
from qgraph.base.typing import Axes, Integers, Reals

try:
    from matplotlib.artist import Artist
    from matplotlib.collections import LineCollection
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D
    from matplotlib.text import Annotation, Text
    from matplotlib.ticker import MaxNLocator
except ImportError as error:  # pragma: no cover (the lock file always has it)
    raise MissingDependency("qgraph's figures need matplotlib: pip install 'qgraph[lab]'") from error

INK = "#797979"  # as far from white as from #111, a contrast of 4.3
DARK = "#1a1a1a"  # on a colour of our own
FAINT = "#79797959"

Place = tuple[float, float]
GAP = 2.5  # points between a symbol and its name
EDGE = 2.0  # points between a name and the middle of a line
RINGS = (0.0, 9.0, 20.0)  # points by which a name stands further out, with a line to its symbol
DIRECTIONS = np.exp(1j * np.deg2rad([0, 180, 90, 270, 45, 315, 135, 225]))
SWEEPS = 3


def figure(width: float, height: float) -> Figure:
    """An empty figure without a background."""
    return Figure(figsize=(width, height), layout="constrained", facecolor="none")


def readable(figure: Figure) -> Figure:
    """The figure without a background, with axes and text that can be read on light and dark pages.

    It also serves figures of your own; call it last.

    >>> own = Figure()
    >>> _ = own.subplots().set_title("title")
    >>> readable(own).axes[0].title.get_color() == INK
    True
    """
    figure.set_facecolor("none")
    for axes in figure.axes:
        _recolour(axes)
    legends = [*figure.legends, *(axes.get_legend() for axes in figure.axes)]
    for text in [text for one in legends if one is not None for text in one.get_texts()]:
        text.set_color(INK)
    return figure


def _recolour(axes: Axes) -> None:
    axes.set_facecolor("none")
    axes.tick_params(colors=INK, which="both")
    for text in (axes.xaxis.label, axes.yaxis.label, axes.title):
        text.set_color(INK)
    for side, spine in axes.spines.items():
        spine.set_color(INK)
        spine.set_visible(side in ("left", "bottom"))


def themed(axes: Axes) -> Axes:
    """The axes with text and lines that can be read on white and on black, and with round ticks."""
    _recolour(axes)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(MaxNLocator("auto", steps=[1, 2, 5, 10]))
    return axes


def lines(axes: Axes, ends: Any, colour: str, width: Any, *, style: str = "-", zorder: int = 1) -> None:
    """Straight lines, each between two places."""
    axes.add_collection(
        LineCollection(ends, colors=colour, linewidths=width, linestyles=style, zorder=zorder)
    )


def legend(axes: Axes, entries: Sequence[Mapping[str, Any]] | None = None) -> None:
    """A legend without a frame: of what has a label, or beside the axes, of lines and markers."""
    if entries is None:
        axes.legend(frameon=False, labelcolor=INK)
        return
    handles = [Line2D([], [], **entry) for entry in entries]
    where: dict[str, Any] = {"loc": "center left", "bbox_to_anchor": (1.08, 0.5)}
    axes.legend(handles=handles, frameon=False, labelcolor=INK, **where)


def points_of(axes: Axes, places: Any) -> Reals:
    """Places in points on the page, as float64[places, 2]."""
    pairs = np.array(places, dtype=np.float64).reshape(-1, 2)
    return np.asarray(axes.transData.transform(pairs) * (72 / axes.figure.dpi))


def lay_out(axes: Axes) -> None:
    """Lay out the whole figure, so that `points_of` knows the scale."""
    axes.figure.canvas.figure.draw_without_rendering()


def name_beside(
    axes: Axes, names: Mapping[str, str], places: Mapping[str, Place], radius: float, ways: Any = ()
) -> None:
    """Write names beside symbols of a `radius` in points: not over names and symbols, nor over `ways`.

    Each name takes the direction in which it covers least, with few changes of mind (Christensen, Marks,
    Shieber, ACM Trans. Graph. 14, 1995). Names are for some of `places`, and `ways` are pairs of places.
    """
    link = {"arrowstyle": "-", "color": INK, "lw": 0.6, "shrinkA": 0, "shrinkB": radius}
    style: dict[str, Any] = {"fontsize": 9, "color": INK, "parse_math": False, "zorder": 5}
    style |= {"textcoords": "offset points", "ha": "center", "va": "center", "annotation_clip": False}
    texts = [
        axes.annotate(printable(name), places[place], xytext=(0, 0), arrowprops={**link}, **style)
        for place, name in names.items()
    ]
    own = np.array([list(places).index(place) for place in names], dtype=np.int64)
    axes.add_artist(Writer(axes, texts, own, list(places.values()), ways, radius))
    for _ in range(2):  # names take room, so the first ones change the scale
        lay_out(axes)


class Writer(Artist):
    """Draws nothing. It moves names to where there is room, each time before they are drawn."""

    def __init__(
        self, ax: Axes, texts: Sequence[Annotation], own: Integers, places: Any, ways: Any, radius: float
    ) -> None:
        super().__init__()
        self.set_zorder(0)
        self.set_in_layout(False)
        self.ax, self.texts, self.own = ax, texts, own
        self.places, self.ways, self.radius = places, ways, radius

    def draw(self, renderer: Any) -> None:
        """Move the names, now that the scale is known."""
        at, ends = points_of(self.ax, self.places), points_of(self.ax, self.ways).reshape(-1, 2, 2)
        sizes = np.array([_size(text, renderer) for text in self.texts]).reshape(-1, 2)
        moves = _offsets(at, self.own, sizes, self.radius, _dots(ends))
        for text, (offset, ring) in zip(self.texts, moves, strict=True):
            text.set_position((float(offset[0]), float(offset[1])))
            if text.arrow_patch is not None:
                text.arrow_patch.set_visible(ring > 0)


def _size(text: Annotation, renderer: Any) -> tuple[float, float]:
    """Width and height in points, without the line to the symbol."""
    box, scale = Text.get_window_extent(text, renderer), 72 / text.figure.canvas.figure.dpi
    return box.width * scale, box.height * scale


def _dots(ends: Reals) -> Reals:
    """Places on lines, about 3 points apart."""
    dots = [np.zeros((0, 2))]
    for a, b in ends:
        share = np.linspace(0.0, 1.0, max(2, int(math.dist(a, b) / 3)))[:, None]
        dots.append(a + share * (b - a))
    return np.concatenate(dots)


def _offsets(at: Reals, own: Integers, sizes: Reals, radius: float, dots: Reals) -> list[tuple[Reals, float]]:
    """The offset and the ring of each name."""
    rings = np.repeat(RINGS, len(DIRECTIONS))
    ways = np.tile(np.stack([DIRECTIONS.real, DIRECTIONS.imag], axis=1), (len(RINGS), 1))
    chosen, boxes = np.zeros(len(own), dtype=np.int64), np.full((len(own), 4), np.inf)
    offsets = np.zeros((len(own), len(rings), 2))
    for sweep in range(SWEEPS):
        before = chosen.copy()
        for k, node in enumerate(own):
            half = sizes[k] / 2
            offsets[k] = ways * (radius + GAP + rings)[:, None] + half * np.sign(ways.round(9))
            centres = at[node] + offsets[k]
            candidates = np.concatenate([centres - half, centres + half], axis=1)
            others = np.delete(boxes, k, axis=0)
            symbols = np.concatenate([at - radius, at + radius], axis=1)
            cost = 4 * (_overlaps(candidates, others) + _overlaps(candidates, symbols))
            inside = (dots > candidates[:, None, :2] - EDGE) & (dots < candidates[:, None, 2:] + EDGE)
            cost += 8 * inside.all(axis=2).sum(axis=1) + 2 * rings + 0.1 * np.arange(len(rings))
            chosen[k] = cost.argmin()
            boxes[k] = candidates[chosen[k]]
        if sweep and np.array_equal(before, chosen):
            break
    return [(offsets[k, c], float(rings[c])) for k, c in enumerate(chosen)]


def _overlaps(boxes: Reals, others: Reals) -> Reals:
    """The area of each box, in square points, that others cover."""
    low = np.maximum(boxes[:, None, :2], others[:, :2])
    high = np.minimum(boxes[:, None, 2:], others[:, 2:])
    return np.asarray((high - low).clip(0.0).prod(axis=2).sum(axis=1))
