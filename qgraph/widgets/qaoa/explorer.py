"""Change QAOA's angles and see what they do."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from typing import Any, ClassVar, Self

import traitlets

from qgraph.base.checks import require
from qgraph.base.errors import InvalidInput
from qgraph.models.graph import Graph
from qgraph.problems.problem import Problem
from qgraph.solvers.qaoa.solve import Progress
from qgraph.solvers.result import Result
from qgraph.widgets import states
from qgraph.widgets.assets import EDITOR, STYLE, joined
from qgraph.widgets.jobs import Jobs, Throttle
from qgraph.widgets.messages import Message
from qgraph.widgets.qaoa.angled import AngledProblem
from qgraph.widgets.qaoa.beside import Beside
from qgraph.widgets.qaoa.optimisation import Optimisation
from qgraph.widgets.qaoa.settings import NAMES
from qgraph.widgets.widget import failure

PARTS = ("charts", "plots", "landscape", "solutions", "angles", "choices", "circuit", "share")
LANDSCAPE_TICK = 0.4  # seconds between two pictures of a landscape that is being computed
LONGEST_STATE = 2_000_000  # characters of a saved state


class QAOAExplorer(AngledProblem):
    """A problem on a graph, QAOA's angles and the state at these angles, all linked.

    Takes a graph (for MaxCut) or any problem on a graph, of at most 5000 nodes. Up to 24 qubits everything
    comes from the state. Above that there are expectations, the landscape, correlations at depth 1, and
    solutions by other solvers. `angles` is `[gammas, betas]` (rad), `settings` holds the choices of
    `Settings`; script and Python both set them. `problem` follows the graph. `result` is that of the last
    optimisation.

    >>> explorer = QAOAExplorer(Graph.ring(6))
    >>> explorer
    QAOAExplorer(MaxCut(Graph(6 nodes, 6 edges)), depth 1, expectation 4.5 of at most 6)
    >>> explorer.depth = 2
    >>> [len(row) for row in explorer.angles]
    [2, 2]
    """

    result = traitlets.Any(None)

    job_names: ClassVar[tuple[str, ...]] = ("problem", "view", "layers", "landscape")
    _esm = joined(*EDITOR, *(f"qaoa/{name}.js" for name in (*PARTS, "explorer", "panels", "pictures")))
    _css = joined(*STYLE, "qaoa/charts.css", "qaoa/explorer.css")

    def __init__(self, problem_or_graph: Problem | Graph, depth: int = 1) -> None:
        self._run: Optimisation | None = None
        self._run_lock = threading.Lock()
        self._beside = Beside(self)
        super().__init__(problem_or_graph, depth)

    def close(self) -> None:
        """Stop what runs, and close the browser's side."""
        if self.comm is not None:
            self._stop()
            self._beside.jobs.cancel()
        super().close()

    # -- optimisation -------------------------------------------------------------------------------

    def optimise(self, *, start: str = "here", seed: int = 0, wait: bool = True) -> Result | None:
        """Optimise the angles, starting at the present ones ("here") or at depth 1 ("interpolate").

        The settings say what is optimised, the mean or the CVaR, and from how many starts. It runs in the
        background. With `wait` this returns at the end. The notebook's stop button then ends it early: the
        best so far is kept and returned. Raises `InvalidInput` while another one runs.

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
        self.send({"kind": "progress", "running": True, "first": 0, "points": []})
        run.begin(self.scene, self.angles, self.chosen, start=start, seed=seed)
        if not wait:
            return None
        try:
            return run.wait()
        except KeyboardInterrupt:
            self.cancel()
            if run.wait() is None:
                raise
            return run.result

    def cancel(self) -> bool:
        """Stop a running optimisation and keep its best angles so far. Returns False if none runs."""
        run = self._stop()
        if run is None:
            return False
        message = "Stopped before the first result. The angles are unchanged."
        if run.latest is not None:
            best = run.latest
            self.angles = [list(best.gammas), list(best.betas)]
            message = f"Stopped. These are the best angles so far: {best.value:.6g}."
        self.send({"kind": "finished", "message": message})
        self._look()
        return True

    def _stop(self) -> Optimisation | None:
        """Tell a running optimisation to end. Returns it, or None."""
        with self._run_lock:
            run, self._run = self._run, None
        if run is not None:
            run.jobs.cancel()
            self.running = False
        return run

    def _report(self, run: Optimisation) -> None:
        def draw(progress: Progress) -> None:
            scene, angles = self.scene, [progress.gammas, progress.betas]
            view = scene.view_message(angles, self.chosen, live=True, every=scene.quick)
            if not run.jobs.cancelled:  # the view took a while
                self.send(*view)

        if self._watched:
            self.send(run.news())
            run.picture(draw)

    def _finished(self, run: Optimisation) -> None:
        with self._run_lock:
            current = self._run is run
            if current:
                self._run = None
        if not current:
            self._keep(run)
            return
        message = ""
        if run.error is not None:
            message = f"Failed: {failure(run.error)}"
        elif run.result is not None:
            message = f"Optimised: {run.result.expectation:.6g}."
            self.result = run.result
            self.angles = [list(run.result.gammas), list(run.result.betas)]
        self.running = False
        self.send({**run.news(), "running": False})
        self.send({"kind": "finished", "message": message})
        self._look()

    def _keep(self, run: Optimisation) -> None:
        """Keep the result of a run that was cancelled, if its angles are still shown."""
        best = run.latest
        if run.result is None or best is None or self.running:
            return
        if self.angles == [list(best.gammas), list(best.betas)]:
            self.result = run.result

    # -- states and pages ---------------------------------------------------------------------------

    def _own_state(self) -> dict[str, Any]:
        result = None if self.result is None else self.result.model_dump(mode="json")
        return {**super()._own_state(), "result": result}

    @classmethod
    def _rebuilt(cls, graph: Any, state: Mapping[str, Any]) -> Self:
        explorer = super()._rebuilt(graph, state)
        explorer.result = states.result_in(state)
        return explorer

    def load(self, state: Mapping[str, Any] | str) -> None:
        """Show what `state()` described, also as JSON text. Raises `InvalidInput`; then nothing changes.

        >>> explorer, other = QAOAExplorer(Graph.ring(6)), QAOAExplorer(Graph.ring(3), depth=2)
        >>> explorer.load(json.dumps(other.state()))
        >>> explorer
        QAOAExplorer(MaxCut(Graph(3 nodes, 3 edges)), depth 2, expectation 1.992 of at most 2)
        """
        described: Any = state
        if isinstance(state, str):
            short = len(state) <= LONGEST_STATE
            require(short, "state", f"must have at most {LONGEST_STATE} characters", len(state))
            try:
                described = json.loads(state)
            except ValueError:
                raise InvalidInput("`state` must be JSON that `state()` gave, got other text") from None
        other = type(self).from_state(described)
        try:
            self._stop()
            self.problem = other.problem
            self.settings, self.angles, self.result = other.settings, other.angles, other.result
        finally:
            other.close()

    def _messages(self) -> list[Message]:
        scene = self.scene
        scene.finish_landscape()
        view = scene.view_message(self.angles, self.chosen)
        return [self._problem_message(), view, scene.landscape_message(), (self._history(), [])]

    def _history(self) -> dict[str, Any]:
        """The course of the present optimisation, or of the last one, for views that came later."""
        if (run := self._run) is not None:
            points = list(run.points)
        else:
            history = () if self.result is None else self.result.history
            points = [(step.evaluations, step.value, step.depth) for step in history]
        return {"kind": "progress", "running": self.running, "first": 0, "points": points}

    # -- what is shown ------------------------------------------------------------------------------

    def _follow(self, old: Graph) -> None:
        if (old.ids, old.edges) != (self.graph.ids, self.graph.edges):
            self._stop()
            self._begin()

    def _changed(self) -> None:
        self._stop()
        super()._changed()

    def _begin(self) -> None:
        self._ask("problem", self._send_problem)
        self._beside.look()

    def _look(self) -> None:
        self._ask("view", self._send_view)
        self._beside.look()
        if not self.running:
            self._touch()

    def _problem_message(self) -> Message:
        content, parts = self.scene.problem_message()
        name = self.settings["problem"]
        return {**content, "problems": [*NAMES, *({name} - {*NAMES})]}, parts

    def _send_problem(self) -> None:
        self.send(*self._problem_message())
        self._send_view()
        self.send(self._history())
        self._ask("landscape", self._send_landscape)

    def _send_view(self) -> None:
        scene = self.scene
        self.send(*scene.view_message(self.angles, self.chosen, every=scene.quick))
        if not scene.quick:
            self._ask("layers", self._send_layers)

    def _send_layers(self) -> None:
        angles = self.angles
        view = self.scene.view_message(angles, self.chosen)
        if angles == self.angles:
            self.send(*view)

    def _send_landscape(self) -> None:
        scene, report = self.scene, Throttle(LANDSCAPE_TICK)
        while scene.landscape_row():
            if self._jobs.should_stop("landscape"):
                self._ask("landscape", self._send_landscape)
                return
            report(lambda: self.send(*scene.landscape_message()))
        self.send(*scene.landscape_message())

    def _set(self, change: Any) -> None:
        """Change one setting: its name and its value."""
        require(isinstance(change, dict), "value", "must be a setting and its value", change)
        self.settings = {**self.settings, str(change.get("name")): change.get("value")}

    def _receive(self, content: Mapping[str, Any]) -> None:
        kind, value = content.get("kind"), content.get("value")
        if kind == "preset":
            self.use_preset(str(value))
        elif kind == "optimise":
            self.optimise(start=str(value), wait=False)
        elif kind == "cancel":
            self.cancel()
        elif kind == "reset":
            self.reset()
        elif kind == "setting":
            self._set(value)
        elif kind == "open":
            self.load(str(value))
        elif kind == "text":
            self._beside.write(str(value), content.get("view"))
        elif kind == "find":
            self._beside.find(str(value))
        else:
            super()._receive(content)
