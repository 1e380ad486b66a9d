"""QAOA: choose angles with exact gradients, then sample."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from qgraph.errors import InvalidInput, require, require_whole
from qgraph.problems.routing import PriorityRouting
from qgraph.simulation.statevector import Precision, Simulator, check_angles
from qgraph.solvers import schedules
from qgraph.solvers.result import Result, Solution, Step

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import ArrayLike, NDArray

    from qgraph.problems.base import Problem
    from qgraph.solvers.schedules import Angles

Start = Literal["interpolate", "fixed", "ramp"]


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


def solve_qaoa(
    problem: Problem,
    depth: int = 1,
    *,
    seed: int = 0,
    start: Start | tuple[ArrayLike, ArrayLike] = "interpolate",
    starts: int = 3,
    cvar: float = 1.0,
    shots: int = 1024,
    precision: Precision = "double",
    max_iterations: int = 200,
    time_limit: float | None = None,
    callback: Callable[[Progress], bool | None] | None = None,
) -> Result:
    """Optimise the angles of depth-`depth` QAOA (L-BFGS, exact gradients), then draw `shots` samples.

    `start`: "interpolate" climbs from depth 1, each depth starting from the one before (Zhou et al.,
    arXiv:1812.01041); "fixed" takes published angles for regular graphs; "ramp" anneals; or give
    `(gammas, betas)`. With `max_iterations=0` these are only evaluated. At each depth the best of `starts`
    local optima is kept; all but the first start are perturbed at random. `cvar` below 1 optimises the mean
    of the best share of outcomes (Barkoutsos et al., arXiv:1907.04769). After `time_limit` seconds, or when
    `callback(progress)` returns True, the best angles so far are used: at full depth if it was reached, at
    the depth reached if not.

    >>> from qgraph import Graph, MaxCut
    >>> result = solve_qaoa(MaxCut(Graph.ring(8)), depth=2, seed=7)
    >>> round(result.approximation_ratio, 6), result.best.objective
    (0.833333, 8.0)
    """
    for argument, value in (("depth", depth), ("starts", starts), ("shots", shots)):
        require_whole(argument, value, 1)
    require_whole("max_iterations", max_iterations, 0)
    require(0 < cvar <= 1, "cvar", "must be above 0 and at most 1", cvar)
    require(time_limit is None or time_limit > 0, "time_limit", "must be positive", time_limit)
    began = time.perf_counter()
    simulator = Simulator(problem, precision=precision)
    rng = np.random.default_rng(seed)
    search = _Search(simulator, cvar, max_iterations, time_limit, callback, depth, began)
    if start == "interpolate":
        gammas, betas = search.climb(depth, starts, rng)
    else:
        first = _given(problem, start, depth, search.unit)
        gammas, betas = search.best_of(_perturbed(first, starts, rng))
    state = simulator.state(gammas, betas)
    sampled = state.sample(shots, seed=seed).best()
    optimum = state.optimum()
    seconds = time.perf_counter() - began
    best = Solution.of(sampled, solver="qaoa", seconds=seconds)
    return Result(
        gammas=gammas,
        betas=betas,
        depth=len(gammas),
        sense=problem.sense,
        method=simulator.method,
        expectation=state.expectation(),
        cvar=cvar,
        optimum=optimum,
        optimum_probability=state.optimum_probability(),
        best=best,
        shots=shots,
        history=tuple(search.history),
        seed=seed,
        evaluations=search.evaluations,
        seconds=seconds,
        stopped_by=search.stopped_by,
    )


class _Stop(Exception):
    pass


class _Search:
    """Local optimisations that share a budget, a history and a callback."""

    def __init__(
        self,
        simulator: Simulator,
        cvar: float,
        max_iterations: int,
        time_limit: float | None,
        callback: Callable[[Progress], bool | None] | None,
        final_depth: int,
        began: float,
    ) -> None:
        self.simulator = simulator
        self.cvar = cvar
        self.max_iterations = max_iterations
        self.deadline = None if time_limit is None else began + time_limit
        self.callback = callback
        self.final_depth = final_depth
        self.began = began
        self.sign = 1.0 if simulator.problem.sense == "minimize" else -1.0
        self.unit = _gamma_unit(simulator)
        self.history: list[Step] = []
        self.evaluations = 0
        self.stopped_by: Literal["convergence", "time_limit", "callback"] = "convergence"
        self._best: tuple[float, NDArray[np.float64]] = (float("inf"), np.zeros(0))

    def climb(self, depth: int, starts: int, rng: np.random.Generator) -> Angles:
        """Depth by depth, each from the interpolated angles of the depth before."""
        routing = self.simulator.method == "subspace"
        angles = self.best_of(_first_depth(self.unit, -self.sign, max(starts, 3), rng, routing=routing))
        while len(angles[0]) < depth and self.stopped_by == "convergence":
            shorter_loss = self._best[0]
            longer = schedules.interpolate(angles[0]), schedules.interpolate(angles[1])
            candidate = self.best_of(_perturbed(longer, starts, rng))
            if self._best[0] > shorter_loss and self.stopped_by != "convergence":
                break  # cut short before the longer schedule caught up
            angles = candidate
        return angles

    def best_of(self, candidates: Sequence[Angles]) -> Angles:
        """The best local optimum from several starts of one depth."""
        self._best = (float("inf"), np.zeros(0))
        for gammas, betas in candidates:
            x = np.array([np.array(gammas) / self.unit, betas]).ravel()
            try:
                self._descend(x)
            except _Stop:
                break
        gammas, betas = self._angles(self._best[1])
        return gammas, betas

    def _descend(self, x: NDArray[np.float64]) -> None:
        if self.max_iterations == 0:
            self._loss(x)
            self._iterated()
            return
        from scipy.optimize import minimize

        tolerance = 1e-13 if self.simulator.precision == "double" else 1e-7
        options = {"maxiter": self.max_iterations, "ftol": tolerance, "gtol": 1e-9}
        minimize(self._loss, x, jac=True, method="L-BFGS-B", callback=self._iterated, options=options)

    def _loss(self, x: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        gammas, betas = self._angles(x)
        value, gradient = self.simulator.expectation_and_gradient(gammas, betas, cvar=self.cvar)
        self.evaluations += 1
        loss = self.sign * value
        if loss < self._best[0]:
            self._best = (loss, x.copy())
        if self.deadline is not None and time.perf_counter() > self.deadline:
            self.stopped_by = "time_limit"
            raise _Stop
        scaled = self.sign * gradient * [[self.unit], [1.0]]
        return loss, scaled.ravel()

    def _iterated(self, _: object = None) -> None:
        loss, x = self._best
        gammas, betas = self._angles(x)
        value = self.sign * loss
        self.history.append(Step(depth=len(gammas), evaluations=self.evaluations, value=value))
        if self.callback is None:
            return
        seconds = time.perf_counter() - self.began
        progress = Progress(len(gammas), self.final_depth, self.evaluations, value, seconds, gammas, betas)
        if self.callback(progress) is True:
            self.stopped_by = "callback"
            raise _Stop

    def _angles(self, x: NDArray[np.float64]) -> Angles:
        gammas, betas = x.reshape(2, -1)
        return tuple((gammas * self.unit).tolist()), tuple(betas.tolist())


def _gamma_unit(simulator: Simulator) -> float:
    """The scale on which the landscape varies with gamma: angles are optimised in this unit."""
    if simulator.method == "subspace":
        spread = simulator.state([], []).variance() ** 0.5
        return 1.0 / spread if spread > 0 else 1.0
    return schedules.typical_gamma(simulator.problem.to_ising())


def _first_depth(
    unit: float, side: float, starts: int, rng: np.random.Generator, *, routing: bool
) -> list[Angles]:
    """Starts at depth 1: where large sparse graphs have their optimum, then random ones.

    (gammas, betas) and (-gammas, -betas) are equivalent, so gamma may be taken positive.
    """
    beta = side * np.pi / 8
    first = (unit,), (-np.pi / 2 if routing else beta,)
    width = np.pi if routing else np.pi / 4
    others: list[Angles] = [
        ((unit * rng.uniform(0.2, 2.5),), (rng.uniform(-width, width),)) for _ in range(starts - 1)
    ]
    return [first, *others]


def _perturbed(angles: Angles, starts: int, rng: np.random.Generator) -> list[Angles]:
    """The angles themselves, then copies disturbed by a tenth of a radian or a tenth of their size."""
    gammas, betas = (np.array(row) for row in angles)
    others: list[Angles] = []
    for _ in range(starts - 1):
        stretched = gammas * (1 + 0.1 * rng.standard_normal(len(gammas)))
        others.append(
            (tuple(stretched.tolist()), tuple((betas + 0.1 * rng.standard_normal(len(betas))).tolist()))
        )
    return [angles, *others]


def _given(problem: Problem, start: Start | tuple[ArrayLike, ArrayLike], depth: int, unit: float) -> Angles:
    if isinstance(start, tuple):
        require(len(start) == 2, "start", "must be a strategy or (gammas, betas)", start)
        gammas, betas = check_angles(*start)
        require(len(gammas) == depth, "start", f"must have {depth} gammas and betas", len(gammas))
        return tuple(gammas), tuple(betas)
    if start == "ramp":
        side = 1.0 if problem.sense == "maximize" else -1.0
        return schedules.linear_ramp(depth, 1.5 * unit, side * 0.6)
    if start == "fixed":
        if isinstance(problem, PriorityRouting):
            raise InvalidInput('`start` "fixed" is for MaxCut on regular graphs; try "interpolate"')
        return schedules.fixed_angles(schedules.common_degree(problem.to_ising()), depth)
    raise InvalidInput(f'`start` must be "interpolate", "fixed", "ramp" or (gammas, betas), got {start!a}')
