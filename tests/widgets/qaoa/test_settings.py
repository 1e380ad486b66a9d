"""The choices of the QAOA explorer: problems, objective, samples, noise, devices, sizes and texts."""

from __future__ import annotations

import contextlib
import io
import json
import subprocess
import sys
from itertools import pairwise
from typing import Any, get_args

import numpy as np
import pytest
from conftest import asymmetric_graph
from widgets.conftest import Wire, heard, watched

import qgraph as qg
from qgraph.problems.files import OF_GRAPHS
from qgraph.widgets import QAOAExplorer
from qgraph.widgets.qaoa import gates
from qgraph.widgets.qaoa.beside import SOLVERS
from qgraph.widgets.qaoa.settings import NAMES, Coupling

GRAPH = asymmetric_graph(6, 1)


def setting(wire: Wire, name: str, value: Any) -> Any:
    return wire.say("setting", value={"name": name, "value": value})


# -- problems ---------------------------------------------------------------------------------------


def test_every_problem_on_a_graph_can_be_chosen() -> None:
    assert {*NAMES} == {kind.__name__ for kind in OF_GRAPHS} | {"Ising"}
    explorer = QAOAExplorer(GRAPH, depth=2)
    wire = watched(explorer)
    for name in NAMES:
        setting(wire, "problem", name)
        assert type(explorer.problem).__name__ == name
        assert explorer.depth == 2
        assert heard(wire, "problem")[-1][0]["qubits"] == list(explorer.problem.nodes)
        state = qg.simulate(explorer.problem, *explorer.angles)
        assert heard(wire, "view")[-1][0]["expectations"][-1] == pytest.approx(state.expectation())
    assert heard(wire, "problem")[-1][0]["problems"] == list(NAMES)
    assert "must be one of MaxCut" in setting(wire, "problem", "Sudoku")[0]["message"]
    assert type(explorer.problem).__name__ == NAMES[-1]


def test_a_problem_is_set_from_python() -> None:
    explorer = QAOAExplorer(GRAPH)
    heavy = qg.VertexCover(qg.Graph.from_edges([("a", "b"), ("b", "c")]), {"b": 5.0})
    explorer.problem = heavy
    assert explorer.problem == heavy
    assert explorer.settings["problem"] == "VertexCover"
    assert explorer.expectation() == pytest.approx(qg.expectation(heavy, *explorer.angles))
    explorer.problem = qg.GraphColoring(qg.Graph.ring(3), 2)
    assert explorer.settings["colors"] == 2
    explorer.settings = {**explorer.settings, "colors": 3}
    assert explorer.problem == qg.GraphColoring(qg.Graph.ring(3), 3)
    with pytest.raises(qg.InvalidInput, match="RouteExplorer is for cities"):
        explorer.problem = qg.PriorityRouting(qg.City.random(3, 1, seed=1))
    with pytest.raises(qg.InvalidInput, match="a problem on a graph"):
        QAOAExplorer(qg.NumberPartitioning([1, 2, 3]))


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("cvar", 0, "`cvar`: must be greater than 0, got 0"),
        ("shots", -1, "`shots`: must be greater than or equal to 0"),
        ("noise", 0.5, "`noise`: must be less than or equal to 0.2"),
        ("coupling", "torus", "`coupling`"),
        ("taste", 1, "`taste`"),
    ],
)
def test_bad_settings_are_refused(name: str, value: Any, message: str) -> None:
    explorer = QAOAExplorer(GRAPH)
    before = dict(explorer.settings)
    assert message in setting(Wire(explorer), name, value)[0]["message"]
    assert explorer.settings == before
    with pytest.raises(qg.InvalidInput, match=name):
        explorer.settings = {**before, name: value}


# -- objective, warm start, samples, noise ----------------------------------------------------------


def test_the_cvar_is_shown_and_optimised() -> None:
    explorer = QAOAExplorer(GRAPH)
    wire = watched(explorer)
    setting(wire, "cvar", 0.25)
    state = qg.simulate(explorer.problem, *explorer.angles)
    assert heard(wire, "view")[-1][0]["merits"][-1]["CVaR of the best 0.25"] == pytest.approx(
        state.cvar(0.25)
    )
    start = tuple(explorer.angles)
    result = explorer.optimise()
    assert result == qg.solve_qaoa(explorer.problem, 1, start=start, cvar=0.25).model_copy(
        update={"seconds": result.seconds, "best": result.best}  # type: ignore[union-attr]  # times differ
    )


