"""Layouts fill a box, keep nodes apart, and are the same every time."""

from __future__ import annotations

import itertools

import networkx as nx
import numpy as np
import pytest
from scipy.spatial import KDTree

import qgraph as qg
from qgraph.models.layouts import KINDS, LEAST, apart, layout

FAMILIES = {
    "regular": lambda n, seed: nx.random_regular_graph(3, n + n % 2, seed=seed),
    "erdos-renyi": lambda n, seed: nx.gnp_random_graph(n, 3 / n, seed=seed),
    "tree": lambda n, seed: nx.random_labeled_tree(n, seed=seed),
    "barabasi-albert": lambda n, seed: nx.barabasi_albert_graph(n, 2, seed=seed),
    "in parts": lambda n, seed: nx.gnp_random_graph(n, 0.8 / n, seed=seed),
    "lines": lambda n, seed: nx.disjoint_union(nx.path_graph(n - seed), nx.empty_graph(seed)),
}
SIZES = (5, 7, 9, 12, 15, 20, 33, 47, 60)


def places_of(graph: nx.Graph, **options: object) -> np.ndarray:
    pairs = np.array(graph.edges, dtype=np.int64).reshape(-1, 2)
    return np.array(list(layout([str(node) for node in graph], pairs, **options).values()))  # type: ignore[arg-type]


def least_distance(places: np.ndarray) -> float:
    return float(KDTree(places).query(places, 2)[0][:, 1].min())


@pytest.mark.parametrize("kind", ["auto", "spring"])
@pytest.mark.parametrize("aspect", [0.7, 4 / 3, 3.0])
@pytest.mark.parametrize("family", FAMILIES)
def test_nodes_fill_the_box_and_keep_apart(family: str, aspect: float, kind: str) -> None:
    for seed, n in enumerate(SIZES):
        places = places_of(FAMILIES[family](n, seed), aspect=aspect, kind=kind)
        assert places.min(axis=0) == pytest.approx([-aspect, -1]), n
        assert places.max(axis=0) == pytest.approx([aspect, 1]), n
        assert least_distance(places) > 0.999 * LEAST * np.sqrt(4 * aspect / len(places)), n


def test_stress_makes_distances_like_those_in_the_graph() -> None:
    """Around a ring and along a lattice."""
    for graph in (nx.cycle_graph(16), nx.convert_node_labels_to_integers(nx.grid_2d_graph(5, 7))):
        steps = np.array(nx.floyd_warshall_numpy(graph))
        places = places_of(graph, aspect=1.4 if len(graph) == 35 else 1.0)
        drawn = np.linalg.norm(places[:, None] - places, axis=2)
        assert np.corrcoef(steps.ravel(), drawn.ravel())[0, 1] > 0.96
        assert drawn[steps == 1].std() < 0.05 * drawn[steps == 1].mean()


@pytest.mark.parametrize("kind", ["stress", "spring"])
def test_neighbours_stand_closer_than_others(kind: str) -> None:
    graph = nx.random_regular_graph(3, 60, seed=1)
    places = places_of(graph, kind=kind)
    joined = np.array(nx.to_numpy_array(graph), dtype=bool)
    drawn = np.linalg.norm(places[:, None] - places, axis=2)
    assert drawn[joined].mean() < 0.5 * drawn[~joined].mean()


def test_springs_push_twins_apart() -> None:
    """The leaves of a star have equal distances to all pivots."""
    places = places_of(nx.star_graph(40), kind="spring", aspect=1.0)
    assert least_distance(places) > 2 * LEAST * np.sqrt(4 / 41)


def test_complete_graphs_have_no_node_inside() -> None:
    places = places_of(nx.complete_graph(16), aspect=2.0)
    assert np.hypot(places[:, 0] / 2, places[:, 1]) == pytest.approx(1, abs=0.02)


def test_parts_stand_side_by_side() -> None:
    """No part has a node in the bounding box of another one, and nodes without edges stand in rows."""
    parts = [nx.cycle_graph(9), nx.path_graph(4), nx.complete_graph(5), nx.empty_graph(6)]
    places = places_of(nx.disjoint_union_all(parts))
    groups = np.split(places, np.cumsum([len(part) for part in parts])[:-1])
    for one, other in itertools.permutations(groups, 2):
        assert not ((other >= one.min(axis=0)) & (other <= one.max(axis=0))).all(axis=1).any()
    assert len(set(groups[-1][:, 0])) * len(set(groups[-1][:, 1])) == 6


