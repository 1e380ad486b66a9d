"""The QAOA explorer without a browser: what it computes, sends and saves."""

from __future__ import annotations

import gc
import io
import json
import threading
import time
from typing import Any

import matplotlib.image
import numpy as np
import pytest
from conftest import ROOT, asymmetric_graph, spin_glass
from widgets.conftest import Wire, heard, watched

import qgraph as qg
from qgraph import histograms
from qgraph.widgets import QAOAExplorer
from qgraph.widgets.jobs import Jobs

GRAPH = asymmetric_graph(6, 1)
BRIDGES = qg.read_graph(ROOT / "examples/bridges.json")


PROBLEMS = [
    qg.MaxCut(GRAPH),
    qg.IndependentSet(GRAPH),
    qg.VertexCover(GRAPH),
    qg.GraphPartitioning(GRAPH),
    qg.GraphColoring(GRAPH, 2),
    qg.MaxKCut(GRAPH, 2),
    spin_glass(5, 2),
]


@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda problem: type(problem).__name__)
def test_views_agree_with_the_simulator(problem: Any) -> None:
    explorer = QAOAExplorer(problem, depth=2)
    explorer.angles = [[0.3, -0.2], [0.4, 0.1]]
    wire = watched(explorer)
    (said, _), (view, parts) = heard(wire, "problem")[0], heard(wire, "view")[-1]
    states = [qg.simulate(problem, [0.3, -0.2][:p], [0.4, 0.1][:p]) for p in range(3)]
    assert view["layers"] == [0, 1, 2]
    assert view["expectations"] == pytest.approx([state.expectation() for state in states])
    assert view["chances"] == pytest.approx([state.optimum_probability() for state in states])
    assert said["random"] == pytest.approx(states[0].expectation())
    assert said["optimum"] == said["bound"] == pytest.approx(qg.solve_exact(problem).objective)
    for state, merits in zip(states, view["merits"], strict=True):
        assert merits.pop("normalized ratio") == pytest.approx(state.normalized_ratio(), abs=1e-12)
        expected = [state.approximation_ratio()]
        if problem.constrained:
            mean = state.feasible_expectation()
            ratio = None
            if mean and said["optimum"] > 0:
                ratio = mean / said["optimum"] if problem.sense == "maximize" else said["optimum"] / mean
            expected = [state.feasible_probability(), mean, ratio]
        assert list(merits.values()) == pytest.approx(expected)
    heights = np.frombuffer(parts[0], np.float32).reshape(3, -1)
    assert heights[-1] == pytest.approx(histograms.shares(states[-1])[1], abs=1e-6)
    same_bits = problem.nodes == problem.graph.ids
    correlations = np.frombuffer(parts[6], np.float32)
    assert len(correlations) == (len(problem.graph.edges) if same_bits else 0)
    if same_bits:
        pairs = [tuple(sorted(pair)) for pair in problem.graph.pairs.tolist()]
        known = dict(
            zip(map(tuple, problem.to_ising().pairs.tolist()), states[-1].correlations(), strict=True)
        )
        assert correlations == pytest.approx([known[pair] for pair in pairs], abs=1e-6)


@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda problem: type(problem).__name__)
def test_the_likely_solutions_are_those_of_the_state(problem: Any) -> None:
    explorer = QAOAExplorer(problem)
    explorer.angles = [[0.3], [0.4]]
    (view, parts) = heard(watched(explorer), "view")[-1]
    layers, most, n = view["shape"]
    chances, values = (np.frombuffer(part, np.float32).reshape(layers, most) for part in parts[1:3])
    labels = np.frombuffer(parts[3], np.uint8).reshape(layers, most, n)
    feasible = np.frombuffer(parts[4], np.uint8).reshape(layers, most)
    state = qg.simulate(problem, [0.3], [0.4])
    twins = 2 if problem.to_ising().flip_symmetric else 1
    assert chances[-1, 0] == pytest.approx(twins * state.probabilities().max(), rel=1e-5)
    assert len({tuple(row) for row in labels[-1] if 255 not in row}) == sum(
        255 not in row for row in labels[-1]
    )
    for row, value, chance, kept in zip(labels[-1], values[-1], chances[-1], feasible[-1], strict=True):
        if 255 in row:
            assert not kept
            continue
        named = dict(zip(problem.graph.ids, row.tolist(), strict=True))
        bits = problem.encode(named) if hasattr(problem, "encode") else row
        assert problem.objective(bits) == pytest.approx(value, rel=1e-5)
        assert problem.decode(bits).feasible == bool(kept)
        index = int(bits @ (1 << np.arange(len(bits))))
        assert twins * state.probabilities()[index] == pytest.approx(chance, rel=1e-4)


