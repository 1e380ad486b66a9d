"""Every problem against brute force: its Ising model, its decoding, and that its penalties suffice."""

from __future__ import annotations

from itertools import pairwise, permutations, product

import numpy as np
import pytest
from conftest import asymmetric_graph, oneway_routing, spin_glass
from hypothesis import given, settings
from hypothesis import strategies as st

import qgraph as qg


def all_bits(n: int) -> np.ndarray:
    """All bit strings, bit q of the row number in column q."""
    return np.arange(2**n)[:, None] >> np.arange(n) & 1


def test_ising_energy_by_its_definition() -> None:
    model = qg.Ising(h=[0.5, -2.0, 0.25], J={(0, 1): 1.5, (2, 1): -0.5}, offset=3.0)
    for bits in product((0, 1), repeat=3):
        s = [1 - 2 * b for b in bits]
        by_hand = 3.0 + 0.5 * s[0] - 2.0 * s[1] + 0.25 * s[2] + 1.5 * s[0] * s[1] - 0.5 * s[2] * s[1]
        assert model.energy(bits) == pytest.approx(by_hand)


def test_ising_takes_names_sequences_and_matrices() -> None:
    matrix = np.array([[0, 1, 0], [1, 0, -2], [0, -2, 0]])
    by_pairs = qg.Ising([1, 2, 3], {(0, 1): 1, (1, 2): -2})
    by_name = qg.Ising({"a": 1, "b": 2, "c": 3}, {("b", "a"): 1, ("b", "c"): -2})
    bits = all_bits(3)
    assert np.array_equal(by_pairs.energy(bits), qg.Ising([1, 2, 3], matrix).energy(bits))
    assert np.array_equal(by_pairs.energy(bits), by_name.energy(bits))
    assert by_name.nodes == ("a", "b", "c")


@given(st.integers(0, 10**6))
@settings(max_examples=30)
def test_qubo_round_trip(seed: int) -> None:
    model = spin_glass(6, seed)
    Q, offset = model.to_qubo()
    bits = all_bits(6)
    index = {name: q for q, name in enumerate(model.nodes)}
    by_hand = offset + sum(value * bits[:, index[i]] * bits[:, index[j]] for (i, j), value in Q.items())
    assert np.allclose(model.energy(bits), by_hand)
    assert np.allclose(qg.Ising.from_qubo(Q, offset).energy(bits), by_hand)


def test_qubo_pairs_in_both_orders_add_up() -> None:
    model = qg.Ising.from_qubo({("a", "b"): 1.0, ("b", "a"): 2.0, ("b", "b"): -1.0}, offset=0.5)
    assert model.energy([[0, 0], [1, 0], [0, 1], [1, 1]]).tolist() == [0.5, 0.5, -0.5, 2.5]


def test_many_bit_strings_at_once_keep_their_shape() -> None:
    problem = qg.MaxCut(asymmetric_graph(5, 3))
    bits = np.random.default_rng(1).integers(0, 2, (4, 3, 5))
    values = problem.objective(bits)
    assert values.shape == (4, 3)
    assert values[2, 1] == pytest.approx(float(problem.objective(bits[2, 1])))


@pytest.mark.parametrize("seed", range(5))
def test_maxcut_counts_the_weight_between_sides(seed: int) -> None:
    graph = asymmetric_graph(7, seed)
    problem = qg.MaxCut(graph)
    for bits in np.random.default_rng(seed).integers(0, 2, (20, 7)):
        side = dict(zip(graph.ids, bits, strict=True))
        by_hand = sum(edge.weight for edge in graph.edges if side[edge.source] != side[edge.target])
        assert problem.objective(bits) == pytest.approx(by_hand)
        assert problem.decode(bits).labels == {name: int(bit) for name, bit in side.items()}


@pytest.mark.parametrize("seed", range(8))
def test_independent_set_penalty_suffices(seed: int) -> None:
    rng = np.random.default_rng(seed)
    graph = qg.Graph.erdos_renyi(9, 0.4, seed=seed)
    problem = qg.IndependentSet(graph, {name: float(rng.uniform(0.1, 5)) for name in graph.ids})
    bits = all_bits(9)
    values = problem.objective(bits)
    independent = ~bits[:, graph.pairs].all(axis=2).any(axis=1)
    natural = bits @ problem.weights
    assert np.allclose(values[independent], natural[independent])
    maxima = np.flatnonzero(values > values.max() - 1e-9)
    assert independent[maxima].all()
    assert values.max() == pytest.approx(natural[independent].max())
    for row in rng.integers(0, 512, 20):
        assert problem.decode(bits[row]).feasible == independent[row]


def test_independent_set_names_adjacent_nodes() -> None:
    problem = qg.IndependentSet(qg.Graph.from_edges([("a", "b"), ("b", "c")]))
    decoded = problem.decode([1, 1, 0])
    assert decoded.violations == ("'a' and 'b' are adjacent",)
    assert decoded.objective == 0.0


