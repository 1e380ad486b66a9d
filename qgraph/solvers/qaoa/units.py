"""The units in which the optimiser sees angles and C."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np

from qgraph.base.checks import require
from qgraph.base.typing import Reals
from qgraph.problems.sense import sign
from qgraph.simulation.simulator import Simulator
from qgraph.solvers.qaoa import schedules
from qgraph.solvers.qaoa.schedules import Angles

LEAST_TERM = 1e-96  # gammas are about the inverse of C's terms, and must be at most 1e100


@dataclass(frozen=True)
class Units:
    """The optimiser's units: its tolerances must not depend on how large the weights are.

    A loss is the distance of <C> from `offset + mean`, the mean of C over all basis states, in units of its
    standard deviation `spread`. Gammas are in units of `gamma`, the scale on which the landscape varies.
    `side` is 1 if C is minimised, and -1 if it is maximised. Betas that differ by `period` are equivalent.
    """

    side: float
    offset: float
    mean: float
    spread: float
    gamma: float
    period: float

    @classmethod
    def of(cls, simulator: Simulator, *, warm: bool) -> Self:
        """The units for this problem, mixer and start, which may be a warm start."""
        period = {"transverse_field": np.pi, "grover": 2 * np.pi, "swap": np.pi}[simulator.mixer]
        if simulator.mixer == "transverse_field":
            ising = simulator.problem.to_ising()
            if ising.flip_symmetric and not warm:  # a quarter turn of all spins flips them
                period = np.pi / 2
            mean, spread = 0.0, float(np.linalg.norm([np.linalg.norm(ising.h), np.linalg.norm(ising.J)]))
            spread, gamma = spread or 1.0, schedules.typical_gamma(ising)
        else:
            state = simulator.state([], [])
            mean, spread = state.expectation() - simulator.offset, state.variance() ** 0.5
            spread = spread or abs(state.optimum() - state.worst()) or 1.0  # squares of tiny times are 0
            gamma = 1.0 / spread
        rule = (
            f"must have terms of at least {LEAST_TERM:g} in size (scale its weights: gammas are the inverse)"
        )
        require(gamma <= 1 / LEAST_TERM, "problem", rule, float(f"{1 / gamma:.3g}"))
        return cls(sign(simulator.problem), simulator.offset, mean, spread, gamma, period)

    def point(self, angles: Angles) -> Reals:
        """Angles as the optimiser sees them: float64[2 p]."""
        return (np.array(angles) / [[self.gamma], [1.0]]).ravel()

    def angles(self, x: Reals) -> Angles:
        """The angles (rad) of a point."""
        gammas, betas = self.rows(x).tolist()
        return tuple(gammas), tuple(betas)

    def rows(self, x: Reals) -> Reals:
        """The same as an array: float64[2, p]."""
        return x.reshape(2, -1) * self._scales

    @cached_property
    def _scales(self) -> Reals:
        """Of gammas and betas: float64[2, 1]."""
        return np.array([[self.gamma], [1.0]])

    @cached_property
    def _slopes(self) -> Reals:
        """Of the loss by a point, for a slope 1 of C by the angles: float64[2, 1]."""
        return np.array([[self.side * self.gamma / self.spread], [self.side / self.spread]])

    def loss(self, value: float, gradient: Reals) -> tuple[float, Reals]:
        """The loss and its gradient, from C - offset and its gradient by the angles."""
        return self.side * (value - self.mean) / self.spread, (gradient * self._slopes).ravel()

    def value(self, loss: float) -> float:
        """C of a loss."""
        return self.offset + self.mean + self.side * self.spread * loss
