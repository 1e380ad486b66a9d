"""`result.depths`: the angles and the expectation of every depth of one climb."""

from __future__ import annotations

import json

import pytest
from conftest import asymmetric_graph, spin_glass

import qgraph as qg
from qgraph.solvers.qaoa.best import Best

GRAPH = qg.MaxCut(asymmetric_graph(8, 1))


def assert_right(problem: qg.Problem, result: qg.Result) -> None:
    assert [record.depth for record in result.depths] == list(range(1, result.depth + 1))
    for record in result.depths:
        assert len(record.gammas) == len(record.betas) == record.depth
        expected = qg.expectation(problem, record.gammas, record.betas)
        assert record.expectation == pytest.approx(expected, rel=1e-12, abs=1e-12)
    last = result.depths[-1]
    assert (last.gammas, last.betas, last.expectation) == (result.gammas, result.betas, result.expectation)


@pytest.mark.parametrize(
    "problem", [GRAPH, spin_glass(7, 2), qg.PriorityRouting(qg.City.random(5, 2, seed=1))]
)
def test_every_depth_has_its_angles_and_expectation(problem: qg.Problem) -> None:
    result = qg.solve_qaoa(problem, depth=4, seed=1)
    assert result.depth == 4
    assert_right(problem, result)
    assert qg.Result.model_validate_json(result.model_dump_json()) == result


def test_depths_are_what_smaller_climbs_find() -> None:
    result = qg.solve_qaoa(GRAPH, depth=3, seed=1, starts=1)
    for record in result.depths:
        shorter = qg.solve_qaoa(GRAPH, depth=record.depth, seed=1, starts=1)
        assert (record.gammas, record.betas) == (shorter.gammas, shorter.betas)
        assert record.expectation == pytest.approx(shorter.expectation, rel=1e-12)


def test_depths_cost_no_evaluation(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []
    gradient, state = qg.Simulator.centred_gradient, qg.Simulator.state
    monkeypatch.setattr(
        qg.Simulator, "centred_gradient", lambda *given: calls.append("gradient") or gradient(*given)
    )
    monkeypatch.setattr(qg.Simulator, "state", lambda *given: calls.append("state") or state(*given))
    result = qg.solve_qaoa(GRAPH, depth=3, seed=1)
    assert calls == ["gradient"] * result.evaluations + ["state"]


@pytest.mark.parametrize("evaluations", [1, 10, 30, 50, 70])
def test_a_callback_that_stops_leaves_whole_depths(evaluations: int) -> None:
    result = qg.solve_qaoa(GRAPH, depth=6, seed=2, callback=lambda step: step.evaluations >= evaluations)
    assert result.stopped_by == "callback"
    assert_right(GRAPH, result)


def test_a_time_limit_leaves_whole_depths() -> None:
    problem = qg.MaxCut(asymmetric_graph(12, 3))
    result = qg.solve_qaoa(problem, depth=40, seed=1, time_limit=0.5)
    assert result.stopped_by == "time_limit"
    assert_right(problem, result)


def test_a_start_at_the_final_depth_has_that_depth_only() -> None:
    result = qg.solve_qaoa(GRAPH, depth=3, start="ramp", starts=1)
    (record,) = result.depths
    assert (record.depth, record.gammas, record.expectation) == (3, result.gammas, result.expectation)


def test_expectations_of_smaller_depths_are_unknown_for_cvar() -> None:
    result = qg.solve_qaoa(GRAPH, depth=2, seed=1, cvar=0.3)
    assert [record.expectation for record in result.depths] == [None, result.expectation]


def test_results_saved_without_depths_still_load() -> None:
    result = qg.solve_qaoa(GRAPH, depth=2, seed=1)
    saved = json.loads(result.model_dump_json())
    del saved["depths"]
    loaded = qg.Result.model_validate_json(json.dumps(saved))
    assert loaded == result.model_copy(update={"depths": ()})


def test_of_equal_points_the_first_stays() -> None:
    best, x = Best(tolerance=0.1), asymmetric_graph(3, 1).weights
    best.offer(-1.0, x)
    best.end_start(converged=False)
    best.begin_start()
    best.offer(-1.05, 2 * x)
    best.end_start(converged=True)
    assert (best.point.loss, best.ended) == (-1.0, "iterations")
    best.offer(-1.2, 2 * x)  # now this start leads, and small steps count
    best.offer(-1.21, 3 * x)
    best.end_start(converged=True)
    assert (best.point.loss, best.ended) == (-1.21, "convergence")


def test_an_unfinished_depth_counts_only_if_it_is_better() -> None:
    best, x = Best(tolerance=0.1), asymmetric_graph(3, 1).weights
    assert best.climb(stopped=True) == ()
    best.offer(-1.0, x)
    best.deepen()
    assert [point.loss for point in best.climb(stopped=True)] == [-1.0]
    best.offer(-0.5, x)
    assert best.is_behind
    assert [point.loss for point in best.climb(stopped=True)] == [-1.0]
    assert [point.loss for point in best.climb(stopped=False)] == [-1.0, -0.5]
    best.offer(-1.5, x)
    assert not best.is_behind
    assert [point.loss for point in best.climb(stopped=True)] == [-1.0, -1.5]
