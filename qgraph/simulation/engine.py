"""What a simulated state can be asked, whatever holds its amplitudes.

Costs are counted from the problem's offset, so that a large constant costs no precision.
"""

from __future__ import annotations

from typing import Any, Protocol

from qgraph.base.typing import Amplitudes, Bits, Integers, NDArray, Reals
from qgraph.problems.ising import Ising

WEIGHT, PRODUCT, SQUARE, LEAST, LARGEST = range(5)  # the columns of a histogram


class Vector(Protocol):
    """Amplitudes over `size` basis states, of which each stored one may stand for `copies`.

    Copy 1 of stored state i is basis state `size - 1 - i`. Stored states come in runs of equal length.
    """

    @property
    def size(self) -> int:
        """The number of basis states."""

    @property
    def copies(self) -> int:
        """How many basis states a stored one stands for."""

    @property
    def held(self) -> tuple[NDArray[Any], ...]:
        """The arrays that make the state: vectors of one problem are equal where these are."""

    def amplitudes(self) -> Amplitudes:
        """All amplitudes: complex[size]."""

    def probabilities(self) -> Reals:
        """All probabilities: float64[size]."""

    def moments(self) -> tuple[float, float]:
        """Mean and variance of the cost."""

    def histogram(self, low: float, high: float, bins: int) -> Reals:
        """Sums over the costs in [low, high]: float64[bins, 5].

        The columns are the sums of p, p c and p c^2, and the least and largest c (infinite if none).
        """

    def run_sums(self) -> tuple[Reals, Reals]:
        """The sum and the largest of the stored probabilities of each run."""

    def run(self, number: int) -> Reals:
        """The stored probabilities of a run."""

    def locate(self, points: Reals, sums: Reals) -> Integers:
        """The stored states at which the running sum of p first exceeds each of the sorted points."""


class BitVector(Vector, Protocol):
    """Amplitudes over all bit strings."""

    def part_of(self, other: Ising, high: float) -> tuple[float, float]:
        """Sums of p and p c where another Ising model's cost c, without its offset, is at most `high`."""


class Evaluator(Protocol):
    """Evaluates the mean cost of one problem, with a state or without."""

    def expectation(self, gammas: Reals, betas: Reals) -> float:
        """The mean cost."""

    def gradient(self, gammas: Reals, betas: Reals) -> tuple[float, Reals]:
        """The mean cost and its derivatives: float64[2, p]."""


class Engine(Protocol):
    """Evolves one problem: its costs are prepared once."""

    def evolve(self, gammas: Reals, betas: Reals) -> Vector:
        """The state |gammas, betas>, in arrays of its own."""

    def expectation(self, gammas: Reals, betas: Reals) -> float:
        """The mean cost; arrays are reused."""

    def gradient(self, gammas: Reals, betas: Reals, share: float = 1.0) -> tuple[float, Reals]:
        """The mean cost of the best share, and its derivatives: float64[2, p]; arrays are reused."""

    def extremes(self) -> tuple[float, float]:
        """The least and the largest cost."""


class Basis(Protocol):
    """The basis of a state: which bits each index stands for, and what C is there."""

    size: int
    feasible: bool  # whether all of them keep the rules

    @property
    def mean(self) -> float:
        """The mean of C over all basis states."""

    def bits(self, indices: Integers) -> Bits:
        """The bits of basis states: int64[k] to uint8[k, n]."""

    def costs(self) -> Reals:
        """C of all basis states: float64[size]."""
