"""The compiled kernel on Ising models: all bit strings, or half of them if there are no fields."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any

import numpy as np

from qgraph.base.typing import Amplitudes, Angles, Floats, NDArray, Reals
from qgraph.problems.ising import Ising
from qgraph.simulation.engine import PRODUCT, WEIGHT, BitVector
from qgraph.simulation.library import library
from qgraph.simulation.vector.native import NativeEngine, NativeVector, threads_for

NONE = np.zeros(0)


def uncoupled(coupling: Reals, count: int) -> list[int]:
    """`count` spins no two of which are coupled, or none if they are not found.

    Greedy: the spin with the fewest neighbours comes first (Halldorsson, Radhakrishnan, Algorithmica 18,
    1997). If that fails, each spin is tried as the first.

    >>> uncoupled(np.array([[0, 1, 0], [1, 0, 2], [0, 2, 0]]), 2), uncoupled(np.ones((3, 3)), 2)
    ([0, 2], [])
    """
    size = len(coupling)
    linked = [sum(1 << other for other in np.flatnonzero(row).tolist()) for row in coupling]  # as bits
    linked = [others & ~(1 << spin) for spin, others in enumerate(linked)]
    for start in (None, *range(size)):
        left = (1 << size) - 1
        chosen: list[int] = []
        while left and len(chosen) < count:
            spins = [spin for spin in range(size) if left >> spin & 1]
            spin = min(spins, key=lambda spin: (linked[spin] & left).bit_count())
            if not chosen and start is not None:
                spin = start
            chosen.append(spin)
            left &= ~(linked[spin] | 1 << spin)
        if len(chosen) == count:
            return sorted(chosen)
    return []


class SpinModel:
    """An Ising model in the kernel's form: without fields, the last spin is fixed as up and acts as a field.

    Spin q is node `order[q]`, by default node q. A warm start is not symmetric, so all of it is stored.
    """

    def __init__(self, ising: Ising, order: Sequence[int] | None = None, *, warm: bool = False) -> None:
        self._order = np.arange(len(ising.nodes)) if order is None else np.array(order)
        self.flip_symmetric = ising.flip_symmetric and not warm
        self.h, self.J = self.reduced(ising)
        self.offset = ising.offset
        self.stored, self.copies = 2 ** len(self.h), 1 + self.flip_symmetric
        self.threads = threads_for(self.stored)

    def reduced(self, other: Ising) -> tuple[Reals, Reals]:
        """The h and J of a model of the same nodes; without its fields where symmetry makes their means 0."""
        coupling, h = other.coupling_matrix()[np.ix_(self._order, self._order)], other.h[self._order]
        if self.flip_symmetric:
            coupling, h = coupling[:-1, :-1], coupling[:-1, -1]
        return np.ascontiguousarray(h), np.ascontiguousarray(coupling)

    @property
    def arguments(self) -> tuple[Reals, Reals, bool]:
        """The kernel's first arguments."""
        return self.h, self.J, self.flip_symmetric

    def histogram(self, re: Floats, im: Floats, low: float, high: float, bins: int) -> Reals:
        """See `Model`."""
        out = np.empty((bins, 5))
        library.histogram(*self.arguments, re, im, low, high, out, self.threads)
        return out


class SpinVector(NativeVector, BitVector):
    """The state of an Ising model, with its sums of p, p c and p c**2 if evolution computed them.

    The kernel leaves the offset out. Its phase is `angle`, the same for all amplitudes.
    """

    model: SpinModel
    sums: tuple[float, float, float] | None = None
    angle = 0.0

    @property
    def held(self) -> tuple[NDArray[Any], ...]:
        """See `Vector`."""
        return *super().held, np.array(self.angle)

    def amplitudes(self) -> Amplitudes:
        """See `Vector`."""
        full = super().amplitudes()
        if self.angle:
            full *= np.exp(1j * self.angle).astype(full.dtype)
        return full

    def moments(self) -> tuple[float, float]:
        """See `Vector`."""
        if self.sums is None:
            self.sums = library.moments(*self.model.arguments, self.re, self.im, threads_for(len(self.re)))
        norm, first, second = self.sums
        return first / norm, max(0.0, second / norm - (first / norm) ** 2)

    def part_of(self, other: Ising, high: float) -> tuple[float, float]:
        """See `BitVector`. If half is stored, its last spin is up, and the other half is the mirror image."""
        J, h = other.coupling_matrix(), other.h
        models = [(h, J, 0.0)]
        if self.model.flip_symmetric:
            link, rest = J[:-1, -1], np.ascontiguousarray(J[:-1, :-1])
            models = [(link + side * h[:-1], rest, side * float(h[-1])) for side in (1.0, -1.0)]
        weight = product = 0.0
        for fields, J, last in models:
            out = np.empty((1, 5))
            limits = -np.inf, high - last
            library.histogram(fields, J, False, self.re, self.im, *limits, out, threads_for(len(self.re)))
            weight += float(out[0, WEIGHT])
            product += float(out[0, PRODUCT]) + last * float(out[0, WEIGHT])
        return weight, product


