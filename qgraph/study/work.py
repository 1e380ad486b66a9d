"""What a worker does: make the problem of a trial, run its solver, and describe the answer as a row."""

from __future__ import annotations

import math
import platform
import socket
import threading
import time
import zlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from qgraph.base.checks import require
from qgraph.base.errors import InvalidInput, QGraphError
from qgraph.problems.problem import Problem
from qgraph.problems.routing import PriorityRouting
from qgraph.simulation.library import kernel
from qgraph.solvers.qaoa.solve import solve_depths
from qgraph.solvers.result import Result, Solution
from qgraph.study.columns import STORED
from qgraph.study.settings import algorithm_of, parameters_of
from qgraph.study.sources import AnyProblem, digest_of, resolve
from qgraph.study.store import Row

OF_QAOA: tuple[str, ...] = ("optimum", "expectation", "normalized_ratio", "approximation_ratio")
OF_QAOA += ("feasible_probability", "optimum_probability", "shots", "evaluations", "gammas", "betas")
FAILURES = (Exception, SystemExit)  # a trial that fails is a row, not an end
PROBLEMS_KEPT = 64  # made problems, in each process
PACKING = 1  # zlib's level: answers are small, and time counts
PEAK = Path("/proc/self/clear_refs"), b"5"  # sets the largest memory of this process back to the present one
STATUS = Path("/proc/self/status")


class Job(NamedTuple):
    """One call of a solver. `trials` has the name of a trial for each depth; for None if there is no climb.

    Jobs of one `kind` take about equally long. `source` is empty if the problem is sent apart.
    """

    kind: str
    problem: str
    content: str
    source: Mapping[str, Any]
    algorithm: str
    settings: dict[str, Any]
    trials: dict[int | None, str]
    seed: int | None
    needs: int  # bytes


_stopped: set[str] = set()  # runs


def stop(run: str) -> None:
    """End the trials of a run in this process."""
    _stopped.add(run)


def run_batch(
    run: str, jobs: Sequence[Job], sent: Mapping[str, Mapping[str, Any]]
) -> list[tuple[float, list[Row]]]:
    """For each job, the seconds that it took, and the row of each of its trials.

    Fewer of them if the run was stopped meanwhile. `sent` has the sources that were sent apart.
    """
    done = []
    for job in jobs:
        if run in _stopped:
            break
        began = time.perf_counter()
        rows = run_job(job._replace(source=sent.get(job.content, job.source)), run)
        done.append((time.perf_counter() - began, rows))
    return done


def run_job(job: Job, run: str = "") -> list[Row]:
    """The rows of the trials of one job; none if the run was stopped meanwhile."""
    if len(job.trials) > 1:
        with suppress(*FAILURES):  # if the climb fails as a whole, some of its depths may still work
            return _rows(job, run)
        parts = [job._replace(trials={depth: name}) for depth, name in job.trials.items()]
        return [row for part in parts for row in run_job(part, run)]
    began = time.perf_counter()
    try:
        return _rows(job, run)
    except FAILURES as error:
        said = str(error) if isinstance(error, QGraphError) else f"{type(error).__name__}: {error}"
        values = {"error": said or type(error).__name__, "seconds": time.perf_counter() - began}
        return [row_of(name, {**_surroundings(), **values}) for name in job.trials.values()]


def row_of(trial: str, values: Mapping[str, Any], answer: bytes | None = None) -> Row:
    """The row of a trial, from its columns by name; the others are missing."""
    return Row(trial, tuple(_stored(values.get(column.name)) for column in STORED), answer)


def _rows(job: Job, run: str) -> list[Row]:
    with suppress(OSError):
        PEAK[0].write_bytes(PEAK[1])
    problem = _made(job)
    answers = _solved(problem, job, run)
    here = {**_surroundings(), "memory": _largest_memory(), "random": _mean(problem)}
    rows = []
    for name, answer in zip(job.trials.values(), answers, strict=True):
        if run in _stopped and answer.stopped_by in ("callback", "interrupt"):
            continue  # this is not what the trial asked for
        packed = zlib.compress(answer.model_dump_json().encode(), PACKING)
        rows.append(row_of(name, {**here, **_columns(answer)}, packed))
    return rows


def _solved(problem: AnyProblem, job: Job, run: str) -> Sequence[Result | Solution]:
    known = parameters_of(job.algorithm)
    given = dict(job.settings)
    if "seed" in known:
        given["seed"] = job.seed
    if "progress" in known:
        given["progress"] = False
    if "callback" in known:
        given["callback"] = lambda *_: run in _stopped
    if job.trials.keys() != {None}:
        given.pop("depth", None)
        return solve_depths(problem, tuple(depth for depth in job.trials if depth is not None), **given)
    answer = algorithm_of(job.algorithm)(problem, **given)
    require(isinstance(answer, (Result, Solution)), "solver", "must return a Result or a Solution", answer)
    return [answer]


def _columns(answer: Result | Solution) -> dict[str, Any]:
    best = answer.best if isinstance(answer, Result) else answer
    found: dict[str, Any] = {"stopped_by": answer.stopped_by, "seconds": answer.seconds}
    if best is not None:
        found |= {name: getattr(best, name) for name in ("objective", "feasible", "optimal", "bound")}
    if isinstance(answer, Solution):
        return found | {"optimum": answer.objective if answer.optimal and answer.feasible else None}
    return found | {name: getattr(answer, name) for name in OF_QAOA}


def _stored(value: Any) -> Any:
    if isinstance(value, tuple):
        return repr(list(value))
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and math.isnan(value) else value


def _mean(problem: Problem) -> float:
    """The mean of C over uniformly random bits, penalties included, or over random feasible routes."""
    return problem.mean_travel_time() if isinstance(problem, PriorityRouting) else problem.to_ising().offset


@lru_cache(maxsize=1)
def _surroundings() -> dict[str, str]:
    parts = [f"{name} {version(name)}" for name in ("qgraph", "numpy", "scipy")]
    python = f"python {platform.python_version()}"
    return {
        "kernel": kernel(),
        "versions": ", ".join([parts[0], python, *parts[1:]]),
        "host": socket.gethostname(),
    }


def _largest_memory() -> float | None:
    """MiB, since it was last set back."""
    try:
        lines = STATUS.read_text().splitlines()
        return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))
    except (OSError, StopIteration):
        return None


_kept: dict[str, AnyProblem] = {}
_lock = threading.Lock()


def _made(job: Job) -> AnyProblem:
    """The problem of a job, made once in each process. Raises `InvalidInput` if its source changed."""
    with _lock:
        if job.content in _kept:
            return _kept[job.content]
    problem = resolve(dict(job.source))
    if digest_of(problem) != job.content:
        raise InvalidInput(f"`problems`: {job.problem} has changed since the study was planned")
    with _lock:
        while len(_kept) >= PROBLEMS_KEPT:
            _kept.pop(next(iter(_kept)), None)
        _kept[job.content] = problem
    return problem
