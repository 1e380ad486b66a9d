"""States as plain NumPy arrays, evolved by reference.py, for tests and machines without a compiler."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from qgraph.base.typing import Amplitudes, Angles, Integers, NDArray, Reals
from qgraph.problems.ising import Ising
from qgraph.simulation.engine import LARGEST, LEAST, BitVector
from qgraph.simulation.readout import tail
from qgraph.simulation.vector import reference


class DenseVector(BitVector):
    """Costs and amplitudes of all basis states, in one run."""

    copies = 1

    def __init__(self, costs: Reals, amplitudes: Amplitudes, phase: complex) -> None:
        self.size = len(costs)
        self._costs = costs
        self._amplitudes = amplitudes
        self._phase = phase
        self._p = reference.probabilities(amplitudes)

    def __reduce__(self) -> tuple[Any, ...]:
        return DenseVector, (self._costs, self._amplitudes, self._phase)

    @property
    def held(self) -> tuple[NDArray[Any], ...]:
        """See `Vector`."""
        return self._amplitudes, np.array(self._phase)

    def amplitudes(self) -> Amplitudes:
        """See `Vector`."""
        return (self._amplitudes * self._phase).astype(self._amplitudes.dtype)

    def probabilities(self) -> Reals:
        """See `Vector`."""
        return self._p.copy()

    def moments(self) -> tuple[float, float]:
        """See `Vector`."""
        norm = float(np.sum(self._p))
        mean = float(np.sum(self._p * self._costs)) / norm
        return mean, float(np.sum(self._p * np.square(self._costs - mean))) / norm

    def histogram(self, low: float, high: float, bins: int) -> Reals:
        """See `Vector`."""
        inside = (self._costs >= low) & (self._costs <= high)
        costs, p = self._costs[inside], self._p[inside]
        place = np.zeros(len(costs), dtype=np.int64)
        if bins > 1 and high > low:
            unit = 2.0**250 if high - low < 1e-250 else 1.0  # bins of a tiny range have no finite inverse
            scale = bins / ((high - low) * unit)
            place = np.minimum(((costs - low) * unit * scale).astype(np.int64), bins - 1)
        table = np.zeros((bins, 5))
        for column, weights in enumerate((p, p * costs, p * costs**2)):
            table[:, column] = np.bincount(place, weights, minlength=bins)
        table[:, LEAST], table[:, LARGEST] = math.inf, -math.inf
        np.minimum.at(table[:, LEAST], place, costs)
        np.maximum.at(table[:, LARGEST], place, costs)
        return table

    def part_of(self, other: Ising, high: float) -> tuple[float, float]:
        """See `BitVector`."""
        costs = reference.cost_diagonal(other.h, other.coupling_matrix())
        inside = costs <= high
        return float(np.sum(self._p[inside])), float(np.sum(self._p[inside] * costs[inside]))

    def run_sums(self) -> tuple[Reals, Reals]:
        """See `Vector`."""
        return np.array([self._p.sum()]), np.array([self._p.max()])

    def run(self, number: int) -> Reals:  # noqa: ARG002 (there is only one)
        """See `Vector`."""
        return self._p

    def locate(self, points: Reals, sums: Reals) -> Integers:  # noqa: ARG002
        """See `Vector`."""
        return np.minimum(np.searchsorted(np.cumsum(self._p), points, side="right"), self.size - 1)


@dataclass(eq=False)
class DenseEngine:
    """Evolves an array of all costs under a mixer, from `start` or the uniform superposition.

    The costs are counted from `offset`, which only changes the phase of all amplitudes. Means are those of
    `observable`, or of the costs.
    """

    costs: Reals
    mixer: reference.Mixer
    dtype: type[np.complexfloating]
    sense: str
    offset: float = 0.0
    start: Reals | None = None
    observable: Reals | None = None

    def evolve(self, gammas: Angles, betas: Angles) -> DenseVector:
        """See `Engine`."""
        phase = complex(np.exp(-1j * self.offset * gammas.sum()))
        return DenseVector(self.costs, self._evolved(gammas, betas), phase)

    def _evolved(self, gammas: Angles, betas: Angles) -> Amplitudes:
        angles = gammas.tolist(), betas.tolist()
        return reference.evolve(self.costs, self.mixer, *angles, self.dtype, self.start)

    def expectation(self, gammas: Angles, betas: Angles) -> float:
        """See `Engine`."""
        return _mean(self._evolved(gammas, betas), self._measured)

    @property
    def _measured(self) -> Reals:
        return self.costs if self.observable is None else self.observable

    def gradient(self, gammas: Angles, betas: Angles, share: float = 1.0) -> tuple[float, Reals]:
        """See `Engine`."""
        state = self._evolved(gammas, betas)
        values = self._measured
        if share < 1:
            quantile, _ = tail(DenseVector(self.costs, state, 1), self.sense, share)
            values = tail_values(self.costs, quantile, self.sense, share)
        value = _mean(state, values)
        gradient = reference.gradient(state, self.costs, values, self.mixer, gammas.tolist(), betas.tolist())
        return value, gradient

    @cached_property
    def extremes(self) -> tuple[float, float]:
        """See `Engine`."""
        return float(self.costs.min()), float(self.costs.max())


def _mean(state: Amplitudes, values: Reals) -> float:
    p = reference.probabilities(state)
    return float(np.sum(p * values) / np.sum(p))


def tail_values(costs: Reals, quantile: float, sense: str, share: float) -> Reals:
    """The diagonal observable whose mean is the CVaR: q -+ max(0, +-(q - c)) / share at the quantile q.

    With q held fixed its derivative is the CVaR's (Rockafellar and Uryasev 2000, theorem 1).
    """
    flip = 1.0 if sense == "minimize" else -1.0
    values: Reals = quantile + flip * np.minimum(flip * (costs - quantile), 0.0) / share
    return values