def test_the_landscape_is_that_of_depth_one() -> None:
    explorer = QAOAExplorer(GRAPH)
    (content, parts) = heard(watched(explorer), "landscape")[-1]
    values = np.frombuffer(parts[0], np.float32).reshape(content["shape"])
    scene = explorer.scene
    assert values == pytest.approx(qg.landscape(explorer.problem, scene.gammas, scene.betas), rel=1e-5)


def test_without_a_view_nothing_is_computed() -> None:
    explorer = QAOAExplorer(GRAPH)
    wire = Wire(explorer)
    explorer.angles = [[0.1], [0.2]]
    explorer.graph = qg.Graph.ring(5)
    assert explorer._jobs.wait()
    assert wire.said == []


def test_all_messages_follow_the_graph() -> None:
    explorer = QAOAExplorer(GRAPH)
    wire = watched(explorer)
    wire.edit("weight", edge=[GRAPH.edges[0].source, GRAPH.edges[0].target], value=9.0)
    assert heard(wire, "problem")[-1][0]["optimum"] == pytest.approx(
        qg.solve_exact(explorer.problem).objective
    )
    assert heard(wire, "view")[-1][0]["expectations"][-1] == pytest.approx(explorer.expectation())
    before = len(heard(wire, "problem"))
    wire.edit("move", places={GRAPH.ids[0]: [5, 5]})
    assert len(heard(wire, "problem")) == before, "moving a node is no change of the problem"
    wire.edit("add", id="new", x=0, y=0)
    assert heard(wire, "problem")[-1][0]["nodes"] == [*GRAPH.ids, "new"]


def test_edits_keep_fields_and_weights_of_nodes() -> None:
    ising = qg.Ising(h={"a": 0.5, "b": -1.0}, J={("a", "b"): 2.0}, offset=3.0)
    explorer = QAOAExplorer(ising)
    assert explorer.problem == ising
    Wire(explorer).edit("weight", edge=["a", "b"], value=-1.5)
    assert explorer.problem == qg.Ising(h={"a": 0.5, "b": -1.0}, J={("a", "b"): -1.5}, offset=3.0)
    heavy = qg.IndependentSet(qg.Graph.from_edges([("a", "b"), ("b", "c")]), {"b": 5.0})
    explorer = QAOAExplorer(heavy)
    Wire(explorer).edit("remove", nodes=["c"])
    assert explorer.problem.weights.tolist() == [1.0, 5.0]  # type: ignore[attr-defined]


def test_depth_and_presets() -> None:
    explorer = QAOAExplorer(qg.Graph.random_regular(3, 8, seed=1), depth=2)
    assert explorer.angles == [list(row) for row in qg.fixed_angles(3, 2)]
    wire = Wire(explorer)
    wire.say("depth", value=3)
    assert explorer.angles[0] == pytest.approx(qg.interpolate(qg.fixed_angles(3, 2)[0]))
    wire.say("depth", value=1)
    assert explorer.depth == 1
    wire.say("preset", value=explorer.presets[2])
    assert explorer.angles == [list(row) for row in qg.fixed_angles(3, 3)]
    explorer.use_preset("Sack, Serbyn 2021: linear ramp")
    assert explorer.depth == 3
    assert len(QAOAExplorer(GRAPH).presets) == 1
    assert "must be a whole number from 1 to 12, got 0" in wire.say("depth", value=0)[0]["message"]
    assert "must be one of" in wire.say("preset", value="best ever")[0]["message"]


