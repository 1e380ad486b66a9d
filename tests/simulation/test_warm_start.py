"""Warm starts against Aer's circuit, the standard mixer, the paper's promises and finite differences."""

from __future__ import annotations

import numpy as np
import pytest
from conftest import asymmetric_graph, random_angles, spin_glass
from qiskit.quantum_info import Operator
from qiskit_aer import AerSimulator

import qgraph as qg


def some_chances(n: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).uniform(size=n)


@pytest.mark.parametrize("epsilon", [0.0, 0.1, 0.25])
@pytest.mark.parametrize("seed", range(6))
def test_amplitudes_equal_aers(seed: int, epsilon: float) -> None:
    for problem in (spin_glass(4 + seed, seed), qg.MaxCut(asymmetric_graph(4 + seed, seed))):
        angles, chances = random_angles(1 + seed % 3, seed), some_chances(4 + seed, seed)
        mine = qg.simulate(problem, *angles, warm_start=chances, epsilon=epsilon).amplitudes()
        circuit = qg.to_circuit(problem, *angles, warm_start=chances, epsilon=epsilon)
        circuit.save_statevector()
        aer = AerSimulator(method="statevector").run(circuit).result().get_statevector()
        assert np.abs(mine - np.asarray(aer)).max() < 1e-10


def test_the_mixer_is_the_papers() -> None:
    """Egger, Marecek, Woerner, equation 4: R_Y(theta) R_Z(-2 beta) R_Y(-theta), whose beta is minus ours."""
    problem, c, beta = qg.Ising([0.0], {}), 0.3, 0.7
    theta = 2 * np.arcsin(np.sqrt(c))
    turned = np.array([[np.cos(theta / 2), -np.sin(theta / 2)], [np.sin(theta / 2), np.cos(theta / 2)]])
    theirs = turned @ np.diag(np.exp([-1j * beta, 1j * beta])) @ turned.T
    circuit = qg.to_circuit(problem, [0.0], [beta], warm_start=[c], epsilon=0.0)
    assert np.allclose(Operator(circuit).data, theirs @ turned)
    x, z = np.array([[0, 1], [1, 0]]), np.diag([1, -1])
    tilted = np.sin(theta) * x + np.cos(theta) * z
    assert np.allclose(theirs, np.cos(beta) * np.eye(2) - 1j * np.sin(beta) * tilted)


@pytest.mark.parametrize("precision", ["single", "double"])
def test_chances_of_one_half_give_standard_qaoa(precision: qg.Precision) -> None:
    problem, angles = spin_glass(7, 3), random_angles(3, 1)
    near = {"single": 1e-5, "double": 1e-12}[precision]
    for warm in (np.full(7, 0.5), dict.fromkeys(problem.nodes, 0.5)):
        state = qg.simulate(problem, *angles, warm_start=warm, precision=precision)
        assert np.abs(state.amplitudes() - qg.simulate(problem, *angles).amplitudes()).max() < near
    full = qg.simulate(problem, *angles, warm_start=some_chances(7, 1), epsilon=0.5)
    assert np.abs(full.amplitudes() - qg.simulate(problem, *angles).amplitudes()).max() < 1e-12


@pytest.mark.parametrize("cvar", [1.0, 0.3])
@pytest.mark.parametrize("seed", range(3))
def test_gradients_equal_finite_differences(seed: int, cvar: float) -> None:
    problem, chances = spin_glass(6, seed), some_chances(6, seed)
    simulator = qg.Simulator(problem, warm_start=chances, epsilon=0.1)
    angles = np.array(random_angles(2, seed))
    value, gradient = simulator.expectation_and_gradient(*angles, cvar=cvar)
    assert value == pytest.approx(simulator.state(*angles).cvar(cvar))
    step = 1e-6
    for place in np.ndindex(2, 2):
        moved = np.zeros((2, 2))
        moved[place] = step
        up, down = (simulator.state(*(angles + side * moved)).cvar(cvar) for side in (1, -1))
        assert gradient[place] == pytest.approx((up - down) / (2 * step), abs=1e-6 * np.abs(gradient).max())
    assert qg.expectation(problem, *angles, warm_start=chances, epsilon=0.1) == pytest.approx(simulator.expectation(*angles))  # fmt: skip
    both = qg.expectation_and_gradient(problem, *angles, warm_start=chances, epsilon=0.1)
    assert both[0] == pytest.approx(simulator.expectation(*angles))
    grid = qg.landscape(problem, angles[0, :1], angles[1, :1], warm_start=chances, epsilon=0.1)
    assert grid[0, 0] == pytest.approx(simulator.expectation(angles[0, :1], angles[1, :1]))


