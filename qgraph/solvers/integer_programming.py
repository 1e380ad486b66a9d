"""Exact Ising minima by integer programming: SciPy's HiGHS, with odd-cycle cuts for MaxCut.

A field is a coupling to one more spin that is held up, so every Ising model is a MaxCut. A 0/1 vector z
over edges is a cut if and only if every cycle meets it evenly: for odd F in a cycle C,
`z(F) - z(C - F) <= |F| - 1` (Barahona and Mahjoub, Math. Programming 36, 1986). The relaxation adds
violated inequalities as they are found, by shortest paths in the doubled graph; on planar graphs it is
already exact. Without them the relaxation is so weak that 40 nodes would be out of reach.
"""

from __future__ import annotations

import math
import pickle
import queue
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from typing import IO, TYPE_CHECKING, Any, cast

import numpy as np

from qgraph.errors import QGraphError
from qgraph.problems.base import sign
from qgraph.solvers.classical import local_search

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from qgraph.problems.ising import Ising

VIOLATION = 1e-4
WORTHWHILE = 1e-6  # the share of the bound by which a round of cuts must lower it
ROUNDS = 100
POLL = 0.05  # s

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
    program = _MaxCut(n + 1, pairs, 2 * couplings, deadline)
    constant = direction * ising.offset + couplings.sum()
    start = np.append(local_search(ising), 0).astype(np.int64)
    for sides, bound, proved in program.improve(start):
        yield (sides[:n] ^ sides[n]).astype(np.uint8), direction * float(constant - bound), proved


def solve_in_child(
    ising: Ising, *, time_limit: float | None, callback: Callable[[float], bool | None] | None
) -> Answer:
    """As `solve`, in a process of its own: HiGHS does not heed interrupts, but a process can be ended.

    A callback that returns True ends it with the best answer so far.
    """
    began = time.perf_counter()
    command = [sys.executable, "-c", f"import {__name__} as program; program.serve()"]
    answers: queue.SimpleQueue[Answer | None] = queue.SimpleQueue()
    best: Answer | None = None
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:  # noqa: S603
        try:
            pipe = cast("IO[bytes]", child.stdin)
            pickle.dump((ising, time_limit), pipe)
            pipe.close()
            threading.Thread(target=_collect, args=(child.stdout, answers), daemon=True).start()
            while True:
                with suppress(queue.Empty):
                    answer = answers.get(timeout=POLL)
                    if answer is None:
                        break
                    best = answer
                passed = time.perf_counter() - began
                share = min(passed / time_limit, 1.0) if time_limit else 0.0
                if callback is not None and best is not None and callback(share) is True:
                    break
        finally:
            child.kill()
    if best is None:
        raise QGraphError("the integer program ended without an answer; perhaps memory ran out")
    return best


def _collect(stream: IO[bytes], answers: queue.SimpleQueue[Answer | None]) -> None:
    with suppress(EOFError, OSError, pickle.UnpicklingError):
        while True:
            answers.put(pickle.load(stream))  # noqa: S301 (from our own child)
    answers.put(None)


def serve() -> None:
    """The child's side of `solve_in_child`."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides when to end
    ising, time_limit = pickle.load(sys.stdin.buffer)  # noqa: S301 (from our own parent)
    for answer in improvements(ising, time_limit=time_limit):
        pickle.dump(answer, sys.stdout.buffer)
        sys.stdout.buffer.flush()


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

    def improve(self, sides: NDArray[np.int64]) -> Iterator[tuple[NDArray[np.int64], float, bool]]:
        """The best sides, an upper bound and whether it is reached; `sides` is a cut to start from."""
        best = self._weight(sides)
        bound = float(np.maximum(self.weights, 0).sum())
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
            stalled = lowered < WORTHWHILE * max(1.0, abs(bound))
            if not self._meets(best, bound) and (not self._separate(z) or stalled):
                break
        yield self._branch(sides, bound)

    def _weight(self, sides: NDArray[np.int64]) -> float:
        return float(self.weights @ (sides[self.pairs[:, 0]] != sides[self.pairs[:, 1]]))

    def _meets(self, value: float, bound: float) -> bool:
        """Whether no cut can lie between: bounds on whole weights may be rounded down."""
        slack = 1e-9 * max(1.0, float(np.abs(self.weights).sum()))
        return bound - value <= (1 - 1e-6 if self.whole else slack)

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
