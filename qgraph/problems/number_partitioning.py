"""Number partitioning: two sets of numbers whose sums differ least."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from qgraph.base.checks import require
from qgraph.base.errors import InvalidInput
from qgraph.base.fields import as_name, finite
from qgraph.base.frozen import FrozenDict, constant
from qgraph.base.typing import ArrayLike, Reals
from qgraph.problems.base import BitProblem, check_bits
from qgraph.problems.ising import Ising, from_arrays
from qgraph.problems.program import Program
from qgraph.problems.sense import Sense

EXACT = 2.0**53  # whole numbers below it are exact
LARGEST = 1e45  # squares of sums are then within what an Ising model holds


class NumberPartitioning(BitProblem[Ising]):
    """`C(x) = (sum_i a_i s_i)^2`, the squared difference of two sums; minimised, 0 if they are equal.

    No rule can be broken, so there is no penalty. As an Ising model, `J_ij = 2 a_i a_j`. `numbers` are
    positive; a sequence is named "0", "1", ..., a mapping by its keys. Source: Lucas, arXiv:1302.5843,
    section 2.1.

    >>> NumberPartitioning([4, 3, 2, 1]).objective([[0, 1, 1, 0], [0, 1, 0, 0]])
    array([ 0., 16.])
    >>> NumberPartitioning([4, 3, 2]).to_ising().J
    array([24., 16., 12.])
    """

    sense: Sense = "minimize"

    def __init__(self, numbers: Sequence[float] | Mapping[Any, float] | Reals) -> None:
        row = isinstance(numbers, (Mapping, list, tuple)) or (
            isinstance(numbers, np.ndarray) and numbers.ndim == 1
        )
        require(row, "numbers", "must be a mapping or a sequence", numbers)
        require(len(numbers) > 0, "numbers", "must have at least one number", numbers)
        given = numbers if isinstance(numbers, Mapping) else dict(enumerate(numbers))
        names = [as_name(name) for name in given]
        for name in names:
            require(isinstance(name, str) and name != "", "numbers", "must be named by text", name)
        require(len(set(names)) == len(names), "numbers", "must have names that differ as text", names)
        self._nodes = tuple(map(str, names))
        self.numbers = constant(np.array([_number(name, given[name]) for name in given]))

    @property
    def _summary(self) -> str:
        return f"{len(self.numbers)} numbers, sum {self.numbers.sum():.6g}"

    @cached_property
    def _ising(self) -> Ising:
        a = self.numbers
        i, j = np.triu_indices(len(a), 1)
        pairs = np.stack([i, j], axis=1)
        offset = float(np.square(a).sum())
        return from_arrays(self.nodes, np.zeros(len(a)), pairs, 2 * a[i] * a[j], offset, self.sense)

    @property
    def trivial_bound(self) -> float:
        """0, or the square of the numbers' greatest common divisor if the sum is an odd multiple of it."""
        numbers = self.numbers
        if not (numbers == np.round(numbers)).all() or numbers.sum() >= EXACT:
            return 0.0
        unit = math.gcd(*numbers.astype(np.int64).tolist())
        return float(unit**2) if int(numbers.sum()) // unit % 2 else 0.0

    def objective(self, bits: ArrayLike) -> Reals:
        """The squared difference of the sums: bits[..., n] to float64[...]."""
        values = check_bits(bits, len(self.nodes))
        return np.square(np.sum(self.numbers * (1.0 - 2.0 * values), axis=-1))  # type: ignore[no-any-return]

    def to_program(self) -> Program:
        """See `BitProblem`: the least difference, of which C is the square."""
        program = Program(self.sense)
        bits = program.add_columns(self.nodes, 0.0)
        total = float(self.numbers.sum())
        gap = program.add_columns(["difference"], 1.0, whole=False, upper=total)
        columns = np.concatenate([bits, gap])
        program.add_rows(columns, [*(2 * self.numbers), 1.0], low=total)
        program.add_rows(columns, [*(-2 * self.numbers), 1.0], low=-total)
        return program

    @property
    def arguments(self) -> dict[str, Any]:
        """See `BitProblem`."""
        return {"numbers": FrozenDict(zip(self.nodes, self.numbers.tolist(), strict=True))}


def _number(name: object, value: object) -> float:
    argument = f"numbers[{name!r}]"
    try:
        number = finite(value)
    except ValueError as error:
        raise InvalidInput(f"`{argument}` {error}") from None
    require(0 < number <= LARGEST, argument, f"must be positive and at most {LARGEST:g}", value)
    return number
