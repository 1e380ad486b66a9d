"""QAOA under the Grover mixer on the costs of routes alone: no route is stored.

From the uniform superposition the mixer exp(-i beta |F><F|) adds the same number to every amplitude
(Baertschi, Eidenbenz, arXiv:2006.00354, section III). So after p layers, with c a route's travel time,

    sqrt(N) * amplitude(c) = sum_j a_j exp(-i G_j c),    G_j = gamma_(j+1) + ... + gamma_p,
    a_0 = 1,    a_l = -(1 - exp(-i beta_l)) sum_(j<l) a_j X0(G_j - G_l),

where X_o(g) is the mean of c^o exp(-i g c) over all N routes (`RouteSums`). Norm, mean, variance and
derivatives are sums over pairs of the a_j with X_0, X_1 and X_2.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any, NoReturn

import numpy as np

from qgraph.base.checks import require, require_seed, require_whole
from qgraph.base.errors import ProblemTooLarge
from qgraph.base.typing import Complexes, Integers, NDArray, Reals
from qgraph.problems.routing import PriorityRouting
from qgraph.simulation.counts import Counts
from qgraph.simulation.deadline import check
from qgraph.simulation.merit import SAME
from qgraph.simulation.routes.basis import RouteBasis
from qgraph.simulation.routes.sums import RouteSums
from qgraph.simulation.state import MOST_SHOTS, State

LARGEST_TIER = 16
AT_ONCE = 1024  # shots


class CompressedEngine:
    """Evolves the p + 1 coefficients."""

    def __init__(self, routing: PriorityRouting) -> None:
        largest = max(len(tier) for tier in routing.tiers)
        if largest > LARGEST_TIER:
            raise ProblemTooLarge(
                f"the compressed form is for tiers of at most {LARGEST_TIER} stops, got one of {largest}"
            )
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
        require(share == 1, "cvar", 'must be 1 with method "compressed", which knows no single routes', share)
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

    def extremes(self) -> tuple[float, float]:
        """See `Engine`."""
        low, high = self._extremes
        return self.sums.mean + low, self.sums.mean + high

    @cached_property
    def _extremes(self) -> tuple[float, float]:
        return self.sums.extremes()

    def _means(self, gammas: Reals) -> Complexes:
        """X_o(G_j - G_k): complex[3, p + 1, p + 1]; kept for as long as only the betas change."""
        known, means = self._last  # taken together: other threads may put theirs there
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
    ahead: Reals = np.append(np.cumsum(gammas[::-1])[::-1], 0.0)
    return ahead


def coefficients(X0: Complexes, betas: Reals) -> tuple[Complexes, Complexes]:
    """The a_j, and the means that the mixers meet: complex[p + 1] and complex[p]."""
    a = np.ones(len(betas) + 1, dtype=np.complex128)
    means = np.empty(len(betas), dtype=np.complex128)
    for layer, beta in enumerate(betas.tolist(), start=1):
        means[layer - 1] = np.sum(a[:layer] * X0[:layer, layer])
        a[layer] = -(1 - np.exp(-1j * beta)) * means[layer - 1]
    return a, means


class CompressedVector:
    """The state as p + 1 exponentials; what would need every route is refused.

    size * |amplitude(c)|^2 is the real part of sum_f pairs[f] exp(-i rates[f] c).
    """

    copies = 1

    def __init__(self, engine: CompressedEngine, gammas: Reals, means: Complexes, betas: Reals) -> None:
        self.engine = engine
        self.size = engine.routing.routes
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

    def probability(self, cost: float) -> float:
        """That of one route of this travel time, from the mean."""
        return float(np.abs(np.sum(self.a * np.exp(-1j * self.ahead * cost))) ** 2) / self.size

    def amplitudes(self) -> NoReturn:
        """Refused."""
        self._refuse("amplitudes")

    def probabilities(self) -> NoReturn:
        """Refused."""
        self._refuse("probabilities")

    def histogram(self, low: float, high: float, bins: int) -> NoReturn:  # noqa: ARG002
        """Refused."""
        self._refuse("a distribution or its tail")

    def run_sums(self) -> NoReturn:
        """Refused."""
        self._refuse("the most probable of all routes")

    def run(self, number: int) -> NoReturn:  # noqa: ARG002
        """Refused."""
        self._refuse("probabilities")

    def locate(self, points: Reals, sums: Reals) -> NoReturn:  # noqa: ARG002
        """Refused."""
        self._refuse("probabilities")

    def _refuse(self, what: str) -> NoReturn:
        raise ProblemTooLarge(
            f'{what} would take all {self.size} routes, of which method "compressed" stores none; '
            'it has expectation, variance, sample and optimum_probability, "subspace" the rest'
        )


class CompressedState(State):
    """|gammas, betas> over routes that are not stored: what can be asked of it exactly."""

    _vector: CompressedVector

    def sample(self, shots: int = 1024, seed: int = 0) -> Counts:
        """Measure the route `shots` times, stop by stop; the same seed gives the same counts.

        Each stop is drawn from its exact distribution, given the stops before it. The draws are not those of
        `State.sample`.
        """
        require_whole("shots", shots, 1, MOST_SHOTS)
        require_seed(seed)
        return self._tally(shots, np.random.default_rng(seed), self._vector.pairs, self._vector.rates)

    def guess(self, shots: int = 1024, seed: int = 0) -> Counts:
        """What uniformly random routes give: the yardstick of `sample`."""
        require_whole("shots", shots, 1, MOST_SHOTS)
        require_seed(seed)
        return self._tally(shots, np.random.default_rng(seed), np.ones(1, dtype=np.complex128), np.zeros(1))

    def _tally(self, shots: int, rng: np.random.Generator, pairs: Complexes, rates: Reals) -> Counts:
        sums = self._vector.engine.sums
        tables = sums.onward(rates)
        parts = [min(AT_ONCE, shots - start) for start in range(0, shots, AT_ONCE)]
        drawn = [
            draw_routes(sums, tables, rates, pairs, rng.random((part, sum(sums.sizes)))) for part in parts
        ]
        orders, counts = np.unique(np.concatenate(drawn), axis=0, return_counts=True)
        order = np.argsort(-counts, kind="stable")
        bits = RouteBasis(self._vector.engine.routing).one_hot(orders[order])
        return Counts(self.problem, bits, counts[order])

    def marginals(self) -> Reals:
        """The probability that each bit is 1: float64[n], from the ways to a stop and those on from it."""
        vector = self._vector
        sums = vector.engine.sums
        onward, before = sums.onward(vector.rates), sums.before(vector.rates)
        blocks = []
        for size, ahead, behind in zip(sums.sizes, onward, before, strict=True):
            subsets = np.arange(2**size)
            lengths = np.array([int(s).bit_count() for s in subsets])
            visits = np.zeros((size, size))
            for v, length in np.ndindex(size, size):
                so_far = subsets[(lengths == length + 1) & (subsets >> v & 1 == 1)]
                left = 2**size - 1 - so_far | 1 << v
                visits[v, length] = np.sum(vector.pairs * behind[so_far, v] * ahead[left, v]).real
            blocks.append(visits.ravel())
        return np.concatenate(blocks)

    def optimum_probability(self) -> float:
        """The probability of measuring an optimal route."""
        engine = self._vector.engine
        low, high = engine._extremes
        return engine.sums.optima(SAME * (high - low)) * self._vector.probability(low)

    def _repr_html_(self) -> str:
        return self.sample()._repr_html_()


def draw_routes(
    sums: RouteSums, tables: list[Complexes], rates: Reals, pairs: Complexes, points: Reals
) -> Integers:
    """Routes drawn, at uniform points, by their weights: int64[shots, stops]; see `CompressedVector`."""
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
