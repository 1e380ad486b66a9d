"""Qulacs: either Pauli rotations per edge, or each layer's phases as one diagonal gate on all qubits.

The diagonal gate holds 2**n phases that change with gamma, so that making it is part of an evaluation. The
mixer's RX gates are merged by Qulacs' own optimiser beforehand. It computes in double precision only.
"""

from __future__ import annotations

from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np

from peers.readout import mean_cost

if TYPE_CHECKING:
    from collections.abc import Callable

    from cases import Case
    from numpy.typing import NDArray

    from peers import Expectation

qulacs = import_module("qulacs")  # this file has the same name
MERGED = (1, 2, 3)


def mixer(n: int, beta: float, merged: int) -> Any:
    """RX on all qubits; `merged` of them to a gate."""
    circuit = qulacs.QuantumCircuit(n)
    for q in range(n):
        circuit.add_RX_gate(q, -2 * beta)  # Qulacs rotates by exp(+i angle X / 2)
    if merged > 1:
        qulacs.circuit.QuantumCircuitOptimizer().optimize(circuit, merged)
    return circuit


def observable(case: Case) -> Any:
    """C as a sum of Pauli strings."""
    costs = qulacs.Observable(case.n)
    costs.add_operator(case.offset, "")
    for (i, j), weight in zip(case.edges, case.weights, strict=True):
        costs.add_operator(-weight / 2, f"Z {i} Z {j}")
    return costs


class Qulacs:
    packages = ("qulacs",)
    precisions = ("double",)

    def expectations(self, case: Case, precision: str) -> dict[str, Callable[[], Expectation]]:
        ways: dict[str, Callable[[], Expectation]] = {}
        for merged in MERGED:
            ways[f"diagonal gate, {merged} RX merged"] = partial(self._diagonal, case, merged)
            ways[f"Pauli rotations, {merged} RX merged"] = partial(self._rotations, case, merged, pauli=False)
        ways["Pauli rotations, 1 RX merged, Observable"] = partial(self._rotations, case, 1, pauli=True)
        return ways

    def _uniform(self, n: int) -> Any:
        start = qulacs.QuantumCircuit(n)
        for q in range(n):
            start.add_H_gate(q)
        return start

    def _diagonal(self, case: Case, merged: int) -> Expectation:
        state, start = qulacs.QuantumState(case.n), self._uniform(case.n)
        mixers = [mixer(case.n, beta, merged) for _, beta in case.layers]
        costs, qubits = case.diagonal, list(range(case.n))
        whole = all(weight == 1 for weight in case.weights)
        codes = costs.astype(np.int32) if whole else None

        def phases(gamma: float) -> NDArray[np.complex128]:
            if codes is None:
                return np.exp(-1j * gamma * costs)
            return np.exp(-1j * gamma * np.arange(len(case.edges) + 1))[codes]

        def run() -> float:
            state.set_zero_state()
            start.update_quantum_state(state)
            for gamma, mix in zip(case.gammas, mixers, strict=True):
                qulacs.gate.DiagonalMatrix(qubits, phases(gamma)).update_quantum_state(state)
                mix.update_quantum_state(state)
            return mean_cost(state.get_vector(), costs)

        return run

    def _rotations(self, case: Case, merged: int, *, pauli: bool) -> Expectation:
        state, circuit = qulacs.QuantumState(case.n), self._uniform(case.n)
        for gamma, beta in case.layers:
            for (i, j), weight in zip(case.edges, case.weights, strict=True):
                circuit.add_multi_Pauli_rotation_gate([i, j], [3, 3], gamma * weight)
            circuit.merge_circuit(mixer(case.n, beta, merged))
        costs = None if pauli else case.diagonal
        summed = observable(case) if pauli else None

        def run() -> float:
            state.set_zero_state()
            circuit.update_quantum_state(state)
            if costs is None:
                return float(summed.get_expectation_value(state).real)
            return mean_cost(state.get_vector(), costs)

        return run


PEER = Qulacs()