def test_a_warm_start_begins_at_a_solution() -> None:
    explorer = QAOAExplorer(GRAPH)
    wire = watched(explorer)
    cold = heard(wire, "view")[-1][0]["expectations"]
    setting(wire, "warm_start", True)
    warm = heard(wire, "view")[-1][0]["expectations"]
    solution = qg.solve_goemans_williamson(explorer.problem, seed=0)
    expected = qg.Simulator(explorer.problem, warm_start=solution)
    assert warm[0] == pytest.approx(expected.expectation([], []))
    assert warm[1] == pytest.approx(expected.expectation(*explorer.angles))
    assert warm[0] > cold[0]
    explorer = QAOAExplorer(qg.Graph.ring(15))
    refused = setting(watched(explorer), "warm_start", True)
    assert "`warm_start` is simulated up to 14 qubits here, got 15" in refused[0]["message"]


def test_samples_agree_with_the_state() -> None:
    explorer = QAOAExplorer(qg.IndependentSet(GRAPH))
    wire = watched(explorer)
    assert heard(wire, "view")[-1][0]["sampled"] is None
    setting(wire, "shots", 10_000)
    (view, parts) = heard(wire, "view")[-1]
    state, sample = qg.simulate(explorer.problem, *explorer.angles), view["sampled"]
    assert abs(sample["mean"] - state.expectation()) < 5 * sample["error"]
    assert sample["error"] == pytest.approx(np.sqrt(state.variance() / 10_000), rel=0.1)
    assert sample["feasible"] == pytest.approx(state.feasible_probability(), abs=0.03)
    assert sample["optimal"] == pytest.approx(state.optimum_probability(), abs=0.03)
    heights, shares = (np.frombuffer(parts[i], np.float32) for i in (0, 5))
    assert shares == pytest.approx(heights.reshape(2, -1)[-1], abs=0.03)
    assert shares.sum() == pytest.approx(1)


def test_noise_makes_the_mean_worse() -> None:
    explorer = QAOAExplorer(qg.Graph.random_regular(3, 8, seed=1), depth=2)
    wire = watched(explorer)
    setting(wire, "shots", 4000)
    setting(wire, "noise", 0.05)
    (content, parts) = heard(wire, "noisy")[-1]
    exact, noisy = explorer.expectation(), content["figures"]
    assert noisy["mean"] < exact - 10 * noisy["error"]
    assert noisy["mean"] > explorer.scene.random
    assert np.frombuffer(parts[0], np.float32).sum() == pytest.approx(1)
    large = watched(QAOAExplorer(qg.Graph.ring(16)))
    setting(large, "noise", 0.01)
    assert heard(large, "noisy")[-1][0]["reason"] == "Noise is simulated up to 14 qubits here."


# -- sizes ------------------------------------------------------------------------------------------


def test_large_graphs_are_shown_without_a_state() -> None:
    graph = qg.Graph.random_regular(3, 300, seed=1)
    explorer = QAOAExplorer(graph)
    assert repr(explorer).endswith(f"depth 1, expectation {explorer.expectation():.6g})")
    wire = watched(explorer)
    said = heard(wire, "problem")[0][0]
    assert (said["state"], said["optimum"], said["bound"], said["random"]) == (False, None, 450.0, 225.0)
    (view, parts) = heard(wire, "view")[-1]
    assert view["expectations"] == [pytest.approx(qg.expectation(qg.MaxCut(graph), *explorer.angles))]
    correlations = np.frombuffer(parts[6], np.float32)
    assert np.sum((1 - correlations) / 2) == pytest.approx(view["expectations"][0], rel=1e-6)
    assert heard(wire, "landscape")
    explorer.depth = 2
    (view, parts) = heard(wire, "view")[-1]
    assert view["expectations"] == [pytest.approx(qg.expectation(qg.MaxCut(graph), *explorer.angles))]
    assert view["reason"] is None
    explorer.depth = 6
    view = heard(wire, "view")[-1][0]
    assert view["expectations"] == [None]
    assert "no method runs 300 nodes at depth 6" in view["reason"]
    assert explorer.snapshot()[1:4] == b"PNG"