def test_optimise_takes_the_result_of_solve_qaoa() -> None:
    explorer = QAOAExplorer(BRIDGES, depth=2)
    wire = watched(explorer)
    start = tuple(explorer.angles)
    result = explorer.optimise(seed=3)
    expected = qg.solve_qaoa(explorer.problem, 2, start=start, seed=3)
    assert result is explorer.result
    assert result is not None
    assert (result.gammas, result.betas) == (expected.gammas, expected.betas)
    assert explorer.angles == [list(result.gammas), list(result.betas)]
    sent = [content for content, _ in heard(wire, "progress")][1:]
    points = [point for content in sent for point in content["points"]]
    assert points[0][0] == 0
    assert points[0][1] == pytest.approx(qg.expectation(explorer.problem, *start))
    assert points[1:] == [(step.evaluations, step.value, step.depth) for step in result.history]
    assert [content["first"] for content in sent][:2] == [0, 0]
    assert "Optimised" in heard(wire, "finished")[-1][0]["message"]
    assert not explorer.running


def test_cancel_keeps_the_best_so_far() -> None:
    explorer = QAOAExplorer(qg.Graph.random_regular(3, 14, seed=1), depth=8)
    before = explorer.expectation()
    wire = Wire(explorer)
    wire.say("optimise", value="here")
    assert explorer.running
    run = explorer._run
    assert run is not None
    assert "is running; cancel it first" in wire.say("optimise", value="here")[0]["message"]
    while run.latest is None:
        time.sleep(0.01)
    wire.say("cancel")
    assert not explorer.running
    best = run.latest
    assert best is not None
    assert explorer.expectation() == pytest.approx(best.value)
    assert explorer.expectation() > before
    assert f"Stopped. These are the best angles so far: {best.value:.6g}." in [
        m.get("message") for m, _ in wire.said
    ]
    assert run.jobs.wait(20)
    assert run.result is not None
    assert run.result.stopped_by == "callback"
    assert explorer.result is run.result
    assert not explorer.cancel()


def test_angles_chosen_after_cancel_are_kept() -> None:
    explorer = QAOAExplorer(qg.Graph.random_regular(3, 14, seed=1), depth=8)
    explorer.optimise(start="here", wait=False)
    run = explorer._run
    assert run is not None
    while run.latest is None:
        time.sleep(0.01)
    explorer.cancel()
    explorer.angles = [[0.1], [0.2]]
    assert run.jobs.wait(20)
    assert (explorer.angles, explorer.result) == ([[0.1], [0.2]], None)


def test_errors_of_an_optimisation_reach_caller_and_view(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: Any, **__: Any) -> None:
        raise MemoryError("no memory is left")

    monkeypatch.setattr("qgraph.widgets.qaoa.optimisation.solve_qaoa", fails)
    explorer = QAOAExplorer(GRAPH)
    wire = Wire(explorer)
    with pytest.raises(MemoryError):
        explorer.optimise()
    assert heard(wire, "finished")[-1][0]["message"] == "Failed: MemoryError: no memory is left"
    assert (explorer.running, explorer.result) == (False, None)


def test_errors_of_a_job_reach_the_view(monkeypatch: pytest.MonkeyPatch) -> None:
    explorer = QAOAExplorer(GRAPH)
    wire = watched(explorer)
    monkeypatch.setattr(type(explorer.scene), "view_message", lambda *_, **__: 1 / 0)
    explorer.depth = 2
    assert "ZeroDivisionError" in heard(wire, "failed")[-1][0]["message"]


def test_a_closed_explorer_computes_nothing() -> None:
    explorer = QAOAExplorer(GRAPH)
    wire = watched(explorer)
    explorer.close()
    before = len(wire.said)
    explorer.depth = 2
    explorer.graph = qg.Graph.ring(5)
    assert explorer._jobs.wait()
    assert len(wire.said) == before


def test_an_edit_ends_an_optimisation() -> None:
    explorer = QAOAExplorer(qg.Graph.random_regular(3, 14, seed=1), depth=8)
    explorer.optimise(start="interpolate", wait=False)
    explorer.graph = qg.Graph.ring(4)
    assert not explorer.running
    assert explorer.result is None


def test_observers_may_optimise() -> None:
    explorer = QAOAExplorer(qg.Graph.ring(5))
    explorer.observe(lambda _: explorer.optimise(), names="graph")
    Wire(explorer).edit("add", id="new", x=0, y=0)
    assert explorer.result is not None
    assert explorer.result.optimum == 4.0


