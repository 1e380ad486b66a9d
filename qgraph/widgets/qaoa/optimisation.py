"""One optimisation of QAOA's angles in the background."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from qgraph.solvers.qaoa.solve import Progress, solve_qaoa
from qgraph.solvers.result import Result
from qgraph.widgets.jobs import Jobs, Throttle
from qgraph.widgets.qaoa.scene import Rows, Scene
from qgraph.widgets.qaoa.settings import Settings

TICK = 0.25  # seconds between two reports; each costs the browser some of the processor
POLL = 0.05  # seconds between two looks at the notebook's stop button
PAUSE = 40  # times what a live picture took passes until the next one


@dataclass(eq=False)
class Optimisation:
    """`solve_qaoa` as the job "optimise". `result` or `error` is set at the end; `points` grow meanwhile.

    `report(self)` is called several times per second, `done(self)` at the end, both on the thread of
    `jobs`. A run that is cancelled still has a `result`: the best so far.
    """

    report: Callable[[Optimisation], None]
    done: Callable[[Optimisation], None]
    jobs: Jobs
    points: list[tuple[int, float, int]] = field(default_factory=list)
    reported: int = 0  # points
    latest: Progress | None = None
    result: Result | None = None
    error: Exception | None = None
    throttle: Throttle = field(default_factory=lambda: Throttle(TICK))
    next_picture: float = 0.0

    def begin(self, scene: Scene, angles: Rows, settings: Settings, *, start: str, seed: int) -> None:
        """Begin at `angles` ("here") or at depth 1 ("interpolate")."""
        first: Any = (angles[0], angles[1]) if start == "here" else start

        def solve() -> None:
            try:
                if start == "here":  # the first evaluations may take a while
                    self.points.append((0, scene.value(angles, settings), len(angles[0])))
                    self.report(self)
                self.result = solve_qaoa(
                    scene.problem,
                    len(angles[0]),
                    seed=seed,
                    start=first,
                    starts=settings.starts,
                    cvar=settings.cvar,
                    shots=settings.some_shots,
                    warm_start=scene.warm,
                    callback=self._progress,
                )
            except Exception as error:
                self.error = error
            self.done(self)

        self.jobs.ask("optimise", solve)

    def wait(self) -> Result | None:
        """Wait for the result. None if it was cancelled before the first; raises what `solve_qaoa` raised."""
        while not self.jobs.wait(POLL):
            pass
        if self.error is not None:
            raise self.error
        return self.result

    def news(self) -> dict[str, Any]:
        """The message about the points that were not reported yet."""
        first, self.reported = self.reported, len(self.points)
        return {"kind": "progress", "running": True, "first": first, "points": self.points[first:]}

    def picture(self, draw: Callable[[Progress], None]) -> None:
        """Call `draw` so rarely that it takes little of the optimisation's time."""
        now = time.monotonic()
        if self.latest is not None and now >= self.next_picture:
            draw(self.latest)
            after = time.monotonic()
            self.next_picture = after + PAUSE * (after - now)

    def _progress(self, progress: Progress) -> bool:
        if not self.jobs.cancelled:
            self.latest = progress
            self.points.append((progress.evaluations, progress.value, progress.depth))
            self.throttle(lambda: self.report(self))
        return self.jobs.cancelled
