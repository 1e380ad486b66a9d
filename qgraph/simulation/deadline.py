"""Deadlines: long computations in Python check them between their parts, the kernel while it runs."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from qgraph.simulation.library import library


class Deadline:
    """A moment of `time.perf_counter` (s) after which work ends with `TimeoutError`.

    >>> with Deadline(time.perf_counter() - 1.0).kept():
    ...     check()
    Traceback (most recent call last):
    TimeoutError: the deadline has passed
    """

    def __init__(self, moment: float = math.inf) -> None:
        self.moment = moment

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Make this the only deadline of this thread, until the block ends."""
        before = _here.deadline
        self._begin()
        try:
            yield
        finally:
            before._begin()

    def move(self, moment: float) -> None:
        """Change the moment. Other threads with this deadline notice at their next `check`."""
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
    """A new deadline at the moment of this thread's, for threads that work for this one."""
    return Deadline(_here.deadline.moment)
