"""Moves that keep the rules: energies tracked move by move, optima of small models, public values."""

from __future__ import annotations

from typing import Any

import networkx as nx
import numpy as np
import pytest
from conftest import all_bits, asymmetric_graph, brute_force_values, interrupted_after, spin_glass

import qgraph as qg
from qgraph.solvers import number_partitioning
from qgraph.solvers.budget import Budget
from qgraph.solvers.heuristics import label_annealing, local_search

PROBLEMS: dict[str, Any] = {
    "partitioning": qg.GraphPartitioning(asymmetric_graph(11, 1)),
    "partitioning-even": qg.GraphPartitioning(asymmetric_graph(10, 2)),
    "coloring": qg.GraphColoring(qg.Graph.erdos_renyi(5, 0.8, seed=3), 2),
    "k-cut": qg.MaxKCut(asymmetric_graph(4, 4), 3),
    "ising": spin_glass(10, 5, "maximize"),
}


@pytest.mark.parametrize("name", PROBLEMS)
def test_energies_differ_as_objectives_do(name: str) -> None:
    """For random labels, and after each of many moves."""
    problem = PROBLEMS[name]
    model, bits_of = local_search.moves(problem)
    side = 1.0 if problem.sense == "minimize" else -1.0
    rng = np.random.default_rng(1)
    search = local_search.LabelSearch(model, local_search.random_labels(model, rng))
    for _ in range(60):
        before, labels = model.energy(search.labels), search.labels.copy()
        node, label = int(rng.integers(len(labels))), int(rng.integers(model.alone.shape[1]))
        change = search.put(node, label)
        assert model.energy(search.labels) == pytest.approx(before + change)
        assert np.allclose(search.costs, model.costs(search.labels))
        if not model.balanced:
            moved = problem.objective(bits_of(search.labels)) - problem.objective(bits_of(labels))
            assert side * moved == pytest.approx(change, abs=1e-9)


@pytest.mark.parametrize("name", PROBLEMS)
def test_every_answer_keeps_the_rules_and_is_a_local_optimum(name: str) -> None:
    problem = PROBLEMS[name]
    model, bits_of = local_search.moves(problem)
    rng = np.random.default_rng(2)
    ends = label_annealing.annealed(model, 5, 50, rng, Budget(None))
    ends.append(local_search.tabu(model, local_search.constructed(model), 1, rng, Budget(None)))
    for labels in ends:
        decoded = problem.decode(bits_of(labels))
        assert decoded.feasible or isinstance(problem, qg.GraphColoring)
        assert decoded.labels is not None
        if not model.balanced:
            changes = local_search.LabelSearch(model, labels).changes()
            assert changes.min() >= -1e-9


@pytest.mark.parametrize("solver", [qg.solve_annealing, qg.solve_tabu])
@pytest.mark.parametrize("name", PROBLEMS)
def test_small_problems_are_solved(solver: Any, name: str) -> None:
    problem = PROBLEMS[name]
    values = brute_force_values(problem)
    best = float(values.min() if problem.sense == "minimize" else values.max())
    assert solver(problem, seed=1).objective == pytest.approx(best)


@pytest.mark.parametrize("solver", [qg.solve_annealing, qg.solve_tabu])
def test_the_karate_club_in_halves(solver: Any) -> None:
    """10 edges between the halves: proved by the integer program; weighted, 23."""
    weighted = qg.Graph.from_networkx(nx.karate_club_graph())
    plain = weighted.with_weights([1.0] * len(weighted.edges))
    assert solver(qg.GraphPartitioning(plain), seed=1, reads=3).objective == 10
    assert solver(qg.GraphPartitioning(weighted), seed=1, reads=3).objective == 23


