"""The compiled kernel on Ising models: all bit strings, or half of them if there are no fields."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np

from qgraph.base.typing import Amplitudes, Angles, Floats, NDArray, Reals
from qgraph.problems.ising import Ising
from qgraph.simulation.engine import PRODUCT, WEIGHT, BitVector
from qgraph.simulation.library import library
from qgraph.simulation.vector.native import GradientArguments, NativeEngine, NativeVector, threads_for


def couplings(ising: Ising) -> Reals:
    """J_qr = J_rq of all pairs: float64[n, n]."""
    n = len(ising.nodes)
    coupling = np.zeros((n, n))
    coupling[ising.pairs[:, 0], ising.pairs[:, 1]] = ising.J
    return coupling + coupling.T


def uncoupled(coupling: Reals, count: int) -> list[int]:
    """`count` spins no two of which are coupled, or none if they are not found.

    Greedy: the spin with the fewest neighbours comes first (Halldorsson, Radhakrishnan, Algorithmica 18,
    1997). If that fails, each spin is tried as the first.

    >>> uncoupled(np.array([[0, 1, 0], [1, 0, 2], [0, 2, 0]]), 2), uncoupled(np.ones((3, 3)), 2)
    ([0, 2], [])
    """
    linked = coupling != 0
    np.fill_diagonal(linked, val=False)
    for start in (None, *range(len(linked))):
        left = np.ones(len(linked), dtype=bool)
        chosen: list[int] = []
        while left.any() and len(chosen) < count:
            degrees = np.where(left, linked[:, left].sum(axis=1), len(linked))
            spin = int(degrees.argmin()) if chosen or start is None else start
            chosen.append(spin)
            left &= ~linked[spin]
            left[spin] = False
        if len(chosen) == count:
            return sorted(chosen)
    return []


class SpinModel:
    """An Ising model in the kernel's form: without fields, the last spin is fixed as up and acts as a field.

    Spin q is node `order[q]`, by default node q.
    """

    def __init__(self, ising: Ising, order: Sequence[int] | None = None) -> None:
        n = len(ising.nodes)
        coupling, h = couplings(ising), ising.h
        if order is not None:
            coupling, h = coupling[np.ix_(order, order)], h[list(order)]
        self.flip_symmetric = ising.flip_symmetric
        self.spins = n - 1 if self.flip_symmetric else n
        self.h = np.ascontiguousarray(coupling[:-1, -1] if self.flip_symmetric else h)
        self.J = np.ascontiguousarray(coupling[: self.spins, : self.spins])
        self.offset = ising.offset
        self.threads = threads_for(2**self.spins)

    @property
    def arguments(self) -> tuple[Reals, Reals, bool]:
        """The kernel's first arguments."""
        return self.h, self.J, self.flip_symmetric

    def histogram(self, re: Floats, im: Floats, low: float, high: float, bins: int) -> Reals:
        """See `NativeEngine._histogram`."""
        out = np.empty((bins, 5))
        library.histogram(*self.arguments, re, im, low, high, out, self.threads)
        return out


class SpinVector(NativeVector, BitVector):
    """The state of an Ising model, with its sums of p, p c and p c**2 if evolution computed them.

    The kernel leaves the offset out. Its phase is `angle`, the same for all amplitudes.
    """

    def __init__(
        self,
        model: SpinModel,
        re: Floats,
        im: Floats,
        sums: tuple[float, float, float] | None = None,
        angle: float = 0.0,
    ) -> None:
        super().__init__(re, im)
        self.model, self.angle = model, angle
        self.copies = 2 if model.flip_symmetric else 1
        self.size = self.copies * len(re)
        self._sums = sums

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
        if self._sums is None:
            self._sums = library.moments(*self.model.arguments, self.re, self.im, self.threads)
        norm, first, second = self._sums
        return first / norm, max(0.0, second / norm - (first / norm) ** 2)

    def histogram(self, low: float, high: float, bins: int) -> Reals:
        """See `Vector`."""
        return self.model.histogram(self.re, self.im, low, high, bins)

    def part_of(self, other: Ising, high: float) -> tuple[float, float]:
        """See `BitVector`. If half is stored, its last spin is up, and the other half is the mirror image."""
        J, h = couplings(other), other.h
        models = [(h, J, 0.0)]
        if self.model.flip_symmetric:
            link, rest = J[:-1, -1], np.ascontiguousarray(J[:-1, :-1])
            models = [(link + side * h[:-1], rest, side * float(h[-1])) for side in (1.0, -1.0)]
        weight = product = 0.0
        for fields, J, last in models:
            out = np.empty((1, 5))
            arguments = (fields, J, False, self.re, self.im, -np.inf, high - last, out, self.threads)
            library.histogram(*arguments)
            weight += float(out[0, WEIGHT])
            product += float(out[0, PRODUCT]) + last * float(out[0, WEIGHT])
        return weight, product


class SpinEngine(NativeEngine):
    """Evolves an Ising model under the transverse field."""

    def __init__(self, ising: Ising, dtype: Any) -> None:
        self.model = SpinModel(ising)
        self._ising = ising
        super().__init__(2**self.model.spins, dtype, ising.sense)

    def _vector(self, re: Floats, im: Floats) -> SpinVector:
        return SpinVector(self.model, re, im)

    def _described(self, amplitudes: int) -> tuple[str, str]:
        n, most = (
            size.bit_length() - 1 + self.model.flip_symmetric for size in (self.stored, max(amplitudes, 1))
        )
        return f"a state vector of {n} qubits", f"{most} qubits would fit"

    @cached_property
    def relabelled(self) -> SpinModel:
        """The same model for means, with uncoupled spins first if there are any: that is less work."""
        first = uncoupled(couplings(self._ising), library.independent_spins(np.dtype(self.dtype).itemsize))
        rest = [spin for spin in range(len(self._ising.nodes)) if spin not in first]
        return SpinModel(self._ising, [*first, *rest]) if first else self.model

    def _evolved(self, re: Floats, im: Floats, gammas: Angles, betas: Angles) -> SpinVector:
        sums = library.evolve(*self.model.arguments, re, im, gammas, betas, self.threads)
        return SpinVector(self.model, re, im, sums, -self.model.offset * sum(gammas.tolist()))

    def expectation(self, gammas: Angles, betas: Angles) -> float:
        """See `Engine`."""
        if not len(gammas):
            return super().expectation(gammas, betas)
        with self._workspace(1) as (re, im, *_):
            model = self.relabelled
            norm, mean = library.expectation(*model.arguments, re, im, gammas, betas, self.threads)
            return mean / norm

    def _before_gradient(self, re: Floats, im: Floats, gammas: Angles, betas: Angles) -> SpinVector:
        library.evolve(*self.relabelled.arguments, re, im, gammas, betas, self.threads)
        return SpinVector(self.relabelled, re, im)

    def _gradient(self, arguments: GradientArguments) -> float:
        everything = *self.relabelled.arguments, *arguments, self.threads
        return library.gradient(*everything)

    def _histogram(self, re: Floats, im: Floats, low: float, high: float, bins: int) -> Reals:
        return self.model.histogram(re, im, low, high, bins)
