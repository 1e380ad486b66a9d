"""Fastest ways over the roads of a city: the travel times of routing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from qgraph.base import resources
from qgraph.base.errors import InvalidInput
from qgraph.base.frozen import constant
from qgraph.base.typing import Integers, NDArray, Reals
from qgraph.models import metrics
from qgraph.models.city_record import CityRecord

UNIT = "km at free flow"  # of travel times; 1 km of road with the multiplier 1.0 counts 1
AT_ONCE = 2**20  # table entries worked on at a time


@dataclass(frozen=True, eq=False)
class Travel:
    """Fastest ways between the stops of a city.

    `times[i, j]` (km at free flow) and `distances[i, j]` (km, along the fastest way) lead from `stops[i]` to
    `stops[j]`: float64[stops, stops]. `predecessors[i, k]` is the node before `nodes[k]` on the way from
    `stops[i]`; it is None if all ways are direct.
    """

    stops: tuple[str, ...]
    nodes: tuple[str, ...]
    times: Reals
    distances: Reals
    predecessors: NDArray[np.int32] | None

    def __post_init__(self) -> None:
        for table in (self.times, self.distances, self.predecessors):
            if table is not None:
                constant(table)

    def __reduce__(self) -> tuple[Any, ...]:
        return Travel, tuple(vars(self).values())

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Travel):
            return NotImplemented
        return all(map(np.array_equal, vars(self).values(), vars(other).values()))

    def __hash__(self) -> int:
        return hash((self.stops, self.nodes))

    def way(self, source: str, target: str) -> tuple[str, ...]:
        """The nodes of the fastest way from one stop to another, both ends included."""
        if self.predecessors is None:
            return (source,) if source == target else (source, target)
        way, here = [target], self.nodes.index(target)
        before = self.predecessors[self.stops.index(source)]
        while way[-1] != source:
            here = int(before[here])
            way.append(self.nodes[here])
        return tuple(reversed(way))


def fastest_ways(city: CityRecord) -> Travel:
    """Dijkstra's algorithm from every stop, or direct ways by the city's metric.

    The tables take 16 bytes for every pair of stops and 4 for every stop and node (8, if ways may not lead
    through stops). Raises `ProblemTooLarge` if that exceeds the free memory.
    """
    nodes, stops = tuple(node.id for node in city.nodes), city.stops
    if city.metric is not None:
        _require_tables(len(stops), 0)
        places = np.array([(node.x, node.y) for node in city.nodes if node.type != "junction"])
        table = metrics.distances(city.metric, places.reshape(-1, 2))
        pace = city.traffic_multipliers["low"]
        return Travel(stops, nodes, table if pace == 1.0 else table * pace, table, None)
    index = {name: i for i, name in enumerate(nodes)}
    exits = index.copy()
    if not city.through_stops:  # roads leave from a copy of each stop, so that no way leads through it
        exits.update({stop: len(nodes) + i for i, stop in enumerate(stops)})
        nodes += stops
    _require_tables(len(stops), len(nodes))
    links = []
    for road in city.edges:
        facts = (road.distance, road.distance * city.traffic_multipliers[road.traffic])
        links.append((exits[road.source], index[road.target], *facts))
        if not road.oneway:
            links.append((exits[road.target], index[road.source], *facts))
    starts = np.array([exits[stop] for stop in stops], dtype=np.int64)
    ends = np.array([index[stop] for stop in stops], dtype=np.int64)
    travel = Travel(stops, nodes, *_tables(np.array(links).reshape(-1, 4), len(nodes), starts, ends))
    for i, j in np.argwhere(np.isinf(travel.times))[:1].tolist():
        raise InvalidInput(
            f"`edges`: no way without other stops leads from stop {stops[i]!a} to stop {stops[j]!a}"
        )
    return travel


def _require_tables(stops: int, nodes: int) -> None:
    over = f" over {nodes} nodes" if nodes else ""
    what = f"a table of fastest ways between {stops} stops{over}"
    resources.require_memory(16 * stops**2 + 4 * stops * nodes, what, "fewer stops would fit")


def _tables(links: Reals, n: int, starts: Integers, ends: Integers) -> tuple[Reals, Reals, NDArray[np.int32]]:
    """Times, distances and predecessors; `links` has a row (from, to, km, time) for each direction."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import dijkstra

    source, target = links[:, 0].astype(np.int64), links[:, 1].astype(np.int64)
    network = csr_array((links[:, 3], (source, target)), shape=(n, n))  # keeps roads that take no time
    sorting = np.argsort(source * n + target)
    keys, lengths = (source * n + target)[sorting], links[sorting, 2]
    times, distances = np.zeros((2, len(starts), len(starts)))
    before = np.empty((len(starts), n), dtype=np.int32)
    step = max(1, AT_ONCE // max(n, 1))
    for first in range(0, len(starts), step):
        rows = slice(first, first + step)
        fastest, before[rows] = dijkstra(network, indices=starts[rows], return_predecessors=True)
        times[rows] = fastest[:, ends]
        distances[rows] = _along(before[rows], keys, lengths)[:, ends]
    np.fill_diagonal(times, 0.0)
    np.fill_diagonal(distances, 0.0)
    return times, distances, before


def _along(before: NDArray[np.int32], keys: Integers, lengths: Reals) -> Reals:
    """Kilometres to every node along trees of fastest ways; `lengths` belong to the sorted link `keys`."""
    own = np.arange(before.shape[1])
    linked = before >= 0
    ancestor = np.where(linked, before, own)
    distances = np.zeros(before.shape)
    distances[linked] = lengths[np.searchsorted(keys, (ancestor * len(own) + own)[linked])]
    while True:  # ancestors 1, 2, 4, 8, ... generations back, until the root
        further = np.take_along_axis(ancestor, ancestor, axis=1)
        if np.array_equal(further, ancestor):
            return distances
        distances += np.take_along_axis(distances, ancestor, axis=1)
        ancestor = further
