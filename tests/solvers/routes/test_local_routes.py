"""Local search on routes of hundreds and thousands of stops."""

from __future__ import annotations

import itertools
import os
import signal

import numpy as np
import pytest

import qgraph as qg
from qgraph.solvers.budget import Budget
from qgraph.solvers.routes import local_search, near_moves
from qgraph.solvers.routes.local_search import LocalSearch, as_path, best_of_many
from qgraph.solvers.routes.near_moves import LENGTHS, NearMoves


def scattered(n: int, seed: int, *, depot: bool = True, priority: int = 0) -> qg.City:
    """Stops at random places, direct roads between all, as in TSPLIB's larger instances."""
    rng = np.random.default_rng(seed)
    kinds = ["depot"] * depot + ["priority"] * priority + ["normal"] * (n - priority)
    nodes = [
        {"id": i, "x": int(x), "y": int(y), "type": kind}
        for i, (kind, (x, y)) in enumerate(zip(kinds, rng.integers(0, 10_000, (len(kinds), 2)), strict=True))
    ]
    return qg.City.model_validate({"nodes": nodes, "metric": "EUC_2D"})


def lopsided(n: int, seed: int) -> qg.City:
    """One-way roads between all stops: nothing takes the same time both ways."""
    rng = np.random.default_rng(seed)
    places = rng.uniform(0, 100, (n, 2))
    km = np.hypot(*(places[:, None] - places[None]).transpose(2, 0, 1)) * rng.uniform(1, 1.5, (n, n))
    nodes = [
        {"id": i, "x": x, "y": y, "type": "priority" if i < n // 3 else "normal"}
        for i, (x, y) in enumerate(places)
    ]
    roads = [
        {"from": i, "to": j, "distance": km[i, j], "traffic": "low", "oneway": True}
        for i, j in itertools.permutations(range(n), 2)
    ]
    return qg.City.model_validate({"nodes": nodes, "edges": roads, "through_stops": False})


SEARCHES = {
    "symmetric, closed": qg.PriorityRouting(scattered(30, 1), return_to_depot=True),
    "symmetric, tiers, open": qg.PriorityRouting(scattered(30, 2, priority=12)),
    "symmetric, no depot": qg.PriorityRouting(scattered(25, 3, depot=False, priority=10)),
    "asymmetric, tiers": qg.PriorityRouting(lopsided(30, 4)),
    "over roads": qg.PriorityRouting(qg.City.random(30, 12, seed=5), return_to_depot=True),
}


@pytest.mark.parametrize("name", SEARCHES)
def test_changes_are_what_the_moves_do(name: str) -> None:
    """Every move for every step a -> b, made on a list and added up leg by leg."""
    routing = SEARCHES[name]
    rng = np.random.default_rng(7)
    tiers = routing.tier_slices
    order = np.concatenate([rng.permutation(np.arange(t.start, t.stop)) for t in tiers]).tolist()
    path, search = as_path(order), LocalSearch(routing)
    for tier in tiers:
        first, last = tier.start + 1, tier.stop + 1
        near = NearMoves(search.times, first, last)
        near.symmetric = "asymmetric" not in name
        near.follow(path)
        steps = np.array(list(itertools.permutations(path[first - 1 : last + 1].tolist(), 2)))
        changes, positions = near._changes(steps[:, 0], steps[:, 1])
        before, seen = routing.travel_time(order), 0
        for (a, b), row, places in zip(steps.tolist(), changes.tolist(), positions.tolist(), strict=True):
            for kind, change in enumerate(row):
                if change < np.inf:
                    moved = changed(path.tolist(), kind, *places[kind])
                    assert sorted(moved[first:last]) == sorted(path[first:last].tolist())
                    assert moved[:first] == path[:first].tolist()
                    assert moved[last:] == path[last:].tolist()
                    assert (a, b) in itertools.pairwise(moved)
                    after = routing.travel_time(moved[1:-1])
                    assert change == pytest.approx(after - before, abs=1e-6)
                    seen |= 1 << kind
        assert seen == 2 ** (2 + 2 * len(LENGTHS)) - 1


def changed(path: list[int], move: int, begin: int, end: int, behind: int) -> list[int]:
    """The path after a reversal (moves 0 and 1) or after a segment went behind another position."""
    segment = path[begin : end + 1]
    if move < 2:
        return path[:begin] + segment[::-1] + path[end + 1 :]
    rest = path[:begin] + path[end + 1 :]
    place = behind + 1 if behind < begin else behind + 1 - len(segment)
    return rest[:place] + segment + rest[place:]


@pytest.mark.parametrize("name", SEARCHES)
def test_stops_with_other_neighbours_are_tried_again(name: str) -> None:
    routing = SEARCHES[name]
    order = np.concatenate([np.arange(t.start, t.stop)[::-1] for t in routing.tier_slices]).tolist()
    path, search = as_path(order), LocalSearch(routing)
    moves = 0
    for tier in routing.tier_slices:
        near = NearMoves(search.times, tier.start + 1, tier.stop + 1)
        near.symmetric = "asymmetric" not in name
        near.follow(path)
        for step in itertools.permutations(path[tier.start : tier.stop + 2].tolist(), 2):
            before = neighbours(path.tolist())
            again = set(near._take(np.array(step), 1e-9))
            after = neighbours(path.tolist())
            moves += after != before
            assert {stop for stop in before if before[stop] != after[stop]} <= again
            assert near.where[path].tolist() == list(range(len(path)))
    assert moves > 10


def neighbours(path: list[int]) -> dict[int, set[int]]:
    """The two neighbours of each stop, in both orders."""
    beside = zip([path[0], *path], path, [*path[1:], path[-1]], strict=False)
    return {here: {before, after} for before, here, after in beside}


@pytest.mark.parametrize("name", SEARCHES)
def test_no_near_move_is_left(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """If all stops are near, a local optimum is one for all moves, as in small tiers."""
    monkeypatch.setattr(near_moves, "NEAR", 1000)
    routing = SEARCHES[name]
    search = LocalSearch(routing, 1)
    assert search.large
    path = as_path(routing.nearest_neighbour())
    start = search.time(path)
    search.improve(path, Budget(None))
    assert search.time(path) < start
    assert routing.evaluate(routing.named(path[1:-1])).feasible
    for tier in routing.tier_slices:
        for move in (local_search._reversal, local_search._relocation):
            assert move(path, search.times, tier.start + 1, tier.stop + 1)[0] >= -1e-6


@pytest.mark.parametrize("name", SEARCHES)
def test_kicks_keep_to_the_tiers(name: str) -> None:
    routing = SEARCHES[name]
    first = best_of_many(routing, 0, 1, Budget(None))
    better = best_of_many(routing, 300, 1, Budget(None), largest_restarted=9)
    assert routing.evaluate(routing.named(better)).feasible
    assert routing.travel_time(better) <= routing.travel_time(first)
    assert better == best_of_many(routing, 300, 1, Budget(None), largest_restarted=9)


def test_kicks_find_more() -> None:
    routing = qg.PriorityRouting(scattered(600, 8, priority=280))
    greedy = qg.solve_greedy(routing)
    assert qg.solve_two_opt(routing, restarts=100).objective < 0.999 * greedy.objective


def test_a_thousand_stops_gain_what_local_search_gains() -> None:
    """Johnson and McGeoch (1997), table 1: nearest neighbour 25 % above the bound, 2-opt and or-opt 5 %."""
    routing = qg.PriorityRouting(scattered(1000, 5), return_to_depot=True)
    start = routing.travel_time(routing.nearest_neighbour())
    found = qg.solve_greedy(routing)
    assert found.feasible
    assert 0.80 < found.objective / start < 0.88
    expected = 0.7124 * np.sqrt(1001 * 1e8) * (1 + 0.33 / 1001)  # of the optimum; their random uniform model
    assert expected < found.objective < 1.08 * 1.04 * expected


def test_three_thousand_stops_over_roads_and_in_tiers() -> None:
    routing = qg.PriorityRouting(qg.City.random(3000, 300, seed=1))
    start = routing.travel_time(routing.nearest_neighbour())
    found = qg.solve_two_opt(routing, restarts=5)
    assert found.feasible
    assert found.priority_satisfied
    assert found.objective < 0.88 * start


LARGE = qg.PriorityRouting(scattered(2500, 6), return_to_depot=True)


def test_a_time_limit_ends_the_first_descent() -> None:
    start = LARGE.travel_time(LARGE.nearest_neighbour())
    found = qg.solve_two_opt(LARGE, time_limit=0.3)
    assert found.stopped_by == "time_limit"
    assert found.feasible
    assert found.objective <= start


def test_an_interrupt_returns_the_best_so_far() -> None:
    shares: list[float] = []

    def press(share: float) -> None:
        shares.append(share)
        if len(shares) == 20:
            os.kill(os.getpid(), signal.SIGINT)

    found = qg.solve_two_opt(LARGE, restarts=10**6, callback=press)
    assert len(shares) <= 21
    assert found.stopped_by == "interrupt"
    assert found.feasible
    assert found.objective <= qg.solve_greedy(LARGE).objective
