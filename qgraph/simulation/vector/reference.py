"""QAOA's state vector in plain NumPy: the readable specification, which also runs without the kernel.

Arrays only. Bit q of an amplitude's index is qubit q. Source: Farhi, Goldstone, Gutmann,
arXiv:1411.4028, section II; gradients by the adjoint method, Jones and Gacon, arXiv:2009.02823. `check` ends
work after its deadline.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import factorial, prod

import numpy as np

from qgraph.base.typing import Amplitudes, Reals
from qgraph.simulation.deadline import check

AT_ONCE = 2**20  # phases


def cost_diagonal(h: Reals, coupling: Reals) -> Reals:
    """The energy of every basis state, without offset: float64[2**n], by recursive doubling in O(2**n).

    `h`: float64[n]; `coupling`: float64[n, n], symmetric. Qubit q adds s_q times its field from the lower
    qubits, which is computed by doubling as well.
    """
    costs = np.zeros(1)
    for q in range(len(h)):
        check()
        field = np.array([h[q]])
        for j in range(q):
            field = np.concatenate([field + coupling[q, j], field - coupling[q, j]])
        costs = np.concatenate([costs + field, costs - field])
    return costs


def apply_phase(state: Amplitudes, costs: Reals, gamma: float) -> None:
    """exp(-i gamma C), in place; in parts, since this takes longest."""
    for start in range(0, len(state), AT_ONCE):
        check()
        here = slice(start, start + AT_ONCE)
        state[here] *= np.exp(-1j * gamma * costs[here]).astype(state.dtype)


def apply_gate(state: Amplitudes, q: int, zero_zero: complex, other: complex, one_one: complex) -> None:
    """A symmetric gate on qubit q, in place; `other` stands twice in its matrix."""
    check()
    pair = state.reshape(-1, 2, 2**q)
    zero, one = pair[:, 0].copy(), pair[:, 1].copy()
    pair[:, 0] = zero_zero * zero + other * one
    pair[:, 1] = one_one * one + other * zero


class TransverseField:
    """The standard mixer, exp(-i beta B) with B = sum_q X_q."""

    def apply(self, state: Amplitudes, beta: float) -> None:
        """exp(-i beta B), in place: cos(beta) - i sin(beta) X on each qubit."""
        for q in range(_qubits(state)):
            apply_gate(state, q, np.cos(beta), -1j * np.sin(beta), np.cos(beta))

    def hamiltonian(self, state: Amplitudes) -> Amplitudes:
        """B |state>."""
        result = np.zeros_like(state)
        for q in range(_qubits(state)):
            check()
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

    def __init__(self, thetas: Reals) -> None:
        self.axes = list(zip(np.sin(thetas).tolist(), np.cos(thetas).tolist(), strict=True))

    def apply(self, state: Amplitudes, beta: float) -> None:
        """exp(-i beta B), in place: cos(beta) - i sin(beta) (sin(theta) X + cos(theta) Z) on each qubit."""
        cos, sin = np.cos(beta), -1j * np.sin(beta)
        for q, (x, z) in enumerate(self.axes):
            apply_gate(state, q, cos + sin * z, sin * x, cos - sin * z)

    def hamiltonian(self, state: Amplitudes) -> Amplitudes:
        """B |state>."""
        result = np.zeros_like(state)
        for q, (x, z) in enumerate(self.axes):
            check()
            pair, out = state.reshape(-1, 2, 2**q), result.reshape(-1, 2, 2**q)
            out[:, 0] += z * pair[:, 0] + x * pair[:, 1]
            out[:, 1] += x * pair[:, 0] - z * pair[:, 1]
        return result


class Swap:
    """Exchange the stops at two neighbouring positions of each route; its square is 1.

    Routes are in lexicographic order. At these positions the digits of an index are (d, e), of m and m - 1
    values with `run` routes each: each digit picks one of the remaining stops. A swap takes (d, e) with
    d <= e to (e + 1, d).
    """

    def __init__(self, m: int, run: int) -> None:
        self.m = m
        self.run = run
        d, e = np.divmod(np.arange(m * (m - 1)), m - 1)
        self._partner = np.where(d <= e, (e + 1) * (m - 1) + d, e * (m - 1) + d - 1)

    def apply(self, state: Amplitudes, beta: float) -> None:
        """exp(-i beta S) = cos(beta) - i sin(beta) S, in place."""
        swapped = self.hamiltonian(state)
        state *= np.cos(beta)
        state -= 1j * np.sin(beta) * swapped

    def hamiltonian(self, state: Amplitudes) -> Amplitudes:
        """S |state>."""
        check()
        return state.reshape(-1, self.m * (self.m - 1), self.run)[:, self._partner].reshape(-1)


class Swaps:
    """A product of exp(-i beta S) over neighbouring positions of each tier: 1-2, 3-4, ..., then 2-3, 4-5, ...

    The ordering swap mixer of Hadfield et al., arXiv:1709.03489, partitioned by parity.
    """

    def __init__(self, tiers: Sequence[int]) -> None:
        self.factors = tuple(Swap(m, run) for m, run in swap_order(tiers))

    def apply(self, state: Amplitudes, beta: float) -> None:
        """The product, in place."""
        for factor in self.factors:
            factor.apply(state, beta)


def swap_order(tiers: Sequence[int]) -> list[tuple[int, int]]:
    """The swaps of routes through tiers of so many stops, in the mixer's order, as (m, run) of `Swap`."""
    order = []
    for t, size in enumerate(tiers):
        later = prod(factorial(k) for k in tiers[t + 1 :])
        order += [(size - p, factorial(size - 2 - p) * later) for p in parity_order(size)]
    return order


