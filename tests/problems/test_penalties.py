"""Cover, colouring, partitioning, k-cut and QUBO over all bit strings: the optimum of C is the problem's own.

Each is also computed here straight from its definition, on asymmetric weighted graphs.
"""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest
from conftest import asymmetric_graph

import qgraph as qg
from qgraph.problems.sense import sign

SCALES = [1e-7, 1.0, 1e25]


def all_bits(n: int) -> np.ndarray:
    return np.arange(2**n)[:, None] >> np.arange(n) & 1


def scaled(graph: qg.Graph, scale: float) -> qg.Graph:
    return graph.with_weights(scale * graph.weights)


def check(problem: Any, optimum: float) -> None:
    """All minima are feasible and have the combinatorial optimum; all local minima are feasible."""
    bits = all_bits(len(problem.nodes))
    losses = sign(problem) * problem.objective(bits)
    assert np.allclose(problem.to_ising().energy(bits), problem.objective(bits), rtol=1e-9, atol=1e-9 * np.abs(losses).max())  # fmt: skip
    size = float(np.ptp(losses)) or abs(optimum) or 1.0
    assert sign(problem) * optimum == pytest.approx(losses.min(), abs=1e-9 * size)
    feasible = np.array([problem.decode(row).feasible for row in bits])
    assert feasible[losses <= losses.min() + 1e-9 * size].all()
    neighbours = np.arange(len(bits))[:, None] ^ (1 << np.arange(len(problem.nodes)))
    stuck = (losses[neighbours] >= losses[:, None] - 1e-9 * size).all(axis=1)
    assert feasible[stuck].all()
    assert problem.constrained == (not feasible.all()) or len(bits) == 2
    exact = qg.solve_exact(problem)
    assert exact.feasible
    assert exact.optimal
    assert exact.objective == pytest.approx(optimum, abs=1e-9 * size)


@pytest.mark.parametrize("seed", range(6))
def test_vertex_cover(seed: int) -> None:
    rng = np.random.default_rng(seed)
    graph = qg.Graph.erdos_renyi(9, 0.4, seed=seed)
    weights = SCALES[seed % 3] * rng.uniform(0.1, 5, 9)
    problem = qg.VertexCover(graph, dict(zip(graph.ids, weights.tolist(), strict=True)))
    covers = [row for row in all_bits(9) if row[graph.pairs].any(axis=1).all()]
    check(problem, min(float(row @ weights) for row in covers))
    rows = np.array(covers)
    assert problem.objective(rows) == pytest.approx(rows @ weights, rel=1e-9)
    independent = qg.IndependentSet(graph, dict(zip(graph.ids, weights.tolist(), strict=True)))
    whole = qg.solve_exact(problem).objective + qg.solve_exact(independent).objective
    assert whole == pytest.approx(weights.sum(), rel=1e-9)  # complements: Gallai's theorem


@pytest.mark.parametrize(("seed", "k"), [(0, 2), (1, 3), (2, 3), (3, 4), (4, 2)])
def test_graph_coloring(seed: int, k: int) -> None:
    n = {2: 7, 3: 4, 4: 3}[k]
    graph = qg.Graph.erdos_renyi(n, 0.5, seed=seed).with_random_weights(seed=seed)
    problem = qg.GraphColoring(graph, k)
    conflicts = {
        colors: sum(colors[i] == colors[j] for i, j in graph.pairs.tolist())
        for colors in product(range(k), repeat=n)
    }
    for colors, count in conflicts.items():
        decoded = problem.decode(problem.encode(dict(zip(graph.ids, colors, strict=True))))
        assert decoded.objective == count
        assert decoded.feasible == (count == 0)
        assert decoded.labels == dict(zip(graph.ids, colors, strict=True))
    bits = all_bits(n * k)
    values = problem.objective(bits)
    assert values.min() == min(conflicts.values())
    one_each = (bits.reshape(-1, n, k).sum(axis=2) == 1).all(axis=1)
    assert one_each[values == values.min()].all()
    if values.min() == 0:
        assert qg.solve_exact(problem).feasible


