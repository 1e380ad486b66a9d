"""`solve_qaoa` keeps its time limit, measured by a simulated clock."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest
from conftest import asymmetric_graph, spin_glass

import qgraph as qg
from qgraph.simulation.cones.engine import ConeEngine
from qgraph.simulation.deadline import Deadline, check
from qgraph.solvers.budget import Budget
from qgraph.solvers.qaoa import pace, solve

GRAPH = qg.MaxCut(asymmetric_graph(7, 1))
START = (np.full(8, 0.1), np.full(8, 0.2))


class Clock:
    """Simulated seconds: a layer of a gradient takes `layer`, and a layer of a state `state`."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.began = self.now = 1000.0
        self.layer, self.state, self.first = 1.0, 0.4, 0.0
        self.depths: list[int] = []
        gradient, state, clock = qg.Simulator.centred_gradient, qg.Simulator.state, self

        def slow_gradient(simulator: qg.Simulator, gammas: Any, betas: Any, cvar: float) -> Any:
            clock.depths.append(len(gammas))
            clock.spend(clock.first)
            clock.first = 0.0
            for _ in range(len(gammas)):
                clock.spend(clock.layer)
            return gradient(simulator, gammas, betas, cvar)

        def slow_state(simulator: qg.Simulator, gammas: Any, betas: Any) -> qg.State:
            clock.spend(clock.state * (1 + len(gammas)))
            return state(simulator, gammas, betas)

        monkeypatch.setattr(time, "perf_counter", lambda: self.now)
        monkeypatch.setattr(qg.Simulator, "centred_gradient", slow_gradient)
        monkeypatch.setattr(qg.Simulator, "state", slow_state)

    def spend(self, seconds: float) -> None:
        for _ in range(10):
            self.now += seconds / 10
            check()

    @property
    def spent(self) -> float:
        return self.now - self.began


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


@pytest.mark.parametrize("limit", [7.0, 20.0, 100.0])
@pytest.mark.parametrize("cvar", [1.0, 0.2])
def test_time_is_kept_for_the_readout(clock: Clock, limit: float, cvar: float) -> None:
    result = qg.solve_qaoa(GRAPH, depth=40, seed=1, cvar=cvar, time_limit=limit)
    assert result.stopped_by == "time_limit"
    assert result.best is not None
    assert result.expectation == pytest.approx(qg.expectation(GRAPH, result.gammas, result.betas))
    assert 0.5 * limit < clock.spent <= limit
    assert result.seconds == pytest.approx(clock.spent)


def test_readouts_of_smaller_depths_count(clock: Clock) -> None:
    """Depths that are reached are those of a search without a limit, and the others share the best so far."""
    results = solve.solve_depths(GRAPH, (1, 2, 40), seed=1, time_limit=150)
    spent = clock.spent
    assert spent <= 150
    assert [result.stopped_by for result in results] == ["convergence", "convergence", "time_limit"]
    assert all(result.best is not None for result in results)
    for depth, result in zip((1, 2), results, strict=False):
        alone = qg.solve_qaoa(GRAPH, depth, seed=1)
        assert (result.gammas, result.evaluations) == (alone.gammas, alone.evaluations)
    assert results[2].seconds == pytest.approx(spent - sum(0.4 * (1 + depth) for depth in (1, 2)))


def test_new_memory_is_counted_once(clock: Clock) -> None:
    clock.first = 5.0
    result = qg.solve_qaoa(GRAPH, depth=40, seed=1, time_limit=30)
    assert result.best is not None
    assert clock.spent <= 30


def test_evaluations_that_cannot_end_in_time_do_not_start(clock: Clock) -> None:
    for limit in np.linspace(8.0, 30.0, 23).tolist():
        clock.depths.clear()
        result = qg.solve_qaoa(GRAPH, depth=40, seed=1, starts=1, max_iterations=0, time_limit=limit)
        assert result.evaluations == len(clock.depths)
        assert result.stopped_by == "time_limit"


