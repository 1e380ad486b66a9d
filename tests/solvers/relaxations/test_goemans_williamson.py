"""The semidefinite bound against brute force and published values, and the rounding against its guarantee."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from conftest import asymmetric_graph, spin_glass

import qgraph as qg
from qgraph.problems.sense import sign
from qgraph.solvers.relaxations import semidefinite
from qgraph.solvers.relaxations.goemans_williamson import couplings

RATIO = 0.87856  # Goemans and Williamson, J. ACM 42, 1995
BEST_KNOWN = {"G1": 11624, "G11": 564, "G14": 3064}  # Benlic and Hao 2013
RELAXED = {"G1": 12083.20, "G11": 629.16, "G14": 3191.57}  # Burer and Monteiro 2003, table 2, rounded


def optimum(problem: qg.Problem) -> float:
    n = len(problem.nodes)
    values = problem.objective(np.arange(2**n)[:, None] >> np.arange(n) & 1)
    return float(values.min() if problem.sense == "minimize" else values.max())


def outside(problem: qg.Problem, bound: float, best: float) -> float:
    """The distance of the bound from the optimum; positive if it is a bound."""
    return sign(problem) * (best - bound)


@pytest.mark.parametrize("sense", ["minimize", "maximize"])
@pytest.mark.parametrize("seed", range(12))
def test_the_bound_holds_for_any_ising_model(seed: int, sense: str) -> None:
    """Fields, couplings of both signs and an offset: brute force gives the optimum that the bound must allow."""
    problem = spin_glass(4 + seed % 7, seed, sense)
    solution, best = qg.solve_goemans_williamson(problem, seed=seed), optimum(problem)
    assert solution.bound is not None
    assert outside(problem, solution.bound, best) >= 0
    weights = float(np.abs(problem.h).sum() + np.abs(problem.J).sum())
    assert outside(problem, solution.bound, best) <= 0.25 * weights  # the bound is useful, too
    assert solution.objective == pytest.approx(best)  # a hundred hyperplanes are enough for so few spins


@pytest.mark.parametrize("seed", range(12))
def test_the_bound_holds_for_cuts_of_weights_of_both_signs(seed: int) -> None:
    problem = qg.MaxCut(asymmetric_graph(5 + seed, seed))
    solution = qg.solve_goemans_williamson(problem, seed=seed)
    assert solution.bound is not None
    assert solution.bound >= optimum(problem)


@pytest.mark.parametrize(
    "problem",
    [
        qg.MaxCut(qg.Graph.grid(3, 4)),
        qg.MaxCut(qg.Graph.ring(8)),
        qg.MaxCut(qg.Graph.from_edges([("a", "b", -1.0), ("c", "d", -2.5)])),
        qg.Ising([0.3, -1.7, 0.0], {(0, 1): 0.25}, 1e9),
        qg.Ising([0.0, 0.0], {}, -3.0),
        qg.MaxCut(qg.Graph.complete(1)),
    ],
)
def test_the_bound_of_an_exact_relaxation_is_the_optimum(problem: qg.Problem) -> None:
    """Here the bound is valid only because rounding errors are counted."""
    solution, best = qg.solve_goemans_williamson(problem, seed=3), optimum(problem)
    assert solution.objective == pytest.approx(best)
    assert solution.bound == pytest.approx(best, rel=1e-3)
    assert outside(problem, float(solution.bound or 0.0), best) >= 0


def test_a_pentagon_by_hand() -> None:
    """The relaxation puts neighbours 144 degrees apart: 5 (1 - cos 144) / 2 (Goemans and Williamson)."""
    solution = qg.solve_goemans_williamson(qg.MaxCut(qg.Graph.ring(5)), seed=1)
    assert solution.bound == pytest.approx(5 * (1 - np.cos(np.radians(144))) / 2, rel=1e-4)
    assert solution.objective == 4.0


@pytest.mark.parametrize("seed", range(4))
def test_the_bound_is_valid_when_stopped_at_once(seed: int) -> None:
    problem = qg.MaxCut(asymmetric_graph(10, seed))
    shares: list[float] = []
    solution = qg.solve_goemans_williamson(problem, seed=seed, callback=lambda s: shares.append(s) or True)
    assert shares[0] == 0.0
    assert float(solution.bound or 0.0) >= optimum(problem)
    whole = qg.solve_goemans_williamson(problem, seed=seed)
    assert float(solution.bound or 0.0) > float(whole.bound or 0.0)
    assert qg.solve_goemans_williamson(problem, seed=seed, time_limit=1e-9).objective == solution.objective


@pytest.mark.parametrize("seed", range(3))
def test_the_mean_rounding_keeps_its_guarantee(seed: int) -> None:
    """For weights that are not negative: one hyperplane at a time, on average 0.878 of the bound."""
    graph = qg.Graph.erdos_renyi(24, 0.4, seed=seed)
    weights = np.random.default_rng(seed).uniform(0.1, 3.0, len(graph.edges))
    problem = qg.MaxCut(graph.with_weights(weights))
    cuts = [qg.solve_goemans_williamson(problem, seed=s, roundings=1) for s in range(60)]
    mean = np.mean([cut.objective for cut in cuts])
    assert mean >= RATIO * float(cuts[0].bound or 0.0)
    assert qg.solve_goemans_williamson(problem, seed=0).objective >= mean


@pytest.mark.parametrize("scale", [1e-7, 1e25])
def test_nothing_depends_on_the_unit(scale: float) -> None:
    graph = asymmetric_graph(14, 5)
    one = qg.solve_goemans_williamson(qg.MaxCut(graph), seed=2)
    other = qg.solve_goemans_williamson(qg.MaxCut(graph.with_weights(scale * graph.weights)), seed=2)
    assert other.labels == one.labels
    assert other.bound == pytest.approx(scale * float(one.bound or 0.0), rel=1e-9, abs=0)


@pytest.mark.parametrize("seed", range(3))
def test_lanczos_bounds_the_least_eigenvalue_from_below(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The method of large models against LAPACK on small ones: below it, and very close."""
    problem = qg.MaxCut(asymmetric_graph(60, seed, 0.2))
    exact = qg.solve_goemans_williamson(problem, seed=1)
    W, _ = couplings(problem.to_ising())
    shifted = W + 3.0 * np.eye(60)
    least = np.linalg.eigvalsh(shifted)[0]
    widest = float(np.abs(shifted).sum(axis=1).max())
    below = semidefinite._lanczos_floor(type(W)(shifted), widest, np.random.default_rng(seed))
    assert least - 2e-4 * widest <= below <= least
    monkeypatch.setattr(semidefinite, "LARGEST_DENSE", 0)
    large = qg.solve_goemans_williamson(problem, seed=1)
    assert large.objective == exact.objective
    assert float(exact.bound or 0.0) <= float(large.bound or 0.0) <= 1.01 * float(exact.bound or 0.0)


