"""One contract for all solvers and problems, and what each solver promises beside it."""

from __future__ import annotations

from functools import cache
from itertools import permutations, product
from typing import Any

import numpy as np
import pytest
from conftest import ROOT, asymmetric_graph, oneway_routing, spin_glass

import qgraph as qg
from qgraph.solvers import compare
from qgraph.solvers.budget import Budget
from qgraph.solvers.compare import ORDER
from qgraph.solvers.exact import brute_force, odd_cycles
from qgraph.solvers.routes import local_search

ON_BITS = [name for name in ORDER if name != "two-opt"]
PROBLEMS: dict[str, Any] = {
    "maxcut": qg.MaxCut(asymmetric_graph(8, 1)),
    "maxcut-edgeless": qg.MaxCut(qg.Graph.from_edges([], ["a", "b"])),
    "maxcut-one-node": qg.MaxCut(qg.Graph.complete(1)),
    "ising-minimize": spin_glass(7, 2),
    "ising-maximize": spin_glass(7, 3, "maximize"),
    "independent-set": qg.IndependentSet(qg.Graph.erdos_renyi(9, 0.4, seed=4), {"0": 2.5, "3": 0.5}),
    "vertex-cover": qg.VertexCover(qg.Graph.erdos_renyi(9, 0.4, seed=4), {"0": 2.5, "3": 0.5}),
    "graph-coloring": qg.GraphColoring(qg.Graph.erdos_renyi(5, 0.5, seed=4), 3),
    "number-partitioning": qg.NumberPartitioning([7.5, 3.25, 9.0, 4.5, 1.0, 6.25, 2.0]),
    "graph-partitioning": qg.GraphPartitioning(asymmetric_graph(9, 2)),
    "max-k-cut": qg.MaxKCut(asymmetric_graph(4, 3), 3),
    "qubo": qg.QUBO(np.random.default_rng(1).normal(size=(8, 8)), 0.5, sense="maximize"),
    "route": qg.PriorityRouting(qg.City.random(6, 3, depot=False, seed=5)),
    "route-depot": qg.PriorityRouting(qg.City.random(6, 2, seed=6)),
    "route-closed": qg.PriorityRouting(qg.City.random(6, 2, seed=7), return_to_depot=True),
    "route-one-stop": qg.PriorityRouting(qg.City.random(1, 0, seed=8), return_to_depot=True),
}


def by_integer_programming(problem: Any) -> qg.Solution:
    bits, bound, proved = by_odd_cycles(problem.to_ising())
    candidate = problem.decode(bits)
    return qg.Solution(
        **dict(candidate), solver="integer programming", seconds=0, optimal=proved, bound=bound
    )


def by_odd_cycles(model: qg.Ising) -> tuple[np.ndarray, float, bool]:
    """From the worst start and the weakest bound, so that the program has to find everything."""
    start = np.zeros(len(model.nodes), dtype=np.uint8)
    return odd_cycles.solve(model, start, model.trivial_bound, Budget(60))


def swap_of(problem: Any) -> Any:
    return "swap" if isinstance(problem, qg.PriorityRouting) else "auto"


SOLVERS: dict[str, Any] = {
    "exact": qg.solve_exact,
    "greedy": qg.solve_greedy,
    "random": lambda problem: qg.solve_random(problem, seed=3),
    "qaoa": lambda problem: qg.solve_qaoa(problem, depth=2, seed=3).best,
    "qaoa-ramp": lambda problem: qg.solve_qaoa(problem, depth=2, seed=3, start="ramp").best,
    "qaoa-cvar": lambda problem: qg.solve_qaoa(problem, depth=1, seed=3, cvar=0.25).best,
    "qaoa-swap": lambda problem: qg.solve_qaoa(problem, depth=2, seed=3, mixer=swap_of(problem)).best,
    "two-opt": lambda problem: qg.solve_two_opt(problem, seed=3, restarts=5),
    "integer-programming": by_integer_programming,
    "goemans-williamson": lambda problem: qg.solve_goemans_williamson(problem, seed=3),
    "annealing": lambda problem: qg.solve_annealing(problem, seed=3, reads=3, sweeps=500),
    "tabu": lambda problem: qg.solve_tabu(problem, seed=3, reads=2, restarts=1),
    "qaoa-warm": lambda problem: qg.solve_qaoa(problem, seed=3, warm_start="goemans-williamson").best,
    "recursive-qaoa": lambda problem: qg.solve_recursive_qaoa(problem, seed=3, cutoff=4),
}


