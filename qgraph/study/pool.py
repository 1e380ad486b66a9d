"""Dask's workers: a cluster on this machine, and what every worker is told before it runs trials."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing import resource_tracker
from typing import TYPE_CHECKING, Any, NamedTuple

from qgraph.base import resources
from qgraph.base.errors import MissingDependency, QGraphError
from qgraph.study.memory import Share
from qgraph.study.work import stop

if TYPE_CHECKING:
    from distributed import Client

MEMORY = "qgraph-memory"  # the resource of workers that tasks reserve, in bytes
PLUGIN = "qgraph-study"
SETTINGS = {
    "distributed.scheduler.allowed-failures": 1,  # a trial whose process ended has one more try
    "distributed.nanny.pre-spawn-environ.MALLOC_TRIM_THRESHOLD_": None,  # it makes NumPy several times slower
}
THREADS = 1  # trials of a process at a time: solvers written in Python share one processor
NOWHERE_ELSE = "127.0.0.1:0"  # any free port, for this machine alone
ENDING = 5.0  # s, for workers that do nothing to end by themselves


def require_dask() -> None:
    """Raise `MissingDependency` unless Dask is there."""
    try:
        import distributed  # noqa: F401
    except ImportError:
        raise MissingDependency("studies need Dask: pip install 'qgraph[study]'") from None


@contextmanager
def local_cluster(share: Share) -> Iterator[Client]:
    """Workers on this machine, which only this machine reaches. They end with the block, at once.

    Raises `QGraphError` if they cannot be started.
    """
    from distributed import Client

    try:
        cluster = _started(share)
    except Exception as error:
        causes: list[BaseException] = [error]
        while (cause := causes[-1].__cause__) is not None:
            causes.append(cause)
        said = ": ".join(str(cause) or type(cause).__name__ for cause in causes)
        raise QGraphError(f"processes for the trials cannot be started: {said}") from error
    nannies = list(cluster.workers.values())
    try:
        client = Client(cluster, set_as_default=False)
        try:
            yield client
        finally:
            _end_at_once(cluster, nannies)
            with suppress(Exception):
                client.close(timeout=ENDING)
    finally:
        with suppress(Exception):  # what was stored is stored, however the processes end
            cluster.close(timeout=ENDING)
        logging.getLogger("distributed").setLevel(logging.WARNING)  # connections still close


def _started(share: Share) -> Any:
    import dask
    from distributed import LocalCluster

    main = sys.modules["__main__"]
    if not hasattr(main, "__spec__"):  # IPython's %reset deletes it, and new processes look for it
        main.__spec__ = None
    with dask.config.set(SETTINGS), _no_interrupts():
        return LocalCluster(
            n_workers=share.processes,
            threads_per_worker=THREADS,
            memory_limit=share.memory,
            host="127.0.0.1",
            dashboard_address=NOWHERE_ELSE,
            worker_dashboard_address=NOWHERE_ELSE,
            silence_logs=logging.CRITICAL,
            env={resources.VARIABLE: str(share.threads)},
            resources={MEMORY: share.memory},
        )


@contextmanager
def _no_interrupts() -> Iterator[None]:
    """Processes and threads that start here never see Ctrl-C, which a terminal sends to all processes.

    The run decides when they end. This thread sees it when the block ends.
    """
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    resource_tracker.ensure_running()  # at its start it lets this thread see Ctrl-C again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _end_at_once(cluster: Any, nannies: list[Any]) -> None:
    """End the processes of workers, also those that are inside a long trial.

    Dask may wait for ever for a process that ends while it is asked to end. What is left is killed.
    """
    import psutil  # Dask needs it, too
    from distributed.core import Status

    for nanny in nannies:
        nanny.status = Status.failed  # or else it would start a new process
    processes = []  # now: a nanny that closes forgets its process
    for pid in filter(None, [nanny.pid for nanny in nannies]):
        with suppress(psutil.Error):
            processes.append(psutil.Process(pid))
    try:
        with suppress(Exception):
            cluster.sync(_ask_to_end, nannies, callback_timeout=ENDING)
    finally:
        for process in processes:
            with suppress(psutil.Error):
                process.kill()


async def _ask_to_end(nannies: list[Any]) -> None:
    await asyncio.gather(*(nanny.kill(timeout=0) for nanny in nannies), return_exceptions=True)


def prepare(client: Client) -> None:
    """Tell all workers, also those that come later, what they need to know.

    Raises `QGraphError`, and `OSError` while the scheduler does not answer.
    """
    from distributed import WorkerPlugin

    class Prepared(WorkerPlugin):  # Dask is not there before a study runs
        name = PLUGIN

        async def setup(self, worker: Any) -> None:
            await _prepare_worker(worker)

    try:
        client.register_plugin(Prepared())
    except OSError:
        raise
    except Exception as error:
        raise QGraphError(
            f"the workers cannot run qgraph's trials ({type(error).__name__}: {error}); "
            "they need the same versions of Python, Dask and qgraph"
        ) from error


async def _prepare_worker(worker: Any) -> None:
    """Say how much memory there is for trials, and how many threads each may use."""
    processors = resources.threads() // max(1, worker.state.nthreads)
    os.environ.setdefault(resources.VARIABLE, str(max(1, processors)))
    memory = worker.memory_manager.memory_limit or resources.free_memory()
    await worker.set_resources(**{MEMORY: memory})


def stop_workers(client: Client, run: str) -> None:
    """Ask the workers to end the trials of a run."""
    with suppress(Exception):  # workers or the scheduler may be gone
        client.run(stop, run, on_error="ignore")


class Workers(NamedTuple):
    """The workers of a cluster that are prepared, their threads, and the memory of the largest (bytes)."""

    ready: frozenset[str] = frozenset()
    all_ready: bool = False
    threads: int = 1
    memory: int = 0


def workers_of(client: Client) -> Workers:
    """The workers of a client's cluster. Raises whatever Dask raises while its scheduler does not answer."""
    found: dict[str, Any] = client.scheduler_info(n_workers=-1)["workers"]
    ready = {name: worker for name, worker in found.items() if MEMORY in worker.get("resources", {})}
    threads = max(1, sum(worker["nthreads"] for worker in ready.values()))
    memory = max((int(worker["resources"][MEMORY]) for worker in ready.values()), default=0)
    return Workers(frozenset(ready), len(ready) == len(found), threads, memory)
