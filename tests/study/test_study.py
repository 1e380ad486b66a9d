"""What a study asks for, what its table says, and how it goes on."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from functools import partial
from pathlib import Path
from types import ModuleType

import networkx as nx
import numpy as np
import pandas as pd
import pytest

import qgraph as qg
from qgraph.solvers.qaoa.solve import solve_depths
from qgraph.study.columns import ASKED, FOUND

ROOT = Path(__file__).parents[2]


def weighted(n: int, seed: int) -> qg.Graph:
    """A connected asymmetric graph."""
    rng = np.random.default_rng(seed)
    edges = [(i, int(rng.integers(0, i)), float(rng.uniform(0.5, 2.0))) for i in range(1, n)]
    return qg.Graph.from_edges([*edges, (0, n - 1, 0.75)])


PROBLEMS = {f"g{seed}": qg.MaxCut(weighted(6, seed)) for seed in range(3)}
SOLVERS = {
    "qaoa": {"solver": "qaoa", "depth": range(1, 4), "starts": 1},
    "tabu": {"solver": "tabu", "reads": 1},
    "exact": {"solver": "exact"},
}


@pytest.fixture
def study(tmp_path: Path) -> qg.Study:
    return qg.Study(tmp_path / "study", problems=PROBLEMS, solvers=SOLVERS, seeds=[3, 5])


def test_a_row_says_what_the_solver_said(study: qg.Study) -> None:
    frame = study.run().frame()
    assert len(frame) == len(study) == 3 * (3 * 2 + 2 + 1)
    row = frame.query("problem == 'g1' and solver == 'qaoa' and depth == 2 and seed == 5").iloc[0]
    alone = qg.solve_qaoa(PROBLEMS["g1"], 2, seed=5, starts=1)
    assert alone.best is not None
    same = ["expectation", "normalized_ratio", "approximation_ratio", "optimum_probability", "evaluations"]
    same += ["optimum", "shots", "feasible_probability", "stopped_by"]
    assert {name: row[name] for name in same} == {name: getattr(alone, name) for name in same}
    assert (row.objective, row.feasible, row.optimal) == (alone.best.objective, True, alone.best.optimal)
    assert (tuple(row.gammas), tuple(row.betas)) == (alone.gammas, alone.betas)
    assert (row.n, row.edges, row.kind, row.sense) == (6, 6, "MaxCut", "maximize")
    assert (row.algorithm, row.starts, row.kernel) == ("qaoa", 1, qg.Simulator(PROBLEMS["g1"]).kernel)
    assert row.random == PROBLEMS["g1"].to_ising().offset
    assert 0 < row.seconds < 60
    assert 20 < row.memory < 20_000
    assert "qgraph" in row.versions
    assert row.host


def test_columns_are_those_that_are_documented(study: qg.Study) -> None:
    frame = study.run().frame()
    settings = ["starts", "depth", "reads"]
    expected = [*(c.name for c in ASKED), *settings, "seed", *(c.name for c in FOUND)]
    assert list(frame) == expected
    text = (ROOT / "docs/studies.md").read_text()
    for column in (*ASKED, *FOUND):
        assert f"| `{column.name}` | " in text
        assert column.meaning in text


def test_optimum_and_ratio_of_classical_solvers(study: qg.Study) -> None:
    """Checked against brute force over all cuts, by networkx's own cut size."""
    frame = study.run().frame()
    for name, problem in PROBLEMS.items():
        graph = problem.graph.to_networkx()
        cuts = [
            nx.cut_size(graph, [v for bit, v in enumerate(graph) if index >> bit & 1], weight="weight")
            for index in range(2**6)
        ]
        rows = frame[frame.problem == name]
        assert rows.optimum.to_numpy() == pytest.approx(max(cuts))
        assert rows.random.to_numpy() == pytest.approx(np.mean(cuts))
        ratio = (rows.objective - np.mean(cuts)) / (max(cuts) - np.mean(cuts))
        assert rows.best_ratio.to_numpy() == pytest.approx(ratio.to_numpy())
    assert (frame[frame.solver == "exact"].best_ratio == 1).all()


