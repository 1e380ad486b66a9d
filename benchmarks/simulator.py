"""How the cost of one evaluation grows with the number of qubits; Aer stands beside it.

Times of one run are comparable with each other, not with those of another run or machine.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np
from qiskit_aer import AerSimulator

import qgraph as qg

if TYPE_CHECKING:
    from collections.abc import Callable

DEPTH = 4


def seconds(run: Callable[[], object]) -> float:
    """The best of as many runs as fit into half a second, at least two."""
    times: list[float] = []
    while len(times) < 2 or sum(times) < 0.5:
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return min(times)


def main() -> None:
    """Print one row per size."""
    gammas, betas = np.linspace(0.2, 0.8, DEPTH), np.linspace(0.6, 0.1, DEPTH)
    print(f"depth {DEPTH}, random 3-regular MaxCut, double precision")
    print(
        f"{'n':>3} {'expectation':>14} {'gradient':>14} {'gradient/expectation':>22} {'Aer/expectation':>17}"
    )
    aer = AerSimulator(method="statevector")
    for n in range(8, 19, 2):
        problem = qg.MaxCut(qg.Graph.random_regular(3, n, seed=n))
        simulator = qg.Simulator(problem)
        circuit = qg.to_circuit(problem, gammas, betas)
        circuit.save_expectation_value(qg.to_sparse_pauli_op(problem), range(n))
        theirs = aer.run(circuit).result().data()["expectation_value"]
        assert abs(theirs - simulator.expectation(gammas, betas)) < 1e-9
        one = seconds(lambda s=simulator: s.expectation(gammas, betas))
        gradient = seconds(lambda s=simulator: s.expectation_and_gradient(gammas, betas))
        other = seconds(lambda c=circuit: aer.run(c).result())
        figures = (
            f"{1e3 * one:>11.2f} ms {1e3 * gradient:>11.2f} ms {gradient / one:>22.2f} {other / one:>17.2f}"
        )
        print(f"{n:>3} {figures}")


if __name__ == "__main__":
    main()
