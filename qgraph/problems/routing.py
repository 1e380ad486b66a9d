"""Mixed-priority routing: every stop once, each priority tier before the next, in the least travel time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cached_property
from itertools import pairwise

import numpy as np

from qgraph.base.checks import require
from qgraph.base.frozen import constant
from qgraph.base.typing import ArrayLike, Bits, Reals
from qgraph.models.city import City
from qgraph.problems.base import BitProblem, Candidate, check_bits
from qgraph.problems.ising import Ising
from qgraph.problems.program import Program
from qgraph.problems.route_encoding import Encoding, visit_violations
from qgraph.problems.sense import Sense

MOST_DIGITS = 30  # of a number of routes that is written in full


class PriorityRouting(BitProblem[Ising]):
    """The least travel time (km at free flow) over all stops, each once, tier after tier; minimised.

    Tiers are the city's (priority stops by `tier`, then normal stops) unless given as lists of names. A
    depot is the fixed start; with `return_to_depot` the route is a closed tour.

    **Variables.** Hard priorities mean that the k stops of the first tier fill positions 1 to k. So stop v
    and position p get a bit only if they belong to the same tier: k^2 + (n - k)^2 one-hot bits for two
    tiers, and no priority penalty at all.

    **Penalty.** `C(x) = time(x) + A * violations(x)`, with `violations` the sum over stops of
    (times visited - 1)^2 and over positions of (stops held - 1)^2. Times are not negative. An infeasible x
    breaks at least two of these constraints: there are as many stops as positions, so a stop that is not
    visited exactly once makes another constraint fail. Hence C >= 2 A there. A is 0.6 times the travel
    time U of a nearest-neighbour route, so C >= 1.2 U > U >= the optimum: every minimum of C is a feasible
    optimum.

    >>> routing = PriorityRouting(City.random(stops=5, priority=2, seed=1))
    >>> routing
    PriorityRouting(2 + 3 stops, depot, open, 13 bits, 12 routes)
    >>> routing.to_ising()
    Ising(13 nodes, 13 fields, 42 couplings, minimize)
    """

    sense: Sense = "minimize"
    constrained = True

    def __init__(
        self, city: City, *, return_to_depot: bool = False, tiers: Sequence[Sequence[str]] | None = None
    ) -> None:
        require(isinstance(city, City), "city", "must be a qgraph.City", city)
        possible = city.depot is not None or not return_to_depot
        require(possible, "return_to_depot", "needs a city with a depot", return_to_depot)
        if tiers is not None:
            require(isinstance(tiers, (list, tuple)), "tiers", "must be a list of lists of stops", tiers)
            _check_tiers(tiers, {stop for tier in city.tiers for stop in tier})
        chosen = city.tiers if tiers is None else tuple(tuple(tier) for tier in tiers if tier)
        require(len(chosen) > 0, "city", "must have at least one priority or normal stop", city)
        self.city = city
        self.return_to_depot = bool(return_to_depot)
        self.tiers = chosen
        self.stops: tuple[str, ...] = tuple(stop for tier in chosen for stop in tier)
        ends = [] if city.depot is None else [city.depot]
        known = {stop: i for i, stop in enumerate(city.stops)}
        self._index = {stop: v for v, stop in enumerate(self.stops)}
        self._places = [known[stop] for stop in (*self.stops, *ends)]
        self.path_times: Reals = constant(self._with_ends(city.travel.times))
        self.times = self.path_times[: len(self._places), : len(self._places)]

    def _with_ends(self, table: Reals) -> Reals:
        """Times between all stops, the start n and the end n + 1 of a route; without a depot they are 0."""
        n, known = len(self.stops), len(self._places)
        times = np.zeros((n + 2, n + 2))
        for row, place in enumerate(self._places):
            times[row, :known] = table[place, self._places]
        if self.return_to_depot:
            times[:n, n + 1] = times[:n, n]
        return times

    @property
    def _summary(self) -> str:
        sizes = " + ".join(str(len(tier)) for tier in self.tiers)
        depot = "depot" if self.city.depot else "no depot"
        shape = "closed" if self.return_to_depot else "open"
        return f"{sizes} stops, {depot}, {shape}, {self.bits} bits, {self.counted} routes"

    @cached_property
    def distances(self) -> Reals:
        """Kilometres along the fastest ways, for the same stops as `times`."""
        return constant(self.city.travel.distances[np.ix_(self._places, self._places)])

    @property
    def bits(self) -> int:
        """The number of one-hot bits: the sum of squares of the tier sizes."""
        return sum(len(tier) ** 2 for tier in self.tiers)

    @property
    def routes(self) -> int:
        """The number of feasible routes: the product of factorials of the tier sizes."""
        return math.prod(math.factorial(len(tier)) for tier in self.tiers)

    @property
    def counted(self) -> str:
        """The number of feasible routes as it is shown: in full, or the power of ten where it is long."""
        digits = sum(math.lgamma(len(tier) + 1) for tier in self.tiers) / math.log(10)
        return f"{self.routes}" if digits < MOST_DIGITS else f"about 10^{digits:.0f}"

    @property
    def tier_slices(self) -> tuple[slice, ...]:
        """The stops of each tier as slices of `stops`; the depot's row in `times` is the last."""
        ends = np.cumsum([len(tier) for tier in self.tiers]).tolist()
        return tuple(slice(end - len(tier), end) for end, tier in zip(ends, self.tiers, strict=True))

    @cached_property
    def _encoding(self) -> Encoding:
        tiers = tuple(range(tier.start, tier.stop) for tier in self.tier_slices)
        return Encoding(self.stops, tiers, self.times, self.return_to_depot)

    @property
    def nodes(self) -> tuple[str, ...]:
        """The names of the bits: `stop@position`, positions counted from 1 over the whole route."""
        return self._encoding.nodes

    def evaluate(self, route: Sequence[str]) -> Candidate:
        """Check a route, given as stop names with or without the depot at its ends.

        Raises `InvalidInput` for names that are not stops; everything else is listed in `violations`, each of
        which costs twice the penalty, so that no incomplete route is worth as much as a complete one.

        >>> routing = PriorityRouting(City.random(stops=3, priority=1, seed=1))
        >>> routing.evaluate(["S1", "P1", "S2"]).violations
        ("'S1' is visited before 'P1', which has priority",)
        """
        depot = self.city.depot
        visits = list(route)
        if visits and depot is not None:
            visits = visits[visits[0] == depot :]
            visits = visits[: -1 if visits and visits[-1] == depot and self.return_to_depot else None]
        for stop in visits:
            require(stop in self._index, "route", "must consist of stops of the problem", stop)
        disordered = self._disordered(visits)
        violations = [*visit_violations(self.stops, visits), *disordered]
        missed = set(self.stops) - set(visits)
        waiting = any(missed & set(tier) for tier in self.tiers[:-1])
        order = [self._index[stop] for stop in visits]
        time, distance = self.travel_time(order), self._distance(order)
        return Candidate(
            objective=time + 2 * self.penalty * len(violations),
            feasible=not violations,
            violations=tuple(violations),
            route=self.named(order),
            distance=distance,
            travel_time=time,
            priority_satisfied=not disordered and not waiting,
        )

    def named(self, order: Sequence[int]) -> tuple[str, ...]:
        """A route as stop names, the depot included, from indices into `stops`."""
        start = [] if self.city.depot is None else [self.city.depot]
        end = start if self.return_to_depot else []
        return (*start, *(self.stops[v] for v in order), *end)

    def travel_time(self, order: Sequence[int]) -> float:
        """The travel time (km at free flow) of a route, depot legs included, from indices into `stops`."""
        return math.fsum(float(self.times[i, j]) for i, j in pairwise(self._path(order)))

    def _distance(self, order: Sequence[int]) -> float:
        table, places = self.city.travel.distances, [self._places[i] for i in self._path(order)]
        return math.fsum(float(table[i, j]) for i, j in pairwise(places))

    def _path(self, order: Sequence[int]) -> list[int]:
        start = [] if self.city.depot is None else [len(self.stops)]
        return [*start, *order, *(start if self.return_to_depot else [])]

    def mean_travel_time(self) -> float:
        """The mean over all feasible routes (km at free flow): each leg by how often routes take it."""
        total = 0.0
        for before, after in pairwise(self.tier_slices):
            total += float(self.times[before, after].mean())
        for tier in self.tier_slices:
            size = tier.stop - tier.start
            total += float(self.times[tier, tier].sum()) / size  # (m - 1) legs, m (m - 1) ordered pairs
        n = len(self.stops)  # without a depot, the legs from n and to n + 1 take no time
        total += float(self.path_times[n, self.tier_slices[0]].mean())
        return total + float(self.path_times[self.tier_slices[-1], n + 1].mean())

    def _disordered(self, visits: Sequence[str]) -> list[str]:
        rank = {stop: i for i, tier in enumerate(self.tiers) for stop in tier}
        return [
            f"{before!r} is visited before {after!r}, which has priority"
            for before, after in pairwise(visits)
            if rank[before] > rank[after]
        ]

    def decode(self, bits: ArrayLike) -> Candidate:
        """The route of a one-hot bit string; without one, `feasible` is false and `route` None.

        >>> routing = PriorityRouting(City.random(stops=3, priority=1, seed=1))
        >>> routing.decode([1, 0, 1, 1, 0]).route
        ('depot', 'P1', 'S2', 'S1')
        >>> routing.decode([1, 1, 1, 0, 0]).violations
        ("'S1' is visited 2 times", "'S2' is never visited")
        """
        values = check_bits(bits, self.bits, single=True)
        places = [place for place, bit in zip(self._encoding.places, values, strict=True) if bit]
        broken = tuple(self._encoding.violations(places))
        if broken:
            energy = float(self.objective(values))
            return Candidate(objective=energy, feasible=False, violations=broken, priority_satisfied=False)
        return self.evaluate([self.stops[v] for v, _ in sorted(places, key=lambda place: place[1])])

    def encode(self, route: Sequence[str]) -> Bits:
        """The one-hot bits of a feasible route: uint8[bits]. Raises `InvalidInput`.

        >>> PriorityRouting(City.random(stops=3, priority=1, seed=1)).encode(["P1", "S2", "S1"])
        array([1, 0, 1, 1, 0], dtype=uint8)
        """
        checked = self.evaluate(route)
        require(checked.feasible, "route", "must be feasible", checked.violations)
        visits = [stop for stop in checked.route or () if stop != self.city.depot]
        position = {self._index[stop]: p for p, stop in enumerate(visits)}
        return np.array([position[v] == p for v, p in self._encoding.places], dtype=np.uint8)

    def nearest_neighbour(self) -> list[int]:
        """A feasible route from the depot or the first stop, always to the nearest stop of the tier."""
        order: list[int] = [] if self.city.depot else [0]
        visited = np.zeros(len(self.stops))
        visited[order] = np.inf
        for tier in self.tier_slices:
            while len(order) < tier.stop:
                here = order[-1] if order else len(self.stops)
                order.append(tier.start + int((self.times[here, tier] + visited[tier]).argmin()))
                visited[order[-1]] = np.inf
        return order

    @cached_property
    def penalty(self) -> float:
        """A, the cost of a broken constraint (km at free flow)."""
        return 0.6 * self.travel_time(self.nearest_neighbour()) or 1.0

    @cached_property
    def _ising(self) -> Ising:
        """The one-hot encoding. Raises `ProblemTooLarge` beyond 2500 bits."""
        return self._encoding.ising(self.penalty)

    def times_to_ising(self) -> Ising:
        """The travel time alone, without penalties: C on the one-hot bits of feasible routes, and only there.

        >>> PriorityRouting(City.random(stops=3, priority=1, seed=1)).times_to_ising()
        Ising(5 nodes, 5 fields, 4 couplings, minimize)
        """
        return self._encoding.ising(0.0)

    def to_program(self) -> Program:
        """See `BitProblem`: stops in positions, and legs between. `solve_exact` has legs alone."""
        return self._encoding.program()

    @cached_property
    def rules(self) -> Ising:
        """See `BitProblem`: the violations of the one-hot encoding, each squared."""
        return self._encoding.ising(1.0, pace=0.0)

    @property
    def trivial_bound(self) -> float:
        """The sum over stops of the shortest leg that may lead to each."""
        times, n, tiers = self.path_times, len(self.stops), self.tier_slices
        bound = float(times[n, tiers[0]].min()) + float(times[tiers[-1], n + 1].min())
        for here, there in pairwise(tiers):
            bound += float(times[here, there].min())
        for tier in tiers:
            others = ~np.eye(tier.stop - tier.start, dtype=bool)
            nearest = np.sort(times[tier, tier].min(axis=0, where=others, initial=np.inf))
            bound += float(nearest[: len(nearest) - 1].sum())
        return bound


def _check_tiers(tiers: Sequence[Sequence[str]], stops: set[str]) -> None:
    for tier in tiers:
        require(isinstance(tier, Sequence), "tiers", "must be a list of lists of stops", tier)
    named = [stop for tier in tiers for stop in tier]
    for stop in named:
        known = isinstance(stop, str) and stop in stops
        require(known, "tiers", "must name priority or normal stops of the city", stop)
    require(len(set(named)) == len(named), "tiers", "must name each stop once", named)
    missing = sorted(stops - set(named))
    require(not missing, "tiers", f"must name every stop; {missing[:1]} is missing", named)
