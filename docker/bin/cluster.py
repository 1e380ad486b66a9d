"""`dask-scheduler` and `dask-worker`: Dask's own programs, with what a container needs."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

PROGRAMS = {"dask-scheduler": "scheduler", "dask-worker": "worker"}
CONFIGURATION = Path("/etc/dask")  # Dask reads it. In compose it is a volume that JupyterLab reads, too
SINGLE = ("QGRAPH_THREADS", "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
GROUPS = Path("/sys/fs/cgroup")  # what this container may use, in both versions of control groups
QUOTA = (("cpu.max",), ("cpu/cpu.cfs_quota_us", "cpu/cpu.cfs_period_us"))
MEMORY = ("memory.max", "memory/memory.limit_in_bytes")


def processors(groups: Path = GROUPS) -> int:
    """The number of processors that this container may use."""
    for names in QUOTA:
        try:
            quota, period = map(int, " ".join((groups / name).read_text() for name in names).split())
        except (OSError, ValueError):  # the other version, or no limit
            continue
        if quota > 0:
            return max(1, min(len(os.sched_getaffinity(0)), -(-quota // period)))
    return len(os.sched_getaffinity(0))


def memory(groups: Path = GROUPS) -> int:
    """The bytes that this container may use, or 0 for no limit."""
    for name in MEMORY:
        with contextlib.suppress(OSError, ValueError):
            limit = int((groups / name).read_text())
            return limit if limit < 2**60 else 0
    return 0


def has(arguments: list[str], *names: str) -> bool:
    """Whether one of the options is among the arguments.

    >>> has(["tcp://scheduler:8786", "--nworkers=2"], "--nworkers", "--nthreads")
    True
    """
    return any(argument.split("=")[0] in names for argument in arguments)


def completed(arguments: list[str]) -> list[str]:
    """The command line for Dask.

    A worker has one process for each processor, with an equal share of the memory. The probe asks it locally.

    >>> completed(["dask-worker", "ADDRESS", "--nworkers=1", "--preload-nanny=mine"])[2:]
    ['ADDRESS', '--nworkers=1', '--preload-nanny=mine', '--dashboard-address=127.0.0.2:0']
    >>> completed(["dask-scheduler", "--port=9000"])
    ['dask', 'scheduler', '--port=9000']
    """
    program, *rest = arguments
    options = []
    if program == "dask-worker":
        if not has(rest, "--nworkers", "--nthreads"):
            count = processors()
            options += [f"--nworkers={count}", "--nthreads=1"]
            if memory() and not has(rest, "--memory-limit"):
                options += [f"--memory-limit={memory() // count}"]
        if not has(rest, "--dashboard-address", "--no-dashboard"):
            options += ["--dashboard-address=127.0.0.2:0"]
        if not has(rest, "--preload-nanny"):
            options += [f"--preload-nanny={Path(__file__).with_name('nanny.py')}"]
    return ["dask", PROGRAMS[program], *rest, *options]


def report_port(arguments: list[str]) -> str:
    """The port where the program reports its health: a number, `local` for any on 127.0.0.2, or `none`.

    >>> lines = ("dask-scheduler", "dask-worker A", "dask-scheduler --dashboard-address :9000")
    >>> [report_port(completed(line.split())) for line in (*lines, "dask-worker --no-dashboard")]
    ['8787', 'local', '9000', 'none']
    """
    if has(arguments, "--no-dashboard"):
        return "none"
    words = [word for argument in arguments for word in argument.split("=", 1)]
    if "--dashboard-address" not in words:
        return "8787"
    port = words[words.index("--dashboard-address") + 1].rpartition(":")[2]
    return port if port != "0" else "local"


def announce(address: str) -> None:
    """Write the scheduler's address for others that have the same volume: `Client()` then finds it."""
    if address and os.path.ismount(CONFIGURATION) and os.access(CONFIGURATION, os.W_OK):
        (CONFIGURATION / "scheduler.yaml").write_text(f"scheduler-address: {address}\n")


def note() -> Path:
    """The file that tells the probe what to ask (healthcheck.py)."""
    return Path(os.environ["JUPYTER_RUNTIME_DIR"], "dask")


def forget() -> None:
    """This container runs something else now."""
    with contextlib.suppress(OSError):
        note().unlink(missing_ok=True)


def command(arguments: list[str]) -> list[str]:
    """What to run; the environment and the probe know of it."""
    run = completed(arguments)
    for name in SINGLE:  # Dask's threads are the parallel ones
        os.environ.setdefault(name, "1")
    note().parent.mkdir(parents=True, exist_ok=True)
    note().write_text(report_port(run))
    if run[1] == "scheduler":
        announce(os.environ.get("DASK_SCHEDULER_ADDRESS", ""))
    return run
