"""How a routing problem is simulated: on all bit strings, on its feasible routes, or on their costs alone."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np

from qgraph.base import resources
from qgraph.base.checks import require
from qgraph.base.errors import ProblemTooLarge
from qgraph.problems.routing import PriorityRouting
from qgraph.simulation.choose import Method
from qgraph.simulation.engine import Engine
from qgraph.simulation.routes.basis import RouteBasis
from qgraph.simulation.routes.compressed import LARGEST_TIER, CompressedEngine
from qgraph.simulation.routes.native import RouteEngine, SwapEngine
from qgraph.simulation.vector import reference
from qgraph.simulation.vector.dense import DenseEngine

Mixer = Literal["auto", "transverse_field", "grover", "swap"]

MIXERS: dict[str, tuple[Mixer, ...]] = {
    "statevector": ("transverse_field",),
    "subspace": ("grover", "swap"),
    "compressed": ("grover",),
    "closed_form": ("transverse_field",),
    "lightcone": ("transverse_field",),
}
DENSE_STATES = 8  # how many states' worth of memory plain NumPy takes at its peak
MOST_COUNTED = 2**63  # routes; no memory holds so many numbers
MOST_STORED = 2**22  # routes beyond which "auto" computes with the Grover mixer's costs alone


def choose(routing: PriorityRouting, method: Method, mixer: Mixer) -> tuple[Method, Mixer]:
    """The method and the mixer that "auto" stands for. Raises `InvalidInput` if they do not go together."""
    if method == "auto":
        grover = mixer in ("auto", "grover")
        many = routing.routes > MOST_STORED and max(len(tier) for tier in routing.tiers) <= LARGEST_TIER
        stored: Method = "statevector" if mixer == "transverse_field" else "subspace"
        method = "compressed" if grover and many else stored
    known = MIXERS[method]
    names = " or ".join(f'"{name}"' for name in known)
    require(mixer in ("auto", *known), "mixer", f'must be {names} for routes with method "{method}"', mixer)
    return method, known[0] if mixer == "auto" else mixer


def prepare(
    routing: PriorityRouting, mixer: str, dtype: type[np.complexfloating], *, dense: bool
) -> tuple[RouteBasis, Engine]:
    """The feasible routes and what evolves them. Raises `ProblemTooLarge` before they are allocated."""
    each = (DENSE_STATES if dense else 1) * np.dtype(dtype).itemsize
    tables = max(math.factorial(len(tier)) * (len(tier) + 16) for tier in routing.tiers)
    fits = resources.free_memory() // each
    what = f"a state of {routing.counted} feasible routes"
    if routing.routes > MOST_COUNTED:
        raise ProblemTooLarge(f"{what} does not fit; about {fits} routes would fit")
    resources.require_memory(routing.routes * each + tables, what, f"about {fits} routes would fit")
    basis = RouteBasis(routing)
    tiers = [len(tier) for tier in routing.tiers]
    if dense:
        chosen = reference.Swaps(tiers) if mixer == "swap" else reference.Grover()
        return basis, DenseEngine(basis.costs(), chosen, dtype, sense="minimize")
    real = np.zeros(0, dtype).real.dtype
    if mixer == "swap":
        return basis, SwapEngine(basis.tables, tiers, real)
    return basis, RouteEngine(basis.tables, real)


def compress(routing: PriorityRouting) -> tuple[RouteBasis, Engine]:
    """The feasible routes, none of them stored, and the Grover mixer on their costs."""
    return RouteBasis(routing), CompressedEngine(routing)
