"""Descent to a local minimum: BFGS (Nocedal, Wright, Numerical Optimization, 2006, chapter 6).

The whole matrix is kept: a search has tens of angles. So it can begin with the curvature that is known from
the depth before, which halves the evaluations. And no library wakes its threads for vectors of ten numbers.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from qgraph.base.typing import Reals

Evaluate = Callable[[Reals], tuple[float, Reals]]

DECREASE, FLATTENED = 1e-4, 0.9  # of the slope: the least decrease, and what must be left of it at most
FIRST, FARTHEST = 0.5, 0.5  # length of the first step without known curvature; most that an angle changes
MOST_TRIALS = 20  # points of one line search
FLATTEST = 1e-2  # least curvature in proportion to the largest, where it is not known well
FLAT = 1e-4  # second derivatives so small are rounding
SLOPES = 1.0, 3.0  # of a start in a known basin, by the gain and the way to the minimum; 2 in a parabola
NEARER = 0.9  # the part of the way that its Newton step leaves at most


@dataclass(frozen=True, eq=False)
class Minimum:
    """Where a descent ended: the loss, its gradient, and the inverse of its curvature if that is known."""

    loss: float
    x: Reals
    gradient: Reals
    inverse: Reals | None
    converged: bool

    @cached_property
    def curvature(self) -> Reals | None:
        """The second derivatives, as far as the descent has met them: float64[k, k]."""
        return None if self.inverse is None else inverted(self.inverse, flattest=0.0)

    def attracts(self, loss: float, x: Reals, gradient: Reals, period: float) -> bool:
        """Whether x lies in the basin of this minimum, as far as the loss and its gradient there tell.

        On the straight way to the minimum the cubic with the values and slopes at both ends must fall, and
        begin to fall well. And the Newton step from x must come much nearer, measured by the curvature.
        """
        gain = loss - self.loss
        if self.inverse is None or self.curvature is None or not self.converged or gain <= 0:
            return False
        least, most = SLOPES
        for sign in (1.0, -1.0):  # negating all angles changes nothing
            away = sign * x - self.x
            betas = away[len(x) // 2 :]
            betas -= period * np.round(betas / period)
            if least * gain <= sign * float(gradient @ away) <= most * gain:
                left = away - sign * (self.inverse @ gradient)
                if left @ self.curvature @ left < NEARER**2 * (away @ self.curvature @ away):
                    return True
        return False


def descend(
    evaluate: Evaluate,
    x: Reals,
    inverse: Reals | None,
    *,
    most: int,
    gap: float,
    iterated: Callable[[], None],
    known: Callable[[float, Reals, Reals], bool],
) -> Minimum | None:
    """Go down until a Newton step would gain less than `gap`; None where `known(loss, x, gradient)` ends it.

    `inverse` is the inverse of the curvature near x, float64[k, k]. After each of at most `most` iterations
    `iterated()` is called.
    """
    loss, gradient = evaluate(x)
    scaled = inverse is not None
    if inverse is None:
        inverse = np.eye(len(x)) * (FIRST / (math.sqrt(gradient @ gradient) or 1.0))
    for _ in range(most):
        direction = -(inverse @ gradient)
        slope = float(direction @ gradient)
        if known(loss, x, gradient):
            return None
        found = None if -slope < 2 * gap else _searched(evaluate, x, loss, slope, direction)
        if found is None:  # what is left is less than the gap, or rounding
            return Minimum(loss, x, gradient, inverse if scaled else None, True)
        step, loss, after = found
        move, change = step * direction, after - gradient
        x, gradient = x + move, after
        iterated()
        along = float(move @ change)
        if along > 0:
            if not scaled:
                inverse, scaled = np.eye(len(x)) * (along / float(change @ change)), True
            inverse = _updated(inverse, move, change, along)
    return Minimum(loss, x, gradient, inverse if scaled else None, False)


def _updated(inverse: Reals, move: Reals, change: Reals, along: float) -> Reals:
    """The inverse curvature that takes the change of the gradient to the move."""
    image = inverse @ change
    mixed = np.multiply.outer(image / along, move)
    factor = (1 + float(change @ image) / along) / along
    return inverse + np.multiply.outer(factor * move, move) - mixed - mixed.T


def _searched(
    evaluate: Evaluate, x: Reals, loss: float, slope: float, direction: Reals
) -> tuple[float, float, Reals] | None:
    """A step along `direction` that satisfies Wolfe's weak conditions, with the loss and gradient there."""
    low, low_loss, low_slope = 0.0, loss, slope
    high = high_loss = high_slope = math.inf
    step = min(1.0, FARTHEST / (float(np.abs(direction).max()) or 1.0))
    for _ in range(MOST_TRIALS):
        here, gradient = evaluate(x + step * direction)
        here_slope = float(gradient @ direction)
        if here > loss + DECREASE * step * slope or (low > 0 and here >= low_loss):
            high, high_loss, high_slope = step, here, here_slope
        elif here_slope < FLATTENED * slope:
            low, low_loss, low_slope = step, here, here_slope
        else:
            return step, here, gradient
        if high == math.inf:
            step = low * min(max(slope / min(slope - low_slope, -1e-300), 1.5), 5.0)
        else:
            width = high - low
            within = _cubic(low_loss, low_slope * width, high_loss, high_slope * width)
            step = low + width * min(max(within, 0.1), 0.9)
    return None


