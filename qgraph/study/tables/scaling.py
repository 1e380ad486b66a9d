"""Numbers behind the figures of a study: runs to a solution, losses of a profile, exponential fits."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from qgraph.base.typing import Reals
from qgraph.study.tables.instances import (
    EQUAL,
    LOWER_IS_BETTER,
    Series,
    keeps_rules,
    numbers,
    of_problems,
    reached,
)

if TYPE_CHECKING:
    from pandas import DataFrame
    from pandas import Series as Column

RESAMPLES = 2000
FEWEST_PROBLEMS = 5  # for an interval


def runs(probability: Reals, confidence: float) -> Reals:
    """How many runs succeed at least once with the given confidence: ln(1 - confidence) / ln(1 - p).

    At least 1, not rounded up, and infinite where p is 0. Source: Ronnow et al., Defining and detecting
    quantum speedup, Science 345, 420 (2014), "time to solution".

    >>> runs(np.array([0.0, 0.5, 0.9, 1.0]), 0.99).round(2)
    array([ inf, 6.64, 2.  , 1.  ])
    """
    with np.errstate(divide="ignore"):
        failing = np.log1p(-np.clip(probability, 0.0, 1.0))
        return np.asarray(np.maximum(1.0, math.log1p(-confidence) / failing))


class Costs(NamedTuple):
    """A row per problem and x. `infinite` of `total` trials or problems never succeed."""

    table: DataFrame
    infinite: int
    total: int


def costs_in_shots(rows: DataFrame, x: Reals, confidence: float, *, layers: bool) -> Costs:
    """Shots of QAOA until it shows an optimum, or their circuit layers: the median over seeds."""
    cost = runs(numbers(rows, "optimum_probability", "unit"), confidence)
    if layers:
        cost = cost * numbers(rows, "depth", "unit")
    return Costs(of_problems(rows, cost, x=x), int(np.isinf(cost).sum()), int((~np.isnan(cost)).sum()))


def costs_in_seconds(rows: DataFrame, x: Reals, confidence: float) -> Costs:
    """Seconds of repeated runs until one finds an optimum: from the share of seeds, and their mean time."""
    hits, seconds = reached(rows), numbers(rows, "seconds", "unit")
    unknown = np.isnan(hits) | np.isnan(seconds)
    hits[unknown] = seconds[unknown] = np.nan
    table = of_problems(rows, hits, x=x, mean=True)
    needed = runs(table["y"].to_numpy(), confidence)
    time = of_problems(rows, seconds, x=x, mean=True)["y"].to_numpy()
    table["y"] = np.where(np.isinf(needed), math.inf, needed) * np.fmax(time, np.finfo(float).tiny)
    return Costs(table, int(np.isinf(needed).sum()), len(needed))


def losses(part: Series, y: str, target: float) -> Column:
    """What a profile compares, lower is better: each problem's median over seeds, infinite if unsolved."""
    rows = part.ended
    values = numbers(rows, y, "y")
    if y in LOWER_IS_BETTER:
        hits, ratios = reached(rows), numbers(rows, "best_ratio", "target")
        solved = (ratios >= target - EQUAL) | ((target <= 1) & (hits == 1))
        values = np.where(np.isnan(hits), np.nan, np.where(solved, values, math.inf))
    elif y == "objective":
        lost = np.where(rows["sense"] == "maximize", -values, values)
        values = np.where(keeps_rules(rows), lost, math.inf)
    else:
        values = np.where(keeps_rules(rows) | (y != "best_ratio"), -values, math.inf)
    column: Column = of_problems(rows, values).set_index("problem")["y"]
    return column


def distances(losses: Reals, *, ratio: bool, relative: bool) -> Reals:
    """How far each solver is from the best one, as float64[problems, solvers]; infinite where unsolved.

    The `ratio` of losses, their difference, or their `relative` difference.

    >>> distances(np.array([[1.0, 3.0], [np.inf, np.nan]]), ratio=True, relative=False)
    array([[ 1.,  3.], [inf, inf]])
    """
    known = np.where(np.isfinite(losses), losses, math.inf)
    best = known.min(axis=1, keepdims=True)
    best = np.where(np.isfinite(best), best, 0.0)
    if ratio:
        with np.errstate(divide="ignore", invalid="ignore"):  # costs of 0
            away = np.where(known == best, 1.0, known / best)
    else:
        away = (known - best) / (np.where(best == 0, 1.0, np.abs(best)) if relative else 1.0)
    return np.asarray(away)


class Fit(NamedTuple):
    """y = a 2^(-b x): log2 a, b, and their resamples. `left_out` values were 0 and have no logarithm."""

    log_a: float
    b: float
    problems: int
    left_out: int
    samples: Reals

    @property
    def interval(self) -> tuple[float, float] | None:
        """Of b, with 95 % confidence; None for fewer than 5 problems."""
        if self.problems < FEWEST_PROBLEMS:
            return None
        half = self._factor * float(self.samples[:, 1].std(ddof=1))
        return self.b - half, self.b + half

    @property
    def _factor(self) -> float:
        from scipy.stats import t

        return float(t.ppf(0.975, self.problems - 2))

    def band(self, x: Reals) -> Reals:
        """float64[3, x]: lower end, curve, upper end, with 95 % confidence at each x."""
        middle = self.log_a - self.b * x
        if self.problems < FEWEST_PROBLEMS:
            return np.exp2([np.full(len(x), np.nan), middle, np.full(len(x), np.nan)])
        half = self._factor * (self.samples[:, :1] - self.samples[:, 1:] * x).std(axis=0, ddof=1)
        return np.exp2([middle - half, middle, middle + half])


def exponential(table: DataFrame) -> Fit | None:
    """Least squares of log2 y against x over the rows of `of_problems`. None for fewer than two x.

    Resamples draw problems with replacement: the values of one problem at several x stay together. An
    interval is the estimate +- t (problems - 2 degrees of freedom) times their standard deviation:
    percentiles of so few problems would be too narrow.
    """
    positive = table[table["y"] > 0]
    if positive["x"].nunique() < 2:
        return None
    owner, x = positive["problem"].factorize()[0], positive["x"].to_numpy()
    y = np.log2(positive["y"].to_numpy())
    origin = x.mean()  # keeps the sums below small
    x = x - origin
    sums = np.zeros((owner.max() + 1, 5))
    np.add.at(sums, owner, np.stack([np.ones_like(x), x, y, x * x, x * y], axis=1))
    drawn = np.random.default_rng(0).multinomial(len(sums), np.full(len(sums), 1 / len(sums)), size=RESAMPLES)
    count, sx, sy, sxx, sxy = np.concatenate([sums.sum(axis=0)[None], drawn @ sums]).T
    spread = count * sxx - sx**2
    fits = spread > 1e-9 * spread[0]  # a resample may have one x alone
    b = -(count * sxy - sx * sy)[fits] / spread[fits]
    log_a = sy[fits] / count[fits] + b * (sx[fits] / count[fits] + origin)
    samples = np.stack([log_a, b], axis=1)[1:]
    return Fit(float(log_a[0]), float(b[0]), len(sums), len(table) - len(positive), samples)
