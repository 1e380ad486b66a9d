"""QAOA: choose angles with exact gradients, then sample."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from qgraph.errors import InvalidInput, require, require_seed, require_time_limit, require_whole, shown
from qgraph.problems.base import sign
from qgraph.problems.routing import PriorityRouting
from qgraph.simulation.angles import check_angles
from qgraph.simulation.methods import OF_ROUTES, WITH_STATE
from qgraph.simulation.simulator import Precision, Simulator
from qgraph.simulation.state import MOST_SHOTS, require_share
from qgraph.simulation.warm_start import EPSILON, WarmStart, chances
from qgraph.solvers import schedules
from qgraph.solvers.goemans_williamson import solve_goemans_williamson
from qgraph.solvers.result import Result, Solution, Step

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import ArrayLike, NDArray

    from qgraph.problems.base import Candidate, Problem
    from qgraph.simulation.feasible import Mixer
    from qgraph.simulation.methods import Method
    from qgraph.solvers.budget import StoppedBy
    from qgraph.solvers.schedules import Angles

Start = Literal["interpolate", "fixed", "ramp"]
STARTS = '"interpolate", "fixed", "ramp" or (gammas, betas)'


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
    method: Method = "auto",
    precision: Precision = "double",
    warm_start: WarmStart | Literal["goemans-williamson"] | None = None,
    epsilon: float = EPSILON,
    mixer: Mixer = "auto",
    max_iterations: int = 200,
    time_limit: float | None = None,
    callback: Callable[[Progress], bool | None] | None = None,
) -> Result:
    """Optimise the angles of depth-`depth` QAOA (L-BFGS, exact gradients), then draw `shots` samples.

    `start`: "interpolate" climbs from depth 1, each depth starting from the one before (Zhou et al.,
    arXiv:1812.01041); "fixed" takes published angles for regular graphs; "ramp" anneals; or give
    `(gammas, betas)`. With `max_iterations=0` these are only evaluated. At each depth the best of `starts`
    local optima is kept; all but the first start are perturbed at random. `cvar` below 1 optimises the mean
    of the best share of outcomes (Barkoutsos et al., arXiv:1907.04769). `method`, `precision`, `mixer`,
    `warm_start` and `epsilon` are the `Simulator`'s; where there is no state, on hundreds of nodes, angles
    are optimised all the same, but no samples are drawn. `warm_start="goemans-williamson"` starts from that
    algorithm's solution, and what is found then owes its quality to it first. After `time_limit` seconds, or
    when `callback(progress)` returns True, the best angles so far are used: at full depth if it was reached,
    at the depth reached if not; `stopped_by` says so.

    >>> from qgraph import Graph, MaxCut
    >>> result = solve_qaoa(MaxCut(Graph.ring(8)), depth=2, seed=7)
    >>> round(result.approximation_ratio, 6), result.best.objective
    (0.833333, 8.0)
    """
    require_whole("depth", depth, 1)
    require_whole("starts", starts, 1)
    require_whole("shots", shots, 1, MOST_SHOTS)
    require_whole("max_iterations", max_iterations, 0)
    require_seed(seed)
    require_share("cvar", cvar)
    require_time_limit(time_limit)
    began = time.perf_counter()
    if isinstance(warm_start, str) and warm_start == "goemans-williamson":
        warm_start = solve_goemans_williamson(problem, seed=seed, time_limit=time_limit)
    if warm_start is not None:
        warm_start = tuple(chances(problem, warm_start, epsilon).tolist())
    simulator = Simulator(
        problem, method=method, precision=precision, warm_start=warm_start, epsilon=epsilon, mixer=mixer
    )
    rng = np.random.default_rng(seed)
    search = _Search(simulator, cvar, max_iterations, time_limit, callback, depth, began)
    search.method(depth)  # refused now, if at all
    if isinstance(start, str) and start == "interpolate":
        gammas, betas = search.climb(depth, starts, rng)
    else:
        first = _given(problem, start, depth, search.unit)
        gammas, betas = search.best_of(_perturbed(first, starts, rng))
    sampled = cvar < 1 or simulator.has_state(len(gammas))
    if sampled:
        seen = _look(simulator, (gammas, betas), shots, seed)
    else:
        seen = _Seen(simulator.expectation(gammas, betas))
    seconds = time.perf_counter() - began
    best = None if seen.best is None else Solution.of(seen.best, solver="qaoa", seconds=seconds)
    return Result(
        gammas=gammas,
        betas=betas,
        depth=len(gammas),
        sense=problem.sense,
        method=search.method(len(gammas)),
        mixer=simulator.mixer,
        expectation=seen.expectation,
        cvar=float(cvar),
        optimum=seen.optimum,
        worst=seen.worst,
        approximation_ratio=seen.ratio,
        optimum_probability=seen.probability,
        best=best,
        shots=shots if sampled else 0,
        history=tuple(search.history),
        seed=seed,
        evaluations=search.evaluations,
        seconds=seconds,
        stopped_by=search.stopped_by,
        warm_start=warm_start,
    )


@dataclass(frozen=True)
class _Seen:
    """What is seen at the best angles: the expectation, and the rest in a state."""

    expectation: float
    optimum: float | None = None
    worst: float | None = None
    ratio: float | None = None
    probability: float | None = None
    best: Candidate | None = None


def _look(simulator: Simulator, angles: Angles, shots: int, seed: int) -> _Seen:
    state = simulator.state(*angles)
    expectation, optimum, worst = state.expectation(), state.optimum(), state.worst()
    penalised = simulator.problem.constrained and simulator.method not in OF_ROUTES
    ratio = None if penalised or optimum == worst else (expectation - worst) / (optimum - worst)
    best = state.sample(shots, seed=seed).best()
    return _Seen(expectation, optimum, worst, ratio, state.optimum_probability(), best)


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
        self.sign = sign(simulator.problem)
        self.mean, self.spread = _uniform_moments(simulator)
        self.unit = _gamma_unit(simulator, self.spread)
        self.history: list[Step] = []
        self.evaluations = 0
        self.stopped_by: StoppedBy = "convergence"
        self.tolerance = 1e-13 if simulator.precision == "double" else 1e-7
        # Angles all negated give the same outcomes: of equals the first stays, however they round.
        self.tie = 100 * self.tolerance
        self._leads = False
        self._best: tuple[float, NDArray[np.float64]] = (float("inf"), np.zeros(0))

    @property
    def stopped(self) -> bool:
        """Whether time or patience has run out."""
        return self.stopped_by in ("time_limit", "callback")

    def method(self, depth: int) -> str:
        """What evaluates the optimised value. Raises `ProblemTooLarge` or `InvalidInput` if nothing can."""
        if self.cvar == 1:
            return self.simulator.choice(depth).method
        self.simulator.require_state("`cvar` below 1")
        method = self.simulator.method
        return method if method in WITH_STATE else "statevector"

    def climb(self, depth: int, starts: int, rng: np.random.Generator) -> Angles:
        """Depth by depth, each from the interpolated angles of the depth before."""
        first = _first_depth(self.unit, -self.sign, starts, rng, self.simulator.mixer)
        angles = self.best_of(first)
        while len(angles[0]) < depth and not self.stopped:
            shorter_loss = self._best[0]
            longer = schedules.interpolate(angles[0]), schedules.interpolate(angles[1])
            candidate = self.best_of(_perturbed(longer, starts, rng))
            if self._best[0] > shorter_loss and self.stopped:
                break  # cut short before the longer schedule caught up
            angles = candidate
        return angles

    def best_of(self, candidates: Sequence[Angles]) -> Angles:
        """The best local optimum from several starts of one depth."""
        self._best = (float("inf"), np.zeros(0))
        for gammas, betas in candidates:
            self._leads = False
            x = np.array([np.array(gammas) / self.unit, betas]).ravel()
            before = self._best[0]
            try:
                finished = self._descend(x)
            except _Stop:
                break
            if self._best[0] < before:
                self.stopped_by = "convergence" if finished else "iterations"
        gammas, betas = self._angles(self._best[1])
        return gammas, betas

    def _descend(self, x: NDArray[np.float64]) -> bool:
        """Go down to a local optimum; False if the iterations ran out before."""
        if self.max_iterations == 0:
            self._loss(x)
            self._iterated()
            return False
        from scipy.optimize import minimize

        options = {"maxiter": self.max_iterations, "ftol": self.tolerance, "gtol": 1e-9}
        found = minimize(self._loss, x, jac=True, method="L-BFGS-B", callback=self._iterated, options=options)
        return int(found.nit) < self.max_iterations

    def _loss(self, x: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        gammas, betas = self._angles(x)
        value, gradient = self.simulator.centred_gradient(np.array(gammas), np.array(betas), self.cvar)
        self.evaluations += 1
        loss = self.sign * (value - self.mean) / self.spread
        if loss < self._best[0] - (0 if self._leads else self.tie):
            self._best, self._leads = (loss, x.copy()), True
        if self.deadline is not None and time.perf_counter() > self.deadline:
            self.stopped_by = "time_limit"
            raise _Stop
        scaled = self.sign * gradient * [[self.unit / self.spread], [1.0 / self.spread]]
        return loss, scaled.ravel()

    def _iterated(self, _: object = None) -> None:
        loss, x = self._best
        gammas, betas = self._angles(x)
        value = self.simulator.offset + self.mean + self.sign * self.spread * loss
        self.history.append(Step(depth=len(gammas), evaluations=self.evaluations, value=value))
        if self.callback is None:
            return
        seconds = time.perf_counter() - self.began
        progress = Progress(len(gammas), self.final_depth, self.evaluations, value, seconds, gammas, betas)
        if self.callback(progress):
            self.stopped_by = "callback"
            raise _Stop

    def _angles(self, x: NDArray[np.float64]) -> Angles:
        gammas, betas = x.reshape(2, -1)
        return tuple((gammas * self.unit).tolist()), tuple(betas.tolist())


def _uniform_moments(simulator: Simulator) -> tuple[float, float]:
    """Mean, counted from the offset, and standard deviation of C over all basis states.

    The optimiser sees C in these units: its tolerances must not depend on how large the weights are.
    """
    if simulator.mixer != "transverse_field":
        state = simulator.state([], [])
        mean, spread = state.expectation() - simulator.offset, state.variance() ** 0.5
    else:
        ising = simulator.problem.to_ising()
        mean, spread = 0.0, float(np.linalg.norm([np.linalg.norm(ising.h), np.linalg.norm(ising.J)]))
    return mean, spread if spread > 0 else 1.0


def _gamma_unit(simulator: Simulator, spread: float) -> float:
    """The scale on which the landscape varies with gamma: angles are optimised in this unit."""
    if simulator.mixer != "transverse_field":
        return 1.0 / spread
    return schedules.typical_gamma(simulator.problem.to_ising())


def _first_depth(unit: float, side: float, starts: int, rng: np.random.Generator, mixer: str) -> list[Angles]:
    """Starts at depth 1: where large sparse graphs, or random cities, have their optimum, then random ones.

    (gammas, betas) and (-gammas, -betas) are equivalent, so gamma may be taken positive.
    """
    beta = {"transverse_field": side * np.pi / 8, "grover": -np.pi / 2, "swap": -0.45}[mixer]
    first = (unit,), (beta,)
    width = {"transverse_field": np.pi / 4, "grover": np.pi, "swap": np.pi / 2}[mixer]
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
    if not isinstance(start, str):
        try:
            first, second = start
        except (TypeError, ValueError):
            raise InvalidInput(f"`start` must be {STARTS}, got {shown(start)}") from None
        gammas, betas = check_angles(first, second)
        require(len(gammas) == depth, "start", f"must have {depth} gammas and betas", len(gammas))
        return tuple(gammas.tolist()), tuple(betas.tolist())
    if start == "ramp":
        side = 1.0 if problem.sense == "maximize" else -1.0
        return schedules.linear_ramp(depth, 1.5 * unit, side * 0.6)
    if start == "fixed":
        if isinstance(problem, PriorityRouting):
            raise InvalidInput('`start` "fixed" is for MaxCut on regular graphs; try "interpolate"')
        return schedules.fixed_angles(schedules.common_degree(problem.to_ising()), depth)
    raise InvalidInput(f"`start` must be {STARTS}, got {shown(start)}")
