"""Recursive QAOA: fix the strongest correlation of a depth-1 state, contract, repeat.

Source: Bravyi, Kliesch, Koenig, Tang, arXiv:1910.08980, section 5. The correlations are exact, in closed
form, so that thousands of nodes are within reach.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from qgraph.errors import require_seed, require_whole
from qgraph.problems.base import require_problem, sign
from qgraph.problems.ising import Ising
from qgraph.simulation.closed_form import ClosedForm, waves
from qgraph.solvers.brute_force import LARGEST_BRUTE_FORCE, brute_force
from qgraph.solvers.budget import Budget
from qgraph.solvers.classical import greedy_flips
from qgraph.solvers.result import judged

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from qgraph.problems.base import Problem
    from qgraph.solvers.result import Solution

    Reals = NDArray[np.float64]
    Pairs = NDArray[np.int64]

SAME = 1e-9  # correlations closer than this are tied; couplings smaller, relative to the largest, are none
WIDEST_GAMMA = 2.5  # in units of the typical gamma
SCANNED = 20  # gammas tried in a full scan
STRETCHES = np.array([0.85, 0.95, 1.0, 1.05, 1.18])  # of the last gamma, tried between scans
SCAN_EVERY = 0.03  # share of nodes that may go until the next full scan
BETAS = np.linspace(-np.pi / 4, np.pi / 4, 129)
WAVES = np.array([waves(beta)[0] for beta in BETAS])


def solve_recursive_qaoa(
    problem: Problem,
    *,
    seed: int = 0,
    cutoff: int = 20,
    time_limit: float | None = None,
    callback: Callable[[float], bool | None] | None = None,
) -> Solution:
    """A good solution for up to thousands of nodes, by recursive QAOA of depth 1.

    In each step the angles are optimised, the spin or pair of the strongest correlation is fixed (ties by
    `seed`), and the model contracted, until `cutoff` nodes are left for brute force. Spins that no longer
    interact with any other are set by `seed`. After `time_limit` seconds, or when `callback(share done)`
    returns True, single flips decide about the rest.

    >>> from qgraph import Graph, MaxCut
    >>> solve_recursive_qaoa(MaxCut(Graph.ring(60)), seed=7).objective
    60.0
    """
    require_problem(problem)
    require_seed(seed)
    require_whole("cutoff", cutoff, 1, LARGEST_BRUTE_FORCE)
    budget = Budget(time_limit, callback)
    ising = problem.to_ising()
    model = _Contracted.of(ising)
    rng = np.random.default_rng(seed)
    search = _AngleSearch()
    while len(model.alive) > cutoff:
        if budget.over(len(model.order) / (len(ising.nodes) - cutoff)):
            break
        model.fix_strongest(search, rng)
    bits = model.finished(exact=len(model.alive) <= cutoff)
    return judged(problem, problem.decode(bits), "recursive-qaoa", budget)


class _AngleSearch:
    """The best angles of one model after another, each near those of the one before."""

    def __init__(self) -> None:
        self.gamma = 0.0
        self.scanned_at = np.inf

    def best(self, engine: ClosedForm) -> tuple[float, float]:
        """Angles at which <C> is least."""
        n = len(engine.h)
        if n < self.scanned_at * (1 - SCAN_EVERY):
            self.scanned_at = n
            squared = (2 * np.square(engine.J).sum() + np.square(engine.h).sum()) / n
            gammas = np.linspace(WIDEST_GAMMA / SCANNED, WIDEST_GAMMA, SCANNED) * 0.5 / np.sqrt(squared)
        else:
            gammas = self.gamma * STRETCHES
        values = np.array([engine.curve(gamma)[0] for gamma in gammas.tolist()]) @ WAVES.T
        row, column = np.unravel_index(values.argmin(), values.shape)
        self.gamma = float(gammas[row])
        return self.gamma, float(BETAS[column])


@dataclass
class _Contracted:
    """What is left of a minimised Ising model, and how the spins that are gone follow from those left."""

    h: Reals
    pairs: Pairs
    J: Reals
    alive: NDArray[np.int64]  # names of the spins left: their numbers in the whole model
    parents: NDArray[np.int64]  # of each spin of the whole model: the spin that it follows, or itself
    signs: Reals  # and whether it is equal or opposite
    order: list[int]  # the spins that are gone, as they went

    @classmethod
    def of(cls, ising: Ising) -> _Contracted:
        n, direction = len(ising.nodes), sign(ising)
        unit = max(float(np.abs(ising.J).max(initial=0)), float(np.abs(ising.h).max(initial=0))) or 1.0
        h, J = direction * ising.h / unit, direction * ising.J / unit
        return cls(h, ising.pairs.copy(), J, np.arange(n), np.arange(n), np.ones(n), [])

    def fix_strongest(self, search: _AngleSearch, rng: np.random.Generator) -> None:
        """One step: fix a pair, or a spin where fields make it certain."""
        touched = np.zeros(len(self.h), dtype=bool)
        touched[self.pairs] = True
        touched |= self.h != 0
        free = np.flatnonzero(~touched)
        if len(free):
            self._set_spin(int(free[0]), float(rng.choice([-1.0, 1.0])))
            return
        engine = ClosedForm(self.h, self.pairs, self.J)
        singles, doubles = engine.correlations(*search.best(engine))
        strength = np.abs(np.concatenate([singles, doubles]))
        if strength.max() <= SAME:  # no correlation tells: the largest term decides
            singles, doubles = -self.h, -self.J
            strength = np.abs(np.concatenate([singles, doubles]))
        tied = np.flatnonzero(strength >= strength.max() * (1 - SAME))
        chosen = int(rng.choice(tied))
        if chosen < len(self.h):
            self._set_spin(chosen, float(np.sign(singles[chosen])))
        else:
            first, second = self.pairs[chosen - len(self.h)].tolist()
            self._merge(first, second, float(np.sign(doubles[chosen - len(self.h)])))

    def _set_spin(self, spin: int, value: float) -> None:
        for side in (0, 1):
            mine = self.pairs[:, side] == spin
            np.add.at(self.h, self.pairs[mine, 1 - side], value * self.J[mine])
        name = int(self.alive[spin])
        self.parents[name], self.signs[name] = -1, value
        self.order.append(name)
        self._drop(spin)

    def _merge(self, kept: int, gone: int, relation: float) -> None:
        """Replace a spin by `relation` times another."""
        moved = self.pairs == gone
        self.J = np.where(moved.any(axis=1), relation * self.J, self.J)
        self.pairs = np.where(moved, kept, self.pairs)
        self.h[kept] += relation * self.h[gone]
        name = int(self.alive[gone])
        self.parents[name], self.signs[name] = self.alive[kept], relation
        self.order.append(name)
        self._drop(gone)

    def _drop(self, spin: int) -> None:
        """Forget a spin: its couplings go, equal pairs are added up, cancelled ones vanish."""
        n = len(self.h)
        inside = (self.pairs != spin).all(axis=1) & (self.pairs[:, 0] != self.pairs[:, 1])
        pairs = np.sort(self.pairs[inside], axis=1)
        keys, place = np.unique(pairs[:, 0] * n + pairs[:, 1], return_inverse=True)
        J: Reals = np.bincount(place, self.J[inside], len(keys)).astype(np.float64)
        some = np.abs(J) > SAME
        pairs = np.stack([keys[some] // n, keys[some] % n], axis=1)
        self.pairs, self.J = pairs - (pairs > spin), J[some]
        self.h = np.delete(self.h, spin)
        self.h[np.abs(self.h) <= SAME] = 0.0
        self.alive = np.delete(self.alive, spin)

    def finished(self, *, exact: bool) -> NDArray[np.uint8]:
        """Bits of the whole model, the spins left being set by brute force or by single flips."""
        couplings = dict(zip(map(tuple, self.pairs.tolist()), self.J.tolist(), strict=True))
        left = Ising(self.h, couplings)
        bits = brute_force(left, Budget(None))[0] if exact else greedy_flips(left)
        spins = np.zeros(len(self.parents) + 1)
        spins[-1] = 1.0  # what spins with a value of their own follow
        spins[self.alive] = 1.0 - 2.0 * bits
        for name in reversed(self.order):
            spins[name] = self.signs[name] * spins[self.parents[name]]
        return (spins[:-1] < 0).astype(np.uint8)
