"""Minima of dense Ising models: a semidefinite bound with triangle inequalities, in branch and bound.

For spins x, x'Cx is <C, X> with X = xx', which is positive semidefinite, has ones on its diagonal and
satisfies all triangle inequalities. For any y and any z >= 0 with triangles B, S = C - Diag(y) - B'(z) gives
x'Cx >= sum(y) - sum(z) + n min(eigenvalue of S). A smooth penalty on the negative part of S finds y and z
(Malick, Roupin, Math. Program. 140, 2013; Krislock, Malick, Roupin, Math. Program. 143, 2014).
"""

from __future__ import annotations

import heapq
import itertools
import math
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from qgraph.base.typing import Bits, Integers, Reals
from qgraph.problems import couplings
from qgraph.problems.ising import Ising
from qgraph.problems.program import common_step
from qgraph.problems.sense import sign
from qgraph.solvers.budget import Budget
from qgraph.solvers.relaxations.semidefinite import MACHINE_EPSILON, round_vectors

SIGNS = np.array([[1.0, 1.0, 1.0], [1.0, -1.0, -1.0], [-1.0, 1.0, -1.0], [-1.0, -1.0, 1.0]])
VIOLATION = 0.05
TRIANGLES_AT_ONCE = 6  # per spin and round
ROUNDS = 16
STEPS = 30  # of the optimiser, a round
SHARPER = 0.5  # by which the width of the penalty shrinks each round
SHARPEST = 1e-4  # the smallest width, relative to the first
WIDER = 16.0  # the first width of a branch, relative to the last of its parent
ROUNDINGS = 16


@dataclass(order=True)
class _Node:
    """x'Cx + constant, where some spins of the whole model follow others; `bound` is a lower bound on it."""

    bound: float
    number: int
    C: Reals = field(compare=False)
    constant: float = field(compare=False)
    leaders: Integers = field(compare=False)  # the spin of C that each spin of the whole model follows
    signs: Reals = field(compare=False)  # and whether it is equal or opposite
    y: Reals = field(compare=False)
    triangles: Integers = field(compare=False)  # int64[t, 3], spins of C
    rows: Integers = field(compare=False)  # which row of SIGNS each has
    z: Reals = field(compare=False)
    width: float = field(compare=False)


def solve(ising: Ising, start: Bits, budget: Budget) -> tuple[Bits, float, bool]:
    """The best bits found from `start`, a proved bound on C, and whether they meet."""
    n, direction = len(ising.nodes), sign(ising)
    pairs, J = ising.fields_as_couplings()
    unit = float(np.abs(J).max(initial=0.0)) or 1.0
    C = couplings.dense(pairs, direction * J / unit / 2, n if ising.flip_symmetric else n + 1)
    spins = np.append(1.0 - 2.0 * start, 1.0)[: len(C)]
    step = common_step(2 * J) / unit
    spins, least, proved = minimum(C, spins, step, budget)
    bits = (spins[:n] * (1.0 if ising.flip_symmetric else spins[n]) < 0).astype(np.uint8)
    slack = 1e-9 * unit * float(np.abs(C).sum())
    bound = float(ising.energy(bits)) if proved else ising.offset + direction * (unit * least - slack)
    return bits, bound, proved


def minimum(C: Reals, start: Reals, step: float, budget: Budget) -> tuple[Reals, float, bool]:
    """The best spins found from `start`, a lower bound on x'Cx, and whether they meet.

    `step` is the smallest difference of two values, or 0. C is symmetric with a zero diagonal.
    """
    from threadpoolctl import threadpool_limits

    n = len(C)
    none = np.zeros((0, 3), dtype=np.int64)
    root = _Node(
        -math.inf, 0, C, 0.0, np.arange(n), np.ones(n), np.zeros(n), none, none[:, 0], np.zeros(0), 0.0
    )
    with threadpool_limits(1):  # matrices are small, so threads would wait for each other
        return _searched(root, start, max(step * (1 - 1e-6), 1e-9 * float(np.abs(C).sum())), budget)


def _searched(root: _Node, best: Reals, step: float, budget: Budget) -> tuple[Reals, float, bool]:
    least = float(best @ root.C @ best)
    waiting, C, numbers = [root], root.C, itertools.count(1)
    while waiting and waiting[0].bound <= least - step:
        node = heapq.heappop(waiting)
        X = np.eye(len(node.C))
        with budget.ended_by_interrupt():
            X = _tightened(node, least - step, budget)
        found = _rounded(X, node.C)[node.leaders] * node.signs
        if float(found @ C @ found) < least:
            best, least = found, float(found @ C @ found)
        if budget.over():
            heapq.heappush(waiting, node)
            break
        if node.bound <= least - step:
            for branch in _branches(node, X):
                branch.number = next(numbers)
                heapq.heappush(waiting, branch)
    proved = not waiting or waiting[0].bound > least - step
    return best, least if proved else waiting[0].bound, proved


