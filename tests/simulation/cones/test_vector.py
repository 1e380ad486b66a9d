"""Terms on the state vectors of their cones, on every kernel, against the mean of Z or Z Z in plain NumPy."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from conftest import random_angles, spin_glass

from qgraph.base import resources
from qgraph.base.errors import ProblemTooLarge
from qgraph.problems.couplings import as_mappings, by_rows
from qgraph.simulation.cones.find import Cone, cut_out
from qgraph.simulation.cones.vector import VectorTerm
from qgraph.simulation.vector import reference
from simulation.conftest import KERNELS, symmetric

PRECISIONS = {"single": (np.complex64, 1e-5), "double": (np.complex128, 1e-12)}


def cone_of(n: int, roots: int, fields: bool, depth: int) -> Cone:
    model = spin_glass(n, seed=n) if fields else symmetric(n, seed=n)
    rows = as_mappings(*by_rows(model.pairs, model.J, n))
    return cut_out(model, rows, (n // 2, 0)[:roots], depth)


@cache
def exact(n: int, roots: int, fields: bool, depth: int) -> tuple[float, np.ndarray, float]:
    """The mean, its slopes, and the largest cost."""
    cone, mixer = cone_of(n, roots, fields, depth), reference.TransverseField()
    coupling = np.zeros((cone.qubits, cone.qubits))
    for i, j, J in cone.couplings:
        coupling[i, j] = coupling[j, i] = J
    costs = reference.cost_diagonal(np.array(cone.h), coupling)
    spins = 1 - 2 * (np.arange(2**cone.qubits)[:, None] >> np.arange(roots) & 1)
    values = spins.prod(axis=1).astype(float)
    angles = [row.tolist() for row in random_angles(depth, seed=n)]
    state = reference.evolve(costs, mixer, *angles, np.complex128)
    mean = float(reference.probabilities(state) @ values)
    return mean, reference.gradient(state, costs, values, mixer, *angles), float(np.abs(costs).max())


SMALL = [(n, depth) for n in range(1, 8) for depth in range(5)]
LARGE = [(n, 1 + n % 4) for n in range(8, 15)] + [(16, 2), (17, 3)]


@pytest.mark.parametrize("fields", [True, False], ids=["fields", "mirrored"])
@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("name", KERNELS)
def test_terms_of_every_size_and_depth(
    monkeypatch: pytest.MonkeyPatch, name: str, precision: str, fields: bool
) -> None:
    monkeypatch.setenv("QGRAPH_KERNEL", name)
    dtype, near = PRECISIONS[precision]
    for n, depth in SMALL if name == "reference" else SMALL + LARGE:
        for roots in (1, 2)[:n]:
            mean, slopes, largest = exact(n, roots, fields, depth)
            term = VectorTerm(cone_of(n, roots, fields, depth), dtype)
            angles = random_angles(depth, seed=n)
            value, gradient = term.gradient(*angles)
            assert term.expectation(*angles) == pytest.approx(mean, abs=near)
            assert value == pytest.approx(mean, abs=near)
            assert gradient.shape == (2, depth)
            assert np.abs(gradient - slopes).max(initial=0) < near * max(n, largest)


def test_terms_keep_no_memory_and_check_it_first(monkeypatch: pytest.MonkeyPatch) -> None:
    term, angles = VectorTerm(cone_of(18, 2, True, 2)), random_angles(2, 1)
    asked: list[int] = []
    monkeypatch.setattr("qgraph.simulation.vector.native.UNCHECKED", 0)
    monkeypatch.setattr(resources, "require_memory", lambda size, *_: asked.append(size))
    term.gradient(*angles)
    term.expectation(*angles)
    assert asked == [2 * 16 * 2**18, 16 * 2**18]
    monkeypatch.undo()
    monkeypatch.setattr("qgraph.simulation.vector.native.UNCHECKED", 0)
    monkeypatch.setattr("qgraph.base.resources.free_memory", lambda: 2**20)
    with pytest.raises(ProblemTooLarge, match="a state vector of 18 qubits with its gradient"):
        term.gradient(*angles)