def test_too_few_colors_give_the_fewest_conflicts() -> None:
    """K4 in 3 colours: one edge within a colour, and the answer says so."""
    solution = qg.solve_exact(qg.GraphColoring(qg.Graph.complete(4), 3))
    assert (solution.objective, solution.optimal, solution.feasible) == (1.0, True, False)
    assert len(solution.violations) == 1
    assert "are adjacent and of one color" in solution.violations[0]
    assert sorted(set((solution.labels or {}).values())) == [0, 1, 2]


def test_local_minima_have_one_color_for_each_node() -> None:
    """Also where nodes have more neighbours than colours, and where they have none."""
    graph = qg.Graph.from_edges([(0, i) for i in range(1, 5)] + [(1, 2)], ["0", "1", "2", "3", "4", "alone"])
    problem = qg.GraphColoring(graph, 2)
    bits = all_bits(12)
    values = problem.objective(bits)
    stuck = (values[np.arange(4096)[:, None] ^ (1 << np.arange(12))] >= values[:, None]).all(axis=1)
    assert (bits[stuck].reshape(-1, 6, 2).sum(axis=2) == 1).all()


@pytest.mark.parametrize(("seed", "k"), [(0, 2), (1, 3), (2, 3), (3, 4), (4, 2), (5, 3)])
def test_max_k_cut(seed: int, k: int) -> None:
    n = {2: 6, 3: 4, 4: 3}[k]
    graph = scaled(asymmetric_graph(n, seed, 0.8), SCALES[seed % 3])

    def cut(colors: tuple[int, ...]) -> float:
        return sum(edge.weight for edge, (i, j) in zip(graph.edges, graph.pairs.tolist(), strict=True) if colors[i] != colors[j])  # fmt: skip

    problem = qg.MaxKCut(graph, k)
    check(problem, max(cut(colors) for colors in product(range(k), repeat=n)))
    for colors in product(range(k), repeat=n):
        bits = problem.encode(dict(zip(graph.ids, colors, strict=True)))
        assert problem.objective(bits) == pytest.approx(cut(colors), abs=1e-9 * np.abs(graph.weights).sum())


def test_max_2_cut_is_maxcut() -> None:
    graph = asymmetric_graph(8, 4)
    two, cut = qg.solve_exact(qg.MaxKCut(graph, 2)), qg.solve_exact(qg.MaxCut(graph))
    assert two.objective == pytest.approx(cut.objective)


@pytest.mark.parametrize("weights", [[-1.0, -2.0, -3.0], [0.0, 0.0, 0.0], [5.0, -7.0, 0.0]])
def test_max_k_cut_of_odd_weights(weights: list[float]) -> None:
    graph = qg.Graph.from_edges(
        [("a", "b", weights[0]), ("b", "c", weights[1]), ("a", "c", weights[2])], ["a", "b", "c", "alone"]
    )
    cuts = [
        sum(w for w, (i, j) in zip(weights, [(0, 1), (1, 2), (0, 2)], strict=True) if colors[i] != colors[j])
        for colors in product(range(3), repeat=3)
    ]
    check(qg.MaxKCut(graph, 3), max(cuts))


@pytest.mark.parametrize("seed", range(6))
def test_number_partitioning(seed: int) -> None:
    numbers = SCALES[seed % 3] * np.random.default_rng(seed).uniform(0.5, 9, 10)
    differences = [abs(sum(numbers * signs)) for signs in product((1, -1), repeat=10)]
    problem = qg.NumberPartitioning(numbers)
    check(problem, min(differences) ** 2)
    assert sorted(problem.objective(all_bits(10))) == pytest.approx(sorted(np.square(differences)), rel=1e-9)


