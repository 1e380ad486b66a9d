"""Light cones with cycles: sums over their tensor networks (`network.py`), one bit after another.

The order of the bits decides the cost. It is searched once for all cones of one structure: each time the bit
whose sum joins the fewest new pairs of bits, with variations at random (`kernel/calls/elimination.h`).
Derivatives by all angles come from the same sum, taken back step by step.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from qgraph.base import resources
from qgraph.base.typing import NDArray, Reals
from qgraph.simulation.cones import reference
from qgraph.simulation.cones.find import Cone
from qgraph.simulation.cones.network import TensorNetwork, network_of
from qgraph.simulation.library import kernel, library

NONE = np.zeros((0, 0))  # no derivatives are wanted
MOST_FIXED = 12  # bits that are fixed one after another to save memory
REAL = 8  # bytes


@dataclass(frozen=True)
class Order:
    """How the networks of cones of one structure are summed.

    `fixed` bits (-1: none) are summed last and outside: the whole sum runs once for each of their values, and
    counts `copies` times. `products` of entries are formed for a value, and for a value with its gradient;
    `bytes` are taken at most.
    """

    bits: NDArray[np.int32]
    fixed: NDArray[np.int8]
    outside: tuple[int, ...]
    copies: int
    products: tuple[float, float]
    bytes: float

    @classmethod
    def of(cls, cone: Cone, depth: int) -> Order:
        """The best order that is found for a cone, and what it takes. Infinitely much if none is found."""
        network, native = network_of(cone), kernel() != "reference"
        fixed, copies = np.full(network.bits, -1, dtype=np.int8), 1
        if native:
            bits, shares = np.zeros(network.bits, dtype=np.int32), np.zeros(network.bits)
            library.elimination(network.links, bits, shares)
        else:
            bits, shares = reference.elimination(network)
        if np.isinf(shares).any():
            return cls(bits, fixed, (), 1, (math.inf, math.inf), math.inf)

        def fix() -> int:
            """Fix the bit that most products have."""
            bit = int(shares.argmax())
            fixed[bit], shares[bit] = 0, 0.0
            return bit

        def planned() -> tuple[float, float, float]:
            """The products of a value and of a gradient, and the bytes of a gradient."""
            if not native:
                most = float(shares.max(initial=1.0))
                return most, 3 * most, 2 * REAL * most
            angles = np.zeros(depth)
            tensors = network.links, network.rates, fixed, bits, angles, angles
            value, _ = library.contraction(*tensors, True, NONE, NONE, 1)
            return value, *library.contraction(*tensors, True, NONE, np.zeros((2, depth)), 1)

        if not any(cone.h) and cone.roots == 2:  # all spins may be flipped: one bit is 0, and counts twice
            fix()
            copies = 2
        outside = list[int]()
        value, gradient, size = planned()
        while size > resources.free_memory() and len(outside) < MOST_FIXED:
            outside.append(fix())
            value, gradient, size = planned()
        runs = 2.0 ** len(outside)
        return cls(bits, fixed, tuple(outside), copies, (value * runs, gradient * runs), size)


class Workspaces:
    """Memory for sums, kept for the next ones: fresh pages would take longer than the sums."""

    def __init__(self) -> None:
        self._spare: list[Reals] = []

    @contextmanager
    def lent(self, size: float) -> Iterator[Reals]:
        """At least `size` bytes, for one thread."""
        try:
            space = self._spare.pop()
        except IndexError:  # all are in use
            space = np.empty(0)
        if space.nbytes < size:
            space = np.empty(math.ceil(size / REAL))
        yield space
        self._spare.append(space)


class Contraction:
    """<Z> or <Z Z> of the roots of a cone."""

    def __init__(self, cone: Cone, order: Order, spaces: Workspaces, threads: int = 1) -> None:
        self.cone, self.order, self.spaces, self.threads = cone, order, spaces, threads
        self.native = kernel() != "reference"

    @cached_property
    def network(self) -> TensorNetwork:
        """The tensors of this cone."""
        return network_of(self.cone)

    def expectation(self, gammas: Reals, betas: Reals) -> float:
        """See `Evaluator`."""
        return self._sum(gammas, betas, NONE)

    def gradient(self, gammas: Reals, betas: Reals) -> tuple[float, Reals]:
        """See `Evaluator`."""
        slopes = np.zeros((2, len(gammas)))
        return self._sum(gammas, betas, slopes), slopes * self.order.copies

    def _sum(self, gammas: Reals, betas: Reals, slopes: Reals) -> float:
        order, network, total = self.order, self.network, 0.0
        fixed = order.fixed.copy()
        for values in range(2 ** len(order.outside)):
            fixed[list(order.outside)] = [values >> k & 1 for k in range(len(order.outside))]
            if self.native:
                angles = np.ascontiguousarray(gammas), np.ascontiguousarray(betas)
                tensors = network.links, network.rates, fixed, order.bits, *angles
                with self.spaces.lent(order.bytes) as space:
                    total += library.contraction(*tensors, False, space, slopes, self.threads)
            else:
                total += reference.contraction(network, fixed, order.bits, gammas, betas, slopes)
        return total * order.copies
