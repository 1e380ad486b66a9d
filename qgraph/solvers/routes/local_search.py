"""2-opt and or-opt for routes, inside each tier, also from many starts; travel times may be asymmetric."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from qgraph.base.checks import require, require_seed, require_whole
from qgraph.base.typing import Integers, Reals
from qgraph.problems.routing import PriorityRouting
from qgraph.solvers.budget import Budget
from qgraph.solvers.result import Solution, judged
from qgraph.solvers.routes.near_moves import ROUNDING, NearMoves

SMALL_TIER = 250  # stops
LONGEST_MOVED = 3  # stops of a segment, as in Or's paper


def solve_two_opt(
    routing: PriorityRouting,
    *,
    restarts: int = 100,
    seed: int = 0,
    time_limit: float | None = None,
    callback: Callable[[float], bool | None] | None = None,
    progress: bool = True,
) -> Solution:
    """The best of many local optima under 2-opt and or-opt; every route on the way is feasible.

    The first start is the nearest-neighbour route, as in `solve_greedy`; the `restarts` others are random
    orders of each tier. After `time_limit` seconds, on Ctrl-C, or when `callback(share done)` returns True,
    the best so far is the answer; up to 250 stops it is never worse than that of `solve_greedy`.

    A tier of more than 250 stops tries only moves that connect a stop to one of its nearest stops, and
    restarts from the best route so far with two neighbouring segments exchanged: 5000 stops take seconds.

    >>> from qgraph import City
    >>> solve_two_opt(PriorityRouting(City.random(stops=8, priority=3, seed=1)), seed=7).feasible
    True
    """
    require(isinstance(routing, PriorityRouting), "routing", "must be a PriorityRouting", routing)
    require_whole("restarts", restarts, 0)
    require_seed(seed)
    budget = Budget(time_limit, callback)
    with budget.shown("two-opt", routing, progress):
        order = best_of_many(routing, restarts, seed, budget)
    return judged(routing, routing.evaluate(routing.named(order)), "two-opt", budget)


def best_of_many(
    routing: PriorityRouting,
    restarts: int,
    seed: int,
    budget: Budget,
    *,
    largest_restarted: int = SMALL_TIER,
) -> list[int]:
    """The best local optimum that was found within the budget, as indices into `routing.stops`.

    Tiers of more than `largest_restarted` stops do not restart from random orders.
    """
    rng = np.random.default_rng(seed)
    best = as_path(routing.nearest_neighbour())
    with budget.ended_by_interrupt():
        small = len(routing.stops) <= SMALL_TIER
        search = LocalSearch(routing)
        search.improve(best, Budget(None) if small else budget)
        budget.found(search.time(best))
        search = search if largest_restarted == SMALL_TIER else LocalSearch(routing, largest_restarted)
        for restart in range(restarts):
            if budget.over(restart / restarts):
                break
            best = min(best, search.another(best, rng, budget), key=search.time)
            budget.found(search.time(best))
    return [int(stop) for stop in best[1:-1]]


def improved(routing: PriorityRouting, order: list[int]) -> list[int]:
    """The local optimum reached from `order`, as indices into `routing.stops`."""
    path = as_path(order)
    LocalSearch(routing).improve(path, Budget(None))
    return [int(stop) for stop in path[1:-1]]


def random_order(routing: PriorityRouting, rng: np.random.Generator) -> list[int]:
    """A uniformly random feasible route, as indices into `routing.stops`."""
    tiers = [rng.permutation(np.arange(tier.start, tier.stop)) for tier in routing.tier_slices]
    return [int(stop) for stop in np.concatenate(tiers)]


def as_path(order: Sequence[int]) -> Integers:
    """A route with its two ends, which have their own indices: int64[stops + 2]."""
    return np.array([len(order), *order, len(order) + 1])


class LocalSearch:
    """Moves that shorten a path and keep every stop in its tier's positions.

    Or-opt moves (Or 1976) and 2-opt reversals (Croes 1958). A path is int64[stops + 2], a route with its two
    ends; it is improved in place, and is a route at all times. Tiers of at most `small` stops make the best
    of all moves, larger ones a good move to a near stop (Bentley, ORSA J. Computing 4, 1992).
    """

    def __init__(self, routing: PriorityRouting, small: int = SMALL_TIER) -> None:
        self.routing = routing
        self.times = routing.path_times
        self.tolerance = ROUNDING * len(self.times) * float(routing.times.max())
        tiers = [(tier.start + 1, tier.stop + 1) for tier in routing.tier_slices]
        self.small = [(first, last) for first, last in tiers if last - first <= small]
        self.large = [NearMoves(self.times, *tier) for tier in tiers if tier not in self.small]

    def time(self, path: Integers) -> float:
        """The travel time."""
        return math.fsum(self.times[path[:-1], path[1:]].tolist())

    def another(self, path: Integers, rng: np.random.Generator, budget: Budget) -> Integers:
        """A local optimum from random orders, or near `path` where a tier is large."""
        if self.large:
            tier, kicked = self.large[rng.integers(len(self.large))], path.copy()
            tier.improve(kicked, self.tolerance, budget, tier.kick(kicked, rng))
            return kicked
        shuffled = as_path(random_order(self.routing, rng))
        self.improve(shuffled, budget)
        return shuffled

    def improve(self, path: Integers, budget: Budget) -> None:
        """Go to a local optimum, or as far as the budget allows."""
        while not budget.over():
            before = path.copy()
            for tier in self.large:
                tier.improve(path, self.tolerance, budget)
            self._descend(path, budget)
            if not self.large or np.array_equal(path, before):
                return

    def _descend(self, path: Integers, budget: Budget) -> None:
        """The best move in all small tiers, again and again until none is left."""
        while self.small and not budget.over():
            moves = [
                move(path, self.times, *tier) for tier in self.small for move in (_reversal, _relocation)
            ]
            gain, better = min(moves, key=lambda found: found[0])
            if gain >= -self.tolerance:
                return
            path[:] = better


def _reversal(path: Integers, times: Reals, first: int, last: int) -> tuple[float, Integers]:
    """The best reversal of path[i..j] within positions first to last - 1: (change in time, new path)."""
    forward = np.append(0.0, np.cumsum(times[path[:-1], path[1:]]))
    backward = np.append(0.0, np.cumsum(times[path[1:], path[:-1]]))
    i, j = np.arange(first, last)[:, None], np.arange(first, last)
    change = (
        times[path[i - 1], path[j]]
        + times[path[i], path[j + 1]]
        - times[path[i - 1], path[i]]
        - times[path[j], path[j + 1]]
        + (backward[j] - backward[i])
        - (forward[j] - forward[i])
    )
    change[i >= j] = 0.0
    a, b = np.unravel_index(int(change.argmin()), change.shape)
    low, high = first + int(a), first + int(b)
    better = np.concatenate([path[:low], path[low : high + 1][::-1], path[high + 1 :]])
    return float(change[a, b]), better


def _relocation(path: Integers, times: Reals, first: int, last: int) -> tuple[float, Integers]:
    """The best move of one to three stops to another place within positions first to last - 1."""
    best, better = 0.0, path
    for length in range(1, min(LONGEST_MOVED, last - first - 1) + 1):
        i = np.arange(first, last - length + 1)[:, None]  # where the segment begins
        k = np.arange(first - 1, last)  # the stop after which it is put
        j = i + length - 1
        closed = times[path[i - 1], path[j + 1]] - times[path[i - 1], path[i]] - times[path[j], path[j + 1]]
        opened = times[path[k], path[i]] + times[path[j], path[k + 1]] - times[path[k], path[k + 1]]
        change = closed + opened
        change[(k >= i - 1) & (k <= j)] = 0.0
        a, b = np.unravel_index(int(change.argmin()), change.shape)
        if change[a, b] < best:
            best = float(change[a, b])
            segment, place = i[a] + np.arange(length), int(k[b]) + 1
            place -= length if place > i[a] else 0
            better = np.insert(np.delete(path, segment), place, path[segment])
    return best, better