@pytest.mark.parametrize("solver", ["annealing", "recursive QAOA", "exact"])
def test_other_solvers_answer(solver: str) -> None:
    explorer = QAOAExplorer(GRAPH)
    wire = watched(explorer)
    wire.say("find", value=solver)
    (first, _), (last, parts) = heard(wire, "answer")
    assert (first["running"], last["running"]) == (True, False)
    labels = np.frombuffer(parts[0], np.uint8)
    assert explorer.problem.objective(labels) == pytest.approx(last["solution"]["objective"])
    optimum = qg.solve_exact(explorer.problem).objective
    assert last["solution"]["objective"] <= optimum + 1e-9
    assert last["solution"]["optimal"] == (solver == "exact")
    assert "must be one of annealing" in wire.say("find", value="oracle")[0]["message"]


def test_views_of_middle_sizes_come_in_two_steps() -> None:
    explorer = QAOAExplorer(qg.Graph.random_regular(3, 18, seed=1), depth=3)
    wire = watched(explorer)
    views = [content for content, _ in heard(wire, "view")]
    assert [view["layers"] for view in views] == [[3], [0, 1, 2, 3]]
    assert views[0]["expectations"][-1] == pytest.approx(views[1]["expectations"][-1])


# -- circuits and texts -----------------------------------------------------------------------------


@pytest.mark.parametrize("problem", [qg.MaxCut(GRAPH), qg.IndependentSet(GRAPH)], ids=repr)
@pytest.mark.parametrize("warm", [False, True])
def test_depths_of_circuits_are_those_of_qiskit(problem: Any, warm: bool) -> None:
    chances = [0.25] * 6 if warm else None
    found = gates.gate_depths(problem.to_ising(), 4, warm=warm)
    expected = [qg.to_circuit(problem, depth=p, warm_start=chances).depth() for p in range(1, 5)]
    assert found == expected


def test_gates_of_one_column_do_not_overlap() -> None:
    pairs = qg.MaxCut(asymmetric_graph(9, 4)).to_ising().pairs
    slots, width = gates.columns(pairs, 9)
    assert width == max(slots) + 1
    for slot in range(width):
        spans = sorted(map(tuple, np.sort(pairs[slots == slot], axis=1).tolist()))
        assert all(high < low for (_, high), (low, _) in pairwise(spans))


@pytest.mark.parametrize("coupling", get_args(Coupling)[1:])
def test_routed_circuits_are_told(coupling: str) -> None:
    explorer = QAOAExplorer(GRAPH)
    wire = watched(explorer)
    setting(wire, "coupling", coupling)
    told = heard(wire, "routed")[-1][0]
    assert (told["coupling"], told["layers"], told["reason"]) == (coupling, 1, None)
    assert told["two_qubit"] >= 2 * len(GRAPH.edges)
    assert told["depth"] > told["two_qubit"] / 3


@pytest.mark.parametrize("warm", [False, True])
def test_copied_python_computes_the_same(warm: bool) -> None:
    explorer = QAOAExplorer(qg.VertexCover(GRAPH, {"0": 2.5}), depth=2)
    wire = watched(explorer)
    setting(wire, "warm_start", warm)
    wire.say("text", value="python")
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(heard(wire, "text")[-1][0]["text"], {})
    assert float(printed.getvalue()) == explorer.expectation()


@pytest.mark.parametrize("problem", [qg.MaxCut(GRAPH), qg.IndependentSet(GRAPH)], ids=repr)
def test_copied_qasm_has_the_same_expectation(problem: Any) -> None:
    from qiskit import qasm2
    from qiskit.quantum_info import Statevector

    explorer = QAOAExplorer(problem, depth=2)
    explorer.angles = [[0.3, -0.2], [0.4, 0.7]]
    wire = watched(explorer)
    wire.say("text", value="qasm")
    circuit = qasm2.loads(heard(wire, "text")[-1][0]["text"])
    assert circuit.num_clbits == 6
    circuit.remove_final_measurements()
    bits = np.arange(2**6)[:, None] >> np.arange(6) & 1
    mean = Statevector(circuit).probabilities() @ problem.objective(bits)
    assert mean == pytest.approx(explorer.expectation())


