"""Warm starts on every compiled kernel, against the tilted mixer in plain NumPy: all that a state is asked."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from conftest import random_angles, spin_glass

import qgraph as qg
from qgraph.simulation.kernel import _kernels
from simulation.conftest import NATIVE, Oracle, check, is_native, symmetric

LARGE_ANGLES = (np.array([31.4, 0.0, -1e-9]), np.array([-77.7, 1e20, np.pi / 2]))


@cache
def warm(n: int, depth: int, mirrored: bool) -> Oracle:
    """Each chance differs; two are certain."""
    chances = np.random.default_rng(n).uniform(size=n)
    chances[n // 2] = 1.0
    chances[n // 3] = 0.0 if n > 1 else 0.3
    model = symmetric(n, seed=n) if mirrored else spin_glass(n, seed=n)
    return Oracle(model, random_angles(depth, seed=n), chances=chances)


CASES = [(n, depth) for n in range(1, 9) for depth in (0, 1, 2)] + [(n, 1 + n % 3) for n in range(9, 18)]


@pytest.mark.parametrize("precision", ["single", "double"])
@pytest.mark.parametrize("name", NATIVE)
@pytest.mark.parametrize(("n", "depth"), CASES)
def test_every_size(
    monkeypatch: pytest.MonkeyPatch, name: str, n: int, depth: int, precision: qg.Precision
) -> None:
    monkeypatch.setenv("QGRAPH_KERNEL", name)
    oracle = warm(n, depth, n % 2 == 0)
    state = oracle.simulator(precision).state([], [])
    assert is_native(state._vector)
    assert state._vector.copies == 1
    check(oracle, precision)


@pytest.mark.parametrize("precision", ["single", "double"])
@pytest.mark.parametrize("name", NATIVE)
@pytest.mark.parametrize("n", [4, 11])
def test_angles_of_any_size(
    monkeypatch: pytest.MonkeyPatch, name: str, n: int, precision: qg.Precision
) -> None:
    monkeypatch.setenv("QGRAPH_KERNEL", name)
    chances = np.random.default_rng(1).uniform(size=n)
    check(Oracle(spin_glass(n, seed=5), LARGE_ANGLES, chances=chances), precision)


def test_thetas_are_one_for_each_spin_of_a_whole_state() -> None:
    h, J, state, angles = np.zeros(3), np.zeros((3, 3)), np.zeros((2, 8)), np.zeros(1)
    for flip_symmetric, count in ((False, 2), (True, 3)):
        with pytest.raises(ValueError, match="thetas must be"):
            _kernels.evolve(h, J, flip_symmetric, np.ones(count), *state, angles, angles, 1)
