from __future__ import annotations

import json
import math
from itertools import combinations
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
from conftest import ROOT, asymmetric_graph

import qgraph as qg
from qgraph.readers import tsplib

DISTANCES = np.array([[0, 3, 5, 7], [3, 0, 11, 13], [5, 11, 0, 17], [7, 13, 17, 0]])


def test_own_json(write) -> None:
    graph = asymmetric_graph(6, 1).with_layout("circular")
    assert qg.read_graph(write("g.json", graph.to_json())) == graph
    city = qg.City.random(seed=2)
    assert qg.read_city(write("c.json", city.to_json())) == city


def test_the_formats_of_the_documentation_read_unchanged(write) -> None:
    text = """{"nodes": [{"id": "a", "x": 0.0, "y": 1.0, "label": "A"}, {"id": "b"}],
               "edges": [{"from": "a", "to": "b", "weight": 2.5}]}"""
    assert qg.read_graph(write("g.json", text)).edges == (qg.Edge(source="a", target="b", weight=2.5),)
    text = """{"nodes": [{"id": "a", "x": 0, "y": 1, "type": "priority"}, {"id": "b", "x": 2, "y": 2, "type": "normal"},
                         {"id": "d", "x": 0, "y": 0, "type": "depot"}, {"id": "j", "x": 1, "y": 1, "type": "junction"}],
               "edges": [{"from": "a", "to": "j", "distance": 1.5, "traffic": "low"},
                         {"from": "j", "to": "b", "distance": 1, "traffic": "medium", "oneway": false},
                         {"from": "d", "to": "j", "distance": 1, "traffic": "high"}],
               "traffic_multipliers": {"low": 1.0, "medium": 1.5, "high": 2.0},
               "metadata": {"anything": [1, {"goes": null}]}}"""
    assert qg.read_city(write("c.json", text)).tiers == (("a",), ("b",))


def test_node_link_json(write) -> None:
    data = nx.node_link_data(nx.karate_club_graph(), edges="edges")
    graph = qg.read_graph(write("karate.json", json.dumps(data)))
    assert (len(graph.nodes), len(graph.edges)) == (34, 78)
    assert graph.weights.sum() == 231


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_rudy(write, encoding: str, newline: str) -> None:
    text = newline.join(["# comment", "4 3 ", "1 2 -1.5", "2 4", "", "1 4 2e1"])
    graph = qg.read_graph(write("g.rud", text.encode(encoding)))
    assert graph.ids == ("1", "2", "3", "4")
    assert graph.pairs.tolist() == [[0, 1], [1, 3], [0, 3]]
    assert graph.weights.tolist() == [-1.5, 1.0, 20.0]


@pytest.mark.parametrize(
    ("name", "nodes", "edges", "total"),
    [("G1", 800, 19176, 19176), ("G11", 800, 1600, 34), ("G14", 800, 4694, 4694)],
)
def test_g_set(data: Path, name: str, nodes: int, edges: int, total: float) -> None:
    graph = qg.read_graph(data / "gset" / f"{name}.txt")
    assert (len(graph.nodes), len(graph.edges), graph.weights.sum()) == (nodes, edges, total)


def test_graphml(write) -> None:
    graph = asymmetric_graph(6, 4).with_layout("circular")
    text = "\n".join(nx.generate_graphml(graph.to_networkx()))
    assert qg.read_graph(write("g.graphml", text)) == graph


def explicit(form: str, words: str) -> str:
    head = "NAME : four\nTYPE: TSP\nCOMMENT: a: colon\nDIMENSION :4\nEDGE_WEIGHT_TYPE : EXPLICIT\n"
    return f"{head}EDGE_WEIGHT_FORMAT: {form} \nEDGE_WEIGHT_SECTION\n{words}\nEOF\n"


FORMS = {
    "FULL_MATRIX": "0 3 5 7 3 0 11 13 5 11 0 17 7 13 17 0",
    "UPPER_ROW": "3 5 7 11 13 17",
    "LOWER_ROW": "3 5 11 7 13 17",
    "UPPER_DIAG_ROW": "0 3 5 7 0 11 13 0 17 0",
    "LOWER_DIAG_ROW": "0 3 0 5 11 0 7 13 17 0",
    "UPPER_COL": "3 5 11 7 13 17",
    "LOWER_COL": "3 5 7 11 13 17",
    "UPPER_DIAG_COL": "0 3 0 5 11 0 7 13 17 0",
    "LOWER_DIAG_COL": "0 3 5 7 0 11 13 0 17 0",
}


@pytest.mark.parametrize("form", FORMS)
def test_tsplib_explicit_matrices(write, form: str) -> None:
    path = write("four.tsp", explicit(form, FORMS[form]))
    graph = qg.read_graph(path)
    matrix = nx.to_numpy_array(graph.to_networkx())
    assert np.array_equal(matrix, DISTANCES)
    assert np.array_equal(qg.read_city(path).travel.times, DISTANCES)


