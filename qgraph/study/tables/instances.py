"""Statistics of a study's table. Their unit is the problem: seeds tell about one problem alone.

So each statistic takes the median over the seeds of a problem first, and then looks at the problems.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from qgraph.base.checks import is_real, require
from qgraph.base.errors import printable
from qgraph.base.typing import Flags, Reals
from qgraph.study.columns import ASKED, FOUND, SEED

if TYPE_CHECKING:
    from pandas import DataFrame
    from pandas import Series as Column

FACTS = {column.name for column in (*ASKED, SEED, *FOUND)}  # the other columns are settings of solvers
LOWER_IS_BETTER = ("seconds", "evaluations", "memory", "shots")
OF_ANSWERS = ("objective", "best_ratio", "gap")  # infeasible answers have none
EQUAL = 1e-9  # relative difference of values that count as equal, as in `compare`


class Series(NamedTuple):
    """The trials of one solver with one value of each setting, or another part of a table, with its name.

    `own` has the values that tell it from the others.
    """

    name: str
    own: dict[str, Any]
    rows: DataFrame

    @property
    def ended(self) -> DataFrame:
        """The trials that ended well."""
        return ended(self.rows)


def ended(frame: DataFrame) -> DataFrame:
    """The trials that ended well."""
    return frame[frame["error"].isna()] if "error" in frame else frame


def split(frame: DataFrame, by: str, against: str | None = None) -> list[Series]:
    """The parts of a table that may be put into one statistic, in the table's order.

    These are the values of `by`, and of a solver and its settings where one value of `by` has several, unless
    they are on the axis: with the median over depths 1 to 5 nobody is served. Raises `InvalidInput`.
    """
    require(isinstance(by, str) and by in frame, "by", "must be a column of the study", by)
    frame = frame.reset_index(drop=True)
    names = words(frame[by], by)
    place = [names.rename("series"), words(frame["problem"], ""), words(frame["seed"], "")]
    place += [words(frame[against], "")] if against else []
    rest = [name for name in frame if name not in FACTS | {"depth"}]
    used = [by]
    for column in ["solver", "depth", *rest]:
        if column in (by, against) or column not in frame:
            continue
        if column in rest and not _repeated(place):
            break  # trials differ in what was used so far; further columns are not of the solver
        own = words(frame[column], column)
        several = own.groupby(names).transform("nunique") > 1
        if several.any():
            used.append(column)
            names = names.where(~several, names + ", " + own)
            place[0] = names.rename("series")
    parts = frame.groupby(names, sort=False)
    return [Series(str(name), dict(rows[used].iloc[0]), rows) for name, rows in parts]


def _repeated(place: list[Column]) -> bool:
    import pandas

    return bool(pandas.concat(place, axis=1).duplicated().any())


def words(column: Column, name: str) -> Column:
    """The values as text: names as they are, numbers with the column's name."""
    import pandas

    missing = column.isna()
    texts = [f"no {name}" if gone else _word(x, name) for x, gone in zip(column, missing, strict=True)]
    return pandas.Series(texts, index=column.index, dtype=object, name=name)


def _word(value: object, name: str) -> str:
    if isinstance(value, str):
        return printable(value)
    return f"{name} {float(value):.10g}" if is_real(value) else f"{name} {value}"


def numbers(frame: DataFrame, column: object, argument: str) -> Reals:
    """A column as float64[trials], NaN where there is no value. Raises `InvalidInput` that names `argument`.

    >>> import pandas
    >>> numbers(pandas.DataFrame({"depth": [1, None]}), "depth", "against")
    array([ 1., nan])
    """
    known = isinstance(column, str) and column in frame
    require(known, argument, "must be a column of the study", column)
    values = frame[column]
    missing = values.isna()
    real = all(is_real(x) for x in values[~missing].unique()) if _plain(values) else False
    require(real, argument, "must be a column of numbers", column)
    return np.array(values.astype(object).where(~missing, math.nan), dtype=np.float64)


def answers(frame: DataFrame, column: str, argument: str) -> Reals:
    """A column of numbers; NaN for infeasible answers where it is about the answer."""
    values = numbers(frame, column, argument)
    return np.where(keeps_rules(frame), values, np.nan) if column in OF_ANSWERS else values


def _plain(values: Column) -> bool:
    """Whether no value is a list."""
    return values.dtype != object or not any(isinstance(x, (list, tuple, np.ndarray)) for x in values)


def of_problems(rows: DataFrame, values: Reals, *, x: Reals | None = None, mean: bool = False) -> DataFrame:
    """The median of the values over the seeds of each problem, or their mean; NaN is left out.

    A table with the columns `problem`, `x` and `y`; `x` is 0 if not given.
    """
    import pandas

    places = np.zeros(len(rows)) if x is None else x
    table = pandas.DataFrame({"problem": rows["problem"].to_numpy(), "x": places, "y": values}).dropna()
    grouped = table.groupby(["x", "problem"], sort=True, observed=True)["y"]
    return (grouped.mean() if mean else grouped.median()).reset_index()


def quartiles(values: Reals) -> Reals:
    """float64[3]: lower quartile, median, upper quartile; NaN if there are no values. Infinity is a number.

    >>> quartiles(np.array([1.0, 2.0, 3.0, np.inf, np.inf]))
    array([ 2.,  3., inf])
    """
    if len(values) == 0:
        return np.full(3, np.nan)
    ordered = np.sort(values)
    places = np.array([0.25, 0.5, 0.75]) * (len(values) - 1)
    low, high = ordered[np.floor(places).astype(int)], ordered[np.ceil(places).astype(int)]
    apart = low != high  # infinity minus infinity is no number
    low[apart] += (places % 1)[apart] * (high[apart] - low[apart])
    found: Reals = low
    return found


def reached(frame: DataFrame) -> Reals:
    """1 where the answer is an optimum, 0 where not, NaN where no trial of the study knows the optimum."""
    objective, optimum = numbers(frame, "objective", "frame"), numbers(frame, "optimum", "frame")
    spread = np.abs(numbers(frame, "random", "frame") - optimum)
    tolerance = EQUAL * np.fmax(np.abs(optimum), spread)
    missed = np.where(frame["sense"] == "maximize", optimum - objective, objective - optimum)
    hit = (missed <= tolerance) & keeps_rules(frame)
    return np.where(np.isnan(optimum), np.nan, hit.astype(np.float64))


def keeps_rules(frame: DataFrame) -> Flags:
    """False for infeasible answers."""
    if "feasible" not in frame:
        return np.ones(len(frame), dtype=np.bool_)
    values = zip(frame["feasible"], frame["feasible"].isna(), strict=True)
    return np.array([gone or bool(x) for x, gone in values], dtype=np.bool_)