@cache
def brute_optimum(problem: Any) -> float:
    if isinstance(problem, qg.PriorityRouting):
        routes = [sum(parts, ()) for parts in product(*(permutations(tier) for tier in problem.tiers))]
        return min(problem.evaluate(route).objective for route in routes)
    n = len(problem.nodes)
    values = problem.objective(np.arange(2**n)[:, None] >> np.arange(n) & 1)
    return float(values.min() if problem.sense == "minimize" else values.max())


NOT_FOR_ROUTES = ("goemans-williamson", "annealing", "tabu", "qaoa-warm")
CASES = [
    pytest.param(name, solver, id=f"{name}-{solver}")
    for name, problem in PROBLEMS.items()
    for solver in SOLVERS
    if not (isinstance(problem, qg.PriorityRouting) and solver in NOT_FOR_ROUTES)
]


@pytest.mark.parametrize(("name", "solver"), CASES)
def test_contract(name: str, solver: str) -> None:
    problem = PROBLEMS[name]
    if solver == "two-opt" and not isinstance(problem, qg.PriorityRouting):
        with pytest.raises(qg.InvalidInput, match="`routing` must be a PriorityRouting"):
            SOLVERS[solver](problem)
        return
    if solver == "integer-programming" and problem.to_ising().h.size > 20:
        problem = qg.PriorityRouting(qg.City.random(4, 2, seed=5))
    solution = SOLVERS[solver](problem)
    optimum = brute_optimum(problem)
    tolerance = 1e-9 * max(1.0, abs(optimum))

    if solution.route is not None:
        assert problem.evaluate(solution.route).objective == pytest.approx(solution.objective)
        assert solution.travel_time == solution.objective
        assert solution.priority_satisfied
    else:
        colored = isinstance(problem, (qg.GraphColoring, qg.MaxKCut))
        bits = (
            problem.encode(solution.labels) if colored else [solution.labels[node] for node in problem.nodes]
        )
        assert problem.objective(bits) == pytest.approx(solution.objective, abs=tolerance)
        assert problem.decode(bits).feasible == solution.feasible
    assert solution.feasible

    worse = solution.objective - optimum if problem.sense == "minimize" else optimum - solution.objective
    assert worse >= -tolerance
    if solution.bound is not None:
        beyond = optimum - solution.bound if problem.sense == "minimize" else solution.bound - optimum
        assert beyond >= -tolerance
    if solution.optimal:
        assert worse <= tolerance
        assert solution.bound == pytest.approx(optimum, abs=tolerance)
    if solver in ("exact", "integer-programming"):
        assert solution.optimal

    assert qg.Solution.model_validate_json(solution.model_dump_json()) == solution
    again = SOLVERS[solver](problem)
    assert again.model_copy(update={"seconds": solution.seconds}) == solution
    assert solution.solver in solution._repr_html_()


# -- exact ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("n", [2, 9, 19, 21])
def test_brute_force_with_and_without_symmetry(seed: int, n: int) -> None:
    """Beyond 18 free bits the search runs in blocks."""
    symmetric = qg.MaxCut(asymmetric_graph(n, seed, 0.4))
    lifted = symmetric.to_ising()
    pinned = qg.Ising([1e-9] + [0.0] * (n - 1), dict(zip(map(tuple, lifted.pairs.tolist()), lifted.J, strict=True)), lifted.offset, sense="maximize")  # fmt: skip
    assert not pinned.flip_symmetric
    assert qg.solve_exact(symmetric).objective == pytest.approx(qg.solve_exact(pinned).objective, abs=1e-6)


@pytest.mark.parametrize("seed", range(3))
def test_integer_programming_equals_brute_force_on_spin_glasses(seed: int) -> None:
    for problem in (spin_glass(14, seed), qg.MaxCut(asymmetric_graph(16, seed))):
        bits, bound, proved = by_odd_cycles(problem.to_ising())
        best = qg.solve_exact(problem).objective
        assert proved
        assert problem.objective(bits) == pytest.approx(best)
        assert bound == pytest.approx(best)


@pytest.mark.parametrize("scale", [1e-7, 1.0, 1e25])
def test_integer_programming_at_any_scale(scale: float) -> None:
    """The tolerances of a solver are absolute; ours are not."""
    graph = asymmetric_graph(16, 5)
    problem = qg.MaxCut(graph.with_weights(scale * graph.weights))
    bits, bound, proved = by_odd_cycles(problem.to_ising())
    best = scale * qg.solve_exact(qg.MaxCut(graph)).objective
    assert proved
    assert problem.objective(bits) == pytest.approx(best, rel=1e-9, abs=0)
    assert bound == pytest.approx(best, rel=1e-9, abs=0)
    assert qg.solve_greedy(problem).objective == pytest.approx(scale * qg.solve_greedy(qg.MaxCut(graph)).objective, rel=1e-12, abs=0)  # fmt: skip


