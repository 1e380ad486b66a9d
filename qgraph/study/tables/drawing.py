"""How the figures of a study draw a series, a legend and notes. It loads matplotlib."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from matplotlib.transforms import ScaledTranslation

from qgraph import canvas
from qgraph.base.typing import Axes, Reals
from qgraph.canvas import INK
from qgraph.plotting import BLUE, GREEN, ORANGE, SKY, VERMILION
from qgraph.study.tables.instances import Series, quartiles
from qgraph.study.tables.scaling import Fit

if TYPE_CHECKING:
    from pandas import DataFrame

PURPLE = "#CC79A7"  # Okabe and Ito's; their yellow cannot be seen on white, their black not on black
COLOURS = (BLUE, ORANGE, GREEN, VERMILION, SKY, PURPLE, INK, BLUE)
MARKERS = "osD^vPX*"
STYLES: tuple[Any, ...] = (
    "-",
    "--",
    "-.",
    ":",
    (0, (6, 2)),
    (0, (4, 1, 1, 1, 1, 1)),
    (0, (2, 3)),
    (0, (9, 3)),
)
LABELS = {
    "n": "n (bits)",
    "depth": "depth p",
    "seconds": "time (s)",
    "memory": "memory (MiB)",
    "best_ratio": "ratio of the best answer",
    "normalized_ratio": "normalized ratio of <C>",
    "approximation_ratio": "approximation ratio of <C>",
    "optimum_probability": "P(optimum) of one shot",
    "feasible_probability": "P(feasible) of one shot",
}
WIDE = 100.0  # positive values that span more than this factor get a logarithmic axis
LONGEST_NAME = 40
SMALL = 9.0  # points: text of legend and notes
LETTER, SYMBOL = 4.8, 50.0  # points: a letter; a symbol of the legend with the space around it
MOST_TICKS = 12


class Points(NamedTuple):
    """What is drawn of a series: `table` has a row per problem and x. A flat one has no x."""

    series: Series
    table: DataFrame
    flat: bool
    suffix: str = ""

    @property
    def quartiles(self) -> tuple[Reals, Reals]:
        """x, and float64[x, 3]: lower quartile, median, upper quartile."""
        groups = [(x, quartiles(values.to_numpy())) for x, values in self.table.groupby("x")["y"]]
        places, rows = zip(*groups, strict=True)
        return np.array(places, dtype=np.float64), np.array(rows)


def chart(ax: Axes | None) -> Axes:
    """The axes, or new ones, readable on white and on black."""
    return canvas.themed(ax or canvas.figure(6.4, 4.6).subplots())


def style(number: int) -> dict[str, Any]:
    """Colour, marker and line style of a series."""
    return {"color": COLOURS[number], "marker": MARKERS[number], "ls": STYLES[number], "ms": 5.5, "lw": 1.6}


def named(name: str) -> str:
    """A name for the legend; matplotlib leaves out names that begin with an underscore."""
    short = name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME // 2]}…{name[-LONGEST_NAME // 2 :]}"
    return f" {short}" if short.startswith("_") else short


def label(column: str) -> str:
    """The name of a column with its unit."""
    return LABELS.get(column, column.replace("_", " "))


def span(drawn: Sequence[Points]) -> Reals:
    """The ends of the horizontal axis, without margin."""
    places = np.concatenate([points.table["x"].to_numpy() for points in drawn if not points.flat] or [[0.0]])
    low, high = float(places.min()), float(places.max())
    return np.array([low, high]) if low < high else np.array([low - 0.5, high + 0.5])


def draw(axes: Axes, points: Points, number: int, ends: Reals, *, top: float = math.inf) -> None:
    """Median and quartiles of a series; `top` is the upper end of the axis, where infinity is shown."""
    look, name = style(number), named(points.series.name + points.suffix)
    x, (low, middle, high) = points.quartiles[0], points.quartiles[1].T
    if points.flat:
        x, low, middle, high = ends, low.repeat(2), middle.repeat(2), high.repeat(2)
    finite = np.isfinite(middle)
    axes.plot(x, np.where(finite, middle, np.nan), label=name, zorder=3, **look)
    beyond = {**look, "ls": "", "marker": "^", "mfc": "none", "ms": 9}
    if not finite.all():
        inside = axes.transData + ScaledTranslation(0, -6 / 72, axes.figure.dpi_scale_trans)
        axes.plot(x[~finite], np.full((~finite).sum(), top), transform=inside, **beyond)
    low, high = (np.where(np.isfinite(bound), bound, 10 * top) for bound in (low, high))
    if len(x) == 1:
        axes.vlines(x, low, high, colors=look["color"], lw=1.2, zorder=2)
    else:
        axes.fill_between(x, low, high, color=look["color"], alpha=0.2, lw=0, zorder=2)


def bars(axes: Axes, x: Reals, low: Reals, middle: Reals, high: Reals, number: int, shift: float) -> Any:
    """Medians with quartiles as bars, moved `shift` points: those of several series stand side by side."""
    look = {**style(number), "ls": "", "capsize": 3, "elinewidth": 1.2, "zorder": 3}
    beside = axes.transData + ScaledTranslation(shift / 72, 0, axes.figure.dpi_scale_trans)
    return axes.errorbar(x, middle, [middle - low, high - middle], transform=beside, **look)


def draw_fit(axes: Axes, points: Points, number: int, shift: float, fit: Fit | None) -> None:
    """Medians with bars, and the fit with its confidence band."""
    x, (low, middle, high) = points.quartiles[0], points.quartiles[1].T
    bars(axes, x, low, middle, high, number, shift)
    name, look = named(points.series.name + points.suffix), style(number)
    if fit is None:
        axes.plot([], [], label=f"{name}: no fit", **look)
        return
    between = "no interval" if fit.interval is None else "[{:.3f}, {:.3f}]".format(*fit.interval)
    axes.plot([], [], label=f"{name}: b = {fit.b:.3f} {between}", **look)
    grid = np.linspace(x.min(), x.max(), 60)
    lower, curve, upper = fit.band(grid)
    axes.plot(grid, curve, **{**look, "marker": ""}, zorder=2)
    if fit.interval is not None:
        axes.fill_between(grid, lower, upper, color=look["color"], alpha=0.2, lw=0, zorder=1)


def levels(axes: Axes) -> None:
    """What ratios mean: 0 is a random answer and 1 the optimum."""
    axes.axhline(1.0, color=INK, ls="-", lw=0.9, label="optimum", zorder=1)
    axes.axhline(0.0, color=INK, ls=(0, (1, 2)), lw=1.4, label="random", zorder=1)


def ticks(axes: Axes, drawn: Sequence[Points]) -> None:
    """Ticks where the medians stand, if these are few whole numbers."""
    places = np.unique(np.concatenate([points.table["x"].to_numpy() for points in drawn if not points.flat]))
    if (places % 1 == 0).all() and len(places) <= MOST_TICKS:
        axes.set_xticks(places)


def scale(axes: Axes, drawn: Sequence[Points]) -> None:
    """A logarithmic axis where positive values span more than two decades."""
    values = np.concatenate([points.quartiles[1].ravel() for points in drawn])
    values = values[np.isfinite(values)]
    if len(values) and values.min() > 0 and values.max() > WIDE * values.min():
        axes.set_yscale("log")


def finish(axes: Axes, x: str, y: str, notes: Sequence[str]) -> None:
    """Labels, the legend above the axes, and notes below."""
    axes.set_xlabel(x, parse_math=False)
    axes.set_ylabel(y, parse_math=False)
    width = axes.bbox.width * 72 / axes.figure.dpi
    handles, labels = axes.get_legend_handles_labels()
    columns = int(width / (LETTER * max(map(len, labels), default=1) + SYMBOL))
    place: dict[str, Any] = {"loc": "lower left", "bbox_to_anchor": (0.0, 1.0), "borderaxespad": 0.2}
    place |= {
        "ncols": int(np.clip(columns, 1, 3)),
        "fontsize": SMALL,
        "handlelength": 3.2,
        "columnspacing": 1.5,
    }
    legend = axes.legend(handles, labels, frameon=False, labelcolor=INK, **place)
    for text in legend.get_texts():
        text.set_parse_math(False)
    lines = textwrap.wrap("; ".join(notes), max(20, int(width / LETTER)))
    at: dict[str, Any] = {"xycoords": ("axes fraction", axes.xaxis.label), "textcoords": "offset points"}
    at |= {"ha": "left", "va": "top", "annotation_clip": False, "parse_math": False}
    axes.annotate("\n".join(lines), (0.0, 0.0), xytext=(0.0, -4.0), fontsize=SMALL, color=INK, **at)
