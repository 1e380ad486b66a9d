"""Warm starts: begin from a product state near a known solution.

Source: Egger, Marecek, Woerner, arXiv:2009.10095, sections 2 and 3. Let c be the chance that a qubit is
measured as 1, and theta = 2 arcsin(sqrt(c)). Then qubit q starts in R_Y(theta)|0>, and its mixer is
B = sin(theta) X + cos(theta) Z, with this state as the eigenstate of eigenvalue +1. The paper's mixer is -B,
so its beta is minus ours. With c = 1/2 everywhere, ours is the transverse field on |+>.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from qgraph.base.checks import require, require_number
from qgraph.base.errors import InvalidInput, shown
from qgraph.base.fields import as_name
from qgraph.base.typing import Reals
from qgraph.problems.base import Candidate
from qgraph.problems.problem import Problem

WarmStart = Mapping[Any, float] | Sequence[float] | np.ndarray[Any, Any] | Candidate
EPSILON = 0.25  # the paper's, section 3.2: halfway between the solution and no preference
RULE = "must be a number from 0 to 1 for every node, or a solution"


def chances(problem: Problem, warm_start: object, epsilon: object) -> Reals:
    """The chance that each qubit starts as 1, from `epsilon` to 1 - `epsilon`: float64[n].

    Raises `InvalidInput`.
    """
    least = require_number("epsilon", epsilon, 0, 0.5)
    values = _in_order(problem, warm_start)
    for name, value in zip(problem.nodes, values, strict=True):
        require_number(f"warm_start[{name!r}]", value, 0, 1)
    return np.clip(np.array(values, dtype=np.float64), least, 1 - least)


def _in_order(problem: Problem, warm_start: object) -> list[Any]:
    """The given values in node order."""
    if isinstance(warm_start, Candidate):
        warm_start = _bits_of(problem, warm_start)
    if isinstance(warm_start, Mapping):
        given = {as_name(name): value for name, value in warm_start.items()}
        require(given.keys() == set(problem.nodes), "warm_start", RULE, list(given)[:5])
        return [given[name] for name in problem.nodes]
    row = isinstance(warm_start, (list, tuple)) or (
        isinstance(warm_start, np.ndarray) and warm_start.ndim == 1
    )
    require(row, "warm_start", RULE, warm_start)
    values: list[Any] = list(warm_start)  # type: ignore[call-overload]
    n = len(problem.nodes)
    require(len(values) == n, "warm_start", f"must have {n} values", len(values))
    return values


def _bits_of(problem: Problem, candidate: Candidate) -> object:
    """A candidate's bits: its labels if the nodes are the bits, else those of the problem's `encode`."""
    labels = candidate.labels
    if labels is not None and labels.keys() == set(problem.nodes):
        return labels
    answer = candidate.route if candidate.route is not None else labels
    encode = getattr(problem, "encode", None)
    if encode is None or answer is None:
        raise InvalidInput(f"`warm_start` must be a solution of {shown(problem)}, got {shown(candidate)}")
    return encode(answer)


def tilts(chance: Reals) -> Reals:
    """Theta of each qubit: float64[n] (rad)."""
    return 2 * np.arcsin(np.sqrt(chance))


def product_state(chance: Reals) -> Reals:
    """The amplitudes of all qubits in R_Y(theta)|0>: float64[2**n]."""
    state = np.ones(1)
    for c in chance.tolist():
        state = np.concatenate([np.sqrt(1 - c) * state, np.sqrt(c) * state])
    return state
