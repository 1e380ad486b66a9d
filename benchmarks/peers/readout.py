"""sum |a_x|^2 c_x in one parallel pass: what a user of a state vector would write with Numba."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numba
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


@numba.njit(parallel=True, fastmath=True, cache=False)
def _mean(state: NDArray[np.complexfloating], costs: NDArray[np.float64]) -> float:
    total = 0.0
    for x in numba.prange(state.size):
        total += costs[x] * (np.float64(state[x].real) ** 2 + np.float64(state[x].imag) ** 2)
    return total


def mean_cost(state: NDArray[np.complexfloating], costs: NDArray[np.float64]) -> float:
    """<C> of a state vector, C given in full."""
    return float(_mean(state, costs))
