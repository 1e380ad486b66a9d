from __future__ import annotations

import itertools
import pickle

import networkx as nx
import numpy as np
import pytest
from conftest import ROOT

import qgraph as qg
from qgraph.base import resources
from qgraph.models import generators, travel

# City.random(stops, stops // 4, junctions=..., seed=...): roads, and their length in all.
EARLIER = [(50, 60, 3, 214, 228.87), (90, 200, 7, 540, 364.48), (499, 500, 11, 1940, 700.43)]


def small_city(**changes: object) -> qg.City:
    nodes = [
        {"id": "d", "x": 0, "y": 0, "type": "depot"},
        {"id": "a", "x": 1, "y": 0, "type": "normal"},
        {"id": "p", "x": 1, "y": 1, "type": "priority"},
        {"id": "j", "x": 0, "y": 1, "type": "junction"},
    ]
    edges = [
        {"from": "d", "to": "a", "distance": 5, "traffic": "high"},
        {"from": "d", "to": "j", "distance": 1, "traffic": "low"},
        {"from": "j", "to": "p", "distance": 2, "traffic": "medium"},
        {"from": "p", "to": "a", "distance": 4, "traffic": "low", "oneway": True},
    ]
    return qg.City.model_validate({"nodes": nodes, "edges": edges, **changes})


def test_travel_times_follow_roads_traffic_and_directions() -> None:
    city = small_city()
    assert city.stops == ("d", "a", "p")
    assert city.travel.times.tolist() == [[0, 8, 4], [10, 0, 14], [4, 4, 0]]
    assert city.travel.distances.tolist() == [[0, 7, 3], [5, 0, 8], [3, 4, 0]]
    assert city.way("d", "a") == ("d", "j", "p", "a")
    assert city.way("a", "p") == ("a", "d", "j", "p")


def test_ways_can_avoid_other_stops() -> None:
    city = small_city(through_stops=False, edges=[
        {"from": a, "to": b, "distance": km, "traffic": "low"}
        for a, b, km in [("d", "a", 1), ("a", "p", 1), ("d", "p", 5), ("d", "j", 1), ("j", "p", 1.5)]
    ])  # fmt: skip
    assert city.travel.times.tolist() == [[0, 1, 2.5], [1, 0, 1], [2.5, 1, 0]]
    assert city.way("d", "p") == ("d", "j", "p")
    assert city.way("p", "d") == ("p", "j", "d")


def test_traffic_multipliers_may_be_given_in_part() -> None:
    city = small_city(traffic_multipliers={"high": 3.0})
    assert city.traffic_multipliers == {"low": 1.0, "medium": 1.5, "high": 3.0}
    assert city.travel.times[1, 0] == 15.0


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("depot", [True, False])
def test_random_cities_are_connected(seed: int, depot: bool) -> None:
    city = qg.City.random(stops=9, priority=4, depot=depot, seed=seed)
    roads = nx.Graph([(road.source, road.target) for road in city.edges])
    assert nx.is_connected(roads)
    assert roads.number_of_nodes() == len(city.nodes) == 9 + 4 + depot
    assert [len(tier) for tier in city.tiers] == [4, 5]


def test_random_cities_depend_on_the_seed_alone() -> None:
    assert qg.City.random(seed=3) == qg.City.random(seed=3)
    assert qg.City.random(seed=3) != qg.City.random(seed=4)


def test_travel_times_against_networkx() -> None:
    city = qg.City.random(stops=12, priority=4, seed=8)
    roads = nx.Graph()
    for road in city.edges:
        time = road.distance * city.traffic_multipliers[road.traffic]
        roads.add_edge(road.source, road.target, time=time, km=road.distance)
    for (i, a), (j, b) in itertools.product(enumerate(city.stops), repeat=2):
        path = nx.dijkstra_path(roads, a, b, weight="time")
        assert city.travel.times[i, j] == pytest.approx(nx.path_weight(roads, path, "time"), rel=1e-12)
        assert city.travel.distances[i, j] == pytest.approx(nx.path_weight(roads, path, "km"), rel=1e-12)
        assert city.way(a, b) == tuple(path)


def test_networkx_round_trip_keeps_one_way_roads() -> None:
    city = small_city()
    again = qg.City.from_networkx(city.to_networkx())
    assert again.nodes == city.nodes
    assert np.array_equal(again.travel.times, city.travel.times)
    assert [road.oneway for road in again.edges] == [road.oneway for road in city.edges]


def test_json_round_trip_is_lossless() -> None:
    for city in (small_city(), qg.City.random(seed=1), qg.read_city(ROOT / "examples/city.json")):
        assert qg.City.model_validate_json(city.to_json()) == city


