"""Written files give the same graph when qgraph or another program reads them."""

from __future__ import annotations

import csv
import gzip
from itertools import pairwise
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
import scipy.io
from conftest import asymmetric_graph
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import qgraph as qg
from qgraph.models import writers

WHOLE = (".json",)
NAMED = (".graphml", ".gexf", ".gml", ".net")
LISTS = (".csv", ".tsv", ".edges", ".el", ".edgelist")
NUMBERED = (".rud", ".rudy", ".mc", ".mac", ".txt", ".gph", ".col", ".clq", ".dimacs", ".mtx")

names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=4) | st.sampled_from(
    [
        "source",
        "target",
        "weight",
        "u",
        "v",
        "-1",
        "1",
        "01",
        "1.5",
        "nan",
        "{}",
        "#a",
        "%",
        '"',
        " a ",
        "a b",
        "&#65;",
    ]
)
numbers = st.floats(-1e50, 1e50) | st.integers(-3, 3).map(float) | st.sampled_from([1.0, 0.1, 1e22, 5e-324])


@st.composite
def graphs(draw: st.DrawFn) -> qg.Graph:
    """A graph in which every node has an edge, so that a list of edges can hold it."""
    nodes = draw(st.lists(names, unique=True, min_size=2, max_size=6))
    pairs = set(pairwise(nodes))
    pairs |= set(
        draw(st.lists(st.sampled_from([(nodes[-1], a) for a in nodes[:-2]] or [*pairs]), unique=True))
    )
    return qg.Graph.from_edges(
        [(*pair, draw(numbers)) for pair in sorted(pairs)], draw(st.permutations(nodes))
    )


def edges_of(graph: qg.Graph) -> dict[frozenset[str], float]:
    return {frozenset((edge.source, edge.target)): edge.weight for edge in graph.edges}


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(graphs())
@pytest.mark.parametrize("ending", [*WHOLE, *NAMED, *LISTS])
def test_names_and_weights_survive(tmp_path: Path, ending: str, graph: qg.Graph) -> None:
    path = tmp_path / f"g{ending}"
    try:
        graph.write(path)
    except qg.InvalidInput as error:
        assert "a name must not have" in str(error)  # noqa: PT017 (either outcome is right)
        control = "\x00\r\n" if ending in LISTS else [chr(c) for c in range(32)] + ["\ufffe", "\uffff"]
        assert any(set(name) & set(control) for name in graph.ids)
        assert ending not in (".json", ".gml", ".net")
        return
    again = qg.read_graph(path)
    assert edges_of(again) == edges_of(graph)
    assert set(again.ids) == set(graph.ids)
    if ending not in LISTS:
        assert again.ids == graph.ids
        assert again.pairs.tolist() == graph.pairs.tolist()


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(graphs())
@pytest.mark.parametrize("ending", NUMBERED)
def test_formats_with_numbered_nodes_keep_weights(tmp_path: Path, ending: str, graph: qg.Graph) -> None:
    graph.write(tmp_path / f"g{ending}.gz")
    again = qg.read_graph(tmp_path / f"g{ending}.gz")
    assert again.ids == tuple(str(i + 1) for i in range(len(graph.nodes)))
    number = {name: str(q + 1) for q, name in enumerate(graph.ids)}
    assert edges_of(again) == {
        frozenset(number[end] for end in pair): w for pair, w in edges_of(graph).items()
    }


@pytest.mark.parametrize("ending", writers.WRITERS)
def test_every_format_that_is_written_is_read(tmp_path: Path, ending: str) -> None:
    assert {*writers.WRITERS} == {*WHOLE, *NAMED, *LISTS, *NUMBERED}
    graph = asymmetric_graph(7, 3)
    graph.write(tmp_path / f"G{ending.upper()}")
    again = qg.read_graph(tmp_path / f"G{ending.upper()}")
    assert sorted(again.weights) == sorted(graph.weights)


@pytest.mark.parametrize("ending", [*WHOLE, ".graphml", ".gexf"])
def test_labels_and_places_survive(tmp_path: Path, ending: str) -> None:
    nodes = (qg.Node(id="a", x=0.1, y=-2e-7, label=" \r<A&\n"), qg.Node(id="b"))
    graph = qg.Graph(nodes=nodes, edges=(qg.Edge(source="b", target="a", weight=0.3),))
    graph.write(tmp_path / f"g{ending}")
    assert qg.read_graph(tmp_path / f"g{ending}") == graph


