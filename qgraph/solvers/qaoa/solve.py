"""QAOA: choose angles with exact gradients, then sample."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import numpy as np

from qgraph.base.checks import require, require_seed, require_whole
from qgraph.base.errors import InvalidInput, ProblemTooLarge, shown
from qgraph.base.typing import ArrayLike
from qgraph.problems.problem import Problem, require_problem
from qgraph.problems.routing import PriorityRouting
from qgraph.problems.sense import sign
from qgraph.simulation.angles import check_angles
from qgraph.simulation.choose import OF_ROUTES, Method, Mixer, Precision
from qgraph.simulation.deadline import Deadline
from qgraph.simulation.simulator import Simulator
from qgraph.simulation.state import MOST_SHOTS, require_share
from qgraph.simulation.warm_start import EPSILON, WarmStart, chances
from qgraph.solvers.budget import Budget
from qgraph.solvers.qaoa import schedules
from qgraph.solvers.qaoa.pace import Pace
from qgraph.solvers.qaoa.schedules import Angles
from qgraph.solvers.qaoa.search import AngleSearch, Progress
from qgraph.solvers.relaxations.goemans_williamson import solve_goemans_williamson
from qgraph.solvers.result import DepthResult, Result, Solution

__all__ = ["Progress", "solve_qaoa"]

Start = Literal["interpolate", "fixed", "ramp"]
OF_STATES: tuple[str, ...] = ("expectation", "optimum", "worst", "approximation_ratio", "normalized_ratio")
OF_STATES += ("optimum_probability", "feasible_probability", "feasible_expectation")  # methods and fields
STARTS = '"interpolate", "fixed", "ramp" or (gammas, betas)'


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
    progress: bool = True,
) -> Result:
    """Optimise the angles of depth-`depth` QAOA (L-BFGS, exact gradients), then draw `shots` samples.

    `start`: "interpolate" climbs from depth 1, each depth starting from the one before (Zhou et al.,
    arXiv:1812.01041). Where that ends worse than the depth before, it also starts from the angles of that
    depth and a layer of zeros. So the optimised value can only improve with depth, up to rounding. "fixed"
    takes published angles for regular graphs; "ramp" takes a linear ramp; or give `(gammas, betas)`. With
    `max_iterations=0` these are only evaluated. At each depth the best of `starts` local optima is kept; all
    but the first start are perturbed at random. `cvar` below 1 optimises the mean of the best share of
    outcomes (Barkoutsos et al., arXiv:1907.04769). `method`, `precision`, `mixer`, `warm_start` and
    `epsilon` are the `Simulator`'s; on hundreds of nodes, where there is no state, angles are still
    optimised, but no samples are drawn. `warm_start="goemans-williamson"` starts from the solution of that
    algorithm: credit the warm start, not QAOA, for the quality of the result.

    After `time_limit` (s), when `callback(progress)` returns True, or at an interrupt (Ctrl-C, a notebook's
    stop button), the best angles so far are used, at the final depth or at the last depth that was reached;
    `stopped_by` says so. The limit includes everything, also the warm start and the samples. Samples that
    would take too long are left out. Raises `ProblemTooLarge` if the limit does not allow one evaluation, and
    `KeyboardInterrupt` at an interrupt before the first evaluation.

    >>> from qgraph import Graph, MaxCut
    >>> result = solve_qaoa(MaxCut(Graph.ring(8)), depth=2, seed=7)
    >>> round(result.approximation_ratio, 6), result.best.objective
    (0.833333, 8.0)
    """
    require_problem(problem)
    require_whole("depth", depth, 1)
    require_whole("starts", starts, 1)
    require_whole("shots", shots, 1, MOST_SHOTS)
    require_whole("max_iterations", max_iterations, 0)
    require_seed(seed)
    require_share("cvar", cvar)
    budget = Budget(time_limit, callback)
    deadline = Deadline(budget.deadline)
    with budget.shown("qaoa", problem, progress):
        with deadline.kept():
            if isinstance(warm_start, str) and warm_start == "goemans-williamson":
                half = None if time_limit is None else time_limit / 2
                warm_start = solve_goemans_williamson(problem, seed=seed, time_limit=half)
            if warm_start is not None:
                warm_start = tuple(chances(problem, warm_start, epsilon).tolist())
            try:
                simulator = Simulator(
                    problem,
                    method=method,
                    precision=precision,
                    warm_start=warm_start,
                    epsilon=epsilon,
                    mixer=mixer,
                )
                pace = Pace(simulator, budget, deadline, tail=cvar < 1, shots=shots)
                search = AngleSearch(simulator, depth, cvar=cvar, max_iterations=max_iterations, pace=pace)
            except TimeoutError:
                rule = f"must allow to prepare {problem!r}, which takes longer"
                raise ProblemTooLarge(f"`time_limit` {rule}, got {time_limit:g} s") from None
            climbs = isinstance(start, str) and start == "interpolate"
            first = None if climbs else _given(problem, start, depth, search.units.gamma)
            search.run(first, starts, np.random.default_rng(seed))
        climb = search.climb
        gammas, betas = climb[-1][0]
        seen = _read_out(search, climb[-1], shots, seed)
    seconds, best = budget.seconds, seen.pop("best")
    return Result(
        gammas=gammas,
        betas=betas,
        depth=len(gammas),
        sense=problem.sense,
        method=search.method(len(gammas)),
        mixer=simulator.mixer,
        cvar=float(cvar),
        **seen,
        best=None if best is None else Solution(**dict(best), solver="qaoa", seconds=seconds),
        shots=0 if best is None else shots,
        depths=_depths(climb, seen["expectation"], tail=cvar < 1),
        history=tuple(search.history),
        seed=seed,
        evaluations=search.evaluations,
        seconds=seconds,
        stopped_by=search.stopped_by,
        warm_start=warm_start,
    )


def _depths(climb: list[tuple[Angles, float]], last: float, *, tail: bool) -> tuple[DepthResult, ...]:
    """The records of a climb; the last one has the expectation of the result."""
    expectations = [*(None if tail else value for _, value in climb[:-1]), last]
    return tuple(
        DepthResult(depth=len(gammas), gammas=gammas, betas=betas, expectation=expectation)
        for ((gammas, betas), _), expectation in zip(climb, expectations, strict=True)
    )


def _read_out(search: AngleSearch, found: tuple[Angles, float], shots: int, seed: int) -> dict[str, Any]:
    """The fields of `Result` at the best angles: from a state if there is one, and time for it."""
    simulator, pace, (angles, value) = search.simulator, search.pace, found
    depth, tail, budget = len(angles[0]), pace.tail, pace.budget
    if tail or simulator.has_state(depth):
        try:
            with Deadline(pace.end).kept():
                if pace.too_late(depth):
                    raise TimeoutError  # not even started
                state = simulator.state(*angles)
                seen = {name: getattr(state, name)() for name in OF_STATES}
                return seen | {"best": state.sample(shots, seed=seed).best()}
        except TimeoutError:
            budget.stopped_by = budget.stopped_by or "time_limit"
        except KeyboardInterrupt:
            budget.stopped_by = "interrupt"
    expectation = value
    if tail:  # the optimised value was not <C>
        expectation = simulator.offset + simulator.engine.expectation(*map(np.array, angles))
    seen = dict.fromkeys((*OF_STATES, "best"), None) | {"expectation": expectation}
    if not simulator.problem.constrained or simulator.method in OF_ROUTES:  # all samples are feasible
        seen |= {"feasible_probability": 1.0, "feasible_expectation": expectation}
    return seen


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
        return schedules.linear_ramp(depth, 1.5 * unit, -0.6 * sign(problem))
    if start == "fixed":
        if isinstance(problem, PriorityRouting):
            raise InvalidInput('`start` "fixed" is for MaxCut on regular graphs; try "interpolate"')
        return schedules.fixed_angles(schedules.common_degree(problem.to_ising()), depth)
    raise InvalidInput(f"`start` must be {STARTS}, got {shown(start)}")
