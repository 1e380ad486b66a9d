"""`method`: what "auto" picks, and what the methods that have no state do when one is wanted."""

from __future__ import annotations

import numpy as np
import pytest
from conftest import asymmetric_graph, random_angles

import qgraph as qg
from qgraph.simulation import choose

EXPECTED = {1: "closed_form", 2: "lightcone"}


@pytest.mark.parametrize("weights", [False, True], ids=["plain", "weighted"])
@pytest.mark.parametrize("depth", [1, 2])
@pytest.mark.parametrize("n", [10, 30, 100, 1000, 10000])
def test_auto_chooses_a_method_and_gives_the_reason(n: int, depth: int, weights: bool) -> None:
    graph = qg.Graph.random_regular(3, n, seed=1)
    problem = qg.MaxCut(graph.with_random_weights(seed=2) if weights else graph)
    simulator = qg.Simulator(problem)
    choice = simulator.choice(depth)
    assert choice.method == ("statevector" if n == 10 else EXPECTED[depth])
    assert str(n) in choice.reason
    gammas, betas = random_angles(depth, 1)
    value = simulator.expectation(gammas, betas)
    other = qg.expectation(problem, gammas, betas, method="lightcone")
    assert value == pytest.approx(other, rel=1e-10)


def test_the_error_says_what_each_method_would_need() -> None:
    problem = qg.MaxCut(asymmetric_graph(100, 1))
    simulator = qg.Simulator(problem)
    assert simulator.choice(1).method == "closed_form"
    for ask in (
        lambda: simulator.choice(2),
        lambda: simulator.expectation([0.1, 0.2], [0.3, 0.4]),
        lambda: qg.solve_qaoa(problem, depth=2),
    ):
        with pytest.raises(qg.ProblemTooLarge) as refused:
            ask()
        message = str(refused.value)
        for words in (
            "100 nodes at depth 2",
            "state vector of 100 qubits",
            "100 qubits and too many cycles",
            "closed_form",
        ):
            assert words in message
        assert "solve_recursive_qaoa" in message


def test_auto_takes_the_quicker_of_cones_and_state_vector(monkeypatch: pytest.MonkeyPatch) -> None:
    sparse = qg.MaxCut(qg.Graph.random_regular(3, 24, seed=1))
    dense = qg.MaxCut(asymmetric_graph(23, 1))
    assert qg.Simulator(sparse).choice(2).method == "lightcone"
    assert qg.Simulator(dense).choice(2).method == "statevector"
    refused = qg.MaxCut(qg.Graph.random_regular(3, 300, seed=1))
    seconds = qg.Simulator(refused).light_cones(2).seconds
    monkeypatch.setattr(choose, "LONGEST_CHOSEN", seconds - 1e-4)  # enough for the cones with cycles alone
    with pytest.raises(qg.ProblemTooLarge, match='method="lightcone" would take about'):
        qg.Simulator(refused).choice(2)
    monkeypatch.setattr(choose, "LONGEST_CHOSEN", 0.0)
    with pytest.raises(
        qg.ProblemTooLarge, match=r'take more than 0 s .* \(method="lightcone" goes up to 3600 s'
    ):
        qg.Simulator(refused).choice(2)
    assert qg.Simulator(refused, method="lightcone").choice(2).reason == "it was asked for"


def test_memory_of_an_existing_state_is_not_counted_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    simulator = qg.Simulator(qg.MaxCut(qg.Graph.ring(23)), precision="single")
    value, _ = simulator.expectation_and_gradient([0.4], [0.3], cvar=0.5)
    monkeypatch.setattr("qgraph.base.resources.free_memory", lambda: 2**16)
    assert simulator.expectation_and_gradient([0.4], [0.3], cvar=0.5)[0] == value
    assert simulator.has_state(1)
    assert not qg.Simulator(simulator.problem, precision="single").has_state(1)


def test_small_problems_and_routes_have_one_method() -> None:
    small = qg.Simulator(qg.MaxCut(qg.Graph.ring(22)))
    routes = qg.Simulator(qg.PriorityRouting(qg.City.random(5, 2, seed=1)))
    assert {small.choice(depth).method for depth in range(4)} == {"statevector"}
    assert {routes.choice(depth).method for depth in range(4)} == {"subspace"}


@pytest.mark.parametrize("method", ["closed_form", "lightcone"])
def test_methods_without_states_refuse_states(method: choose.Method) -> None:
    problem = qg.MaxCut(qg.Graph.ring(8))
    simulator = qg.Simulator(problem, method=method)
    for ask in (
        lambda: simulator.state([0.1], [0.2]),
        lambda: simulator.expectation_and_gradient([0.1], [0.2], cvar=0.5),
        lambda: qg.solve_qaoa(problem, method=method, cvar=0.5),
        lambda: qg.simulate(problem, [0.1], [0.2], method=method),
    ):
        with pytest.raises(qg.InvalidInput, match=rf"`method` must be .* statevector, .* got '{method}'"):
            ask()


