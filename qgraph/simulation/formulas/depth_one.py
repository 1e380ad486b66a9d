"""Depth 1 in closed form, for any Ising model of any size: expectations, gradients and correlations.

Source: Ozaeta, van Dam, McMahon, arXiv:2012.03421, section 3. With fields and couplings as in `Ising`,

    <Z_i>     = sin(2 beta) sin(2 gamma h_i) prod_k cos(2 gamma J_ik)
    <Z_i Z_j> = sin(4 beta) / 2 * tilt + sin(2 beta)**2 / 2 * flat
    tilt      = sin(2 gamma J_ij) (cos(2 gamma h_i) prod_k cos(2 gamma J_ik) + the same for j)
    flat      = cos(2 gamma (h_i - h_j)) prod_k cos(2 gamma (J_ik - J_jk)) - the same with sums

with products over all other nodes k.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Self

import numpy as np

from qgraph.base.typing import Integers, Reals
from qgraph.problems.couplings import as_mappings, by_rows
from qgraph.problems.ising import Ising
from qgraph.simulation.deadline import check
from qgraph.simulation.library import kernel, library

MOST_STEPS = 2**26  # neighbours visited between two checks of the deadline


class ClosedForm:
    """Fields and couplings of n spins, prepared for depth 1. Costs are counted from the offset.

    `h`: float64[n]; `pairs`: int64[m, 2], each pair once; `J`: float64[m].

    >>> from qgraph import Graph, MaxCut
    >>> engine = ClosedForm.of(MaxCut(Graph.ring(6)).to_ising())
    >>> round(engine.expectation(np.array([np.pi / 4]), np.array([np.pi / 8])), 12)
    1.5
    """

    def __init__(self, h: Reals, pairs: Integers, J: Reals) -> None:
        self.h: Reals = np.ascontiguousarray(h)
        self.pairs: Integers = np.ascontiguousarray(pairs)
        self.J: Reals = np.ascontiguousarray(J)
        self.starts, self.neighbours, self.couplings = by_rows(pairs, J, len(h))

    @classmethod
    def of(cls, ising: Ising) -> Self:
        """An Ising model without its offset."""
        return cls(ising.h, ising.pairs, ising.J)

    def parts(self, gamma: float, pairs: Integers | None = None) -> tuple[Reals, Reals]:
        """The factors that do not depend on beta: float64[n, 2] of nodes, float64[k, 2, 2] of pairs.

        The last axis holds the value and its derivative by gamma, the middle one tilt and flat.
        """
        ends = self.pairs if pairs is None else np.ascontiguousarray(pairs)
        nodes, edges = np.empty((len(self.h), 2)), np.empty((len(ends), 2, 2))
        native = kernel() != "reference"
        rows = self.starts, self.neighbours, self.couplings
        for part in self._portions(ends):
            check()
            if native:
                library.depth_one(*rows, self.h, ends[part], gamma, nodes, edges[part])
            else:
                _depth_one(self, ends[part], gamma, nodes, edges[part])
        return nodes, edges

    def _portions(self, ends: Integers) -> list[slice]:
        """The pairs in portions. Interrupts and deadlines are checked between them."""
        if len(ends) * len(self.h) <= MOST_STEPS:
            return [slice(None)]
        steps = np.cumsum(np.diff(self.starts)[ends].sum(axis=1))
        cuts = np.searchsorted(steps, np.arange(MOST_STEPS, steps[-1], MOST_STEPS))
        return [slice(a, b) for a, b in pairwise([0, *cuts.tolist(), len(ends)])]

    def expectation(self, gammas: Reals, betas: Reals) -> float:
        """<C> at one gamma and one beta."""
        return float(self.curve(float(gammas[0]))[0] @ waves(float(betas[0]))[0])

    def gradient(self, gammas: Reals, betas: Reals) -> tuple[float, Reals]:
        """<C> and its derivatives: float64[2, 1]."""
        values, slopes = self.curve(float(gammas[0]))
        wave, wave_slope = waves(float(betas[0]))
        return float(values @ wave), np.array([[slopes @ wave], [values @ wave_slope]])

    def landscape(self, gammas: Reals, betas: Reals) -> Reals:
        """<C> on a grid: float64[len(gammas), len(betas)]."""
        curves = np.array([self.curve(gamma)[0] for gamma in gammas.tolist()]).reshape(-1, 3)
        return np.asarray(curves @ np.array([waves(beta)[0] for beta in betas.tolist()]).reshape(-1, 3).T)

    def correlations(self, gamma: float, beta: float, pairs: Integers | None = None) -> tuple[Reals, Reals]:
        """<Z_i> of all nodes, float64[n], and <Z_i Z_j> of pairs, by default the coupled ones: float64[k]."""
        nodes, edges = self.parts(gamma, pairs)
        single, tilt, flat = waves(beta)[0]
        return single * nodes[:, 0], tilt * edges[:, 0, 0] + flat * edges[:, 1, 0]

    def curve(self, gamma: float) -> tuple[Reals, Reals]:
        """The coefficients of the three waves in beta, and their derivatives by gamma: float64[3] each."""
        nodes, edges = self.parts(gamma)
        sums = np.array([self.h @ nodes, *np.tensordot(self.J, edges, 1)])
        return sums[:, 0], sums[:, 1]


def waves(beta: float) -> tuple[Reals, Reals]:
    """The waves in beta of single spins, tilts and flats, and their derivatives."""
    values = [np.sin(2 * beta), np.sin(4 * beta) / 2, np.sin(2 * beta) ** 2 / 2]
    return np.array(values), np.array([2 * np.cos(2 * beta), 2 * np.cos(4 * beta), np.sin(4 * beta)])


def _depth_one(form: ClosedForm, pairs: Integers, gamma: float, nodes: Reals, edges: Reals) -> None:
    """The same as the kernel's `depth_one`, in Python, for machines without a compiler."""
    h, rows = form.h, as_mappings(form.starts, form.neighbours, form.couplings)
    for i, row in enumerate(rows):
        nodes[i] = _product(gamma, [*row.values()], sine_of=h[i])
    for p, (i, j) in enumerate(pairs.tolist()):
        others = [k for k in {**rows[i], **rows[j]} if k not in (i, j)]
        of_i, of_j = (np.array([rows[end].get(k, 0.0) for k in others]) for end in (i, j))
        coupling = rows[i].get(j, 0.0)
        ends = zip((h[i], h[j]), (of_i, of_j), strict=True)
        edges[p, 0] = sum(_product(gamma, [field, *row], sine_of=coupling) for field, row in ends)
        edges[p, 1] = _product(gamma, [h[i] - h[j], *(of_i - of_j)])
        edges[p, 1] -= _product(gamma, [h[i] + h[j], *(of_i + of_j)])


def _product(gamma: float, rates: list[float], sine_of: float | None = None) -> Reals:
    """A product of cos(2 gamma rate), perhaps times a sine, and its derivative by gamma."""
    angles = 2 * gamma * np.array(rates)
    factors, slopes = np.cos(angles), -2 * np.array(rates) * np.sin(angles)
    if sine_of is not None:
        factors = np.append(factors, np.sin(2 * gamma * sine_of))
        slopes = np.append(slopes, 2 * sine_of * np.cos(2 * gamma * sine_of))
    others = [np.prod(np.delete(factors, k)) for k in range(len(factors))]
    return np.array([np.prod(factors), np.dot(slopes, others)])
