"""Stands in for the browser's side of a widget; and the types of messages, as messages.js and edits.js have them."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from conftest import ROOT

STATIC = ROOT / "qgraph/widgets/static"  # messages.js and edits.js have the types
TYPEDEF = re.compile(r"@typedef \{([^}]*)\} (\w+)(.*?)\*/", re.DOTALL)
PROPERTY = re.compile(r"@property \{(.*)\} (\[?)(\w+)")


@cache
def types() -> dict[str, tuple[str, dict[str, tuple[str, bool]]]]:
    """Of each type its definition and its properties: their types, and whether they may lack."""
    text = "\n".join(
        path.read_text() for path in sorted([*STATIC.rglob("messages.js"), *STATIC.rglob("edits.js")])
    )
    found = {}
    for definition, name, rest in TYPEDEF.findall(text):
        found[name] = definition, {key: (kind, bool(may)) for kind, may, key in PROPERTY.findall(rest)}
    return found


def members(union: str) -> list[str]:
    """The types that a union consists of, also through other unions."""
    definition, properties = types()[union]
    if properties:
        return [union]
    return [one for name in re.findall(r"\w+", definition) for one in members(name)]


def kinds(union: str) -> dict[str, str]:
    """The kinds of the messages in a union, and the type of each."""
    return {
        kind: one for one in members(union) for kind in re.findall(r'"(\w+)"', types()[one][1]["kind"][0])
    }


def assert_fields(name: str, content: dict[str, Any]) -> None:
    """A message has the fields that its type names."""
    properties = types()[name][1]
    assert content.keys() <= properties.keys()
    assert {key for key, (_, may) in properties.items() if not may} <= content.keys()


def assert_documented(content: dict[str, Any]) -> None:
    """A message to Python has the fields that its type names."""
    assert_fields(kinds("ToPython")[content["kind"]], content)
    if content["kind"] == "edit":
        assert_fields(kinds("Edit")[content["edit"]["kind"]], content["edit"])


class Wire:
    """Stands in for the browser: sends messages and keeps what comes back."""

    def __init__(self, widget: Any) -> None:
        self.widget, self.number, self.said = widget, 0, []
        widget.send = lambda content, buffers=None: self.said.append((content, buffers or []))

    def say(self, kind: str, **content: Any) -> list[dict[str, Any]]:
        self.number += 1
        before = len(self.said)
        message = {"kind": kind, "view": "v", "number": self.number, **content}
        self.widget._handle_custom_msg(message, [])
        return [content for content, _ in self.said[before:]]

    def edit(self, kind: str, **content: Any) -> list[dict[str, Any]]:
        return self.say("edit", edit={"kind": kind, **content})


def heard(wire: Wire, kind: str) -> list[tuple[dict[str, Any], list[bytes]]]:
    """What a QAOA explorer has said of this kind, after all its work: contents and binary parts."""
    assert wire.widget._jobs.wait()
    assert wire.widget._beside.jobs.wait()
    return [(content, parts) for content, parts in wire.said if content["kind"] == kind]


def watched(explorer: Any) -> Wire:
    """A view of an explorer, which has computed what the view shows first."""
    wire = Wire(explorer)
    wire.say("hello")
    assert explorer._jobs.wait()
    return wire
