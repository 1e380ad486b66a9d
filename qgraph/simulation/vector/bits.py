"""The basis states of bits."""

from __future__ import annotations

import numpy as np

from qgraph.base.typing import Bits, Integers, Reals
from qgraph.problems.ising import Ising
from qgraph.simulation.vector import reference


class BitBasis:
    """All bit strings of an Ising model's n bits."""

    feasible = False

    def __init__(self, ising: Ising) -> None:
        self.ising = ising
        self.size = 2 ** len(ising.nodes)
        self.mean = ising.offset

    def bits(self, indices: Integers) -> Bits:
        """The bits of indices: int64[k] to uint8[k, n]."""
        bits = np.empty((len(indices), len(self.ising.nodes)), dtype=np.uint8)
        for q in range(bits.shape[1]):  # column by column: no wide temporary, and interrupts are heard
            bits[:, q] = indices >> q & 1
        return bits

    def costs(self) -> Reals:
        """C of all bit strings: float64[2**n]."""
        ising = self.ising
        return reference.cost_diagonal(ising.h, ising.coupling_matrix()) + ising.offset
