"""The mixers of routes by brute force: matrices on a list of routes, exponentiated by SciPy."""

from __future__ import annotations

from itertools import permutations, product

import numpy as np
import pytest
from conftest import oneway_routing, random_angles
from scipy.linalg import expm
from scipy.optimize import approx_fprime
from scipy.sparse.csgraph import connected_components

import qgraph as qg
from qgraph.simulation.choose import Mixer

THREE = qg.City.random(5, 0, depot=False, seed=5)
ROUTINGS = {
    "2 + 2": qg.PriorityRouting(qg.City.random(4, 2, seed=1)),
    "3 + 2, closed": qg.PriorityRouting(qg.City.random(5, 3, seed=2), return_to_depot=True),
    "2 + 3, no depot": qg.PriorityRouting(qg.City.random(5, 2, depot=False, seed=3)),
    "one-way": oneway_routing(),
    "one tier": qg.PriorityRouting(qg.City.random(4, 0, seed=4)),
    "1 + 1": qg.PriorityRouting(qg.City.random(2, 1, seed=4)),
    "1 + 3 + 1": qg.PriorityRouting(
        THREE, tiers=[THREE.tiers[0][:1], THREE.tiers[0][1:4], THREE.tiers[0][4:]]
    ),
}


def routes_of(routing: qg.PriorityRouting) -> list[tuple[str, ...]]:
    """In no relation to the order in which amplitudes are kept: the last tier's permutations vary slowest."""
    tiers = [list(permutations(tier)) for tier in routing.tiers[::-1]]
    return [sum(parts[::-1], ()) for parts in product(*tiers)]


def exchange(routes: list[tuple[str, ...]], p: int) -> np.ndarray:
    """The matrix that exchanges what is at positions p and p + 1."""
    place = {route: i for i, route in enumerate(routes)}
    matrix = np.zeros((len(routes), len(routes)))
    for i, route in enumerate(routes):
        swapped = (*route[:p], route[p + 1], route[p], *route[p + 2 :])
        matrix[place[swapped], i] = 1
    return matrix


def exchanges(routing: qg.PriorityRouting) -> list[np.ndarray]:
    """The swaps in the mixer's order: in each tier those of its odd positions, counted from 1, then the even ones."""
    routes, start, matrices = routes_of(routing), 0, []
    for tier in routing.tiers:
        places = list(range(len(tier) - 1))
        matrices += [exchange(routes, start + p) for p in [*places[0::2], *places[1::2]]]
        start += len(tier)
    return matrices


def by_matrices(routing: qg.PriorityRouting, gammas: np.ndarray, betas: np.ndarray, mixer: str) -> np.ndarray:
    """The amplitudes of `routes_of`."""
    routes = routes_of(routing)
    costs = np.array([routing.evaluate(route).objective for route in routes])
    state = np.full(len(routes), len(routes) ** -0.5, dtype=complex)
    whole = np.full((len(routes), len(routes)), 1 / len(routes))
    for gamma, beta in zip(gammas, betas, strict=True):
        state = expm(-1j * gamma * np.diag(costs)) @ state
        for matrix in exchanges(routing) if mixer == "swap" else [whole]:
            state = expm(-1j * beta * matrix) @ state
    return state


def named(routing: qg.PriorityRouting, state: qg.State) -> dict[tuple[str, ...], complex]:
    """The amplitude of each route, by the bits that stand for it."""
    bits = state._basis.bits(np.arange(state.size))
    routes = [routing.decode(row).route or () for row in bits]
    stops = [tuple(stop for stop in route if stop != routing.city.depot) for route in routes]
    return dict(zip(stops, state.amplitudes().tolist(), strict=True))


