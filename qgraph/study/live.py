"""What a person sees of a study that runs: a line in the terminal, a table and a figure in a notebook."""

from __future__ import annotations

import statistics
import time
from collections import defaultdict
from collections.abc import Callable
from html import escape
from typing import Self

from qgraph.base.errors import printable
from qgraph.solvers.progress import Watch
from qgraph.study.columns import STORED
from qgraph.study.settings import Variant
from qgraph.study.store import Row, Store

TICK = 0.2  # s, between two pictures
RATIO, SECONDS, ERROR = (
    [column.name for column in STORED].index(name) for name in ("normalized_ratio", "seconds", "error")
)
TRIALS = """
SELECT trials.name, variant, results.trial IS NOT NULL, error IS NOT NULL, seconds, normalized_ratio
FROM trials LEFT JOIN results ON results.trial = trials.name"""
HEADINGS = ("solver", "done", "", "failed", "median ratio", "seconds each")
BAR = "display:inline-block;height:0.7em;width:{:.0f}px;background:{};vertical-align:middle"
LENGTH = 160  # px, of a full bar
DONE, FAILED, LEFT = "#0072B2", "#D55E00", "#88888855"
COLOURS = ("#0072B2", "#E69F00", "#009E73", "#D55E00", "#56B4E9")
WIDTH, HEIGHT, MARGIN = 420, 180, 34  # px, of the figure


class Part:
    """The trials of one label. `ratios` are by depth."""

    def __init__(self) -> None:
        self.trials = self.ended = self.failures = 0
        self.seconds = 0.0
        self.ratios: dict[int, list[float]] = defaultdict(list)


class Live:
    """The state of a study: from its file at the start, then from each row that comes."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.parts: dict[str, Part] = {}
        self.watch = Watch(name)
        self.show: Callable[[], None] | None = None  # the view in a notebook
        self._places: dict[str, tuple[str, int]] = {}  # of trials: label and depth
        self._began = self._drawn = time.perf_counter()
        self._came = 0

    @classmethod
    def of(cls, store: Store, variants: dict[int, Variant]) -> Self:
        """The state that a study's file has."""
        live = cls(store.folder.name)
        for name, number, ended, failed, seconds, ratio in store.read(TRIALS):
            variant = variants[number]
            live._places[name] = variant.label, variant.settings.get("depth", 1)
            live.parts.setdefault(variant.label, Part()).trials += 1
            if ended:
                live._count(name, failed, seconds, ratio)
        return live

    def tell(self, row: Row) -> None:
        """A trial has ended."""
        self._count(row.trial, row.values[ERROR] is not None, row.values[SECONDS], row.values[RATIO])
        self._came += 1
        self.draw()

    def _count(self, trial: str, failed: bool, seconds: float | None, ratio: float | None) -> None:
        label, depth = self._places[trial]
        part = self.parts[label]
        part.ended += 1
        part.failures += failed
        part.seconds += seconds or 0.0
        if ratio is not None:
            part.ratios[depth].append(ratio)

    def draw(self) -> None:
        """Show the state, but not more often than a person can read."""
        now = time.perf_counter()
        if now - self._drawn < TICK or not (self.watch.drawn or self.show):
            return
        self._drawn = now
        self.watch.share = sum(p.ended for p in self.parts.values()) / max(1, len(self._places))
        self.watch.solver = self.line()
        self.watch.details = self.html()
        if self.show is not None:
            self.show()

    def line(self) -> str:
        """How far the study is, how fast, and how long it will take."""
        trials, ended, failures = (
            sum(getattr(part, name) for part in self.parts.values())
            for name in ("trials", "ended", "failures")
        )
        speed = self._came / max(TICK, time.perf_counter() - self._began)
        words = [f"study {printable(self.name)}", f"{ended} of {trials} trials"]
        words += [f"{failures} failed"] if failures else []
        words += [f"{speed:.3g} per second"] if speed else []
        words += [f"{_clock((trials - ended) / speed)} left"] if speed and ended < trials else []
        return " · ".join(words)

    def html(self) -> str:
        """A table of the solvers, with a bar for what is done, failed and left; and the ratios by depth."""
        head = "".join(f"<th>{heading}</th>" for heading in HEADINGS)
        rows = "".join(f"<tr>{_cells(label, part)}</tr>" for label, part in self.parts.items())
        table = f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
        return table + _figure({label: part.ratios for label, part in self.parts.items() if part.ratios})


