"""The simulator against dense linear algebra, finite differences, Qiskit Aer and itself."""

from __future__ import annotations

import numpy as np
import pytest
from conftest import asymmetric_graph, oneway_routing, random_angles, spin_glass
from scipy.linalg import expm

import qgraph as qg
from qgraph.simulation import library, readout
from qgraph.simulation.routes.basis import RouteBasis
from qgraph.simulation.vector import reference
from qgraph.simulation.vector.dense import DenseVector, tail_values

X = np.array([[0, 1], [1, 0]])


def dense_state(model: qg.Ising, gammas: np.ndarray, betas: np.ndarray) -> np.ndarray:
    """|gammas, betas> by matrix exponentials of the Hamiltonians, written out."""
    n = len(model.nodes)
    bits = np.arange(2**n)[:, None] >> np.arange(n) & 1
    cost = np.diag(model.energy(bits))
    mixer = sum(np.kron(np.kron(np.eye(2 ** (n - 1 - q)), X), np.eye(2**q)) for q in range(n))
    state = np.full(2**n, 2 ** (-n / 2), dtype=complex)
    for gamma, beta in zip(gammas, betas, strict=True):
        state = expm(-1j * beta * mixer) @ (expm(-1j * gamma * cost) @ state)
    return state


@pytest.mark.parametrize("n", range(1, 7))
@pytest.mark.parametrize("depth", [0, 1, 3])
def test_states_equal_matrix_exponentials(n: int, depth: int) -> None:
    model = spin_glass(n, seed=n)
    angles = random_angles(depth, seed=n)
    state = qg.simulate(model, *angles)
    exact = dense_state(model, *angles)
    assert np.abs(state.amplitudes() - exact).max() < 1e-12
    single = qg.simulate(model, *angles, precision="single").amplitudes()
    assert single.dtype == np.complex64
    assert np.abs(single - exact).max() < 1e-5


def test_diagonal_equals_energies() -> None:
    model = spin_glass(9, 4)
    bits = np.arange(512)[:, None] >> np.arange(9) & 1
    costs = reference.cost_diagonal(model.h, model.coupling_matrix())
    assert np.allclose(costs + model.offset, model.energy(bits), atol=1e-12)


@pytest.mark.parametrize(
    "problem",
    [
        spin_glass(6, 1),
        qg.MaxCut(asymmetric_graph(7, 2)),
        qg.IndependentSet(qg.Graph.erdos_renyi(6, 0.5, seed=3)),
        qg.PriorityRouting(qg.City.random(5, 2, seed=4), return_to_depot=True),
    ],
    ids=["ising", "maxcut", "independent-set", "routing"],
)
@pytest.mark.parametrize("cvar", [1.0, 0.3])
def test_gradients_equal_finite_differences(problem: qg.Problem, cvar: float) -> None:
    simulator = qg.Simulator(problem)
    gammas, betas = random_angles(3, seed=5)
    _, gradient = simulator.expectation_and_gradient(gammas, betas, cvar=cvar)
    step = 1e-6
    for row in range(2):
        for layer in range(3):
            shifted = []
            for side in (step, -step):
                angles = np.array([gammas, betas])
                angles[row, layer] += side
                shifted.append(simulator.state(*angles).cvar(cvar))
            assert gradient[row, layer] == pytest.approx(
                (shifted[0] - shifted[1]) / (2 * step), rel=1e-5, abs=1e-6
            )


def test_expectation_and_variance_follow_from_probabilities() -> None:
    state = qg.simulate(spin_glass(7, 2), *random_angles(2, 3))
    p = np.abs(state.amplitudes()) ** 2
    assert p.sum() == pytest.approx(1)
    assert np.allclose(state.probabilities(), p)
    assert state.expectation() == pytest.approx(p @ state.costs)
    assert state.variance() == pytest.approx(p @ state.costs**2 - (p @ state.costs) ** 2)
    assert state.cvar(1.0) == pytest.approx(state.expectation())


@pytest.mark.parametrize("sense", ["minimize", "maximize"])
@pytest.mark.parametrize("alpha", [0.05, 0.31, 0.9])
def test_cvar_is_the_mean_of_the_best_tail(sense: str, alpha: float) -> None:
    state = qg.simulate(spin_glass(6, 8, sense), *random_angles(2, 9))
    order = np.argsort(state.costs if sense == "minimize" else -state.costs)
    left, total = alpha, 0.0
    for i in order:
        share = min(left, state.probabilities()[i])
        total += share * state.costs[i]
        left -= share
    assert state.cvar(alpha) == pytest.approx(total / alpha)


