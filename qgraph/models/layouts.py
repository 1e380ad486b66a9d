"""Where to draw the nodes of a graph that has no coordinates.

Every layout fills a box and keeps a least distance between nodes. Connected parts stand side by side.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Literal, get_args

import numpy as np

from qgraph.base.checks import require, require_number, require_whole
from qgraph.base.fields import as_name
from qgraph.base.typing import Flags, Integers, Reals, Sparse
from qgraph.models.graph_record import Node

Layout = Literal["auto", "stress", "spring", "circular", "grid", "kamada_kawai"]
KINDS = get_args(Layout)[:-1]  # "kamada_kawai" is another name of "stress"
ASPECT = 4 / 3

LEAST = 0.35  # the least distance of two nodes, in units of sqrt(area of the box / nodes)
GAP = 0.8  # between connected parts, in the same units
MOST_AUTO_STRESS = 300  # nodes; stress takes a second there, and grows with the cube
MOST_STRESS = 1000
MOST_SPRINGS = 10_000  # nodes; more stay where pivots place them
PAIRS_OF_SPRINGS = 4e8  # pairs of nodes times iterations: a second or two
PIVOTS = 50
ROUNDS = 500  # of pushing nodes apart
FLAT = 0.1  # short side / long side
LONG = 20  # nodes on a line that bends to more than half an ellipse


def layout(
    ids: Sequence[str], pairs: Integers, *, kind: Layout = "auto", aspect: float = ASPECT, seed: int = 0
) -> dict[str, tuple[float, float]]:
    """Coordinates for each node: x in [-aspect, aspect] and y in [-1, 1].

    - "stress": distances in the drawing are like those in the graph (Kamada, Kawai, Inf. Process. Lett. 31,
      1989). Above 1000 nodes "spring" takes its place. "kamada_kawai" is another name.
    - "spring": neighbours attract, all nodes repel (Fruchterman, Reingold, Softw. Pract. Exp. 21, 1991). It
      starts from pivots (Brandes, Pich, GD 2006). Above 10,000 nodes it ends there.
    - "circular": on an ellipse, in the order of nodes. "grid": in rows, in the order of nodes.
    - "auto": "stress" for connected parts of at most 300 nodes, else "spring".

    Except for "circular", two of n <= 100 nodes are at least 0.35 sqrt(4 aspect / n) apart, and in larger
    graphs mostly. Complete graphs stand on an ellipse. The same arguments give the same places. Raises
    `InvalidInput`.

    >>> layout(["a", "b", "c", "d"], np.array([[0, 1]]), kind="grid", aspect=1.5)["d"]
    (1.5, -1.0)
    """
    require_whole("seed", seed, 0, 2**32 - 1)
    require(kind in get_args(Layout), "kind", f"must be one of {', '.join(get_args(Layout))}", kind)
    wide, n = require_number("aspect", aspect, 0.1, 10), len(ids)
    if kind == "circular" or n < 2:
        places = _circle(n) * (wide, 1.0)
    elif kind == "grid":
        places = _rows(n, wide)
    else:
        box, spacing = np.array([wide, 1.0]), math.sqrt(4 * wide / n)
        places = np.zeros((n, 2))
        for members, middle, half in _boxes(_parts(n, pairs), np.zeros(2), box):
            inner = np.maximum(half - (half < box) * GAP / 2 * spacing, half / 2)
            places[members] = middle + _part(members, pairs, kind, inner, seed)
        places = apart(_stretched(places, box), LEAST * spacing, box)
    return {name: (float(x), float(y)) for name, (x, y) in zip(ids, places.round(12), strict=True)}


def completed(
    ids: Sequence[str], pairs: Integers, own: Mapping[str, tuple[float, float]]
) -> dict[str, tuple[float, float]]:
    """Coordinates for each node: its own, or a place near its neighbours; without any, in a row below.

    >>> completed(["a", "b", "c"], np.array([[0, 2], [1, 2]]), {"a": (0.0, 0.0), "b": (4.0, 2.0)})["c"]
    (2.0, 1.0)
    """
    places, free = np.zeros((len(ids), 2)), np.array([name not in own for name in ids])
    places[~free] = [own[name] for name in ids if name in own]
    size = np.ptp(places[~free], axis=0)
    spacing = math.sqrt(max(size.prod(), size.max() ** 2 / 4) / len(ids)) or 1.0
    both, placed = np.concatenate([pairs, pairs[:, ::-1]]), ~free
    while (reached := both[placed[both[:, 0]] & ~placed[both[:, 1]]]).size:
        for node in np.unique(reached[:, 1]):
            places[node] = places[reached[reached[:, 1] == node, 0]].mean(axis=0)
        placed[reached[:, 1]] = True
    row = np.arange(np.count_nonzero(~placed))[:, None] * (spacing, 0.0)
    places[~placed] = row + places[placed].min(axis=0) - (0.0, spacing)
    places = apart(places, LEAST * spacing, free=free)
    return {name: own.get(name) or (float(x), float(y)) for name, (x, y) in zip(ids, places, strict=True)}


def apart(places: Reals, least: float, box: Reals | None = None, *, free: Flags | None = None) -> Reals:
    """The places, pushed apart until none is closer than `least` to another; inside [-box, box], if given.

    Places that are far from all others stay, and so do all that are not `free`.

    >>> apart(np.array([[0.0, 0.0], [0.2, 0.0], [5.0, 5.0]]), 1.0).round(1).tolist()
    [[-0.4, 0.0], [0.6, 0.0], [5.0, 5.0]]
    """
    from scipy.spatial import KDTree

    places = places.copy()
    for _ in range(min(ROUNDS, 1 + 10**6 // max(len(places), 1))):
        close = KDTree(places).query_pairs(least, output_type="ndarray")
        close = close if free is None else close[free[close].any(axis=1)]
        if not len(close):
            break
        i, j = close.T
        between = places[j] - places[i]
        far = np.hypot(*between.T)
        turns = np.stack([np.cos(i + 2.0 * j), np.sin(i + 2.0 * j)], axis=1)  # for places that coincide
        ways = np.where(far[:, None] > 1e-9 * least, between / np.maximum(far, 1e-300)[:, None], turns)
        pushes = ways * (1.0001 * least - far)[:, None]
        mobile = 1.0 * free if free is not None else np.ones(len(places))
        shares = mobile[close] / np.maximum(mobile[close].sum(axis=1, keepdims=True), 1.0)
        np.add.at(places, i, -pushes * shares[:, :1])
        np.add.at(places, j, pushes * shares[:, 1:])
        if box is not None:
            places = places.clip(-box, box)
    return places


def _circle(n: int) -> Reals:
    angles = math.tau * np.arange(n) / max(n, 1)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)


def _rows(n: int, wide: float, high: float = 1.0) -> Reals:
    """Rows from the top, in a box from (-wide, -high) to (wide, high)."""
    columns = min(max(round(math.sqrt(n * wide / high)), 1), n)
    rows = -(-n // columns)
    r, c = np.divmod(np.arange(n), columns)
    x = 2.0 * c / (columns - 1) - 1.0 if columns > 1 else np.zeros(n)
    y = 1.0 - 2.0 * r / (rows - 1) if rows > 1 else np.zeros(n)
    return np.stack([wide * x, high * y], axis=1)


def _adjacency(n: int, pairs: Integers) -> Sparse:
    from scipy.sparse import csr_array

    return csr_array((np.ones(2 * len(pairs)), np.concatenate([pairs, pairs[:, ::-1]]).T), shape=(n, n))


def _parts(n: int, pairs: Integers) -> list[Integers]:
    """Connected parts, the largest first; all nodes without edges are one part, the last."""
    from scipy.sparse.csgraph import connected_components

    count, part_of = connected_components(_adjacency(n, pairs), directed=False)
    sizes = np.bincount(part_of, minlength=count)
    by_part = np.split(np.argsort(part_of, kind="stable"), np.cumsum(sizes)[:-1])
    parts = sorted((part for part in by_part if len(part) > 1), key=len, reverse=True)
    alone = np.flatnonzero(sizes[part_of] == 1)
    return parts + [alone] * bool(len(alone))


def _boxes(parts: list[Integers], middle: Reals, half: Reals) -> list[tuple[Integers, Reals, Reals]]:
    """A box for each part, with an area like its number of nodes: its middle, and half its sides."""
    if len(parts) == 1:
        return [(parts[0], middle, half)]
    sums = np.cumsum([len(part) for part in parts])
    cut = int(np.abs(2 * sums[:-1] - sums[-1]).argmin()) + 1
    share, along = sums[cut - 1] / sums[-1], np.array([half[0] >= half[1], half[0] < half[1]])
    first, second = (half * np.where(along, size, 1.0) for size in (share, 1.0 - share))
    sign = np.array([1.0, -1.0])  # the first part stands to the left, or above
    return [
        *_boxes(parts[:cut], middle - sign * along * (half - first), first),
        *_boxes(parts[cut:], middle + sign * along * (half - second), second),
    ]


def _part(members: Integers, pairs: Integers, kind: str, half: Reals, seed: int) -> Reals:
    """A connected part, or nodes without edges, in the box [-half, half]."""
    n = len(members)
    number = {node: i for i, node in enumerate(members.tolist())}
    inside = [(number[a], number[b]) for a, b in pairs.tolist() if a in number]
    if not inside:
        return _rows(n, *half)
    if n <= 3 or 2 * len(inside) == n * (n - 1):  # a complete graph
        return _stretched(_upright(_circle(n), half), half)
    start = _by_pivots(_adjacency(n, np.array(inside)))
    start += np.random.default_rng(seed).normal(scale=0.01, size=start.shape)  # twins must not coincide
    most = MOST_AUTO_STRESS if kind == "auto" else 0 if kind == "spring" else MOST_STRESS
    if n <= most:
        places = _by_stress(n, inside, start)
    else:
        places = _by_springs(n, inside, start, seed) if n <= MOST_SPRINGS else start
    return _stretched(_upright(places, half), half)


def _by_pivots(adjacency: Sparse) -> Reals:
    """Classical scaling of the distances to a few nodes, each far from those before it, in [-1, 1]."""
    from scipy.sparse.csgraph import dijkstra

    nearest, far, pivot = np.full(adjacency.shape[0], np.inf), [], 0
    for _ in range(min(PIVOTS, adjacency.shape[0])):
        far.append(dijkstra(adjacency, unweighted=True, indices=pivot))
        nearest = np.minimum(nearest, far[-1])
        pivot = int(nearest.argmax())
    centred = np.array(far) ** 2
    centred -= centred.mean(axis=0) + centred.mean(axis=1, keepdims=True) - centred.mean()
    axes = np.linalg.eigh(centred @ centred.T)[1][:, :-3:-1]
    places = centred.T @ (axes * np.sign(axes.sum(axis=0) + 1e-12))
    return np.asarray(places / np.abs(places).max())


def _by_stress(n: int, pairs: list[tuple[int, int]], start: Reals) -> Reals:
    import networkx as nx

    graph = nx.empty_graph(n)
    graph.add_edges_from(pairs)
    places = nx.kamada_kawai_layout(graph, pos=dict(enumerate(start)))
    return np.array([places[i] for i in range(n)])


def _by_springs(n: int, pairs: list[tuple[int, int]], start: Reals, seed: int) -> Reals:
    import rustworkx as rx

    graph: Any = rx.PyGraph()
    graph.add_nodes_from(range(n))
    graph.add_edges_from_no_data(pairs)
    rounds = int(np.clip(PAIRS_OF_SPRINGS / n**2, 5, 100))
    places = rx.spring_layout(graph, pos=dict(enumerate(start.tolist())), num_iter=rounds, seed=seed)
    return np.array([places[i] for i in range(n)])


def _upright(places: Reals, half: Reals) -> Reals:
    """Turned into the smallest bounding box, its long side along that of `half`; a line becomes an arc."""

    def turned(angle: float) -> Reals:
        c, s = math.cos(angle), math.sin(angle)
        return np.asarray(places @ np.array([[c, s], [-s, c]]))

    turns = np.linspace(0.0, math.pi / 2, 90, endpoint=False).tolist()
    places = turned(min(turns, key=lambda angle: float(np.ptp(turned(angle), axis=0).prod())))
    size = np.ptp(places, axis=0)
    if (size[0] < size[1]) != (half[0] < half[1]):
        places, size = places[:, ::-1], size[::-1]
    places = places - places.min(axis=0)
    across = int(size.argmax())
    if size[1 - across] < FLAT * size[across]:
        span = math.pi if len(places) <= LONG else 1.7 * math.pi
        angles = span * (places[:, across] / size[across] - 0.5)
        places[:, 1 - across] += size[across] * np.cos(angles)
        places[:, across] = size[across] * np.sin(angles)
        places -= places.min(axis=0)
    to_the_right, low = places[0] > np.ptp(places, axis=0) / 2  # the first node stands to the left, above
    return np.asarray(places * (-1.0 if to_the_right else 1.0, 1.0 if low else -1.0))


def _stretched(places: Reals, half: Reals) -> Reals:
    """Moved and stretched into the box [-half, half], which they fill."""
    low, high = places.min(axis=0), places.max(axis=0)
    size = np.where(high - low > 1e-9, high - low, np.inf)
    return np.asarray((2 * (places - low) / size - (size < np.inf)) * half)


def moved(nodes: Sequence[Node], positions: Mapping[str, tuple[float, float]]) -> list[Node | dict[str, Any]]:
    """The nodes at their new places; those that `positions` does not name stay as they are."""
    places = {as_name(name): place for name, place in positions.items()}
    unknown = list(places.keys() - {node.id for node in nodes})
    require(not unknown, "positions", "must name nodes of the graph", unknown[:1])
    new: dict[object, dict[str, Any]] = {}
    for name, place in places.items():
        fits = isinstance(place, (tuple, list, np.ndarray)) and len(place) == 2
        require(fits, f"positions[{name!r}]", "must be (x, y)", place)
        new[name] = {"x": place[0], "y": place[1]}
    return [{"id": n.id, "label": n.label, **new[n.id]} if n.id in new else n for n in nodes]
