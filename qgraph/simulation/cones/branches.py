"""Branches of trees: a node with all nodes behind it, seen from a term of C. Equal branches count once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import numpy as np

from qgraph.base.typing import Reals
from qgraph.simulation.cones.find import Rows
from qgraph.simulation.cones.trees import Level, TreeTerms

Branch = tuple[float, tuple[int, ...]]


class Branches:
    """The different branches by level; terms add those that they need."""

    def __init__(self, rows: Rows, h: Reals, depth: int) -> None:
        self.rows, self.h, self.depth = rows, h.tolist(), depth
        self._kinds: list[dict[Branch, int]] = [{} for _ in range(depth + 1)]
        self._legs: list[dict[tuple[float, int], int]] = [{} for _ in range(depth + 1)]
        self._known: list[dict[tuple[int, int], int]] = [{} for _ in range(depth + 1)]
        self._sizes: list[list[int]] = [[1], *([] for _ in range(depth))]

    def find(self, level: int, node: int, parent: int = -1) -> int:
        """The number of the branch at `node`, seen from `parent`, on which `level` layers act."""
        if level == 0:
            return 0
        known = self._known[level]
        kind = known.get((node, parent))
        if kind is None:
            legs, kinds, size, mine = self._legs[level], self._kinds[level], 1, []
            for other, coupling in self.rows[node].items():
                if other != parent:
                    below = self.find(level - 1, other, node)
                    mine.append(legs.setdefault((coupling, below), len(legs)))
                    size += self._sizes[level - 1][below]
            kind = known[node, parent] = kinds.setdefault((self.h[node], tuple(sorted(mine))), len(kinds))
            if kind == len(self._sizes[level]):
                self._sizes[level].append(size)
        return kind

    def terms(self, terms: Iterable[tuple[tuple[int, ...], float]]) -> TreeTerms:
        """Terms of C, given as one or two nodes and a coefficient, with equal ones added up."""
        singles: dict[int, float] = {}
        pairs: dict[tuple[int, int, float], float] = {}
        for nodes, weight in terms:
            if len(nodes) == 1:
                kind = self.find(self.depth, nodes[0])
                singles[kind] = singles.get(kind, 0.0) + weight
            else:
                first, second = (self.find(self.depth, *ends) for ends in (nodes, nodes[::-1]))
                key = min(first, second), max(first, second), weight
                pairs[key] = pairs.get(key, 0.0) + weight
        sizes = self._sizes[self.depth]
        alone, joined = [sizes[kind] for kind in singles], [sizes[a] + sizes[b] for a, b, _ in pairs]
        return TreeTerms(
            levels=self.levels(),
            singles=np.array([*singles], dtype=np.int64),
            fields=np.array([*singles.values()]),
            pairs=np.array([key[:2] for key in pairs], dtype=np.int64).reshape(-1, 2),
            J=np.array([key[2] for key in pairs]),
            weights=np.array([*pairs.values()]),
            largest=max([*alone, *joined], default=0),
        )

    def levels(self) -> list[Level]:
        """All branches, as arrays."""
        found = [Level(np.zeros(1), np.zeros(0), np.zeros(0, dtype=np.int64), [])]
        for kinds, legs in zip(self._kinds[1:], self._legs[1:], strict=True):
            rounds: dict[int, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
            for kind, (_, mine) in enumerate(kinds):
                for number, leg in enumerate(mine):
                    rounds[number][0].append(kind)
                    rounds[number][1].append(leg)
            h = np.array([h for h, _ in kinds], dtype=np.float64)
            J = np.array([J for J, _ in legs], dtype=np.float64)
            below = np.array([kind for _, kind in legs], dtype=np.int64)
            found.append(Level(h, J, below, [(np.array(a), np.array(b)) for a, b in rounds.values()]))
        return found
