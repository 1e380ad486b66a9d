"""Bad input of every kind, and the error it gets: the argument or place, the rule, the value."""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pydantic
import pytest
import rustworkx as rx
from conftest import ROOT
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import qgraph as qg

GRAPH = {"nodes": [{"id": "a"}, {"id": "b"}], "edges": [{"from": "a", "to": "b", "weight": 1}]}
CITY = {
    "nodes": [{"id": "a", "x": 0, "y": 0, "type": "priority"}, {"id": "b", "x": 1, "y": 1, "type": "normal"}],
    "edges": [{"from": "a", "to": "b", "distance": 1, "traffic": "low"}],
}
TSP = "TYPE: TSP\nDIMENSION: 3\nEDGE_WEIGHT_TYPE: EXPLICIT\nEDGE_WEIGHT_FORMAT: UPPER_ROW\nEDGE_WEIGHT_SECTION\n1 2 3\nEOF\n"
GRAPHML = '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">{}</graphml>'


def changed(source: dict[str, Any], *path: Any, to: Any) -> str:
    """The JSON of `source` with one place changed."""
    data = json.loads(json.dumps(source))
    place = data
    for step in path[:-1]:
        place = place[step]
    if isinstance(place, list) and path[-1] == len(place):
        place.append(to)
    else:
        place[path[-1]] = to
    return json.dumps(data)


