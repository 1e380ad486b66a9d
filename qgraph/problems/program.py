"""Mixed-integer linear programs, for exact solvers and LP files."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from qgraph.base.typing import ArrayLike, Integers, Reals, Sparse
from qgraph.problems.sense import Sense

TERMS_A_LINE = 8
EXACT = 2.0**53  # whole numbers below it are exact


class Rows(NamedTuple):
    """`low <= values @ x[columns] <= high`, several rows at once: columns and values are [rows, terms]."""

    columns: Integers
    values: Reals
    low: Reals
    high: Reals


@dataclass
class Program:
    """The best `offset + costs @ x` over columns x from 0 to `upper`, some whole, that satisfy all rows.

    The first columns are the bits of the problem, in their order, unless the problem says otherwise.
    """

    sense: Sense
    offset: float = 0.0
    names: list[str] = field(default_factory=list)
    costs: list[float] = field(default_factory=list)
    upper: list[float] = field(default_factory=list)
    whole: list[bool] = field(default_factory=list)
    rows: list[Rows] = field(default_factory=list)

    def add_columns(
        self, names: Sequence[str], costs: ArrayLike, *, whole: bool = True, upper: float = 1.0
    ) -> Integers:
        """New columns from 0 to `upper`, and their numbers."""
        first = len(self.names)
        self.names += names
        self.costs += np.broadcast_to(np.asarray(costs, dtype=np.float64), len(names)).tolist()
        self.upper += [upper] * len(names)
        self.whole += [whole] * len(names)
        return np.arange(first, len(self.names))

    def add_rows(
        self, columns: ArrayLike, values: ArrayLike, low: float = -math.inf, high: float = math.inf
    ) -> None:
        """New rows that have the same number of terms: columns int64[rows, terms], values float64[terms]."""
        places = np.atleast_2d(np.asarray(columns, dtype=np.int64))
        if places.size:
            factors = np.broadcast_to(np.asarray(values, dtype=np.float64), places.shape)
            limits = (np.full(len(places), limit) for limit in (low, high))
            self.rows.append(Rows(places, factors, *limits))

    def add_differences(self, pairs: Integers, costs: Reals) -> None:
        """A column for each pair of bits, 1 where they differ, with the rows that its cost makes necessary.

        Pairs of columns int64[m, 2], costs float64[m].
        """
        names = [f"{self.names[i]} and {self.names[j]} differ" for i, j in pairs.tolist()]
        table = np.column_stack([pairs, self.add_columns(names, costs, whole=False)])
        bad = (costs if self.sense == "minimize" else -costs) > 0
        self.add_rows(table[bad], [1.0, -1.0, -1.0], high=0.0)
        self.add_rows(table[bad][:, [1, 0, 2]], [1.0, -1.0, -1.0], high=0.0)
        self.add_rows(table[~bad], [1.0, 1.0, -1.0], low=0.0)
        self.add_rows(table[~bad], [1.0, 1.0, 1.0], high=2.0)

    @property
    def matrix(self) -> Sparse:
        """The coefficients of all rows: sparse float64[rows, columns]."""
        from scipy.sparse import csr_array

        lengths = [np.full(len(rows.low), rows.columns.shape[1]) for rows in self.rows]
        starts = np.concatenate([[0], np.cumsum(np.concatenate([np.zeros(0, np.int64), *lengths]))])
        columns = np.concatenate([np.zeros(0, np.int64), *(rows.columns.ravel() for rows in self.rows)])
        values = np.concatenate([np.zeros(0), *(rows.values.ravel() for rows in self.rows)])
        return csr_array((values, columns, starts), shape=(len(starts) - 1, len(self.names)))

    @property
    def step(self) -> float:
        """The least difference between objectives of whole-number answers; 0 if it is not known."""
        return common_step(np.array(self.costs))

    def to_lp(self, about: str) -> str:
        """The program as text in the LP format of CPLEX, which HiGHS, SCIP, CBC and Gurobi read.

        Integers are called x0, x1 and so on; comments say what they stand for.
        """
        return "\n".join(self._lines(about)) + "\n"

    def _lines(self, about: str) -> Iterator[str]:
        yield f"\\ {ascii(about)[1:-1]}"
        yield from (f"\\ x{column}: {ascii(name)[1:-1]}" for column, name in enumerate(self.names))
        yield "Minimize" if self.sense == "minimize" else "Maximize"
        some = [(column, cost) for column, cost in enumerate(self.costs) if cost]
        yield from _sum("obj:", [*some, ("constant", self.offset)] if self.offset else some)
        yield "Subject To"
        number = 0
        for rows in self.rows:
            for columns, values, low, high in zip(*rows, strict=True):
                terms = list(zip(columns.tolist(), values.tolist(), strict=True))
                for sign, limit in [("=", low)] if low == high else [(">=", low), ("<=", high)]:
                    if math.isfinite(limit):
                        yield from _sum(f"r{number}:", terms, f"{sign} {float(limit)!r}")
                        number += 1
        yield "Bounds"
        yield from (
            f" 0 <= x{column} <= {upper!r}" for column, upper in enumerate(self.upper) if math.isfinite(upper)
        )
        if self.offset:
            yield " constant = 1"
        yield "General"
        yield from (f" x{column}" for column, whole in enumerate(self.whole) if whole)
        yield "End"


def _sum(label: str, terms: Sequence[tuple[int | str, float]], end: str = "") -> Iterator[str]:
    words = [
        f"{'-' if value < 0 else '+'} {abs(value)!r} {column if isinstance(column, str) else f'x{column}'}"
        for column, value in terms
    ]
    lines = [" ".join(words[i : i + TERMS_A_LINE]) for i in range(0, len(words), TERMS_A_LINE)] or ["0 x0"]
    lines[-1] = f"{lines[-1]} {end}".rstrip()
    yield f" {label} {lines[0]}"
    yield from (f"   {line}" for line in lines[1:])


def common_step(terms: Reals) -> float:
    """The greatest common divisor of whole numbers: sums differ by multiples of it. 0 for others."""
    if not (terms == np.round(terms)).all() or np.abs(terms).sum() >= EXACT:
        return 0.0
    return float(math.gcd(*(int(term) for term in terms.tolist())))
