"""Exact routes: dynamic programming over subsets of each tier."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from qgraph import resources
from qgraph.errors import ProblemTooLarge

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from qgraph.problems.routing import PriorityRouting

LARGEST_TIER = 16


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
