"""Simulated annealing and tabu search: bits by dwave-samplers, labels by moves that keep the rules."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable
from functools import partial
from itertools import chain
from typing import Any, cast

import numpy as np

from qgraph.base.checks import require_whole
from qgraph.base.typing import Bits
from qgraph.problems.ising import Ising
from qgraph.problems.number_partitioning import NumberPartitioning
from qgraph.problems.problem import Problem
from qgraph.problems.sense import sign
from qgraph.solvers import number_partitioning
from qgraph.solvers.begin import begin
from qgraph.solvers.budget import Budget
from qgraph.solvers.heuristics import label_annealing, local_search
from qgraph.solvers.heuristics.greedy import descended, greedy_bits
from qgraph.solvers.result import Solution, judged, meets, trivial_bound

MOST = 10**6
SEEDS = 2**31
NEGLIGIBLE = 1e-12  # relative size of terms that count as rounding errors
SWEEPS, SWEEPS_OF_LABELS = 3000, 1000
LONGEST_CALL = 0.3  # s, of a call of the sampler, which ignores interrupts
FEWEST_SWEEPS = 50  # sweeps from hot to cold; an answer that ends hot is worse than greedy
SECONDS_PER_FLIP, SECONDS_PER_COUPLING = 3e-8, 2e-9  # of a sweep
SHORT_TENURE = 20  # the sampler's default, too short for large models: they run in circles
RESTARTS_A_CALL = 7
LARGEST_DENSE = 2000  # nodes up to which tabu search may use a dense matrix
TABU_STEPS = 1000  # of number partitioning


def solve_annealing(
    problem: Problem,
    *,
    seed: int = 0,
    reads: int = 20,
    sweeps: int | None = None,
    time_limit: float | None = None,
    callback: Callable[[float], bool | None] | None = None,
    progress: bool = True,
) -> Solution:
    """The best of `reads` runs of simulated annealing, each of `sweeps` moves per node.

    Kirkpatrick, Gelatt, Vecchi, Science 220 (1983), with a geometric schedule, from where the node
    with the largest terms moves half of the time to where small terms are settled; then the best move while
    one improves.
    Bits are flipped by dwave-samplers, in 3000 sweeps unless given. Colours and equal halves keep their
    rules: a node changes its colour, or two nodes exchange their sides, in 1000 sweeps. Numbers are annealed
    in groups whose sums are differenced, in 3000 steps. If a `time_limit` (s) is too short for all sweeps
    of the nodes, the temperature falls faster, so that the last run ends cold. After the limit, when
    `callback(share done)` returns True, or at an interrupt, the best so far counts. Raises `InvalidInput` for
    routes.

    >>> from qgraph import Graph, MaxCut
    >>> solve_annealing(MaxCut(Graph.ring(60)), seed=7).objective
    60.0
    """
    budget, rng = begin(problem, seed, time_limit, callback, routes=False), np.random.default_rng(seed)
    require_whole("reads", reads, 1, MOST)
    require_whole("sweeps", SWEEPS if sweeps is None else sweeps, 1, MOST)
    with budget.shown("annealing", problem, progress):
        bits = annealed(problem, reads, sweeps, rng, budget)
    return judged(problem, problem.decode(bits), "annealing", budget)


def annealed(
    problem: Problem, reads: int, sweeps: int | None, rng: np.random.Generator, budget: Budget
) -> Bits:
    """The bits of `solve_annealing`: uint8[n]."""
    if isinstance(problem, NumberPartitioning):
        one_run = partial(number_partitioning.annealed, problem.numbers)
    else:
        model, bits_of = local_search.moves(problem)
        if bits_of is not local_search.as_bits:
            ends = label_annealing.annealed(model, reads, sweeps or SWEEPS_OF_LABELS, rng, budget)
            return _best(problem, budget, None, map(bits_of, ends))
        one_run = partial(_annealed_spins, problem.to_ising(), _model(problem.to_ising()))
    return _best(problem, budget, reads, (one_run(sweeps or SWEEPS, rng, budget) for _ in range(reads)))


def solve_tabu(
    problem: Problem,
    *,
    seed: int = 0,
    reads: int = 10,
    restarts: int = 4,
    time_limit: float | None = None,
    callback: Callable[[float], bool | None] | None = None,
    progress: bool = True,
) -> Solution:
    """The best of `reads` tabu searches, each restarted `restarts` times; the first starts from greedy.

    Bits of up to 2000 nodes: Palubeckis, Ann. Oper. Res. 131 (2004), by dwave-samplers, with its lengths of
    search; in large models a flipped spin waits for n / 8 flips. Others, and labels with rules: Glover, ORSA
    J. Comput. 1 (1989), with moves that keep the rules, in memory proportional to the couplings. Then the
    best move while one improves. After `time_limit` (s), when `callback(share done)` returns True, or at an
    interrupt, the best so far counts. Raises `InvalidInput` for routes.

    >>> from qgraph import Graph, MaxCut
    >>> solve_tabu(MaxCut(Graph.ring(60)), seed=7).objective
    60.0
    """
    budget, rng = begin(problem, seed, time_limit, callback, routes=False), np.random.default_rng(seed)
    require_whole("reads", reads, 1, MOST)
    require_whole("restarts", restarts, 0, MOST)
    with budget.shown("tabu", problem, progress):
        bits = tabu_searched(problem, reads, restarts, rng, budget)
    return judged(problem, problem.decode(bits), "tabu", budget)


def tabu_searched(
    problem: Problem,
    reads: int,
    restarts: int,
    rng: np.random.Generator,
    budget: Budget,
    start: Bits | None = None,
) -> Bits:
    """The bits of `solve_tabu`: uint8[n]; the first read starts from `start`, if given, not from greedy."""
    first = greedy_bits(problem) if start is None else start
    if isinstance(problem, NumberPartitioning):
        read = partial(number_partitioning.tabu, problem.numbers)
        drawn = (rng.integers(2, size=len(first), dtype=np.uint8) for _ in range(reads - 1))
        steps = TABU_STEPS * (restarts + 1)
        found = (read(bits, steps, rng, budget) for bits in chain([first], drawn))
        return _best(problem, budget, reads, found)
    model, bits_of = local_search.moves(problem)
    if bits_of is local_search.as_bits and len(problem.nodes) <= LARGEST_DENSE:
        search = partial(_tabu_spins, problem.to_ising(), _model(problem.to_ising()))
        state = (1 - 2 * first.astype(np.int8)[None], list(range(len(first))))
        found = (search(spins, restarts, rng, budget) for spins in (state, *[None] * (reads - 1)))
    else:
        others = (local_search.random_labels(model, rng) for _ in range(reads - 1))
        starts = chain([local_search.as_labels(model, first)], others)
        found = (bits_of(local_search.tabu(model, labels, restarts, rng, budget)) for labels in starts)
    return _best(problem, budget, reads, found)


def _best(problem: Problem, budget: Budget, reads: int | None, found: Iterable[Bits]) -> Bits:
    """The best of the bits found; with `reads`, the callback is told after each of them."""
    best, least = None, math.inf
    trivial = trivial_bound(problem)
    with budget.ended_by_interrupt():
        for number, bits in enumerate(found, start=1):
            loss = sign(problem) * float(problem.objective(bits))
            if best is None or loss < least:
                best, least = bits, loss
                budget.found(sign(problem) * least)
            if meets(sign(problem) * least, trivial) or (reads is not None and budget.over(number / reads)):
                break
    if best is None:
        raise KeyboardInterrupt
    return best


def _annealed_spins(ising: Ising, model: Any, sweeps: int, rng: np.random.Generator, budget: Budget) -> Bits:
    """One run, in short calls of the sampler; the clock is read between them.

    If the time does not allow all sweeps, fewer sweeps lead to the same last temperature.
    """
    from dwave.samplers import SimulatedAnnealingSampler

    sampler: Any = SimulatedAnnealingSampler
    first, last = _schedule(model)
    betas, found, cut_short = np.geomspace(first, last, sweeps), None, False
    sweep = SECONDS_PER_FLIP * len(ising.nodes) + SECONDS_PER_COUPLING * len(ising.J)
    # The clock does not decide this number: the same seed gives the same result.
    together = 1 + int(LONGEST_CALL / sweep)
    with budget.ended_by_interrupt():
        while len(betas):
            if (found is not None and budget.over()) or len(betas) * sweep > budget.left:
                cut_short = True
                fewest = min(FEWEST_SWEEPS, together, len(betas))
                betas = np.geomspace(betas[0], last, max(fewest, int(budget.left / sweep)))
            now, betas = betas[:together], betas[together:]
            began = time.perf_counter()
            found = sampler().sample(
                model,
                num_reads=1,
                beta_schedule_type="custom",
                beta_schedule=now,
                num_sweeps_per_beta=1,
                initial_states=None if found is None else _states(found),
                seed=int(rng.integers(SEEDS)),
                randomize_order=True,  # in a fixed order, the domain walls of a ring never meet
            )
            sweep = (time.perf_counter() - began) / len(now)
    if cut_short:
        budget.stopped_by = budget.stopped_by or "time_limit"
    return _settled(ising, found)


def _tabu_spins(
    ising: Ising, model: Any, start: Any, restarts: int, rng: np.random.Generator, budget: Budget
) -> Bits:
    """One read, in calls of a few restarts; each call starts from the best so far."""
    from dwave.samplers import TabuSampler

    n, sampler, found = len(ising.nodes), cast("Any", TabuSampler), None
    with budget.ended_by_interrupt():
        while restarts >= 0 and not (found is not None and budget.over()):
            found = sampler().sample(
                model,
                initial_states=start if found is None else _states(found),
                num_reads=1,
                num_restarts=min(restarts, RESTARTS_A_CALL),
                timeout=None,  # a time limit inside would make results depend on the clock
                tenure=max(min(SHORT_TENURE, n // 4), n // 8),
                seed=int(rng.integers(SEEDS)),
            )
            restarts -= RESTARTS_A_CALL + 1
    return _settled(ising, found)


def _states(found: Any) -> Any:
    return found.record.sample, list(found.variables)


def _settled(ising: Ising, found: Any) -> Bits:
    """The bits of a sample after single flips. Raises `KeyboardInterrupt` if there is no sample yet."""
    if found is None:
        raise KeyboardInterrupt
    places = np.argsort(np.array(list(found.variables)))
    return descended(ising, found.record.sample[0][places] < 0)


def _model(ising: Ising) -> Any:
    """The minimised model, in units of its largest term: absolute tolerances are for numbers near 1."""
    import dimod

    terms = np.concatenate([ising.h, ising.J])
    terms /= float(np.abs(terms).max(initial=0.0)) or 1.0
    terms[np.abs(terms) <= NEGLIGIBLE] = 0.0
    h, J = np.split(sign(ising) * terms, [len(ising.h)])
    i, j = ising.pairs.T
    return dimod.BinaryQuadraticModel.from_numpy_vectors(h, (i, j, J), 0.0, dimod.SPIN)


def _schedule(model: Any) -> tuple[float, float]:
    """The first and the last inverse temperature.

    The sampler's default takes the last from the smallest term: with one term of a millionth of the others,
    it is frozen for most of the time.
    """
    h, (i, j, J), _ = model.to_numpy_vectors()
    held = np.abs(h) + np.bincount(i, np.abs(J), len(h)) + np.bincount(j, np.abs(J), len(h))
    terms = np.abs(np.concatenate([h, J]))
    terms = terms[terms > 0]
    if not len(terms):
        return 0.1, 1.0
    small = float(np.quantile(terms, 0.1))
    return math.log(2) / (2 * float(held.max())), math.log(100 * len(h)) / (2 * small)
