"""What the QAOA explorer's pictures cost: an optimisation in it, against `solve_qaoa` alone, in turn.

    python benchmarks/explorer.py [nodes] [depth] [rounds]

The explorer has a view, as in a notebook, whose messages go nowhere. Only the ratio is meant to be quoted.
"""

from __future__ import annotations

import sys
import time
from typing import Any

import qgraph as qg
from qgraph.widgets import QAOAExplorer


def alone(problem: qg.MaxCut, angles: Any, depth: int) -> float:
    """The seconds of `solve_qaoa`."""
    began = time.perf_counter()
    qg.solve_qaoa(problem, depth, start=tuple(angles), progress=False)
    return time.perf_counter() - began


def explored(problem: qg.MaxCut, depth: int) -> tuple[float, float, int]:
    """The seconds of an explorer, those until the first point of its curve, and how many pictures."""
    explorer = QAOAExplorer(problem, depth=depth)
    said: list[tuple[float, dict[str, Any]]] = []
    explorer.send = lambda content, buffers=None: said.append((time.perf_counter(), content))  # noqa: ARG005
    explorer._on_message(None, {"kind": "hello", "view": "v"}, [])
    explorer._jobs.wait()
    began = time.perf_counter()
    explorer.optimise()
    seconds = time.perf_counter() - began
    first = next(moment for moment, content in said if content.get("points"))
    pictures = sum(content["kind"] == "view" and content["live"] for _, content in said)
    explorer.close()
    return seconds, first - began, pictures


def main() -> None:
    """Measure in turn, and print the best of each."""
    nodes, depth, rounds = (int(given) for given in [*sys.argv[1:], *("20", "8", "3")[len(sys.argv) - 1 :]])
    problem = qg.MaxCut(qg.Graph.random_regular(3, nodes, seed=1))
    angles = QAOAExplorer(problem, depth=depth).angles
    bare, shown = [], []
    for _ in range(rounds):
        bare.append(alone(problem, angles, depth))
        shown.append(explored(problem, depth))
    seconds, first, pictures = min(shown)
    print(f"{nodes} nodes, depth {depth}: alone {min(bare):.2f} s, in the explorer {seconds:.2f} s")
    print(f"ratio {seconds / min(bare):.3f}, {pictures} pictures, first point after {first:.2f} s")


if __name__ == "__main__":
    main()
