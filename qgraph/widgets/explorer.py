"""Change QAOA's angles and see what they do."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from typing import Any, ClassVar, Self

import traitlets

from qgraph.base.checks import require, require_whole
from qgraph.base.errors import InvalidInput, shown
from qgraph.base.typing import Figure
from qgraph.models.city import City
from qgraph.models.graph import Graph
from qgraph.problems.independent_set import IndependentSet
from qgraph.problems.ising import Ising
from qgraph.problems.maxcut import MaxCut
from qgraph.problems.problem import Problem, require_problem
from qgraph.simulation.angles import check_angles
from qgraph.solvers.qaoa import schedules
from qgraph.solvers.qaoa.solve import Progress
from qgraph.solvers.result import Result
from qgraph.widgets import figures, still
from qgraph.widgets.assets import EDITOR, STYLE, joined
from qgraph.widgets.jobs import Jobs, Throttle
from qgraph.widgets.optimisation import Optimisation
from qgraph.widgets.scene import Scene
from qgraph.widgets.widget import Explorer, failure

MOST_NODES = 20
MOST_DEPTH = 12
LANDSCAPE_TICK = 0.4  # seconds between two pictures of a landscape that is being computed

Explored = MaxCut | IndependentSet | Ising


class QAOAExplorer(Explorer):
    """A graph, QAOA's angles and the state at these angles, all linked.

    Takes a graph (for MaxCut), `MaxCut`, `IndependentSet` or `Ising`, of at most 20 nodes. `angles` is
    `[gammas, betas]` (rad); script and Python both set it. `problem` follows the graph. `result` is that of
    the last optimisation.

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
    job_names: ClassVar[tuple[str, ...]] = ("problem", "view", "landscape")
    _shown: ClassVar[frozenset[str]] = frozenset({"_document", "angles"})
    _esm = joined(*EDITOR, "charts.js", "landscape.js", "solutions.js", "explorer.js")
    _css = joined(*STYLE, "explorer.css")

    def __init__(self, problem_or_graph: Problem | Graph, depth: int = 1) -> None:
        require_whole("depth", depth, 1, MOST_DEPTH)
        if isinstance(problem_or_graph, Graph):
            problem_or_graph = MaxCut(problem_or_graph)
        require_problem(problem_or_graph)
        if not isinstance(problem_or_graph, Explored):
            known = "a graph, MaxCut, IndependentSet or Ising (RouteExplorer is for cities)"
            raise InvalidInput(f"`problem_or_graph` must be {known}, got {shown(problem_or_graph)}")
        self._run: Optimisation | None = None
        # Not the widget's lock: observers are called under it, and one may wait for an optimisation.
        self._scene_lock, self._run_lock = threading.Lock(), threading.Lock()
        self._original = problem_or_graph
        self._scene: tuple[object, Scene] | None = None
        super().__init__(problem_or_graph.graph)
        self.angles = [list(row) for row in self.scene.first_angles(depth)]

    def __repr__(self) -> str:
        scene = self.scene
        bound = "most" if scene.problem.sense == "maximize" else "least"
        value = f"expectation {self.expectation():.6g} of at {bound} {scene.optimum:.6g}"
        return f"QAOAExplorer({self.problem!r}, depth {self.depth}, {value})"

    def close(self) -> None:
        """Stop what runs, and close the browser's side."""
        if self.comm is not None:
            self.cancel()
        super().close()

    # -- graph, problem and angles ------------------------------------------------------------------

    @property
    def problem(self) -> Explored:
        """The problem on the graph as it is now."""
        return self._original.on(self.graph)

    @property
    def scene(self) -> Scene:
        """The problem, prepared. It stays the same while nodes only move."""
        with self._scene_lock:
            key = self.graph.ids, self.graph.edges
            if self._scene is None or self._scene[0] != key:
                self._scene = key, Scene(self.problem)
            return self._scene[1]

    @property
    def depth(self) -> int:
        """The number of layers. New layers get interpolated angles; fewer layers keep the first angles."""
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
        self._original.on(graph)  # type: ignore[arg-type]  # `takes` allows only graphs

    def expectation(self) -> float:
        """<C> at the angles.

        >>> round(QAOAExplorer(Graph.ring(6)).expectation(), 9)
        4.5
        """
        return self.scene.state(self.angles).expectation()

    def use_preset(self, name: str) -> None:
        """Take published angles by their name in `presets`. Raises `InvalidInput` for other names."""
        require(name in self.presets, "name", f"must be one of {self.presets}", name)
        self.angles = [list(row) for row in self.scene.presets[name](self.depth)]

    @property
    def presets(self) -> list[str]:
        """The names of published angles that apply to this problem.

        >>> QAOAExplorer(Graph.ring(6)).presets
        ['Wang, Hadfield, Jiang, Rieffel 2018: depth 1', 'Sack, Serbyn 2021: linear ramp']
        """
        return list(self.scene.presets)

    # -- optimisation -------------------------------------------------------------------------------

    def optimise(self, *, start: str = "here", seed: int = 0, wait: bool = True) -> Result | None:
        """Optimise the angles, starting at the present ones ("here") or at depth 1 ("interpolate").

        It runs in the background. With `wait` this returns at the end, and the notebook's stop button
        cancels. A cancelled optimisation changes nothing and returns None. Raises `InvalidInput` while
        another one runs.

        >>> explorer = QAOAExplorer(Graph.ring(6), depth=2)
        >>> round(explorer.optimise().expectation, 6), explorer.result.depth
        (5.0, 2)
        """
        require(start in ("here", "interpolate"), "start", 'must be "here" or "interpolate"', start)
        with self._run_lock:
            if self._run is not None:
                raise InvalidInput("an optimisation is running; cancel it first")
            run = self._run = Optimisation(self._report, self._finished, Jobs(["optimise"], self._failed))
        self.running = True
        self.send({"kind": "progress", "running": True, "points": []})
        run.begin(self.problem, self.angles, start, seed)
        if not wait:
            return None
        try:
            return run.wait()
        except KeyboardInterrupt:
            self.cancel()
            raise

    def cancel(self) -> bool:
        """Stop a running optimisation; angles and result stay unchanged. Returns False if none runs."""
        with self._run_lock:
            run, self._run = self._run, None
        if run is None:
            return False
        run.jobs.cancel()
        self.running = False
        self.send({"kind": "finished", "message": "Cancelled. The angles are unchanged."})
        self._look()
        return True

    def _report(self, run: Optimisation, progress: Progress) -> None:
        if self._watched:
            view = self.scene.view_message([progress.gammas, progress.betas], live=True)
            if not run.jobs.cancelled:  # the view took a while
                self.send({"kind": "progress", "running": True, "points": list(run.points)})
                self.send(*view)

    def _finished(self, run: Optimisation) -> None:
        with self._run_lock:
            if self._run is not run:
                return  # cancelled
            self._run = None
        message = ""
        if run.error is not None:
            message = f"Failed: {failure(run.error)}"
        elif run.result is not None:
            message = f"Optimised: {run.result.expectation:.6g}."
            self.result = run.result
            self.angles = [list(run.result.gammas), list(run.result.betas)]
        self.running = False
        self.send({"kind": "progress", "running": False, "points": run.points})
        self.send({"kind": "finished", "message": message})
        self._look()

    # -- states, pictures and pages -----------------------------------------------------------------

    def _own_state(self) -> dict[str, Any]:
        result = None if self.result is None else self.result.model_dump(mode="json")
        return {"problem": json.loads(self.problem.to_json()), "angles": self.angles, "result": result}

    @classmethod
    def _rebuilt(cls, graph: Any, state: Mapping[str, Any]) -> Self:
        explorer = cls(still.problem_in(state, graph))
        explorer.angles = state.get("angles")
        explorer.result = still.result_in(state)
        return explorer

    def _messages(self) -> list[still.Message]:
        scene = self.scene
        scene.finish_landscape()
        view = scene.view_message(self.angles)
        return [scene.problem_message(), view, scene.landscape_message(), (self._history(), [])]

    def _history(self) -> dict[str, Any]:
        """The course of the last optimisation, for views that came later."""
        history = () if self.result is None else self.result.history
        points = [(step.evaluations, step.value, step.depth) for step in history]
        return {"kind": "progress", "running": self.running, "points": points}

    def _figure(self) -> Figure:
        return figures.explorer(self.scene, self.graph, self.angles, repr(self))

    # -- what is shown ------------------------------------------------------------------------------

    @traitlets.observe("angles")
    def _on_angles(self, _: object) -> None:
        self._look()

    def _follow(self, old: Graph) -> None:
        if (old.ids, old.edges) != (self.graph.ids, self.graph.edges):
            self.cancel()
            self._begin()

    def _begin(self) -> None:
        self._ask("problem", self._send_problem)

    def _look(self) -> None:
        self._ask("view", self._send_view)

    def _send_problem(self) -> None:
        self.send(*self.scene.problem_message())
        self._send_view()
        if not self.running:
            self.send(self._history())
        self._ask("landscape", self._send_landscape)

    def _send_view(self) -> None:
        self.send(*self.scene.view_message(self.angles))

    def _send_landscape(self) -> None:
        scene, report = self.scene, Throttle(LANDSCAPE_TICK)
        while scene.landscape_row():
            if self._jobs.should_stop("landscape"):
                self._ask("landscape", self._send_landscape)
                return
            report(lambda: self.send(*scene.landscape_message()))
        self.send(*scene.landscape_message())

    def _failed(self, error: Exception) -> None:
        self.send({"kind": "finished", "message": failure(error)})

    def _receive(self, content: Mapping[str, Any]) -> None:
        kind, value = content.get("kind"), content.get("value")
        if kind == "preset":
            self.use_preset(str(value))
        elif kind == "optimise":
            self.optimise(start=str(value), wait=False)
        elif kind == "cancel":
            self.cancel()
        else:
            super()._receive(content)
