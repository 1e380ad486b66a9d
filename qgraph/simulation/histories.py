"""Histories of a node's spin in QAOA, over which sums run instead of state vectors.

Source: Basso, Farhi, Marwaha, Villalonga, Zhou, arXiv:2110.14206, section 3. A node on which t layers act has
a history of 2 t + 1 spins: t before the mixers of the forward evolution, the middle one at the measurement, t
of the backward evolution. Arrays over histories have the forward spins first and the backward ones last, both
in order of layers; the first spin varies slowest.
"""

from __future__ import annotations

import numpy as np

from qgraph.base.typing import Complexes, Reals


def spin(count: int, place: int) -> Reals:
    """The spin at one place of all rows of `count` spins: float64[2**count].

    >>> spin(2, 0).tolist(), spin(2, 1).tolist()
    ([1.0, 1.0, -1.0, -1.0], [1.0, -1.0, 1.0, -1.0])
    """
    return np.tile(np.repeat([1.0, -1.0], 2 ** (count - 1 - place)), 2**place)


def weighted_sum(rates: Reals) -> Reals:
    """sum_r rates_r s_r of all rows of spins s: float64[2**len(rates)]."""
    total = np.zeros(1)
    for rate in rates[::-1]:
        total = np.concatenate([rate + total, total - rate])
    return total


def mixer_amplitudes(betas: Reals, by: int | None = None) -> Complexes:
    """The mixers' amplitudes of all histories, or their derivative by one beta: complex[2**t, 2, 2**t]."""
    rows, slope = np.ones((1, 2), dtype=np.complex128), np.zeros((1, 2), dtype=np.complex128)
    for layer, beta in enumerate(betas):
        same, other = np.cos(beta), -1j * np.sin(beta)
        step = np.array([[same, other], [other, same]])
        turned = np.array([[-np.sin(beta), -1j * np.cos(beta)], [-1j * np.cos(beta), -np.sin(beta)]])
        longer = slope[:, :, None] * step + (rows[:, :, None] * turned if layer == by else 0)
        rows, slope = (rows[:, :, None] * step).reshape(-1, 2), longer.reshape(-1, 2)
    back = rows.conj().T[None]
    if by is None:
        return 0.5 * rows[:, :, None] * back
    return 0.5 * (slope[:, :, None] * back + rows[:, :, None] * slope.conj().T[None])