def _cubic(loss: float, slope: float, end: float, end_slope: float) -> float:
    """Where the cubic with these values and slopes at 0 and 1 is least; 0.5 where it has no minimum."""
    bend = slope + end_slope + 3 * (loss - end)
    square = bend * bend - slope * end_slope
    if not 0 <= square < math.inf:
        return 0.5
    root = math.sqrt(square)
    below = end_slope - slope + 2 * root
    return 1 - (end_slope + root - bend) / below if below > 0 else 0.5


def measured(evaluate: Evaluate, at: Minimum, step: float) -> Reals | None:
    """The second derivatives at a point, from differences of gradients: float64[k, k]; None if it is flat."""
    rows = np.array([evaluate(at.x + step * unit)[1] - at.gradient for unit in np.eye(len(at.x))])
    curvature: Reals = (rows + rows.T) / (2 * step)
    return curvature if np.abs(curvature).max() > FLAT else None


def lengthened(matrix: Reals) -> Reals:
    """The curvature for p + 1 layers from that of p layers: float64[2 p, 2 p] to float64[2 p + 2, 2 p + 2].

    It depends most on how far apart two layers are. So each diagonal, of two gammas, two betas or one of
    each, is interpolated by itself.

    >>> lengthened(np.array([[3.0, 1.0], [1.0, 5.0]]))
    array([[3., 0., 1., 0.],
           [0., 3., 0., 1.],
           [1., 0., 5., 0.],
           [0., 1., 0., 5.]])
    """
    p = len(matrix) // 2
    blocks = matrix.reshape(2, p, 2, p)
    row, column = np.indices((p + 1, p + 1))
    count = np.maximum(p - np.abs(column - row), 0)  # how many the diagonal had
    place = np.minimum(row, column) * (1 - 1 / np.maximum(count, 1))  # where on it
    left = np.minimum(place.astype(np.intp), np.maximum(count - 2, 0))
    right = np.minimum(left + 1, np.maximum(count - 1, 0))
    down, along = np.maximum(row - column, 0) % p, np.maximum(column - row, 0) % p
    first, second = (blocks[:, down + at, :, along + at] for at in (left, right))  # [row, column, 2, 2]
    values = first + (place - left)[..., None, None] * (second - first)
    longer: Reals = np.where(count[..., None, None] > 0, values, 0.0)
    return longer.transpose(2, 0, 3, 1).reshape(2 * p + 2, 2 * p + 2)


def inverted(matrix: Reals, *, flattest: float = FLATTEST) -> Reals | None:
    """The inverse of a curvature as if it was positive, and nowhere flatter than that share of its largest.

    None if there is no curvature.
    """
    if not np.isfinite(matrix).all():
        return None
    values, axes = np.linalg.eigh(matrix)
    sizes = np.abs(values)
    sizes = np.maximum(sizes, flattest * sizes.max())
    if sizes.min() == 0:
        return None
    inverse: Reals = (axes / sizes) @ axes.T
    return inverse
