"""Edge lists of the usual families of graphs, on nodes 0, 1, ..., n - 1."""

from __future__ import annotations

import itertools
from typing import Literal

import numpy as np

from qgraph.errors import require, require_seed, require_whole

LARGEST_GRAPH = 1_000_000
LARGEST_COMPLETE = 3000

Pairs = list[tuple[int, int]]


def ring(n: int) -> Pairs:
    """The cycle on `n >= 3` nodes."""
    require_whole("n", n, 3, LARGEST_GRAPH)
    return [(i, (i + 1) % n) for i in range(n)]


def complete(n: int) -> Pairs:
    """All pairs of `n >= 1` nodes."""
    require_whole("n", n, 1, LARGEST_COMPLETE)
    return list(itertools.combinations(range(n), 2))


def grid(rows: int, columns: int, *, periodic: bool) -> Pairs:
    """The square lattice; node `r * columns + c` is at row r, column c."""
    least = 3 if periodic else 1
    require_whole("rows", rows, least, LARGEST_GRAPH)
    require_whole("columns", columns, least, LARGEST_GRAPH)
    require_whole("rows * columns", rows * columns, 1, LARGEST_GRAPH)
    edges = []
    for r, c in itertools.product(range(rows), range(columns)):
        if c + 1 < columns or periodic:
            edges.append((r * columns + c, r * columns + (c + 1) % columns))
        if r + 1 < rows or periodic:
            edges.append((r * columns + c, (r + 1) % rows * columns + c))
    return edges


def random_regular(degree: int, n: int, seed: int) -> Pairs:
    """A random simple regular graph (networkx: Steger and Wormald's algorithm)."""
    require_whole("n", n, 1, LARGEST_GRAPH)
    require_whole("degree", degree, 0, LARGEST_GRAPH)
    require(degree < n, "degree", f"must be below n = {n}", degree)
    require(degree * n % 2 == 0, "degree", f"times n = {n} must be even", degree)
    import networkx as nx

    require_seed(seed)
    graph = nx.random_regular_graph(degree, n, seed=np.random.default_rng(seed))
    return sorted((min(edge), max(edge)) for edge in graph.edges)


def erdos_renyi(n: int, probability: float, seed: int) -> Pairs:
    """Each pair of nodes independently with `probability` (Gilbert's G(n, p))."""
    require_whole("n", n, 1, LARGEST_GRAPH)
    real = isinstance(probability, (int, float, np.number)) and not isinstance(probability, bool)
    require(real and 0 <= probability <= 1, "probability", "must lie between 0 and 1", probability)
    expected = probability * n * (n - 1) / 2
    require(expected <= 5e6, "probability", "must give at most 5 million edges on average", probability)
    import networkx as nx

    require_seed(seed)
    graph = nx.fast_gnp_random_graph(n, probability, seed=np.random.default_rng(seed))
    return sorted((min(edge), max(edge)) for edge in graph.edges)


def road_network(
    n: int, seed: int
) -> tuple[list[tuple[float, float]], list[tuple[int, int, float, Literal["low", "medium", "high"]]]]:
    """Places in a square of 10 km and their Gabriel graph (planar, connected) as roads with traffic."""
    require_seed(seed)
    rng = np.random.default_rng(seed)
    places = rng.uniform(0.0, 10.0, size=(n, 2)).round(2)
    while n > 1 and len(np.unique(places, axis=0)) < n:
        places = rng.uniform(0.0, 10.0, size=(n, 2)).round(2)
    squared = ((places[:, None] - places[None, :]) ** 2).sum(axis=2)
    roads: list[tuple[int, int, float, Literal["low", "medium", "high"]]] = []
    for i, j in itertools.combinations(range(n), 2):
        nearest = np.delete(squared[i] + squared[j], [i, j])
        if not (nearest < squared[i, j]).any():
            km = round(float(np.sqrt(squared[i, j])) * rng.uniform(1.0, 1.3), 2)
            roads.append((i, j, max(km, 0.01), str(rng.choice(["low", "medium", "high"], p=[0.5, 0.3, 0.2]))))  # type: ignore[arg-type]
    return [(float(x), float(y)) for x, y in places], roads
