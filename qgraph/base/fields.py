"""Field types shared by the pydantic models: names and finite numbers, without silent conversions."""

from __future__ import annotations

import json
from numbers import Integral
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, JsonValue

from qgraph.base.checks import as_float, is_real
from qgraph.base.errors import shown

LARGEST_NUMBER = 1e100
LONGEST_NAME = 256


def finite(value: object) -> float:
    """Any real number, NumPy's included; booleans and text raise `ValueError`."""
    if type(value) is float and abs(value) <= LARGEST_NUMBER:  # most are; the checks below take longer
        return value
    if not is_real(value):
        raise ValueError(f"must be a number, got {shown(value)}")
    number = as_float(value)
    if not abs(number) <= LARGEST_NUMBER:
        raise ValueError(f"must be finite and at most {LARGEST_NUMBER:g} in size, got {shown(value)}")
    return number


def _not_negative(value: object) -> float:
    number = finite(value)
    if number < 0:
        raise ValueError(f"must be at least 0, got {shown(value)}")
    return number + 0.0  # 0.0 in place of -0.0


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"must be text, got {shown(value)}")
    if len(value) > LONGEST_NAME:
        raise ValueError(f"must have at most {LONGEST_NAME} characters, got {len(value)}")
    if not value.isascii() and any("\ud800" <= character <= "\udfff" for character in value):
        raise ValueError(f"must be valid Unicode, got {shown(value)}")
    return value


def as_name(value: object) -> object:
    """The name of a node as text: text is unchanged, whole numbers become digits, also if they are floats.

    >>> as_name(3), as_name(3.0), as_name("3")
    ('3', '3', '3')
    """
    if isinstance(value, str):
        return value
    if isinstance(value, Integral) and not isinstance(value, bool):
        return str(int(value))
    return str(int(value)) if isinstance(value, float) and value.is_integer() else value


def _name(value: object) -> str:
    name = _text(as_name(value))
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
Finite = Annotated[float, BeforeValidator(finite)]
Positive = Annotated[Finite, Field(gt=0)]
NotNegative = Annotated[float, BeforeValidator(_not_negative)]
Metadata = Annotated[dict[str, JsonValue], AfterValidator(_json)]
