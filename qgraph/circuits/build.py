"""Qiskit circuits, operators and runs; the only place where other packages' factors of two appear.

qgraph's qubit q is Qiskit's qubit q. Rotation gates carry half angles: exp(-i gamma J ZZ) is
RZZ(2 gamma J), exp(-i gamma h Z) is RZ(2 gamma h), exp(-i beta X) is RX(2 beta).
"""

from __future__ import annotations

from contextlib import contextmanager
from numbers import Real
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from qgraph.base.checks import require, require_number, require_seed, require_whole
from qgraph.base.errors import InvalidInput, MissingDependency, QGraphError, shown
from qgraph.problems.problem import require_problem
from qgraph.problems.routing import PriorityRouting
from qgraph.simulation.angles import check_angles
from qgraph.simulation.choose import MIXERS
from qgraph.simulation.counts import Counts
from qgraph.simulation.state import MOST_SHOTS
from qgraph.simulation.warm_start import EPSILON, chances, tilts

try:
    from qiskit import QuantumCircuit
    from qiskit.circuit import ParameterExpression, ParameterVector
    from qiskit.exceptions import QiskitError
    from qiskit.quantum_info import SparsePauliOp

    from qgraph.circuits import routes
except ImportError as error:  # pragma: no cover (the lock file always has it)
    raise MissingDependency("qgraph's circuits need Qiskit: pip install 'qgraph[qiskit]'") from error

from collections.abc import Iterator, Sequence

from qgraph.base.typing import ArrayLike
from qgraph.problems.problem import Problem
from qgraph.simulation.choose import Mixer
from qgraph.simulation.warm_start import WarmStart

if TYPE_CHECKING:
    from qiskit.primitives import BaseSamplerV2
    from qiskit.providers import BackendV2


Encoding = Literal["one-hot", "feasible"]

ENCODINGS = {"one-hot": MIXERS["statevector"], "feasible": MIXERS["subspace"]}
UNTRANSLATED = ("barrier", "measure")
ONE_QUBIT_SHARE = 0.1  # one-qubit gates err about ten times less often than two-qubit gates


def to_circuit(
    problem: Problem,
    gammas: Sequence[Any] | None = None,
    betas: Sequence[Any] | None = None,
    *,
    depth: int | None = None,
    measure: bool = False,
    encoding: Encoding | None = None,
    warm_start: WarmStart | None = None,
    epsilon: float = EPSILON,
    mixer: Mixer = "auto",
) -> QuantumCircuit:
    """The QAOA circuit of a problem's Ising model, global phase included.

    Angles (rad) may be numbers or Qiskit parameters; without any, `depth` layers with free parameters
    `gammas` and `betas`. Routes need an encoding; both have a qubit for each stop and position of its tier.
    "one-hot" goes through all bit strings, with penalties: `simulate(..., method="statevector")`. "feasible"
    starts from the uniform superposition of the feasible routes and keeps to them, as `simulate` does without
    a method; `mixer` is "grover", by default, or "swap" as in `Simulator`. `warm_start` and `epsilon` are the
    `Simulator`'s too.

    >>> from qgraph import Graph, MaxCut
    >>> dict(to_circuit(MaxCut(Graph.ring(4)), [0.4], [0.3]).count_ops())
    {'h': 4, 'rzz': 4, 'rx': 4}
    """
    mixer = _require_encoding(problem, encoding, mixer)
    if gammas is None and betas is None:
        require_whole("depth", depth, 1)
        gammas, betas = ParameterVector("gammas", depth), ParameterVector("betas", depth)
    else:
        gammas, betas = _angles("gammas", gammas), _angles("betas", betas)
        require(depth in (None, len(gammas)), "depth", f"must be the number of angles, {len(gammas)}", depth)
    require(len(gammas) == len(betas), "betas", f"must be as many as gammas, {len(gammas)}", len(betas))
    routing = problem if isinstance(problem, PriorityRouting) and mixer != "transverse_field" else None
    ising = problem.to_ising() if routing is None else routing.times_to_ising()
    circuit = QuantumCircuit(len(ising.nodes), name="QAOA")
    tilted = None if warm_start is None else tilts(chances(problem, warm_start, epsilon)).tolist()
    require(routing is None or tilted is None, "warm_start", "must be None with feasible routes", warm_start)
    _prepare(circuit, routing, tilted)
    for gamma, beta in zip(gammas, betas, strict=True):
        circuit.global_phase -= gamma * ising.offset
        for q in np.flatnonzero(ising.h).tolist():
            circuit.rz(2 * gamma * float(ising.h[q]), q)
        for (i, j), coupling in zip(ising.pairs.tolist(), ising.J.tolist(), strict=True):
            circuit.rzz(2 * gamma * coupling, i, j)
        if routing is None:
            _mix_bits(circuit, tilted, beta)
        elif mixer == "swap":
            routes.mix_by_swaps(circuit, routing, beta)
        else:
            routes.mix_by_grover(circuit, routing, beta)
    if measure:
        circuit.measure_all()
    return circuit


