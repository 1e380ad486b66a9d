"""All 2p derivatives at once, and the time to an optimum."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from contest import Remote, WorkerError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from contest import Answer

DEPTH = 8
TOLERANCE = {"single": 1e-3, "double": 1e-8}  # of the largest derivative
TURN, ROUNDS = 0.2, 5
SEARCH = {"n": 16, "depth": 3}
SLACK = 1e-4  # the target lies this much, relatively, below the local optimum
STARTS, PERTURBED = 3, 0.1
SEARCHES = (("qgraph", "L-BFGS-B"), ("qgraph", "COBYLA"), ("aer", "COBYLA"))
REPEATS = 3


def measure(qgraph: Remote, lightning: Remote, sizes: Sequence[int], threads: int) -> Answer:
    """Gradients of regular MaxCut, by qgraph and by lightning, and qgraph's time for one expectation."""
    forward = Remote("qgraph", threads)
    points, disagreements = [], []
    for precision, tolerance in TOLERANCE.items():
        for n in sizes:
            request: dict[str, Any] = {"family": "regular", "n": n, "depth": DEPTH, "precision": precision}
            runs = {
                "expectation": forward.ask("open", **request, reference=None, tolerance=0, ways=None),
                "qgraph": qgraph.ask("open_gradient", **request),
                "lightning": lightning.ask("open_gradient", **request),
            }
            ours, theirs = (np.array(runs[name]["gradient"]) for name in ("qgraph", "lightning"))
            apart = float(abs(ours - theirs).max() / abs(theirs).max())
            if apart > tolerance:
                disagreements.append(f"gradient, n = {n}, {precision}: apart by {apart:.1e} of the largest")
            seconds = {name: [run["seconds"]] for name, run in runs.items()}
            for _ in range(ROUNDS):
                for name, remote in (("expectation", forward), ("qgraph", qgraph), ("lightning", lightning)):
                    if name != "lightning" or seconds[name][0] < 10:
                        seconds[name].append(remote.ask("turn", seconds=TURN)["seconds"])
            least = {name: min(times) for name, times in seconds.items()}
            points.append({"n": n, "precision": precision, "depth": DEPTH, "seconds": least, "apart": apart})
            print(
                f"gradient n={n} {precision}, ms: "
                + ", ".join(f"{k} {1e3 * v:.4g}" for k, v in least.items())
            )
    for remote in (qgraph, lightning):
        remote.ask("close")
    forward.end()
    return {"points": points, "disagreements": disagreements}


def start(number: int, depth: int) -> list[float]:
    """A ramp of angles; all but the first start are disturbed."""
    ramp = np.array([np.linspace(0.4, 0.8, depth), np.linspace(0.55, 0.2, depth)])
    if number > 0:
        ramp += PERTURBED * np.random.default_rng(number).standard_normal(ramp.shape)
    return [float(angle) for angle in ramp.ravel()]


def optimum(remotes: dict[str, Remote]) -> Answer:
    """Seconds until <C> is within SLACK of the local optimum, from the same starts."""
    rows = []
    for number in range(STARTS):
        angles = start(number, SEARCH["depth"])
        best = remotes["qgraph"].ask("search", **SEARCH, method="L-BFGS-B", start=angles, target=1e300)[
            "value"
        ]
        target = best - SLACK * abs(best)
        found: dict[str, list[Answer]] = {}
        for _ in range(REPEATS):
            for name, method in SEARCHES:
                try:
                    one = remotes[name].ask("search", **SEARCH, method=method, start=angles, target=target)
                except WorkerError as problem:
                    one = {"error": str(problem), "seconds": float("inf"), "reached": False}
                found.setdefault(f"{name} {method}", []).append(one)
        fastest = {who: min(runs, key=lambda run: run["seconds"]) for who, runs in found.items()}
        rows.append({"start": number, "optimum": best, "target": target, "runs": fastest})
        print(f"optimum {number}: " + ", ".join(f"{k} {v['seconds']:.4g} s" for k, v in fastest.items()))
    return {**SEARCH, "slack": SLACK, "starts": rows}
