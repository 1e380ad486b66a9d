"""Work in a separate process, which can be ended at any time: libraries ignore interrupts in long steps."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import threading
import warnings
from collections.abc import Callable
from contextlib import suppress
from typing import IO, Any, cast

from qgraph.solvers.budget import Budget

POLL = 0.02  # s

# The path comes first: a file such as pickle.py in the user's folder must not be imported.
# An interrupt is for the parent, which decides when to end.
START = """
import sys; sys.path[:] = {path!r}
import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)
from qgraph.solvers import process; process.serve()
"""
FAILED = "a separate process ended with code {code}, perhaps out of memory; its results so far are used"


def run(work: Callable[..., None], arguments: tuple[Any, ...], budget: Budget) -> list[Any]:
    """The messages that `work(*arguments, tell)` sent before it ended or the budget was spent.

    The function, its arguments and its messages are pickled. A process that fails causes a warning.
    """
    path = [place for place in sys.path if place]
    command = [sys.executable, "-c", START.format(path=path)]
    told: list[Any] = []
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:  # noqa: S603
        listener = threading.Thread(target=_listen, args=(process.stdout, told), daemon=True)
        listener.start()
        stdin = cast("IO[bytes]", process.stdin)
        with budget.ended_by_interrupt():
            with suppress(BrokenPipeError):
                pickle.dump((work, arguments), stdin)
                stdin.flush()
            while process.poll() is None and not budget.over(0.0):
                with suppress(subprocess.TimeoutExpired):
                    process.wait(POLL)
        if process.returncode:
            warnings.warn(FAILED.format(code=process.returncode), RuntimeWarning, stacklevel=2)
        process.kill()
        with suppress(BrokenPipeError):  # if an interrupt came while the work was sent
            stdin.close()
        listener.join()
    return told


def _listen(stream: IO[bytes] | None, told: list[Any]) -> None:
    with suppress(Exception):  # the stream of a killed process may end anywhere
        while True:
            told.append(pickle.load(cast("IO[bytes]", stream)))  # noqa: S301 (from our own process)


def serve() -> None:
    """What the separate process runs; it ends when its parent ends."""
    work, arguments = pickle.load(sys.stdin.buffer)  # noqa: S301 (from our own parent)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not mix with the answers

    def tell(news: Any) -> None:
        pickle.dump(news, answers)
        answers.flush()

    work(*arguments, tell)
    os._exit(0)  # an ordinary exit would wait for the thread


def _end_with_parent() -> None:
    os.read(0, 1)
    os._exit(1)
