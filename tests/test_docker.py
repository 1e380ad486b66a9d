"""The programs of the image that work without one: lessons are laid out and updated, and packages are found."""

from __future__ import annotations

import doctest
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, program

LESSONS, PACKAGES, CLUSTER = (
    program(ROOT / "docker" / "bin" / f"{name}.py") for name in ("lessons", "packages", "cluster")
)
OLD, NEWER = LESSONS.digest(b"old"), LESSONS.digest(b"newer")


@pytest.fixture
def shipped(tmp_path: Path) -> Path:
    share = tmp_path / "shipped"
    (share / "notebooks").mkdir(parents=True)
    for name in ("a", "b"):
        (share / "notebooks" / f"{name}.ipynb").write_text(f"new {name}")
    return share


@pytest.fixture
def work(tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    (folder / "notebooks").mkdir(parents=True)
    return folder


def contents(folder: Path) -> dict[str, str]:
    return {p.name: p.read_text() for p in folder.rglob("*") if p.is_file()}


@pytest.mark.parametrize("module", [LESSONS, PACKAGES, CLUSTER], ids=lambda module: module.__name__)
def test_the_examples_in_the_docstrings(module: Any) -> None:
    found = doctest.testmod(module)
    assert found.attempted > 0
    assert found.failed == 0


@pytest.mark.parametrize("links", [True, False], ids=["links", "no links"])
def test_absent_lessons_are_added_and_changed_ones_stay(
    shipped: Path, work: Path, links: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(1, "no")

    if not links:
        monkeypatch.setattr(os, "link", refuse)
    (work / "notebooks" / "a.ipynb").write_text("mine")
    os.utime(work / "notebooks" / "a.ipynb", (1, 1))
    said = LESSONS.update(shipped, work, {})
    assert said == "1 added; kept with your changes: notebooks/a.ipynb"
    assert contents(work) == {"a.ipynb": "mine", "b.ipynb": "new b"}
    assert (work / "notebooks" / "a.ipynb").stat().st_mtime == 1
    assert LESSONS.update(shipped, work, {}) == ""


def test_untouched_lessons_are_replaced_and_removed(shipped: Path, work: Path) -> None:
    for name, text in (("a", "old"), ("b", "old, but mine"), ("gone", "newer"), ("gone_mine", "newer!")):
        (work / "notebooks" / f"{name}.ipynb").write_text(text)
    ever = {f"notebooks/{name}.ipynb": [OLD, NEWER] for name in ("a", "b", "gone", "gone_mine")}
    said = LESSONS.update(shipped, work, ever)
    assert said == "1 updated, 1 removed; kept with your changes: notebooks/b.ipynb"
    assert contents(work) == {"a.ipynb": "new a", "b.ipynb": "old, but mine", "gone_mine.ipynb": "newer!"}
    assert LESSONS.update(shipped, work, ever) == ""


def test_in_a_repository_lessons_are_only_added(shipped: Path, work: Path) -> None:
    (work / ".git").mkdir()
    for name in ("a", "gone"):
        (work / "notebooks" / f"{name}.ipynb").write_text("old")
    ever = {f"notebooks/{name}.ipynb": [OLD] for name in ("a", "gone")}
    assert LESSONS.update(shipped, work, ever) == "1 added"
    assert contents(work) == {"a.ipynb": "old", "b.ipynb": "new b", "gone.ipynb": "old"}


def test_links_are_nobodys_lessons(shipped: Path, work: Path, tmp_path: Path) -> None:
    (work / "notebooks" / "a.ipynb").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "old").write_text("old")
    (work / "notebooks" / "b.ipynb").symlink_to(tmp_path / "old")
    LESSONS.update(shipped, work, {"notebooks/b.ipynb": [OLD]})
    assert not (tmp_path / "elsewhere").exists()
    assert (work / "notebooks" / "b.ipynb").is_symlink()


def test_a_file_in_the_way_is_kept(shipped: Path, tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "notebooks").write_text("a file with the name of the folder")
    with pytest.raises(OSError, match="notebooks"):
        LESSONS.update(shipped, tmp_path / "work", {})
    assert contents(tmp_path / "work") == {"notebooks": "a file with the name of the folder"}


def test_a_full_disk_leaves_no_half_a_file(shipped: Path, work: Path) -> None:
    (shipped / "notebooks" / "c.ipynb").write_bytes(b"x" * 100_000)
    code = (
        "import resource, signal, sys; from pathlib import Path; import lessons\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))\n"
        "lessons.update(Path(sys.argv[1]), Path(sys.argv[2]), {})"
    )
    command = [sys.executable, "-c", code, str(shipped), str(work)]
    done = subprocess.run(command, cwd=ROOT / "docker" / "bin", capture_output=True, text=True, check=False)
    assert "File too large" in done.stderr
    assert contents(work) == {"a.ipynb": "new a", "b.ipynb": "new b"}


def test_the_shipped_version_is_laid_beside_on_request(shipped: Path, work: Path) -> None:
    (work / "notebooks" / "a.ipynb").write_text("mine")
    (work / "notebooks" / "b.ipynb").write_text("new b")
    lines = LESSONS.report(shipped, work, {}, lay_beside=False)
    assert lines == ["notebooks/a.ipynb: changed by you", "notebooks/b.ipynb: as shipped"]
    assert len(contents(work)) == 2
    for _ in range(2):
        (line, _) = LESSONS.report(shipped, work, {}, lay_beside=True)
    copy = line.split()[-1]
    assert re.fullmatch(r"a\.shipped-\d+\.\d+\.\d+\.ipynb", copy)
    assert contents(work) == {"a.ipynb": "mine", "b.ipynb": "new b", copy: "new a"}


def test_a_changed_copy_beside_is_kept(shipped: Path, work: Path) -> None:
    (work / "notebooks" / "a.ipynb").write_text("mine")
    copy = work / "notebooks" / LESSONS.report(shipped, work, {}, lay_beside=True)[0].split()[-1]
    copy.write_text("mine, too")
    LESSONS.report(shipped, work, {}, lay_beside=True)
    assert copy.read_text() == "mine, too"


def test_the_manifest_has_every_lesson_of_this_checkout() -> None:
    """`make notebooks` adds them. An image could not update a lesson that is not in this list."""
    ever = json.loads((ROOT / "docker" / "bin" / "lessons.json").read_text())
    for path in [*ROOT.glob("notebooks/*.ipynb"), *ROOT.glob("examples/*")]:
        name = path.relative_to(ROOT).as_posix()
        assert LESSONS.digest(path.read_bytes()) in ever[name], f"{name}: python tools/lessons.py"
    assert "notebooks/02_priority_routing.ipynb" in ever  # it has another number now


def test_packages_of_another_python_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = tmp_path / PACKAGES.VERSION
    for python in (here, tmp_path / "python3.9"):
        site = python / "lib" / python.name / "site-packages"
        for name in ("seaborn-0.13.2", "tqdm-4.67"):
            (site / f"{name}.dist-info").mkdir(parents=True)
    (tmp_path / "python3.8" / "bin").mkdir(parents=True)  # nothing is installed there
    monkeypatch.setenv("QGRAPH_PACKAGES", str(here))
    (line,) = PACKAGES.left_behind()
    assert line.startswith(f"packages of python3.9 are not used by {PACKAGES.VERSION}: seaborn, tqdm. ")
    assert "pip install seaborn tqdm." in line
    monkeypatch.setenv("QGRAPH_PACKAGES", "")
    assert PACKAGES.left_behind() == []


SAID = {
    "OFFLINE": "after connection broken by 'NameResolutionError(\"HTTPSConnection(host='an.index', port=443): ...",
    "TESTED": "    The user requested (constraint) numpy==2.4.6",
    "COMPILER": "error: command 'x86_64-linux-gnu-gcc' failed: No such file or directory",
    "FULL": "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device",
}


@pytest.mark.parametrize("kind", SAID)
def test_a_failure_of_pip_is_explained(kind: str) -> None:
    found = [words for pattern, words in PACKAGES.ADVICE.items() if re.search(pattern, SAID[kind], re.M)]
    assert found == [getattr(PACKAGES, kind)]


@pytest.mark.parametrize(
    ("files", "processors", "memory"),
    [
        ({"cpu.max": "50000 100000", "memory.max": "1073741824"}, 1, 2**30),
        ({"cpu.max": "max 100000", "memory.max": "max"}, None, 0),
        ({"cpu/cpu.cfs_quota_us": "100000", "cpu/cpu.cfs_period_us": "100000"}, 1, 0),
        ({"cpu/cpu.cfs_quota_us": "-1", "cpu/cpu.cfs_period_us": "100000"}, None, 0),
        ({"memory/memory.limit_in_bytes": "536870912"}, None, 2**29),
        ({"memory/memory.limit_in_bytes": str(2**63 - 4096)}, None, 0),
    ],
    ids=str,
)
def test_a_worker_knows_the_limits_of_its_container(
    tmp_path: Path, files: dict[str, str], processors: int | None, memory: int
) -> None:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text + "\n")
    assert CLUSTER.processors(tmp_path) == (processors or len(os.sched_getaffinity(0)))
    assert CLUSTER.memory(tmp_path) == memory
