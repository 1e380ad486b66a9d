"""What reference.py says about a state, and one contract that every kernel has to keep to agree with it."""

from __future__ import annotations

import itertools
from functools import cache

import numpy as np
import pytest
from conftest import spin_glass

import qgraph as qg
from qgraph.simulation import engine, readout, warm_start
from qgraph.simulation.choose import Mixer
from qgraph.simulation.library import library
from qgraph.simulation.routes import basis
from qgraph.simulation.vector import dense, native, reference

Angles = tuple[np.ndarray, np.ndarray]

NATIVE: list[str] = library.features()["supported"] if library else []
KERNELS = ["reference", *NATIVE]
TOLERANCE = {"single": 4e-6, "double": 1e-12}


def symmetric(n: int, seed: int, sense: str = "maximize") -> qg.Ising:
    """A random Ising model without fields: half of its state is stored."""
    model = spin_glass(n, seed, sense)
    return qg.Ising(np.zeros(n), couplings(model), model.offset, sense=sense)  # type: ignore[arg-type]


def couplings(model: qg.Ising) -> dict[tuple[int, int], float]:
    return {(int(i), int(j)): float(J) for (i, j), J in zip(model.pairs, model.J, strict=True)}


class Oracle:
    """Everything that can be asked of a state, in double precision, from the array of all costs."""

    def __init__(
        self, problem: qg.Problem, angles: Angles, mixer: Mixer = "auto", chances: np.ndarray | None = None
    ) -> None:
        self.problem, self.angles, self.mixer_name, self.chances = problem, angles, mixer, chances
        self.start = None if chances is None else warm_start.product_state(chances)
        self.mixer: reference.Mixer
        if isinstance(problem, qg.PriorityRouting):
            swaps = reference.Swaps([len(tier) for tier in problem.tiers])
            self.mixer = swaps if mixer == "swap" else reference.Grover()
            self.basis, self.offset = basis.RouteBasis(problem), 0.0
            self.costs = self.basis.costs()
        else:
            ising = problem.to_ising()
            self.mixer, self.offset = reference.TransverseField(), ising.offset
            if chances is not None:
                self.mixer = reference.TiltedField(warm_start.tilts(chances))
            self.costs = reference.cost_diagonal(ising.h, ising.coupling_matrix())
        self.flip = 1.0 if problem.sense == "minimize" else -1.0
        self.range = float(np.ptp(self.costs))
        self.largest = float(np.abs(self.costs).max())
        self.turned = float(np.sum(np.abs(angles[0]))) * (self.largest + abs(self.offset))
        self.amplitudes = self.evolved(*angles)
        self.p = reference.probabilities(self.amplitudes)
        self.mean = self.offset + float(np.sum(self.p * self.costs))
        self.p /= self.p.sum()

    def simulator(self, precision: qg.Precision) -> qg.Simulator:
        """What is compared with it."""
        start = {"warm_start": self.chances, "epsilon": 0.0, "mixer": self.mixer_name}
        return qg.Simulator(self.problem, precision=precision, **start)

    def evolved(self, gammas: np.ndarray, betas: np.ndarray) -> np.ndarray:
        row = gammas.tolist(), betas.tolist()
        state = reference.evolve(self.costs, self.mixer, *row, np.complex128, self.start)
        return state * np.exp(-1j * self.offset * gammas.sum())

    @cache  # noqa: B019 (for as long as the tests run)
    def after_one_layer(self, beta: float) -> float:
        """The expectation at the first gamma and this beta."""
        p = reference.probabilities(self.evolved(self.angles[0][:1], np.array([beta])))
        return self.offset + float(np.sum(p * self.costs))

    @cache  # noqa: B019 (for as long as the tests run)
    def tail(self, share: float) -> tuple[float, float]:
        order = np.argsort(self.flip * self.costs, kind="stable")
        reached = np.cumsum(self.p[order])
        place = min(int(np.searchsorted(reached, share)), len(order) - 1)
        quantile = self.costs[order[place]]
        before = order[:place]
        inside = self.p[before].sum()
        mean = (np.sum(self.p[before] * self.costs[before]) + (share - inside) * quantile) / share
        return float(quantile), float(mean)

    @cache  # noqa: B019 (for as long as the tests run)
    def gradient(self, share: float) -> tuple[float, np.ndarray]:
        quantile, mean = self.tail(share)
        sense = self.problem.sense
        values = self.costs if share == 1 else dense.tail_values(self.costs, quantile, sense, share)
        gammas, betas = (row.tolist() for row in self.angles)
        slope = reference.gradient(self.amplitudes.copy(), self.costs, values, self.mixer, gammas, betas)
        return self.offset + mean, slope

    @cache  # noqa: B019 (for as long as the tests run)
    def bits(self) -> np.ndarray:
        if isinstance(self.problem, qg.PriorityRouting):
            return self.basis.bits(np.arange(len(self.costs)))
        return np.arange(len(self.costs))[:, None] >> np.arange(len(self.problem.nodes)) & 1

    @cache  # noqa: B019 (for as long as the tests run)
    def between(self) -> np.ndarray:
        """Some values that no cost is near to: the middles of the widest gaps."""
        levels = np.unique(self.costs)
        gaps = np.argsort(np.diff(levels))[-3:]
        return np.sort(levels[gaps] + np.diff(levels)[gaps] / 2)


