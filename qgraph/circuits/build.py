"""Qiskit circuits and operators. The factors of two in Qiskit's gates appear only in this folder.

qgraph's qubit q is Qiskit's qubit q. Rotation gates carry half angles: exp(-i gamma J ZZ) is
RZZ(2 gamma J), exp(-i gamma h Z) is RZ(2 gamma h), exp(-i beta X) is RX(2 beta).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from qiskit import QuantumCircuit
from qiskit.circuit import ParameterExpression, ParameterVector
from qiskit.quantum_info import SparsePauliOp

from qgraph.base.checks import require, require_number, require_whole
from qgraph.base.errors import InvalidInput, shown
from qgraph.circuits import routes
from qgraph.problems.problem import Problem
from qgraph.problems.routing import PriorityRouting
from qgraph.simulation.choose import Encoding, Mixer, mixer_of_circuit
from qgraph.simulation.warm_start import EPSILON, WarmStart, chances, tilts


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
    "one-hot" allows all bit strings, with penalties: `simulate(..., method="statevector")`. "feasible"
    starts from the uniform superposition of the feasible routes and stays within them, as `simulate` does
    without a method; `mixer` is "grover", by default, or "swap". `mixer`, `warm_start` and `epsilon` are as
    in `Simulator`.

    >>> from qgraph import Graph, MaxCut
    >>> dict(to_circuit(MaxCut(Graph.ring(4)), [0.4], [0.3]).count_ops())
    {'h': 4, 'rzz': 4, 'rx': 4}
    """
    mixer = mixer_of_circuit(problem, encoding, mixer)
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
    if routing is not None:
        circuit.compose(routes.uniform_routes(routing), inplace=True)
    elif tilted is None:
        circuit.h(circuit.qubits)
    else:
        for q, theta in enumerate(tilted):
            circuit.ry(theta, q)
    for gamma, beta in zip(gammas, betas, strict=True):
        circuit.global_phase -= gamma * ising.offset
        for q in np.flatnonzero(ising.h).tolist():
            circuit.rz(2 * gamma * float(ising.h[q]), q)
        for (i, j), coupling in zip(ising.pairs.tolist(), ising.J.tolist(), strict=True):
            circuit.rzz(2 * gamma * coupling, i, j)
        if routing is None:
            _mix_bits(circuit, tilted, beta)
        else:
            routes.MIXING[mixer](circuit, routing, beta)
    if measure:
        circuit.measure_all()
    return circuit


def _mix_bits(circuit: QuantumCircuit, tilted: list[float] | None, beta: Any) -> None:
    if tilted is None:
        circuit.rx(2 * beta, circuit.qubits)
        return
    for q, theta in enumerate(tilted):
        circuit.ry(-theta, q)
        circuit.rz(2 * beta, q)
        circuit.ry(theta, q)


def _angles(argument: str, angles: Sequence[Any] | None) -> list[Any]:
    """Finite numbers or Qiskit parameters."""
    try:
        row = list(angles)  # type: ignore[arg-type]
    except TypeError:
        rule = "must be a list of angles or parameters"
        raise InvalidInput(f"`{argument}` {rule}, got {shown(angles)}") from None
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
