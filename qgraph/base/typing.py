"""Array types for signatures. Docstrings give the shape, as in `float64[n, 2]`."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "Amplitudes",
    "Angles",
    "ArrayLike",
    "Bits",
    "Complexes",
    "Flags",
    "Floats",
    "Integers",
    "NDArray",
    "Reals",
]

Reals = NDArray[np.float64]
Angles = NDArray[np.float64]  # rad
Integers = NDArray[np.int64]
Bits = NDArray[np.uint8]
Flags = NDArray[np.bool_]
Complexes = NDArray[np.complex128]
Floats = NDArray[np.floating]  # single or double precision
Amplitudes = NDArray[np.complexfloating]  # single or double precision
