"""Field types shared by the pydantic models: names and finite numbers, nothing coerced by accident."""

from __future__ import annotations

from numbers import Integral, Real
from typing import Annotated

from pydantic import BeforeValidator, ConfigDict, Field

LARGEST_NUMBER = 1e100
LONGEST_NAME = 256


def _number(value: object) -> object:
    """Accept any real number (NumPy's too); leave the rest, booleans included, to strict validation."""
    if not isinstance(value, Real) or isinstance(value, (bool, float)):
        return value
    try:
        return float(value)
    except OverflowError:
        return float("inf")


def _name(value: object) -> object:
    """Accept whole numbers as names, as networkx graphs have them."""
    return str(int(value)) if isinstance(value, Integral) and not isinstance(value, bool) else value


FROZEN = ConfigDict(
    frozen=True, extra="forbid", validate_by_name=True, validate_by_alias=True, serialize_by_alias=True
)
NodeId = Annotated[str, BeforeValidator(_name), Field(strict=True, min_length=1, max_length=LONGEST_NAME)]
Finite = Annotated[
    float,
    BeforeValidator(_number),
    Field(strict=True, allow_inf_nan=False, ge=-LARGEST_NUMBER, le=LARGEST_NUMBER),
]
Positive = Annotated[
    float,
    BeforeValidator(_number),
    Field(strict=True, allow_inf_nan=False, gt=0, le=LARGEST_NUMBER),
]
Label = Annotated[str, Field(strict=True, max_length=LONGEST_NAME)]
