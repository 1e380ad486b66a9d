"""The Grover mixer on costs alone, against the routes themselves, stored one by one."""

from __future__ import annotations

import re

import numpy as np
import pytest
from conftest import oneway_routing, random_angles
from scipy.stats import chi2

import qgraph as qg
from qgraph.simulation.routes import compressed
from qgraph.simulation.routes.sums import RouteSums
from simulation.routes.conftest import ANGLES, ROUTINGS, tiers

SEVEN = tiers([7, 7])  # 25 million routes, fewer than a gigabyte
NEAR = 1e-10


def relative(angles: str, routing: str) -> float:
    """Rounding grows with how often phases have turned."""
    return NEAR + 1e-15 * float(np.abs(ANGLES[angles][0]).sum()) * ROUTINGS[routing].mean_travel_time()


@pytest.mark.parametrize("angles", ANGLES)
@pytest.mark.parametrize("name", ROUTINGS)
def test_compressed_states_equal_stored_routes(name: str, angles: str) -> None:
    gammas, betas = ANGLES[angles]
    near = relative(angles, name)
    stored, short = (qg.Simulator(ROUTINGS[name], method=m) for m in ("subspace", "compressed"))  # type: ignore[arg-type]
    one, other = stored.state(gammas, betas), short.state(gammas, betas)
    worst = one.worst()
    assert isinstance(other._vector, compressed.CompressedVector)
    assert other.expectation() == pytest.approx(one.expectation(), rel=near)
    assert other.variance() == pytest.approx(one.variance(), rel=near, abs=near * worst**2)
    assert [other.optimum(), other.worst()] == pytest.approx([one.optimum(), one.worst()], rel=1e-13)
    assert other.optimum_probability() == pytest.approx(one.optimum_probability(), rel=near, abs=near)
    assert np.abs(other.marginals() - one.marginals()).max() < near
    assert short.expectation(gammas, betas) == other.expectation()
    (value, slope), (expected, expected_slope) = (
        simulator.expectation_and_gradient(gammas, betas) for simulator in (short, stored)
    )
    assert value == pytest.approx(expected, rel=near)
    assert (np.abs(slope - expected_slope) <= 10 * near * np.array([[worst**2], [worst]])).all()
    if len(gammas):
        grids = [simulator.landscape(gammas, betas) for simulator in (short, stored)]
        assert np.abs(grids[0] - grids[1]).max() <= near * worst


@pytest.mark.parametrize("depth", [1, 4])
def test_25_million_compressed_routes_equal_stored_ones(depth: int) -> None:
    gammas, betas = random_angles(depth, seed=depth)
    gammas *= 0.1
    stored, short = (qg.Simulator(SEVEN, method=m) for m in ("subspace", "compressed"))  # type: ignore[arg-type]
    assert qg.Simulator(SEVEN).method == "compressed"
    value, slope = short.expectation_and_gradient(gammas, betas)
    expected, expected_slope = stored.expectation_and_gradient(gammas, betas)
    assert value == pytest.approx(expected, rel=NEAR)
    assert slope == pytest.approx(expected_slope, rel=1e-8, abs=1e-8)
    one, other = stored.state(gammas, betas), short.state(gammas, betas)
    assert other.variance() == pytest.approx(one.variance(), rel=NEAR)
    assert other.optimum_probability() == pytest.approx(one.optimum_probability(), rel=NEAR)
    assert [other.optimum(), other.worst()] == pytest.approx([one.optimum(), one.worst()], rel=1e-13)


@pytest.mark.parametrize("name", ["one tier", "closed", "three tiers", "one-way"])
def test_samples_follow_the_probabilities(name: str) -> None:
    """A chi-squared test on routes, and that the same seed draws the same."""
    routing, angles = ROUTINGS[name], ANGLES["random"]
    state = qg.simulate(routing, *angles, method="compressed")
    stored = qg.simulate(routing, *angles)
    every, shots = stored._basis.bits(np.arange(stored.size)), 40_000
    for counts, p in (
        (state.sample(shots, seed=3), stored.probabilities()),
        (state.guess(shots, seed=3), np.full(stored.size, 1 / stored.size)),
    ):
        found = {row.tobytes(): int(n) for row, n in zip(counts.bits, counts.counts, strict=True)}
        observed = np.array([found.pop(row.tobytes(), 0) for row in every])
        assert not found  # nothing infeasible
        assert observed.sum() == shots
        common = p * shots > 5
        statistic = np.sum((observed - p * shots)[common] ** 2 / (p * shots)[common])
        assert statistic < chi2.ppf(1 - 1e-6, max(1, common.sum() - 1))
    again = state.sample(500, seed=3)
    assert np.array_equal(again.bits, state.sample(500, seed=3).bits)
    assert not np.array_equal(again.counts, state.sample(500, seed=4).counts) or stored.size < 5


