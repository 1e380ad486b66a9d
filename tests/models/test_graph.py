from __future__ import annotations

import json

import dimod
import networkx as nx
import numpy as np
import pydantic
import pytest
import rustworkx as rx
import scipy.sparse
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


def test_rustworkx_with_removed_nodes_and_weight_mappings() -> None:
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


def test_multigraphs_without_parallel_edges_are_graphs() -> None:
    source = nx.MultiGraph([("a", "b", {"weight": 2.5}), ("b", "c", {})])
    assert qg.Graph.from_networkx(source) == qg.Graph.from_edges([("a", "b", 2.5), ("b", "c")])


def test_missing_weights_are_one_if_some_edge_has_a_weight() -> None:
    source = nx.Graph([("a", "b", {"km": 2.5}), ("b", "c", {})])
    assert qg.Graph.from_networkx(source, weight="km").weights.tolist() == [2.5, 1.0]
    with pytest.raises(qg.InvalidInput, match="which have 'km', got 'miles'"):
        qg.Graph.from_networkx(source, weight="miles")
    assert len(qg.Graph.from_networkx(nx.empty_graph(3), weight="km").nodes) == 3


@pytest.mark.parametrize("kind", ["csr", "csc", "coo", "lil", "dok"])
@pytest.mark.parametrize("part", ["both", "upper", "lower"])
def test_sparse_matrices(kind: str, part: str) -> None:
    rng = np.random.default_rng(2)
    upper = np.triu(rng.normal(size=(6, 6)) * (rng.random((6, 6)) < 0.5), 1)
    matrix = {"both": upper + upper.T, "upper": upper, "lower": upper.T}[part]
    graph = qg.Graph.from_edges(scipy.sparse.coo_array(matrix).asformat(kind))
    assert graph.ids == tuple("012345")
    assert np.array_equal(nx.to_numpy_array(graph.to_networkx()), upper + upper.T)
    named = qg.Graph.from_edges(scipy.sparse.coo_matrix(matrix), "zyxwvu")
    assert np.array_equal(nx.to_numpy_array(named.to_networkx()), upper + upper.T)
    assert named.ids == tuple("zyxwvu")


def test_sparse_entries_add_up_and_may_be_booleans() -> None:
    twice = scipy.sparse.coo_array(([1.5, 2.0], ([0, 0], [1, 1])), shape=(3, 3))
    graph = qg.Graph.from_edges(twice)
    assert (graph.weights.tolist(), len(graph.nodes)) == ([3.5], 3)
    assert qg.Graph.from_edges(scipy.sparse.csr_array([[False, True], [True, False]])).weights.tolist() == [
        1.0
    ]


class Frame:
    """The part of a pandas frame that is used: names of columns, and columns by name."""

    def __init__(self, **columns: list[object]) -> None:
        self.own = columns
        self.columns = list(columns)

    def __getitem__(self, name: str) -> list[object]:
        return self.own[name]


@pytest.mark.parametrize(
    ("frame", "edges"),
    [
        (
            Frame(weight=[2.5, 1], target=["b", "c"], x=[0, 0], source=["a", "b"]),
            [("a", "b", 2.5), ("b", "c", 1)],
        ),
        (Frame(source=[1, 2], target=[2, 3], colour=["red", "blue"]), [(1, 2), (2, 3)]),
        (Frame(p=["a", "b"], q=["b", "c"], r=[2.5, np.float64(1)]), [("a", "b", 2.5), ("b", "c", 1)]),
        (Frame(To=["b"], From=["a"]), [("a", "b")]),
        (Frame(p=["a"], q=["b"]), [("a", "b")]),
    ],
)
def test_frames(frame: Frame, edges: list[tuple[object, ...]]) -> None:
    assert qg.Graph.from_edges(frame) == qg.Graph.from_edges(edges)


def test_frames_without_two_ends_are_refused() -> None:
    for frame in (Frame(source=[1]), Frame(a=[1], weight=[2.0])):
        with pytest.raises(qg.InvalidInput, match="`edges` must have a source and a target as columns, got"):
            qg.Graph.from_edges(frame)