@pytest.mark.parametrize("n", [40, 60])
def test_larger_graphs_are_solved_by_integer_programming(n: int) -> None:
    problem = qg.MaxCut(qg.Graph.random_regular(3, n, seed=1).with_random_weights(seed=2))
    solution = qg.solve_exact(problem)
    assert solution.optimal
    assert solution.objective >= qg.solve_greedy(problem).objective


def test_a_bipartite_graph_is_cut_whole_at_any_size() -> None:
    problem = qg.MaxCut(qg.Graph.grid(12, 15))
    assert qg.solve_exact(problem).objective == len(problem.graph.edges)


def test_a_time_limit_leaves_a_valid_bound() -> None:
    problem = qg.MaxCut(qg.Graph.complete(60).with_random_weights(seed=1))
    solution = qg.solve_exact(problem, time_limit=2)
    assert not solution.optimal
    assert solution.bound is not None
    assert solution.bound >= solution.objective >= qg.solve_greedy(problem).objective


def test_brute_force_can_be_stopped() -> None:
    problem = qg.MaxCut(qg.Graph.random_regular(4, 24, seed=1))
    shares: list[float] = []
    solution = qg.solve_exact(problem, callback=lambda share: shares.append(share) or share > 0.2)
    assert not solution.optimal
    assert solution.bound is not None
    assert solution.bound >= qg.solve_exact(problem).objective
    assert 0.2 < shares[-1] < 1


@pytest.mark.parametrize("seed", range(12))
def test_dynamic_programming_equals_all_permutations(seed: int) -> None:
    city = qg.City.random(6, seed % 4, depot=seed % 2 == 0, seed=seed)
    stops = [stop for tier in city.tiers for stop in tier]
    tiers = [stops[:1], stops[1:4], stops[4:]] if seed % 3 == 0 else None
    routing = qg.PriorityRouting(city, return_to_depot=seed % 4 == 0, tiers=tiers)
    assert qg.solve_exact(routing).objective == pytest.approx(brute_optimum(routing))


def test_two_tiers_of_sixteen_stops() -> None:
    routing = qg.PriorityRouting(qg.City.random(32, 16, seed=1))
    best, greedy = qg.solve_exact(routing), qg.solve_greedy(routing)
    assert best.optimal
    assert best.objective <= greedy.objective <= 1.25 * best.objective


# -- greedy -----------------------------------------------------------------------------------------


def test_no_single_flip_improves_the_greedy_cut() -> None:
    problem = qg.MaxCut(asymmetric_graph(30, 3))
    solution = qg.solve_greedy(problem)
    bits = np.array([solution.labels[node] for node in problem.nodes])  # type: ignore[index]
    flipped = bits ^ np.eye(30, dtype=int)
    assert problem.objective(flipped).max() <= solution.objective + 1e-9


@pytest.mark.parametrize("closed", [True, False])
def test_no_move_within_a_tier_improves_the_greedy_route(closed: bool) -> None:
    routing = qg.PriorityRouting(qg.City.random(14, 6, seed=4), return_to_depot=closed)
    solution = qg.solve_greedy(routing)
    order = [routing.stops.index(stop) for stop in solution.route if stop != "depot"]  # type: ignore[union-attr]
    for tier in routing.tier_slices:
        for i in range(tier.start, tier.stop):
            for j in range(i + 1, tier.stop + 1):
                reversed_ = order[:i] + order[i:j][::-1] + order[j:]
                assert routing.travel_time(reversed_) >= solution.objective - 1e-9
                for k in range(tier.start, tier.stop - (j - i) + 1):
                    rest = order[:i] + order[j:]
                    if j - i <= 3:
                        moved = rest[:k] + order[i:j] + rest[k:]
                        assert routing.travel_time(moved) >= solution.objective - 1e-9


def test_greedy_routes_count_one_way_roads_in_reversals() -> None:
    rng = np.random.default_rng(3)
    stops = [{"id": f"s{i}", "x": float(i), "y": 0.0, "type": "normal"} for i in range(9)]
    roads = [
        {
            "from": a["id"],
            "to": b["id"],
            "distance": float(rng.uniform(1, 9)),
            "traffic": "low",
            "oneway": True,
        }
        for a, b in permutations(stops, 2)
    ]
    routing = qg.PriorityRouting(qg.City.model_validate({"nodes": stops, "edges": roads}))
    solution = qg.solve_greedy(routing)
    assert solution.objective == pytest.approx(routing.evaluate(solution.route).objective)  # type: ignore[arg-type]
    assert solution.objective <= routing.travel_time(routing.nearest_neighbour()) + 1e-9


