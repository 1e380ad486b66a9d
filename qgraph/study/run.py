"""Running a study: batches of trials go to Dask's workers, and each row is stored as soon as it is back."""

from __future__ import annotations

import math
import queue
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Literal

from qgraph.base.errors import QGraphError
from qgraph.study import pool
from qgraph.study.live import Live
from qgraph.study.memory import BASE, Share
from qgraph.study.store import Row, Run
from qgraph.study.work import Job, row_of, run_batch, stop

if TYPE_CHECKING:
    from distributed import Client, Future

HERE = 1.0  # s of work in this process, before workers are started
BATCH = 0.25  # s of work in a batch, if its trials are short
MOST_IN_BATCH = 256
AHEAD = 2  # batches for each thread of the workers, so that none waits
TICK = 0.2  # s
MOST_MISSED = 20
REFRESH = 2.0  # s, between two counts of workers
SENT_APART = 2**15  # characters of a problem's JSON; longer ones are sent to the workers once
Ended = Literal["interrupt", "time_limit"]
Batch = list[Job]
Answers = list[tuple[float, list[Row]]]
LOST = "every process that ran it ended, perhaps because memory ran out"


class Runner:
    """One run: which jobs wait, how long such jobs take, and what ends the run."""

    def __init__(self, run: Run, jobs: Sequence[Job], live: Live, deadline: float | None) -> None:
        self.run, self.live = run, live
        self.jobs: deque[Job] = deque(jobs)
        self.deadline = math.inf if deadline is None else deadline
        self.stopped_by: Ended | None = None
        self._ended: queue.SimpleQueue[tuple[Batch, Answers] | Future[Any]] = queue.SimpleQueue()
        self._flying: dict[Future[Any], Batch] = {}
        self._here: queue.SimpleQueue[Batch] = queue.SimpleQueue()
        self._busy_here = False
        self._seconds: dict[str, float] = {}  # of a job, by its kind
        self._suspects: deque[Job] = deque()  # jobs of batches under which a process ended
        self._alone: Job | None = None  # the suspect that runs while nothing else does
        self._sent: dict[str, Future[Any]] = {}  # problems, by content
        self._small: set[str] = set()  # problems that go with their jobs
        self._prepared = False
        self._missed = 0  # answers that could not be fetched, one after the other
        self._number = 0

    def interrupt(self) -> None:
        """End the run as soon as possible; what is stored stays."""
        self._stop("interrupt")

    def stopped(self) -> bool:
        """Whether the run ends now."""
        if self.live.watch.stopped:
            self._stop("interrupt")
        elif time.perf_counter() >= self.deadline:
            self._stop("time_limit")
        return self.stopped_by is not None

    def _stop(self, reason: Ended) -> None:
        self.stopped_by = self.stopped_by or reason
        stop(self.run.owner)

    def on_this_machine(self, shares: Sequence[Share]) -> None:
        """Run all jobs on processes of this machine: many small ones, then fewer large ones.

        This process begins, because it takes a while to start the others, and small studies need none.
        """
        threading.Thread(target=self._work_here, name="qgraph-study", daemon=True).start()
        until = time.perf_counter() + HERE
        try:
            while (
                self.jobs
                and self.jobs[0].needs <= 2 * BASE
                and time.perf_counter() < until
                and not self.stopped()
            ):
                if not self._busy_here and (batch := self._next_batch(1)):
                    self._busy_here = True
                    self._here.put(batch)
                self._collect(until - time.perf_counter())
            for share in shares:
                self._on_processes(share, last=share is shares[-1])
            while self._busy_here and not self.stopped():
                self._collect()
        finally:
            self._here.put([])

    def _work_here(self) -> None:
        while batch := self._here.get():
            self._ended.put((batch, run_batch(self.run.owner, batch, {})))

    def _on_processes(self, share: Share, *, last: bool) -> None:
        """Run the jobs that fit; the last share takes all of them, and solvers say what does not fit."""
        later = deque(job for job in self.jobs if job.needs > share.memory and not last)
        self.jobs = deque(job for job in self.jobs if job.needs <= share.memory or last)
        if self.jobs and not self.stopped():
            with pool.local_cluster(share) as client:
                self.on(client)
        self.jobs.extend(later)

    def on(self, client: Client) -> None:
        """Run all jobs on the workers of a client."""
        counted, workers = -math.inf, pool.Workers()
        try:
            while (self.jobs or self._suspects or self._flying) and not self.stopped():
                if client.status in ("closed", "closing"):
                    raise QGraphError("the scheduler does not answer any more; run() goes on from here")
                if client.status == "running":  # else it tries to reach a scheduler that is being restarted
                    if time.perf_counter() - counted > REFRESH or not workers.ready:
                        workers = self._refreshed(client, workers)
                        counted = time.perf_counter()
                    while self.jobs and len(self._flying) < AHEAD * workers.threads:
                        if batch := self._next_batch(workers.threads):
                            self._submit(client, batch, workers.memory)
                    if self._suspects and not self._flying:
                        self._alone = self._suspects.popleft()
                        self._submit(client, [self._alone], workers.memory)
                self._collect()
        finally:
            flying, self._flying = self._flying, {}
            if flying and client.status == "running":
                if self.stopped_by:
                    pool.stop_workers(client, self.run.owner)
                with suppress(Exception):
                    client.cancel(list(flying), force=True)
            self._sent.clear()

    def _refreshed(self, client: Client, before: pool.Workers) -> pool.Workers:
        """The workers now. New ones are prepared: they have no plugin if the scheduler, too, is new."""
        try:
            workers = pool.workers_of(client)
            if not (self._prepared and workers.all_ready):
                pool.prepare(client)
                self._prepared, workers = True, pool.workers_of(client)
        except (OSError, KeyError):  # the scheduler does not answer
            return before
        if workers.ready - before.ready:
            self._wake(client)
        return workers

    def _wake(self, client: Client) -> None:
        """Submit again what no worker runs: Dask does not look again at a task that fitted none before."""
        with suppress(OSError, KeyError):
            running = {key for keys in client.processing().values() for key in keys}
            idle = [future for future in self._flying if not future.done() and future.key not in running]
            for future in idle:
                self._again(self._flying.pop(future))
                future.cancel()

    def _collect(self, patience: float = TICK) -> None:
        """Store what ended next, if anything did in the meantime."""
        try:
            ended = self._ended.get(timeout=max(0.0, min(patience, TICK)))
        except queue.Empty:
            self.live.draw()
            return
        if isinstance(ended, tuple):
            self._busy_here = False
            self._finish(*ended)
        elif ended in self._flying:
            self._take(ended, self._flying.pop(ended))

    def _next_batch(self, slots: int) -> Batch:
        """Jobs for about `BATCH` seconds, or fewer if not many are left; claimed."""
        most = min(MOST_IN_BATCH, max(1, len(self.jobs) // (AHEAD * slots)))
        batch: Batch = []
        seconds, known = 0.0, True
        while self.jobs and len(batch) < most and seconds < BATCH and known:
            job = self.jobs[0]
            if batch and job.needs != batch[0].needs:
                break
            batch.append(self.jobs.popleft())
            known = job.kind in self._seconds
            seconds += self._seconds.get(job.kind, 0.0)
        return self._claimed(batch)

    def _claimed(self, batch: Batch) -> Batch:
        """The jobs with those of their trials that no other run has claimed."""
        mine = self.run.claim([name for job in batch for name in job.trials.values()])
        left = [
            job._replace(trials={d: name for d, name in job.trials.items() if name in mine}) for job in batch
        ]
        return [job for job in left if job.trials]

    def _submit(self, client: Client, batch: Batch, largest: int) -> None:
        sent = {}
        for job in batch:
            if job.content not in self._sent and job.content not in self._small:
                if len(str(job.source)) > SENT_APART:
                    self._sent[job.content] = client.scatter(job.source, hash=False)
                else:
                    self._small.add(job.content)
            if job.content in self._sent:
                sent[job.content] = self._sent[job.content]
        small = [job._replace(source={}) if job.content in sent else job for job in batch]
        self._number += 1
        needs = min(batch[0].needs, largest) if largest else batch[0].needs
        future = client.submit(
            run_batch,
            self.run.owner,
            small,
            sent,
            key=f"qgraph-{self.run.owner}-{self._number}",
            pure=False,
            resources={pool.MEMORY: needs},
        )
        self._flying[future] = batch
        future.add_done_callback(self._ended.put)

    def _take(self, future: Future[Any], batch: Batch) -> None:
        """Store the rows of a batch of workers. A batch that was lost runs again."""
        from distributed import KilledWorker

        if future.status == "finished":
            try:
                answers = future.result(timeout=pool.ENDING)
            except Exception as missed:  # the worker ended before its answer was here
                self._missed += 1
                if self._missed > MOST_MISSED:
                    raise QGraphError(f"the workers' answers cannot be read: {missed}") from missed
                self._again(batch)
            else:
                self._missed = 0
                self._finish(batch, answers)
            return
        error = future.exception(timeout=pool.ENDING) if future.status == "error" else None
        if isinstance(error, KilledWorker):
            self._lost(batch)
        elif error is not None:
            raise QGraphError(f"the workers cannot run trials: {type(error).__name__}: {error}") from error
        else:  # the scheduler was restarted, and has forgotten all tasks
            self._sent.clear()
            self._again(batch)
            time.sleep(TICK)

    def _lost(self, batch: Batch) -> None:
        """Workers ended under a batch, or under another one that they had. Each job is tried alone, later."""
        if batch == [self._alone]:
            self._finish(batch, [(0.0, [row_of(name, {"error": LOST}) for name in batch[0].trials.values()])])
        else:
            self._suspects.extend(batch)

    def _again(self, batch: Batch) -> None:
        self.run.unclaim([name for job in batch for name in job.trials.values()])
        self.jobs.extendleft(reversed(batch))

    def _finish(self, batch: Batch, answers: Answers) -> None:
        """Store the rows of the jobs that ended; the others were stopped."""
        for job, (seconds, rows) in zip(batch, answers, strict=False):
            self._seconds[job.kind] = seconds
            for row in rows:
                self.run.store.keep(row)
                self.live.tell(row)


@contextmanager
def interrupts_caught(interrupt: Callable[[], None]) -> Iterator[None]:
    """The first Ctrl-C, or a notebook's stop button, calls `interrupt`; a second one is an error as usual.

    An exception at any place could come between a trial's end and its commit.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGINT)

    def handle(*_: object) -> None:
        signal.signal(signal.SIGINT, before)
        interrupt()

    signal.signal(signal.SIGINT, handle)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
