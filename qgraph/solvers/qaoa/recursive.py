"""Recursive QAOA: fix the strongest correlations of a QAOA state, contract, repeat.

Source: Bravyi, Kliesch, Koenig, Tang, arXiv:1910.08980, section 5. Correlations are exact. At depth 1
they have a closed form, so thousands of nodes are possible.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress

import numpy as np

from qgraph.base.checks import require, require_whole
from qgraph.base.typing import Bits, Reals
from qgraph.problems.ising import Ising
from qgraph.problems.problem import Problem
from qgraph.problems.sense import sign
from qgraph.simulation.deadline import Deadline
from qgraph.simulation.simulator import Simulator
from qgraph.solvers.begin import begin
from qgraph.solvers.budget import Budget
from qgraph.solvers.exact.brute_force import LARGEST_BRUTE_FORCE
from qgraph.solvers.heuristics.greedy import descended
from qgraph.solvers.qaoa.contracted import CUTOFF, Contracted
from qgraph.solvers.qaoa.pace import Pace
from qgraph.solvers.qaoa.rounds import Late, at_angles, at_depth_one, require_quick
from qgraph.solvers.qaoa.schedules import Angles
from qgraph.solvers.qaoa.search import AngleSearch
from qgraph.solvers.result import Solution, judged

WITH_FLIPS = "recursive-qaoa+flips"
DEEP, CLIMB = 0.8, 0.5  # shares of the time: of depths above 1 of the limit, of the first angles of these
LONGEST_ROUND = 10.0  # seconds of a gradient; beyond it the rest continues at depth 1
FIRST_ITERATIONS, STARTS = 200, 3  # of the climb to the angles of the first round
LATER_ITERATIONS = 3  # of each search from the angles of the round before


def solve_recursive_qaoa(
    problem: Problem,
    *,
    depth: int = 1,
    seed: int = 0,
    cutoff: int = CUTOFF,
    runs: int = 1,
    flips: bool = False,
    time_limit: float | None = None,
    callback: Callable[[float], bool | None] | None = None,
    progress: bool = True,
) -> Solution:
    """A solution for up to thousands of nodes, by recursive QAOA.

    In each step the angles are optimised, the spin or pair of the strongest correlation is fixed (ties by
    `seed`), and the model contracted, until `cutoff` nodes are left for brute force. Spins that no longer
    interact with any other are set by `seed`. The best of `runs` counts; each has its own random numbers.
    After `time_limit` (s), when `callback(share done)` returns True, or at an interrupt, greedy choices
    set the rest.

    With a `depth` above 1, a step fixes several pairs: the first of a maximum spanning forest of the sizes of
    <Z_i Z_j>, at most 1 in 20 of the spins, each at least 0.9 times as strong as the strongest. So signs
    cannot contradict each other. Models with fields of at most 21 nodes get one more spin, to which fields
    are couplings; in larger ones only pairs are fixed. The first angles come from a climb as in `solve_qaoa`,
    later ones from a few iterations that begin at the last. Contracted models get denser: where no method
    evaluates one at this depth (see `Simulator.choice`), or after 0.8 of the time, the rest continues at
    depth 1.

    It is exact on rings and strong on sparse graphs with few cycles. On dense random graphs it is often below
    `solve_greedy`, and depth 1 reaches 0.93 of the best known cut of G43: early decisions are never reversed.
    With `flips`, single flips follow while any improves. The solver is then called "recursive-qaoa+flips":
    credit the flips, not QAOA, for what they add.

    >>> from qgraph import Graph, MaxCut
    >>> solve_recursive_qaoa(MaxCut(Graph.ring(60)), seed=7).objective
    60.0
    """
    budget = begin(problem, seed, time_limit, callback)
    require_whole("depth", depth, 1)
    require_whole("cutoff", cutoff, 1, LARGEST_BRUTE_FORCE)
    require_whole("runs", runs, 1)
    require(isinstance(flips, bool), "flips", "must be True or False", flips)
    with budget.shown("recursive-qaoa", problem, progress):
        bits = contracted_bits(problem, depth, seed, cutoff, runs, budget)
    return contracted_solution(problem, bits, budget, flips=flips)


def contracted_bits(problem: Problem, depth: int, seed: int, cutoff: int, runs: int, budget: Budget) -> Bits:
    """The bits of the best run: uint8[n]."""
    ising, rng = problem.to_ising(), np.random.default_rng(seed)
    found: list[Bits] = []
    for run in range(runs):
        if found and budget.over():
            break
        found.append(_contracted(ising, depth, cutoff, rng, budget, run / runs, 1 / runs))
    return min(found, key=lambda bits: sign(ising) * float(ising.energy(bits)))


def contracted_solution(problem: Problem, bits: Bits, budget: Budget, *, flips: bool) -> Solution:
    """The solution of these bits, or after single flips under another name."""
    bits = descended(problem.to_ising(), bits) if flips else bits
    return judged(problem, problem.decode(bits), WITH_FLIPS if flips else "recursive-qaoa", budget)


def _contracted(
    ising: Ising, depth: int, cutoff: int, rng: np.random.Generator, budget: Budget, done: float, share: float
) -> Bits:
    """The bits of one run; `done` and `share` are parts of the whole work, for the callback."""
    model = Contracted(ising)
    steps = len(ising.nodes) - cutoff

    def over() -> bool:
        return budget.over(done + share * (len(model.order) / steps))

    with budget.ended_by_interrupt(), suppress(Late):
        if depth > 1:
            moment = time.perf_counter() + DEEP * budget.left
            with Deadline(moment).kept(), suppress(TimeoutError):
                at_angles(model, cutoff, rng, over, _Angles(depth, rng, over, moment))
        at_depth_one(model, cutoff, rng, budget, over)
    return model.finished(exact=len(model.alive) <= cutoff)


class _Angles:
    """The best angles of a sequence of models: those of the first by a whole climb, then from the last."""

    def __init__(self, depth: int, rng: np.random.Generator, over: Callable[[], bool], moment: float) -> None:
        self.depth, self.rng, self.over, self.moment = depth, rng, over, moment
        self.last: Angles | None = None

    def __call__(self, simulator: Simulator) -> Reals:
        """The correlations at the best angles of a model.

        Raises `Late`, `TimeoutError`, `ProblemTooLarge`, and `KeyboardInterrupt`.
        """
        depth = self.depth if self.last is None else len(self.last[0])
        require_quick(simulator, depth, LONGEST_ROUND)
        now, share = time.perf_counter(), CLIMB if self.last is None else 1.0
        part = Budget(None, lambda _: self.over())
        part.deadline = now + share * (self.moment - now)
        pace = Pace(simulator, part, Deadline(part.deadline), tail=False, shots=0)
        pace.limited = False  # there are no samples to keep time for
        most, starts = (FIRST_ITERATIONS, STARTS) if self.last is None else (LATER_ITERATIONS, 1)
        search = AngleSearch(simulator, depth, warm=False, cvar=1.0, max_iterations=most, pace=pace)
        for _ in search.run(self.last, starts, self.rng):
            pass
        if part.stopped_by == "interrupt":
            raise KeyboardInterrupt
        if part.stopped_by == "callback":
            raise Late
        self.last = search.climb[-1][0]
        return simulator.correlations(*self.last)
