"""Classical heuristics: the yardstick beside which QAOA stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from qgraph.errors import require_seed, require_whole
from qgraph.problems.base import require_problem, sign
from qgraph.problems.routing import PriorityRouting
from qgraph.simulation.counts import best_candidate
from qgraph.simulation.state import MOST_SHOTS
from qgraph.solvers.budget import Budget
from qgraph.solvers.local_routes import improved
from qgraph.solvers.result import judged

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    from qgraph.problems.base import Problem
    from qgraph.problems.ising import Ising
    from qgraph.solvers.result import Solution

NOTHING = 1e-12  # an improvement smaller than this, relative to the scale of C, is rounding


def solve_greedy(problem: Problem) -> Solution:
    """A good solution at once, the same every time.

    Routes: nearest neighbour tier by tier, then 2-opt and or-opt inside each tier. Others: nodes in
    order of how much is already decided about them, each to its better side, then single flips while any
    improves.

    >>> from qgraph import Graph, MaxCut
    >>> solve_greedy(MaxCut(Graph.ring(6))).objective
    6.0
    """
    require_problem(problem)
    budget = Budget(None)
    if isinstance(problem, PriorityRouting):
        order = improved(problem, problem.nearest_neighbour())
        return judged(problem, problem.evaluate(problem.named(order)), "greedy", budget)
    bits = local_search(problem.to_ising())
    return judged(problem, problem.decode(bits), "greedy", budget)


def solve_random(problem: Problem, *, shots: int = 1024, seed: int = 0) -> Solution:
    """The best of `shots` uniformly random answers: what sampling is worth without any angles.

    Routes are drawn among the feasible ones, as the feasible-subspace QAOA draws them.

    >>> from qgraph import Graph, MaxCut
    >>> solve_random(MaxCut(Graph.ring(6)), seed=1).objective
    6.0
    """
    require_problem(problem)
    require_whole("shots", shots, 1, MOST_SHOTS)
    require_seed(seed)
    budget = Budget(None)
    rng = np.random.default_rng(seed)
    if isinstance(problem, PriorityRouting):
        orders = [
            np.concatenate(
                [rng.permutation(np.arange(t.start, t.stop)) for t in problem.tier_slices]
            ).tolist()
            for _ in range(shots)
        ]
        fastest = min(orders, key=problem.travel_time)
        return judged(problem, problem.evaluate(problem.named(fastest)), "random", budget)
    bits = rng.integers(0, 2, size=(shots, len(problem.nodes)), dtype=np.uint8)
    best = best_candidate(problem, bits, problem.objective(bits))
    return judged(problem, best, "random", budget)


def local_search(ising: Ising) -> NDArray[np.uint8]:
    """Bits that no single flip improves, built node by node: uint8[n]."""
    n = len(ising.nodes)
    couplings, fields, strength = _minimised(ising)
    spins = np.zeros(n)
    urgency = strength * 1e-6  # ties, at first all, go to the most strongly coupled
    for _ in range(n):
        node = int(np.where(spins == 0, np.abs(fields) + urgency, -1.0).argmax())
        spins[node] = -1.0 if fields[node] > 0 else 1.0
        _add_spin(fields, couplings, node, spins[node])
    return _descend(couplings, fields, spins, NOTHING * float(strength.max()))


def descended(ising: Ising, bits: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """These bits after the best single flip, and the next, until none improves: uint8[n]."""
    couplings, fields, strength = _minimised(ising)
    spins = 1.0 - 2.0 * bits.astype(np.float64)
    return _descend(couplings, fields + couplings @ spins, spins, NOTHING * float(strength.max()))


def _minimised(ising: Ising) -> tuple[csr_array, NDArray[np.float64], NDArray[np.float64]]:
    """Symmetric couplings and fields of what is minimised, and how strongly each spin is held in all."""
    from scipy.sparse import csr_array

    n = len(ising.nodes)
    i, j = ising.pairs.T
    ends = np.concatenate([i, j]), np.concatenate([j, i])
    couplings = csr_array((sign(ising) * np.concatenate([ising.J, ising.J]), ends), shape=(n, n))
    return couplings, sign(ising) * ising.h, np.abs(couplings).sum(axis=1) + np.abs(ising.h)


def _descend(
    couplings: csr_array, fields: NDArray[np.float64], spins: NDArray[np.float64], least: float
) -> NDArray[np.uint8]:
    while True:
        gains = spins * fields
        node = int(gains.argmax())
        if gains[node] <= least:
            return (spins < 0).astype(np.uint8)
        spins[node] = -spins[node]
        _add_spin(fields, couplings, node, 2 * spins[node])


def _add_spin(fields: NDArray[np.float64], couplings: csr_array, node: int, spin: float) -> None:
    """Tell the neighbours of a node that its spin has grown by `spin`."""
    row = slice(couplings.indptr[node], couplings.indptr[node + 1])
    fields[couplings.indices[row]] += spin * couplings.data[row]
