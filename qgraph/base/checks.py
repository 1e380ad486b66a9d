"""Checks of arguments: each raises `InvalidInput` that names the argument, the rule and the value."""

from __future__ import annotations

from numbers import Integral, Real

from qgraph.base.errors import InvalidInput, plain, shown


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
    whole = isinstance(value, Integral) and not isinstance(value, bool)
    fits = whole and least <= int(value) and (most is None or int(value) <= most)  # type: ignore[call-overload]
    bounds = f"of at least {least}" if most is None else f"from {least} to {most}"
    require(fits, argument, f"must be a whole number {bounds}", value)


def require_number(argument: str, value: object) -> float:
    """The value as a float. Raises `InvalidInput` unless it is a finite real number; booleans are not."""
    real = isinstance(value, Real) and not isinstance(value, bool)
    require(real and abs(float(value)) < float("inf"), argument, "must be a finite number", value)  # type: ignore[arg-type]
    return float(value)  # type: ignore[arg-type]


def require_time_limit(time_limit: object) -> None:
    """Raise `InvalidInput` unless `time_limit` is None or a positive number of seconds."""
    real = isinstance(time_limit, Real) and not isinstance(time_limit, bool)
    positive = real and float(time_limit) > 0  # type: ignore[arg-type]
    require(time_limit is None or positive, "time_limit", "must be positive", time_limit)


def require_seed(seed: object) -> None:
    """Raise `InvalidInput` unless `seed` is a whole number that every generator of random numbers takes."""
    require_whole("seed", seed, 0, 2**63 - 1)
