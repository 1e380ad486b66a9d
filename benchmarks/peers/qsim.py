"""qsim: ZZ powers and RX gates, fused by qsim, translated from Cirq beforehand. Single precision only."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import cirq
import numpy as np
import qsimcirq

from peers import threads
from peers.readout import mean_cost

if TYPE_CHECKING:
    from collections.abc import Callable

    from cases import Case

    from peers import Expectation

FUSED_QUBITS = (2, 3, 4, 5)


def circuit(case: Case, qubits: list[cirq.Qid]) -> cirq.Circuit:
    """The QAOA circuit, up to a global phase."""
    gates: list[cirq.Operation] = [cirq.H(q) for q in qubits]
    for gamma, beta in case.layers:
        for (i, j), weight in zip(case.edges, case.weights, strict=True):
            gates.append(cirq.ZZPowGate(exponent=-gamma * weight / np.pi)(qubits[i], qubits[j]))
        gates += [cirq.rx(2 * beta)(q) for q in qubits]
    return cirq.Circuit(gates)


class Qsim:
    packages = ("cirq-core", "qsimcirq")
    precisions = ("single",)

    def expectations(self, case: Case, precision: str) -> dict[str, Callable[[], Expectation]]:
        return {f"gates of up to {k} qubits": partial(self._prepare, case, k) for k in FUSED_QUBITS}

    def _prepare(self, case: Case, fused: int) -> Expectation:
        chosen = qsimcirq.QSimOptions(max_fused_gate_size=fused, cpu_threads=threads())
        simulator = qsimcirq.QSimSimulator(chosen, seed=1)
        qubits = list(cirq.LineQubit.range(case.n))
        order = qubits[::-1]  # Cirq's first qubit is the highest bit
        qaoa = qsimcirq.QSimCircuit(circuit(case, qubits))
        # The public methods translate the circuit at each call; this is what they then call.
        options = dict(simulator.qsim_options)
        options["c"], _ = simulator._translate_circuit(qaoa, "translate_cirq_to_qsim", order)
        options["s"] = 1
        run, costs = simulator._sim_module.qsim_simulate_fullstate, case.diagonal
        return lambda: mean_cost(run(options, 0).view(np.complex64), costs)


PEER = Qsim()
