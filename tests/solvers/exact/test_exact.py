"""Exact solving: every method beside brute force, and public instances beside their published optima."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import asymmetric_graph, brute_force_values, interrupted_after, spin_glass

import qgraph as qg
from qgraph.base import resources
from qgraph.problems.sense import sign
from qgraph.solvers import integer_programming, number_partitioning
from qgraph.solvers.budget import Budget
from qgraph.solvers.exact import brute_force, decomposition, dense_cuts, solve
from qgraph.solvers.heuristics.greedy import greedy_bits
from qgraph.solvers.relaxations import bounds
from qgraph.solvers.relaxations.bounds import relaxed_bound

PROBLEMS: dict[str, Any] = {
    "maxcut": qg.MaxCut(asymmetric_graph(12, 1)),
    "maxcut-sparse": qg.MaxCut(asymmetric_graph(12, 2, 0.25)),
    "ising": spin_glass(11, 3),
    "ising-maximize": spin_glass(11, 4, "maximize"),
    "qubo": qg.QUBO(np.random.default_rng(2).integers(-9, 10, (11, 11)), -3, sense="maximize"),
    "independent-set": qg.IndependentSet(qg.Graph.erdos_renyi(12, 0.3, seed=5), np.linspace(0.5, 3, 12)),
    "vertex-cover": qg.VertexCover(qg.Graph.erdos_renyi(12, 0.3, seed=6)),
    "partitioning": qg.GraphPartitioning(asymmetric_graph(11, 7)),
    "partitioning-sparse": qg.GraphPartitioning(asymmetric_graph(12, 8, 0.25)),
    "coloring": qg.GraphColoring(qg.Graph.erdos_renyi(6, 0.8, seed=9), 2),
    "k-cut": qg.MaxKCut(asymmetric_graph(5, 10), 3),
    "numbers": qg.NumberPartitioning(np.random.default_rng(3).uniform(1, 100, 13)),
}


def queen(size: int) -> qg.Graph:
    """Squares of a board, adjacent where a queen goes from one to the other."""
    squares = [(x, y) for x in range(size) for y in range(size)]
    pairs = [(a, b) for a in squares for b in squares if a < b]
    attacks = [
        (a, b) for a, b in pairs if a[0] == b[0] or a[1] == b[1] or abs(a[0] - b[0]) == abs(a[1] - b[1])
    ]
    return qg.Graph.from_edges([(str(a), str(b)) for a, b in attacks])


@pytest.mark.parametrize("name", PROBLEMS)
def test_no_method_differs_from_brute_force(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    problem = PROBLEMS[name]
    values = brute_force_values(problem)
    best = float(values.min() if problem.sense == "minimize" else values.max())
    monkeypatch.setattr(solve, "LARGEST_BRUTE_FORCE", 0)
    solution = qg.solve_exact(problem)
    assert solution.optimal
    assert solution.objective == pytest.approx(best)
    assert solution.bound == solution.objective
    assert solution.stopped_by is None


@pytest.mark.parametrize("name", PROBLEMS)
def test_relaxed_bounds_hold(name: str) -> None:
    problem = PROBLEMS[name]
    values = brute_force_values(problem)
    best = float(values.min() if problem.sense == "minimize" else values.max())
    assert sign(problem) * relaxed_bound(problem, Budget(None)) <= sign(problem) * best + 1e-9


@pytest.mark.parametrize("sense", ["minimize", "maximize"])
@pytest.mark.parametrize("seed", range(5))
def test_dense_cuts_prove_spin_glasses(seed: int, sense: str) -> None:
    """From the worst start, with fields, an offset and couplings of both signs."""
    model = spin_glass(12 + seed % 2, seed, sense)
    values = brute_force_values(model)
    best = float(values.min() if sense == "minimize" else values.max())
    start = np.zeros(len(model.nodes), dtype=np.uint8)
    bits, bound, proved = dense_cuts.solve(model, start, Budget(None))
    assert proved
    assert model.energy(bits) == pytest.approx(best)
    assert bound == pytest.approx(best)


@pytest.mark.parametrize("scale", [1e-7, 1e25])
def test_dense_cuts_at_any_scale(scale: float) -> None:
    graph = asymmetric_graph(13, 5)
    best = float(brute_force_values(qg.MaxCut(graph)).max())
    model = qg.MaxCut(graph.with_weights(scale * graph.weights)).to_ising()
    bits, bound, proved = dense_cuts.solve(model, np.zeros(13, dtype=np.uint8), Budget(None))
    assert proved
    assert model.energy(bits) == pytest.approx(scale * best, rel=1e-9, abs=0)
    assert bound == pytest.approx(scale * best, rel=1e-9, abs=0)


@pytest.mark.parametrize("seed", range(4))
def test_dense_bounds_are_valid_at_every_stop(seed: int) -> None:
    model = qg.MaxCut(qg.Graph.complete(14).with_random_weights(seed=seed)).to_ising()
    best = float(brute_force_values(model).max())
    for rounds in (1, 3, 9):
        asked = iter(range(rounds))
        budget = Budget(None, lambda _, left=asked: next(left, None) is None)
        _, bound, _ = dense_cuts.solve(model, np.zeros(14, dtype=np.uint8), budget)
        assert bound >= best - 1e-9


def test_a_dense_model_of_forty_nodes_is_proved() -> None:
    problem = qg.MaxCut(qg.Graph.complete(40).with_random_weights(seed=1))
    solution = qg.solve_exact(problem)
    assert solution.optimal
    assert solution.objective >= qg.solve_tabu(problem, seed=1).objective - 1e-9


@pytest.mark.parametrize(
    ("problem", "objective"),
    [
        (qg.GraphColoring(queen(5), 5), 0.0),
        (qg.GraphColoring(qg.Graph.complete(12), 4), 12.0),  # Turan: four classes of three
        (qg.VertexCover(qg.Graph.complete(40)), 39.0),
        (qg.IndependentSet(qg.Graph.ring(41)), 20.0),
        (qg.GraphPartitioning(qg.Graph.grid(6, 6)), 6.0),
        (qg.MaxKCut(qg.Graph.complete(10), 3), 33.0),  # Turan: 45 - 2 * 3 - 6
        (qg.NumberPartitioning([2**i for i in range(40)]), 1.0),
        (qg.NumberPartitioning([float(3**i) for i in range(30)]), ((3**29 + 1) // 2) ** 2),
    ],
)
def test_known_optima_beyond_brute_force(problem: Any, objective: float) -> None:
    solution = qg.solve_exact(problem, time_limit=60)
    assert solution.optimal
    assert solution.objective == pytest.approx(objective, rel=1e-12)


@pytest.mark.parametrize(
    "name", ["partitioning", "coloring", "k-cut", "maxcut", "independent-set", "numbers"]
)
def test_an_answer_that_meets_a_trivial_bound_is_proved(name: str) -> None:
    """Every solver's answer counts; here greedy finds it."""
    problem = {
        "partitioning": qg.GraphPartitioning(qg.Graph.from_edges([("a", "b"), ("c", "d")])),
        "coloring": qg.GraphColoring(qg.Graph.ring(6), 2),
        "k-cut": qg.MaxKCut(qg.Graph.ring(5), 3),
        "maxcut": qg.MaxCut(qg.Graph.grid(3, 4).with_weights(np.linspace(0.1, 1.7, 17))),
        "independent-set": qg.IndependentSet(qg.Graph.from_edges([], "abc")),
        "numbers": qg.NumberPartitioning([3, 1, 1, 2, 2, 2]),
    }[name]
    solution = qg.solve_greedy(problem)
    assert solution.optimal
    assert solution.bound == solution.objective
    assert not qg.solve_greedy(qg.MaxCut(qg.Graph.ring(5))).optimal
    assert qg.solve_greedy(qg.MaxCut(qg.Graph.ring(5))).bound is None