def test_number_partitioning_takes_names() -> None:
    problem = qg.NumberPartitioning({"ann": 4, "bob": 3, 3: 1})
    assert problem.nodes == ("ann", "bob", "3")
    assert qg.solve_exact(problem).labels in ({"ann": 0, "bob": 1, "3": 1}, {"ann": 1, "bob": 0, "3": 0})


@pytest.mark.parametrize("n", [1, 2, 7, 8, 9])
@pytest.mark.parametrize("seed", range(3))
def test_graph_partitioning(n: int, seed: int) -> None:
    graph = scaled(asymmetric_graph(n, seed, 0.7), SCALES[seed])
    halves = [row for row in all_bits(n) if abs(n - 2 * row.sum()) <= 1]
    cut = qg.MaxCut(graph)
    problem = qg.GraphPartitioning(graph)
    check(problem, min(float(cut.objective(row)) for row in halves))
    size = float(np.abs(graph.weights).sum()) or 1.0
    assert problem.objective(halves) == pytest.approx(cut.objective(halves), abs=1e-9 * size)


@pytest.mark.parametrize("graph", [qg.Graph.from_edges([], ["a", "b", "c", "d"]), qg.Graph.complete(6)])
def test_partitioning_without_edges_and_with_all(graph: qg.Graph) -> None:
    check(qg.GraphPartitioning(graph), 9.0 if len(graph.nodes) == 6 else 0.0)


def test_unequal_parts_are_a_violation() -> None:
    decoded = qg.GraphPartitioning(qg.Graph.ring(4)).decode([1, 0, 0, 0])
    assert decoded.violations == ("the parts have 3 and 1 nodes",)


@pytest.mark.parametrize("sense", ["minimize", "maximize"])
def test_qubo(sense: Any) -> None:
    rng = np.random.default_rng(3)
    Q = rng.normal(size=(7, 7))
    bits = all_bits(7)
    values = 0.25 + np.einsum("ki,ij,kj->k", bits, Q, bits)
    problem = qg.QUBO(Q, 0.25, sense=sense)
    assert np.allclose(problem.objective(bits), values)
    check(problem, float(values.min() if sense == "minimize" else values.max()))
    named = {(f"n{i}", f"n{j}"): float(Q[i, j]) for i in range(7) for j in range(7)}
    other = qg.QUBO(named, 0.25, sense=sense)
    assert other.nodes == tuple(f"n{i}" for i in range(7))
    assert np.allclose(other.objective(bits), values)
    assert problem == qg.QUBO(Q.copy(), 0.25, sense=sense) != other


def test_qubo_keeps_nodes_without_terms() -> None:
    assert qg.QUBO(np.zeros((3, 3))).nodes == ("0", "1", "2")
    assert qg.QUBO(np.array([[0, 2], [0, 0]])).objective([1, 1]) == 2.0


def test_one_hot_bits_are_named_and_violations_listed() -> None:
    problem = qg.MaxKCut(qg.Graph.from_edges([("a", "b=1")]), 2)
    assert problem.nodes == ("a=0", "a=1", "b=1=0", "b=1=1")
    decoded = problem.decode([1, 1, 0, 0])
    assert decoded.violations == ("'a' has 2 colors", "'b=1' has no color")
    assert decoded.labels is None
    assert not decoded.feasible


def test_colors_are_shown_by_group() -> None:
    solution = qg.solve_exact(qg.GraphColoring(qg.Graph.complete(3), 3))
    assert repr(solution).count("{") == 3


def test_too_many_couplings_raise_problem_too_large() -> None:
    assert len(qg.GraphPartitioning(qg.Graph.ring(1000)).to_ising().J) == 499_500
    with pytest.raises(qg.ProblemTooLarge, match=r"1000 colors of 100 nodes would have 50050000 couplings"):
        qg.GraphColoring(qg.Graph.ring(100), 1000).to_ising()
    with pytest.raises(qg.ProblemTooLarge, match=r"would have 4498500 couplings, at most 4194304 fit"):
        qg.NumberPartitioning(np.ones(3000)).to_ising()
