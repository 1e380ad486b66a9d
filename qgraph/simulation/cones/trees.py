"""Light cones that are trees: message passing from the leaves to the term, for any weights and fields.

Source: Basso, Farhi, Marwaha, Villalonga, Zhou, arXiv:2110.14206, section 3, with a message for each kind of
branch instead of one for all. Messages are arrays over the histories of a node (`histories.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from qgraph.base.typing import Complexes, Integers, Reals
from qgraph.simulation.deadline import check
from qgraph.simulation.histories import mixer_amplitudes, spin, weighted_sum

CHUNK = 2**16  # amplitudes in memory at a time


@dataclass
class Level:
    """The different branches of one level.

    Branch k has field `h[k]`. Leg l couples the top node of a branch by `J[l]` to that of branch `below[l]`,
    one level lower. Each of the `rounds` lists branches and one leg of each, so that no branch repeats.
    """

    h: Reals
    J: Reals
    below: Integers
    rounds: list[tuple[Integers, Integers]]

    def __len__(self) -> int:
        return len(self.h)


@dataclass
class TreeTerms:
    """Terms on tree cones: `fields` times <Z> of a branch, `weights` times <Z Z> of two coupled by `J`."""

    levels: list[Level]
    singles: Integers  # [k]
    fields: Reals
    pairs: Integers  # [m, 2]
    J: Reals
    weights: Reals
    largest: int  # nodes of the largest cone

    @property
    def count(self) -> int:
        """The number of different terms."""
        return len(self.fields) + len(self.J)

    @property
    def amplitudes(self) -> int:
        """The number of amplitudes in all messages."""
        return sum(
            (len(level.J) + 2 * len(level) + sum(len(its) for _, its in level.rounds)) * 4**t
            for t, level in enumerate(self.levels)
        )

    @property
    def steps(self) -> int:
        """The number of operations on amplitudes."""
        p = len(self.levels) - 1
        work = sum(2 * t * len(level.J) * 4**t for t, level in enumerate(self.levels))
        return int(work + 2 * p * len(self.pairs) * 4**p)

    def expectation(self, gammas: Reals, betas: Reals) -> float:
        """The sum over all terms."""
        return _Pass(self, gammas, betas).value

    def gradient(self, gammas: Reals, betas: Reals) -> tuple[float, Reals]:
        """The sum over all terms, and its derivatives: float64[2, p]."""
        run = _Pass(self, gammas, betas)
        return run.value, run.backward()


class _Pass:
    """One evaluation: messages towards the term, and for the gradient their adjoints back to the leaves."""

    def __init__(self, terms: TreeTerms, gammas: Reals, betas: Reals) -> None:
        self.terms, self.gammas, self.betas, p = terms, gammas, betas, len(gammas)
        self.mixers = [mixer_amplitudes(betas[:t]) for t in range(p + 1)]
        self.products = [np.ones((1, 1), dtype=np.complex128)]
        self.amplitudes: list[Complexes] = []
        for t in range(1, p + 1):
            self.amplitudes.append(self._amplitudes(t - 1))
            legs = self._messages(t)
            product = np.ones((len(terms.levels[t]), 4**t), dtype=np.complex128)
            for owners, its in terms.levels[t].rounds:
                product[owners] *= legs[its]
            self.products.append(product)
        measured = self.mixers[p][:, 0] - self.mixers[p][:, 1]  # the middle spin, summed over
        self.top = self.products[p] * self._fields(p) * measured.reshape(-1)
        self.value = float(np.dot(terms.fields, self.top[terms.singles].sum(axis=1).real))
        for here in _chunks(len(terms.pairs), 4**p):
            first, second = self.top[terms.pairs[here].T]
            joined = _coupled(second, np.outer(gammas, terms.J[here]))[-1]
            self.value += float(np.dot(terms.weights[here], np.sum(first * joined, axis=1).real))

    def _fields(self, t: int) -> Complexes:
        """The phases of the fields over the forward and backward spins: complex[k, 4**t]."""
        phase: Complexes = np.exp(-1j * np.outer(self.terms.levels[t].h, weighted_sum(self.gammas[:t])))
        return (phase[:, :, None] * phase.conj()[:, None, :]).reshape(len(phase), 4**t)

    def _amplitudes(self, t: int) -> Complexes:
        """The amplitudes of a level's branches for each history of their top nodes: complex[k, 2 * 4**t]."""
        outer = (self.products[t] * self._fields(t)).reshape(-1, 2**t, 1, 2**t)
        return (outer * self.mixers[t]).reshape(-1, 2 * 4**t)

    def _messages(self, t: int) -> Complexes:
        """The message of each leg to its node of level t: complex[l, 4**t]."""
        level = self.terms.levels[t]
        legs = np.empty((len(level.J), 4**t), dtype=np.complex128)
        for here in _chunks(len(legs), 4**t):
            angles = np.outer(self.gammas[:t], level.J[here])
            below = _coupled(self.amplitudes[t - 1][level.below[here]], angles[:-1])[-1]
            legs[here] = _split(below, angles[-1])
        return legs

    def backward(self) -> Reals:
        """The derivatives by all angles."""
        p, terms = len(self.gammas), self.terms
        slopes = np.zeros((2, p))
        top = np.zeros_like(self.top)
        top[terms.singles] += terms.fields[:, None]
        for here in _chunks(len(terms.pairs), 4**p):
            first, second = self.top[terms.pairs[here].T]
            angles, weights = np.outer(self.gammas, terms.J[here]), terms.weights[here, None]
            steps = _coupled(second, angles)
            _add_rows(top, terms.pairs[here, 0], weights * steps[-1])
            adjoint, found = _uncoupled(steps, weights * first, angles, terms.J[here])
            _add_rows(top, terms.pairs[here, 1], adjoint)
            slopes[0] += found
        # The measured observable is the middle spin.
        middle = np.array([1.0, -1.0])[:, None]
        adjoint = (top.reshape(-1, 2**p, 1, 2**p) * middle).reshape(-1, 2 * 4**p)
        for t in range(p, 0, -1):
            adjoint = self._descend(t, adjoint, slopes)
        return slopes

    def _descend(self, t: int, adjoint: Complexes, slopes: Reals) -> Complexes:
        """From the adjoint of the branches of level t to that of level t - 1."""
        level, fields = self.terms.levels[t], self._fields(t)
        outer = self.products[t] * fields
        cube = adjoint.reshape(-1, 2**t, 2, 2**t)
        both = np.einsum("kfcb,kfb->fcb", cube, outer.reshape(-1, 2**t, 2**t))
        for layer in range(t):
            slopes[1, layer] += np.sum(both * mixer_amplitudes(self.betas[:t], layer)).real
        inner = np.sum(cube * self.mixers[t], axis=2).reshape(-1, 4**t)
        if level.h.any():
            by_spins = (level.h @ (inner * outer)).reshape(2**t, 2**t)
            for layer in range(t):
                difference = np.subtract.outer(spin(t, layer), spin(t, layer))
                slopes[0, layer] += np.sum(-1j * difference * by_spins).real
        legs = self._messages(t)
        leg_adjoint = np.zeros_like(legs)
        product = inner * fields
        ahead = []  # times the messages of all earlier rounds
        for owners, its in level.rounds:
            ahead.append(product[owners])
            product[owners] *= legs[its]
        behind = np.ones_like(inner)
        for owners, its in reversed(level.rounds):
            _add_rows(leg_adjoint, its, ahead.pop() * behind[owners])
            behind[owners] *= legs[its]
        below = np.zeros_like(self.amplitudes[t - 1])
        for here in _chunks(len(legs), 4**t):
            angles = np.outer(self.gammas[:t], level.J[here])
            steps = _coupled(self.amplitudes[t - 1][level.below[here]], angles[:-1])
            middle, by_angle = _merged(steps[-1], leg_adjoint[here], angles[-1])
            slopes[0, t - 1] += np.dot(level.J[here], by_angle)
            lower, found = _uncoupled(steps, middle, angles[:-1], level.J[here])
            slopes[0, : t - 1] += found
            _add_rows(below, level.below[here], lower)
        return below


