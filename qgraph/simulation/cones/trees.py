"""Light cones that are trees: message passing from the leaves to the term, for any weights and fields.

Source: Basso, Farhi, Marwaha, Villalonga, Zhou, arXiv:2110.14206, section 3, with a message for each kind of
branch instead of one for all. Messages are arrays over the histories of a node (`histories.py`). All of them
are Hermitian: with forward and backward spins exchanged, they are the complex conjugate.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from qgraph.base import resources
from qgraph.base.typing import Complexes, Integers, Reals
from qgraph.simulation.cones.threads import answers
from qgraph.simulation.deadline import check
from qgraph.simulation.histories import mixer_amplitudes, spin, weighted_sum

CHUNK = 2**15  # amplitudes in the work of a thread between two checks of the deadline
IN_WORK = 18  # arrays at a time in the work of a thread
LAYERS = 3  # at most, that one matrix couples
PRODUCT = 2**15  # multiplications in a product of matrices; BLAS divides larger ones among threads of its own
MIDDLE = np.array([1.0, -1.0])[:, None]  # what is measured: the middle spin

Rows = tuple[Integers, Complexes]  # to be added to the rows of an array


@dataclass
class Level:
    """The different branches of one level.

    Branch k has field `h[k]` and the legs `legs[starts[k]:starts[k + 1]]`. Leg l couples the top node of a
    branch by `J[l]` to that of branch `below[l]`, one level lower. Each leg is part of some branch.
    """

    h: Reals
    J: Reals
    below: Integers
    starts: Integers
    legs: Integers

    def __len__(self) -> int:
        return len(self.h)

    def rounds(self, here: slice) -> list[tuple[Integers, Integers]]:
        """One leg after another of some branches: which of them have it, and its places in `legs`."""
        starts = self.starts[:-1][here]
        counts = self.starts[1:][here] - starts
        having = [np.flatnonzero(counts > k) for k in range(counts.max())]
        return [(some, starts[some] + k) for k, some in enumerate(having)]


@dataclass
class TreeTerms:
    """Terms on tree cones: `fields` times <Z> of a branch, `weights` times <Z Z> of two coupled by `J`."""

    levels: list[Level]
    singles: Integers  # [k], each branch once
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
        """The number of amplitudes in memory at a time, at most: all messages, and the work of all threads."""
        kept = [len(level.J) + 2 * len(level) + len(level.legs) for level in self.levels]
        size = 4 ** (len(self.levels) - 1)
        terms = max(len(self.pairs), len(self.levels[-1].J))
        work = min(resources.threads() * max(size, CHUNK), terms * size)
        return sum(count * 4**t for t, count in enumerate(kept)) + IN_WORK * work

    @property
    def steps(self) -> int:
        """The number of operations on amplitudes."""
        p = len(self.levels) - 1
        work = sum(2 * t * len(level.J) * 4**t for t, level in enumerate(self.levels))
        return int(work + 2 * p * len(self.pairs) * 4**p)

    def expectation(self, gammas: Reals, betas: Reals) -> float:
        """The sum over all terms."""
        return _Pass(self, gammas, betas, keep=False).value()

    def gradient(self, gammas: Reals, betas: Reals) -> tuple[float, Reals]:
        """The sum over all terms, and its derivatives: float64[2, p]."""
        return _Pass(self, gammas, betas, keep=True).gradient()


class _Pass:
    """One evaluation: messages towards the term, and for the gradient their adjoints back to the leaves."""

    def __init__(self, terms: TreeTerms, gammas: Reals, betas: Reals, *, keep: bool) -> None:
        self.terms, self.gammas, self.betas, self.p = terms, gammas, betas, len(gammas)
        self.mixers = [mixer_amplitudes(betas[:t]) for t in range(self.p + 1)]
        self.measured = np.sum(self.mixers[self.p] * MIDDLE, axis=1).reshape(-1)
        self.messages: list[Complexes] = []  # by level, of each leg to its node: complex[l, 4**t]
        self.outer: list[Complexes] = []  # by level, of each branch, without its mixers: complex[k, 4**t]
        for t, level in enumerate(terms.levels):
            self.messages.append(self._filled(self._messages, t, len(level.J)))
            self.outer.append(self._filled(self._outer, t, len(level)))
            if not keep:
                self.messages[t] = self.messages[0]

    def _filled(self, rows: Callable[[int, slice], Complexes], t: int, count: int) -> Complexes:
        found = np.empty((count, 4**t), dtype=np.complex128)

        def fill(here: slice) -> None:
            found[here] = rows(t, here)

        for _ in answers(fill, _chunks(count, 4**t)):
            pass
        return found

    def _messages(self, t: int, here: slice) -> Complexes:
        steps, _ = self._coupled(t, here)
        return _split(steps[-1], self.gammas[t - 1] * self.terms.levels[t].J[here])

    def _outer(self, t: int, here: slice) -> Complexes:
        product, level = self._fields(t, here), self.terms.levels[t]
        for some, places in level.rounds(here):
            product[some] *= self.messages[t][level.legs[places]]
        return product

    def _fields(self, t: int, here: slice) -> Complexes:
        """The phases of the fields over the forward and backward spins: complex[k, 4**t]."""
        phase: Complexes = np.exp(-1j * np.outer(self.terms.levels[t].h[here], weighted_sum(self.gammas[:t])))
        return (phase[:, :, None] * phase.conj()[:, None, :]).reshape(len(phase), 4**t)

    def _coupled(self, t: int, here: slice) -> tuple[list[Complexes], list[Complexes]]:
        """The branches below some legs of level t, coupled to the spins of lower layers; and the matrices."""
        level = self.terms.levels[t]
        below = self.outer[t - 1][level.below[here]].reshape(-1, 2 ** (t - 1), 1, 2 ** (t - 1))
        matrices = _matrices(np.outer(self.gammas[: t - 1], level.J[here]))
        return _coupled((below * self.mixers[t - 1]).reshape(len(below), -1), matrices), matrices

    def _pairs(self, here: slice) -> tuple[Complexes, list[Complexes], list[Complexes], float]:
        """Terms of two nodes: one end with its weight, the other coupled to it, the matrices, the value."""
        terms = self.terms
        first, second = (self.outer[self.p][ends] * self.measured for ends in terms.pairs[here].T)
        first *= terms.weights[here, None]
        matrices = _matrices(np.outer(self.gammas, terms.J[here]))
        steps = _coupled(second, matrices)
        return first, steps, matrices, float(np.sum(np.einsum("ks,ks->k", first, steps[-1]).real))

    def value(self) -> float:
        """The sum over all terms."""
        return self._alone() + sum(
            answers(lambda here: self._pairs(here)[-1], _chunks(len(self.terms.pairs), 4**self.p))
        )

    def _alone(self) -> float:
        """The sum over terms of one node."""
        terms, outer = self.terms, self.outer[self.p]
        parts = _chunks(len(terms.singles), 4**self.p)
        means = answers(
            lambda here: np.einsum("k,ks->s", terms.fields[here], outer[terms.singles[here]]) @ self.measured,
            parts,
        )
        return float(sum(means, 0j).real)

    def gradient(self) -> tuple[float, Reals]:
        """The sum over all terms, and its derivatives by all angles."""
        terms, p, slopes = self.terms, self.p, np.zeros((2, self.p))
        value = self._alone()
        top = np.zeros_like(self.outer[p])
        top[terms.singles] = terms.fields[:, None]

        def pair(here: slice) -> tuple[float, Reals, list[Rows]]:
            first, steps, matrices, value = self._pairs(here)
            adjoint, found = _uncoupled(steps, first, matrices, terms.J[here])
            both = (terms.weights[here, None] * steps[-1], adjoint)
            return value, found, [_summed(*end) for end in zip(terms.pairs[here].T, both, strict=True)]

        for part, found, ends in answers(pair, _chunks(len(terms.pairs), 4**p)):
            value += part
            slopes[0] += found
            for places, rows in ends:
                top[places] += rows
        adjoint = top
        for t in range(p, 0, -1):
            adjoint = self._descend(t, adjoint, slopes)
        return value, slopes

    def _descend(self, t: int, adjoint: Complexes, slopes: Reals) -> Complexes:
        """From the adjoint of the branches of level t to that of level t - 1."""
        level, messages, outer = self.terms.levels[t], self.messages.pop(), self.outer.pop()
        order = np.argsort(level.legs, kind="stable")
        place = np.empty_like(order)  # of the legs of branches, if equal ones stand together
        place[order] = np.arange(len(order))
        cuts = np.searchsorted(level.legs[order], np.arange(len(level.J) + 1))
        ahead = np.empty((len(order), 4**t), dtype=np.complex128)

        mixers = self.mixers[t] if t < self.p else self.measured.reshape(2**t, 1, 2**t)

        def branches(here: slice) -> tuple[Complexes, Complexes]:
            cube = adjoint[here].reshape(-1, *mixers.shape)
            both = np.einsum("kfcb,kfb->fcb", cube, outer[here].reshape(-1, 2**t, 2**t))
            product = np.einsum("kfcb,fcb->kfb", cube, mixers).reshape(-1, 4**t)
            by_spins = np.einsum("k,ks,ks->s", level.h[here], product, outer[here])
            product *= self._fields(t, here)
            rounds = level.rounds(here)
            for k, (some, places) in enumerate(rounds):
                ahead[place[places]] = product[some]
                for more, further in rounds[k + 1 : k + 2]:
                    product[more] *= messages[level.legs[further - 1]]
            behind = np.ones_like(product)
            for some, places in rounds[:0:-1]:
                behind[some] *= messages[level.legs[places]]
                ahead[place[places - 1]] *= behind[some]
            return both, by_spins

        def legs(here: slice) -> tuple[Reals, Rows]:
            steps, matrices = self._coupled(t, here)
            J, starts = level.J[here], cuts[:-1][here]
            rows = ahead[starts[0] : cuts[1:][here][-1]]
            if len(rows) > len(J):
                rows = np.add.reduceat(rows, starts - starts[0])
            middle, by_angle = _merged(steps[-1], rows, self.gammas[t - 1] * J)
            lower, found = _uncoupled(steps, middle, matrices, J)
            return np.append(found, J @ by_angle), _summed(level.below[here], lower)

        both, by_spins = np.zeros_like(mixers), np.zeros(4**t, dtype=np.complex128)
        for some, others in answers(branches, _chunks(len(level), 4**t)):
            both += some
            by_spins += others
        if t == self.p:
            both = both * MIDDLE
        for layer in range(t):
            difference = np.subtract.outer(spin(t, layer), spin(t, layer)).reshape(-1)
            slopes[0, layer] += (difference @ by_spins).imag
            slopes[1, layer] += np.sum(both * mixer_amplitudes(self.betas[:t], layer)).real
        below = np.zeros((len(self.terms.levels[t - 1]), 2 * 4 ** (t - 1)), dtype=np.complex128)
        for found, (places, rows) in answers(legs, _chunks(len(level.J), 4**t)):
            slopes[0, :t] += found
            below[places] += rows
        return below


def _summed(places: Integers, rows: Complexes) -> Rows:
    """Rows to be added, with those for the same place added up."""
    order = np.argsort(places, kind="stable")
    starts = np.flatnonzero(np.diff(places[order], prepend=-1))
    if len(starts) == len(rows):
        return places, rows
    return places[order[starts]], np.add.reduceat(rows[order], starts)


def _chunks(count: int, each: int) -> list[slice]:
    step = max(1, CHUNK // each)
    return [slice(start, start + step) for start in range(0, count, step)]


def _matrices(angles: Reals) -> list[Complexes]:
    """exp(-i sum_l angle_l a_l b_l) for all spins a, b of a few layers l, then of the next few layers.

    `angles`: float64[t, k], gamma times J by layer. Returns complex[k, 2**g, 2**g] for each g layers.
    """
    found = []
    for some in np.array_split(angles, -(-len(angles) // LAYERS)) if len(angles) else []:
        matrix = np.ones((angles.shape[1], 1, 1), dtype=np.complex128)
        for angle in some:
            pair = np.exp(np.multiply.outer(-1j * angle, MIDDLE * MIDDLE.T))
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


def _coupled(x: Complexes, matrices: list[Complexes]) -> list[Complexes]:
    """Couple backward spins, then forward ones: the array before and after each step of the latter."""
    return _forward(_exchanged(_forward(x, matrices)[-1]), matrices)


def _uncoupled(
    steps: list[Complexes], adjoint: Complexes, matrices: list[Complexes], J: Reals
) -> tuple[Complexes, Reals]:
    """The adjoint of `_coupled`, and the derivatives by each gamma: complex[k, size], float64[t]."""
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
    side = 2 ** _layers(x)
    cube = x.reshape(len(x), side, 2, side)
    return cube[:, :, 0], cube[:, :, 1]
