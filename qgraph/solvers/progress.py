"""The bar of a solver that takes more than a second: in a notebook with a Stop button, or in a terminal.

Solvers only write numbers into a `Watch`. One thread draws it, because a solver may be inside a long call.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import copy_context
from functools import partial
from typing import Any, Protocol, cast

from qgraph.base.checks import require

VARIABLE = "QGRAPH_PROGRESS"  # "0" turns all bars off
PATIENCE = 1.0  # s, before a bar appears
TICK = 0.2  # s, between two pictures
IDLE = 5.0  # s without a solver, after which the thread ends
HINT = "To stop with the best so far, interrupt the kernel."


class View(Protocol):
    """A bar on a screen."""

    def show(self, watch: Watch) -> None:
        """Draw what the solver has written."""

    def close(self) -> None:
        """Take the bar away."""


class Watch:
    """What a bar shows of the solver that runs, and whether its Stop was pressed.

    >>> watch = Watch("annealing", sign=-1.0)
    >>> watch.found("best", 12.0)
    >>> watch.found("best", 11.0)
    >>> watch.text(3.2)
    'annealing · best 12 · 3 s'
    """

    def __init__(
        self,
        solver: str,
        *,
        sign: float = 1.0,
        limit: float | None = None,
        new_view: Callable[[], View] | None = None,
    ) -> None:
        self.solver = solver
        self.share: float | None = None  # of the work that is done
        self.values: dict[str, float] = {}
        self.details = ""  # HTML that a notebook shows below the line
        self.stopped = False
        self._sign, self._limit, self._new_view = sign, limit, new_view
        self._began = time.perf_counter()
        self._view: View | None = None
        self._lock = threading.Lock()
        self._context = copy_context()  # in which a notebook finds the cell

    @property
    def drawn(self) -> bool:
        """Whether there is, or will be, a bar."""
        return self._new_view is not None

    def found(self, name: str, value: float) -> None:
        """Show a value. Of those called "best" the best one stays."""
        if name != "best" or self._sign * value < self._sign * self.values.get(
            name, self._sign * float("inf")
        ):
            self.values[name] = value

    def text(self, seconds: float) -> str:
        """The line of text beside the bar."""
        values = [f"{name} {value:.6g}" for name, value in self.values.items()]
        limit = "" if self._limit is None else f" of {self._limit:g} s"
        return " · ".join([self.solver, *values, f"{seconds:.0f}{limit or ' s'}"])

    @property
    def seconds(self) -> float:
        """The time since the start (s)."""
        return time.perf_counter() - self._began

    def draw(self) -> None:
        """Show the bar as it is now, if the solver has run for a second and has not ended."""
        with self._lock:
            if self._new_view is None or self.seconds < PATIENCE:
                return
            try:
                if self._view is None:
                    self._view = self._context.run(self._new_view)
                self._context.run(self._view.show, self)
            except Exception:  # a solver never fails because of its bar
                self._new_view = None

    def close(self) -> None:
        """Take the bar away."""
        with self._lock:
            self._new_view = None
            if self._view is not None:
                with suppress(Exception):
                    self._context.run(self._view.close)


class _Painter:
    """Draws the watch of the main thread. Its own thread ends when no solver has run for a while."""

    def __init__(self) -> None:
        self.watch: Watch | None = None
        self._ended = 0.0
        self._running = False
        self._lock = threading.Lock()

    def begin(self, watch: Watch) -> None:
        with self._lock:
            self.watch = watch
            if watch.drawn and not self._running:
                with suppress(RuntimeError):  # a platform without threads
                    threading.Thread(target=self._run, name="qgraph-progress", daemon=True).start()
                    self._running = True

    def end(self, watch: Watch) -> None:
        with self._lock:
            self.watch, self._ended = None, time.perf_counter()
        watch.close()

    def _run(self) -> None:
        while True:
            time.sleep(TICK)
            with self._lock:
                watch = self.watch
                if watch is None and time.perf_counter() - self._ended > IDLE:
                    self._running = False
                    return
            if watch is not None:
                watch.draw()


_painter = _Painter()


@contextmanager
def watching(
    solver: str, *, sign: float = 1.0, limit: float | None = None, wanted: bool = True
) -> Iterator[Watch]:
    """The watch of a solver. A solver that another solver calls shares the watch of the other.

    On other threads than the main one, and unless `wanted`, nothing is drawn. Raises `InvalidInput`.
    """
    require(isinstance(wanted, bool), "progress", "must be True or False", wanted)
    if threading.current_thread() is not threading.main_thread():
        yield Watch(solver)
    elif _painter.watch is not None:
        yield _painter.watch
    else:
        watch = Watch(solver, sign=sign, limit=limit, new_view=_new_view() if wanted else None)
        try:
            _painter.begin(watch)
            yield watch
        finally:
            _painter.end(watch)


def _new_view() -> Callable[[], View] | None:
    """Where a person would see a bar, or None."""
    processes = sys.modules.get("multiprocessing.process")
    if os.environ.get(VARIABLE) == "0" or (processes and processes.parent_process()):
        return None
    ipython = sys.modules.get("IPython")
    kernel = getattr(ipython.get_ipython(), "kernel", None) if ipython else None
    if kernel is None:
        return InTerminal if sys.stderr is not None and sys.stderr.isatty() else None
    # Programs that run notebooks, such as nbval and nbconvert, allow no input: nobody is there.
    parent = getattr(kernel, "get_parent", None)  # ipykernel has it
    request = parent("shell").get("content", {}) if parent else {}
    return partial(InNotebook, kernel) if request.get("allow_stdin") else None


class InTerminal:
    """A line at the bottom of a terminal."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn

        self._progress = Progress(
            SpinnerColumn(),
            BarColumn(bar_width=12),
            TextColumn("{task.description}", markup=False),
            console=Console(stderr=True, highlight=False, markup=False, emoji=False),
            transient=True,
            redirect_stdout=sys.stdout.isatty(),  # what goes into a file or a pipe stays there
        )
        self._task = self._progress.add_task("", total=None)

    def show(self, watch: Watch) -> None:
        """Draw what the solver has written."""
        total = None if watch.share is None else 1.0
        text = f"{watch.text(watch.seconds)} · Ctrl-C stops"
        self._progress.update(self._task, description=text, total=total, completed=watch.share or 0.0)
        self._progress.start()  # the first time; later this does nothing

    def close(self) -> None:
        """Take the line away."""
        self._progress.stop()


