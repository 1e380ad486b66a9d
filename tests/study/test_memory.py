"""What trials need, and that trials never run together that do not fit."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

import qgraph as qg
from qgraph.study import run
from qgraph.study.memory import BASE, Share, Size, needs, shares
from qgraph.study.settings import Variant

GIB = 2**30


def variant(**settings: object) -> Variant:
    return Variant("q", "qaoa", settings)


def of(n: int, *, halved: bool = True) -> Size:
    return Size(n, halved, None)


def test_states_double_with_each_node() -> None:
    above = [needs(of(n), variant()) - BASE for n in (20, 21, 22)]
    assert above == [4 * 16 * 2**19, 4 * 16 * 2**20, 4 * 16 * 2**21]
    assert needs(of(20, halved=False), variant()) - BASE == 2 * above[0]
    assert needs(of(20), variant(precision="single")) - BASE == above[0] // 2
    assert needs(of(20), variant(warm_start="goemans-williamson")) - BASE == 2 * above[0]


def test_what_has_no_state_needs_little() -> None:
    assert needs(of(30), variant(method="lightcone")) == BASE
    assert needs(of(1000), variant()) == BASE
    assert needs(of(20), Variant("t", "tabu", {})) == BASE
    city = qg.PriorityRouting(qg.City.random(stops=16, priority=8, seed=1))
    assert needs(Size.of(city), variant()) == BASE
    small = qg.PriorityRouting(qg.City.random(stops=8, priority=4, seed=1))
    assert needs(Size.of(small), variant()) == BASE + 4 * 16 * small.routes


# In a process of its own: memory that was freed before would be used again.
TAKEN = """
import sys
import qgraph as qg
from qgraph.study import work

memory = [column.name for column in work.STORED].index("memory")
settings = {"starts": 1, "max_iterations": 2}
for n in (6, int(sys.argv[1])):
    problem = qg.IndependentSet(qg.Graph.random_regular(3, n, seed=1))
    work._kept["c"] = problem
    job = work.Job("k", "p", "c", {}, "qaoa", settings, {None: "t"}, 0, 0)
    print(work.run_job(job)[0].values[memory])
"""


@pytest.mark.parametrize("n", [20, 22])
def test_a_trial_takes_no_more_than_it_says(n: int) -> None:
    """Beside the memory that its process has before; and about as much, so that many run at a time."""
    done = subprocess.run([sys.executable, "-c", TAKEN, str(n)], capture_output=True, text=True, check=True)
    before, taken = map(float, done.stdout.split())
    said = (needs(of(n, halved=False), variant()) - BASE) / 2**20
    assert said / 4 < taken - before < said


def test_a_machine_is_divided_by_halves() -> None:
    assert shares(6, 12 * GIB) == [Share(6, 1, 2 * GIB), Share(3, 2, 4 * GIB), Share(1, 6, 12 * GIB)]
    assert shares(1, GIB) == [Share(1, 1, GIB)]
    assert shares(4, 2 * BASE) == [Share(2, 2, BASE), Share(1, 4, 2 * BASE)]
    assert shares(4, BASE // 2) == [Share(1, 4, BASE)]


def test_large_trials_run_in_fewer_processes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Small ones run in two processes, those that take more than half of the memory in one."""
    used: list[Share] = []
    local_cluster = run.pool.local_cluster

    def watched(share: Share) -> object:
        used.append(share)
        return local_cluster(share)

    monkeypatch.setattr(run, "HERE", 0.0)
    monkeypatch.setattr(run.pool, "local_cluster", watched)
    monkeypatch.setattr("qgraph.study.execute.this_machine", lambda _: shares(2, 2 * GIB))
    graphs = {n: qg.Graph.random_regular(3, n, seed=1) for n in (6, 22, 24)}
    problems = {f"n{n}": qg.IndependentSet(graph) for n, graph in graphs.items()}
    solvers = {"q": {"solver": "qaoa", "starts": 1, "max_iterations": 0, "start": "ramp"}}
    frame = qg.Study(tmp_path, problems=problems, solvers=solvers).run().frame()
    assert frame.error.isna().all()
    assert used == [Share(2, 1, GIB), Share(1, 2, 2 * GIB)]


def test_trials_that_do_not_fit_together_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two of them fit one after the other, not at once: their times do not overlap."""
    (tmp_path / "timed_solver.py").write_text(
        "import time, qgraph as qg\n"
        "def timed(problem, *, seed=0):\n"
        "    began = time.time()\n"
        "    time.sleep(0.4)\n"
        "    ended = time.time()\n"
        "    return qg.Solution(objective=began, bound=ended, solver='timed', seconds=0.4, labels={})\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(run, "HERE", 0.0)
    monkeypatch.setattr("qgraph.study.execute.needs", lambda *_: 300 * 2**20)
    monkeypatch.setattr("qgraph.study.execute.this_machine", lambda _: [Share(1, 1, 500 * 2**20)])
    monkeypatch.setattr("qgraph.study.pool.THREADS", 2)
    study = qg.Study(
        tmp_path / "s",
        problems={"r": qg.MaxCut(qg.Graph.ring(5))},
        solvers={"t": {"solver": "timed_solver:timed"}},
        seeds=range(4),
    )
    rows = study.run().frame().sort_values("objective")
    assert time.time() > rows.bound.max()
    assert (rows.objective.to_numpy()[1:] >= rows.bound.to_numpy()[:-1]).all()
