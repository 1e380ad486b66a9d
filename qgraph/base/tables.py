"""Facts as HTML tables."""

from __future__ import annotations

from html import escape

from qgraph.base.errors import printable


def fact_table(rows: dict[str, object]) -> str:
    """A two-column HTML table."""
    left = "style='text-align:left'"
    cells = (
        f"<tr><th {left}>{escape(name)}</th><td {left}>{escape(printable(str(value)))}</td></tr>"
        for name, value in rows.items()
    )
    return f"<table>{''.join(cells)}</table>"
