"""States held by the native kernel: real and imaginary parts apart, half of them if flips do not matter."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from qgraph import resources
from qgraph.errors import InvalidInput
from qgraph.simulation.vectors import LARGEST, LEAST, PRODUCT, SQUARE, WEIGHT, tail

try:
    from qgraph.simulation import _kernels
except ImportError:  # built without a compiler
    _kernels = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from qgraph.problems.ising import Ising
    from qgraph.simulation.subspace import RouteTables

    Reals = NDArray[np.floating]
    Angles = NDArray[np.float64]

SMALLEST_SHARED = 2**15  # amplitudes from which on threads share the work
LONGEST_RUN = 2**12
LINE = 64  # bytes of a cache line
SHIFT = 2112  # bytes between the parts modulo a page, so that they do not compete for cache sets

NO_STATE = np.zeros(0)


def kernel() -> str:
    """The instruction set that the kernel uses, or "reference" where NumPy does the work.

    The environment variable QGRAPH_KERNEL may ask for one of them.
    """
    wanted = os.environ.get("QGRAPH_KERNEL", "")
    if _kernels is None or wanted == "reference":
        return "reference"
    features = _kernels.features()
    if wanted:
        if wanted not in features["supported"]:
            names = ", ".join(["reference", *features["supported"]])
            raise InvalidInput(f"`QGRAPH_KERNEL` must be one of {names}, got {wanted!a}")
        _kernels.choose(wanted)
        return wanted
    return str(features["chosen"])


def compiled() -> Any:
    """The compiled functions, or None where NumPy does the work."""
    return None if kernel() == "reference" else _kernels


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
        self.threads = threads_for(len(re))
        self._length = min(LONGEST_RUN, len(re))
        while len(re) % self._length:
            self._length -= 1

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
        self._workspace: list[Reals] = []

    @abstractmethod
    def _vector(self, re: Reals, im: Reals) -> NativeVector: ...

    @abstractmethod
    def _evolve(self, re: Reals, im: Reals, gammas: Angles, betas: Angles) -> None: ...

    @abstractmethod
    def _gradient(
        self, arrays: tuple[Any, ...], observable: tuple[float, float, float], out: Angles
    ) -> float: ...

    def evolve(self, gammas: Angles, betas: Angles) -> NativeVector:
        """See `Engine`."""
        re, im = parts(self.stored, self.dtype)
        return self._into(re, im, gammas, betas)

    def expectation(self, gammas: Angles, betas: Angles) -> float:
        """See `Engine`."""
        re, im = self._arrays(1)[:2]
        return self._into(re, im, gammas, betas).moments()[0]

    def gradient(self, gammas: Angles, betas: Angles, share: float) -> tuple[float, NDArray[np.float64]]:
        """See `Engine`."""
        re, im, left_re, left_im = self._arrays(2)
        vector = self._into(re, im, gammas, betas)
        quantile = 0.0 if share == 1 else tail(vector, self.sense, share).quantile
        observable = (1.0 if self.sense == "minimize" else -1.0, quantile, float(share))
        out = np.empty((2, len(gammas)))
        return self._gradient((re, im, left_re, left_im, gammas, betas), observable, out), out

    def _into(self, re: Reals, im: Reals, gammas: Angles, betas: Angles) -> NativeVector:
        vector = self._vector(re, im)
        if len(gammas) == 0:
            re.fill(vector.size**-0.5)
            im.fill(0)
        else:
            self._evolve(re, im, gammas, betas)
        return vector

    def _arrays(self, pairs: int) -> list[Reals]:
        if len(self._workspace) < 2 * pairs:
            self._workspace = []  # given back before more is taken
            bytes_needed = 2 * pairs * self.stored * np.dtype(self.dtype).itemsize
            resources.require_memory(
                bytes_needed, f"a gradient of {self.stored} amplitudes", "try a smaller problem"
            )
            self._workspace = parts(self.stored, self.dtype, pairs)
        return self._workspace


class SpinModel:
    """An Ising model as the kernel wants it: if flips do not matter, as the lower spins see it."""

    def __init__(self, ising: Ising) -> None:
        n = len(ising.nodes)
        coupling = np.zeros((n, n))
        coupling[ising.pairs[:, 0], ising.pairs[:, 1]] = ising.J
        coupling += coupling.T
        self.mirror = ising.flip_symmetric
        self.spins = n - 1 if self.mirror else n
        self.h = np.ascontiguousarray(coupling[:-1, -1] if self.mirror else ising.h)
        self.J = np.ascontiguousarray(coupling[: self.spins, : self.spins])
        self.offset = ising.offset
        self.threads = threads_for(2**self.spins)

    @property
    def arguments(self) -> tuple[Any, ...]:
        """The kernel's first arguments."""
        return self.h, self.J, self.offset, self.mirror

    def histogram(self, re: Reals, im: Reals, low: float, high: float, bins: int) -> NDArray[np.float64]:
        """See `Vector`; without a state, every basis state has weight 1."""
        out = np.empty((bins, 5))
        _kernels.histogram(*self.arguments, re, im, low, high, out, self.threads)
        return out