@pytest.mark.parametrize("kernel", ["reference", ""])
@pytest.mark.parametrize("mixer", ["grover", "swap"])
@pytest.mark.parametrize("name", ROUTINGS)
def test_amplitudes_and_gradients_by_brute_force(
    monkeypatch: pytest.MonkeyPatch, kernel: str, mixer: Mixer, name: str
) -> None:
    monkeypatch.setenv("QGRAPH_KERNEL", kernel)
    routing = ROUTINGS[name]
    gammas, betas = random_angles(3, seed=len(name))
    expected = by_matrices(routing, gammas, betas, mixer)
    found = named(routing, qg.simulate(routing, gammas, betas, mixer=mixer))
    assert np.abs([found[route] for route in routes_of(routing)] - expected).max() < 1e-12

    costs = np.array([routing.evaluate(route).objective for route in routes_of(routing)])

    def mean(angles: np.ndarray) -> float:
        return float(np.abs(by_matrices(routing, *angles.reshape(2, -1), mixer)) ** 2 @ costs)

    value, gradient = qg.expectation_and_gradient(routing, gammas, betas, mixer=mixer)
    angles = np.concatenate([gammas, betas])
    assert value == pytest.approx(mean(angles), rel=1e-12)
    numeric = approx_fprime(angles, mean, 1e-7)
    scale = np.repeat([costs.max() ** 2, costs.max()], 3)
    assert np.abs(gradient.ravel() - numeric).max() <= 1e-5 * scale.max()


@pytest.mark.parametrize("name", ROUTINGS)
def test_swaps_connect_all_routes(name: str) -> None:
    graph = sum(exchanges(ROUTINGS[name]), np.zeros((1, 1)))
    assert connected_components(graph * np.ones((ROUTINGS[name].routes,) * 2))[0] == 1


@pytest.mark.parametrize("mixer", ["grover", "swap"])
def test_the_uniform_superposition_is_an_eigenstate(mixer: Mixer) -> None:
    routing = ROUTINGS["3 + 2, closed"]
    state = qg.simulate(routing, [0.0, 0.0], [0.7, -1.3], mixer=mixer)
    assert np.ptp(state.probabilities()) < 1e-15
    assert state.expectation() == pytest.approx(routing.mean_travel_time())


def test_every_function_takes_the_mixer() -> None:
    routing = ROUTINGS["2 + 3, no depot"]
    gammas, betas = random_angles(1, 1)
    swapped = qg.simulate(routing, gammas, betas, mixer="swap").expectation()
    assert swapped != pytest.approx(qg.simulate(routing, gammas, betas).expectation())
    assert qg.expectation(routing, gammas, betas, mixer="swap") == swapped
    assert qg.expectation_and_gradient(routing, gammas, betas, mixer="swap")[0] == pytest.approx(swapped)
    assert qg.landscape(routing, gammas, betas, mixer="swap")[0, 0] == pytest.approx(swapped)
    for mixer in ("grover", "swap"):
        result = qg.solve_qaoa(routing, 1, seed=1, mixer=mixer)  # type: ignore[arg-type]
        assert result.mixer == mixer
        assert result.method == "subspace"
        assert result.expectation == pytest.approx(
            qg.expectation(routing, result.gammas, result.betas, mixer=mixer)  # type: ignore[arg-type]
        )
    assert qg.solve_qaoa(qg.MaxCut(qg.Graph.ring(4)), seed=1).mixer == "transverse_field"
    assert qg.Simulator(routing, mixer="transverse_field").method == "statevector"


def test_swaps_reach_further_than_grovers_mixer_at_equal_depth() -> None:
    """What is seen on random cities; both beat the mean, and every sample is feasible."""
    routing = qg.PriorityRouting(qg.City.random(8, 4, seed=1))
    swap, grover = (qg.solve_qaoa(routing, 2, seed=7, mixer=mixer) for mixer in ("swap", "grover"))  # type: ignore[arg-type]
    assert swap.expectation < grover.expectation < routing.mean_travel_time()
    state = qg.simulate(routing, swap.gammas, swap.betas, mixer="swap")
    counts = state.sample(2000, seed=1)
    assert all(routing.decode(bits).feasible for bits in counts.bits)
    assert state.probabilities().sum() == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize("scale", [1e-7, 1e25])
@pytest.mark.parametrize("method", ["subspace", "compressed"])
def test_nothing_depends_on_the_unit_of_travel_time(scale: float, method: qg.Method) -> None:
    city = qg.City.random(6, 3, seed=5)
    stretched = city.model_copy(
        update={"edges": tuple(e.model_copy(update={"distance": e.distance * scale}) for e in city.edges)}
    )
    one, other = (qg.solve_qaoa(qg.PriorityRouting(c), 2, seed=3, method=method) for c in (city, stretched))
    assert other.expectation == pytest.approx(scale * one.expectation, rel=1e-6)
    assert other.optimum_probability == pytest.approx(one.optimum_probability, rel=1e-4)