@pytest.mark.parametrize("count", [5, 12, 45])
@pytest.mark.parametrize("seed", range(3))
def test_sums_from_halves_tables_and_trees_agree(seed: int, count: int) -> None:
    values = np.random.default_rng(seed).integers(1, 60, count).astype(float)
    start = number_partitioning.differenced(values)
    table, proved = number_partitioning._from_table(values, Budget(None), start)
    tree, complete = number_partitioning._complete(values, start, float(values.sum() % 2), Budget(None))
    assert proved
    assert complete
    best = number_partitioning.difference(values, table)
    assert number_partitioning.difference(values, tree) == best
    if count <= number_partitioning.MEET_IN_THE_MIDDLE:
        assert number_partitioning.difference(values, number_partitioning._from_halves(values)) == best
        assert best**2 == brute_force_values(qg.NumberPartitioning(values)).min()


HARD = {
    "cut": qg.MaxCut(qg.Graph.complete(150).with_random_weights(seed=1)),
    "large-cut": qg.MaxCut(qg.Graph.erdos_renyi(400, 0.2, seed=1)),
    "sparse-cut": qg.MaxCut(qg.Graph.random_regular(5, 400, seed=1)),
    "halves": qg.GraphPartitioning(qg.Graph.random_regular(4, 300, seed=2)),
    "colors": qg.GraphColoring(qg.Graph.erdos_renyi(60, 0.5, seed=1), 6),
    "numbers": qg.NumberPartitioning(np.random.default_rng(7).uniform(0, 1, 70)),
}


