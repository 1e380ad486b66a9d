"""The simulators that are compared, one per file, behind one narrow interface.

A peer may offer several ways to compute the same thing (how gates are fused, how the expectation is read);
the worker tries all of them at small sizes and continues with the fastest. The work before a way returns its
runner (building and translating circuits, copying constants) does not count as the peer's time.
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    from cases import Case
    from numpy.typing import NDArray

    Expectation = Callable[[], float]
    Gradient = Callable[[], tuple[float, NDArray[np.float64]]]  # with float64[2, depth]
    Evaluator = Callable[[Sequence[float], Sequence[float]], float]  # of gammas and betas
    Kinds = list[tuple[tuple[int, int], int]]  # edges with different light cones, and how many are like each
    Differentiator = Callable[[Sequence[float], Sequence[float]], tuple[float, NDArray[np.float64]]]

NAMES = ("qgraph", "aer", "qulacs", "lightning", "qsim", "qokit")
TITLES = {
    "qgraph": "qgraph",
    "aer": "Qiskit Aer",
    "qulacs": "Qulacs",
    "lightning": "PennyLane lightning.qubit",
    "qsim": "qsim (qsimcirq)",
    "qokit": "QOKit (C)",
}


def threads() -> int:
    """The number of threads of each simulator: one for each processor of the worker."""
    return len(os.sched_getaffinity(0))


class Peer(Protocol):
    """What the worker needs from a simulator."""

    packages: tuple[str, ...]
    precisions: tuple[str, ...]

    def expectations(self, case: Case, precision: str) -> dict[str, Callable[[], Expectation]]:
        """The ways to compute <C>: a name, and what prepares a runner."""


def load(name: str) -> Peer:
    """The peer of this name; its package is imported now."""
    peer: Peer = import_module(f"peers.{name}").PEER
    return peer
