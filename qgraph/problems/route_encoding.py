"""The one-hot encoding of routes: travel times and broken rules as an Ising model."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

from qgraph.base.errors import ProblemTooLarge
from qgraph.problems.ising import Ising
from qgraph.problems.program import Program

if TYPE_CHECKING:
    from qgraph.problems.routing import PriorityRouting


LARGEST_ENCODING = 2500  # one-hot variables


def encoded(routing: PriorityRouting, penalty: float, *, pace: float = 1.0) -> Ising:
    """`pace` times the travel time plus `penalty` times the violations. Raises `ProblemTooLarge`."""
    _require_size(routing)
    index = {place: bit for bit, place in enumerate(routing.bit_places)}
    Q = {(name, name): 0.0 for name in routing.nodes}

    def add(i: int, j: int, value: float) -> None:
        pair = (routing.nodes[min(i, j)], routing.nodes[max(i, j)])
        Q[pair] = Q.get(pair, 0.0) + value

    for (u, p), (v, q) in _consecutive(routing):
        add(index[u, p], index[v, q], pace * float(routing.times[u, v]))
    for place, value in _depot_legs(routing):
        add(index[place], index[place], pace * value)
    for tier in routing.tier_slices if penalty else ():
        members = range(tier.start, tier.stop)
        groups = [[index[v, p] for p in members] for v in members]
        for group in [*groups, *zip(*groups, strict=True)]:
            for a, i in enumerate(group):
                add(i, i, -penalty)
                for j in group[a + 1 :]:
                    add(i, j, 2 * penalty)
    return Ising.from_qubo(Q, offset=2 * penalty * len(routing.stops), sense=routing.sense)


def program(routing: PriorityRouting) -> Program:
    """Stops in positions, and a column for each leg between two positions: flows from one to the next.

    Picard, Queyranne, Operations Research 26 (1978). Raises `ProblemTooLarge`.
    """
    _require_size(routing)
    result = Program(routing.sense)
    columns = result.add_columns(routing.nodes, 0.0).tolist()
    bit = dict(zip(routing.bit_places, columns, strict=True))
    for place, time in _depot_legs(routing):
        result.costs[bit[place]] += time
    for tier in routing.tier_slices:
        members = range(tier.start, tier.stop)
        table = [[bit[v, p] for p in members] for v in members]
        for group in (table, list(zip(*table, strict=True))):
            result.add_rows(group, 1.0, low=1.0, high=1.0)
    out, into = defaultdict[int, list[int]](list), defaultdict[int, list[int]](list)
    for (u, p), (v, q) in _consecutive(routing):
        name = f"{routing.stops[u]} to {routing.stops[v]} after position {p + 1}"
        (leg,) = result.add_columns([name], float(routing.times[u, v]), whole=False).tolist()
        out[bit[u, p]].append(leg)
        into[bit[v, q]].append(leg)
    for ends in (out, into):
        for at, legs in ends.items():
            result.add_rows([at, *legs], [1.0, *[-1.0] * len(legs)], low=0.0, high=0.0)
    return result


def _require_size(routing: PriorityRouting) -> None:
    if routing.bits > LARGEST_ENCODING:
        raise ProblemTooLarge(
            f"the one-hot encoding would have {routing.bits} bits, at most {LARGEST_ENCODING} fit"
        )


def _consecutive(routing: PriorityRouting) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """Every pair of different stops that may follow one another, each with its position."""
    at: list[range] = [range(t.start, t.stop) for t in routing.tier_slices for _ in range(t.start, t.stop)]
    for p, (here, there) in enumerate(pairwise(at)):
        yield from (((u, p), (v, p + 1)) for u in here for v in there if u != v)


def _depot_legs(routing: PriorityRouting) -> Iterator[tuple[tuple[int, int], float]]:
    if routing.city.depot is None:
        return
    depot, first, last = len(routing.stops), routing.tier_slices[0], routing.tier_slices[-1]
    yield from (((v, 0), float(routing.times[depot, v])) for v in range(first.start, first.stop))
    if routing.return_to_depot:
        yield from (((v, depot - 1), float(routing.times[v, depot])) for v in range(last.start, last.stop))