class InNotebook:
    """A line of widgets below the cell.

    The main thread is busy, so a click arrives only on a subshell: JupyterLab 4.4 and ipykernel 7 have them.
    Where there is none, a text names the way that always works.
    """

    def __init__(self, kernel: Any) -> None:
        import ipywidgets
        from IPython.display import display

        self._kernel = kernel
        self._bar = ipywidgets.FloatProgress(max=1.0, layout={"width": "120px", "display": "none"})
        self._text = ipywidgets.Label(layout={"margin": "2px 12px"})
        self._button = ipywidgets.Button(
            description="Stop",
            tooltip="Stop and return the best so far",
            layout={"display": "none", "width": "90px"},
        )
        self._hint = ipywidgets.Label(HINT)
        self._button.on_click(self._stop)
        # ipykernel 7.4 sends clicks to the shell in which the button was made, which is busy with this cell.
        self._button.comm._reply_subshell_for = lambda _, sender: sender
        self._watch: Watch | None = None
        self._line = ipywidgets.HBox(
            [self._bar, self._text, self._button, self._hint], layout={"flex_flow": "row wrap"}
        )
        self._details = ipywidgets.HTML()
        self._box = ipywidgets.VBox([self._line, self._details])
        view = {"version_major": 2, "version_minor": 0, "model_id": self._box.model_id}
        data = {"application/vnd.jupyter.widget-view+json": view, "text/plain": "qgraph is solving"}
        self._handle: Any = cast("Any", display)(data, raw=True, display_id=True)

    def _stop(self, _: object) -> None:
        if self._watch is not None:
            self._watch.stopped = True
            self._button.description, self._button.disabled = "Stopping", True

    @property
    def _hears(self) -> bool:
        """Whether the kernel receives clicks while it runs a cell."""
        thread = getattr(self._kernel, "shell_channel_thread", None)
        return thread is not None and bool(thread.manager.list_subshell())

    def show(self, watch: Watch) -> None:
        """Draw what the solver has written."""
        self._watch = watch
        self._text.value = watch.text(watch.seconds)
        self._bar.layout.display = "none" if watch.share is None else None
        self._bar.value = watch.share or 0.0
        self._details.value = watch.details
        if self._hears:
            self._button.layout.display, self._hint.layout.display = None, "none"

    def close(self) -> None:
        """Take the line away, also from the notebook's file: a saved view without its widget is an error."""
        self._handle.update({}, raw=True)
        for widget in (self._box, *self._box.children, *self._line.children):
            for part in (widget.layout, getattr(widget, "style", None), widget):
                if part is not None:
                    part.close()
