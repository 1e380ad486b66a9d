"""How much memory this process may still use: the machine's and its control group's limit."""

from __future__ import annotations

import os
from pathlib import Path

from qgraph.errors import ProblemTooLarge

RESERVE = 2**28  # left to everything else in the process


def available() -> int:
    """Bytes that can still be allocated.

    >>> available() > 0
    True
    """
    return max(0, min(_machine(), *_control_groups()))


def need(size: int, what: str, fits: str) -> None:
    """Raise `ProblemTooLarge` unless `size` bytes can be had; `fits` says what would fit.

    >>> need(10**18, "a state vector of 56 qubits", "30 qubits would fit")
    Traceback (most recent call last):
    qgraph.errors.ProblemTooLarge: a state vector of 56 qubits needs 931322574.6 GiB, ...
    """
    free = available() - RESERVE
    if size > free:
        raise ProblemTooLarge(
            f"{what} needs {size / 2**30:.1f} GiB, and {max(free, 0) / 2**30:.1f} GiB are free; {fits}"
        )


def _machine() -> int:
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable"))
    except (OSError, StopIteration):
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def _control_groups() -> list[int]:
    """What is left below the limit of each control group around this process (versions 1 and 2)."""
    left = []
    for folder, limit, usage, cache in _limits():
        try:
            most, used = int((folder / limit).read_text()), int((folder / usage).read_text())
            statistics = dict(line.split() for line in (folder / "memory.stat").read_text().splitlines())
        except (OSError, ValueError):  # no such group, or "max"
            continue
        left.append(most - used + int(statistics.get(cache, 0)))
    return left or [2**62]


def _limits() -> list[tuple[Path, str, str, str]]:
    try:
        lines = Path("/proc/self/cgroup").read_text().splitlines()
    except OSError:
        lines = []
    root = Path("/sys/fs/cgroup")
    found = []
    for line in lines:
        _, controllers, path = line.split(":", 2)
        own = Path(path.lstrip("/"))
        for group in (own, *own.parents):
            if controllers == "":
                found.append((root / group, "memory.max", "memory.current", "inactive_file"))
            elif "memory" in controllers.split(","):
                names = ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
                found.append((root / "memory" / group, *names))
    return found
