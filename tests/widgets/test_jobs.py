"""Work in the background: order, cancelling, errors, and how often progress is reported."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from qgraph.widgets import jobs as jobs_module
from qgraph.widgets.jobs import InOrder, Jobs, Throttle


class Blocked:
    """Jobs of which the first, a view, runs until `release` is called."""

    def __init__(self) -> None:
        self.done: list[Any] = []
        self.jobs = Jobs(["view", "landscape"], self.done.append)
        self._hold, began = threading.Event(), threading.Event()

        def first() -> None:
            began.set()
            self._hold.wait(10)

        self.jobs.ask("view", first)
        assert began.wait(10)

    def note(self, *what: Any) -> Callable[[], None]:
        return lambda: self.done.append(what)

    def release(self) -> list[Any]:
        self._hold.set()
        assert self.jobs.wait(10)
        return self.done


def test_the_newest_request_counts_and_urgent_ones_come_first() -> None:
    blocked = Blocked()
    for number in range(5):
        blocked.jobs.ask("landscape", blocked.note("landscape", number))
        blocked.jobs.ask("view", blocked.note("view", number))
    assert blocked.release() == [("view", 4), ("landscape", 4)]


def test_urgent_requests_stop_a_running_job() -> None:
    blocked = Blocked()
    assert not blocked.jobs.should_stop("landscape")
    blocked.jobs.ask("landscape", blocked.note("landscape"))
    assert blocked.jobs.should_stop("landscape")
    assert not blocked.jobs.should_stop("view"), "a landscape is less urgent"
    blocked.jobs.ask("view", blocked.note("view"))
    assert blocked.jobs.should_stop("view")
    blocked.release()


def test_cancelled_jobs_never_begin() -> None:
    blocked = Blocked()
    blocked.jobs.ask("landscape", blocked.note("landscape"))
    blocked.jobs.cancel()
    blocked.jobs.ask("view", blocked.note("view"))
    assert blocked.jobs.should_stop("view")
    assert blocked.release() == []


def test_an_error_is_told_and_the_next_job_runs() -> None:
    blocked = Blocked()
    blocked.jobs.ask("view", lambda: 1 / 0)  # type: ignore[arg-type, return-value]
    blocked.jobs.ask("landscape", blocked.note("landscape"))
    error, after = blocked.release()
    assert isinstance(error, ZeroDivisionError)
    assert after == ("landscape",)


def test_the_thread_ends_when_idle_and_begins_again() -> None:
    blocked = Blocked()
    blocked.release()
    blocked.jobs.ask("landscape", lambda: blocked.done.append(threading.current_thread()))
    thread = blocked.release()[-1]
    thread.join(10)
    assert not thread.is_alive()


def test_reports_are_counted_from_the_end_of_the_last(monkeypatch: pytest.MonkeyPatch) -> None:
    now, made = [100.0], []
    monkeypatch.setattr(jobs_module.time, "monotonic", lambda: now[0])
    throttle = Throttle(1.0)

    def report() -> None:
        made.append(now[0])
        now[0] += 5.0

    for later in (0.0, 0.75, 0.25):
        now[0] += later
        throttle(report)
    assert made == [100.0, 106.0]


def test_an_early_message_does_not_wait_for_a_lost_one_forever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs_module, "PATIENCE", 0.05)
    passed: list[int] = []
    last = threading.Event()

    def handle(content: dict[str, Any]) -> None:
        passed.append(content["number"])
        if content["number"] == 4:
            last.set()

    messages = InOrder(handle)
    for number in (3, 4):
        messages.take({"view": "v", "number": number})
    messages.take({"view": "w", "number": 1})
    assert passed[0] == 1, "views do not wait for each other"
    assert last.wait(10)
    messages.take({"view": "v", "number": 2})
    assert passed == [1, 3, 4, 2]
