"""Widgets without a kernel: pictures, pages, and the outputs that a notebook keeps."""

from __future__ import annotations

import base64
import io
import json
import re
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError

from qgraph.base.checks import require
from qgraph.base.errors import InvalidInput, first_complaint, printable, shown
from qgraph.base.fields import as_name
from qgraph.models.build import build
from qgraph.models.city import City
from qgraph.models.graph import Graph
from qgraph.widgets.assets import joined

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


Model = TypeVar("Model", bound=BaseModel)

DOTS = {"snapshot": 110, "output": 60}
VIEW = "application/vnd.jupyter.widget-view+json"
LIGHT = {"needs_background": "light"}


def figure_of(axes: Axes) -> Figure:
    """The whole figure that these axes are in."""
    figure = axes.get_figure(root=True)
    assert figure is not None  # noqa: S101 (axes that were drawn have one)
    return figure


def picture(figure: Figure, path: str | Path | None = None, format: str | None = None) -> bytes:  # noqa: A002
    """A figure as PNG or SVG, without a date, so that the same widget gives the same bytes."""
    suffix = "" if path is None else Path(path).suffix.removeprefix(".").lower()
    kind = format or suffix or "png"
    require(kind in ("png", "svg"), "format", 'must be "png" or "svg"', kind)
    image = _drawn(figure, kind, DOTS["snapshot"])
    if path is not None:
        Path(path).write_bytes(image)
    return image


def _drawn(figure: Figure, kind: str, dots: int) -> bytes:
    from matplotlib import rc_context

    image = io.BytesIO()
    with rc_context({"svg.hashsalt": "qgraph", "svg.fonttype": "none"}):
        figure.savefig(
            image, format=kind, dpi=dots, metadata={"Date": None} if kind == "svg" else {"Software": None}
        )
    return image.getvalue()


def page(
    title: str,
    script: str,
    style: str,
    state: Mapping[str, Any],
    messages: Sequence[tuple[Mapping[str, Any], Sequence[bytes]]],
    path: str | Path | None = None,
) -> str:
    """A self-contained page: the widget's own script on a model that answers from what was said before."""
    replay = [[content, [base64.b64encode(part).decode() for part in parts]] for content, parts in messages]
    texts = {
        "title": escape(printable(title)),
        "style": style,
        "script": str(script).replace("export default", "const widget ="),
        "model": joined("offline.js"),
        "state": _embedded(state),
        "replay": _embedded(replay),
    }
    text = re.sub(r"<!--(\w+)-->|/\*(\w+)\*/", lambda found: texts[found[1] or found[2]], joined("page.html"))
    if path is not None:
        Path(path).write_text(text, encoding="utf-8")
    return text


def _embedded(value: object) -> str:
    """JSON that cannot end the script element that it stands in."""
    return json.dumps(value, allow_nan=False).replace("<", "\\u003c")


def display(widget: Any) -> None:
    """Two outputs: the live view, and below it a picture, which the live view's style sheet hides.

    JupyterLab shows nothing but an error in place of a view whose kernel has gone, whatever else the same
    output holds; so the picture needs an output of its own.
    """
    from IPython.display import display as show

    text = repr(widget)
    view = {"version_major": 2, "version_minor": 0, "model_id": widget.model_id}
    show({"text/plain": text, VIEW: view}, raw=True)  # type: ignore[no-untyped-call]
    png = base64.b64encode(_drawn(widget._figure(), "png", DOTS["output"])).decode()
    still = {"text/plain": f"picture of {text}", "image/png": png}
    show(still, raw=True, metadata={**LIGHT, "alt": text})  # type: ignore[no-untyped-call]


def model_in(state: Mapping[str, Any]) -> Graph | City:
    """The graph or city that a widget's state holds. Raises `InvalidInput`."""
    fields = state.get("graph")
    if not isinstance(fields, dict):
        raise InvalidInput(f"`state` must hold a graph or a city, got {shown(fields)}")
    return build(City, **fields) if "traffic_multipliers" in fields else build(Graph, **fields)


def checked(kind: type[Model], fields: Any) -> Model:
    """A model from a widget's state. Raises `InvalidInput`."""
    try:
        return kind.model_validate(fields)
    except ValidationError as error:
        raise InvalidInput(first_complaint(error, "state")) from None


def named(labels: Mapping[Any, int]) -> dict[str, int]:
    """Labels by node name."""
    return {str(as_name(name)): label for name, label in labels.items()}
