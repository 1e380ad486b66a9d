"""Every public instance in a folder, and the result of every solver: values, bounds, proofs.

`QGRAPH_DATA=folder python benchmarks/instances.py [--seconds 15] [--only name ...]` prints a Markdown table.
If no state of QAOA fits into memory, the row has its mean ("mean"), or "too large" if there is no mean.
The folder is not part of qgraph. Its subfolders: `gset`, `biqmac`, `independent_set`, `tsplib`, `graphs`.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import qgraph as qg
from qgraph.problems.base import sign

if TYPE_CHECKING:
    from collections.abc import Iterator

KNOWN = {  # proved optima; for G1, G11 and G14 the best published cuts (Benlic, Hao 2013)
    "G1": 11624, "G11": 564, "G14": 3064, "be100.1.sparse": 19412,
    "burma14": 3323, "ulysses16": 6859, "gr17": 2085, "gr21": 2707, "gr24": 1272, "bays29": 2020,
    "tsp225": 3916, "br17": 39,
    "hamming6-2": 2, "hamming6-4": 12, "sloane_1dc_64": 10, "insecta-ant-colony1-day38": 6,
    "aves-sparrow-social": 13, "karate": 20, "es60fst02": 88,
}  # fmt: skip
WEIGHTS = {"lesmis": "value"}  # the edge attribute that is the weight
COLUMNS = ("instance", "file", "problem", "nodes", "edges", "known", "exact", "bound", "proved", "seconds")
ON_BITS = ("goemans-williamson", "greedy", "annealing", "tabu", "recursive-qaoa", "recursive-qaoa+flips")
ON_ROUTES = ("greedy", "two-opt")
ON_ALL = ("random", "qaoa")
SOLVERS = (*ON_BITS, "two-opt", *ON_ALL)


@dataclass(frozen=True)
class Instance:
    """A problem read from a file, and its best known objective."""

    name: str
    file: str
    kind: str
    nodes: int
    edges: int
    problem: Any
    known: float | None = None


def instances(folder: Path) -> Iterator[Instance]:
    """All of them, small ones first within each folder."""
    for path in _files(folder / "independent_set"):
        graph = qg.read_graph(path)
        known = KNOWN[path.stem]
        yield _of_graph(path, graph, "independent set", qg.IndependentSet(graph), known)
        yield _of_graph(path, graph, "vertex cover", qg.VertexCover(graph), len(graph.nodes) - known)
    board = _queen(5)
    yield Instance("queen5_5", "made here", "5 colours", 25, len(board.edges), qg.GraphColoring(board, 5), 0)
    for path in _files(folder / "graphs"):
        weighted = qg.read_graph(path, weight=WEIGHTS.get(path.stem, "weight"))
        graph = weighted.unweighted()
        halves = 10 if path.stem == "karate" else None
        yield _of_graph(path, weighted, "cut", qg.MaxCut(weighted))
        yield _of_graph(path, graph, "halves", qg.GraphPartitioning(graph), halves)
        yield _of_graph(path, graph, "independent set", qg.IndependentSet(graph))
    for path in [*_files(folder / "biqmac"), *_files(folder / "gset")]:
        graph = qg.read_graph(path)
        yield _of_graph(path, graph, "cut", qg.MaxCut(graph), KNOWN[path.stem])
    for path in _files(folder / "tsplib"):
        city = qg.read_city(path)
        routing = qg.PriorityRouting(city, return_to_depot=True)
        yield Instance(
            path.stem, path.suffix, "tour", len(city.nodes), len(city.edges), routing, KNOWN[path.stem]
        )


def _files(folder: Path) -> list[Path]:
    return sorted(folder.iterdir(), key=lambda path: (path.stat().st_size, path.name))


def _of_graph(path: Path, graph: qg.Graph, kind: str, problem: Any, known: float | None = None) -> Instance:
    return Instance(path.stem, path.suffix, kind, len(graph.nodes), len(graph.edges), problem, known)


def _queen(size: int) -> qg.Graph:
    """The squares of a board, adjacent where a queen goes from one to the other."""
    squares = [(x, y) for x in range(size) for y in range(size)]
    attacks = [
        (f"{a}", f"{b}")
        for a in squares
        for b in squares
        if a < b and (a[0] == b[0] or a[1] == b[1] or abs(a[0] - b[0]) == abs(a[1] - b[1]))
    ]
    return qg.Graph.from_edges(attacks)


def solve(instance: Instance, seconds: float) -> tuple[list[str], bool]:
    """A row of the table, and whether exact solving is at least as good as every other solver."""
    problem, side = instance.problem, sign(instance.problem)
    began = time.perf_counter()
    exact = qg.solve_exact(problem, time_limit=seconds)
    spent = time.perf_counter() - began
    names = [*(ON_ROUTES if isinstance(problem, qg.PriorityRouting) else ON_BITS), *ON_ALL]
    table = qg.compare(problem, solvers=names, time_limit=seconds)
    fair = [row.solution for row in table.rows if row.solution is not None and row.solution.feasible]
    best = all(side * exact.objective <= side * s.objective + 1e-9 * abs(s.objective) for s in fair)
    cells = [
        instance.name,
        instance.file,
        instance.kind,
        f"{instance.nodes}",
        f"{instance.edges}",
        "" if instance.known is None else f"{instance.known:g}",
        f"{exact.objective:.8g}",
        "" if exact.bound is None else f"{exact.bound:.8g}",
        "yes" if exact.optimal else "",
        f"{spent:.1f}",
    ]
    found = {row.solver: _answer(row) for row in table.rows} | dict.fromkeys(table.skipped, "too large")
    return [*cells, *(found.get(name, "") for name in SOLVERS)], best


def _answer(row: qg.Row) -> str:
    if row.solution is None:
        return f"mean {row.mean:.8g}"
    return f"{row.solution.objective:.8g}" if row.solution.feasible else "infeasible"


def main() -> int:
    """Print the table row by row; 1 if another solver was better than exact solving anywhere."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=15.0, help="for each solver and instance")
    parser.add_argument("--only", nargs="*", default=[], help="names of instances")
    options = parser.parse_args()
    folder = os.environ.get("QGRAPH_DATA")
    if not folder:
        parser.error("QGRAPH_DATA must name the folder of instances")
    print(f"| {' | '.join((*COLUMNS, *SOLVERS))} |")
    print(f"|{'---|' * (len(COLUMNS) + len(SOLVERS))}")
    beaten = []
    for instance in instances(Path(folder)):
        if options.only and instance.name not in options.only:
            continue
        cells, best = solve(instance, options.seconds)
        print(f"| {' | '.join(cells)} |", flush=True)
        if not best:
            beaten.append(f"{instance.name} ({instance.kind})")
    print(f"\nAnother solver was better than exact solving: {', '.join(beaten) or 'nowhere'}.")
    return 1 if beaten else 0


if __name__ == "__main__":
    sys.exit(main())
