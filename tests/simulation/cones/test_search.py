"""The search for light cones against networkx, term by term."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from conftest import random_angles

import qgraph as qg
from qgraph.simulation.cones import engine
from qgraph.simulation.cones.branches import tree_terms
from qgraph.simulation.cones.engine import ConeEngine
from qgraph.simulation.cones.find import Adjacency, reach

GRAPHS = {
    "cubic": nx.random_regular_graph(3, 60, seed=1),
    "sparse": nx.fast_gnp_random_graph(60, 0.04, seed=3),
    "tree": nx.random_labeled_tree(40, seed=2),
    "hexagons": nx.convert_node_labels_to_integers(nx.hexagonal_lattice_graph(3, 3)),
    "grid": nx.convert_node_labels_to_integers(nx.grid_2d_graph(5, 5)),
    "torus": nx.convert_node_labels_to_integers(nx.grid_2d_graph(6, 6, periodic=True)),
    "hub": nx.compose(nx.star_graph(12), nx.path_graph(range(12, 20))),
    "triangles": nx.windmill_graph(5, 3),
    "ring": nx.cycle_graph(11),
}


def ising_on(graph: nx.Graph, values: list[float], seed: int) -> qg.Ising:
    """A model with fields and couplings from a few values: some cones are equal, some not."""
    rng = np.random.default_rng(seed)
    h = {node: float(rng.choice(values)) * float(rng.random() < 0.3) for node in graph}
    pairs = {(min(e), max(e)): float(rng.choice(values)) for e in graph.edges}
    return qg.Ising(h, {pair: J * (rng.random() < 0.97) for pair, J in pairs.items()})


VALUES = {"equal": [1.0], "few": [1.0, -1.0], "different": list(np.random.default_rng(1).normal(size=300))}
MODELS = {(name, kind): ising_on(GRAPHS[name], VALUES[kind], 5) for name in GRAPHS for kind in VALUES}


def cone_of(ising: qg.Ising, roots: tuple[int, ...], depth: int) -> nx.Graph:
    """The cone of a term, as a graph that says what acts on each node and each pair."""
    graph = nx.Graph()
    graph.add_nodes_from(range(len(ising.nodes)))
    graph.add_edges_from(
        (i, j, {"J": J}) for (i, j), J in zip(ising.pairs.tolist(), ising.J.tolist(), strict=True) if J
    )
    distance = nx.multi_source_dijkstra_path_length(graph, set(roots), cutoff=depth, weight=None)
    cone = graph.subgraph(distance).copy()
    cone.remove_edges_from([e for e in cone.edges if min(distance[v] for v in e) == depth])
    for node, near in distance.items():
        cone.nodes[node]["here"] = near, float(ising.h[node] if near < depth else 0.0) + 0.0
    return cone


def roots_of(ising: qg.Ising) -> list[tuple[int, ...]]:
    fields = [(int(node),) for node in np.flatnonzero(ising.h)]
    return fields + [tuple(pair) for pair in ising.pairs[ising.J != 0].tolist()]


@pytest.mark.parametrize("depth", [1, 2, 3])
@pytest.mark.parametrize("name", GRAPHS)
def test_cones_have_the_nodes_at_their_distances(name: str, depth: int) -> None:
    ising = MODELS[name, "few"]
    roots = roots_of(ising)
    ends = np.array([(term[0], term[-1]) for term in roots])
    keys, distances, trees = reach(Adjacency(ising), ends, depth)
    term, node = np.divmod(keys, len(ising.nodes))
    assert (np.diff(keys) > 0).all()
    for k, its in enumerate(roots):
        cone = cone_of(ising, its, depth)
        found = dict(zip(node[term == k].tolist(), distances[term == k].tolist(), strict=True))
        assert found == {v: cone.nodes[v]["here"][0] for v in cone}
        assert trees[k] == nx.is_tree(cone)


@pytest.mark.parametrize("depth", [1, 2, 3])
@pytest.mark.parametrize(("name", "kind"), MODELS)
def test_kinds_are_those_of_pairwise_comparison(
    name: str, kind: str, depth: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    ising = MODELS[name, kind]
    kinds: dict[str, list[nx.Graph]] = {}
    for roots in roots_of(ising):
        cone = cone_of(ising, roots, depth)
        for node in cone:
            cone.nodes[node]["label"] = str(cone.nodes[node]["here"])
        alike = kinds.setdefault(nx.weisfeiler_lehman_graph_hash(cone, edge_attr="J", node_attr="label"), [])
        same = {
            "node_match": lambda a, b: a["here"] == b["here"],
            "edge_match": lambda a, b: a["J"] == b["J"],
        }
        if not any(nx.is_isomorphic(cone, other, **same) for other in alike):
            alike.append(cone)
    cones = [cone for alike in kinds.values() for cone in alike]
    trees = sum(nx.is_tree(cone) for cone in cones)
    monkeypatch.setattr(ConeEngine, "_kinds", lambda _, terms: (terms, []))  # what they take is not asked
    search = ConeEngine.__new__(ConeEngine)
    search.ising, search.depth, search.adjacency = ising, depth, Adjacency(ising)
    search.ends, search.coefficients = engine._terms(ising)
    on_trees, with_cycles, numbers = search._split()
    found = tree_terms(search.adjacency, search.ends[on_trees], search.coefficients[on_trees], depth)
    assert (found.count, len(with_cycles)) == (trees, len(cones) - trees)
    assert found.largest == max((len(cone) for cone in cones if nx.is_tree(cone)), default=0)
    total = found.fields.sum() + found.weights.sum() + search.coefficients[~on_trees].sum()
    assert total == pytest.approx(ising.h.sum() + ising.J.sum(), abs=1e-12)
    assert sorted(set(numbers.tolist())) == list(range(len(with_cycles)))
    same = {"node_match": lambda a, b: a["here"] == b["here"], "edge_match": lambda a, b: a["J"] == b["J"]}
    for ends, number in zip(search.ends[~on_trees].tolist(), numbers.tolist(), strict=True):
        mine, its = (cone_of(ising, tuple(roots), depth) for roots in (ends, with_cycles[number]))
        assert nx.is_isomorphic(mine, its, **same)


@pytest.mark.parametrize("name", ["cubic", "sparse", "hexagons"])
def test_cones_found_a_few_at_a_time_are_the_same(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ising, angles = MODELS[name, "few"], random_angles(2, 1)
    whole = ConeEngine(ising, 2)
    monkeypatch.setattr(engine, "CHUNK", 20)
    few = ConeEngine(ising, 2)
    assert few.plan == whole.plan
    assert few.gradient(*angles)[0] == whole.gradient(*angles)[0]
