"""Light cones that are trees: message passing from the leaves to the term, for any weights and fields.

Source: Basso, Farhi, Marwaha, Villalonga, Zhou, arXiv:2110.14206, section 3, with a message for each kind of
branch instead of one for all. Messages are arrays over the histories of a node (`histories.py`). All of them
are Hermitian: with forward and backward spins exchanged, they are the complex conjugate.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from qgraph.base import resources
from qgraph.base.typing import Complexes, Integers, Reals
from qgraph.simulation.cones.coupling import coupled, matrices_of, merged, split, uncoupled
from qgraph.simulation.cones.threads import answers
from qgraph.simulation.histories import mixer_amplitudes, spin, weighted_sum

CHUNK = 2**15  # amplitudes in the work of a thread between two checks of the deadline
IN_WORK = 18  # arrays at a time in the work of a thread
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
    numbers: Integers  # of each term that was given: among the singles, or behind them among the pairs
    largest: int  # nodes of the largest cone

    @property
    def count(self) -> int:
        """The number of different terms."""
        return len(self.fields) + len(self.J)

    @property
    def amplitudes(self) -> int:
        """The most amplitudes in memory at a time: all messages, and the work of all threads."""
        kept = [len(level.J) + 2 * len(level) + len(level.legs) for level in self.levels]
        size = 4 ** (len(self.levels) - 1)
        terms = max(len(self.pairs), len(self.levels[-1].J))
        work = min(resources.threads() * max(size, CHUNK), terms * size)
        return int(sum(count * 4**t for t, count in enumerate(kept)) + IN_WORK * work)

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

    def means(self, gammas: Reals, betas: Reals) -> Reals:
        """<Z> of the singles, then <Z Z> of the pairs."""
        alike = replace(self, fields=np.ones_like(self.fields), weights=np.ones_like(self.weights))
        return _Pass(alike, gammas, betas, keep=False).means()


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
        return split(steps[-1], self.gammas[t - 1] * self.terms.levels[t].J[here])

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
        matrices = matrices_of(np.outer(self.gammas[: t - 1], level.J[here]))
        return coupled((below * self.mixers[t - 1]).reshape(len(below), -1), matrices), matrices

    def _pairs(self, here: slice) -> tuple[Complexes, list[Complexes], list[Complexes], Reals]:
        """Terms of two nodes: one end with its weight, the other coupled to it, the matrices, the values."""
        terms = self.terms
        first, second = (self.outer[self.p][ends] * self.measured for ends in terms.pairs[here].T)
        first *= terms.weights[here, None]
        matrices = matrices_of(np.outer(self.gammas, terms.J[here]))
        steps = coupled(second, matrices)
        return first, steps, matrices, np.einsum("ks,ks->k", first, steps[-1]).real

    def value(self) -> float:
        """The sum over all terms."""
        parts = _chunks(len(self.terms.pairs), 4**self.p)
        return self._alone() + sum(
            float(np.sum(some)) for some in answers(lambda here: self._pairs(here)[-1], parts)
        )

    def means(self) -> Reals:
        """All terms: those of one node, then those of two."""
        parts = _chunks(len(self.terms.pairs), 4**self.p)
        alone = (self.outer[self.p][self.terms.singles] @ self.measured).real * self.terms.fields
        return np.concatenate([alone, *answers(lambda here: self._pairs(here)[-1], parts)])

    def _alone(self) -> float:
        """The sum over terms of one node."""
        terms, outer = self.terms, self.outer[self.p]

        def part(here: slice) -> float:
            total = np.einsum("k,ks->s", terms.fields[here], outer[terms.singles[here]])
            return float(np.sum(total * self.measured).real)

        return sum(answers(part, _chunks(len(terms.singles), 4**self.p)), 0.0)

    def gradient(self) -> tuple[float, Reals]:
        """The sum over all terms, and its derivatives by all angles."""
        terms, p, slopes = self.terms, self.p, np.zeros((2, self.p))
        value = self._alone()
        adjoint = np.zeros_like(self.outer[p])
        adjoint[terms.singles] = terms.fields[:, None]

        def pair(here: slice) -> tuple[Reals, Reals, list[Rows]]:
            first, steps, matrices, value = self._pairs(here)
            second, found = uncoupled(steps, first, matrices, terms.J[here])
            both = (terms.weights[here, None] * steps[-1], second)
            return value, found, [_summed(*end) for end in zip(terms.pairs[here].T, both, strict=True)]

        for part, found, ends in answers(pair, _chunks(len(terms.pairs), 4**p)):
            value += float(np.sum(part))
            slopes[0] += found
            for places, rows in ends:
                adjoint[places] += rows
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
            middle, by_angle = merged(steps[-1], rows, self.gammas[t - 1] * J)
            lower, found = uncoupled(steps, middle, matrices, J)
            return np.append(found, J @ by_angle), _summed(level.below[here], lower)

        both, by_spins = np.zeros_like(mixers), np.zeros(4**t, dtype=np.complex128)
        for some, others in answers(branches, _chunks(len(level), 4**t)):
            both += some
            by_spins += others
        if t == self.p:
            both = both * MIDDLE
        for layer in range(t):
            difference = np.subtract.outer(spin(t, layer), spin(t, layer)).reshape(-1)
            slopes[0, layer] += np.sum(difference * by_spins).imag
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
