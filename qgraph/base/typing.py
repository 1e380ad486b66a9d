"""Types for signatures. Docstrings give the shape of an array, as in `float64[n, 2]`.

`Sparse`, `Axes` and `Figure` are of packages that take long to import. Only type checkers know them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike as ArrayLike  # noqa: PLC0414 (for the whole package)
from numpy.typing import NDArray as NDArray  # noqa: PLC0414

if TYPE_CHECKING:
    from matplotlib.axes import Axes as Axes  # noqa: PLC0414
    from matplotlib.figure import Figure as Figure  # noqa: PLC0414
    from scipy.sparse import csr_array

    Sparse = csr_array
else:
    Axes = Figure = Sparse = Any

Reals = NDArray[np.float64]
Angles = NDArray[np.float64]  # rad
Integers = NDArray[np.int64]
Bits = NDArray[np.uint8]
Flags = NDArray[np.bool_]
Complexes = NDArray[np.complex128]
Floats = NDArray[np.floating]  # single or double precision
Amplitudes = NDArray[np.complexfloating]  # single or double precision
