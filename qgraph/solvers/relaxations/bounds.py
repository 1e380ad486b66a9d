"""Bounds from relaxations, which replace labels by vectors."""

from __future__ import annotations

import numpy as np

from qgraph.base.errors import ProblemTooLarge
from qgraph.problems.base import BitProblem
from qgraph.problems.couplings import dense
from qgraph.problems.graph_partitioning import GraphPartitioning
from qgraph.problems.max_k_cut import MaxKCut
from qgraph.problems.maxcut import MaxCut
from qgraph.problems.problem import Problem
from qgraph.solvers.budget import Budget
from qgraph.solvers.relaxations.goemans_williamson import bound_of, couplings, relaxed
from qgraph.solvers.relaxations.semidefinite import MACHINE_EPSILON

LARGEST_LAPLACIAN = 2500  # nodes, for all eigenvalues
LARGEST_RELAXED = 20_000  # nodes; above, one sweep of all vectors takes seconds


def relaxed_bound(problem: Problem, budget: Budget) -> float:
    """A bound on C by the problem's relaxation; the trivial bound if it has none, or it is too large.

    Free bits: Goemans and Williamson's. Max-k-cut: the k labels become the corners of a simplex, relaxed to
    unit vectors (Frieze, Jerrum, Algorithmica 18, 1997). Partitions: the second eigenvalue of the Laplacian
    bounds every balanced cut (Donath, Hoffman, IBM J. Res. Dev. 17, 1973).
    """
    if isinstance(problem, MaxKCut):
        return 2 * (problem.colors - 1) / problem.colors * relaxed_bound(MaxCut(problem.graph), budget)
    if isinstance(problem, GraphPartitioning) and len(problem.nodes) <= LARGEST_LAPLACIAN:
        return _second_eigenvalue(problem)
    if isinstance(problem, BitProblem) and problem.constrained:
        return problem.trivial_bound
    ising, rng = problem.to_ising(), np.random.default_rng(0)
    if len(ising.nodes) > LARGEST_RELAXED:
        return ising.trivial_bound
    W, unit = couplings(ising)
    try:
        vectors = relaxed(W, rng, budget)
    except ProblemTooLarge:
        return ising.trivial_bound
    return bound_of(ising, W, unit, vectors, rng, budget)


def _second_eigenvalue(problem: GraphPartitioning) -> float:
    """With s = 1 - 2 b and the Laplacian L, the cut is s'Ls / 4; the constant part of s adds nothing."""
    n = len(problem.nodes)
    L = -dense(problem.graph.pairs, problem.graph.weights, n)
    L[np.diag_indices(n)] = -L.sum(axis=1)
    widest = 2 * float(np.abs(L).sum(axis=1).max())
    values = np.linalg.eigvalsh(L + widest / n)  # this moves the constant vector to the top
    across = n - (n % 2) / n  # the squared length of s without its mean
    return across * (float(values[0]) - n * MACHINE_EPSILON * widest) / 4
