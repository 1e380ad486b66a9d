"""Check an installation: versions, resources, and computations with known results."""

from __future__ import annotations

import platform
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec

import numpy as np

from qgraph.base import resources
from qgraph.models.graph import Graph
from qgraph.problems.ising import Ising
from qgraph.problems.maxcut import MaxCut
from qgraph.simulation.functions import simulate
from qgraph.simulation.library import kernel

PACKAGES = ["qgraph", "numpy", "scipy", "pydantic", "qiskit", "qiskit-aer"]
PACKAGES += ["jupyterlab", "ipywidgets", "matplotlib"]
RING_OF_FOUR = 3.0  # the best depth-1 cut fraction of an even ring is 3/4 (arXiv:1411.4028)


@dataclass(frozen=True)
class Check:
    """One check and its result."""

    name: str
    ok: bool
    detail: str


@dataclass(frozen=True)
class Report:
    """All facts and checks of one examination."""

    facts: dict[str, str]
    checks: tuple[Check, ...]

    @property
    def ok(self) -> bool:
        """Whether every check passed."""
        return all(check.ok for check in self.checks)


def examine() -> Report:
    """Check the core against a published value, and against Aer on an asymmetric four-node model.

    >>> examine().ok
    True
    """
    facts = {"python": platform.python_version(), **{name: _version(name) for name in PACKAGES}}
    facts["kernel"] = kernel()
    facts["threads"] = str(resources.threads())
    facts["memory"] = f"{resources.available_memory() / 2**30:.1f} GiB available"
    checks = [_checked("core", _core)]
    if find_spec("qiskit_aer") is None:
        facts["qiskit-aer"] = "not installed, so not compared with"
    else:
        checks.append(_checked("aer", _aer))
    return Report(facts, tuple(checks))


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def _checked(name: str, check: Callable[[], tuple[bool, str]]) -> Check:
    try:
        return Check(name, *check())
    except Exception as error:  # any failure is a result of the check
        return Check(name, ok=False, detail=f"{type(error).__name__}: {error}"[:200])


def _core() -> tuple[bool, str]:
    value = simulate(MaxCut(Graph.ring(4)), [np.pi / 4], [np.pi / 8]).expectation()
    return abs(value - RING_OF_FOUR) < 1e-9, f"ring of four: {value:.9f}, known {RING_OF_FOUR:.9f}"


def _aer() -> tuple[bool, str]:
    from qiskit_aer import AerSimulator

    from qgraph.circuits.build import to_circuit

    couplings = {(0, 1): 0.5, (1, 2): -1.3, (2, 3): 0.9, (0, 3): 0.2}
    model = Ising([0.3, -0.7, 0.0, 1.1], couplings, offset=0.4)
    gammas, betas = [0.4, -0.9], [0.7, 0.2]
    circuit = to_circuit(model, gammas, betas)
    circuit.save_statevector()
    theirs = np.asarray(AerSimulator(method="statevector").run(circuit).result().get_statevector())
    error = float(np.abs(simulate(model, gammas, betas).amplitudes() - theirs).max())
    return error < 1e-9, f"four-node model: amplitudes differ by {error:.1e}"
