"""Goemans and Williamson's algorithm: a semidefinite bound, and cuts by random hyperplanes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from qgraph.base.checks import require_whole
from qgraph.base.typing import Reals, Sparse
from qgraph.problems.couplings import sparse
from qgraph.problems.ising import Ising
from qgraph.problems.problem import Problem
from qgraph.problems.sense import sign
from qgraph.solvers.begin import begin
from qgraph.solvers.budget import Budget
from qgraph.solvers.heuristics.greedy import descended
from qgraph.solvers.relaxations.semidefinite import (
    MACHINE_EPSILON,
    lower_bound,
    random_vectors,
    relax,
    require_room,
    round_vectors,
)
from qgraph.solvers.result import Solution, judged

MOST_ROUNDINGS = 10**6
AT_ONCE = 64  # hyperplanes
SHARE = 0.6  # of the time, for the relaxation; the bound and the roundings take the rest


def solve_goemans_williamson(
    problem: Problem,
    *,
    seed: int = 0,
    roundings: int = 100,
    time_limit: float | None = None,
    callback: Callable[[float], bool | None] | None = None,
    progress: bool = True,
) -> Solution:
    """The best of `roundings` random hyperplanes through the semidefinite relaxation, and its bound.

    For MaxCut with weights that are not negative, the mean rounding is at least 0.878 of the bound (Goemans
    and Williamson, J. ACM 42, 1995, theorem 3.1). Every Ising model is possible: fields are couplings to one
    more spin. The `bound` holds for C over all bit strings; above 2500 nodes it rests on a random start, and
    is wrong with probability below 1e-12. If C contains penalties, single flips then repair broken rules;
    without penalties nothing follows the rounding. Thousands of nodes take seconds to minutes. The vectors
    take about 57 n sqrt(n) bytes: 160 MB for 20,000 nodes.

    After `time_limit` (s), or when `callback(share done)` returns True, the vectors found so far are rounded;
    the bound is still valid, but weaker. Raises `InvalidInput` for routes, and
    `ProblemTooLarge` if the vectors do not fit in memory.

    >>> from qgraph import Graph, MaxCut
    >>> solution = solve_goemans_williamson(MaxCut(Graph.ring(5)), seed=1)
    >>> solution.objective, round(solution.bound, 3)
    (4.0, 4.523)
    """
    budget = begin(problem, seed, time_limit, callback, routes=False)
    require_whole("roundings", roundings, 1, MOST_ROUNDINGS)
    ising, rng = problem.to_ising(), np.random.default_rng(seed)
    W, unit = couplings(ising)
    with budget.shown("goemans-williamson", problem, progress):
        vectors = relaxed(W, rng, budget)
        spins = _rounded(W, vectors, roundings, rng, budget)
    bits = (spins[: len(ising.nodes)] != spins[-1] if ising.h.any() else spins < 0).astype(np.uint8)
    if problem.constrained:
        bits = descended(ising, bits)
    bound = bound_of(ising, W, unit, vectors, rng, budget)
    return judged(problem, problem.decode(bits), "goemans-williamson", budget, bound=bound)


def relaxed(W: Sparse, rng: np.random.Generator, budget: Budget) -> Reals:
    """The vectors of the relaxation: float64[n, rank]. Raises `ProblemTooLarge`."""
    require_room(W.shape[0])
    vectors = random_vectors(W.shape[0], rng)
    with budget.ended_by_interrupt():
        relax(W, vectors, budget.part(SHARE).over)
    return vectors


def bound_of(
    ising: Ising,
    W: Sparse,
    unit: float,
    vectors: Reals,
    rng: np.random.Generator,
    budget: Budget,
) -> float:
    """The bound on C that vectors prove."""
    least = unit * lower_bound(W, vectors, rng, budget.left)
    return ising.offset + sign(ising) * (least - 4 * MACHINE_EPSILON * (abs(least) + abs(ising.offset)))


def couplings(ising: Ising) -> tuple[Sparse, float]:
    """What is minimised, as x'Wx / 2 in some unit: W, and that unit; fields are the last spin's."""
    pairs, J = ising.fields_as_couplings()
    unit = float(np.abs(J).max(initial=0.0)) or 1.0
    spins = len(ising.nodes) + (not ising.flip_symmetric)
    return sparse(pairs, sign(ising) * J / unit, spins), unit


def _rounded(
    W: Sparse,
    vectors: Reals,
    roundings: int,
    rng: np.random.Generator,
    budget: Budget,
) -> Reals:
    """The best spins among `roundings` random hyperplanes: float64[n], +1 and -1."""
    best, least = np.ones(len(vectors)), np.inf
    for first in range(0, roundings, AT_ONCE):
        normals = rng.standard_normal((vectors.shape[1], min(AT_ONCE, roundings - first)))
        spins, energy = round_vectors(W, vectors, normals)
        if energy < least:
            best, least = spins, energy
        if budget.over(1.0):
            break
    return best
