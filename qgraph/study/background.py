"""A study that runs in the background. Its widgets live in the kernel, so a closed tab loses nothing."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from html import escape
from typing import Any, cast

from qgraph.study.live import Live


class Background:
    """Work on a thread, with a view below the cell where there is a notebook."""

    def __init__(self, work: Callable[[], object], live: Live) -> None:
        self._work, self._live = work, live
        self._error: Exception | None = None
        ipython = sys.modules.get("IPython")
        kernel = getattr(ipython.get_ipython(), "kernel", None) if ipython else None
        self._view = None if kernel is None else View(live, self.stop)
        self._thread = threading.Thread(target=self._run, name=f"study {live.name}", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._work()
        except Exception as error:  # for `wait`, and for the view
            self._error = error
        if self._view is not None:
            with suppress(Exception):  # nobody looks any more
                self._view.end("" if self._error is None else str(self._error))

    @property
    def runs(self) -> bool:
        """Whether the work has not ended."""
        return self._thread.is_alive()

    def stop(self) -> None:
        """End the work within about a second."""
        self._live.watch.stopped = True

    def wait(self) -> None:
        """Wait for the end of the work. Raises what it raised, once."""
        self._thread.join()
        error, self._error = self._error, None
        if error is not None:
            raise error


class View:
    """The table and the figure of a study, and a Stop button. It is written from the thread that runs."""

    def __init__(self, live: Live, stop: Callable[[], None]) -> None:
        import ipywidgets
        from IPython.display import display

        self._live, self._stop = live, stop
        self._html = ipywidgets.HTML()
        self._button = ipywidgets.Button(
            description="Stop", tooltip="Stop; what is done stays", layout={"width": "90px"}
        )
        self._button.on_click(self._stopped)
        self._box = ipywidgets.VBox([self._html, self._button])
        self._write()
        view = {"version_major": 2, "version_minor": 0, "model_id": self._box.model_id}
        data = {"application/vnd.jupyter.widget-view+json": view, "text/plain": "a study runs"}
        self._handle: Any = cast("Any", display)(data, raw=True, display_id=True)
        live.show = self._write

    def end(self, error: str) -> None:
        """The run has ended. A page is left in the notebook's file, which needs no kernel."""
        self._button.layout.display = "none"
        self._write(error)
        self._handle.update({"text/html": self._html.value, "text/plain": self._live.line()}, raw=True)

    def _write(self, error: str = "") -> None:
        lines = [self._live.line(), *([error] if error else [])]
        self._html.value = "".join(f"<p>{escape(line)}</p>" for line in lines) + self._live.html()

    def _stopped(self, _: object) -> None:
        self._button.description, self._button.disabled = "Stopping", True
        self._stop()