def test_tiers_rank_priority_stops_before_normal_ones() -> None:
    nodes = [
        {"id": c, "x": i, "y": 0, "type": "priority", "tier": t}
        for i, (c, t) in enumerate([("a", 3), ("b", 1)])
    ]
    nodes.append({"id": "c", "x": 5, "y": 5, "type": "normal"})
    roads = [{"from": "a", "to": "b", "distance": 1, "traffic": "low"}]
    roads.append({"from": "b", "to": "c", "distance": 1, "traffic": "low"})
    assert qg.City.model_validate({"nodes": nodes, "edges": roads}).tiers == (("b",), ("a",), ("c",))


def test_changed_traffic_and_types() -> None:
    city = small_city()
    assert city.with_traffic({("a", "d"): "low"}).travel.times[1, 0] == 5.0
    assert city.with_types({"j": "normal", "d": "junction"}).stops == ("a", "p", "j")
    with pytest.raises(qg.InvalidInput, match="must name roads"):
        city.with_traffic({("a", "j"): "low"})
    with pytest.raises(qg.InvalidInput, match="must be a stop of the city, got 'j'"):
        city.way("j", "a")


def test_one_stop_and_no_roads_is_a_city() -> None:
    city = qg.City(nodes=(qg.Stop(id="a", x=0, y=0, type="normal"),))
    assert city.travel.times.tolist() == [[0.0]]


def gabriel_roads(places: list[tuple[float, float]]) -> set[tuple[int, int]]:
    """Pairs whose circle contains no third place, in whole numbers and by the definition."""
    grid = np.rint(100 * np.array(places)).astype(int)
    squared = ((grid[:, None] - grid[None]) ** 2).sum(axis=2)
    return {
        (i, j)
        for i, j in itertools.combinations(range(len(grid)), 2)
        if not (np.delete(squared[i] + squared[j], [i, j]) < squared[i, j]).any()
    }


@pytest.mark.parametrize("n", [1, 2, 3, 9, 49, 50, 51, 70, 120])
def test_random_roads_are_the_gabriel_graph(n: int) -> None:
    for seed in range(8):
        places, roads = generators.road_network(n, seed)
        found = {(i, j) for i, j, *_ in roads}
        certain = gabriel_roads(places)
        assert found <= certain
        assert len(certain - found) <= 2  # a third place exactly on the circle, in binary digits