def _tightened(node: _Node, target: float, budget: Budget) -> Reals:
    """Raise a node's bound above the target, or as far as possible; returns the relaxation's X."""
    from scipy.optimize import minimize

    n = len(node.C)
    if n == 1:
        node.bound = max(node.bound, node.constant)
        return np.ones((1, 1))
    first = float(np.maximum(-np.linalg.eigvalsh(node.C), 0).sum()) / n or 1.0
    node.width = node.width or first
    for _ in range(ROUNDS):
        dual = _Dual(node)
        limits = [(None, None)] * n + [(0.0, None)] * len(node.z)
        found = minimize(
            dual,
            np.concatenate([node.y, node.z]),
            jac=True,
            method="L-BFGS-B",
            bounds=limits,
            options={"maxiter": STEPS, "maxcor": 20},
        )
        node.y, node.z = found.x[:n], found.x[n:]
        node.bound = max(node.bound, node.constant + dual.bound)
        if node.bound > target or budget.over(0.0):
            break
        new = _separate(node, dual.X)
        promising = node.constant - float(found.fun) > target
        if not promising and (new < n or node.width <= SHARPEST * first):
            break
        node.width = max(node.width * SHARPER, SHARPEST * first)
    return dual.X


class _Dual:
    """The penalised bound at (y, z) with the opposite sign, to minimise; `bound` is the best proved bound."""

    def __init__(self, node: _Node) -> None:
        self.C, self.width, self.n = node.C, node.width, len(node.C)
        i, j, k = node.triangles.T
        self.places = np.stack([i * self.n + j, i * self.n + k, j * self.n + k], axis=1)
        self.signs = SIGNS[node.rows]
        self.X = np.eye(self.n)
        self.bound = -math.inf

    def __call__(self, point: Reals) -> tuple[float, Reals]:
        n = self.n
        y, z = point[:n], point[n:]
        half = np.bincount(self.places.ravel(), (self.signs * z[:, None]).ravel() / 2, n * n).reshape(n, n)
        S = self.C - half - half.T
        S[np.diag_indices(n)] -= y
        values, vectors = np.linalg.eigh(S)
        total = float(y.sum() - z.sum())
        doubt = n * MACHINE_EPSILON * float(np.abs(values[[0, -1]]).max())
        self.bound = max(self.bound, total + n * (float(values[0]) - doubt))
        down = values < 0
        self.X = (vectors[:, down] * (-values[down] / self.width)) @ vectors[:, down].T
        smooth = total - float(np.square(values[down]).sum()) / (2 * self.width)
        inside = (self.X.ravel()[self.places] * self.signs).sum(axis=1)
        return -smooth, np.concatenate([self.X.diagonal() - 1, 1 + inside])


def _separate(node: _Node, X: Reals) -> int:
    """Remove triangles without weight, and add the most violated ones; returns how many are added."""
    held = node.z > 1e-9 * np.abs(node.C).max()
    node.triangles, node.rows, node.z = node.triangles[held], node.rows[held], node.z[held]
    n = len(X)
    triples = _triples(n)
    i, j, k = triples.T
    slack = 1 + SIGNS @ np.stack([X[i, j], X[i, k], X[j, k]])
    most = min(TRIANGLES_AT_ONCE * n, slack.size)
    worst = np.argpartition(slack, most - 1, axis=None)[:most] if most else np.zeros(0, dtype=np.int64)
    rows, places = np.unravel_index(worst[slack.flat[worst] < -VIOLATION], slack.shape)
    powers = n ** np.arange(3)
    new = ~np.isin(4 * (triples[places] @ powers) + rows, 4 * (node.triangles @ powers) + node.rows)
    node.triangles = np.concatenate([node.triangles, triples[places][new]])
    node.rows = np.concatenate([node.rows, rows[new]])
    node.z = np.concatenate([node.z, np.zeros(int(new.sum()))])
    return int(new.sum())


@lru_cache(maxsize=4)
def _triples(n: int) -> Integers:
    return np.array(list(itertools.combinations(range(n), 3)), dtype=np.int64).reshape(-1, 3)


def _rounded(X: Reals, C: Reals) -> Reals:
    """The best spins on the sides of random hyperplanes through the vectors of X: float64[n]."""
    values, vectors = np.linalg.eigh(X)
    normals = np.random.default_rng(0).standard_normal((len(X), ROUNDINGS))
    return round_vectors(C, vectors * np.sqrt(np.maximum(values, 0.0)), normals)[0]


def _branches(node: _Node, X: Reals) -> list[_Node]:
    """Two nodes: the pair of spins with the smallest correlation is equal, or opposite."""
    n = len(X)
    undecided = np.abs(X) + 2 * np.eye(n)
    kept, gone = sorted(np.unravel_index(int(undecided.argmin()), X.shape))
    rest = np.delete(np.arange(n), gone)
    number = np.cumsum(np.arange(n) != gone) - 1
    number[gone] = number[kept]
    stay = (node.triangles != gone).all(axis=1)
    found = []
    for relation in (1.0, -1.0):
        C = node.C.copy()
        C[kept] += relation * C[gone]
        C[:, kept] += relation * C[:, gone]
        y = node.y.copy()
        y[kept] += y[gone]
        constant = node.constant + float(C[kept, kept])
        C[kept, kept] = 0.0
        found.append(
            _Node(
                bound=node.bound,
                number=0,
                C=C[np.ix_(rest, rest)],
                constant=constant,
                leaders=number[node.leaders],
                signs=node.signs * np.where(node.leaders == gone, relation, 1.0),
                y=y[rest],
                triangles=number[node.triangles[stay]],
                rows=node.rows[stay],
                z=node.z[stay],
                width=WIDER * node.width,
            )
        )
    return found
