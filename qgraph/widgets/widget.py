"""What all widgets share: a graph or city that is edited by gestures, undone, shown and kept."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

import traitlets
from anywidget import AnyWidget

from qgraph.base.checks import require
from qgraph.base.errors import InvalidInput
from qgraph.models.city import City
from qgraph.models.graph import Graph
from qgraph.widgets import still
from qgraph.widgets.gestures import edited

if TYPE_CHECKING:
    from matplotlib.figure import Figure


MOST_UNDONE = 200
STATE_VERSION = 1


class Editor(AnyWidget):
    """A widget around a graph or a city: the base of the explorers.

    The script sends one message per gesture; here it becomes one new `graph`, or is refused with a reason.
    What the script draws is `_document`, which Python alone writes, so that all views agree.
    """

    graph = traitlets.Any()
    _document = traitlets.Dict().tag(sync=True)

    takes: ClassVar[tuple[type, ...]] = (Graph, City)

    def __init__(self, graph: Graph | City) -> None:
        self._lock = threading.RLock()  # messages may arrive on a thread of their own
        self._past: list[Graph | City] = []
        self._future: list[Graph | City] = []
        self._answers: dict[str, Any] = {}
        self._travelling = False
        super().__init__(graph=graph)
        self._publish()
        self.observe(self._on_graph, names="graph")
        self.on_msg(self._on_message)

    def close(self) -> None:
        """Let go of listeners and of the browser's side."""
        if self.comm is not None:
            self.unobserve(self._on_graph, names="graph")
            self.on_msg(self._on_message, remove=True)
        super().close()

    # -- the graph ----------------------------------------------------------------------------------

    @traitlets.validate("graph")
    def _valid_graph(self, proposal: Mapping[str, Any]) -> Graph | City:
        graph: Graph | City = proposal["value"]
        names = " or ".join(f"a qgraph.{kind.__name__}" for kind in self.takes)
        require(isinstance(graph, self.takes), "graph", f"must be {names}", graph)
        now = self._trait_values.get("graph")
        if now is not None and type(graph) is not type(now):
            raise InvalidInput(f"`graph` must stay a {type(now).__name__}, got {graph!r}")
        self._check(graph)
        return graph

    def _check(self, graph: Graph | City) -> None:
        """Raise `InvalidInput` for graphs that this widget cannot work with."""

    def _on_graph(self, change: Mapping[str, Any]) -> None:
        if not self._travelling:
            self._past = [*self._past, change["old"]][-MOST_UNDONE:]
            self._future = []
        self._publish()

    def undo(self) -> bool:
        """Take the last change back; False if there is none.

        >>> from qgraph.widgets import GraphEditor
        >>> editor = GraphEditor(Graph.ring(3))
        >>> editor.graph = Graph.ring(4)
        >>> editor.undo(), editor.graph, editor.undo()
        (True, Graph(3 nodes, 3 edges), False)
        """
        return self._travel(self._past, self._future)

    def redo(self) -> bool:
        """Make the last change that was taken back again; False if there is none."""
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

    # -- what the script is told --------------------------------------------------------------------

    def _publish(self) -> None:
        graph = self.graph
        document: dict[str, Any] = graph.model_dump(exclude_none=True, exclude={"metadata"})
        if isinstance(graph, Graph):
            for node, (x, y) in zip(document["nodes"], graph.positions().values(), strict=True):
                node.update(x=x, y=y)
        self._document = {
            **document,
            **self._extras(),
            "mode": "city" if isinstance(graph, City) else "graph",
            "undo": bool(self._past),
            "redo": bool(self._future),
            "answers": self._answers,
        }

    def _extras(self) -> dict[str, Any]:
        """What else is to be drawn."""
        return {}

    def _on_message(self, _: object, content: Any, __: object) -> None:
        if not isinstance(content, dict):
            return
        with self._lock:
            answers = {"view": content.get("view"), "number": content.get("number", 0)}
            if answers["number"]:
                self._answers = answers
            try:
                self._receive(content)
            except InvalidInput as error:
                self.send({"kind": "refused", "message": str(error), **answers})

    def _receive(self, content: Mapping[str, Any]) -> None:
        """Act on one message of the script. Raises `InvalidInput` if it cannot be done."""
        kind = content.get("kind")
        if kind in ("undo", "redo"):
            if not (self.undo() if kind == "undo" else self.redo()):
                raise InvalidInput(f"there is nothing to {kind}")
        elif kind == "edit":
            before = self.graph
            self.graph = edited(before, content.get("edit") or {})
            if self.graph == before:
                self._publish()  # nothing changed, but the script waits for an answer

    # -- still life ---------------------------------------------------------------------------------

    def state(self) -> dict[str, Any]:
        """Everything worth keeping, as plain JSON; `from_state` builds the widget again.

        >>> from qgraph.widgets import GraphEditor
        >>> GraphEditor.from_state(GraphEditor(Graph.ring(3)).state()).graph
        Graph(3 nodes, 3 edges)
        """
        graph = self.graph.model_dump(mode="json", exclude_none=True)
        return {"widget": type(self).__name__, "version": STATE_VERSION, "graph": graph}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Self:
        """The widget that `state()` described. Raises `InvalidInput`."""
        require(isinstance(state, dict), "state", "must be what `state()` gave", state)
        named, version = state.get("widget"), state.get("version")
        require(named == cls.__name__, "state", f"must be of a {cls.__name__}", named)
        require(version == STATE_VERSION, "state", f"must be of version {STATE_VERSION}", version)
        return cls._rebuilt(still.model_in(state), state)

    @classmethod
    def _rebuilt(cls, graph: Graph | City, _state: Mapping[str, Any]) -> Self:
        return cls(graph)

    def _figure(self) -> Figure:
        """The static figure."""
        raise NotImplementedError

    def _messages(self) -> list[tuple[dict[str, Any], list[bytes]]]:
        """What a view without Python needs to be told, with binary parts."""
        return []

    def snapshot(self, path: str | Path | None = None, *, format: str | None = None) -> bytes:  # noqa: A002
        """A picture, "png" or "svg"; also written to `path`, whose ending may name the format.

        >>> from qgraph.widgets import GraphEditor
        >>> GraphEditor(Graph.ring(3)).snapshot()[1:4]
        b'PNG'
        """
        return still.picture(self._figure(), path, format)

    def to_html(self, path: str | Path | None = None) -> str:
        """A page that shows the widget without Python and without a network, also written to `path`.

        >>> from qgraph.widgets import GraphEditor
        >>> GraphEditor(Graph.ring(3)).to_html()[:15]
        '<!doctype html>'
        """
        state = {name: value for name, value in self.get_state().items() if name in self._shown}
        return still.page(
            repr(self), self._esm, self._css, {**state, "_offline": True}, self._messages(), path
        )

    _shown: ClassVar[frozenset[str]] = frozenset({"_document"})

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.graph!r})"

    def _ipython_display_(self) -> None:
        """The live view, and a picture below it that shows wherever the live view does not."""
        still.display(self)
