"""Qiskit circuits, operators and runs; the only place where other packages' factors of two appear.

qgraph's qubit q is Qiskit's qubit q. Rotation gates carry half angles: exp(-i gamma J ZZ) is
RZZ(2 gamma J), exp(-i gamma h Z) is RZ(2 gamma h), exp(-i beta X) is RX(2 beta).
"""

from __future__ import annotations

from contextlib import contextmanager
from numbers import Real
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from qgraph.errors import (
    InvalidInput,
    MissingDependency,
    QGraphError,
    require,
    require_number,
    require_seed,
    require_whole,
    shown,
)
from qgraph.problems.base import require_problem
from qgraph.problems.routing import PriorityRouting
from qgraph.simulation.angles import check_angles
from qgraph.simulation.counts import Counts
from qgraph.simulation.state import MOST_SHOTS

try:
    from qiskit import QuantumCircuit
    from qiskit.circuit import ParameterExpression, ParameterVector
    from qiskit.exceptions import QiskitError
    from qiskit.quantum_info import SparsePauliOp
except ImportError as error:  # pragma: no cover (the lock file always has it)
    raise MissingDependency("qgraph's circuits need Qiskit: pip install 'qgraph[qiskit]'") from error

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import ArrayLike
    from qiskit.primitives import BaseSamplerV2
    from qiskit.providers import BackendV2

    from qgraph.problems.base import Problem

Encoding = Literal["one-hot"]

ONE_QUBIT_SHARE = 0.1  # one-qubit gates err about ten times less often than two-qubit gates


def to_circuit(
    problem: Problem,
    gammas: Sequence[Any] | None = None,
    betas: Sequence[Any] | None = None,
    *,
    depth: int | None = None,
    measure: bool = False,
    encoding: Encoding | None = None,
) -> QuantumCircuit:
    """The QAOA circuit of a problem's Ising model, global phase included.

    Angles (rad) may be numbers or Qiskit parameters; without any, `depth` layers with free parameters
    `gammas` and `betas`. Routes need `encoding="one-hot"`, a qubit for each stop and position: the state of
    `simulate(..., method="statevector")`, not that of the feasible routes alone.

    >>> from qgraph import Graph, MaxCut
    >>> dict(to_circuit(MaxCut(Graph.ring(4)), [0.4], [0.3]).count_ops())
    {'h': 4, 'rzz': 4, 'rx': 4}
    """
    _require_encoding(problem, encoding)
    if gammas is None and betas is None:
        require_whole("depth", depth, 1)
        gammas, betas = ParameterVector("gammas", depth), ParameterVector("betas", depth)
    else:
        gammas, betas = _angles("gammas", gammas), _angles("betas", betas)
        require(depth in (None, len(gammas)), "depth", f"must be the number of angles, {len(gammas)}", depth)
    require(len(gammas) == len(betas), "betas", f"must be as many as gammas, {len(gammas)}", len(betas))
    ising = problem.to_ising()
    circuit = QuantumCircuit(len(ising.nodes), name="QAOA")
    circuit.h(range(len(ising.nodes)))
    for gamma, beta in zip(gammas, betas, strict=True):
        circuit.global_phase -= gamma * ising.offset
        for q in np.flatnonzero(ising.h).tolist():
            circuit.rz(2 * gamma * float(ising.h[q]), q)
        for (i, j), coupling in zip(ising.pairs.tolist(), ising.J.tolist(), strict=True):
            circuit.rzz(2 * gamma * coupling, i, j)
        circuit.rx(2 * beta, range(len(ising.nodes)))
    if measure:
        circuit.measure_all()
    return circuit


def _require_encoding(problem: Problem, encoding: Encoding | None) -> None:
    require_problem(problem)
    if isinstance(problem, PriorityRouting):
        rule = 'must be "one-hot" for routes; simulate() without a circuit keeps to the feasible ones'
        require(encoding == "one-hot", "encoding", rule, encoding)
    else:
        require(encoding is None, "encoding", "is for PriorityRouting", encoding)


def _angles(argument: str, angles: Sequence[Any] | None) -> list[Any]:
    """Finite numbers or Qiskit parameters."""
    try:
        row = list(angles)  # type: ignore[arg-type]
    except TypeError:
        raise InvalidInput(
            f"`{argument}` must be a list of angles or parameters, got {shown(angles)}"
        ) from None
    return [a if isinstance(a, ParameterExpression) else require_number(argument, a) for a in row]


