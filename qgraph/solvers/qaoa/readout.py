"""What a search has found: from a state at the best angles if there is one, and time for it.

Without a state, a solution is rounded from the correlations at these angles.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from qgraph.base.errors import ProblemTooLarge
from qgraph.base.typing import Reals
from qgraph.problems.base import Candidate
from qgraph.problems.sense import sign
from qgraph.simulation.choose import OF_ROUTES
from qgraph.simulation.deadline import Deadline
from qgraph.simulation.simulator import Simulator
from qgraph.solvers.budget import Budget
from qgraph.solvers.qaoa.contracted import CUTOFF, Contracted
from qgraph.solvers.qaoa.rounds import at_angles, require_quick
from qgraph.solvers.qaoa.schedules import Angles, typical_gamma
from qgraph.solvers.qaoa.search import AngleSearch
from qgraph.solvers.result import DepthResult, Result, Solution

OF_STATES: tuple[str, ...] = ("expectation", "optimum", "worst", "approximation_ratio", "normalized_ratio")
OF_STATES += ("optimum_probability", "feasible_probability", "feasible_expectation")  # methods and fields
FROM_CORRELATIONS = "qaoa-correlations"
LONGEST_HELD = 1.0  # seconds of a gradient; beyond it the rounding continues at depth 1
MOST_HELD = 400  # nodes; beyond them as well, since each round searches its cones


def read_out(
    search: AngleSearch, shots: int, seed: int, warm_start: tuple[float, ...] | None, earlier: float
) -> Result:
    """What the search has found so far, with a rounding or samples; without the seconds of `earlier` ones."""
    simulator, pace, climb = search.simulator, search.pace, search.climb
    gammas, betas = climb[-1][0]
    seen = _from_state(search, climb[-1], shots, seed)
    best = seen.pop("best")
    sampled = best is not None
    solver = "qaoa" if sampled else FROM_CORRELATIONS
    if not (sampled or pace.tail or simulator.has_state(len(gammas))):
        best = _from_correlations(search, climb[-1][0], seed)
    seconds = pace.budget.seconds - earlier
    return Result(
        gammas=gammas,
        betas=betas,
        depth=len(gammas),
        sense=simulator.problem.sense,
        method=search.method(len(gammas)),
        mixer=simulator.mixer,
        cvar=float(search.cvar),
        **seen,
        best=None if best is None else Solution(**dict(best), solver=solver, seconds=seconds),
        shots=shots if sampled else 0,
        depths=_depths(climb, seen["expectation"], tail=pace.tail),
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


def _from_state(search: AngleSearch, found: tuple[Angles, float], shots: int, seed: int) -> dict[str, Any]:
    """The fields of `Result` at the best angles."""
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


def _from_correlations(search: AngleSearch, angles: Angles, seed: int) -> Candidate | None:
    """A solution from rounds of recursive QAOA with these angles held; None without the time for it.

    Gammas are held in units of each model's typical gamma, since contracted models have larger terms. Where
    models are too dense for the depth, the rest is rounded at typical angles of depth 1. Brute force sets the
    last `CUTOFF` spins, but never more than half of all.
    """
    problem, pace = search.simulator.problem, search.pace
    budget, rng = pace.budget, np.random.default_rng(seed)
    if budget.stopped_by in ("callback", "interrupt"):
        return None  # whoever stopped the search does not wait for more
    rest = Budget(None)
    rest.deadline, rest.watch = pace.end, budget.watch
    ising = problem.to_ising()
    model = Contracted(ising)
    cutoff = min(CUTOFF, (len(problem.nodes) + 1) // 2)
    unit = sign(ising) / typical_gamma(ising)  # the rounds minimise

    def held(simulator: Simulator) -> Reals:
        n, depth = len(simulator.problem.nodes), len(angles[0])
        if n == len(ising.nodes):
            return search.simulator.correlations(*angles)
        if n > MOST_HELD and depth > 1:
            raise ProblemTooLarge(f"{n} nodes are left; {MOST_HELD} would be quick")
        require_quick(simulator, depth, LONGEST_HELD)
        scale = unit * typical_gamma(simulator.problem.to_ising())
        return simulator.correlations([scale * gamma for gamma in angles[0]], angles[1])

    try:
        with Deadline(pace.end).kept():
            at_angles(model, cutoff, rng, rest.over, held)
            at_angles(model, cutoff, rng, rest.over, _typical)
            if not rest.over():
                return problem.decode(model.finished(exact=True))
    except TimeoutError:
        pass
    except KeyboardInterrupt:
        rest.stopped_by = "interrupt"
    budget.stopped_by = budget.stopped_by or rest.stopped_by or "time_limit"
    return None


def _typical(simulator: Simulator) -> Reals:
    """The correlations where large sparse models that are minimised have their optimum at depth 1, about."""
    return simulator.correlations([typical_gamma(simulator.problem.to_ising())], [-np.pi / 8])
