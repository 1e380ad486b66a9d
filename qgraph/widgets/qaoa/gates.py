"""The gates of a QAOA circuit: how they are drawn, how many they are, and the circuit as text."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from qgraph.base.errors import ProblemTooLarge
from qgraph.base.typing import Integers
from qgraph.problems.ising import Ising
from qgraph.widgets.qaoa.settings import Coupling, OnGraph

MOST_ROUTED = 60  # qubits; with more of them routing takes too long to wait for
NATIVE = ["rz", "sx", "x", "cx"]


def columns(pairs: Integers, n: int) -> tuple[Integers, int]:
    """A column for each gate on two of n wires, so that gates of one column do not overlap, and their number.

    >>> columns(np.array([[0, 1], [2, 3], [1, 2]]), 4)
    (array([0, 0, 1]), 2)
    """
    free = np.zeros(n, dtype=np.int64)  # the first free column of each wire
    slots = []
    for low, high in np.sort(pairs, axis=1).tolist():
        slot = int(free[low : high + 1].max())
        free[low : high + 1] = slot + 1
        slots.append(slot)
    return np.array(slots, dtype=np.int64), int(free.max(initial=0))


def gate_depths(ising: Ising, most: int, *, warm: bool = False) -> list[int]:
    """The depth of the circuits with 1 to `most` layers; with a warm start a mixer has three gates.

    >>> from qgraph import Graph, MaxCut
    >>> gate_depths(MaxCut(Graph.ring(4)).to_ising(), 3)
    [5, 8, 11]
    """
    ends = np.ones(len(ising.nodes), dtype=np.int64)  # after the first gate on each wire
    depths = []
    for _ in range(most):
        ends += ising.h != 0
        for i, j in ising.pairs.tolist():
            ends[i] = ends[j] = max(ends[i], ends[j]) + 1
        ends += 3 if warm else 1
        depths.append(int(ends.max()))
    return depths


def routed(problem: OnGraph, depth: int, coupling: Coupling, warm: Any) -> tuple[int, int]:
    """Depth and two-qubit gates (CX) after routing to a coupling map by Qiskit. Raises `ProblemTooLarge`.

    >>> from qgraph import Graph, MaxCut
    >>> routed(MaxCut(Graph.ring(4)), 1, "ring", None)[1]
    8
    """
    from qiskit import transpile

    from qgraph.circuits.build import to_circuit

    n = len(problem.nodes)
    if n > MOST_ROUTED:
        raise ProblemTooLarge(f"circuits are routed up to {MOST_ROUTED} qubits here, got {n}")
    circuit = to_circuit(problem, depth=depth, warm_start=warm)
    device = _coupling_map(coupling, n)
    done = transpile(
        circuit, coupling_map=device, basis_gates=NATIVE, optimization_level=1, seed_transpiler=0
    )
    return int(done.depth()), int(done.count_ops().get("cx", 0))


def _coupling_map(coupling: Coupling, n: int) -> Any:
    from qiskit.transpiler import CouplingMap

    if coupling == "grid":
        rows = math.isqrt(n)
        return CouplingMap.from_grid(rows, -(-n // rows))
    if coupling == "heavy hex":
        distance = next(d for d in range(3, 99, 2) if (5 * d * d - 2 * d - 1) // 2 >= n)
        return CouplingMap.from_heavy_hex(distance)
    made = {
        "line": CouplingMap.from_line,
        "ring": CouplingMap.from_ring,
        "all to all": CouplingMap.from_full,
    }
    return made[coupling](n)


def as_qasm(problem: OnGraph, angles: Any, warm: Any) -> str:
    """The measured circuit in OpenQASM 2, with gates of its standard library alone.

    >>> from qgraph import Graph, MaxCut
    >>> as_qasm(MaxCut(Graph.ring(4)), [[0.4], [0.3]], None).splitlines()[0]
    'OPENQASM 2.0;'
    """
    from qiskit import qasm2

    from qgraph.circuits.build import to_circuit

    circuit = to_circuit(problem, *angles, measure=True, warm_start=warm)
    return str(qasm2.dumps(circuit.decompose("rzz")))


def as_python(problem: OnGraph, angles: Any, warm: Any, *, state: bool) -> str:
    """Python that computes the same expectation.

    >>> from qgraph import Graph, MaxCut
    >>> print(as_python(MaxCut(Graph.from_edges([("a", "b")])), [[0.4], [0.3]], None, state=True))
    import qgraph as qg
    <BLANKLINE>
    problem = qg.read_problem('{"problem": "MaxCut", ...}')
    gammas = [0.4]
    betas = [0.3]
    state = qg.simulate(problem, gammas, betas)
    print(state.expectation())
    """
    gammas, betas = map(list, angles)
    lines = ["import qgraph as qg", "", f"problem = qg.read_problem({problem.to_json()!r})"]
    lines += [f"gammas = {gammas!r}", f"betas = {betas!r}"]
    if not state:
        return "\n".join([*lines, "print(qg.expectation(problem, gammas, betas))"])
    start = "" if warm is None else f", warm_start={tuple(warm)!r}"
    return "\n".join(
        [*lines, f"state = qg.simulate(problem, gammas, betas{start})", "print(state.expectation())"]
    )