def test_missing_values_and_types(study: qg.Study) -> None:
    frame = study.run().frame()
    classical = frame[frame.solver == "exact"]
    assert classical.seed.isna().all()
    assert classical.depth.isna().all()
    assert classical.expectation.isna().all()
    assert frame[frame.solver == "tabu"].seed.tolist() == [3, 5] * 3
    types = {"depth": "Int64", "seed": "Int64", "seconds": "float64", "optimal": "boolean", "reads": "Int64"}
    assert {name: str(frame.dtypes[name]) for name in types} == types
    assert frame.error.isna().all()


def test_defaults_fill_the_settings_of_others(tmp_path: Path) -> None:
    solvers = {"few": {"solver": "qaoa", "starts": 1}, "default": {"solver": "qaoa", "shots": 2048}}
    frame = qg.Study(tmp_path, problems=PROBLEMS, solvers=solvers).run().frame()
    assert frame.groupby("solver").starts.first().to_dict() == {"few": 1, "default": 3}


def test_results_are_whole(study: qg.Study) -> None:
    study.run()
    frame = study.frame("problem == 'g0'")
    results = study.results(frame.trial)
    assert list(results) == frame.trial.tolist()
    for row in frame.itertuples():
        answer = results[row.trial]
        if row.algorithm == "qaoa":
            assert isinstance(answer, qg.Result)
            assert answer.depth == row.depth
            assert answer.depths[-1].expectation == row.expectation
        else:
            assert isinstance(answer, qg.Solution)
            assert answer.objective == row.objective
    assert len(study.results()) == len(study)


def test_adding_repeats_nothing(study: qg.Study, own: ModuleType, tmp_path: Path) -> None:
    log = tmp_path / "log"
    counted = {"counted": {"solver": own.counted, "log": str(log)}}
    two = {name: PROBLEMS[name] for name in ("g0", "g1")}
    qg.Study(tmp_path / "s", problems=two, solvers=counted, seeds=range(2)).run()
    assert len(log.read_text().splitlines()) == 4
    grown = qg.Study(tmp_path / "s", problems=PROBLEMS, solvers=counted, seeds=range(1, 4))
    assert (len(grown), grown.waiting) == (3 * 4, 3 * 4 - 4)
    grown.run()
    grown.run()
    assert len(log.read_text().splitlines()) == 3 * 4
    again = qg.Study(tmp_path / "s", problems=PROBLEMS, solvers=["greedy"], seeds=[0])
    assert (len(again), again.waiting) == (3 * 4 + 3, 3)
    assert [solver.label for solver in again.solvers] == ["counted", "greedy"]


def test_more_depths_are_new_trials_of_one_climb(study: qg.Study, tmp_path: Path) -> None:
    before = study.run().frame()
    deeper = {"qaoa": {"solver": "qaoa", "depth": range(1, 6), "starts": 1}}
    grown = qg.Study(tmp_path / "study", problems=PROBLEMS, solvers=deeper, seeds=[3, 5])
    assert grown.waiting == 3 * 2 * 2
    after = grown.run().frame()
    kept = after[after.trial.isin(before.trial)].reset_index(drop=True)
    pd.testing.assert_frame_equal(kept, before)
    row = after.query("problem == 'g2' and depth == 5 and seed == 3").iloc[0]
    assert row.expectation == qg.solve_qaoa(PROBLEMS["g2"], 5, seed=3, starts=1).expectation


def test_depths_are_one_climb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[tuple[int, ...]] = []

    def counted(problem: qg.Problem, depths: tuple[int, ...], **given: object) -> tuple[qg.Result, ...]:
        called.append(depths)
        return solve_depths(problem, depths, **given)  # type: ignore[arg-type]

    monkeypatch.setattr("qgraph.study.work.solve_depths", counted)
    monkeypatch.setattr("qgraph.study.run.HERE", 60.0)
    solvers = {
        "climb": {"solver": "qaoa", "depth": range(1, 4), "starts": 1},
        "ramp": {"solver": "qaoa", "depth": range(1, 4), "start": "ramp"},
    }
    qg.Study(tmp_path, problems=PROBLEMS, solvers=solvers, seeds=[3, 5]).run()
    assert called == [(1, 2, 3)] * 6


