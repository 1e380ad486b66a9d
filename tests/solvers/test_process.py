"""Work in a separate process: its messages count, even if it fails."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import ROOT, interrupted_after

from qgraph.solvers import process
from qgraph.solvers.budget import Budget

Tell = Callable[[Any], None]


def count_to(number: int, tell: Tell) -> None:
    for i in range(number):
        tell(i)


def sleep_in_a_library(tell: Tell) -> None:
    """In C, outside the interpreter, which could be interrupted."""
    tell(os.getpid())
    ctypes.PyDLL(None).sleep(60)


def tell_back(news: Any, tell: Tell) -> None:
    tell(news)


def print_and_tell(tell: Tell) -> None:
    tell(1)
    os.write(1, b"a greeting\n")
    tell(2)


def fail_after(news: Any, tell: Tell) -> None:
    tell(news)
    os.abort()


def is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def test_all_that_is_told_arrives_in_order() -> None:
    assert process.run(count_to, (1000,), Budget(60)) == list(range(1000))


def test_large_messages_go_both_ways() -> None:
    values = np.arange(10**6)
    (told,) = process.run(tell_back, (values,), Budget(60))
    assert np.array_equal(told, values)


def test_a_failure_is_a_warning_and_messages_count() -> None:
    with pytest.warns(RuntimeWarning, match="ended with code .* perhaps out of memory"):
        told = process.run(fail_after, (7,), Budget(60))
    assert told == [7]


def test_what_a_library_prints_is_no_answer() -> None:
    assert process.run(print_and_tell, (), Budget(60)) == [1, 2]


def test_a_deadline_ends_work_that_nothing_else_can_end() -> None:
    budget, began = Budget(6), time.perf_counter()  # the process must have started by then
    (child,) = process.run(sleep_in_a_library, (), budget)
    assert budget.stopped_by == "time_limit"
    assert time.perf_counter() - began < 10
    assert not is_running(child)


def test_so_does_an_interrupt() -> None:
    budget = Budget(None)
    with interrupted_after(6):
        (child,) = process.run(sleep_in_a_library, (), budget)
    assert budget.stopped_by == "interrupt"
    assert not is_running(child)


def test_so_does_a_callback() -> None:
    began = time.perf_counter()
    budget = Budget(None, lambda _: time.perf_counter() > began + 0.5)
    process.run(sleep_in_a_library, (), budget)
    assert budget.stopped_by == "callback"


def wait_after_noting(path: str, tell: Tell) -> None:
    Path(path + "~").write_text(str(os.getpid()))
    Path(path + "~").rename(path)
    time.sleep(300)


def test_it_ends_with_its_parent(tmp_path: Path) -> None:
    script = (
        "import sys; from solvers import test_process\n"
        "from qgraph.solvers import budget, process\n"
        "process.run(test_process.wait_after_noting, (sys.argv[1],), budget.Budget(None))\n"
    )
    note = tmp_path / "process"
    here = {**os.environ, "PYTHONPATH": str(ROOT / "tests")}
    with subprocess.Popen([sys.executable, "-c", script, note], env=here) as parent:
        wait_until(note.exists)
        child = int(note.read_text())
        assert is_running(child)
        parent.kill()
    assert wait_until(lambda: not is_running(child))


def wait_until(done: Callable[[], bool], seconds: float = 30) -> bool:
    end = time.perf_counter() + seconds
    while not done() and time.perf_counter() < end:
        time.sleep(0.05)
    return done()


def test_the_folder_of_the_user_is_not_imported_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("pickle.py", "signal.py"):
        (tmp_path / name).write_text("raise SystemExit('imported')")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", ["", *sys.path])
    assert process.run(count_to, (2,), Budget(60)) == [0, 1]
