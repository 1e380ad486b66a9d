"""Matrix product states: values beyond exactness, with an estimate of their error.

The nodes stand in a line, neighbours close to each other (reverse Cuthill-McKee). All terms of a node with
later nodes are one operator of bond dimension 2: it carries the node's bit along the line, so nothing is
swapped. QR factorisations apply it exactly, singular values then cut the bonds. All other sites are
orthonormal at that moment, so what is cut is exactly what the state loses. Source: Schollwoeck,
arXiv:1008.3477, sections 4 and 5.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any, Self

import numpy as np

from qgraph.base import resources
from qgraph.base.checks import require_whole
from qgraph.base.typing import Amplitudes, Angles, Reals
from qgraph.problems.ising import Ising
from qgraph.simulation.deadline import check

LARGEST = 256  # with more, one factorisation takes more than half a second, and nothing can interrupt it
NOISE = 1e-14  # singular values below this share of the largest are rounding
ROUNDING = 1e-12  # of values, relative to the sum of all terms' sizes
SPINS = np.array([1.0, -1.0])


class Truncated(float):
    """A value from a truncated state: a float that knows how far to trust it.

    `bond_dimension` is the largest that was reached. `discarded_weight` is the share of the state's squared
    norm that was cut. `error` is an estimate that the true error should not exceed, see `MatrixProducts`.

    >>> Truncated(27.3142, bond_dimension=64, discarded_weight=1.3e-5, error=0.02)
    27.31 +- 0.02 (bond dimension 64, discarded weight 1.3e-05)
    """

    bond_dimension: int
    discarded_weight: float
    error: float

    def __new__(  # noqa: D102 (see the class)
        cls, value: float, bond_dimension: int, discarded_weight: float, error: float
    ) -> Self:
        own = super().__new__(cls, value)
        own.bond_dimension, own.discarded_weight, own.error = bond_dimension, discarded_weight, error
        return own

    def __reduce__(self) -> tuple[Any, ...]:
        return Truncated, (float(self), self.bond_dimension, self.discarded_weight, self.error)

    def __repr__(self) -> str:
        digits = min(max(0, -math.floor(math.log10(self.error))), 12) if self.error > 0 else 12
        kept = f"bond dimension {self.bond_dimension}, discarded weight {self.discarded_weight:.2g}"
        return f"{float(self):.{digits}f} +- {self.error:.1g} ({kept})"


class MatrixProducts:
    """An Ising model prepared for matrix product states of at most `bond_dimension`.

    Each cut discards a weight w. The error is at most (max C - min C) sin(angle), as the angle to the exact
    state is at most the sum of arcsin(sqrt(w)): gates keep angles. This is proved, and far too large. So
    the estimate is the smaller of it and

        2 * (change from half the bond dimension) + R W + sqrt(R W S) / 5

    with W = -sum log(1 - w), the sum S of all |h_i| and |J_ij|, and R the same sum within reach of one cut.
    This is not proved. For 6455 values with cuts (rings, ladders, grids, random graphs of 8 to 16 nodes;
    rings, ladders, narrow grids of 30 to 600) the error was at most 0.46 of it, with a median of 0.02.

    Raises `ProblemTooLarge` if a state would not fit into memory.
    """

    def __init__(self, ising: Ising, bond_dimension: int) -> None:
        from scipy.sparse import csr_array
        from scipy.sparse.csgraph import reverse_cuthill_mckee

        require_whole("bond_dimension", bond_dimension, 2, LARGEST)
        n, (first, second) = len(ising.h), ising.pairs.T
        what = f"a matrix product state of {n} nodes and bond dimension {bond_dimension}"
        resources.require_memory(64 * n * bond_dimension**2, what, "a smaller `bond_dimension` takes less")
        joined = csr_array((np.ones(2 * len(first)), (np.r_[first, second], np.r_[second, first])), (n, n))
        order = reverse_cuthill_mckee(joined, symmetric_mode=True)
        place = np.argsort(order)
        self.bond_dimension, self.offset, self.h = bond_dimension, ising.offset, ising.h[order]
        self.ends = [(min(ends), max(ends)) for ends in place[ising.pairs].tolist()]
        self.J = ising.J
        self.later: list[dict[int, float]] = [{} for _ in range(n)]  # by place: later neighbours
        for (i, j), coupling in zip(self.ends, ising.J.tolist(), strict=True):
            self.later[i][j] = coupling
        self.largest = float(np.abs(ising.h).sum() + np.abs(ising.J).sum())

    def expectation(self, gammas: Angles, betas: Angles) -> Truncated:
        """<C>, offset included."""
        value, _, state = self._run(gammas, betas, self.bond_dimension)
        rounding = ROUNDING * (self.largest + abs(self.offset))
        error = 2 * self.largest * math.sin(min(state.angle, math.pi / 2))  # what is proved
        if error > rounding:
            change = abs(value - self._run(gammas, betas, self.bond_dimension // 2)[0])
            cut = state.lost * self._within_reach(len(gammas))
            error = min(error, 2 * change + cut + math.sqrt(cut * self.largest) / 5)
        return Truncated(self.offset + value, state.reached, abs(math.expm1(-state.lost)), error + rounding)

    def _within_reach(self, depth: int) -> float:
        """The largest sum of the terms' sizes that a cut reaches: twice the distance of a light cone."""
        sizes = np.abs(self.h)
        for (i, j), coupling in zip(self.ends, np.abs(self.J).tolist(), strict=True):
            sizes[[i, j]] += coupling / 2
        width = 4 * depth * max(j - i for i, j in self.ends) + 1
        return float(np.convolve(sizes, np.ones(min(width, len(sizes)))).max())

    def correlations(self, gammas: Angles, betas: Angles) -> Reals:
        """<Z_i Z_j> of the coupled pairs, in the order of the model's: float64[m]."""
        return self._run(gammas, betas, self.bond_dimension)[1]

    def _run(self, gammas: Angles, betas: Angles, most: int) -> tuple[float, Reals, _State]:
        """<C> without its offset, <Z_i Z_j> of the pairs, and what the state has lost."""
        from threadpoolctl import threadpool_limits

        with threadpool_limits(1):  # matrices are small, so threads would wait for each other
            state = _State(len(self.h), most)
            for gamma, beta in zip(gammas.tolist(), betas.tolist(), strict=True):
                for i, neighbours in enumerate(self.later):
                    state.couple(i, neighbours, gamma)
                    state.move_right(i)
                mixer = math.cos(beta) * np.eye(2) - 1j * math.sin(beta) * np.eye(2)[::-1]
                turns = mixer * np.exp(-1j * gamma * self.h[:, None, None] * SPINS)
                state.sites = [turn @ site for turn, site in zip(turns, state.sites, strict=True)]
                state.move_to_start()
            spins, products = self._correlations(state)
        return float(self.h @ spins + self.J @ products), products, state

    def _correlations(self, state: _State) -> tuple[Reals, Reals]:
        """<Z_i> by place, and <Z_i Z_j> of the pairs. The centre of the state moves to its end."""
        spins, products = np.zeros(len(self.h)), {}
        for i, neighbours in enumerate(self.later):
            site = state.sites[i]
            within = _overlap(site, site * SPINS[:, None])
            spins[i] = np.trace(within).real
            for k in range(i + 1, max(neighbours, default=i) + 1):
                check()
                site = state.sites[k]
                passed = np.tensordot(within, site, 1)
                products[i, k] = np.vdot(site, passed * SPINS[:, None]).real
                within = _overlap(site, passed)
            state.move_right(i)
        return spins, np.array([products[ends] for ends in self.ends])