GRAPH_FILES = {
    "empty.json": ("", "line 1, column 1: not JSON"),
    "cut.json": ('{"nodes": [', "not JSON"),
    "list.json": ("[]", r"must hold a JSON object, got \[\]"),
    "deep.json": ("[" * 200_000, "is nested too deeply"),
    "deep_object.json": ('{"metadata":' * 100_000, "is nested too deeply"),
    "nan.json": (changed(GRAPH, "edges", 0, "weight", to=float("nan")), "numbers must be finite, got NaN"),
    "infinity.json": (changed(GRAPH, "edges", 0, "weight", to=float("-inf")), "numbers must be finite, got -Infinity"),
    "overflow.json": (changed(GRAPH, "edges", 0, "weight", to=12345).replace("12345", "1e999"), r"`edges\[0\].weight`: must be finite and .*, got inf"),
    "large.json": (changed(GRAPH, "edges", 0, "weight", to=1e101), "must be finite and at most 1e\\+100 in size, got 1e\\+101"),
    "digits.json": ('{"nodes": ' + "9" * 5000 + "}", "not readable as JSON"),
    "integer.json": (changed(GRAPH, "edges", 0, "weight", to=10**400), r"`edges\[0\].weight`: must be finite"),
    "string_weight.json": (changed(GRAPH, "edges", 0, "weight", to="1"), r"`edges\[0\].weight`: must be a number, got '1'"),
    "bool_weight.json": (changed(GRAPH, "edges", 0, "weight", to=True), r"`edges\[0\].weight`: must be a number, got True"),
    "unknown_node.json": (changed(GRAPH, "edges", 0, "to", to="z"), r"`edges\[0\]`: unknown node 'z'"),
    "loop.json": (changed(GRAPH, "edges", 0, "to", to="a"), r"`edges\[0\]`: self-loop at 'a'"),
    "twice.json": (changed(GRAPH, "nodes", 1, "id", to="a"), r"`nodes\[1\]`: duplicate node id 'a'"),
    "parallel.json": (
        changed(GRAPH, "edges", 1, to={"from": "b", "to": "a"}),
        r"`edges\[1\]`: duplicate edge between 'b' and 'a'",
    ),
    "nameless.json": (changed(GRAPH, "nodes", 0, "id", to=""), r"`nodes\[0\].id`: must have at least one character, got ''"),
    "null_name.json": (changed(GRAPH, "nodes", 0, "id", to=None), r"`nodes\[0\].id`: must be text, got None"),
    "long_name.json": (changed(GRAPH, "nodes", 0, "id", to="x" * 257), r"`nodes\[0\].id`: must have at most 256 characters, got 257"),
    "typo.json": (changed(GRAPH, "edges", 0, "wieght", to=2), r"`edges\[0\].wieght`: Extra inputs are not permitted, got 2"),
    "half_place.json": (changed(GRAPH, "nodes", 0, "x", to=1), r"`nodes\[0\]`: a node has both coordinates"),
    "surrogate.json": ('{"nodes": [{"id": "\\ud800"}]}', r"`nodes\[0\].id`: must be valid Unicode"),
    "duplicate_key.json": ('{"nodes": [], "nodes": []}', "duplicate key 'nodes'"),
    "extra_key.json": (changed(GRAPH, "vertices", to=[]), "keys must be among nodes, edges, metadata, got 'vertices'"),
    "no_nodes.json": ("{}", "`nodes`: Field required"),
    "directed.json": (changed(GRAPH, "directed", to=True), "`directed` must be false, got True"),
    "multi.json": (changed(GRAPH, "multigraph", to=True), "`multigraph` must be false, got True"),
    "links.json": ('{"nodes": [], "links": 3}', "`links` must be a list, got 3"),
    "link.json": ('{"nodes": [], "links": [3]}', r"`links\[0\]` must be an object, got 3"),
    "city.json": (json.dumps(CITY), r"`nodes\[0\].type`: Extra inputs"),
    "latin.json": ('{"nodes": ["é"]}'.encode("latin-1"), "must be utf-8 text, and byte 12 is not"),
    "binary.rud": (b"2 1\n1 2\0", "must be text, and character 7 is a null"),
    "image.png": (b"\x89PNG", "the ending must be one of .json, .rud,"),
    "empty.rud": ("", "the first line must be the numbers of nodes and edges"),
    "header.rud": ("2\n1 2\n", "the first line must be the numbers of nodes and edges"),
    "huge_header.rud": ("99999999999999999999 0\n", "line 1: number of nodes: must be a whole number from 0 to 1000000"),
    "short.rud": ("3 2\n1 2\n", "line 1 announces 2 edges, and 1 follow"),
    "zero.rud": ("2 1\n0 1\n", "line 2: nodes are numbered from 1, got 0"),
    "beyond.rud": ("2 1\n1 3\n", "line 2: node: must be a whole number from 0 to 2, got '3'"),
    "nan.rud": ("2 1\n1 2 nan\n", "line 2: weight: must be a finite number, got 'nan'"),
    "words.rud": ("2 1\n1 2 3 4\n", "line 2: must be `i j weight`, got '1 2 3 4'"),
    "unicode.rud": ("2 1\n1 ٢\n", "line 2: node: must be a whole number"),
    "loop.txt": ("2 1\n1 1\n", r"`edges\[0\]`: self-loop at '1'"),
    "notxml.graphml": ("hello", "not XML"),
    "other.graphml": ("<a/>", "not GraphML"),
    "bomb.graphml": ('<!DOCTYPE x [<!ENTITY a "aaaa">]><graphml/>', "must not declare a document type"),
    "directed.graphml": (GRAPHML.format('<graph edgedefault="directed"/>'), "must be undirected"),
    "type.tsp": (TSP.replace("TSP", "CVRP", 1), "TYPE must be one of TSP, got 'CVRP'"),
    "untyped.tsp": (TSP.replace("TYPE: TSP\n", ""), "TYPE must be one of TSP, got 'nothing'"),
    "dimension.tsp": (TSP.replace(": 3", ": 100000"), "DIMENSION: must be a whole number from 0 to 1000, got '100000'"),
    "pairs.tsp": (TSP.replace(": 3", ": 1001").replace("EXPLICIT", "EUC_2D"), "DIMENSION must be at most 1000 for a graph of all pairs, got 1001"),
    "nodimension.tsp": (TSP.replace("DIMENSION: 3\n", ""), "DIMENSION: must be a whole number"),
    "weights.tsp": (TSP.replace("EXPLICIT", "XRAY1"), "EDGE_WEIGHT_TYPE must be one of EXPLICIT, EUC_2D"),
    "form.tsp": (TSP.replace("UPPER_ROW", "FUNCTION"), "EDGE_WEIGHT_FORMAT must be one of FULL_MATRIX"),
    "count.tsp": (TSP.replace("1 2 3", "1 2"), "EDGE_WEIGHT_SECTION must have 3 numbers as UPPER_ROW, got 2"),
    "word.tsp": (TSP.replace("1 2 3", "1 x 3"), "EDGE_WEIGHT_SECTION: number 2: must be a finite number, got 'x'"),
    "stray.tsp": ("hello\n", "line 1: neither an entry"),
    "places.tsp": ("TYPE: TSP\nDIMENSION: 2\nEDGE_WEIGHT_TYPE: EUC_2D\n", "NODE_COORD_SECTION must have 2 lines"),
    "same.tsp": (
        "TYPE: TSP\nDIMENSION: 2\nEDGE_WEIGHT_TYPE: EUC_2D\nNODE_COORD_SECTION\n1 0 0\n1 1 1\n",
        "cities are numbered 1 to 2, each once, got '1'",
    ),
}  # fmt: skip

