"""Cities: stops with priorities on a road network with traffic, the input of mixed-priority routing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from functools import cached_property
from itertools import combinations
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self, cast

from pydantic import Field, field_validator, model_validator

from qgraph.base.checks import require, require_whole
from qgraph.base.errors import InvalidInput, ProblemTooLarge
from qgraph.base.fields import Finite, Label, Metadata, NodeId, NotNegative, Positive
from qgraph.base.frozen import Frozen, FrozenDict
from qgraph.models import conversions, generators, travel
from qgraph.models.edges import check_ends
from qgraph.models.metrics import Metric

if TYPE_CHECKING:
    import networkx

    from qgraph.models.travel import Travel


StopType = Literal["priority", "normal", "depot", "junction"]
Traffic = Literal["low", "medium", "high"]

MOST_DRAWN = 10_000  # random stops, and junctions
MOST_JOINED = 1000  # stops with a road of its own for every pair
DEFAULT_MULTIPLIERS: dict[Traffic, float] = {"low": 1.0, "medium": 1.5, "high": 2.0}


class Stop(Frozen):
    """A place in a city. Junctions are only driven through; `tier` ranks priority stops, 1 first.

    >>> Stop(id="clinic", x=1.0, y=2.0, type="priority").tier
    1
    """

    id: NodeId
    x: Finite
    y: Finite
    type: StopType
    tier: Annotated[int, Field(strict=True, ge=1, le=1000)] | None = None
    label: Label | None = None

    @model_validator(mode="before")
    @classmethod
    def _priority_means_a_tier(cls, data: object) -> object:
        if isinstance(data, dict) and data.get("type") == "priority" and data.get("tier") is None:
            return {**data, "tier": 1}
        return data

    @model_validator(mode="after")
    def _only_priority_stops_have_tiers(self) -> Self:
        if self.type != "priority" and self.tier is not None:
            raise ValueError(f"`tier` is for priority stops only, and {self.id!a} is of type {self.type!a}")
        return self


class Road(Frozen):
    """A road, two-way unless `oneway`; `distance` in km; `source`, `target` are `from`, `to` in JSON.

    A distance of 0 joins two stops in one place.

    >>> Road(source="a", target="b", distance=1.2, traffic="high").oneway
    False
    """

    source: NodeId = Field(alias="from")
    target: NodeId = Field(alias="to")
    distance: NotNegative
    traffic: Traffic
    oneway: Annotated[bool, Field(strict=True)] = False


class City(Frozen):
    """Stops and junctions (`nodes`) joined by roads (`edges`); immutable.

    Every stop can be reached from every other over the roads. Travel time is distance times the
    multiplier of the road's traffic. The way between two stops may lead past other stops unless
    `through_stops` is false, as in TSPLIB's instances. Invalid input raises `pydantic.ValidationError`.

    A `metric` takes the place of `edges`: direct roads of low traffic join all stops, and their lengths
    follow from the coordinates by a rule of TSPLIB 95: "EUC_2D", "CEIL_2D", "MAN_2D", "MAX_2D", "ATT", or
    "GEO" (x is the longitude, y the latitude, both written as degrees.minutes).

    >>> City.random(stops=5, priority=2, seed=1)
    City(2 priority, 3 normal, 2 junctions, depot, 10 roads)
    """

    nodes: tuple[Stop, ...]
    edges: tuple[Road, ...] = ()
    metric: Metric | None = None
    through_stops: Annotated[bool, Field(strict=True)] = True
    traffic_multipliers: dict[Traffic, Positive] = Field(default=DEFAULT_MULTIPLIERS, validate_default=True)
    metadata: Metadata = Field(default_factory=dict)

    @field_validator("traffic_multipliers")
    @classmethod
    def _complete_multipliers(cls, given: dict[Traffic, float]) -> dict[Traffic, float]:
        return FrozenDict({**DEFAULT_MULTIPLIERS, **given})

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        known = set[str]()
        depots = []
        for i, stop in enumerate(self.nodes):
            if stop.id in known:
                raise ValueError(f"`nodes[{i}]`: duplicate node id {stop.id!a}")
            known.add(stop.id)
            if stop.type == "depot":
                depots.append(stop.id)
        if len(depots) > 1:
            raise ValueError(f"`nodes`: a city has at most one depot, got {depots[0]!a} and {depots[1]!a}")
        if self.metric is not None:
            if self.edges:
                raise ValueError(
                    f"`edges` must be empty where there is a `metric`, got {len(self.edges)} roads"
                )
            return self
        driven = set[tuple[str, str]]()
        for i, road in enumerate(self.edges):
            check_ends(f"edges[{i}]", road.source, road.target, known)
            there, back = (road.source, road.target), (road.target, road.source)
            if there in driven or (back in driven and not road.oneway):
                raise ValueError(f"`edges[{i}]`: duplicate road between {there[0]!a} and {there[1]!a}")
            driven.update((there,) if road.oneway else (there, back))
        travel.check_joined(self.stops, driven, self.through_stops)
        return self

    def __repr__(self) -> str:
        counts = [
            sum(stop.type == kind for stop in self.nodes) for kind in ("priority", "normal", "junction")
        ]
        depot = "" if self.depot is None else ", depot"
        roads = f"{len(self.edges)} roads" if self.metric is None else self.metric
        return "City({} priority, {} normal, {} junctions{}, {})".format(*counts, depot, roads)

    __str__ = __repr__

    def __hash__(self) -> int:
        return hash((self.nodes, self.edges, self.metric, self.through_stops, self.traffic_multipliers))

    @cached_property
    def stops(self) -> tuple[str, ...]:
        """The names of all places but junctions, the depot included, in node order."""
        return tuple(node.id for node in self.nodes if node.type != "junction")

    @cached_property
    def depot(self) -> str | None:
        """The name of the depot, if there is one."""
        return next((node.id for node in self.nodes if node.type == "depot"), None)

    @cached_property
    def tiers(self) -> tuple[tuple[str, ...], ...]:
        """Stops by priority: each tier is visited before the next; normal stops come last.

        >>> City.random(stops=5, priority=2, seed=1).tiers
        (('P1', 'P2'), ('S1', 'S2', 'S3'))
        """
        tiers: dict[float, list[str]] = defaultdict(list)
        for node in self.nodes:
            if node.type in ("priority", "normal"):
                tiers[node.tier or float("inf")].append(node.id)
        return tuple(tuple(tiers[rank]) for rank in sorted(tiers))

    @cached_property
    def travel(self) -> Travel:
        """Fastest ways between all stops, over the roads.

        >>> City.random(stops=5, priority=2, seed=1).travel.times.shape
        (6, 6)
        """
        return travel.fastest_ways(self)

    @classmethod
    def random(
        cls, stops: int = 8, priority: int = 3, *, junctions: int | None = None, depot: bool = True, seed: int
    ) -> Self:
        """A random city: `stops` stops, `priority` of them first, on a connected network of roads.

        Stops and junctions (half as many as stops, unless given) lie in a square of 10 km; roads form
        their Gabriel graph, which is planar and connected; each is up to 30 % longer than the straight
        line and has random traffic.

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
        nodes = [
            {"id": name, "type": kind, "x": x, "y": y}
            for (name, kind), (x, y) in zip(names, places, strict=True)
        ]
        edges = [
            {"source": names[i][0], "target": names[j][0], "distance": km, "traffic": traffic}
            for i, j, km, traffic in roads
        ]
        return conversions.build(cls, nodes=nodes, edges=edges)

    @classmethod
    def from_networkx(cls, graph: networkx.Graph[Any]) -> Self:
        """A city from networkx: nodes with `x`, `y`, `type`, edges with `distance` and `traffic`.

        Directed edges are one-way roads, unless one leads back with the same attributes. Raises
        `InvalidInput`.

        >>> city = City.random(stops=5, priority=2, seed=1)
        >>> City.from_networkx(city.to_networkx()) == city
        True
        """
        return conversions.city_from_networkx(cls, graph)

    def to_networkx(self) -> networkx.DiGraph[str]:
        """As a directed networkx graph, with `time` (distance times traffic multiplier) on every edge.

        A city with a `metric` has its direct roads there, as `with_roads` gives them.

        >>> City.random(stops=5, priority=2, seed=1).to_networkx().number_of_edges()
        20
        """
        return conversions.city_to_networkx(self if self.metric is None else self.with_roads())

    def with_roads(self) -> Self:
        """The same city with the direct roads of its `metric` as `edges`, to change them one by one.

        Raises `ProblemTooLarge` beyond 1000 stops.

        >>> places = [Stop(id=name, x=x, y=0, type="normal") for name, x in [("a", 0), ("b", 2), ("c", 5)]]
        >>> [road.distance for road in City(nodes=places, metric="EUC_2D").with_roads().edges]
        [2.0, 5.0, 3.0]
        """
        require(self.metric is not None, "metric", "must be given, for roads to follow from it", self.metric)
        if len(self.stops) > MOST_JOINED:
            raise ProblemTooLarge(f"roads between all of {len(self.stops)} stops: at most {MOST_JOINED} fit")
        edges = [
            {"source": a, "target": b, "distance": self.travel.distances[i, j], "traffic": "low"}
            for (i, a), (j, b) in combinations(enumerate(self.stops), 2)
        ]
        return self._with(edges=edges, metric=None, through_stops=False)

    def with_traffic(self, traffic: Mapping[tuple[str, str], Traffic]) -> Self:
        """The same city with other traffic on some roads, named by their ends in either order.

        >>> city = City.random(stops=5, priority=2, seed=1)
        >>> road = city.edges[0]
        >>> city.with_traffic({(road.source, road.target): "high"}).edges[0].traffic
        'high'
        """
        roads = {(road.source, road.target): i for i, road in enumerate(self.edges)}
        edges: list[object] = list(self.edges)
        for ends, new in traffic.items():
            require(
                isinstance(ends, tuple) and len(ends) == 2,
                "traffic",
                "must name roads by their two ends",
                ends,
            )
            i = roads.get(ends, roads.get(ends[::-1]))
            known = i is not None and (ends in roads or not self.edges[i].oneway)
            require(known, "traffic", "must name roads of the city, one-way roads in their direction", ends)
            edges[cast("int", i)] = {**self.edges[cast("int", i)].model_dump(), "traffic": new}
        return self._with(edges=edges)

    def with_types(self, types: Mapping[str, StopType]) -> Self:
        """The same city with other types of some nodes, for instance another depot.

        >>> City.random(stops=5, priority=2, seed=1).with_types({"P1": "normal"}).tiers[0]
        ('P2',)
        """
        unknown = types.keys() - {node.id for node in self.nodes}
        require(not unknown, "types", "must name nodes of the city", next(iter(sorted(unknown)), None))
        nodes = [
            {**node.model_dump(exclude={"tier"}), "type": types[node.id]}
            if types.get(node.id, node.type) != node.type
            else node
            for node in self.nodes
        ]
        return self._with(nodes=nodes)

    def _with(self, **changes: object) -> Self:
        fields: dict[str, object] = {name: getattr(self, name) for name in type(self).model_fields}
        return conversions.build(type(self), **{**fields, **changes})

    def way(self, source: str, target: str) -> tuple[str, ...]:
        """The fastest way from one stop to another: the nodes driven through, both ends included.

        >>> City.random(stops=5, priority=2, seed=1).way("P1", "S1")
        ('P1', 'J1', 'depot', 'S3', 'S1')
        """
        for argument, stop in (("source", source), ("target", target)):
            if stop not in self.stops:
                raise InvalidInput(f"`{argument}` must be a stop of the city, got {stop!a}")
        return self.travel.way(source, target)

    def to_json(self) -> str:
        """In qgraph's own JSON format, which `read_city` reads.

        >>> City(nodes=[Stop(id="a", x=0, y=0, type="normal")]).to_json()
        '{"nodes":[{"id":"a","x":0.0,"y":0.0,"type":"normal"}],"edges":[],...
        """
        return self.model_dump_json(exclude_none=True)
