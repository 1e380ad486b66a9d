"""Sums over tensor networks in plain NumPy: the specification of the kernel's, for machines without it."""

from __future__ import annotations

from typing import Any

import numpy as np

from qgraph.base.typing import Complexes, NDArray, Reals
from qgraph.simulation.cones.network import MEASURED, MIXER, PHASE, TensorNetwork
from qgraph.simulation.deadline import check

Step = tuple[tuple[int, ...], int]  # numbers of the tensors that are multiplied, or of the one that is summed


def elimination(network: TensorNetwork) -> tuple[NDArray[np.int32], Reals]:
    """An order in which bits are summed, and how many products have each bit: int32[n], float64[n].

    The bit whose sum joins the fewest new pairs of bits comes next (min-fill).
    """
    near: list[set[int]] = [set() for _ in range(network.bits)]
    for a, b in network.links[:, :2].tolist():
        if b >= 0:
            near[a].add(b)
            near[b].add(a)
    order, shares, left = list[int](), np.zeros(network.bits), set(range(network.bits))
    fill = {bit: _fill(bit, near) for bit in left}
    while left:
        check()
        bit = min(left, key=lambda bit: (fill[bit], bit))
        shares[[bit, *near[bit]]] += 2.0 ** (1 + len(near[bit]))
        order.append(bit)
        left.remove(bit)
        for other in near[bit]:
            near[other] |= near[bit]
            near[other] -= {bit, other}
        for other in {further for one in near[bit] for further in near[one]} | near[bit]:
            fill[other] = _fill(other, near)
    return np.array(order, dtype=np.int32), shares


def _fill(bit: int, near: list[set[int]]) -> int:
    return sum(len(near[bit] - near[other]) - 1 for other in near[bit])


def contraction(
    network: TensorNetwork,
    fixed: NDArray[np.int8],
    order: NDArray[np.int32],
    gammas: Reals,
    betas: Reals,
    slopes: Reals,
) -> float:
    """The sum over all bits that are not `fixed` (-1); `slopes`, float64[2, p] or empty, get derivatives."""
    tables = _tables(network, gammas, betas, slope=False)
    bits, tensors = list[tuple[int, ...]](), list[Complexes]()
    for (a, b), table in zip(network.links[:, :2].tolist(), tables, strict=True):
        entries, free = table if b >= 0 else table[:, 0], [bit for bit in (a, b) if bit >= 0]
        bits.append(tuple(bit for bit in free if fixed[bit] < 0))
        tensors.append(entries[tuple(slice(None) if fixed[bit] < 0 else fixed[bit] for bit in free)])
    steps, waiting = list[Step](), list(range(len(tensors)))

    def append(inputs: tuple[int, ...], kept: tuple[int, ...], summed: int = -1) -> int:
        check()
        steps.append((inputs, summed))
        bits.append(kept)
        tensors.append(_product([(tensors[k], bits[k]) for k in inputs], kept))
        return len(tensors) - 1

    for bit in (*order.tolist(), None):
        mine = [k for k in waiting if bit is None or bit in bits[k]]
        if not mine:
            continue
        waiting = [k for k in waiting if k not in mine]
        whole = mine[0]
        for other in mine[1:]:
            whole = append((whole, other), tuple(dict.fromkeys((*bits[whole], *bits[other]))))
        kept = tuple(other for other in bits[whole] if other != bit)
        waiting.append(append((whole,), kept, -1 if bit is None else bit))
    if len(slopes):
        adjoints = _adjoints(steps, bits, tensors)
        by_angle = _tables(network, gammas, betas, slope=True)
        for k, ((a, b, what, layer, *_), table) in enumerate(
            zip(network.links.tolist(), by_angle, strict=True)
        ):
            entries, free = table if b >= 0 else table[:, 0], [bit for bit in (a, b) if bit >= 0]
            chosen = entries[tuple(slice(None) if fixed[bit] < 0 else fixed[bit] for bit in free)]
            slopes[0 if what == PHASE else 1, layer] += float(np.sum(adjoints[k] * chosen).real)
    return float(tensors[-1].real)


def _adjoints(
    steps: list[Step], bits: list[tuple[int, ...]], tensors: list[Complexes]
) -> dict[int, Complexes]:
    """The derivatives of the last tensor by all entries of the others."""
    found: dict[int, Complexes] = {len(tensors) - 1: np.ones((), dtype=np.complex128)}
    for number in reversed(range(len(steps))):
        check()
        inputs, summed = steps[number]
        out = len(tensors) - len(steps) + number
        above = found.pop(out)
        for k in inputs:
            rows = [(above, bits[out]), *((tensors[other], bits[other]) for other in inputs if other != k)]
            if summed >= 0:
                rows.append((np.ones(2, dtype=np.complex128), (summed,)))
            found[k] = _product(rows, bits[k])
    return found


def _product(factors: list[tuple[Complexes, tuple[int, ...]]], kept: tuple[int, ...]) -> Complexes:
    """The product of tensors with these bits, summed over all bits that are not kept."""
    places = {bit: k for k, bit in enumerate(dict.fromkeys(bit for _, bits in factors for bit in bits))}
    arguments: list[object] = []
    for tensor, bits in factors:
        arguments += [tensor, [places[bit] for bit in bits]]
    sums: Any = np.einsum  # its types do not know lists of axes
    found: Complexes = sums(*arguments, [places[bit] for bit in kept])
    return found


def _tables(network: TensorNetwork, gammas: Reals, betas: Reals, *, slope: bool) -> Complexes:
    """The entries of all tensors, or their derivatives by their angles: complex[m, 2, 2]."""
    _, _, what, layer, side, halved = network.links.T
    beta, equal = betas[layer], np.array([[True, False], [False, True]])
    turn = -1j * side * network.rates
    phase = np.exp((turn * gammas[layer])[:, None, None] * np.where(equal, 1, -1))
    if slope:
        phase *= turn[:, None, None] * np.where(equal, 1, -1)

    def turned(angle: Reals) -> tuple[Reals, Reals]:
        """The cosine and the sine, or their derivatives."""
        return (-np.sin(angle), np.cos(angle)) if slope else (np.cos(angle), np.sin(angle))

    cos, sin = turned(beta)
    mixer = np.where(equal, cos[:, None, None], (-1j * side * sin)[:, None, None])
    # sum over z of (-1)**z <x|exp(-i beta X)|z> <z|exp(i beta X)|y>
    cos, sin = turned(2 * beta)
    measured = np.where(equal, cos[:, None, None], 1j * sin[:, None, None])
    measured = measured * np.array([1, -1])[:, None] * (2 if slope else 1)
    entries = {MIXER: mixer, PHASE: phase, MEASURED: measured}
    tables = np.choose(what[:, None, None], [entries[code] for code in sorted(entries)])
    halves: Complexes = tables * np.where(halved, 0.5, 1.0)[:, None, None]
    return halves
