"""2-opt and or-opt for routes, inside each tier, also from many starts; travel times may be asymmetric."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from qgraph.errors import require, require_seed, require_whole
from qgraph.problems.routing import PriorityRouting
from qgraph.solvers.budget import Budget
from qgraph.solvers.result import judged

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from qgraph.solvers.result import Solution

LONGEST_MOVED = 3  # Or's original segments of one to three stops
NOTHING = 1e-12


def solve_two_opt(
    routing: PriorityRouting,
    *,
    restarts: int = 100,
    seed: int = 0,
    time_limit: float | None = None,
    callback: Callable[[float], bool | None] | None = None,
) -> Solution:
    """The best of many local optima under 2-opt and or-opt, every route on the way being feasible.

    The first start is the nearest-neighbour route, as in `solve_greedy`; the `restarts` others are random
    orders of each tier. After `time_limit` seconds, or when `callback(share done)` returns True, the best so
    far is the answer.

    >>> from qgraph import City
    >>> solve_two_opt(PriorityRouting(City.random(stops=8, priority=3, seed=1)), seed=7).feasible
    True
    """
    require(isinstance(routing, PriorityRouting), "routing", "must be a PriorityRouting", routing)
    require_whole("restarts", restarts, 0)
    require_seed(seed)
    budget = Budget(time_limit, callback)
    rng = np.random.default_rng(seed)
    best = improved(routing, routing.nearest_neighbour())
    for restart in range(restarts):
        if budget.over(restart / restarts):
            break
        shuffled = [rng.permutation(np.arange(tier.start, tier.stop)) for tier in routing.tier_slices]
        best = min(best, improved(routing, np.concatenate(shuffled).tolist()), key=routing.travel_time)
    return judged(routing, routing.evaluate(routing.named(best)), "two-opt", budget)


def improved(routing: PriorityRouting, order: list[int]) -> list[int]:
    """The local optimum reached from `order` by best improvement.

    Or-opt moves (Or 1976) and 2-opt reversals (Croes 1958) that keep every stop in its tier's positions.
    """
    times = _with_open_ends(routing)
    start = len(times) - 1 if routing.city.depot is None else len(routing.stops)
    end = start if routing.return_to_depot else len(times) - 1
    path = np.array([start, *order, end])
    tolerance = NOTHING * float(times.sum())
    while True:
        moves = [
            move(path, times, tier.start + 1, tier.stop + 1)
            for tier in routing.tier_slices
            for move in (_reversal, _relocation)
        ]
        gain, better = min(moves, key=lambda found: found[0])
        if gain >= -tolerance:
            return [int(stop) for stop in path[1:-1]]
        path = better


def _with_open_ends(routing: PriorityRouting) -> NDArray[np.float64]:
    """Travel times with one more place, at no distance, for a route to begin or end at."""
    size = len(routing.times) + 1
    times = np.zeros((size, size))
    times[:-1, :-1] = routing.times
    return times


def _reversal(
    path: NDArray[np.int64], times: NDArray[np.float64], first: int, last: int
) -> tuple[float, NDArray[np.int64]]:
    """The best reversal of path[i..j] within positions first to last - 1: (change in time, new path)."""
    forward = np.concatenate([[0.0], np.cumsum(times[path[:-1], path[1:]])])
    backward = np.concatenate([[0.0], np.cumsum(times[path[1:], path[:-1]])])
    here = np.arange(first, last)
    i, j = np.meshgrid(here, here, indexing="ij")
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
    gain, i0, j0 = float(change[a, b]), int(here[a]), int(here[b])
    return gain, np.concatenate([path[:i0], path[i0 : j0 + 1][::-1], path[j0 + 1 :]])


def _relocation(
    path: NDArray[np.int64], times: NDArray[np.float64], first: int, last: int
) -> tuple[float, NDArray[np.int64]]:
    """The best move of one to three stops to another place within positions first to last - 1."""
    best, better = 0.0, path
    for length in range(1, min(LONGEST_MOVED, last - first - 1) + 1):
        i = np.arange(first, last - length + 1)[:, None]  # where the segment begins
        k = np.arange(first - 1, last)[None, :]  # the stop after which it is put
        j = i + length - 1
        closed = times[path[i - 1], path[j + 1]] - times[path[i - 1], path[i]] - times[path[j], path[j + 1]]
        opened = times[path[k], path[i]] + times[path[j], path[k + 1]] - times[path[k], path[k + 1]]
        change = closed + opened
        change[(k >= i - 1) & (k <= j)] = 0.0
        a, b = np.unravel_index(int(change.argmin()), change.shape)
        if change[a, b] < best:
            best = float(change[a, b])
            i0, k0 = int(i[a, 0]), int(k[0, b])
            segment, rest = path[i0 : i0 + length], np.delete(path, range(i0, i0 + length))
            place = k0 + 1 if k0 < i0 else k0 + 1 - length
            better = np.concatenate([rest[:place], segment, rest[place:]])
    return best, better
