"""QAOA's state vector in plain NumPy: the readable specification, and what runs without the kernel.

Arrays only. Bit q of an amplitude's index is qubit q. Source: Farhi, Goldstone, Gutmann,
arXiv:1411.4028, section II; gradients by the adjoint method, Jones and Gacon, arXiv:2009.02823.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Amplitudes = NDArray[np.complexfloating]
    Costs = NDArray[np.float64]


def cost_diagonal(h: Costs, pairs: NDArray[np.int64], J: Costs) -> Costs:
    """The energy of every basis state, without offset: float64[2**n], by recursive doubling in O(2**n).

    Qubit q adds s_q times its field from the lower qubits, which is itself doubled up from them.
    """
    n = len(h)
    coupling = np.zeros((n, n))
    coupling[pairs[:, 0], pairs[:, 1]] = J
    coupling += coupling.T
    costs = np.zeros(1)
    for q in range(n):
        field = np.array([h[q]])
        for j in range(q):
            field = np.concatenate([field + coupling[q, j], field - coupling[q, j]])
        costs = np.concatenate([costs + field, costs - field])
    return costs


def uniform(size: int, dtype: type[np.complexfloating]) -> Amplitudes:
    """The uniform superposition."""
    return np.full(size, 1 / np.sqrt(size), dtype=dtype)


def apply_phase(state: Amplitudes, costs: Costs, gamma: float) -> None:
    """exp(-i gamma C), in place."""
    state *= np.exp(-1j * gamma * costs).astype(state.dtype)


class TransverseField:
    """The standard mixer, B = sum_q X_q."""

    def apply(self, state: Amplitudes, beta: float) -> None:
        """exp(-i beta B), in place."""
        cos, sin = np.cos(beta), -1j * np.sin(beta)
        for q in range(_qubits(state)):
            pair = state.reshape(-1, 2, 2**q)
            zero, one = pair[:, 0].copy(), pair[:, 1].copy()
            pair[:, 0] = cos * zero + sin * one
            pair[:, 1] = cos * one + sin * zero

    def hamiltonian(self, state: Amplitudes) -> Amplitudes:
        """B |state>."""
        result = np.zeros_like(state)
        for q in range(_qubits(state)):
            result += state.reshape(-1, 2, 2**q)[:, ::-1].reshape(-1)
        return result


class Grover:
    """The projector on the uniform superposition, B = |F><F| (Baertschi, Eidenbenz, arXiv:2006.00354)."""

    def apply(self, state: Amplitudes, beta: float) -> None:
        """exp(-i beta B) = 1 - (1 - exp(-i beta)) B, in place."""
        state -= (1 - np.exp(-1j * beta)) * state.mean(dtype=np.complex128)

    def hamiltonian(self, state: Amplitudes) -> Amplitudes:
        """B |state>."""
        return np.full_like(state, state.mean(dtype=np.complex128))


class TiltedField:
    """A warm start's mixer, B = sum_q (sin(theta_q) X_q + cos(theta_q) Z_q); see warm_start.py."""

    def __init__(self, thetas: NDArray[np.float64]) -> None:
        self.axes = list(zip(np.sin(thetas).tolist(), np.cos(thetas).tolist(), strict=True))

    def apply(self, state: Amplitudes, beta: float) -> None:
        """exp(-i beta B), in place: cos(beta) - i sin(beta) (sin(theta) X + cos(theta) Z) on each qubit."""
        cos, sin = np.cos(beta), -1j * np.sin(beta)
        for q, (x, z) in enumerate(self.axes):
            pair = state.reshape(-1, 2, 2**q)
            zero, one = pair[:, 0].copy(), pair[:, 1].copy()
            pair[:, 0] = (cos + sin * z) * zero + (sin * x) * one
            pair[:, 1] = (cos - sin * z) * one + (sin * x) * zero

    def hamiltonian(self, state: Amplitudes) -> Amplitudes:
        """B |state>."""
        result = np.zeros_like(state)
        for q, (x, z) in enumerate(self.axes):
            pair, out = state.reshape(-1, 2, 2**q), result.reshape(-1, 2, 2**q)
            out[:, 0] += z * pair[:, 0] + x * pair[:, 1]
            out[:, 1] += x * pair[:, 0] - z * pair[:, 1]
        return result


Mixer = TransverseField | Grover | TiltedField


def evolve(
    costs: Costs,
    mixer: Mixer,
    gammas: Sequence[float],
    betas: Sequence[float],
    dtype: type[np.complexfloating],
    start: NDArray[np.float64] | None = None,
) -> Amplitudes:
    """The state |gammas, betas>: complex[len(costs)], from `start` or the uniform superposition."""
    state = uniform(len(costs), dtype) if start is None else start.astype(dtype)
    for gamma, beta in zip(gammas, betas, strict=True):
        apply_phase(state, costs, gamma)
        mixer.apply(state, beta)
    return state


def expectation(state: Amplitudes, values: Costs) -> float:
    """<state| diag(values) |state>, summed in double precision."""
    return float(np.sum(probabilities(state) * values))  # not a BLAS product: those depend on the threads


def probabilities(state: Amplitudes) -> NDArray[np.float64]:
    """|amplitude|^2 in double precision."""
    return np.square(state.real, dtype=np.float64) + np.square(state.imag, dtype=np.float64)


def gradient(
    state: Amplitudes,
    costs: Costs,
    values: Costs,
    mixer: Mixer,
    gammas: Sequence[float],
    betas: Sequence[float],
) -> NDArray[np.float64]:
    """Derivatives of <diag(values)> by all angles: float64[2, p], d/dgamma then d/dbeta.

    `state` is the final state, which is overwritten. With |left> = diag(values)|state>, both states are
    taken back layer by layer, and each derivative is 2 Im <left| H |state> for the layer's Hamiltonian H.
    """
    unit = float(np.abs(values).max()) or 1.0  # keeps `left` in single precision's range
    left = (values / unit * state).astype(state.dtype)
    result = np.empty((2, len(gammas)))
    for layer in reversed(range(len(gammas))):
        result[1, layer] = 2 * _overlap(left, mixer.hamiltonian(state))
        for vector in (state, left):
            mixer.apply(vector, -betas[layer])
        result[0, layer] = 2 * _overlap(left, costs * state)
        for vector in (state, left):
            apply_phase(vector, costs, -gammas[layer])
    return result * unit


def _overlap(left: Amplitudes, right: Amplitudes) -> float:
    """Im <left|right>, summed in double precision."""
    return float(np.sum(left.real * right.imag - left.imag * right.real, dtype=np.float64))


def _qubits(state: Amplitudes) -> int:
    return len(state).bit_length() - 1
