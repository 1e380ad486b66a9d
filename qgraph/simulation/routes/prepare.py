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


def route_engine(
    routing: PriorityRouting, method: str, mixer: str, dtype: type[np.complexfloating], kernel: str
) -> tuple[Basis, Engine]:
    """The feasible routes, and the engine that evolves them with method "subspace" or "compressed"."""
    if method == "compressed":
        compressed = CompressedEngine(routing)
        return OrderBasis(routing, compressed.sums), compressed
    basis = RouteBasis(routing)
    tiers = [len(tier) for tier in routing.tiers]
    if kernel == "reference":
        chosen = reference.Swaps(tiers) if mixer == "swap" else reference.Grover()
        return basis, DenseEngine(basis.costs(), chosen, dtype, "minimize")
    if mixer == "swap":
        return basis, SwapEngine(basis.tables, tiers, dtype)
    return basis, RouteEngine(basis.tables, dtype)
