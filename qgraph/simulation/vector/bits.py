"""All bit strings as basis states, and the engine that evolves them."""

from __future__ import annotations

import numpy as np

from qgraph.base.typing import Bits, Integers, Reals
from qgraph.problems.ising import Ising
from qgraph.simulation.vector import reference
from qgraph.simulation.vector.dense import DenseEngine
from qgraph.simulation.vector.spins import SpinEngine, TermEngine
from qgraph.simulation.warm_start import product_state, tilts


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
        for q in range(bits.shape[1]):  # column by column: no wide temporary, and interrupts end it
            bits[:, q] = indices >> q & 1
        return bits

    def costs(self) -> Reals:
        """C of all bit strings: float64[2**n]."""
        return diagonal(self.ising) + self.ising.offset

    def guess(self, shots: int, rng: np.random.Generator) -> Integers:
        """Uniformly random indices: int64[shots]."""
        return rng.integers(self.size, size=shots)


def diagonal(ising: Ising) -> Reals:
    """The energy of every bit string, without offset: float64[2**n]."""
    return reference.cost_diagonal(ising.h, ising.coupling_matrix())


def bit_engine(
    ising: Ising, dtype: type[np.complexfloating], kernel: str, chance: Reals | None = None
) -> SpinEngine | DenseEngine:
    """The engine of all bit strings. `chance` is a warm start's chance of a 1 for each bit: float64[n]."""
    if kernel != "reference":
        return SpinEngine(ising, dtype) if chance is None else SpinEngine(ising, dtype, tilts(chance))
    mixer = reference.TransverseField() if chance is None else reference.TiltedField(tilts(chance))
    start = None if chance is None else product_state(chance)
    return DenseEngine(diagonal(ising), mixer, dtype, ising.sense, ising.offset, start)


def term_engine(
    ising: Ising, observable: Ising, dtype: type[np.complexfloating], kernel: str
) -> TermEngine | DenseEngine:
    """The same, whose means are those of another model of the same nodes, without its offset."""
    if kernel != "reference":
        return TermEngine(ising, observable, dtype)
    values, mixer = diagonal(observable), reference.TransverseField()
    return DenseEngine(diagonal(ising), mixer, dtype, ising.sense, observable=values)
