"""Circuits of asymmetric weighted models with fields, which show errors of sign and bit order."""

from __future__ import annotations

import numpy as np
import pytest
from conftest import asymmetric_graph, oneway_routing, random_angles, spin_glass
from qiskit.circuit import Parameter
from qiskit.primitives import StatevectorSampler
from qiskit.providers.fake_provider import GenericBackendV2
from qiskit.quantum_info import Operator
from qiskit_aer import AerSimulator
from qiskit_aer.noise import NoiseModel, depolarizing_error

import qgraph as qg
from qgraph.simulation.choose import Mixer


def aer_amplitudes(problem: qg.Problem, gammas: np.ndarray, betas: np.ndarray) -> np.ndarray:
    encoding = "one-hot" if isinstance(problem, qg.PriorityRouting) else None
    circuit = qg.to_circuit(problem, gammas, betas, encoding=encoding)  # type: ignore[arg-type]
    circuit.save_statevector()
    return np.asarray(AerSimulator(method="statevector").run(circuit).result().get_statevector())


@pytest.mark.parametrize("seed", range(6))
def test_amplitudes_equal_aers_global_phase_included(seed: int) -> None:
    for problem in (spin_glass(4 + seed, seed), qg.MaxCut(asymmetric_graph(4 + seed, seed))):
        angles = random_angles(1 + seed % 3, seed)
        mine = qg.simulate(problem, *angles).amplitudes()
        assert np.abs(mine - aer_amplitudes(problem, *angles)).max() < 1e-10


def test_one_hot_routes_equal_aers() -> None:
    routing = qg.PriorityRouting(qg.City.random(4, 2, seed=1))
    angles = random_angles(2, 1)
    mine = qg.simulate(routing, *angles, method="statevector").amplitudes()
    assert np.abs(mine - aer_amplitudes(routing, *angles)).max() < 1e-10


FEASIBLE = {
    "2 + 2": qg.PriorityRouting(qg.City.random(4, 2, seed=1)),
    "one-way, closed": oneway_routing(),
    "3 + 2, no depot": qg.PriorityRouting(qg.City.random(5, 3, depot=False, seed=2)),
    "one tier": qg.PriorityRouting(qg.City.random(3, 0, seed=3), return_to_depot=True),
    "1 + 2": qg.PriorityRouting(qg.City.random(3, 1, seed=4)),
}


@pytest.mark.parametrize("mixer", ["grover", "swap"])
@pytest.mark.parametrize("name", FEASIBLE)
def test_feasible_routes_equal_aers_global_phase_included(name: str, mixer: Mixer) -> None:
    """Amplitudes of routes equal the simulator's, all others are 0; <C> is equal as well."""
    routing, angles = FEASIBLE[name], random_angles(2, 1)
    circuit = qg.to_circuit(routing, *angles, encoding="feasible", mixer=mixer)  # type: ignore[arg-type]
    circuit.save_statevector()
    theirs = np.asarray(AerSimulator(method="statevector").run(circuit).result().get_statevector())
    state = qg.simulate(routing, *angles, mixer=mixer)
    bits = state._basis.bits(np.arange(state.size)).astype(int)
    mine = np.zeros(2**routing.bits, dtype=complex)
    mine[bits @ (1 << np.arange(routing.bits))] = state.amplitudes()
    assert np.abs(mine - theirs).max() < 1e-12
    every = np.arange(2**routing.bits)[:, None] >> np.arange(routing.bits) & 1
    assert np.abs(theirs) ** 2 @ routing.objective(every) == pytest.approx(state.expectation(), abs=1e-9)


@pytest.mark.parametrize("mixer", ["grover", "swap"])
def test_feasible_circuits_run_with_noise_and_on_backends(mixer: Mixer) -> None:
    routing, (gammas, betas) = FEASIBLE["1 + 2"], random_angles(1, 2)
    free = qg.to_circuit(routing, depth=1, encoding="feasible", mixer=mixer)
    bound = free.assign_parameters([*betas, *gammas])
    circuit = qg.to_circuit(routing, gammas, betas, encoding="feasible", mixer=mixer)  # type: ignore[arg-type]
    assert np.allclose(Operator(bound).data, Operator(circuit).data)

    def run(**options: object) -> qg.Counts:
        return qg.run_circuit(routing, gammas, betas, shots=2000, seed=1, encoding="feasible", mixer=mixer, **options)  # type: ignore[arg-type] # fmt: skip

    exact = qg.simulate(routing, gammas, betas, mixer=mixer)
    assert np.allclose(run().counts @ run().bits / 2000, exact.marginals(), atol=0.06)
    onto = run(backend=AerSimulator(basis_gates=["cx", "rz", "sx", "x"]))
    assert np.allclose(onto.counts @ onto.bits / 2000, exact.marginals(), atol=0.06)
    broken = run(noise=0.02)
    feasible = sum(
        n for row, n in zip(broken.bits, broken.counts, strict=True) if routing.decode(row).feasible
    )
    assert 0.1 < feasible / 2000 < 0.9  # every gate of the translated circuit errs


def test_operator_equals_the_diagonal() -> None:
    problem = spin_glass(5, 3)
    matrix = Operator(qg.to_sparse_pauli_op(problem)).data
    assert np.allclose(matrix, np.diag(qg.simulate(problem, [], []).costs))


