"""The bar of a slow solver: when it appears, what it says, where it is silent, and what its Stop does."""

from __future__ import annotations

import inspect
import os
import pty
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from conftest import asymmetric_graph, spin_glass
from nbclient import NotebookClient

import qgraph as qg
from qgraph.solvers import progress
from qgraph.solvers.budget import Budget

LARGE = qg.MaxCut(qg.Graph.erdos_renyi(60, 0.3, seed=1))
SPARSE = qg.Ising({"0": 0.5}, {(str(i), str(i * 7 % 50 + 50)): 1.0 + i for i in range(50)}, 2.0)
PIECES = qg.MaxCut(qg.Graph.random_regular(3, 40, seed=1).with_random_weights(seed=1))
ROUTING = qg.PriorityRouting(qg.City.random(16, 4, seed=1))
SLOW: dict[str, tuple[Any, Any]] = {
    "exact": (LARGE, qg.solve_exact),
    "exact-pieces": (PIECES, qg.solve_exact),
    "exact-tree": (SPARSE, qg.solve_exact),
    "exact-brute-force": (spin_glass(20, 1, "maximize"), qg.solve_exact),
    "exact-route": (ROUTING, qg.solve_exact),
    "annealing": (LARGE, qg.solve_annealing),
    "annealing-colors": (qg.MaxKCut(asymmetric_graph(12, 1), 3), qg.solve_annealing),
    "tabu": (LARGE, qg.solve_tabu),
    "two-opt": (ROUTING, qg.solve_two_opt),
    "goemans-williamson": (LARGE, qg.solve_goemans_williamson),
    "recursive-qaoa": (LARGE, lambda problem: qg.solve_recursive_qaoa(problem, runs=2)),
    "qaoa": (qg.MaxCut(asymmetric_graph(8, 1)), lambda problem: qg.solve_qaoa(problem, 3)),
}
# Without a time limit, this runs for minutes.
PROGRAM = """
import qgraph as qg
problem = qg.MaxCut(qg.Graph.erdos_renyi(150, 0.3, seed=1))
found = qg.solve_annealing(problem, reads=10**6, time_limit={limit}, callback=lambda share: print("told\\n", end=""))
print(found.stopped_by, found.solver)
"""


class Screen:
    """A view that keeps what it is shown."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.made = self.closed = 0

    def __call__(self) -> Screen:
        self.made += 1
        return self

    def show(self, watch: progress.Watch) -> None:
        self.lines.append(watch.text(watch.seconds))

    def close(self) -> None:
        self.closed += 1


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> Iterator[Screen]:
    """All solvers show their bar here, at once."""
    made = Screen()
    monkeypatch.setattr(progress, "_new_view", lambda: made)
    monkeypatch.setattr(progress, "PATIENCE", 0.0)
    monkeypatch.setattr(progress, "TICK", 0.001)
    yield made
    assert made.closed == made.made


def slow(**options: Any) -> qg.Solution:
    return qg.solve_annealing(LARGE, reads=10**6, time_limit=0.8, **options)


def test_a_bar_appears_after_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    now, screen = 100.0, Screen()
    monkeypatch.setattr("qgraph.solvers.progress.time.perf_counter", lambda: now)
    watch = progress.Watch("annealing", sign=-1.0, limit=20.0, new_view=screen)
    now = 100.99
    watch.draw()
    assert screen.made == 0
    now = 101.0
    watch.found("best", 7.0)
    watch.draw()
    now = 102.6
    watch.found("best", 6.0)
    watch.draw()
    assert screen.lines == ["annealing · best 7 · 1 of 20 s", "annealing · best 7 · 3 of 20 s"]
    watch.close()
    watch.draw()
    assert (len(screen.lines), screen.made, screen.closed) == (2, 1, 1)


def test_a_bar_that_was_never_shown_is_not_closed() -> None:
    screen = Screen()
    watch = progress.Watch("annealing", new_view=screen)
    watch.draw()
    watch.close()
    assert (screen.made, screen.closed) == (0, 0)


def test_a_slow_solver_shows_its_best(screen: Screen) -> None:
    found = slow()
    assert screen.made == 1
    assert re.fullmatch(rf"annealing · best {found.objective:.6g} · \d of 0.8 s", screen.lines[-1])


def test_a_comparison_shows_one_bar(screen: Screen) -> None:
    table = qg.compare(qg.MaxCut(qg.Graph.erdos_renyi(18, 0.5, seed=1)), depth=3)
    assert screen.made == 1
    assert {line.split(" (")[0] for line in screen.lines} & {row.solver for row in table.rows}
    best = max(row.solution.objective for row in table.rows if row.solution)
    assert f"qaoa (9 of 9) · best {best:.6g} · expectation " in screen.lines[-1]


def test_progress_false_shows_none(screen: Screen, monkeypatch: pytest.MonkeyPatch) -> None:
    slow(progress=False)
    qg.compare(LARGE, solvers=["annealing"], time_limit=0.3, progress=False)
    assert screen.made == 0
    with pytest.raises(qg.InvalidInput, match="`progress` must be True or False, got 'no'"):
        slow(progress="no")


def test_the_setting_shows_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    assert progress._new_view() is progress.InTerminal
    monkeypatch.setenv("QGRAPH_PROGRESS", "0")
    assert progress._new_view() is None


def test_other_threads_show_none(screen: Screen) -> None:
    thread = threading.Thread(target=slow)
    thread.start()
    thread.join()
    assert screen.made == 0


def test_a_bar_that_fails_does_not_end_the_solver(screen: Screen, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def broken(_: object) -> None:
        asked.append(1)
        raise OSError

    monkeypatch.setattr(screen, "show", broken)
    assert slow().stopped_by == "time_limit"
    assert len(asked) == 1


def test_every_solver_with_a_callback_has_progress() -> None:
    public = [getattr(qg, name) for name in qg.__all__ if name.startswith("solve_") or name == "compare"]
    with_callback = [one for one in public if "callback" in inspect.signature(one).parameters]
    assert len(with_callback) == 8
    for one in with_callback:
        assert inspect.signature(one).parameters["progress"].default is True


@pytest.mark.parametrize("name", SLOW)
def test_what_the_bar_shows_is_what_is_returned(name: str) -> None:
    problem, solve = SLOW[name]
    sign = 1.0 if problem.sense == "minimize" else -1.0
    with progress.watching("test", sign=sign) as watch:
        found = solve(problem)
    if name == "qaoa":
        assert watch.values == {"expectation": pytest.approx(found.expectation)}
        assert watch.share == pytest.approx(2 / 3)
    elif name in ("goemans-williamson", "recursive-qaoa", "exact-tree"):
        assert watch.values == {}, "there is no solution before the end"
    else:
        assert watch.values["best"] == pytest.approx(found.objective)


@pytest.mark.parametrize("name", SLOW)
def test_stop_returns_the_best_so_far(name: str) -> None:
    problem, solve = SLOW[name]
    with progress.watching("test") as watch:
        watch.stopped = True
        found = solve(problem)
    if name != "exact-tree":  # nothing is left to stop
        assert found.stopped_by == "interrupt"
    best = found if isinstance(found, qg.Solution) else found.best
    assert best.feasible


def test_stop_ends_a_comparison() -> None:
    def stop(solver: str, _: float | None) -> None:
        watch.stopped = solver == "annealing"

    with progress.watching("test") as watch:
        table = qg.compare(LARGE, callback=stop)
    assert table["annealing"].interrupted
    assert set(table.skipped.values()) == {"interrupted"}
    assert {"tabu", "qaoa"} <= table.skipped.keys()


def test_stop_is_not_for_the_budgets_of_others() -> None:
    with progress.watching("test") as watch:
        watch.stopped = True
        assert not Budget(None).over(0.5)


def in_terminal(program: str, until: str, *, then: signal.Signals | None = None) -> tuple[str, str, int]:
    """Run a program whose stderr is a terminal and whose stdout is a pipe; both as text, and the exit code."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", program],
        stdout=subprocess.PIPE,
        stderr=theirs,
        text=True,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "100"},
    )
    os.close(theirs)
    seen, out = b"", []
    reader = threading.Thread(target=lambda: out.append(process.communicate()[0]))
    reader.start()
    try:
        while data := os.read(ours, 4096):
            seen += data
            if then is not None and until.encode() in seen:
                process.send_signal(then)
                then = None
    except OSError:  # Linux: the other end was closed
        pass
    reader.join()
    os.close(ours)
    return seen.decode(), out[0], process.returncode


