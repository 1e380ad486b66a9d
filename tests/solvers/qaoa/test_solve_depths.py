"""`solve_depths`: what `solve_qaoa` finds at each depth, from one climb."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, NoReturn

import numpy as np
import pytest
from conftest import asymmetric_graph, spin_glass

import qgraph as qg
from qgraph.solvers.qaoa.solve import solve_depths

GRAPH = qg.MaxCut(asymmetric_graph(8, 1))
PROBLEMS = {
    "maxcut": GRAPH,
    "ising": spin_glass(7, 2),
    "penalised": qg.IndependentSet(qg.Graph.erdos_renyi(8, 0.4, seed=3)),
    "routes": qg.PriorityRouting(qg.City.random(6, 3, seed=2)),
}


def without_seconds(result: qg.Result) -> dict[str, Any]:
    fields = result.model_dump()
    if fields["best"] is not None:
        del fields["best"]["seconds"]
    del fields["seconds"]
    return fields


@pytest.mark.parametrize(
    "options", [{}, {"starts": 1, "max_iterations": 2}, {"cvar": 0.3, "shots": 50}], ids=["", "short", "cvar"]
)
@pytest.mark.parametrize("name", PROBLEMS)
def test_every_depth_is_what_its_own_search_finds(name: str, options: dict[str, Any]) -> None:
    depths = (1, 2, 3, 4)
    results = solve_depths(PROBLEMS[name], depths, seed=4, **options)
    for depth, result in zip(depths, results, strict=True):
        alone = qg.solve_qaoa(PROBLEMS[name], depth, seed=4, **options)
        assert result.depth == depth
        assert without_seconds(result) == without_seconds(alone)


def test_depths_come_in_the_order_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    one_second_per_look = SimpleNamespace(perf_counter=itertools.count(1.0).__next__)
    monkeypatch.setattr("qgraph.solvers.budget.time", one_second_per_look)
    results = solve_depths(GRAPH, np.array([3, 1, 3]), seed=4)
    assert [result.depth for result in results] == [3, 1, 3]
    assert results[0] == results[2]
    assert without_seconds(results[1]) == without_seconds(qg.solve_qaoa(GRAPH, 1, seed=4))
    assert results[0].seconds > results[1].seconds > 0
    assert results[1].best.seconds == results[1].seconds


def interrupt() -> NoReturn:
    raise KeyboardInterrupt


@pytest.mark.parametrize(("reason", "stop"), [("callback", lambda: True), ("interrupt", interrupt)])
def test_depths_that_are_not_reached_have_the_best_so_far(reason: str, stop: Callable[[], bool]) -> None:
    def stop_at_three(progress: qg.Progress) -> bool:
        return progress.depth == 3 and stop()

    results = solve_depths(GRAPH, (2, 3, 5), seed=4, callback=stop_at_three)
    assert [result.stopped_by for result in results] == ["convergence", reason, reason]
    for depth, result in zip((2, 3, 5), results, strict=True):
        alone = qg.solve_qaoa(GRAPH, depth, seed=4, callback=stop_at_three)
        assert without_seconds(result) == without_seconds(alone)


def test_an_interrupt_of_a_readout_ends_the_climb(monkeypatch: pytest.MonkeyPatch) -> None:
    state = qg.Simulator.state

    def interrupted(simulator: qg.Simulator, gammas: Any, betas: Any) -> qg.State:
        return state(simulator, gammas, betas) if len(gammas) == 1 else interrupt()

    monkeypatch.setattr(qg.Simulator, "state", interrupted)
    results = solve_depths(GRAPH, (1, 2, 3), seed=4)
    assert [result.stopped_by for result in results] == ["convergence", "interrupt", "interrupt"]
    assert [result.depth for result in results] == [1, 2, 2]
    assert [result.best is None for result in results] == [False, True, True]


@pytest.mark.parametrize("depths", [(), 3, None, (1, 0), (1, 2.5), (True,), "12"])
def test_depths_must_be_whole_numbers(depths: Any) -> None:
    with pytest.raises(qg.InvalidInput, match="`depths` must be"):
        solve_depths(GRAPH, depths)


@pytest.mark.parametrize("start", ["ramp", "fixed", ([0.1], [0.2]), None])
def test_other_starts_do_not_climb(start: Any) -> None:
    with pytest.raises(qg.InvalidInput, match='`start` must be "interpolate"'):
        solve_depths(GRAPH, (1, 2), start=start)
