"""Time to an optimum: the same start, the same target, and the clock stops at the target."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.optimize import minimize

if TYPE_CHECKING:
    from cases import Case
    from numpy.typing import NDArray

# COBYLA's first steps are a tenth of a radian: larger ones leave the start's basin and take longer.
OPTIONS = {"COBYLA": {"rhobeg": 0.1, "tol": 1e-6, "maxiter": 5000}, "L-BFGS-B": {"ftol": 1e-15, "gtol": 1e-9}}


class ReachedError(Exception):
    """The search has reached its target."""


def run(peer: Any, case: Case, method: str, start: list[float], target: float) -> dict[str, Any]:
    """Maximise <C> over [gammas, betas] from `start`; preparing the evaluator does not count."""
    gradients = method == "L-BFGS-B"
    evaluate = peer.differentiator(case) if gradients else peer.evaluator(case)
    evaluate(*np.reshape(start, (2, -1)))
    best, evaluations = -np.inf, 0

    def loss(angles: NDArray[np.float64]) -> Any:
        nonlocal best, evaluations
        result = evaluate(*angles.reshape(2, -1))
        value = result[0] if gradients else result
        evaluations, best = evaluations + 1, max(best, value)
        if value >= target:
            raise ReachedError
        return (-value, -result[1].ravel()) if gradients else -value

    began, reached = time.perf_counter(), False
    try:
        minimize(loss, np.array(start), jac=gradients, method=method, options=OPTIONS[method])
    except ReachedError:
        reached = True
    seconds = time.perf_counter() - began
    return {"seconds": seconds, "evaluations": evaluations, "value": float(best), "reached": reached}
