"""Edges of common families of graphs, on nodes 0, 1, ..., n - 1, and random road networks."""

from __future__ import annotations

import itertools
from typing import Literal, get_args

import numpy as np

from qgraph.base.checks import require, require_number, require_seed, require_whole
from qgraph.base.typing import Flags, Reals

LARGEST_GRAPH = 1_000_000
LARGEST_COMPLETE = 3000
MOST_DRAWN_AGAIN = 1001  # places all drawn again if two coincide; of more, some always coincide
FEWEST_TRIANGULATED = 50  # fewer may all lie on a line
GRID = 100  # places have two decimals

Pairs = list[tuple[int, int]]
Traffic = Literal["low", "medium", "high"]


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
    expected = require_number("probability", probability, 0, 1) * n * (n - 1) / 2
    require(expected <= 5e6, "probability", "must give at most 5 million edges on average", probability)
    import networkx as nx

    require_seed(seed)
    graph = nx.fast_gnp_random_graph(n, probability, seed=np.random.default_rng(seed))
    return sorted((min(edge), max(edge)) for edge in graph.edges)


def road_network(
    n: int, seed: int
) -> tuple[list[tuple[float, float]], list[tuple[int, int, float, Traffic]]]:
    """Places in a square of 10 km and their Gabriel graph (planar, connected) as roads with traffic."""
    require_seed(seed)
    rng = np.random.default_rng(seed)
    places = rng.uniform(0.0, 10.0, size=(n, 2)).round(2)
    while (doubled := _doubled(places)).any():
        again = doubled if n > MOST_DRAWN_AGAIN else np.ones(n, dtype=bool)
        places[again] = rng.uniform(0.0, 10.0, size=(again.sum(), 2)).round(2)
    roads = []
    for i, j in _gabriel(places):
        straight = float(np.sqrt(((places[i] - places[j]) ** 2).sum()))
        km = round(straight * rng.uniform(1.0, 1.3), 2)
        roads.append((i, j, max(km, 0.01), get_args(Traffic)[rng.choice(3, p=[0.5, 0.3, 0.2])]))
    return [(float(x), float(y)) for x, y in places], roads


def _doubled(places: Reals) -> Flags:
    """Which places are equal to an earlier one."""
    doubled = np.ones(len(places), dtype=bool)
    doubled[np.unique(places, axis=0, return_index=True)[1]] = False
    return doubled


def _gabriel(places: Reals) -> Pairs:
    """Pairs of places whose circle (with the pair as diameter) contains no third place."""
    if len(places) < FEWEST_TRIANGULATED:
        pairs, inside = list(itertools.combinations(range(len(places)), 2)), None
    else:
        from scipy.spatial import KDTree

        pairs = _near_pairs(places)
        ends = places[np.array(pairs)]
        radii = np.hypot(*(ends[:, 0] - ends[:, 1]).T) / 2
        inside = KDTree(places).query_ball_point(ends.mean(axis=1), radii + 1e-6)
    edges = []
    for k, (i, j) in enumerate(pairs):
        others = places if inside is None else places[inside[k]]
        from_i, from_j = (((others - places[end]) ** 2).sum(axis=1) for end in (i, j))
        if not (from_i + from_j < ((places[i] - places[j]) ** 2).sum()).any():
            edges.append((i, j))
    return edges


def _near_pairs(places: Reals) -> Pairs:
    """Pairs that include all edges of the Gabriel graph: those of a Delaunay triangulation, and diameters.

    If four places lie on an empty circle, the triangulation has only one of the two diagonals. Both may be
    diameters of the circle, and then both are edges. Therefore every corner of a triangle is also paired with
    the opposite place on the circle of the triangle, if there is one. Places are on a grid of 0.01.
    """
    from scipy.spatial import Delaunay

    corners = Delaunay(places).simplices
    grid = np.rint(GRID * places).astype(np.int64)
    named = np.full((10 * GRID + 1,) * 2, -1)
    named[grid[:, 0], grid[:, 1]] = np.arange(len(places))
    a, b, c = (grid[corners[:, k]] for k in range(3))
    (bx, by), (cx, cy) = (b - a).T, (c - a).T
    b2, c2, area = bx * bx + by * by, cx * cx + cy * cy, bx * cy - by * cx
    with np.errstate(divide="ignore", invalid="ignore"):  # a flat triangle has no circle
        diameter = np.stack([cy * b2 - by * c2, bx * c2 - cx * b2], axis=1) / area[:, None]  # from a
    pairs = [corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [0, 2]]]
    for k, corner in enumerate((a, b, c)):
        opposite = np.rint(diameter - (corner - a)) + a
        found = ((opposite >= 0) & (opposite <= 10 * GRID)).all(axis=1)
        x, y = opposite[found].astype(np.int64).T
        pairs.append(np.stack([corners[found, k], named[x, y]], axis=1))
    together = np.sort(np.concatenate(pairs), axis=1)
    return [(i, j) for i, j in np.unique(together, axis=0).tolist() if i >= 0]
