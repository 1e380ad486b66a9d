"""How much memory a trial needs, and how a machine is divided among trials."""

from __future__ import annotations

from typing import NamedTuple, Self

import numpy as np

from qgraph.base import resources
from qgraph.problems.routing import PriorityRouting
from qgraph.simulation.choose import COMPLEX, DENSE_STATES, MOST_COUNTED, MOST_STORED, WITH_STATE
from qgraph.simulation.library import kernel
from qgraph.study.settings import Variant
from qgraph.study.sources import AnyProblem

BASE = 2**28  # bytes: a process with its libraries, the problem and a small state
STATES = 4  # at a time, about: a gradient has two, a readout has one with its probabilities and samples
MOST_SIMULATED = 34  # qubits; larger states are refused by the solver before anything is allocated


class Share(NamedTuple):
    """A way to divide a machine: so many processes, each with so many threads and so much memory (bytes)."""

    processes: int
    threads: int
    memory: int


class Size(NamedTuple):
    """What the memory of a state depends on: bits, whether half of them suffice, feasible routes."""

    n: int
    halved: bool
    routes: float | None

    @classmethod
    def of(cls, problem: AnyProblem) -> Self:
        """The size of a problem."""
        if isinstance(problem, PriorityRouting):
            return cls(len(problem.nodes), False, float(min(problem.routes, MOST_COUNTED)))
        return cls(len(problem.nodes), problem.to_ising().flip_symmetric, None)


def needs(size: Size, variant: Variant) -> int:
    """Bytes that a trial takes at its peak, about, with the process that it runs in."""
    if variant.algorithm != "qaoa":
        return BASE
    method, warm = variant.settings.get("method", "auto"), variant.settings.get("warm_start") is not None
    item = np.dtype(COMPLEX[variant.settings.get("precision", "double")]).itemsize
    dense = kernel() == "reference"
    each = item * (DENSE_STATES if dense else STATES)
    if size.routes is not None and method != "statevector":
        stored = method != "compressed" and size.routes <= MOST_STORED
        return BASE + (int(each * size.routes) if stored else 0)
    if method not in ("auto", *WITH_STATE) or size.n > MOST_SIMULATED:
        return BASE
    return int(BASE + each * 2 ** (size.n - (size.halved and not (dense or warm))))


def shares(processors: int, memory: int) -> list[Share]:
    """Ways to divide a machine, from one process for each processor to one process with all of them.

    Each process has at least the memory that its libraries need.

    >>> shares(4, 2**34)
    [Share(processes=4, threads=1, memory=4294967296), Share(processes=2, threads=2, memory=8589934592),
    Share(processes=1, threads=4, memory=17179869184)]
    """
    found, processes = [], max(1, processors)
    while True:
        if memory // processes >= BASE or processes == 1:
            each = max(memory // processes, BASE)
            found.append(Share(processes, max(1, processors // processes), each))
        if processes == 1:
            return found
        processes //= 2


def this_machine(workers: int | None) -> list[Share]:
    """How this machine may be divided, into at most `workers` processes."""
    return shares(workers or resources.threads(), resources.free_memory())
