"""Deadlines: long computations in Python ask between their parts, the kernel asks while it works."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from qgraph.simulation.vector.native import library


class Deadline:
    """A moment, as `time.perf_counter` counts (s), after which work ends with `TimeoutError`.

    >>> with Deadline(time.perf_counter() - 1.0).kept():
    ...     check()
    Traceback (most recent call last):
    TimeoutError: the deadline has passed
    """

    def __init__(self, moment: float = math.inf) -> None:
        self.moment = moment

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Keep this deadline, and no other, on this thread."""
        before = _here.deadline
        self._begin()
        try:
            yield
        finally:
            before._begin()

    def move(self, moment: float) -> None:
        """Change the moment. Other threads that keep this deadline see it at their next `check`."""
        self.moment = moment
        if _here.deadline is self:
            self._begin()

    def _begin(self) -> None:
        _here.deadline = self
        if library is not None:
            library.limit(self.moment - time.perf_counter())


class _Here(threading.local):
    deadline = Deadline()


_here = _Here()


def check() -> None:
    """Raise `TimeoutError` if this thread's deadline has passed."""
    moment = _here.deadline.moment
    if moment != math.inf and time.perf_counter() > moment:
        raise TimeoutError("the deadline has passed")


def shared() -> Deadline:
    """A deadline at the same moment as this thread's, for threads that work for it."""
    return Deadline(_here.deadline.moment)
