"""Solvers and problems that worker processes can import, and studies of them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

SOLVERS = """
import os
import time

import qgraph as qg


def nothing(problem, *, seed=0):
    return qg.Solution(objective=float(seed), solver="nothing", seconds=0.0, labels={})


def slow(problem, *, seed=0, pause=5.0):
    time.sleep(pause)
    return nothing(problem, seed=seed)


def patient(problem, *, seed=0, callback=None):
    while not callback(0.0):
        time.sleep(0.01)
    return qg.Solution(objective=0.0, solver="patient", seconds=0.0, labels={}, stopped_by="callback")


def fails(problem, *, seed=0):
    raise RuntimeError("no luck")


def fails_once(problem, *, marker, seed=0):
    if not os.path.exists(marker):
        open(marker, "w").close()
        raise RuntimeError("no luck yet")
    return nothing(problem, seed=seed)


def dies(problem, *, seed=0):
    if seed == 1:
        os._exit(1)
    return nothing(problem, seed=seed)


def counted(problem, *, log, pause=0.0, seed=0):
    time.sleep(pause)
    with open(log, "a") as file:
        file.write(f"{problem.nodes} {seed}\\n")
    return nothing(problem, seed=seed)


def leaves(problem, *, seed=0):
    raise SystemExit(3)


def gives_up(problem, *, seed=0):
    return qg.Solution(objective=0.0, solver="own", seconds=0.0, labels={"gammas": 1}, stopped_by="callback")


def wrong(problem, *, seed=0):
    return 12.0


def graph(nodes=5):
    return qg.Graph.ring(nodes)


def problem(nodes=5):
    return qg.IndependentSet(qg.Graph.ring(nodes))
"""


@pytest.fixture
def own(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """A module of a user's, which worker processes can import as well."""
    folder: Path = tmp_path_factory.mktemp("modules")
    (folder / "own_solvers.py").write_text(SOLVERS)
    monkeypatch.syspath_prepend(folder)
    monkeypatch.setenv("PYTHONPATH", str(folder), prepend=":")
    import own_solvers

    yield own_solvers
    del sys.modules["own_solvers"]


@pytest.fixture
def workers_from_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing runs in this process: processes are started for the first trial."""
    monkeypatch.setattr("qgraph.study.run.HERE", 0.0)