def test_large_graphs_have_layouts(data: object) -> None:
    """The power grid of 4941 nodes: lines are short."""
    graph = qg.read_graph(f"{data}/graphs/power.graphml").with_layout()
    places = np.array(list(graph.positions().values()))
    lines = np.linalg.norm(places[graph.pairs[:, 0]] - places[graph.pairs[:, 1]], axis=1)
    anywhere = np.linalg.norm(places - places[::-1], axis=1)
    assert np.median(lines) < 0.1 * np.median(anywhere)


@pytest.mark.parametrize("n", [0, 1, 2, 3])
@pytest.mark.parametrize("kind", KINDS)
def test_small_graphs_have_layouts(kind: str, n: int) -> None:
    places = qg.Graph.from_edges([(i - 1, i) for i in range(1, n)], range(n)).with_layout(kind).positions()  # type: ignore[arg-type]
    assert len(set(places.values())) == n
    assert all(abs(x) <= 4 / 3 and abs(y) <= 1 for x, y in places.values())


@pytest.mark.parametrize("kind", KINDS)
def test_layouts_are_the_same_every_time(kind: str) -> None:
    graph = qg.Graph.random_regular(3, 40, seed=2)
    places = graph.with_layout(kind, seed=5).positions()  # type: ignore[arg-type]
    assert graph.with_layout(kind, seed=5).positions() == places  # type: ignore[arg-type]
    assert len({(round(x, 6), round(y, 6)) for x, y in places.values()}) == 40


def test_own_coordinates_are_kept() -> None:
    graph = qg.Graph.from_edges([("a", "b"), ("b", "c")]).with_layout("circular")
    assert graph.positions(aspect=3) == graph.positions()
    assert [(node.x, node.y) for node in graph.nodes] == list(graph.positions().values())


def test_new_nodes_stand_near_their_neighbours() -> None:
    """Those with coordinates stay."""
    old = qg.Graph.random_regular(3, 20, seed=1).with_layout()
    new = [("n1", "3"), ("n1", "4"), ("n2", "3"), ("n2", "4"), ("n3", "n2"), ("n4", "n5")]
    edges = [(edge.source, edge.target) for edge in old.edges]
    graph = qg.Graph.from_edges([*edges, *new], ["n6"]).with_positions(old.positions())
    places = graph.positions()
    assert {name: places[name] for name in old.ids} == old.positions()
    spacing = np.sqrt(4 * 4 / 3 / 26)
    assert least_distance(np.array(list(places.values()))) > 0.95 * LEAST * spacing
    middle = np.mean([places["3"], places["4"]], axis=0)
    assert max(np.linalg.norm(places[name] - middle) for name in ("n1", "n2", "n3")) < 2 * spacing
    assert all(places[name][1] < -1 for name in ("n4", "n5", "n6"))
    alone = qg.Graph.from_edges([("a", "b"), ("b", "c")]).with_positions({"a": (7.0, 8.0)}).positions()
    assert alone["a"] == (7.0, 8.0)
    assert len(set(alone.values())) == 3


def test_layouts_have_names_that_mean_the_same() -> None:
    graph = qg.Graph.random_regular(3, 20, seed=1)
    assert graph.with_layout("kamada_kawai") == graph.with_layout("stress") == graph.with_layout()
    assert graph.with_layout("spring") != graph.with_layout()


def test_few_places_move() -> None:
    """Only those that are too close to others."""
    rng = np.random.default_rng(1)
    before = rng.uniform(size=(40, 2))
    before[:3] = before[0]
    after = apart(before, 0.05)
    assert least_distance(after) >= 0.05
    far = KDTree(before).query(before, 2)[0][:, 1] > 0.2
    assert np.array_equal(after[far], before[far])
    assert np.linalg.norm(after - before, axis=1).max() < 0.1
    free = np.arange(40) != 0
    pinned = apart(before, 0.05, free=free)
    assert np.array_equal(pinned[0], before[0])
    assert least_distance(pinned) >= 0.05
