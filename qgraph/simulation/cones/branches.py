"""Branches of trees: a node with all nodes behind it, seen from a term of C. Equal branches count once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from qgraph.base.typing import Integers, Reals
from qgraph.simulation.cones.find import Rows

Branch = tuple[float, tuple[int, ...]]


@dataclass
class Level:
    """The different branches of one level.

    Branch k has field `h[k]`. Leg l couples the top node of a branch by `J[l]` to that of branch `below[l]`,
    one level lower. Each of the `rounds` lists branches and one leg of each, so that no branch repeats.
    """

    h: Reals
    J: Reals
    below: Integers
    rounds: list[tuple[Integers, Integers]]

    def __len__(self) -> int:
        return len(self.h)


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

    def terms(self, terms: Iterable[tuple[tuple[int, ...], float]]) -> TreeCones:
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
        return TreeCones(
            levels=self.levels(),
            singles=np.array([*singles], dtype=np.int64),
            fields=np.array([*singles.values()]),
            pairs=np.array([key[:2] for key in pairs], dtype=np.int64).reshape(-1, 2),
            J=np.array([key[2] for key in pairs]),
            weights=np.array([*pairs.values()]),
            largest=max(
                [*(sizes[kind] for kind in singles), *(sizes[a] + sizes[b] for a, b, _ in pairs)], default=0
            ),
        )

    def levels(self) -> list[Level]:
        """All branches, as arrays."""
        found = [Level(np.zeros(1), np.zeros(0), np.zeros(0, dtype=np.int64), [])]
        for kinds, legs in zip(self._kinds[1:], self._legs[1:], strict=True):
            rounds: list[tuple[list[int], list[int]]] = []
            for kind, (_, mine) in enumerate(kinds):
                for number, leg in enumerate(mine):
                    if number == len(rounds):
                        rounds.append(([], []))
                    rounds[number][0].append(kind)
                    rounds[number][1].append(leg)
            found.append(
                Level(
                    np.array([h for h, _ in kinds], dtype=np.float64),
                    np.array([J for J, _ in legs], dtype=np.float64),
                    np.array([below for _, below in legs], dtype=np.int64),
                    [(np.array(owners), np.array(its)) for owners, its in rounds],
                )
            )
        return found


@dataclass
class TreeCones:
    """Terms on tree cones: `fields` times <Z> of a branch, `weights` times <Z Z> of two coupled by `J`."""

    levels: list[Level]
    singles: Integers  # [k]
    fields: Reals
    pairs: Integers  # [m, 2]
    J: Reals
    weights: Reals
    largest: int  # nodes of the largest cone

    @property
    def count(self) -> int:
        """The number of different terms."""
        return len(self.fields) + len(self.J)

    @property
    def amplitudes(self) -> int:
        """The number of amplitudes in all messages."""
        return sum(
            (len(level.J) + 2 * len(level) + sum(len(its) for _, its in level.rounds)) * 4**t
            for t, level in enumerate(self.levels)
        )

    @property
    def steps(self) -> int:
        """The number of operations on amplitudes."""
        p = len(self.levels) - 1
        work = sum(2 * t * len(level.J) * 4**t for t, level in enumerate(self.levels))
        return int(work + 2 * p * len(self.pairs) * 4**p)
