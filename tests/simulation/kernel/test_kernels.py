"""Every compiled kernel, and the reference as users reach it, against the oracle: all sizes, both precisions."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from conftest import random_angles, spin_glass
from hypothesis import given, settings
from hypothesis import strategies as st
from qiskit_aer import AerSimulator

import qgraph as qg
from qgraph.base.errors import InvalidInput
from qgraph.simulation.kernel import _kernels
from qgraph.simulation.vector.spins import SpinEngine
from simulation.conftest import KERNELS, NATIVE, Oracle, check, couplings, symmetric

QUARTER = np.pi / 4
TURNS = {
    "quarters": ([QUARTER, -QUARTER, 2 * QUARTER, 0.3], [QUARTER, -3 * QUARTER, QUARTER, 5 * QUARTER]),
    "halves": ([0.4, -np.pi, 0.7], [np.pi / 2, -np.pi / 2, 3 * np.pi / 2]),
    "none": ([0.0, 0.0], [0.0, 0.3]),
    "tiny": ([1e-9, -1e-300], [1e-12, -1e-9]),
    "large": ([31.4, -200.0], [-77.7, 1e4]),
    "huge": ([0.3, 0.2, -0.4], [1e20, -1e30, 1e100]),
    "one layer": ([-1.3], [2.9]),
}


@cache
def oracle_of(n: int, mirrored: bool) -> Oracle:
    model = symmetric(n, seed=n) if mirrored else spin_glass(n, seed=n)
    return Oracle(model, random_angles(3, seed=n))


@cache
def turned(name: str, n: int, mirrored: bool) -> Oracle:
    gammas, betas = (np.array(row) for row in TURNS[name])
    return Oracle(symmetric(n, seed=3) if mirrored else spin_glass(n, seed=3), (gammas, betas))


@pytest.fixture(params=KERNELS)
def kernel(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("QGRAPH_KERNEL", request.param)
    return str(request.param)


@pytest.mark.parametrize("mirrored", [False, True], ids=["fields", "mirrored"])
@pytest.mark.parametrize("precision", ["single", "double"])
@pytest.mark.parametrize(
    ("kernel", "n"),
    [(name, n) for name in KERNELS for n in range(1, 12 if name == "reference" else 17)],
    indirect=["kernel"],
)
def test_every_size(kernel: str, n: int, precision: qg.Precision, mirrored: bool) -> None:
    oracle = oracle_of(n, mirrored)
    simulator = qg.Simulator(oracle.problem, precision=precision)
    assert simulator.kernel == kernel
    assert simulator.state([], [])._vector.copies == (2 if mirrored and kernel != "reference" else 1)
    check(oracle, precision)


@pytest.mark.parametrize("name", TURNS)
@pytest.mark.parametrize("precision", ["single", "double"])
@pytest.mark.parametrize("n", [5, 11])
def test_angles_of_any_size_and_sign(kernel: str, n: int, precision: qg.Precision, name: str) -> None:
    for mirrored in (False, True):
        check(turned(name, n, mirrored), precision)


@cache
def turned_with_columns(depth: int) -> Oracle:
    """Fields, a group and columns, and mixers of which all but the second turn every spin over."""
    model = spin_glass(16, seed=depth)
    gammas, betas = random_angles(depth, seed=depth)
    return Oracle(model, (gammas, betas * 0.2 + QUARTER * np.array([2, 0, -2, 6])[:depth]))


@pytest.mark.parametrize("precision", ["single", "double"])
@pytest.mark.parametrize("depth", [1, 2, 3, 4])
def test_fields_turn_over_from_pass_to_pass(kernel: str, depth: int, precision: qg.Precision) -> None:
    check(turned_with_columns(depth), precision)


@cache
def uncoupled(n: int, depth: int, unit: bool, fields: bool) -> Oracle:
    """Each of the first eight nodes is linked to three of the others, which are linked among themselves; layers
    but the second turn every spin over."""
    rng = np.random.default_rng(10 * n + depth)
    pairs = [(q, 8 + int(r)) for q in range(8) for r in rng.permutation(n - 8)[:3]]
    pairs += [(i, j) for i in range(8, n) for j in range(8, i) if rng.random() < 0.3]
    J = {pair: -0.5 if unit else float(rng.normal()) for pair in pairs}
    h = [
        (0.5 * int(rng.integers(-1, 2)) if unit else float(rng.normal())) if fields else 0.0 for _ in range(n)
    ]
    gammas, betas = random_angles(depth, seed=n)
    turned = betas * 0.2 + QUARTER * np.array([2, 0, -2, 6])[:depth]
    return Oracle(qg.Ising(h, J, offset=0.7, sense="minimize"), (gammas, turned))


SMALL = [(8, 1), (9, 2), (10, 3), (11, 1), (12, 2), (13, 3)]
LARGE = [(16, 1), (16, 2), (17, 2), (17, 3), (16, 4)]  # several groups
UNCOUPLED = [(*size, unit, fields) for size in SMALL for unit in (False, True) for fields in (False, True)]
UNCOUPLED += [
    (*size, unit, unit != (place % 2 == 0)) for place, size in enumerate(LARGE) for unit in (False, True)
]


@pytest.mark.parametrize("precision", ["single", "double"])
@pytest.mark.parametrize(
    ("kernel", "n", "depth", "unit", "fields"),
    # The reference has no groups, and the oracle is the reference: only small sizes of it.
    [(name, *case) for name in KERNELS for case in UNCOUPLED if name != "reference" or case[:2] in SMALL],
    indirect=["kernel"],
)
def test_uncoupled_spins_cost_less(
    kernel: str, n: int, depth: int, unit: bool, fields: bool, precision: qg.Precision
) -> None:
    """The first layer makes a product of the lowest spins, and the last is not done on them."""
    check(uncoupled(n, depth, unit, fields), precision)


@pytest.mark.parametrize("name", NATIVE)
@pytest.mark.parametrize("precision", ["single", "double"])
def test_uncoupled_spins_come_first_for_expectations(
    monkeypatch: pytest.MonkeyPatch, name: str, precision: qg.Precision
) -> None:
    monkeypatch.setenv("QGRAPH_KERNEL", name)
    simulator = qg.Simulator(qg.MaxCut(qg.Graph.ring(18)), precision=precision)
    free = _kernels.independent_spins(4 if precision == "single" else 8)
    engine = simulator.engine
    assert isinstance(engine, SpinEngine)
    assert not engine.relabelled.J[:free, :free].any()
    assert engine.model.J[:free, :free].any()


@cache
def weighted(kind: str, n: int, fields: bool) -> Oracle:
    """A model with weights of one kind and an isolated node, at angles in proportion."""
    rng = np.random.default_rng(n)
    number = {
        "whole": lambda: int(rng.integers(-3, 4)),
        "one": lambda: 1,
        "none": lambda: 0.0,
        "mixed": lambda: float(rng.normal() * 10.0 ** rng.integers(-6, 4)),
        "tiny": lambda: float(rng.normal() * 1e-60),
        "huge": lambda: float(rng.normal() * 1e60),
    }[kind]
    pairs = [(i, j) for i in range(n) for j in range(i) if rng.random() < 0.5 and n // 2 not in (i, j)]
    h = [number() if fields and i % 3 != 1 else 0.0 for i in range(n)]
    model = qg.Ising(h, {pair: number() for pair in pairs}, offset=number(), sense="maximize")
    gammas, betas = random_angles(2, seed=n)
    unit = {"mixed": 1e-2, "tiny": 1e60, "huge": 1e-60}.get(kind, 1.0)
    return Oracle(model, (unit * gammas, betas))


@pytest.mark.parametrize("kind", ["whole", "one", "none", "mixed", "tiny", "huge"])
@pytest.mark.parametrize("fields", [False, True], ids=["mirrored", "fields"])
@pytest.mark.parametrize("precision", ["single", "double"])
@pytest.mark.parametrize("n", [12])
def test_weights_of_every_kind(kernel: str, n: int, precision: qg.Precision, fields: bool, kind: str) -> None:
    check(weighted(kind, n, fields), precision)


@cache
def few_costs(n: int, unit: float, fields: bool, chord: int) -> Oracle:
    """A ring with chords, whose weights are small multiples of a unit, of both signs."""
    rng = np.random.default_rng(n)
    J = {(q, (q + 1) % n): unit * int(rng.choice([-1, 1])) for q in range(n)}
    J |= {(q, (q + 5) % n): unit * chord * int(rng.choice([-1, 1])) for q in range(n)}
    h = [unit * int(rng.integers(-1, 2)) if fields and q % 4 == 0 else 0.0 for q in range(n)]
    gammas, betas = random_angles(3, seed=n)
    return Oracle(qg.Ising(h, J, offset=0.7, sense="minimize"), (gammas / unit, betas))


@pytest.mark.parametrize("chord", [1, 3])
@pytest.mark.parametrize("unit", [1.0, 0.3, -1e-40])
@pytest.mark.parametrize("fields", [False, True], ids=["mirrored", "fields"])
@pytest.mark.parametrize(
    ("kernel", "n"),
    [(name, n) for name in KERNELS for n in (7, 8, 11, 13, 16) if name != "reference" or n <= 8],
    indirect=["kernel"],
)
def test_few_distinct_costs_use_a_table_of_phases(
    kernel: str, n: int, fields: bool, unit: float, chord: int
) -> None:
    """Single precision with AVX-512 looks phases up while all that the lowest ten spins see is below 32 units."""
    check(few_costs(n, unit, fields, chord), "single")


@st.composite
def cases(draw: st.DrawFn) -> tuple[qg.Ising, tuple[np.ndarray, np.ndarray]]:
    n = draw(st.integers(1, 10))
    weights = st.one_of(st.integers(-4, 4).map(float), st.floats(-2, 2))
    pairs = [(i, j) for i in range(n) for j in range(i)]
    J = dict(zip(pairs, draw(st.lists(weights, min_size=len(pairs), max_size=len(pairs))), strict=True))
    h = draw(st.one_of(st.just([0.0] * n), st.lists(weights, min_size=n, max_size=n)))
    model = qg.Ising(h, J, draw(weights), sense=draw(st.sampled_from(["minimize", "maximize"])))
    angles = st.one_of(st.floats(-50, 50), st.integers(-9, 9).map(lambda k: k * QUARTER))
    rows = st.integers(0, 4).flatmap(
        lambda p: st.tuples(*[st.lists(angles, min_size=p, max_size=p).map(np.array)] * 2)
    )
    return model, draw(rows)


@pytest.mark.parametrize("precision", ["single", "double"])
@settings(max_examples=40, derandomize=True)
@given(case=cases())
def test_any_model_at_any_angles(precision: qg.Precision, case: tuple[qg.Ising, tuple]) -> None:
    model, (gammas, betas) = case
    check(Oracle(model, (gammas.astype(float), betas.astype(float))), precision)


def test_integer_costs_at_an_enormous_gamma() -> None:
    """C takes whole values, so gamma counts modulo 2 pi. The reference itself would lose those digits."""
    model = qg.Ising([1, -2, 4, 1], {(0, 1): 2, (1, 3): -1, (0, 2): 8}, offset=4)
    for gamma in (1e20, -1e40, 1e100):
        reduced = np.arctan2(np.sin(gamma), np.cos(gamma))
        oracle = Oracle(model, (np.array([reduced]), np.array([0.4])))
        for name in NATIVE:
            with pytest.MonkeyPatch.context() as patch:
                patch.setenv("QGRAPH_KERNEL", name)
                state = qg.simulate(model, [gamma], [0.4])
            assert np.abs(state.amplitudes() - oracle.amplitudes).max() < 1e-13


@pytest.mark.parametrize("n", [7, 13])
@pytest.mark.parametrize("mirrored", [False, True], ids=["fields", "mirrored"])
def test_amplitudes_equal_aers(monkeypatch: pytest.MonkeyPatch, n: int, mirrored: bool) -> None:
    model = symmetric(n, 2) if mirrored else spin_glass(n, 2)
    angles = random_angles(2, seed=n)
    circuit = qg.to_circuit(model, *angles)
    circuit.save_statevector()
    exact = np.asarray(AerSimulator(method="statevector").run(circuit).result().get_statevector())
    for name in KERNELS:
        monkeypatch.setenv("QGRAPH_KERNEL", name)
        single, double = (qg.simulate(model, *angles, precision=p).amplitudes() for p in ("single", "double"))
        assert np.abs(double - exact).max() < 1e-12
        assert np.abs(single - exact).max() < 1e-6


def test_unknown_kernels_are_refused_and_the_best_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    model = spin_glass(3, 1)
    monkeypatch.setenv("QGRAPH_KERNEL", "x86-64-v9")
    with pytest.raises(InvalidInput, match=r"must be one of reference, .*baseline"):
        qg.Simulator(model)
    monkeypatch.setenv("QGRAPH_KERNEL", "baseline")
    assert qg.Simulator(model).kernel == "baseline"
    monkeypatch.delenv("QGRAPH_KERNEL")
    assert qg.Simulator(model).kernel == NATIVE[0]


def test_a_zero_field_halves_the_state_a_tiny_one_does_not() -> None:
    model = symmetric(9, 1)
    angles = random_angles(2, 1)
    nearly = qg.Ising(np.full(9, 1e-14), couplings(model), model.offset, sense="maximize")
    whole, half = (qg.simulate(m, *angles) for m in (nearly, model))
    assert np.abs(whole.amplitudes() - half.amplitudes()).max() < 1e-12
    assert whole.variance() == pytest.approx(half.variance(), rel=1e-12)
