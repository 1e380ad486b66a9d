"""quimb: `Circuit.local_expectation`, which contracts the light cone of an edge in an order of cotengra.

Orders are planned once. They do not depend on the angles, so later values find them again. Building and
simplifying the networks must be done again for all new angles, and counts.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cases import Case

    from peers import Evaluator, Kinds

qtn, cotengra, quantum = (import_module(name) for name in ("quimb.tensor", "cotengra", "quimb"))
LARGEST = 2**26  # numbers in a tensor; larger ones are cut into slices
PLANNED = {"max_repeats": 16, "max_time": 1, "minimize": "combo", "parallel": False, "progbar": False}


def circuit(case: Case, gammas: Sequence[float], betas: Sequence[float]) -> Any:
    """The QAOA circuit, up to a global phase."""
    qaoa = qtn.Circuit(case.n)
    for node in range(case.n):
        qaoa.h(node)
    for gamma, beta in zip(gammas, betas, strict=True):
        for (i, j), weight in zip(case.edges, case.weights, strict=True):
            qaoa.rzz(-gamma * weight, i, j)
        for node in range(case.n):
            qaoa.rx(2 * beta, node)
    return qaoa


class Quimb:
    packages = ("quimb", "cotengra")
    precisions = ("double",)

    def cones(self, case: Case, kinds: Kinds) -> tuple[Evaluator, None]:
        """Plan the contraction of one edge of each kind."""
        both = quantum.pauli("Z") & quantum.pauli("Z")
        orders = cotengra.ReusableHyperOptimizer(**PLANNED, slicing_opts={"target_size": LARGEST})
        planned = circuit(case, case.gammas, case.betas)
        for edge, _ in kinds:
            planned.local_expectation(both, edge, optimize=orders, rehearse=True)

        def evaluate(gammas: Sequence[float], betas: Sequence[float]) -> float:
            qaoa = circuit(case, gammas, betas)
            means = ((qaoa.local_expectation(both, edge, optimize=orders).real, k) for edge, k in kinds)
            return sum(float(k * (1 - mean) / 2) for mean, k in means)

        return evaluate, None


PEER = Quimb()
