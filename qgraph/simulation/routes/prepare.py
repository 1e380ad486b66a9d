"""The engines of routes: on all feasible routes, or on their travel times alone."""

from __future__ import annotations

import numpy as np

from qgraph.problems.routing import PriorityRouting
from qgraph.simulation.engine import Basis, Engine
from qgraph.simulation.routes.basis import RouteBasis
from qgraph.simulation.routes.compressed import CompressedEngine, OrderBasis
from qgraph.simulation.routes.native import RouteEngine, SwapEngine
from qgraph.simulation.vector import reference
from qgraph.simulation.vector.dense import DenseEngine


def stored_routes(
    routing: PriorityRouting, mixer: str, dtype: type[np.complexfloating], kernel: str
) -> tuple[Basis, Engine]:
    """All feasible routes, and what evolves them under `mixer`, "grover" or "swap"."""
    basis = RouteBasis(routing)
    tiers = [len(tier) for tier in routing.tiers]
    if kernel == "reference":
        chosen = reference.Swaps(tiers) if mixer == "swap" else reference.Grover()
        return basis, DenseEngine(basis.costs(), chosen, dtype, sense="minimize")
    real = np.zeros(0, dtype).real.dtype
    if mixer == "swap":
        return basis, SwapEngine(basis.tables, tiers, real)
    return basis, RouteEngine(basis.tables, real)


def compressed_routes(routing: PriorityRouting) -> tuple[Basis, Engine]:
    """The Grover mixer on travel times; no route is stored."""
    engine = CompressedEngine(routing)
    return OrderBasis(routing, engine.sums), engine
