"""Circuits of routes that never leave the feasible one-hot states; no ancilla qubits.

Within a tier of k stops, qubit (v, p) says that stop v is at the tier's position p.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from itertools import combinations
from typing import Any

from qiskit import QuantumCircuit
from qiskit.circuit.library import MCPhaseGate

from qgraph.problems.routing import PriorityRouting
from qgraph.simulation.vector.reference import parity_order

Qubit = Callable[[int, int], int]


def tiers_of(routing: PriorityRouting) -> Iterator[tuple[int, Qubit]]:
    """The size of each tier, and the number of its qubit (v, p)."""
    start = 0
    for tier in routing.tiers:
        size = len(tier)
        yield size, lambda v, p, start=start, size=size: start + v * size + p  # type: ignore[misc]
        start += size**2


def uniform_routes(routing: PriorityRouting) -> QuantumCircuit:
    """From all zeros to the uniform superposition of all feasible routes.

    Each stop of a tier in turn takes the last position and then, in superposition, each position before; the
    stop that was there moves to the last position. So every permutation appears exactly once.
    """
    circuit = QuantumCircuit(routing.bits, name="routes")
    for size, qubit in tiers_of(routing):
        for last in range(size):
            circuit.x(qubit(last, last))
            for here in range(last):
                angle = 2 * math.asin(1 / math.sqrt(last + 1 - here))
                circuit.cry(angle, qubit(last, last), qubit(last, here))
                circuit.cx(qubit(last, here), qubit(last, last))
                for other in range(last):
                    circuit.cswap(qubit(last, here), qubit(other, here), qubit(other, last))
    return circuit


def mix_by_swaps(circuit: QuantumCircuit, routing: PriorityRouting, beta: Any) -> None:
    """The swap mixer of `Simulator`: for each pair of stops at the two positions, exp(-i beta (swap them)).

    These are the partial mixers of Hadfield et al., arXiv:1709.03489, for orderings; each acts on four
    qubits, and changes a route only if the two stops are at the two positions.
    """
    for size, qubit in tiers_of(routing):
        for p in parity_order(size):
            for u, v in combinations(range(size), 2):
                _exchange(circuit, [qubit(u, p), qubit(v, p), qubit(u, p + 1), qubit(v, p + 1)], beta)


def _exchange(circuit: QuantumCircuit, qubits: list[int], beta: Any) -> None:
    """exp(-i beta (|1001><0110| + |0110><1001|)): an X rotation of one qubit, controlled by the others."""
    first, *others = qubits
    circuit.cx([first] * 3, others)
    circuit.h(first)
    circuit.x(others[2])
    circuit.append(MCPhaseGate(-beta, 2), others)
    circuit.append(MCPhaseGate(2 * beta, 3), [*others, first])
    circuit.x(others[2])
    circuit.h(first)
    circuit.cx([first] * 3, others)


def mix_by_grover(circuit: QuantumCircuit, routing: PriorityRouting, beta: Any) -> None:
    """exp(-i beta |F><F|): a phase on all zeros between the inverse preparation and the preparation."""
    prepare = uniform_routes(routing)
    qubits = list(range(routing.bits))
    circuit.compose(prepare.inverse(), inplace=True)
    circuit.x(qubits)
    circuit.append(MCPhaseGate(-beta, len(qubits) - 1), qubits)
    circuit.x(qubits)
    circuit.compose(prepare, inplace=True)


MIXING = {"swap": mix_by_swaps, "grover": mix_by_grover}
