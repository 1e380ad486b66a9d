"""Minima of sparse Ising models: odd-cycle cuts in a linear program, then branch and bound.

A field is a coupling to one more spin that stays up, so every Ising model is a MaxCut. A 0/1 vector z
over edges is a cut if and only if each cycle has an even number of its edges: for every set F of an odd
number of edges of a cycle C, `z(F) - z(C - F) <= |F| - 1` (Barahona and Mahjoub, Math. Programming 36, 1986).
The relaxation adds violated inequalities, which shortest paths in the doubled graph find. On planar graphs
the relaxation alone gives the optimum.
"""

from __future__ import annotations

import math
from itertools import compress
from typing import NamedTuple

import numpy as np

from qgraph.base.typing import Bits, Flags, Integers, Reals, Sparse
from qgraph.problems.ising import Ising
from qgraph.problems.sense import sign
from qgraph.solvers import integer_programming
from qgraph.solvers.budget import Budget
from qgraph.solvers.exact.dense_cuts import SIGNS
from qgraph.solvers.result import tighter

VIOLATION = 1e-4
WORTHWHILE = 1e-6  # relative gain below which a round of cuts has stalled
PATIENCE = 12  # stalled rounds in a row
ROUNDS = 200
SLACK = 0.1  # cuts with more slack are removed
MOST_TRIANGLES = 10**6
MOST_NODES = 2000  # for the table in which triangles are looked up
TRIANGLES_AT_ONCE = 10  # new triangle inequalities a round, per node


class Cut(NamedTuple):
    """`signs @ z[edges] <= limit`."""

    edges: Integers
    signs: Reals
    limit: float


def solve(ising: Ising, start: Bits, bound: float, budget: Budget) -> tuple[Bits, float, bool]:
    """The best bits found from `start`, a bound on C at least as strong as `bound`, and whether they meet."""
    n, direction = len(ising.nodes), sign(ising)
    pairs, couplings = ising.fields_as_couplings()
    couplings = direction * couplings
    constant = direction * ising.offset + couplings.sum()
    relaxation = _Relaxation(n + 1, pairs, 2 * couplings, constant - direction * bound, budget)
    sides = relaxation.improved(np.append(start, 0).astype(np.int64))
    bits = (sides[:n] ^ sides[n]).astype(np.uint8)
    bound = direction * (constant - relaxation.unit * relaxation.bound)
    if relaxation.met or budget.over():
        return bits, bound, relaxation.met
    program = ising.to_program()
    # the program's columns that stand for z: differences of bits, and the bits that have fields
    columns = np.concatenate([n + np.arange(len(ising.pairs)), np.flatnonzero(ising.h)])
    for edges, signs, limit in relaxation.cuts:
        program.add_rows(columns[edges], signs, high=limit)
    answer = integer_programming.solve(program, bits, budget)
    if answer.x is not None:
        found = np.round(answer.x[:n]).astype(np.uint8)
        bits = min(bits, found, key=lambda b: direction * float(ising.energy(b)))
    bound = float(ising.energy(bits)) if answer.proved else tighter(ising, bound, answer.bound)
    return bits, bound, answer.proved


