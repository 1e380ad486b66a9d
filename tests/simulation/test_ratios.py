"""What a state is worth: ratios and feasible shares by brute force over all bit strings, decoded one by one."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from conftest import asymmetric_graph, oneway_routing, random_angles, spin_glass

import qgraph as qg
from qgraph.problems.base import Candidate
from simulation.conftest import KERNELS, symmetric

GRAPH = asymmetric_graph(8, 4, 0.4)
WEIGHTS = np.random.default_rng(3).uniform(0.5, 4.0, 8)
ANGLES = random_angles(2, 5)

CONSTRAINED: dict[str, Callable[[], qg.Problem]] = {
    "independent set": lambda: qg.IndependentSet(GRAPH, WEIGHTS),
    "independent set, mirrored": lambda: qg.IndependentSet(qg.Graph.from_edges([("a", "b"), ("c", "d")])),
    "vertex cover": lambda: qg.VertexCover(GRAPH, WEIGHTS),
    "vertex cover, mirrored": lambda: qg.VertexCover(qg.Graph.from_edges([("a", "b"), ("c", "d")])),
    "partitioning": lambda: qg.GraphPartitioning(GRAPH),
    "odd partitioning": lambda: qg.GraphPartitioning(asymmetric_graph(7, 2)),
    "coloring": lambda: qg.GraphColoring(qg.Graph.erdos_renyi(4, 0.8, seed=1), 2),
    "impossible coloring": lambda: qg.GraphColoring(qg.Graph.complete(4), 2),
    "k-cut": lambda: qg.MaxKCut(asymmetric_graph(3, 1), 3),
    "two-cut": lambda: qg.MaxKCut(asymmetric_graph(4, 2), 2),
    "one-hot routes": lambda: qg.PriorityRouting(qg.City.random(4, 2, seed=3), return_to_depot=True),
    "one-way routes": oneway_routing,
    "one route": lambda: qg.PriorityRouting(qg.City.random(1, 0, seed=6)),
    "huge weights": lambda: qg.IndependentSet(GRAPH, 1e95 * WEIGHTS),
    "tiny weights": lambda: qg.VertexCover(GRAPH, 1e-80 * WEIGHTS),
    "far apart": lambda: qg.IndependentSet(GRAPH, np.logspace(-9, 9, 8)),
}


def angles_for(problem: qg.Problem) -> tuple[np.ndarray, np.ndarray]:
    """In the unit of the weights."""
    ising = problem.to_ising()
    size = np.abs(np.concatenate([ising.h, ising.J])).max()
    return ANGLES[0] / size, ANGLES[1]


@pytest.mark.parametrize("precision", ["double", "single"])
@pytest.mark.parametrize("kernel", ["reference", *KERNELS[1:]])
@pytest.mark.parametrize("name", CONSTRAINED)
def test_the_feasible_part_by_brute_force(
    name: str, kernel: str, precision: qg.Precision, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QGRAPH_KERNEL", kernel)
    problem = CONSTRAINED[name]()
    state = qg.simulate(problem, *angles_for(problem), method="statevector", precision=precision)
    n = len(problem.nodes)
    bits = np.arange(2**n)[:, None] >> np.arange(n) & 1
    feasible = np.array([problem.decode(row).feasible for row in bits])
    p, values = state.probabilities(), problem.objective(bits)
    p /= p.sum()
    near = 1e-11 if precision == "double" else 1e-5
    share = float(p[feasible].sum())
    assert state.feasible_probability() == pytest.approx(share, abs=near)
    if not feasible.any():
        assert state.feasible_probability() == 0
        assert state.feasible_expectation() is None
        return
    mean = float(p[feasible] @ values[feasible]) / share
    assert state.feasible_expectation() == pytest.approx(mean, abs=near / share * np.ptp(values))
    low, high = values[feasible].min(), values[feasible].max()
    rounding = 1e-12 * np.ptp(values)
    assert low - rounding <= state.feasible_expectation() <= high + rounding
    assert state.approximation_ratio() is None
    best = values.min() if problem.sense == "minimize" else values.max()
    ratio = (p @ values - values.mean()) / (best - values.mean())
    assert state.normalized_ratio() == pytest.approx(ratio, abs=10 * near)


@pytest.mark.parametrize("name", ["independent set", "partitioning"])
def test_rounding_of_the_norm_does_not_count(name: str) -> None:
    problem = CONSTRAINED[name]()
    state, unnormed = (qg.simulate(problem, *angles_for(problem)) for _ in range(2))
    for part in unnormed._vector.held[:2]:
        np.multiply(part, 1.25, out=part)
    assert unnormed.feasible_probability() == pytest.approx(state.feasible_probability())
    assert unnormed.feasible_expectation() == pytest.approx(state.feasible_expectation())


def test_full_and_halved_states_are_covered() -> None:
    """A mirrored state whose rules are not, one whose rules are too, and whole states."""
    mirrored, rules = zip(
        *((make().to_ising().flip_symmetric, make().rules.flip_symmetric) for make in CONSTRAINED.values()),  # type: ignore[attr-defined]
        strict=True,
    )
    assert {(True, False), (True, True), (False, False)} <= set(zip(mirrored, rules, strict=True))


def test_every_constrained_problem_is_covered() -> None:
    classes = {type(make()).__name__ for make in CONSTRAINED.values()}
    public = [getattr(qg, name) for name in qg.__all__]
    problems = [thing for thing in public if isinstance(thing, type) and hasattr(thing, "to_ising")]
    assert classes == {kind.__name__ for kind in problems if getattr(kind, "constrained", False) is True}


@pytest.mark.parametrize(
    "problem", [spin_glass(8, 2), symmetric(8, 2), qg.NumberPartitioning([3, 5.5, 2, 9])]
)
def test_without_rules_everything_is_feasible(problem: qg.Problem) -> None:
    state = qg.simulate(problem, 0.1 * ANGLES[0], ANGLES[1])
    assert state.feasible_probability() == 1
    assert state.feasible_expectation() == state.expectation()
    costs, p = state.costs, state.probabilities()
    best, worst = (costs.min(), costs.max())[:: 1 if problem.sense == "minimize" else -1]
    assert state.random_expectation() == pytest.approx(costs.mean())
    assert state.normalized_ratio() == pytest.approx((p @ costs - costs.mean()) / (best - costs.mean()))
    assert state.approximation_ratio() == pytest.approx((p @ costs - worst) / (best - worst))


@pytest.mark.parametrize("how", [{}, {"mixer": "swap"}, {"method": "compressed"}], ids=str)
def test_routes_are_compared_with_routes(how: dict[str, str]) -> None:
    routing = qg.PriorityRouting(qg.City.random(7, 3, seed=4), return_to_depot=True)
    state = qg.simulate(routing, 0.05 * ANGLES[0], ANGLES[1], **how)  # type: ignore[arg-type]
    times = qg.simulate(routing, [], []).costs
    assert state.random_expectation() == pytest.approx(times.mean())
    mean = state.expectation()
    assert state.normalized_ratio() == pytest.approx((mean - times.mean()) / (times.min() - times.mean()))
    assert state.approximation_ratio() == pytest.approx((mean - times.max()) / (times.min() - times.max()))
    assert (state.feasible_probability(), state.feasible_expectation()) == (1, mean)


@pytest.mark.parametrize("sense", ["minimize", "maximize"])
def test_guessing_is_0_and_the_optimum_is_1(sense: qg.problems.base.Sense) -> None:
    guess = qg.simulate(spin_glass(6, 1, sense), [], [])
    assert guess.normalized_ratio() == pytest.approx(0, abs=1e-12)
    field = qg.Ising([1.0], {}, offset=-7.0, sense=sense)
    sure = qg.simulate(field, [np.pi / 4 if sense == "maximize" else -np.pi / 4], [np.pi / 4])
    assert sure.normalized_ratio() == pytest.approx(1)
    assert sure.approximation_ratio() == pytest.approx(1)


def test_a_bad_worst_state_raises_only_one_ratio() -> None:
    """The same state and optimum, and a last bit string that is worse and worse."""
    ratios = []
    for worst in (2.0, 200.0):
        problem = qg.QUBO({("a", "a"): -1.0, ("b", "b"): -1.0, ("a", "b"): worst + 2.0})
        state = qg.simulate(problem, [], [])
        ratios.append((state.normalized_ratio(), state.approximation_ratio()))
    assert ratios == [pytest.approx((0, 2 / 3), abs=1e-12), pytest.approx((0, 150.5 / 201), abs=1e-12)]


@pytest.mark.parametrize("mirrored", [True, False])
def test_constant_costs_have_no_ratio(*, mirrored: bool) -> None:
    problem = qg.Ising([0.0, 0.0], {} if mirrored else {(0, 1): 0.0}, offset=2.5)
    state = qg.simulate(problem, [0.3], [0.2])
    assert (state.normalized_ratio(), state.approximation_ratio()) == (None, None)
    single = qg.simulate(qg.PriorityRouting(qg.City.random(2, 1, seed=1)), [0.3], [0.2])
    assert (single.normalized_ratio(), single.approximation_ratio()) == (None, None)
    assert "undefined" in qg.solve_qaoa(problem)._repr_html_()


class Foreign:
    """A constrained problem of another package: at least one bit has to be set."""

    nodes = ("a", "b")
    sense = "maximize"
    constrained = True

    def objective(self, bits: object) -> np.ndarray:
        return self.to_ising().energy(bits)  # type: ignore[arg-type]

    def decode(self, bits: object) -> Candidate:
        some = bool(np.any(np.asarray(bits)))
        broken = () if some else ("nothing is set",)
        return Candidate(objective=float(self.objective(bits)), feasible=some, violations=broken)

    def to_ising(self) -> qg.Ising:
        return qg.Ising([1.0, 2.0], {(0, 1): 0.5}, sense="maximize")


def test_unknown_rules_are_not_guessed() -> None:
    result = qg.solve_qaoa(Foreign(), starts=1)  # type: ignore[arg-type]
    assert (result.feasible_probability, result.feasible_expectation) == (None, None)
    assert result.normalized_ratio is not None
    assert result.approximation_ratio is None


def test_results_agree_with_their_states() -> None:
    problem = qg.IndependentSet(GRAPH, WEIGHTS)
    result = qg.solve_qaoa(problem, depth=2, seed=1)
    state = qg.simulate(problem, result.gammas, result.betas)
    for name in ("normalized_ratio", "approximation_ratio", "feasible_probability", "feasible_expectation"):
        assert getattr(result, name) == getattr(state, name)(), name
    html = result._repr_html_()
    assert f"{result.normalized_ratio:.4f}" in html
    assert f"{result.feasible_probability:.4f}" in html
    assert f"{result.feasible_expectation:.6g}" in html
    assert "feasible" not in qg.solve_qaoa(qg.MaxCut(GRAPH))._repr_html_()
    assert qg.Result.model_validate_json(result.model_dump_json()) == result


def test_without_a_state_the_other_fields_are_set() -> None:
    cut = qg.solve_qaoa(qg.MaxCut(GRAPH), method="closed_form")
    assert (cut.feasible_probability, cut.feasible_expectation) == (1, cut.expectation)
    chosen = qg.solve_qaoa(qg.IndependentSet(GRAPH), method="closed_form")
    assert (chosen.feasible_probability, chosen.feasible_expectation) == (None, None)
    assert cut.normalized_ratio is chosen.normalized_ratio is None


def test_results_saved_before_these_fields_load() -> None:
    result = qg.solve_qaoa(qg.MaxCut(GRAPH), seed=1)
    new = ("normalized_ratio", "feasible_probability", "feasible_expectation")
    saved = result.model_dump(mode="json", exclude=set(new))
    loaded = qg.Result.model_validate(saved)
    assert [getattr(loaded, name) for name in new] == [None] * 3
    assert loaded.model_copy(update={name: getattr(result, name) for name in new}) == result
    assert "undefined" in loaded._repr_html_()
