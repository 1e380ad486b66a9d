"""The last report of the heavy checks, and when to run them again."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import threading
import time
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

FRESH = 3600.0  # seconds that a good report is valid; the checks take 1.5 s of processor time
RETRY = 30.0  # seconds that a bad report is valid
LIMIT = 120  # seconds for the checks
ROOM = 2**29  # bytes; with less free memory, the checks could cause the system to kill a user's kernel

CHECKS = ("core", "qiskit", "aer", "kernel")
Report = dict[str, Any]


def examine() -> Report:
    """Run the checks in a separate process. This process loads nothing heavy and survives a crash."""
    # Isolated: a user's file with the name of a module must not break a check.
    command = [sys.executable, "-I", "-m", "qgraph_health.checks"]
    try:
        run = subprocess.run(command, capture_output=True, timeout=LIMIT, check=True)  # noqa: S603
        return dict(json.loads(run.stdout))
    except subprocess.TimeoutExpired:
        detail = f"no answer within {LIMIT} s"
    except subprocess.CalledProcessError as error:
        detail = f"the checks ended with code {error.returncode}"
    except (OSError, ValueError) as error:
        detail = f"the checks could not run: {type(error).__name__}"
    return {"versions": {}, "checks": {name: {"ok": False, "detail": detail} for name in CHECKS}}


def sound(report: Report) -> bool:
    """Whether all checks of a report passed.

    >>> sound({"checks": {"core": {"ok": True}, "aer": {"ok": False}}})
    False
    """
    return all(check["ok"] for check in report["checks"].values())


class Cache:
    """The last report. While a new one is made, the old one is still given out."""

    def __init__(
        self, examine: Callable[[], Report] = examine, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._examine = examine
        self._clock = clock
        self._report: Report | None = None
        self._due = 0.0
        self._running: Future[Report] | None = None

    def refresh(self) -> Future[Report]:
        """Start the checks, unless they are running already."""
        if self._running is None or self._running.done():
            self._running = Future()
            # A daemon thread, no executor: a server that stops does not wait for it.
            threading.Thread(target=self._work, args=(self._running,), daemon=True).start()
        return self._running

    def _work(self, future: Future[Report]) -> None:
        report = self._examine()
        self._due = self._clock() + (FRESH if sound(report) else RETRY)
        self._report = report
        future.set_result(report)

    async def report(self, available_memory: int) -> Report:
        """The last report. Waits only for the first one. Runs them again if due and if memory allows."""
        if self._report is None:
            return await asyncio.shield(asyncio.wrap_future(self.refresh()))
        if self._clock() >= self._due and available_memory >= ROOM:
            self.refresh()
        return self._report
