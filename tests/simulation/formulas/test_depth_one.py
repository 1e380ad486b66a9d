"""Depth 1 in closed form against the state vector, on asymmetric weighted models with fields and triangles."""

from __future__ import annotations

import numpy as np
import pytest
from conftest import asymmetric_graph, random_angles, spin_glass

import qgraph as qg
from qgraph.simulation.formulas.depth_one import ClosedForm

PROBLEMS = {
    "maxcut": qg.MaxCut(asymmetric_graph(8, 1)),
    "fields": spin_glass(7, 2),
    "complete": spin_glass(9, 3, "maximize"),
    "edgeless": qg.Ising([0.3, -0.7], {}),
    "one-node": qg.Ising([0.4], {}, 2.0),
    "isolated": qg.Ising([0.0, 0.0, 0.5, 0.0], {(0, 1): 1.5}),
    "no-cosine": qg.Ising([0.0] * 4, {(0, 1): np.pi / 4, (0, 2): np.pi / 4, (0, 3): np.pi / 4, (2, 3): 1.0}),
}


@pytest.fixture(params=["kernel", "reference"])
def engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> type[ClosedForm]:
    if request.param == "reference":
        monkeypatch.setenv("QGRAPH_KERNEL", "reference")
    return ClosedForm


@pytest.mark.parametrize("name", PROBLEMS)
@pytest.mark.parametrize("seed", range(3))
def test_equals_the_state_vector(engine: type[ClosedForm], name: str, seed: int) -> None:
    problem = PROBLEMS[name]
    ising = problem.to_ising()
    gammas, betas = (np.array([1.0]), np.array([-2.1])) if name == "no-cosine" else random_angles(1, seed)
    value, gradient = engine.of(ising).gradient(gammas, betas)
    exact, slopes = qg.expectation_and_gradient(problem, gammas, betas)
    scale = np.abs(ising.J).sum() + np.abs(ising.h).sum()
    assert value + ising.offset == pytest.approx(exact, abs=1e-12 * scale)
    assert engine.of(ising).expectation(gammas, betas) == value
    assert np.abs(gradient - slopes).max() < 1e-11 * scale


@pytest.mark.parametrize("name", ["maxcut", "fields", "isolated"])
def test_correlations_of_all_pairs(engine: type[ClosedForm], name: str) -> None:
    ising = PROBLEMS[name].to_ising()
    n = len(ising.nodes)
    p = qg.simulate(ising, [0.7], [-0.4]).probabilities()
    spins = 1 - 2 * (np.arange(2**n)[:, None] >> np.arange(n) & 1)
    pairs = np.array([(i, j) for i in range(n) for j in range(n) if i != j])
    singles, doubles = engine.of(ising).correlations(0.7, -0.4, pairs)
    assert np.abs(singles - p @ spins).max() < 1e-13
    assert np.abs(doubles - p @ (spins[:, pairs[:, 0]] * spins[:, pairs[:, 1]])).max() < 1e-13


def test_landscape_is_the_expectation_on_a_grid() -> None:
    problem = PROBLEMS["fields"]
    gammas, betas = np.linspace(-1, 2, 4), np.linspace(-0.5, 0.7, 3)
    grid = ClosedForm.of(problem.to_ising()).landscape(gammas, betas) + problem.to_ising().offset
    assert np.abs(grid - qg.landscape(problem, gammas, betas)).max() < 1e-12


def test_a_large_regular_graph_has_the_tree_value() -> None:
    problem = qg.MaxCut(qg.Graph.random_regular(3, 3000, seed=1))
    gamma, beta = np.arctan(1 / np.sqrt(2)), np.pi / 8
    value = ClosedForm.of(problem.to_ising()).expectation(np.array([gamma]), np.array([beta]))
    assert (value + problem.to_ising().offset) / 4500 == pytest.approx(0.69245, abs=2e-3)