def test_the_first_state_has_the_given_chances() -> None:
    problem, chances = spin_glass(6, 2), some_chances(6, 5)
    marginals = qg.simulate(problem, [], [], warm_start=chances, epsilon=0.2).marginals()
    assert np.allclose(marginals, np.clip(chances, 0.2, 0.8))


def test_spin_flips_matter() -> None:
    """MaxCut does not tell a cut from its mirror image; a start that leans to one does."""
    problem = qg.MaxCut(asymmetric_graph(6, 1))
    state = qg.simulate(problem, *random_angles(2, 1), warm_start=[1, 0, 0, 1, 1, 0])
    p = state.probabilities()
    assert np.abs(p - p[::-1]).max() > 0.01


def test_a_basis_state_is_a_fixed_point() -> None:
    """Without regularisation, a basis state is an eigenstate of mixer and cost: nothing moves."""
    problem = qg.MaxCut(asymmetric_graph(6, 2))
    best = qg.solve_exact(problem)
    value = qg.expectation(problem, *random_angles(3, 3), warm_start=best, epsilon=0.0)
    assert value == pytest.approx(best.objective)


def test_every_form_of_solution_can_be_a_warm_start() -> None:
    graph = asymmetric_graph(4, 3)
    cut = qg.solve_exact(qg.MaxCut(graph))
    assert np.allclose(qg.simulate(qg.MaxCut(graph), [], [], warm_start=cut.labels).marginals(), qg.simulate(qg.MaxCut(graph), [], [], warm_start=cut).marginals())  # fmt: skip
    three = qg.MaxKCut(graph, 3)
    answer = qg.solve_greedy(three)
    marginals = qg.simulate(three, [], [], warm_start=answer).marginals()
    assert np.allclose(marginals, 0.25 + 0.5 * three.encode(answer.labels))  # type: ignore[arg-type]
    routing = qg.PriorityRouting(qg.City.random(3, 1, seed=1))
    route = qg.solve_greedy(routing)
    marginals = qg.simulate(routing, [], [], method="statevector", warm_start=route).marginals()
    assert np.allclose(marginals > 0.5, routing.encode(route.route))  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", range(3))
def test_solve_qaoa_from_goemans_and_williamson(seed: int) -> None:
    problem = qg.MaxCut(asymmetric_graph(10, seed))
    cut = qg.solve_goemans_williamson(problem, seed=seed)
    result = qg.solve_qaoa(problem, depth=1, seed=seed, warm_start="goemans-williamson")
    leaning = [0.25 + 0.5 * (cut.labels or {})[name] for name in problem.nodes]
    assert list(result.warm_start or ()) == leaning
    again = qg.solve_qaoa(problem, depth=1, seed=seed, warm_start=cut.labels)
    assert again.model_copy(update={"seconds": result.seconds, "best": result.best}) == result
    assert result.expectation >= qg.solve_qaoa(problem, depth=1, seed=seed).expectation
    assert qg.Result.model_validate_json(result.model_dump_json()) == result
    state = qg.simulate(problem, result.gammas, result.betas, warm_start=result.warm_start)
    assert state.expectation() == pytest.approx(result.expectation)


def test_angles_can_be_parameters_and_counts_agree() -> None:
    problem, chances = spin_glass(5, 4), some_chances(5, 2)
    free = qg.to_circuit(problem, depth=2, warm_start=chances)
    assert len(free.parameters) == 4
    angles = random_angles(2, 5)
    bound = free.assign_parameters([*angles[1], *angles[0]])
    assert np.allclose(
        Operator(bound).data, Operator(qg.to_circuit(problem, *angles, warm_start=chances)).data
    )
    counts = qg.run_circuit(problem, *angles, shots=100_000, seed=7, warm_start=chances)
    state = qg.simulate(problem, *angles, warm_start=chances)
    assert np.abs(counts.counts @ counts.bits / counts.shots - state.marginals()).max() < 0.01


def test_warm_starts_are_stored_in_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qgraph.base.resources.free_memory", lambda: 2**25)
    for kernel, most in (("", 21), ("reference", 18)):
        monkeypatch.setenv("QGRAPH_KERNEL", kernel)
        qg.Simulator(qg.MaxCut(qg.Graph.ring(most)), warm_start=[0.5] * most)
        problem = qg.MaxCut(qg.Graph.ring(most + 1))
        if not kernel:
            qg.Simulator(problem)
        with pytest.raises(qg.ProblemTooLarge, match=rf"{most + 1} qubits needs .* {most} qubits would fit"):
            qg.Simulator(problem, warm_start=[0.5] * (most + 1))
