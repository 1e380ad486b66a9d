"""2-opt and or-opt for tiers of thousands of stops: only moves that connect a stop to a near stop."""

from __future__ import annotations

import numpy as np

from qgraph.base.typing import Integers, Reals
from qgraph.solvers.budget import Budget

NEAR = 10  # neighbours of a stop
LONGEST_KICKED = 50  # stops
AT_ONCE = 256  # stops whose moves are valued together
ROUNDING = 1e-12  # relative difference of times that differ only in the order of their sums
LENGTHS = np.array([1, 2, 3])  # of a segment that is moved, as in `local_search`


class NearMoves:
    """Moves in the positions `first` to `last - 1` of a path.

    There are eight moves for each step a -> b that they make: two ways to reverse a segment between a
    and b, segments that end at a and go before b, and segments that begin at b and go behind a.
    """

    def __init__(self, times: Reals, first: int, last: int) -> None:
        self.times, self.first, self.last = times, first, last
        self.stops = np.arange(first - 1, last - 1)
        self.onward = np.zeros((0, 0), dtype=np.int64)

    def kick(self, path: Integers, rng: np.random.Generator) -> Integers:
        """Exchange two neighbouring segments, which moves rarely undo; returns the stops at their ends."""
        longest = min(LONGEST_KICKED, (self.last - self.first) // 3)
        low = int(rng.integers(self.first, self.last - 2 * longest))
        some, more = rng.integers(1, longest + 1, 2).tolist()
        high = low + some + more
        path[low:high] = np.roll(path[low:high], more)
        return path[[low - 1, low, low + more - 1, low + more, high - 1, high]]

    def improve(
        self, path: Integers, tolerance: float, budget: Budget, active: Integers | None = None
    ) -> None:
        """Make moves that save more than `tolerance`, until none of the `active` stops has one."""
        if not len(self.onward):
            tier = slice(self.first - 1, self.last - 1)
            self.symmetric = _symmetric(self.times[tier, tier], budget)
            self.onward, self.back = (_nearest(t, self.stops, budget) for t in (self.times, self.times.T))
        self.follow(path)
        active = path[self.first - 1 : self.last + 1].copy() if active is None else active
        while len(active) and not budget.over():
            touched: list[int] = []
            for start in range(0, len(active), AT_ONCE):
                for step in self._promising(active[start : start + AT_ONCE], tolerance):
                    if budget.over():
                        return
                    touched += self._take(step, tolerance)
            active = np.unique(np.array(touched, dtype=np.int64))

    def follow(self, path: Integers) -> None:
        """Use this path from now on."""
        self.path, self.where = path, np.empty_like(path)
        self.where[path] = np.arange(len(path))
        self._sum_up()

    def _promising(self, stops: Integers, tolerance: float) -> Integers:
        """For each stop the step that saves most, if it saves more than `tolerance`; the best first."""
        onward, back, own = self.onward[stops], self.back[stops], stops[:, None]
        before = np.concatenate([np.broadcast_to(own, onward.shape), back], axis=1)
        after = np.concatenate([onward, np.broadcast_to(own, back.shape)], axis=1)
        changes = self._changes(before.ravel(), after.ravel())[0].min(axis=1).reshape(before.shape)
        rows, best = np.arange(len(stops)), changes.argmin(axis=1)
        change = changes[rows, best]
        steps = np.stack([before[rows, best], after[rows, best]], axis=1)
        sorting = np.argsort(change, kind="stable")
        return np.asarray(steps[sorting[change[sorting] < -tolerance]])

    def _changes(self, a: Integers, b: Integers) -> tuple[Reals, Integers]:
        """How the time changes by each of the moves: float64[steps, 8], and between which positions."""
        first, last = self.first, self.last
        i, j = self.where[a][:, None], self.where[b][:, None]
        low, high = np.concatenate([i + 1, i], axis=1), np.concatenate([j, j - 1], axis=1)
        reversal = self._reversed(low, high)
        reversal[(low >= high) | (low < first) | (high >= last)] = np.inf
        here, there = np.repeat(i, 3, axis=1), np.repeat(j, 3, axis=1)
        begin = np.concatenate([i - LENGTHS + 1, there], axis=1)
        end = np.concatenate([here, j + LENGTHS - 1], axis=1)
        behind = np.concatenate([there - 1, here], axis=1)
        move = self._moved(begin, end, behind)
        inside = (begin >= first) & (end < last) & (behind >= first - 1) & (behind < last)
        move[~inside | ((behind >= begin - 1) & (behind <= end))] = np.inf
        positions = np.stack(
            [np.concatenate(pair, axis=1) for pair in ((low, begin), (high, end), (low, behind))], axis=2
        )
        return np.concatenate([reversal, move], axis=1), positions

    def _at(self, positions: Integers) -> Integers:
        return self.path.take(positions, mode="clip")  # moves beyond the ends are discarded later

    def _reversed(self, low: Integers, high: Integers) -> Reals:
        before, x, y, after = (self._at(p) for p in (low - 1, low, high, high + 1))
        times = self.times
        change: Reals = times[before, y] + times[x, after] - times[before, x] - times[y, after]
        if not self.symmetric:
            change += self.turned.take(high, mode="clip") - self.turned.take(low, mode="clip")
        return change

    def _moved(self, begin: Integers, end: Integers, behind: Integers) -> Reals:
        before, x, y, after = (self._at(p) for p in (begin - 1, begin, end, end + 1))
        u, v, times = self._at(behind), self._at(behind + 1), self.times
        closed = times[before, after] - times[before, x] - times[y, after]
        return np.asarray(closed + times[u, x] + times[y, v] - times[u, v])

    def _take(self, step: Integers, tolerance: float) -> list[int]:
        """Make the best move for this step if it still saves time; returns the stops to try again."""
        changes, positions = self._changes(step[:1], step[1:])
        move = int(changes.argmin())
        if changes[0, move] >= -tolerance:
            return [int(stop) for stop in step]
        begin, end, behind = positions[0, move].tolist()
        low, high, path = min(begin, behind + 1), max(end, behind), self.path
        changed, joint = path[low : high + 1], low
        if move < 2:
            changed[:] = changed[::-1].copy()
        else:
            shift = end - begin + 1 if behind < begin else begin - end - 1
            joint = low + (shift - 1) % len(changed)  # the moved segment and the others meet behind it
            changed[:] = np.roll(changed, shift)
        self.where[path[low : high + 1]] = np.arange(low, high + 1)
        self._sum_up()
        return [int(stop) for stop in path[[low - 1, low, joint, joint + 1, high, high + 1]]]

    def _sum_up(self) -> None:
        """The extra time of the path backwards, up to every position."""
        if not self.symmetric:
            here, there = self.path[:-1], self.path[1:]
            self.turned = np.append(0.0, np.cumsum(self.times[there, here] - self.times[here, there]))


def _symmetric(times: Reals, budget: Budget) -> bool:
    """Whether all times are the same both ways; in blocks, since the transpose of a large table is slow."""
    slight = ROUNDING * float(times.max())
    for start in range(0, len(times), AT_ONCE):
        rows = slice(start, start + AT_ONCE)
        if budget.over() or not (np.abs(times[rows] - times[:, rows].T) <= slight).all():
            return False
    return True


def _nearest(times: Reals, stops: Integers, budget: Budget) -> Integers:
    """The nearest stops from each place, without itself: int64[places, NEAR]."""
    near = np.zeros((len(times), min(NEAR, len(stops) - 1)), dtype=np.int64)
    for start in range(0, len(times), AT_ONCE):
        if budget.over():
            return near[:0]
        ahead = times[start : start + AT_ONCE, stops]
        ahead[np.arange(start, start + len(ahead))[:, None] == stops] = np.inf
        near[start : start + AT_ONCE] = stops[np.argpartition(ahead, near.shape[1] - 1)[:, : near.shape[1]]]
    return near
