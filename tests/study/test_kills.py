"""Runs that end by force: nothing is lost, and nothing runs twice."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from types import ModuleType

import pandas as pd
import psutil
import pytest
from distributed import Nanny

import qgraph as qg
from qgraph.study import pool
from qgraph.study.memory import Share

PROGRAM = """
import sys
import qgraph as qg
from qgraph.study import run, store

if __name__ == "__main__":
    folder, run.HERE, seeds = sys.argv[1], float(sys.argv[2]), int(sys.argv[3])
    rings = [qg.Graph.from_edges([(i, (i + 1) % n, 1.0 + i) for i in range(n)]) for n in range(3, 13)]
    problems = {f"ring-{len(ring.nodes)}": qg.MaxCut(ring) for ring in rings}
    solvers = {"qaoa": {"solver": "qaoa", "depth": [1, 2], "starts": 1}, "random": {"solver": "random", "shots": 8}}
    if len(sys.argv) > 4:
        solvers = {"counted": {"solver": "own_solvers:counted", "log": sys.argv[4]}}
    print("ready", flush=True)
    qg.Study(folder, problems=problems, solvers=solvers, seeds=range(seeds)).run(progress=False)
"""
TIMED = ["seconds", "memory", "host"]


def start(folder: Path, here: float, seeds: int, *log: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", PROGRAM, str(folder), str(here), str(seeds), *log]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def finish(folder: Path, here: float, seeds: int) -> pd.DataFrame:
    with start(folder, here, seeds) as process:
        _, errors = process.communicate()
    assert process.returncode == 0, errors
    return qg.Study.open(folder).frame().drop(columns=TIMED)


def rows_in(folder: Path) -> int:
    with suppress(qg.InvalidFile):
        return qg.Study.open(folder)._store.counts()[1]
    return 0  # killed before there was a file


def test_kill_nine_at_random_moments(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Some runs are killed while they start, some while they work, in one process or with workers."""
    kills, seeds, folder = 20, 67, tmp_path / "killed"  # 2010 trials
    undisturbed = finish(tmp_path / "whole", 100.0, seeds)
    moments = random.Random(17)
    stored = [0]
    for kill in range(kills):
        with start(folder, 100.0 * (kill % 2), seeds) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            limit = time.monotonic() + 60
            while kill >= 4 and rows_in(folder) == stored[-1] and process.poll() is None:
                assert time.monotonic() < limit
                time.sleep(0.02)
            time.sleep(moments.uniform(0.0, 0.4))
            process.send_signal(signal.SIGKILL)
        stored.append(rows_in(folder))
    assert stored == sorted(stored)
    with capfd.disabled():
        print(f"\nrows after each kill: {stored}")
    pd.testing.assert_frame_equal(finish(folder, 0.0, seeds), undisturbed)
    with sqlite3.connect(folder / "study.sqlite") as file:
        assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert file.execute("SELECT count(*) FROM claims").fetchone() == (0,)


def test_two_processes_share_a_study(own: ModuleType, tmp_path: Path) -> None:
    """A run of a trial writes a line into a file, so a second run of it would be seen."""
    log = tmp_path / "log"
    both = [start(tmp_path / "shared", here, 100, str(log)) for here in (0.0, 100.0)]
    for process in both:
        _, errors = process.communicate()
        assert process.returncode == 0, errors
    lines = log.read_text().splitlines()
    assert len(lines) == len(set(lines)) == 1000
    study = qg.Study.open(tmp_path / "shared")
    assert (len(study), study.waiting, study.failed) == (1000, 0, 0)


async def forever(*_: object, **__: object) -> None:
    await asyncio.Event().wait()


async def nothing(*_: object, **__: object) -> None:
    """Then the nanny forgets the process as it closes."""


@pytest.mark.parametrize("kill", [forever, nothing])
def test_processes_that_dask_cannot_end_are_killed(monkeypatch: pytest.MonkeyPatch, kill: object) -> None:
    """Dask waits for ever where a process ends while it is asked to end."""
    monkeypatch.setattr(Nanny, "kill", kill)
    monkeypatch.setattr(pool, "ENDING", 0.5)
    with pool.local_cluster(Share(memory=2**30, processes=2, threads=1)) as client:
        running = [psutil.Process(pid) for pid in client.run(os.getpid).values()]
        for process in running:
            process.suspend()  # it answers nothing, as in a library's long step
    _, alive = psutil.wait_procs(running, timeout=60)
    assert len(running) == 2
    assert alive == []


def test_no_process_starts_while_all_end(monkeypatch: pytest.MonkeyPatch) -> None:
    started = []
    instantiate = Nanny.instantiate

    async def watched(nanny: Nanny) -> object:
        started.append(nanny)
        return await instantiate(nanny)

    monkeypatch.setattr(Nanny, "instantiate", watched)
    with pool.local_cluster(Share(memory=2**30, processes=2, threads=1)):
        assert len(started) == 2
    assert len(started) == 2