def test_trial_names_are_content_hashes(study: qg.Study, tmp_path: Path) -> None:
    names = set(study.run().frame().trial)
    renamed = {
        "other label": SOLVERS["qaoa"] | {"shots": 1024},
        "tabu": SOLVERS["tabu"],
        "e": {"solver": "exact"},
    }
    other = qg.Study(tmp_path / "other", problems=PROBLEMS, solvers=renamed, seeds=[5, 3])
    assert set(other.run().frame().trial) == names
    changed = {**PROBLEMS, "g0": qg.MaxCut(weighted(6, 9))}
    third = qg.Study(tmp_path / "third", problems=changed, solvers=SOLVERS, seeds=[3, 5]).run().frame()
    assert len(names & set(third.trial)) == 2 * len(names) // 3


def test_a_plan_goes_to_toml_and_back(study: qg.Study, tmp_path: Path) -> None:
    study.run()
    study.save_plan(tmp_path / "plan.toml")
    copy = qg.Study.from_plan(tmp_path / "plan.toml")
    assert copy.folder == tmp_path / "plan"
    assert (copy.problems, copy.solvers, copy.seeds) == (study.problems, study.solvers, study.seeds)
    assert set(copy.run().frame().trial) == set(study.frame().trial)


def test_tuples_in_a_plan(tmp_path: Path) -> None:
    fixed = {"solver": "qaoa", "depth": 2, "start": ((0.4, 0.7), (0.6, 0.3)), "max_iterations": 0}
    study = qg.Study(tmp_path / "a", problems=PROBLEMS, solvers={"fixed": fixed})
    study.save_plan(tmp_path / "b.toml")
    frame = qg.Study.from_plan(tmp_path / "b.toml").run().frame()
    assert frame.gammas.tolist() == [[0.4, 0.7]] * 3
    assert frame.start.tolist() == [((0.4, 0.7), (0.6, 0.3))] * 3


@pytest.mark.parametrize("name", ["function", "partial", "nested", "problem", "files", "toml"])
def test_sources_give_the_same_trials(own: ModuleType, tmp_path: Path, name: str) -> None:
    """Problems as objects, functions, files: the same content, so the same digests."""
    ring = qg.Graph.ring(7)
    (tmp_path / "ring-7.json").write_text(ring.to_json())
    sources: dict[str, object] = {
        "function": {"x": {"function": "own_solvers:graph", "arguments": {"nodes": 7}}},
        "partial": {"x": partial(own.graph, 7)},
        "nested": {"x": lambda: ring},
        "problem": {"x": qg.MaxCut(ring)},
        "files": {"x": str(tmp_path / "ring-*.json")},
        "toml": {"x": {"file": str(tmp_path / "ring-7.json"), "problem": "MaxCut"}},
    }
    reference = qg.Study(tmp_path / "reference", problems={"x": qg.MaxCut(ring)}, solvers=["greedy"])
    study = qg.Study(tmp_path / name, problems=sources[name], solvers=["greedy"])
    assert study.run().frame().trial.tolist() == reference.run().frame().trial.tolist()
    assert study.problems == ["x"]


def test_names_of_problems_without_names(own: ModuleType, tmp_path: Path) -> None:
    listed = [partial(own.graph, nodes=n) for n in (5, 6)] + [own.problem]
    study = qg.Study(tmp_path / "a", problems=listed, solvers=["greedy"])
    assert study.problems == ["graph(nodes=5)", "graph(nodes=6)", "problem()"]
    assert study.run().frame().kind.tolist() == ["MaxCut", "MaxCut", "IndependentSet"]
    files = qg.Study(tmp_path / "b", problems=str(ROOT / "examples/*.csv"), solvers=["greedy"])
    assert files.problems == ["towns"]
    equal = qg.Study(tmp_path / "c", problems=[qg.MaxCut(qg.Graph.ring(5))] * 2, solvers=["greedy"])
    assert len(set(equal.problems)) == len(equal) == 2