def test_exchanges_that_are_made_together_are_independent() -> None:
    model = qg.GraphPartitioning(qg.Graph.erdos_renyi(40, 0.1, seed=1)).labelling()
    assert model is not None
    rng = np.random.default_rng(3)
    near = model.neighbours.toarray() != 0
    for width in (1, 2):
        for _ in range(20):
            groups, _ = label_annealing._independent(model, width, rng)
            nodes = groups.ravel()
            assert len(set(nodes.tolist())) == len(nodes)
            owner = np.repeat(np.arange(len(groups)), width)
            touching = near[np.ix_(nodes, nodes)] & (owner[:, None] != owner[None, :])
            assert not touching.any()


def test_annealing_of_labels_has_boltzmann_frequencies() -> None:
    """After a long time at one temperature, labellings have Boltzmann frequencies."""
    problem = qg.GraphPartitioning(asymmetric_graph(6, 7))
    model = problem.labelling()
    assert model is not None
    rng = np.random.default_rng(4)
    state = label_annealing._Replicas(model, [local_search.random_labels(model, rng) for _ in range(2000)])
    for _ in range(300):
        state.exchange(*label_annealing._independent(model, 2, rng), 1.5, rng)
    balanced = [row for row in all_bits(6) if row.sum() == 3]
    weights = np.array([np.exp(-model.energy(row) / 1.5) for row in balanced])
    seen = np.array([(row == state.labels.T).all(axis=1).mean() for row in balanced])
    assert np.abs(seen - weights / weights.sum()).max() < 0.03
    labels = state.labels[:, 0]
    assert np.allclose(state.costs[:, 0], model.costs(labels))


@pytest.mark.parametrize("count", [2, 7, 30, 200])
def test_numbers_are_differenced_and_then_improved(count: int) -> None:
    values = np.random.default_rng(count).integers(1, 10**6, count).astype(float)
    problem = qg.NumberPartitioning(values)
    greedy, annealed, tabu = qg.solve_greedy(problem), qg.solve_annealing(problem, seed=1, reads=3), qg.solve_tabu(problem, seed=1, reads=3)  # fmt: skip
    bits = np.array([greedy.labels[name] for name in problem.nodes])  # type: ignore[index]
    assert greedy.objective == number_partitioning.difference(values, bits) ** 2
    assert max(annealed.objective, tabu.objective) <= greedy.objective
    assert qg.solve_exact(problem).objective <= annealed.objective


def test_thirty_numbers_are_split_well() -> None:
    """Penalties and single flips leave squares of hundreds here; groups and differences are almost perfect."""
    values = np.random.default_rng(30).integers(1, 10**6, 30)
    assert qg.solve_annealing(qg.NumberPartitioning(values.tolist()), seed=1).objective <= 4


LONG: dict[str, Any] = {
    "flips": qg.MaxCut(qg.Graph.random_regular(3, 3000, seed=1)),
    "halves": qg.GraphPartitioning(qg.Graph.random_regular(4, 600, seed=1)),
    "colors": qg.GraphColoring(qg.Graph.erdos_renyi(400, 0.1, seed=1), 9),
    "numbers": qg.NumberPartitioning(np.random.default_rng(1).uniform(size=400)),
}


@pytest.mark.parametrize("solver", [qg.solve_annealing, qg.solve_tabu])
@pytest.mark.parametrize("name", LONG)
def test_one_read_stops_at_an_interrupt_and_a_time_limit(solver: Any, name: str) -> None:
    problem = LONG[name]
    effort = {"restarts": 1000} if solver is qg.solve_tabu else {"sweeps": 10**6}
    with interrupted_after(1.5):
        stopped = solver(problem, seed=1, reads=1, **effort)
    assert stopped.stopped_by == "interrupt"
    late = solver(problem, seed=1, reads=1, time_limit=0.3, **effort)
    assert late.stopped_by == "time_limit"
    assert stopped.objective is not None


def test_large_models_settle_to_local_optima() -> None:
    problem = qg.MaxCut(qg.Graph.random_regular(4, 10_000, seed=1).with_random_weights(seed=2))
    model, _ = local_search.moves(problem)
    labels = local_search.random_labels(model, np.random.default_rng(1))
    search = local_search.LabelSearch(model, labels)
    search.descended()
    assert search.changes().min() >= -search.least
