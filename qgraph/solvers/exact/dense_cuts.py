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
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from qgraph.base.typing import Bits, Integers, Reals
from qgraph.problems.ising import Ising
from qgraph.problems.program import common_step
from qgraph.problems.sense import sign
from qgraph.solvers.budget import Budget
from qgraph.solvers.relaxations.goemans_williamson import couplings
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


@dataclass
class _Node:
    """x'Cx + constant, where some spins of the whole model follow others; `bound` is a lower bound on it."""

    bound: float
    C: Reals
    constant: float
    leaders: Integers  # the spin of C that each spin of the whole model follows
    signs: Reals  # 1 where it is equal to its leader, -1 where it is opposite
    y: Reals
    triangles: Integers  # int64[t, 4]: three spins of C, and a row of SIGNS
    z: Reals
    width: float


def solve(ising: Ising, start: Bits, budget: Budget) -> tuple[Bits, float, bool]:
    """The best bits found from `start`, a proved bound on C, and whether they meet."""
    n, direction = len(ising.nodes), sign(ising)
    W, unit = couplings(ising)
    C = W.toarray() / 2
    spins = np.append(1.0 - 2.0 * start, 1.0)[: len(C)]
    step = common_step(2 * np.append(ising.J, ising.h)) / unit
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

    n, best, least = len(C), start, float(start @ C @ start)
    step = max(step * (1 - 1e-6), 1e-9 * float(np.abs(C).sum()))
    none = np.zeros((0, 4), dtype=np.int64)
    root = _Node(-math.inf, C, 0.0, np.arange(n), np.ones(n), np.zeros(n), none, np.zeros(0), 0.0)
    waiting, numbers = [(root.bound, 0, root)], itertools.count(1)
    with threadpool_limits(1):  # matrices are small, so threads would wait for each other
        while waiting and waiting[0][0] <= least - step:
            _, number, node = heapq.heappop(waiting)
            X = np.eye(len(node.C))
            with budget.ended_by_interrupt():
                X = _tightened(node, least - step, budget)
            found = _rounded(X, node.C)[node.leaders] * node.signs
            if float(found @ C @ found) < least:
                best, least = found, float(found @ C @ found)
            if budget.over():
                heapq.heappush(waiting, (node.bound, number, node))
                break
            if node.bound <= least - step:
                for branch in _branches(node, X):
                    heapq.heappush(waiting, (branch.bound, next(numbers), branch))
    proved = not waiting or waiting[0][0] > least - step
    return best, least if proved else waiting[0][0], proved


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
        found = minimize(
            dual,
            np.concatenate([node.y, node.z]),
            jac=True,
            method="L-BFGS-B",
            bounds=[(None, None)] * n + [(0.0, None)] * len(node.z),
            options={"maxiter": STEPS, "maxcor": 20},
        )
        node.y, node.z = found.x[:n], found.x[n:]
        node.bound = max(node.bound, node.constant + dual.bound)
        if node.bound > target or budget.over(0.0):
            break
        unpromising = node.constant - float(found.fun) <= target
        if (_separate(node, dual.X) < n or node.width <= SHARPEST * first) and unpromising:
            break
        node.width = max(node.width * SHARPER, SHARPEST * first)
    return dual.X


class _Dual:
    """The penalised bound at (y, z) with the opposite sign, to minimise; `bound` is the best proved bound."""

    def __init__(self, node: _Node) -> None:
        self.C, self.width, self.n = node.C, node.width, len(node.C)
        i, j, k, row = node.triangles.T
        self.places = np.stack([i * self.n + j, i * self.n + k, j * self.n + k], axis=1)
        self.signs = SIGNS[row]
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
    node.triangles, node.z = node.triangles[held], node.z[held]
    n, triples = len(X), _triples(len(X))
    i, j, k = triples.T
    slack = 1 + SIGNS @ np.stack([X[i, j], X[i, k], X[j, k]])
    most = min(TRIANGLES_AT_ONCE * n, slack.size)
    worst = np.argpartition(slack, most - 1, axis=None)[:most] if most else np.zeros(0, dtype=np.int64)
    rows, places = np.unravel_index(worst[slack.flat[worst] < -VIOLATION], slack.shape)
    found, powers = np.column_stack([triples[places], rows]), [4, 4 * n, 4 * n**2, 1]
    new = ~np.isin(found @ powers, node.triangles @ powers)
    node.triangles = np.concatenate([node.triangles, found[new]])
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
    kept, gone = sorted(np.unravel_index(int((np.abs(X) + 2 * np.eye(n)).argmin()), X.shape))
    number = np.arange(n) - (np.arange(n) > gone)
    number[gone] = kept
    stay = (node.triangles[:, :3] != gone).all(axis=1)
    triangles = node.triangles[stay]
    triangles[:, :3] = number[triangles[:, :3]]
    merge = np.eye(n - 1)[number]
    found = []
    for relation in (1.0, -1.0):
        merge[gone, kept] = relation
        C = merge.T @ node.C @ merge
        found.append(
            replace(
                node,
                C=C - np.diag(C.diagonal()),
                constant=node.constant + float(np.trace(C)),
                leaders=number[node.leaders],
                signs=node.signs * np.where(node.leaders == gone, relation, 1.0),
                y=np.bincount(number, node.y).astype(np.float64),
                triangles=triangles,
                z=node.z[stay],
                width=WIDER * node.width,
            )
        )
    return found
