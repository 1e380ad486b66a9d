"""Light cones: the nodes that the expectation of one term of C depends on, and which cones are isomorphic.

In the Heisenberg picture a term evolves back layer by layer (Farhi, Goldstone, Gutmann, arXiv:1411.4028,
section III). After p layers it acts on the nodes within distance p. A phase only matters on nodes that were
reached before, so couplings between two nodes at distance p, and fields there, drop out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from operator import eq
from typing import Any

from qgraph.problems.ising import Ising

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
        """The cone without its fields and couplings: cones of equal structure are simulated together."""
        return self.levels, self.roots, tuple((i, j) for i, j, _ in self.couplings)

    @cached_property
    def rows(self) -> Rows:
        """The neighbours of each node, and how strongly it is coupled to them."""
        return _rows(self.qubits, self.couplings)


def neighbours(ising: Ising) -> Rows:
    """The coupled nodes of each node, with their couplings."""
    return _rows(len(ising.nodes), zip(*ising.pairs.T.tolist(), ising.J.tolist(), strict=True))


def _rows(n: int, couplings: Iterable[tuple[int, int, float]]) -> Rows:
    rows: Rows = [{} for _ in range(n)]
    for i, j, coupling in couplings:
        if coupling != 0:
            rows[i][j] = rows[j][i] = coupling
    return rows


def reach(rows: Rows, roots: tuple[int, ...], depth: int) -> tuple[dict[int, int], bool]:
    """The distances of all nodes within `depth`, nearest first, and whether they form a tree."""
    distance = dict.fromkeys(roots, 0)
    ring, tree = list(roots), True
    for step in range(1, depth + 1):
        known = len(distance)
        new = []
        for node in ring:
            for other in rows[node]:
                if other not in distance:
                    distance[other] = step
                    new.append(other)
        came_from = len(ring) if known > 1 else 0  # edges back to the ring before; a single root has none
        tree = tree and len(new) == sum(len(rows[node]) for node in ring) - came_from
        ring = new
        if not ring:
            break
    return distance, tree


def cut_out(ising: Ising, rows: Rows, roots: tuple[int, ...], depth: int) -> Cone:
    """The cone of a term, with the fields and couplings that act on it."""
    distance, _ = reach(rows, roots, depth)
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


@dataclass
class Kinds:
    """Cones by isomorphism: the same graph with the same distances, fields and couplings, to the last bit."""

    found: list[Cone] = field(default_factory=list)
    _buckets: dict[tuple[int, ...], list[tuple[int, list[int]]]] = field(default_factory=dict)
    _names: dict[Any, int] = field(default_factory=dict)

    def add(self, cone: Cone) -> tuple[int, bool]:
        """The number of this cone's kind, and whether it is the first of it."""
        colours = self._refined(cone)
        bucket = self._buckets.setdefault(tuple(sorted(colours)), [])
        for number, others in bucket:
            if _isomorphic(cone, colours, self.found[number], others):
                return number, False
        bucket.append((len(self.found), colours))
        self.found.append(cone)
        return len(self.found) - 1, True

    def _refined(self, cone: Cone) -> list[int]:
        """Colours by colour refinement: equal surroundings have equal colours."""
        colours = [
            self._name((k < cone.roots, level, h))
            for k, (level, h) in enumerate(zip(cone.levels, cone.h, strict=True))
        ]
        count = 0
        while len(set(colours)) > count:
            count = len(set(colours))
            colours = [
                self._name((own, *sorted((coupling, colours[k]) for k, coupling in row.items())))
                for own, row in zip(colours, cone.rows, strict=True)
            ]
        return colours

    def _name(self, surroundings: Any) -> int:
        return self._names.setdefault(surroundings, len(self._names))


def _isomorphic(cone: Cone, colours: list[int], other: Cone, others: list[int]) -> bool:
    """Whether two cones of equal colours are isomorphic: refinement alone does not separate all graphs."""
    if len(set(colours)) == len(colours):
        return True  # each node has exactly one counterpart, with the same neighbours
    import rustworkx as rx

    graphs = rx.PyGraph[int, float](), rx.PyGraph[int, float]()
    for graph, its, one in zip(graphs, (colours, others), (cone, other), strict=True):
        graph.add_nodes_from(its)
        graph.add_edges_from(list(one.couplings))
    return rx.is_isomorphic(*graphs, node_matcher=eq, edge_matcher=eq)
