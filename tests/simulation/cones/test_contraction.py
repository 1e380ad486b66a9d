"""Contraction of light cones against state vectors and sums over all bits, on every kernel."""

from __future__ import annotations

import itertools
import math
import threading
import time

import networkx as nx
import numpy as np
import pytest
from conftest import interrupted_after, random_angles

import qgraph as qg
from qgraph.base import resources
from qgraph.problems.couplings import as_mappings, by_rows
from qgraph.simulation.cones import contraction, plan, reference
from qgraph.simulation.cones.contraction import NONE, REAL, Contraction, Order, Workspaces
from qgraph.simulation.cones.engine import ConeEngine
from qgraph.simulation.cones.find import Cone, cut_out
from qgraph.simulation.cones.network import TensorNetwork, network_of
from qgraph.simulation.deadline import Deadline
from qgraph.simulation.formulas.depth_one import ClosedForm
from qgraph.simulation.library import library
from simulation.conftest import KERNELS, NATIVE

native = pytest.mark.skipif(library is None, reason="there is no kernel")


def weighted(graph: nx.Graph, seed: int, fields: float = 0.7) -> qg.Ising:
    """All couplings differ, and so do all fields; a share of the nodes has one."""
    rng = np.random.default_rng(seed)
    graph = nx.convert_node_labels_to_integers(graph)
    h = {node: float(rng.normal()) * float(rng.random() < fields) for node in graph}
    return qg.Ising(h, {edge: float(rng.normal()) for edge in graph.edges}, 0.3)


def cone_in(ising: qg.Ising, roots: tuple[int, ...], depth: int) -> Cone:
    return cut_out(ising, as_mappings(*by_rows(ising.pairs, ising.J, len(ising.nodes))), roots, depth)


GRID = nx.convert_node_labels_to_integers(nx.grid_2d_graph(5, 6))
SMALL = {  # cones with cycles, of a node and of an edge
    "node": (cone_in(weighted(nx.cycle_graph(5), 1), (2,), 3), 3),
    "edge": (cone_in(weighted(nx.lollipop_graph(4, 3), 2), (1, 3), 2), 2),
    "no fields": (cone_in(weighted(nx.lollipop_graph(4, 3), 2, fields=0), (1, 3), 2), 2),
    "grid": (cone_in(weighted(GRID, 3, fields=0), (14, 15), 2), 2),
}
GRID_CONE = cone_in(weighted(GRID, 1), (14, 15), 3)


def term(cone: Cone, depth: int, threads: int = 1) -> Contraction:
    return Contraction(cone, Order.of(cone, depth), Workspaces(), threads)


