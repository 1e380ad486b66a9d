"""What a search has found: from a state at the best angles if there is one, and time for it."""

from __future__ import annotations

from typing import Any

import numpy as np

from qgraph.simulation.choose import OF_ROUTES
from qgraph.simulation.deadline import Deadline
from qgraph.solvers.qaoa.schedules import Angles
from qgraph.solvers.qaoa.search import AngleSearch
from qgraph.solvers.result import DepthResult, Result, Solution

OF_STATES: tuple[str, ...] = ("expectation", "optimum", "worst", "approximation_ratio", "normalized_ratio")
OF_STATES += ("optimum_probability", "feasible_probability", "feasible_expectation")  # methods and fields


def read_out(
    search: AngleSearch, shots: int, seed: int, warm_start: tuple[float, ...] | None, earlier: float
) -> Result:
    """What the search has found so far, with samples; its seconds leave out those of `earlier` samples."""
    simulator, pace, climb = search.simulator, search.pace, search.climb
    gammas, betas = climb[-1][0]
    seen = _from_state(search, climb[-1], shots, seed)
    seconds, best = pace.budget.seconds - earlier, seen.pop("best")
    return Result(
        gammas=gammas,
        betas=betas,
        depth=len(gammas),
        sense=simulator.problem.sense,
        method=search.method(len(gammas)),
        mixer=simulator.mixer,
        cvar=float(search.cvar),
        **seen,
        best=None if best is None else Solution(**dict(best), solver="qaoa", seconds=seconds),
        shots=0 if best is None else shots,
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
