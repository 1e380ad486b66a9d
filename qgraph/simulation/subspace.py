"""Routing on its feasible routes only: k! (n - k)! basis states instead of 2 ** (k^2 + (n - k)^2).

Hard priorities split a route into tiers, so the basis is a product of permutations. Source of the mixer:
Baertschi and Eidenbenz, arXiv:2006.00354, section III.
"""

from __future__ import annotations

from itertools import permutations
from math import factorial
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from qgraph.problems.routing import PriorityRouting


class RouteBasis:
    """All feasible routes; the last tier's permutation varies fastest, each in lexicographic order."""

    def __init__(self, routing: PriorityRouting) -> None:
        self.routing = routing
        self.size = routing.routes

    def orders(self, indices: NDArray[np.int64]) -> NDArray[np.int64]:
        """Routes as indices into `routing.stops`: int64[k] to int64[k, stops]."""
        parts = []
        left = np.asarray(indices, dtype=np.int64)
        for tier in reversed(self.routing.tier_slices):
            left, rank = np.divmod(left, factorial(tier.stop - tier.start))
            parts.append(tier.start + _unrank(rank, tier.stop - tier.start))
        return np.concatenate(parts[::-1], axis=1)

    def bits(self, indices: NDArray[np.int64]) -> NDArray[np.uint8]:
        """The one-hot bits of routes: int64[k] to uint8[k, bits]."""
        position = np.argsort(self.orders(indices), axis=1)
        blocks = []
        for tier in self.routing.tier_slices:
            members = np.arange(tier.start, tier.stop)
            one_hot = position[:, tier, None] == members
            blocks.append(one_hot.reshape(len(position), -1))
        return np.concatenate(blocks, axis=1).astype(np.uint8)


def route_costs(routing: PriorityRouting) -> NDArray[np.float64]:
    """The travel time of every feasible route, in the order of `RouteBasis`: float64[routes]."""
    times = routing.times
    depot = None if routing.city.depot is None else len(routing.stops)
    costs, last = np.zeros(1), None
    for tier in routing.tier_slices:
        orders = np.array(list(permutations(range(tier.start, tier.stop))), dtype=np.intp)
        inside = times[orders[:, :-1], orders[:, 1:]].sum(axis=1)
        if last is not None:
            costs = np.add.outer(costs, inside) + times[np.ix_(last, orders[:, 0])]
        else:
            costs = costs + inside if depot is None else costs + inside + times[depot, orders[:, 0]]
        costs = costs.reshape(-1)
        last = np.tile(orders[:, -1], len(costs) // len(orders))
    if routing.return_to_depot and depot is not None and last is not None:
        costs = costs + times[last, depot]
    return costs


def _unrank(ranks: NDArray[np.int64], n: int) -> NDArray[np.int64]:
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
