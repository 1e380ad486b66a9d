"""Sums over all feasible routes without listing them, by dynamic programming over subsets of each tier.

The recursion of Held and Karp (J. SIAM 10, 1962) works with sums in place of minima: the sum over all orders
of a set C that begin at v is sum_x exp(-i g d(v, x)) times the sum over all orders of C without v that begin
at x. So the mean of exp(-i g c) over k! orders takes 2**k k^2 steps, and several tiers add their steps.
"""

from __future__ import annotations

from collections.abc import Callable
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
        slices, times = routing.tier_slices, routing.times
        self.sizes = [tier.stop - tier.start for tier in slices]
        self.mean = routing.mean_travel_time()
        depot = None if routing.city.depot is None else len(routing.stops)
        count = len(routing.stops) - 1 + (depot is not None) + routing.return_to_depot
        shift = self.mean / max(count, 1)  # of every leg, since all routes have as many
        self.inside: list[Reals] = [times[tier, tier] - shift for tier in slices]
        first = np.zeros((1, self.sizes[0])) if depot is None else times[depot : depot + 1, slices[0]] - shift
        self.links: list[Reals] = [first]
        self.links += [times[before, after] - shift for before, after in pairwise(slices)]
        back = routing.return_to_depot and depot is not None
        last = times[slices[-1], depot] - shift if back else np.zeros(self.sizes[-1])
        self.closing: Reals = last[:, None]

    def means(self, rates: Reals) -> Complexes:
        """The means of c^o exp(-i rate c) over all routes, c from the mean: complex[3, len(rates)]."""
        self._require(ORDERS * len(rates))
        jet = np.zeros((1, ORDERS, len(rates)), dtype=np.complex128)
        jet[:, 0] = 1
        ends = _along(self.closing, rates, jet)
        for inside, link in zip(reversed(self.inside), reversed(self.links), strict=True):
            legs = _Legs(inside, rates)
            table = _subset_table(ends, legs.onward)
            ends = _along(link, rates, table[-1]) / factorial(len(inside))
        means: Complexes = ends[0]
        return means

    def onward(self, rates: Reals) -> list[Complexes]:
        """For each tier the sums of exp(-i rate c) over all ways on: complex[2**k, k, len(rates)].

        Entry [C, x] sums over the orders of the stops in C that begin at x, and over all later tiers. The
        sums of each tier are divided by the number of its orders.
        """
        tables = self._tables(rates, self.closing, self.inside[::-1], self.links[::-1])
        orders = [factorial(size) for size in self.sizes]
        return [table / count for table, count in zip(tables[::-1], orders, strict=True)]

    def before(self, rates: Reals) -> list[Complexes]:
        """The same over all ways so far: entry [S, x] over the orders of S that end at x, and earlier tiers.

        The sums of each earlier tier are divided by the number of its orders.
        """
        first, *links = (link.T for link in self.links)
        return self._tables(rates, first, [legs.T for legs in self.inside], [*links, self.closing.T])

    def _tables(
        self, rates: Reals, start: Reals, insides: list[Reals], links: list[Reals]
    ) -> list[Complexes]:
        """Tables of the tiers from one end of the route, over `start` and then over each tier and link."""
        self._require(2 * len(rates))
        ends = _along(start, rates, np.ones((1, 1, len(rates)), dtype=np.complex128))
        tables = []
        for inside, link in zip(insides, links, strict=True):
            table = _subset_table(ends, _Legs(inside, rates).onward)
            tables.append(table[:, :, 0])
            ends = _along(link, rates, table[-1]) / factorial(len(inside))
        return tables

    def extremes(self) -> tuple[float, float]:
        """The least and the largest travel time, from the mean."""
        return self._best(1.0, 0.0)[0], -self._best(-1.0, 0.0)[0]

    def optima(self, tolerance: float) -> float:
        """The number of optimal routes, where each leg may lose up to `tolerance`."""
        return self._best(1.0, tolerance)[1]

    def _best(self, sign: float, tolerance: float) -> tuple[float, float]:
        """The least sign * c, and the number of routes that have it."""

        def choose(legs: Reals, rows: Reals) -> Reals:
            times = rows[..., 0] + legs
            least = times.min(axis=1)
            near = times <= (least + tolerance)[:, None]
            return np.stack([least, np.where(near, rows[..., 1], 0.0).sum(axis=1)], axis=1)

        ends = np.stack([sign * self.closing[:, 0], np.ones(len(self.closing))], axis=1)
        for inside, link in zip(reversed(self.inside), reversed(self.links), strict=True):

            def onward(rows: Reals, v: int, legs: Reals = sign * inside) -> Reals:
                return choose(legs[v], rows)

            table = _subset_table(ends, onward, np.array([np.inf, 0.0]))
            ends = np.concatenate([choose(row, table[-1][None]) for row in sign * link])
        return float(ends[0, 0]), float(ends[0, 1])

    def _require(self, each: int) -> None:
        largest = max(self.sizes)
        size = 2 * 16 * each * sum(2**k * k for k in self.sizes)
        what = f"the sums over routes through a tier of {largest} stops"
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
            total = np.einsum("nxf,xf->nf", rows[:, :, o], w)
            if o > 0:
                total += o * np.einsum("nxf,xf->nf", rows[:, :, o - 1], d * w)
            if o > 1:
                total += np.einsum("nxf,xf->nf", rows[:, :, o - 2], d * d * w)
            result[:, o] = total
        return result


def _along(legs: Reals, rates: Reals, ends: Complexes) -> Complexes:
    """Sums beyond k stops, complex[k, o, f], as sums beyond legs to them, float64[m, k]: complex[m, o, f]."""
    every = _Legs(legs, rates)
    rows = ends[None]
    return np.concatenate([every.onward(rows, v) for v in range(len(legs))])


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
