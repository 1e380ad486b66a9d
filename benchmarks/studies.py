"""What a study costs beside the loop that it replaces: python benchmarks/studies.py. It needs qgraph[study].

All figures of one run are from one machine, one after the other, so their ratios mean something.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import qgraph as qg

GRAPHS, SEEDS, DEPTHS = 20, range(3), range(1, 6)


def nothing(problem: qg.MaxCut, *, seed: int = 0) -> qg.Solution:  # noqa: ARG001 (it does nothing)
    """A solver that does nothing."""
    return qg.Solution(objective=float(seed), solver="nothing", seconds=0.0, labels={})


def seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def cubic(n: int, graphs: int) -> dict[str, qg.MaxCut]:
    return {f"cubic-{s}": qg.MaxCut(qg.Graph.random_regular(3, n, seed=s)) for s in range(graphs)}


def loop(problems: dict[str, qg.MaxCut]) -> None:
    for problem in problems.values():
        for seed in SEEDS:
            for depth in DEPTHS:
                qg.solve_qaoa(problem, depth, seed=seed, progress=False)


def study(folder: Path, problems: dict[str, qg.MaxCut], workers: int | None = None) -> qg.Study:
    made = qg.Study(
        folder, problems=problems, solvers={"qaoa": {"solver": "qaoa", "depth": DEPTHS}}, seeds=SEEDS
    )
    return made.run(workers=workers, progress=False)


def main() -> None:
    from qgraph.study import run

    here = run.HERE
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        qg.solve_qaoa(qg.MaxCut(qg.Graph.ring(5)), progress=False)  # imports
        small = cubic(10, GRAPHS)
        of_loop = seconds(lambda: loop(small))
        of_study = seconds(lambda: study(folder / "small", small))
        print(f"20 graphs of 10 nodes, depths 1 to 5, 3 seeds: loop {of_loop:.2f} s, study {of_study:.2f} s")
        print(f"  the study is {of_loop / of_study:.1f} times faster")

        large = cubic(16, GRAPHS)
        run.HERE = 0.0
        times = [seconds(lambda w=w: study(folder / f"w{w}", large, w)) for w in (1, 2)]
        print(
            f"16 nodes, 1 and 2 workers: {times[0]:.1f} s, {times[1]:.1f} s, ratio {times[0] / times[1]:.2f}"
        )

        empty = {"nothing": {"solver": "studies:nothing"}}
        for name, seconds_here in (("workers", 0.0), ("this process", 1e9)):
            run.HERE = seconds_here
            made = qg.Study(folder / name, problems=small, solvers=empty, seeds=range(500))
            taken = seconds(lambda made=made: made.run(progress=False))
            print(f"10,000 trials that do nothing, {name}: {1e3 * taken / len(made):.3f} ms each")

        run.HERE = here
        many = cubic(10, 100)
        planned = seconds(lambda: qg.Study(folder / "many", problems=many, solvers=empty, seeds=range(1000)))
        made = qg.Study.open(folder / "many")
        stored = seconds(lambda: made.run(progress=False))
        read = seconds(made.frame)
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10
        size = (folder / "many/study.sqlite").stat().st_size / 2**20
        print(f"100,000 trials: planned in {planned:.1f} s, run in {stored:.1f} s, read in {read:.1f} s")
        print(f"  file {size:.0f} MiB, this process at most {memory:.0f} MiB")


if __name__ == "__main__":
    main()
