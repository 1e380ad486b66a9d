"""Published values, each computed by the package. The sources are named beside the rows."""

from __future__ import annotations

import math
from pathlib import Path

import networkx as nx
import numpy as np
import pytest

import qgraph as qg

# p = 1 on triangle-free D-regular graphs: Wang, Hadfield, Jiang, Rieffel, arXiv:1706.02998.
TRIANGLE_FREE = {
    2: 0.75,
    3: 0.6924500897298753,
    4: 0.6623797632095823,
    5: 0.6431083505599866,
    6: 0.6294020820312378,
    8: 0.6107779174432562,
}
# Angles for 3-regular graphs of girth above 2p + 1: Basso et al., arXiv:2110.14206; Wurtz, Lykov, arXiv:2107.00677.
TREE_P2 = (
    (0.48784291408746888, 0.8978622102430688),
    (0.5549042409632672, 0.29238047829157304),
    0.7559064582135873,
)
TREE_FIXED = {1: 0.6924500869, 2: 0.7559064145, 3: 0.7923983075}
WURTZ_LYKOV_P1 = ((0.615533629093832,), (0.3926720292447629,))


def cut_fraction(graph: qg.Graph, gammas: object, betas: object, **options: object) -> float:
    return qg.expectation(qg.MaxCut(graph), gammas, betas, **options) / len(graph.edges)  # type: ignore[arg-type]


def triangle_free(degree: int) -> qg.Graph:
    """A D-regular bipartite circulant: i on the left is joined to i, ..., i + D - 1 on the right."""
    n = max(degree, 3)
    return qg.Graph.from_edges([(f"l{i}", f"r{(i + k) % n}") for i in range(n) for k in range(degree)])


@pytest.mark.parametrize("degree", TRIANGLE_FREE)
def test_row_1_depth_one_on_triangle_free_graphs(degree: int) -> None:
    graph = triangle_free(degree)
    assert set(graph.degrees.tolist()) == {degree}
    gamma, beta = math.atan(1 / math.sqrt(degree - 1)), math.pi / 8
    formula = 0.5 + 0.5 / math.sqrt(degree) * (1 - 1 / degree) ** ((degree - 1) / 2)
    value = cut_fraction(graph, [gamma], [beta])
    assert value == pytest.approx(TRIANGLE_FREE[degree], abs=1e-12)
    assert value == pytest.approx(formula, abs=1e-12)
    assert qg.fixed_angles(degree, 1) == ((gamma,), (beta,))
    _, gradient = qg.expectation_and_gradient(qg.MaxCut(graph), [gamma], [beta])
    assert np.abs(gradient).max() < 1e-10


@pytest.mark.parametrize("depth", [1, 2, 3, 4])
def test_row_2_even_rings(depth: int) -> None:
    """(2p + 1) / (2p + 2) from n = 2p + 2 on; shorter rings exceed it. Farhi et al., arXiv:1411.4028."""
    for n, exceeds in {2 * depth + 2: False, 2 * depth + 4: False, 2 * depth: True}.items():
        if n < 4:
            continue
        result = qg.solve_qaoa(qg.MaxCut(qg.Graph.ring(n)), depth=depth, seed=1)
        fraction = result.expectation / n
        if exceeds:
            assert fraction > (2 * depth + 1) / (2 * depth + 2) + 1e-3
        else:
            assert fraction == pytest.approx((2 * depth + 1) / (2 * depth + 2), abs=1e-7)


def edge_fraction_on_tree(gammas: object, betas: object) -> float:
    """The cut fraction of an edge whose surroundings are a 3-regular tree: its own light cone."""
    depth = len(gammas)  # type: ignore[arg-type]
    edges, frontier, fresh = [(0, 1)], [0, 1], 2
    for _ in range(depth):
        new = []
        for node in frontier:
            edges += [(node, fresh), (node, fresh + 1)]
            new += [fresh, fresh + 1]
            fresh += 2
        frontier = new
    graph = qg.Graph.from_edges(edges)
    state = qg.simulate(qg.MaxCut(graph), gammas, betas)  # type: ignore[arg-type]
    index = np.arange(len(state.costs))
    return float(state.probabilities() @ ((index ^ index >> 1) & 1))


@pytest.mark.parametrize("depth", [1, 2])
def test_row_3_best_angles_on_the_tree(depth: int) -> None:
    """Depths 1 and 2 of .6924500897 .7559064585: light cones of 6 and 14 qubits."""
    gammas, betas = qg.fixed_angles(3, depth)
    from scipy.optimize import minimize

    start = np.concatenate([gammas, betas])
    best = minimize(lambda x: -edge_fraction_on_tree(x[:depth], x[depth:]), start, options={"gtol": 1e-7})
    assert -best.fun == pytest.approx({1: 0.6924500897, 2: 0.7559064585}[depth], abs=1e-9)


def test_row_4_depth_two_angles_on_the_tree() -> None:
    gammas, betas, value = TREE_P2
    assert edge_fraction_on_tree(gammas, betas) == pytest.approx(value, abs=1e-12)


def test_rows_5_and_6_fixed_angles_on_the_tree() -> None:
    assert edge_fraction_on_tree(*WURTZ_LYKOV_P1) == pytest.approx(TREE_FIXED[1], abs=1e-10)
    assert edge_fraction_on_tree(*qg.fixed_angles(3, 2)) == pytest.approx(TREE_FIXED[2], abs=1e-10)


