"""The best angles of each depth of a search; which of two equal points stays does not depend on rounding."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from qgraph.base.typing import Reals
from qgraph.solvers.budget import StoppedBy


class Point(NamedTuple):
    """A point of the search: the loss there, and the angles in the search's units, gammas first."""

    loss: float
    x: Reals


NOWHERE = Point(math.inf, np.zeros(0))  # before the first evaluation


class Best:
    """The best point of this depth and of each depth before.

    Negating all angles gives the same outcomes, so different starts find points that are equal apart from
    rounding. Of equal points the first stays: another start must be better by `tolerance` to take the lead.
    While a start leads, every improvement counts.

    >>> import numpy as np
    >>> best = Best(tolerance=0.1)
    >>> best.offer(-1.0, np.zeros(2))
    >>> best.begin_start()
    >>> best.offer(-1.05, np.ones(2))
    >>> best.point.loss
    -1.0
    """

    def __init__(self, tolerance: float) -> None:
        self.tolerance = tolerance
        self.point = NOWHERE  # of this depth
        self.shorter: tuple[Point, ...] = ()  # of the depths before
        self.ended: StoppedBy = "convergence"
        self._leads = False  # whether the present start found `point`

    def begin_start(self) -> None:
        """The next offers come from another start of the same depth."""
        self._leads = False

    def offer(self, loss: float, x: Reals) -> None:
        """Keep the point if it is the best of its depth."""
        if loss < self.point.loss - (0 if self._leads else self.tolerance):
            self.point, self._leads = Point(loss, x.copy()), True

    def end_start(self, *, converged: bool) -> None:
        """A start has ended without a stop; if it leads, this is how the search ends."""
        if self._leads:
            self.ended = "convergence" if converged else "iterations"

    def deepen(self) -> Point:
        """Begin the next depth; the best point of the depth that ends."""
        self.shorter, self.point = (*self.shorter, self.point), NOWHERE
        return self.shorter[-1]

    @property
    def is_behind(self) -> bool:
        """Whether this depth is worse than the one before."""
        return self.point.loss > self.shorter[-1].loss + self.tolerance

    def climb(self, *, stopped: bool) -> tuple[Point, ...]:
        """The best point of each depth; the last is the answer. Empty before the first evaluation.

        A depth that was stopped before it was as good as the one before is left out.
        """
        behind = stopped and bool(self.shorter) and self.point.loss > self.shorter[-1].loss
        return self.shorter if behind or self.point is NOWHERE else (*self.shorter, self.point)
