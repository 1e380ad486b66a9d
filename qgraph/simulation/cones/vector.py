"""A term of C on the state vector of its light cone."""

from __future__ import annotations

import numpy as np

from qgraph.base.typing import Reals
from qgraph.problems.ising import Ising
from qgraph.simulation.cones.find import Cone
from qgraph.simulation.library import kernel
from qgraph.simulation.vector.bits import term_engine


class VectorTerm:
    """<Z> or <Z Z> of the roots of a cone, on its state vector of precision `dtype`."""

    def __init__(self, cone: Cone, dtype: type[np.complexfloating] = np.complex128) -> None:
        model = Ising(cone.h, {(i, j): J for i, j, J in cone.couplings})
        single = [1.0 if cone.roots == 1 and k == 0 else 0.0 for k in range(cone.qubits)]
        term = Ising(single, {(0, 1): 1.0} if cone.roots == 2 else {})
        self.engine = term_engine(model, term, dtype, kernel())

    def expectation(self, gammas: Reals, betas: Reals) -> float:
        """See `Evaluator`."""
        return self.engine.expectation(gammas, betas)

    def gradient(self, gammas: Reals, betas: Reals) -> tuple[float, Reals]:
        """See `Evaluator`."""
        return self.engine.gradient(gammas, betas)