def test_other_programs_read_the_written_files(tmp_path: Path) -> None:
    graph = asymmetric_graph(6, 2)
    graph = graph.with_weights([1e-5, *(graph.weights[1:] / 1e7)])
    graph = qg.Graph.from_edges([(f"é {e.target}", f"é {e.source}", e.weight) for e in graph.edges])
    expected = graph.to_networkx()
    for ending, read in {
        "graphml": nx.read_graphml,
        "gexf": lambda path: nx.read_gexf(path, version="1.3"),
        "gml": nx.read_gml,
        "net": lambda path: nx.Graph(nx.read_pajek(path)),
    }.items():
        graph.write(tmp_path / f"g.{ending}")
        theirs = read(tmp_path / f"g.{ending}")
        assert np.array_equal(nx.to_numpy_array(theirs, graph.ids), nx.to_numpy_array(expected)), ending
    graph.write(tmp_path / "g.mtx")
    assert np.array_equal(scipy.io.mmread(tmp_path / "g.mtx").toarray(), nx.to_numpy_array(expected))
    entries = [line.split() for line in (tmp_path / "g.mtx").read_text().splitlines()[2:]]
    assert all(int(row) > int(column) for row, column, _ in entries), "one triangle stands for both"
    graph.write(tmp_path / "g.csv")
    with (tmp_path / "g.csv").open(newline="", encoding="utf-8") as file:
        rows = [(row["source"], row["target"], float(row["weight"])) for row in csv.DictReader(file)]
    assert rows == [(e.source, e.target, e.weight) for e in graph.edges]


def test_whole_weights_are_written_as_whole_numbers(tmp_path: Path) -> None:
    graph = qg.Graph.from_edges([("a", "b", 2.0), ("b", "c", -1e17)])
    graph.write(tmp_path / "g.mc")
    assert (tmp_path / "g.mc").read_text() == "3 2\n1 2 2\n2 3 -1e+17\n"
    graph.unweighted().write(tmp_path / "g.col")
    assert (tmp_path / "g.col").read_text() == "p edge 3 2\ne 1 2\ne 2 3\n"


def test_packed_files_are_the_same_bytes_each_time(tmp_path: Path) -> None:
    qg.Graph.ring(5).write(tmp_path / "a.rud.gz")
    assert gzip.decompress((tmp_path / "a.rud.gz").read_bytes()).startswith(b"5 5\n")
    assert (tmp_path / "a.rud.gz").read_bytes()[4:8] == bytes(4), "no time is kept"


@pytest.mark.parametrize(
    ("graph", "name", "message"),
    [
        (qg.Graph.ring(3), "g.png", r"`path` must end in one of \.json, .*, got '.*g\.png'"),
        (qg.Graph.ring(3), "g.gz", r"`path` must end in one of \.json"),
        (
            qg.Graph.from_edges([("a", "b")], ["c"]),
            "g.csv",
            r"\.csv: a list of edges cannot hold nodes without edges, got 'c'",
        ),
        (qg.Graph(nodes=()), "g.edges", r"\.edges: a list of edges cannot hold nodes"),
        (
            qg.Graph.from_edges([("a\nb", "c")]),
            "g.tsv",
            r"\.tsv: a name must not have line breaks or nulls, got 'a\\nb'",
        ),
        (
            qg.Graph.from_edges([("a\x1b", "c")]),
            "g.gexf",
            r"\.gexf: a name must not have control characters, got 'a\\x1b'",
        ),
    ],
)
def test_graphs_that_a_format_cannot_hold_are_refused(
    tmp_path: Path, graph: qg.Graph, name: str, message: str
) -> None:
    (tmp_path / name).write_text("older")
    with pytest.raises(qg.InvalidInput, match=message):
        graph.write(tmp_path / name)
    assert (tmp_path / name).read_text() == "older"
    assert len(list(tmp_path.iterdir())) == 1


def test_a_failed_write_leaves_the_older_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "g.json"
    path.write_text("older")

    def full(self: Path, data: bytes) -> None:
        with self.open("wb") as file:
            file.write(data[:10])
        raise OSError("No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="No space"):
        qg.Graph.ring(3).write(path)
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("g.json", "older")]
    with pytest.raises(OSError, match="missing"):
        qg.Graph.ring(3).write(tmp_path / "missing" / "g.json")


def test_writing_through_a_link_keeps_the_link(tmp_path: Path) -> None:
    (tmp_path / "real.json").write_text("older")
    (tmp_path / "link.json").symlink_to(tmp_path / "real.json")
    qg.Graph.ring(3).write(tmp_path / "link.json")
    assert (tmp_path / "link.json").is_symlink()
    assert len(qg.read_graph(tmp_path / "real.json").nodes) == 3
