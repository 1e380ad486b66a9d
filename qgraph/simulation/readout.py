"""What is computed from any state vector: quantiles, the feasible part, the most likely states."""

from __future__ import annotations

import math

import numpy as np

from qgraph.base.typing import Integers, Reals
from qgraph.problems.ising import Ising, from_arrays
from qgraph.simulation.engine import LARGEST, LEAST, PRODUCT, WEIGHT, BitVector, Vector

BINS = 4096
RESOLUTION = 1e-13  # costs closer than this, relative to the range, differ by rounding only


def tail(vector: Vector, sense: str, share: float) -> tuple[float, float]:
    """The quantile that ends the best `share` of the probability, and the mean up to it (the CVaR).

    Histograms narrow down the interval of the quantile.

    Conditional value at risk: Barkoutsos et al., arXiv:1907.04769, section 3.
    """
    order = 1 if sense == "minimize" else -1
    table = vector.histogram(-math.inf, math.inf, 1)
    total, low, high = share * table[0, WEIGHT], table[0, LEAST], table[0, LARGEST]
    finest, weight, product = RESOLUTION * (high - low), 0.0, 0.0
    while high - low > finest:
        table = vector.histogram(low, high, BINS)[::order]
        filled = np.flatnonzero(np.isfinite(table[:, LEAST]))
        reached = weight + np.cumsum(table[:, WEIGHT])
        place = next((b for b in filled if reached[b] >= total), filled[-1])
        weight += table[:place, WEIGHT].sum()
        product += table[:place, PRODUCT].sum()
        low, high = table[place, LEAST], table[place, LARGEST]
    quantile = float(low if order == 1 else high)
    return quantile, float(product + (total - weight) * quantile) / float(total)


def feasible_part(
    vector: BitVector, model: Ising, rules: Ising, extremes: tuple[float, float]
) -> tuple[float, float | None]:
    """The probability that all rules are kept, and the mean cost there (None if it is 0).

    `rules` is 0 where all are kept and at least 1 elsewhere. The cost is divided by twice its range, so that
    it varies by 1/2. In the sum of both, states at most 1/4 above the largest cost are those that keep all
    rules, and one pass over the state gives both numbers.
    """
    low, high = extremes
    unit = 2 * (high - low) or 1.0
    pairs, J = np.concatenate([model.pairs, rules.pairs]), np.concatenate([model.J / unit, rules.J])
    both = from_arrays(model.nodes, model.h / unit + rules.h, pairs, J, 0.0, model.sense)
    weight, product = vector.part_of(both, high / unit + 0.25 - rules.offset)
    if weight <= 0:
        return 0.0, None
    total = vector.copies * float(vector.run_sums()[0].sum())
    mean = (product / weight + rules.offset) * unit
    return min(1.0, weight / total), min(max(mean, low), high)


def most_likely(vector: Vector, k: int) -> tuple[Integers, Reals]:
    """The `k` most probable basis states, ties by index: (indices, probabilities).

    The stored ones among them lie in the k runs with the largest maxima, so only those are read.
    """
    _, maxima = vector.run_sums()
    runs = np.argsort(-maxima, kind="stable")[:k]
    p = np.concatenate([vector.run(int(run)) for run in runs])
    length = len(p) // len(runs)
    stored = (runs[:, None] * length + np.arange(length)).ravel()
    best = np.lexsort((stored, -p))[:k]
    indices = np.concatenate([stored[best], vector.size - 1 - stored[best]][: vector.copies])
    p = np.concatenate([p[best]] * vector.copies)
    order = np.lexsort((indices, -p))[:k]
    return indices[order], p[order]


def correlations(p: Reals, pairs: Integers) -> Reals:
    """<Z_i Z_j> of pairs of qubits, int64[k, 2], from all 2**n probabilities: float64[k].

    The highest qubit halves the array, and the difference of both halves is the rest, signed by its spin. So
    all pairs together take few passes.
    """
    n = len(p).bit_length() - 1
    table = np.eye(n)
    for high in reversed(range(n)):
        up, down = np.split(p, 2)  # bit 0 is spin +1
        p, signed = up + down, up - down
        for low in reversed(range(high)):
            up, down = np.split(signed, 2)
            table[high, low] = table[low, high] = (up - down).sum()
            signed = up + down
    return table[pairs[:, 0], pairs[:, 1]]
