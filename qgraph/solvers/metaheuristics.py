"""Simulated annealing and tabu search, by dwave-samplers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from qgraph import resources
from qgraph.errors import require_seed, require_whole
from qgraph.problems.base import require_problem, sign
from qgraph.solvers.budget import Budget
from qgraph.solvers.classical import descended, local_search
from qgraph.solvers.goemans_williamson import require_unrouted
from qgraph.solvers.result import judged

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from qgraph.problems.base import Problem
    from qgraph.problems.ising import Ising
    from qgraph.solvers.result import Solution

MOST = 10**6
SEEDS = 2**31
NOTHING = 1e-12  # terms smaller than this, relative to the largest, are rounding
SMALL = 0.1  # the quantile of a model's terms that counts as small
SHORT_TENURE = 20  # the sampler's own, at which searches of large models run in circles
DENSE_MATRICES = 4  # float64[n, n], of which tabu search makes so many


def solve_annealing(
    problem: Problem,
    *,
    seed: int = 0,
    reads: int = 20,
    sweeps: int = 3000,
    time_limit: float | None = None,
    callback: Callable[[float], bool | None] | None = None,
) -> Solution:
    """The best of `reads` runs of simulated annealing, each of `sweeps` steps per spin.

    Kirkpatrick, Gelatt, Vecchi, Science 220 (1983), by dwave-samplers: a geometric schedule, from where
    the most strongly held spin flips half of the time to where small terms are settled; then single flips
    while any improves. After `time_limit` (s), or when `callback(share done)` returns True, the best run so
    far counts; one is always finished. Raises `InvalidInput` for routes.

    >>> from qgraph import Graph, MaxCut
    >>> solve_annealing(MaxCut(Graph.ring(60)), seed=7).objective
    60.0
    """
    require_whole("sweeps", sweeps, 1, MOST)

    def anneal(model: Any, number: int, _: bool) -> Any:
        from dwave.samplers import SimulatedAnnealingSampler

        sampler: Any = SimulatedAnnealingSampler
        return sampler().sample(
            model,
            num_reads=1,
            num_sweeps=sweeps,
            beta_range=_schedule(model),
            seed=number,
            randomize_order=True,  # in a fixed order, a ring's domain walls all move at once and never meet
        )

    return _best_read(problem, "annealing", anneal, seed, reads, time_limit, callback)


def solve_tabu(
    problem: Problem,
    *,
    seed: int = 0,
    reads: int = 10,
    restarts: int = 4,
    time_limit: float | None = None,
    callback: Callable[[float], bool | None] | None = None,
) -> Solution:
    """The best of `reads` tabu searches, each restarted `restarts` times; the first sets out from greedy.

    Palubeckis, Ann. Oper. Res. 131 (2004), by dwave-samplers, with its lengths of search; in large models a
    flipped spin rests for n / 8 flips. Then single flips while any improves. After `time_limit` (s), or when
    `callback(share done)` returns True, the best search so far counts; one is always finished. Raises
    `InvalidInput` for routes, and `ProblemTooLarge` where its dense matrix would not fit in memory.

    >>> from qgraph import Graph, MaxCut
    >>> solve_tabu(MaxCut(Graph.ring(60)), seed=7).objective
    60.0
    """
    require_whole("restarts", restarts, 0, MOST)

    def search(model: Any, number: int, first: bool) -> Any:
        from dwave.samplers import TabuSampler

        n = len(model.variables)
        fits = math.isqrt(resources.free_memory() // (8 * DENSE_MATRICES))
        resources.require_memory(
            8 * DENSE_MATRICES * n**2, f"tabu search on {n} nodes", f"{fits} nodes would fit"
        )
        sampler: Any = TabuSampler
        start = 1 - 2 * local_search(problem.to_ising()).astype(np.int8) if first else None
        return sampler().sample(
            model,
            initial_states=None if start is None else (start[None], list(range(n))),
            num_reads=1,
            num_restarts=restarts,
            timeout=None,  # a time limit inside would make results depend on the clock
            tenure=max(min(SHORT_TENURE, n // 4), n // 8),
            seed=number,
        )

    return _best_read(problem, "tabu", search, seed, reads, time_limit, callback)


def _best_read(
    problem: Problem,
    solver: str,
    read: Callable[[Any, int, bool], Any],
    seed: int,
    reads: int,
    time_limit: float | None,
    callback: Callable[[float], bool | None] | None,
) -> Solution:
    """The best of so many reads. They are asked for one by one, so that an interrupt is heard between."""
    require_problem(problem)
    require_unrouted(problem)
    require_seed(seed)
    require_whole("reads", reads, 1, MOST)
    budget = Budget(time_limit, callback)
    ising = problem.to_ising()
    model = _model(ising)
    rng = np.random.default_rng(seed)
    best, least = np.zeros(len(ising.nodes), dtype=np.uint8), math.inf
    for number in range(reads):
        found = read(model, int(rng.integers(SEEDS)), number == 0)
        energy = float(found.record.energy[0])
        if energy < least:
            places = np.argsort(np.array(list(found.variables)))
            best, least = (found.record.sample[0][places] < 0).astype(np.uint8), energy
        if budget.over((number + 1) / reads):
            break
    return judged(problem, problem.decode(descended(ising, best)), solver, budget)


def _model(ising: Ising) -> Any:
    """What is minimised, in units of its largest term: absolute tolerances are made for numbers near 1."""
    import dimod

    terms = np.concatenate([ising.h, ising.J])
    unit = float(np.abs(terms).max(initial=0.0)) or 1.0
    h, J = (sign(ising) * _tidied(values / unit) for values in (ising.h, ising.J))
    i, j = ising.pairs.T
    return dimod.BinaryQuadraticModel.from_numpy_vectors(h, (i, j, J), 0.0, dimod.SPIN)


def _tidied(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(np.abs(values) > NOTHING, values, 0.0)


def _schedule(model: Any) -> tuple[float, float]:
    """The first and the last inverse temperature.

    The sampler's own choice takes the smallest term of all for the last: one that is a millionth of the
    others would have it spend most of its time frozen.
    """
    h, (i, j, J), _ = model.to_numpy_vectors()
    held = np.abs(h) + np.bincount(i, np.abs(J), len(h)) + np.bincount(j, np.abs(J), len(h))
    terms = np.abs(np.concatenate([h, J]))
    terms = terms[terms > 0]
    if not len(terms):
        return 0.1, 1.0
    small = float(np.quantile(terms, SMALL))
    return math.log(2) / (2 * float(held.max())), math.log(100 * len(h)) / (2 * small)
