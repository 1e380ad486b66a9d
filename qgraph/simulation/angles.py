"""Checks of angles."""

from __future__ import annotations

import numpy as np

from qgraph.base.checks import require
from qgraph.base.errors import InvalidInput, shown
from qgraph.base.fields import LARGEST_NUMBER
from qgraph.base.typing import Angles, ArrayLike

BOOLEANS = frozenset([bool, np.bool_])


def check_angles(gammas: ArrayLike, betas: ArrayLike) -> tuple[Angles, Angles]:
    """Two rows of finite angles of one length. Raises `InvalidInput`."""
    gamma, beta = finite_row("gammas", gammas), finite_row("betas", betas)
    require(len(gamma) == len(beta), "betas", f"must be as many as gammas, {len(gamma)}", len(beta))
    return gamma, beta


def finite_row(argument: str, angles: ArrayLike) -> Angles:
    """Finite angles as float64[p]. Raises `InvalidInput`, also for text, booleans and complex numbers."""
    try:
        row = np.asarray(angles)
    except ValueError:  # lists of different lengths
        row = np.array(None)
    # Among numbers, NumPy turns booleans into numbers.
    mixed = isinstance(angles, (list, tuple)) and not BOOLEANS.isdisjoint(map(type, angles))
    if mixed or row.dtype.kind not in "iuf":
        raise InvalidInput(f"`{argument}` must be a list of angles in radians, got {shown(angles)}")
    row = np.ascontiguousarray(row, dtype=np.float64)  # a single number becomes a row
    good = row.ndim == 1 and all(abs(angle) <= LARGEST_NUMBER for angle in row.tolist())
    require(good, argument, "must be a list of finite angles", angles)
    return row
