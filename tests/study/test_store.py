"""The file of a study: full disks, other files, newer formats."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

import qgraph as qg
from qgraph.study.store import FORMAT, Run, Store

RINGS = {f"r{n}": qg.MaxCut(qg.Graph.ring(n)) for n in range(3, 8)}
# Linux ends a process that writes beyond this size, or, where it ignores the signal, refuses to write.
FULL = """
import resource, signal, sys
import qgraph as qg
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
rings = {f"r{n}": qg.MaxCut(qg.Graph.ring(n)) for n in range(3, 8)}
study = qg.Study(sys.argv[1], problems=rings, solvers=["random"], seeds=range(200))
limit = (study.folder / "study.sqlite").stat().st_size + 150_000
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
try:
    study.run(progress=False)
except qg.QGraphError as error:
    print(error)
"""


def made(folder: Path) -> qg.Study:
    return qg.Study(folder, problems=RINGS, solvers=["greedy"])


def test_a_full_disk_loses_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "study"
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(folder)], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith(f"the disk of {folder} is full or fails (")
    assert done.stdout.endswith(
        "All trials that were stored are kept. Make room, and run() goes on from there\n"
    )
    study = qg.Study.open(folder)
    stored = study.frame()
    assert 0 < len(stored) < 1000
    assert len(study.results()) == len(stored)
    frame = study.run().frame()
    assert len(frame) == 1000
    kept = frame[frame.trial.isin(stored.trial)].reset_index(drop=True)
    assert kept.equals(stored)


def test_a_newer_format_is_refused(tmp_path: Path) -> None:
    study = made(tmp_path).run()
    with sqlite3.connect(tmp_path / "study.sqlite") as file:
        file.execute(f"PRAGMA user_version = {FORMAT + 1}")
    with pytest.raises(
        qg.InvalidFile, match=rf"has format {FORMAT + 1}, of a newer qgraph; this one reads {FORMAT}"
    ):
        qg.Study.open(tmp_path)
    with sqlite3.connect(tmp_path / "study.sqlite") as file:
        file.execute(f"PRAGMA user_version = {FORMAT}")
    assert qg.Study.open(tmp_path).frame().equals(study.frame())


def test_other_files_are_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "study.sqlite"
    path.write_text("not a database, but longer than the header of one. " * 20)
    with pytest.raises(qg.InvalidFile, match=r"must be a study: file is not a database"):
        made(tmp_path)
    assert path.read_text().startswith("not a database")
    path.unlink()
    with sqlite3.connect(path) as file:
        file.execute("CREATE TABLE mine (x)")
    with pytest.raises(qg.InvalidFile, match="must be a study, but is another SQLite file"):
        made(tmp_path)
    with sqlite3.connect(path) as file:
        assert file.execute("SELECT name FROM sqlite_master").fetchall() == [("mine",)]


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(qg.QGraphError, match=r"cannot be used: (Not a directory|File exists)"):
        made(tmp_path / "file" / "study")


READ_ONLY = """
import os, sys
import qgraph as qg
from qgraph.study.study import Study  # before the rights are given up
import distributed, pandas
os.setuid(65534)
study = Study.open(sys.argv[1])
print(len(study.frame()), len(study.results()))
try:
    study.run()
except qg.QGraphError as error:
    print(error)
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give up its rights")
def test_a_study_of_somebody_else_can_be_read(tmp_path: Path) -> None:
    folder = tmp_path / "study"
    made(folder).run()
    for place in (folder, *folder.parents[:-1]):
        place.chmod(place.stat().st_mode | 0o055)
    done = subprocess.run(
        [sys.executable, "-c", READ_ONLY, str(folder)], capture_output=True, text=True, check=False
    )
    assert done.stdout.splitlines()[0] == "5 5", done.stderr
    assert "cannot be used" in done.stdout


def test_claims_of_the_dead_are_free(tmp_path: Path) -> None:
    study = made(tmp_path)
    store = Store(tmp_path, new=False)
    dead, living = Run(store), Run(Store(tmp_path, new=False))
    names = [row[0] for row in living.waiting()]
    assert dead.claim(names[:3]) == set(names[:3])
    assert living.claim(names[:4]) == {names[3]}
    living.free_the_dead()
    assert len(living.waiting()) == 1
    dead._lock.close()  # as the system does when a process ends
    living.free_the_dead()
    assert [row[0] for row in living.waiting()] == [*names[:3], names[4]]
    living.end()
    assert study.run().waiting == 0


def test_many_trials_are_claimed_at_once(tmp_path: Path) -> None:
    """More than SQLite takes as separate values."""
    made(tmp_path)
    run = Run(Store(tmp_path, new=False))
    names = [f"trial {k}" for k in range(100_000)]
    assert run.claim(names) == set(names)
    assert run.claim(names) == set()
    run.end()


def test_a_row_is_stored_once(tmp_path: Path) -> None:
    study = made(tmp_path).run()
    store = Store(tmp_path, new=False)
    before = study.frame()
    values = store.read("SELECT * FROM results LIMIT 1")[0]
    from qgraph.study.store import Row

    store.keep(Row(values[0], tuple(None for _ in values[1:]), b"other"))
    assert study.frame().equals(before)
    assert len(study.results()) == 5