def test_the_stop_button_returns_the_best_so_far(monkeypatch: pytest.MonkeyPatch) -> None:
    explorer = QAOAExplorer(qg.Graph.random_regular(3, 20, seed=1), depth=8)
    wait, presses = Jobs.wait, []

    def pressed(jobs: Jobs, timeout: float | None = None) -> bool:
        run = explorer._run
        if run is not None and run.points and not presses:
            presses.append(run)
            raise KeyboardInterrupt
        return wait(jobs, timeout)

    monkeypatch.setattr(Jobs, "wait", pressed)
    result = explorer.optimise(start="interpolate")
    assert result is not None
    assert result.stopped_by == "callback"
    assert not explorer.running


def test_bad_input_is_refused() -> None:
    for wrong, message in [
        (lambda: QAOAExplorer(qg.Graph.ring(5001)), "must have 1 to 5000 nodes here, got 5001"),
        (lambda: QAOAExplorer(qg.Graph.ring(4), depth=0), "`depth` must be a whole number"),
        (lambda: QAOAExplorer(3), "must be a problem"),  # type: ignore[arg-type]
        (
            lambda: QAOAExplorer(qg.PriorityRouting(qg.City.random(3, 1, seed=1))),
            "RouteExplorer is for cities",
        ),
        (lambda: QAOAExplorer(qg.Graph.ring(4)).optimise(start="there"), '"here" or "interpolate"'),
    ]:
        with pytest.raises(qg.InvalidInput, match=message):
            wrong()
    explorer = QAOAExplorer(qg.Graph.ring(3))
    for angles in ([[0.1], [0.2, 0.3]], [[float("nan")], [0.1]], [[0.1]], [[], []], "ab"):
        with pytest.raises(qg.InvalidInput):
            explorer.angles = angles
    answers = Wire(explorer).edit("remove", nodes=["0", "1", "2"])
    assert "must have 1 to 5000 nodes" in answers[0]["message"]


def test_ten_thousand_updates_take_no_memory() -> None:
    explorer = QAOAExplorer(qg.Graph.ring(4))
    explorer.send = lambda content, buffers=None: None
    explorer._on_message(None, {"kind": "hello"}, [])

    def turn(count: int) -> int:
        for number in range(count):
            explorer.angles = [[0.1 + number * 1e-6], [0.2]]
            if number % 10 == 0:
                explorer._jobs.wait()
        explorer._jobs.wait()
        gc.collect()
        return len(gc.get_objects())

    assert turn(10_000) - turn(200) < 500
    assert threading.active_count() < 20


def test_states_pictures_and_pages() -> None:
    explorer = QAOAExplorer(spin_glass(5, 2), depth=2)
    explorer.optimise()
    state = json.loads(json.dumps(explorer.state()))
    again = QAOAExplorer.from_state(state)
    assert (again.problem, again.angles, again.result) == (explorer.problem, explorer.angles, explorer.result)
    assert again.expectation() == explorer.expectation()
    assert matplotlib.image.imread(io.BytesIO(explorer.snapshot())).shape[1] > 800
    assert explorer.snapshot(format="svg").startswith(b"<?xml")
    page = explorer.to_html()
    assert "http" not in page.replace("http://www.w3.org/2000/svg", "")
    assert '"kind": "landscape"' in page
    for wrong in (
        {**state, "problem": {"kind": "Other"}},
        {**state, "problem": {"problem": "Other"}},
        {**state, "problem": None},
        {**state, "angles": [[1]]},
        {**state, "result": {}},
    ):
        with pytest.raises(qg.InvalidInput):
            QAOAExplorer.from_state(wrong)


@pytest.mark.parametrize(
    ("problem", "saved"),
    [
        (qg.MaxCut(GRAPH), {"kind": "MaxCut"}),
        (qg.IndependentSet(GRAPH, {"0": 2.0}), {"kind": "IndependentSet", "weights": {"0": 2.0}}),
        (
            qg.Ising({"a": 0.5}, {("a", "b"): -1.5}, 2.0, sense="maximize"),
            {"kind": "Ising", "h": {"a": 0.5, "b": 0.0}, "offset": 2.0, "sense": "maximize"},
        ),
    ],
    ids=["MaxCut", "IndependentSet", "Ising"],
)
def test_states_of_earlier_versions_still_load(problem: qg.Problem, saved: dict[str, Any]) -> None:
    state = {**QAOAExplorer(problem).state(), "problem": saved}
    assert QAOAExplorer.from_state(state).problem == problem
