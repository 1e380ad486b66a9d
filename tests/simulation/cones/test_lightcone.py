"""Light cones against the state vector, the closed form and the tree iteration, on asymmetric models."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from conftest import random_angles, spin_glass

import qgraph as qg
from qgraph.simulation.cones.engine import ConeEngine
from qgraph.simulation.cones.find import Adjacency, Kinds, reach
from qgraph.simulation.formulas.depth_one import ClosedForm


def weighted(graph: nx.Graph, seed: int, *, fields: bool = True) -> qg.Ising:
    """An Ising model on a graph, with couplings and most fields all different."""
    rng = np.random.default_rng(seed)
    graph = nx.convert_node_labels_to_integers(graph)
    h = {node: float(rng.normal()) * fields * (rng.random() < 0.8) for node in graph}
    return qg.Ising(h, {edge: float(rng.normal()) for edge in graph.edges}, 0.7, sense="maximize")


CUBIC = nx.random_regular_graph(3, 12, seed=1)
PROBLEMS = {
    "tree": weighted(nx.random_labeled_tree(11, seed=2), 1),
    "forest": weighted(nx.compose(nx.path_graph(4), nx.path_graph(range(5, 10))), 2),
    "ring": weighted(nx.cycle_graph(9), 3),
    "cubic": weighted(CUBIC, 4),
    "cubic-no-fields": weighted(CUBIC, 5, fields=False),
    "grid": weighted(nx.grid_2d_graph(3, 4), 6),
    "lollipop": weighted(nx.lollipop_graph(4, 7), 7),
    "dense": spin_glass(7, 2),
    "star": weighted(nx.star_graph(8), 8),
    "one-node": qg.Ising([0.4], {}, 2.0),
    "nothing": qg.Ising([0.0, 0.0], {}, 2.0),
    "no-coupling": qg.Ising([0.3, 0.0, -0.2], {(0, 1): 0.0, (1, 2): 1.3}),
    "maxcut": qg.MaxCut(qg.Graph.from_networkx(CUBIC)),
    "penalised": qg.IndependentSet(qg.Graph.ring(8)),
}


@pytest.fixture(params=["kernel", "reference"])
def kernel(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "reference":
        monkeypatch.setenv("QGRAPH_KERNEL", "reference")
    return str(request.param)


def agrees(problem: qg.Problem, depth: int, seed: int) -> None:
    ising = problem.to_ising()
    gammas, betas = random_angles(depth, seed)
    exact, slopes = qg.expectation_and_gradient(problem, gammas, betas, method="statevector")
    value, gradient = qg.expectation_and_gradient(problem, gammas, betas, method="lightcone")
    scale = np.abs(ising.J).sum() + np.abs(ising.h).sum() + abs(ising.offset)
    assert abs(value - exact) <= 1e-12 * scale
    assert np.abs(gradient - slopes).max(initial=0) <= 1e-11 * scale
    assert abs(qg.expectation(problem, gammas, betas, method="lightcone") - exact) <= 1e-12 * scale


@pytest.mark.parametrize("depth", range(5))
@pytest.mark.parametrize("name", PROBLEMS)
def test_equals_the_state_vector(kernel: str, name: str, depth: int) -> None:
    agrees(PROBLEMS[name], depth, seed=depth)


WAYS = {
    "trees": ("trees", ["tree", "ring", "lollipop", "no-coupling"], {}),
    "contraction": (
        "contracted",
        ["tree", "ring", "lollipop", "grid"],
        {"engine.DEEPEST": 0, "plan.LARGEST_VECTOR": 0},
    ),
    "vectors": (
        "vectors",
        ["tree", "ring", "lollipop", "cubic"],
        {"engine.DEEPEST": 0, "plan.SECONDS_PER_PRODUCT": 1e6, "plan.pace": lambda: 1.0},
    ),
}


@pytest.mark.parametrize(
    ("way", "name", "depth"),
    [
        (way, name, depth)
        for way, row in WAYS.items()
        for name in row[1]
        for depth in ((1, 2) if name == "grid" else (1, 2, 3))  # at depth 3 the grid takes seconds
    ],
)
def test_each_way_equals_the_state_vector(
    monkeypatch: pytest.MonkeyPatch, way: str, name: str, depth: int
) -> None:
    field, _, limits = WAYS[way]
    for limit, value in limits.items():
        monkeypatch.setattr(f"qgraph.simulation.cones.{limit}", value)
    plan = qg.Simulator(PROBLEMS[name]).light_cones(depth)
    assert getattr(plan, field) > 0
    assert way == "trees" or getattr(plan, field) == plan.kinds
    agrees(PROBLEMS[name], depth, seed=10 + depth)


def test_equals_the_closed_form_on_hundreds_of_nodes() -> None:
    problem = weighted(nx.fast_gnp_random_graph(400, 0.01, seed=5), 9)
    gammas, betas = random_angles(1, 3)
    value, gradient = qg.expectation_and_gradient(problem, gammas, betas, method="lightcone")
    exact, slopes = ClosedForm.of(problem).gradient(gammas, betas)
    scale = np.abs(problem.J).sum() + np.abs(problem.h).sum()
    assert abs(value - problem.offset - exact) < 1e-13 * scale
    assert np.abs(gradient - slopes).max() < 1e-12 * scale
    grids = [
        qg.landscape(problem, [0.1, 0.4], [0.2, -0.3, 0.5], method=method)
        for method in ("closed_form", "lightcone", "auto")
    ]
    assert np.abs(grids[0] - grids[1]).max() < 1e-12 * scale
    assert (grids[0] == grids[2]).all()


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_equals_the_tree_iteration_on_a_graph_of_large_girth(depth: int) -> None:
    problem = qg.MaxCut(qg.Graph.from_networkx(nx.LCF_graph(30, [-13, -9, 7, -7, 9, 13], 5)))  # girth 8
    gammas, betas = random_angles(depth, 1)
    value = qg.expectation(problem, gammas, betas, method="lightcone")
    assert value / 45 == pytest.approx(qg.tree_cut_fraction(3, gammas, betas), rel=1e-12)
    plan = qg.Simulator(problem).light_cones(depth)
    assert (plan.kinds, plan.trees, plan.qubits) == (1, 1, 2 ** (depth + 2) - 2)


def test_published_angles_give_the_published_share() -> None:
    """Basso, Farhi, Marwaha, Villalonga, Zhou, arXiv:2110.14206: depth 2, 3-regular graphs of large girth."""
    gammas, betas = [0.48784291408746888, 0.8978622102430688], [0.5549042409632672, 0.29238047829157304]
    problem = qg.MaxCut(qg.Graph.from_networkx(nx.LCF_graph(30, [-13, -9, 7, -7, 9, 13], 5)))
    value, gradient = qg.expectation_and_gradient(problem, gammas, betas, method="lightcone")
    assert value / 45 == pytest.approx(0.7559064582135873, rel=1e-12)
    assert np.abs(gradient / 45).max() < 1e-3  # the best angles, as far as they are printed


@pytest.mark.parametrize("scale", [1e-7, 1e25])
@pytest.mark.parametrize("name", ["cubic", "tree"])
def test_the_unit_of_the_weights_does_not_matter(name: str, scale: float) -> None:
    ising = PROBLEMS[name].to_ising()
    pairs = dict(zip(map(tuple, ising.pairs.tolist()), (ising.J * scale).tolist(), strict=True))
    larger = qg.Ising(ising.h * scale, pairs, ising.offset * scale)
    gammas, betas = random_angles(2, 4)
    value, gradient = qg.expectation_and_gradient(ising, gammas, betas, method="lightcone")
    scaled, slopes = qg.expectation_and_gradient(larger, gammas / scale, betas, method="lightcone")
    assert scaled == pytest.approx(value * scale, rel=1e-10)
    assert slopes / [[scale**2], [scale]] == pytest.approx(gradient, rel=1e-9)


def test_isomorphic_cones_are_counted_once() -> None:
    torus = nx.convert_node_labels_to_integers(nx.grid_2d_graph(8, 8, periodic=True))
    even = ConeEngine(qg.MaxCut(qg.Graph.from_networkx(torus)).to_ising(), 2).plan
    assert (even.terms, even.kinds, even.qubits, even.contracted) == (128, 1, 18, 1)
    uneven = ConeEngine(weighted(torus, 1, fields=False), 1).plan
    assert (uneven.terms, uneven.kinds) == (128, 128)
    signs = qg.Ising([0.0] * 64, {e: (-1.0) ** (k % 2) for k, e in enumerate(torus.edges)})
    assert 1 < ConeEngine(signs, 1).plan.kinds < 128
    last_bit = qg.Ising([0.0] * 4, {(0, 1): 1.0, (2, 3): np.nextafter(1.0, 2.0)})
    assert ConeEngine(last_bit, 1).plan.kinds == 2


def test_cones_of_equal_colours_may_differ() -> None:
    """A hub and a ring of six, or a hub and two triangles: every node sees the same degrees."""
    hexagon = [(k, 1 + k % 6) for k in range(1, 7)]
    triangles = [(1, 2), (2, 3), (3, 1), (4, 5), (5, 6), (6, 4)]
    models = []
    for rim in (hexagon, triangles):
        pairs = {(0, k): 0.8 for k in range(1, 7)} | {(min(e), max(e)): 0.8 for e in rim}
        models.append(qg.Ising([1.1, *[0.0] * 6], pairs))
    both = qg.Ising(
        np.concatenate([models[0].h, models[1].h]),
        {
            (i + 7 * k, j + 7 * k): J
            for k, model in enumerate(models)
            for (i, j), J in zip(model.pairs.tolist(), model.J.tolist(), strict=True)
        },
    )
    kinds, hubs = Kinds(Adjacency(both), 2), np.array([[0, 0], [7, 7], [7, 7], [0, 0]])
    keys, distances, _ = reach(kinds.adjacency, hubs, 2)
    _, colours, cone, firm = kinds._refined(keys, distances, hubs)
    assert sorted(colours[cone == 0]) == sorted(colours[cone == 1])
    assert not firm.any()
    assert kinds.add(keys, distances, hubs) == [0, 1, 1, 0]
    agrees(both, 2, seed=1)


def test_errors_name_the_size_of_the_cone() -> None:
    dense = qg.MaxCut(qg.Graph.erdos_renyi(40, 0.7, seed=1))  # orders of larger ones are searched for long
    of_cone = r"light cone of edge '\w+', '\w+' at depth 2 does not fit: it has 40 qubits and [\d.e+]+ GiB"
    with pytest.raises(qg.ProblemTooLarge, match=of_cone):
        qg.Simulator(dense).light_cones(2)
    with pytest.raises(qg.ProblemTooLarge, match=r"closed_form.*solve_recursive_qaoa"):
        qg.expectation(dense, [0.1, 0.2], [0.3, 0.4], method="lightcone")


def test_any_depth() -> None:
    pairs = qg.Ising([0.0] * 4, {(0, 1): 0.5, (2, 3): 0.8})
    agrees(pairs, 20, seed=1)
    assert qg.Simulator(pairs).light_cones(10**9).vectors == 2
    assert qg.Simulator(qg.MaxCut(qg.Graph.ring(100))).light_cones(8).trees == 1


def test_memory_is_checked_before_allocation(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = weighted(nx.random_labeled_tree(300, seed=1), 1)
    assert qg.Simulator(problem).light_cones(4).memory > 2**20
    monkeypatch.setattr("qgraph.base.resources.free_memory", lambda: 2**20)
    with pytest.raises(qg.ProblemTooLarge, match="kinds of light cones at depth 4 needs"):
        qg.Simulator(problem).light_cones(4)


def test_a_plan_is_readable_and_survives_json() -> None:
    plan = qg.Simulator(qg.MaxCut(qg.Graph.random_regular(3, 200, seed=1))).light_cones(2)
    assert plan.kinds == plan.trees + plan.contracted + plan.vectors
    assert plan.qubits == 14
    assert plan.seconds > 0
    assert "300 terms" in repr(plan)
    assert "14 qubits" in plan._repr_html_()
    assert qg.LightCones.model_validate_json(plan.model_dump_json()) == plan


def test_the_same_on_any_number_of_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = PROBLEMS["grid"]
    values = []
    for threads in (1, 2, 4):
        monkeypatch.setattr("qgraph.base.resources.threads", lambda threads=threads: threads)
        value, gradient = qg.expectation_and_gradient(problem, [0.3, 0.5], [0.2, 0.4], method="lightcone")
        values.append((value, gradient.tolist()))
    assert values[0] == values[1] == values[2]
