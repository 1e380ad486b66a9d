"""QAOA on infinite graphs: regular trees, and the Sherrington-Kirkpatrick model, averaged over disorder.

Source: Basso, Farhi, Marwaha, Villalonga, Zhou, arXiv:2110.14206, sections 3 and 4. Depth p takes O(4**p)
numbers, one for each history of a node (`histories.py`).
"""

from __future__ import annotations

from itertools import combinations

import numpy as np

from qgraph.base import resources
from qgraph.base.checks import require, require_whole
from qgraph.base.typing import Angles, ArrayLike, Complexes
from qgraph.simulation.angles import check_angles
from qgraph.simulation.histories import mixer_amplitudes, spin, weighted_sum

BYTES_PER_HISTORY = 160  # a few complex arrays over all histories


def tree_cut_fraction(degree: int, gammas: ArrayLike, betas: ArrayLike) -> float:
    """The average share of edges that QAOA cuts in `degree`-regular graphs of girth above 2 p + 1.

    Unit weights, C the cut, angles in rad as everywhere. Raises `ProblemTooLarge` beyond about depth 12.

    >>> round(tree_cut_fraction(3, [np.arctan(1 / np.sqrt(2))], [np.pi / 8]), 10)
    0.6924500897
    """
    require_whole("degree", degree, 2)
    gamma, beta = _checked(gammas, betas)
    weights = mixer_amplitudes(beta).ravel()
    phases = weighted_sum(_doubled(gamma)) / 2
    with_cosine = _Convolution(np.cos(phases))
    branch = np.ones(len(weights), dtype=np.complex128)
    for _ in gamma:
        branch = with_cosine(weights * branch) ** (degree - 1)
    measured = weights * branch * spin(2 * len(gamma) + 1, len(gamma))
    correlation = 1j * np.sum(measured * _Convolution(np.sin(phases))(measured))
    return float(0.5 - 0.5 * correlation.real)


def sherrington_kirkpatrick(gammas: ArrayLike, betas: ArrayLike) -> float:
    """<C> / n of C = sum J_ij s_i s_j / sqrt(n), J normal, maximised, for n to infinity.

    In D-regular graphs of large girth, for D to infinity and gammas times 2 / sqrt(D), the share of cut
    edges is 1/2 plus this number over sqrt(D).

    >>> round(sherrington_kirkpatrick([0.5], [np.pi / 8]), 10)  # 1 / (2 sqrt(e))
    0.3032653299
    """
    gamma, beta = _checked(gammas, betas)
    p = len(gamma)
    weights = mixer_amplitudes(beta).ravel()
    rates = _doubled(gamma)
    spins = [spin(2 * p + 1, r) for r in range(2 * p + 1)]
    overlap = np.zeros((2 * p + 1, 2 * p + 1), dtype=np.complex128)
    branch = weights
    for layer in range(p + 1):
        if layer > 0:
            exponent = np.full(len(weights), -np.sum(rates**2) / 2, dtype=np.complex128)
            for r, s in combinations(range(2 * p + 1), 2):
                exponent -= rates[r] * rates[s] * overlap[r, s] * (spins[r] * spins[s])
            branch = weights * np.exp(exponent)
        for r, s in combinations(range(2 * p + 1), 2):
            overlap[r, s] = overlap[s, r] = np.sum(branch * (spins[r] * spins[s]))
    return float((-0.5j * np.sum(rates * overlap[p] ** 2)).real)  # the rate of the measurement is 0


def _checked(gammas: ArrayLike, betas: ArrayLike) -> tuple[Angles, Angles]:
    gamma, beta = check_angles(gammas, betas)
    p = len(gamma)
    require(p >= 1, "gammas", "must have at least one value", gammas)
    size = BYTES_PER_HISTORY * 2 ** (2 * p + 1)
    resources.require_memory(size, f"the histories of depth {p}", "a smaller depth would fit")
    return gamma, beta


def _doubled(gamma: Angles) -> Angles:
    """The rates of a history's spins: gammas forward, 0 at the measurement, minus gammas backward."""
    return np.concatenate([gamma, [0.0], -gamma])


class _Convolution:
    """Maps v to sum_b kernel(a b) v(b), where a b is the product of histories spin by spin."""

    def __init__(self, kernel: Angles) -> None:
        self.spectrum = _walsh(kernel.astype(np.complex128)).real / len(kernel)

    def __call__(self, vector: Complexes) -> Complexes:
        return _walsh(self.spectrum * _walsh(vector))


def _walsh(vector: Complexes) -> Complexes:
    """The Walsh-Hadamard transform, which turns such convolutions into products."""
    result, step = vector.copy(), 1
    while step < len(result):
        pair = result.reshape(-1, 2, step)
        total = pair[:, 0] + pair[:, 1]
        pair[:, 1] = pair[:, 0] - pair[:, 1]
        pair[:, 0] = total
        step *= 2
    return result