def test_files_are_read_by_workers(own: ModuleType, tmp_path: Path, workers_from_the_start: None) -> None:
    (tmp_path / "ring.json").write_text(qg.Graph.ring(7).to_json())
    problem = {"file": str(tmp_path / "ring.json"), "problem": "VertexCover"}
    study = qg.Study(tmp_path / "s", problems={"ring": problem}, solvers=["greedy"])
    (tmp_path / "ring.json").write_text(qg.Graph.ring(8).to_json())
    assert study.run().frame().error.tolist() == ["`problems`: ring has changed since the study was planned"]
    (tmp_path / "ring.json").write_text(qg.Graph.ring(7).to_json())
    frame = study.run(retry=True).frame()
    assert (frame.kind[0], frame.objective[0], frame.error[0]) == ("VertexCover", 4.0, None)


def test_large_problems_are_sent_once(tmp_path: Path, workers_from_the_start: None) -> None:
    large = qg.MaxCut(qg.Graph.random_regular(4, 800, seed=1))
    assert len(large.to_json()) > 2**15
    study = qg.Study(tmp_path, problems={"large": large}, solvers={"t": {"solver": "random"}}, seeds=range(8))
    assert study.run(workers=2).frame().error.isna().all()


@pytest.mark.parametrize("workers", [None, 2], ids=["here", "workers"])
def test_failures_are_rows(
    own: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, workers: int | None
) -> None:
    monkeypatch.setattr("qgraph.study.run.HERE", 0.0 if workers else 10.0)
    marker = str(tmp_path / "marker")
    solvers = {
        "fails": {"solver": own.fails},
        "wrong": {"solver": own.wrong},
        "once": {"solver": own.fails_once, "marker": marker},
        "large": {"solver": "qaoa", "method": "statevector"},
        "routes": {"solver": "two-opt"},
    }
    problems = {"large": qg.MaxCut(qg.Graph.ring(60))}
    study = qg.Study(tmp_path / "s", problems=problems, solvers=solvers)
    frame = study.run(workers=workers).frame().set_index("solver")
    assert frame.error["fails"] == "RuntimeError: no luck"
    assert frame.error["wrong"] == "`solver` must return a Result or a Solution, got 12.0"
    assert "a state vector of 60 qubits does not fit" in frame.error["large"]
    assert "two-opt" not in frame.error["routes"]
    assert frame.objective.isna().all()
    assert study.failed == 5
    assert study.run().failed == 5
    assert study.run(retry=True).failed == 4
    assert study.frame().set_index("solver").error["once"] is None


@pytest.mark.parametrize("here", [0.0, 10.0], ids=["workers", "here"])
def test_a_solver_that_leaves_is_a_row(
    own: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, here: float
) -> None:
    """Neither does it end the run, nor is an answer that its solver stopped by itself asked for again."""
    monkeypatch.setattr("qgraph.study.run.HERE", here)
    study = qg.Study(
        tmp_path / "s", problems=PROBLEMS, solvers={"leaves": own.leaves, "gives up": own.gives_up}
    )
    frame = study.run(workers=2).frame()
    assert set(frame[frame.solver == "leaves"].error) == {"SystemExit: 3"}
    stopped = frame[frame.solver == "gives up"]
    assert set(stopped.stopped_by) == {"callback"}
    assert {type(answer) for answer in study.results(stopped.trial).values()} == {qg.Solution}


def test_depths_that_run_out_of_memory_are_tried_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def limited(problem: qg.Problem, depths: tuple[int, ...], **given: object) -> tuple[qg.Result, ...]:
        if max(depths) > 2:
            raise MemoryError
        return solve_depths(problem, depths, **given)  # type: ignore[arg-type]

    monkeypatch.setattr("qgraph.study.work.solve_depths", limited)
    monkeypatch.setattr("qgraph.study.run.HERE", 60.0)
    climb = {"climb": {"solver": "qaoa", "depth": range(1, 4), "starts": 1}}
    frame = qg.Study(tmp_path, problems=PROBLEMS, solvers=climb).run().frame()
    assert frame.error.isna().tolist() == [True, True, False] * 3
    assert frame.error.dropna().unique().tolist() == ["MemoryError: "]


def test_a_process_that_ends_is_a_row(own: ModuleType, tmp_path: Path, workers_from_the_start: None) -> None:
    problems = {name: PROBLEMS[name] for name in ("g0", "g1")}
    study = qg.Study(tmp_path / "s", problems=problems, solvers={"dies": own.dies}, seeds=range(4))
    frame = study.run(workers=2).frame()
    assert len(frame) == 8
    dead = frame[frame.error.notna()]
    assert dead.seed.tolist() == [1, 1]
    assert set(dead.error) == {"every process that ran it ended, perhaps because memory ran out"}
    assert dead.host.isna().all()


