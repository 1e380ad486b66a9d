"""The one-hot encoding of routes: travel times and broken rules as an Ising model or an integer program."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations_with_replacement, pairwise

from qgraph.base.checks import require_fits
from qgraph.base.typing import Reals
from qgraph.problems.ising import Ising
from qgraph.problems.program import Program

LARGEST_ENCODING = 2500  # one-hot variables


@dataclass(frozen=True, eq=False)
class Encoding:
    """One bit for each stop and each position within the stop's tier.

    `tiers` are the ranges of `stops` that are visited one after another. `times` is float64[stops, stops], or
    float64[stops + 1, stops + 1] with the depot last.
    """

    stops: tuple[str, ...]
    tiers: tuple[range, ...]
    times: Reals
    return_to_depot: bool

    @cached_property
    def places(self) -> list[tuple[int, int]]:
        """The stop and the position of each bit, both as indices."""
        return [(v, p) for tier in self.tiers for v in tier for p in tier]

    @cached_property
    def bit(self) -> dict[tuple[int, int], int]:
        """The number of the bit of a stop and a position."""
        return {place: bit for bit, place in enumerate(self.places)}

    @cached_property
    def nodes(self) -> tuple[str, ...]:
        """The names of the bits: `stop@position`, positions counted from 1 over the whole route."""
        return tuple(f"{self.stops[v]}@{p + 1}" for v, p in self.places)

    def ising(self, penalty: float, *, pace: float = 1.0) -> Ising:
        """`pace` times the travel time plus `penalty` times the violations. Raises `ProblemTooLarge`."""
        self._require_size()
        nodes, bit = self.nodes, self.bit
        Q = defaultdict[tuple[str, str], float](float, {(name, name): 0.0 for name in nodes})
        for (u, p), (v, q) in self._consecutive():
            i, j = sorted((bit[u, p], bit[v, q]))
            Q[nodes[i], nodes[j]] += pace * float(self.times[u, v])
        for place, value in self._depot_legs():
            Q[nodes[bit[place]], nodes[bit[place]]] += pace * value
        for group in self._groups() if penalty else ():
            for i, j in combinations_with_replacement(group, 2):
                Q[nodes[i], nodes[j]] += -penalty if i == j else 2 * penalty
        return Ising.from_qubo(Q, offset=2 * penalty * len(self.stops))

    def program(self) -> Program:
        """A column for each stop and position, and one for each leg: flows from one position to the next.

        Picard, Queyranne, Operations Research 26 (1978). Raises `ProblemTooLarge`.
        """
        self._require_size()
        result = Program("minimize")
        result.add_columns(self.nodes, 0.0)
        bit = self.bit
        for place, time in self._depot_legs():
            result.costs[bit[place]] += time
        for group in self._groups():
            result.add_rows(group, 1.0, low=1.0, high=1.0)
        out, into = defaultdict[int, list[int]](list), defaultdict[int, list[int]](list)
        for (u, p), (v, q) in self._consecutive():
            name = f"{self.stops[u]} to {self.stops[v]} after position {p + 1}"
            (leg,) = result.add_columns([name], float(self.times[u, v]), whole=False).tolist()
            out[bit[u, p]].append(leg)
            into[bit[v, q]].append(leg)
        for ends in (out, into):
            for at, legs in ends.items():
                result.add_rows([at, *legs], [1.0, *[-1.0] * len(legs)], low=0.0, high=0.0)
        return result

    def violations(self, places: Sequence[tuple[int, int]]) -> list[str]:
        """The rules that these bits break together: every stop once, and one stop in every position."""
        positions = [f"position {p + 1}" for p in range(len(self.stops))]
        held = [positions[p] for _, p in places]
        visits = visit_violations(self.stops, [self.stops[v] for v, _ in places])
        return visits + _miscounted(positions, held, "empty", "held by {} stops")

    def _require_size(self) -> None:
        bits = sum(len(tier) ** 2 for tier in self.tiers)
        require_fits(bits, LARGEST_ENCODING, f"the one-hot encoding would have {bits} bits")

    def _groups(self) -> Iterator[list[int]]:
        """The bits of which exactly one is 1: those of each stop, and those of each position."""
        for tier in self.tiers:
            yield from ([self.bit[v, p] for p in tier] for v in tier)
            yield from ([self.bit[v, p] for v in tier] for p in tier)

    def _consecutive(self) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
        """Every pair of different stops that may follow one another, each with its position."""
        at = [tier for tier in self.tiers for _ in tier]
        for p, (here, there) in enumerate(pairwise(at)):
            yield from (((u, p), (v, p + 1)) for u in here for v in there if u != v)

    def _depot_legs(self) -> Iterator[tuple[tuple[int, int], float]]:
        depot = len(self.stops)
        if len(self.times) == depot:
            return
        yield from (((v, 0), float(self.times[depot, v])) for v in self.tiers[0])
        if self.return_to_depot:
            yield from (((v, depot - 1), float(self.times[v, depot])) for v in self.tiers[-1])


def visit_violations(stops: Sequence[str], visited: Sequence[str]) -> list[str]:
    """A sentence for each stop that is not visited exactly once."""
    return _miscounted(map(repr, stops), map(repr, visited), "never visited", "visited {} times")


def _miscounted(expected: Iterable[str], found: Iterable[str], never: str, often: str) -> list[str]:
    counts = Counter(found)
    return [
        f"{name} is {often.format(counts[name]) if counts[name] else never}"
        for name in expected
        if counts[name] != 1
    ]
