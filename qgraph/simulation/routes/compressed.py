"""QAOA under the Grover mixer, from the travel times of routes alone: no route is stored.

From the uniform superposition the mixer exp(-i beta |F><F|) adds the same number to every amplitude
(Baertschi, Eidenbenz, arXiv:2006.00354, section III). So after p layers, with c a route's travel time,

    sqrt(N) * amplitude(c) = sum_j a_j exp(-i G_j c),    G_j = gamma_(j+1) + ... + gamma_p,
    a_0 = 1,    a_l = -(1 - exp(-i beta_l)) sum_(j<l) a_j X0(G_j - G_l),

where X_o(g) is the mean of c^o exp(-i g c) over all N routes (`RouteSums`). Norm, mean, variance and
derivatives are sums over pairs of the a_j with X_0, X_1 and X_2.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from qgraph.base.checks import require
from qgraph.base.typing import Bits, Complexes, Integers, NDArray, Reals
from qgraph.problems.routing import PriorityRouting
from qgraph.simulation.deadline import check
from qgraph.simulation.engine import Basis
from qgraph.simulation.routes.basis import RouteBasis
from qgraph.simulation.routes.sums import RouteSums

LARGEST_TIER = 16  # stops: tables hold all subsets of a tier
AT_ONCE = 1024  # shots drawn together


class OrderBasis(RouteBasis):
    """Feasible routes as rows of stops: there may be more of them than an index can count."""

    def __init__(self, routing: PriorityRouting, sums: RouteSums) -> None:
        super().__init__(routing)
        self.sums = sums

    def bits(self, indices: Integers) -> Bits:
        """The one-hot bits of routes: int64[k, stops] to uint8[k, bits]."""
        return self.one_hot(indices)

    def guess(self, shots: int, rng: np.random.Generator) -> Integers:
        """Uniformly random routes: int64[shots, stops]."""
        return draw_routes(self.sums, np.zeros(1), np.ones(1, dtype=np.complex128), shots, rng)


class CompressedEngine:
    """Evolves the p + 1 coefficients."""

    def __init__(self, routing: PriorityRouting) -> None:
        self.routing = routing
        self.sums = RouteSums(routing)
        self._last: tuple[bytes, Complexes] = (b"", np.zeros(0, dtype=np.complex128))

    def evolve(self, gammas: Reals, betas: Reals) -> CompressedVector:
        """See `Engine`."""
        return CompressedVector(self, gammas, self._means(gammas), betas)

    def expectation(self, gammas: Reals, betas: Reals) -> float:
        """See `Engine`."""
        return self.evolve(gammas, betas).moments()[0]

    def gradient(self, gammas: Reals, betas: Reals, share: float = 1.0) -> tuple[float, Reals]:
        """See `Engine`; by reverse differentiation of the formulas above."""
        require(share == 1, "cvar", 'must be 1 with method "compressed", which stores no routes', share)
        X0, X1, X2 = self._means(gammas)
        a, sums = coefficients(X0, betas)
        depth = len(gammas)
        onto_rates = (2 * np.imag(a[:, None] * a.conj() * X2)).astype(np.float64)  # of G_j - G_k, j < k
        onto_a = X1 @ a.conj()
        result = np.zeros((2, depth))
        for layer in range(depth, 0, -1):
            turn = np.exp(-1j * betas[layer - 1])
            result[1, layer - 1] = 2 * np.real(onto_a[layer] * -1j * turn * sums[layer - 1])
            inner = -onto_a[layer] * (1 - turn)
            onto_rates[:layer, layer] += 2 * np.imag(inner * a[:layer] * X1[:layer, layer])
            onto_a[:layer] += inner * X0[:layer, layer]
        for layer in range(depth):
            result[0, layer] = onto_rates[: layer + 1, layer + 1 :].sum()
        return self.sums.mean + float(np.real(a @ X1 @ a.conj())), result

    @property
    def extremes(self) -> tuple[float, float]:
        """See `Engine`."""
        low, high = self.sums.extremes
        return self.sums.mean + low, self.sums.mean + high

    def _means(self, gammas: Reals) -> Complexes:
        """X_o(G_j - G_k): complex[3, p + 1, p + 1]; kept while only the betas change."""
        known, means = self._last  # read together: other threads may replace them
        if known == gammas.tobytes() and len(means):
            return means
        j, k = np.triu_indices(len(gammas) + 1, 1)
        ahead = ahead_of(gammas)
        means = np.empty((3, len(ahead), len(ahead)), dtype=np.complex128)
        above = self.sums.means(np.append(ahead[j] - ahead[k], 0.0))
        means[:, j, k], means[:, k, j] = above[:, :-1], above[:, :-1].conj()
        means[:, range(len(ahead)), range(len(ahead))] = above[:, -1:]
        self._last = gammas.tobytes(), means
        return means


def ahead_of(gammas: Reals) -> Reals:
    """G_j, the sum of the gammas after layer j: float64[p + 1]."""
    return np.append(np.cumsum(gammas[::-1])[::-1], 0.0)


def coefficients(X0: Complexes, betas: Reals) -> tuple[Complexes, Complexes]:
    """The a_j, and the mean amplitude before each mixer: complex[p + 1] and complex[p]."""
    a = np.ones(len(betas) + 1, dtype=np.complex128)
    means = np.empty(len(betas), dtype=np.complex128)
    for layer, beta in enumerate(betas.tolist(), start=1):
        means[layer - 1] = np.sum(a[:layer] * X0[:layer, layer])
        a[layer] = -(1 - np.exp(-1j * beta)) * means[layer - 1]
    return a, means


class CompressedVector:
    """The state as p + 1 exponentials. It is `Evolved`, and no `Vector`: it has no amplitudes of routes.

    size * |amplitude(c)|^2 is the real part of sum_f pairs[f] exp(-i rates[f] c).
    """

    def __init__(self, engine: CompressedEngine, gammas: Reals, means: Complexes, betas: Reals) -> None:
        self.engine = engine
        self.ahead = ahead_of(gammas)
        self.means = means
        self.a = coefficients(means[0], betas)[0]
        j, k = np.triu_indices(len(self.ahead))
        twice = np.where(j < k, 2.0, 1.0)
        self.pairs: Complexes = twice * self.a[j] * self.a[k].conj()
        self.rates: Reals = self.ahead[j] - self.ahead[k]

    @property
    def held(self) -> tuple[NDArray[Any], ...]:
        """See `Vector`."""
        return self.a, self.ahead

    def moments(self) -> tuple[float, float]:
        """See `Vector`."""
        norm, mean, square = (float(np.real(self.a @ X @ self.a.conj())) for X in self.means)
        mean /= norm
        return self.engine.sums.mean + mean, max(0.0, square / norm - mean**2)

    def optimum_probability(self, best: float, tolerance: float) -> float:  # noqa: ARG002 (from the mean)
        """See `Evolved`."""
        sums = self.engine.sums
        amplitude = np.sum(self.a * np.exp(-1j * self.ahead * sums.extremes[0]))
        return sums.optima(tolerance) * float(np.abs(amplitude) ** 2) / self.engine.routing.routes

    def measure(self, shots: int, rng: np.random.Generator) -> Integers:
        """See `Evolved`: routes, stop by stop, int64[shots, stops]."""
        return draw_routes(self.engine.sums, self.rates, self.pairs, shots, rng)

    def marginals(self, basis: Basis, n: int) -> Reals:  # noqa: ARG002
        """See `Evolved`; from the sums over all ways to a stop and all ways on from it."""
        sums = self.engine.sums
        onward, before = sums.onward(self.rates), sums.before(self.rates)
        blocks = []
        for size, ahead, behind in zip(sums.sizes, onward, before, strict=True):
            subsets = np.arange(2**size)
            lengths = np.array([int(s).bit_count() for s in subsets])
            visits = np.zeros((size, size))
            for v, length in np.ndindex(size, size):
                so_far = subsets[(lengths == length + 1) & (subsets >> v & 1 == 1)]
                left = 2**size - 1 - so_far | 1 << v
                visits[v, length] = np.sum(self.pairs * behind[so_far, v] * ahead[left, v]).real
            blocks.append(visits.ravel())
        return np.concatenate(blocks)


def draw_routes(
    sums: RouteSums, rates: Reals, pairs: Complexes, shots: int, rng: np.random.Generator
) -> Integers:
    """Routes drawn by their weights, see `CompressedVector`: int64[shots, stops]."""
    tables = sums.onward(rates)
    parts = [min(AT_ONCE, shots - start) for start in range(0, shots, AT_ONCE)]
    points = (rng.random((part, sum(sums.sizes))) for part in parts)
    return np.concatenate([_drawn(sums, tables, rates, pairs, part) for part in points])


def _drawn(
    sums: RouteSums, tables: list[Complexes], rates: Reals, pairs: Complexes, points: Reals
) -> Integers:
    """Each route by inversion of the cumulative probabilities at uniform points, stop by stop."""
    shots = len(points)
    rows = np.arange(shots)
    weights = np.tile(pairs, (shots, 1))
    here = np.zeros(shots, dtype=np.int64)
    drawn = np.empty(points.shape, dtype=np.int64)
    place = 0
    for size, inside, link, table in zip(sums.sizes, sums.inside, sums.links, tables, strict=True):
        start, left = place, np.full(shots, 2**size - 1)
        for step in range(size):
            check()
            phases = np.exp(-1j * (link if step == 0 else inside)[:, :, None] * rates)[here]
            p = np.maximum(np.einsum("rf,rxf,rxf->rx", weights, phases, table[left]).real, 0.0)
            free = left[:, None] >> np.arange(size) & 1
            reached = np.cumsum(np.where(p.sum(axis=1, keepdims=True) > 0, p, free), axis=1)
            here = (reached <= points[:, place, None] * reached[:, -1:]).sum(axis=1)
            weights = weights * phases[rows, here]
            drawn[:, place] = start + here
            left = left & ~(1 << here)
            place += 1
    return drawn
