"""Stands in for the browser's side of a widget."""

from __future__ import annotations

from typing import Any


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