def test_operator_of_a_model_without_terms() -> None:
    assert np.allclose(Operator(qg.to_sparse_pauli_op(qg.Ising([0.0, 0.0], {}, 2.0))).data, 2 * np.eye(4))


def test_angles_may_be_left_free() -> None:
    problem = spin_glass(3, 1)
    free = qg.to_circuit(problem, depth=2)
    assert [p.name for p in free.parameters] == ["betas[0]", "betas[1]", "gammas[0]", "gammas[1]"]
    gammas, betas = random_angles(2, 2)
    bound = free.assign_parameters([*betas, *gammas])
    assert np.allclose(Operator(bound).data, Operator(qg.to_circuit(problem, gammas, betas)).data)
    own = qg.to_circuit(problem, [Parameter("g")], [Parameter("b")])
    assert {p.name for p in own.parameters} == {"g", "b"}


def test_counts_follow_the_simulator() -> None:
    problem = spin_glass(5, 4)
    angles = random_angles(2, 5)
    state = qg.simulate(problem, *angles)
    counts = qg.run_circuit(problem, *angles, shots=100_000, seed=7)
    assert counts.shots == 100_000
    shares = np.zeros(32)
    shares[counts.bits @ (1 << np.arange(5))] = counts.counts / counts.shots
    assert np.abs(shares - state.probabilities()).max() < 0.01
    again = qg.run_circuit(problem, *angles, shots=100_000, seed=7)
    assert np.array_equal(counts.counts, again.counts)


def test_noise_moves_the_expectation_to_the_random_mean() -> None:
    problem = qg.MaxCut(qg.Graph.ring(6))
    angles = [0.785], [0.393]
    means = [
        qg.run_circuit(problem, *angles, shots=20_000, seed=1, noise=p).expectation()
        for p in (None, 0.05, 1.0)
    ]
    assert means[0] == pytest.approx(4.5, abs=0.05)
    assert means[0] - 0.1 > means[1] > means[2]
    assert means[2] == pytest.approx(3.0, abs=0.1)


def test_noise_from_models_and_backends() -> None:
    problem = qg.MaxCut(qg.Graph.ring(4))
    model = NoiseModel()
    model.add_all_qubit_quantum_error(depolarizing_error(1.0, 1), ["rx"])
    assert qg.run_circuit(problem, [0.8], [0.4], shots=20_000, seed=1, noise=model).expectation() < 2.2
    backend = GenericBackendV2(5, seed=1)
    noisy = qg.run_circuit(problem, [0.785], [0.393], shots=20_000, seed=1, noise=backend)
    assert 2.0 < noisy.expectation() < 3.0


def test_circuits_use_the_gates_of_the_noise_model() -> None:
    """A noise model with errors on CX must act on a circuit of RZZ gates."""
    model = NoiseModel()
    model.add_all_qubit_quantum_error(depolarizing_error(0.3, 2), ["cx"])
    problem = qg.MaxCut(qg.Graph.ring(6))
    noisy = qg.run_circuit(problem, [0.785], [0.393], shots=20_000, seed=1, noise=model)
    assert noisy.expectation() < 4.0
    foreign = NoiseModel()
    foreign.add_quantum_error(depolarizing_error(0.3, 3), ["ccx"], [0, 1, 2])
    with pytest.raises(qg.InvalidInput, match="`noise` must have errors on gates of the circuit"):
        qg.run_circuit(problem, [0.785], [0.393], noise=foreign)


def test_errors_of_qiskit_are_one_line() -> None:
    problem = spin_glass(5, 4)
    with pytest.raises(qg.QGraphError, match="Qiskit could not run the circuit") as caught:
        qg.run_circuit(problem, [0.3], [0.2], method="stabilizer")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "backend",
    [GenericBackendV2(6, seed=1), AerSimulator(), StatevectorSampler(seed=3)],
    ids=lambda b: type(b).__name__,
)
def test_any_v2_backend_or_sampler(backend: object) -> None:
    """Counts are in node order for every layout of the transpiler."""
    problem = qg.Ising(h=[3.0, 0.0, -3.0], J={(0, 1): 1.0})
    angles = [0.5], [0.7]
    exact = qg.simulate(problem, *angles)
    seed = None if isinstance(backend, StatevectorSampler) else 3
    counts = qg.run_circuit(problem, *angles, shots=20_000, seed=seed, backend=backend)  # type: ignore[arg-type]
    assert np.allclose(counts.counts @ counts.bits / counts.shots, exact.marginals(), atol=0.06)


@pytest.mark.parametrize("method", ["statevector", "matrix_product_state"])
def test_methods_of_aer(method: str) -> None:
    counts = qg.run_circuit(
        qg.MaxCut(qg.Graph.ring(6)), [0.785], [0.393], shots=20_000, seed=1, method=method
    )
    assert counts.expectation() == pytest.approx(4.5, abs=0.05)


def test_the_best_count_is_decoded() -> None:
    problem = qg.MaxCut(qg.Graph.from_edges([("a", "b", 2.0), ("b", "c", -1.0)]))
    best = qg.run_circuit(problem, [0.3], [0.4], shots=2000, seed=1).best()
    assert best.objective == 2.0
    assert best.labels in ({"a": 0, "b": 1, "c": 1}, {"a": 1, "b": 0, "c": 0})
