"""Tables of a study: solvers side by side, and two solvers on the same problems."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from qgraph.base.checks import require, require_number, require_seed
from qgraph.base.frozen import Frozen
from qgraph.base.typing import Reals
from qgraph.study.tables import instances
from qgraph.study.tables.instances import EQUAL, LOWER_IS_BETTER, Series, numbers, of_problems, quartiles

if TYPE_CHECKING:
    from pandas import DataFrame

MEASURES = ("best_ratio", "gap", "normalized_ratio", "optimum_probability", "evaluations", "seconds")
COUNTS = ("trials", "failed", "problems", "optimum_known", "feasible", "optimum_found")
RANDOM = "(random answers)"
ROUNDING = 1e-15  # of ratios near 0
Chosen = str | tuple[str, int]


def summary(frame: DataFrame, by: str = "solver") -> DataFrame:
    """A row for each value of the column `by`, and for each setting of which a solver has several values.

    - `trials`, and how many of them `failed`; failed trials are in no other column.
    - `problems`, and of how many the optimum is known (`optimum_known`).
    - `feasible`, `optimum_found`: the share of seeds whose answer keeps all rules, and whose answer is an
      optimum where one is known; the mean over problems.
    - the median over problems of the median over seeds, with the quartiles over problems (`_25`, `_75`), of
      `best_ratio`, `gap`, `normalized_ratio`, `optimum_probability`, `evaluations` and `seconds`. `gap` is
      the distance of feasible answers to the optimum or, where it is unknown, to the best bound of the study:
      |objective - it| / |it|.

    The last row has random answers: their ratios are 0 by definition, their gap is that of the mean of C.
    Raises `InvalidInput` if there is no column `by`.

    >>> import pandas
    >>> rows = [("ring", "greedy", 0, 3.0, None), ("ring", "exact", 0, 4.0, None)]
    >>> frame = pandas.DataFrame(rows, columns=["problem", "solver", "seed", "objective", "error"])
    >>> frame = frame.assign(optimum=4.0, random=2.0, sense="maximize", best_ratio=[0.5, 1.0], bound=4.0)
    >>> summary(frame)[["solver", "optimum_found", "best_ratio", "gap"]]
                 solver  optimum_found  best_ratio   gap
    0            greedy            0.0         0.5  0.25
    1             exact            1.0         1.0  0.00
    2  (random answers)            NaN         0.0  0.50
    """
    import pandas

    frame = frame.reset_index(drop=True)
    frame = frame.assign(gap=_gaps(frame, "objective"))
    parts = instances.split(frame, by)
    rows = [{**part.own, **_counts(part), **_medians(part.ended)} for part in parts]
    own = list(dict.fromkeys([by, *(name for part in parts for name in part.own)]))
    baseline = instances.ended(frame).drop_duplicates("problem")
    blank = baseline[[]].assign(problem=baseline["problem"], gap=_gaps(baseline, "random"))
    known = np.where(np.isnan(numbers(baseline, "optimum", "frame")), np.nan, 0.0)
    blank = blank.assign(best_ratio=known, normalized_ratio=known)
    if rows:
        counts = {"problems": len(blank), "optimum_known": int((known == 0).sum())}
        rows.append({by: RANDOM, **counts, **_medians(blank)})
    columns = [*own, *COUNTS, *(f"{name}{end}" for name in MEASURES for end in ("", "_25", "_75"))]
    table = pandas.DataFrame(rows, columns=columns)
    table = table.astype(dict.fromkeys(columns[len(own) :], "float64"))
    kinds = table[own].convert_dtypes().dtypes
    whole = ["trials", "failed", "problems", "optimum_known"]
    return table.astype(dict.fromkeys(whole, "Int64") | {name: kinds[name] for name in own[1:]})


def _gaps(frame: DataFrame, column: str) -> Reals:
    """|C - limit| / |limit|; the limit is the optimum or else the best bound of the problem, if any."""
    maximize = (frame["sense"] == "maximize").to_numpy(dtype=bool)
    bound = frame["bound"].astype("float64")
    tightest = bound.groupby(frame["problem"])
    limit = np.where(maximize, tightest.transform("min"), tightest.transform("max"))
    optimum = numbers(frame, "optimum", "frame")
    limit = np.where(np.isnan(optimum), limit, optimum)
    limit[limit == 0] = np.nan
    return np.asarray(np.abs(numbers(frame, column, "frame") - limit) / np.abs(limit))


def _counts(part: Series) -> dict[str, Any]:
    rows = part.ended
    hits = instances.reached(rows)
    feasible = of_problems(rows, instances.keeps_rules(rows).astype(np.float64), mean=True)["y"]
    found = of_problems(rows, hits, mean=True)["y"]
    return {
        "trials": len(part.rows),
        "failed": len(part.rows) - len(rows),
        "problems": rows["problem"].nunique(),
        "optimum_known": len(found),
        "feasible": float(feasible.mean()),
        "optimum_found": float(found.mean()),
    }


def _medians(rows: DataFrame) -> dict[str, float]:
    found: dict[str, float] = {}
    for name in MEASURES:
        if name in rows:
            values = of_problems(rows, instances.answers(rows, name, "frame"))["y"].to_numpy()
            low, middle, high = (float(x) for x in quartiles(values))
            found |= {name: middle, f"{name}_25": low, f"{name}_75": high}
    return found


class Paired(Frozen):
    """Two solvers on the same problems: differences are those of `first` minus `second`.

    `wins` counts the problems on which `first` is better; `unpaired` those that only one of them answered,
    and `failed` the trials that were left out. `median_interval` and `mean_interval` are None for a single
    pair.
    """

    first: str
    second: str
    y: str
    pairs: int
    unpaired: int
    failed: int
    wins: int
    ties: int
    losses: int
    median_difference: float
    median_interval: tuple[float, float] | None
    mean_difference: float
    mean_interval: tuple[float, float] | None
    confidence: float
    p_value: float

    def __repr__(self) -> str:
        beaten = f"{self.first} is better on {self.wins}, equal on {self.ties}, worse on {self.losses}"
        problems = f"{self.pairs} problem{'s' * (self.pairs != 1)}"
        left_out = f" Problems without a pair: {self.unpaired}." if self.unpaired else ""
        left_out += f" Failed trials left out: {self.failed}." if self.failed else ""
        median = _with_interval(self.median_difference, self.median_interval)
        mean = _with_interval(self.mean_difference, self.mean_interval)
        level = f"{100 * self.confidence:.6g} % bootstrap intervals over problems"
        return (
            f"{self.first} against {self.second}, {self.y} of {problems}: {beaten}.\n"
            f"Difference: median {median}, mean {mean} ({level}).\n"
            f"Wilcoxon signed-rank test: p = {self.p_value:.3g}.{left_out}"
        )


def _with_interval(value: float, interval: tuple[float, float] | None) -> str:
    return f"{value:.4g}" + ("" if interval is None else " [{:.4g}, {:.4g}]".format(*interval))


def paired(
    frame: DataFrame,
    first: Chosen,
    second: Chosen,
    y: str = "best_ratio",
    *,
    confidence: float = 0.95,
    seed: int = 0,
) -> Paired:
    """Two solvers on the same problems, by the column `y`: the median over seeds of each problem.

    `first` and `second` are labels of solvers, or (label, depth) where a solver has several depths. Less is
    better for costs (`seconds`, `evaluations`, `memory`, `shots`) and for values of C (`objective`,
    `expectation`) that are minimized; of everything else, more. Values that differ by rounding are ties.

    The intervals are bootstrapped over problems with 9999 resamples (`scipy.stats.bootstrap`): that of the
    mean by BCa, that of the median by percentiles, since BCa needs smooth statistics (Efron, Tibshirani, An
    Introduction to the Bootstrap, chapter 14). The p value is two-sided, of Wilcoxon's signed-rank test
    without ties (`scipy.stats.wilcoxon`); it is 1 where all are ties.

    Raises `InvalidInput` for unknown solvers and columns, and if no problem has values of both.

    >>> import pandas
    >>> rows = [(p, s, 0, x, None) for p in "abc" for s, x in (("qaoa", 0.75), ("greedy", 0.5))]
    >>> frame = pandas.DataFrame(rows, columns=["problem", "solver", "seed", "best_ratio", "error"])
    >>> paired(frame, "qaoa", "greedy")
    qaoa against greedy, best_ratio of 3 problems: qaoa is better on 3, equal on 0, worse on 0.
    Difference: median 0.25 [0.25, 0.25], mean 0.25 [0.25, 0.25] (95 % bootstrap intervals over problems).
    Wilcoxon signed-rank test: p = 0.25.
    """
    level = require_number("confidence", confidence, 0.0, 1.0)
    require(0 < level < 1, "confidence", "must lie between 0 and 1", confidence)
    require_seed(seed)
    numbers(frame, y, "y")
    parts = [_chosen(frame, chosen, name) for chosen, name in ((first, "first"), (second, "second"))]
    one, other = (of_problems(p.ended, _finite(p, y)).set_index("problem")["y"] for p in parts)
    common = one.index.intersection(other.index)
    require(len(common) > 0, "second", f"must have values of {y} on problems of `first`", second)
    a, b = one[common].to_numpy(), other[common].to_numpy()
    differences = np.where(np.isclose(a, b, rtol=EQUAL, atol=ROUNDING), 0.0, a - b)
    ahead = differences * _directions(parts[0], y, common)
    return Paired(
        first=parts[0].name,
        second=parts[1].name,
        y=y,
        pairs=len(common),
        unpaired=len(one.index.union(other.index)) - len(common),
        failed=sum(len(part.rows) - len(part.ended) for part in parts),
        wins=int((ahead > 0).sum()),
        ties=int((ahead == 0).sum()),
        losses=int((ahead < 0).sum()),
        median_difference=float(np.median(differences)),
        median_interval=_interval(differences, "percentile", level, seed),
        mean_difference=float(np.mean(differences)),
        mean_interval=_interval(differences, "BCa", level, seed),
        confidence=level,
        p_value=_wilcoxon(differences),
    )


def _chosen(frame: DataFrame, chosen: object, argument: str) -> Series:
    """The trials of a solver, at one depth where it has several."""
    pair = chosen if isinstance(chosen, tuple) and len(chosen) == 2 else (chosen, None)
    label, depth = pair
    known = list(dict.fromkeys(map(str, frame["solver"])))
    require(label in known, argument, f"must be a solver of the study, one of {', '.join(known)}", chosen)
    rows = frame[(frame["solver"] == label).to_numpy(dtype=bool)]
    if depth is not None:
        depths = numbers(rows, "depth", argument) if "depth" in rows else np.full(len(rows), np.nan)
        has = ", ".join(f"{x:g}" for x in np.unique(depths[~np.isnan(depths)])) or "none"
        rows = rows[depths == depth]
        require(len(rows) > 0, argument, f"must have a depth of {label}, one of {has}", chosen)
    parts = instances.split(rows, "solver")
    names = ", ".join(part.name for part in parts[:8])
    rule = f"must be one series, (label, depth) or of a part of the table; there are {names}"
    require(len(parts) == 1, argument, rule, chosen)
    name = str(label) if depth is None else f"{label}, depth {depth:g}"
    return parts[0]._replace(name=name)


def _finite(part: Series, y: str) -> Reals:
    values = instances.answers(part.ended, y, "y")
    return np.where(np.isfinite(values), values, np.nan)


def _directions(part: Series, y: str, problems: Any) -> Reals:
    """1 for each problem where more is better, -1 where less is."""
    if y in LOWER_IS_BETTER:
        return np.full(len(problems), -1.0)
    if y not in ("objective", "expectation"):
        return np.ones(len(problems))
    senses = part.ended.drop_duplicates("problem").set_index("problem")["sense"]
    return np.where(senses[problems] == "minimize", -1.0, 1.0)


def _interval(values: Reals, method: str, confidence: float, seed: int) -> tuple[float, float] | None:
    """From a bootstrap; None for a single value, and the value itself where all are equal."""
    from scipy.stats import bootstrap

    if len(values) < 2:
        return None
    if np.ptp(values) <= EQUAL * np.abs(values).max():
        return float(values.min()), float(values.max())
    statistic = np.mean if method == "BCa" else np.median
    options = {"confidence_level": confidence, "batch": max(1, 10**7 // len(values))}
    random = np.random.default_rng(seed)
    found = bootstrap((values,), statistic, method=method, random_state=random, **options).confidence_interval
    low, high = float(found.low), float(found.high)
    return None if math.isnan(low + high) else (low, high)


def _wilcoxon(differences: Reals) -> float:
    from scipy.stats import wilcoxon

    return float(wilcoxon(differences).pvalue) if differences.any() else 1.0
