"""What is measured: MaxCut on seeded graphs at fixed angles, as plain arrays that every peer understands."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import networkx as nx
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

FAMILIES = {"regular": "3-regular, unit weights", "gaussian": "complete, Gaussian weights"}


@dataclass(frozen=True, eq=False)
class Case:
    """A weighted graph on nodes 0, 1, ..., n - 1, and the angles of a circuit."""

    family: str
    n: int
    edges: list[tuple[int, int]]
    weights: list[float]
    gammas: list[float]
    betas: list[float]

    @cached_property
    def diagonal(self) -> NDArray[np.float64]:
        """The weight of each of the 2**n cuts, float64[2**n], bit q of the index being node q's side."""
        coupling = np.zeros((self.n, self.n))
        for (i, j), weight in zip(self.edges, self.weights, strict=True):
            coupling[i, j] = coupling[j, i] = weight
        cuts = np.zeros(2**self.n)
        field = np.empty(2 ** (self.n - 1))  # the weight between node q and the nodes below it on side 1
        for q in range(self.n):
            half, total = 2**q, coupling[q, :q].sum()
            field[0] = 0
            for r in range(q):
                np.add(field[: 2**r], coupling[q, r], out=field[2**r : 2 ** (r + 1)])
            cuts[half : 2 * half] = cuts[:half] + (total - field[:half])
            cuts[:half] += field[:half]
        return cuts

    @property
    def offset(self) -> float:
        """C is offset - sum w_ij s_i s_j / 2."""
        return sum(self.weights) / 2

    @property
    def layers(self) -> list[tuple[float, float]]:
        """(gamma, beta) of each layer."""
        return list(zip(self.gammas, self.betas, strict=True))


def make(family: str, n: int, depth: int) -> Case:
    """Make a case. The same arguments give the same case on every machine."""
    if family == "regular":
        edges = sorted(tuple(sorted(e)) for e in nx.random_regular_graph(3, n, seed=n).edges)
        weights, scale = [1.0] * len(edges), 1.0
    else:
        edges = list(itertools.combinations(range(n), 2))
        weights, scale = np.random.default_rng(n).standard_normal(len(edges)).tolist(), n**-0.5
    gammas = np.linspace(0.3, 0.9, depth) * scale
    return Case(family, n, edges, weights, gammas.tolist(), np.linspace(0.6, 0.1, depth).tolist())
