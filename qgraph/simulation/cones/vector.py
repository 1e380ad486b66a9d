"""A term of C on the state vector of its light cone."""

from __future__ import annotations

import numpy as np

from qgraph.base.typing import Reals
from qgraph.problems.ising import Ising
from qgraph.simulation.cones.find import Cone
from qgraph.simulation.library import kernel
from qgraph.simulation.vector import reference
from qgraph.simulation.vector.bits import bit_engine, diagonal


class VectorTerm:
    """A term on the state vector of its cone, times its coefficient."""

    def __init__(self, cone: Cone, weight: float) -> None:
        self.weight = weight
        self.ising = Ising(cone.h, {(i, j): J for i, j, J in cone.couplings})
        self.engine = bit_engine(self.ising, np.complex128, kernel())
        spin = np.array([1.0, -1.0])
        lowest = spin if cone.roots == 1 else np.multiply.outer(spin, spin).reshape(-1)
        self.values = np.tile(lowest, 2**cone.qubits // len(lowest))

    def expectation(self, gammas: Reals, betas: Reals) -> float:
        """See `Evaluator`."""
        return self._mean(self.engine.evolve(gammas, betas).probabilities())

    def gradient(self, gammas: Reals, betas: Reals) -> tuple[float, Reals]:
        """See `Evaluator`."""
        state = self.engine.evolve(gammas, betas).amplitudes()
        mean, angles = self._mean(reference.probabilities(state)), (gammas.tolist(), betas.tolist())
        mixer = reference.TransverseField()
        slopes = reference.gradient(state, diagonal(self.ising), self.values, mixer, *angles)
        return mean, self.weight * slopes

    def _mean(self, p: Reals) -> float:
        return self.weight * float(np.sum(p * self.values) / np.sum(p))