@pytest.mark.parametrize("name", HARD)
def test_an_interrupt_leaves_the_best_so_far(name: str) -> None:
    problem = HARD[name]
    with interrupted_after(1.5):
        solution = qg.solve_exact(problem)
    assert solution.stopped_by == "interrupt"
    assert not solution.optimal
    assert solution.bound is not None
    side = sign(problem)
    assert side * solution.bound <= side * solution.objective <= side * qg.solve_greedy(problem).objective


@pytest.mark.parametrize("name", HARD)
def test_a_callback_ends_the_work(name: str) -> None:
    began = time.perf_counter()
    solution = qg.solve_exact(HARD[name], callback=lambda _: time.perf_counter() - began > 1.0)
    assert solution.stopped_by == "callback"
    assert threading.active_count() < 20


def test_sparse_halves_are_proved_by_vectors() -> None:
    """Columns for edges prove almost nothing in graphs without small cuts."""
    problem = qg.GraphPartitioning(qg.Graph.random_regular(4, 80, seed=3))
    bits, edges, proved = integer_programming.solve_bits(problem, greedy_bits(problem), 0.0, Budget(2))
    assert not proved
    solution = qg.solve_exact(problem, time_limit=20)
    assert solution.optimal
    assert edges < solution.objective <= problem.objective(bits)


def test_large_halves_have_the_bound_of_the_second_eigenvalue() -> None:
    graph = qg.Graph.random_regular(3, 400, seed=1)
    laplacian = np.diag(np.full(400, 3.0))
    i, j = graph.pairs.T
    laplacian[i, j] = laplacian[j, i] = -1
    least = 400 * np.linalg.eigvalsh(laplacian)[1] / 4
    solution = qg.solve_exact(qg.GraphPartitioning(graph), time_limit=2)
    assert 10 < least <= solution.bound + 1e-6 <= solution.objective  # type: ignore[operator]


@pytest.mark.parametrize("lack", ["memory", "time"])
def test_models_too_large_for_vectors_are_still_solved(lack: str, monkeypatch: pytest.MonkeyPatch) -> None:
    problem = qg.MaxKCut(qg.Graph.random_regular(7, 200, seed=1), 2)
    assert relaxed_bound(problem, Budget(20)) < problem.trivial_bound
    if lack == "memory":
        monkeypatch.setattr(resources, "free_memory", lambda: 1000)
    else:
        monkeypatch.setattr(bounds, "LARGEST_RELAXED", 199)
    assert relaxed_bound(problem, Budget(20)) == problem.trivial_bound
    solution = qg.solve_exact(problem, time_limit=1)
    assert solution.objective <= solution.bound <= problem.trivial_bound  # type: ignore[operator]


