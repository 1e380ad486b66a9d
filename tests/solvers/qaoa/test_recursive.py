"""Recursive QAOA: the ring of disagrees, free spins, and graphs far beyond any state vector."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from conftest import asymmetric_graph, spin_glass

import qgraph as qg


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


def test_row_12_the_toroidal_g_set_graph(data: Path) -> None:
    """G11, best known 564 (Benlic, Hao 2013): at least 0.98 of it."""
    problem = qg.MaxCut(qg.read_graph(data / "gset" / "G11.txt"))
    assert 0.98 * 564 <= qg.solve_recursive_qaoa(problem, seed=7).objective <= 564
