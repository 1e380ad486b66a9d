"""What `solve_qaoa` promises: better with depth, reproducible, and stoppable without loss."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import numpy as np
import pytest
from conftest import asymmetric_graph, spin_glass

import qgraph as qg

GRAPH = qg.MaxCut(asymmetric_graph(8, 1))
ROUTING = qg.PriorityRouting(qg.City.random(6, 3, seed=2), return_to_depot=True)


def tiny_city() -> qg.City:
    """Travel times of about 1e-250, whose squares are 0."""
    city = qg.City.random(4, 2, seed=1)
    roads = [road.model_copy(update={"distance": 1e-250 * road.distance}) for road in city.edges]
    return city.model_copy(update={"edges": roads})


@pytest.mark.parametrize("problem", [GRAPH, spin_glass(7, 2), ROUTING], ids=["maxcut", "ising", "routing"])
def test_deeper_is_not_worse(problem: qg.Problem) -> None:
    values = [qg.solve_qaoa(problem, depth=depth, seed=1).expectation for depth in (1, 2, 3, 4)]
    improvements = np.diff(values) * (1 if problem.sense == "maximize" else -1)
    assert (improvements > -1e-6).all()
    assert improvements[0] > 1e-3


GROWING: dict[str, Callable[[int], qg.Problem]] = {
    "maximized": lambda seed: qg.MaxCut(asymmetric_graph(7, seed)),
    "minimized": lambda seed: spin_glass(6, seed),
    "penalised": lambda seed: qg.IndependentSet(qg.Graph.erdos_renyi(7, 0.4, seed=seed)),
    "routes": lambda seed: qg.PriorityRouting(qg.City.random(5, 2, seed=seed)),
}


@pytest.mark.parametrize("cvar", [1.0, 0.2])
@pytest.mark.parametrize("name", GROWING)
def test_no_depth_is_worse_than_the_depth_before(name: str, cvar: float) -> None:
    """With few iterations or none, interpolated angles alone often end below the depth before."""
    for seed, iterations in product(range(9), (0, 1, 3)):
        problem = GROWING[name](seed)
        side = 1 if problem.sense == "maximize" else -1
        values = []
        for depth in (1, 2, 3, 4):
            result = qg.solve_qaoa(problem, depth, seed=seed, starts=1, max_iterations=iterations, cvar=cvar)
            assert result.depth == depth
            values.append(side * qg.simulate(problem, result.gammas, result.betas).cvar(cvar))
        assert (np.diff(values) >= -1e-9 * max(np.abs(values))).all(), (seed, iterations, values)


def test_deeper_is_not_worse_in_single_precision_or_on_cones() -> None:
    """Up to rounding: here the closed form is for depth 1 and light cones for the others."""
    for seed in range(4):
        problem = qg.MaxCut(asymmetric_graph(7, seed, 0.3))
        for how in ({"precision": "single"}, {"method": "lightcone"}):
            results = [
                qg.solve_qaoa(problem, depth, starts=1, max_iterations=0, **how)  # type: ignore[arg-type]
                for depth in (1, 2, 3)
            ]
            assert (np.diff([result.expectation for result in results]) >= -1e-5).all()


def test_the_result_describes_its_angles() -> None:
    result = qg.solve_qaoa(GRAPH, depth=3, seed=5, shots=500)
    state = qg.simulate(GRAPH, result.gammas, result.betas)
    assert (result.depth, len(result.gammas), len(result.betas)) == (3, 3, 3)
    assert result.expectation == pytest.approx(state.expectation())
    assert result.optimum == pytest.approx(qg.solve_exact(GRAPH).objective)
    assert result.optimum_probability == pytest.approx(state.optimum_probability())
    assert result.worst == pytest.approx(state.costs.min())
    spread = result.optimum - result.worst
    assert result.approximation_ratio == pytest.approx((result.expectation - result.worst) / spread)
    assert result.best.objective == state.sample(500, seed=5).best().objective
    assert {step.depth for step in result.history} == {1, 2, 3}
    assert result.evaluations >= result.history[-1].evaluations > 0
    assert result.stopped_by == "convergence"


def test_results_survive_json_and_repeat() -> None:
    result = qg.solve_qaoa(GRAPH, depth=2, seed=5)
    assert qg.Result.model_validate_json(result.model_dump_json()) == result
    again = qg.solve_qaoa(GRAPH, depth=2, seed=5)
    assert (again.gammas, again.betas, again.history) == (result.gammas, result.betas, result.history)
    assert "approximation ratio" in result._repr_html_()


def test_angles_are_stationary() -> None:
    result = qg.solve_qaoa(GRAPH, depth=2, seed=1)
    _, gradient = qg.expectation_and_gradient(GRAPH, result.gammas, result.betas)
    assert np.abs(gradient).max() < 1e-3


def test_given_angles_can_be_evaluated_as_they_are() -> None:
    angles = ([0.3, 0.5], [0.4, 0.2])
    result = qg.solve_qaoa(GRAPH, depth=2, start=angles, starts=1, max_iterations=0)
    assert (list(result.gammas), list(result.betas)) == (pytest.approx(angles[0]), pytest.approx(angles[1]))
    assert result.evaluations == 1
    assert result.expectation == pytest.approx(qg.expectation(GRAPH, *angles))


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_fixed_angles_start_near_an_optimum(depth: int) -> None:
    problem = qg.MaxCut(qg.Graph.random_regular(3, 12, seed=3))
    fixed = qg.solve_qaoa(problem, depth=depth, start="fixed", starts=1, max_iterations=0)
    best = qg.solve_qaoa(problem, depth=depth, start="fixed", starts=1)
    assert 0.9 * best.expectation < fixed.expectation <= best.expectation + 1e-9


def test_a_ramp_beats_a_random_guess_without_optimisation() -> None:
    for problem in (GRAPH, spin_glass(7, 2)):
        ramp = qg.solve_qaoa(problem, depth=8, start="ramp", starts=1, max_iterations=0)
        mean, best = problem.to_ising().offset, ramp.optimum
        assert (ramp.expectation - mean) / (best - mean) > 0.5


def test_cvar_concentrates_on_the_tail() -> None:
    plain = qg.solve_qaoa(GRAPH, depth=1, seed=1)
    tail = qg.solve_qaoa(GRAPH, depth=1, seed=1, cvar=0.1)
    at_plain = qg.simulate(GRAPH, plain.gammas, plain.betas).cvar(0.1)
    at_tail = qg.simulate(GRAPH, tail.gammas, tail.betas).cvar(0.1)
    assert at_tail >= at_plain - 1e-9
    assert tail.expectation <= plain.expectation + 1e-9
    assert tail.history[-1].value == pytest.approx(at_tail)


def test_a_callback_sees_every_iteration_and_can_stop() -> None:
    seen: list[qg.Progress] = []

    def stop_after_five(progress: qg.Progress) -> bool:
        seen.append(progress)
        return len(seen) == 5

    result = qg.solve_qaoa(GRAPH, depth=3, seed=1, callback=stop_after_five)
    assert len(seen) == len(result.history) == 5
    assert result.stopped_by == "callback"
    assert result.best.feasible
    assert result.expectation >= seen[0].value - 1e-9


def test_a_time_limit_keeps_the_best_so_far() -> None:
    problem = qg.MaxCut(asymmetric_graph(14, 3))
    result = qg.solve_qaoa(problem, depth=30, seed=1, time_limit=0.5)
    assert result.stopped_by == "time_limit"
    assert result.expectation > problem.to_ising().offset
    assert result.depth < 30


def test_an_interrupt_before_any_evaluation_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(qg.Simulator, "centred_gradient", interrupt)
    with pytest.raises(KeyboardInterrupt):
        qg.solve_qaoa(GRAPH)


def test_an_interrupt_after_one_keeps_the_best_so_far() -> None:
    def interrupt(progress: qg.Progress) -> None:
        if progress.depth == 2:
            raise KeyboardInterrupt

    result = qg.solve_qaoa(GRAPH, depth=3, seed=1, callback=interrupt)
    assert result.stopped_by == "interrupt"
    assert result.depth in (1, 2)
    assert result.expectation >= qg.solve_qaoa(GRAPH, depth=1, seed=1).expectation - 1e-9
    assert result.best is not None
    assert result.best.feasible


def test_single_precision_finds_the_same_optimum() -> None:
    double = qg.solve_qaoa(GRAPH, depth=2, seed=1)
    single = qg.solve_qaoa(GRAPH, depth=2, seed=1, precision="single")
    assert single.expectation == pytest.approx(double.expectation, rel=1e-4)


def test_twelve_stops_are_optimised_in_the_subspace() -> None:
    routing = qg.PriorityRouting(qg.City.random(12, 6, seed=1))
    result = qg.solve_qaoa(routing, depth=1, starts=1, seed=1, precision="single")
    assert result.method == "subspace"
    assert result.best.feasible
    assert result.optimum == pytest.approx(qg.solve_exact(routing).objective)
    assert result.expectation < routing.mean_travel_time()


def test_schedules() -> None:
    assert qg.interpolate([0.6]) == (0.6, 0.6)
    assert qg.interpolate([0.3, 0.6, 0.9]) == pytest.approx((0.3, 0.5, 0.7, 0.9))
    gammas, betas = qg.linear_ramp(4, 1.0, 0.8)
    assert gammas == pytest.approx((0.125, 0.375, 0.625, 0.875))
    assert betas == pytest.approx((0.7, 0.5, 0.3, 0.1))


@pytest.mark.parametrize("scale", [1e-7, 1e25])
@pytest.mark.parametrize("problem", [GRAPH, spin_glass(7, 2)], ids=["maxcut", "ising"])
def test_the_unit_of_the_weights_does_not_matter(problem: qg.Problem, scale: float) -> None:
    ising = problem.to_ising()
    couplings = dict(zip(map(tuple, ising.pairs.tolist()), (scale * ising.J).tolist(), strict=True))
    scaled = qg.Ising(scale * ising.h, couplings, scale * ising.offset, sense=problem.sense)
    plain, result = (qg.solve_qaoa(p, depth=2, seed=3) for p in (problem, scaled))
    assert result.approximation_ratio == pytest.approx(plain.approximation_ratio, abs=1e-6)
    assert result.optimum_probability == pytest.approx(plain.optimum_probability, abs=1e-4)
    assert np.multiply(result.gammas, scale) == pytest.approx(plain.gammas, abs=1e-3)


def test_a_large_offset_costs_no_precision() -> None:
    plain = qg.solve_qaoa(spin_glass(7, 2), depth=2, seed=3)
    ising = spin_glass(7, 2).to_ising()
    couplings = dict(zip(map(tuple, ising.pairs.tolist()), ising.J.tolist(), strict=True))
    lifted = qg.solve_qaoa(qg.Ising(ising.h, couplings, 1e9, sense=ising.sense), depth=2, seed=3)
    assert lifted.gammas == pytest.approx(plain.gammas, abs=1e-9)


def test_stopped_by_tells_iterations_from_convergence() -> None:
    assert qg.solve_qaoa(GRAPH, depth=3, seed=1, max_iterations=2).stopped_by == "iterations"
    assert qg.solve_qaoa(GRAPH, depth=3, start="ramp", max_iterations=0).stopped_by == "iterations"
    assert qg.solve_qaoa(GRAPH, depth=3, seed=1, max_iterations=2).depth == 3


def test_one_start_is_one_start() -> None:
    assert qg.solve_qaoa(GRAPH, starts=1, max_iterations=0).evaluations == 1


def test_any_true_answer_of_a_callback_stops() -> None:
    assert qg.solve_qaoa(GRAPH, callback=lambda _: np.True_).stopped_by == "callback"  # type: ignore[arg-type, return-value]


def test_one_hot_routes_can_be_asked_for() -> None:
    routing = qg.PriorityRouting(qg.City.random(4, 2, seed=1))
    result = qg.solve_qaoa(routing, depth=1, seed=1, method="statevector")
    assert result.method == "statevector"
    assert result.approximation_ratio is None, "penalties would flatter it"
    assert result.optimum == pytest.approx(qg.solve_exact(routing).objective)


def test_start_may_be_arrays() -> None:
    angles = np.array([[0.3], [0.4]])
    assert qg.solve_qaoa(GRAPH, start=angles, starts=1, max_iterations=0).gammas == (0.3,)  # type: ignore[arg-type]


TINY = {
    "maxcut": (qg.MaxCut(GRAPH.graph.with_weights(1e-300 * GRAPH.graph.weights)), "scale its weights"),
    "denormal": (qg.Ising([0.0, 5e-324], {(0, 1): 1e-320}), "got 0"),
    "routes": (qg.PriorityRouting(tiny_city()), "scale its weights"),
}


@pytest.mark.parametrize("name", TINY)
def test_terms_too_small_for_angles_are_an_error(name: str) -> None:
    problem, told = TINY[name]
    with pytest.raises(
        qg.InvalidInput, match="`problem` must have terms of at least 1e-96 in size"
    ) as caught:
        qg.solve_qaoa(problem, depth=2)
    assert told in str(caught.value)


def test_terms_just_above_the_least_size_are_accepted() -> None:
    graph = GRAPH.graph.with_weights(1e-94 * GRAPH.graph.weights)
    plain, small = (qg.solve_qaoa(qg.MaxCut(g), depth=2, seed=3) for g in (GRAPH.graph, graph))
    assert small.normalized_ratio == pytest.approx(plain.normalized_ratio, abs=1e-6)
