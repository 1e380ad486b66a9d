"""PennyLane's lightning.qubit: IsingZZ and RX gates; gradients by its adjoint method.

Tapes go to the device directly, without PennyLane's queueing and preprocessing.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pennylane as qml
from pennylane.devices import ExecutionConfig
from pennylane.tape import QuantumScript

from peers.readout import mean_cost

if TYPE_CHECKING:
    from collections.abc import Callable

    from cases import Case

    from peers import Expectation, Gradient

TYPES = {"single": np.complex64, "double": np.complex128}


def operations(case: Case) -> list[qml.operation.Operator]:
    """The QAOA circuit, up to a global phase."""
    gates: list[qml.operation.Operator] = [qml.Hadamard(q) for q in range(case.n)]
    for gamma, beta in case.layers:
        pairs = zip(case.edges, case.weights, strict=True)
        gates += [qml.IsingZZ(-gamma * weight, wires=edge) for edge, weight in pairs]
        gates += [qml.RX(2 * beta, wires=q) for q in range(case.n)]
    return gates


def hamiltonian(case: Case) -> qml.operation.Operator:
    """C less its offset."""
    return qml.Hamiltonian(
        [-weight / 2 for weight in case.weights], [qml.Z(i) @ qml.Z(j) for i, j in case.edges]
    )


class Lightning:
    packages = ("pennylane", "pennylane-lightning")
    precisions = ("single", "double")

    def expectations(self, case: Case, precision: str) -> dict[str, Callable[[], Expectation]]:
        return {
            "state": partial(self._prepare, case, precision, pauli=False),
            "expval": partial(self._prepare, case, precision, pauli=True),
        }

    def _device(self, case: Case, precision: str) -> qml.devices.Device:
        return qml.device("lightning.qubit", wires=case.n, c_dtype=TYPES[precision])

    def _prepare(self, case: Case, precision: str, *, pauli: bool) -> Expectation:
        device = self._device(case, precision)
        if pauli:
            tape = QuantumScript(operations(case), [qml.expval(hamiltonian(case))])
            return lambda: float(device.execute(tape)) + case.offset
        # PennyLane's wire 0 is the highest bit.
        turned = [op.map_wires({q: case.n - 1 - q for q in range(case.n)}) for op in operations(case)]
        tape, costs = QuantumScript(turned, [qml.state()]), case.diagonal
        return lambda: mean_cost(device.execute(tape), costs)

    def gradient(self, case: Case, precision: str) -> Gradient:
        """Derivatives by each gate's angle, summed over the gates that share one of the 2p angles."""
        device = self._device(case, precision)
        tape = QuantumScript(operations(case), [qml.expval(hamiltonian(case))])
        tape.trainable_params = list(range(len(tape.get_parameters(trainable_only=False))))[
            : len(case.layers) * (len(case.edges) + case.n)
        ]
        config = ExecutionConfig(gradient_method="adjoint", use_device_gradient=True)
        weights = -np.array(case.weights)

        def run() -> tuple[float, np.ndarray]:
            value, each = device.execute_and_compute_derivatives(tape, config)
            table = np.array(each, dtype=float).reshape(len(case.layers), -1)
            edges = len(case.edges)
            gradient = np.array([table[:, :edges] @ weights, 2 * table[:, edges:].sum(axis=1)])
            return float(value) + case.offset, gradient

        return run


PEER = Lightning()
