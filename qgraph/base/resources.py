"""Memory and processors that this process may use, within the limits of its control group."""

from __future__ import annotations

import math
import os
from pathlib import Path

from qgraph.base.checks import require
from qgraph.base.errors import ProblemTooLarge

try:
    import resource
except ImportError:  # not on Windows
    resource = None  # type: ignore[assignment]

PROCESSES = Path("/proc")
ROOT = Path("/sys/fs/cgroup")
MEMORY_FILES = {  # the limit, the usage, and the line of memory.stat for memory that can be freed
    1: ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
    2: ("memory.max", "memory.current", "inactive_file"),
}
CPU_FILES = {1: ("cpu.cfs_quota_us", "cpu.cfs_period_us"), 2: ("cpu.max",)}  # the quota and its period
VARIABLE = "QGRAPH_THREADS"
RESERVE = 2**28  # kept for all other parts of the process


def available_memory() -> int:
    """Bytes that can still be allocated.

    >>> available_memory() > 0
    True
    """
    return max(0, min(_machine(), *_control_groups(), *_own_limits()))


def free_memory() -> int:
    """Bytes that a large array may take: the available memory minus a reserve for the rest."""
    return max(0, available_memory() - RESERVE)


def require_memory(size: int, what: str, fits: str) -> None:
    """Raise `ProblemTooLarge` unless `size` bytes are free; the message ends with `fits`.

    >>> require_memory(10**18, "a state vector of 56 qubits", "30 qubits would fit")
    Traceback (most recent call last):
    qgraph.base.errors.ProblemTooLarge: a state vector of 56 qubits needs 931322574.6 GiB, ...
    """
    free, gib = free_memory(), 2**30
    if size > free:
        raise ProblemTooLarge(f"{what} needs {size / gib:.1f} GiB, and {free / gib:.1f} GiB are free; {fits}")


def threads() -> int:
    """The number of processors that this process may use, by its affinity and the quota of its control group.

    The environment variable QGRAPH_THREADS may name a smaller number. Raises `InvalidInput`.

    >>> threads() >= 1
    True
    """
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    for folder, version in _groups("cpu"):
        try:
            words = " ".join((folder / name).read_text() for name in CPU_FILES[version]).split()
            quota, period = map(int, words)
            if quota > 0:
                processors = min(processors, max(1, math.ceil(quota / period)))
        except (OSError, ValueError):  # no such group, or "max"
            continue
    wanted = os.environ.get(VARIABLE, "")
    if wanted:
        whole = wanted.isdecimal() and int(wanted) > 0
        require(whole, VARIABLE, "must be a whole number of at least 1", wanted)
        processors = min(processors, int(wanted))
    return processors


def _machine() -> int:
    try:
        lines = (PROCESSES / "meminfo").read_text().splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable"))
    except (OSError, StopIteration):
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def _own_limits() -> list[int]:
    """The memory left below the limits of this process (`ulimit -v`, `ulimit -d`)."""
    if resource is None:
        return []
    left = []
    for limit, field in ((resource.RLIMIT_AS, 0), (resource.RLIMIT_DATA, 5)):
        most, _ = resource.getrlimit(limit)
        if most != resource.RLIM_INFINITY:
            try:
                pages = int((PROCESSES / "self/statm").read_text().split()[field])
            except OSError:
                pages = 0
            left.append(most - pages * resource.getpagesize())
    return left


def _control_groups() -> list[int]:
    """The memory left below the limit of each control group of this process (versions 1 and 2)."""
    left = []
    for folder, version in _groups("memory"):
        limit, usage, cache = MEMORY_FILES[version]
        try:
            most, used = int((folder / limit).read_text()), int((folder / usage).read_text())
            statistics = dict(line.split() for line in (folder / "memory.stat").read_text().splitlines())
        except (OSError, ValueError):  # no such group, or "max"
            continue
        left.append(most - used + int(statistics.get(cache, 0)))
    return left or [2**62]


def _groups(controller: str) -> list[tuple[Path, int]]:
    """The folders of the control groups of this process, innermost first, and their version, 1 or 2."""
    try:
        lines = (PROCESSES / "self/cgroup").read_text().splitlines()
    except OSError:
        return []
    found = []
    for line in lines:
        _, controllers, path = line.split(":", 2)
        own = Path(path.lstrip("/"))
        groups = (own, *own.parents)
        if controllers == "":
            found += [(ROOT / group, 2) for group in groups]
        elif controller in controllers.split(","):
            found += [(ROOT / controller / group, 1) for group in groups]
    return found