def test_the_closed_form_is_for_depth_one() -> None:
    with pytest.raises(qg.InvalidInput, match=r'`method` "closed_form" is for depth 1, got .depth 2'):
        qg.expectation(qg.MaxCut(qg.Graph.ring(8)), [0.1, 0.2], [0.3, 0.4], method="closed_form")


def test_subspace_is_for_routes() -> None:
    with pytest.raises(qg.InvalidInput, match='"subspace" is for PriorityRouting'):
        qg.Simulator(qg.MaxCut(qg.Graph.ring(8)), method="subspace")


def test_auto_computes_states_that_fit() -> None:
    problem = qg.MaxCut(qg.Graph.random_regular(3, 24, seed=1))
    simulator = qg.Simulator(problem, precision="single")
    state = simulator.state([0.4], [0.3])
    assert simulator.choice(1).method == "closed_form"
    assert state.expectation() == pytest.approx(simulator.expectation([0.4], [0.3]), rel=1e-6)
    large = qg.Simulator(qg.MaxCut(qg.Graph.random_regular(3, 100, seed=1)))
    with pytest.raises(qg.ProblemTooLarge, match="a state vector of 100 qubits"):
        large.state([0.4], [0.3])
    with pytest.raises(qg.ProblemTooLarge, match="a state vector of 100 qubits"):
        large.expectation_and_gradient([0.4], [0.3], cvar=0.5)


@pytest.mark.parametrize(("method", "depth"), [("closed_form", 1), ("lightcone", 1), ("lightcone", 2)])
def test_all_methods_find_the_same_angles(method: choose.Method, depth: int) -> None:
    problem = qg.MaxCut(asymmetric_graph(9, 1, 0.3))
    start = ([0.3, 0.5][:depth], [0.4, 0.2][:depth])
    found = qg.solve_qaoa(problem, depth, start=start, starts=1, method=method)
    exact = qg.solve_qaoa(problem, depth, start=start, starts=1, method="statevector")
    assert found.expectation == pytest.approx(exact.expectation, rel=1e-9)
    assert found.gammas == pytest.approx(exact.gammas, rel=1e-3)
    assert (found.method, exact.method) == (method, "statevector")
    assert exact.best is not None
    assert found.best is not None
    assert (found.best.solver, exact.best.solver) == ("qaoa-correlations", "qaoa")
    assert (found.optimum, found.worst, found.approximation_ratio) == (None,) * 3
    assert (found.optimum_probability, found.shots) == (None, 0)


def test_a_hundred_nodes_are_solved_without_samples() -> None:
    problem = qg.MaxCut(qg.Graph.random_regular(3, 100, seed=1))
    result = qg.solve_qaoa(problem, depth=2, seed=1, starts=1)
    assert result.method == "lightcone"
    assert result.expectation / 150 > 0.74  # trees have 0.7559
    assert result.best is not None
    assert (result.best.solver, result.shots, result.optimum) == ("qaoa-correlations", 0, None)
    assert f"from correlations {result.best.objective:g}, no samples: lightcone" in repr(result)
    assert "there is no state" in result._repr_html_()
    assert f"{result.best.objective:g}" in result._repr_html_()
    assert qg.Result.model_validate_json(result.model_dump_json()) == result
    assert {step.depth for step in result.history} == {1, 2}
    stopped = qg.solve_qaoa(problem, depth=2, seed=1, callback=lambda _: True)
    assert (stopped.depth, stopped.method, stopped.stopped_by) == (1, "closed_form", "callback")
    assert stopped.best is None
    assert "qaoa-correlations" not in repr(stopped) + stopped._repr_html_()
    axes = qg.plot_convergence(result)
    assert not any("optimum" in text.get_text() for text in axes.get_legend().get_texts())


def test_large_problems_are_sampled_if_a_state_fits() -> None:
    problem = qg.MaxCut(qg.Graph.random_regular(3, 24, seed=1))
    result = qg.solve_qaoa(problem, depth=2, seed=1, starts=1)
    assert result.method == "lightcone"
    assert result.best is not None
    assert result.optimum is not None
    assert result.expectation <= result.best.objective <= result.optimum
    assert result.expectation == pytest.approx(
        qg.expectation(problem, result.gammas, result.betas, method="lightcone")
    )
    tail = qg.solve_qaoa(problem, depth=1, cvar=0.2, starts=1, max_iterations=0)
    assert tail.method == "statevector"
    assert np.isfinite(tail.expectation)
