"""What simulates a problem: protocols of engines, bases and evolved states.

Costs are counted from the problem's offset, so that a large constant costs no precision.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, Protocol

import numpy as np

from qgraph.base.typing import Amplitudes, Angles, Bits, Integers, NDArray, Reals
from qgraph.problems.ising import Ising

WEIGHT, PRODUCT, SQUARE, LEAST, LARGEST = range(5)  # the columns of a histogram
ROWS_AT_ONCE = 2**16  # bit strings that are formed at a time


class Evaluator(Protocol):
    """Evaluates the mean cost, with a state or without."""

    def expectation(self, gammas: Angles, betas: Angles) -> float:
        """The mean cost."""

    def gradient(self, gammas: Angles, betas: Angles) -> tuple[float, Angles]:
        """The mean cost and its derivatives: float64[2, p]."""


class Engine(Evaluator, Protocol):
    """Evolves one problem. Its costs are prepared once; arrays are reused where no state is returned."""

    def evolve(self, gammas: Angles, betas: Angles) -> Evolved:
        """The state |gammas, betas>, in arrays of its own."""

    def gradient(self, gammas: Angles, betas: Angles, share: float = 1.0) -> tuple[float, Angles]:
        """The mean cost of the best share, and its derivatives: float64[2, p]."""

    @property
    def extremes(self) -> tuple[float, float]:
        """The least and the largest cost."""


class Basis(Protocol):
    """The basis states: their bits and their costs. An index stands for each, or a row of a route's stops."""

    size: int
    feasible: bool  # whether all of them keep the rules

    @property
    def mean(self) -> float:
        """The mean of C over all basis states, offset included."""

    def bits(self, indices: Integers) -> Bits:
        """The bits of k basis states: uint8[k, n]."""

    def costs(self) -> Reals:
        """C of all basis states, offset included: float64[size]."""

    def guess(self, shots: int, rng: np.random.Generator) -> Integers:
        """Uniformly random basis states."""


class Evolved(Protocol):
    """An evolved state, stored or not: the mean of its costs, and measurements."""

    @property
    def held(self) -> tuple[NDArray[Any], ...]:
        """The arrays that define the state: states of one problem are equal where these are."""

    def moments(self) -> tuple[float, float]:
        """Mean and variance of the cost."""

    def optimum_probability(self, best: float, tolerance: float) -> float:
        """The probability that the cost lies within `tolerance` of `best`, the best of all costs."""

    def measure(self, shots: int, rng: np.random.Generator) -> Integers:
        """The basis states that `shots` measurements find, in no particular order."""

    def marginals(self, basis: Basis, n: int) -> Reals:
        """The probability that each of the n bits is 1: float64[n]."""


class Vector(Evolved, ABC):
    """An evolved state with amplitudes over `size` basis states; a stored one may stand for two `copies`.

    Copy 1 of stored state i is basis state `size - 1 - i`. Stored states come in runs of equal length.
    """

    size: int
    copies: int

    @abstractmethod
    def amplitudes(self) -> Amplitudes:
        """All amplitudes: complex[size]."""

    @abstractmethod
    def probabilities(self) -> Reals:
        """All probabilities: float64[size]."""

    @abstractmethod
    def histogram(self, low: float, high: float, bins: int) -> Reals:
        """Sums over the costs in [low, high]: float64[bins, 5].

        The columns are the sums of p, p c and p c^2, and the least and largest c (infinite if none).
        """

    @abstractmethod
    def run_sums(self) -> tuple[Reals, Reals]:
        """The sum and the largest of the stored probabilities of each run."""

    @abstractmethod
    def run(self, number: int) -> Reals:
        """The stored probabilities of a run."""

    @abstractmethod
    def locate(self, points: Reals, sums: Reals) -> Integers:
        """The stored states at which the running sum of p first exceeds each of the sorted points."""

    def moments(self) -> tuple[float, float]:
        """See `Evolved`."""
        norm, first, second = self.histogram(-np.inf, np.inf, 1)[0, : SQUARE + 1].tolist()
        return first / norm, max(0.0, second / norm - (first / norm) ** 2)

    def optimum_probability(self, best: float, tolerance: float) -> float:
        """See `Evolved`."""
        return float(self.histogram(best - tolerance, best + tolerance, 1)[0, WEIGHT])

    def measure(self, shots: int, rng: np.random.Generator) -> Integers:
        """See `Evolved`: indices, int64[shots]."""
        sums, _ = self.run_sums()
        total = float(np.cumsum(sums)[-1])
        stored = self.locate(np.sort(rng.random(shots)) * total, sums)
        if self.copies == 1:
            return stored
        return np.where(rng.integers(0, 2, shots) == 1, self.size - 1 - stored, stored)

    def marginals(self, basis: Basis, n: int) -> Reals:
        """See `Evolved`."""
        if self.copies == 2:  # flipping all spins changes nothing
            return np.full(n, 0.5)
        sums, _ = self.run_sums()
        if self.size == 2**n:  # the bits are those of the index
            within = sum((self.run(number) for number in range(len(sums))), np.zeros(1))
            return np.array(_marginals(within) + _marginals(sums))
        total, start = np.zeros(n), 0
        for number in range(len(sums)):
            p = self.run(number)
            for part in np.array_split(p, max(1, len(p) // ROWS_AT_ONCE)):
                bits = basis.bits(np.arange(start, start + len(part)))
                total += np.sum(part[:, None] * bits, axis=0)
                start += len(part)
        return total


class BitVector(Vector):
    """A vector over all bit strings."""

    @abstractmethod
    def part_of(self, other: Ising, high: float) -> tuple[float, float]:
        """Sums of p and p c where another Ising model's cost c, without its offset, is at most `high`."""


def _marginals(p: Reals) -> list[float]:
    """For each bit of the indices of float64[2**k], the sum of p where it is 1."""
    sums = []
    while len(p) > 1:
        low, high = np.split(p, 2)
        sums.append(float(high.sum()))
        p = low + high
    return sums[::-1]