def summed(
    network: TensorNetwork, order: Order, depth: int, seed: int, *, space: int, gradient: bool = True
) -> float:
    """The sum of a network by the kernel, in a workspace of so many bytes."""
    slopes = np.zeros((2, depth)) if gradient else NONE
    tensors = network.links, network.rates, order.fixed, order.bits, *random_angles(depth, seed)
    return library.contraction(*tensors, False, np.empty(space // REAL), slopes, 1)


@pytest.fixture
def contracted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything is contracted: trees, and cones that state vectors would be quicker for."""
    monkeypatch.setattr("qgraph.simulation.cones.engine.DEEPEST", 0)
    monkeypatch.setattr(plan, "LARGEST_VECTOR", 0)


def compare(seed: int) -> None:
    """A random sparse model at a random depth: value, gradient and correlations."""
    rng = np.random.default_rng(seed)
    n, depth = int(rng.integers(2, 11)), int(rng.integers(1, 4))
    graph = nx.gnm_random_graph(n, int(rng.integers(n - 1, n + 3)), seed=seed)
    problem = weighted(graph, seed, fields=float(rng.choice([0, 0.5, 1])))
    engine, angles = ConeEngine(problem, depth), random_angles(depth, seed)
    assert engine.plan.contracted == engine.plan.kinds
    exact, slopes = qg.expectation_and_gradient(problem, *angles, method="statevector")
    value, gradient = engine.gradient(*angles)
    assert abs(value + problem.offset - exact) < 1e-10
    assert abs(engine.expectation(*angles) - value) < 1e-12
    assert np.abs(gradient - slopes).max() < 1e-10
    state = qg.simulate(problem, *angles, method="statevector")
    assert np.abs(engine.correlations(*angles) - state.correlations()).max(initial=0) < 1e-10


@native
@pytest.mark.parametrize("start", range(0, 500, 100))
def test_random_models_equal_the_state_vector(contracted: None, start: int) -> None:
    for seed in range(start, start + 100):
        compare(seed)


@pytest.mark.parametrize("kernel", KERNELS)
def test_every_kernel_equals_the_state_vector(
    contracted: None, kernel: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QGRAPH_KERNEL", kernel)
    for seed in range(1000, 1010 if kernel == "reference" else 1040):
        compare(seed)


@native
@pytest.mark.parametrize("kernel", NATIVE)
@pytest.mark.parametrize("name", SMALL)
def test_kernels_equal_the_reference(name: str, kernel: str, monkeypatch: pytest.MonkeyPatch) -> None:
    cone, depth = SMALL[name]
    angles = random_angles(depth, 4)
    monkeypatch.setenv("QGRAPH_KERNEL", "reference")
    exact, slopes = term(cone, depth).gradient(*angles)
    monkeypatch.setenv("QGRAPH_KERNEL", kernel)
    value, gradient = term(cone, depth).gradient(*angles)
    assert abs(value - exact) < 1e-12  # single precision would be off by 1e-7
    assert np.abs(gradient - slopes).max() < 1e-11


@pytest.mark.parametrize(("roots", "depth"), [((1,), 2), ((0, 2), 1), ((0, 2), 2)])
def test_the_network_is_a_sum_over_all_bits(roots: tuple[int, ...], depth: int) -> None:
    """Term by term, with entries that are written down here once more; and it is the expectation."""
    ising, angles = weighted(nx.complete_graph(3), 5, fields=1), random_angles(depth, 6)
    network, total = network_of(cone_in(ising, roots, depth)), 0j
    gammas, betas = angles
    rows = list(zip(network.links.tolist(), network.rates.tolist(), strict=True))
    for bits in itertools.product((0, 1), repeat=network.bits):
        product = 1 + 0j
        for (a, b, what, layer, side, halved), rate in rows:
            equal = bits[a] == (bits[b] if b >= 0 else 0)
            sign = 1 if equal else -1
            if what == 0:  # a mixer
                factor = np.cos(betas[layer]) if equal else -1j * side * np.sin(betas[layer])
            elif what == 1:  # a phase
                factor = np.exp(-1j * side * gammas[layer] * rate * sign)
            else:  # Z between mixers
                beta = 2 * betas[layer]
                factor = (1 - 2 * bits[a]) * (np.cos(beta) if equal else 1j * np.sin(beta))
            product *= factor * (0.5 if halved else 1)
        total += product
    state = qg.simulate(ising, *angles, method="statevector")
    spins = 1 - 2 * (np.arange(8)[:, None] >> np.array(roots) & 1)
    assert total == pytest.approx(state.probabilities() @ spins.prod(axis=1), abs=1e-12)
    one = term(cone_in(ising, roots, depth), depth)
    assert total == pytest.approx(one.expectation(*angles), abs=1e-12)


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("name", SMALL)
def test_fixed_bits_save_memory_and_change_nothing(
    name: str, kernel: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QGRAPH_KERNEL", kernel)
    cone, depth = SMALL[name]
    angles, whole = random_angles(depth, 2), term(cone, depth)
    assert whole.order.outside == ()
    least = whole.order.bytes * 0.7
    monkeypatch.setattr(resources, "free_memory", lambda: least)
    parts = term(cone, depth)
    assert 1 <= len(parts.order.outside) <= contraction.MOST_FIXED
    assert parts.order.bytes <= least
    assert parts.order.products[1] > whole.order.products[1] / 2
    assert parts.order.copies == whole.order.copies
    value, gradient = parts.gradient(*angles)
    exact, slopes = whole.gradient(*angles)
    assert value == pytest.approx(exact, abs=1e-13)
    assert parts.expectation(*angles) == pytest.approx(exact, abs=1e-13)
    assert np.abs(gradient - slopes).max() < 1e-12


def test_equal_graphs_with_and_without_fields_are_two_cases(contracted: None) -> None:
    couplings = {(0, 1): 0.5, (1, 2): 0.7, (0, 2): 0.9}
    more = {(i + 3, j + 3): J for (i, j), J in couplings.items()}
    problem, angles = qg.Ising([0, 0, 0, 0.3, 0, 0.6], couplings | more), random_angles(2, 1)
    exact = qg.expectation(problem, *angles, method="statevector")
    assert qg.expectation(problem, *angles, method="lightcone") == pytest.approx(exact, abs=1e-12)


@pytest.mark.parametrize("kernel", KERNELS)
def test_without_fields_one_bit_is_fixed(kernel: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QGRAPH_KERNEL", kernel)
    (cone, depth), angles = SMALL["no fields"], random_angles(2, 3)
    network, order, slopes = network_of(cone), Order.of(cone, depth), np.zeros((2, depth))
    assert order.copies == 2
    assert sorted(order.fixed.tolist()) == [-1] * (network.bits - 1) + [0]
    free = np.full(network.bits, -1, dtype=np.int8)
    exact = reference.contraction(network, free, order.bits, *angles, slopes)
    value, gradient = term(cone, depth).gradient(*angles)
    assert value == pytest.approx(exact, abs=1e-13)
    assert np.abs(gradient - slopes).max() < 1e-12
    for name in ("node", "edge"):  # a single spin cannot be flipped, nor one in a field
        assert Order.of(*SMALL[name]).copies == 1
    lone = cone_in(weighted(nx.cycle_graph(5), 1, fields=0), (2,), 2)
    assert Order.of(lone, 2).copies == 1
    assert term(lone, 2).expectation(*angles) == pytest.approx(0, abs=1e-13)


def steps_of(network: TensorNetwork, order: list[int]) -> list[list[int]]:
    """Each bit with those that its sum joins, by networkx."""
    graph = nx.empty_graph(network.bits)
    graph.add_edges_from((a, b) for a, b in network.links[:, :2].tolist() if b >= 0)
    steps = []
    for bit in order:
        near = list(graph[bit])
        steps.append([bit, *near])
        graph.add_edges_from(itertools.combinations(near, 2))
        graph.remove_node(bit)
    return steps


def longest_step(network: TensorNetwork, order: list[int]) -> int:
    return max(2 ** len(step) for step in steps_of(network, order))


def shares_of(network: TensorNetwork, order: list[int]) -> np.ndarray:
    """The products of each bit."""
    shares = np.zeros(network.bits)
    for step in steps_of(network, order):
        shares[step] += 2.0 ** len(step)
    return shares


@pytest.mark.parametrize("name", SMALL)
def test_orders_have_every_bit_and_its_products(name: str) -> None:
    network = network_of(SMALL[name][0])
    simple, its = reference.elimination(network)
    assert np.array_equal(its, shares_of(network, simple.tolist()))
    assert sorted(simple.tolist()) == list(range(network.bits))
    if library is None:
        return
    found = []
    for _ in range(2):
        order, shares = np.full(network.bits, -5, dtype=np.int32), np.zeros(network.bits)
        library.elimination(network.links, order, shares)
        found.append(order.tolist())
    assert found[0] == found[1]
    assert sorted(found[0]) == list(range(network.bits))
    assert np.array_equal(shares, shares_of(network, found[0]))
    assert shares.max() <= 2 * its.max()  # of many orders the best, by the sum of all products


@native
@pytest.mark.parametrize("gradient", [True, False])
@pytest.mark.parametrize("name", SMALL)
def test_planned_bytes_suffice_and_are_needed(name: str, gradient: bool) -> None:
    cone, depth = SMALL[name]
    network, order, angles = network_of(cone), Order.of(cone, depth), np.zeros(depth)
    slopes = np.zeros((2, depth)) if gradient else NONE
    ask = network.links, network.rates, order.fixed, order.bits, angles, angles
    products, size = library.contraction(*ask, True, np.zeros(0), slopes, 1)
    if gradient:
        assert (products, size) == (order.products[1], order.bytes)
    assert not slopes.any()
    exact = term(cone, depth).expectation(*random_angles(depth, 5)) / order.copies
    value = summed(network, order, depth, 5, space=int(size), gradient=gradient)
    assert value == pytest.approx(exact, abs=1e-14)
    for space in (0, 64, int(size) // 2, int(size) - 64):
        with pytest.raises(MemoryError):
            summed(network, order, depth, 5, space=space, gradient=gradient)


def test_a_hub_with_many_neighbours(contracted: None) -> None:
    """One node shares tensors with all others, so many tensors have equal variables."""
    problem = weighted(nx.wheel_graph(150), 4)
    angles = random_angles(1, 2)
    value, slopes = ConeEngine(problem, 1).gradient(*angles)
    exact, by_angles = ClosedForm.of(problem).gradient(*angles)
    assert value == pytest.approx(exact, rel=1e-11)
    assert slopes == pytest.approx(by_angles, rel=1e-10)


@native
def test_a_hub_at_depth_two(contracted: None, monkeypatch: pytest.MonkeyPatch) -> None:
    problem, angles = weighted(nx.wheel_graph(40), 5), random_angles(2, 3)
    value, slopes = ConeEngine(problem, 2).gradient(*angles)
    monkeypatch.setenv("QGRAPH_KERNEL", "reference")
    exact, by_angles = ConeEngine(problem, 2).gradient(*angles)
    assert value == pytest.approx(exact, rel=1e-11)
    assert slopes == pytest.approx(by_angles, rel=1e-10)


@native
@pytest.mark.parametrize(("depth", "fields"), [(2, 0), (4, 0.5)])
def test_the_same_bits_on_any_number_of_threads(depth: int, fields: float) -> None:
    cone = cone_in(weighted(nx.grid_2d_graph(3, 8), 2, fields=fields), (11, 12), depth)
    angles, order, found = random_angles(depth, 1), Order.of(cone, depth), []
    if depth == 4:  # in steps of several tasks
        assert longest_step(network_of(cone), order.bits.tolist()) > 2**18
    for threads in (1, 2, 4):
        one = Contraction(cone, order, Workspaces(), threads)
        value, slopes = one.gradient(*angles)
        found.append((one.expectation(*angles), value, slopes.tobytes()))
    assert found[0] == found[1] == found[2]
    assert found[0][0] == found[0][1]


def endlessly(one: Contraction, depth: int) -> None:
    while True:
        one.gradient(*random_angles(depth, 1))


@native
@pytest.mark.parametrize("threads", [1, 2])
def test_a_contraction_ends_at_its_deadline_or_interrupt(threads: int) -> None:
    """In all threads, and the same workspace serves the next sum."""
    one, angles, before = term(GRID_CONE, 3, threads), random_angles(3, 1), set(threading.enumerate())
    expected = one.gradient(*angles)
    with Deadline(time.perf_counter() - 1).kept(), pytest.raises(TimeoutError, match="has passed"):
        one.gradient(*angles)
    with Deadline(time.perf_counter() + 0.05).kept(), pytest.raises(TimeoutError, match="has passed"):
        endlessly(one, 3)
    with pytest.raises(KeyboardInterrupt), interrupted_after(0.15):
        endlessly(one, 3)
    assert set(threading.enumerate()) == before
    value, slopes = one.gradient(*angles)
    assert value == expected[0]
    assert np.array_equal(slopes, expected[1])


@native
def test_the_search_for_an_order_ends_at_its_deadline() -> None:
    cone = cone_in(weighted(nx.gnm_random_graph(60, 150, seed=1), 1), (0, 1), 2)
    network = network_of(cone)
    order, shares = np.zeros(network.bits, dtype=np.int32), np.zeros(network.bits)
    with Deadline(time.perf_counter() - 1.0).kept(), pytest.raises(TimeoutError, match="has passed"):
        library.elimination(network.links, order, shares)


@native
def test_a_single_long_sum_ends_at_its_deadline() -> None:
    """About a second of work, in one call."""
    cone = cone_in(weighted(nx.grid_2d_graph(12, 12), 1), (65, 66), 4)
    order = Order.of(cone, 4)
    one = Contraction(cone, order, Workspaces(), 2)
    assert order.products[1] > 1e9
    with Deadline(time.perf_counter() + 0.02).kept(), pytest.raises(TimeoutError, match="has passed"):
        one.gradient(*random_angles(4, 1))


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("name", SMALL)
def test_estimates_are_positive_and_finite(name: str, kernel: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QGRAPH_KERNEL", kernel)
    plan.pace.cache_clear()
    way = plan.cheapest(*SMALL[name], np.complex128)
    assert 0 < way.seconds < math.inf
    assert 0 < way.memory < math.inf
    assert 0 < plan.pace() < math.inf
    order = Order.of(*SMALL[name])
    assert 0 < order.products[0] < order.products[1] < math.inf
    plan.pace.cache_clear()


def test_what_does_not_fit_takes_infinitely_long(contracted: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resources, "free_memory", lambda: 0)
    assert plan.cheapest(*SMALL["edge"], np.complex128).seconds == math.inf
    with pytest.raises(
        qg.ProblemTooLarge, match=r"light cone of \w+ .* at depth 2 does not fit: it has \d+ qubits"
    ):
        ConeEngine(weighted(nx.cycle_graph(4), 1), 2)
