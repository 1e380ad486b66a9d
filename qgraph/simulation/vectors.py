"""What a simulated state can be asked, whatever holds its amplitudes.

Costs are counted from the problem's offset, so that a large constant costs no precision.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np

from qgraph.problems.ising import from_arrays

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from qgraph.problems.ising import Ising

BINS = 4096
EXACT = 1e-13  # costs closer than this, relative to the range, are one

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

    def amplitudes(self) -> NDArray[np.complexfloating]:
        """All amplitudes: complex[size]."""

    def probabilities(self) -> NDArray[np.float64]:
        """All probabilities: float64[size]."""

    def moments(self) -> tuple[float, float]:
        """Mean and variance of the cost."""

    def histogram(self, low: float, high: float, bins: int) -> NDArray[np.float64]:
        """Sums over the costs in [low, high]: float64[bins, 5].

        The columns are the sums of p, p c and p c^2, and the least and largest c (infinite if none).
        """

    def run_sums(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The sum and the largest of the stored probabilities of each run."""

    def run(self, number: int) -> NDArray[np.float64]:
        """The stored probabilities of a run."""

    def locate(self, points: NDArray[np.float64], sums: NDArray[np.float64]) -> NDArray[np.int64]:
        """The stored states at which the running sum of p first exceeds each of the sorted points."""


class BitVector(Vector, Protocol):
    """Amplitudes over all bit strings."""

    def part_of(self, other: Ising, high: float) -> tuple[float, float]:
        """Sums of p and p c where another Ising model's cost c, without its offset, is at most `high`."""


class Evaluator(Protocol):
    """Evaluates the mean cost of one problem, with a state or without."""

    def expectation(self, gammas: NDArray[np.float64], betas: NDArray[np.float64]) -> float:
        """The mean cost."""

    def gradient(
        self, gammas: NDArray[np.float64], betas: NDArray[np.float64]
    ) -> tuple[float, NDArray[np.float64]]:
        """The mean cost and its derivatives: float64[2, p]."""


class Engine(Protocol):
    """Evolves one problem: its costs are prepared once."""

    def evolve(self, gammas: NDArray[np.float64], betas: NDArray[np.float64]) -> Vector:
        """The state |gammas, betas>, in arrays of its own."""

    def expectation(self, gammas: NDArray[np.float64], betas: NDArray[np.float64]) -> float:
        """The mean cost; arrays are reused."""

    def gradient(
        self, gammas: NDArray[np.float64], betas: NDArray[np.float64], share: float = 1.0
    ) -> tuple[float, NDArray[np.float64]]:
        """The mean cost of the best share, and its derivatives: float64[2, p]; arrays are reused."""

    def extremes(self) -> tuple[float, float]:
        """The least and the largest cost."""


class Tail(NamedTuple):
    """The best share of a distribution: its last value, and its mean (the CVaR)."""

    quantile: float
    mean: float


def tail(vector: Vector, sense: str, share: float) -> Tail:
    """The best `share` of the probability, by histograms that close in on the quantile.

    Conditional value at risk: Barkoutsos et al., arXiv:1907.04769, section 3.
    """
    order = 1 if sense == "minimize" else -1
    table = vector.histogram(-math.inf, math.inf, 1)
    total, low, high = share * table[0, WEIGHT], table[0, LEAST], table[0, LARGEST]
    finest, weight, product = EXACT * (high - low), 0.0, 0.0
    while high - low > finest:
        table = vector.histogram(low, high, BINS)[::order]
        filled = np.flatnonzero(np.isfinite(table[:, LEAST]))
        reached = weight + np.cumsum(table[:, WEIGHT])
        place = next((b for b in filled if reached[b] >= total), filled[-1])
        weight += table[:place, WEIGHT].sum()
        product += table[:place, PRODUCT].sum()
        low, high = table[place, LEAST], table[place, LARGEST]
    quantile = float(low if order == 1 else high)
    return Tail(quantile, float(product + (total - weight) * quantile) / float(total))


def probability_near(vector: Vector, value: float, tolerance: float) -> float:
    """The probability that the cost lies within `tolerance` of `value`."""
    return float(vector.histogram(value - tolerance, value + tolerance, 1)[0, WEIGHT])


def feasible_part(
    vector: BitVector, model: Ising, rules: Ising, extremes: tuple[float, float]
) -> tuple[float, float | None]:
    """The probability that all rules are kept, and the mean cost there (None if it is 0).

    `rules` is 0 where all are kept and at least 1 elsewhere. The cost is divided by twice its range, so that
    it varies by 1/2. Where `rules` is added, a limit 1/4 above its largest value tells whether all are kept,
    and one look at the state gives both numbers.
    """
    low, high = extremes
    unit = 2 * (high - low) or 1.0
    pairs, J = np.concatenate([model.pairs, rules.pairs]), np.concatenate([model.J / unit, rules.J])
    both = from_arrays(model.nodes, model.h / unit + rules.h, pairs, J, 0.0, model.sense)
    weight, product = vector.part_of(both, high / unit + 0.25 - rules.offset)
    if weight <= 0:
        return 0.0, None
    total = vector.copies * float(vector.run_sums()[0].sum())
    mean = (product / weight + rules.offset) * unit
    return min(1.0, weight / total), min(max(mean, low), high)


def most_likely(vector: Vector, k: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The `k` most probable basis states, ties by index: (indices, probabilities).

    The stored ones among them lie in the k runs with the largest maxima, so only those are looked into.
    """
    _, maxima = vector.run_sums()
    runs = np.argsort(-maxima, kind="stable")[:k]
    p = np.concatenate([vector.run(int(run)) for run in runs])
    length = len(p) // len(runs)
    stored = (runs[:, None] * length + np.arange(length)).ravel()
    best = np.lexsort((stored, -p))[:k]
    indices = np.concatenate([stored[best], vector.size - 1 - stored[best]][: vector.copies])
    p = np.concatenate([p[best]] * vector.copies)
    order = np.lexsort((indices, -p))[:k]
    return indices[order], p[order]


def measured(vector: Vector, shots: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """The basis states that `shots` measurements find, in no particular order: int64[shots]."""
    sums, _ = vector.run_sums()
    total = float(np.cumsum(sums)[-1])
    stored = vector.locate(np.sort(rng.random(shots)) * total, sums)
    if vector.copies == 1:
        return stored
    return np.where(rng.integers(0, 2, shots) == 1, vector.size - 1 - stored, stored)
