"""A term of C on the state vector of its light cone."""

from __future__ import annotations

import numpy as np

from qgraph.base.typing import Reals
from qgraph.problems.ising import Ising
from qgraph.simulation.cones.find import Cone
from qgraph.simulation.engine import Engine
from qgraph.simulation.vector import native, reference
from qgraph.simulation.vector.dense import DenseEngine
from qgraph.simulation.vector.spins import SpinEngine


class VectorTerm:
    """A term on the state vector of its cone."""

    def __init__(self, cone: Cone, weight: float) -> None:
        self.weight = weight
        pairs, J = [(i, j) for i, j, _ in cone.couplings], [J for _, _, J in cone.couplings]
        ising = Ising(cone.h, dict(zip(pairs, J, strict=True)))
        self.arrays = ising.h, ising.coupling_matrix()
        self.engine: Engine
        if native.kernel() == "reference":
            costs = reference.cost_diagonal(*self.arrays)
            self.engine = DenseEngine(costs, reference.TransverseField(), np.complex128, sense="minimize")
        else:
            self.engine = SpinEngine(ising, np.float64)
        spin = np.array([1.0, -1.0])
        lowest = spin if cone.roots == 1 else np.multiply.outer(spin, spin).reshape(-1)
        self.values = np.tile(lowest, 2**cone.qubits // len(lowest))

    def value(self, gammas: Reals, betas: Reals) -> float:
        """Its share of <C>."""
        p = self.engine.evolve(gammas, betas).probabilities()
        return self.weight * float(np.sum(p * self.values) / np.sum(p))

    def gradient(self, gammas: Reals, betas: Reals) -> tuple[float, Reals]:
        """Its share of <C> and the derivatives: float64[2, p]."""
        state = self.engine.evolve(gammas, betas).amplitudes()
        p = reference.probabilities(state)
        value = float(np.sum(p * self.values) / np.sum(p))
        costs = reference.cost_diagonal(*self.arrays)
        angles = gammas.tolist(), betas.tolist()
        slopes = reference.gradient(state, costs, self.values, reference.TransverseField(), *angles)
        return self.weight * value, self.weight * slopes
