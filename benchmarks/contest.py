"""The contestants: workers in their own processes, and the machine's own limit."""

from __future__ import annotations

import atexit
import json
import math
import os
import selectors
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, TypeVar

HERE = Path(__file__).resolve().parent
ENDING = 5.0  # seconds in which a worker must end by itself
Answer = dict[str, Any]
Contestant = TypeVar("Contestant")


class WorkerError(RuntimeError):
    """A worker failed, ended or took too long."""


class Remote:
    """A worker process."""

    def __init__(self, name: str, threads: int) -> None:
        self.name = name
        count = str(threads)
        variables = ("OMP_NUM_THREADS", "NUMBA_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
        self._process = subprocess.Popen(
            [sys.executable, str(HERE / "worker.py"), name, count],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ | dict.fromkeys(variables, count),
            cwd=HERE,
            process_group=0,  # with the processes that a peer starts, which would outlive it
        )
        atexit.register(self.end)  # the group gets no Ctrl-C
        self.about = self._answer(120)

    def ask(self, do: str, patience: float = 600, **request: Any) -> Answer:
        """Send a request and wait for the answer. Raises WorkerError."""
        try:
            assert self._process.stdin is not None
            self._process.stdin.write((json.dumps({"do": do, **request}) + "\n").encode())
            self._process.stdin.flush()
        except OSError as problem:
            raise WorkerError(f"{self.name} has ended: {problem}") from None
        return self._answer(patience)

    def _answer(self, patience: float) -> Answer:
        assert self._process.stdout is not None
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            if not selector.select(patience):
                self.end()
                raise WorkerError(f"{self.name} took longer than {patience:g} s")
        line = self._process.stdout.readline()
        if not line:
            raise WorkerError(f"{self.name} ended with code {self._process.wait()}")
        answer: Answer = json.loads(line)
        if "error" in answer:
            raise WorkerError(f"{self.name}: {answer['error']}")
        return answer

    def end(self) -> None:
        """Close the worker."""
        try:
            assert self._process.stdin is not None
            self._process.stdin.close()
            self._process.wait(ENDING)
        except (OSError, subprocess.TimeoutExpired):
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()


class Limit:
    """limit.c, compiled for this machine."""

    def __init__(self, folder: Path, threads: int) -> None:
        self._program, self._threads = folder / "limit", threads
        flags = ["-O3", "-march=native", "-pthread"]
        subprocess.run(["gcc", *flags, str(HERE / "limit.c"), "-o", str(self._program)], check=True)

    def measure(self, size: int, passes: int = 2) -> Answer:
        """The least seconds of `passes` over `size` bytes, multiply-adds per second in "single" and "double",
        and the bytes of a "vector". Short passes are repeated more often."""
        repeats = max(5, min(100, 2**28 // size))
        command = [str(self._program), str(size), str(passes), str(self._threads), str(repeats)]
        answer: Answer = json.loads(
            subprocess.run(command, check=True, capture_output=True, text=True).stdout
        )
        return answer


def multiply_adds(n: int, precision: str, vector: int) -> float:
    """About how many a layer takes, with half of the state stored; an addition alone counts as one.

    Two spins at once take 9 for four real numbers (`rotate_two` in variant/butterfly.h): 9/4 for each spin
    and amplitude. A spin that varies within a vector takes 2, and its permutation does not count. A complex
    product, for the phase, takes 4.
    """
    lanes = int(math.log2(vector // (4 if precision == "single" else 8)))
    return float((9 / 4 * (n - lanes) + 2 * lanes + 4) * 2 ** (n - 1))


def state_bytes(n: int, precision: str, *, half: bool) -> int:
    """The bytes of a state vector, or of the half that the spin-flip symmetry leaves."""
    return int((8 if precision == "single" else 16) * 2 ** (n - 1 if half else n))
