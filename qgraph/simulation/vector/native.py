"""States of the compiled kernel: separate real and imaginary parts, and half of them for symmetric models."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any, Protocol

import numpy as np

from qgraph.base import resources
from qgraph.base.typing import Amplitudes, Angles, Floats, Integers, NDArray, Reals
from qgraph.simulation.engine import LARGEST, LEAST, Vector
from qgraph.simulation.library import library
from qgraph.simulation.readout import tail

SMALLEST_SHARED = 2**15  # amplitudes; threads share the work of states at least as large
LONGEST_RUN = 2**12
LINE = 64  # bytes of a cache line
SHIFT = 2112  # bytes between the parts, modulo a page: they then use different cache sets
UNCHECKED = 2**24  # bytes: smaller states are allocated without a check, which would take longer


def parts(size: int, dtype: Any, pairs: int = 1) -> list[Floats]:
    """Aligned arrays for the real and imaginary parts of states: 2 * pairs of real[size]."""
    item = np.dtype(dtype).itemsize
    stride = size + (SHIFT - size * item % 4096) % 4096 // item
    memory = np.empty(2 * pairs * stride + LINE // item, dtype=dtype)
    start = -memory.ctypes.data % LINE // item
    return [memory[start + k * stride : start + k * stride + size] for k in range(2 * pairs)]


def threads_for(size: int) -> int:
    """One thread for small states, all for large ones; the results are the same."""
    return resources.threads() if size >= SMALLEST_SHARED else 1


class Model(Protocol):
    """What the kernel computes costs from, and the number of stored basis states with their copies."""

    stored: int
    copies: int

    def histogram(self, re: Floats, im: Floats, low: float, high: float, bins: int) -> Reals:
        """See `Vector`; without amplitudes, every basis state has weight 1."""


class NativeVector(Vector):
    """The state of a model, as its real and imaginary parts."""

    def __init__(self, model: Model, re: Floats, im: Floats) -> None:
        self.model, self.re, self.im = model, re, im
        self.copies, self.size = model.copies, model.copies * len(re)
        self._length = min(LONGEST_RUN, len(re))
        while len(re) % self._length:
            self._length -= 1

    @property
    def held(self) -> tuple[NDArray[Any], ...]:
        """See `Vector`."""
        return self.re, self.im

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        given = self.re, self.im
        self.re, self.im = parts(len(given[0]), given[0].dtype)  # aligned, which a pickle does not keep
        self.re[:], self.im[:] = given

    def amplitudes(self) -> Amplitudes:
        """See `Vector`."""
        full = np.empty(self.size, dtype=np.result_type(self.re.dtype, np.complex64))
        stored = full[: len(self.re)]
        stored.real, stored.imag = self.re, self.im
        if self.copies == 2:
            full[len(self.re) :] = stored[::-1]
        return full

    def probabilities(self) -> Reals:
        """See `Vector`."""
        stored = np.concatenate([self.run(number) for number in range(len(self.re) // self._length)])
        return np.concatenate([stored, stored[::-1]]) if self.copies == 2 else stored

    def histogram(self, low: float, high: float, bins: int) -> Reals:
        """See `Vector`."""
        return self.model.histogram(self.re, self.im, low, high, bins)

    def run_sums(self) -> tuple[Reals, Reals]:
        """See `Vector`."""
        sums, maxima = (np.empty(len(self.re) // self._length) for _ in range(2))
        library.sums(self.re, self.im, sums, maxima, threads_for(len(self.re)))
        return sums, maxima

    def run(self, number: int) -> Reals:
        """See `Vector`."""
        here = slice(number * self._length, (number + 1) * self._length)
        p: Reals = np.square(self.re[here], dtype=np.float64)
        return p + np.square(self.im[here], dtype=np.float64)

    def locate(self, points: Reals, sums: Reals) -> Integers:
        """See `Vector`."""
        found = np.empty(len(points), dtype=np.int64)
        library.locate(self.re, self.im, sums, points, found)
        return found


class NativeEngine(ABC):
    """What engines of bit strings and of routes share: evolution into new arrays, or into reused ones."""

    model: Model

    def __init__(self, model: Model, dtype: Any, sense: str) -> None:
        self.model, self.stored, self.sense = model, model.stored, sense
        self.dtype = np.zeros(0, dtype).real.dtype
        self.threads = threads_for(self.stored)
        self._spare: list[list[Floats]] = []

    def _vector(self, re: Floats, im: Floats) -> NativeVector:
        return NativeVector(self.model, re, im)

    @abstractmethod
    def _evolved(self, re: Floats, im: Floats, gammas: Angles, betas: Angles) -> NativeVector:
        """From the first state, by at least one layer; a warm start by none as well."""

    @abstractmethod
    def _gradient(self, *arguments: Any) -> float:
        """The mean cost. Two states, angles, sign, quantile, share, output for derivatives, threads."""

    def evolve(self, gammas: Angles, betas: Angles) -> NativeVector:
        """See `Engine`."""
        re, im = self._new(1)
        return self._into(re, im, gammas, betas)

    def expectation(self, gammas: Angles, betas: Angles) -> float:
        """See `Engine`."""
        with self._workspace(1) as (re, im, *_):
            return self._into(re, im, gammas, betas).moments()[0]

    def gradient(self, gammas: Angles, betas: Angles, share: float = 1.0) -> tuple[float, Reals]:
        """See `Engine`."""
        with self._workspace(2) as (re, im, *left):
            vector = self._before_gradient(re, im, gammas, betas) if len(gammas) else self._uniform(re, im)
            quantile = 0.0 if share == 1 else tail(vector, self.sense, share)[0]
            observable = (1.0 if self.sense == "minimize" else -1.0, quantile, float(share))
            out = np.empty((2, len(gammas)))
            return self._gradient(re, im, *left, gammas, betas, *observable, out, self.threads), out

    def _into(self, re: Floats, im: Floats, gammas: Angles, betas: Angles) -> NativeVector:
        return self._evolved(re, im, gammas, betas) if len(gammas) else self._uniform(re, im)

    def _before_gradient(self, re: Floats, im: Floats, gammas: Angles, betas: Angles) -> NativeVector:
        """As `_evolved`, for a state that only `_gradient` and its histogram use."""
        return self._evolved(re, im, gammas, betas)

    def _uniform(self, re: Floats, im: Floats) -> NativeVector:
        """The state before the first layer."""
        vector = self._vector(re, im)
        re.fill(vector.size**-0.5)
        im.fill(0)
        return vector

    @cached_property
    def extremes(self) -> tuple[float, float]:
        """See `Engine`."""
        nothing = np.zeros(0, dtype=self.dtype)
        table = self.model.histogram(nothing, nothing, -np.inf, np.inf, 1)[0]
        return float(table[LEAST]), float(table[LARGEST])

    def _new(self, states: int) -> list[Floats]:
        each = 2 * states * self.dtype.itemsize
        if each * self.stored > UNCHECKED:
            what, fits = self._described(resources.free_memory() // each)
            what += " with its gradient" if states > 1 else ""
            resources.require_memory(each * self.stored, what, fits)
        return parts(self.stored, self.dtype, states)

    @abstractmethod
    def _described(self, amplitudes: int) -> tuple[str, str]:
        """For errors: the name of this state, and the size that would fit into so many amplitudes."""

    @contextmanager
    def _workspace(self, states: int) -> Iterator[list[Floats]]:
        """Arrays that the next call reuses. While they are in use, other threads make their own."""
        try:
            arrays = self._spare.pop()
        except IndexError:
            arrays = []
        if len(arrays) < 2 * states:
            arrays = []  # free this memory before more is allocated
            arrays = self._new(states)
        try:
            yield arrays
        finally:
            self._spare[:] = [arrays]
