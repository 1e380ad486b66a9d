"""What light cones take: their number and size, and estimates of memory and seconds on this machine."""

from __future__ import annotations

import math
import time
from functools import cache
from typing import NamedTuple

import numpy as np

from qgraph.base import resources
from qgraph.base.frozen import Frozen
from qgraph.base.tables import fact_table
from qgraph.simulation.cones.contraction import Contraction, Order, Workspaces
from qgraph.simulation.cones.find import Cone
from qgraph.simulation.cones.threads import answers
from qgraph.simulation.library import kernel

LARGEST_VECTOR = 30  # qubits
MOST_BITS = 2**12  # of a network; the search for an order of more takes long, and the kernel numbers 2**16
BYTES_PER_MESSAGE = 20  # numbers of each at a gradient's peak
STATES, STATES_IN_NUMPY = 2, 8  # in memory at the same time
SECONDS_PER_MESSAGE = 5e-8  # by spin and number
SECONDS_PER_STATE, SECONDS_IN_NUMPY = 1e-9, 4e-8  # by layer, qubit and number
SECONDS_PER_PRODUCT, SECONDS_IN_EINSUM = 1e-9, 5e-8
SECONDS_PER_TERM = 3e-4  # in Python
SECONDS_OF_SMALL_SUMS = 2e-9  # by product, with all threads busy
WARM_UP = 0.03  # s; a processor that was idle is slow at first
IN_CACHES, IN_MEMORY, CACHES = 0.7, 1.2, 2**25  # against a small sum; CACHES is in bytes


class LightCones(Frozen):
    """What a simulation of a problem on its light cones takes.

    The `terms` of C have `kinds` of different cones, the largest of `qubits` nodes. Of these kinds `trees`
    are simulated by message passing, `contracted` by tensor contraction, `vectors` by state vectors.
    `memory` (bytes) and `seconds` are estimates for one value with its gradient.

    >>> from qgraph import Graph, MaxCut, Simulator
    >>> plan = Simulator(MaxCut(Graph.grid(30, 30))).light_cones(depth=2)
    >>> plan.terms, plan.kinds, plan.contracted
    (1740, 9, 9)
    """

    depth: int
    terms: int
    kinds: int
    qubits: int
    trees: int
    contracted: int
    vectors: int
    memory: int
    seconds: float

    def __repr__(self) -> str:
        return (
            f"LightCones(depth {self.depth}: {self.terms} terms, {self.kinds} kinds of cones of up to "
            f"{self.qubits} qubits, {self.memory / 2**20:.0f} MiB, about {self.seconds:.2g} s for a gradient)"
        )

    def _repr_html_(self) -> str:
        rows: dict[str, object] = {
            "depth": self.depth,
            "terms of C": self.terms,
            "kinds of light cones": self.kinds,
            "largest cone": f"{self.qubits} qubits",
            "trees, by message passing": self.trees,
            "with cycles, by contraction": self.contracted,
            "with cycles, by state vector": self.vectors,
            "memory": f"{self.memory / 2**20:.0f} MiB",
            "one value with its gradient": f"about {self.seconds:.2g} s",
        }
        return fact_table(rows)


class Estimate(NamedTuple):
    """What one term on its cone takes: by contraction in this order, or else by a state vector."""

    order: Order | None
    seconds: float  # of a value with its gradient, on one thread
    memory: float
    products: float  # of two entries of tensors, or of an amplitude and a number, for the same


def cheapest(cone: Cone, depth: int, dtype: type[np.complexfloating]) -> Estimate:
    """A contraction or a state vector, whichever takes less time. Infinite seconds if neither fits."""
    free, native = resources.free_memory(), kernel() != "reference"
    contracted = Estimate(None, math.inf, math.inf, math.inf)
    if 2 * sum(cone.levels) <= MOST_BITS:
        order = Order.of(cone, depth)
        rate = SECONDS_PER_PRODUCT if native else SECONDS_IN_EINSUM
        rate *= IN_MEMORY if order.bytes > CACHES else IN_CACHES
        seconds = SECONDS_PER_TERM + order.products[1] * rate * pace() if order.bytes <= free else math.inf
        contracted = Estimate(order, seconds, order.bytes, order.products[1])
    if cone.qubits > LARGEST_VECTOR:
        return contracted
    rate, states = (SECONDS_PER_STATE, STATES) if native else (SECONDS_IN_NUMPY, STATES_IN_NUMPY)
    amplitudes = 2.0**cone.qubits
    products, size = amplitudes * (depth + 1) * cone.qubits, amplitudes * states * dtype().itemsize
    seconds = rate * products * pace() if size <= free else math.inf
    vector = Estimate(None, SECONDS_PER_TERM + seconds, size, products)
    return min(contracted, vector, key=lambda way: way.seconds)


@cache
def pace() -> float:
    """How many times slower this machine is than the one of the constants, by a small sum; 1 in NumPy.

    All threads add at a time, as in a plan: two of them may share one processor, or a processor its power.
    """
    if kernel() == "reference":
        return 1.0
    side = 6
    grid = [(k, k + 1) for k in range(side * side) if (k + 1) % side]
    grid += [(k, k + side) for k in range(side * (side - 1))]
    levels, h = (2, 2, *[1] * (side * side - 2)), (0.0,) * side * side
    cone = Cone(levels, 2, h, tuple((a, b, 1.0) for a, b in grid))
    term = Contraction(cone, Order.of(cone, 2), Workspaces())

    def seconds() -> float:
        began = time.perf_counter()
        term.gradient(np.ones(2), np.ones(2))
        return time.perf_counter() - began

    sums = resources.threads() * max(4, math.ceil(WARM_UP / seconds()))
    times = list(answers(lambda _: seconds(), range(sums)))
    return float(np.median(times)) / (SECONDS_OF_SMALL_SUMS * term.order.products[1])
