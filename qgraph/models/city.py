"""Cities: stops with priorities on a road network with traffic, the input of mixed-priority routing."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from itertools import combinations
from typing import TYPE_CHECKING, Any, Self

from qgraph.base.checks import require, require_fits, require_whole
from qgraph.base.errors import InvalidInput
from qgraph.models import conversions, generators
from qgraph.models.build import build
from qgraph.models.city_record import CityRecord, StopType
from qgraph.models.generators import Traffic
from qgraph.models.travel import Travel, fastest_ways

if TYPE_CHECKING:
    import networkx


MOST_DRAWN = 10_000  # of random stops, and of random junctions
MOST_JOINED = 1000  # stops, if every pair has its own road


class City(CityRecord):
    """Stops and junctions (`nodes`) joined by roads (`edges`); immutable.

    Roads lead from every stop to every other. The travel time of a road is its distance (km) times the
    multiplier of its traffic. Its unit is km at free flow: 1 km with the multiplier 1.0 counts 1. The way
    between two stops may pass through other stops unless `through_stops` is false, as in TSPLIB's instances.
    Invalid input raises `pydantic.ValidationError`.

    A `metric` replaces `edges`: direct roads with low traffic join all stops, and their lengths follow
    from the coordinates by a rule of TSPLIB 95: "EUC_2D", "CEIL_2D", "MAN_2D", "MAX_2D", "ATT", or
    "GEO" (x is the longitude, y the latitude, both written as degrees.minutes).

    >>> City.random(stops=5, priority=2, seed=1)
    City(2 priority, 3 normal, 2 junctions, depot, 10 roads)
    """

    @cached_property
    def travel(self) -> Travel:
        """Fastest ways between all stops, over the roads: times in km at free flow, distances in km.

        >>> City.random(stops=5, priority=2, seed=1).travel.times.shape
        (6, 6)
        """
        return fastest_ways(self)

    @classmethod
    def random(
        cls, stops: int = 8, priority: int = 3, *, junctions: int | None = None, depot: bool = True, seed: int
    ) -> Self:
        """A random city: `stops` stops, `priority` of them with priority, on a connected network of roads.

        Stops and junctions lie in a square of 10 km. By default there are half as many junctions as stops.
        The roads form the Gabriel graph of these places, which is planar and connected. Each road is up to
        30 % longer than the straight line and has random traffic.

        >>> City.random(stops=8, priority=3, depot=False, seed=1)
        City(3 priority, 5 normal, 4 junctions, 18 roads)
        """
        require_whole("stops", stops, 1, MOST_DRAWN)
        crossings = stops // 2 if junctions is None else junctions
        require_whole("priority", priority, 0, stops)
        require_whole("junctions", crossings, 0, MOST_DRAWN)
        require(isinstance(depot, bool), "depot", "must be True or False", depot)
        names = [("depot", "depot")] * depot
        names += [(f"P{i + 1}", "priority") for i in range(priority)]
        names += [(f"S{i + 1}", "normal") for i in range(stops - priority)]
        names += [(f"J{i + 1}", "junction") for i in range(crossings)]
        places, roads = generators.road_network(len(names), seed)
        named = zip(names, places, strict=True)
        nodes = [{"id": name, "type": type_, "x": x, "y": y} for (name, type_), (x, y) in named]
        edges = [
            {"source": names[i][0], "target": names[j][0], "distance": km, "traffic": traffic}
            for i, j, km, traffic in roads
        ]
        return build(cls, nodes=nodes, edges=edges)

    @classmethod
    def from_networkx(cls, graph: networkx.Graph[Any]) -> Self:
        """A city from networkx: nodes with `x`, `y`, `type`, edges with `distance` and `traffic`.

        Directed edges are one-way roads, unless the reverse edge has the same attributes. Raises
        `InvalidInput`.

        >>> city = City.random(stops=5, priority=2, seed=1)
        >>> City.from_networkx(city.to_networkx()) == city
        True
        """
        return conversions.city_from_networkx(cls, graph)

    def to_networkx(self) -> networkx.DiGraph[str]:
        """As a directed networkx graph, with `time` (km at free flow) on every edge.

        For a city with a `metric`, these are the direct roads that `with_roads` returns.

        >>> City.random(stops=5, priority=2, seed=1).to_networkx().number_of_edges()
        20
        """
        return conversions.city_to_networkx(self if self.metric is None else self.with_roads())

    def with_roads(self) -> Self:
        """The same city with the direct roads of its `metric` as `edges`, which can then be changed.

        Raises `ProblemTooLarge` beyond 1000 stops.

        >>> from qgraph import Stop
        >>> places = [Stop(id=name, x=x, y=0, type="normal") for name, x in [("a", 0), ("b", 2), ("c", 5)]]
        >>> [road.distance for road in City(nodes=places, metric="EUC_2D").with_roads().edges]
        [2.0, 5.0, 3.0]
        """
        require(self.metric is not None, "metric", "must be given, because roads follow from it", self.metric)
        n = len(self.stops)
        require_fits(n, MOST_JOINED, f"roads would join all pairs of {n} stops")
        edges = [
            {"source": a, "target": b, "distance": self.travel.distances[i, j], "traffic": "low"}
            for (i, a), (j, b) in combinations(enumerate(self.stops), 2)
        ]
        return self._with(edges=edges, metric=None, through_stops=False)

    def with_traffic(self, traffic: Mapping[tuple[str, str], Traffic]) -> Self:
        """The same city with new traffic on some roads, each named by its two ends in any order.

        >>> city = City.random(stops=5, priority=2, seed=1)
        >>> road = city.edges[0]
        >>> city.with_traffic({(road.source, road.target): "high"}).edges[0].traffic
        'high'
        """
        roads = {(road.source, road.target): i for i, road in enumerate(self.edges)}
        edges: list[object] = list(self.edges)
        for ends, new in traffic.items():
            two = isinstance(ends, tuple) and len(ends) == 2
            require(two, "traffic", "must name roads by their two ends", ends)
            i = roads.get(ends, roads.get(ends[::-1], -1))
            known = i >= 0 and (ends in roads or not self.edges[i].oneway)
            require(known, "traffic", "must name roads of the city, one-way roads in their direction", ends)
            edges[i] = {**self.edges[i].model_dump(), "traffic": new}
        return self._with(edges=edges)

    def with_types(self, types: Mapping[str, StopType]) -> Self:
        """The same city with new types for some nodes, for instance another depot.

        >>> City.random(stops=5, priority=2, seed=1).with_types({"P1": "normal"}).tiers[0]
        ('P2',)
        """
        unknown = types.keys() - {node.id for node in self.nodes}
        require(not unknown, "types", "must name nodes of the city", next(iter(sorted(unknown)), None))
        nodes: list[object] = list(self.nodes)
        for i, node in enumerate(self.nodes):
            if types.get(node.id, node.type) != node.type:
                nodes[i] = {**node.model_dump(exclude={"tier"}), "type": types[node.id]}
        return self._with(nodes=nodes)

    def _with(self, **changes: object) -> Self:
        return build(type(self), **{**self._fields, **changes})

    def way(self, source: str, target: str) -> tuple[str, ...]:
        """The fastest way from one stop to another: its nodes in order, both ends included.

        >>> City.random(stops=5, priority=2, seed=1).way("P1", "S1")
        ('P1', 'J1', 'depot', 'S3', 'S1')
        """
        for argument, stop in (("source", source), ("target", target)):
            if stop not in self.stops:
                raise InvalidInput(f"`{argument}` must be a stop of the city, got {stop!a}")
        return self.travel.way(source, target)

    def to_json(self) -> str:
        """In qgraph's own JSON format, which `read_city` reads.

        >>> from qgraph import Stop
        >>> City(nodes=[Stop(id="a", x=0, y=0, type="normal")]).to_json()
        '{"nodes":[{"id":"a","x":0.0,"y":0.0,"type":"normal"}],"edges":[],...
        """
        return self.model_dump_json(exclude_none=True)
