"""The compiled mixers on routes, against the oracle: tiers of all shapes, angles of any size and sign."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from conftest import random_angles

import qgraph as qg
from qgraph.simulation.choose import Mixer
from qgraph.simulation.vector import reference
from simulation.conftest import KERNELS, NATIVE, TOLERANCE, Oracle, check
from simulation.routes.conftest import ANGLES, ROUTINGS, tiers

MIXERS: list[Mixer] = ["grover", "swap"]


@cache
def oracle_of(routing: str, angles: str, mixer: Mixer) -> Oracle:
    return Oracle(ROUTINGS[routing], ANGLES[angles], mixer)


@pytest.fixture(params=KERNELS)
def kernel(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("QGRAPH_KERNEL", request.param)
    return str(request.param)


@pytest.mark.parametrize("mixer", MIXERS)
@pytest.mark.parametrize("routing", ROUTINGS)
@pytest.mark.parametrize("precision", ["single", "double"])
def test_routes_of_all_shapes(kernel: str, precision: qg.Precision, routing: str, mixer: Mixer) -> None:
    assert qg.Simulator(ROUTINGS[routing]).kernel == kernel
    check(oracle_of(routing, "random", mixer), precision)


@pytest.mark.parametrize("mixer", MIXERS)
@pytest.mark.parametrize("angles", ANGLES)
@pytest.mark.parametrize("precision", ["single", "double"])
def test_angles_of_any_size_and_sign(kernel: str, precision: qg.Precision, angles: str, mixer: Mixer) -> None:
    for routing in ("one tier", "closed"):
        check(oracle_of(routing, angles, mixer), precision)


@pytest.mark.parametrize("precision", ["single", "double"])
@pytest.mark.parametrize("sizes", [[8], [9], [6, 4], [2, 7, 2], [1, 8]], ids=str)
def test_swaps_of_large_blocks_have_separate_passes(
    kernel: str, precision: qg.Precision, sizes: list[int]
) -> None:
    """Blocks beyond what is swapped at a time, with runs long and short; on as many threads as there are."""
    routing, (gammas, betas) = tiers(sizes), random_angles(2, seed=6)
    simulator = qg.Simulator(routing, mixer="swap", precision=precision)
    oracle = large_oracle(tuple(sizes))
    near = TOLERANCE[precision]
    assert np.abs(simulator.state(gammas, betas).amplitudes() - oracle.amplitudes).max() < near
    value, slope = simulator.expectation_and_gradient(gammas, betas)
    expected, expected_slope = oracle.gradient(1.0)
    assert value == pytest.approx(expected, rel=10 * near)
    assert np.abs(slope - expected_slope).max() <= 100 * near * oracle.largest**2


@cache
def large_oracle(sizes: tuple[int, ...]) -> Oracle:
    return Oracle(tiers(list(sizes)), random_angles(2, seed=6), "swap")


@pytest.mark.parametrize("name", NATIVE)
def test_a_long_last_tier_is_read_in_parts(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
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


@pytest.mark.parametrize("swaps", [[(1, 1)], [(2, 0)], [(3, 1)], [(2, 2**62)], [(2**40, 1)], [(2, -1)]])
def test_swaps_that_do_not_fit_the_routes_are_refused(swaps: list[tuple[int, int]]) -> None:
    simulator = qg.Simulator(tiers([2, 2]), mixer="swap")
    simulator.engine.swaps = np.array(swaps, dtype=np.int64)  # type: ignore[attr-defined]
    with pytest.raises(ValueError, match="swaps and routes do not belong together"):
        simulator.expectation([0.1], [0.2])


@pytest.mark.parametrize(("m", "run"), [(16, 36), (2, 43200), (9, 120)])
@pytest.mark.parametrize("name", NATIVE)
def test_threads_share_large_blocks_whole_or_in_parts(
    monkeypatch: pytest.MonkeyPatch, name: str, m: int, run: int
) -> None:
    """Many blocks of short runs, as only states beyond this machine's tests have them, and few of long ones."""
    routing, (gammas, betas) = tiers([6, 6]), random_angles(2, seed=6)
    monkeypatch.setenv("QGRAPH_KERNEL", name)
    simulator = qg.Simulator(routing, mixer="swap")
    simulator.engine.swaps = np.array([(m, run)], dtype=np.int64)  # type: ignore[attr-defined]
    mixer = reference.Swaps([])
    mixer.factors = (reference.Swap(m, run),)
    costs = simulator.state([], []).costs
    state = reference.evolve(costs, mixer, gammas.tolist(), betas.tolist(), np.complex128)
    assert np.abs(simulator.state(gammas, betas).amplitudes() - state).max() < 1e-13
    slope = reference.gradient(state, costs, costs, mixer, gammas.tolist(), betas.tolist())
    found = simulator.expectation_and_gradient(gammas, betas)[1]
    assert np.abs(found - slope).max() <= 1e-10 * np.abs(costs).max() ** 2
