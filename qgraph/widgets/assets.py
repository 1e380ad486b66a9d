"""The widgets' scripts and style sheets: plain files, joined in order, since a widget has one of each."""

from __future__ import annotations

from functools import cache
from pathlib import Path

STATIC = Path(__file__).parent / "static"


@cache
def joined(*names: str) -> str:
    """The text of some files in `static/`, one after the other, without indentation and comment lines.

    >>> "export default" in joined("base.js", "canvas.js", "editing.js", "keys.js", "graph_editor.js")
    True
    """
    lines = (line.strip() for name in names for line in _read(name).splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//"))


def _read(name: str) -> str:
    return (STATIC / name).read_text(encoding="utf-8")