def _add_rows(target: Complexes, places: Integers, rows: Complexes) -> None:
    """Add rows to those of `target`, where places may repeat."""
    order = np.argsort(places, kind="stable")
    ordered = places[order]
    starts = np.flatnonzero(np.diff(ordered, prepend=-1))
    target[ordered[starts]] += np.add.reduceat(rows[order], starts, axis=0)


def _chunks(count: int, each: int) -> Iterator[slice]:
    step = max(1, CHUNK // each)
    for start in range(0, count, step):
        check()
        yield slice(start, start + step)


def _axes(t: int, length: int) -> list[tuple[int, int, int]]:
    """(layer, sign, size of the axes before) of the forward and backward spins, in arrays of `length`."""
    forward = [(layer, 1, 2**layer) for layer in range(t)]
    return forward + [(layer, -1, (length >> t) * 2**layer) for layer in range(t)]


def _coupled(x: Complexes, angles: Reals) -> list[Complexes]:
    """sum_b exp(-i angle a b) x(b) for spin after spin, conjugated for backward ones: the array after each.

    `x`: complex[k, size]; `angles`: float64[t, k], gamma times J by layer.
    """
    steps = [x]
    for layer, sign, before in _axes(len(angles), x.shape[1]):
        phase = np.exp(-1j * sign * angles[layer])[:, None, None]
        pair = steps[-1].reshape(len(x), before, 2, -1)
        out = np.empty_like(pair)
        np.multiply(phase, pair[:, :, 0], out=out[:, :, 0])
        out[:, :, 0] += phase.conj() * pair[:, :, 1]
        np.multiply(phase, pair[:, :, 1], out=out[:, :, 1])
        out[:, :, 1] += phase.conj() * pair[:, :, 0]
        steps.append(out.reshape(x.shape))
    return steps


def _uncoupled(
    steps: list[Complexes], adjoint: Complexes, angles: Reals, J: Reals
) -> tuple[Complexes, Reals]:
    """The adjoint of `_coupled`, and the derivatives by each gamma: complex[k, size], float64[t]."""
    slopes = np.zeros(len(angles))
    axes = _axes(len(angles), adjoint.shape[1])
    for (layer, sign, before), x in zip(reversed(axes), reversed(steps[:-1]), strict=True):
        phase = np.exp(-1j * sign * angles[layer])[:, None, None]
        above = adjoint.reshape(len(x), before, 2, -1)
        pair = x.reshape(above.shape)
        equal = np.einsum("kasb,kasb->k", above, pair)
        unequal = np.einsum("kasb,kasb->k", above, pair[:, :, ::-1])
        turned = -1j * sign * (phase[:, 0, 0] * equal - phase[:, 0, 0].conj() * unequal)
        slopes[layer] += np.dot(J, turned.real)
        out = phase[..., None] * above
        out += phase.conj()[..., None] * above[:, :, ::-1]
        adjoint = out.reshape(x.shape)
    return adjoint, slopes


def _split(x: Complexes, angles: Reals) -> Complexes:
    """Couple the middle spin c to a forward and a backward spin: exp(-i angle c (f - b)), summed over c."""
    up, down = _halves(x)
    phase = np.exp(-2j * angles)[:, None, None]
    out = np.empty((len(x), up.shape[1], 2, up.shape[1], 2), dtype=np.complex128)
    out[:, :, 0, :, 0] = out[:, :, 1, :, 1] = up + down
    out[:, :, 0, :, 1] = phase * up + phase.conj() * down
    out[:, :, 1, :, 0] = phase.conj() * up + phase * down
    return out.reshape(len(x), 2 * x.shape[1])


def _merged(x: Complexes, adjoint: Complexes, angles: Reals) -> tuple[Complexes, Reals]:
    """The adjoint of `_split`, and the derivative by each angle: complex[k, size], float64[k]."""
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
    side = 2 ** ((x.shape[1].bit_length() - 1) // 2)
    cube = x.reshape(len(x), side, 2, side)
    return cube[:, :, 0], cube[:, :, 1]
