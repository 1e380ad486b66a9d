"""An Ising model that loses its spins one after another, or many at once, and how they follow from the rest.

Source: Bravyi, Kliesch, Koenig, Tang, arXiv:1910.08980, section 5.
"""

from __future__ import annotations

import numpy as np

from qgraph.base.typing import Bits, Integers, Reals
from qgraph.problems import couplings
from qgraph.problems.ising import Ising, from_arrays
from qgraph.problems.sense import sign
from qgraph.solvers.budget import Budget
from qgraph.solvers.exact.brute_force import brute_force
from qgraph.solvers.heuristics.greedy import greedy_bits

CUTOFF = 20  # spins that brute force sets
EQUAL_CORRELATIONS = 1e-9  # relative difference of correlations that count as equal
NEGLIGIBLE = 1e-9  # correlations, and terms relative to the largest, that count as zero


class Contracted:
    """The rest of a minimised Ising model, and how the removed spins follow from the spins that are left."""

    def __init__(self, ising: Ising) -> None:
        unit = max(float(np.abs(ising.J).max(initial=0)), float(np.abs(ising.h).max(initial=0))) or 1.0
        self.h, self.J = sign(ising) * ising.h / unit, sign(ising) * ising.J / unit
        self.pairs: Integers = ising.pairs.copy()
        # The spins that are left, by their numbers in the whole model.
        self.alive: Integers = np.arange(len(self.h))
        self.parents = self.alive.copy()  # of each spin of the whole model: the spin that sets it, or itself
        self.signs = np.ones(len(self.h))  # of each: whether it is equal to its parent (1) or opposite (-1)
        self.order: list[int] = []  # the removed spins, in order

    def ising(self) -> Ising:
        """The model that is left, which is minimised."""
        return from_arrays(map(str, self.alive.tolist()), self.h, self.pairs, self.J, 0.0, "minimize")

    def set_uncoupled(self, rng: np.random.Generator, *, fields: bool) -> bool:
        """Set a spin without couplings, if there is one; `fields` says whether it may have a field."""
        touched = np.zeros(len(self.h), dtype=np.bool_) if fields else self.h != 0
        touched[self.pairs] = True
        free = np.flatnonzero(~touched)
        if len(free):
            field = float(self.h[free[0]])
            self._set_spin(int(free[0]), -np.sign(field) if field else float(rng.choice([-1.0, 1.0])))
        return len(free) > 0

    def fix_strongest(self, found: Reals, rng: np.random.Generator) -> None:
        """Fix the spin or pair with the strongest correlation: `found` has <Z> of all spins, then <ZZ>."""
        if np.abs(found).max() <= NEGLIGIBLE:  # all correlations are zero: the largest term decides
            found = -np.concatenate([self.h, self.J])
        strength = np.abs(found)
        tied = np.flatnonzero(strength >= strength.max() * (1 - EQUAL_CORRELATIONS))
        chosen = int(rng.choice(tied))
        relation = float(np.sign(found[chosen]))
        if chosen < len(self.h):
            self._set_spin(chosen, relation)
        else:
            kept, gone = self.pairs[chosen - len(self.h)].tolist()
            self._merge(kept, gone, relation)

    def with_held_spin(self) -> Ising:
        """The same as `ising`, but fields are couplings to one more spin, which is held up."""
        n = len(self.h) + 1
        pairs, J = self.ising().fields_as_couplings()
        return from_arrays(map(str, range(n)), np.zeros(n), pairs, J, 0.0, "minimize")

    def fix_forest(
        self, ising: Ising, found: Reals, weakest: float, most: int, rng: np.random.Generator
    ) -> None:
        """Fix the strongest pairs, at most `most`, in the order of a maximum spanning forest of |<ZZ>|.

        `found` has the correlations of `ising`, which is `self.ising()` or `self.with_held_spin()`. Each pair
        is at least `weakest` times as strong as the strongest. Equal ones come in random order.
        """
        if np.abs(found).max() <= NEGLIGIBLE:  # all correlations are zero: the largest terms decide
            found = -ising.J
        strength = np.abs(found) / np.abs(found).max()
        order = np.lexsort((rng.random(len(found)), -np.round(strength / EQUAL_CORRELATIONS)))
        n = len(self.h)  # and the number of the held spin
        root, signs = np.arange(n + 1), np.ones(n + 1)
        trees = {spin: [spin] for spin in range(n + 1)}
        for pair in order[strength[order] >= weakest].tolist():
            i, j = ising.pairs[pair].tolist()
            ends = int(root[i]), int(root[j])
            kept, gone = sorted(ends, key=lambda spin: (spin < n, -len(trees[spin])))
            if kept != gone:  # else the pair closes a cycle: it is fixed already
                moved = trees.pop(gone)
                root[moved] = kept
                signs[moved] *= np.sign(found[pair]) * signs[i] * signs[j]
                trees[kept] += moved
                most -= 1
            if most == 0:
                break
        self._merge_all(root, signs)

    def _merge_all(self, root: Integers, signs: Reals) -> None:
        """Replace each spin by `signs` times its root; the last root is a spin that is up."""
        n = len(self.h)
        stays, names = root == np.arange(n + 1), np.append(self.alive, -1)
        self.parents[names[~stays]], self.signs[names[~stays]] = names[root[~stays]], signs[~stays]
        self.order += names[~stays].tolist()
        h = np.bincount(root, signs * np.append(self.h, 0.0), n + 1)
        pairs, J = root[self.pairs], self.J * signs[self.pairs].prod(axis=1)
        held = (pairs == n).any(axis=1)
        np.add.at(h, pairs[held].min(axis=1), J[held])
        self.h, self.alive = h[stays][:-1], self.alive[stays[:-1]]
        self.pairs, self.J = (np.cumsum(stays) - 1)[pairs[~held]], J[~held]
        self._tidy()

    def _set_spin(self, spin: int, value: float) -> None:
        for side in (0, 1):
            mine = self.pairs[:, side] == spin
            np.add.at(self.h, self.pairs[mine, 1 - side], value * self.J[mine])
        self._remove(spin, -1, value)

    def _merge(self, kept: int, gone: int, relation: float) -> None:
        """Replace a spin by `relation` times another."""
        moved = self.pairs == gone
        self.J = np.where(moved.any(axis=1), relation * self.J, self.J)
        self.pairs = np.where(moved, kept, self.pairs)
        self.h[kept] += relation * self.h[gone]
        self._remove(gone, int(self.alive[kept]), relation)

    def _remove(self, spin: int, parent: int, relation: float) -> None:
        """Remove a spin and its couplings."""
        name = int(self.alive[spin])
        self.parents[name], self.signs[name] = parent, relation
        self.order.append(name)
        inside = (self.pairs != spin).all(axis=1)
        self.pairs, self.J = self.pairs[inside] - (self.pairs[inside] > spin), self.J[inside]
        self.h, self.alive = np.delete(self.h, spin), np.delete(self.alive, spin)
        self._tidy()

    def _tidy(self) -> None:
        """Add up couplings of the same pair, and remove zeros and couplings of a spin to itself."""
        inside = self.pairs[:, 0] != self.pairs[:, 1]
        pairs, J = couplings.added(self.pairs[inside], self.J[inside], len(self.h))
        some = np.abs(J) > NEGLIGIBLE
        self.pairs, self.J = pairs[some], J[some]
        self.h[np.abs(self.h) <= NEGLIGIBLE] = 0.0

    def finished(self, *, exact: bool) -> Bits:
        """Bits of the whole model, after brute force or single flips set the spins that are left."""
        left = self.ising()
        bits = brute_force(left, Budget(None))[0] if exact else greedy_bits(left)
        spins = np.zeros(len(self.parents) + 1)
        spins[-1] = 1.0  # for spins that are fixed, not tied to another spin
        spins[self.alive] = 1.0 - 2.0 * bits
        for name in reversed(self.order):
            spins[name] = self.signs[name] * spins[self.parents[name]]
        return (spins[:-1] < 0).astype(np.uint8)