@pytest.mark.parametrize("routing", [*ROUTINGS.values(), oneway_routing()])
def test_characteristic_function_equals_the_list_of_routes(routing: qg.PriorityRouting) -> None:
    sums, rates = RouteSums(routing), np.array([0.0, 0.03, -0.4])
    costs = qg.simulate(routing, [], []).costs - sums.mean
    for order, means in enumerate(sums.means(rates)):
        expected = [np.mean(costs**order * np.exp(-1j * rate * costs)) for rate in rates]
        assert np.abs(means - expected).max() <= 1e-12 * max(1.0, np.abs(costs).max()) ** order


def test_ties_are_counted() -> None:
    """On a ring of equal roads many routes are optimal."""
    stops = [{"id": name, "x": 0, "y": 0, "type": "normal"} for name in "abcdef"]
    roads = [
        {"from": a, "to": b, "distance": 1.5, "traffic": "low"}
        for a, b in zip("abcdef", "bcdefa", strict=True)
    ]
    routing = qg.PriorityRouting(qg.City.model_validate({"nodes": stops, "edges": roads}))
    stored = qg.simulate(routing, [0.3], [1.1])
    optimal = np.isclose(stored.costs, stored.optimum())
    assert optimal.sum() == RouteSums(routing).optima(1e-9) == 12
    short = qg.simulate(routing, [0.3], [1.1], method="compressed")
    assert short.optimum_probability() == pytest.approx(stored.optimum_probability(), rel=1e-12)


def test_amplitudes_of_compressed_states_are_refused() -> None:
    state = qg.simulate(SEVEN, [0.1], [0.2])
    why = re.escape('needs all 25401600 routes, and method "compressed" stores none of them')
    for ask in (
        state.amplitudes,
        state.probabilities,
        state.distribution,
        state.top,
        lambda: state.cvar(0.5),
    ):
        with pytest.raises(qg.ProblemTooLarge, match=why):
            ask()
    with pytest.raises(qg.InvalidInput, match="`cvar` must be 1 with method"):
        qg.solve_qaoa(SEVEN, cvar=0.5)
    with pytest.raises(qg.ProblemTooLarge, match="at most 16 stops, got one of 17"):
        qg.Simulator(tiers([17]), method="compressed")
    assert "<table>" in state._repr_html_()
    assert "25401600 amplitudes" in repr(state)


def test_sixteen_stops() -> None:
    """8! 8! routes: far more than are stored, and every answer is a feasible route with its own travel time."""
    routing = qg.PriorityRouting(qg.City.random(16, 8, seed=1))
    result = qg.solve_qaoa(routing, 2, seed=7, starts=1)
    assert (result.method, result.mixer) == ("compressed", "grover")
    assert result.best.feasible
    assert result.best.route is not None
    assert routing.evaluate(result.best.route).objective == result.best.objective >= result.optimum
    assert result.optimum == pytest.approx(qg.solve_exact(routing).objective)
    assert result.expectation < routing.mean_travel_time()
    assert 1 / routing.routes < result.optimum_probability < 1


def test_more_routes_than_64_bits_count() -> None:
    """13! 13! routes exceed 64 bits."""
    routing = tiers([13, 13])
    state = qg.simulate(routing, [0.01], [1.0])
    assert routing.routes > 2**63
    assert state.sample(50, seed=1).shots == 50
    assert state.guess(20_000, seed=1).expectation() == pytest.approx(routing.mean_travel_time(), rel=0.01)
    assert state.marginals().reshape(2, 13, 13).sum(axis=1) == pytest.approx(1, abs=1e-12)