CITY_FILES = {
    "type.json": (changed(CITY, "nodes", 0, "type", to="vip"), r"`nodes\[0\].type`: .*'priority', 'normal', 'depot'"),
    "typeless.json": (json.dumps({"nodes": [{"id": "a", "x": 0, "y": 0}]}), r"`nodes\[0\].type`: Field required"),
    "place.json": (changed(CITY, "nodes", 0, "x", to=None), r"`nodes\[0\].x`: must be a number, got None"),
    "minus.json": (changed(CITY, "edges", 0, "distance", to=-2), r"`edges\[0\].distance`: must be at least 0, got -2"),
    "metric.json": (changed(CITY, "metric", to="EUC_3D"), r"`metric`: .*'EUC_2D'.* got 'EUC_3D'"),
    "metric_roads.json": (changed(CITY, "metric", to="EUC_2D"), "`edges` must be empty where there is a `metric`, got 1 roads"),
    "jam.json": (changed(CITY, "edges", 0, "traffic", to="jam"), r"`edges\[0\].traffic`: .*'low', 'medium' or 'high', got 'jam'"),
    "oneway.json": (changed(CITY, "edges", 0, "oneway", to=True), "no way leads from stop 'b' to stop 'a'"),
    "oneway_word.json": (changed(CITY, "edges", 0, "oneway", to="yes"), r"`edges\[0\].oneway`: .*boolean, got 'yes'"),
    "island.json": (changed(CITY, "nodes", 2, to={"id": "c", "x": 0, "y": 0, "type": "normal"}), "from stop 'a' to stop 'c'"),
    "depots.json": (
        changed(CITY, "nodes", to=[{"id": i, "x": 0, "y": 0, "type": "depot"} for i in "ab"]),
        "`nodes`: a city has at most one depot, got 'a' and 'b'",
    ),
    "tier.json": (changed(CITY, "nodes", 1, "tier", to=2), r"`nodes\[1\]`: `tier` is for priority stops only"),
    "tier_zero.json": (changed(CITY, "nodes", 0, "tier", to=0), r"`nodes\[0\].tier`: .*greater than or equal to 1"),
    "parallel.json": (
        changed(CITY, "edges", 1, to={"from": "b", "to": "a", "distance": 2, "traffic": "low", "oneway": True}),
        r"`edges\[1\]`: duplicate road between 'b' and 'a'",
    ),
    "multiplier.json": (changed(CITY, "traffic_multipliers", to={"low": 0}), "`traffic_multipliers.low`: .*greater than 0"),
    "rush.json": (changed(CITY, "traffic_multipliers", to={"rush": 2}), "`traffic_multipliers.rush.*'low', 'medium' or 'high'"),
    "graph.json": (json.dumps(GRAPH), r"`nodes\[0\].x`: Field required"),
    "g.rud": ("1 0\n", "the ending must be one of .json, .tsp, .atsp, got '.rud'"),
    "minus.tsp": (TSP.replace("1 2 3", "1 -2 3"), r"`edges\[1\].distance`: must be at least 0, got .*-2.0"),
    "matrix.tsp": (TSP.replace(": 3", ": 1001"), "DIMENSION: must be a whole number from 0 to 1000, got '1001'"),
    "many.tsp": (TSP.replace(": 3", ": 100001").replace("EXPLICIT", "EUC_2D"), "DIMENSION: must be a whole number from 0 to 100000, got"),
}  # fmt: skip


@pytest.mark.parametrize(
    ("read", "name", "content", "message"),
    [(qg.read_graph, name, *case) for name, case in GRAPH_FILES.items()]
    + [(qg.read_city, name, *case) for name, case in CITY_FILES.items()],
    ids=[f"graph-{name}" for name in GRAPH_FILES] + [f"city-{name}" for name in CITY_FILES],
)
def test_hostile_files(read: Any, name: str, content: str | bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(qg.InvalidFile, match=message) as caught:
        read(path)
    assert name in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_is_no_regular_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "folder.json").mkdir()
    os.mkfifo(tmp_path / "pipe.json")
    for name, message in {
        "folder.json": "Is a directory|regular file",
        "pipe.json": "must be a regular file",
        "missing.json": "No such file",
        "nul\0.json": "null byte",
    }.items():
        with pytest.raises(qg.InvalidFile, match=message):
            qg.read_graph(tmp_path / name)


