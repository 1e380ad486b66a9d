"""Runs of circuits: on Aer, with noise or without, and on other backends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from qiskit import QuantumCircuit
from qiskit.exceptions import QiskitError

from qgraph.base.checks import as_float, require, require_seed, require_whole
from qgraph.base.errors import InvalidInput, QGraphError, shown
from qgraph.base.typing import ArrayLike
from qgraph.circuits.build import to_circuit
from qgraph.problems.problem import Problem
from qgraph.simulation.angles import check_angles
from qgraph.simulation.choose import Encoding, Mixer
from qgraph.simulation.counts import Counts
from qgraph.simulation.state import MOST_SHOTS
from qgraph.simulation.warm_start import EPSILON, WarmStart

if TYPE_CHECKING:
    from qiskit.primitives import BaseSamplerV2
    from qiskit.providers import BackendV2


KEPT = ("barrier", "measure")  # gates that every noise model leaves as they are
TWO_QUBIT_GATES = ["rzz", "cx"]
ONE_QUBIT_GATES = ["h", "rx", "ry", "rz", "sx"]  # these and the two-qubit gates suffice for all circuits here
ONE_QUBIT_SHARE = 0.1  # one-qubit gates err about ten times less often than two-qubit gates


def run_circuit(
    problem: Problem,
    gammas: ArrayLike,
    betas: ArrayLike,
    *,
    shots: int = 4096,
    seed: int | None = None,
    noise: Any = None,
    backend: BackendV2 | BaseSamplerV2 | None = None,
    method: str = "automatic",
    encoding: Encoding | None = None,
    warm_start: WarmStart | None = None,
    epsilon: float = EPSILON,
    mixer: Mixer = "auto",
) -> Counts:
    """Run the circuit and count: on Aer, or on any V2 backend or sampler given as `backend`.

    `noise` (Aer only) is a depolarising probability per two-qubit gate (a tenth of it per one-qubit
    gate), an Aer `NoiseModel` (the circuit is translated to its gates), or a backend (its noise is
    imitated). `method` is Aer's; `encoding`, `mixer`, `warm_start` and `epsilon` are as in `to_circuit`.
    Errors of Qiskit raise `QGraphError`.

    >>> from qgraph import Graph, MaxCut
    >>> run_circuit(MaxCut(Graph.ring(4)), [0.785], [0.393], shots=2000, seed=7).shots
    2000
    """
    require_whole("shots", shots, 1, MOST_SHOTS)
    if seed is not None:
        require_seed(seed)
    gamma, beta = check_angles(gammas, betas)
    circuit = to_circuit(
        problem,
        gamma.tolist(),
        beta.tolist(),
        measure=True,
        encoding=encoding,
        mixer=mixer,
        warm_start=warm_start,
        epsilon=epsilon,
    )
    try:
        if backend is None:
            found = _run_on_aer(circuit, shots, seed, noise, method)
        else:
            require(noise is None, "noise", "is for Aer, not for other backends", noise)
            require(method == "automatic", "method", "is for Aer, not for other backends", method)
            found = _run_on_backend(circuit, shots, seed, backend)
    except QiskitError as error:
        raise QGraphError(f"Qiskit could not run the circuit: {' '.join(str(error).split())}") from error
    bits = np.array([[int(bit) for bit in reversed(key)] for key in found], dtype=np.uint8)
    counts = np.array(list(found.values()), dtype=np.int64)
    order = np.lexsort((*bits.T, -counts))
    return Counts(problem, bits[order], counts[order])


def _run_on_aer(
    circuit: QuantumCircuit, shots: int, seed: int | None, noise: Any, method: str
) -> dict[str, int]:
    from qiskit import transpile
    from qiskit.providers import BackendV2
    from qiskit_aer import AerSimulator
    from qiskit_aer.noise import NoiseModel

    require(method in AerSimulator().available_methods(), "method", "must be one of Aer's methods", method)
    if isinstance(noise, BackendV2):
        simulator = AerSimulator.from_backend(noise, method=method, seed_simulator=seed)
        circuit = transpile(circuit, noise, seed_transpiler=seed or 0)
    else:
        given = isinstance(noise, NoiseModel)
        model = noise if noise is None or given else _depolarising(noise)
        if given or (model is not None and not {*circuit.count_ops()} <= {*model.basis_gates, *KEPT}):
            circuit = _translated(circuit, model)
        simulator = AerSimulator(method=method, noise_model=model, seed_simulator=seed)
    return dict(simulator.run(circuit, shots=shots).result().get_counts())


def _translated(circuit: QuantumCircuit, noise: Any) -> QuantumCircuit:
    """The circuit in the noise model's gates: the model has no errors for other gates."""
    from qiskit import transpile

    translated = transpile(circuit, basis_gates=noise.basis_gates, optimization_level=0)
    rule = f"must have errors on gates of the circuit: {', '.join(sorted(translated.count_ops()))}"
    noisy = noise.is_ideal() or bool({*noise.noise_instructions} & {*translated.count_ops()})
    require(noisy, "noise", rule, noise.noise_instructions)
    return translated


def _depolarising(probability: object) -> Any:
    from qiskit_aer.noise import NoiseModel, depolarizing_error

    share = as_float(probability)
    rule = "must be a probability, a NoiseModel or a V2 backend"
    require(0 <= share <= 1, "noise", rule, probability)
    model = NoiseModel()
    model.add_all_qubit_quantum_error(depolarizing_error(share, 2), TWO_QUBIT_GATES)
    model.add_all_qubit_quantum_error(depolarizing_error(ONE_QUBIT_SHARE * share, 1), ONE_QUBIT_GATES)
    return model


def _run_on_backend(
    circuit: QuantumCircuit, shots: int, seed: int | None, backend: BackendV2 | BaseSamplerV2
) -> dict[str, int]:
    from qiskit import transpile
    from qiskit.primitives import BackendSamplerV2, BaseSamplerV2
    from qiskit.providers import BackendV2

    if isinstance(backend, BaseSamplerV2):
        require(seed is None, "seed", "must be given to the sampler itself", seed)
        sampler, target = backend, getattr(backend, "backend", None)
        target = target() if callable(target) else target
    elif isinstance(backend, BackendV2):
        sampler, target = BackendSamplerV2(backend=backend, options={"seed_simulator": seed}), backend
    else:
        raise InvalidInput(f"`backend` must be a V2 backend or sampler, got {shown(backend)}")
    if isinstance(target, BackendV2):
        circuit = transpile(circuit, target, seed_transpiler=seed or 0)
    return dict(sampler.run([circuit], shots=shots).result()[0].data.meas.get_counts())
