"""Light cones: the nodes that the expectation of one term of C depends on, and which cones are isomorphic.

In the Heisenberg picture a term evolves back layer by layer (Farhi, Goldstone, Gutmann, arXiv:1411.4028,
section III). After p layers it acts on the nodes within distance p. A phase only matters on nodes that were
reached before, so couplings between two nodes at distance p, and fields there, drop out.

Many terms are searched at once, in arrays. Each of the `ends`, int64[m, 2], has the two nodes of a term, or
the only one twice.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from operator import eq
from typing import Any, NamedTuple

import numpy as np

from qgraph.base.typing import Flags, Integers
from qgraph.problems.couplings import by_rows
from qgraph.problems.ising import Ising
from qgraph.simulation.deadline import check

Rows = list[dict[int, float]]


@dataclass(frozen=True)
class Cone:
    """A term's neighbourhood: nodes in order of distance, the one or two nodes of the term first.

    `levels[k]` is the number of layers that act on node k: the depth less its distance.
    """

    levels: tuple[int, ...]
    roots: int
    h: tuple[float, ...]
    couplings: tuple[tuple[int, int, float], ...]

    @property
    def qubits(self) -> int:
        """The number of nodes."""
        return len(self.levels)

    @cached_property
    def structure(self) -> object:
        """The cone without its values: cones of equal structure are simulated in the same way."""
        fields = tuple(field != 0 for field in self.h)
        return self.levels, self.roots, fields, tuple((i, j) for i, j, _ in self.couplings)

    @cached_property
    def rows(self) -> Rows:
        """The neighbours of each node, and how strongly it is coupled to them."""
        rows: Rows = [{} for _ in range(self.qubits)]
        for i, j, coupling in self.couplings:
            rows[i][j] = rows[j][i] = coupling
        return rows


def cut_out(ising: Ising, rows: Rows, roots: tuple[int, ...], depth: int) -> Cone:
    """The cone of a term, with the fields and couplings that act on it."""
    distance = dict.fromkeys(roots, 0)
    for node, near in (queue := [(root, 0) for root in roots]):
        for other in rows[node] if near < depth else ():
            if other not in distance:
                distance[other] = near + 1
                queue.append((other, near + 1))
    place = {node: k for k, node in enumerate(distance)}
    couplings = [
        (place[node], place[other], coupling)
        for node, near in distance.items()
        if near < depth
        for other, coupling in rows[node].items()
        if place[node] < place[other]
    ]
    h = tuple(float(ising.h[node]) if near < depth else 0.0 for node, near in distance.items())
    levels = tuple(depth - near for near in distance.values())
    return Cone(levels, len(roots), h, tuple(couplings))


class Adjacency:
    """The couplings of an Ising model that are not 0, by nodes, each in both directions.

    Direction e leads from node `here[e]` to `there[e]`, `back[e]` from there to here. Those from node v are
    `starts[v]` up to `starts[v + 1]`. `J` and `h` are numbers for the couplings and the fields, equal for
    equal ones.
    """

    def __init__(self, ising: Ising) -> None:
        some = ising.J != 0
        self.n = len(ising.nodes)
        self.starts, self.there, self.couplings = by_rows(ising.pairs[some], ising.J[some], self.n)
        self.degrees = np.diff(self.starts)
        self.here = np.repeat(np.arange(self.n), self.degrees)
        self.back = np.argsort(self.there * self.n + self.here)
        self.fields, self.h = np.unique(ising.h, return_inverse=True)
        self.J = np.unique(self.couplings, return_inverse=True)[1]

    def around(self, nodes: Integers) -> Integers:
        """The directions from each of these nodes, one node after another."""
        return ranges(self.starts[nodes], self.degrees[nodes])


def ranges(starts: Integers, lengths: Integers) -> Integers:
    """Whole numbers in ascending order from each start."""
    ends = np.cumsum(lengths)
    return np.repeat(starts - ends + lengths, lengths) + np.arange(ends[-1] if len(ends) else 0)


def names_of(lengths: Integers, entries: Integers, heads: Integers, names: dict[bytes, int]) -> Integers:
    """A number for each row of `entries` with its head; the same for equal rows, here and in later calls."""
    starts = np.concatenate([[0], np.cumsum(lengths)])
    data = np.insert(entries, starts[:-1], heads).tobytes()
    cuts = (8 * (starts + np.arange(len(starts)))).tolist()
    found = [names.setdefault(data[a:b], len(names)) for a, b in pairwise(cuts)]
    return np.array(found, dtype=np.int64)


class Reach(NamedTuple):
    """The nodes of cones: `keys` are the number of the term times n plus the node, in ascending order."""

    keys: Integers
    distances: Integers
    trees: Flags  # of each term


def reach(adjacency: Adjacency, ends: Integers, depth: int) -> Reach:
    """The nodes within `depth` of each term, and which cones are trees."""
    n, inner = adjacency.n, np.zeros(0, dtype=np.int64)
    ring = _distinct(inner, (np.arange(len(ends))[:, None] * n + ends).reshape(-1))
    rings = [ring]
    while len(ring) and len(rings) <= depth:
        term, node = np.divmod(ring, n)
        others = adjacency.there[adjacency.around(node)] + np.repeat(term * n, adjacency.degrees[node])
        inner, ring = ring, _distinct(np.concatenate([inner, ring]), others)
        rings.append(ring)
    keys = np.concatenate(rings)
    distances = np.repeat(np.arange(len(rings)), [len(ring) for ring in rings])
    # A tree has one coupling less than nodes, and so has its part within depth - 1: the couplings that the
    # degrees of that part count twice.
    term, node = np.divmod(keys, n)
    surplus = np.where(distances < depth, adjacency.degrees[node] - 2, -1)
    trees = np.bincount(term, surplus, len(ends)) == -2
    order = np.argsort(keys)
    return Reach(keys[order], distances[order], trees)


def _distinct(known: Integers, keys: Integers) -> Integers:
    """Keys that are not known, once each, in ascending order."""
    both = np.sort(np.concatenate([2 * known, 2 * keys + 1]))
    first = np.diff(both >> 1, prepend=-1) != 0
    new: Integers = both[first & (both % 2 == 1)] >> 1
    return new


@dataclass
class Kinds:
    """Cones by isomorphism: the same graph with the same distances, fields and couplings, to the last bit."""

    adjacency: Adjacency
    depth: int
    count: int = 0
    _buckets: dict[bytes, list[tuple[int, Any]]] = field(default_factory=dict)
    _names: dict[bytes, int] = field(default_factory=dict)

    def add(self, keys: Integers, distances: Integers, ends: Integers) -> list[int]:
        """The number of the kind of each cone, with nodes as in `Reach`. Terms without nodes have none."""
        links, colours, cone, firm = self._refined(keys, distances, ends)
        order, terms = np.lexsort((colours, cone)), np.arange(len(ends) + 1)
        cuts, numbers = np.searchsorted(cone, terms).tolist(), []
        inner = np.searchsorted(cone[links[0]], terms).tolist()
        for k in np.unique(cone).tolist():
            check()
            part = slice(*cuts[k : k + 2])
            graph = None if firm[k] else _graph(colours[part], links[:, slice(*inner[k : k + 2])], part.start)
            bucket = self._buckets.setdefault(colours[order[part]].tobytes(), [])
            number = next((number for number, other in bucket if firm[k] or _isomorphic(graph, other)), None)
            if number is None:
                number, self.count = self.count, self.count + 1
                bucket.append((number, graph))
            numbers.append(number)
        return numbers

    def _refined(
        self, keys: Integers, distances: Integers, ends: Integers
    ) -> tuple[Integers, Integers, Integers, Flags]:
        """Colour refinement of each cone until its number of colours no longer grows.

        Returns the links int64[3, k] (two places in `keys`, and the number of the coupling), the colour and
        the cone of each place, and for each cone whether equal colours prove that it is isomorphic.
        """
        net = self.adjacency
        cone, node = np.divmod(keys, net.n)
        size = np.bincount(cone, minlength=len(ends))
        links = self._links(keys, distances, cone, node)
        # Colours tell trees apart. They do it with as many colours as nodes, too: each node has one
        # counterpart, with the same neighbours. And with one cycle: the term is on it, or all ways to it end
        # at one node of it. From there on, the colours of two nodes in a row tell the next one.
        cycles = np.bincount(cone[links[0]], minlength=len(ends)) // 2 - size + 1
        root = (node == ends[cone, 0]) | (node == ends[cone, 1])
        heads = np.where(distances < self.depth, net.h[node], -1)
        colours = names_of(np.ones_like(cone), -1 - 2 * distances - root, heads, self._names)
        counts, todo = np.zeros_like(size), np.arange(len(cone))
        while len(todo):
            check()
            ordered = np.sort(cone[todo] * len(self._names) + colours[todo])
            found = ordered[np.diff(ordered, prepend=-1) != 0] // len(self._names)
            now = np.bincount(found, minlength=len(ends))
            grows = now > counts
            counts = np.maximum(now, counts)
            todo = todo[grows[cone[todo]]]
            a, b, J = links[:, grows[cone[links[0]]]]
            near = J << 32 | colours[b]
            near = near[np.lexsort((near, a))]
            lengths = np.bincount(a, minlength=len(cone))[todo]
            colours[todo] = names_of(lengths, near, colours[todo], self._names)
        return links, colours, cone, (counts == size) | (cycles < 2)

    def _links(self, keys: Integers, distances: Integers, cone: Integers, node: Integers) -> Integers:
        """The couplings within the cones, in both directions."""
        net = self.adjacency
        near = net.around(node)
        a = np.repeat(np.arange(len(keys)), net.degrees[node])
        wanted = cone[a] * net.n + net.there[near]
        b = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
        acts = (keys[b] == wanted) & (np.minimum(distances[a], distances[b]) < self.depth)
        return np.stack([a, b, net.J[near]])[:, acts]


def _graph(colours: Integers, links: Integers, first: int) -> Any:
    """A cone as a graph: its first node is the place `first` of the links."""
    import rustworkx as rx

    graph = rx.PyGraph[int, int]()
    graph.add_nodes_from(colours.tolist())
    graph.add_edges_from([(a - first, b - first, J) for a, b, J in links.T.tolist() if a < b])
    return graph


def _isomorphic(graph: Any, other: Any) -> bool:
    """Whether two cones of equal colours are isomorphic: refinement alone does not separate all graphs."""
    import rustworkx as rx

    return bool(rx.is_isomorphic(graph, other, node_matcher=eq, edge_matcher=eq))
