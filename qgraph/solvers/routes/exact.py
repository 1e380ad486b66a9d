"""Exact routes: dynamic programming over subsets if its tables fit in memory, else branch and cut."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from qgraph.base import resources
from qgraph.base.errors import ProblemTooLarge
from qgraph.base.typing import Reals
from qgraph.problems.routing import PriorityRouting
from qgraph.solvers.budget import Budget
from qgraph.solvers.result import meets
from qgraph.solvers.routes.local_search import best_of_many
from qgraph.solvers.routes.program import RouteProgram

LARGEST_TABLES = 2**28  # bytes, for the dynamic program: a tier of 20 stops
MOST_LEGS = 100_000  # for branch and cut
LARGEST_AT_ONCE = 14  # stops in a tier; up to here the dynamic program is faster than restarts
RESTARTS = 100  # as in `solve_two_opt`
LARGEST_RESTARTED = 60  # stops; larger tiers gain more from kicks
KICKS = 5000
SHARE, LONGEST_START = 0.2, 2.0  # of the time limit, and seconds, for a good start
SUBSETS = 2**12  # at a time, so that they stay in a cache


def solve(routing: PriorityRouting, budget: Budget) -> tuple[list[int], float, bool]:
    """The best order found, as indices into `routing.stops`, a bound on the time, and whether it is proved.

    Raises `ProblemTooLarge` beyond 100,000 legs, which are about 300 stops in one tier.
    """
    sizes = [len(tier) for tier in routing.tiers]
    dynamic = sum(8 * size * 2**size for size in sizes) <= min(LARGEST_TABLES, resources.free_memory())
    legs = sum(size**2 for size in sizes) + sum(here * there for here, there in pairwise(sizes))
    if not dynamic and legs > MOST_LEGS:
        raise ProblemTooLarge(f"exact routes are for at most {MOST_LEGS} legs between stops, got {legs}")
    order, bound, proved = routing.nearest_neighbour(), routing.trivial_bound, False
    with budget.ended_by_interrupt():
        quick = dynamic and max(sizes) <= LARGEST_AT_ONCE
        restarts = 0 if quick else RESTARTS if max(sizes) <= LARGEST_RESTARTED else KICKS
        part = budget.part(SHARE)
        part.deadline = min(part.deadline, part.began + LONGEST_START)
        order = best_of_many(routing, restarts, 0, part, largest_restarted=LARGEST_RESTARTED)
        if meets(routing.travel_time(order), bound):
            proved = True
        elif dynamic:
            best = best_order(routing, budget)
            order, proved = best or order, best is not None
        else:
            program = RouteProgram(routing, order)
            proved = program.search(budget)
            order, bound = program.order, program.bound
    return order, bound, proved


def best_order(routing: PriorityRouting, budget: Budget) -> list[int] | None:
    """The fastest feasible order, as indices into `routing.stops`, or None if the budget ends first.

    Bellman, Held and Karp's dynamic program within each tier: time[S, v] is the fastest way to have
    visited the tiers before and the subset S of this tier, ending at v. A tier starts from the best times
    at the ends of the tier before. So the work is the sum over tiers, not the product.
    """
    times, n = routing.path_times, len(routing.stops)
    members = [np.arange(tier.start, tier.stop) for tier in routing.tier_slices]
    inside = [times[np.ix_(tier, tier)] for tier in members]
    work = [2 ** len(tier) * len(tier) ** 2 for tier in members]
    tables: list[Reals] = []  # time[S, v], infinite where v is not in S: float64[2**m, m]
    for t, tier in enumerate(members):
        start = times[n, tier]
        if t > 0:
            start = (tables[-1][-1][:, None] + times[np.ix_(members[t - 1], tier)]).min(axis=0)
        tables.append(np.full((2 ** len(tier), len(tier)), np.inf))
        tables[-1][2 ** np.arange(len(tier)), np.arange(len(tier))] = start
        for share in _fill(tables[-1], inside[t]):
            if budget.over((sum(work[:t]) + share * work[t]) / sum(work)):
                return None
    onward = times[members[-1], n + 1]
    order: list[int] = []
    for t in reversed(range(len(members))):
        last = int(np.argmin(tables[t][-1] + onward))
        order = [*members[t][_traced(tables[t], inside[t], last)].tolist(), *order]
        if t > 0:
            onward = times[members[t - 1], order[0]]
    return order


def _fill(table: Reals, times: Reals) -> Iterator[float]:
    """time[S, v] for all subsets S of more than one stop, the smaller first; yields the share done."""
    m = len(times)
    sizes = np.bitwise_count(np.arange(2**m, dtype=np.uint32))
    subsets, done = np.argsort(sizes, kind="stable")[1:-1], 0
    for smaller in np.split(subsets, np.flatnonzero(np.diff(sizes[subsets])) + 1):
        for first in range(0, len(smaller), SUBSETS):
            yield done / 2**m
            some = smaller[first : first + SUBSETS]
            known = np.ascontiguousarray(table[some].T)
            for v in range(m):
                fastest, without = (known + times[:, v, None]).min(axis=0), some >> v & 1 == 0
                table[some[without] | 1 << v, v] = fastest[without]
            done += len(some)


def _traced(table: Reals, times: Reals, last: int) -> list[int]:
    """The order within a tier that ends at `last`, read back from its table."""
    subset, order = len(table) - 1, [last]
    while subset & (subset - 1):
        subset ^= 1 << order[-1]
        order.append(int(np.argmin(table[subset] + times[:, order[-1]])))
    return order[::-1]
