"""States held by the native kernel: real and imaginary parts apart, half of them if flips do not matter."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from qgraph import resources
from qgraph.errors import InvalidInput
from qgraph.simulation.vectors import tail

try:
    from qgraph.simulation.kernel import _kernels
except ImportError:  # built without a compiler
    _kernels = None  # type: ignore[assignment]
library = _kernels

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Reals = NDArray[np.floating]
    Angles = NDArray[np.float64]
    Arrays = tuple[Reals, Reals, Reals, Reals, Angles, Angles]

SMALLEST_SHARED = 2**15  # amplitudes from which on threads share the work
LONGEST_RUN = 2**12
LINE = 64  # bytes of a cache line
SHIFT = 2112  # bytes between the parts modulo a page, so that they do not compete for cache sets

UNCHECKED = 2**24  # bytes: smaller states are there before the limits are read


def kernel() -> str:
    """The instruction set that the kernel uses, or "reference" where NumPy does the work.

    The environment variable QGRAPH_KERNEL may ask for one of them.
    """
    wanted = os.environ.get("QGRAPH_KERNEL", "")
    if _kernels is None or wanted == "reference":
        return "reference"
    supported = _kernels.features()["supported"]
    chosen = wanted or supported[0]
    if chosen not in supported:
        names = ", ".join(["reference", *supported])
        raise InvalidInput(f"`QGRAPH_KERNEL` must be one of {names}, got {wanted!a}")
    _kernels.choose(chosen)
    return chosen


def parts(size: int, dtype: Any, pairs: int = 1) -> list[Reals]:
    """Arrays for the real and imaginary parts of states, aligned and apart: 2 * pairs of real[size]."""
    item = np.dtype(dtype).itemsize
    stride = size + (SHIFT - size * item % 4096) % 4096 // item
    memory = np.empty(2 * pairs * stride + LINE // item, dtype=dtype)
    start = -memory.ctypes.data % LINE // item
    return [memory[start + k * stride : start + k * stride + size] for k in range(2 * pairs)]


def threads_for(size: int) -> int:
    """One thread for small states, all for large ones; the results are the same."""
    return resources.threads() if size >= SMALLEST_SHARED else 1


class NativeVector(ABC):
    """What native vectors of all kinds share."""

    size: int
    copies: int

    def __init__(self, re: Reals, im: Reals) -> None:
        self.re, self.im = re, im
        self._length = min(LONGEST_RUN, len(re))
        while len(re) % self._length:
            self._length -= 1

    @property
    def held(self) -> tuple[NDArray[Any], ...]:
        """See `Vector`."""
        return self.re, self.im

    def __getstate__(self) -> dict[str, Any]:
        """All but the number of threads: another process may have more, or fewer."""
        return {name: value for name, value in self.__dict__.items() if name != "threads"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        given = self.re, self.im
        self.re, self.im = parts(len(given[0]), given[0].dtype)  # aligned, as a pickle does not keep them
        self.re[:], self.im[:] = given

    @cached_property
    def threads(self) -> int:
        """Found when first needed: to ask the machine takes longer than to evolve a small state."""
        return threads_for(len(self.re))

    @abstractmethod
    def moments(self) -> tuple[float, float]:
        """See `Vector`."""

    @abstractmethod
    def histogram(self, low: float, high: float, bins: int) -> NDArray[np.float64]:
        """See `Vector`."""

    def amplitudes(self) -> NDArray[np.complexfloating]:
        """See `Vector`."""
        full = np.empty(self.size, dtype=np.result_type(self.re.dtype, np.complex64))
        stored = full[: len(self.re)]
        stored.real, stored.imag = self.re, self.im
        if self.copies == 2:
            full[len(self.re) :] = stored[::-1]
        return full

    def probabilities(self) -> NDArray[np.float64]:
        """See `Vector`."""
        full = np.empty(self.size)
        stored = full[: len(self.re)]
        np.square(self.re, out=stored, dtype=np.float64)
        for start in range(0, len(stored), LONGEST_RUN):
            here = slice(start, start + LONGEST_RUN)
            stored[here] += np.square(self.im[here], dtype=np.float64)
        if self.copies == 2:
            full[len(self.re) :] = stored[::-1]
        return full

    def run_sums(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """See `Vector`."""
        sums, maxima = (np.empty(len(self.re) // self._length) for _ in range(2))
        _kernels.sums(self.re, self.im, sums, maxima, self.threads)
        return sums, maxima

    def run(self, number: int) -> NDArray[np.float64]:
        """See `Vector`."""
        here = slice(number * self._length, (number + 1) * self._length)
        p: NDArray[np.float64] = np.square(self.re[here], dtype=np.float64)
        return p + np.square(self.im[here], dtype=np.float64)

    def locate(self, points: NDArray[np.float64], sums: NDArray[np.float64]) -> NDArray[np.int64]:
        """See `Vector`."""
        found = np.empty(len(points), dtype=np.int64)
        _kernels.locate(self.re, self.im, sums, points, found)
        return found


class NativeEngine(ABC):
    """What native engines of all kinds share: evolution into new arrays, or into a workspace that is kept."""

    def __init__(self, stored: int, dtype: Any, sense: str) -> None:
        self.stored = stored
        self.dtype = dtype
        self.sense = sense
        self.threads = threads_for(stored)
        self._spare: list[list[Reals]] = []

    @abstractmethod
    def _vector(self, re: Reals, im: Reals) -> NativeVector: ...

    @abstractmethod
    def _evolved(self, re: Reals, im: Reals, gammas: Angles, betas: Angles) -> NativeVector:
        """From the uniform superposition, by at least one layer."""

    @abstractmethod
    def _gradient(self, arrays: Arrays, observable: tuple[float, float, float], out: Angles) -> float: ...

    def evolve(self, gammas: Angles, betas: Angles) -> NativeVector:
        """See `Engine`."""
        re, im = self._new(1)
        return self._into(re, im, gammas, betas)

    def expectation(self, gammas: Angles, betas: Angles) -> float:
        """See `Engine`."""
        with self._workspace(1) as (re, im, *_):
            return self._into(re, im, gammas, betas).moments()[0]

    def gradient(
        self, gammas: Angles, betas: Angles, share: float = 1.0
    ) -> tuple[float, NDArray[np.float64]]:
        """See `Engine`."""
        with self._workspace(2) as (re, im, left_re, left_im):
            vector = self._before_gradient(re, im, gammas, betas) if len(gammas) else self._uniform(re, im)
            quantile = 0.0 if share == 1 else tail(vector, self.sense, share).quantile
            observable = (1.0 if self.sense == "minimize" else -1.0, quantile, float(share))
            out = np.empty((2, len(gammas)))
            return self._gradient((re, im, left_re, left_im, gammas, betas), observable, out), out

    def _into(self, re: Reals, im: Reals, gammas: Angles, betas: Angles) -> NativeVector:
        return self._evolved(re, im, gammas, betas) if len(gammas) else self._uniform(re, im)

    def _before_gradient(self, re: Reals, im: Reals, gammas: Angles, betas: Angles) -> NativeVector:
        """As `_evolved`, for a state that only `_gradient` and its histogram see."""
        return self._evolved(re, im, gammas, betas)

    def _uniform(self, re: Reals, im: Reals) -> NativeVector:
        """The state before the first layer."""
        vector = self._vector(re, im)
        re.fill(vector.size**-0.5)
        im.fill(0)
        return vector

    def _new(self, states: int) -> list[Reals]:
        each = 2 * states * np.dtype(self.dtype).itemsize
        if each * self.stored > UNCHECKED:
            what, fits = self._described(resources.free_memory() // each)
            what += " with its gradient" if states > 1 else ""
            resources.require_memory(each * self.stored, what, fits)
        return parts(self.stored, self.dtype, states)

    @abstractmethod
    def _described(self, amplitudes: int) -> tuple[str, str]:
        """This engine's state in words, and what would fit into so many amplitudes."""

    @contextmanager
    def _workspace(self, states: int) -> Iterator[list[Reals]]:
        """Arrays that are kept for the next call, but taken while in use: other threads make their own."""
        try:
            arrays = self._spare.pop()
        except IndexError:
            arrays = []
        if len(arrays) < 2 * states:
            arrays = []  # given back before more is taken
            arrays = self._new(states)
        try:
            yield arrays
        finally:
            self._spare[:] = [arrays]
