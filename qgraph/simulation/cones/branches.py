"""Branches of trees: a node with all nodes behind it, seen from a term of C. Equal branches count once."""

from __future__ import annotations

import numpy as np

from qgraph.base.typing import Flags, Integers, Reals
from qgraph.simulation.cones.find import Adjacency, names_of, ranges
from qgraph.simulation.cones.trees import Level, TreeTerms
from qgraph.simulation.deadline import check


def tree_terms(adjacency: Adjacency, ends: Integers, weights: Reals, depth: int) -> TreeTerms:
    """The terms of C with these ends, whose cones are trees, and their coefficients; equal ones are added up.

    The branch behind a direction is the node that it leads to, with all its neighbours but the one it comes
    from. That of a term of one node has all neighbours.
    """
    single = ends[:, 0] == ends[:, 1]
    alone, pairs = ends[single, 0], ends[~single]
    ahead = np.searchsorted(adjacency.here * adjacency.n + adjacency.there, pairs @ [adjacency.n, 1])
    needed = _needed(adjacency, alone, ahead, depth)
    kinds, own = np.zeros(len(adjacency.here), dtype=np.int64), np.zeros_like(alone)
    none, sizes = np.zeros(0, dtype=np.int64), np.ones(1)
    levels = [Level(np.zeros(1), np.zeros(0), none, np.zeros(2, dtype=np.int64), none)]
    for t in range(1, depth + 1):
        check()
        below = np.flatnonzero(needed[t - 1])
        first, number = _first(adjacency.J[below] * len(sizes) + kinds[below])
        legs = np.full(len(kinds), -1)
        legs[below] = number
        J, leads_to = adjacency.couplings[below[first]], kinds[below[first]]
        here, whole = np.flatnonzero(needed[t]), alone if t == depth else alone[:0]
        found, h, lengths, mine = _kinds(adjacency, legs, here, whole)
        kinds[here], own = found[: len(here)], found[len(here) :]
        owners = np.repeat(np.arange(len(lengths)), lengths)
        sizes = np.bincount(owners, sizes[leads_to[mine]], len(lengths)).astype(np.float64) + 1
        levels.append(Level(h, J, leads_to, np.append(0, np.cumsum(lengths)), mine))
    both = np.sort(np.stack([kinds[ahead], kinds[adjacency.back[ahead]]], axis=1), axis=1)
    first, number = _first(names_of(np.full(len(both), 2), both.reshape(-1), adjacency.J[ahead], {}))
    singles, place = np.unique(own, return_inverse=True)
    numbers = np.zeros(len(ends), dtype=np.int64)
    numbers[single], numbers[~single] = place, len(singles) + number
    largest = max(sizes[singles].max(initial=0), sizes[both].sum(axis=1).max(initial=0))
    return TreeTerms(
        levels=levels,
        singles=singles,
        fields=np.bincount(place, weights[single], len(singles)).astype(np.float64),
        pairs=both[first],
        J=adjacency.couplings[ahead[first]],
        weights=np.bincount(number, weights[~single], len(first)).astype(np.float64),
        numbers=numbers,
        largest=int(largest),
    )


def _first(keys: Integers) -> tuple[Integers, Integers]:
    """The place of each different key, and its number for each key."""
    _, first, number = np.unique(keys, return_index=True, return_inverse=True)
    return first, number


def _needed(adjacency: Adjacency, alone: Integers, ahead: Integers, depth: int) -> list[Flags]:
    """Behind which directions branches are needed, from level 0 to the depth."""
    needed = np.zeros(len(adjacency.here), dtype=np.bool_)
    needed[ahead] = needed[adjacency.back[ahead]] = True
    levels = [needed]
    uses = np.bincount(alone, minlength=adjacency.n)
    for _ in range(depth):
        uses += np.bincount(adjacency.there[needed], minlength=adjacency.n)
        needed = uses[adjacency.here] > needed[adjacency.back]
        levels.append(needed)
        uses = np.zeros_like(uses)
    return levels[::-1]


def _kinds(
    adjacency: Adjacency, legs: Integers, here: Integers, whole: Integers
) -> tuple[Integers, Reals, Integers, Integers]:
    """The kinds of the branches behind the directions `here`, and of those of the nodes `whole`.

    Returns the kind of each branch, and for each kind its field and the number of its legs; then the legs of
    one kind after another.
    """
    span = legs.max(initial=0) + 2
    order = np.argsort(adjacency.here * span + legs + 1)
    ordered, place = legs[order], np.empty_like(order)
    place[order] = np.arange(len(order))
    nodes = np.concatenate([adjacency.there[here], whole])
    back = np.concatenate([place[adjacency.back[here]], np.full(len(whole), -1)])
    left_out = np.concatenate([legs[adjacency.back[here]], np.full(len(whole), span)])
    # Nodes with equal legs are equal without equal ones: few cases are left to be looked at in full.
    alike = names_of(adjacency.degrees, ordered, adjacency.h, {})
    first, case = _first(alike[nodes] * (span + 2) + left_out + 1)
    nodes, back = nodes[first], back[first]
    lengths = adjacency.degrees[nodes] - (back >= 0)
    at = adjacency.around(nodes)
    mine = ordered[at[at != np.repeat(back, adjacency.degrees[nodes])]]
    names = names_of(lengths, mine, adjacency.h[nodes], {})
    first, _ = _first(names)
    starts = np.cumsum(lengths) - lengths
    shown = mine[ranges(starts[first], lengths[first])]
    return names[case], adjacency.fields[adjacency.h[nodes[first]]], lengths[first], shown