class SpinEngine(NativeEngine):
    """Evolves an Ising model under the transverse field, or from a warm start with these `thetas`."""

    model: SpinModel

    def __init__(self, ising: Ising, dtype: Any, thetas: Reals = NONE) -> None:
        super().__init__(SpinModel(ising, warm=len(thetas) > 0), dtype, ising.sense)
        self._ising, self._thetas = ising, thetas

    def _vector(self, re: Floats, im: Floats) -> SpinVector:
        return SpinVector(self.model, re, im)

    def _described(self, amplitudes: int) -> tuple[str, str]:
        most = max(amplitudes, 1).bit_length() - 1 + self.model.flip_symmetric
        return f"a state vector of {len(self._ising.nodes)} qubits", f"{most} qubits would fit"

    @cached_property
    def relabelled(self) -> SpinModel:
        """The same model for means, with uncoupled spins first if there are any: that is less work."""
        if len(self._thetas):  # no order is less work: a warm start mixes all spins alike
            return self.model
        count = library.independent_spins(self.dtype.itemsize)
        first = uncoupled(self._ising.coupling_matrix(), count)
        rest = [spin for spin in range(len(self._ising.nodes)) if spin not in first]
        return SpinModel(self._ising, [*first, *rest]) if first else self.model

    def _evolved(self, re: Floats, im: Floats, gammas: Angles, betas: Angles) -> SpinVector:
        vector = self._vector(re, im)
        vector.sums = library.evolve(*self.model.arguments, self._thetas, re, im, gammas, betas, self.threads)
        vector.angle = -self.model.offset * sum(gammas.tolist())
        return vector

    def expectation(self, gammas: Angles, betas: Angles) -> float:
        """See `Engine`."""
        if not len(gammas):
            return super().expectation(gammas, betas)
        with self._workspace(1) as (re, im, *_):
            arguments = *self.relabelled.arguments, self._thetas
            norm, mean = library.expectation(*arguments, re, im, gammas, betas, self.threads)
            return mean / norm

    def _before_gradient(self, re: Floats, im: Floats, gammas: Angles, betas: Angles) -> SpinVector:
        arguments = *self.relabelled.arguments, self._thetas
        library.evolve_only(*arguments, re, im, gammas, betas, self.threads)
        return SpinVector(self.relabelled, re, im)

    def _gradient(self, *arguments: Any) -> float:
        return library.gradient(*self.relabelled.arguments, self._thetas, *self._measured, *arguments)

    def _uniform(self, re: Floats, im: Floats) -> NativeVector:
        return self._evolved(re, im, NONE, NONE) if len(self._thetas) else super()._uniform(re, im)

    @property
    def _measured(self) -> tuple[Reals, Reals]:
        """The h and J of what gradients are of, in the relabelled model."""
        return self.relabelled.h, self.relabelled.J


class TermEngine(SpinEngine):
    """The mean of another model of the same nodes. There are many such engines, so none keeps its arrays."""

    def __init__(self, ising: Ising, observable: Ising, dtype: Any) -> None:
        super().__init__(ising, dtype)
        self._observable = self.relabelled.reduced(observable)

    def expectation(self, gammas: Angles, betas: Angles) -> float:
        """See `Evaluator`."""
        with self._workspace(1) as (re, im):
            if len(gammas):
                self._before_gradient(re, im, gammas, betas)
            else:
                self._uniform(re, im)
            norm, mean, _ = library.moments(*self._observable, False, re, im, self.threads)
            return mean / norm

    @property
    def _measured(self) -> tuple[Reals, Reals]:
        return self._observable

    @contextmanager
    def _workspace(self, states: int) -> Iterator[list[Floats]]:
        yield self._new(states)
