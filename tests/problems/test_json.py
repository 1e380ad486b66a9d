"""Every problem as JSON and back, files that are wrong, and problems on other graphs."""

from __future__ import annotations

import gzip
import inspect
import json
import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import asymmetric_graph, oneway_routing, spin_glass

import qgraph as qg
from qgraph.problems.base import BitProblem
from qgraph.problems.files import PROBLEMS

GRAPH = asymmetric_graph(5, 1)
PLACED = qg.Graph(
    nodes=[qg.Node(id="a", x=0.1, y=2), qg.Node(id="\u00e9", label="two"), qg.Node(id="c")],
    edges=[qg.Edge(source="a", target="\u00e9", weight=0.1)],
)
CITY = qg.City.random(5, 2, seed=1)

CASES: dict[str, list[Any]] = {
    "GraphColoring": [qg.GraphColoring(GRAPH, 3)],
    "GraphPartitioning": [qg.GraphPartitioning(GRAPH)],
    "IndependentSet": [qg.IndependentSet(GRAPH), qg.IndependentSet(GRAPH, {"3": 1.25, "0": 2})],
    "Ising": [
        spin_glass(5, 1, "maximize"),
        qg.Ising({"b": 1.0, "a": -0.1}, {("a", "b"): 0.3, ("b", "z"): 2}, offset=0.1),
        qg.Ising([0.0], {}),
    ],
    "MaxCut": [qg.MaxCut(GRAPH), qg.MaxCut(PLACED)],
    "MaxKCut": [qg.MaxKCut(GRAPH, 4)],
    "NumberPartitioning": [qg.NumberPartitioning([4, 3.5, 2]), qg.NumberPartitioning({"z": 1, "a": 2})],
    "PriorityRouting": [
        qg.PriorityRouting(CITY),
        qg.PriorityRouting(CITY, return_to_depot=np.True_, tiers=[["S1", "P2"], ["P1", "S2", "S3"]]),
        oneway_routing(),
    ],
    "QUBO": [
        qg.QUBO({("b", "a"): 1.5, ("a", "a"): -1, ("a", "b"): 0.1}, 0.3, sense="maximize"),
        qg.QUBO([[1.0, 4.0], [0.0, -3.0]]),
        qg.QUBO({(0, 1): np.int64(3), (np.int64(2), 1): np.float32(0.1)}),
    ],
    "VertexCover": [qg.VertexCover(GRAPH, {"1": 3.0})],
}
EACH = [pytest.param(problem, id=f"{name}-{k}") for name in CASES for k, problem in enumerate(CASES[name])]


def classes(parent: type) -> Iterator[type]:
    """All concrete problem classes of the package."""
    for child in parent.__subclasses__():
        if not inspect.isabstract(child) and child.__module__.startswith("qgraph."):
            yield child
        yield from classes(child)


def test_every_problem_class_is_read_and_tested() -> None:
    names = {kind.__name__ for kind in classes(BitProblem)}
    assert names == set(PROBLEMS) == set(CASES)


@pytest.mark.parametrize("problem", EACH)
def test_a_problem_goes_to_json_and_back(problem: Any, tmp_path: Path) -> None:
    text = problem.to_json()
    again = qg.read_problem(text)
    assert json.loads(text)["problem"] == type(problem).__name__
    assert (again, hash(again), again.nodes) == (problem, hash(problem), problem.nodes)
    assert again.to_ising() == problem.to_ising()
    assert again.to_json() == text
    (tmp_path / "p.json").write_text(text, encoding="utf-8")
    (tmp_path / "p.json.gz").write_bytes(gzip.compress(text.encode()))
    assert qg.read_problem(tmp_path / "p.json") == qg.read_problem(str(tmp_path / "p.json.gz")) == problem


@pytest.mark.parametrize("problem", EACH)
def test_equal_problems_are_equal_and_copies_too(problem: Any) -> None:
    again = type(problem)(**problem.arguments)
    assert (again, hash(again)) == (problem, hash(problem))
    assert pickle.loads(pickle.dumps(problem)) == problem
    others = [other for name in CASES for other in CASES[name] if other is not problem]
    assert problem not in others
    assert problem != "a problem"


def test_the_order_of_nodes_counts() -> None:
    assert qg.NumberPartitioning({"a": 1, "b": 2}) != qg.NumberPartitioning({"b": 2, "a": 1})
    assert qg.Ising({"a": 1, "b": 2}, {}) != qg.Ising({"b": 2, "a": 1}, {})
    assert qg.Ising([0.0, 1.0], {}) == qg.Ising([-0.0, 1.0], {})