def test_some_depths_work_where_a_climb_fails(tmp_path: Path) -> None:
    """No method runs depth 4 on 40 dense nodes; depth 1 has a closed form."""
    dense = qg.MaxCut(qg.Graph.random_regular(20, 40, seed=1))
    study = qg.Study(
        tmp_path, problems={"d": dense}, solvers={"q": {"solver": "qaoa", "depth": [1, 4], "starts": 1}}
    )
    frame = study.run().frame()
    assert frame.error.isna().tolist() == [True, False]
    assert frame.expectation[0] == pytest.approx(qg.solve_qaoa(dense, 1, starts=1).expectation)


@pytest.mark.parametrize("here", [0.0, 10.0], ids=["workers", "here"])
@pytest.mark.parametrize("solver", ["patient", "slow"])
def test_an_interrupt_keeps_what_is_done(
    own: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, here: float, solver: str
) -> None:
    """A solver that asks its callback stops at once; one that sleeps is ended with its process."""
    monkeypatch.setattr("qgraph.study.run.HERE", here)
    quick = qg.Study(tmp_path / "s", problems=PROBLEMS, solvers=["greedy"])
    quick.run()
    study = qg.Study(
        tmp_path / "s", problems=PROBLEMS, solvers={"long": getattr(own, solver)}, seeds=range(9)
    )
    timer = threading.Timer(3.0, lambda: os.kill(os.getpid(), signal.SIGINT))
    timer.start()
    study.run(workers=2)
    assert study.stopped_by == "interrupt"
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert study.frame().solver.unique().tolist()[0] == "greedy"
    assert study.waiting > 0
    assert not study.frame().stopped_by.eq("callback").any()


def test_a_time_limit_ends_the_run(own: ModuleType, tmp_path: Path) -> None:
    study = qg.Study(tmp_path, problems=PROBLEMS, solvers={"long": own.patient}, seeds=range(9))
    study.run(time_limit=1.5)
    assert study.stopped_by == "time_limit"
    assert (study.waiting, len(study.frame())) == (27, 0)
    assert study._store.read("SELECT count(*) FROM claims") == [(0,)]


def test_files_of_the_table(study: qg.Study, tmp_path: Path) -> None:
    frame = study.run().frame()
    study.to_csv(tmp_path / "t.csv")
    read = pd.read_csv(tmp_path / "t.csv")
    assert read.expectation.to_numpy() == pytest.approx(frame.expectation.to_numpy(), nan_ok=True)
    assert json.loads(read.gammas[0]) == frame.gammas[0]
    study.to_parquet(tmp_path / "t.parquet")
    stored = pd.read_parquet(tmp_path / "t.parquet")
    assert stored.expectation.equals(frame.expectation)
    assert [list(row) for row in stored.gammas.dropna()] == frame.gammas.dropna().tolist()


def test_a_table_chosen_by_a_query(study: qg.Study) -> None:
    study.run()
    assert set(study.frame("depth == 2").depth) == {2}
    with pytest.raises(qg.InvalidInput, match=r"`where` must be a pandas query \(.*\), got 'dept == 2'"):
        study.frame("dept == 2")


def test_what_a_study_says_of_itself(study: qg.Study) -> None:
    assert repr(study).endswith("study: 0 of 27 trials done)")
    study.run()
    assert repr(study).endswith("study: 27 of 27 trials done)")
    assert "<td>27 of" not in study._repr_html_()
    assert "<td>18 of 18</td>" in study._repr_html_()


def test_views_of_the_table(study: qg.Study) -> None:
    study.run()
    assert study.plot("normalized_ratio").get_xlabel() == "depth p"
    assert study.plot_profile(where="solver != 'qaoa' or depth == 3").get_title() is not None
    assert study.plot_time_to_solution(where="solver == 'qaoa'") is not None
    assert study.summary().solver.iloc[-1] == "(random answers)"
    assert study.paired("exact", "tabu").pairs == 3


