"""What all widgets share: a graph or city with gestures, undo, saved states and pictures."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Self

import traitlets
from anywidget import AnyWidget

from qgraph.base.checks import require
from qgraph.base.errors import InvalidInput, QGraphError
from qgraph.base.typing import Figure
from qgraph.models.city import City
from qgraph.models.graph import Graph
from qgraph.widgets import states, still
from qgraph.widgets.drawing import Drawing, is_placed
from qgraph.widgets.gestures import edited
from qgraph.widgets.jobs import InOrder, Job, Jobs
from qgraph.widgets.messages import Message

MOST_UNDONE = 200
STATE_VERSION = 1


class GraphWidget(AnyWidget):
    """The base of all widgets: it shows a graph or a city, which gestures change.

    The script sends one message per gesture. Python turns it into a new `graph`, or refuses it with a
    reason. The script draws `_document`, which only Python writes, so all views agree.
    """

    graph = traitlets.Any()
    _document = traitlets.Dict().tag(sync=True)

    takes: ClassVar[tuple[type, ...]] = (Graph, City)
    _shown: ClassVar[frozenset[str]] = frozenset({"_document"})

    def __init__(self, graph: Graph | City) -> None:
        self._lock = threading.RLock()  # messages may arrive on a thread of their own
        self._past: list[Graph | City] = []
        self._future: list[Graph | City] = []
        self._answers: dict[str, Any] = {}
        self._picture = still.Picture(self)
        self._viewed = False  # whether a browser has sent anything
        self._drawing = Drawing()
        self._travelling = False
        super().__init__(graph=graph)
        self._publish()
        self._in_order = InOrder(self._answer)
        self.on_msg(self._on_message)

    # -- the graph ----------------------------------------------------------------------------------

    @traitlets.validate("graph")
    def _valid_graph(self, proposal: Mapping[str, Any]) -> Graph | City:
        graph: Graph | City = proposal["value"]
        names = " or ".join(f"a qgraph.{taken.__name__}" for taken in self.takes)
        require(isinstance(graph, self.takes), "graph", f"must be {names}", graph)
        now = self._trait_values.get("graph")
        if now is not None:
            require(type(graph) is type(now), "graph", f"must stay a {type(now).__name__}", graph)
        self._check(graph)
        return graph

    def _check(self, graph: Graph | City) -> None:
        """Raise `InvalidInput` for graphs that this widget cannot work with."""

    @traitlets.observe("graph")
    def _on_graph(self, change: Mapping[str, Any]) -> None:
        if self.comm is None:  # not yet open, or closed
            return
        if not self._travelling:
            self._past = [*self._past, change["old"]][-MOST_UNDONE:]
            self._future = []
        self._publish()
        self._follow(change["old"])

    def _follow(self, old: Any) -> None:
        """Follow `graph`, which was `old`."""

    def undo(self) -> bool:
        """Undo the last change. Returns False if there is none.

        >>> from qgraph.widgets import GraphEditor
        >>> editor = GraphEditor(Graph.ring(3))
        >>> editor.graph = Graph.ring(4)
        >>> editor.undo(), editor.graph, editor.undo()
        (True, Graph(3 nodes, 3 edges), False)
        """
        return self._travel(self._past, self._future)

    def redo(self) -> bool:
        """Redo the last change that was undone. Returns False if there is none."""
        return self._travel(self._future, self._past)

    def _travel(self, source: list[Graph | City], target: list[Graph | City]) -> bool:
        with self._lock:
            if not source:
                return False
            self._travelling = True
            try:
                target.append(self.graph)
                self.graph = source.pop()
            finally:
                self._travelling = False
            self._publish()
            return True

    # -- messages -----------------------------------------------------------------------------------

    def _publish(self) -> None:
        graph = self.graph
        self._document = {
            **self._drawing.document(graph),
            **self._marks(),
            "undo": bool(self._past),
            "redo": bool(self._future),
            "answers": self._answers,
        }
        self._touch()

    def _touch(self) -> None:
        """Keep the picture below the view up to date, if there is a view."""
        if self._viewed:
            self._picture.touch()

    def _marks(self) -> dict[str, Any]:
        """What is drawn on the graph."""
        return {}

    def _on_message(self, _: object, content: Any, __: object) -> None:
        self._viewed = True
        if isinstance(content, dict):
            self._in_order.take(content)

    def _answer(self, content: Mapping[str, Any]) -> None:
        with self._lock:
            answers = {"view": content.get("view"), "number": content.get("number", 0)}
            if answers["number"]:
                self._answers = answers
            try:
                self._receive(content)
            except QGraphError as error:
                self.send({"kind": "refused", "message": str(error), **answers})

    def _receive(self, content: Mapping[str, Any]) -> None:
        """Act on one message of the script. Raises `InvalidInput` if that is not possible."""
        kind = content.get("kind")
        if kind in ("undo", "redo"):
            if not (self.undo() if kind == "undo" else self.redo()):
                raise InvalidInput(f"there is nothing to {kind}")
        elif kind == "edit":
            before = self.graph
            self.graph = edited(before, content.get("edit") or {}, self._drawing)
            if self.graph == before:
                self._publish()  # nothing changed, but the script waits for an answer
        elif kind == "aspect":
            if self._drawing.fit(content.get("value")) and not is_placed(self.graph):
                self._publish()
        elif kind == "export":
            self.send({"kind": "exported", "view": content.get("view"), "text": self.graph.to_json()})

    # -- states, pictures and pages -----------------------------------------------------------------

    def state(self) -> dict[str, Any]:
        """Everything worth saving, as plain JSON. `from_state` makes the widget from it.

        >>> from qgraph.widgets import GraphEditor
        >>> GraphEditor.from_state(GraphEditor(Graph.ring(3)).state()).graph
        Graph(3 nodes, 3 edges)
        """
        graph = self.graph.model_dump(mode="json", exclude_none=True)
        name = type(self).__name__
        return {"widget": name, "version": STATE_VERSION, "graph": graph, **self._own_state()}

    def _own_state(self) -> dict[str, Any]:
        """What `_rebuilt` needs besides the graph."""
        return {}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Self:
        """The widget that `state()` described. Raises `InvalidInput`."""
        require(isinstance(state, dict), "state", "must come from `state()`", state)
        name, version = state.get("widget"), state.get("version")
        require(name == cls.__name__, "state", f"must be of a {cls.__name__}", name)
        require(version == STATE_VERSION, "state", f"must be of version {STATE_VERSION}", version)
        graph = states.graph_in(state)
        names = " or ".join(f"a {taken.__name__.lower()}" for taken in cls.takes)
        require(isinstance(graph, cls.takes), "state", f"must hold {names}", graph)
        return cls._rebuilt(graph, state)

    @classmethod
    def _rebuilt(cls, graph: Any, state: Mapping[str, Any]) -> Self:
        """A widget around `graph`, with what `_own_state` saved."""
        raise NotImplementedError

    def _figure(self) -> Figure:
        """The static figure."""
        raise NotImplementedError

    def _messages(self) -> list[Message]:
        """The messages that a page without Python needs."""
        return []

    def snapshot(self, path: str | Path | None = None, *, format: str | None = None) -> bytes:  # noqa: A002
        """A picture, "png" or "svg". It is also written to `path`, whose suffix may name the format.

        >>> from qgraph.widgets import GraphEditor
        >>> GraphEditor(Graph.ring(3)).snapshot()[1:4]
        b'PNG'
        """
        return still.picture(self._figure(), path, format)

    def to_html(self, path: str | Path | None = None) -> str:
        """A page that shows the widget without Python and without a network. Also written to `path`.

        >>> from qgraph.widgets import GraphEditor
        >>> GraphEditor(Graph.ring(3)).to_html()[:15]
        '<!doctype html>'
        """
        return still.page(self, path)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.graph!r})"

    def _ipython_display_(self) -> None:
        """Show the live view, and a picture that replaces it where there is no kernel."""
        self._picture.show()


class Explorer(GraphWidget):
    """A widget that computes what it shows in the background. Nothing is computed before there is a view."""

    job_names: ClassVar[tuple[str, ...]]
    depth: Any

    def __init__(self, graph: Graph | City) -> None:
        self._jobs = Jobs(self.job_names, self._failed)
        self._watched = False
        super().__init__(graph)

    def close(self) -> None:
        """Stop what runs, and close the browser's side."""
        if self.comm is not None:
            self._watched = False
            self._jobs.cancel()
        super().close()

    def _ask(self, name: str, job: Job) -> None:
        """Run a job in the background if there is a view."""
        if self._watched:
            self._jobs.ask(name, job)

    def _follow(self, _old: Any) -> None:
        self._begin()

    def _begin(self) -> None:
        """Ask for everything that a view shows."""
        raise NotImplementedError

    def _failed(self, error: Exception) -> None:
        """Tell the views that a job has failed."""
        self.send({"kind": "failed", "message": failure(error)})

    def _receive(self, content: Mapping[str, Any]) -> None:
        kind = content.get("kind")
        if kind == "hello":
            self._watched = True
            self._begin()
        elif kind == "depth":
            self.depth = content.get("value")
        else:
            super()._receive(content)


def failure(error: Exception) -> str:
    """An error as text: its message, and its type if qgraph did not raise it.

    >>> failure(InvalidInput("`depth` must be at least 1")), failure(KeyError("a"))
    ('`depth` must be at least 1', "KeyError: 'a'")
    """
    return str(error) if isinstance(error, QGraphError) else f"{type(error).__name__}: {error}"
