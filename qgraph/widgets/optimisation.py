"""One optimisation of QAOA's angles in the background."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from qgraph.problems.problem import Problem
from qgraph.solvers.qaoa.solve import Progress, solve_qaoa
from qgraph.solvers.result import Result
from qgraph.widgets.jobs import Jobs, Throttle

TICK = 0.12  # seconds between two reports
POLL = 0.05  # seconds between two looks at the notebook's stop button

Rows = Sequence[Sequence[float]]


@dataclass(eq=False)
class Optimisation:
    """`solve_qaoa` as the job "optimise". `result` or `error` is set at the end; `points` grow meanwhile.

    `report(self, progress)` is called several times per second, `done(self)` at the end, both on the
    thread of `jobs`.
    """

    report: Callable[[Optimisation, Progress], None]
    done: Callable[[Optimisation], None]
    jobs: Jobs
    points: list[tuple[int, float, int]] = field(default_factory=list)
    result: Result | None = None
    error: Exception | None = None
    throttle: Throttle = field(default_factory=lambda: Throttle(TICK))

    def begin(self, problem: Problem, angles: Rows, start: str, seed: int) -> None:
        """Begin at `angles` ("here") or at depth 1 ("interpolate")."""
        first: Any = (angles[0], angles[1]) if start == "here" else start

        def solve() -> None:
            try:
                self.result = solve_qaoa(
                    problem, len(angles[0]), seed=seed, start=first, callback=self._progress
                )
            except Exception as error:
                self.error = error
            self.done(self)

        self.jobs.ask("optimise", solve)

    def wait(self) -> Result | None:
        """Wait for the result. None if it was cancelled; raises what `solve_qaoa` raised."""
        while not self.jobs.wait(POLL):
            pass
        if self.error is not None:
            raise self.error
        return None if self.jobs.cancelled else self.result

    def _progress(self, progress: Progress) -> bool:
        if not self.jobs.cancelled:
            self.points.append((progress.evaluations, progress.value, progress.depth))
            self.throttle(lambda: self.report(self, progress))
        return self.jobs.cancelled
