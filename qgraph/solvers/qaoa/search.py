"""The search for angles: local optimisations with exact gradients, within a budget."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from qgraph.base.typing import Reals
from qgraph.problems.sense import sign
from qgraph.simulation.deadline import Deadline
from qgraph.simulation.simulator import Simulator
from qgraph.solvers.budget import StoppedBy
from qgraph.solvers.qaoa import schedules
from qgraph.solvers.qaoa.best import Best
from qgraph.solvers.qaoa.descent import Minimum, descend, inverted, lengthened, measured
from qgraph.solvers.qaoa.pace import Pace
from qgraph.solvers.qaoa.schedules import Angles
from qgraph.solvers.qaoa.units import Units
from qgraph.solvers.result import Step

EQUAL_VALUES = 100  # equal values may differ by so many tolerances of the optimiser


@dataclass(frozen=True)
class Progress:
    """What a callback is told after each iteration; `value` is the optimised value so far at `depth`.

    >>> from qgraph import Graph, MaxCut, solve_qaoa
    >>> def stop_early(progress: Progress) -> bool:
    ...     return progress.value > 5.5
    >>> solve_qaoa(MaxCut(Graph.ring(8)), depth=2, seed=7, callback=stop_early).stopped_by
    'callback'
    """

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
        self,
        simulator: Simulator,
        final_depth: int,
        *,
        warm: bool,
        cvar: float,
        max_iterations: int,
        pace: Pace,
    ) -> None:
        self.simulator = simulator
        self.final_depth = final_depth
        self.cvar = cvar
        self.max_iterations = max_iterations
        self.pace = pace
        self.units = Units.of(simulator, warm=warm)
        # The relative change of the optimised value that ends a local optimisation.
        self.tolerance = 1e-13 if simulator.precision == "double" else 1e-7
        self.gap = 1e-11 if simulator.precision == "double" else 1e-7
        self.offset = 1e-5 if simulator.precision == "double" else 1e-2
        self.best = Best(tolerance=EQUAL_VALUES * self.tolerance)
        self.minima: list[Minimum] = []  # of this depth
        self.inverse: Reals | None = None  # of the curvature at this depth, as far as it is known
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

    def run(self, first: Angles | None, starts: int, rng: np.random.Generator) -> Iterator[int]:
        """Optimise from `first` at the final depth; without it, climb there from depth 1.

        At the end of each depth this yields it: the search's answer for that depth stands, and the caller
        may read it. A search that stops early yields the final depth. Raises `ProblemTooLarge` if the time
        does not allow one evaluation.
        """
        steps = self._steps(first, starts, rng)
        ended = 0
        while ended < self.final_depth:
            ended = self._next(steps)
            if not self.climb:
                self.pace.refuse(1 if first is None else self.final_depth)
            yield ended

    def _next(self, steps: Iterator[int]) -> int:
        """The next depth that ends, or the final depth if the search stops."""
        try:
            if self.pace.budget.stopped_by is None:  # else the caller's work was stopped
                with self.pace.deadline.kept():
                    return next(steps)
        except _Stop:
            pass
        except KeyboardInterrupt:
            self.pace.budget.stopped_by = "interrupt"
            if not self.climb:
                raise
        return self.final_depth

    def _steps(self, first: Angles | None, starts: int, rng: np.random.Generator) -> Iterator[int]:
        """The same without stops. Raises `_Stop`."""
        self._prepare(climbs=first is None)
        if first is None:
            yield from self._climb(starts, rng)
        else:
            self._best_of(schedules.perturbed(first, starts, rng))
            yield self.final_depth

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

    def _climb(self, starts: int, rng: np.random.Generator) -> Iterator[int]:
        """Optimise depth by depth, each from the interpolated angles of the depth before, and never worse."""
        side = -sign(self.simulator.problem)
        self._best_of(schedules.first_depth(self.units.gamma, side, starts, rng, self.simulator.mixer))
        yield 1
        for depth in range(2, self.final_depth + 1):
            gammas, betas = self.units.angles(self.best.deepen().x)
            self._lengthen()
            longer = schedules.interpolate(gammas), schedules.interpolate(betas)
            self._best_of(schedules.perturbed(longer, starts, rng))
            if self.best.is_behind:
                self._best_of([((*gammas, 0.0), (*betas, 0.0))])
            yield depth

    def _lengthen(self) -> None:
        """Guess the curvature of the next depth from that of the best point of this depth."""
        found, self.minima = self.minima, []
        leader = min(found, key=lambda minimum: minimum.loss, default=None)
        curvature = None if leader is None else leader.curvature
        if leader is not None and len(leader.x) == 2:  # a start may never have moved along one of the two
            curvature = measured(self._evaluated, leader, self.offset)
        self.inverse = None if curvature is None else inverted(lengthened(curvature))

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
        """Go down to a local optimum, or far enough to see that it is known; False if iterations ran out."""
        if self.max_iterations == 0:
            self._loss(x)
            self._iterated()
            return False
        found = descend(
            self._loss,
            x,
            self.inverse,
            most=self.max_iterations,
            gap=self.gap,
            iterated=self._iterated,
            known=self._is_known,
        )
        if found is None:
            return True
        if all(found.loss < minimum.loss for minimum in self.minima):
            self.inverse = found.inverse
        self.minima.append(found)
        return found.converged

    def _is_known(self, loss: float, x: Reals, gradient: Reals) -> bool:
        """Whether a start has come so far that it would end in a minimum that is known."""
        return any(minimum.attracts(loss, x, gradient, self.units.period) for minimum in self.minima)

    def _loss(self, x: Reals) -> tuple[float, Reals]:
        loss, slope = self._evaluated(x)
        self.best.offer(loss, x)
        if self.pace.over():
            raise _Stop
        return loss, slope

    def _evaluated(self, x: Reals) -> tuple[float, Reals]:
        """The loss and its gradient at a point that is not offered as the best. Raises `_Stop`."""
        gammas, betas = self.units.rows(x)
        try:
            value, gradient = self.pace.gradient(gammas, betas, self.cvar)
        except TimeoutError:
            self.pace.budget.stopped_by = "time_limit"
            raise _Stop from None
        self.evaluations += 1
        if self.evaluations == 1:
            self.pace.reserve(len(gammas))
        return self.units.loss(value, gradient)

    def _iterated(self) -> None:
        point, budget = self.best.point, self.pace.budget
        value, depth = self.units.value(point.loss), len(point.x) // 2
        self.history.append(Step(depth=depth, evaluations=self.evaluations, value=value))
        self.pace.reserve(depth)
        share = len(self.best.shorter) / self.final_depth
        budget.found(value, "expectation" if self.cvar == 1 else "CVaR", share)
        progress = None
        if budget.callback is not None:
            angles = self.units.angles(point.x)
            progress = Progress(depth, self.final_depth, self.evaluations, value, budget.seconds, *angles)
        with Deadline().kept():  # the caller's own work has no deadline
            if budget.over(progress):
                raise _Stop