ROUTINGS = [
    pytest.param(
        qg.PriorityRouting(qg.City.random(k + m, k, depot=depot, seed=seed), return_to_depot=back), id=name
    )
    for name, k, m, depot, back, seed in [
        ("open", 2, 2, False, False, 1),
        ("open-one-tier", 0, 3, False, False, 2),
        ("depot", 2, 2, True, False, 3),
        ("closed", 2, 2, True, True, 4),
        ("closed-one-tier", 3, 0, True, True, 5),
        ("single", 0, 1, True, True, 6),
        ("uneven", 1, 3, True, False, 7),
    ]
]
ONE_PLACE = {
    "nodes": [
        {"id": c, "x": 0, "y": 0, "type": t}
        for c, t in zip("dabc", ("depot", "priority", "normal", "normal"), strict=True)
    ],
    "edges": [{"from": a, "to": b, "distance": 0, "traffic": "high"} for a, b in ("da", "ab", "bc")],
}
HALF_FREE = {
    **ONE_PLACE,
    "edges": [*ONE_PLACE["edges"][:2], {"from": "b", "to": "c", "distance": 3, "traffic": "low"}],
}
for name, fields in (("all-in-one-place", ONE_PLACE), ("half-free", HALF_FREE)):
    city = qg.City.model_validate(fields)
    ROUTINGS.append(pytest.param(qg.PriorityRouting(city, return_to_depot=True), id=name))
    ROUTINGS.append(pytest.param(qg.PriorityRouting(city, tiers=[["b", "c"], ["a"]]), id=f"{name}-open"))
THREE_TIERS = qg.PriorityRouting(
    qg.City.random(5, 2, seed=9), tiers=[["S2"], ["P1", "P2"], ["S1", "S3"]], return_to_depot=True
)


def routes_of(routing: qg.PriorityRouting) -> list[tuple[str, ...]]:
    return [sum(parts, ()) for parts in product(*(permutations(tier) for tier in routing.tiers))]


def by_legs(routing: qg.PriorityRouting, route: tuple[str, ...]) -> float:
    """The travel time of a route from the city's own table, leg by leg."""
    city = routing.city
    start = [] if city.depot is None else [city.depot]
    path = [*start, *route, *(start if routing.return_to_depot else [])]
    at = {stop: i for i, stop in enumerate(city.stops)}
    return sum(city.travel.times[at[a], at[b]] for a, b in pairwise(path))


@pytest.mark.parametrize("routing", [*ROUTINGS, pytest.param(THREE_TIERS, id="three-tiers"), pytest.param(oneway_routing(), id="oneway")])  # fmt: skip
def test_every_minimum_of_the_encoding_is_a_feasible_optimum(routing: qg.PriorityRouting) -> None:
    """All 2**n bit strings: the penalty argument of `PriorityRouting`, by brute force."""
    bits = all_bits(routing.bits)
    values = routing.objective(bits)
    optimum = min(by_legs(routing, route) for route in routes_of(routing))
    assert values.min() == pytest.approx(optimum, abs=1e-9)
    feasible = {tuple(routing.encode(route)) for route in routes_of(routing)}
    minima = bits[values < values.min() + 1e-9]
    assert all(tuple(row) in feasible for row in minima)
    for row, value in zip(bits, values, strict=True):
        if tuple(row) not in feasible:
            assert value >= 2 * routing.penalty - 1e-9


@pytest.mark.parametrize("routing", [*ROUTINGS, pytest.param(THREE_TIERS, id="three-tiers")])
def test_routes_encode_and_decode(routing: qg.PriorityRouting) -> None:
    assert len(routes_of(routing)) == routing.routes
    for route in routes_of(routing):
        decoded = routing.decode(routing.encode(route))
        assert decoded.feasible
        assert decoded.priority_satisfied
        assert decoded.travel_time == decoded.objective == pytest.approx(by_legs(routing, route))
        assert tuple(s for s in decoded.route or () if s != routing.city.depot) == route
        assert routing.objective(routing.encode(route)) == pytest.approx(decoded.objective)


@given(st.integers(0, 10**6))
@settings(max_examples=60)
def test_decoding_never_returns_a_malformed_route(seed: int) -> None:
    routing = ROUTINGS[seed % len(ROUTINGS)].values[0]
    assert isinstance(routing, qg.PriorityRouting)
    bits = np.random.default_rng(seed).integers(0, 2, routing.bits)
    decoded = routing.decode(bits)
    assert decoded.feasible == (not decoded.violations) == (decoded.route is not None)
    if decoded.route is not None:
        assert sorted(set(decoded.route) - {routing.city.depot}) == sorted(routing.stops)


def test_violations_are_listed_by_name() -> None:
    routing = qg.PriorityRouting(qg.City.random(4, 2, depot=False, seed=1))
    none = routing.decode(np.zeros(8, int))
    assert none.violations == (
        "'P1' is never visited", "'P2' is never visited", "'S1' is never visited", "'S2' is never visited",
        "position 1 is empty", "position 2 is empty", "position 3 is empty", "position 4 is empty",
    )  # fmt: skip
    crowded = routing.decode([1, 0, 1, 0, 1, 0, 0, 1])
    assert crowded.violations == ("position 1 is held by 2 stops", "position 2 is empty")


def test_routes_may_be_given_with_or_without_the_depot() -> None:
    routing = qg.PriorityRouting(qg.City.random(4, 2, seed=1), return_to_depot=True)
    route = ["P2", "P1", "S1", "S2"]
    with_ends = ["depot", *route, "depot"]
    assert routing.evaluate(route) == routing.evaluate(with_ends)
    assert routing.evaluate(route).route == tuple(with_ends)
    early = routing.evaluate(["S1", "P1", "P2", "S2"])
    assert not early.feasible
    assert early.priority_satisfied is False
    assert early.violations == ("'S1' is visited before 'P1', which has priority",)
    assert "'S2' is never visited" in routing.evaluate(route[:3]).violations
    assert "'P1' is visited 2 times" in routing.evaluate([*route, "P1"]).violations


@pytest.mark.parametrize("routing", [*ROUTINGS, pytest.param(THREE_TIERS, id="three-tiers"), pytest.param(oneway_routing(), id="oneway")])  # fmt: skip
def test_mean_travel_time(routing: qg.PriorityRouting) -> None:
    mean = np.mean([by_legs(routing, route) for route in routes_of(routing)])
    assert routing.mean_travel_time() == pytest.approx(mean)
