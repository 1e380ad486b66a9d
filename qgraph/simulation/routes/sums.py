"""Sums over all feasible routes without listing them, by dynamic programming over subsets of each tier.

The recursion of Held and Karp (J. SIAM 10, 1962) works with sums instead of minima: the sum over all orders
of a set C that begin at v is sum_x exp(-i g d(v, x)) times the sum over all orders of C without v that begin
at x. So the mean of exp(-i g c) over k! orders takes 2**k k^2 steps, and several tiers add their steps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property, partial
from itertools import pairwise
from math import factorial
from typing import Any

import numpy as np

from qgraph.base import resources
from qgraph.base.typing import Complexes, NDArray, Reals
from qgraph.problems.routing import PriorityRouting
from qgraph.simulation.deadline import check

ORDERS = 3  # sums of c^0, c^1 and c^2


class RouteSums:
    """Travel times as legs, prepared for sums over all routes. Times are counted from their mean, `mean`."""

    def __init__(self, routing: PriorityRouting) -> None:
        n, slices = len(routing.stops), routing.tier_slices
        ends = slice(n, n + 1), slice(n + 1, n + 2)
        self.sizes = [tier.stop - tier.start for tier in slices]
        self.mean = routing.mean_travel_time()
        times = routing.path_times - self.mean / (n + 1)  # all routes have as many legs
        self.inside: list[Reals] = [times[tier, tier] for tier in slices]
        self.links: list[Reals] = [times[before, after] for before, after in pairwise([ends[0], *slices])]
        self.closing: Reals = times[slices[-1], ends[1]]

    def means(self, rates: Reals) -> Complexes:
        """The means of c^o exp(-i rate c) over all routes, c from the mean: complex[3, len(rates)]."""
        for _, ends in self._tables(rates, ORDERS, self.closing, self.inside[::-1], self.links[::-1]):
            means: Complexes = ends[0]  # the last ones go through all tiers
        return means

    def onward(self, rates: Reals) -> list[Complexes]:
        """For each tier the sums of exp(-i rate c) over all ways on: complex[2**k, k, len(rates)].

        Entry [C, x] sums over the orders of the stops in C that begin at x, and over all later tiers. The
        sums of each tier are divided by the number of its orders.
        """
        tables = self._tables(rates, 1, self.closing, self.inside[::-1], self.links[::-1])
        return [table[:, :, 0] / factorial(table.shape[1]) for table, _ in tables][::-1]

    def before(self, rates: Reals) -> list[Complexes]:
        """The same over all ways so far: entry [S, x] over the orders of S that end at x, and earlier tiers.

        The sums of each earlier tier are divided by the number of its orders.
        """
        first, *links = (link.T for link in self.links)
        tables = self._tables(rates, 1, first, [legs.T for legs in self.inside], [*links, self.closing.T])
        return [table[:, :, 0] for table, _ in tables]

    def _tables(
        self, rates: Reals, orders: int, start: Reals, insides: list[Reals], links: list[Reals]
    ) -> Iterator[tuple[Complexes, Complexes]]:
        """From one end of the route: for each tier its table, and the sums beyond the next link."""
        self._require(max(orders, 2) * len(rates))
        jet = np.zeros((1, orders, len(rates)), dtype=np.complex128)
        jet[:, 0] = 1
        ends = _along(start, rates, jet)
        for inside, link in zip(insides, links, strict=True):
            table = _subset_table(ends, _Legs(inside, rates).onward)
            ends = _along(link, rates, table[-1]) / factorial(len(inside))
            yield table, ends

    @cached_property
    def extremes(self) -> tuple[float, float]:
        """The least and the largest travel time, from the mean."""
        return self._best(1.0, 0.0)[0], -self._best(-1.0, 0.0)[0]

    def optima(self, tolerance: float) -> float:
        """The number of optimal routes, where each leg may lose up to `tolerance`."""
        return self._best(1.0, tolerance)[1]

    def _best(self, sign: float, tolerance: float) -> tuple[float, float]:
        """The least sign * c, and the number of routes that have it."""

        def choose(legs: Reals, rows: Reals, v: int) -> Reals:
            times = rows[..., 0] + sign * legs[v]
            least = times.min(axis=1)
            near = times <= (least + tolerance)[:, None]
            return np.stack([least, np.where(near, rows[..., 1], 0.0).sum(axis=1)], axis=1)

        ends = np.stack([sign * self.closing[:, 0], np.ones(len(self.closing))], axis=1)
        for inside, link in zip(reversed(self.inside), reversed(self.links), strict=True):
            table = _subset_table(ends, partial(choose, inside), np.array([np.inf, 0.0]))
            ends = np.concatenate([choose(link, table[-1:], v) for v in range(len(link))])
        return float(ends[0, 0]), float(ends[0, 1])

    def _require(self, each: int) -> None:
        size = 2 * 16 * each * sum(2**k * k for k in self.sizes)
        what = f"the sums over routes through a tier of {max(self.sizes)} stops"
        resources.require_memory(size, what, "smaller tiers or depths would fit")


class _Legs:
    """exp(-i rate d) for all legs d of a tier, and its derivatives by the rate."""

    def __init__(self, legs: Reals, rates: Reals) -> None:
        self.legs = legs[:, :, None]
        self.phases = np.exp(-1j * self.legs * rates)

    def onward(self, rows: Complexes, v: int) -> Complexes:
        """Sums over sets without v, complex[n, k, o, f], to those that begin with v, complex[n, o, f]."""
        result = np.empty((len(rows), *rows.shape[2:]), dtype=np.complex128)
        d, w = self.legs[v], self.phases[v]
        for o in range(rows.shape[2]):
            result[:, o] = np.einsum("nxf,xf->nf", rows[:, :, o], w)
            if o > 0:
                result[:, o] += o * np.einsum("nxf,xf->nf", rows[:, :, o - 1], d * w)
            if o > 1:
                result[:, o] += np.einsum("nxf,xf->nf", rows[:, :, o - 2], d * d * w)
        return result


def _along(legs: Reals, rates: Reals, ends: Complexes) -> Complexes:
    """Sums beyond k stops, complex[k, o, f], as sums beyond legs to them, float64[m, k]: complex[m, o, f]."""
    every = _Legs(legs, rates)
    return np.concatenate([every.onward(ends[None], v) for v in range(len(legs))])


def _subset_table(
    single: NDArray[Any], onward: Callable[[NDArray[Any], int], NDArray[Any]], empty: Any = 0.0
) -> NDArray[Any]:
    """Entries [C, v] for all subsets C and v in C, from those of single stops, by growing size of C."""
    k = len(single)
    table = np.full((2**k, *single.shape), empty, dtype=single.dtype)
    table[2 ** np.arange(k), np.arange(k)] = single
    subsets = np.arange(2**k)
    sizes = np.array([int(s).bit_count() for s in subsets])
    for size in range(1, k):
        smaller = subsets[sizes == size]
        for v in range(k):
            check()
            without = smaller[smaller >> v & 1 == 0]
            table[without | 1 << v, v] = onward(table[without], v)
    return table
