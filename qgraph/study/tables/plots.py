"""Figures of a study's table. Each takes an `Axes` or makes one, draws on it, and returns it.

A series has a colour, a marker and a line style of its own. The legend stands above the axes, notes below.
Lines are medians over problems of the medians over seeds, bands are quartiles over problems.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np

from qgraph.base.checks import require, require_number
from qgraph.base.typing import Axes, Reals
from qgraph.study.tables import instances, scaling
from qgraph.study.tables.instances import LOWER_IS_BETTER, numbers

if TYPE_CHECKING:
    from pandas import DataFrame

Fitted = Literal["exponential"]
Unit = Literal["shots", "layers", "seconds"]

MOST_SERIES = 8
RATIOS = ("best_ratio", "normalized_ratio")
SHARES = (*RATIOS, "approximation_ratio", "optimum_probability", "feasible_probability")
UNITS = {"shots": "shots", "layers": "circuit layers (shots x depth)", "seconds": "time (s)"}
BESIDE = 3.5  # points between the bars of two series at one place


def plot(
    frame: DataFrame,
    y: str,
    against: str | None = None,
    by: str = "solver",
    *,
    fit: Fitted | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Median and quartiles of the column `y` over problems, for each value of the column `by`.

    `against` is the column on the horizontal axis: "depth" if there are several depths, else "n". A solver
    that has no such setting is a horizontal line. A solver with several values of another setting is a series
    for each. Ratios stand between random answers (0) and the optimum (1); for `normalized_ratio`, solvers
    without <C> are shown with the answer that they return, `best_ratio`.

    `fit="exponential"` fits y = a 2^(-b x): least squares of log2 y over the medians of problems. Bars are
    quartiles, bands the 95 % confidence of the fit, and the legend has b with its 95 % interval, from a
    bootstrap over problems: +- t times its standard error. Zeros have no logarithm; a note counts them.

    Raises `InvalidInput` for unknown columns, columns that are not numbers, no values, and more than 8
    series.

    >>> import pandas
    >>> rows = [("a", "qaoa", 0, p, p / (p + 1), None) for p in (1, 2, 3)]
    >>> names = ["problem", "solver", "seed", "depth", "normalized_ratio", "error"]
    >>> axes = plot(pandas.DataFrame(rows, columns=names), "normalized_ratio")
    >>> axes.get_xlabel(), axes.lines[0].get_ydata().round(2).tolist()
    ('depth p', [0.5, 0.67, 0.75])
    """
    from qgraph.study.tables import drawing

    require(fit in (None, "exponential"), "fit", 'must be None or "exponential"', fit)
    numbers(frame, y, "y")
    against = _against(frame, against)
    parts, drawn, broken = instances.split(frame, by, against), [], 0
    for part in parts:
        rows, column = part.ended, y
        if y == "normalized_ratio" and "best_ratio" in rows and not rows[y].notna().any():
            column = "best_ratio"
        x, flat = _places(rows, against)
        broken += int((~instances.keeps_rules(rows)).sum()) if column in instances.OF_ANSWERS else 0
        table = instances.of_problems(rows, instances.answers(rows, column, "y"), x=x)
        if len(table):
            drawn.append(drawing.Points(part, table, flat, "" if column == y else " (answer)"))
    _check_count([points.series.name for points in drawn], "y", y, by)
    notes = _counted(frame, [points.table for points in drawn])
    left_out = [part.name for part in parts if part not in [points.series for points in drawn]]
    notes += [f"{broken} infeasible answer{'s' * (broken != 1)} left out"] if broken else []
    notes += [f"without {y}: {_listed(left_out)}"] if left_out else []
    axes, ends = drawing.chart(ax), drawing.span(drawn)
    for number, points in enumerate(drawn):
        if fit and not points.flat:
            fitted = scaling.exponential(points.table)
            drawing.draw_fit(axes, points, number, BESIDE * (number - (len(drawn) - 1) / 2), fitted)
            if fitted is not None and fitted.left_out:
                notes.append(f"{points.series.name}: {fitted.left_out} zeros are not in the fit")
        else:
            drawing.draw(axes, points, number, ends)
    if y in RATIOS:
        drawing.levels(axes)
    if fit:
        axes.set_yscale("log")
        axes.margins(x=0.08)
        notes.append(f"fit:\u00a0a\u00a02^(-b\u00a0{against}), b with 95 % confidence")
    else:
        drawing.scale(axes, drawn)
    drawing.ticks(axes, drawn)
    drawing.finish(axes, drawing.label(against), drawing.label(y), notes)
    return axes


