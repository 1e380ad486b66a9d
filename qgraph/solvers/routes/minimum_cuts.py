"""Light cuts of a weighted graph."""

from __future__ import annotations

import numpy as np

from qgraph.base.typing import Integers, Reals

WHOLE = 1 - 1e-9  # the weight of a leg that is certainly taken


def light_cuts(weights: Reals, limit: float) -> list[Integers]:
    """Sets of nodes, without the last node, that cuts of less than `limit` separate from the rest.

    The weights are symmetric, with a zero diagonal, and add up to 2 at each node: float64[n, n]. The lightest
    cut is among those found, if it weighs less than `limit`, which is at most 2. This is the algorithm of
    Stoer and Wagner (Journal of the ACM 44, 1997), where every phase gives a cut. First, nodes that are
    joined by an edge of weight 1 become one (Padberg and Rinaldi, Math. Programming 47, 1990, section 3).
    """
    from scipy.sparse.csgraph import connected_components

    count, group = connected_components(weights >= WHOLE, directed=False)
    members = np.eye(count)[group]  # 0 or 1: [node, group]
    shrunk = members.T @ weights @ members
    np.fill_diagonal(shrunk, 0.0)
    cuts = [members[:, g].copy() for g in range(count) if count > 1 and shrunk[g].sum() < limit]
    while len(shrunk) > 1:
        last, cut = _last_of_a_phase(shrunk)
        if cut < limit:
            cuts.append(members[:, last[1]].copy())
        keep = np.arange(len(shrunk)) != last[1]
        members[:, last[0]] += members[:, last[1]]
        shrunk[last[0]] += shrunk[last[1]]
        shrunk[:, last[0]] += shrunk[:, last[1]]
        shrunk[last[0], last[0]] = 0.0
        shrunk, members = shrunk[np.ix_(keep, keep)], members[:, keep]
    sides = [np.where(side[-1] > 0, 1 - side, side) for side in cuts]
    return [np.flatnonzero(side) for side in np.unique(sides, axis=0)] if sides else []


def _last_of_a_phase(weights: Reals) -> tuple[tuple[int, int], float]:
    """The last two nodes, each added as the one most tightly connected so far, and the last one's cut."""
    n = len(weights)
    tightness, waiting = weights[0].copy(), np.ones(n, dtype=bool)
    waiting[0], order = False, [0]
    for _ in range(n - 1):
        order.append(int(np.where(waiting, tightness, -1.0).argmax()))
        waiting[order[-1]] = False
        cut = float(tightness[order[-1]])
        tightness += weights[order[-1]]
    return (order[-2], order[-1]), cut