RING = json.loads(qg.Graph.ring(3).to_json())
HOSTILE: dict[str, tuple[Any, str]] = {
    "not-json": ("{", "line 1, column 2: not JSON"),
    "twice": ('{"problem": "MaxCut", "problem": "MaxCut"}', "duplicate key 'problem'"),
    "nan": ('{"problem": "Ising", "h": [NaN], "J": []}', "numbers must be finite, got NaN"),
    "deep": ('{"problem": ' + "[" * 100_000, "nested too deeply"),
    "nameless": ({}, "`problem` must be one of GraphColoring, .*, got None"),
    "unknown": ({"problem": "TravellingSalesman"}, "`problem` must be one of .*, got 'TravellingSalesman'"),
    "listed": ({"problem": ["MaxCut"]}, r"`problem` must be one of .*, got \['MaxCut'\]"),
    "graph": (RING, "must hold a problem, but holds a graph; read it with read_graph"),
    "city": (json.loads(CITY.to_json()), "must hold a problem, but holds a city; read it with read_city"),
    "extra": ({"problem": "MaxCut", "graph": RING, "k": 2}, "`keys` must be among problem, graph, got 'k'"),
    "missing": ({"problem": "GraphColoring", "graph": RING}, "`colors` must be given for GraphColoring"),
    "no-graph": ({"problem": "MaxCut", "graph": 3}, "`graph` must be a graph as a JSON object, got 3"),
    "no-nodes": ({"problem": "MaxCut", "graph": {}}, "`nodes`: Field required"),
    "empty": ({"problem": "MaxCut", "graph": {"nodes": [], "edges": []}}, "at least one node"),
    "bad-edge": (
        {"problem": "MaxCut", "graph": {**RING, "edges": [{"from": "0", "to": "9"}]}},
        "in `graph`: .*unknown node '9'",
    ),
    "colors": ({"problem": "MaxKCut", "graph": RING, "colors": 1.5}, "`colors` must be a whole number"),
    "weights": ({"problem": "VertexCover", "graph": RING, "weights": {"0": -1}}, r"`weights\['0'\]` must be"),
    "stranger": ({"problem": "IndependentSet", "graph": RING, "weights": {"9": 1}}, "must name nodes of the"),
    "h": ({"problem": "Ising", "h": [[1], [1, 2]], "J": []}, r"`h\['0'\]` must be a number, got \[1\]"),
    "h-number": ({"problem": "Ising", "h": 3, "J": []}, "`h` must be a mapping or a one-dimensional"),
    "J": (
        {"problem": "Ising", "h": {"a": 1}, "J": {"a": 1}},
        r"`J` must be a list of terms .*got \{'a': 1\}",
    ),
    "J-term": (
        {"problem": "Ising", "h": {"a": 1}, "J": [["a", 1.0]]},
        r"`J\[0\]` must be a term \[node, node",
    ),
    "J-nested": ({"problem": "Ising", "h": {}, "J": [["a", ["b"], 1]]}, r"`J\[0\]` must be a term"),
    "J-loop": ({"problem": "Ising", "h": {}, "J": [["a", "a", 1]]}, "`J` must couple different nodes"),
    "J-twice": (
        {"problem": "Ising", "h": {}, "J": [["a", "b", 1], ["a", "b", 2]]},
        r"`J\[1\]` must name each",
    ),
    "J-mirrored": ({"problem": "Ising", "h": {}, "J": [["a", "b", 1], ["b", "a", 2]]}, "must name each pair"),
    "J-text": ({"problem": "Ising", "h": {}, "J": [["a", "b", "1"]]}, "must be a number, got '1'"),
    "sense": ({"problem": "Ising", "h": {"a": 1}, "J": [], "sense": ["minimize"]}, "`sense` must be"),
    "Q-empty": ({"problem": "QUBO", "Q": []}, "`Q` must have at least one term"),
    "huge": (
        {"problem": "QUBO", "Q": [["a", "b", 1e300]]},
        r"`Q\[\('a', 'b'\)\]` must be finite and at most",
    ),
    "offset": (
        {"problem": "QUBO", "Q": [["a", "b", 1]], "offset": True},
        "`offset` must be a number, got True",
    ),
    "numbers": ({"problem": "NumberPartitioning", "numbers": {"a": 0}}, r"`numbers\['a'\]` must be positive"),
    "no-numbers": ({"problem": "NumberPartitioning", "numbers": "12"}, "`numbers` must be a mapping or"),
    "city-graph": ({"problem": "PriorityRouting", "city": RING}, "in `city`: "),
    "return": (
        {"problem": "PriorityRouting", "city": json.loads(CITY.to_json()), "return_to_depot": "yes"},
        "`return_to_depot` must be true or false, got 'yes'",
    ),
    "tiers": (
        {"problem": "PriorityRouting", "city": json.loads(CITY.to_json()), "tiers": [1]},
        "`tiers` must be a list of lists of stops, got 1",
    ),
    "tiers-nested": (
        {"problem": "PriorityRouting", "city": json.loads(CITY.to_json()), "tiers": [[["S1"]]]},
        "`tiers` must name priority or normal stops",
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_wrong_json_names_place_rule_and_value(name: str, tmp_path: Path) -> None:
    content, message = HOSTILE[name]
    text = content if isinstance(content, str) else json.dumps(content)
    with pytest.raises(qg.InvalidFile, match=f"^JSON: .*{message}"):
        qg.read_problem(text)
    (tmp_path / "wrong.json").write_text(text)
    with pytest.raises(qg.InvalidFile, match=f"^wrong.json: .*{message}"):
        qg.read_problem(tmp_path / "wrong.json")


def test_texts_and_files_have_a_largest_size(tmp_path: Path) -> None:
    text = qg.MaxCut(GRAPH).to_json()
    (tmp_path / "p.json").write_text(text)
    for given in (text, tmp_path / "p.json"):
        with pytest.raises(qg.InvalidFile, match="at most 20"):
            qg.read_problem(given, max_bytes=20)
    with pytest.raises(qg.InvalidFile, match=r"the ending must be one of .json, .qubo, .bq, .sparse"):
        qg.read_problem("p.lp")


def test_the_same_problem_on_another_graph() -> None:
    other = qg.Graph.from_edges([("1", "2", 3.0), ("2", "new", 0.5)])
    assert qg.MaxCut(GRAPH).on(other) == qg.MaxCut(other)
    assert qg.GraphPartitioning(GRAPH).on(other) == qg.GraphPartitioning(other)
    assert qg.MaxKCut(GRAPH, 4).on(other) == qg.MaxKCut(other, 4)
    assert qg.GraphColoring(GRAPH, 2).on(other) == qg.GraphColoring(other, 2)
    assert qg.VertexCover(GRAPH, {"1": 3.0, "0": 2.0}).on(other) == qg.VertexCover(other, {"1": 3.0})
    assert qg.IndependentSet(GRAPH, {"2": 3.0}).on(other).arguments["weights"]["2"] == 3.0
    model = qg.Ising({"0": 1.0, "1": 0.25}, {("0", "1"): 2.0}, 7.0, sense="maximize")
    moved = {("1", "2"): 3.0, ("2", "new"): 0.5}
    assert model.on(other) == qg.Ising({"1": 0.25, "2": 0, "new": 0}, moved, 7.0, sense="maximize")
    assert model.on(model.graph) == model


@pytest.mark.parametrize("name", ["QUBO", "NumberPartitioning", "PriorityRouting"])
def test_problems_that_are_not_on_graphs_say_so(name: str) -> None:
    with pytest.raises(qg.InvalidInput, match=f"`problem` must be a problem on a graph, got {name}"):
        CASES[name][0].on(GRAPH)


@pytest.mark.parametrize("name", ["MaxCut", "Ising", "GraphColoring"])
def test_another_graph_must_be_a_graph(name: str) -> None:
    with pytest.raises(qg.InvalidInput, match=r"`graph` must be a qgraph.Graph, got 3"):
        CASES[name][0].on(3)


def test_fields_become_couplings_to_one_more_spin() -> None:
    model = spin_glass(5, 3)
    pairs, values = model.fields_as_couplings()
    bits = np.arange(64)[:, None] >> np.arange(6) & 1
    whole = qg.Ising(np.zeros(6), {(i, j): J for (i, j), J in zip(pairs.tolist(), values, strict=True)})
    expected = model.energy(bits[:, :5] ^ bits[:, 5:]) - model.offset
    assert np.allclose(whole.energy(bits), expected)
    spins = 1.0 - 2.0 * bits[:, :5]
    matrix = model.coupling_matrix()
    by_matrix = np.einsum("ki,ij,kj->k", spins, matrix, spins) / 2 + spins @ model.h + model.offset
    assert np.allclose(by_matrix, model.energy(bits[:, :5]))
