"""The records of a city: its stops, its roads, and their order by priority."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from qgraph.base.fields import Finite, Label, Metadata, NodeId, NotNegative, Positive
from qgraph.base.frozen import Frozen, FrozenDict
from qgraph.models.edges import check_ends, numbers_of
from qgraph.models.generators import Traffic
from qgraph.models.joined import check_joined
from qgraph.models.metrics import Metric

StopType = Literal["priority", "normal", "depot", "junction"]

DEFAULT_MULTIPLIERS: dict[Traffic, float] = {"low": 1.0, "medium": 1.5, "high": 2.0}


class Stop(Frozen):
    """A place in a city. Routes only pass through junctions; `tier` ranks priority stops, 1 first.

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

    A distance of 0 joins two stops at the same place.

    >>> Road(source="a", target="b", distance=1.2, traffic="high").oneway
    False
    """

    source: NodeId = Field(alias="from")
    target: NodeId = Field(alias="to")
    distance: NotNegative
    traffic: Traffic
    oneway: Annotated[bool, Field(strict=True)] = False


class CityRecord(Frozen):
    """The fields of a `City`, checked, and its stops by type and tier."""

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
        known = numbers_of(node.id for node in self.nodes)
        depots = [node.id for node in self.nodes if node.type == "depot"]
        if len(depots) > 1:
            raise ValueError(f"`nodes`: a city has at most one depot, got {depots[0]!a} and {depots[1]!a}")
        if self.metric is not None:
            if self.edges:
                raise ValueError(f"`edges` must be empty if there is a `metric`, got {len(self.edges)} roads")
            return self
        driven = set[tuple[str, str]]()
        for i, road in enumerate(self.edges):
            check_ends(f"edges[{i}]", road.source, road.target, known)
            there, back = (road.source, road.target), (road.target, road.source)
            if there in driven or (back in driven and not road.oneway):
                raise ValueError(f"`edges[{i}]`: duplicate road between {there[0]!a} and {there[1]!a}")
            driven.update((there,) if road.oneway else (there, back))
        check_joined(self.stops, driven, self.through_stops)
        return self

    def __repr__(self) -> str:
        types: list[str] = [node.type for node in self.nodes]
        counts = map(types.count, ("priority", "normal", "junction"))
        depot = "" if self.depot is None else ", depot"
        roads = f"{len(self.edges)} roads" if self.metric is None else self.metric
        return "City({} priority, {} normal, {} junctions{}, {})".format(*counts, depot, roads)

    def __hash__(self) -> int:
        return hash((self.nodes, self.edges, self.metric, self.through_stops, self.traffic_multipliers))

    @cached_property
    def stops(self) -> tuple[str, ...]:
        """The names of all nodes except junctions, the depot included, in node order."""
        return tuple(node.id for node in self.nodes if node.type != "junction")

    @cached_property
    def depot(self) -> str | None:
        """The name of the depot, if there is one."""
        return next((node.id for node in self.nodes if node.type == "depot"), None)

    @cached_property
    def tiers(self) -> tuple[tuple[str, ...], ...]:
        """Stops by priority: each tier is visited before the next; normal stops come last.

        >>> from qgraph import City
        >>> City.random(stops=5, priority=2, seed=1).tiers
        (('P1', 'P2'), ('S1', 'S2', 'S3'))
        """
        tiers: dict[float, list[str]] = defaultdict(list)
        for node in self.nodes:
            if node.type in ("priority", "normal"):
                tiers[node.tier or float("inf")].append(node.id)
        return tuple(tuple(tiers[rank]) for rank in sorted(tiers))