def check(oracle: Oracle, precision: qg.Precision) -> None:
    """Compare all that a simulator and its state can be asked with the oracle."""
    simulator = oracle.simulator(precision)
    state = simulator.state(*oracle.angles)
    near = TOLERANCE[precision] + 4e-16 * oracle.turned
    value = pytest.approx(0, abs=near * max(oracle.largest, abs(oracle.offset), 1e-300))
    check_state(oracle, state, precision, near)
    check_outcomes(oracle, state, near)
    assert simulator.expectation(*oracle.angles) - oracle.mean == value
    for share in (1.0, 0.29):  # not a whole number of equally likely states: the CVaR has a kink there
        mean, slope = simulator.expectation_and_gradient(*oracle.angles, cvar=share)
        expected_mean, expected_slope = oracle.gradient(share)
        assert mean - expected_mean == value
        scale = np.array([[oracle.largest], [1.0]]) * oracle.largest * len(oracle.problem.nodes)
        assert (np.abs(slope - expected_slope) <= near / share * scale).all()
    if len(oracle.angles[0]):
        gammas, betas = oracle.angles[0][:1], oracle.angles[1][:2]
        grid = simulator.landscape(gammas, betas)
        assert grid.shape == (1, len(betas))
        for column, beta in enumerate(betas.tolist()):
            assert grid[0, column] - oracle.after_one_layer(beta) == value


def check_state(oracle: Oracle, state: qg.State, precision: str, near: float) -> None:
    """Amplitudes, and what is averaged over them."""
    value = pytest.approx(0, abs=near * max(oracle.largest, abs(oracle.offset), 1e-300))
    amplitudes = state.amplitudes()
    assert amplitudes.dtype == {"single": np.complex64, "double": np.complex128}[precision]
    assert np.abs(amplitudes - oracle.amplitudes).max() < near
    assert np.abs(state.probabilities() - oracle.p).max() < near
    assert np.abs(state.marginals() - oracle.p @ oracle.bits()).max() < near
    mean = float(oracle.p @ oracle.costs)
    assert state.expectation() - oracle.offset - mean == value
    spread = float(oracle.p @ np.square(oracle.costs - mean))
    assert state.variance() - spread == pytest.approx(0, abs=4 * near * max(oracle.largest**2, 1e-300))
    for share in (1.0, 0.3, 0.02):
        scale = near / share * max(oracle.largest, abs(oracle.offset), 1e-300)
        assert state.cvar(share) - oracle.offset == pytest.approx(oracle.tail(share)[1], abs=scale)


