"""The compiled kernel on feasible routes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from qgraph.base.typing import Angles, Floats, Reals
from qgraph.simulation.library import library
from qgraph.simulation.routes.basis import RouteTables
from qgraph.simulation.vector.native import GradientArguments, NativeEngine, NativeVector, threads_for
from qgraph.simulation.vector.reference import swap_order


class RouteVector(NativeVector):
    """The state over the feasible routes."""

    copies = 1

    def __init__(self, tables: RouteTables, re: Floats, im: Floats) -> None:
        super().__init__(re, im)
        self.tables = tables
        self.size = len(re)

    def histogram(self, low: float, high: float, bins: int) -> Reals:
        """See `Vector`."""
        return route_histogram(self.tables, self.re, self.im, low, high, bins)


class RouteEngine(NativeEngine):
    """Evolves routes under the Grover mixer; `SwapEngine` does so under the swap mixer."""

    def __init__(self, tables: RouteTables, dtype: Any) -> None:
        self.tables = tables
        super().__init__(tables.size, dtype, "minimize")

    def _vector(self, re: Floats, im: Floats) -> RouteVector:
        return RouteVector(self.tables, re, im)

    def _described(self, amplitudes: int) -> tuple[str, str]:
        return f"a state of {self.stored} feasible routes", f"about {amplitudes} routes would fit"

    def _evolved(self, re: Floats, im: Floats, gammas: Angles, betas: Angles) -> RouteVector:
        library.evolve_routes(*self.tables.arrays, re, im, gammas, betas, self.threads)
        return self._vector(re, im)

    def _gradient(self, arguments: GradientArguments) -> float:
        everything = *self.tables.arrays, *arguments, self.threads
        return library.gradient_routes(*everything)

    def _histogram(self, re: Floats, im: Floats, low: float, high: float, bins: int) -> Reals:
        return route_histogram(self.tables, re, im, low, high, bins)


class SwapEngine(RouteEngine):
    """Evolves routes under the swap mixer."""

    def __init__(self, tables: RouteTables, tiers: Sequence[int], dtype: Any) -> None:
        super().__init__(tables, dtype)
        self.swaps = np.array(swap_order(tiers), dtype=np.int64).reshape(-1, 2)

    def _evolved(self, re: Floats, im: Floats, gammas: Angles, betas: Angles) -> RouteVector:
        library.evolve_swaps(*self.tables.arrays, self.swaps, re, im, gammas, betas, self.threads)
        return self._vector(re, im)

    def _gradient(self, arguments: GradientArguments) -> float:
        everything = *self.tables.arrays, self.swaps, *arguments, self.threads
        return library.gradient_swaps(*everything)


def route_histogram(tables: RouteTables, re: Floats, im: Floats, low: float, high: float, bins: int) -> Reals:
    """See `NativeEngine._histogram`."""
    out = np.empty((bins, 5))
    library.histogram_routes(*tables.arrays, re, im, low, high, out, threads_for(tables.size))
    return out
