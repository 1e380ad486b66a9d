"""Histories of a node coupled to those of the node above it, for many pairs of nodes at a time, and back.

Arrays are complex[k, size] over histories (`histories.py`), with or without a middle spin. All are Hermitian:
with forward and backward spins exchanged, they are the complex conjugate.
"""

from __future__ import annotations

import numpy as np

from qgraph.base.typing import Complexes, Reals
from qgraph.simulation.deadline import check
from qgraph.simulation.histories import spin

LAYERS = 3  # at most, that one matrix couples
PRODUCT = 2**15  # multiplications in a product of matrices; BLAS divides larger ones among threads of its own
PAIR = np.array([[1.0, -1.0], [-1.0, 1.0]])  # the products of two spins


def matrices_of(angles: Reals) -> list[Complexes]:
    """exp(-i sum_l angle_l a_l b_l) for all spins a, b of a few layers l, then of the next few layers.

    `angles`: float64[t, k], gamma times J by layer. Returns complex[k, 2**g, 2**g] for each g layers.
    """
    found = []
    for some in np.array_split(angles, -(-len(angles) // LAYERS)) if len(angles) else []:
        matrix = np.ones((angles.shape[1], 1, 1), dtype=np.complex128)
        for angle in some:
            pair = np.exp(np.multiply.outer(-1j * angle, PAIR))
            side = 2 * matrix.shape[1]
            matrix = (matrix[:, :, None, :, None] * pair[:, None, :, None, :]).reshape(-1, side, side)
        found.append(matrix)
    return found


def _blocks(x: Complexes, before: int, side: int) -> Complexes:
    """A view with the spins that a matrix couples second last: complex[k, before, pieces, side, columns]."""
    after = x.shape[1] // (before * side)
    columns = min(after, PRODUCT // side**2)
    return x.reshape(len(x), before, side, after // columns, columns).swapaxes(2, 3)


def _forward(x: Complexes, matrices: list[Complexes]) -> list[Complexes]:
    """Couple the forward spins, some layers after others: the array after each."""
    steps, before = [x], 1
    for matrix in matrices:
        steps.append(_times(matrix, steps[-1], before))
        before *= matrix.shape[1]
    return steps


def _times(matrix: Complexes, x: Complexes, before: int) -> Complexes:
    """Couple some forward spins. Those of earlier layers have `before` values."""
    check()
    out = np.empty_like(x)
    side = matrix.shape[1]
    np.matmul(matrix[:, None, None], _blocks(x, before, side), out=_blocks(out, before, side))
    return out


def coupled(x: Complexes, matrices: list[Complexes]) -> list[Complexes]:
    """Couple backward spins, then forward ones: the array before and after each step of the latter."""
    return _forward(_exchanged(_forward(x, matrices)[-1]), matrices)


def uncoupled(
    steps: list[Complexes], adjoint: Complexes, matrices: list[Complexes], J: Reals
) -> tuple[Complexes, Reals]:
    """The adjoint of `coupled`, and the derivatives by each gamma: complex[k, size], float64[t]."""
    slopes, before = list[float](), 2 ** _layers(adjoint)
    for matrix, x in zip(reversed(matrices), reversed(steps[:-1]), strict=True):
        before //= matrix.shape[1]
        above, below = (_blocks(array, before, matrix.shape[1]) for array in (adjoint, x))
        pairs = np.sum(above @ below.swapaxes(3, 4), axis=(1, 2))
        along = np.einsum("k,kab,kab->ab", J, pairs, matrix)
        count = _layers(along.reshape(1, -1))
        # Backward spins have the same share as forward ones.
        slopes += [2 * float((s @ along @ s).imag) for s in (spin(count, k) for k in reversed(range(count)))]
        adjoint = _times(matrix, adjoint, before)
    return _forward(_exchanged(adjoint), matrices)[-1], np.array(slopes[::-1])


def _layers(x: Complexes) -> int:
    """The number of forward spins."""
    return (int(x.shape[1]).bit_length() - 1) // 2


def _exchanged(x: Complexes) -> Complexes:
    """The conjugate with forward spins in place of backward ones."""
    side = 2 ** _layers(x)
    return np.conjugate(x.reshape(len(x), side, -1, side).swapaxes(1, 3), order="C").reshape(x.shape)


def split(x: Complexes, angles: Reals) -> Complexes:
    """Couple the middle spin c to a forward and a backward spin: exp(-i angle c (f - b)), summed over c."""
    up, down = _halves(x)
    phase = np.exp(-2j * angles)[:, None, None]
    out = np.empty((len(x), up.shape[1], 2, up.shape[1], 2), dtype=np.complex128)
    out[:, :, 0, :, 0] = out[:, :, 1, :, 1] = up + down
    out[:, :, 0, :, 1] = phase * up + phase.conj() * down
    out[:, :, 1, :, 0] = phase.conj() * up + phase * down
    return out.reshape(len(x), 2 * x.shape[1])


def merged(x: Complexes, adjoint: Complexes, angles: Reals) -> tuple[Complexes, Reals]:
    """The adjoint of `split`, and the derivative by each angle: complex[k, size], float64[k]."""
    up, down = _halves(x)
    phase = np.exp(-2j * angles)[:, None, None]
    a = adjoint.reshape(len(x), up.shape[1], 2, up.shape[1], 2)
    equal, plus, minus = a[:, :, 0, :, 0] + a[:, :, 1, :, 1], a[:, :, 0, :, 1], a[:, :, 1, :, 0]
    out = np.empty((len(x), up.shape[1], 2, up.shape[1]), dtype=np.complex128)
    out[:, :, 0] = equal + phase * plus + phase.conj() * minus
    out[:, :, 1] = equal + phase.conj() * plus + phase * minus
    rising = phase * (plus * up + minus * down) - phase.conj() * (plus * down + minus * up)
    return out.reshape(x.shape), np.sum(-2j * rising, axis=(1, 2)).real


def _halves(x: Complexes) -> tuple[Complexes, Complexes]:
    """The arrays for middle spin +1 and for -1: two of complex[k, 2**t, 2**t]."""
    side = 2 ** _layers(x)
    cube = x.reshape(len(x), side, 2, side)
    return cube[:, :, 0], cube[:, :, 1]