def to_sparse_pauli_op(problem: Problem) -> SparsePauliOp:
    """C as a Qiskit operator, offset included.

    >>> from qgraph import Graph, MaxCut
    >>> to_sparse_pauli_op(MaxCut(Graph.from_edges([("a", "b", 3.0)])))
    SparsePauliOp(['II', 'ZZ'], coeffs=[ 1.5+0.j, -1.5+0.j])
    """
    ising = problem.to_ising()
    terms: list[tuple[str, list[int], float]] = [("", [], ising.offset)]
    terms += [("Z", [q], float(ising.h[q])) for q in np.flatnonzero(ising.h).tolist()]
    terms += [("ZZ", pair, J) for pair, J in zip(ising.pairs.tolist(), ising.J.tolist(), strict=True)]
    return SparsePauliOp.from_sparse_list(terms, num_qubits=len(ising.nodes))


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
) -> Counts:
    """Run the circuit and count: on Aer, or on any V2 backend or sampler given as `backend`.

    `noise` (Aer only) is a depolarising probability per two-qubit gate (a tenth of it per one-qubit
    gate), an Aer `NoiseModel`, into whose gates the circuit is translated, or a backend whose calibration is
    imitated. `method` is Aer's, `encoding` as in `to_circuit`. What Qiskit refuses raises `QGraphError`.

    >>> from qgraph import Graph, MaxCut
    >>> run_circuit(MaxCut(Graph.ring(4)), [0.785], [0.393], shots=2000, seed=7).shots
    2000
    """
    require_whole("shots", shots, 1, MOST_SHOTS)
    if seed is not None:
        require_seed(seed)
    gamma, beta = check_angles(gammas, betas)
    circuit = to_circuit(problem, gamma.tolist(), beta.tolist(), measure=True, encoding=encoding)
    with _in_one_line():
        if backend is None:
            counts = _run_on_aer(circuit, shots, seed, noise, method)
        else:
            require(noise is None, "noise", "is for Aer, not for a backend of its own", noise)
            require(method == "automatic", "method", "is for Aer, not for a backend of its own", method)
            counts = _run_on_backend(circuit, shots, seed, backend)
    bits = np.array([[int(bit) for bit in reversed(key)] for key in counts], dtype=np.uint8)
    order = np.lexsort((*bits.T, -np.array(list(counts.values()))))
    return Counts(problem, bits[order], np.array(list(counts.values()), dtype=np.int64)[order])


@contextmanager
def _in_one_line() -> Iterator[None]:
    try:
        yield
    except QiskitError as error:
        raise QGraphError(f"Qiskit could not run the circuit: {' '.join(str(error).split())}") from error


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
        if isinstance(noise, NoiseModel):
            circuit, model = _translated(circuit, noise), noise
        else:
            model = None if noise is None else _depolarising(noise)
        simulator = AerSimulator(method=method, noise_model=model, seed_simulator=seed)
    counts: dict[str, int] = simulator.run(circuit, shots=shots).result().get_counts()
    return counts


def _translated(circuit: QuantumCircuit, noise: Any) -> QuantumCircuit:
    """The circuit in the noise model's gates: errors on gates that it does not have would never strike."""
    from qiskit import transpile

    translated = transpile(circuit, basis_gates=noise.basis_gates, optimization_level=0)
    rule = f"must have errors on gates of the circuit, {', '.join(sorted(translated.count_ops()))}"
    struck = noise.is_ideal() or bool({*noise.noise_instructions} & {*translated.count_ops()})
    require(struck, "noise", rule, noise.noise_instructions)
    return translated


def _depolarising(probability: object) -> Any:
    from qiskit_aer.noise import NoiseModel, depolarizing_error

    real = isinstance(probability, Real) and not isinstance(probability, bool)
    if not (real and 0 <= float(probability) <= 1):  # type: ignore[arg-type]
        raise InvalidInput(
            f"`noise` must be a probability, a NoiseModel or a V2 backend, got {shown(probability)}"
        )
    probability = float(probability)  # type: ignore[arg-type]
    model = NoiseModel()
    model.add_all_qubit_quantum_error(depolarizing_error(probability, 2), ["rzz"])
    model.add_all_qubit_quantum_error(depolarizing_error(ONE_QUBIT_SHARE * probability, 1), ["h", "rx", "rz"])
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
    counts: dict[str, int] = sampler.run([circuit], shots=shots).result()[0].data.meas.get_counts()
    return counts
