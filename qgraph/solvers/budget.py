"""A time limit and a callback, which tell a solver when to stop."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Literal

from qgraph.base.checks import require_time_limit
from qgraph.problems.problem import Problem
from qgraph.problems.sense import sign
from qgraph.solvers.progress import Watch, watching

StoppedBy = Literal["convergence", "iterations", "time_limit", "callback", "interrupt"]


class Budget:
    """A time limit (s) and a callback. A solver asks both often; `stopped_by` says which one ended its work.

    The callback is given the progress: the share of the work that is done, or what its solver documents.

    >>> budget = Budget(None, lambda share: share > 0.5)
    >>> budget.over(0.2), budget.over(0.7), budget.stopped_by
    (False, True, 'callback')
    """

    def __init__(
        self, time_limit: float | None, callback: Callable[[Any], bool | None] | None = None
    ) -> None:
        require_time_limit(time_limit)
        self.began = time.perf_counter()
        self.deadline = math.inf if time_limit is None else self.began + time_limit
        self.callback = callback
        self.stopped_by: StoppedBy | None = None
        self.watch: Watch | None = None
        # From the value that a part of the work finds to the value of the whole; None where it is not known.
        self.translate: Callable[[float], float | None] = lambda value: value
        self._whole: Budget | None = None

    @contextmanager
    def shown(self, solver: str, problem: Problem, progress: bool) -> Iterator[None]:
        """Show a bar while the block runs, unless `progress` is False. Its Stop is an interrupt."""
        limit = None if self.deadline == math.inf else self.deadline - self.began
        with watching(solver, sign=sign(problem), limit=limit, wanted=progress) as self.watch:
            yield

    def found(self, value: float, name: str = "best", share: float = 0.0) -> None:
        """Show the best value so far in the bar, and the share of the work that is done, if it is known."""
        if self.watch is not None and (whole := self.translate(value)) is not None:
            self.watch.found(name, whole)
            self.watch.share = share or self.watch.share

    def part(self, share: float) -> Budget:
        """A budget for a share of the time left. It ends with this budget, and an interrupt ends both."""
        part = Budget(None, lambda _: self.over(0.0))
        part.deadline = part.began + share * self.left
        part._whole, part.watch, part.translate = self, self.watch, self.translate
        return part

    @property
    def seconds(self) -> float:
        """The time since the start (s)."""
        return time.perf_counter() - self.began

    @property
    def left(self) -> float:
        """The time that is left (s); infinite without a limit, never negative."""
        return 0.0 if self.stopped_by else max(0.0, self.deadline - time.perf_counter())

    @property
    def spent(self) -> float:
        """The share of the time limit that has passed; 0 without a limit."""
        allowed = self.deadline - self.began
        return min(1.0, self.seconds / allowed) if allowed > 0 else 1.0

    def over(self, progress: object = None) -> bool:
        """Whether to stop now; without `progress` only the clock and the bar's Stop are read."""
        if self.watch is not None and self.stopped_by is None:
            if self.watch.stopped:
                self.stopped_by = "interrupt"
            elif isinstance(progress, float) and progress > 0 and self._whole is None:
                self.watch.share = progress
        if self.stopped_by is None and time.perf_counter() >= self.deadline:
            self.stopped_by = "time_limit"
        elif self.stopped_by is None and progress is not None and self.callback is not None:
            self.stopped_by = "callback" if self.callback(progress) else None
        return self.stopped_by is not None

    @contextmanager
    def ended_by_interrupt(self) -> Iterator[None]:
        """Ctrl-C, or a notebook's stop button, ends the work inside; the caller keeps its best so far."""
        try:
            yield
        except KeyboardInterrupt:
            budget: Budget | None = self
            while budget is not None:
                budget.stopped_by, budget = "interrupt", budget._whole
