"""Rounds of recursive QAOA: correlations at good angles decide which spins are fixed.

Source: Bravyi, Kliesch, Koenig, Tang, arXiv:1910.08980, section 5.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy as np

from qgraph.base.errors import ProblemTooLarge
from qgraph.base.typing import Reals
from qgraph.simulation.choose import SMALL
from qgraph.simulation.deadline import check
from qgraph.simulation.formulas.depth_one import ClosedForm, waves
from qgraph.simulation.simulator import Simulator
from qgraph.solvers.budget import Budget
from qgraph.solvers.qaoa.contracted import Contracted

LARGEST_GAMMA = 2.5  # in units of the typical gamma
SCANNED = 20  # gammas tried in a full scan
STRETCHES = np.array([0.85, 0.95, 1.0, 1.05, 1.18])  # of the last gamma, tried between scans
SCAN_EVERY = 0.03  # share of the nodes that are fixed between two full scans
WORK_AT_ONCE = 1e7  # products of cosines between two looks at the clock
WEAKEST = 0.9  # of the strongest correlation: what another pair needs to be fixed in the same round
FIXED = 0.05  # share of the spins that are fixed in one round at most
BETAS = np.linspace(-np.pi / 4, np.pi / 4, 129)
WAVES = np.array([waves(beta)[0] for beta in BETAS])


class Late(Exception):
    """The time is over."""


def at_depth_one(
    model: Contracted, cutoff: int, rng: np.random.Generator, budget: Budget, over: Callable[[], bool]
) -> None:
    """Fix one spin or pair in each round, the angles optimised in closed form, until `cutoff` spins are left.

    Raises `Late` if the budget is spent within a round; `over()` is asked between rounds.
    """
    scan = _AngleScan()
    while len(model.alive) > cutoff and not over():
        if not model.set_uncoupled(rng, fields=False):
            engine = ClosedForm(model.h, model.pairs, model.J)
            model.fix_strongest(_correlations(engine, scan.best(engine, budget), budget), rng)


def at_angles(
    model: Contracted,
    cutoff: int,
    rng: np.random.Generator,
    over: Callable[[], bool],
    correlations_of: Callable[[Simulator], Reals],
) -> None:
    """Fix several pairs in each round, until `cutoff` spins are left or no correlations are known.

    The pairs are the first of a maximum spanning forest of the correlations' sizes: at most a share
    `FIXED` of the spins, each at least `WEAKEST` times as strong as the strongest. In small models a field
    is a coupling to one more spin. In others only pairs are fixed: that spin would be in all light cones.
    `correlations_of` raises `ProblemTooLarge` where it knows none. Raises `TimeoutError` at the thread's
    deadline.
    """
    while len(model.alive) > cutoff and not over():
        check()
        if model.set_uncoupled(rng, fields=True):
            continue
        try:
            small = model.h.any() and len(model.h) < SMALL
            ising = model.with_held_spin() if small else model.ising()
            simulator = Simulator(ising)
            found = np.nan_to_num(correlations_of(simulator))  # a coupling of 0 has no light cone
        except ProblemTooLarge:
            return
        n = len(model.alive)
        model.fix_forest(ising, found, WEAKEST, min(n - cutoff, math.ceil(FIXED * n)), rng)


def require_quick(simulator: Simulator, depth: int, longest: float) -> None:
    """Raise `ProblemTooLarge` where a gradient by light cones would take longer than so many seconds."""
    if depth > 1 and simulator.method == "auto":
        simulator.choices.cone_engine(depth, longest)


class _AngleScan:
    """The best angles of a sequence of models; each search starts near the angles of the model before."""

    def __init__(self) -> None:
        self.gamma = 0.0
        self.scanned_at = np.inf

    def best(self, engine: ClosedForm, budget: Budget) -> tuple[float, float]:
        """Angles at which <C> is least. Raises `Late`."""
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
    """The coefficients of the three waves in beta: float64[3]. Raises `Late` if the budget is spent."""
    total = np.zeros(3)
    for some in _pieces(engine, budget):
        nodes, edges = engine.parts(gamma, engine.pairs[some])
        total[0] = engine.h @ nodes[:, 0]
        total[1:] += np.tensordot(engine.J[some], edges, 1)[:, 0]
    return total


def _correlations(engine: ClosedForm, angles: tuple[float, float], budget: Budget) -> Reals:
    """<Z> of all spins, then <ZZ> of all pairs. Raises `Late` if the budget is spent."""
    singles, doubles = np.zeros(len(engine.h)), []
    for some in _pieces(engine, budget):
        singles, found = engine.correlations(*angles, engine.pairs[some])
        doubles.append(found)
    return np.concatenate([singles, *doubles])


def _pieces(engine: ClosedForm, budget: Budget) -> Iterator[slice]:
    """Parts of the pairs; each takes well below a second. Raises `Late` if the budget has ended."""
    degree = len(engine.couplings) / len(engine.h)
    together = 1 + int(WORK_AT_ONCE / (1 + degree))
    for start in range(0, max(len(engine.pairs), 1), together):
        if budget.over():
            raise Late
        yield slice(start, start + together)