@pytest.mark.parametrize("kernel", [library.kernel(), "reference"])
@pytest.mark.parametrize("J", [1.1e-308, 5e-324])
def test_tiny_costs_have_tails_and_bins(J: float, kernel: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The inverse of the width of their bins is not finite. No interval got narrower, and it did not end."""
    monkeypatch.setenv("QGRAPH_KERNEL", kernel)
    state = qg.simulate(qg.Ising([0, 0], {(0, 1): J}, sense="maximize"), [], [])
    assert abs(state.cvar(0.3) - J) <= 1e-323
    assert state.distribution(4)[1] == pytest.approx([0.5, 0, 0, 0.5])


def test_tail_values_of_a_certain_outcome() -> None:
    costs, certain = np.array([3.0, 1.0]), np.array([1.0, 0.0])
    quantile, mean = readout.tail(DenseVector(costs, certain.astype(complex), 1), "minimize", 0.5)
    assert tail_values(costs, quantile, "minimize", 0.5) @ certain == mean == 3.0


def test_marginals_are_in_node_order() -> None:
    model = qg.Ising(h={"first": 5.0, "second": 0.0, "third": -5.0}, J={("first", "second"): 0.1})
    state = qg.simulate(model, *random_angles(2, 1))
    bits = np.arange(8)[:, None] >> np.arange(3) & 1
    assert np.allclose(state.marginals(), state.probabilities() @ bits)


def test_samples_follow_the_probabilities_and_the_seed() -> None:
    state = qg.simulate(qg.MaxCut(asymmetric_graph(5, 1)), *random_angles(2, 2))
    counts = state.sample(200_000, seed=3)
    index = counts.bits @ (1 << np.arange(5))
    shares = np.zeros(32)
    shares[index] = counts.counts / counts.shots
    assert np.abs(shares - state.probabilities()).max() < 5 / np.sqrt(200_000)
    assert counts.expectation() == pytest.approx(state.expectation(), abs=0.05)
    again = state.sample(200_000, seed=3)
    assert np.array_equal(counts.bits, again.bits)
    assert np.array_equal(counts.counts, again.counts)
    assert not np.array_equal(counts.counts, state.sample(200_000, seed=4).counts)
    assert (np.diff(counts.counts) <= 0).all()


def test_the_most_likely_outcomes() -> None:
    state = qg.simulate(spin_glass(6, 3), *random_angles(3, 4))
    top = state.top(5)
    assert [o.probability for o in top] == sorted(state.probabilities(), reverse=True)[:5]
    assert top[0].candidate.objective == pytest.approx(state.costs[state.probabilities().argmax()])
    assert len(state.top(1000)) == 64


def test_optimum_probability_counts_every_optimum() -> None:
    problem = qg.MaxCut(qg.Graph.ring(6))
    state = qg.simulate(problem, [0.7], [0.3])
    p = state.probabilities()
    assert state.optimum() == 6.0
    assert state.optimum_probability() == pytest.approx(p[0b010101] + p[0b101010])


def test_landscape_is_the_expectation_on_a_grid() -> None:
    problem = qg.MaxCut(asymmetric_graph(5, 2))
    gammas, betas = [0.1, 0.5, -0.4], [0.2, 0.9]
    grid = qg.landscape(problem, gammas, betas)
    assert grid.shape == (3, 2)
    for i, gamma in enumerate(gammas):
        for j, beta in enumerate(betas):
            assert grid[i, j] == pytest.approx(qg.expectation(problem, [gamma], [beta]))


def test_negating_both_angles_keeps_the_expectation() -> None:
    problem = spin_glass(6, 5)
    gammas, betas = random_angles(2, 6)
    value = qg.expectation(problem, gammas, betas)
    assert qg.expectation(problem, -gammas, -betas) == pytest.approx(value)
    assert qg.expectation(problem, -gammas, betas) != pytest.approx(value)


ROUTING = qg.PriorityRouting(qg.City.random(6, 2, seed=3), return_to_depot=True)


@pytest.mark.parametrize("routing", [ROUTING, oneway_routing()], ids=["two-way", "one-way"])
def test_route_costs_are_those_of_the_decoded_routes(routing: qg.PriorityRouting) -> None:
    basis = RouteBasis(routing)
    costs = basis.costs()
    indices = np.arange(basis.size)
    assert len(costs) == len({tuple(row) for row in basis.orders(indices)}) == routing.routes
    assert np.allclose(routing.objective(basis.bits(indices)), costs)
    assert np.allclose([routing.travel_time(order) for order in basis.orders(indices).tolist()], costs)


def test_grover_mixer_equals_its_matrix() -> None:
    gammas, betas = random_angles(3, 7)
    state = qg.simulate(ROUTING, gammas, betas)
    size = ROUTING.routes
    projector = np.full((size, size), 1 / size)
    exact = np.full(size, size**-0.5, dtype=complex)
    for gamma, beta in zip(gammas, betas, strict=True):
        exact = expm(-1j * beta * projector) @ (np.exp(-1j * gamma * state.costs) * exact)
    assert np.abs(state.amplitudes() - exact).max() < 1e-12


def test_routes_are_feasible_and_bit_strings_still_work() -> None:
    small = qg.PriorityRouting(qg.City.random(3, 1, seed=3))
    assert all(o.candidate.feasible for o in qg.simulate(small, [0.1], [0.4]).top(10))
    one_hot = qg.simulate(small, [0.1], [0.4], method="statevector")
    assert len(one_hot.probabilities()) == 2**small.bits
    assert one_hot.expectation() == pytest.approx(qg.expectation(small.to_ising(), [0.1], [0.4]))


def test_twelve_stops_run_in_the_feasible_subspace() -> None:
    routing = qg.PriorityRouting(qg.City.random(12, 6, seed=1))
    state = qg.simulate(routing, [0.02, 0.05], [-1.0, -2.0], precision="single")
    assert len(state.costs) == 518_400
    assert state.probabilities().sum() == pytest.approx(1, abs=1e-4)


def test_representations_name_the_nodes() -> None:
    problem = qg.MaxCut(qg.Graph.from_edges([("left", "right")]))
    state = qg.simulate(problem, [np.pi / 2], [np.pi / 8])
    assert "left" in state._repr_html_()
    assert "left" in state.sample(100, seed=1)._repr_html_()
    assert "expectation 1" in repr(state)
