"""Recursive QAOA: fix the strongest correlation of a depth-1 state, contract, repeat.

Source: Bravyi, Kliesch, Koenig, Tang, arXiv:1910.08980, section 5. The correlations are exact, in closed
form, so thousands of nodes are possible.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress

import numpy as np

from qgraph.base.checks import require, require_whole
from qgraph.base.typing import Bits, Integers, Reals
from qgraph.problems import couplings
from qgraph.problems.ising import Ising, from_arrays
from qgraph.problems.problem import Problem
from qgraph.problems.sense import sign
from qgraph.simulation.formulas.depth_one import ClosedForm, waves
from qgraph.solvers.begin import begin
from qgraph.solvers.budget import Budget
from qgraph.solvers.exact.brute_force import LARGEST_BRUTE_FORCE, brute_force
from qgraph.solvers.heuristics.greedy import descended, greedy_bits
from qgraph.solvers.result import Solution, judged

EQUAL_CORRELATIONS = 1e-9  # relative difference of correlations that count as equal
NEGLIGIBLE = 1e-9  # correlations, and terms relative to the largest, that count as zero
LARGEST_GAMMA = 2.5  # in units of the typical gamma
SCANNED = 20  # gammas tried in a full scan
STRETCHES = np.array([0.85, 0.95, 1.0, 1.05, 1.18])  # of the last gamma, tried between scans
SCAN_EVERY = 0.03  # share of the nodes that are fixed between two full scans
CUTOFF = 20
WITH_FLIPS = "recursive-qaoa+flips"
WORK_AT_ONCE = 1e7  # products of cosines between two looks at the clock
BETAS = np.linspace(-np.pi / 4, np.pi / 4, 129)
WAVES = np.array([waves(beta)[0] for beta in BETAS])


def solve_recursive_qaoa(
    problem: Problem,
    *,
    seed: int = 0,
    cutoff: int = CUTOFF,
    runs: int = 1,
    flips: bool = False,
    time_limit: float | None = None,
    callback: Callable[[float], bool | None] | None = None,
    progress: bool = True,
) -> Solution:
    """A solution for up to thousands of nodes, by recursive QAOA of depth 1.

    In each step the angles are optimised, the spin or pair of the strongest correlation is fixed (ties by
    `seed`), and the model contracted, until `cutoff` nodes are left for brute force. Spins that no longer
    interact with any other are set by `seed`. The best of `runs` counts; each has its own random numbers.
    After `time_limit` (s), when `callback(share done)` returns True, or at an interrupt, greedy choices
    set the rest.

    It is exact on rings and strong on sparse graphs with few cycles. On dense random graphs it is often below
    `solve_greedy`, and it reaches 0.93 of the best known cut of G43: early decisions are never reversed.
    With `flips`, single flips follow while any improves. The solver is then called "recursive-qaoa+flips":
    credit the flips, not QAOA, for what they add.

    >>> from qgraph import Graph, MaxCut
    >>> solve_recursive_qaoa(MaxCut(Graph.ring(60)), seed=7).objective
    60.0
    """
    budget = begin(problem, seed, time_limit, callback)
    require_whole("cutoff", cutoff, 1, LARGEST_BRUTE_FORCE)
    require_whole("runs", runs, 1)
    require(isinstance(flips, bool), "flips", "must be True or False", flips)
    with budget.shown("recursive-qaoa", problem, progress):
        bits = contracted_bits(problem, seed, cutoff, runs, budget)
    return contracted_solution(problem, bits, budget, flips=flips)


def contracted_bits(problem: Problem, seed: int, cutoff: int, runs: int, budget: Budget) -> Bits:
    """The bits of the best run: uint8[n]."""
    ising, rng = problem.to_ising(), np.random.default_rng(seed)
    found: list[Bits] = []
    for run in range(runs):
        if found and budget.over():
            break
        found.append(_contracted(ising, cutoff, rng, budget, run / runs, 1 / runs))
    return min(found, key=lambda bits: sign(ising) * float(ising.energy(bits)))


def contracted_solution(problem: Problem, bits: Bits, budget: Budget, *, flips: bool) -> Solution:
    """The solution of these bits, or after single flips under another name."""
    bits = descended(problem.to_ising(), bits) if flips else bits
    return judged(problem, problem.decode(bits), WITH_FLIPS if flips else "recursive-qaoa", budget)


def _contracted(
    ising: Ising, cutoff: int, rng: np.random.Generator, budget: Budget, done: float, share: float
) -> Bits:
    """The bits of one run; `done` and `share` are parts of the whole work, for the callback."""
    model, scan = _Contracted(ising), _AngleScan()
    steps = len(ising.nodes) - cutoff
    with budget.ended_by_interrupt(), suppress(_Late):
        while len(model.alive) > cutoff and not budget.over(done + share * (len(model.order) / steps)):
            model.fix_strongest(scan, rng, budget)
    return model.finished(exact=len(model.alive) <= cutoff)


class _Late(Exception):
    pass


class _AngleScan:
    """The best angles of a sequence of models; each search starts near the angles of the model before."""

    def __init__(self) -> None:
        self.gamma = 0.0
        self.scanned_at = np.inf

    def best(self, engine: ClosedForm, budget: Budget) -> tuple[float, float]:
        """Angles at which <C> is least. Raises `_Late`."""
        n = len(engine.h)
        if n < self.scanned_at * (1 - SCAN_EVERY):
            self.scanned_at = n
            squared = (2 * np.square(engine.J).sum() + np.square(engine.h).sum()) / n
            gammas = np.linspace(LARGEST_GAMMA / SCANNED, LARGEST_GAMMA, SCANNED) * 0.5 / np.sqrt(squared)
        else:
            gammas = self.gamma * STRETCHES
        values = np.array([_curve(engine, gamma, budget) for gamma in gammas.tolist()]) @ WAVES.T
        row, column = np.unravel_index(values.argmin(), values.shape)
        self.gamma = float(gammas[row])
        return self.gamma, float(BETAS[column])


def _curve(engine: ClosedForm, gamma: float, budget: Budget) -> Reals:
    """The coefficients of the three waves in beta: float64[3]. Raises `_Late` if the budget is spent."""
    total = np.zeros(3)
    for some in _pieces(engine, budget):
        nodes, edges = engine.parts(gamma, engine.pairs[some])
        total[0] = engine.h @ nodes[:, 0]
        total[1:] += np.tensordot(engine.J[some], edges, 1)[:, 0]
    return total


def _correlations(engine: ClosedForm, angles: tuple[float, float], budget: Budget) -> Reals:
    """<Z> of all spins, then <ZZ> of all pairs. Raises `_Late` if the budget is spent."""
    singles, doubles = np.zeros(len(engine.h)), []
    for some in _pieces(engine, budget):
        singles, found = engine.correlations(*angles, engine.pairs[some])
        doubles.append(found)
    return np.concatenate([singles, *doubles])


def _pieces(engine: ClosedForm, budget: Budget) -> Iterator[slice]:
    """Parts of the pairs; each takes well below a second. Raises `_Late` if the budget has ended."""
    degree = len(engine.couplings) / len(engine.h)
    together = 1 + int(WORK_AT_ONCE / (1 + degree))
    for start in range(0, max(len(engine.pairs), 1), together):
        if budget.over():
            raise _Late
        yield slice(start, start + together)


class _Contracted:
    """The rest of a minimised Ising model, and how the removed spins follow from the spins that are left."""

    def __init__(self, ising: Ising) -> None:
        unit = max(float(np.abs(ising.J).max(initial=0)), float(np.abs(ising.h).max(initial=0))) or 1.0
        self.h, self.J = sign(ising) * ising.h / unit, sign(ising) * ising.J / unit
        self.pairs: Integers = ising.pairs.copy()
        # The spins that are left, by their numbers in the whole model.
        self.alive: Integers = np.arange(len(self.h))
        self.parents = self.alive.copy()  # of each spin of the whole model: the spin that sets it, or itself
        self.signs = np.ones(len(self.h))  # of each: whether it is equal to its parent (1) or opposite (-1)
        self.order: list[int] = []  # the removed spins, in order

    def fix_strongest(self, scan: _AngleScan, rng: np.random.Generator, budget: Budget) -> None:
        """One step: fix the pair or the spin with the strongest correlation."""
        touched = self.h != 0
        touched[self.pairs] = True
        free = np.flatnonzero(~touched)
        if len(free):
            self._set_spin(int(free[0]), float(rng.choice([-1.0, 1.0])))
            return
        engine = ClosedForm(self.h, self.pairs, self.J)
        found = _correlations(engine, scan.best(engine, budget), budget)
        if np.abs(found).max() <= NEGLIGIBLE:  # all correlations are zero: the largest term decides
            found = -np.concatenate([self.h, self.J])
        strength = np.abs(found)
        tied = np.flatnonzero(strength >= strength.max() * (1 - EQUAL_CORRELATIONS))
        chosen = int(rng.choice(tied))
        relation = float(np.sign(found[chosen]))
        if chosen < len(self.h):
            self._set_spin(chosen, relation)
        else:
            kept, gone = self.pairs[chosen - len(self.h)].tolist()
            self._merge(kept, gone, relation)

    def _set_spin(self, spin: int, value: float) -> None:
        for side in (0, 1):
            mine = self.pairs[:, side] == spin
            np.add.at(self.h, self.pairs[mine, 1 - side], value * self.J[mine])
        self._remove(spin, -1, value)

    def _merge(self, kept: int, gone: int, relation: float) -> None:
        """Replace a spin by `relation` times another."""
        moved = self.pairs == gone
        self.J = np.where(moved.any(axis=1), relation * self.J, self.J)
        self.pairs = np.where(moved, kept, self.pairs)
        self.h[kept] += relation * self.h[gone]
        self._remove(gone, int(self.alive[kept]), relation)

    def _remove(self, spin: int, parent: int, relation: float) -> None:
        """Remove a spin and its couplings; couplings of the same pair are added up, and zeros are removed."""
        name, n = int(self.alive[spin]), len(self.h)
        self.parents[name], self.signs[name] = parent, relation
        self.order.append(name)
        inside = (self.pairs != spin).all(axis=1) & (self.pairs[:, 0] != self.pairs[:, 1])
        pairs, J = couplings.added(self.pairs[inside], self.J[inside], n)
        some = np.abs(J) > NEGLIGIBLE
        self.pairs, self.J = pairs[some] - (pairs[some] > spin), J[some]
        self.h = np.delete(self.h, spin)
        self.h[np.abs(self.h) <= NEGLIGIBLE] = 0.0
        self.alive = np.delete(self.alive, spin)

    def finished(self, *, exact: bool) -> Bits:
        """Bits of the whole model, after brute force or single flips set the spins that are left."""
        left = from_arrays(map(str, range(len(self.h))), self.h, self.pairs, self.J, 0.0, "minimize")
        bits = brute_force(left, Budget(None))[0] if exact else greedy_bits(left)
        spins = np.zeros(len(self.parents) + 1)
        spins[-1] = 1.0  # for spins that are fixed, not tied to another spin
        spins[self.alive] = 1.0 - 2.0 * bits
        for name in reversed(self.order):
            spins[name] = self.signs[name] * spins[self.parents[name]]
        return (spins[:-1] < 0).astype(np.uint8)
