"""The compiled Grover mixer on routes, against the oracle: tiers of all shapes, angles of any size and sign."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from conftest import oneway_routing, random_angles
from oracle import KERNELS, NATIVE, Oracle, check

import qgraph as qg

ANGLES = {
    "random": random_angles(3, seed=4),
    "large": (np.array([40.0, -3.0]), np.array([1e3, -1e20])),
    "full turns": (np.array([0.1, -0.2]), np.array([2 * np.pi, np.pi])),
    "none": (np.array([0.0, 1e-9]), np.array([0.4, 0.0])),
    "no layer": (np.zeros(0), np.zeros(0)),
}


def tiers(sizes: list[int], *, depot: bool = True, closed: bool = False) -> qg.PriorityRouting:
    city = qg.City.random(sum(sizes), 0, depot=depot, seed=sum(sizes))
    names = iter(city.tiers[0])
    return qg.PriorityRouting(
        city, return_to_depot=closed, tiers=[[next(names) for _ in range(k)] for k in sizes]
    )


ROUTINGS = {
    "one stop": tiers([1]),
    "two tiers of one": tiers([1, 1], depot=False),
    "one tier": tiers([5]),
    "one tier, no depot": tiers([4], depot=False),
    "two tiers": tiers([3, 4]),
    "closed": tiers([4, 3], closed=True),
    "three tiers": tiers([2, 3, 3], depot=False),
    "many runs": tiers([5, 5], closed=True),
    "one-way": oneway_routing(),
}


@cache
def oracle_of(routing: str, angles: str) -> Oracle:
    return Oracle(ROUTINGS[routing], ANGLES[angles])


@pytest.fixture(params=KERNELS)
def kernel(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("QGRAPH_KERNEL", request.param)
    return str(request.param)


@pytest.mark.parametrize("routing", ROUTINGS)
@pytest.mark.parametrize("precision", ["single", "double"])
def test_routes_of_all_shapes(kernel: str, precision: qg.Precision, routing: str) -> None:
    assert qg.Simulator(ROUTINGS[routing]).kernel == kernel
    check(oracle_of(routing, "random"), precision)


@pytest.mark.parametrize("angles", ANGLES)
@pytest.mark.parametrize("precision", ["single", "double"])
def test_angles_of_any_size_and_sign(kernel: str, precision: qg.Precision, angles: str) -> None:
    for routing in ("one tier", "closed"):
        check(oracle_of(routing, angles), precision)


@pytest.mark.parametrize("name", NATIVE)
def test_a_long_last_tier_is_read_in_pieces(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Ten stops of one tier: runs of 9! routes, longer than a thread's share of scratch."""
    monkeypatch.setenv("QGRAPH_KERNEL", name)
    routing = tiers([10])
    simulator = qg.Simulator(routing, precision="single")
    state = simulator.state([0.3, -0.2], [2.0, -1.0])
    p, costs = state.probabilities(), state.costs
    assert len(p) == 3_628_800
    assert p.sum() == pytest.approx(1, abs=1e-4)
    assert state.expectation() == pytest.approx(p @ costs / p.sum(), rel=1e-10)
    assert [state.optimum(), state.worst()] == pytest.approx([costs.min(), costs.max()], rel=1e-14)
    best = costs <= costs.min() + 1e-9 * np.ptp(costs)
    assert state.optimum_probability() == pytest.approx(p[best].sum(), rel=1e-10)
