"""Fastest ways over a city's roads: the travel times that routing works with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from qgraph.arrays import constant
from qgraph.errors import InvalidInput, ProblemTooLarge

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from qgraph.city import City

LARGEST_TABLE = 30_000_000
SHORTEST_TIME = 1e-300  # a sparse matrix takes an exact zero for no road


@dataclass(frozen=True, eq=False)
class Travel:
    """Fastest ways between the stops of a city.

    `times[i, j]` (distance times traffic multiplier) and `distances[i, j]` (km, along the fastest way)
    lead from `stops[i]` to `stops[j]`: float64[stops, stops].
    """

    stops: tuple[str, ...]
    nodes: tuple[str, ...]
    times: NDArray[np.float64]
    distances: NDArray[np.float64]
    predecessors: NDArray[np.int32]

    def __post_init__(self) -> None:
        for table in self._parts[2:]:
            constant(table)

    @property
    def _parts(self) -> tuple[Any, ...]:
        return self.stops, self.nodes, self.times, self.distances, self.predecessors

    def __reduce__(self) -> tuple[Any, ...]:
        return Travel, self._parts

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Travel):
            return NotImplemented
        return all(map(np.array_equal, self._parts, other._parts))

    def __hash__(self) -> int:
        return hash((self.stops, self.nodes))

    def way(self, source: str, target: str) -> tuple[str, ...]:
        """The nodes of the fastest way from one stop to another, both ends included."""
        way, here = [target], self.nodes.index(target)
        before = self.predecessors[self.stops.index(source)]
        while way[-1] != source:
            here = int(before[here])
            way.append(self.nodes[here])
        return tuple(reversed(way))


def fastest_ways(city: City) -> Travel:
    """Dijkstra's algorithm from every stop. Raises ProblemTooLarge beyond 30 million table entries."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import dijkstra

    nodes, stops = tuple(node.id for node in city.nodes), city.stops
    if len(nodes) * len(stops) > LARGEST_TABLE:
        raise ProblemTooLarge(
            f"fastest ways between {len(stops)} stops over {len(nodes)} nodes do not fit; "
            f"stops times nodes may be at most {LARGEST_TABLE}"
        )
    index = {name: i for i, name in enumerate(nodes)}
    exits = index.copy()
    if not city.through_stops:  # a stop is left from a copy of its own, so that no way leads through it
        exits.update({stop: len(nodes) + i for i, stop in enumerate(stops)})
        nodes += stops
    lengths, times = {}, {}
    for road in city.edges:
        ends = [(road.source, road.target)]
        for source, target in ends if road.oneway else [*ends, ends[0][::-1]]:
            link = exits[source], index[target]
            lengths[link] = road.distance
            times[link] = max(road.distance * city.traffic_multipliers[road.traffic], SHORTEST_TIME)
    links = np.array(list(times), dtype=np.int64).reshape(-1, 2)
    network = csr_array((list(times.values()), links.T), shape=(len(nodes), len(nodes)), dtype=np.float64)
    starts, places = [exits[stop] for stop in stops], [index[stop] for stop in stops]
    fastest, before = dijkstra(network, indices=starts, return_predecessors=True)
    table = fastest[:, places]
    np.fill_diagonal(table, 0.0)
    for i, j in np.argwhere(np.isinf(table))[:1].tolist():
        raise InvalidInput(
            f"`edges`: no way leads from stop {stops[i]!a} to stop {stops[j]!a} past no other stop"
        )
    distances = np.array([_along(row, fastest[i], lengths)[places] for i, row in enumerate(before)])
    distances = distances.reshape(table.shape)
    np.fill_diagonal(distances, 0.0)
    return Travel(stops, nodes, table, distances, before)


def _along(
    before: NDArray[np.int32], times: NDArray[np.float64], lengths: dict[tuple[int, int], float]
) -> NDArray[np.float64]:
    """Kilometres from one stop to every node, summed along its tree of fastest ways."""
    distances = np.zeros(len(before))
    for node in np.argsort(times, kind="stable").tolist():
        if before[node] >= 0:
            distances[node] = distances[before[node]] + lengths[int(before[node]), node]
    return distances
