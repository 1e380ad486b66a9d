"""The search for angles: local optimisations with exact gradients, for as long as a budget lasts."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from qgraph.base.checks import require
from qgraph.base.typing import Reals
from qgraph.problems.base import sign
from qgraph.simulation.deadline import Deadline
from qgraph.simulation.simulator import Simulator
from qgraph.solvers.budget import Budget, StoppedBy
from qgraph.solvers.qaoa import schedules
from qgraph.solvers.qaoa.pace import Pace
from qgraph.solvers.qaoa.schedules import Angles
from qgraph.solvers.result import Step

LEAST_TERM = 1e-96  # gammas are about the inverse of C's terms, and must be at most 1e100


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


@dataclass(frozen=True)
class Found:
    """A point of the search: the loss there, and the angles in the search's units, gammas first."""

    loss: float
    x: Reals


NOTHING = Found(math.inf, np.zeros(0))


class _Stop(Exception):
    pass


class AngleSearch:
    """Local optimisations that share a budget, a history and a callback.

    `deadline` is that of this thread; `pace`, where there is a time limit, keeps time for samples in the end.
    """

    def __init__(
        self,
        simulator: Simulator,
        final_depth: int,
        *,
        cvar: float,
        max_iterations: int,
        pace: Pace | None,
        budget: Budget,
        deadline: Deadline,
        callback: Callable[[Progress], bool | None] | None,
    ) -> None:
        self.simulator = simulator
        self.final_depth = final_depth
        self.cvar = cvar
        self.max_iterations = max_iterations
        self.pace = pace
        self._gradient = pace.gradient if pace else simulator.centred_gradient
        self.budget = budget
        self.deadline = deadline
        self.callback = callback
        self.sign = sign(simulator.problem)
        self.mean, self.spread = _uniform_moments(simulator)
        self.unit = _gamma_unit(simulator, self.spread)
        self.history: list[Step] = []
        self.evaluations = 0
        self.ended: StoppedBy = "convergence"
        self.tolerance = 1e-13 if simulator.precision == "double" else 1e-7
        # Angles all negated give the same outcomes: of equals the first stays, however they round.
        self.tie = 100 * self.tolerance
        self._leads = False
        self._shorter = self._best = NOTHING  # of the depth before, and of this depth

    @property
    def stopped_by(self) -> StoppedBy:
        """What ended the search."""
        return self.budget.stopped_by or self.ended

    @property
    def chosen(self) -> Found:
        """The best of the deepest schedules; of those before, if it was cut short before it caught up."""
        behind = self._best.loss > self._shorter.loss
        return self._shorter if behind and self.budget.stopped_by else self._best

    @property
    def angles(self) -> Angles:
        """The angles that were chosen."""
        return self._angles(self.chosen.x)

    @property
    def value(self) -> float:
        """The optimised value there."""
        return self._value(self.chosen.loss)

    def method(self, depth: int) -> str:
        """What evaluates the optimised value. Raises `ProblemTooLarge` or `InvalidInput` if nothing can."""
        if self.cvar == 1:
            return self.simulator.choice(depth).method
        return self.simulator.require_state("`cvar` below 1")

    def run(self, first: Angles | None, starts: int, rng: np.random.Generator) -> None:
        """Optimise from `first` at the final depth; without it, climb there from depth 1.

        Raises `ProblemTooLarge` if the time allows not one evaluation.
        """
        try:
            self._prepare(climbs=first is None)
            if first is None:
                self._climb(starts, rng)
            else:
                self._best_of(schedules.perturbed(first, starts, rng))
        except KeyboardInterrupt:
            self.budget.stopped_by = "interrupt"
            if self.chosen is NOTHING:
                raise
        if self.pace and self.chosen is NOTHING:
            self.pace.refuse(1 if first is None else self.final_depth)

    def _prepare(self, *, climbs: bool) -> None:
        """Refuse now what no method can do, or not in time."""
        share = 2 if climbs else 1  # smaller depths may be had if the last is not even planned in time
        try:
            with Deadline(time.perf_counter() + self.budget.left / share).kept():
                self.method(self.final_depth)
        except TimeoutError:
            if self.pace and not climbs:
                self.pace.refuse(self.final_depth)
        if self.pace:
            self.pace.calibrate(self.final_depth, climbs=climbs)

    def _climb(self, starts: int, rng: np.random.Generator) -> None:
        """Depth by depth, each from the interpolated angles of the depth before, or as good as these."""
        first = schedules.first_depth(self.unit, -self.sign, starts, rng, self.simulator.mixer)
        self._best_of(first)
        for _ in range(self.final_depth - 1):
            if self.budget.stopped_by:
                break
            self._shorter, (gammas, betas) = self._best, self._angles(self._best.x)
            longer = schedules.interpolate(gammas), schedules.interpolate(betas)
            self._best_of(schedules.perturbed(longer, starts, rng))
            if not self.budget.stopped_by and self._best.loss > self._shorter.loss + self.tie:
                self._best_of([((*gammas, 0.0), (*betas, 0.0))], beside=self._best)

    def _best_of(self, candidates: Sequence[Angles], beside: Found = NOTHING) -> None:
        """The best local optimum from several starts of one depth, if it is better than what is there."""
        self._best = beside
        for gammas, betas in candidates:
            self._leads = False
            x = np.array([np.array(gammas) / self.unit, betas]).ravel()
            before = self._best.loss
            if self.pace and self.evaluations:  # the first is worth all the time there is
                self.pace.reserve(len(gammas))
                if self.pace.evaluation(len(gammas)) > self.deadline.moment - time.perf_counter():
                    self.budget.stopped_by = "time_limit"
                    break
            try:
                finished = self._descend(x)
            except _Stop:
                break
            if self._best.loss < before:
                self.ended = "convergence" if finished else "iterations"

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
        gammas, betas = self._angles(x)
        try:
            value, gradient = self._gradient(np.array(gammas), np.array(betas), self.cvar)
        except TimeoutError:
            self.budget.stopped_by = "time_limit"
            raise _Stop from None
        self.evaluations += 1
        if self.pace and self.evaluations == 1:
            self.pace.reserve(len(gammas))
        loss = self.sign * (value - self.mean) / self.spread
        if loss < self._best.loss - (0 if self._leads else self.tie):
            self._best, self._leads = Found(loss, x.copy()), True
        if time.perf_counter() > self.deadline.moment:
            self.budget.stopped_by = "time_limit"
            raise _Stop
        scaled = self.sign * gradient * [[self.unit / self.spread], [1.0 / self.spread]]
        return loss, scaled.ravel()

    def _iterated(self, _: object = None) -> None:
        gammas, betas = self._angles(self._best.x)
        value = self._value(self._best.loss)
        self.history.append(Step(depth=len(gammas), evaluations=self.evaluations, value=value))
        if self.pace:
            self.pace.reserve(len(gammas))
        if self.callback is None:
            return
        seconds = self.budget.seconds
        progress = Progress(len(gammas), self.final_depth, self.evaluations, value, seconds, gammas, betas)
        with Deadline().kept():  # what the caller computes there has no deadline
            stop = self.callback(progress)
        if stop:
            self.budget.stopped_by = "callback"
            raise _Stop

    def _angles(self, x: Reals) -> Angles:
        gammas, betas = x.reshape(2, -1)
        return tuple((gammas * self.unit).tolist()), tuple(betas.tolist())

    def _value(self, loss: float) -> float:
        return self.simulator.offset + self.mean + self.sign * self.spread * loss


def _uniform_moments(simulator: Simulator) -> tuple[float, float]:
    """Mean, counted from the offset, and standard deviation of C over all basis states.

    The optimiser sees C in these units: its tolerances must not depend on how large the weights are.
    """
    if simulator.mixer != "transverse_field":
        state = simulator.state([], [])
        mean, spread = state.expectation() - simulator.offset, state.variance() ** 0.5
        spread = spread or abs(state.optimum() - state.worst())  # squares of tiny times are 0
    else:
        ising = simulator.problem.to_ising()
        mean, spread = 0.0, float(np.linalg.norm([np.linalg.norm(ising.h), np.linalg.norm(ising.J)]))
    return mean, spread if spread > 0 else 1.0


def _gamma_unit(simulator: Simulator, spread: float) -> float:
    """The scale on which the landscape varies with gamma: angles are optimised in this unit."""
    if simulator.mixer != "transverse_field":
        unit = 1.0 / spread
    else:
        unit = schedules.typical_gamma(simulator.problem.to_ising())
    rule = f"must have terms of at least {LEAST_TERM:g} in size (scale its weights: gammas are the inverse)"
    require(unit <= 1 / LEAST_TERM, "problem", rule, float(f"{1 / unit:.3g}"))
    return unit
