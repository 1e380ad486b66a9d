"""Exact Ising minima by integer programming: SciPy's HiGHS, with odd-cycle cuts for MaxCut.

A field is a coupling to one more spin that is held up, so every Ising model is a MaxCut. A 0/1 vector z
over edges is a cut if and only if every cycle meets it evenly: for odd F in a cycle C,
`z(F) - z(C - F) <= |F| - 1` (Barahona and Mahjoub, Math. Programming 36, 1986). The relaxation adds
violated inequalities as they are found, by shortest paths in the doubled graph; on planar graphs it is
already exact. Without them the relaxation is so weak that 40 nodes would be out of reach.
"""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Any

import numpy as np

from qgraph.problems.base import sign
from qgraph.solvers.classical import greedy_flips

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from qgraph.problems.ising import Ising

VIOLATION = 1e-4
WORTHWHILE = 1e-6  # the share of the bound by which a round of cuts must lower it
PATIENCE = 3  # rounds that lower it less
ROUNDS = 200
LARGEST_WHOLE = 1e6  # whole weights to this size go to the solver as they are
MOST_TRIANGLES = 10**6
MOST_NODES = 2000  # for the table in which triangles are looked up
TRIANGLES_AT_ONCE = 10  # new triangle inequalities a round, per node

Answer = tuple["NDArray[np.uint8]", float, bool]


def solve(ising: Ising, *, time_limit: float | None = None) -> Answer:
    """The best bits found, a proved bound on C, and whether they meet."""
    return list(improvements(ising, time_limit=time_limit))[-1]


def improvements(ising: Ising, *, time_limit: float | None) -> Iterator[Answer]:
    """Answers as they improve; the last one is final."""
    deadline = math.inf if time_limit is None else time.perf_counter() + time_limit
    direction = sign(ising)
    n = len(ising.nodes)
    anchored = np.flatnonzero(ising.h)
    pairs = np.concatenate([ising.pairs, np.stack([anchored, np.full(len(anchored), n)], axis=1)])
    couplings = direction * np.concatenate([ising.J, ising.h[anchored]])
    weights = 2 * couplings
    unit = _unit(weights)
    program = _MaxCut(n + 1, pairs, weights / unit, deadline)
    constant = direction * ising.offset + couplings.sum()
    start = np.append(greedy_flips(ising), 0).astype(np.int64)
    for sides, bound, proved in program.improve(start):
        yield (sides[:n] ^ sides[n]).astype(np.uint8), direction * float(constant - unit * bound), proved


def _unit(weights: NDArray[np.float64]) -> float:
    """What weights are measured in: the solver's tolerances are absolute, made for numbers near 1."""
    largest = float(np.abs(weights).max(initial=0.0))
    moderate = largest <= LARGEST_WHOLE and bool((weights == np.round(weights)).all())
    return 1.0 if moderate or largest == 0 else largest