def test_bounds_on_dense_halves_are_whole() -> None:
    solution = qg.solve_exact(qg.GraphPartitioning(qg.Graph.erdos_renyi(90, 0.3, seed=3)), time_limit=1)
    assert not solution.optimal
    assert solution.bound == round(solution.bound)  # type: ignore[arg-type]
    assert 0 < solution.bound < solution.objective  # type: ignore[operator]


@pytest.mark.parametrize("sense", ["minimize", "maximize"])
def test_bounds_on_whole_terms_are_values_of_c(sense: str) -> None:
    rng = np.random.default_rng(4)
    J = {
        (i, j): int(rng.integers(-3, 4)) for i in range(300) for j in range(i + 1, 300) if rng.random() < 0.1
    }
    model = qg.Ising(rng.integers(-2, 3, 300), J, 0.25, sense=sense)  # type: ignore[arg-type]
    solution = qg.solve_exact(model, time_limit=3)
    assert not solution.optimal
    assert solution.stopped_by == "time_limit"  # without a proof, the search goes on until the time limit
    assert (solution.bound - solution.objective) % 2 == 0  # type: ignore[operator]


PUBLISHED = {
    "hamming6-2": 2,
    "hamming6-4": 12,
    "sloane_1dc_64": 10,
    "insecta-ant-colony1-day38": 6,
    "aves-sparrow-social": 13,
    "karate": 20,
    "es60fst02": 88,
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_public_independent_sets_are_proved(name: str, data: Path) -> None:
    graph = qg.read_graph(data / f"independent_set/{name}.gph")
    solution = qg.solve_exact(qg.IndependentSet(graph), time_limit=60)
    assert solution.optimal
    assert solution.objective == PUBLISHED[name]
    cover = qg.solve_exact(qg.VertexCover(graph), time_limit=60)
    assert cover.optimal
    assert cover.objective == len(graph.nodes) - PUBLISHED[name]


def test_the_karate_club_is_halved(data: Path) -> None:
    solution = qg.solve_exact(qg.GraphPartitioning(qg.read_graph(data / "independent_set/karate.gph")))
    assert (solution.objective, solution.optimal) == (10, True)


def test_be100_is_bounded(data: Path) -> None:
    problem = qg.MaxCut(qg.read_graph(data / "biqmac/be100.1.sparse.mc"))
    solution = qg.solve_exact(problem, time_limit=15)
    assert solution.objective == 19412
    assert 19412 <= (solution.bound or 0.0) <= 1.06 * 19412


@pytest.mark.parametrize("seed", range(60))
def test_pieces_fit_together_to_the_whole(seed: int) -> None:
    """Models of many shapes: trees, rings, blocks at one spin, fields, cancelled couplings."""
    rng = np.random.default_rng(seed)
    n, probability = int(rng.integers(1, 13)), float(rng.choice([0.1, 0.2, 0.3, 0.5]))
    pairs = [(i, j) for i in range(n) for j in range(i + 1, n) if rng.random() < probability]
    values = rng.integers(-2, 3, n + len(pairs)) if seed % 2 else rng.normal(size=n + len(pairs))
    h = values[:n] * (rng.random(n) < 0.4) * (seed % 3 > 0)
    J = dict(zip(pairs, values[n:].tolist(), strict=True))
    model = qg.Ising(h, J, 1.5, sense="maximize" if seed % 5 == 0 else "minimize")
    parts = decomposition.pieces(model)
    found = [brute_force.brute_force(piece, Budget(None))[0] for piece in parts.models]
    least = parts.constant + sum(float(m.energy(b)) for m, b in zip(parts.models, found, strict=True))
    energies = brute_force_values(model)
    best = float(energies.min() if model.sense == "minimize" else energies.max())
    assert model.energy(parts.joined(found)) == pytest.approx(best)
    assert model.offset + sign(model) * least == pytest.approx(best)