def plot_time_to_solution(
    frame: DataFrame,
    against: str | None = None,
    by: str = "solver",
    *,
    unit: Unit = "shots",
    confidence: float = 0.99,
    ax: Axes | None = None,
) -> Axes:
    """The cost of at least one optimum with the given confidence; median and quartiles over problems.

    R = ln(1 - confidence) / ln(1 - p), at least 1 and not rounded up (Ronnow et al., Science 345, 420
    (2014)).

    - "shots" and "layers" are of QAOA where there is a state: p is `optimum_probability`, the cost R shots,
      or R times the depth. Finding the angles is not counted.
    - "seconds" is for the other solvers: p is the share of seeds whose answer is an optimum, the cost R times
      the mean time of a run. Few seeds resolve p poorly. A simulator's seconds say nothing about a quantum
      computer, so QAOA is left out, and the two never stand on one axis.

    p = 0 costs infinitely much: medians count it so, triangles on the upper edge show infinite medians, and a
    note has the number. `against` and `by` as in `plot`. Raises `InvalidInput`.

    >>> import pandas
    >>> rows = [("a", "qaoa", "qaoa", 0, 4, 0.9, None), ("b", "qaoa", "qaoa", 0, 6, 0.5, None)]
    >>> names = ["problem", "solver", "algorithm", "seed", "n", "optimum_probability", "error"]
    >>> plot_time_to_solution(pandas.DataFrame(rows, columns=names)).lines[0].get_ydata().round(2).tolist()
    [2.0, 6.64]
    """
    from qgraph.study.tables import drawing

    require(unit in UNITS, "unit", f"must be one of {', '.join(UNITS)}", unit)
    level = require_number("confidence", confidence, 0.0, 1.0)
    require(0 < level < 1, "confidence", "must lie between 0 and 1", confidence)
    quantum = np.array(["qaoa" in str(name) for name in frame["algorithm"]], dtype=bool)
    own = ~quantum if unit == "seconds" else quantum
    rows, others = frame[own], frame[~own]["solver"].drop_duplicates()
    require(len(rows) > 0, "unit", "must be of some solver of the study", unit)
    against = _against(rows, against)
    endless, drawn = [], []
    for part in instances.split(rows, by, against):
        x, flat = _places(part.ended, against)
        if unit == "seconds":
            costs, what = scaling.costs_in_seconds(part.ended, x, level), "problems"
        else:
            costs, what = scaling.costs_in_shots(part.ended, x, level, layers=unit == "layers"), "trials"
        if costs.infinite:
            endless.append(f"{part.name} {costs.infinite} of {costs.total} {what}")
        if len(costs.table):
            drawn.append(drawing.Points(part, costs.table, flat))
    _check_count([points.series.name for points in drawn], "unit", unit, by)
    notes = _counted(rows, [points.table for points in drawn])
    notes += [f"infinite, as p = 0: {', '.join(endless)}"] if endless else []
    notes += [f"not in {unit}: {_listed([str(name) for name in others])}"] if len(others) else []
    axes, ends = drawing.chart(ax), drawing.span(drawn)
    finite = np.concatenate([points.quartiles[1].ravel() for points in drawn])
    finite = finite[np.isfinite(finite)]
    low, high = (float(finite.min()), float(finite.max())) if len(finite) else (1.0, 1.0)
    margin = max(1.5, (high / low) ** 0.1)
    for number, points in enumerate(drawn):
        drawing.draw(axes, points, number, ends, top=margin * high)
    axes.set_yscale("log")
    axes.set_ylim(low / margin, margin * high)
    y_label = f"{UNITS[unit]} for {100 * level:.6g} % success"
    drawing.ticks(axes, drawn)
    drawing.finish(axes, drawing.label(against), y_label, notes)
    return axes


