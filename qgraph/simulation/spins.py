"""The native kernel on Ising models: all bit strings, or half of them if flips do not matter."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from qgraph.simulation.native import NativeEngine, NativeVector, library, threads_for
from qgraph.simulation.vectors import LARGEST, LEAST

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from qgraph.problems.ising import Ising
    from qgraph.simulation.native import Angles, Reals


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
        return self.h, self.J, self.mirror

    def histogram(self, re: Reals, im: Reals, low: float, high: float, bins: int) -> NDArray[np.float64]:
        """See `Vector`; without a state, every basis state has weight 1."""
        out = np.empty((bins, 5))
        library.histogram(*self.arguments, re, im, low, high, out, self.threads)
        return out


class SpinVector(NativeVector):
    """The state of an Ising model, with its sums of p, p c and p c**2 where they are known.

    The kernel knows no offset: its phase, `angle`, is that of all amplitudes, and only they see it.
    """

    def __init__(
        self,
        model: SpinModel,
        re: Reals,
        im: Reals,
        sums: tuple[float, float, float] | None = None,
        angle: float = 0.0,
    ) -> None:
        super().__init__(re, im)
        self.model, self.angle = model, angle
        self.copies = 2 if model.mirror else 1
        self.size = self.copies * len(re)
        self._sums = sums

    def amplitudes(self) -> NDArray[np.complexfloating]:
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

    def _described(self, amplitudes: int) -> tuple[str, str]:
        n, most = (size.bit_length() - 1 + self.model.mirror for size in (self.stored, max(amplitudes, 1)))
        return f"a state vector of {n} qubits", f"{most} qubits would fit"

    def _evolved(self, re: Reals, im: Reals, gammas: Angles, betas: Angles) -> SpinVector:
        sums = library.evolve(*self.model.arguments, re, im, gammas, betas, self.threads)
        return SpinVector(self.model, re, im, sums, -self.model.offset * sum(gammas.tolist()))

    def _gradient(
        self, arrays: tuple[Any, ...], observable: tuple[float, float, float], out: Angles
    ) -> float:
        return library.gradient(*self.model.arguments, *arrays, *observable, out, self.threads)

    @cached_property
    def _extremes(self) -> tuple[float, float]:
        nothing = np.zeros(0, dtype=self.dtype)
        table = self.model.histogram(nothing, nothing, -np.inf, np.inf, 1)[0]
        return float(table[LEAST]), float(table[LARGEST])

    def extremes(self) -> tuple[float, float]:
        """See `Engine`."""
        return self._extremes
