"""Which method evaluates expectations, and why."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from qgraph.base.errors import ProblemTooLarge
from qgraph.base.frozen import Frozen
from qgraph.base.tables import fact_table

Method = Literal["auto", "statevector", "subspace", "compressed", "closed_form", "lightcone"]

OF_ROUTES = ("subspace", "compressed")
WITH_STATE = ("statevector", *OF_ROUTES)
SMALL = 22  # qubits of a state vector that is quick anywhere
LONGEST_CHOSEN = 60.0  # seconds of a gradient that nobody asked for by name
LONGEST_SAMPLED = 10.0  # the same for a state that is there for its samples alone
SECONDS_PER_AMPLITUDE = 2e-8  # of a state vector's gradient, by layer


class LightCones(Frozen):
    """What it takes to simulate a problem on its light cones.

    The `terms` of C have `kinds` of cones, the largest of `qubits` nodes. Of these kinds `trees` go through
    messages, `contracted` through sums over histories, `vectors` through state vectors. `memory` (bytes) and
    `seconds` are estimates for one value with its gradient.
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

    __str__ = __repr__

    def _repr_html_(self) -> str:
        rows: dict[str, object] = {
            "depth": f"{self.depth}",
            "terms of C": f"{self.terms}",
            "kinds of light cones": f"{self.kinds}",
            "largest cone": f"{self.qubits} qubits",
            "trees, by messages": f"{self.trees}",
            "with cycles, by contraction": f"{self.contracted}",
            "with cycles, by state vector": f"{self.vectors}",
            "memory": f"{self.memory / 2**20:.0f} MiB",
            "one value with its gradient": f"about {self.seconds:.2g} s",
        }
        return fact_table(rows)


class Choice(Frozen):
    """The method that evaluates expectations at a depth, and why it was chosen."""

    method: Method
    reason: str


def vector_seconds(n: int, depth: int) -> float:
    """About how long a gradient on a state vector takes."""
    return 2.0**n * max(depth, 1) * SECONDS_PER_AMPLITUDE


def choose(n: int, depth: int, *, vector: Callable[[], None], cones: Callable[[], LightCones]) -> Choice:
    """The method for n nodes, more than `SMALL`.

    `vector` and `cones` raise `ProblemTooLarge` if they could not run. Raises `ProblemTooLarge` with what
    each could do, and what else there is.
    """
    if depth == 1:
        return Choice(method="closed_form", reason=f"depth 1 has a closed form, and there are {n} nodes")
    why, seconds = "", float("inf")
    try:
        vector()
        seconds = vector_seconds(n, depth)
    except ProblemTooLarge as error:
        why = str(error)
    try:
        plan = cones()
    except ProblemTooLarge as error:
        other, slow = str(error), float("inf")
    else:
        other, slow = f'method="lightcone" would take about {plan.seconds:.0f} s for a gradient', plan.seconds
        if plan.seconds <= min(seconds, LONGEST_CHOSEN):
            reason = f"{plan.kinds} kinds of light cones of up to {plan.qubits} qubits, in place of {n}"
            return Choice(method="lightcone", reason=reason)
    if seconds <= min(slow, 10 * LONGEST_CHOSEN):
        return Choice(method="statevector", reason=f"a state vector of {n} qubits fits; {other}")
    why = why or f'method="statevector" would take about {seconds:.0f} s for a gradient'
    raise ProblemTooLarge(f"no method runs {n} nodes at depth {depth} in reasonable time: {why}; {other}")
