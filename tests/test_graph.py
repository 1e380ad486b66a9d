from __future__ import annotations

import json

import networkx as nx
import numpy as np
import pytest
import rustworkx as rx
from conftest import asymmetric_graph
from hypothesis import given
from hypothesis import strategies as st

import qgraph as qg


def test_edges_keep_nodes_in_order_of_appearance() -> None:
    graph = qg.Graph.from_edges([("c", "a", 2.5), ("a", "b")])
    assert graph.ids == ("c", "a", "b")
    assert graph.pairs.tolist() == [[0, 1], [1, 2]]
    assert graph.weights.tolist() == [2.5, 1.0]


def test_graphs_are_immutable_and_comparable() -> None:
    graph = qg.Graph.ring(4)
    _ = graph.weights
    assert graph == qg.Graph.ring(4)
    with pytest.raises(ValueError, match="frozen"):
        graph.nodes = ()  # type: ignore[misc]


def test_networkx_round_trip_keeps_weights_places_and_order() -> None:
    graph = asymmetric_graph(7, 1).with_layout("circular")
    assert qg.Graph.from_networkx(graph.to_networkx()) == graph


def test_networkx_attributes() -> None:
    source = nx.Graph()
    source.add_node(3, pos=(1, 2))
    source.add_node("x", x=0.5, y=np.float32(1.5), label="X")
    source.add_edge(3, "x", cost=np.int64(4))
    graph = qg.Graph.from_networkx(source, weight="cost")
    assert graph.nodes == (qg.Node(id="3", x=1, y=2), qg.Node(id="x", x=0.5, y=1.5, label="X"))
    assert graph.weights.tolist() == [4.0]


def test_rustworkx_round_trip() -> None:
    graph = asymmetric_graph(7, 2)
    assert qg.Graph.from_rustworkx(graph.to_rustworkx()) == graph


def test_rustworkx_with_holes_and_weight_mappings() -> None:
    source = rx.PyGraph()
    source.add_nodes_from([{"any": 1}, None, "c"])
    source.remove_node(1)
    source.add_edge(0, 2, {"weight": 3})
    graph = qg.Graph.from_rustworkx(source)
    assert graph.ids == ("0", "2")
    assert graph.weights.tolist() == [3.0]


def test_node_link_round_trip_and_networkx_agree() -> None:
    graph = asymmetric_graph(6, 3)
    assert qg.Graph.from_node_link(graph.to_node_link()) == graph
    theirs = nx.node_link_data(graph.to_networkx(), edges="links")
    assert qg.Graph.from_node_link(json.loads(json.dumps(theirs))) == graph


names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=5)
numbers = st.floats(-1e50, 1e50)


@st.composite
def graphs(draw: st.DrawFn) -> qg.Graph:
    nodes = draw(st.lists(names, unique=True, min_size=1, max_size=6))
    pairs = [(a, b) for i, a in enumerate(nodes) for b in nodes[i + 1 :]]
    edges = draw(st.lists(st.sampled_from(pairs), unique=True)) if pairs else []
    return qg.Graph.from_edges([(*pair, draw(numbers)) for pair in edges], nodes)


@given(graphs())
def test_json_round_trip_is_lossless(graph: qg.Graph) -> None:
    assert qg.Graph.model_validate_json(graph.to_json()) == graph


@pytest.mark.parametrize(
    ("graph", "nodes", "edges"),
    [
        (qg.Graph.ring(5), 5, 5),
        (qg.Graph.complete(6), 6, 15),
        (qg.Graph.complete(1), 1, 0),
        (qg.Graph.grid(3, 4), 12, 17),
        (qg.Graph.grid(3, 4, periodic=True), 12, 24),
        (qg.Graph.random_regular(3, 20, seed=1), 20, 30),
        (qg.Graph.erdos_renyi(10, 1.0, seed=1), 10, 45),
        (qg.Graph.erdos_renyi(10, 0.0, seed=1), 10, 0),
    ],
)
def test_generators(graph: qg.Graph, nodes: int, edges: int) -> None:
    assert (len(graph.nodes), len(graph.edges)) == (nodes, edges)


def test_lattices_are_the_ones_of_networkx() -> None:
    mine = qg.Graph.grid(4, 5, periodic=True).to_networkx()
    assert nx.is_isomorphic(mine, nx.grid_2d_graph(4, 5, periodic=True))
    assert nx.is_isomorphic(qg.Graph.grid(4, 5).to_networkx(), nx.grid_2d_graph(4, 5))


def test_random_graphs_depend_on_the_seed_alone() -> None:
    assert qg.Graph.random_regular(3, 30, seed=5) == qg.Graph.random_regular(3, 30, seed=5)
    assert qg.Graph.random_regular(3, 30, seed=5) != qg.Graph.random_regular(3, 30, seed=6)
    assert set(qg.Graph.random_regular(4, 31, seed=5).degrees) == {4}


def test_layouts_place_every_node_apart() -> None:
    graph = qg.Graph.erdos_renyi(12, 0.3, seed=2)
    for kind in ("spring", "circular", "kamada_kawai"):
        places = graph.with_layout(kind).positions()  # type: ignore[arg-type]
        assert len({(round(x, 6), round(y, 6)) for x, y in places.values()}) == 12
    assert graph.positions() == graph.positions()


def test_new_weights_and_positions_leave_the_rest() -> None:
    graph = qg.Graph.grid(2, 2)
    heavier = graph.with_weights([1, 2, 3, 4])
    assert heavier.nodes == graph.nodes
    assert graph.with_positions({"0": (9, 9)}).nodes[1:] == graph.nodes[1:]