RING = qg.MaxCut(qg.Graph.ring(4))
BOAT = qg.City.model_validate(CITY)
ROUTING = qg.PriorityRouting(qg.City.random(stops=3, priority=1, seed=1))
ARGUMENTS = {
    "ring": (lambda: qg.Graph.ring(2), "`n` must be a whole number from 3"),
    "ring-float": (lambda: qg.Graph.ring(4.0), "`n` must be a whole number from 3 to 1000000, got 4.0"),
    "complete": (lambda: qg.Graph.complete(10**6), "`n` must be a whole number from 1 to 3000, got 1000000"),
    "regular-odd": (lambda: qg.Graph.random_regular(3, 5, seed=1), "`degree` times n = 5 must be even, got 3"),
    "regular-large": (lambda: qg.Graph.random_regular(5, 4, seed=1), "`degree` must be below n = 4, got 5"),
    "probability": (lambda: qg.Graph.erdos_renyi(5, 1.5, seed=1), "`probability` must lie between 0 and 1, got 1.5"),
    "edges-short": (lambda: qg.Graph.from_edges([("a",)]), r"`edges\[0\]` must be \(source, target\)"),
    "edges-nan": (lambda: qg.Graph.from_edges([("a", "b", np.nan)]), r"`edges\[0\].weight`: must be finite and .*, got nan"),
    "weights": (lambda: qg.Graph.ring(3).with_weights([1]), "`weights` must have 3 values, got 1"),
    "layout": (lambda: qg.Graph.ring(3).with_layout("star"), "`kind` must be one of spring, circular, kamada_kawai"),
    "positions": (lambda: qg.Graph.ring(3).with_positions({"9": (0, 0)}), r"`positions` must name nodes of the graph, got \['9'\]"),
    "digraph": (lambda: qg.Graph.from_networkx(nx.DiGraph()), "`graph` must be undirected"),
    "multigraph": (lambda: qg.Graph.from_networkx(nx.MultiGraph()), "`graph` must not have parallel edges"),
    "same-text": (lambda: qg.Graph.from_networkx(nx.Graph([(1, "1")])), "equal as text: 1 and, got '1'"),
    "rustworkx-digraph": (lambda: qg.Graph.from_rustworkx(rx.PyDiGraph()), "must be an undirected rustworkx.PyGraph"),
    "city-stops": (lambda: qg.City.random(stops=0, seed=1), "`stops` must be a whole number from 1 to 10000, got 0"),
    "city-roads": (BOAT.with_roads, "`metric` must be given, for roads to follow from it, got None"),
    "city-priority": (lambda: qg.City.random(stops=3, priority=4, seed=1), "`priority` must be a whole number from 0 to 3, got 4"),
    "maxcut-type": (lambda: qg.MaxCut([(0, 1)]), r"`graph` must be a qgraph.Graph, got \[\(0, 1\)\]"),
    "maxcut-empty": (lambda: qg.MaxCut(qg.Graph(nodes=())), "`graph` must have at least one node"),
    "set-weight": (lambda: qg.IndependentSet(qg.Graph.ring(3), {"0": -1}), r"`weights\['0'\]` must be positive and finite, got -1"),
    "set-node": (lambda: qg.IndependentSet(qg.Graph.ring(3), {"9": 1}), "`weights` must name nodes of the graph, got '9'"),
    "ising-nan": (lambda: qg.Ising([np.nan], {}), r"`h\['0'\]` must be finite and at most 1e\+100 in size, got nan"),
    "ising-empty": (lambda: qg.Ising([], {}), "`h` must have at least one node"),
    "ising-self": (lambda: qg.Ising([0], {(0, 0): 1.0}), r"`J` must couple different nodes, got \(0, 0\)"),
    "ising-twice": (lambda: qg.Ising([0, 0], {(0, 1): 1.0, (1, 0): 1.0}), "`J` must name each pair once"),
    "ising-unknown": (lambda: qg.Ising([0, 0], {(0, 2): 1.0}), r"`J` must name nodes of `h`, got \(0, 2\)"),
    "ising-matrix": (lambda: qg.Ising([0, 0], np.array([[0, 1], [2, 0]])), "`J` must be symmetric or upper triangular as an array"),
    "ising-sense": (lambda: qg.Ising([0], {}, sense="max"), "`sense` must be \"maximize\" or \"minimize\", got 'max'"),
    "cover-weight": (lambda: qg.VertexCover(qg.Graph.ring(3), {"0": np.inf}), r"`weights\['0'\]` must be positive and finite, got inf"),
    "cover-weights": (lambda: qg.VertexCover(qg.Graph.ring(3), [1, 2]), "`weights` must have 3 values, got 2"),
    "cover-weights-type": (lambda: qg.VertexCover(qg.Graph.ring(3), "abc"), "`weights` must be a mapping from nodes, or a sequence in node order, got 'abc'"),
    "cover-type": (lambda: qg.VertexCover({"a": 1}), "`graph` must be a qgraph.Graph"),
    "cover-empty": (lambda: qg.VertexCover(qg.Graph(nodes=())), "`graph` must have at least one node"),
    "colors-none": (lambda: qg.GraphColoring(qg.Graph.ring(3), 0), "`colors` must be a whole number from 1 to 1000, got 0"),
    "colors-float": (lambda: qg.GraphColoring(qg.Graph.ring(3), 3.0), "`colors` must be a whole number from 1 to 1000, got 3.0"),
    "colors-many": (lambda: qg.MaxKCut(qg.Graph.ring(3), 10**9), "`colors` must be a whole number from 2 to 1000"),
    "colors-one": (lambda: qg.MaxKCut(qg.Graph.ring(3), 1), "`colors` must be a whole number from 2 to 1000, got 1"),
    "colors-graph": (lambda: qg.MaxKCut([(0, 1)], 3), "`graph` must be a qgraph.Graph"),
    "colors-bits": (lambda: qg.MaxKCut(qg.Graph.ring(3), 2).decode([1, 0, 1]), r"`bits` must have the shape \(6,\), got \(3,\)"),
    "labels-node": (lambda: qg.MaxKCut(qg.Graph.ring(3), 2).encode({"0": 1}), "`labels` must name every node"),
    "labels-color": (lambda: qg.MaxKCut(qg.Graph.ring(3), 2).encode({0: 1, 1: 0, 2: 2}), r"`labels\['2'\]` must be a whole number from 0 to 1, got 2"),
    "labels-type": (lambda: qg.MaxKCut(qg.Graph.ring(3), 2).encode([0, 1, 0]), "`labels` must be a mapping from nodes to colors"),
    "numbers-none": (lambda: qg.NumberPartitioning([]), "`numbers` must have at least one number"),
    "numbers-zero": (lambda: qg.NumberPartitioning([1, 0]), r"`numbers\[1\]` must be positive and at most 1e\+45, got 0"),
    "numbers-large": (lambda: qg.NumberPartitioning([1e60]), r"`numbers\[0\]` must be positive and at most 1e\+45"),
    "numbers-nan": (lambda: qg.NumberPartitioning([np.nan]), r"`numbers\[0\]` must be finite"),
    "numbers-text": (lambda: qg.NumberPartitioning("123"), "`numbers` must be a mapping or a sequence, got '123'"),
    "numbers-bool": (lambda: qg.NumberPartitioning([True, 2]), r"`numbers\[0\]` must be a number, got True"),
    "numbers-names": (lambda: qg.NumberPartitioning({1: 2.0, "1": 3.0}), "`numbers` must have names that differ as text"),
    "numbers-table": (lambda: qg.NumberPartitioning(np.ones((2, 2))), "`numbers` must be a mapping or a sequence"),
    "numbers-ragged": (lambda: qg.NumberPartitioning([[1], [2, 3]]), r"`numbers\[0\]` must be a number|`numbers` must be a mapping or a sequence"),
    "parts-graph": (lambda: qg.GraphPartitioning(None), "`graph` must be a qgraph.Graph, got None"),
    "parts-empty": (lambda: qg.GraphPartitioning(qg.Graph(nodes=())), "`graph` must have at least one node"),
    "qubo-empty": (lambda: qg.QUBO({}), "`Q` must have at least one term"),
    "qubo-shape": (lambda: qg.QUBO(np.ones((2, 3))), "`Q` must be a mapping from pairs of nodes, a square matrix of numbers, or"),
    "qubo-ragged": (lambda: qg.QUBO([[1, 2], [3]]), r"`Q` must be .* a square matrix of numbers, or a dimod model, got \[\[1, 2\], \[3\]\]"),
    "qubo-text": (lambda: qg.QUBO([["1", "2"], ["3", "4"]]), "`Q` must be .* a square matrix of numbers, or a dimod model"),
    "qubo-nan": (lambda: qg.QUBO(np.array([[np.nan]])), r"`Q\[\(0, 0\)\]` must be finite and at most"),
    "qubo-key": (lambda: qg.QUBO({"ab": 1.0}), "`Q` must have pairs of nodes as keys, got 'ab'"),
    "qubo-sense": (lambda: qg.QUBO({("a", "b"): 1.0}, sense="max"), "`sense` must be \"maximize\" or \"minimize\", got 'max'"),
    "relaxed-roundings": (lambda: qg.solve_goemans_williamson(RING, roundings=0), "`roundings` must be a whole number from 1 to 1000000, got 0"),
    "relaxed-seed": (lambda: qg.solve_goemans_williamson(RING, seed=-1), "`seed` must be a whole number"),
    "relaxed-time": (lambda: qg.solve_goemans_williamson(RING, time_limit=0), "`time_limit` must be positive, got 0"),
    "relaxed-route": (lambda: qg.solve_goemans_williamson(ROUTING), "`problem` must not be PriorityRouting"),
    "relaxed-graph": (lambda: qg.solve_goemans_williamson(qg.Graph.ring(3)), "`problem` must be a problem, such as MaxCut"),
    "annealing-reads": (lambda: qg.solve_annealing(RING, reads=0), "`reads` must be a whole number from 1 to 1000000, got 0"),
    "annealing-sweeps": (lambda: qg.solve_annealing(RING, sweeps=1.5), "`sweeps` must be a whole number from 1 to 1000000, got 1.5"),
    "annealing-graph": (lambda: qg.solve_annealing(qg.Graph.ring(3)), "`problem` must be a problem, such as MaxCut"),
    "annealing-seed": (lambda: qg.solve_annealing(RING, seed="7"), "`seed` must be a whole number"),
    "tabu-restarts": (lambda: qg.solve_tabu(RING, restarts=-1), "`restarts` must be a whole number from 0 to 1000000, got -1"),
    "tabu-time": (lambda: qg.solve_tabu(RING, time_limit=np.nan), "`time_limit` must be positive, got nan"),
    "compare-solver": (lambda: qg.compare(RING, solvers=["oracle"]), "`solvers` must be among exact, .*, got 'oracle'"),
    "compare-solvers": (lambda: qg.compare(RING, solvers="exact"), "`solvers` must be a list of names of solvers, got 'exact'"),
    "compare-none": (lambda: qg.compare(RING, solvers=[]), r"`solvers` must be a list of names of solvers, got \[\]"),
    "warm-length": (lambda: qg.simulate(RING, [], [], warm_start=[0.5]), "`warm_start` must have 4 values, got 1"),
    "warm-value": (lambda: qg.simulate(RING, [], [], warm_start=[0, 1, 0, 1.5]), r"`warm_start\['3'\]` must lie between 0 and 1, got 1.5"),
    "warm-nan": (lambda: qg.simulate(RING, [], [], warm_start=[0, 1, 0, np.nan]), r"`warm_start\['3'\]` must lie between 0 and 1, got nan"),
    "warm-bool": (lambda: qg.simulate(RING, [], [], warm_start=[True, 1, 0, 0]), r"`warm_start\['0'\]` must lie between 0 and 1, got True"),
    "warm-name": (lambda: qg.simulate(RING, [], [], warm_start={"a": 1}), r"`warm_start` must be a number from 0 to 1 for every node, or a solution, got \['a'\]"),
    "warm-text": (lambda: qg.simulate(RING, [], [], warm_start="goemans-williamson"), "`warm_start` must be a number from 0 to 1 for every node, or a solution"),
    "warm-word": (lambda: qg.solve_qaoa(RING, warm_start="best"), "`warm_start` must be a number from 0 to 1 for every node, or a solution, got 'best'"),
    "warm-ragged": (lambda: qg.simulate(RING, [], [], warm_start=[[0], [1, 2], 0, 1]), r"`warm_start\['0'\]` must lie between 0 and 1, got \[0\]"),
    "warm-table": (lambda: qg.simulate(RING, [], [], warm_start=np.zeros((4, 4))), "`warm_start` must be a number from 0 to 1 for every node"),
    "warm-foreign": (lambda: qg.simulate(RING, [], [], warm_start=qg.solve_greedy(ROUTING)), "`warm_start` must be a solution of MaxCut"),
    "warm-epsilon": (lambda: qg.simulate(RING, [], [], warm_start=[0] * 4, epsilon=0.6), "`epsilon` must lie between 0 and 0.5, got 0.6"),
    "warm-routes": (lambda: qg.simulate(ROUTING, [], [], warm_start=[0] * 5), "`warm_start` needs `method` \"statevector\", got 'subspace'"),
    "warm-circuit": (lambda: qg.to_circuit(RING, [], [], warm_start=[0.5]), "`warm_start` must have 4 values, got 1"),
    "bits-length": (lambda: RING.objective([0, 1]), r"`bits` must have the shape \(..., 4\), got \(2,\)"),
    "bits-values": (lambda: RING.objective([0, 1, 2, 0]), "`bits` must be zeros and ones"),
    "bits-ragged": (lambda: RING.objective([[0], [1, 2]]), "`bits` must be an array"),
    "bits-many": (lambda: RING.decode([[0, 1, 0, 1]]), r"`bits` must have the shape \(4,\), got \(1, 4\)"),
    "depot": (lambda: qg.PriorityRouting(BOAT, return_to_depot=True), "`return_to_depot` needs a city with a depot, got True"),
    "tiers-missing": (lambda: qg.PriorityRouting(BOAT, tiers=[["a"]]), r"`tiers` must name every stop; \['b'\] is missing"),
    "tiers-twice": (lambda: qg.PriorityRouting(BOAT, tiers=[["a", "b"], ["a"]]), "`tiers` must name each stop once"),
    "route-name": (lambda: ROUTING.evaluate(["P1", "X"]), "`route` must consist of stops of the problem, got 'X'"),
    "route-encode": (lambda: ROUTING.encode(["P1", "S1"]), "`route` must be feasible"),
    "angles-unequal": (lambda: qg.simulate(RING, [0.1], [0.1, 0.2]), "`betas` must be as many as gammas, 1, got 2"),
    "angles-nan": (lambda: qg.simulate(RING, [np.nan], [0.1]), "`gammas` must be a list of finite angles"),
    "angles-words": (lambda: qg.simulate(RING, ["x"], [0.1]), "`gammas` must be a list of angles in radians"),
    "method": (lambda: qg.expectation(RING, [0.1], [0.1], method="magic"), "`method` must be one of auto, statevector"),
    "method-problem": (lambda: qg.expectation(RING, [0.1], [0.1], method="subspace"), "`method` \"subspace\" is for PriorityRouting"),
    "method-compressed": (lambda: qg.expectation(RING, [0.1], [0.1], method="compressed"), "`method` \"compressed\" is for PriorityRouting"),
    "mixer": (lambda: qg.expectation(RING, [0.1], [0.1], mixer=["x"]), r"`mixer` must be one of auto, transverse_field, grover, swap, got \['x'\]"),
    "mixer-problem": (lambda: qg.solve_qaoa(RING, mixer="swap"), "`mixer` \"swap\" is for PriorityRouting"),
    "mixer-compressed": (lambda: qg.simulate(ROUTING, [0.1], [0.1], mixer="swap", method="compressed"), '`mixer` must be "grover" for routes with method "compressed", got \'swap\''),
    "mixer-statevector": (lambda: qg.simulate(ROUTING, [0.1], [0.1], mixer="grover", method="statevector"), '`mixer` must be "transverse_field" for routes with method "statevector"'),
    "mixer-subspace": (lambda: qg.simulate(ROUTING, [0.1], [0.1], mixer="transverse_field", method="subspace"), '`mixer` must be "grover" or "swap" for routes'),
    "two-opt-problem": (lambda: qg.solve_two_opt(RING), "`routing` must be a PriorityRouting, got "),
    "two-opt-restarts": (lambda: qg.solve_two_opt(ROUTING, restarts=-1), "`restarts` must be a whole number of at least 0, got -1"),
    "two-opt-time": (lambda: qg.solve_two_opt(ROUTING, time_limit=0), "`time_limit` must be positive, got 0"),
    "precision": (lambda: qg.expectation(RING, [0.1], [0.1], precision="half"), "`precision` must be \"single\" or \"double\", got 'half'"),
    "problem": (lambda: qg.simulate(qg.Graph.ring(3), [0.1], [0.1]), "`problem` must be a problem, such as MaxCut"),
    "shots": (lambda: qg.simulate(RING, [0.1], [0.1]).sample(0, seed=1), "`shots` must be a whole number from 1 to 100000000, got 0"),
    "alpha": (lambda: qg.simulate(RING, [0.1], [0.1]).cvar(0), "`alpha` must be above 0 and at most 1, got 0"),
    "top": (lambda: qg.simulate(RING, [0.1], [0.1]).top(0), "`k` must be a whole number of at least 1, got 0"),
    "depth": (lambda: qg.solve_qaoa(RING, depth=0), "`depth` must be a whole number of at least 1, got 0"),
    "depth-bool": (lambda: qg.solve_qaoa(RING, depth=True), "`depth` must be a whole number of at least 1, got True"),
    "starts": (lambda: qg.solve_qaoa(RING, starts=0), "`starts` must be a whole number of at least 1, got 0"),
    "start": (lambda: qg.solve_qaoa(RING, start="best"), '`start` must be "interpolate", "fixed", "ramp" or'),
    "start-angles": (lambda: qg.solve_qaoa(RING, depth=2, start=([1], [1])), "`start` must have 2 gammas and betas, got 1"),
    "start-fixed": (lambda: qg.solve_qaoa(qg.MaxCut(qg.Graph.grid(2, 3)), start="fixed"), "is for MaxCut on a regular graph"),
    "fixed": (lambda: qg.fixed_angles(4, 2), "got depth 2 at degree 4"),
    "cvar": (lambda: qg.solve_qaoa(RING, cvar=1.5), "`cvar` must be above 0 and at most 1, got 1.5"),
    "time": (lambda: qg.solve_qaoa(RING, time_limit=-1), "`time_limit` must be positive, got -1"),
    "time-exact": (lambda: qg.solve_exact(RING, time_limit=0), "`time_limit` must be positive, got 0"),
    "start-shape": (lambda: qg.solve_qaoa(RING, start=(1, 2, 3)), '`start` must be "interpolate", "fixed", "ramp" or'),
    "start-number": (lambda: qg.solve_qaoa(RING, start=3), '`start` must be "interpolate", "fixed", "ramp" or .*, got 3'),
    "seed": (lambda: qg.solve_qaoa(RING, seed=-1), "`seed` must be a whole number from 0 to 9223372036854775807, got -1"),
    "seed-float": (lambda: qg.solve_random(RING, seed=0.5), "`seed` must be a whole number"),
    "solve-graph": (lambda: qg.solve_greedy(qg.Graph.ring(3)), "`problem` must be a problem, such as MaxCut"),
    "compare-city": (lambda: qg.compare(BOAT), "`problem` must be a problem, such as MaxCut"),
    "time-nan": (lambda: qg.solve_exact(RING, time_limit=float("nan")), "`time_limit` must be positive, got nan"),
    "time-text": (lambda: qg.solve_qaoa(RING, time_limit="1"), "`time_limit` must be positive, got '1'"),
    "cvar-bool": (lambda: qg.solve_qaoa(RING, cvar=True), "`cvar` must be above 0 and at most 1, got True"),
    "fixed-depth": (lambda: qg.fixed_angles(3, 0.5), "`depth` must be a whole number of at least 1, got 0.5"),
    "interpolate": (lambda: qg.interpolate([]), r"`angles` must have at least one value, got \[\]"),
    "interpolate-nan": (lambda: qg.interpolate([np.nan]), "`angles` must be a list of finite angles"),
    "ramp-depth": (lambda: qg.linear_ramp(0, 1, 1), "`depth` must be a whole number of at least 1, got 0"),
    "ramp-gamma": (lambda: qg.linear_ramp(2, "1", 1), "`gamma` must be a finite number, got '1'"),
    "circuit-routes": (lambda: qg.to_circuit(ROUTING, [0.1], [0.1]), '`encoding` must be "one-hot" or "feasible" for routes'),
    "circuit-encodings": (lambda: qg.to_circuit(ROUTING, [0.1], [0.1], encoding=["one-hot"]), '`encoding` must be "one-hot" or "feasible" for routes'),
    "circuit-mixer": (lambda: qg.to_circuit(ROUTING, [0.1], [0.1], encoding="one-hot", mixer="swap"), "`mixer` must be one of transverse_field with this problem and encoding, got 'swap'"),
    "circuit-mixers": (lambda: qg.to_circuit(RING, [0.1], [0.1], mixer="grover"), "`mixer` must be one of transverse_field with this problem"),
    "circuit-encoding": (lambda: qg.to_circuit(RING, [0.1], [0.1], encoding="one-hot"), "`encoding` is for PriorityRouting"),
    "circuit-half": (lambda: qg.to_circuit(RING, [0.1]), "`betas` must be a list of angles or parameters, got None"),
    "circuit-angle": (lambda: qg.to_circuit(RING, [0.1], ["x"]), "`betas` must be a finite number, got 'x'"),
    "circuit-angles": (lambda: qg.run_circuit(RING, [np.inf], [0.1]), "`gammas` must be a list of finite angles"),
    "circuit-seed": (lambda: qg.run_circuit(RING, [0.1], [0.1], seed=-1), "`seed` must be a whole number"),
    "circuit-bool": (lambda: qg.run_circuit(RING, [0.1], [0.1], noise=True), "`noise` must be a probability"),
    "plot-route": (lambda: qg.plot_route(BOAT, ["a", "X"]), r"`route` must consist of stops of the city, got 'X'"),
    "plot-landscape": (lambda: qg.plot_landscape([0, 1], [0], np.zeros((1, 2))), r"`values` must have the shape \(2, 1\), got \(1, 2\)"),
    "plot-value": (lambda: qg.plot_cut(qg.Graph.ring(3), {"0": 1, "1": 0, "2": 5}), r"`labels\['2'\]` must be 0 or 1, got 5"),
    "circuit-depth": (lambda: qg.to_circuit(RING), "`depth` must be a whole number of at least 1, got None"),
    "circuit-noise": (lambda: qg.run_circuit(RING, [0.1], [0.1], noise=1.5), "`noise` must be a probability"),
    "circuit-method": (lambda: qg.run_circuit(RING, [0.1], [0.1], method="x"), "`method` must be one of Aer's methods, got 'x'"),
    "circuit-backend": (lambda: qg.run_circuit(RING, [0.1], [0.1], backend="ibm"), "`backend` must be a V2 backend or sampler, got 'ibm'"),
    "plot-cut": (lambda: qg.plot_cut(qg.Graph.ring(3), {"0": 1}), "`labels` must name every node of the graph"),
}  # fmt: skip