def _cells(label: str, part: Part) -> str:
    scale = LENGTH / max(1, part.trials)
    widths = (part.ended - part.failures, part.failures, part.trials - part.ended)
    bars = zip(widths, (DONE, FAILED, LEFT), strict=True)
    bar = "".join(f"<span style='{BAR.format(scale * many, colour)}'></span>" for many, colour in bars)
    ratios = [ratio for many in part.ratios.values() for ratio in many]
    ratio = f"{statistics.median(ratios):.4f}" if ratios else ""
    each = f"{part.seconds / part.ended:.3g} s" if part.ended else ""
    cells = (
        escape(printable(label)),
        f"{part.ended} of {part.trials}",
        bar,
        part.failures or "",
        ratio,
        each,
    )
    return "".join(f"<td>{cell}</td>" for cell in cells)


def _figure(series: dict[str, dict[int, list[float]]]) -> str:
    """Median ratios by depth as SVG, if there are several depths: it can be drawn on any thread."""
    depths = sorted({depth for ratios in series.values() for depth in ratios})
    if len(depths) < 2:
        return ""
    right, bottom = WIDTH - 3 * MARGIN, HEIGHT - MARGIN

    def place(depth: int, ratio: float) -> tuple[float, float]:
        along = (depth - depths[0]) / (depths[-1] - depths[0])
        return MARGIN + along * (right - MARGIN), bottom - max(0.0, ratio) * (bottom - MARGIN / 2)

    texts: list[tuple[float, float, str, str]] = []
    texts += [(MARGIN - 4, place(depths[0], level)[1] + 4, "end", f"{level:g}") for level in (0, 0.5, 1)]
    texts += [(place(depth, 0)[0], HEIGHT - MARGIN / 2, "middle", str(depth)) for depth in depths]
    texts.append((right, HEIGHT - 2, "end", "depth; median of (<C> - random) / (optimum - random)"))
    drawn = []
    for number, (label, ratios) in enumerate(series.items()):
        colour = COLOURS[number % len(COLOURS)]
        points = [place(depth, statistics.median(ratios[depth])) for depth in sorted(ratios)]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        drawn.append(f"<polyline points='{path}' fill='none' stroke='{colour}' stroke-width='2'/>")
        drawn += [f"<circle cx='{x:.1f}' cy='{y:.1f}' r='3' fill='{colour}'/>" for x, y in points]
        drawn.append(f"<circle cx='{right + 14}' cy='{22 + 18 * number}' r='4' fill='{colour}'/>")
        texts.append((right + 24, 26 + 18 * number, "start", printable(label)))
    grid = [f"M{MARGIN},{place(depths[0], level)[1]:.1f}H{right}" for level in (0, 0.5, 1)]
    style = "font-size='11' fill='#888'"
    words = "".join(
        f"<text x='{x:.1f}' y='{y:.1f}' text-anchor='{anchor}' {style}>{escape(text)}</text>"
        for x, y, anchor, text in texts
    )
    frame = f"<path d='{' '.join(grid)}' stroke='#8888' fill='none'/>{''.join(drawn)}{words}"
    return f"<svg width='{WIDTH}' height='{HEIGHT}' viewBox='0 0 {WIDTH} {HEIGHT}' role='img'>{frame}</svg>"


def _clock(seconds: float) -> str:
    """A time as people read it.

    >>> _clock(7.2), _clock(75), _clock(7300)
    ('7 s', '1:15', '2:01:40')
    """
    whole = round(seconds)
    hours, minutes = whole // 3600, whole // 60 % 60
    if whole < 60:
        return f"{whole} s"
    return f"{hours}:{minutes:02}:{whole % 60:02}" if hours else f"{minutes}:{whole % 60:02}"
