"""Checks of arguments: each raises `InvalidInput` that names the argument, the rule and the value."""

from __future__ import annotations

import math
from numbers import Integral, Real
from typing import TypeGuard

from qgraph.base.errors import InvalidInput, ProblemTooLarge, plain, shown


def require(ok: bool, argument: str, rule: str, value: object) -> None:
    """Raise `InvalidInput` naming the argument, the rule and the value unless `ok`.

    >>> require(0 >= 1, "depth", "must be at least 1", 0)
    Traceback (most recent call last):
    qgraph.base.errors.InvalidInput: `depth` must be at least 1, got 0
    """
    if not ok:
        raise InvalidInput(f"`{plain(argument)}` {rule}, got {shown(value)}")


def require_whole(argument: str, value: object, least: int, most: int | None = None) -> None:
    """Raise `InvalidInput` unless `value` is a whole number from `least` to `most`; booleans are not.

    >>> require_whole("depth", 1.5, least=1)
    Traceback (most recent call last):
    qgraph.base.errors.InvalidInput: `depth` must be a whole number of at least 1, got 1.5
    """
    number = int(value) if isinstance(value, Integral) and not isinstance(value, bool) else least - 1
    bounds = f"of at least {least}" if most is None else f"from {least} to {most}"
    fits = least <= number and (most is None or number <= most)
    require(fits, argument, f"must be a whole number {bounds}", value)


def require_fits(count: int, most: int, what: str) -> None:
    """Raise `ProblemTooLarge` unless `count` is at most `most`; the message begins with `what`."""
    if count > most:
        raise ProblemTooLarge(f"{what}, at most {most} fit")


def is_real(value: object) -> TypeGuard[float]:
    """Whether a value is a real number of any type, NumPy's included; booleans are not."""
    return isinstance(value, Real) and not isinstance(value, bool)


def as_float(value: object) -> float:
    """A real number as a float; NaN, for which no comparison holds, for everything else.

    >>> as_float(3), as_float("3"), as_float(True)
    (3.0, nan, nan)
    """
    try:
        return float(value) if is_real(value) else math.nan
    except OverflowError:  # a whole number of hundreds of digits
        return math.inf


def require_number(argument: str, value: object, least: float = -math.inf, most: float = math.inf) -> float:
    """The value as a float. Raises `InvalidInput` unless it is a finite number from `least` to `most`.

    >>> require_number("epsilon", 2, 0, 0.5)
    Traceback (most recent call last):
    qgraph.base.errors.InvalidInput: `epsilon` must lie between 0 and 0.5, got 2
    """
    number = as_float(value)
    bounded = (least, most) != (-math.inf, math.inf)
    rule = f"must lie between {least} and {most}" if bounded else "must be a finite number"
    require(least <= number <= most and math.isfinite(number), argument, rule, value)
    return number


def require_positive(argument: str, value: object, most: float = math.inf) -> float:
    """The value as a float. Raises `InvalidInput` unless it is a number above 0 and at most `most`."""
    rule = "must be positive" if most == math.inf else "must be positive and finite"
    require(0 < as_float(value) <= most, argument, rule, value)
    return as_float(value)


def require_time_limit(time_limit: object) -> None:
    """Raise `InvalidInput` unless `time_limit` is None or a positive number of seconds."""
    if time_limit is not None:
        require_positive("time_limit", time_limit)


def require_seed(seed: object) -> None:
    """Raise `InvalidInput` unless `seed` is a whole number that every random number generator accepts."""
    require_whole("seed", seed, 0, 2**63 - 1)
