"""Kernels at the sizes where groups, columns and passes begin, against states that are products of small ones."""

from __future__ import annotations

import numpy as np
import pytest
from conftest import random_angles, spin_glass

import qgraph as qg
from qgraph.base import resources
from simulation.conftest import NATIVE, Oracle, check_outcomes, couplings, symmetric

DEPTH = 2


class Product:
    """A model of separate parts of three or four spins, scattered over the bits: everything is known of it."""

    def __init__(self, n: int, mirrored: bool, warm: bool = False) -> None:
        rng = np.random.default_rng(n)
        places, chances = rng.permutation(n), rng.uniform(size=n)
        self.chances = chances if warm else None
        self.angles = random_angles(DEPTH, seed=n)
        self.parts = [part for part in np.array_split(places, max(1, n // 3)) if len(part)]
        h, J = np.zeros(n), {}
        self.oracles = []
        for number, part in enumerate(self.parts):
            model = (symmetric if mirrored else spin_glass)(len(part), seed=100 * n + number)
            h[part] = model.h
            J |= {(int(part[i]), int(part[j])): weight for (i, j), weight in couplings(model).items()}
            alone = qg.Ising(model.h, couplings(model), sense="minimize")
            start = chances[part] if warm else None
            self.oracles.append(Oracle(alone, self.angles, chances=start))
        self.model = qg.Ising(h, J, sense="minimize")

    def amplitudes(self, indices: np.ndarray) -> np.ndarray:
        found = np.ones(len(indices), dtype=complex)
        for part, oracle in zip(self.parts, self.oracles, strict=True):
            found *= oracle.amplitudes[(indices[:, None] >> part & 1) @ (1 << np.arange(len(part)))]
        return found

    def moments(self) -> tuple[float, float]:
        means = [oracle.p @ oracle.costs for oracle in self.oracles]
        spreads = [o.p @ np.square(o.costs - mean) for o, mean in zip(self.oracles, means, strict=True)]
        return float(sum(means)), float(sum(spreads))

    def gradient(self) -> np.ndarray:
        return np.sum([oracle.gradient(1.0)[1] for oracle in self.oracles], axis=0)

    def extremes(self) -> tuple[float, float]:
        return sum(o.costs.min() for o in self.oracles), sum(o.costs.max() for o in self.oracles)


def compare(
    n: int, mirrored: bool, precision: qg.Precision, *, forward_only: bool = False, warm: bool = False
) -> None:
    product = Product(n, mirrored, warm)
    options = {"warm_start": product.chances, "epsilon": 0.0}
    simulator = qg.Simulator(product.model, precision=precision, **options)
    state = simulator.state(*product.angles)
    near = {"single": 1e-5, "double": 1e-11}[precision]
    mean, spread = product.moments()
    assert state.expectation() == pytest.approx(mean, abs=near * n)
    assert state.variance() == pytest.approx(spread, rel=10 * near)
    if not forward_only:
        assert [state.optimum(), state.worst()] == pytest.approx(product.extremes(), rel=1e-12)

    vector = state._vector
    stored = len(vector.re)  # type: ignore[attr-defined]
    indices = np.unique(np.random.default_rng(1).integers(0, stored, 3000))
    indices[[0, -1]] = 0, stored - 1
    found = vector.re[indices] + 1j * vector.im[indices].astype(complex)  # type: ignore[attr-defined]
    assert np.abs(found - product.amplitudes(indices)).max() * 2 ** (n / 2) < 20 * near
    if forward_only:
        return
    sums, maxima = vector.run_sums()
    assert vector.copies * sums.sum() == pytest.approx(1, abs=near)
    assert state.top(1)[0].probability == pytest.approx(maxima.max(), rel=1e-15)
    del state, vector

    value, gradient = simulator.expectation_and_gradient(*product.angles)
    assert value == pytest.approx(mean, abs=near * n)
    assert np.abs(gradient - product.gradient()).max() < 10 * near * n


@pytest.mark.parametrize("name", NATIVE)
@pytest.mark.parametrize("mirrored", [False, True], ids=["fields", "mirrored"])
@pytest.mark.parametrize("precision", ["single", "double"])
@pytest.mark.parametrize("n", [16, 17, 20, 21])
def test_sizes_around_the_first_columns(
    monkeypatch: pytest.MonkeyPatch, n: int, precision: qg.Precision, mirrored: bool, name: str
) -> None:
    monkeypatch.setenv("QGRAPH_KERNEL", name)
    compare(n, mirrored, precision)


@pytest.mark.parametrize("name", NATIVE)
@pytest.mark.parametrize(("n", "precision"), [(16, "double"), (17, "single"), (20, "double"), (21, "single")])
def test_warm_starts_around_the_first_columns(
    monkeypatch: pytest.MonkeyPatch, n: int, precision: qg.Precision, name: str
) -> None:
    monkeypatch.setenv("QGRAPH_KERNEL", name)
    compare(n, n == 20, precision, warm=True)


@pytest.mark.parametrize(
    ("n", "mirrored", "precision", "forward_only"),
    [(26, False, "single", True), (26, True, "double", True), (25, True, "double", False)],
)
def test_a_second_pass_of_columns(
    n: int, mirrored: bool, precision: qg.Precision, forward_only: bool
) -> None:
    """From 24 stored spins on with a gradient, a bit more without, columns are too many for one pass."""
    if resources.free_memory() < 2**31:
        pytest.skip("needs 2 GiB")
    compare(n, mirrored, precision, forward_only=forward_only)


@pytest.mark.parametrize("precision", ["single", "double"])
@pytest.mark.parametrize(("n", "mirrored"), [(17, False), (18, True)])
def test_dense_models_of_several_groups(n: int, precision: qg.Precision, mirrored: bool) -> None:
    model = symmetric(n, seed=n) if mirrored else spin_glass(n, seed=n)
    oracle = Oracle(model, random_angles(DEPTH, seed=n))
    simulator = qg.Simulator(model, precision=precision)
    state = simulator.state(*oracle.angles)
    near = {"single": 4e-6, "double": 1e-12}[precision]
    assert np.abs(state.amplitudes() - oracle.amplitudes).max() < near
    check_outcomes(oracle, state, near)
    for share in (1.0, 0.1):
        value, gradient = simulator.expectation_and_gradient(*oracle.angles, cvar=share)
        mean, slope = oracle.gradient(share)
        assert value == pytest.approx(mean, abs=near / share * oracle.largest)
        assert np.abs(gradient - slope).max() < near / share * oracle.largest**2
