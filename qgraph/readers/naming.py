"""Names, labels and places of nodes, for formats that have labels and places."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html.entities import name2codepoint
from typing import Any

from qgraph.base.fields import LARGEST_NUMBER, LONGEST_NAME

ENTITY = re.compile(r"&(?:#(\d{1,7})|#x([0-9A-Fa-f]{1,6})|(\w{1,16}));", re.ASCII)


def names_of(ids: Sequence[str], labels: Sequence[str | None]) -> list[str]:
    """The labels if every node has one of its own, else the ids."""
    own = [label for label in labels if label]
    return own if len(set(own)) == len(ids) else list(ids)


def node(name: str, label: str | None = None, x: object = None, y: object = None) -> dict[str, Any]:
    """A node with its label and place, if these are valid; invalid ones are left out."""
    fields: dict[str, Any] = {"id": name}
    if label and label != name:
        fields["label"] = label[:LONGEST_NAME]
    place = _coordinate(x), _coordinate(y)
    if None not in place:
        fields["x"], fields["y"] = place
    return fields


def unescaped(text: str) -> str:
    """The text with characters in place of references such as `&#233;` and `&eacute;`."""
    return ENTITY.sub(_character, text) if "&" in text else text


def _character(found: re.Match[str]) -> str:
    decimal, hexadecimal, name = found.groups()
    code = name2codepoint.get(name, -1) if name else int(decimal) if decimal else int(hexadecimal, 16)
    return chr(code) if 0 <= code <= 0x10FFFF else found[0]


def _coordinate(value: object) -> float | None:
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return None
    return number if abs(number) <= LARGEST_NUMBER else None
