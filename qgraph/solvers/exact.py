"""Exact optima: brute force, integer programming, and dynamic programming over subsets."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from qgraph import resources
from qgraph.errors import ProblemTooLarge
from qgraph.problems.base import BitProblem, require_problem, sign
from qgraph.problems.number_partitioning import NumberPartitioning
from qgraph.problems.routing import PriorityRouting
from qgraph.simulation.reference import cost_diagonal
from qgraph.solvers import integer_programming, numbers, odd_cycles
from qgraph.solvers.budget import Budget
from qgraph.solvers.classical import greedy_bits
from qgraph.solvers.metaheuristics import annealed, tabu_searched
from qgraph.solvers.result import judged, tighter

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from qgraph.problems.base import Problem
    from qgraph.problems.ising import Ising
    from qgraph.solvers.result import Solution

    Bits = NDArray[np.uint8]
    Found = tuple[Bits, float, bool]

LARGEST_BRUTE_FORCE = 28
LARGEST_TIER = 16
SHARE = 0.17  # of the time, for each of two searches
READS, RESTARTS = 20, 4  # as `solve_annealing` and `solve_tabu` have them
LOW_BITS = 18  # a block of 2**18 energies stays in cache


def solve_exact(
    problem: Problem,
    *,
    time_limit: float | None = None,
    callback: Callable[[float], bool | None] | None = None,
) -> Solution:
    """The optimum, proved; or, when the time is spent, the best found and the bound proved by then.

    Routes: dynamic programming over subsets, to 16 stops per tier (`ProblemTooLarge` beyond). Numbers: the
    sums of two halves, a table of sums, or complete differencing. Others: brute force to 28 bits, which uses
    spin-flip symmetry. Beyond, HiGHS solves the problem's own integer program (`problem.to_lp` writes it);
    for MaxCut, Ising and QUBO, odd-cycle cuts and the semidefinite bound come first. All start from the best
    of greedy, annealing and tabu search, which take up to a third of the time. An answer that meets a
    trivial bound is proved at once.

    After `time_limit` (s), when `callback(share done)` returns True, or at an interrupt, `optimal` is False
    and `bound` says what was proved.

    >>> from qgraph import Graph, MaxCut
    >>> solve_exact(MaxCut(Graph.ring(5))).objective
    4.0
    """
    require_problem(problem)
    budget = Budget(time_limit, callback)
    if isinstance(problem, PriorityRouting):
        route = problem.named(best_order(problem))
        return judged(problem, problem.evaluate(route), "exact", budget, optimal=True)
    bits, bound, proved = _best_bits(problem, budget)
    return judged(problem, problem.decode(bits), "exact", budget, optimal=proved, bound=bound)


def _best_bits(problem: Problem, budget: Budget) -> Found:
    """The best bits found, a proved bound on C, and whether the bits are proved to be the best."""
    trivial = float(getattr(problem, "trivial_bound", problem.to_ising().trivial_bound))
    if isinstance(problem, NumberPartitioning):
        return _by_sums(problem, trivial, budget)
    if len(problem.nodes) <= LARGEST_BRUTE_FORCE:
        bits, finished = brute_force(problem.to_ising(), budget)
        return bits, trivial, finished
    start = _best_start(problem, trivial, budget)
    if _rank(problem, start) <= (False, sign(problem) * trivial) or budget.over():
        return start, trivial, False
    if isinstance(problem, BitProblem) and problem.constrained:
        return _by_program(problem, start, trivial, budget)
    return odd_cycles.solve(problem.to_ising(), start, trivial, budget)


def _rank(problem: Problem, bits: Bits) -> tuple[bool, float]:
    """What is better comes first: rules before values."""
    candidate = problem.decode(bits)
    return not candidate.feasible, sign(problem) * candidate.objective


def _best_start(problem: Problem, trivial: float, budget: Budget) -> Bits:
    """The best of greedy, annealing and tabu search."""
    best = greedy_bits(problem)

    def anneal(part: Budget) -> Bits:
        return annealed(problem, READS, None, np.random.default_rng(0), part)

    def search_tabu(part: Budget) -> Bits:
        return tabu_searched(problem, READS // 2, RESTARTS, np.random.default_rng(0), part)

    for search in (anneal, search_tabu):
        if budget.over() or _rank(problem, best) <= (False, sign(problem) * trivial):
            break
        best = min(best, search(budget.part(SHARE)), key=lambda bits: _rank(problem, bits))
    return best


def _by_sums(problem: NumberPartitioning, trivial: float, budget: Budget) -> Found:
    few = len(problem.nodes) <= numbers.MEET_IN_THE_MIDDLE
    start = greedy_bits(problem) if few else _best_start(problem, trivial, budget)
    bits, proved = numbers.exact(problem.numbers, start, math.sqrt(trivial), budget)
    return bits, trivial, proved


def _by_program(problem: BitProblem, start: Bits, trivial: float, budget: Budget) -> Found:
    answer = integer_programming.solve(problem.to_program(), problem.canonical(start), budget)
    found = [start]
    if answer.x is not None:
        found.append(np.round(answer.x[: len(start)]).astype(np.uint8))
    bits = min(reversed(found), key=lambda bits: _rank(problem, bits))
    return bits, tighter(problem, answer.bound, trivial), answer.proved


def brute_force(ising: Ising, budget: Budget) -> tuple[NDArray[np.uint8], bool]:
    """The best bits of all, and whether all were tried: 2**n energies, or 2**(n - 1) without fields."""
    n = len(ising.nodes)
    free = n - 1 if ising.flip_symmetric else n  # by symmetry the last spin may stay up
    low = min(free, LOW_BITS)
    coupling = np.zeros((n, n))
    coupling[ising.pairs[:, 0], ising.pairs[:, 1]] = sign(ising) * ising.J
    coupling += coupling.T
    h = sign(ising) * ising.h
    inside = (ising.pairs < low).all(axis=1)
    inner = cost_diagonal(np.zeros(low), ising.pairs[inside], sign(ising) * ising.J[inside])
    none = np.zeros((0, 2), dtype=np.int64), np.zeros(0)
    best, best_index = np.inf, 0
    blocks = 2 ** (free - low)
    for block in range(blocks):
        outer = 1.0 - 2.0 * (block >> np.arange(n - low) & 1)
        fields = h[:low] + coupling[:low, low:] @ outer
        constant = h[low:] @ outer + outer @ coupling[low:, low:] @ outer / 2
        energies = inner + cost_diagonal(fields, *none)
        place = int(energies.argmin())
        if energies[place] + constant < best:
            best, best_index = energies[place] + constant, block << low | place
        if budget.over((block + 1) / blocks):
            return _bits(best_index, n), block + 1 == blocks
    return _bits(best_index, n), True


def _bits(index: int, n: int) -> NDArray[np.uint8]:
    return (index >> np.arange(n) & 1).astype(np.uint8)


def best_order(routing: PriorityRouting) -> list[int]:
    """The fastest feasible order, as indices into `routing.stops`.

    Bellman, Held and Karp's dynamic program within each tier: time[S, v] is the fastest way to have
    visited the tiers before and the subset S of this tier, ending at v. A tier starts from the best ends
    of the one before, so that tiers cost the sum, not the product, of their subsets.
    """
    largest = max(len(tier) for tier in routing.tiers)
    if largest > LARGEST_TIER:
        raise ProblemTooLarge(
            f"exact routes are for tiers of at most {LARGEST_TIER} stops, got one of {largest}"
        )
    resources.require_memory(
        2**largest * largest * 8 * len(routing.tiers), "the dynamic program", "smaller tiers would fit"
    )
    times = routing.times
    depot = None if routing.city.depot is None else len(routing.stops)
    members = [np.arange(tier.start, tier.stop) for tier in routing.tier_slices]
    inside = [times[np.ix_(tier, tier)] for tier in members]
    tables: list[NDArray[np.float64]] = []
    for t, tier in enumerate(members):
        if t == 0:
            start = np.zeros(len(tier)) if depot is None else times[depot, tier]
        else:
            start = (tables[-1][-1][:, None] + times[np.ix_(members[t - 1], tier)]).min(axis=0)
        tables.append(_subset_times(start, inside[t]))
    onward = times[members[-1], depot] if routing.return_to_depot and depot is not None else np.zeros(1)
    order: list[int] = []
    for t in reversed(range(len(members))):
        last = int(np.argmin(tables[t][-1] + onward))
        order = [*members[t][_traced(tables[t], inside[t], last)].tolist(), *order]
        if t > 0:
            onward = times[members[t - 1], order[0]]
    return order


def _subset_times(start: NDArray[np.float64], times: NDArray[np.float64]) -> NDArray[np.float64]:
    """time[S, v] for all subsets S and ends v in S: float64[2**m, m], infinite for v outside S."""
    m = len(start)
    table = np.full((2**m, m), np.inf)
    table[2 ** np.arange(m), np.arange(m)] = start
    subsets = np.arange(2**m)
    sizes = np.array([int(s).bit_count() for s in subsets])
    for size in range(1, m):
        smaller = subsets[sizes == size]
        for v in range(m):
            before = smaller[smaller >> v & 1 == 0]
            table[before | 1 << v, v] = (table[before] + times[:, v]).min(axis=1)
    return table


def _traced(table: NDArray[np.float64], times: NDArray[np.float64], last: int) -> list[int]:
    """The order within a tier that ends at `last`, read back from its table."""
    subset, order = len(table) - 1, [last]
    while subset & (subset - 1):
        subset ^= 1 << order[-1]
        order.append(int(np.argmin(table[subset] + times[:, order[-1]])))
    return order[::-1]
