from __future__ import annotations

import itertools

import networkx as nx
import numpy as np
import pytest
from conftest import ROOT

import qgraph as qg


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


def test_ways_can_be_kept_from_leading_through_stops() -> None:
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
