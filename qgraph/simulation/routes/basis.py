"""Feasible routes as basis states: k! (n - k)! of them instead of 2 ** (k^2 + (n - k)^2).

Hard priorities split a route into tiers, so the basis is a product of permutations.
"""

from __future__ import annotations

from functools import cached_property
from math import factorial
from typing import Any

import numpy as np

from qgraph.base.typing import Bits, Floats, Integers, NDArray, Reals
from qgraph.problems.routing import PriorityRouting
from qgraph.simulation.deadline import check
from qgraph.simulation.library import library
from qgraph.simulation.vector.native import threads_for


class RouteBasis:
    """All feasible routes; the last tier's permutation varies fastest, each in lexicographic order."""

    feasible = True

    def __init__(self, routing: PriorityRouting) -> None:
        self.routing = routing
        self.size = routing.routes

    @cached_property
    def mean(self) -> float:
        """The mean of C over all feasible routes."""
        return self.routing.mean_travel_time()

    @cached_property
    def tables(self) -> RouteTables:
        """The travel times as sums of tables."""
        return RouteTables(self.routing)

    def orders(self, indices: Integers) -> Integers:
        """Routes as indices into `routing.stops`: int64[k] to int64[k, stops]."""
        parts = []
        left = np.asarray(indices, dtype=np.int64)
        for tier in reversed(self.routing.tier_slices):
            left, rank = np.divmod(left, factorial(tier.stop - tier.start))
            parts.append(tier.start + _unrank(rank, tier.stop - tier.start))
        return np.concatenate(parts[::-1], axis=1)

    def bits(self, indices: Integers) -> Bits:
        """The one-hot bits of routes: int64[k] to uint8[k, bits]."""
        return self.one_hot(self.orders(indices))

    def one_hot(self, orders: Integers) -> Bits:
        """The one-hot bits of routes given as indices into `routing.stops`: uint8[k, bits]."""
        position = np.argsort(orders, axis=1)
        tiers = self.routing.tier_slices
        blocks = [position[:, tier, None] == np.arange(tier.start, tier.stop) for tier in tiers]
        return np.concatenate([block.reshape(len(orders), -1) for block in blocks], axis=1).astype(np.uint8)

    def costs(self) -> Reals:
        """The travel time (km at free flow) of every feasible route: float64[routes]."""
        return self.tables.costs()

    def guess(self, shots: int, rng: np.random.Generator) -> Integers:
        """Uniformly random indices: int64[shots]."""
        return rng.integers(self.size, size=shots)


class RouteTables:
    """Travel times as outer + link + inner: through all tiers before the last, on to it, and within it.

    `outer`: float64[o], to the end of the tier before the last; `last`: int32[o], where that is;
    `links[last, first]`: float64, on to the first stop of the last tier; `inner`: float64[i], within the last
    tier, in lexicographic order, and back to the depot in a closed tour.
    """

    copies = 1

    def __init__(self, routing: PriorityRouting) -> None:
        self.routing = routing
        self.stored = routing.routes
        times, start = routing.path_times, len(routing.stops)
        *before, final = routing.tier_slices
        outer, ends = np.zeros(1), np.array([start])
        for tier in before:
            orders = tier.start + permutations(tier.stop - tier.start)
            outer = (outer[:, None] + _legs(times, orders) + times[np.ix_(ends, orders[:, 0])]).reshape(-1)
            ends = np.tile(orders[:, -1], len(outer) // len(orders))
        places, last = np.unique(ends, return_inverse=True)
        orders = final.start + permutations(final.stop - final.start)
        self.outer = outer
        self.last = np.ascontiguousarray(last, dtype=np.int32)
        self.links = np.ascontiguousarray(times[places, final])
        self.inner = _legs(times, orders) + times[orders[:, -1], start + 1]

    def __reduce__(self) -> tuple[Any, ...]:
        return RouteTables, (self.routing,)

    @property
    def arguments(self) -> tuple[Reals, NDArray[np.int32], Reals, Reals]:
        """The kernel's first arguments."""
        return self.outer, self.last, self.links, self.inner

    def histogram(self, re: Floats, im: Floats, low: float, high: float, bins: int) -> Reals:
        """See `Model`."""
        out = np.empty((bins, 5))
        library.histogram_routes(*self.arguments, re, im, low, high, out, threads_for(self.stored))
        return out

    def costs(self) -> Reals:
        """All travel times, in the order of `RouteBasis`: float64[routes]."""
        links = np.repeat(self.links, len(self.inner) // self.links.shape[1], axis=1)
        costs: Reals = self.outer[:, None] + links[self.last] + self.inner
        return costs.reshape(-1)


def permutations(n: int) -> NDArray[np.int8]:
    """All permutations of range(n) in lexicographic order: int8[n!, n].

    >>> permutations(3)[:3].tolist()
    [[0, 1, 2], [0, 2, 1], [1, 0, 2]]
    """
    result = np.zeros((1, 0), dtype=np.int8)
    for size in range(1, n + 1):
        longer = np.empty((size, len(result), size), dtype=np.int8)
        for first in range(size):
            check()
            longer[first, :, 0] = first
            longer[first, :, 1:] = result + (result >= first)
        result = longer.reshape(-1, size)
    return result


def _legs(times: Reals, orders: Integers) -> Reals:
    """The time from the first to the last stop of each order, leg by leg, to save memory: float64[k]."""
    total = np.zeros(len(orders))
    for leg in range(orders.shape[1] - 1):
        check()
        total += times[orders[:, leg], orders[:, leg + 1]]
    return total


def _unrank(ranks: Integers, n: int) -> Integers:
    """Permutations of range(n) by lexicographic rank: int64[k] to int64[k, n]."""
    left = np.tile(np.arange(n), (len(ranks), 1))
    rows = np.arange(len(ranks))
    result = np.empty((len(ranks), n), dtype=np.int64)
    for place in range(n):
        choice, ranks = np.divmod(ranks, factorial(n - 1 - place))
        result[:, place] = left[rows, choice]
        keep = np.arange(left.shape[1]) != choice[:, None]
        left = left[keep].reshape(len(rows), -1)
    return result