@pytest.mark.parametrize("vartype", ["SPIN", "BINARY"])
def test_dimod_models_without_linear_terms(vartype: str) -> None:
    model = dimod.BinaryQuadraticModel(
        {"z": 0.0, "a": 0.0, 3: 0.0}, {("a", 3): -1.5, ("z", "a"): 2.0}, vartype
    )
    graph = qg.Graph.from_edges(model)
    assert graph.ids == tuple(map(str, model.variables))
    assert {frozenset((e.source, e.target)): e.weight for e in graph.edges} == {
        frozenset("a3"): -1.5,
        frozenset("za"): 2,
    }


def test_computed_properties_do_not_change_equality() -> None:
    first, second = asymmetric_graph(6, 5), asymmetric_graph(6, 5)
    for graph in (first, second):
        _ = graph.weights, graph.pairs, graph.degrees, graph.index
    assert first == second
    assert hash(first) == hash(second)
    assert qg.MaxCut(first) == qg.MaxCut(second)
    assert first != second.unweighted()


def test_errors_name_the_place_of_a_bad_edge() -> None:
    nodes = [{"id": name} for name in "abc"]
    for edges, message in {
        (("a", "b"), ("b", "b"), ("a", "b")): r"`edges\[1\]`: self-loop at 'b'",
        (("a", "b"), ("b", "c"), ("b", "a")): r"`edges\[2\]`: duplicate edge between 'b' and 'a'",
        (("a", "b"), ("a", "z"), ("a", "z")): r"`edges\[1\]`: unknown node 'z'",
        (("z", "y"), ("c", "c")): r"`edges\[0\]`: unknown node 'z'",
    }.items():
        with pytest.raises(pydantic.ValidationError, match=message):
            qg.Graph(nodes=nodes, edges=[{"from": s, "to": t} for s, t in edges])


@pytest.mark.parametrize(
    ("weights", "text"),
    [
        ([1, 1, 1], "Graph(3 nodes, 3 edges)"),
        ([1, 7, 2.5], "Graph(3 nodes, 3 edges, weights 1 to 7; unweighted() drops them)"),
        ([-0.25, 1e9, 0], "Graph(3 nodes, 3 edges, weights -0.25 to 1e+09; unweighted() drops them)"),
        ([2, 2, 2], "Graph(3 nodes, 3 edges, all weights 2; unweighted() drops them)"),
    ],
)
def test_repr_shows_weights_and_how_to_drop_them(weights: list[float], text: str) -> None:
    graph = qg.Graph.ring(3).with_weights(weights)
    assert repr(graph) == str(graph) == text
    assert graph.unweighted() == qg.Graph.ring(3)
    shown = graph.model_copy(update={"metadata": {"read_as": "tab\x1b, named"}})
    assert repr(shown) == text[:-1] + r"; read as tab\x1b, named)"
    assert repr(graph.model_copy(update={"metadata": {"read_as": 3}})) == text


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


def test_lattices_equal_those_of_networkx() -> None:
    mine = qg.Graph.grid(4, 5, periodic=True).to_networkx()
    assert nx.is_isomorphic(mine, nx.grid_2d_graph(4, 5, periodic=True))
    assert nx.is_isomorphic(qg.Graph.grid(4, 5).to_networkx(), nx.grid_2d_graph(4, 5))


def test_random_graphs_depend_on_the_seed_alone() -> None:
    assert qg.Graph.random_regular(3, 30, seed=5) == qg.Graph.random_regular(3, 30, seed=5)
    assert qg.Graph.random_regular(3, 30, seed=5) != qg.Graph.random_regular(3, 30, seed=6)
    assert set(qg.Graph.random_regular(4, 31, seed=5).degrees) == {4}


def test_new_weights_and_positions_change_nothing_else() -> None:
    graph = qg.Graph.grid(2, 2)
    heavier = graph.with_weights([1, 2, 3, 4])
    assert heavier.nodes == graph.nodes
    assert graph.with_positions({"0": (9, 9)}).nodes[1:] == graph.nodes[1:]
