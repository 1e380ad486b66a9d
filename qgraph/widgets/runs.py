"""An optimisation that runs beside the notebook's cells, tells how far it is, and can be cancelled."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

from qgraph.solvers.qaoa import Progress, solve_qaoa

if TYPE_CHECKING:
    from qgraph.solvers.result import Result
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
