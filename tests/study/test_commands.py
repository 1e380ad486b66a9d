"""`qgraph study run | table | export`, as a person types them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

import qgraph as qg

PLAN = """
seeds = [0, 1]
[problems.ring]
function = "qgraph:Graph.ring"
arguments = {n = 6}
[solvers.climb]
solver = "qaoa"
depth = [1, 2]
[solvers.greedy]
solver = "greedy"
"""
SLOW = """
seeds = [0, 1, 2]
[problems.large]
function = "qgraph:Graph.random_regular"
arguments = {degree = 3, n = 200, seed = 1}
[solvers.greedy]
solver = "greedy"
[solvers.annealing]
solver = "annealing"
reads = 1000000
"""


def command(*words: str | Path) -> list[str]:
    program = "import sys; from qgraph.cli import main; main()"
    return [sys.executable, "-c", program, "study", *map(str, words)]


def typed(*words: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(*words), capture_output=True, text=True, check=False)


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    path = tmp_path / "rings.toml"
    path.write_text(PLAN)
    return path


def test_run_table_and_export(plan: Path, tmp_path: Path) -> None:
    folder = tmp_path / "rings"
    for given in (plan, folder):
        assert " ".join(typed("run", given).stdout.split()) == f"Study({folder}: 5 of 5 trials done)"
    shown = typed("table", folder)
    assert shown.stderr == ""
    lines = [line.split() for line in shown.stdout.splitlines()]
    assert [line[:2] for line in lines[1:4]] == [["climb", "1"], ["climb", "2"], ["greedy", "1"]]
    assert "5 of 5 trials done" in shown.stdout
    assert "climb" not in typed("table", folder, "--where", "solver == 'greedy'").stdout
    for ending in ("csv", "parquet", "toml"):
        done = typed("export", folder, tmp_path / f"out.{ending}")
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (
        pd.read_csv(tmp_path / "out.csv").objective.tolist()
        == qg.Study.open(folder).frame().objective.tolist()
    )
    assert len(pd.read_parquet(tmp_path / "out.parquet")) == 5
    again = typed("run", tmp_path / "out.toml", "--folder", folder).stdout
    assert again.split()[-5:] == ["5", "of", "5", "trials", "done)"]


WRONG = {
    "no plan": (["run", "nothing.toml"], "nothing.toml: [Errno 2] No such file or directory"),
    "no study": (["table", "."], "`folder` must hold a study, and study.sqlite does not exist"),
    "ending": (
        ["export", "rings", "out.xls"],
        "`FILE` must end with one of .csv, .parquet, .toml, got 'out.xls'",
    ),
    "scheduler": (
        ["run", "rings.toml", "--scheduler", "tcp://127.0.0.1:1"],
        "`--scheduler` tcp://127.0.0.1:1 does",
    ),
    "both": (
        ["run", "rings.toml", "--workers", "2", "--scheduler", "tcp://127.0.0.1:1"],
        "`--workers` is for this machine, not a scheduler, got 2",
    ),
    "folder": (["run", "rings", "--folder", "x"], "`--folder` is for a plan, not the folder of a study, got"),
    "workers": (
        ["run", "rings.toml", "--workers", "0"],
        "`workers` must be a whole number of at least 1, got 0",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_mistakes_are_one_line(plan: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(plan.parent)
    monkeypatch.setenv("DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT", "1s")
    typed("run", "rings.toml")
    words, message = WRONG[name]
    done = typed(*words)
    assert done.returncode == 2
    assert done.stderr.startswith(f"qgraph: {message}")
    assert done.stderr.count("\n") == 1


def test_mistakes_in_a_plan(tmp_path: Path) -> None:
    path = tmp_path / "plan.toml"
    for text, message in {
        "seeds = [": "plan.toml: ",
        "sedes = [1]": "`keys` must be among folder, problems, solvers, seeds, got 'sedes'",
        "seeds = [1]": "`problems` must be tables [problems.NAME], got None",
        PLAN.replace("greedy", "greed"): "`solver` must be one of exact,",
    }.items():
        path.write_text(text)
        assert typed("run", path).stderr.startswith(f"qgraph: {message}")


@pytest.mark.parametrize("group", [False, True], ids=["process", "terminal"])
def test_an_interrupt_has_its_exit_code(tmp_path: Path, group: bool) -> None:
    """A terminal sends Ctrl-C to all processes of its group, workers included."""
    path, folder = tmp_path / "slow.toml", tmp_path / "slow"
    path.write_text(SLOW)
    process = subprocess.Popen(
        command("run", path),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        limit = time.monotonic() + 30
        while not (folder / "study.sqlite").is_file() or not len(qg.Study.open(folder).frame()):
            assert time.monotonic() < limit
            time.sleep(0.1)
        time.sleep(2.5)
        if group:
            os.killpg(process.pid, signal.SIGINT)
        else:
            process.send_signal(signal.SIGINT)
        out, errors = process.communicate(timeout=30)
    finally:
        process.kill()
    assert process.returncode == 130
    assert errors == ""
    assert "Study(" in out
    study = qg.Study.open(folder)
    assert (len(study), study.waiting) == (4, 3)
