"""Array types for signatures. Docstrings give the shape, as in `float64[n, 2]`."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike as ArrayLike  # noqa: PLC0414 (for the whole package)
from numpy.typing import NDArray as NDArray  # noqa: PLC0414

Reals = NDArray[np.float64]
Angles = NDArray[np.float64]  # rad
Integers = NDArray[np.int64]
Bits = NDArray[np.uint8]
Flags = NDArray[np.bool_]
Complexes = NDArray[np.complex128]
Floats = NDArray[np.floating]  # single or double precision
Amplitudes = NDArray[np.complexfloating]  # single or double precision
