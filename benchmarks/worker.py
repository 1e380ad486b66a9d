"""One peer in a process of its own: a JSON object per line in, one per line out.

Each peer has its own thread runtime, so each runs in a process of its own. Between requests a worker sleeps.
"""

from __future__ import annotations

import json
import os
import sys
import time
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import cases
import cones
import numpy as np
import peers
import search

if TYPE_CHECKING:
    from collections.abc import Callable

WORTH_REPEATING = 5.0  # seconds, of a first run


def timed(run: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds and result."""
    start = time.perf_counter()
    result = run()
    return time.perf_counter() - start, result


def plain(value: Any) -> Any:
    """Numbers and lists of numbers, for JSON."""
    return np.asarray(value, dtype=float).tolist()


class Worker:
    """A peer, with at most one open runner."""

    def __init__(self, name: str) -> None:
        self.peer: Any = peers.load(name)
        self.run: Callable[[], Any] | None = None
        self.differentiate: Callable[[], Any] | None = None

    def describe(self) -> dict[str, Any]:
        """The versions and precisions of the peer."""
        return {
            "versions": {package: version(package) for package in self.peer.packages},
            "precisions": self.peer.precisions,
        }

    def open(
        self, family: str, n: int, depth: int, precision: str, reference: float | None, tolerance: float,
        ways: list[str] | None,
    ) -> dict[str, Any]:  # fmt: skip
        """Prepare an expectation, by the fastest of the ways that agree with the reference."""
        self.run = None
        case = cases.make(family, n, depth)
        tried, disagree, best = {}, {}, (float("inf"), "", 0.0, 0.0)
        offered = self.peer.expectations(case, precision)
        for way in ways or offered:
            setup, run = timed(offered[way])
            first, value = timed(run)
            if reference is not None and not abs(value - reference) <= tolerance * abs(reference):
                disagree[way] = value
                continue
            seconds = first if first > WORTH_REPEATING else min(timed(run)[0] for _ in range(3))
            tried[way] = seconds
            if seconds < best[0]:
                best, self.run = (seconds, way, value, setup), run
        seconds, way, value, setup = best
        return {
            "seconds": seconds,
            "way": way,
            "value": value,
            "setup": setup,
            "tried": tried,
            "disagree": disagree,
        }

    def open_gradient(self, family: str, n: int, depth: int, precision: str) -> dict[str, Any]:
        """Prepare an expectation with its gradient."""
        self.run = None
        setup, self.run = timed(lambda: self.peer.gradient(cases.make(family, n, depth), precision))
        seconds, (value, gradient) = timed(self.run)
        return {"seconds": seconds, "value": value, "gradient": plain(gradient), "setup": setup}

    def turn(self, seconds: float) -> dict[str, Any]:
        """The least time of as many runs as fit, at least one."""
        best, end = float("inf"), time.perf_counter() + seconds
        while best == float("inf") or time.perf_counter() + best < end:
            best = min(best, timed(self.run)[0])
        return {"seconds": best}

    def open_cones(self, name: str, depth: int) -> dict[str, Any]:
        """Prepare a value on light cones."""
        case = cones.make(name, depth)
        kinds = cones.kinds(case)
        planning, (evaluate, differentiate) = timed(lambda: self.peer.cones(case, kinds))
        angles = case.gammas, case.betas
        self.run = lambda: evaluate(*angles)
        self.differentiate = lambda: (
            differentiate(*angles) if differentiate else cones.forward_differences(evaluate, *angles)
        )
        seconds, value = timed(self.run)
        truncates = getattr(self.peer, "truncates", "")
        return {"planning": planning, "seconds": seconds, "value": value, "truncates": truncates}

    def slopes(self) -> dict[str, Any]:
        """A value with its gradient on light cones, once."""
        gradient, (_, slopes) = timed(self.differentiate)
        return {"gradient": gradient, "slopes": plain(slopes)}

    def close(self) -> dict[str, Any]:
        """Free the memory of the runner."""
        self.run = None
        return {}

    def search(self, n: int, depth: int, method: str, start: list[float], target: float) -> dict[str, Any]:
        """Optimise angles until the target is reached."""
        case = cases.make("regular", n, depth)
        return search.run(self.peer, case, method, start, target)


def main() -> None:
    """Answer requests until there are none. Everything that the peer prints goes to standard error."""
    name, threads = sys.argv[1], int(sys.argv[2])
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    try:
        worker = Worker(name)
    except Exception as problem:  # reported as "not available"
        answers.write(json.dumps({"error": f"{type(problem).__name__}: {problem}"}) + "\n")
        return
    answers.write(json.dumps(worker.describe()) + "\n")
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = getattr(worker, request.pop("do"))(**request)
        except Exception as problem:  # the run goes on without this point
            answer = {"error": f"{type(problem).__name__}: {problem}"}
        answers.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    main()
