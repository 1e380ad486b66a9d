"""Greedy solutions and random ones: classical results to compare QAOA with."""

from __future__ import annotations

import numpy as np

from qgraph.base.checks import require_whole
from qgraph.base.typing import Bits
from qgraph.problems.ising import Ising
from qgraph.problems.number_partitioning import NumberPartitioning
from qgraph.problems.problem import Problem
from qgraph.problems.routing import PriorityRouting
from qgraph.simulation.counts import best_candidate
from qgraph.simulation.state import MOST_SHOTS
from qgraph.solvers.begin import begin
from qgraph.solvers.heuristics.local_search import LabelSearch, constructed, flips, moves
from qgraph.solvers.number_partitioning import differenced
from qgraph.solvers.result import Solution, judged
from qgraph.solvers.routes.local_search import improved, random_order


def solve_greedy(problem: Problem) -> Solution:
    """A good solution, at once; always the same one.

    Routes: nearest neighbour tier by tier, then 2-opt and or-opt inside each tier. Numbers: Karmarkar and
    Karp's differencing. Others: nodes one by one, the one whose choice matters most first, each to its best
    side or colour; then the best move while one improves. Every move keeps the rules: colours are changed,
    and halves exchange two nodes.

    >>> from qgraph import Graph, MaxCut
    >>> solve_greedy(MaxCut(Graph.ring(6))).objective
    6.0
    """
    budget = begin(problem)
    if isinstance(problem, PriorityRouting):
        order = improved(problem, problem.nearest_neighbour())
        return judged(problem, problem.evaluate(problem.named(order)), "greedy", budget)
    return judged(problem, problem.decode(greedy_bits(problem)), "greedy", budget)


def greedy_bits(problem: Problem) -> Bits:
    """The bits of `solve_greedy`: uint8[n]."""
    if isinstance(problem, NumberPartitioning):
        return differenced(problem.numbers)
    model, bits_of = moves(problem)
    return bits_of(LabelSearch(model, constructed(model)).descended())


def solve_random(problem: Problem, *, shots: int = 1024, seed: int = 0) -> Solution:
    """The best of `shots` uniformly random answers, to compare the samples of QAOA with.

    Routes are drawn among the feasible ones, as the feasible-subspace QAOA draws them.

    >>> from qgraph import Graph, MaxCut
    >>> solve_random(MaxCut(Graph.ring(6)), seed=1).objective
    6.0
    """
    budget = begin(problem, seed)
    require_whole("shots", shots, 1, MOST_SHOTS)
    rng = np.random.default_rng(seed)
    if isinstance(problem, PriorityRouting):
        fastest = min((random_order(problem, rng) for _ in range(shots)), key=problem.travel_time)
        return judged(problem, problem.evaluate(problem.named(fastest)), "random", budget)
    bits = rng.integers(0, 2, size=(shots, len(problem.nodes)), dtype=np.uint8)
    best = best_candidate(problem, bits, problem.objective(bits))
    return judged(problem, best, "random", budget)


def descended(ising: Ising, bits: Bits) -> Bits:
    """These bits after the best single flip, again and again until none improves: uint8[n]."""
    return LabelSearch(flips(ising), bits.astype(np.int64)).descended().astype(np.uint8)