def test_what_would_not_fit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = qg.MaxCut(qg.Graph.ring(20_000))
    monkeypatch.setattr("qgraph.base.resources.free_memory", lambda: 2**26)
    with pytest.raises(qg.ProblemTooLarge, match=r"relaxation of 20000 nodes .* about 11206 nodes would fit"):
        qg.solve_goemans_williamson(problem)


@pytest.mark.parametrize("name", BEST_KNOWN)
def test_the_published_relaxations_of_the_g_set(name: str, data: Path) -> None:
    solution = qg.solve_goemans_williamson(qg.MaxCut(qg.read_graph(data / f"gset/{name}.txt")), seed=1)
    assert solution.bound is not None
    assert solution.bound == pytest.approx(RELAXED[name], rel=2e-5)
    assert solution.bound >= BEST_KNOWN[name] >= solution.objective
    if name != "G11":  # whose weights are of both signs
        assert solution.objective >= RATIO * solution.bound


def test_penalties_are_mended_by_single_flips() -> None:
    problem = qg.IndependentSet(qg.Graph.erdos_renyi(30, 0.2, seed=3), {"0": 2.5})
    solution = qg.solve_goemans_williamson(problem, seed=1)
    assert solution.feasible
    assert float(solution.bound or 0.0) >= qg.solve_exact(problem).objective >= solution.objective