WRONG = {
    "no problems": ({"problems": {}}, r"`problems` must hold at least one problem, got \{\}"),
    "a graph": ({"problems": {"g": 3}}, "`problems` must be problems, such as MaxCut"),
    "no file": ({"problems": "no/such/*.txt"}, "`problems` must name files that exist, got 'no/such/"),
    "a key": ({"problems": {"g": {"file": "x", "as": "y"}}}, "`problems` must have keys among .*, got 'as'"),
    "module": (
        {"problems": {"g": {"function": "nowhere:f"}}},
        "`function` must be importable as module:name",
    ),
    "kind": (
        {"problems": {"g": {"function": "qgraph:Graph.ring", "arguments": {"n": 5}, "problem": "Cut"}}},
        "`problem` must be one of .*, got 'Cut'",
    ),
    "solver": ({"solvers": ["qoa"]}, "`solver` must be one of exact, .* or module:name, got 'qoa'"),
    "setting": (
        {"solvers": {"q": {"solver": "qaoa", "deph": 3}}},
        "must have settings among depth, .*, got 'deph'",
    ),
    "depth": (
        {"solvers": {"q": {"solver": "qaoa", "depth": [1, 0]}}},
        r"`depth` must be .* at least 1, got 0",
    ),
    "empty": ({"solvers": {"q": {"solver": "qaoa", "depth": []}}}, r"must have at least one value, got \[\]"),
    "object": ({"solvers": {"q": {"solver": "qaoa", "start": object()}}}, "`start` must be a number, a text"),
    "lambda": (
        {"solvers": {"q": lambda problem: None}},
        "`solver` must be .* that other processes can import",
    ),
    "twice": ({"solvers": {"a": "exact", "b": "exact"}}, "a and b are the same solver with equal settings"),
    "seeds": ({"seeds": 3}, "`seeds` must be a range or a list of whole numbers, got 3"),
    "seed": ({"seeds": [-1]}, "`seed` must be a whole number from 0"),
}


@pytest.mark.parametrize("name", WRONG)
def test_mistakes_have_their_argument_and_rule(tmp_path: Path, name: str) -> None:
    given, message = WRONG[name]
    with pytest.raises(qg.InvalidInput, match=message):
        qg.Study(tmp_path / "s", **{"problems": PROBLEMS, "solvers": SOLVERS, **given})  # type: ignore[arg-type]
    assert not (tmp_path / "s").exists()


def test_a_name_stands_for_one_thing(study: qg.Study, tmp_path: Path) -> None:
    with pytest.raises(qg.InvalidInput, match=r"`problems` must keep their names in a study, .* g0"):
        qg.Study(tmp_path / "study", problems={"g0": PROBLEMS["g1"]}, solvers=SOLVERS)
    with pytest.raises(qg.InvalidInput, match=r"`solvers\['tabu'\]` must stay tabu, got annealing"):
        qg.Study(tmp_path / "study", problems=PROBLEMS, solvers={"tabu": "annealing"})
    assert len(study) == 27


def test_a_study_in_the_background(own: ModuleType, tmp_path: Path) -> None:
    study = qg.Study(tmp_path / "s", problems=PROBLEMS, solvers=["greedy"])
    study.start()
    assert study.wait().waiting == 0
    longer = qg.Study(tmp_path / "s", problems=PROBLEMS, solvers={"p": own.patient})
    longer.start()
    with pytest.raises(qg.InvalidInput, match="`start` must wait until the study has ended"):
        longer.start()
    longer.stop()
    assert longer.wait().stopped_by == "interrupt"
    assert longer.waiting == 3
    (tmp_path / "s" / "runs").rmdir()
    (tmp_path / "s" / "runs").write_text("no folder")
    longer.start()
    with pytest.raises(qg.QGraphError, match="cannot be used"):
        longer.wait()


def test_arguments_of_run(study: qg.Study) -> None:
    with pytest.raises(qg.InvalidInput, match="`workers` must be a whole number of at least 1, got 0"):
        study.run(workers=0)
    with pytest.raises(qg.InvalidInput, match="`time_limit` must be positive, got -1"):
        study.run(time_limit=-1)
    assert study.waiting == 27


def test_time_passes_while_nothing_waits(study: qg.Study) -> None:
    study.run()
    began = time.perf_counter()
    assert study.run() is study
    assert time.perf_counter() - began < 60