def _prepare(circuit: QuantumCircuit, routing: PriorityRouting | None, tilted: list[float] | None) -> None:
    if routing is not None:
        circuit.compose(routes.uniform_routes(routing), inplace=True)
    elif tilted is None:
        circuit.h(circuit.qubits)
    else:
        for q, theta in enumerate(tilted):
            circuit.ry(theta, q)


def _mix_bits(circuit: QuantumCircuit, tilted: list[float] | None, beta: Any) -> None:
    if tilted is None:
        circuit.rx(2 * beta, circuit.qubits)
        return
    for q, theta in enumerate(tilted):
        circuit.ry(-theta, q)
        circuit.rz(2 * beta, q)
        circuit.ry(theta, q)


def _require_encoding(problem: Problem, encoding: Encoding | None, mixer: Mixer) -> Mixer:
    """The mixer that "auto" stands for."""
    require_problem(problem)
    known: tuple[Mixer, ...] = ("transverse_field",)
    if isinstance(problem, PriorityRouting):
        require(
            encoding in tuple(ENCODINGS), "encoding", 'must be "one-hot" or "feasible" for routes', encoding
        )
        known = ENCODINGS[str(encoding)]
    else:
        require(encoding is None, "encoding", "is for PriorityRouting", encoding)
    rule = f"must be one of {', '.join(known)} with this problem and encoding"
    require(mixer in ("auto", *known), "mixer", rule, mixer)
    return known[0] if mixer == "auto" else mixer


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
    warm_start: WarmStart | None = None,
    epsilon: float = EPSILON,
    mixer: Mixer = "auto",
) -> Counts:
    """Run the circuit and count: on Aer, or on any V2 backend or sampler given as `backend`.

    `noise` (Aer only) is a depolarising probability per two-qubit gate (a tenth of it per one-qubit
    gate), an Aer `NoiseModel`, into whose gates the circuit is translated, or a backend whose calibration is
    imitated. `method` is Aer's; `encoding`, `mixer`, `warm_start` and `epsilon` are as in `to_circuit`. What
    Qiskit refuses raises `QGraphError`.

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
        given = isinstance(noise, NoiseModel)
        model = noise if noise is None or given else _depolarising(noise)
        if given or (model is not None and not {*circuit.count_ops()} <= {*model.basis_gates, *UNTRANSLATED}):
            circuit = _translated(circuit, model)
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
    model.add_all_qubit_quantum_error(depolarizing_error(probability, 2), ["rzz", "cx"])
    one_qubit = [
        "h",
        "rx",
        "ry",
        "rz",
        "sx",
    ]  # with the two above, what every circuit here is translated into
    model.add_all_qubit_quantum_error(depolarizing_error(ONE_QUBIT_SHARE * probability, 1), one_qubit)
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
