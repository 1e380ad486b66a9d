"""Kinds of branches of trees: what hangs below a node, seen from a term of C, each kind once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from qgraph.base.typing import Integers, Reals
from qgraph.simulation.cones.find import Rows

Branch = tuple[float, tuple[int, ...]]


@dataclass
class Level:
    """The branches of one level: nodes with all that hangs below them, each kind once.

    Branch k has field `h[k]` and the legs `entries[1][entries[0] == k]`; leg l couples its node by `J[l]` to
    the branch `below[l]` of the level underneath. Entries are in rounds of at most one leg per branch.
    """

    h: Reals
    J: Reals
    below: Integers
    rounds: list[tuple[Integers, Integers]]

    def __len__(self) -> int:
        return len(self.h)


class Branches:
    """Kinds of branches by level, found as terms ask for them."""

    def __init__(self, rows: Rows, h: Reals, depth: int) -> None:
        self.rows, self.h, self.depth = rows, h.tolist(), depth
        self._kinds: list[dict[Branch, int]] = [{} for _ in range(depth + 1)]
        self._legs: list[dict[tuple[float, int], int]] = [{} for _ in range(depth + 1)]
        self._known: list[dict[tuple[int, int], int]] = [{} for _ in range(depth + 1)]
        self._sizes: list[list[int]] = [[1], *([] for _ in range(depth))]

    def find(self, level: int, node: int, parent: int = -1) -> int:
        """The kind of the branch at `node`, seen from `parent`, on which `level` layers act."""
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

    def terms(self, terms: Iterable[tuple[tuple[int, ...], float]]) -> Joined:
        """Terms of C as nodes or pairs of nodes with their coefficients, the same ones once."""
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
        return Joined(
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
class Joined:
    """Terms on tree cones: `weights` times <Z> of a branch, or <Z Z> of two branches joined by `J`."""

    levels: list[Level]
    singles: Integers  # [k]
    fields: Reals
    pairs: Integers  # [m, 2]
    J: Reals
    weights: Reals
    largest: int  # nodes of the largest cone

    @property
    def count(self) -> int:
        """How many of them are different."""
        return len(self.fields) + len(self.J)

    @property
    def amplitudes(self) -> int:
        """How many numbers the messages have."""
        return sum(
            (len(level.J) + 2 * len(level) + sum(len(its) for _, its in level.rounds)) * 4**t
            for t, level in enumerate(self.levels)
        )

    @property
    def steps(self) -> int:
        """How often a number is worked on."""
        p = len(self.levels) - 1
        work = sum(2 * t * len(level.J) * 4**t for t, level in enumerate(self.levels))
        return int(work + 2 * p * len(self.pairs) * 4**p)
