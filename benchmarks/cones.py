"""Light cones: a value and its gradient where no state vector fits, by all that can compute them."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

import networkx as nx
import numpy as np
from cases import Case
from contest import Remote, WorkerError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from contest import Answer
    from numpy.typing import NDArray
    from peers import Evaluator, Kinds

TITLES = {"regular": "3-regular, 100 nodes", "grid": "grid, 20 x 20", "karate": "karate club, 34 nodes"}
INSTANCES = (("regular", 3), ("grid", 3), ("karate", 2))
NAMES = {"qgraph": "qgraph", "quimb": "quimb with cotengra", "mps": "Qiskit Aer, matrix_product_state"}
TOLERANCE = 1e-8  # relative, of exact values
SLOPES = 1e-4  # of the largest derivative, for forward differences
STEP = 1e-6  # of a forward difference
TURN, ROUNDS = 0.2, 3
WORTH_REPEATING = 5.0  # seconds, of a value


def make(name: str, depth: int) -> Case:
    """Make an instance, with unit weights. Its nodes are numbered along a band of the adjacency matrix."""
    graph = {
        "regular": lambda: nx.random_regular_graph(3, 100, seed=100),
        "grid": lambda: nx.grid_2d_graph(20, 20),
        "karate": nx.karate_club_graph,
    }[name]()
    order = {node: at for at, node in enumerate(nx.utils.reverse_cuthill_mckee_ordering(graph))}
    edges = sorted((min(order[i], order[j]), max(order[i], order[j])) for i, j in graph.edges)
    gammas, betas = np.linspace(0.3, 0.6, depth).tolist(), np.linspace(0.6, 0.2, depth).tolist()
    return Case(name, len(order), edges, [1.0] * len(edges), gammas, betas)


def kinds(case: Case) -> Kinds:
    """One edge of each kind of light cone, and how many edges are of this kind."""
    graph, depth = nx.Graph(case.edges), len(case.gammas)
    found: dict[str, list[tuple[tuple[int, int], nx.Graph]]] = defaultdict(list)
    counts: dict[tuple[int, int], int] = {}
    for edge in case.edges:
        cone = light_cone(graph, edge, depth)
        alike = found[nx.weisfeiler_lehman_graph_hash(cone, node_attr="at", iterations=depth + 1)]
        for first, other in alike:
            if nx.is_isomorphic(cone, other, node_match=lambda a, b: a["at"] == b["at"]):
                counts[first] += 1
                break
        else:
            alike.append((edge, cone))
            counts[edge] = 1
    return list(counts.items())


def light_cone(graph: nx.Graph, edge: tuple[int, int], depth: int) -> nx.Graph:
    """The nodes up to this distance from an edge, with their distances, and the edges that act on it."""
    distance = nx.multi_source_dijkstra_path_length(graph, set(edge), cutoff=depth)
    cone = nx.Graph()
    for node, at in distance.items():
        cone.add_node(node, at=at)
    inner = [node for node, at in distance.items() if at < depth]
    cone.add_edges_from((i, j) for i in inner for j in graph[i])
    return cone


def forward_differences(
    evaluate: Evaluator, gammas: Sequence[float], betas: Sequence[float]
) -> tuple[float, NDArray[np.float64]]:
    """A value and its derivatives from 2p + 1 values."""
    angles = np.array([gammas, betas])
    value, slopes = evaluate(*angles), np.empty_like(angles)
    for at in np.ndindex(angles.shape):
        moved = angles.copy()
        moved[at] += STEP
        slopes[at] = (evaluate(*moved) - value) / STEP
    return value, slopes


def measure(section: Answer, instances: Sequence[str], threads: int, patience: float) -> None:
    """All instances in turn; `section` has the points so far.

    A peer gets a new process for each, since it may be stopped.
    """
    for name, depth in INSTANCES:
        if name in instances:
            runs = {who: _runs(who, name, depth, threads, patience, section) for who in NAMES}
            check(name, depth, runs, section["disagreements"])
            case = make(name, depth)
            row = {"name": name, "depth": depth, "edges": len(case.edges), "kinds": len(kinds(case))}
            section["points"].append(row | {"runs": runs})
            print(
                f"cones {name}, depth {depth}: " + "; ".join(f"{k} {_show(v)}" for k, v in runs.items()),
                flush=True,
            )


def _runs(who: str, name: str, depth: int, threads: int, patience: float, section: Answer) -> Answer:
    """Planning, value and gradient of one simulator, as far as it gets."""
    run: Answer = {}
    try:
        remote = Remote(who, threads)
    except WorkerError as problem:
        section["machine"]["missing"][who] = str(problem)
        return {"stopped": str(problem)}
    section["machine"]["versions"] |= remote.about["versions"]
    try:
        run |= remote.ask("open_cones", patience=patience, name=name, depth=depth)
        if run["seconds"] < WORTH_REPEATING:
            again = [remote.ask("turn", seconds=TURN)["seconds"] for _ in range(ROUNDS)]
            run["seconds"] = min(run["seconds"], *again)
        run["values"] = 2 * depth + 1
        if who == "qgraph" or run["values"] * run["seconds"] < patience:
            run |= remote.ask("slopes", patience=10 * patience)
    except WorkerError as problem:
        run["stopped"] = str(problem)
    remote.end()
    return run


def check(name: str, depth: int, runs: dict[str, Answer], disagreements: list[str]) -> None:
    """The difference from qgraph. It must be small where a simulator does not truncate."""
    exact = runs["qgraph"]
    for who, run in runs.items():
        if who == "qgraph" or "value" not in run or "value" not in exact:
            continue
        run["apart"] = abs(run["value"] - exact["value"]) / abs(exact["value"])
        wrong = run["apart"] > TOLERANCE
        if "slopes" in run and "slopes" in exact:
            ours, theirs = np.array(exact["slopes"]), np.array(run["slopes"])
            run["slopes_apart"] = float(abs(ours - theirs).max() / abs(ours).max())
            wrong |= run["slopes_apart"] > SLOPES
        if wrong and not run.get("truncates"):
            disagreements.append(f"light cones, {name}, depth {depth}: {who} by {run['apart']:.1e}")
            for key in ("seconds", "gradient"):
                run.pop(key, None)


def _show(run: Answer) -> str:
    seconds: Callable[[str], Any] = lambda key: f"{run[key]:.3g} s" if key in run else "-"  # noqa: E731
    return f"{seconds('planning')}, {seconds('seconds')}, {seconds('gradient')} {run.get('stopped', '')}"