class SpinVector(NativeVector):
    """The state of an Ising model."""

    def __init__(self, model: SpinModel, re: Reals, im: Reals) -> None:
        super().__init__(re, im)
        self.model = model
        self.copies = 2 if model.mirror else 1
        self.size = self.copies * len(re)

    def moments(self) -> tuple[float, float]:
        """See `Vector`."""
        norm, first, second = _kernels.moments(*self.model.arguments, self.re, self.im, self.threads)
        return first / norm, max(0.0, second / norm - (first / norm) ** 2)

    def histogram(self, low: float, high: float, bins: int) -> NDArray[np.float64]:
        """See `Vector`."""
        return self.model.histogram(self.re, self.im, low, high, bins)


class SpinEngine(NativeEngine):
    """Evolves an Ising model under the transverse field."""

    def __init__(self, ising: Ising, dtype: Any) -> None:
        self.model = SpinModel(ising)
        super().__init__(2**self.model.spins, dtype, ising.sense)

    def _vector(self, re: Reals, im: Reals) -> SpinVector:
        return SpinVector(self.model, re, im)

    def _evolve(self, re: Reals, im: Reals, gammas: Angles, betas: Angles) -> None:
        _kernels.evolve(*self.model.arguments, re, im, gammas, betas, self.threads)

    def _gradient(
        self, arrays: tuple[Any, ...], observable: tuple[float, float, float], out: Angles
    ) -> float:
        return _kernels.gradient(*self.model.arguments, *arrays, *observable, out, self.threads)

    @cached_property
    def _extremes(self) -> tuple[float, float]:
        table = self.model.histogram(NO_STATE, NO_STATE, -np.inf, np.inf, 1)[0]
        return float(table[LEAST]), float(table[LARGEST])

    def extremes(self) -> tuple[float, float]:
        """See `Engine`."""
        return self._extremes


class RouteVector(NativeVector):
    """The state over the feasible routes."""

    copies = 1

    def __init__(self, tables: RouteTables, re: Reals, im: Reals) -> None:
        super().__init__(re, im)
        self.tables = tables
        self.size = len(re)

    def moments(self) -> tuple[float, float]:
        """See `Vector`."""
        table = self.histogram(-np.inf, np.inf, 1)[0]
        mean = float(table[PRODUCT] / table[WEIGHT])
        return mean, max(0.0, float(table[SQUARE] / table[WEIGHT]) - mean**2)

    def histogram(self, low: float, high: float, bins: int) -> NDArray[np.float64]:
        """See `Vector`."""
        return route_histogram(self.tables, self.re, self.im, low, high, bins)


class RouteEngine(NativeEngine):
    """Evolves routes under the Grover mixer."""

    def __init__(self, tables: RouteTables, dtype: Any) -> None:
        self.tables = tables
        super().__init__(tables.size, dtype, "minimize")

    def _vector(self, re: Reals, im: Reals) -> RouteVector:
        return RouteVector(self.tables, re, im)

    def _evolve(self, re: Reals, im: Reals, gammas: Angles, betas: Angles) -> None:
        _kernels.evolve_routes(*self.tables.arrays, re, im, gammas, betas, self.threads)

    def _gradient(
        self, arrays: tuple[Any, ...], observable: tuple[float, float, float], out: Angles
    ) -> float:
        return _kernels.gradient_routes(*self.tables.arrays, *arrays, *observable, out, self.threads)

    @cached_property
    def _extremes(self) -> tuple[float, float]:
        table = route_histogram(self.tables, NO_STATE, NO_STATE, -np.inf, np.inf, 1)[0]
        return float(table[LEAST]), float(table[LARGEST])

    def extremes(self) -> tuple[float, float]:
        """See `Engine`."""
        return self._extremes


def route_histogram(
    tables: RouteTables, re: Reals, im: Reals, low: float, high: float, bins: int
) -> NDArray[np.float64]:
    """See `Vector`; without a state, every route has weight 1."""
    out = np.empty((bins, 5))
    _kernels.histogram_routes(*tables.arrays, re, im, low, high, out, threads_for(tables.size))
    return out
