"""Exact optima: brute force, integer programming, and routes."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

import numpy as np

from qgraph.base.typing import Bits
from qgraph.problems.base import BitProblem
from qgraph.problems.graph_partitioning import GraphPartitioning
from qgraph.problems.ising import Ising
from qgraph.problems.number_partitioning import NumberPartitioning
from qgraph.problems.problem import GraphProblem, Problem
from qgraph.problems.program import common_step
from qgraph.problems.routing import PriorityRouting
from qgraph.problems.sense import sign
from qgraph.solvers import integer_programming, number_partitioning
from qgraph.solvers.begin import begin
from qgraph.solvers.budget import Budget
from qgraph.solvers.exact import dense_cuts, odd_cycles
from qgraph.solvers.exact.brute_force import LARGEST_BRUTE_FORCE, brute_force
from qgraph.solvers.exact.decomposition import pieces
from qgraph.solvers.heuristics.greedy import greedy_bits
from qgraph.solvers.heuristics.metaheuristics import SWEEPS, annealed, tabu_searched
from qgraph.solvers.relaxations.bounds import relaxed_bound
from qgraph.solvers.result import Solution, judged, meets, tighter
from qgraph.solvers.routes import exact

Found = tuple[Bits, float, bool]

DENSE_COUPLINGS = 8  # couplings per node above which a semidefinite bound is stronger than odd cycles
MOST_SPINS = 200  # for branch and bound on that relaxation
VECTORS_FIRST = 0.3  # its share of the proof's time, before the program of sparse halves
START = 0.2  # the largest share of the time that the first search takes, and
AFTERWARDS = 0.35  # that a longer search takes of the time left then; the proof has the rest
FEW_READS, READS, RESTARTS = 2, 20, 4  # the last two as in `solve_annealing` and `solve_tabu`
MOST_SEARCHES = 10  # each with annealing that is twice as slow as before


def solve_exact(
    problem: Problem,
    *,
    time_limit: float | None = None,
    callback: Callable[[float], bool | None] | None = None,
    progress: bool = True,
) -> Solution:
    """The proved optimum; or, at the time limit, the best solution and the best bound so far.

    Routes: dynamic programming over subsets if its tables take at most 256 MB (a tier of 20 stops);
    else branch and cut, which takes seconds for 60 stops (`ProblemTooLarge` above about 300 in one tier).
    Numbers: the sums of two halves, a table of sums, or complete differencing. Others: brute force to 28
    bits, which uses spin-flip symmetry. Beyond, HiGHS solves the problem's own integer program (see
    `problem.to_lp`), in a separate process beyond 1000 rows. For MaxCut, Ising and QUBO, odd-cycle cuts
    come first where couplings are few, and a semidefinite bound with triangle inequalities in branch and
    bound where they are many; for equal halves of up to 200 nodes the latter comes first, too. All start from
    the best of greedy, annealing and tabu search, and continue this search while there is time and no proof.
    An answer that meets a trivial bound is proved at once.

    After `time_limit` (s), when `callback(share done)` returns True, or at an interrupt, `optimal` is False
    and `bound` is the best proved bound.

    >>> from qgraph import Graph, MaxCut
    >>> solve_exact(MaxCut(Graph.ring(5))).objective
    4.0
    """
    budget = begin(problem, 0, time_limit, callback)
    with budget.shown("exact", problem, progress):
        return _solved(problem, budget)


def _solved(problem: Problem, budget: Budget) -> Solution:
    if isinstance(problem, PriorityRouting):
        order, limit, proved = exact.solve(problem, budget)
        route = problem.evaluate(problem.named(order))
        return judged(problem, route, "exact", budget, optimal=proved, bound=limit)
    if _is_free(problem) and not _is_dense(problem) and len(problem.nodes) > LARGEST_BRUTE_FORCE:
        bits, bound, proved = _in_pieces(problem.to_ising(), budget)
    else:
        bits, bound, proved = _as_a_whole(problem, budget)
    return judged(problem, problem.decode(bits), "exact", budget, optimal=proved, bound=bound)


def _is_free(problem: Problem) -> bool:
    """Whether every bit may be flipped alone, and C is only its Ising model."""
    return not (problem.constrained or isinstance(problem, NumberPartitioning))


def _is_dense(problem: Problem) -> bool:
    """Whether a semidefinite bound is stronger than odd cycles, or than the relaxation of a program."""
    model = problem.graph if isinstance(problem, GraphProblem) else problem.to_ising()
    return 2 * len(model.pairs) >= DENSE_COUPLINGS * len(model.nodes)


def _in_pieces(ising: Ising, budget: Budget) -> Found:
    """Solve each piece of the model as a whole, the small pieces first; then join the answers."""
    parts = pieces(ising)
    work = [len(model.nodes) ** 2 for model in parts.models]
    found: dict[int, Found] = {}
    stopped_by, left = None, sum(work)
    order = sorted(range(len(work)), key=work.__getitem__)
    for piece in order:
        part = budget.part(work[piece] / left)
        part.translate = lambda _: None
        if piece == order[-1]:  # the largest one: the values of all others are known
            others = sum(float(parts.models[other].energy(found[other][0])) for other in order[:-1])
            part.translate = partial(_of_the_whole, ising, parts.constant + others)
        found[piece] = _as_a_whole(parts.models[piece], part)
        stopped_by, left = stopped_by or part.stopped_by, left - work[piece]
    budget.stopped_by = budget.stopped_by or stopped_by
    least = parts.constant + sum(bound for _, bound, _ in found.values())
    bits = parts.joined([found[piece][0] for piece in range(len(work))])
    return bits, ising.offset + sign(ising) * least, all(proved for _, _, proved in found.values())


def _of_the_whole(ising: Ising, others: float, least: float) -> float:
    """C of the whole model, from the least energies of its last piece and of the others."""
    return ising.offset + sign(ising) * (others + least)


def _as_a_whole(problem: Problem, budget: Budget) -> Found:
    """The best bits found, a proved bound on C, and whether the bits are proved to be the best."""
    bound = (problem if isinstance(problem, BitProblem) else problem.to_ising()).trivial_bound
    if len(problem.nodes) <= LARGEST_BRUTE_FORCE and not isinstance(problem, NumberPartitioning):
        bits, finished = brute_force(problem.to_ising(), budget)
        return bits, bound, finished
    first = budget.part(START)
    best = _searched(problem, greedy_bits(problem), bound, first, FEW_READS)
    if budget.over() or _reaches(problem, best, bound):
        return best, bound, _reaches(problem, best, bound)
    longer = READS / FEW_READS * first.seconds  # an estimate
    part = budget.part(1 - min(AFTERWARDS, longer / (longer + budget.left)))
    found, proved = best, False
    with part.ended_by_interrupt():
        found, proof, proved = _proved(problem, best, bound, part)
        bound = _attainable(problem, tighter(problem, bound, proof))
    best = min(found, best, key=lambda bits: _rank(problem, bits))
    budget.found(float(problem.objective(best)))
    if not proved and not budget.over():
        in_time = longer < budget.left  # then the first search is that of `solve_annealing` and `solve_tabu`
        for seed in range(1 if math.isinf(budget.left) else MOST_SEARCHES):
            best = _searched(problem, best, bound, budget, seed=seed, from_greedy=in_time and seed == 0)
        budget.stopped_by = budget.stopped_by or part.stopped_by
    return best, bound, proved or _reaches(problem, best, bound)


def _proved(problem: Problem, start: Bits, bound: float, budget: Budget) -> Found:
    """What the method for this problem finds and proves, from `start` and `bound`."""
    if isinstance(problem, NumberPartitioning):
        bits, proved = number_partitioning.exact(problem.numbers, start, math.sqrt(bound), budget)
        return bits, bound, proved
    free, dense = _is_free(problem), _is_dense(problem)
    if len(problem.nodes) <= MOST_SPINS and (isinstance(problem, GraphPartitioning) or (free and dense)):
        part = budget if dense else budget.part(VECTORS_FIRST)
        start, proof, proved = dense_cuts.solve(problem.to_ising(), start, part)
        if dense or proved:
            return start, proof, proved
        bound = tighter(problem, bound, proof)
    if free and not dense:
        return odd_cycles.solve(problem.to_ising(), start, bound, budget)
    bound = tighter(problem, bound, relaxed_bound(problem, budget.part(0.5)))
    if free or not isinstance(problem, BitProblem) or _reaches(problem, start, bound):
        return start, bound, False
    return integer_programming.solve_bits(problem, start, bound, budget)


def _attainable(problem: Problem, bound: float) -> float:
    """The bound, moved to the nearest value that C can have, if all terms are multiples of a step."""
    step = base = 0.0
    if isinstance(problem, GraphPartitioning):
        step = common_step(problem.graph.weights)
    elif _is_free(problem):
        ising = problem.to_ising()
        step = common_step(2 * np.concatenate([ising.h, ising.J]))
        base = ising.offset + float(ising.h.sum() + ising.J.sum())
    if step == 0 or not math.isfinite(bound):
        return bound
    return base + sign(problem) * step * math.ceil(sign(problem) * (bound - base) / step - 1e-6)


def _searched(
    problem: Problem,
    best: Bits,
    bound: float,
    budget: Budget,
    reads: int = READS,
    *,
    seed: int = 0,
    from_greedy: bool = False,
) -> Bits:
    """The best of these bits, of annealing, and of tabu search from there, each with half of the time.

    Each seed has annealing that is twice as slow as with the seed before. The search ends when `best` meets
    the bound.
    """
    sweeps = SWEEPS * 2**seed if seed else None
    for share in (0.5, 1.0):
        if budget.over() or _reaches(problem, best, bound):
            break
        part, rng = budget.part(share), np.random.default_rng(seed)
        with budget.ended_by_interrupt():
            if share < 1:
                found = annealed(problem, reads, sweeps, rng, part)
            else:
                start = None if from_greedy else best
                found = tabu_searched(problem, (reads + 1) // 2, RESTARTS, rng, part, start)
            best = min(best, found, key=lambda bits: _rank(problem, bits))
    return best


def _rank(problem: Problem, bits: Bits) -> tuple[bool, float]:
    """A key for sorting, the best first: rules count before values."""
    candidate = problem.decode(bits)
    return not candidate.feasible, sign(problem) * candidate.objective


def _reaches(problem: Problem, bits: Bits, bound: float) -> bool:
    """Whether bits keep the rules and meet a bound."""
    candidate = problem.decode(bits)
    return candidate.feasible and meets(candidate.objective, bound)
