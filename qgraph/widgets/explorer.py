"""Turn QAOA's angles and watch what they do."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Self

import traitlets

from qgraph.base.checks import require, require_whole
from qgraph.base.errors import InvalidInput, QGraphError
from qgraph.models.city import City
from qgraph.models.graph import Graph
from qgraph.problems.base import Problem, require_problem
from qgraph.problems.maxcut import MaxCut
from qgraph.simulation.angles import check_angles
from qgraph.solvers.qaoa import schedules
from qgraph.solvers.qaoa.solve import Progress
from qgraph.solvers.result import Result
from qgraph.widgets import figures, kinds, still
from qgraph.widgets.assets import EDITOR, joined
from qgraph.widgets.jobs import Run, Worker
from qgraph.widgets.scene import Bench
from qgraph.widgets.widget import Editor

if TYPE_CHECKING:
    from matplotlib.figure import Figure


MOST_NODES = 20
MOST_DEPTH = 12
POLL = 0.05  # seconds between two looks at the stop button
LANDSCAPE_TICK = 0.4


class QAOAExplorer(Editor):
    """A graph, QAOA's angles, and what the state makes of them, all linked.

    Takes a graph (for MaxCut), `MaxCut`, `IndependentSet` or `Ising`, of at most 20 nodes. `angles` is
    `[gammas, betas]` (rad), both ways; `problem` follows the graph; `result` is that of the last
    optimisation.

    >>> explorer = QAOAExplorer(Graph.ring(6))
    >>> explorer
    QAOAExplorer(MaxCut(Graph(6 nodes, 6 edges)), depth 1, expectation 4.5 of at most 6)
    >>> explorer.depth = 2
    >>> [len(row) for row in explorer.angles]
    [2, 2]
    """

    angles: Any = traitlets.List().tag(sync=True)
    result = traitlets.Any(None)
    running = traitlets.Bool(False)

    takes: ClassVar[tuple[type, ...]] = (Graph,)
    _shown: ClassVar[frozenset[str]] = frozenset({"_document", "angles"})
    _esm = joined(*EDITOR, "charts.js", "landscape.js", "solutions.js", "explorer.js")
    _css = joined("widget.css", "explorer.css")

    def __init__(self, problem_or_graph: Problem | Graph, depth: int = 1) -> None:
        require_whole("depth", depth, 1, MOST_DEPTH)
        if isinstance(problem_or_graph, Graph):
            problem_or_graph = MaxCut(problem_or_graph)
        require_problem(problem_or_graph)
        self._worker = Worker(["problem", "view", "landscape"], self._failed)
        self._run: Run | None = None
        # Locks of their own: whoever waits for a run may be an observer, called under the editor's lock.
        self._bench_lock, self._run_lock = threading.Lock(), threading.Lock()
        self._watched = False
        self._original = problem_or_graph
        self._bench: tuple[object, Bench] | None = None
        super().__init__(kinds.graph_of(problem_or_graph))
        self.angles = [list(row) for row in self.bench.first_angles(depth)]
        self.observe(self._on_angles, names="angles")

    def __repr__(self) -> str:
        bench = self.bench
        found = f"expectation {self.expectation():.6g} of at most {bench.optimum:.6g}"
        most = found if bench.problem.sense == "maximize" else found.replace("most", "least")
        return f"QAOAExplorer({self.problem!r}, depth {self.depth}, {most})"

    def close(self) -> None:
        """Stop what runs, let go of listeners and of the browser's side."""
        if self.comm is not None:
            self.cancel()
            self._worker.forget()
            self.unobserve(self._on_angles, names="angles")
        super().close()

    # -- graph, problem and angles ------------------------------------------------------------------

    @property
    def problem(self) -> Problem:
        """The problem that the graph stands for now."""
        return kinds.rebuilt(self._original, self.graph)

    @property
    def bench(self) -> Bench:
        """The problem, prepared; moving nodes is no change."""
        with self._bench_lock:
            key = self.graph.ids, self.graph.edges
            if self._bench is None or self._bench[0] != key:
                self._bench = key, Bench(self.problem)
            return self._bench[1]

    @property
    def depth(self) -> int:
        """The number of layers. More layers get interpolated angles, fewer lose the last."""
        return len(self.angles[0])

    @depth.setter
    def depth(self, depth: int) -> None:
        require_whole("depth", depth, 1, MOST_DEPTH)
        rows = [tuple(row[:depth]) for row in self.angles]
        while len(rows[0]) < depth:
            rows = [schedules.interpolate(row) for row in rows]
        self.angles = [list(row) for row in rows]

    @traitlets.validate("angles")
    def _valid_angles(self, proposal: Mapping[str, Any]) -> list[list[float]]:
        rows = proposal["value"]
        require(isinstance(rows, (list, tuple)) and len(rows) == 2, "angles", "must be [gammas, betas]", rows)
        gammas, betas = check_angles(*rows)
        require(1 <= len(gammas) <= MOST_DEPTH, "angles", f"must have 1 to {MOST_DEPTH} layers", len(gammas))
        return [gammas.tolist(), betas.tolist()]

    def _check(self, graph: Graph | City) -> None:
        nodes = len(graph.nodes)
        require(1 <= nodes <= MOST_NODES, "graph", f"must have 1 to {MOST_NODES} nodes here", nodes)
        kinds.rebuilt(self._original, graph)  # type: ignore[arg-type]  # `takes` says so

    def expectation(self) -> float:
        """<C> at the angles.

        >>> round(QAOAExplorer(Graph.ring(6)).expectation(), 9)
        4.5
        """
        return self.bench.state(self.angles).expectation()

    def use_preset(self, name: str) -> None:
        """Take published angles, by the name that `presets` gives them."""
        require(name in self.presets, "name", f"must be one of {self.presets}", name)
        self.angles = [list(row) for row in self.bench.presets[name](self.depth)]

    @property
    def presets(self) -> list[str]:
        """The names of published angles that apply to this problem.

        >>> QAOAExplorer(Graph.ring(6)).presets
        ['Wang, Hadfield, Jiang, Rieffel 2018: depth 1', 'Sack, Serbyn 2021: linear ramp']
        """
        return list(self.bench.presets)

    # -- optimisation -------------------------------------------------------------------------------

    def optimise(self, *, start: str = "here", seed: int = 0, wait: bool = True) -> Result | None:
        """Optimise the angles from where they are ("here") or from depth 1 on ("interpolate").

        Runs in the background; with `wait` returns when done, and the notebook's stop button cancels. A
        cancelled run changes nothing and returns None.

        >>> explorer = QAOAExplorer(Graph.ring(6), depth=2)
        >>> round(explorer.optimise().expectation, 6), explorer.result.depth
        (5.0, 2)
        """
        require(start in ("here", "interpolate"), "start", 'must be "here" or "interpolate"', start)
        with self._run_lock:
            if self._run is not None:
                raise InvalidInput("an optimisation is running; cancel it first")
            run = self._run = Run(self, start, seed)
        self.running = True
        self.send({"kind": "progress", "running": True, "points": []})
        run.thread.start()
        if not wait:
            return None
        try:
            while run.thread.is_alive():
                run.thread.join(POLL)
        except KeyboardInterrupt:
            self.cancel()
            raise
        if run.error is not None:
            raise run.error
        return None if run.cancelled.is_set() else run.result

    def cancel(self) -> bool:
        """Stop a running optimisation and keep everything as it was before; False if none runs."""
        with self._run_lock:
            run, self._run = self._run, None
        if run is None:
            return False
        run.cancelled.set()
        self.running = False
        self.send({"kind": "finished", "message": "Cancelled. The angles are unchanged."})
        self._look()
        return True

    def _finished(self, run: Run) -> None:
        with self._run_lock:
            if self._run is not run:
                return
            self._run = None
        if run.error is None and run.result is not None:
            self.result = run.result
            self.angles = [list(run.result.gammas), list(run.result.betas)]
        self.running = False
        self.send({"kind": "progress", "running": False, "points": run.points})
        done = "" if run.result is None else f"Optimised: {run.result.expectation:.6g}."
        self.send({"kind": "finished", "message": done if run.error is None else f"Failed: {run.error}"})
        self._look()

    def _show_progress(self, run: Run, progress: Progress) -> None:
        if self._run is run and self._watched:
            angles = [progress.gammas, progress.betas]
            content, parts = self.bench.view(angles).message(angles, live=True)
            if self._run is run:
                self.send({"kind": "progress", "running": True, "points": list(run.points)})
                self.send(content, parts)

    # -- still life ---------------------------------------------------------------------------------

    def state(self) -> dict[str, Any]:
        """Everything worth keeping, as plain JSON; `from_state` builds the widget again.

        >>> QAOAExplorer(Graph.ring(3)).state()["problem"]
        {'kind': 'MaxCut'}
        """
        result = None if self.result is None else self.result.model_dump(mode="json")
        own = {"problem": kinds.described(self.problem), "angles": self.angles, "result": result}
        return {**super().state(), **own}

    @classmethod
    def _rebuilt(cls, graph: Graph | City, state: Mapping[str, Any]) -> Self:
        require(isinstance(graph, Graph), "state", "must hold a graph", graph)
        explorer = cls(kinds.read(state.get("problem"), graph))  # type: ignore[arg-type]  # just checked
        explorer.angles = state.get("angles")
        if state.get("result") is not None:
            explorer.result = still.checked(Result, state["result"])
        return explorer

    def _messages(self) -> list[tuple[dict[str, Any], list[bytes]]]:
        bench = self.bench
        bench.finish_landscape()
        said = [bench.message(), bench.view(self.angles).message(self.angles), bench.landscape_message()]
        return [*said, (self._history(), [])]

    def _history(self) -> dict[str, Any]:
        """How the last optimisation went, for views that have not seen it."""
        history = () if self.result is None else self.result.history
        points = [(step.evaluations, step.value, step.depth) for step in history]
        return {"kind": "progress", "running": self.running, "points": points}

    def _figure(self) -> Figure:
        return figures.explorer(self.bench, self.graph, self.angles, repr(self))

    # -- what is shown ------------------------------------------------------------------------------

    def _on_angles(self, _: object) -> None:
        self._look()

    def _on_graph(self, change: Mapping[str, Any]) -> None:
        super()._on_graph(change)
        old, new = change["old"], change["new"]
        if (old.ids, old.edges) != (new.ids, new.edges):
            self.cancel()
            self._begin()

    def _look(self) -> None:
        if self._watched:
            self._worker.ask("view", self._send_view)

    def _begin(self) -> None:
        if self._watched:
            self._worker.ask("problem", self._send_problem)

    def _send_problem(self) -> None:
        self.send(*self.bench.message())
        self._send_view()
        if not self.running:
            self.send(self._history())
        self._worker.ask("landscape", self._send_landscape)

    def _send_view(self) -> None:
        angles = self.angles
        self.send(*self.bench.view(angles).message(angles))

    def _send_landscape(self) -> None:
        bench, told = self.bench, time.monotonic()
        while bench.landscape_row():
            if self._worker.pressed("landscape"):
                self._worker.ask("landscape", self._send_landscape)
                return
            if time.monotonic() - told > LANDSCAPE_TICK:
                told = time.monotonic()
                self.send(*bench.landscape_message())
        self.send(*bench.landscape_message())

    def _failed(self, error: Exception) -> None:
        said = str(error) if isinstance(error, QGraphError) else f"{type(error).__name__}: {error}"
        self.send({"kind": "finished", "message": said})

    def _receive(self, content: Mapping[str, Any]) -> None:
        kind, value = content.get("kind"), content.get("value")
        if kind == "hello":
            self._watched = True
            self._begin()
        elif kind == "depth":
            self.depth = value  # type: ignore[assignment]
        elif kind == "preset":
            self.use_preset(str(value))
        elif kind == "optimise":
            self.optimise(start=str(value), wait=False)
        elif kind == "cancel":
            self.cancel()
        else:
            super()._receive(content)
