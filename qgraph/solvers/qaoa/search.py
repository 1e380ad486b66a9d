"""The search for angles: local optimisations with exact gradients, within a budget."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from qgraph.base.typing import Reals
from qgraph.problems.sense import sign
from qgraph.simulation.deadline import Deadline
from qgraph.simulation.simulator import Simulator
from qgraph.solvers.budget import StoppedBy
from qgraph.solvers.qaoa import schedules
from qgraph.solvers.qaoa.best import Best
from qgraph.solvers.qaoa.pace import Pace
from qgraph.solvers.qaoa.schedules import Angles
from qgraph.solvers.qaoa.units import Units
from qgraph.solvers.result import Step

EQUAL_VALUES = 100  # equal values may differ by so many tolerances of the optimiser


@dataclass(frozen=True)
class Progress:
    """What a callback is told after each iteration; `value` is the optimised value so far at `depth`."""

    depth: int
    final_depth: int
    evaluations: int
    value: float
    seconds: float
    gammas: tuple[float, ...]
    betas: tuple[float, ...]


class _Stop(Exception):
    """The search ends; the budget's `stopped_by` says why."""


class AngleSearch:
    """Local optimisations that share a budget, a history and a callback; `pace` keeps time for samples."""

    def __init__(
        self, simulator: Simulator, final_depth: int, *, cvar: float, max_iterations: int, pace: Pace
    ) -> None:
        self.simulator = simulator
        self.final_depth = final_depth
        self.cvar = cvar
        self.max_iterations = max_iterations
        self.pace = pace
        self.units = Units.of(simulator)
        # The relative change of the optimised value that ends a local optimisation.
        self.tolerance = 1e-13 if simulator.precision == "double" else 1e-7
        self.best = Best(tolerance=EQUAL_VALUES * self.tolerance)
        self.history: list[Step] = []
        self.evaluations = 0

    @property
    def stopped_by(self) -> StoppedBy:
        """What ended the search."""
        return self.pace.budget.stopped_by or self.best.ended

    @property
    def climb(self) -> list[tuple[Angles, float]]:
        """The best angles and the optimised value of each depth; the last are the search's answer."""
        points = self.best.climb(stopped=self.pace.budget.stopped_by is not None)
        return [(self.units.angles(point.x), self.units.value(point.loss)) for point in points]

    def method(self, depth: int) -> str:
        """The method for the optimised value. Raises `ProblemTooLarge` or `InvalidInput` if there is none."""
        if self.cvar == 1:
            return self.simulator.choice(depth).method
        return self.simulator.require_state("`cvar` below 1")

    def run(self, first: Angles | None, starts: int, rng: np.random.Generator) -> None:
        """Optimise from `first` at the final depth; without it, climb there from depth 1.

        Raises `ProblemTooLarge` if the time does not allow one evaluation.
        """
        try:
            self._prepare(climbs=first is None)
            if first is None:
                self._climb(starts, rng)
            else:
                self._best_of(schedules.perturbed(first, starts, rng))
        except _Stop:
            pass
        except KeyboardInterrupt:
            self.pace.budget.stopped_by = "interrupt"
            if not self.climb:
                raise
        if not self.climb:
            self.pace.refuse(1 if first is None else self.final_depth)

    def _prepare(self, *, climbs: bool) -> None:
        """Refuse early what no method can do, or not in time."""
        share = 2 if climbs else 1  # if the last depth is not planned in time, smaller depths may still be
        try:
            with Deadline(time.perf_counter() + self.pace.budget.left / share).kept():
                self.method(self.final_depth)
        except TimeoutError:
            if not climbs:
                self.pace.refuse(self.final_depth)
        self.pace.calibrate(self.final_depth, climbs=climbs)

    def _climb(self, starts: int, rng: np.random.Generator) -> None:
        """Optimise depth by depth, each from the interpolated angles of the depth before, and never worse."""
        side = -sign(self.simulator.problem)
        self._best_of(schedules.first_depth(self.units.gamma, side, starts, rng, self.simulator.mixer))
        for _ in range(self.final_depth - 1):
            gammas, betas = self.units.angles(self.best.deepen().x)
            longer = schedules.interpolate(gammas), schedules.interpolate(betas)
            self._best_of(schedules.perturbed(longer, starts, rng))
            if self.best.is_behind:
                self._best_of([((*gammas, 0.0), (*betas, 0.0))])

    def _best_of(self, candidates: Sequence[Angles]) -> None:
        """Local optima from several starts of one depth, offered to `best`. Raises `_Stop`."""
        for angles in candidates:
            self.best.begin_start()
            depth = len(angles[0])
            if self.evaluations:  # the first evaluation may take all the time
                self.pace.reserve(depth)
                if self.pace.over(depth):
                    raise _Stop
            self.best.end_start(converged=self._descend(self.units.point(angles)))

    def _descend(self, x: Reals) -> bool:
        """Go down to a local optimum; False if the iterations ran out before."""
        if self.max_iterations == 0:
            self._loss(x)
            self._iterated()
            return False
        from scipy.optimize import minimize

        options = {"maxiter": self.max_iterations, "ftol": self.tolerance, "gtol": 1e-9}
        found = minimize(self._loss, x, jac=True, method="L-BFGS-B", callback=self._iterated, options=options)
        return int(found.nit) < self.max_iterations

    def _loss(self, x: Reals) -> tuple[float, Reals]:
        gammas, betas = self.units.angles(x)
        try:
            value, gradient = self.pace.gradient(np.array(gammas), np.array(betas), self.cvar)
        except TimeoutError:
            self.pace.budget.stopped_by = "time_limit"
            raise _Stop from None
        self.evaluations += 1
        if self.evaluations == 1:
            self.pace.reserve(len(gammas))
        loss, slope = self.units.loss(value, gradient)
        self.best.offer(loss, x)
        if self.pace.over():
            raise _Stop
        return loss, slope

    def _iterated(self, _: object = None) -> None:
        point = self.best.point
        gammas, betas = self.units.angles(point.x)
        value, depth, budget = self.units.value(point.loss), len(gammas), self.pace.budget
        self.history.append(Step(depth=depth, evaluations=self.evaluations, value=value))
        self.pace.reserve(depth)
        progress = Progress(depth, self.final_depth, self.evaluations, value, budget.seconds, gammas, betas)
        share = len(self.best.shorter) / self.final_depth
        budget.found(value, "expectation" if self.cvar == 1 else "CVaR", share)
        with Deadline().kept():  # the caller's own work has no deadline
            if budget.over(progress):
                raise _Stop
