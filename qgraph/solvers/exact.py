"""Exact optima: brute force, integer programming, and dynamic programming over subsets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from qgraph import resources
from qgraph.errors import ProblemTooLarge
from qgraph.problems.base import require_problem, sign
from qgraph.problems.routing import PriorityRouting
from qgraph.simulation.reference import cost_diagonal
from qgraph.solvers import child
from qgraph.solvers.budget import Budget
from qgraph.solvers.result import judged

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from qgraph.problems.base import Problem
    from qgraph.problems.ising import Ising
    from qgraph.solvers.result import Solution

LARGEST_BRUTE_FORCE = 28
LARGEST_TIER = 16
LOW_BITS = 18  # a block of 2**18 energies stays in cache


def solve_exact(
    problem: Problem,
    *,
    time_limit: float | None = None,
    callback: Callable[[float], bool | None] | None = None,
) -> Solution:
    """The optimum, proved.

    Routes: dynamic programming over subsets, to 16 stops per tier (`ProblemTooLarge` beyond). Others:
    brute force to 28 nodes, which uses spin-flip symmetry; beyond, integer programming with odd-cycle
    cuts, which `time_limit` (s) may end early with `optimal=False` and the `bound` proved so far.
    `callback(share done)` may return True to stop early; `KeyboardInterrupt` works between blocks.

    >>> from qgraph import Graph, MaxCut
    >>> solve_exact(MaxCut(Graph.ring(5))).objective
    4.0
    """
    require_problem(problem)
    budget = Budget(time_limit, callback)
    if isinstance(problem, PriorityRouting):
        route = problem.named(best_order(problem))
        return judged(problem, problem.evaluate(route), "exact", budget, optimal=True)
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


def best_order(routing: PriorityRouting) -> list[int]:
    """The fastest feasible order, as indices into `routing.stops`.

    Bellman, Held and Karp's dynamic program within each tier: time[S, v] is the fastest way to have
    visited the tiers before and the subset S of this tier, ending at v. A tier starts from the best ends
    of the one before, so that tiers cost the sum, not the product, of their subsets.
    """
    largest = max(len(tier) for tier in routing.tiers)
    if largest > LARGEST_TIER:
        raise ProblemTooLarge(
            f"exact routes are for tiers of at most {LARGEST_TIER} stops, got one of {largest}"
        )
    resources.require_memory(
        2**largest * largest * 8 * len(routing.tiers), "the dynamic program", "smaller tiers would fit"
    )
    times = routing.times
    depot = None if routing.city.depot is None else len(routing.stops)
    members = [np.arange(tier.start, tier.stop) for tier in routing.tier_slices]
    inside = [times[np.ix_(tier, tier)] for tier in members]
    tables: list[NDArray[np.float64]] = []
    for t, tier in enumerate(members):
        if t == 0:
            start = np.zeros(len(tier)) if depot is None else times[depot, tier]
        else:
            start = (tables[-1][-1][:, None] + times[np.ix_(members[t - 1], tier)]).min(axis=0)
        tables.append(_subset_times(start, inside[t]))
    onward = times[members[-1], depot] if routing.return_to_depot and depot is not None else np.zeros(1)
    order: list[int] = []
    for t in reversed(range(len(members))):
        last = int(np.argmin(tables[t][-1] + onward))
        order = [*members[t][_traced(tables[t], inside[t], last)].tolist(), *order]
        if t > 0:
            onward = times[members[t - 1], order[0]]
    return order


def _subset_times(start: NDArray[np.float64], times: NDArray[np.float64]) -> NDArray[np.float64]:
    """time[S, v] for all subsets S and ends v in S: float64[2**m, m], infinite for v outside S."""
    m = len(start)
    table = np.full((2**m, m), np.inf)
    table[2 ** np.arange(m), np.arange(m)] = start
    subsets = np.arange(2**m)
    sizes = np.array([int(s).bit_count() for s in subsets])
    for size in range(1, m):
        smaller = subsets[sizes == size]
        for v in range(m):
            before = smaller[smaller >> v & 1 == 0]
            table[before | 1 << v, v] = (table[before] + times[:, v]).min(axis=1)
    return table


def _traced(table: NDArray[np.float64], times: NDArray[np.float64], last: int) -> list[int]:
    """The order within a tier that ends at `last`, read back from its table."""
    subset, order = len(table) - 1, [last]
    while subset & (subset - 1):
        subset ^= 1 << order[-1]
        order.append(int(np.argmin(table[subset] + times[:, order[-1]])))
    return order[::-1]
