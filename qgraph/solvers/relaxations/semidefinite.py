"""The semidefinite relaxation of an Ising model, by the mixing method, and the bound that it proves.

Minimise x'Wx / 2 over unit vectors instead of spins. Source: Wang, Chang, Kolter, arXiv:1706.00476, sections
2 and 3: coordinate descent on vectors of low rank (Burer and Monteiro, Math. Programming 95, 2003), where
each vector turns to the opposite of the sum of its neighbours. Vectors that are not adjacent turn together.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable

import numpy as np

from qgraph.base import resources
from qgraph.base.typing import Integers, Reals, Sparse

MOST_SWEEPS = 2**14
FIRST_LOOK = 64  # sweeps; then after twice as many, and so on
SETTLED = 1e-5  # relative gain from twice as many sweeps below which they end
FEW_GROUPS = 64  # of spins that turn together; with more, a sweep may be stopped inside
COPIES = 5  # of the vectors in memory, at the peak
LARGEST_DENSE = 2500  # nodes up to which the least eigenvalue comes from a dense matrix
MACHINE_EPSILON = float(np.finfo(np.float64).eps)
DOUBT = 1e-12  # the probability that a bound from Lanczos steps is wrong
SECONDS_PER_CUBE = 3e-10  # of all n**3, for the least eigenvalue of a dense matrix
LEAST_SECONDS = 0.2  # that a bound may always take
COARSE = 1e-4  # the share of the spectrum by which such a bound is weaker


def require_room(n: int) -> None:
    """Raise `ProblemTooLarge` unless the vectors of n nodes, and their copies, fit in memory."""
    fits = int((resources.free_memory() / (8 * COPIES * math.sqrt(2))) ** (2 / 3))  # since size ~ n sqrt(n)
    size = 8 * COPIES * n * _rank(n)
    resources.require_memory(size, f"a relaxation of {n} nodes", f"about {fits} nodes would fit")


def _rank(n: int) -> int:
    return math.ceil(math.sqrt(2 * n)) + 1


def random_vectors(n: int, rng: np.random.Generator) -> Reals:
    """Unit vectors for the relaxation of n spins: float64[n, rank].

    The rank is above sqrt(2n), where local minima are global ones for almost all W (Boumal, Voroninski,
    Bandeira, arXiv:1606.04970).
    """
    vectors = rng.standard_normal((n, _rank(n)))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors


def relax(W: Sparse, vectors: Reals, stop: Callable[[float], bool | None]) -> None:
    """Turn unit vectors until they (nearly) minimise the relaxation; `stop(share done)` may end it early."""
    groups = [(nodes, W[nodes]) for nodes in _independent_groups(W)]
    look, before = FIRST_LOOK, math.inf
    for sweep in range(MOST_SWEEPS):
        if stop(sweep / MOST_SWEEPS):
            break
        for nodes, rows in groups:
            if len(groups) > FEW_GROUPS and stop(sweep / MOST_SWEEPS):
                return
            pull = rows @ vectors
            lengths = np.linalg.norm(pull, axis=1, keepdims=True)
            np.divide(pull, -lengths, out=pull, where=lengths > 0)
            vectors[nodes] = np.where(lengths > 0, pull, vectors[nodes])
        if sweep + 1 == look:
            value = float(np.sum(vectors * (W @ vectors)))
            if before - value <= SETTLED * abs(value):
                break
            look, before = 2 * look, value


def _independent_groups(W: Sparse) -> list[Integers]:
    """Groups of nodes that are not adjacent: a greedy colouring, nodes of the highest degree first."""
    colors = np.full(W.shape[0], -1)
    for node in np.argsort(-np.diff(W.indptr), kind="stable").tolist():
        taken = set(colors[W.indices[W.indptr[node] : W.indptr[node + 1]]].tolist())
        colors[node] = next(color for color in range(len(taken) + 1) if color not in taken)
    return [np.flatnonzero(colors == color) for color in range(colors.max() + 1)]


def round_vectors(W: Sparse | Reals, vectors: Reals, normals: Reals) -> tuple[Reals, float]:
    """The best spins on the sides of hyperplanes, one per column of `normals`: float64[n], and x'Wx."""
    spins = np.where(vectors @ normals < 0, -1.0, 1.0)
    energies = np.sum(spins * (W @ spins), axis=0)
    place = int(energies.argmin())
    return np.asarray(spins[:, place]), float(energies[place])