class _Relaxation:
    """max sum w_e z_e over cuts z of a graph with nodes 0 to n - 1.

    No cut exceeds `bound`, which is in the unit of the program, as are the `weights`.
    """

    def __init__(self, n: int, pairs: Integers, weights: Reals, bound: float, budget: Budget) -> None:
        self.n, self.pairs, self.budget = n, pairs, budget
        self.unit = integer_programming.unit_of(weights)
        self.weights = weights / self.unit
        self.cuts: list[Cut] = []
        self.whole = bool((self.weights == np.round(self.weights)).all())
        self.size = float(np.abs(self.weights).sum())
        self.bound = min(float(np.maximum(self.weights, 0).sum()), bound / self.unit)
        self.triangles = _triangles(n, pairs)
        self.model = integer_programming.relaxation(-self.weights)

    def improved(self, sides: Integers) -> Integers:
        """The best sides found from these while the bound falls; `met` says whether they meet."""
        best, stalled = self._weight(sides), 0
        with self.budget.ended_by_interrupt():
            for _ in range(ROUNDS):
                z = None if self._meets(best) else self._relaxed()
                if z is None:
                    break
                value = float(self.weights @ z)
                stalled = stalled + 1 if self.bound - value < WORTHWHILE * self.size else 0
                self.bound = min(self.bound, value)
                rounded = self._rounded(z)
                if self._weight(rounded) > best:
                    sides, best = rounded, self._weight(rounded)
                if stalled > PATIENCE or not (self._separate_triangles(z) or self._separate(z)):
                    break
        self.met = self._meets(best)
        if self.met:
            self.bound = best
        return sides

    def _weight(self, sides: Integers) -> float:
        return float(self.weights @ (sides[self.pairs[:, 0]] != sides[self.pairs[:, 1]]))

    def _meets(self, value: float) -> bool:
        """Whether no better cut is possible: bounds on whole weights may be rounded down."""
        return self.bound - value <= (1 - 1e-6 if self.whole else 1e-9 * self.size)

    def _relaxed(self) -> Reals | None:
        """The best z with the cuts so far, None if time ran out; cuts with much slack are removed."""
        integer_programming.run(self.model, self.budget)
        if not integer_programming.is_optimal(self.model):
            return None
        solution = self.model.getSolution()
        slack = np.array([cut.limit for cut in self.cuts]) - np.array(solution.row_value)
        loose = np.flatnonzero(slack > SLACK)
        if len(loose):
            self.model.deleteRows(len(loose), loose)
            self.cuts = list(compress(self.cuts, slack <= SLACK))
        return np.array(solution.col_value)

    def _add(self, cuts: list[Cut]) -> bool:
        for edges, signs, limit in cuts:
            self.model.addRow(-math.inf, limit, len(edges), edges, signs)
        self.cuts += cuts
        return bool(cuts)

    def _separate_triangles(self, z: Reals) -> bool:
        """Add the most violated triangle inequalities: dense graphs have many, and they are found at once."""
        limits = np.array([2.0, 0.0, 0.0, 0.0])
        excess = z[self.triangles] @ SIGNS.T - limits
        worst = np.argsort(-excess, axis=None, kind="stable")[: TRIANGLES_AT_ONCE * self.n]
        worst = worst[excess.flat[worst] > VIOLATION]
        places = zip(*np.unravel_index(worst, excess.shape), strict=True)
        return self._add([Cut(self.triangles[t], SIGNS[row], float(limits[row])) for t, row in places])

    def _separate(self, z: Reals) -> bool:
        """For every node, add the most violated odd-cycle inequality through it, if there is one."""
        from scipy.sparse.csgraph import dijkstra

        doubled = self._doubled(np.clip(z, 0, 1) + 1e-12, np.clip(1 - z, 0, 1) + 1e-12)
        number = {}
        for edge, (a, b) in enumerate(self.pairs.tolist()):
            number[a, b] = number[b, a] = edge
        seen = {(tuple(edges.tolist()), limit) for edges, _, limit in self.cuts}
        found = []
        for source in np.unique(self.pairs).tolist():
            if self.budget.over():
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
            limit = float((signs > 0).sum() - 1)
            once, place = np.unique(edges, return_inverse=True)  # a walk may pass an edge twice
            key = (tuple(once.tolist()), limit)
            if key not in seen:
                seen.add(key)
                found.append(Cut(once, np.bincount(place, signs).astype(np.float64), limit))
        return self._add(found)

    def _rounded(self, z: Reals) -> Integers:
        """Sides that agree with z on a spanning forest of the edges nearest to 0 or 1."""
        from scipy.sparse import csr_array
        from scipy.sparse.csgraph import connected_components, minimum_spanning_tree

        n, doubt = self.n, 1e-9 + np.minimum(z, 1 - z)
        forest = minimum_spanning_tree(csr_array((doubt, tuple(self.pairs.T)), shape=(n, n)))
        places = np.array([n, 1])
        held = np.isin(self.pairs @ places, np.transpose(forest.nonzero()) @ places)
        _, tree = connected_components(self._doubled(held & (z <= 0.5), held & (z > 0.5)), directed=False)
        return np.asarray(tree[:n] > tree[n:], dtype=np.int64)  # trees are numbered by their first nodes

    def _doubled(self, same: Reals | Flags, across: Reals | Flags) -> Sparse:
        """Two copies of the graph; edges weigh `same` in each copy, `across` between them; 0 is no edge."""
        from scipy.sparse import csr_array

        (i, j), n = self.pairs.T, self.n
        rows, columns = np.concatenate([i, i + n, i, i + n]), np.concatenate([j, j + n, j + n, j])
        weights = np.concatenate([same, same, across, across])
        doubled = csr_array((weights, (rows, columns)), shape=(2 * n, 2 * n))
        doubled.eliminate_zeros()
        return doubled


def _triangles(n: int, pairs: Integers) -> Integers:
    """The edges of each triangle: int64[t, 3]; none if they are too many for memory."""
    if n > MOST_NODES:
        return np.zeros((0, 3), np.int64)
    number = np.full((n, n), -1, dtype=np.int64)
    i, j = pairs.T
    number[i, j] = np.arange(len(pairs))
    near = number >= 0
    edge, third = np.nonzero(near[i] & near[j])  # each row has only the later nodes
    found = np.stack([edge, number[i[edge], third], number[j[edge], third]], axis=1)
    return found if len(found) <= MOST_TRIANGLES else found[:0]
