"""The heavy checks, run in a separate process: `python -m qgraph_health.checks` prints them as JSON.

The output contains no path, no user name and no error message: logs of probes repeat it.
"""

from __future__ import annotations

import json
import os
import platform
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

IN_A_KERNEL = """
import numpy as np, qgraph as qg
print(repr(qg.expectation(qg.MaxCut(qg.Graph.ring(4)), [np.pi / 4], [np.pi / 8])))
"""
PACKAGES = ("qgraph", "qiskit", "qiskit-aer", "jupyterlab")
RING_OF_FOUR = 3.0  # the best depth-1 expectation of a cut of four nodes in a ring (arXiv:1411.4028)


def versions() -> dict[str, str]:
    """Versions of Python and of the packages.

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
    """The expectation on a ring of four, by qgraph's simulation."""
    import numpy as np

    import qgraph as qg

    return qg.expectation(qg.MaxCut(qg.Graph.ring(4)), [np.pi / 4], [np.pi / 8])


def qiskit() -> float:
    """The same by Qiskit's state vector, from qgraph's circuit and observable."""
    import numpy as np
    from qiskit.quantum_info import Statevector

    import qgraph as qg

    ring = qg.MaxCut(qg.Graph.ring(4))
    state = Statevector(qg.to_circuit(ring, [np.pi / 4], [np.pi / 8]))
    return float(state.expectation_value(qg.to_sparse_pauli_op(ring)).real)


def aer() -> float:
    """The same by Aer's state vector."""
    import numpy as np
    from qiskit_aer import AerSimulator

    import qgraph as qg

    ring = qg.MaxCut(qg.Graph.ring(4))
    circuit = qg.to_circuit(ring, [np.pi / 4], [np.pi / 8])
    circuit.save_expectation_value(qg.to_sparse_pauli_op(ring), range(4))
    data = AerSimulator(method="statevector").run(circuit).result().data()
    return float(data["expectation_value"])


def kernel() -> float:
    """The same as `core`, in a Jupyter kernel that is started for it."""
    from jupyter_client.manager import start_new_kernel

    printed = ""

    def listen(message: dict[str, Any]) -> None:
        nonlocal printed
        printed += message["content"].get("text", "") if message["msg_type"] == "stream" else ""

    manager, client = start_new_kernel(
        startup_timeout=60, cwd="/", extra_arguments=["--HistoryManager.enabled=False"]
    )
    try:
        client.execute_interactive(IN_A_KERNEL, store_history=False, timeout=60, output_hook=listen)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    return float(printed)


def verdict(check: Callable[[], float]) -> dict[str, bool | str]:
    """Whether `check` returns the known value. Of an error, only the type is reported.

    >>> verdict(lambda: 3.0)
    {'ok': True, 'detail': 'ring of four: 3.000000, known 3.000000'}
    >>> verdict(lambda: 1 / 0)
    {'ok': False, 'detail': 'ZeroDivisionError; `qgraph doctor` says more'}
    """
    try:
        value = check()
    except Exception as error:  # any error is a failed check
        return {"ok": False, "detail": f"{type(error).__name__}; `qgraph doctor` says more"}
    right = abs(value - RING_OF_FOUR) < 1e-9
    return {"ok": right, "detail": f"ring of four: {value:.6f}, known {RING_OF_FOUR:.6f}"}


def examine() -> dict[str, dict[str, bool | str]]:
    """The results of all checks, by name.

    >>> {name: found["ok"] for name, found in examine().items()}
    {'core': True, 'qiskit': True, 'aer': True, 'kernel': True}
    """
    with ThreadPoolExecutor(1) as pool:  # the kernel is another process, so it works at the same time
        here = pool.submit(lambda: {check.__name__: verdict(check) for check in (core, qiskit, aer)})
        found = verdict(kernel)  # Jupyter's client leaves its event loop to its thread, which must stay
        return here.result() | {"kernel": found}


if __name__ == "__main__":
    os.nice(5)  # kernels have priority
    print(json.dumps({"versions": versions(), "checks": examine()}))
