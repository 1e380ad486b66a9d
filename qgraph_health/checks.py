"""The slow checks, for a process of their own: `python -m qgraph_health.checks` prints them as JSON.

The answer is public. So it has no path, no name and no error message.
"""

from __future__ import annotations

import json
import os
import platform
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

PACKAGES = ("qgraph", "qiskit", "qiskit-aer", "jupyterlab")
RING_OF_FOUR = 3.0  # the best depth-1 expectation of a cut of four nodes in a ring (arXiv:1411.4028)


def versions() -> dict[str, str]:
    """The installed versions.

    >>> sorted(versions())
    ['jupyterlab', 'python', 'qgraph', 'qiskit', 'qiskit-aer']
    """
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found


def core() -> float:
    """The best expectation of the ring of four nodes, by qgraph's own simulation."""
    import numpy as np

    import qgraph as qg

    return qg.expectation(qg.MaxCut(qg.Graph.ring(4)), [np.pi / 4], [np.pi / 8])


def qiskit() -> float:
    """The same expectation by Qiskit: qgraph's circuit and observable, Qiskit's state vector."""
    import numpy as np
    from qiskit.quantum_info import Statevector

    import qgraph as qg

    ring = qg.MaxCut(qg.Graph.ring(4))
    state = Statevector(qg.to_circuit(ring, [np.pi / 4], [np.pi / 8]))
    return float(state.expectation_value(qg.to_sparse_pauli_op(ring)).real)


def aer() -> float:
    """The same expectation by Aer's state vector."""
    import numpy as np
    from qiskit_aer import AerSimulator

    import qgraph as qg

    ring = qg.MaxCut(qg.Graph.ring(4))
    circuit = qg.to_circuit(ring, [np.pi / 4], [np.pi / 8])
    circuit.save_expectation_value(qg.to_sparse_pauli_op(ring), range(4))
    data = AerSimulator(method="statevector").run(circuit).result().data()
    return float(data["expectation_value"])


def verdict(check: Callable[[], float]) -> dict[str, bool | str]:
    """Whether `check` gives the known answer. For an error, only its type is reported.

    >>> verdict(lambda: 3.0)
    {'ok': True, 'detail': 'ring of four: 3.000000, known 3.000000'}
    >>> verdict(lambda: 1 / 0)
    {'ok': False, 'detail': 'ZeroDivisionError; `qgraph doctor` says more'}
    """
    try:
        value = check()
    except Exception as error:  # any error is a result of the check
        return {"ok": False, "detail": f"{type(error).__name__}; `qgraph doctor` says more"}
    right = abs(value - RING_OF_FOUR) < 1e-9
    return {"ok": right, "detail": f"ring of four: {value:.6f}, known {RING_OF_FOUR:.6f}"}


def examine() -> dict[str, dict[str, bool | str]]:
    """The results of all checks, by name.

    >>> {name: found["ok"] for name, found in examine().items()}
    {'core': True, 'qiskit': True, 'aer': True}
    """
    return {check.__name__: verdict(check) for check in (core, qiskit, aer)}


if __name__ == "__main__":
    os.nice(5)  # a kernel that starts at the same time goes first
    print(json.dumps({"versions": versions(), "checks": examine()}))
