"""The widgets' scripts and style sheets: plain files, joined in order, since a widget has one of each."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

STATIC = Path(__file__).parent / "static"
EDITOR = (
    "base.js",
    "popups.js",
    *(f"canvas/{name}.js" for name in ("spread", "canvas", "pieces", "labels")),
    *(f"editing/{name}.js" for name in ("handle", "editing", "toolbar", "pointer", "keys", "forms", "files")),
)
CITY = "canvas/city.js"
STYLE = ("widget.css", "canvas/drawing.css")
LEFT_OUT = re.compile(r"^\s*(//.*|/\*\*(?:(?!\*/)[\s\S])*\*/|export \{[^}]*\};)$", re.MULTILINE)


@cache
def joined(*names: str) -> str:
    """The text of some files in `static/`, one after the other.

    Indentation, comments on lines of their own and lists of exported names are left out.

    >>> script = joined(*EDITOR, "editing/graph_editor.js")
    >>> "export default" in script, "export {" in script, "/**" in script
    (True, False, False)
    """
    text = "\n".join(LEFT_OUT.sub("", (STATIC / name).read_text(encoding="utf-8")) for name in names)
    return "\n".join(filter(None, map(str.strip, text.splitlines())))
