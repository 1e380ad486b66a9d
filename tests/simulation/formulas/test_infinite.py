"""Rows 3 to 8 of the published values, computed from the exact iterations on infinite graphs."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from conftest import random_angles
from scipy.optimize import minimize

import qgraph as qg
from qgraph.simulation.formulas.infinite import sherrington_kirkpatrick, tree_cut_fraction

# Basso et al., arXiv:2110.14206, and later tables; Farhi, Goldstone, Gutmann, Zhou, arXiv:1910.08187.
TREE = [0.6924500897, 0.7559064585, 0.7923984288, 0.8168765649, 0.8363808251]
BEYOND = {4: 0.8168765649, 5: 0.8363808251, 6: 0.8498971346, 7: 0.8597842271, 8: 0.8673925810}
SHERRINGTON_KIRKPATRICK = [0.5 / np.sqrt(np.e), 0.4075, 0.4726, 0.5157]


def best_values(function, first: list[float], depth: int) -> list[float]:  # type: ignore[no-untyped-def]
    """The largest value at each depth, each started from the depth before."""
    values, x = [], np.array(first)
    for p in range(1, depth + 1):
        found = minimize(
            lambda x, p=p: -function(x[:p], x[p:]), x, method="L-BFGS-B", options={"ftol": 1e-14}
        )
        values.append(-found.fun)
        x = np.concatenate([qg.interpolate(found.x[:p]), qg.interpolate(found.x[p:])])
    return values


def test_best_cut_fractions_of_three_regular_trees() -> None:
    assert best_values(lambda g, b: tree_cut_fraction(3, g, b), [0.6, 0.4], 5) == pytest.approx(
        TREE, abs=2e-8
    )


@pytest.mark.parametrize(("depth", "value"), BEYOND.items())
def test_fixed_angles_reach_published_values_to_depth_eight(depth: int, value: float) -> None:
    angles = [np.array(row) for row in qg.fixed_angles(3, depth)]
    assert tree_cut_fraction(3, *angles) == pytest.approx(value, abs=1e-9)
    step = 1e-3 * np.eye(depth)[depth // 2]
    for turned in ((angles[0] + step, angles[1]), (angles[0], angles[1] + step)):
        assert tree_cut_fraction(3, *turned) < value


def test_best_energies_of_the_sherrington_kirkpatrick_model() -> None:
    values = best_values(sherrington_kirkpatrick, [0.5, 0.4], 4)
    assert values[0] == pytest.approx(SHERRINGTON_KIRKPATRICK[0], abs=1e-9)
    assert values == pytest.approx(SHERRINGTON_KIRKPATRICK, abs=6e-5)


@pytest.mark.parametrize(("degree", "depth"), [(2, 1), (2, 2), (2, 3), (3, 1), (3, 2)])
def test_trees_equal_the_state_vector_on_graphs_of_large_girth(degree: int, depth: int) -> None:
    cage = nx.cycle_graph(2 * depth + 3) if degree == 2 else nx.LCF_graph(24, [12, 7, -7], 8)
    assert nx.girth(cage) > 2 * depth + 1
    problem = qg.MaxCut(qg.Graph.from_networkx(cage))
    gammas, betas = random_angles(depth, depth)
    exact = qg.expectation(problem, gammas, betas, precision="single" if degree == 3 else "double")
    edges = len(problem.graph.edges)
    assert tree_cut_fraction(degree, gammas, betas) == pytest.approx(
        exact / edges, abs=1e-6 if degree == 3 else 1e-12
    )


def test_large_degree_approaches_sherrington_kirkpatrick() -> None:
    gammas, betas = np.array([0.4, 0.6]), np.array([0.5, 0.3])
    leads = [
        (tree_cut_fraction(degree, 2 * gammas / np.sqrt(degree), betas) - 0.5) * np.sqrt(degree)
        for degree in (100, 400, 1600)
    ]
    limit = sherrington_kirkpatrick(gammas, betas)
    gaps = np.abs(np.array(leads) - limit)
    assert gaps[2] < gaps[1] < gaps[0]
    assert gaps[2] < 1e-3


def test_depths_and_degrees_are_checked() -> None:
    with pytest.raises(qg.InvalidInput, match="`degree` must be a whole number of at least 2"):
        tree_cut_fraction(1, [0.1], [0.1])
    with pytest.raises(qg.InvalidInput, match="`gammas` must have at least one value"):
        sherrington_kirkpatrick([], [])
    with pytest.raises(qg.ProblemTooLarge, match="the histories of depth 20"):
        sherrington_kirkpatrick([0.1] * 20, [0.1] * 20)
