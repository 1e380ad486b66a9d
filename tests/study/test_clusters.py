"""Studies on a Dask cluster of real processes, whose workers and scheduler end and come back."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import dask
import pytest
from distributed import Client

import qgraph as qg

RINGS = {f"ring-{n}": qg.MaxCut(qg.Graph.ring(n)) for n in range(3, 13)}
QUIET = {"DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT": "5s"}


class Cluster:
    """A scheduler and two workers, each with a nanny, as `dask scheduler` and `dask worker` start them."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
        self.log = (folder / "cluster.log").open("w")
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.start("scheduler")
        for name in ("worker-0", "worker-1"):
            self.start(name)

    def start(self, name: str) -> None:
        port = self.address.rpartition(":")[2]
        of_scheduler = ["scheduler", "--host", "127.0.0.1", "--port", port, "--no-dashboard"]
        of_worker = ["worker", self.address, "--nthreads", "1", "--memory-limit", "1GiB", "--no-dashboard"]
        command = [sys.executable, "-m", "dask", *(of_scheduler if name == "scheduler" else of_worker)]
        self.processes[name] = subprocess.Popen(
            command,
            stdout=self.log,
            stderr=self.log,
            env={**os.environ, **QUIET},
            start_new_session=True,
            cwd=Path(self.log.name).parent,
        )

    def kill(self, name: str) -> None:
        os.killpg(self.processes[name].pid, signal.SIGKILL)
        self.processes[name].wait()

    def close(self) -> None:
        for name, process in self.processes.items():
            if process.poll() is None:
                self.kill(name)
        self.log.close()


@pytest.fixture
def cluster(own: ModuleType, tmp_path: Path) -> Iterator[Cluster]:
    made = Cluster(tmp_path)
    yield made
    made.close()


def counted(study_folder: Path, log: Path, seeds: int) -> qg.Study:
    solvers = {"counted": {"solver": "own_solvers:counted", "log": str(log), "pause": 0.02}}
    return qg.Study(study_folder, problems=RINGS, solvers=solvers, seeds=range(seeds))


def test_a_study_runs_on_a_cluster(cluster: Cluster, tmp_path: Path) -> None:
    solvers = {"qaoa": {"solver": "qaoa", "depth": range(1, 3)}}
    study = qg.Study(tmp_path / "s", problems=RINGS, solvers=solvers, seeds=range(2))
    with Client(cluster.address) as client:
        study.run(client)
    here = qg.Study(tmp_path / "here", problems=RINGS, solvers=solvers, seeds=range(2)).run()
    same = ["trial", "objective", "expectation", "gammas", "betas", "evaluations", "error"]
    assert study.frame()[same].equals(here.frame()[same])
    assert set(study.frame().kernel) == set(here.frame().kernel)


def test_workers_may_come_later(cluster: Cluster, tmp_path: Path) -> None:
    for name in ("worker-0", "worker-1"):
        cluster.kill(name)
    study = counted(tmp_path / "s", tmp_path / "log", 10)
    timer = threading.Timer(2.0, cluster.start, ["worker-0"])
    with Client(cluster.address) as client:
        timer.start()
        study.run(client)
    assert (len(study), study.waiting, study.failed) == (100, 0, 0)


@pytest.mark.parametrize("victim", ["worker-0", "scheduler"])
def test_what_is_killed_comes_back(cluster: Cluster, tmp_path: Path, victim: str) -> None:
    """A worker, or the scheduler with all workers, is killed at random moments and started again."""
    study, log = counted(tmp_path / "s", tmp_path / "log", 100), tmp_path / "log"
    moments, ended, kills = random.Random(3), threading.Event(), []

    def killer() -> None:
        while not log.exists() and not ended.wait(0.05):
            pass
        while len(kills) < 3 and not ended.wait(moments.uniform(0.5, 1.5)):
            cluster.kill(victim)
            kills.append(study.folder)
            for name in [victim] if victim != "scheduler" else list(cluster.processes):
                if cluster.processes[name].poll() is None:
                    cluster.kill(name)
                cluster.start(name)

    thread = threading.Thread(target=killer)
    thread.start()
    try:
        with Client(cluster.address) as client:
            study.run(client)
    finally:
        ended.set()
        thread.join()
    assert len(kills) >= 2
    frame = study.frame()
    assert len(frame) == len(study) == frame.trial.nunique() == 1000
    assert frame.error.isna().all()
    assert (frame.objective == frame.seed).all()


def test_a_cluster_that_is_gone(cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    study = counted(tmp_path / "s", tmp_path / "log", 100)
    client, ended = Client(cluster.address), threading.Event()
    # Only after the client is connected: a slow machine may need longer for that.
    monkeypatch.setitem(dask.config.config["distributed"]["comm"]["timeouts"], "connect", "2s")

    def kill_all() -> None:
        """Once some trials are stored, however slow this machine is."""
        while study.waiting == 1000 and not ended.wait(0.05):
            pass
        for name in cluster.processes:
            cluster.kill(name)

    thread = threading.Thread(target=kill_all)
    thread.start()
    try:
        with pytest.raises(qg.QGraphError, match="the scheduler does not answer any more; run"):
            study.run(client)
    finally:
        ended.set()
        thread.join()
    client.close()
    assert 0 < study.waiting < 1000
    study.run()
    assert study.waiting == 0