def plot_profile(
    frame: DataFrame,
    y: str = "best_ratio",
    by: str = "solver",
    *,
    target: float = 1.0,
    ax: Axes | None = None,
) -> Axes:
    """Performance profiles: the share of problems on which a solver is close to the best one there.

    - Costs (`seconds`, `evaluations`, `memory`, `shots`): the share of problems solved within tau times the
      cost of the cheapest solver (Dolan, More, Math. Program. 91, 201 (2002), section 2). Solved is a trial
      whose `best_ratio` is at least `target`: 1 asks for an optimum. At tau = 1 stands how often a solver
      wins.
    - Ratios, probabilities: the share of problems with y at most tau below the best solver. For the
      `objective`, tau is relative, |objective - best| / |best|, and infeasible answers are no answers.

    Values are medians over seeds, unsolved ones infinite. A problem without an answer counts as not solved.
    Raises `InvalidInput`.

    >>> import pandas
    >>> rows = [("a", "x", 0, 0.9, None), ("a", "y", 0, 1.0, None), ("b", "x", 0, 1.0, None)]
    >>> frame = pandas.DataFrame(rows, columns=["problem", "solver", "seed", "best_ratio", "error"])
    >>> [line.get_ydata()[0].tolist() for line in plot_profile(frame).lines]
    [0.5, 0.5]
    """
    import pandas

    from qgraph.study.tables import drawing

    numbers(frame, y, "y")
    measures = (*LOWER_IS_BETTER, *SHARES, "objective")
    require(y in measures, "y", f"must be one of {', '.join(measures)}", y)
    level = require_number("target", target)
    tables = {part.name: scaling.losses(part, y, level) for part in instances.split(frame, by)}
    found = {name: table for name, table in tables.items() if len(table)}
    _check_count(list(found), "y", y, by)
    cost, wide = y in LOWER_IS_BETTER, pandas.concat(found, axis=1)
    away = scaling.distances(wide.to_numpy(), ratio=cost, relative=y == "objective")
    start = 1.0 if cost else 0.0
    far = float(away[np.isfinite(away)].max(initial=start))
    right = (max(1.5, far**1.1) if cost else 1.1 * far) or 1.0
    axes = drawing.chart(ax)
    for number, (name, column) in enumerate(zip(found, away.T, strict=True)):
        steps = np.unique(np.concatenate([[start], column[np.isfinite(column)]]))
        shares = [float((column <= step).mean()) for step in steps]
        look = {**drawing.style(number), "drawstyle": "steps-post"}
        look["markevery"] = list(range(0, len(steps), max(1, len(steps) // 12)))
        axes.plot([*steps, right], [*shares, shares[-1]], label=drawing.named(name), **look)
    if right > 8 and cost:
        axes.set_xscale("log")
    axes.set_ylim(-0.03, 1.03)
    none, missing = int(np.isinf(away).all(axis=1).sum()), [name for name in tables if name not in found]
    notes = [f"{len(away)} problem{'s' * (len(away) != 1)}", *_failed(frame)]
    notes += [f"{none} of them solved by no solver"] if none else []
    notes += [f"without {y}: {_listed(missing)}"] if missing else []
    what = (
        f"tau: {drawing.label(y)}, as a multiple of the best"
        if cost
        else f"tau below the best: {drawing.label(y)}"
    )
    what = "tau: |objective - best| / |best|" if y == "objective" else what
    drawing.finish(axes, what, "share of problems within tau", notes)
    return axes


def _against(frame: DataFrame, against: str | None) -> str:
    """The column on the horizontal axis."""
    if against is None:
        several = "depth" in frame and instances.ended(frame)["depth"].nunique() > 1
        against = "depth" if several else "n"
    values = numbers(frame, against, "against")
    require(not np.isnan(values).all(), "against", "must have a value in some trial", against)
    return against


def _places(rows: DataFrame, against: str) -> tuple[Reals, bool]:
    """Place of each trial; zeros, and True, for a solver without such a setting."""
    x = numbers(rows, against, "against")
    flat = bool(np.isnan(x).all())
    return np.zeros(len(x)) if flat else x, flat


def _check_count(names: list[str], argument: str, value: object, by: str) -> None:
    """Raises `InvalidInput` for no series, and for more than can be told apart."""
    require(len(names) > 0, argument, "must have values in trials that ended well", value)
    rule = f"must give at most {MOST_SERIES} series; plot a part of the table. There are {len(names)}"
    require(len(names) <= MOST_SERIES, "by", f"{rule}: {_listed(names)}", by)


def _counted(frame: DataFrame, tables: list[DataFrame]) -> list[str]:
    """How many problems stand behind the medians, and how many trials failed."""
    problems = len(set().union(*(table["problem"] for table in tables)))
    return [f"median and quartiles of {problems} problem{'s' * (problems != 1)}", *_failed(frame)]


def _failed(frame: DataFrame) -> list[str]:
    failed = len(frame) - len(instances.ended(frame))
    return [f"{failed} failed trial{'s' * (failed != 1)} left out"] if failed else []


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:MOST_SERIES]) + (", ..." if len(names) > MOST_SERIES else "")