def test_the_first_evaluation_gets_time_from_the_readout(clock: Clock) -> None:
    result = qg.solve_qaoa(GRAPH, depth=8, start=START, time_limit=12)
    assert (result.depth, result.evaluations) == (8, 1)
    assert clock.spent <= 12 + 1


def test_one_evaluation_too_long_is_refused_early(clock: Clock) -> None:
    """Two layers are tried, not all eight."""
    message = r"`time_limit` must allow one evaluation at depth 8, which takes about 8 s, got 7 s; a smaller"
    with pytest.raises(qg.ProblemTooLarge, match=message):
        qg.solve_qaoa(GRAPH, depth=8, start=START, time_limit=7)
    assert clock.spent == pytest.approx(2)


def test_one_evaluation_that_fits_is_done(clock: Clock) -> None:
    result = qg.solve_qaoa(GRAPH, depth=8, start=START, time_limit=22)
    assert (result.depth, result.evaluations, result.stopped_by) == (8, 1, "time_limit")
    assert result.best is not None
    assert clock.spent <= 22


def test_too_little_time_for_one_layer_is_refused(clock: Clock) -> None:
    with pytest.raises(qg.ProblemTooLarge, match=r"at depth 1, which takes longer, got 0\.55 s; fewer nodes"):
        qg.solve_qaoa(GRAPH, depth=3, time_limit=0.55)
    assert clock.spent == pytest.approx(0.6)


def test_the_kernel_is_stopped_during_an_evaluation() -> None:
    """With the real clock: the work would take an hour."""
    start = np.full(10**5, 0.01), np.full(10**5, 0.01)
    with pytest.raises(qg.ProblemTooLarge, match="one evaluation at depth 100000, which takes about"):
        qg.solve_qaoa(spin_glass(18, 1), depth=10**5, start=start, time_limit=0.3)


def test_samples_that_take_too_long_are_left_out(clock: Clock) -> None:
    clock.layer, clock.state = 2.0, 100.0  # the search ends at depth 1; a tenth of a state is 20 s
    result = qg.solve_qaoa(GRAPH, depth=2, seed=1, time_limit=30)
    assert (result.best, result.optimum, result.normalized_ratio, result.shots) == (None, None, None, 0)
    assert result.stopped_by == "time_limit"
    assert result.expectation == pytest.approx(qg.expectation(GRAPH, result.gammas, result.betas))
    assert (result.feasible_probability, result.feasible_expectation) == (1, result.expectation)
    assert clock.spent <= 30 + pace.GRACE[1] * 30 + 20
    assert "there was no time" in result._repr_html_()
    tail = qg.solve_qaoa(GRAPH, depth=2, seed=1, cvar=0.3, time_limit=30)
    assert tail.best is None
    assert tail.expectation == pytest.approx(qg.expectation(GRAPH, tail.gammas, tail.betas))


def test_routes_without_samples_are_feasible(clock: Clock) -> None:
    clock.state = 5.0  # the search itself computes one state, of depth 0
    routing = qg.PriorityRouting(qg.City.random(5, 2, seed=1))
    result = qg.solve_qaoa(routing, depth=20, starts=1, time_limit=20)
    assert result.best is None
    assert (result.feasible_probability, result.feasible_expectation) == (1, result.expectation)


def test_a_limit_that_is_long_enough_changes_nothing(clock: Clock) -> None:
    clock.layer = clock.state = 0.0
    free = qg.solve_qaoa(GRAPH, depth=3, seed=2)
    limited = qg.solve_qaoa(GRAPH, depth=3, seed=2, time_limit=1e6)
    assert limited == free