def test_random_cities_equal_those_of_earlier_versions() -> None:
    """Numbers of the version that compared every pair with every place."""
    for stops, junctions, seed, roads, length in EARLIER:
        city = qg.City.random(stops, stops // 4, junctions=junctions, seed=seed)
        assert len(city.edges) == roads
        assert sum(road.distance for road in city.edges) == pytest.approx(length, abs=1e-6)


@pytest.mark.parametrize("seed", range(30))
def test_gabriel_graph_is_complete_on_a_grid(seed: int) -> None:
    """On a grid, most circles pass through four or more places, and a triangulation has only some diagonals."""
    rng = np.random.default_rng(seed)
    side = int(rng.integers(8, 14))
    grid = rng.permutation(np.stack(np.indices((side, side)), axis=-1).reshape(-1, 2))
    places = (grid[: rng.integers(50, len(grid))] * rng.integers(1, 9) / 100).round(2)
    assert gabriel_roads(places.tolist()) <= set(generators._near_pairs(places))


def test_random_cities_of_thousands_of_stops() -> None:
    city = qg.City.random(stops=3000, priority=300, seed=1)
    assert len({(node.x, node.y) for node in city.nodes}) == len(city.nodes) == 4501
    assert len(city.edges) < 3 * len(city.nodes) - 6  # planar
    assert city == qg.City.random(stops=3000, priority=300, seed=1)


def test_travel_over_roads_that_take_no_time() -> None:
    city = small_city(edges=[
        {"from": a, "to": b, "distance": km, "traffic": "medium", "oneway": oneway}
        for a, b, km, oneway in [
            ("d", "a", 0, False), ("a", "j", 0, True), ("j", "p", 2, False), ("p", "d", 0, True), ("d", "p", 9, True),
        ]
    ])  # fmt: skip
    assert city.travel.times.tolist() == [[0, 0, 3], [0, 0, 3], [0, 0, 0]]
    assert city.travel.distances.tolist() == [[0, 0, 2], [0, 0, 2], [0, 0, 0]]
    assert city.way("d", "p") == ("d", "a", "j", "p")
    assert qg.City.from_networkx(city.to_networkx()).travel.times.tolist() == city.travel.times.tolist()
    assert qg.City.model_validate_json(city.to_json()) == city


@pytest.mark.parametrize("through_stops", [True, False])
def test_travel_with_many_blocks_against_networkx(
    monkeypatch: pytest.MonkeyPatch, through_stops: bool
) -> None:
    monkeypatch.setattr(travel, "AT_ONCE", 40)
    city = qg.City.random(9, 4, junctions=14, seed=3)
    ring = [
        {"from": a, "to": b, "distance": 0.7 * i, "traffic": "high", "oneway": True}
        for i, (a, b) in enumerate(itertools.permutations(city.stops, 2))
    ]
    inner = [road for road in city.edges if {road.source[0], road.target[0]} & {"J"}]
    mixed = qg.City.model_validate(
        {"nodes": city.nodes, "edges": [*inner, *ring], "through_stops": through_stops}
    )
    roads = mixed.to_networkx()
    for (i, a), (j, b) in itertools.permutations(enumerate(mixed.stops), 2):
        others = [] if through_stops else [stop for stop in mixed.stops if stop not in (a, b)]
        path = nx.dijkstra_path(nx.restricted_view(roads, others, []), a, b, weight="time")
        assert mixed.travel.times[i, j] == pytest.approx(nx.path_weight(roads, path, "time"), rel=1e-12)
        assert mixed.way(a, b) == tuple(path)
        assert mixed.travel.distances[i, j] == pytest.approx(
            nx.path_weight(roads, path, "distance"), rel=1e-12
        )


def metric_city(**changes: object) -> qg.City:
    kinds = ["normal", "depot", "priority", "junction", "normal"]
    places = [(0.0, 0.0), (3.0, 4.0), (3.0, 4.0), (50.0, 50.0), (-1.0, 7.5)]
    nodes = [
        {"id": name, "x": x, "y": y, "type": kind}
        for name, kind, (x, y) in zip("abcjd", kinds, places, strict=True)
    ]
    return qg.City.model_validate({"nodes": nodes, "metric": "EUC_2D", **changes})


def test_a_metric_replaces_roads() -> None:
    city = metric_city()
    assert city.travel.times.tolist() == [[0, 5, 5, 8], [5, 0, 0, 5], [5, 0, 0, 5], [8, 5, 5, 0]]
    assert city.way("a", "d") == ("a", "d")
    assert city.way("a", "a") == ("a",)
    assert repr(city) == "City(1 priority, 2 normal, 1 junctions, depot, EUC_2D)"
    slow = city.model_copy(update={"traffic_multipliers": {"low": 2.0}})
    assert np.array_equal(slow.travel.times, 2 * city.travel.times)
    assert np.array_equal(slow.travel.distances, city.travel.distances)
    assert len({city, slow, metric_city(), metric_city(metric="GEO")}) == 3


def test_a_metric_goes_to_json_and_pickle_and_back() -> None:
    city = metric_city()
    assert qg.City.model_validate_json(city.to_json()) == city == pickle.loads(pickle.dumps(city))
    assert "metric" not in small_city().to_json()


def test_roads_follow_from_a_metric() -> None:
    city = metric_city(traffic_multipliers={"low": 1.5})
    roads = city.with_roads()
    assert roads.metric is None
    assert len(roads.edges) == 6
    for again in (roads, qg.City.from_networkx(city.to_networkx())):
        assert np.array_equal(again.travel.times, city.travel.times)
        assert np.array_equal(again.travel.distances, city.travel.distances)
    jam = roads.with_traffic({("a", "d"): "high"})
    assert jam.travel.times[0, 3] == 16
    many = [{"id": i, "x": i, "y": 0, "type": "normal"} for i in range(1001)]
    with pytest.raises(qg.ProblemTooLarge, match="all pairs of 1001 stops, at most 1000 fit"):
        metric_city(nodes=many).to_networkx()


def test_metrics_of_no_places_and_of_distant_places() -> None:
    assert metric_city(nodes=[]).travel.times.shape == (0, 0)
    far = [{"id": i, "x": 1e100 * (i % 2), "y": -1e100, "type": "normal"} for i in range(3)]
    assert metric_city(nodes=far).travel.times.tolist() == [[0, 1e100, 0], [1e100, 0, 1e100], [0, 1e100, 0]]
    assert qg.solve_exact(qg.PriorityRouting(metric_city(nodes=far))).objective == 1e100


def test_tables_beyond_memory_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resources, "free_memory", lambda: 1000)
    for city in (qg.City.random(9, 4, seed=3), metric_city(nodes=qg.City.random(9, 4, seed=3).nodes)):
        with pytest.raises(qg.ProblemTooLarge, match="a table of fastest ways between 10 stops"):
            _ = city.travel
