"""Matrix product states against the state vector and light cones, on weighted graphs with fields."""

from __future__ import annotations

import itertools
import pickle

import networkx as nx
import numpy as np
import pytest
from conftest import random_angles, spin_glass

import qgraph as qg
from qgraph.simulation.mps import MatrixProducts


def weighted(graph: nx.Graph, seed: int) -> qg.Ising:
    """An Ising model on a graph: its nodes in random order, fields, couplings of both signs, an offset."""
    rng = np.random.default_rng(seed)
    n = len(graph)
    places = dict(zip(graph, rng.permutation(n).tolist(), strict=True))
    J = {(places[a], places[b]): float(rng.uniform(0.3, 1.5)) for a, b in graph.edges}
    return qg.Ising(rng.normal(size=n) / 2, J, 0.7, sense="maximize")


def ramp(depth: int) -> tuple[np.ndarray, np.ndarray]:
    return np.linspace(0.2, 0.7, depth), np.linspace(0.6, 0.2, depth)


GRAPHS = {
    "ring": nx.cycle_graph,
    "ladder": lambda n: nx.ladder_graph(n // 2),
    "grid": lambda n: nx.grid_2d_graph(3, n // 3),
    "cubic": lambda n: nx.random_regular_graph(3, n, seed=2),
}
EXACT = {
    **{name: weighted(make(12), 1) for name, make in GRAPHS.items()},
    "dense": spin_glass(8, 2),
    "two parts": weighted(nx.disjoint_union(nx.path_graph(4), nx.star_graph(4)), 3),
    "no couplings": qg.Ising([0.4, 0.0, -1.0], {}, 2.0),
    "one node": qg.Ising([0.4], {}, 2.0),
    "large offset": qg.Ising([0.4, 0.3], {(0, 1): 1.2}, 1e6),
}


@pytest.mark.parametrize("name", EXACT)
@pytest.mark.parametrize("depth", [0, 1, 3])
def test_nothing_is_lost_where_nothing_is_cut(name: str, depth: int) -> None:
    problem, angles = EXACT[name], random_angles(depth, 4)
    simulator = qg.Simulator(problem, method="mps")
    value, exact = simulator.expectation(*angles), qg.expectation(problem, *angles, method="statevector")
    assert isinstance(value, qg.Truncated)
    assert value.discarded_weight < 1e-20
    assert abs(value - exact) <= value.error < 1e-9 + 2e-12 * abs(problem.offset)
    expected = qg.simulate(problem, *angles, method="statevector").correlations()
    assert simulator.correlations(*angles) == pytest.approx(expected, abs=1e-11)


CASES = list(itertools.product(GRAPHS, (8, 12), (1, 2, 3)))


@pytest.mark.parametrize(("name", "n", "depth"), CASES)
def test_the_error_is_not_larger_than_its_estimate(name: str, n: int, depth: int) -> None:
    graph = GRAPHS[name](n)
    for seed, angles in enumerate((ramp(depth), random_angles(depth, n))):
        problem = weighted(graph, seed)
        exact = qg.expectation(problem, *angles, method="statevector")
        for most in (2, 3, 4, 8, 16):
            value = qg.expectation(problem, *angles, method="mps", bond_dimension=most)
            assert isinstance(value, qg.Truncated)
            assert value.bond_dimension <= most
            assert abs(value - exact) <= value.error


def test_estimates_fall_with_the_bond_dimension() -> None:
    problem = weighted(nx.ladder_graph(8), 1)
    found = [qg.Simulator(problem, method="mps", bond_dimension=most) for most in (4, 16, 64)]
    values = [simulator.expectation(*ramp(3)) for simulator in found]
    errors = [value.error for value in values if isinstance(value, qg.Truncated)]
    assert errors[0] > 5 * errors[1] > 1000 * errors[2]
    assert errors[1] < 0.2


@pytest.mark.parametrize(("graph", "depth"), [(nx.ladder_graph(20), 2), (nx.cycle_graph(40), 3)])
def test_long_graphs_agree_with_light_cones(graph: nx.Graph, depth: int) -> None:
    problem, angles = weighted(graph, 5), ramp(depth)
    exact = qg.expectation(problem, *angles, method="lightcone")
    for most, largest in ((8, 3.0), (32, 0.01)):
        value = qg.expectation(problem, *angles, method="mps", bond_dimension=most)
        assert isinstance(value, qg.Truncated)
        assert abs(value - exact) <= value.error < largest


def test_states_that_were_cut_are_normalised() -> None:
    _, _, state = MatrixProducts(weighted(nx.ladder_graph(6), 1), 2)._run(*ramp(3), 2)
    assert state.lost > 0.1
    for site in state.sites:  # the last one is the centre, the others are isometries from the left
        rows = site.reshape(-1, site.shape[2])
        assert rows.conj().T @ rows == pytest.approx(np.eye(site.shape[2]), abs=1e-12)


def test_nodes_stand_in_a_good_line() -> None:
    value = qg.expectation(weighted(nx.cycle_graph(60), 1), *ramp(1), method="mps")
    assert isinstance(value, qg.Truncated)
    assert value.bond_dimension == 4  # two couplings cross each cut


def test_truncated_values_are_floats() -> None:
    value = qg.Truncated(27.3142, bond_dimension=64, discarded_weight=1.3e-5, error=0.02)
    assert value == 27.3142
    assert hash(value) == hash(27.3142)
    assert f"{value:.1f}" == "27.3"
    assert vars(pickle.loads(pickle.dumps(value))) == vars(value) != {}
    assert repr(value) == str(value) == "27.31 +- 0.02 (bond dimension 64, discarded weight 1.3e-05)"
    assert repr(qg.Truncated(2.0, 1, 0.0, 31.0)) == "2 +- 3e+01 (bond dimension 1, discarded weight 0)"


def test_only_expectations_and_correlations() -> None:
    problem = qg.MaxCut(qg.Graph.ring(8))
    simulator = qg.Simulator(problem, method="mps")
    assert not simulator.has_state(1)
    assert simulator.choice(2).method == "mps"
    for ask in (
        lambda: simulator.state([0.1], [0.2]),
        lambda: simulator.expectation_and_gradient([0.1], [0.2]),
        lambda: simulator.expectation_and_gradient([0.1], [0.2], cvar=0.5),
        lambda: simulator.landscape([0.1], [0.2]),
        lambda: qg.solve_qaoa(problem, method="mps"),
    ):
        with pytest.raises(qg.InvalidInput, match='`method` "mps" has expectations and correlations only'):
            ask()


def test_bond_dimensions_are_for_this_method_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = qg.MaxCut(qg.Graph.ring(8))
    with pytest.raises(qg.InvalidInput, match='`bond_dimension` is for `method` "mps", got 8'):
        qg.expectation(problem, [0.1], [0.2], bond_dimension=8)
    for wrong in (1, 257, 4.0, True):
        with pytest.raises(qg.InvalidInput, match="`bond_dimension` must be a whole number from 2 to 256"):
            qg.Simulator(problem, method="mps", bond_dimension=wrong)
    monkeypatch.setattr("qgraph.base.resources.free_memory", lambda: 2**16)
    with pytest.raises(qg.ProblemTooLarge, match=r"8 nodes and bond dimension 256 .* smaller"):
        qg.Simulator(problem, method="mps", bond_dimension=256)
