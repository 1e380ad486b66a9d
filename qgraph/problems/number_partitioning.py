"""Number partitioning: two sets of numbers whose sums differ least."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from qgraph.base.checks import require
from qgraph.base.frozen import FrozenDict, constant
from qgraph.base.typing import ArrayLike, Reals
from qgraph.problems.base import BitProblem, check_bits
from qgraph.problems.ising import Ising, from_arrays
from qgraph.problems.program import Program, common_step
from qgraph.problems.sense import Sense
from qgraph.problems.terms import entries, finite_number, node_name

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
        given = entries("numbers", numbers)
        require(len(given) > 0, "numbers", "must have at least one number", numbers)
        names = [node_name("numbers", name) for name in given]
        require(len(set(names)) == len(names), "numbers", "must have names that differ as text", names)
        self._nodes = tuple(names)
        values = [finite_number(f"numbers[{name!r}]", value) for name, value in given.items()]
        for name, value in zip(given, values, strict=True):
            rule = f"must be positive and at most {LARGEST:g}"
            require(0 < value <= LARGEST, f"numbers[{name!r}]", rule, value)
        self.numbers = constant(np.array(values))

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
        unit = common_step(self.numbers)
        return unit**2 if unit and self.numbers.sum() // unit % 2 else 0.0

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