class _State:
    """Sites complex[left, 2, right] of a normalised state; all but the centre are isometries towards it."""

    def __init__(self, n: int, most: int) -> None:
        self.sites: list[Amplitudes] = [np.full((1, 2, 1), math.sqrt(0.5), complex)] * n
        self.most, self.reached = most, 1
        self.lost, self.angle = 0.0, 0.0  # W and the angle of `MatrixProducts`

    def move_right(self, i: int) -> None:
        """The centre goes from site i to its right neighbour, if there is one."""
        if i + 1 < len(self.sites):
            self.sites[i], rest = _split(self.sites[i])
            self.sites[i + 1] = np.tensordot(rest, self.sites[i + 1], 1)

    def move_to_start(self) -> None:
        """The centre goes from the last site to the first."""
        for before, i in pairwise(range(len(self.sites) - 1, -1, -1)):
            site, rest = _split(self.sites[before].T)
            self.sites[before] = site.T
            self.sites[i] = np.tensordot(self.sites[i], rest.T, 1)

    def couple(self, i: int, neighbours: dict[int, float], gamma: float) -> None:
        """exp(-i gamma sum_j J_ij Z_i Z_j) for neighbours j > i. The centre is, and stays, at site i."""
        last = max(neighbours, default=i)
        if last == i:
            return
        centre = self.sites[i][:, :, None] * np.eye(2)[:, :, None]  # left, own bit, carried bit, right
        for k in range(i + 1, last + 1):
            check()
            self.sites[k - 1], rest = _split(centre)
            phases = np.exp(-1j * gamma * neighbours.get(k, 0.0) * np.outer(SPINS, SPINS))[:, :, None]
            passed = np.tensordot(rest.reshape(len(rest), 2, -1), self.sites[k], 1) * phases
            centre = passed.swapaxes(1, 2) if k < last else passed.sum(axis=1)
        self.sites[last] = centre
        for k in range(last, i, -1):
            self._cut(k)

    def _cut(self, k: int) -> None:
        """Cut the bond to the left of site k, the centre, which moves there."""
        check()
        left, _, right = self.sites[k].shape
        u, values, v = np.linalg.svd(self.sites[k].reshape(left, 2 * right), full_matrices=False)
        kept = min(self.most, int(np.count_nonzero(values > NOISE * values[0])))
        lost = float(np.square(values[kept:]).sum() / np.square(values).sum())
        self.reached = max(self.reached, kept)
        self.lost -= math.log1p(-lost)
        self.angle += math.asin(math.sqrt(lost))
        values = values[:kept] / np.linalg.norm(values[:kept])
        self.sites[k] = v[:kept].reshape(kept, 2, right)
        self.sites[k - 1] = np.tensordot(self.sites[k - 1], u[:, :kept] * values, 1)


def _split(site: Amplitudes) -> tuple[Amplitudes, Amplitudes]:
    """A site of three or four axes as an isometry, complex[left, 2, k], and the rest, complex[k, ...]."""
    q, rest = np.linalg.qr(site.reshape(2 * len(site), -1))
    return q.reshape(len(site), 2, -1), rest


def _overlap(bra: Amplitudes, ket: Amplitudes) -> Amplitudes:
    return np.tensordot(bra.conj(), ket, ((0, 1), (0, 1)))
