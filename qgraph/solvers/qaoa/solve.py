"""QAOA: choose angles with exact gradients, then sample."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

import numpy as np

from qgraph.base.checks import require, require_seed, require_whole
from qgraph.base.errors import InvalidInput, ProblemTooLarge, shown
from qgraph.base.typing import ArrayLike, Integers
from qgraph.problems.problem import Problem, require_problem
from qgraph.problems.routing import PriorityRouting
from qgraph.problems.sense import sign
from qgraph.simulation.angles import check_angles
from qgraph.simulation.choose import Method, Mixer, Precision
from qgraph.simulation.deadline import Deadline
from qgraph.simulation.simulator import Simulator
from qgraph.simulation.state import MOST_SHOTS, require_share
from qgraph.simulation.warm_start import EPSILON, WarmStart, chances
from qgraph.solvers.budget import Budget
from qgraph.solvers.qaoa import schedules
from qgraph.solvers.qaoa.pace import Pace
from qgraph.solvers.qaoa.readout import read_out
from qgraph.solvers.qaoa.schedules import Angles
from qgraph.solvers.qaoa.search import AngleSearch, Progress
from qgraph.solvers.relaxations.goemans_williamson import solve_goemans_williamson
from qgraph.solvers.result import Result

__all__ = ["Progress", "solve_qaoa"]

Start = Literal["interpolate", "fixed", "ramp"]
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
    """Optimise the angles of QAOA at `depth` (BFGS, exact gradients), then draw `shots` samples.

    `start`: "interpolate" climbs from depth 1, each depth starting from the one before (Zhou et al.,
    arXiv:1812.01041). Where that ends worse than the depth before, it also starts from the angles of that
    depth and a layer of zeros. So the optimised value can only improve with depth, up to rounding. "fixed"
    takes published angles for regular graphs; "ramp" takes a linear ramp; or give `(gammas, betas)`. With
    `max_iterations=0` these are only evaluated. At each depth the best of `starts` local optima is kept; all
    but the first start are perturbed at random, and end early where they lead to an optimum that is known.
    `cvar` below 1 optimises the mean of the best share of outcomes (Barkoutsos et al., arXiv:1907.04769).
    `method`, `precision`, `mixer`, `warm_start` and `epsilon` are the `Simulator`'s; on hundreds of nodes,
    where there is no state, angles are still optimised, but no samples are drawn: `shots` of the result is 0,
    and its `best` is a solution from the correlations, by "qaoa-correlations" (see `Result`).
    `warm_start="goemans-williamson"` starts from the solution of that algorithm: credit the warm start, not
    QAOA, for the quality of the result.

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
    require_whole("depth", depth, 1)
    (result,) = solve_depths(
        problem,
        (depth,),
        seed=seed,
        start=start,
        starts=starts,
        cvar=cvar,
        shots=shots,
        method=method,
        precision=precision,
        warm_start=warm_start,
        epsilon=epsilon,
        mixer=mixer,
        max_iterations=max_iterations,
        time_limit=time_limit,
        callback=callback,
        progress=progress,
    )
    return result


def solve_depths(
    problem: Problem,
    depths: Sequence[int] | Integers,
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
) -> tuple[Result, ...]:
    """What `solve_qaoa` finds at each of these depths, from one climb to the largest of them.

    The results are in the order of `depths`, and equal to those of `solve_qaoa` except for their seconds: the
    time until the climb reached the depth, and that of its own samples. One time limit holds for all of them.
    The depths that a stopped climb does not reach share the best angles so far. Raises `InvalidInput` for
    several depths with another `start` than "interpolate": others do not climb.

    >>> from qgraph import Graph, MaxCut
    >>> results = solve_depths(MaxCut(Graph.ring(8)), (1, 2), seed=7)
    >>> [(result.depth, round(result.expectation, 6)) for result in results]
    [(1, 6.0), (2, 6.666667)]
    """
    rule = "must be a sequence of whole numbers"
    require(isinstance(depths, Sequence | np.ndarray) and len(depths) > 0, "depths", rule, depths)
    for depth in depths:
        require_whole("depths", depth, 1)
    climbs = isinstance(start, str) and start == "interpolate"
    rule = 'must be "interpolate" for several depths: it climbs through all of them'
    require(climbs or len(set(depths)) == 1, "start", rule, start)
    require_problem(problem)
    require_whole("starts", starts, 1)
    require_whole("shots", shots, 1, MOST_SHOTS)
    require_whole("max_iterations", max_iterations, 0)
    require_seed(seed)
    require_share("cvar", cvar)
    budget = Budget(time_limit, callback)
    deadline = Deadline(budget.deadline)
    final = int(max(depths))
    found: dict[int, Result] = {}
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
                search = AngleSearch(
                    simulator,
                    final,
                    warm=warm_start is not None,
                    cvar=cvar,
                    max_iterations=max_iterations,
                    pace=pace,
                )
            except TimeoutError:
                rule = f"must allow to prepare {problem!r}, which takes longer"
                raise ProblemTooLarge(f"`time_limit` {rule}, got {time_limit:g} s") from None
            first = None if climbs else _given(problem, start, final, search.units.gamma)
        earlier = 0.0  # seconds for the readouts of smaller depths
        for ended in search.run(first, starts, np.random.default_rng(seed)):
            began = budget.seconds
            waiting = [depth for depth in depths if depth <= ended and depth not in found]
            if waiting:
                result = read_out(search, shots, seed, warm_start, earlier)
                found |= dict.fromkeys(waiting, result)
                earlier += budget.seconds - began
    return tuple(found[depth] for depth in depths)


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
