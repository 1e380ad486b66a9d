"""Recursive QAOA: the ring of disagrees, free spins, and graphs far beyond any state vector."""

from __future__ import annotations

from pathlib import Path
from unittest.mock import Mock

import numpy as np
import pytest
from conftest import all_bits, asymmetric_graph, brute_force_values, spin_glass

import qgraph as qg
from qgraph.solvers.qaoa.contracted import Contracted


@pytest.mark.parametrize("n", [40, 41, 200])
def test_row_9_the_ring_of_disagrees_is_solved(n: int) -> None:
    """Exactly, at depth 1: Bravyi, Kliesch, Koenig, Tang, arXiv:1910.08980."""
    problem = qg.MaxCut(qg.Graph.ring(n))
    assert qg.solve_recursive_qaoa(problem, seed=1, cutoff=8).objective == 2 * (n // 2)


@pytest.mark.parametrize("seed", range(4))
def test_contraction_keeps_the_objective(seed: int) -> None:
    """One step, then brute force: only the decision of that step can cost anything."""
    problem = spin_glass(14, seed)
    solution = qg.solve_recursive_qaoa(problem, seed=seed, cutoff=13)
    bits = [solution.labels[node] for node in problem.nodes]  # type: ignore[index]
    assert problem.energy(bits) == pytest.approx(solution.objective)
    best = qg.solve_exact(problem).objective
    assert solution.objective <= best + 0.1 * abs(best)


def test_free_spins_and_cancelled_couplings() -> None:
    signs = np.where(np.arange(2 * 64) % 3 == 0, -1.0, 1.0)
    grid = qg.Graph.grid(8, 8)
    problem = qg.MaxCut(grid.with_weights(signs[: len(grid.edges)]))
    solution = qg.solve_recursive_qaoa(problem, seed=5)
    assert solution.objective >= 0.9 * qg.solve_exact(problem).objective
    edgeless = qg.MaxCut(qg.Graph.from_edges([], [str(i) for i in range(30)]))
    assert qg.solve_recursive_qaoa(edgeless, seed=5).objective == 0


def test_seeds_break_ties() -> None:
    problem = qg.MaxCut(qg.Graph.complete(25))
    labels = [qg.solve_recursive_qaoa(problem, seed=seed).labels for seed in (1, 1, 2)]
    assert labels[0] == labels[1] != labels[2]


def test_it_can_be_stopped_and_still_answers() -> None:
    problem = qg.MaxCut(asymmetric_graph(40, 1))
    shares: list[float] = []
    solution = qg.solve_recursive_qaoa(problem, callback=lambda share: shares.append(share) or share > 0.1)
    assert 0.1 < shares[-1] < 0.2
    assert solution.objective > problem.to_ising().offset
    assert qg.solve_recursive_qaoa(problem, time_limit=1e-9).feasible


@pytest.mark.parametrize("depth", [2, 3])
@pytest.mark.parametrize("sense", ["minimize", "maximize"])
def test_deeper_rounds_come_near_the_optimum(depth: int, sense: str) -> None:
    """Four models in a row, all decided by rounds: the worst reaches 0.9 of the way from the mean of C."""
    for seed in range(4):
        problem = spin_glass(11, seed, sense)
        solution = qg.solve_recursive_qaoa(problem, depth=depth, seed=seed, cutoff=1)
        bits = [solution.labels[node] for node in problem.nodes]
        assert (solution.solver, solution.feasible) == ("recursive-qaoa", True)
        assert problem.energy(bits) == pytest.approx(solution.objective)
        best = (np.max if sense == "maximize" else np.min)(brute_force_values(problem))
        assert (solution.objective - problem.offset) / (best - problem.offset) > 0.9
        assert qg.solve_recursive_qaoa(problem, depth=depth, seed=seed, cutoff=1).labels == solution.labels


def test_depth_two_solves_a_ring_and_a_weighted_cut() -> None:
    assert qg.solve_recursive_qaoa(qg.MaxCut(qg.Graph.ring(60)), depth=2, seed=1).objective == 60
    problem = qg.MaxCut(asymmetric_graph(14, 3, 0.3))
    found = qg.solve_recursive_qaoa(problem, depth=2, seed=1, cutoff=4)
    assert found.objective >= 0.95 * brute_force_values(problem).max()


def test_what_is_too_dense_for_depth_two_continues() -> None:
    """Cones of depth 2 hold all 45 nodes: depth 1 decides, in closed form, to the same answer."""
    problem = qg.MaxCut(asymmetric_graph(45, 1))
    deep, flat = (qg.solve_recursive_qaoa(problem, depth=depth, seed=1) for depth in (2, 1))
    assert deep.labels == flat.labels


@pytest.mark.parametrize("held", [False, True])
def test_a_forest_keeps_the_energy(held: bool) -> None:
    """The energies of the rest are those of the whole, apart from a constant, and all pairs are as found."""
    problem, rng = spin_glass(12, 5), np.random.default_rng(1)
    hidden = np.append(rng.choice([-1.0, 1.0], 12), 1.0)
    for most in (9, 11):
        model = Contracted(problem)
        ising = model.with_held_spin() if held else model.ising()
        found = rng.uniform(0.9, 1, len(ising.J)) * hidden[ising.pairs].prod(axis=1)
        model.fix_forest(ising, found, 0.9, most, rng)
        rest, left = model.ising(), all_bits(12 - most)
        assert len(model.alive) == 12 - most
        spins = _all_extensions(model, 1.0 - 2.0 * left)
        unit = max(np.abs(problem.J).max(), np.abs(problem.h).max())
        whole = problem.energy((spins < 0).astype(int)) / unit
        assert np.ptp(whole - rest.energy(left)) < 1e-12
    assert (spins == hidden[:12]).all(axis=1).any()


def _all_extensions(model: Contracted, others: np.ndarray) -> np.ndarray:
    """All spins of the whole model, for each row of the spins that are left."""
    spins = np.ones((len(others), len(model.parents) + 1))
    spins[:, model.alive] = others
    for name in reversed(model.order):
        spins[:, name] = model.signs[name] * spins[:, model.parents[name]]
    return spins[:, :-1]


def test_deeper_rounds_can_be_stopped() -> None:
    problem = spin_glass(16, 1)
    shares: list[float] = []
    options = {"depth": 2, "cutoff": 2, "seed": 1}
    solution = qg.solve_recursive_qaoa(problem, callback=lambda s: shares.append(s) or s > 0.3, **options)
    assert 0.3 < shares[-1] < 0.5
    assert shares == sorted(shares)
    assert (solution.stopped_by, solution.feasible) == ("callback", True)
    late = qg.solve_recursive_qaoa(problem, time_limit=1e-9, **options)
    assert (late.stopped_by, late.feasible) == ("time_limit", True)
    for depth in (0, 1.5):
        with pytest.raises(qg.InvalidInput, match="`depth` must be"):
            qg.solve_recursive_qaoa(problem, depth=depth)


def test_rounds_that_take_too_long_continue_at_depth_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(qg.Simulator, "correlations", Mock(side_effect=TimeoutError()))
    problem = spin_glass(16, 1)
    found = qg.solve_recursive_qaoa(problem, depth=2, seed=1, cutoff=2)
    assert found.labels == qg.solve_recursive_qaoa(problem, seed=1, cutoff=2).labels
    assert found.stopped_by is None


def test_large_graphs_get_a_solution_from_correlations() -> None:
    """Far above chance (150) and the mean of QAOA (207); the best of all cuts is about 275."""
    problem = qg.MaxCut(qg.Graph.random_regular(3, 200, seed=1))
    result = qg.solve_qaoa(problem, seed=1)
    assert result.best is not None
    assert (result.best.solver, result.shots, result.method) == ("qaoa-correlations", 0, "closed_form")
    labels = result.best.labels or {}
    bits = [labels[node] for node in problem.nodes]
    assert result.best.objective == problem.to_ising().energy(bits)
    assert result.best.objective > 255
    assert qg.solve_qaoa(problem, seed=1).best.labels == result.best.labels
    assert qg.solve_qaoa(problem, seed=2).best.labels != result.best.labels


@pytest.mark.parametrize("scale", [1.0, -1e6])
def test_roundings_do_not_depend_on_units(scale: float) -> None:
    """Neither on the size of C nor on its sense; half of the nodes are rounded before brute force."""
    model = spin_glass(14, 2)
    J = {
        tuple(pair): scale * value for pair, value in zip(model.pairs.tolist(), model.J.tolist(), strict=True)
    }
    sense = "minimize" if scale > 0 else "maximize"
    problem = qg.Ising((scale * model.h).tolist(), J, sense=sense)
    result = qg.solve_qaoa(problem, seed=1, method="closed_form")
    assert result.best is not None
    side, values = np.sign(scale), brute_force_values(problem)
    assert side * result.best.objective < 0.9 * (side * values).min()


def test_a_rounding_that_is_late_loses_no_angles(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = qg.MaxCut(qg.Graph.random_regular(3, 60, seed=1))
    free = qg.solve_qaoa(problem, seed=1)
    for error, reason in ((TimeoutError(), "time_limit"), (KeyboardInterrupt(), "interrupt")):
        monkeypatch.setattr(qg.Simulator, "correlations", Mock(side_effect=error))
        result = qg.solve_qaoa(problem, seed=1)
        assert (result.best, result.shots, result.stopped_by) == (None, 0, reason)
        assert (result.gammas, result.betas, result.expectation) == (
            free.gammas,
            free.betas,
            free.expectation,
        )


def test_row_12_the_toroidal_g_set_graph(data: Path) -> None:
    """G11, best known 564 (Benlic, Hao 2013): at least 0.98 of it."""
    problem = qg.MaxCut(qg.read_graph(data / "gset" / "G11.txt"))
    assert 0.98 * 564 <= qg.solve_recursive_qaoa(problem, seed=7).objective <= 564