def test_tsplib_asymmetric(write) -> None:
    text = explicit("FULL_MATRIX", "0 1 2 3 4 0 5 6 7 8 0 9 10 11 12 0").replace("TYPE: TSP", "TYPE: ATSP", 1)
    city = qg.read_city(write("four.atsp", text))
    assert city.travel.times[0].tolist() == [0, 1, 2, 3]
    assert city.travel.times[:, 0].tolist() == [0, 4, 7, 10]


# Two cities each, by hand from the definitions in TSPLIB 95, section 2.
@pytest.mark.parametrize(
    ("kind", "distance"),
    [("EUC_2D", 4), ("CEIL_2D", 5), ("ATT", 2), ("MAN_2D", 6), ("MAX_2D", 4)],
)
def test_tsplib_coordinates(write, kind: str, distance: float) -> None:
    text = f"TYPE: TSP\nDIMENSION: 2\nEDGE_WEIGHT_TYPE: {kind}\nNODE_COORD_SECTION\n2 3.5 2.4\n1 0 0\nEOF"
    assert qg.read_graph(write("two.tsp", text)).weights.tolist() == [distance]


def test_tsplib_distances_may_be_zero(write) -> None:
    city = qg.read_city(write("four.tsp", explicit("UPPER_ROW", "0 5 7 5 0 2")))
    assert city.travel.times.tolist() == [[0, 0, 5, 7], [0, 0, 5, 0], [5, 5, 0, 2], [7, 0, 2, 0]]


def test_br17_has_stops_in_one_place(data: Path) -> None:
    city = qg.read_city(data / "tsplib/br17.atsp")
    assert city.travel.times[0, 11] == city.travel.times[1, 10] == city.travel.times[10, 1] == 0
    assert city.travel.times[11, 4] == 48
    assert city.travel.times[3, 2] == 74
    assert city.travel.times[2, 3] == 72


def test_tsplib_coordinates_make_cities_of_thousands(write) -> None:
    places = np.random.default_rng(3).integers(0, 1000, (3000, 2))
    lines = "\n".join(f"{i + 1} {x} {y}" for i, (x, y) in enumerate(places.tolist()))
    head = "TYPE: TSP\nDIMENSION: 3000\nEDGE_WEIGHT_TYPE: CEIL_2D\nNODE_COORD_SECTION\n"
    city = qg.read_city(write("many.tsp", f"{head}{lines}\nEOF\n"))
    assert city.metric == "CEIL_2D"
    assert len(city.tiers[0]) == 2999
    exact = [math.ceil(math.dist(places[7], place)) for place in places[:50]]
    assert city.travel.times[7, :50].tolist() == exact
    assert qg.City.model_validate_json(city.to_json()) == city


@pytest.mark.parametrize(("name", "n"), [("burma14", 14), ("ulysses16", 16), ("gr17", 17), ("bays29", 29)])
def test_tsplib_instances(data: Path, name: str, n: int) -> None:
    graph, city = (read(data / "tsplib" / f"{name}.tsp") for read in (qg.read_graph, qg.read_city))
    assert len(graph.edges) == n * (n - 1) // 2
    assert city.depot == "1"
    assert len(city.tiers[0]) == n - 1
    weights = {(e.source, e.target): e.weight for e in graph.edges}
    for (i, a), (j, b) in combinations(enumerate(city.stops), 2):
        assert city.travel.times[i, j] == weights[a, b]


def test_places_from_distances_reproduce_plane_distances(write) -> None:
    points = np.random.default_rng(1).integers(0, 100, (6, 2))
    exact = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1))
    text = explicit("FULL_MATRIX", " ".join(str(x) for x in exact.ravel())).replace(":4", ":6")
    city = qg.read_city(write("six.tsp", text))
    places = np.array([(node.x, node.y) for node in city.nodes])
    again = np.hypot(*(places[:, None] - places[None]).transpose(2, 0, 1))
    assert np.allclose(again, exact, atol=0.01)


def test_geographical_distances_of_burma14(data: Path) -> None:
    text = (data / "tsplib/burma14.tsp").read_text()
    matrix = tsplib.distance_matrix(tsplib.parse(text))
    assert matrix[0, 1:4].tolist() == [153, 510, 706]


def test_callers_can_raise_the_size_limit(write) -> None:
    path = write("g.rud", "2 1\n1 2\n")
    assert len(qg.read_graph(path, max_bytes=8).edges) == 1
    with pytest.raises(qg.InvalidFile, match=r"g\.rud: must be at most 7 bytes, got 8"):
        qg.read_graph(path, max_bytes=7)


def test_huge_files_are_refused_before_reading(tmp_path: Path) -> None:
    path = tmp_path / "huge.json"
    with path.open("wb") as file:
        file.truncate(2**31)
    with pytest.raises(qg.InvalidFile, match=r"huge\.json: must be at most 16777216 bytes, got 2147483648"):
        qg.read_graph(path)


def test_examples_read() -> None:
    assert len(qg.read_graph(ROOT / "examples/bridges.json").edges) == 18
    assert qg.read_city(ROOT / "examples/city.json").depot == "depot"