def test_in_a_terminal_until_ctrl_c() -> None:
    shown, printed, code = in_terminal(PROGRAM.format(limit=None), "Ctrl-C stops", then=signal.SIGINT)
    assert code == 0
    assert re.search(r"annealing · best 2\d\d\d · 1 s · Ctrl-C stops", shown)
    assert printed.splitlines()[-1] == "interrupt annealing"
    assert "told" in printed, "what the callback prints goes where it always goes"
    assert shown.endswith("\x1b[2K"), "the line is gone"


def test_in_a_terminal_nothing_before_a_second() -> None:
    shown, printed, _ = in_terminal(PROGRAM.format(limit=0.3), "never")
    assert shown == ""
    assert "time_limit annealing" in printed


def test_in_a_pipe_nothing() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(limit=1.5)], capture_output=True, text=True, check=True
    )
    assert done.stderr == ""


class Person(NotebookClient):
    """Runs cells as a person's notebook does, which can answer questions."""

    async def async_start_new_kernel_client(self) -> Any:
        client = await super().async_start_new_kernel_client()
        client.allow_stdin = True
        return client


CELL = """
import qgraph as qg
from qgraph.solvers import progress
progress.PATIENCE, progress.TICK = 0.0, 0.01
print(qg.solve_annealing(qg.MaxCut(qg.Graph.ring(60)), reads=2000, sweeps=10000, time_limit=1.5).stopped_by)
"""


def executed(kind: type[NotebookClient]) -> Any:
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(CELL)])
    kind(book, store_widget_state=False).execute()
    return book.cells[0].outputs


def test_nothing_where_a_program_runs_the_notebook(tmp_path: Path) -> None:
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(CELL.replace("ring(60)", "ring(61)"))])
    NotebookClient(book).execute()
    assert [output.output_type for output in book.cells[0].outputs] == ["stream"]
    nbformat.write(book, tmp_path / "a.ipynb")
    command = [sys.executable, "-m", "pytest", "--nbval", "-q", "-p", "no:cacheprovider", "a.ipynb"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_in_a_notebook_the_bar_leaves_nothing() -> None:
    """Also without subshells and JupyterLab; those are in `tests/browser/test_progress.py`."""
    shown, printed = executed(Person)
    assert shown == {"output_type": "display_data", "metadata": {}, "data": {}}
    assert printed.text.strip() in ("time_limit", "None")