class _MaxCut:
    """max sum w_e z_e over cuts z of a graph with nodes 0 to n - 1."""

    def __init__(
        self, n: int, pairs: NDArray[np.int64], weights: NDArray[np.float64], deadline: float
    ) -> None:
        self.n = n
        self.pairs = pairs
        self.weights = weights
        self.deadline = deadline
        self.cuts: list[tuple[NDArray[np.int64], NDArray[np.float64], float]] = []
        self.whole = bool((weights == np.round(weights)).all())
        self.size = float(np.abs(weights).sum())
        self.triangles = _triangles(n, pairs)

    def improve(self, sides: NDArray[np.int64]) -> Iterator[tuple[NDArray[np.int64], float, bool]]:
        """The best sides, an upper bound and whether it is reached; `sides` is a cut to start from."""
        best = self._weight(sides)
        bound = float(np.maximum(self.weights, 0).sum())
        stalled = 0
        for _ in range(ROUNDS):
            if self._meets(best, bound):
                yield sides, best, True
                return
            yield sides, bound, False
            z, relaxed = self._relaxation()
            if z is None:
                return
            lowered, bound = bound - relaxed, min(bound, relaxed)
            rounded = self._rounded(z)
            if self._weight(rounded) > best:
                sides, best = rounded, self._weight(rounded)
            stalled = stalled + 1 if lowered < WORTHWHILE * self.size else 0
            added = self._separate_triangles(z) or self._separate(z)
            if not self._meets(best, bound) and (not added or stalled > PATIENCE):
                break
        yield self._branch(sides, bound)

    def _weight(self, sides: NDArray[np.int64]) -> float:
        return float(self.weights @ (sides[self.pairs[:, 0]] != sides[self.pairs[:, 1]]))

    def _meets(self, value: float, bound: float) -> bool:
        """Whether no cut can lie between: bounds on whole weights may be rounded down."""
        return bound - value <= (1 - 1e-6 if self.whole else 1e-9 * self.size)

    def _rows(self) -> tuple[Any, NDArray[np.float64]]:
        from scipy.sparse import csr_array

        lengths = [len(edges) for edges, _, _ in self.cuts]
        starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        columns = np.concatenate([np.zeros(0, np.int64), *(edges for edges, _, _ in self.cuts)])
        values = np.concatenate([np.zeros(0), *(signs for _, signs, _ in self.cuts)])
        matrix = csr_array((values, columns, starts), shape=(len(self.cuts), len(self.weights)))
        matrix.sum_duplicates()
        return matrix, np.array([limit for _, _, limit in self.cuts])

    def _relaxation(self) -> tuple[NDArray[np.float64] | None, float]:
        from scipy.optimize import linprog

        left = self.deadline - time.perf_counter()
        if left <= 0:
            return None, math.inf
        rows, limits = self._rows()
        options = {} if math.isinf(left) else {"time_limit": left}
        some = {"A_ub": rows, "b_ub": limits} if self.cuts else {}
        found = linprog(-self.weights, bounds=(0, 1), method="highs", options=options, **some)
        if found.status != 0:
            return None, math.inf
        slack = limits - rows @ found.x if self.cuts else np.zeros(0)
        self.cuts = [cut for cut, spare in zip(self.cuts, slack, strict=True) if spare < 0.1]
        return found.x, -float(found.fun)

    def _separate_triangles(self, z: NDArray[np.float64]) -> bool:
        """Add the most violated triangle inequalities: in dense graphs they are many, and found at once."""
        if len(self.triangles) == 0:
            return False
        sides = z[self.triangles]
        signs = np.array([[1.0, 1.0, 1.0], [1.0, -1.0, -1.0], [-1.0, 1.0, -1.0], [-1.0, -1.0, 1.0]])
        limits = np.array([2.0, 0.0, 0.0, 0.0])
        excess = sides @ signs.T - limits
        worst = np.argsort(-excess, axis=None, kind="stable")[: TRIANGLES_AT_ONCE * self.n]
        for triangle, kind in zip(*np.unravel_index(worst, excess.shape), strict=True):
            if excess[triangle, kind] <= VIOLATION:
                break
            self.cuts.append((self.triangles[triangle], signs[kind], float(limits[kind])))
        return bool(excess.flat[worst[0]] > VIOLATION)

    def _separate(self, z: NDArray[np.float64]) -> bool:
        """Add a most violated odd-cycle inequality through every node that has one."""
        from scipy.sparse import csr_array
        from scipy.sparse.csgraph import dijkstra

        i, j = self.pairs.T
        same, across = np.clip(z, 0, 1) + 1e-12, np.clip(1 - z, 0, 1) + 1e-12
        edge = np.arange(len(z))
        rows = np.concatenate([i, i + self.n, i, i + self.n])
        columns = np.concatenate([j, j + self.n, j + self.n, j])
        doubled = csr_array(
            (np.concatenate([same, same, across, across]), (rows, columns)), shape=(2 * self.n, 2 * self.n)
        )
        number = {}
        for e, a, b in zip(edge.tolist(), i.tolist(), j.tolist(), strict=True):
            number[a, b] = number[b, a] = e
        seen = {(tuple(edges.tolist()), limit) for edges, _, limit in self.cuts}
        added = False
        for source in np.unique(self.pairs).tolist():
            if time.perf_counter() > self.deadline:
                break
            lengths, before = dijkstra(
                doubled, directed=False, indices=source, return_predecessors=True, limit=1.0
            )
            if not lengths[source + self.n] < 1 - VIOLATION:
                continue
            walk = [source + self.n]
            while walk[-1] != source:
                walk.append(int(before[walk[-1]]))
            steps = list(zip(walk[1:], walk[:-1], strict=True))
            edges = np.array([number[a % self.n, b % self.n] for a, b in steps])
            signs = np.array([1.0 if (a < self.n) != (b < self.n) else -1.0 for a, b in steps])
            order = np.argsort(edges, kind="stable")
            limit = float((signs > 0).sum() - 1)
            key = (tuple(edges[order].tolist()), limit)
            if key not in seen:
                seen.add(key)
                self.cuts.append((edges[order], signs[order], limit))
                added = True
        return added

    def _rounded(self, z: NDArray[np.float64]) -> NDArray[np.int64]:
        """Sides that agree with z on a spanning forest of its most decided edges."""
        from scipy.sparse import csr_array
        from scipy.sparse.csgraph import breadth_first_order, minimum_spanning_tree

        doubt = 1e-9 + np.minimum(z, 1 - z)
        i, j = self.pairs.T
        forest = minimum_spanning_tree(csr_array((doubt, (i, j)), shape=(self.n, self.n)))
        cut = csr_array((np.where(z > 0.5, 2.0, 1.0), (i, j)), shape=(self.n, self.n))
        cut = cut + cut.T
        sides = np.full(self.n, -1)
        for root in range(self.n):
            if sides[root] < 0:
                order, before = breadth_first_order(forest, root, directed=False)
                sides[root] = 0
                for node in order[1:]:
                    sides[node] = sides[before[node]] ^ (cut[before[node], node] == 2.0)
        return sides

    def _branch(self, sides: NDArray[np.int64], bound: float) -> tuple[NDArray[np.int64], float, bool]:
        """Branch and bound over the sides of the nodes, on top of the cuts found."""
        from scipy.optimize import Bounds, LinearConstraint, milp
        from scipy.sparse import csr_array, hstack, vstack

        left = self.deadline - time.perf_counter()
        if left <= 0:
            return sides, bound, False
        m, n = len(self.weights), self.n
        edge, (i, j) = np.arange(m), self.pairs.T
        ends = [csr_array((np.ones(m), (edge, place)), shape=(m, n)) for place in (i, j)]
        one = csr_array((np.ones(m), (edge, edge)), shape=(m, m))
        total, difference = ends[0] + ends[1], ends[0] - ends[1]
        linked = vstack(
            [
                hstack([one, -total]),
                hstack([one, total]),
                hstack([-one, difference]),
                hstack([-one, -difference]),
            ]
        )
        limits = np.concatenate([np.zeros(m), np.full(m, 2.0), np.zeros(2 * m)])
        rows, cut_limits = self._rows()
        matrix = vstack([linked, hstack([rows, csr_array((len(cut_limits), n))])])
        upper = np.ones(m + n)
        upper[-1] = 0  # flipping all sides leaves the cut alone
        found = milp(
            np.concatenate([-self.weights, np.zeros(n)]),
            integrality=np.concatenate([np.zeros(m), np.ones(n)]),
            bounds=Bounds(0, upper),
            constraints=LinearConstraint(matrix, ub=np.concatenate([limits, cut_limits])),
            options={"mip_rel_gap": 0.0} | ({} if math.isinf(left) else {"time_limit": left}),
        )
        if found.x is not None:
            better = np.round(found.x[m:]).astype(np.int64)
            sides = max(sides, better, key=self._weight)
        if found.mip_dual_bound is not None and math.isfinite(found.mip_dual_bound):
            bound = min(bound, -float(found.mip_dual_bound))
        value = self._weight(sides)
        proved = found.status == 0 or self._meets(value, bound)
        return sides, value if proved else bound, proved


def _triangles(n: int, pairs: NDArray[np.int64]) -> NDArray[np.int64]:
    """The edges of each triangle: int64[t, 3], or none where they are too many to hold."""
    if n > MOST_NODES:
        return np.zeros((0, 3), np.int64)
    number = np.full((n, n), -1, dtype=np.int64)
    i, j = pairs.min(axis=1), pairs.max(axis=1)
    number[i, j] = np.arange(len(pairs))
    found, total = [np.zeros((0, 3), np.int64)], 0
    for edge, (a, b) in enumerate(zip(i.tolist(), j.tolist(), strict=True)):
        third = b + 1 + np.flatnonzero((number[a, b + 1 :] >= 0) & (number[b, b + 1 :] >= 0))
        found.append(np.stack([np.full(len(third), edge), number[a, third], number[b, third]], axis=1))
        total += len(third)
        if total > MOST_TRIANGLES:
            return np.zeros((0, 3), np.int64)
    return np.concatenate(found)
