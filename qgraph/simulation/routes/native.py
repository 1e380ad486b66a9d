"""The compiled kernel on feasible routes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from qgraph.base.typing import Angles, Floats
from qgraph.simulation.library import library
from qgraph.simulation.routes.basis import RouteTables
from qgraph.simulation.vector.native import NativeEngine, NativeVector
from qgraph.simulation.vector.reference import swap_order


class RouteEngine(NativeEngine):
    """Evolves routes under the Grover mixer; `SwapEngine` does so under the swap mixer."""

    model: RouteTables

    def __init__(self, tables: RouteTables, dtype: Any) -> None:
        super().__init__(tables, dtype, "minimize")

    def _described(self, amplitudes: int) -> tuple[str, str]:
        return f"a state of {self.stored} feasible routes", f"about {amplitudes} routes would fit"

    def _evolved(self, re: Floats, im: Floats, gammas: Angles, betas: Angles) -> NativeVector:
        library.evolve_routes(*self.model.arguments, re, im, gammas, betas, self.threads)
        return self._vector(re, im)

    def _gradient(self, *arguments: Any) -> float:
        return library.gradient_routes(*self.model.arguments, *arguments)


class SwapEngine(RouteEngine):
    """Evolves routes under the swap mixer."""

    def __init__(self, tables: RouteTables, tiers: Sequence[int], dtype: Any) -> None:
        super().__init__(tables, dtype)
        self.swaps = np.array(swap_order(tiers), dtype=np.int64).reshape(-1, 2)

    def _evolved(self, re: Floats, im: Floats, gammas: Angles, betas: Angles) -> NativeVector:
        library.evolve_swaps(*self.model.arguments, self.swaps, re, im, gammas, betas, self.threads)
        return self._vector(re, im)

    def _gradient(self, *arguments: Any) -> float:
        return library.gradient_swaps(*self.model.arguments, self.swaps, *arguments)
