"""Widgets without a kernel: pictures, pages, and the outputs of a notebook."""

from __future__ import annotations

import base64
import io
import json
import re
import threading
import time
import uuid
from contextlib import suppress
from html import escape
from pathlib import Path
from typing import Any

from qgraph.base.checks import require
from qgraph.base.errors import QGraphError, printable
from qgraph.base.typing import Figure
from qgraph.widgets.assets import joined

QUIET = 2.0  # seconds without a change until a picture is drawn again
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

    image = io.BytesIO()
    if chosen == "png":  # without settings: they are global, and a cell may draw at the same time
        figure.savefig(image, format="png", dpi=dots, metadata={"Software": None})
        return image.getvalue()
    with rc_context({"svg.hashsalt": "qgraph", "svg.fonttype": "none"}):
        figure.savefig(image, format="svg", dpi=dots, metadata={"Date": None})
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


class Picture:
    """The picture below a live view, which the view's style sheet hides.

    Without a kernel JupyterLab shows only an error in place of the view, even if the same output holds a
    picture. So the picture is an output of its own. It is drawn again when the widget is quiet for `QUIET`
    seconds after a change, so that a notebook shows the last state without a kernel, too.
    """

    def __init__(self, widget: Any) -> None:
        self._widget = widget
        self._id: str | None = None
        self._text = ""
        self._due = 0.0
        self._lock = threading.Lock()
        self._waiting = False

    def show(self) -> None:
        """Show two outputs: the live view, and the picture below it."""
        from IPython.display import display as show

        self._text, self._id = repr(self._widget), self._id or uuid.uuid4().hex
        view = {"version_major": 2, "version_minor": 0, "model_id": self._widget.model_id}
        show({"text/plain": self._text, VIEW: view}, raw=True)  # type: ignore[no-untyped-call]
        self._publish(update=False)

    def touch(self) -> None:
        """Draw the picture again soon, if it is shown: something has changed."""
        self._due = time.monotonic() + QUIET
        with self._lock:
            if self._id is None or self._waiting:
                return
            self._waiting = True
        threading.Thread(target=self._wait, name="qgraph-picture", daemon=True).start()

    def _wait(self) -> None:
        while (left := self._due - time.monotonic()) > 0:
            time.sleep(left)
        with self._lock:
            self._waiting = False
        if self._widget.comm is not None:
            with suppress(QGraphError):
                self._publish(update=True)

    def _publish(self, *, update: bool) -> None:
        from IPython.display import display as show

        png = base64.b64encode(_drawn(self._widget._figure(), "png", DOTS["output"])).decode()
        still = {"text/plain": f"picture of {self._text}", "image/png": png}
        how: dict[str, Any] = {"raw": True, "display_id": self._id, "update": update}
        show(still, metadata={"alt": f"picture of {self._widget!r}"}, **how)  # type: ignore[no-untyped-call]