def check_outcomes(oracle: Oracle, state: qg.State, near: float) -> None:
    """Extremes, distribution, the most likely states and samples."""
    rounding = 1e-13 * max(oracle.largest, 1e-300)
    best, worst = (oracle.flip * np.sort(oracle.flip * oracle.costs)[[0, -1]]).tolist()
    here = 1e-15 * abs(oracle.offset)
    assert state.optimum() - oracle.offset == pytest.approx(best, abs=rounding + here)
    assert state.worst() - oracle.offset == pytest.approx(worst, abs=rounding + here)
    guess = float(oracle.costs.mean())
    assert state.random_expectation() - oracle.offset == pytest.approx(guess, abs=rounding + here)
    if oracle.range > 1e-9 * oracle.largest:
        ratio = (float(oracle.p @ oracle.costs) - guess) / (best - guess)
        scale = 4 * near * oracle.largest / abs(best - guess)
        assert state.normalized_ratio() == pytest.approx(ratio, abs=scale)
    optimal = np.abs(oracle.costs - best) <= 1e-9 * oracle.range
    assert state.optimum_probability() == pytest.approx(oracle.p[optimal].sum(), abs=near)

    edges, shares = state.distribution(7)
    assert shares.sum() == pytest.approx(1, abs=near)
    reached = np.concatenate([[0], np.cumsum(shares)])
    for edge, share in zip(
        edges - oracle.offset, reached, strict=True
    ):  # costs at an edge may fall either way
        below, above = (oracle.costs < edge - rounding - here), (oracle.costs <= edge + rounding + here)
        assert oracle.p[below].sum() - near <= share <= oracle.p[above].sum() + near
    check_windows(oracle, state._vector, near)

    p = state.probabilities()
    order = np.lexsort((np.arange(len(p)), -p))
    for k in (1, min(3, len(p)), len(p)):
        indices, shares = readout.most_likely(state._vector, k)
        assert np.abs(shares - p[order[:k]]).max() < 1e-15
        assert np.array_equal(shares, p[indices])
        assert len(np.unique(indices)) == k
        assert (np.lexsort((indices, -shares)) == np.arange(k)).all()
    sample = measured(state._vector, 300, seed=5)
    assert sample == expected_sample(state._vector, 300, seed=5)
    counts = state.sample(300, seed=5)
    assert np.array_equal(
        np.repeat(counts.bits, counts.counts, axis=0)[:, 0].sum(), oracle.bits()[sample, 0].sum()
    )


def check_windows(oracle: Oracle, vector: engine.Vector, near: float) -> None:
    """Histograms of a part of the costs, whose ends no cost is near to."""
    cuts = oracle.between()  # none where all costs are one
    exact = dense.DenseVector(oracle.costs, np.sqrt(oracle.p).astype(complex), 1)
    for low, high in itertools.pairwise(cuts):
        mine, theirs = (v.histogram(low, high, 1)[0] for v in (vector, exact))
        scale = np.array([1, oracle.largest, oracle.largest**2, oracle.largest, oracle.largest])
        assert np.isfinite(theirs).all() == np.isfinite(mine).all()
        assert (np.abs(mine - theirs) <= 4 * near * scale)[np.isfinite(theirs)].all()


def measured(vector: engine.Vector, shots: int, seed: int) -> list[int]:
    return sorted(vector.measure(shots, np.random.default_rng(seed)).tolist())


def expected_sample(vector: engine.Vector, shots: int, seed: int) -> list[int]:
    """Inversion of the cumulative probabilities, and the same draw of which of two mirror images is seen."""
    rng = np.random.default_rng(seed)
    p = vector.probabilities()[: vector.size // vector.copies]
    cumulative = np.cumsum(p)
    found = np.searchsorted(cumulative, np.sort(rng.random(shots)) * cumulative[-1], side="right")
    if vector.copies == 2:
        found = np.where(rng.integers(0, 2, shots) == 1, vector.size - 1 - found, found)
    return sorted(found.tolist())


def is_native(vector: engine.Vector) -> bool:
    return isinstance(vector, native.NativeVector)
