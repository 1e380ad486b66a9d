"""Field types shared by the pydantic models: names and finite numbers, nothing coerced by accident."""

from __future__ import annotations

import json
from numbers import Integral, Real
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, ConfigDict, JsonValue

from qgraph.errors import shown

LARGEST_NUMBER = 1e100
LONGEST_NAME = 256

FROZEN = ConfigDict(
    frozen=True, extra="forbid", validate_by_name=True, validate_by_alias=True, serialize_by_alias=True
)


def _finite(value: object) -> float:
    """Any real number, NumPy's too, but no boolean and no text."""
    if not isinstance(value, Real) or isinstance(value, bool):
        raise ValueError(f"must be a number, got {shown(value)}")
    try:
        number = float(value)
    except OverflowError:
        number = float("inf")
    if not abs(number) <= LARGEST_NUMBER:
        raise ValueError(f"must be finite and at most {LARGEST_NUMBER:g} in size, got {shown(value)}")
    return number


def _positive(value: object) -> float:
    number = _finite(value)
    if not number > 0:
        raise ValueError(f"must be greater than 0, got {shown(value)}")
    return number


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"must be text, got {shown(value)}")
    if len(value) > LONGEST_NAME:
        raise ValueError(f"must have at most {LONGEST_NAME} characters, got {len(value)}")
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise ValueError(f"must be valid Unicode, got {shown(value)}")
    return value


def _name(value: object) -> str:
    """Text, or a whole number, as networkx graphs have them for names."""
    name = _text(str(int(value)) if isinstance(value, Integral) and not isinstance(value, bool) else value)
    if not name:
        raise ValueError("must have at least one character, got ''")
    return name


def _json(value: dict[str, JsonValue]) -> dict[str, JsonValue]:
    try:
        json.dumps(value, allow_nan=False, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise ValueError(f"must be plain JSON: {error}") from None
    return value


NodeId = Annotated[str, BeforeValidator(_name)]
Label = Annotated[str, BeforeValidator(_text)]
Finite = Annotated[float, BeforeValidator(_finite)]
Positive = Annotated[float, BeforeValidator(_positive)]
Metadata = Annotated[dict[str, JsonValue], AfterValidator(_json)]
