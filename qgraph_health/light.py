"""The light checks, in the server's own process: memory, folders and processes."""

from __future__ import annotations

import errno
import subprocess
import tempfile
import threading
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qgraph_health.cache import sound

if TYPE_CHECKING:
    from collections.abc import Callable

FRESH = 5.0  # seconds that good results are valid, so that many requests cost no more than one
RETRY = 1.0  # seconds that bad results are valid
LEAST = 2**26  # bytes of memory; a kernel needs more to start
THREADS = 16  # of a kernel that starts; the limit counts them
BLOCK = bytes(65536)
Checks = dict[str, dict[str, Any]]


def writes(folder: str) -> str:
    """Write a file that has no name. Raises `OSError` if the folder is full or cannot be written."""
    with tempfile.TemporaryFile(dir=folder, buffering=0) as stream:
        stream.write(BLOCK)
    return "can be written"


def starts() -> str:
    """Start a process that ends at once. Raises `OSError` if a kernel would be one process too many."""
    for group in map(Path, ("/sys/fs/cgroup", "/sys/fs/cgroup/pids")):
        try:
            most, used = ((group / f"pids.{name}").read_text().strip() for name in ("max", "current"))
        except OSError:  # the other version of control groups, or none
            continue
        if most.isdecimal() and int(most) - int(used) < THREADS:
            raise OSError(errno.EAGAIN, f"{used} of {most} processes are in use")
    subprocess.run(["true"], check=True, timeout=30)  # noqa: S607
    return "can be started"


def verdict(check: Callable[[], str]) -> dict[str, Any]:
    """Whether `check` passes. Of an error, only the reason is told, without names of files.

    >>> verdict(lambda: writes("/proc"))
    {'ok': False, 'detail': 'No such file or directory'}
    """
    try:
        return {"ok": True, "detail": check()}
    except OSError as error:
        return {"ok": False, "detail": error.strerror or type(error).__name__}
    except Exception as error:  # any error is a failed check
        return {"ok": False, "detail": type(error).__name__}


class Light:
    """The last light checks of a server, made again when they are old."""

    def __init__(self, work: str, runtime: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._folders = {"work folder": work, "temporary folder": runtime}
        self._clock = clock
        self._lock = threading.Lock()
        self._found: tuple[float, int, Checks] | None = None

    def checks(self) -> tuple[int, Checks]:
        """Bytes of available memory, and the checks by name."""
        with self._lock:
            if self._found is None or self._clock() >= self._found[0]:
                free, found = self._examine()
                lasts = FRESH if sound({"checks": found}) else RETRY
                self._found = (self._clock() + lasts, free, found)
            return self._found[1:]

    def _examine(self) -> tuple[int, Checks]:
        free, memory = self._memory()
        folders = {name: verdict(partial(writes, folder)) for name, folder in self._folders.items()}
        return free, {"memory": memory, **folders, "processes": verdict(starts)}

    def _memory(self) -> tuple[int, dict[str, Any]]:
        try:
            from qgraph.base.resources import available_memory

            free = available_memory()
        except Exception as error:  # qgraph itself is broken
            return 0, {"ok": False, "detail": f"unknown: {type(error).__name__}"}
        return free, {"ok": free >= LEAST, "detail": f"{free / 2**30:.2f} GiB available"}
