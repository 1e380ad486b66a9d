"""Work on threads beside the notebook's cells: an optimisation, and the newest request of each kind."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from qgraph.solvers.qaoa.solve import Progress, solve_qaoa
from qgraph.solvers.result import Result

if TYPE_CHECKING:
    from qgraph.widgets.explorer import QAOAExplorer


TICK = 0.12  # seconds between two pictures of a running optimisation


class Run:
    """One optimisation, on a thread of its own; the explorer decides whether its result counts."""

    def __init__(self, explorer: QAOAExplorer, start: str, seed: int) -> None:
        self.explorer, self.start, self.seed = explorer, start, seed
        self.problem, self.angles = explorer.problem, explorer.angles
        self.cancelled = threading.Event()
        self.points: list[tuple[int, float, int]] = []
        self.told = 0.0
        self.result: Result | None = None
        self.error: Exception | None = None
        self.thread = threading.Thread(target=self._work, name="qgraph-optimise", daemon=True)

    def _work(self) -> None:
        depth = len(self.angles[0])
        start: Any = tuple(self.angles) if self.start == "here" else "interpolate"
        try:
            self.result = solve_qaoa(
                self.problem, depth, seed=self.seed, start=start, callback=self._progress
            )
        except Exception as error:
            self.error = error
        self.explorer._finished(self)

    def _progress(self, progress: Progress) -> bool:
        if self.cancelled.is_set():
            return True
        self.points.append((progress.evaluations, progress.value, progress.depth))
        if time.monotonic() - self.told >= TICK:
            self.explorer._show_progress(self, progress)
            self.told = time.monotonic()
        return self.cancelled.is_set()


class Worker:
    """Runs jobs on one thread at a time; of each kind only the newest, the most urgent kind first.

    The thread ends when there is nothing left to do, so that an idle widget costs nothing.

    >>> worker, done = Worker(["view"]), []
    >>> worker.ask("view", lambda: done.append("drawn"))
    >>> worker.wait(), done
    (True, ['drawn'])
    """

    def __init__(self, kinds: Sequence[str], failed: Callable[[Exception], None] | None = None) -> None:
        self._kinds = tuple(kinds)
        self._failed = failed
        self._jobs: dict[str, Callable[[], None]] = {}
        self._lock = threading.Lock()
        self._idle = threading.Event()
        self._idle.set()

    def ask(self, kind: str, job: Callable[[], None]) -> None:
        """Have `job` done soon, instead of any older one of its kind that has not begun."""
        with self._lock:
            self._jobs[kind] = job
            if self._idle.is_set():
                self._idle.clear()
                threading.Thread(target=self._work, name="qgraph-worker", daemon=True).start()

    def pressed(self, kind: str) -> bool:
        """Whether something at least as urgent waits, so that a long job of this kind should give way."""
        urgent = self._kinds[: self._kinds.index(kind) + 1]
        return any(other in self._jobs for other in urgent)

    def forget(self) -> None:
        """Drop all jobs that have not begun."""
        with self._lock:
            self._jobs.clear()

    def wait(self, timeout: float | None = 60.0) -> bool:
        """Wait until nothing is left to do; False if that took longer than `timeout` (s)."""
        return self._idle.wait(timeout)

    def _work(self) -> None:
        while True:
            with self._lock:
                kind = next((kind for kind in self._kinds if kind in self._jobs), None)
                if kind is None:
                    self._idle.set()
                    return
                job = self._jobs.pop(kind)
            try:
                job()
            except Exception as error:
                if self._failed is not None:
                    self._failed(error)
