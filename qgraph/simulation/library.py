"""The compiled kernel: whether it is there, and which instruction set it uses."""

from __future__ import annotations

import os
from typing import Any

from qgraph.base.errors import InvalidInput

try:
    from qgraph.simulation.kernel import _kernels
except ImportError:  # built without a compiler
    _kernels = None  # type: ignore[assignment]
library = _kernels


def kernel() -> str:
    """The instruction set that the kernel uses, or "reference" where NumPy does the work.

    The environment variable QGRAPH_KERNEL can name one of them. Raises `InvalidInput` for other names.
    """
    wanted = os.environ.get("QGRAPH_KERNEL", "")
    if library is None or wanted == "reference":
        return "reference"
    supported = library.features()["supported"]
    chosen = wanted or supported[0]
    if chosen not in supported:
        names = ", ".join(["reference", *supported])
        raise InvalidInput(f"`QGRAPH_KERNEL` must be one of {names}, got {wanted!a}")
    library.choose(chosen)
    return chosen


def compiled() -> Any:
    """The compiled functions, or None where NumPy does the work."""
    return None if kernel() == "reference" else library
