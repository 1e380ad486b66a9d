"""How hard each edge is: against the products of each cone on its own, in the order of the pairs."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest

import qgraph as qg
from qgraph.simulation.cones.contraction import Order
from qgraph.simulation.cones.engine import ConeEngine
from qgraph.simulation.cones.find import cut_out


def mixed() -> qg.Ising:
    """A clique with a tail, a grid and a tree, weighted, with some fields and one coupling of 0."""
    parts = nx.lollipop_graph(5, 4), nx.grid_2d_graph(4, 4), nx.random_labeled_tree(9, seed=3)
    graph = nx.disjoint_union_all(parts)
    graph = nx.relabel_nodes(graph, dict(zip(graph, np.random.default_rng(2).permutation(34), strict=True)))
    rng = np.random.default_rng(1)
    J = {edge: float(rng.normal()) for edge in graph.edges}
    J[min(J)] = 0.0
    return qg.Ising([float(rng.normal()) * (node % 3 > 0) for node in range(34)], J, sense="minimize")


def test_each_pair_has_the_products_of_its_own_cone() -> None:
    ising = mixed()
    simulator, engine = qg.Simulator(ising), ConeEngine(ising, 2)
    found, trees = simulator.hardness(2), set[float]()
    assert engine.plan.trees
    assert engine.plan.contracted
    assert engine.plan.vectors
    for (i, j), J, power in zip(ising.pairs.tolist(), ising.J.tolist(), found.tolist(), strict=True):
        cone = cut_out(ising, engine.rows, (i, j), 2)
        if J == 0:
            assert np.isnan(power)
        elif len(cone.couplings) < cone.qubits:
            trees.add(power)
        else:
            products = min(Order.of(cone, 2).products[1], 3 * cone.qubits * 2.0**cone.qubits)
            assert power == pytest.approx(
                np.log10(products), abs=0.3
            )  # other numbers of nodes, another order
            assert power > min(found)
    assert len(trees) == 1  # they share their work equally


def test_a_longer_ring_is_as_hard_and_a_larger_clique_harder() -> None:
    rings = [qg.Simulator(qg.MaxCut(qg.Graph.ring(n))).hardness(2) for n in (9, 900)]
    assert len(np.unique(np.concatenate(rings))) == 1
    cliques = [qg.Simulator(qg.MaxCut(qg.Graph.complete(n))).hardness(2) for n in (5, 7, 9)]
    assert all(np.ptp(clique) < 1e-9 for clique in cliques)
    assert max(cliques[0]) < max(cliques[1]) < max(cliques[2])


def test_depth_0_has_no_work_and_depths_are_checked() -> None:
    simulator = qg.Simulator(mixed())
    assert set(simulator.hardness(0)[~np.isnan(simulator.hardness(0))]) == {0.0}
    with pytest.raises(qg.InvalidInput, match="depth"):
        simulator.hardness(-1)
