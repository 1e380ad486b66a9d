"""Work on threads beside the notebook's cells."""

from __future__ import annotations

import importlib
import sys
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

Job = Callable[[], None]

PATIENCE = 1.0  # seconds that a message waits for the messages before it


class Jobs:
    """Runs jobs one after another on a background thread. Of each name only the newest request counts.

    `names` are sorted by urgency, the most urgent first. An error that a job raises goes to `failed`. The
    thread ends when no job is left, so an idle widget has no thread.

    >>> jobs, done = Jobs(["view"], print), []
    >>> jobs.ask("view", lambda: done.append("drawn"))
    >>> jobs.wait(), done
    (True, ['drawn'])
    """

    def __init__(self, names: Sequence[str], failed: Callable[[Exception], None]) -> None:
        self._names = tuple(names)
        self._failed = failed
        self._waiting: dict[str, Job] = {}
        self._lock = threading.Lock()
        self._idle = threading.Event()
        self._idle.set()
        self.cancelled = False

    def ask(self, name: str, job: Job) -> None:
        """Run `job` soon. It replaces a job of the same name that has not begun."""
        with self._lock:
            if self.cancelled:
                return
            self._waiting[name] = job
            if self._idle.is_set():
                self._idle.clear()
                threading.Thread(target=self._work, name=f"qgraph-{name}", daemon=True).start()

    def should_stop(self, name: str) -> bool:
        """Whether a running job of this name should stop: all are cancelled, or an urgent one waits.

        A job is urgent if its name comes earlier, or is the same.
        """
        urgent = self._names[: self._names.index(name) + 1]
        return self.cancelled or any(other in self._waiting for other in urgent)

    def cancel(self) -> None:
        """Drop the jobs that wait, tell the running one to stop, and take no more."""
        with self._lock:
            self.cancelled = True
            self._waiting.clear()

    def wait(self, timeout: float | None = 60.0) -> bool:
        """Wait until no job is left. Returns False if that takes longer than `timeout` (s)."""
        return self._idle.wait(timeout)

    def _work(self) -> None:
        while job := self._next():
            try:
                job()
            except Exception as error:
                self._failed(error)

    def _next(self) -> Job | None:
        with self._lock:
            for name in self._names:
                if name in self._waiting:
                    return self._waiting.pop(name)
            self._idle.set()
            return None


def import_for_good(name: str) -> None:
    """Import a module on a thread that never ends. Raises what the import raises.

    Qiskit 2.6 crashes in its routing after the thread that imported it has ended, and background threads do
    end.

    >>> import_for_good("json")
    """
    if name in sys.modules:
        return
    done, errors = threading.Event(), list[BaseException]()

    def work() -> None:
        try:
            importlib.import_module(name)
        except BaseException as error:
            errors.append(error)
        done.set()
        threading.Event().wait()

    threading.Thread(target=work, name=f"qgraph-{name}", daemon=True).start()
    done.wait()
    if errors:
        raise errors[0]


class Throttle:
    """Makes reports at most once in a number of seconds, counted from the end of the last report.

    >>> report = Throttle(60)
    >>> for step in range(3):
    ...     report(lambda: print("step", step))
    step 0
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._last = float("-inf")

    def __call__(self, report: Job) -> None:
        """Call `report` unless the last report was too recent."""
        if time.monotonic() - self._last >= self._seconds:
            report()
            self._last = time.monotonic()


class InOrder:
    """Passes on the numbered messages of each view in order, also if they arrive in another order.

    Newer Jupyter kernels deliver the first messages of a view on the main thread and the others on a second
    one. A message that is early waits for those before it, but at most for `PATIENCE`. Messages without a
    number pass at once. Numbers begin at 1 in each view, and every view has a new name.

    >>> messages = InOrder(lambda content: print(content["number"]))
    >>> messages.take({"view": "v", "number": 2})
    >>> messages.take({"view": "v", "number": 1})
    1
    2
    """

    def __init__(self, handle: Callable[[dict[str, Any]], None]) -> None:
        self._handle = handle
        self._lock = threading.RLock()
        self._next: dict[str, int] = {}
        self._early: dict[str, dict[int, dict[str, Any]]] = {}

    def take(self, content: dict[str, Any]) -> None:
        """Pass a message on, now or soon."""
        view, number = content.get("view"), content.get("number")
        if not isinstance(view, str) or not isinstance(number, int):
            self._handle(content)
            return
        with self._lock:
            self._early.setdefault(view, {})[number] = content
            if number > self._next.setdefault(view, 1):
                timer = threading.Timer(PATIENCE, self._pass, (view, number))
                timer.daemon = True
                timer.start()
            else:
                self._pass(view, number)

    def _pass(self, view: str, last: int) -> None:
        """Pass on what waits, up to the number `last`, and what follows without a gap."""
        with self._lock:
            early = self._early[view]
            while early and (number := min(early)) <= max(last, self._next[view]):
                self._next[view] = max(self._next[view], number + 1)
                self._handle(early.pop(number))
