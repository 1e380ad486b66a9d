"""One execution of a study: what has no row yet becomes jobs, and the jobs run until none is left."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

from qgraph.study import run as running
from qgraph.study.live import Live
from qgraph.study.memory import Size, needs, this_machine
from qgraph.study.settings import Variant
from qgraph.study.sources import Source
from qgraph.study.store import Run, Store
from qgraph.study.work import Job

if TYPE_CHECKING:
    from distributed import Client

PROBLEMS = "SELECT id, name, digest, source, n, halved, routes FROM problems"


def execute(
    store: Store,
    variants: dict[int, Variant],
    live: Live,
    client: Client | None,
    workers: int | None,
    time_limit: float | None,
) -> running.Ended | None:
    """Run all trials that have no row, and that no other run has claimed. Gives what ended it early."""
    deadline = None if time_limit is None else time.perf_counter() + time_limit
    run = Run(store)
    try:
        run.free_the_dead()
        while jobs := _jobs(run, variants):
            runner = running.Runner(run, jobs, live, deadline)
            with running.interrupts_caught(runner.interrupt):
                if client is None:
                    runner.on_this_machine(this_machine(workers))
                else:
                    runner.on(client)
            if runner.stopped_by:
                return runner.stopped_by
            run.free_the_dead()  # others may have ended meanwhile, and left trials
        return None
    finally:
        run.end()


def _jobs(run: Run, variants: dict[int, Variant]) -> list[Job]:
    """The calls of solvers for the trials that nobody has run or claimed; a climb is one call."""
    problems = {row[0]: row[1:] for row in run.store.read(PROBLEMS)}
    sizes = {number: Size(row[3], bool(row[4]), row[5]) for number, row in problems.items()}
    sources: dict[int, Source] = {number: json.loads(row[2]) for number, row in problems.items()}
    climbs = {number: variant.climb for number, variant in variants.items()}
    jobs: dict[tuple[object, ...], Job] = {}
    for name, problem, number, seed in run.waiting():
        key, variant = (problem, climbs[number] or number, seed), variants[number]
        depth = variant.settings.get("depth", 1) if climbs[number] else None
        if key in jobs:
            jobs[key].trials[depth] = name
            continue
        title, content = problems[problem][:2]
        jobs[key] = Job(
            kind=f"{climbs[number] or number} {sizes[problem].n}",
            problem=title,
            content=content,
            source=sources[problem],
            algorithm=variant.algorithm,
            settings=variant.settings,
            trials={depth: name},
            seed=seed,
            needs=needs(sizes[problem], variant),
        )
    return list(jobs.values())
