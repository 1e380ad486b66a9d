"""What light cones take: their number and size, and estimates of memory and seconds."""

from __future__ import annotations

from typing import NamedTuple

from qgraph.base.frozen import Frozen
from qgraph.base.tables import fact_table
from qgraph.simulation.cones.contraction import LARGEST_TENSOR, Elimination
from qgraph.simulation.cones.find import Cone
from qgraph.simulation.library import kernel

LARGEST_VECTOR = 30  # qubits
BYTES_PER_MESSAGE, BYTES_PER_HISTORY = 20, 192  # numbers of each at a gradient's peak
BYTES_PER_STATE, BYTES_IN_NUMPY = 32, 120  # the same of a state: two in the kernel, more of them in NumPy
SECONDS_PER_MESSAGE = 5e-8  # by spin and number
SECONDS_PER_STATE, SECONDS_IN_NUMPY = 1e-9, 4e-8  # by layer, qubit and number


class LightCones(Frozen):
    """What a simulation of a problem on its light cones takes.

    The `terms` of C have `kinds` of different cones, the largest of `qubits` nodes. Of these kinds `trees`
    are simulated by message passing, `contracted` by tensor contraction, `vectors` by state vectors.
    `memory` (bytes) and `seconds` are estimates for one value with its gradient.
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
    """What a cone takes: by contraction, with tensors of up to `width` spins, or by a state vector if 0."""

    width: int
    seconds: float
    memory: int


def cheapest(cone: Cone, depth: int) -> Estimate:
    """A contraction or a state vector, whichever takes less time. Infinite seconds if neither can run."""
    elimination = Elimination(cone)
    size = 2 ** min(elimination.width, LARGEST_TENSOR)
    contracted = Estimate(elimination.width, elimination.seconds, size * BYTES_PER_HISTORY)
    if cone.qubits > LARGEST_VECTOR:
        return contracted
    states = 2**cone.qubits
    seconds, each = SECONDS_PER_STATE, BYTES_PER_STATE
    if kernel() == "reference":
        seconds, each = SECONDS_IN_NUMPY, BYTES_IN_NUMPY
    vector = Estimate(0, seconds * states * (depth + 1) * cone.qubits + 1e-4, states * each)
    return min(contracted, vector, key=lambda way: way.seconds)
