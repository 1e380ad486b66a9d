"""Widgets without a kernel: pictures, pages, saved states, and the outputs of a notebook."""

from __future__ import annotations

import base64
import io
import json
import re
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from qgraph.base.checks import require
from qgraph.base.errors import InvalidInput, first_complaint, printable
from qgraph.base.typing import Figure
from qgraph.models.build import build
from qgraph.models.city import City
from qgraph.models.graph import Graph
from qgraph.problems.files import problem_of
from qgraph.problems.problem import Problem
from qgraph.solvers.result import Result
from qgraph.widgets.assets import joined

Message = tuple[dict[str, Any], list[bytes]]  # the content, and its binary parts

DOTS = {"snapshot": 110, "output": 60}
VIEW = "application/vnd.jupyter.widget-view+json"


def picture(figure: Figure, path: str | Path | None = None, format: str | None = None) -> bytes:  # noqa: A002
    """A figure as PNG or SVG, without a date: the same widget gives the same bytes."""
    suffix = "" if path is None else Path(path).suffix.removeprefix(".").lower()
    chosen = format or suffix or "png"
    require(chosen in ("png", "svg"), "format", 'must be "png" or "svg"', chosen)
    image = _drawn(figure, chosen, DOTS["snapshot"])
    if path is not None:
        Path(path).write_bytes(image)
    return image


def _drawn(figure: Figure, chosen: str, dots: int) -> bytes:
    from matplotlib import rc_context

    image, undated = io.BytesIO(), {"Date": None} if chosen == "svg" else {"Software": None}
    with rc_context({"svg.hashsalt": "qgraph", "svg.fonttype": "none"}):
        figure.savefig(image, format=chosen, dpi=dots, metadata=undated)
    return image.getvalue()


def page(widget: Any, path: str | Path | None = None) -> str:
    """A page with the widget's script and state, and with messages in place of Python. No network."""
    state = {name: value for name, value in widget.get_state().items() if name in widget._shown}
    messages = widget._messages()
    replay = [(content, [base64.b64encode(part).decode() for part in parts]) for content, parts in messages]
    texts = {
        "title": escape(printable(repr(widget))),
        "style": widget._css,
        "script": widget._esm.replace("export default", "const widget ="),
        "model": joined("offline.js"),
        "state": _embedded({**state, "_offline": True}),
        "replay": _embedded(replay),
    }
    text = re.sub(r"<!--(\w+)-->|/\*(\w+)\*/", lambda found: texts[found[1] or found[2]], joined("page.html"))
    if path is not None:
        Path(path).write_text(text, encoding="utf-8")
    return text


def _embedded(value: object) -> str:
    """JSON that cannot end the script element around it."""
    return json.dumps(value, allow_nan=False).replace("<", "\\u003c")


def display(widget: Any) -> None:
    """Show two outputs: the live view, and below it a picture, which the live view's style sheet hides.

    Without a kernel JupyterLab shows only an error in place of the view, even if the same output holds a
    picture. So the picture is an output of its own.
    """
    from IPython.display import display as show

    text = repr(widget)
    view = {"version_major": 2, "version_minor": 0, "model_id": widget.model_id}
    show({"text/plain": text, VIEW: view}, raw=True)  # type: ignore[no-untyped-call]
    png = base64.b64encode(_drawn(widget._figure(), "png", DOTS["output"])).decode()
    still = {"text/plain": f"picture of {text}", "image/png": png}
    show(still, raw=True, metadata={"alt": text})  # type: ignore[no-untyped-call]


def graph_in(state: Mapping[str, Any]) -> Graph | City:
    """The graph or city in a widget's state. Raises `InvalidInput`."""
    fields: Any = state.get("graph")
    require(isinstance(fields, dict), "state", "must hold a graph or a city", fields)
    return build(City, **fields) if "traffic_multipliers" in fields else build(Graph, **fields)


def result_in(state: Mapping[str, Any]) -> Result | None:
    """The result in a widget's state, if there is one. Raises `InvalidInput`."""
    try:
        return None if state.get("result") is None else Result.model_validate(state["result"])
    except ValidationError as error:
        raise InvalidInput(first_complaint(error, "state")) from None


def problem_in(state: Mapping[str, Any], graph: Graph) -> Problem:
    """The problem of a saved state, on its graph. Raises `InvalidInput`.

    States that were saved before problems had a JSON form name the class by "kind", without graph and J.
    """
    saved: Any = state.get("problem")
    require(isinstance(saved, dict), "problem", "must be one that `state()` described", saved)
    if "kind" in saved:
        rest = {"J": []} if saved["kind"] == "Ising" else {"graph": json.loads(graph.to_json())}
        saved = {"problem": saved["kind"], **rest, **{key: saved[key] for key in saved if key != "kind"}}
    return problem_of(saved).on(graph)