TUTTE_COXETER = nx.LCF_graph(30, [-13, -9, 7, -7, 9, 13], 5)
# Where the tree iteration of Basso et al., arXiv:2110.14206, section 4, is largest at depth 3.
TREE_P3 = ((0.421861112, 0.798402434, 0.936980582), (0.608950147, 0.45956766, 0.235670158))


@pytest.mark.parametrize(
    ("angles", "value"),
    [(TREE_P3, 0.7923984288), (qg.fixed_angles(3, 3), TREE_FIXED[3])],
    ids=["row 3", "row 6"],
)
def test_rows_3_and_6_at_depth_three(angles: tuple[object, object], value: float) -> None:
    """The Tutte-Coxeter graph: 30 nodes, 3-regular, girth 8, so that every depth-3 light cone is a tree."""
    assert nx.girth(TUTTE_COXETER) == 8
    try:
        fraction = cut_fraction(qg.Graph.from_networkx(TUTTE_COXETER), *angles, precision="single")
    except qg.ProblemTooLarge as error:
        pytest.skip(str(error))
    assert fraction == pytest.approx(value, abs=2e-7)


def test_rows_5_and_6_on_a_whole_graph_of_large_girth() -> None:
    """The McGee graph: 24 nodes, 3-regular, girth 7, so that every depth-2 light cone is a tree."""
    mcgee = nx.LCF_graph(24, [12, 7, -7], 8)
    assert nx.girth(mcgee) == 7
    graph = qg.Graph.from_networkx(mcgee)
    value = cut_fraction(graph, *qg.fixed_angles(3, 2), precision="single")
    assert value == pytest.approx(TREE_FIXED[2], abs=1e-5)


def sherrington_kirkpatrick_at_finite_size(n: int, gamma: float, beta: float) -> float:
    """Disorder average of <C> / n at p = 1 for C = sum J_jk z_j z_k / sqrt(n) with J normal.

    Farhi, Goldstone, Gutmann, Zhou, arXiv:1910.08187, section 3, before the limit of large n.
    """
    return math.exp(-2 * gamma**2 * (n - 1) / n) * gamma * math.sin(4 * beta) * (n - 1) / n


def test_row_7_sherrington_kirkpatrick_at_depth_one() -> None:
    """1 / (2 sqrt e) is the limit of the formula; the simulator's disorder average follows the formula."""
    gamma, beta = 0.5, math.pi / 8
    assert sherrington_kirkpatrick_at_finite_size(10**9, gamma, beta) == pytest.approx(
        1 / (2 * math.sqrt(math.e))
    )
    n, samples, rng = 8, 300, np.random.default_rng(7)
    values = []
    for _ in range(samples):
        J = {(i, j): float(rng.normal()) / math.sqrt(n) for i in range(n) for j in range(i + 1, n)}
        values.append(qg.expectation(qg.Ising(np.zeros(n), J, sense="maximize"), [gamma], [beta]) / n)
    error = np.std(values) / math.sqrt(samples)
    exact = sherrington_kirkpatrick_at_finite_size(n, gamma, beta)
    assert abs(np.mean(values) - exact) < 4 * error
    assert error < 0.01


# TSPLIB 95, best known closed tours.
TOURS = {
    "br17.atsp": 39,
    "burma14.tsp": 3323,
    "ulysses16.tsp": 6859,
    "gr17.tsp": 2085,
    "gr21.tsp": 2707,
    "gr24.tsp": 1272,
    "bays29.tsp": 2020,
}


def closed_tour(data: Path, name: str) -> qg.PriorityRouting:
    return qg.PriorityRouting(qg.read_city(data / "tsplib" / name), return_to_depot=True)


@pytest.mark.parametrize("name", TOURS)
def test_row_11_closed_tours(data: Path, name: str) -> None:
    routing = closed_tour(data, name)
    solution = qg.solve_exact(routing)
    assert solution.optimal
    assert solution.travel_time == solution.distance == solution.bound == TOURS[name]
    assert qg.solve_two_opt(routing, restarts=20).objective >= TOURS[name]


def test_row_11_greedy_on_bays29_is_near_2020_and_never_below(data: Path) -> None:
    assert 2020 <= qg.solve_greedy(closed_tour(data, "bays29.tsp")).objective <= 1.05 * 2020


def test_row_11_tsp225_is_bounded_from_both_sides(data: Path) -> None:
    routing = closed_tour(data, "tsp225.tsp")
    stopped = qg.solve_exact(routing, time_limit=10)
    assert stopped.bound is not None
    assert 0.98 * 3916 <= stopped.bound <= 3916 <= stopped.objective <= 1.05 * 3916
    assert stopped.objective <= qg.solve_greedy(routing).objective


def test_a_recorded_ratio_is_computed_from_its_angles() -> None:
    """Ten 3-regular graphs: fixed angles of depth 1 reach the tree value on each triangle-free edge."""
    value = edge_fraction_on_tree(*qg.fixed_angles(3, 1))
    assert value == pytest.approx(TRIANGLE_FREE[3], abs=1e-12)
