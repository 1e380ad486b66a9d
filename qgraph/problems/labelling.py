"""The space that local search moves in: nodes that take one label each."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from qgraph.base.typing import Integers, Reals, Sparse
from qgraph.problems import couplings


@dataclass(frozen=True, eq=False)
class Labelling:
    """Every node takes one of k labels; the sum of these costs is minimised.

    `together[e]` is paid where both ends of `pairs[e]` have the same label, `alone[v, c]` where node v has
    label c. If `balanced`, k is 2, and the numbers of nodes with each label differ by at most one; then nodes
    change in pairs. Shapes: pairs int64[m, 2], together float64[m], alone float64[n, k].
    """

    pairs: Integers
    together: Reals
    alone: Reals
    balanced: bool = False

    @cached_property
    def neighbours(self) -> Sparse:
        """`together` as a symmetric matrix."""
        return couplings.sparse(self.pairs, self.together, len(self.alone))

    def costs(self, labels: Integers) -> Reals:
        """The cost of each node under each label while the other nodes keep theirs: float64[n, k]."""
        chosen = np.eye(self.alone.shape[1])[labels]
        return np.asarray(self.alone + self.neighbours @ chosen)

    def energy(self, labels: Integers) -> float:
        """The sum of all costs."""
        i, j = self.pairs.T
        own = self.alone[np.arange(len(labels)), labels]
        return float(self.together @ (labels[i] == labels[j]) + own.sum())

    @cached_property
    def scale(self) -> float:
        """The largest change that one node can make, or 1 if all costs are 0."""
        held = np.abs(self.neighbours).sum(axis=1) + np.ptp(self.alone, axis=1)
        return float(held.max(initial=0.0)) or 1.0
