"""Routes as sets of legs: the columns and rows of an integer program.

A column is a leg that a route may take: within a tier, from a tier to the next, from the start to the first
tier, from the last tier to the end. Where times within tiers are the same both ways, a leg has no direction.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from qgraph.base.typing import Flags, Integers, Reals
from qgraph.problems.routing import PriorityRouting
from qgraph.solvers.routes.minimum_cuts import light_cuts
from qgraph.solvers.routes.near_moves import ROUNDING

VIOLATION = 1e-4  # a row that is violated by less is not added


@dataclass(frozen=True, eq=False)
class Legs:
    """Legs between places: stop v is place v, the start is place n, the end is place `end`.

    The end is n + 1. It is n if every route takes the same time backwards; then the start and the end are one
    place.
    """

    tiers: tuple[slice, ...]
    tails: Integers
    heads: Integers
    times: Reals
    directed: bool
    end: int

    @classmethod
    def of(cls, routing: PriorityRouting) -> Self:
        """All legs that the tiers allow."""
        n, times, tiers = len(routing.stops), routing.path_times, routing.tier_slices
        slight = ROUNDING * float(times.max())
        directed = any(bool((np.abs(times[t, t] - times[t, t].T) > slight).any()) for t in tiers)
        reversible = not directed and len(tiers) == 1 and n > 1
        end = n if reversible and bool((np.abs(times[n, :n] - times[:n, n + 1]) <= slight).all()) else n + 1
        tier_of = np.repeat(np.arange(len(tiers)), [len(tier) for tier in routing.tiers])
        tier_of = np.append(tier_of, [-1, len(tiers)])  # the start and the end are tiers of their own
        inside = tier_of == tier_of[:, None]
        allowed = (tier_of == tier_of[:, None] + 1) | np.triu(inside, 1) | (np.tril(inside, -1) & directed)
        tails, heads = np.nonzero(allowed[:, : end + 1])
        return cls(tiers, tails, heads, times[tails, heads], directed, end)

    @property
    def stops(self) -> int:
        """The number of stops, and the start's place."""
        return int(self.tiers[-1].stop)

    def only(self, kept: Flags) -> Self:
        """These legs and no others."""
        return replace(self, tails=self.tails[kept], heads=self.heads[kept], times=self.times[kept])

    def rows(self) -> Iterator[tuple[Integers, float]]:
        """Sets of legs, and how many legs of each set a route takes: at every place, and between tiers."""
        tails, heads, n = self.tails, self.heads, self.stops
        if self.directed:
            yield from ((np.flatnonzero(tails == place), 1.0) for place in range(n + 1))
            yield from ((np.flatnonzero(heads == place), 1.0) for place in (*range(n), self.end))
            return
        yield from ((np.flatnonzero((tails == stop) | (heads == stop)), 2.0) for stop in range(n))
        yield np.flatnonzero(tails == n), 2.0 if self.end == n else 1.0
        if self.end > n:
            yield np.flatnonzero(heads == self.end), 1.0
        for tier in self.tiers[:-1]:
            yield np.flatnonzero((tails < tier.stop) & (heads >= tier.stop) & (heads < n)), 1.0

    def within(self, stops: Integers) -> Integers:
        """The legs inside a set of stops; a route takes fewer of them than there are stops in the set."""
        inside = np.zeros(self.end + 1, dtype=bool)
        inside[stops] = True
        return np.flatnonzero(inside[self.tails] & inside[self.heads])

    def subtours(self, x: Reals) -> list[Integers]:
        """Sets of stops inside which `x` takes too many legs; if `x` has only 0 and 1, all sets are found.

        Such a set lies within a tier, since legs between tiers lead forward only.
        """
        found = []
        for tier in self.tiers:
            size = tier.stop - tier.start
            number = np.full(self.end + 1, size)  # of each place; those outside are one node
            number[tier] = np.arange(size)
            weights = np.zeros((size + 1, size + 1))
            np.add.at(weights, (number[self.tails], number[self.heads]), x)
            weights += weights.T
            np.fill_diagonal(weights, 0.0)
            found += [tier.start + stops for stops in light_cuts(weights, 2 - 2 * VIOLATION)]
        return found

    def taken(self, order: list[int]) -> Flags:
        """Whether a route takes each leg."""
        path = np.array([self.stops, *order, self.end])
        steps = path[:-1] * (self.end + 1) + path[1:]
        taken = np.isin(self.tails * (self.end + 1) + self.heads, steps)
        return taken if self.directed else taken | np.isin(self.heads * (self.end + 1) + self.tails, steps)

    def order(self, taken: Flags) -> list[int]:
        """The route that takes these legs, as stops in order."""
        legs = list(zip(self.tails[taken].tolist(), self.heads[taken].tolist(), strict=True))
        order = [-1, self.stops]
        while len(order) < self.stops + 2:
            onward = [b for a, b in legs if a == order[-1]]
            back = [] if self.directed else [a for a, b in legs if b == order[-1]]
            passed = (order[-2], self.stops, self.end)
            order.append(next(place for place in (*onward, *back) if place not in passed))
        return order[2:]
