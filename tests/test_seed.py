"""The image copies its lessons into the work folder and never changes a file that is there."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT

SEED = ROOT / "docker" / "seed.py"


def seed(shipped: Path, work: Path, before: str = "") -> subprocess.CompletedProcess[str]:
    code = f"{before}\nimport runpy, sys; sys.argv = ['seed.py', {str(shipped)!r}, {str(work)!r}]; runpy.run_path({str(SEED)!r}, run_name='__main__')"
    return subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=False)


@pytest.fixture
def shipped(tmp_path: Path) -> Path:
    (tmp_path / "shipped" / "notebooks").mkdir(parents=True)
    (tmp_path / "shipped" / "notebooks" / "a.ipynb").write_text("new a")
    (tmp_path / "shipped" / "notebooks" / "b.ipynb").write_text("new b")
    return tmp_path / "shipped"


def contents(folder: Path) -> dict[str, str]:
    return {str(p.relative_to(folder)): p.read_text() for p in folder.rglob("*") if p.is_file()}


@pytest.mark.parametrize(
    "before", ["", "import os\ndef link(*a): raise PermissionError(1, 'no')\nos.link = link"]
)
def test_absent_files_are_copied_and_present_ones_left_alone(
    shipped: Path, tmp_path: Path, before: str
) -> None:
    work = tmp_path / "work"
    (work / "notebooks").mkdir(parents=True)
    (work / "notebooks" / "a.ipynb").write_text("mine")
    os.utime(work / "notebooks" / "a.ipynb", (1, 1))
    assert seed(shipped, work, before).returncode == 0
    assert contents(work) == {"notebooks/a.ipynb": "mine", "notebooks/b.ipynb": "new b"}
    assert (work / "notebooks" / "a.ipynb").stat().st_mtime == 1
    (work / "notebooks" / "b.ipynb").write_text("mine too")
    assert seed(shipped, work, before).returncode == 0
    assert contents(work) == {"notebooks/a.ipynb": "mine", "notebooks/b.ipynb": "mine too"}


def test_a_dangling_link_is_something_that_exists(shipped: Path, tmp_path: Path) -> None:
    work = tmp_path / "work"
    (work / "notebooks").mkdir(parents=True)
    (work / "notebooks" / "a.ipynb").symlink_to(tmp_path / "elsewhere")
    assert seed(shipped, work).returncode == 0
    assert not (tmp_path / "elsewhere").exists()


def test_a_file_in_the_way_is_said_in_one_line_and_kept(shipped: Path, tmp_path: Path) -> None:
    work = tmp_path / "work"
    work.mkdir()
    (work / "notebooks").write_text("a file of mine")
    done = seed(shipped, work)
    assert done.returncode == 1
    assert done.stderr.startswith("qgraph: the lessons could not be copied: ")
    assert done.stderr.count("\n") == 1
    assert contents(work) == {"notebooks": "a file of mine"}


def test_a_full_disk_leaves_no_half_a_file(shipped: Path, tmp_path: Path) -> None:
    (shipped / "notebooks" / "c.ipynb").write_bytes(b"x" * 100_000)
    work = tmp_path / "work"
    work.mkdir()
    limit = "import resource, signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))"
    assert seed(shipped, work, limit).returncode == 1
    assert contents(work) == {"notebooks/a.ipynb": "new a", "notebooks/b.ipynb": "new b"}
