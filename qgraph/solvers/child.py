"""The integer program in a process of its own: HiGHS heeds no interrupt, but a process can be ended."""

from __future__ import annotations

import pickle
import queue
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from typing import IO, TYPE_CHECKING, cast

from qgraph.errors import QGraphError
from qgraph.solvers import integer_programming

if TYPE_CHECKING:
    from collections.abc import Callable

    from qgraph.problems.ising import Ising
    from qgraph.solvers.integer_programming import Answer

POLL = 0.05  # s

# `-P` and our own path: a file such as pickle.py in the user's folder must not be imported.
START = "import sys; sys.path[:] = {path!r}; from qgraph.solvers import child; child.serve()"


def solve(
    ising: Ising, *, time_limit: float | None, callback: Callable[[float], bool | None] | None
) -> Answer:
    """As `integer_programming.solve`; a callback that returns True ends it with the best answer so far."""
    began = time.perf_counter()
    path = [place for place in sys.path if place]
    command = [sys.executable, "-P", "-c", START.format(path=path)]
    answers: queue.SimpleQueue[Answer | None] = queue.SimpleQueue()
    best: Answer | None = None
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:  # noqa: S603
        collector = threading.Thread(target=_collect, args=(child.stdout, answers), daemon=True)
        try:
            collector.start()
            with suppress(BrokenPipeError):
                pipe = cast("IO[bytes]", child.stdin)
                pickle.dump((ising, time_limit), pipe)
                pipe.close()
            while True:
                with suppress(queue.Empty):
                    answer = answers.get(timeout=POLL)
                    if answer is None:
                        break
                    best = answer
                passed = time.perf_counter() - began
                share = min(passed / time_limit, 1.0) if time_limit else 0.0
                if callback is not None and best is not None and callback(share):
                    break
        finally:
            child.kill()
            collector.join()
    if best is None:
        raise QGraphError("the integer program ended without an answer; perhaps memory ran out")
    return best


def _collect(stream: IO[bytes], answers: queue.SimpleQueue[Answer | None]) -> None:
    with suppress(Exception):  # the stream of a killed child may end anywhere
        while True:
            answers.put(pickle.load(stream))  # noqa: S301 (from our own child)
    answers.put(None)


def serve() -> None:
    """The child's side."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides when to end
    ising, time_limit = pickle.load(sys.stdin.buffer)  # noqa: S301 (from our own parent)
    for answer in integer_programming.improvements(ising, time_limit=time_limit):
        pickle.dump(answer, sys.stdout.buffer)
        sys.stdout.buffer.flush()