def test_the_warm_start_is_counted(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    relax = solve.solve_goemans_williamson

    def slow(problem: qg.Problem, *, seed: int, time_limit: float) -> qg.Solution:
        solution = relax(problem, seed=seed)
        clock.now += time_limit
        return solution

    monkeypatch.setattr(solve, "solve_goemans_williamson", slow)
    result = qg.solve_qaoa(GRAPH, depth=30, warm_start="goemans-williamson", time_limit=20)
    assert result.stopped_by == "time_limit"
    assert result.best is not None
    assert 15 < clock.spent <= 20


def test_a_callback_has_no_deadline_and_counts(clock: Clock) -> None:
    done = []

    def long(_: qg.Progress) -> None:
        clock.now += 50
        check()
        done.append(qg.simulate(GRAPH, [0.1], [0.2]).sample())

    result = qg.solve_qaoa(GRAPH, depth=5, time_limit=20, callback=long)
    assert (result.stopped_by, len(result.history), len(done)) == ("time_limit", 1, 1)


def test_a_callbacks_own_timeout_goes_through() -> None:
    def give_up(_: qg.Progress) -> None:
        raise TimeoutError("the caller's")

    with pytest.raises(TimeoutError, match="the caller's"):
        qg.solve_qaoa(GRAPH, time_limit=1000, callback=give_up)


def test_time_for_a_readout_is_kept_if_possible(clock: Clock) -> None:
    budget, deadline = Budget(20), Deadline()
    measured = pace.Pace(qg.Simulator(GRAPH), budget, deadline, tail=False, shots=10**6)
    measured._pass = 0.5
    assert measured.readout(2) == pytest.approx(0.5 * (pace.PASSES[0] + 2 * pace.PASSES[1]) + 1)
    measured.reserve(2)
    assert budget.deadline - deadline.moment == pytest.approx(measured.readout(2))
    assert not measured.too_late(2)
    clock.now += 20
    assert measured.too_late(2)
    measured._pass = 2.0  # the readout would take more than all the time
    measured.reserve(2)
    assert budget.deadline - deadline.moment == 10


def test_an_interrupt_during_the_readout_keeps_the_angles(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(qg.Simulator, "state", interrupt)
    result = qg.solve_qaoa(GRAPH, depth=2, seed=1)
    assert (result.stopped_by, result.best, result.depth) == ("interrupt", None, 2)
    assert result.expectation == pytest.approx(qg.expectation(GRAPH, result.gammas, result.betas))


class SlowCones(ConeEngine):
    """Cones whose planning takes 10 s from depth 2 on."""

    def __init__(self, ising: qg.Ising, depth: int, *options: Any) -> None:
        for _ in range(100 if depth > 1 else 0):
            SlowCones.clock.now += 0.1
            check()
        super().__init__(ising, depth, *options)

    clock: Clock


@pytest.mark.parametrize(("limit", "depth"), [(5.0, 1), (18.0, 1), (25.0, 2)])
def test_planning_is_counted(clock: Clock, limit: float, depth: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Depth 1 begins if the last depth is not planned in half of the time; finished plans are kept."""
    clock.layer, clock.state, SlowCones.clock = 0.01, 0.0, clock
    monkeypatch.setattr("qgraph.simulation.cones.engine.ConeEngine", SlowCones)
    problem = qg.MaxCut(qg.Graph.random_regular(3, 24, seed=1))
    result = qg.solve_qaoa(problem, depth=2, starts=1, time_limit=limit)
    assert (result.depth, result.method) == (depth, ["closed_form", "lightcone"][depth - 1])
    assert clock.spent <= limit + 0.2
    assert (result.stopped_by == "time_limit") == (depth == 1)


def test_planning_that_takes_too_long_is_refused(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    SlowCones.clock = clock
    monkeypatch.setattr("qgraph.simulation.cones.engine.ConeEngine", SlowCones)
    start = ([0.1, 0.2], [0.3, 0.1])
    with pytest.raises(qg.ProblemTooLarge, match="one evaluation at depth 2, which takes longer, got 4 s"):
        qg.solve_qaoa(GRAPH, depth=2, start=start, method="lightcone", time_limit=4)
    assert clock.spent <= 4.2
    clock.layer = 100.0  # the plan is ready in time, and it is too long
    with pytest.raises(qg.ProblemTooLarge, match="one evaluation at depth 2, which takes longer, got 50 s"):
        qg.solve_qaoa(GRAPH, depth=2, start=start, method="lightcone", time_limit=50)
