"""Qiskit Aer: RZZ and RX gates on its state-vector method, fused, on all threads.

Aer fuses diagonal gates of up to `fusion_max_qubit` qubits. Its own expectation of a Pauli sum makes one pass
per term; saving the state and one parallel pass over it is often faster, so both are tried.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from qiskit import QuantumCircuit
from qiskit.circuit import ParameterVector
from qiskit.quantum_info import SparsePauliOp
from qiskit_aer import AerSimulator

from peers import threads
from peers.readout import mean_cost

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cases import Case

    from peers import Evaluator, Expectation

FUSED_QUBITS = (5, 3)


def circuit(case: Case, gammas: Sequence[float], betas: Sequence[float]) -> QuantumCircuit:
    """The QAOA circuit, up to a global phase."""
    qaoa = QuantumCircuit(case.n)
    qaoa.h(range(case.n))
    for gamma, beta in zip(gammas, betas, strict=True):
        for (i, j), weight in zip(case.edges, case.weights, strict=True):
            qaoa.rzz(-gamma * weight, i, j)
        qaoa.rx(2 * beta, range(case.n))
    return qaoa


def operator(case: Case) -> SparsePauliOp:
    """C as a sum of Pauli strings."""
    terms = [("ZZ", [i, j], -w / 2) for (i, j), w in zip(case.edges, case.weights, strict=True)]
    return SparsePauliOp.from_sparse_list([*terms, ("", [], case.offset)], case.n)


def backend(precision: str, fused: int) -> AerSimulator:
    """A state-vector simulator."""
    return AerSimulator(
        method="statevector", precision=precision, max_parallel_threads=threads(), fusion_max_qubit=fused
    )


class Aer:
    packages = ("qiskit", "qiskit-aer")
    precisions = ("single", "double")

    def expectations(self, case: Case, precision: str) -> dict[str, Callable[[], Expectation]]:
        ways = {}
        for fused in FUSED_QUBITS:
            make = partial(self._prepare, case, precision, fused)
            ways[f"save_statevector, fusion {fused}"] = partial(make, pauli=False)
            ways[f"save_expectation_value, fusion {fused}"] = partial(make, pauli=True)
        return ways

    def _prepare(self, case: Case, precision: str, fused: int, *, pauli: bool) -> Expectation:
        simulator = backend(precision, fused)
        qaoa = circuit(case, case.gammas, case.betas)
        if pauli:
            qaoa.save_expectation_value(operator(case), range(case.n))
            return lambda: float(simulator.run(qaoa).result().data()["expectation_value"])
        qaoa.save_statevector()
        costs = case.diagonal
        return lambda: mean_cost(simulator.run(qaoa).result().data()["statevector"].data, costs)

    def evaluator(self, case: Case) -> Evaluator:
        """The circuit is built once, with its angles left free, and bound at each evaluation."""
        depth = len(case.gammas)
        gammas, betas = ParameterVector("g", depth), ParameterVector("b", depth)
        qaoa = circuit(case, gammas, betas)
        qaoa.save_statevector()
        simulator, costs = backend("double", FUSED_QUBITS[0]), case.diagonal

        def evaluate(some: Sequence[float], others: Sequence[float]) -> float:
            values = dict(zip([*gammas, *betas], [*some, *others], strict=True))
            result = simulator.run(qaoa, parameter_binds=[{k: [v] for k, v in values.items()}]).result()
            return mean_cost(result.data()["statevector"].data, costs)

        return evaluate


PEER = Aer()