@pytest.mark.parametrize("closed", [False, True])
@pytest.mark.parametrize(("stops", "priority"), [(8, 4), (9, 0), (10, 3), (12, 6), (12, 2)])
def test_two_opt_with_restarts_finds_the_optimum(stops: int, priority: int, closed: bool) -> None:
    for seed in range(2):
        city = qg.City.random(stops, priority, seed=seed)
        routing = qg.PriorityRouting(city, return_to_depot=closed)
        solution = qg.solve_two_opt(routing, seed=seed)
        assert solution.objective == pytest.approx(qg.solve_exact(routing).objective, rel=1e-12)
        assert solution.feasible
        assert not solution.optimal


def test_two_opt_never_leaves_the_feasible_routes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also on one-way roads, where a reversed segment takes another time."""
    paths, original = [], local_search.LocalSearch.improve

    def watched(search: local_search.LocalSearch, path: np.ndarray, budget: Budget) -> None:
        paths.append(path.copy())
        original(search, path, budget)
        paths.append(path)

    monkeypatch.setattr(local_search.LocalSearch, "improve", watched)
    routing = oneway_routing()
    solution = qg.solve_two_opt(routing, seed=1, restarts=30)
    assert len(paths) == 2 * 31
    for path in paths:
        assert routing.evaluate(routing.named(path[1:-1])).feasible
    assert solution.objective == pytest.approx(brute_optimum(routing))


def test_two_opt_stops_on_a_callback_and_a_time_limit() -> None:
    routing = qg.PriorityRouting(qg.City.random(10, 4, seed=1))
    shares: list[float] = []
    greedy = qg.solve_greedy(routing)
    assert qg.solve_two_opt(routing, restarts=0).objective == greedy.objective
    stopped = qg.solve_two_opt(routing, callback=lambda share: bool(shares.append(share)) or len(shares) > 3)
    assert shares == [0.0, 0.01, 0.02, 0.03]
    assert stopped.objective <= greedy.objective
    assert qg.solve_two_opt(routing, time_limit=1e-9).objective == greedy.objective


# -- compare ----------------------------------------------------------------------------------------


def test_compare_runs_all_that_apply_and_says_which_it_skips() -> None:
    table = qg.compare(qg.MaxCut(asymmetric_graph(8, 1)), depth=2, seed=7)
    assert [row.solution.solver for row in table.rows] == ON_BITS
    assert table.gap(table["exact"]) == 0.0
    relaxed = table["goemans-williamson"].solution
    assert relaxed.bound is not None
    assert relaxed.bound >= table["exact"].solution.objective == table.bound
    assert f"{relaxed.bound:.6g}" in repr(table)
    assert table["random"].mean == pytest.approx(asymmetric_graph(8, 1).weights.sum() / 2)
    assert table["qaoa"].mean > table["random"].mean  # type: ignore[operator]
    assert qg.Comparison.model_validate_json(table.model_dump_json()) == table

    dense = qg.compare(qg.MaxCut(asymmetric_graph(45, 1)), depth=2, time_limit=1)
    assert list(dense.skipped) == ["qaoa"]
    assert "45 qubits" in dense.skipped["qaoa"]
    assert "skipped qaoa" in dense._repr_html_()
    with pytest.raises(KeyError, match="45 qubits"):
        _ = dense["qaoa"]


def test_compare_has_a_row_for_an_expectation_without_samples() -> None:
    table = qg.compare(qg.MaxCut(qg.Graph.random_regular(3, 60, seed=1)), depth=2, seed=1)
    row = table["qaoa"]
    assert row.solution is not None
    assert (row.solver, row.solution.solver) == ("qaoa", "qaoa-correlations")
    assert row.note == "depth 2, lightcone: no samples, solution from correlations"
    assert table["random"].mean < row.mean < table["exact"].solution.objective  # type: ignore[operator,union-attr]
    assert table["random"].solution.objective < row.solution.objective
    assert "lightcone: no samples" in repr(table) + table._repr_html_()
    assert qg.Comparison.model_validate_json(table.model_dump_json()) == table


def test_compare_runs_the_chosen_solvers() -> None:
    problem = PROBLEMS["ising-minimize"]
    table = qg.compare(problem, solvers=["tabu", "goemans-williamson"], seed=2)
    assert [row.solution.solver for row in table.rows] == ["goemans-williamson", "tabu"]
    assert table.bound == table["goemans-williamson"].solution.bound
    gap = (table["tabu"].solution.objective - float(table.bound or 0.0)) / abs(float(table.bound or 1.0))
    assert table.gap(table["tabu"]) == pytest.approx(gap)


def test_compare_names_each_solver_and_can_stop_it() -> None:
    told: list[str] = []
    qg.compare(qg.MaxCut(asymmetric_graph(9, 1)), callback=lambda name, share: told.append(name))
    assert list(dict.fromkeys(told)) == ON_BITS
    table = qg.compare(qg.MaxCut(qg.Graph.random_regular(3, 40, seed=1)), solvers=["annealing", "recursive-qaoa"], callback=lambda name, share: True)  # fmt: skip
    assert len(table.rows) == 2


@pytest.mark.parametrize("name", [name for name in PROBLEMS if not name.startswith("route")])
def test_compare_on_every_problem(name: str) -> None:
    table = qg.compare(PROBLEMS[name], shots=200, seed=1)
    assert [row.solution.solver for row in table.rows] == ON_BITS
    assert table["annealing"].solution.objective == pytest.approx(table["exact"].solution.objective, abs=1e-9)


def test_routes_have_their_own_solvers() -> None:
    for solve in (qg.solve_goemans_williamson, qg.solve_annealing, qg.solve_tabu):
        with pytest.raises(qg.InvalidInput, match="must not be PriorityRouting"):
            solve(PROBLEMS["route"])


def test_compare_on_routes_has_local_search_beside_the_rest() -> None:
    routing = qg.PriorityRouting(qg.City.random(7, 3, seed=2))
    table = qg.compare(routing, depth=1, seed=7)
    names = ["exact", "greedy", "two-opt", "random", "qaoa"]
    assert [row.solution.solver for row in table.rows] == names
    assert table.gap(table["two-opt"]) == 0.0


def test_compare_can_be_stopped_and_says_so() -> None:
    problem = qg.MaxCut(qg.Graph.random_regular(3, 12, seed=1))
    table = qg.compare(problem, depth=3, callback=lambda solver, share: solver == "qaoa")
    assert table["qaoa"].note == "depth 1, stopped by callback"
    assert table["qaoa"].note in table._repr_html_()
    assert table["exact"].solution.optimal


def test_compare_skips_failures_and_raises_invalid_input(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise qg.QGraphError("perhaps memory ran out")

    with pytest.raises(qg.InvalidInput, match="depth"):
        qg.compare(PROBLEMS["maxcut"], depth=0)
    exact, *others = compare.SOLVERS
    monkeypatch.setattr(compare, "SOLVERS", (exact._replace(run=fail), *others))
    assert qg.compare(PROBLEMS["maxcut"]).skipped == {"exact": "perhaps memory ran out"}


def test_gaps_do_not_depend_on_the_scale() -> None:
    tiny = qg.MaxCut(asymmetric_graph(8, 1).with_weights(1e-12 * asymmetric_graph(8, 1).weights))
    table = qg.compare(tiny, depth=1, shots=1, seed=3)
    assert table.gap(table["random"]) > 0.01  # type: ignore[operator]


def test_random_prefers_answers_that_keep_the_rules() -> None:
    problem = qg.IndependentSet(qg.Graph.complete(12))
    assert qg.solve_random(problem, shots=400, seed=1).feasible


def test_random_mean_of_routes_is_their_mean() -> None:
    table = qg.compare(PROBLEMS["route-closed"], depth=1)
    state = qg.simulate(PROBLEMS["route-closed"], [], [])
    assert table["random"].mean == pytest.approx(state.costs.mean())


def test_the_example_city_is_solved_three_ways() -> None:
    """The example of the documentation: the QAOA route is feasible, beside the optimum."""
    routing = qg.PriorityRouting(qg.read_city(ROOT / "examples/city.json"))
    best, greedy, qaoa = (
        qg.solve_exact(routing),
        qg.solve_greedy(routing),
        qg.solve_qaoa(routing, depth=3, seed=7),
    )
    assert best.objective == pytest.approx(50.5)
    assert best.optimal
    assert greedy.objective == pytest.approx(50.77)
    assert qaoa.best.feasible
    assert qaoa.best.priority_satisfied
    assert qaoa.optimum == pytest.approx(best.objective)
    assert best.objective <= qaoa.best.objective <= qaoa.expectation < routing.mean_travel_time()


def test_the_exact_solver_prunes_nothing_in_blocks() -> None:
    model = spin_glass(brute_force.LOW_BITS + 2, 5)
    bits, finished = brute_force.brute_force(model, Budget(None))
    assert finished
    assert model.energy(bits) == pytest.approx(qg.simulate(model, [], []).optimum())
