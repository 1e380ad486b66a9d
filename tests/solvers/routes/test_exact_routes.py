"""Exact routes by dynamic programming and by branch and cut, against brute force and each other."""

from __future__ import annotations

import itertools
import math
import os
import signal

import networkx as nx
import numpy as np
import pytest
from conftest import oneway_routing

import qgraph as qg
from qgraph.base import resources
from qgraph.solvers.budget import Budget
from qgraph.solvers.routes import exact
from qgraph.solvers.routes.legs import Legs
from qgraph.solvers.routes.minimum_cuts import light_cuts
from qgraph.solvers.routes.program import RouteProgram


def city_of(times: np.ndarray, kinds: list[str], *, oneway: bool = True) -> qg.City:
    """Direct roads between all stops that take these times."""
    n = len(times)
    nodes = [{"id": i, "x": i % 7, "y": i // 7, "type": kind} for i, kind in enumerate(kinds)]
    pairs = itertools.permutations(range(n), 2) if oneway else itertools.combinations(range(n), 2)
    roads = [
        {"from": i, "to": j, "distance": times[i, j], "traffic": "low", "oneway": oneway} for i, j in pairs
    ]
    return qg.City.model_validate({"nodes": nodes, "edges": roads, "through_stops": False})


def tables(n: int, seed: int) -> dict[str, np.ndarray]:
    """Several tables of times; some have zeros, or many equal times."""
    rng = np.random.default_rng(seed)
    places = rng.uniform(0, 100, (n, 2))
    flat = np.hypot(*(places[:, None] - places[None]).transpose(2, 0, 1))
    return {
        "flat": flat,
        "lopsided": flat * rng.uniform(1, 1.6, (n, n)),
        "whole": np.round(flat),
        "free": rng.integers(0, 4, (n, n)).astype(float),
        "steep": 1e-4 * flat**2.5,
    }


def routings(n: int, seed: int) -> list[qg.PriorityRouting]:
    """All combinations of times, depot, end and tiers."""
    found = []
    for kind, times in tables(n, seed).items():
        oneway = kind in ("lopsided", "free")
        for depot, first in itertools.product((True, False), (0, 1, n // 2)):
            kinds = ["depot"] * depot + ["priority"] * first
            city = city_of(times, [*kinds, *["normal"] * (n - len(kinds))], oneway=oneway)
            found += [
                qg.PriorityRouting(city, return_to_depot=closed)
                for closed in ((True, False) if depot else (False,))
            ]
    return found


def brute_optimum(routing: qg.PriorityRouting) -> float:
    orders = itertools.product(*(itertools.permutations(range(t.start, t.stop)) for t in routing.tier_slices))
    return min(routing.travel_time(sum(parts, ())) for parts in orders)


def by_program(routing: qg.PriorityRouting) -> RouteProgram:
    """Branch and cut from the nearest-neighbour route, to the end."""
    program = RouteProgram(routing, routing.nearest_neighbour())
    assert program.search(Budget(None))
    assert routing.evaluate(routing.named(program.order)).feasible
    assert program.bound == program.time == routing.travel_time(program.order)
    return program


@pytest.mark.parametrize("seed", range(3))
def test_every_small_route_against_brute_force(seed: int) -> None:
    for routing in routings(5 + seed, seed):
        optimum = pytest.approx(brute_optimum(routing), rel=1e-9, abs=1e-12)
        assert routing.trivial_bound <= brute_optimum(routing) + 1e-9
        found = qg.solve_exact(routing)
        assert found.optimal
        assert found.objective == found.bound == optimum
        assert by_program(routing).time == optimum


def test_a_single_stop_and_three_tiers_with_one_way_roads() -> None:
    for routing in (
        oneway_routing(),
        qg.PriorityRouting(qg.City.random(1, 0, seed=8), return_to_depot=True),
        qg.PriorityRouting(qg.City.random(1, 1, depot=False, seed=8)),
        qg.PriorityRouting(qg.City.random(6, 2, seed=9), tiers=[["S2"], ["P1", "P2", "S3"], ["S1", "S4"]]),
    ):
        assert by_program(routing).time == pytest.approx(brute_optimum(routing))


@pytest.mark.parametrize("seed", range(2))
def test_both_methods_agree_on_tiers_of_fifteen(seed: int) -> None:
    for routing in routings(16, seed):
        order = exact.best_order(routing, Budget(None))
        assert order is not None
        assert by_program(routing).time == pytest.approx(routing.travel_time(order), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("closed", [True, False])
def test_a_tier_of_twenty_over_roads(closed: bool) -> None:
    routing = qg.PriorityRouting(qg.City.random(20, 0, seed=3), return_to_depot=closed)
    found = qg.solve_exact(routing)
    assert found.optimal
    assert by_program(routing).time == pytest.approx(found.objective, rel=1e-9)


def test_branch_and_cut_runs_where_tables_do_not_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    routing = qg.PriorityRouting(qg.City.random(17, 4, seed=2))
    expected = qg.solve_exact(routing)
    monkeypatch.setattr(resources, "free_memory", lambda: 0)
    monkeypatch.setattr(exact, "best_order", None)
    found = qg.solve_exact(routing)
    assert found.optimal
    assert found.objective == pytest.approx(expected.objective, rel=1e-9)


@pytest.mark.parametrize(("stops", "priority", "closed"), [(40, 0, True), (40, 15, False), (60, 22, True)])
def test_forty_and_sixty_stops_are_proved(stops: int, priority: int, closed: bool) -> None:
    routing = qg.PriorityRouting(qg.City.random(stops, priority, seed=stops), return_to_depot=closed)
    found = qg.solve_exact(routing)
    assert found.optimal
    assert found.feasible
    assert found.bound == found.objective <= qg.solve_two_opt(routing, restarts=20).objective
    assert found.objective >= routing.trivial_bound


def test_sixty_stops_on_one_way_roads_are_proved(capfd: pytest.CaptureFixture[str]) -> None:
    kinds = ["depot", *["priority"] * 20, *["normal"] * 39]
    routing = qg.PriorityRouting(city_of(tables(60, 4)["lopsided"], kinds), return_to_depot=True)
    found = qg.solve_exact(routing)
    assert found.optimal
    assert found.objective <= qg.solve_two_opt(routing, restarts=20).objective
    assert capfd.readouterr().out == ""


# -- stopped early ----------------------------------------------------------------------------------

HARD = qg.PriorityRouting(
    city_of(
        np.random.default_rng(1).integers(1, 900, (110, 110)).astype(float), ["depot", *["normal"] * 109]
    ),
    return_to_depot=True,
)
MIDDLING = qg.PriorityRouting(qg.City.random(40, 20, seed=4))


def stopped(routing: qg.PriorityRouting, reason: str, **how: object) -> qg.Solution:
    found = qg.solve_exact(routing, **how)  # type: ignore[arg-type]
    assert found.stopped_by == reason
    assert found.feasible
    assert not found.optimal
    assert found.bound is not None
    assert routing.trivial_bound <= found.bound <= found.objective
    return found


@pytest.mark.parametrize("routing", [HARD, MIDDLING], ids=["branch and cut", "dynamic program"])
def test_a_time_limit_leaves_the_best_so_far(routing: qg.PriorityRouting) -> None:
    found = stopped(routing, "time_limit", time_limit=1e-9)
    assert found.objective <= qg.solve_greedy(routing).objective
    assert found.bound == pytest.approx(routing.trivial_bound)


def test_a_bound_on_whole_times_is_whole() -> None:
    calls = itertools.count()
    found = stopped(HARD, "callback", callback=lambda share: share > 0 and next(calls) > 6)
    assert found.bound == math.floor(found.bound or 0.5) > HARD.trivial_bound


@pytest.mark.parametrize(("above", "proved"), [(0.0, 0), (1e-9, 0), (0.3, 1), (1.0, 1), (1.0 + 1e-9, 1)])
def test_bounds_on_whole_times_are_rounded_up(above: float, proved: int) -> None:
    program = RouteProgram(HARD, HARD.nearest_neighbour())
    base = program.bound = float(math.ceil(HARD.trivial_bound))
    program.raise_bound(base + above)
    assert program.bound == base + proved


@pytest.mark.parametrize("routing", [HARD, MIDDLING], ids=["branch and cut", "dynamic program"])
def test_the_share_done_grows_and_a_callback_stops(routing: qg.PriorityRouting) -> None:
    shares: list[float] = []
    stopped(routing, "callback", callback=lambda share: bool(shares.append(share)) or share > 0.3)
    assert shares == sorted(shares)
    assert shares[0] == 0
    assert 0.3 < shares[-1] < 1


@pytest.mark.parametrize("routing", [HARD, MIDDLING], ids=["branch and cut", "dynamic program"])
@pytest.mark.parametrize("late", [False, True], ids=["start", "proof"])
def test_an_interrupt_leaves_the_best_so_far(routing: qg.PriorityRouting, late: bool) -> None:
    pressed: list[float] = []

    def press(share: float) -> None:
        if (share > 0.1 or not late) and not pressed:
            pressed.append(share)
            os.kill(os.getpid(), signal.SIGINT)

    found = stopped(routing, "interrupt", callback=press)
    assert found.objective <= routing.travel_time(routing.nearest_neighbour())


@pytest.mark.parametrize("whole", [False, True])
def test_bounds_on_the_way_hold(whole: bool) -> None:
    """After every number of relaxations, the bound is at most the optimum, and it grows."""
    times = tables(34, 5)["lopsided"]
    routing = qg.PriorityRouting(city_of(times.round() if whole else times, ["normal"] * 34))
    order = routing.nearest_neighbour()
    optimum = by_program(routing).time
    bounds = []
    for calls in (1, 5, 12, 20, 40, 80):
        count = itertools.count(1)
        program = RouteProgram(routing, order)
        if not program.search(Budget(None, lambda _, calls=calls, count=count: next(count) >= calls)):
            bounds.append(program.bound)
            assert program.bound <= optimum * (1 + 1e-9)
            assert program.time <= routing.travel_time(order)
    assert len(bounds) > 2
    assert bounds == sorted(bounds)
    assert bounds[-1] > bounds[0]


# -- rows and cuts ----------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(4))
def test_every_route_keeps_all_rows(seed: int) -> None:
    rng = np.random.default_rng(seed)
    for routing in routings(9, seed):
        legs = Legs.of(routing)
        for _ in range(3):
            tiers = routing.tier_slices
            order = np.concatenate([rng.permutation(np.arange(t.start, t.stop)) for t in tiers]).tolist()
            taken = legs.taken(order)
            assert legs.times @ taken == pytest.approx(routing.travel_time(order))
            assert all(taken[row].sum() == total for row, total in legs.rows())
            assert legs.subtours(taken.astype(float)) == []
            again = legs.order(taken)
            assert again == order or (legs.end == legs.stops and again == order[::-1])
            for size in range(2, 9):
                assert taken[legs.within(rng.permutation(9)[:size] % legs.stops)].sum() < size


def mixed_tours(n: int, seed: int, apart: bool) -> np.ndarray:
    """Weights that add up to 2 at each node: a mixture of tours, or of tours and pairs of separate tours."""
    rng = np.random.default_rng(seed)
    weights = np.zeros((n, n))
    for share in rng.dirichlet(np.ones(4)):
        nodes = rng.permutation(n)
        cut = int(rng.integers(3, n - 2)) if apart else n
        for part in (nodes[:cut], nodes[cut:]):
            np.add.at(weights, (part, np.roll(part, 1)), share)
    return weights + weights.T


@pytest.mark.parametrize("seed", range(40))
def test_light_cuts_against_networkx(seed: int) -> None:
    weights = mixed_tours(8 + seed % 9, seed, apart=seed % 5 > 0)
    graph = nx.Graph([(i, j, {"weight": weights[i, j]}) for i, j in np.argwhere(weights > 0).tolist()])
    graph.add_nodes_from(range(len(weights)))
    lightest = nx.stoer_wagner(graph)[0] if nx.is_connected(graph) else 0.0
    found = light_cuts(weights, 2 - 1e-6)
    values = [weights[np.ix_(side, np.setdiff1d(np.arange(len(weights)), side))].sum() for side in found]
    assert all(value < 2 - 1e-6 for value in values)
    assert all(0 < len(side) < len(weights) and len(weights) - 1 not in side for side in found)
    if lightest < 2 - 1e-6:
        assert min(values) == pytest.approx(lightest, abs=1e-9)
    else:
        assert found == []


def test_cuts_around_nodes_that_are_certainly_joined() -> None:
    """Two rings of whole legs, weakly joined to a third: the rings are cuts though they shrink to a node."""
    weights = np.zeros((9, 9))
    for ring in ([0, 1, 2], [3, 4, 5], [6, 7, 8]):
        for i, j in itertools.combinations(ring, 2):
            weights[i, j] = weights[j, i] = 1.0
    assert sorted(side.tolist() for side in light_cuts(weights, 2 - 1e-6)) == [
        [0, 1, 2], [0, 1, 2, 3, 4, 5], [3, 4, 5],
    ]  # fmt: skip