def parity_order(size: int) -> tuple[int, ...]:
    """The first positions of the swaps within a tier, counted from 0: the even ones, then the odd ones."""
    return (*range(0, size - 1, 2), *range(1, size - 1, 2))


Mixer = TransverseField | Grover | Swaps | TiltedField


def evolve(
    costs: Reals,
    mixer: Mixer,
    gammas: Sequence[float],
    betas: Sequence[float],
    dtype: type[np.complexfloating],
    start: Reals | None = None,
) -> Amplitudes:
    """The state |gammas, betas>: complex[len(costs)], from `start` or the uniform superposition."""
    size = len(costs)
    state = np.full(size, 1 / np.sqrt(size), dtype) if start is None else start.astype(dtype)
    for gamma, beta in zip(gammas, betas, strict=True):
        apply_phase(state, costs, gamma)
        mixer.apply(state, beta)
    return state


def probabilities(state: Amplitudes) -> Reals:
    """|amplitude|^2 in double precision."""
    return np.square(state.real, dtype=np.float64) + np.square(state.imag, dtype=np.float64)


def gradient(
    state: Amplitudes,
    costs: Reals,
    values: Reals,
    mixer: Mixer,
    gammas: Sequence[float],
    betas: Sequence[float],
) -> Reals:
    """Derivatives of <diag(values)> by all angles: float64[2, p], d/dgamma then d/dbeta.

    `state` is the final state, which is overwritten. With |left> = diag(values)|state>, both states are
    evolved back factor by factor. Each derivative is 2 Im <left| H |state>, with the factor's Hamiltonian H,
    summed over the factors of a mixer.
    """
    unit = float(np.abs(values).max()) or 1.0  # keeps `left` in single precision's range
    left = (values / unit * state).astype(state.dtype)
    factors = mixer.factors if isinstance(mixer, Swaps) else (mixer,)
    result = np.zeros((2, len(gammas)))
    for layer in reversed(range(len(gammas))):
        for factor in reversed(factors):
            result[1, layer] += 2 * _overlap(left, factor.hamiltonian(state))
            for vector in (state, left):
                factor.apply(vector, -betas[layer])
        result[0, layer] = 2 * _overlap(left, costs * state)
        for vector in (state, left):
            apply_phase(vector, costs, -gammas[layer])
    return result * unit


def _overlap(left: Amplitudes, right: Amplitudes) -> float:
    """Im <left|right>, summed in double precision."""
    return float(np.sum(left.real * right.imag - left.imag * right.real, dtype=np.float64))


def _qubits(state: Amplitudes) -> int:
    return len(state).bit_length() - 1