def test_a_copied_state_opens_again() -> None:
    explorer = QAOAExplorer(qg.GraphColoring(qg.Graph.ring(5), 2), depth=2)
    wire = watched(explorer)
    setting(wire, "shots", 100)
    explorer.angles = [[0.1, 0.2], [0.3, 0.4]]
    wire.say("text", value="state")
    told = heard(wire, "text")[-1][0]
    text = told["text"]
    assert told["view"] == "v", "other views show nothing"
    other = QAOAExplorer(GRAPH)
    Wire(other).say("open", value=text)
    assert other.state() == explorer.state()
    assert QAOAExplorer.from_state(json.loads(text)).state() == explorer.state()
    before = other.state()
    for wrong in ("no JSON", "{}", text.replace('"colors": 2', '"colors": 0')):
        assert "must" in Wire(other).say("open", value=wrong)[0]["message"]
        assert other.state() == before


# Qiskit 2.6 crashes in its routing once the thread that imported it has ended.
THREADS = """
import qgraph as qg
from qgraph.widgets import QAOAExplorer
explorer = QAOAExplorer(qg.Graph.ring(6))
said = []
explorer.send = lambda content, buffers=None: said.append(content)
explorer._on_message(None, {"kind": "hello", "view": "v"}, [])
for name, value in (("noise", 0.01), ("coupling", "line"), ("coupling", "grid")):
    explorer._on_message(None, {"kind": "setting", "view": "v", "value": {"name": name, "value": value}}, [])
    assert explorer._beside.jobs.wait()
print([one["reason"] for one in said if one["kind"] == "routed"])
"""


def test_qiskit_works_on_threads_that_end() -> None:
    done = subprocess.run([sys.executable, "-c", THREADS], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "[None, None]\n"), done.stderr


def test_what_does_not_fit_is_refused_in_place() -> None:
    explorer = QAOAExplorer(qg.Graph.ring(4000))
    refused = setting(Wire(explorer), "problem", "GraphPartitioning")
    assert "8002000 couplings, at most 4194304 fit" in refused[0]["message"]
    assert explorer.problem == qg.MaxCut(qg.Graph.ring(4000))


def test_a_setting_and_an_undo_keep_the_weights_of_nodes() -> None:
    heavy = qg.VertexCover(qg.Graph.from_edges([("a", "b"), ("b", "c")]), {"c": 5.0})
    explorer = QAOAExplorer(heavy)
    wire = Wire(explorer)
    wire.edit("remove", nodes=["c"])
    setting(wire, "shots", 100)
    assert explorer.undo()
    assert explorer.problem == heavy


def test_a_problem_that_does_not_fit_changes_nothing() -> None:
    explorer = QAOAExplorer(GRAPH)
    before = explorer.state()
    with pytest.raises(qg.ProblemTooLarge):
        explorer.problem = qg.GraphPartitioning(qg.Graph.ring(4000))
    assert explorer.state() == before


def test_another_problem_is_prepared_once() -> None:
    explorer = QAOAExplorer(GRAPH)
    for problem in (qg.VertexCover(GRAPH), qg.VertexCover(GRAPH, {"0": 3.0})):
        seen: list[Any] = []
        explorer._changed = lambda seen=seen: seen.append(1)  # type: ignore[method-assign]
        explorer.problem = problem
        assert seen == [1]


def test_a_closed_explorer_stops_other_solvers(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Any] = []

    def solver(_: Any, *, time_limit: float, callback: Any) -> Any:
        told.append((time_limit, callback(0.5)))
        explorer._beside.jobs.cancel()
        told.append(callback(0.6))
        return qg.solve_greedy(explorer.problem)

    monkeypatch.setitem(SOLVERS, "exact", solver)
    explorer = QAOAExplorer(GRAPH)
    watched(explorer).say("find", value="exact")
    assert explorer._beside.jobs.wait()
    assert told == [(10.0, False), True]
