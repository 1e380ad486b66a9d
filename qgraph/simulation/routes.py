"""The native kernel on feasible routes."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from qgraph.simulation.native import NativeEngine, NativeVector, library, threads_for
from qgraph.simulation.reference import swap_order
from qgraph.simulation.vectors import LARGEST, LEAST, PRODUCT, SQUARE, WEIGHT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from qgraph.simulation.native import Angles, Arrays, Reals
    from qgraph.simulation.subspace import RouteTables


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
    """Evolves routes under the Grover mixer, whose kernel `SwapEngine` replaces by that of the swap mixer."""

    def __init__(self, tables: RouteTables, dtype: Any) -> None:
        self.tables = tables
        super().__init__(tables.size, dtype, "minimize")

    def _vector(self, re: Reals, im: Reals) -> RouteVector:
        return RouteVector(self.tables, re, im)

    def _described(self, amplitudes: int) -> tuple[str, str]:
        return f"a state of {self.stored} feasible routes", f"about {amplitudes} routes would fit"

    def _evolved(self, re: Reals, im: Reals, gammas: Angles, betas: Angles) -> RouteVector:
        library.evolve_routes(*self.tables.arrays, re, im, gammas, betas, self.threads)
        return self._vector(re, im)

    def _gradient(self, arrays: Arrays, observable: tuple[float, float, float], out: Angles) -> float:
        arguments = (*self.tables.arrays, *arrays, *observable, out, self.threads)
        return library.gradient_routes(*arguments)

    @cached_property
    def _extremes(self) -> tuple[float, float]:
        nothing = np.zeros(0, dtype=self.dtype)
        table = route_histogram(self.tables, nothing, nothing, -np.inf, np.inf, 1)[0]
        return float(table[LEAST]), float(table[LARGEST])

    def extremes(self) -> tuple[float, float]:
        """See `Engine`."""
        return self._extremes


class SwapEngine(RouteEngine):
    """Evolves routes under the swap mixer."""

    def __init__(self, tables: RouteTables, tiers: Sequence[int], dtype: Any) -> None:
        super().__init__(tables, dtype)
        self.swaps = np.array(swap_order(tiers), dtype=np.int64).reshape(-1, 2)

    def _evolved(self, re: Reals, im: Reals, gammas: Angles, betas: Angles) -> RouteVector:
        library.evolve_swaps(*self.tables.arrays, self.swaps, re, im, gammas, betas, self.threads)
        return self._vector(re, im)

    def _gradient(self, arrays: Arrays, observable: tuple[float, float, float], out: Angles) -> float:
        arguments = (*self.tables.arrays, self.swaps, *arrays, *observable, out, self.threads)
        return library.gradient_swaps(*arguments)


def route_histogram(
    tables: RouteTables, re: Reals, im: Reals, low: float, high: float, bins: int
) -> NDArray[np.float64]:
    """See `Vector`; without a state, every route has weight 1."""
    out = np.empty((bins, 5))
    library.histogram_routes(*tables.arrays, re, im, low, high, out, threads_for(tables.size))
    return out