def lower_bound(W: Sparse, vectors: Reals, rng: np.random.Generator, seconds: float = math.inf) -> float:
    """A lower bound on x'Wx / 2 over all spins x; it holds for all vectors.

    With S = W + Diag(y) and its least eigenvalue at least l, x'Wx = x'Sx - sum(y) >= n l - sum(y). At the
    minimum, y holds the lengths of W V, and l is 0 (weak duality; Goemans and Williamson, J. ACM 42, 1995).
    """
    from scipy.sparse import diags_array

    n = len(vectors)
    y = np.linalg.norm(W @ vectors, axis=1)
    S = (W + diags_array(y)).tocsr()
    widest = float(abs(S).sum(axis=1).max())  # no eigenvalue is larger in size (Gershgorin)
    dense = n <= LARGEST_DENSE and SECONDS_PER_CUBE * float(n) ** 3 <= seconds
    least = _dense_floor(S, widest) if dense else _lanczos_floor(S, widest, rng, seconds)
    proved = (n * least - float(y.sum())) / 2  # `least` allows for more rounding than this sum has
    return max(proved, -float(abs(W).sum()) / 2)


def _dense_floor(S: Sparse, widest: float) -> float:
    """LAPACK's least eigenvalue minus its error: at most about n rounding errors of the norm."""
    from scipy.linalg import eigvalsh

    n = len(S.indptr) - 1
    least = eigvalsh(S.toarray(), subset_by_index=[0, 0], overwrite_a=True, check_finite=False)[0]
    return float(least) - n * MACHINE_EPSILON * widest


def _lanczos_floor(S: Sparse, widest: float, rng: np.random.Generator, seconds: float = math.inf) -> float:
    """A lower bound on the least eigenvalue; it fails with probability `DOUBT` over the random start.

    After k steps the largest Ritz value of a semidefinite matrix misses more than the share e of the largest
    eigenvalue with probability at most 1.648 sqrt(n) exp(-sqrt(e) (2k - 1)) (Kuczynski and Wozniakowski,
    SIAM J. Matrix Anal. Appl. 13, 1992, theorem 4.1); here for `widest - S`. Fewer steps mean a larger e.
    """
    from scipy.linalg import eigvalsh_tridiagonal

    n, began = S.shape[0], time.perf_counter()
    doubt = math.log(1.648 * math.sqrt(n) / DOUBT)
    steps = math.ceil((doubt / math.sqrt(COARSE) + 1) / 2)
    diagonal, beside = np.zeros(steps), np.zeros(steps)
    before, vector = np.zeros(n), rng.standard_normal(n)
    vector /= np.linalg.norm(vector)
    for k in range(steps):
        image = widest * vector - S @ vector - (beside[k - 1] * before if k else 0.0)
        diagonal[k] = float(np.sum(image * vector))
        image -= diagonal[k] * vector
        beside[k] = float(np.linalg.norm(image))
        exhausted = beside[k] <= MACHINE_EPSILON * widest  # a small invariant space is complete
        if exhausted or time.perf_counter() - began > max(seconds, LEAST_SECONDS):
            diagonal, beside = diagonal[: k + 1], beside[: k + 1]
            break
        before, vector = vector, image / beside[k]
    last = len(diagonal) - 1
    largest = eigvalsh_tridiagonal(diagonal, beside[:-1], select="i", select_range=(last, last))[0]
    lost = COARSE if exhausted else (doubt / (2 * last + 1)) ** 2
    return widest - float(largest) / (1 - lost) if lost < 1 else -widest
