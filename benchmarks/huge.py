"""The largest state: 32 nodes in single precision, in a process of its own (`run.py --huge`).

Prints one JSON object: the seconds of each step, the process's peak memory, and how far the expectation is
from the closed form for triangle-free regular graphs (Wang, Hadfield, Jiang, Rieffel, arXiv:1706.02998).
"""

from __future__ import annotations

import json
import math
import sys
import time
from pathlib import Path

import networkx as nx
import numpy as np

import qgraph as qg

DEGREE = 3
GAMMA, BETA = 0.6, 0.4


def triangle_free(n: int) -> tuple[nx.Graph, int]:
    """The first random 3-regular graph without a triangle, and its seed."""
    for seed in range(10_000):
        graph = nx.random_regular_graph(DEGREE, n, seed=seed)
        if not any(nx.triangles(graph).values()):
            return graph, seed
    raise RuntimeError(f"no triangle-free graph of {n} nodes found")


def closed_form(edges: int) -> float:
    """<C> at depth 1: each edge has DEGREE - 1 other neighbours at either end, none of them shared."""
    each = 0.5 + 0.5 * math.sin(4 * BETA) * math.sin(GAMMA) * math.cos(GAMMA) ** (DEGREE - 1)
    return edges * each


def peak_memory() -> int:
    """The most memory that this process ever held, in bytes."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))


def measure(n: int, shots: int) -> dict[str, object]:
    """Depth 1: state, expectation and samples."""
    graph, seed = triangle_free(n)
    problem = qg.MaxCut(qg.Graph.from_networkx(graph))
    clock = [time.perf_counter()]
    state = qg.simulate(problem, [GAMMA], [BETA], precision="single")
    clock.append(time.perf_counter())
    value = state.expectation()
    clock.append(time.perf_counter())
    counts = state.sample(shots, seed=1)
    clock.append(time.perf_counter())
    exact = closed_form(graph.number_of_edges())
    deviation = (counts.expectation() - exact) / math.sqrt(state.variance() / shots)
    return {
        "n": n,
        "graph": f"random 3-regular without triangles, seed {seed}",
        "gamma": GAMMA,
        "beta": BETA,
        "shots": shots,
        "expectation": value,
        "closed_form": exact,
        "relative_error": abs(value - exact) / exact,
        "sample_mean": counts.expectation(),
        "sample_deviation_in_standard_errors": deviation,
        "seconds": dict(zip(("state", "expectation", "samples"), np.diff(clock).tolist(), strict=True)),
        "peak_bytes": peak_memory(),
    }


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]), int(sys.argv[2]))))
