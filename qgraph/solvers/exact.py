"""Exact optima: brute force, integer programming, and routes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from qgraph.problems.base import require_problem, sign
from qgraph.problems.routing import PriorityRouting
from qgraph.simulation.reference import cost_diagonal
from qgraph.solvers import child, exact_routes
from qgraph.solvers.budget import Budget
from qgraph.solvers.result import judged

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from qgraph.problems.base import Problem
    from qgraph.problems.ising import Ising
    from qgraph.solvers.result import Solution

LARGEST_BRUTE_FORCE = 28
LOW_BITS = 18  # a block of 2**18 energies stays in cache


def solve_exact(
    problem: Problem,
    *,
    time_limit: float | None = None,
    callback: Callable[[float], bool | None] | None = None,
) -> Solution:
    """The optimum, proved.

    Routes: dynamic programming over subsets where its tables take at most 256 MB (a tier of 20 stops);
    beyond, branch and cut, which takes seconds for 60 stops (`ProblemTooLarge` above about 300 in one tier).
    `time_limit` (s) or Ctrl-C may end it early with the best route so far, which is never worse than that of
    `solve_greedy`, and the `bound` proved so far.

    Others: brute force to 28 nodes, which uses spin-flip symmetry; beyond, integer programming with odd-cycle
    cuts, which `time_limit` (s) may end early with `optimal=False` and the `bound` proved so far.
    `callback(share done)` may return True to stop early; `KeyboardInterrupt` works between blocks.

    >>> from qgraph import Graph, MaxCut
    >>> solve_exact(MaxCut(Graph.ring(5))).objective
    4.0
    """
    require_problem(problem)
    budget = Budget(time_limit, callback)
    if isinstance(problem, PriorityRouting):
        order, limit, proved = exact_routes.solve(problem, budget)
        route = problem.evaluate(problem.named(order))
        return judged(problem, route, "exact", budget, optimal=proved, bound=limit)
    ising = problem.to_ising()
    if len(ising.nodes) <= LARGEST_BRUTE_FORCE:
        bits, finished = brute_force(ising, budget)
        bound = ising.trivial_bound
    else:
        bits, bound, finished = child.solve(ising, time_limit=time_limit, callback=callback)
    return judged(problem, problem.decode(bits), "exact", budget, optimal=finished, bound=bound)


def brute_force(ising: Ising, budget: Budget) -> tuple[NDArray[np.uint8], bool]:
    """The best bits of all, and whether all were tried: 2**n energies, or 2**(n - 1) without fields."""
    n = len(ising.nodes)
    free = n - 1 if ising.flip_symmetric else n  # by symmetry the last spin may stay up
    low = min(free, LOW_BITS)
    coupling = np.zeros((n, n))
    coupling[ising.pairs[:, 0], ising.pairs[:, 1]] = sign(ising) * ising.J
    coupling += coupling.T
    h = sign(ising) * ising.h
    inside = (ising.pairs < low).all(axis=1)
    inner = cost_diagonal(np.zeros(low), ising.pairs[inside], sign(ising) * ising.J[inside])
    none = np.zeros((0, 2), dtype=np.int64), np.zeros(0)
    best, best_index = np.inf, 0
    blocks = 2 ** (free - low)
    for block in range(blocks):
        outer = 1.0 - 2.0 * (block >> np.arange(n - low) & 1)
        fields = h[:low] + coupling[:low, low:] @ outer
        constant = h[low:] @ outer + outer @ coupling[low:, low:] @ outer / 2
        energies = inner + cost_diagonal(fields, *none)
        place = int(energies.argmin())
        if energies[place] + constant < best:
            best, best_index = energies[place] + constant, block << low | place
        if budget.over((block + 1) / blocks):
            return _bits(best_index, n), block + 1 == blocks
    return _bits(best_index, n), True


def _bits(index: int, n: int) -> NDArray[np.uint8]:
    return (index >> np.arange(n) & 1).astype(np.uint8)