@pytest.mark.parametrize("name", ARGUMENTS)
def test_hostile_arguments(name: str) -> None:
    call, message = ARGUMENTS[name]
    with pytest.raises(qg.InvalidInput, match=message):
        call()


def test_models_built_directly_raise_validation_errors() -> None:
    with pytest.raises(pydantic.ValidationError, match="unknown node 'b'"):
        qg.Graph(nodes=(qg.Node(id="a"),), edges=(qg.Edge(source="a", target="b"),))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: qg.simulate(qg.MaxCut(qg.Graph.ring(40)), [0.1], [0.1]), "a state vector of 40 qubits"),
        (lambda: qg.simulate(qg.PriorityRouting(qg.City.random(20, 0, seed=1)), [0.1], [0.1]), "2432902008176640000 feasible routes"),
        (lambda: qg.solve_exact(qg.PriorityRouting(qg.City.random(317, 0, seed=1))), "at most 100000 legs between stops, got 100489"),
        (lambda: qg.PriorityRouting(qg.City.random(60, 0, seed=1)).to_ising(), "would have 3600 bits"),
    ],
)  # fmt: skip
def test_what_would_not_fit_is_refused_at_once(call: Any, message: str) -> None:
    with pytest.raises(qg.ProblemTooLarge, match=message):
        call()


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)
words = st.sampled_from(
    ["a", "b", "priority", "normal", "depot", "junction", "low", "high", "", 0, 1, -1, 2.5, None]
)
keys = [
    "id",
    "x",
    "y",
    "type",
    "tier",
    "label",
    "from",
    "to",
    "source",
    "target",
    "weight",
    "distance",
    "traffic",
]
items = st.lists(st.dictionaries(st.sampled_from(keys), words | json_values, max_size=7), max_size=4)
documents = st.fixed_dictionaries(
    {},
    optional={
        "nodes": items | json_values,
        "edges": items | json_values,
        "links": items | json_values,
        "directed": json_values,
        "traffic_multipliers": json_values,
        "metadata": json_values,
    },
)


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(documents | json_values)
def test_no_json_raises_anything_undocumented(tmp_path: Path, document: object) -> None:
    path = tmp_path / "any.json"
    path.write_text(json.dumps(document))
    for read in (qg.read_graph, qg.read_city):
        try:
            model = read(path)
        except qg.InvalidFile as error:
            assert str(error).startswith("any.json: ")  # noqa: PT017 (either outcome is right)
        else:
            assert type(model).model_validate_json(model.to_json()) == model


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=60) | st.text("0123456789 \n.-e#:ABCDEFTSPXYZ_<>/gm", max_size=80).map(str.encode))
def test_no_bytes_raise_anything_undocumented(tmp_path: Path, content: bytes) -> None:
    for name in ("any.json", "any.rud", "any.graphml", "any.tsp"):
        (tmp_path / name).write_bytes(content)
        with contextlib.suppress(qg.InvalidFile):
            qg.read_graph(tmp_path / name)


def test_there_are_enough_hostile_inputs() -> None:
    assert len(GRAPH_FILES) + len(CITY_FILES) + len(ARGUMENTS) >= 40
    assert (ROOT / "examples").is_dir()
