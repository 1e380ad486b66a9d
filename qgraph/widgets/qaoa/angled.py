"""A problem on a graph at some angles of QAOA: what the QAOA explorer shows, without what it does."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, ClassVar, Self

import traitlets

from qgraph.base.checks import require, require_whole
from qgraph.base.errors import InvalidInput, ProblemTooLarge, shown
from qgraph.base.typing import Figure
from qgraph.models.build import build
from qgraph.models.city import City
from qgraph.models.graph import Graph
from qgraph.problems.ising import Ising
from qgraph.problems.maxcut import MaxCut
from qgraph.problems.problem import GraphProblem, Problem, require_problem
from qgraph.simulation.angles import check_angles
from qgraph.solvers.qaoa import schedules
from qgraph.widgets import states
from qgraph.widgets.qaoa import figures
from qgraph.widgets.qaoa.scene import MOST_DEPTH, Scene
from qgraph.widgets.qaoa.settings import OnGraph, Settings, problem_named
from qgraph.widgets.qaoa.small import SmallScene, require_warm, scene_of
from qgraph.widgets.widget import Explorer

MOST_NODES = 5000
OF_SCENE = ("problem", "colors", "warm_start")  # settings that need another scene


class AngledProblem(Explorer):
    """The graph, the problem on it, the angles and the settings, and the scene that is drawn of them."""

    angles: Any = traitlets.List().tag(sync=True)
    settings: Any = traitlets.Dict().tag(sync=True)
    running = traitlets.Bool(False)  # whether an optimisation is

    takes: ClassVar[tuple[type, ...]] = (Graph,)
    _shown: ClassVar[frozenset[str]] = frozenset({"_document", "angles", "settings"})

    def __init__(self, problem_or_graph: Problem | Graph, depth: int = 1) -> None:
        require_whole("depth", depth, 1, MOST_DEPTH)
        self._original = _on_a_graph(problem_or_graph)  # with its own parameters, such as weights
        # Not the widget's lock: observers are called under it, and one may wait for an optimisation.
        self._scene_lock = threading.Lock()
        self._scene: tuple[object, Scene] | None = None
        super().__init__(self._original.graph)
        self.settings = self._settings_of(self._original)
        self.angles = [list(row) for row in self.scene.first_angles(depth)]

    def __repr__(self) -> str:
        scene, value = self.scene, ""
        with suppress(ProblemTooLarge):
            value = f", expectation {self.expectation():.6g}"
        if isinstance(scene, SmallScene):
            bound = "most" if scene.problem.sense == "maximize" else "least"
            value += f" of at {bound} {scene.optimum:.6g}"
        return f"{type(self).__name__}({self.problem!r}, depth {self.depth}{value})"

    # -- problem and settings -----------------------------------------------------------------------

    @property
    def problem(self) -> OnGraph:
        """The problem on the graph as it is now. Set it to show another one."""
        return self._original.on(self.graph)

    @problem.setter
    def problem(self, problem: Problem) -> None:
        original = _on_a_graph(problem)
        self._check_size(original.graph)
        original.to_ising()  # raises ProblemTooLarge, before anything changes
        self._original = original
        self.graph = original.graph
        before, self.settings = self.settings, {**self._settings_of(original), "warm_start": False}
        if self.settings == before:  # otherwise the change of the settings has done it
            self._changed()

    @property
    def chosen(self) -> Settings:
        """The settings, as a model."""
        return Settings(**self.settings)

    def _settings_of(self, problem: OnGraph) -> dict[str, Any]:
        own = {name: getattr(problem, name) for name in ("colors",) if hasattr(problem, name)}
        return {**Settings().model_dump(), **self.settings, "problem": type(problem).__name__, **own}

    @traitlets.validate("settings")
    def _valid_settings(self, proposal: Mapping[str, Any]) -> dict[str, Any]:
        given = proposal["value"]
        require(isinstance(given, dict), "settings", "must be a dictionary", given)
        settings = build(Settings, **given)
        problem = self._asked(settings).on(self.graph)
        problem.to_ising()  # raises ProblemTooLarge, before anything changes
        if settings.warm_start:
            require_warm(problem)
        return settings.model_dump()

    def _asked(self, settings: Settings) -> OnGraph:
        """The problem that settings ask for: the original one, with its weights, or one of another class."""
        own = self._original
        colors = getattr(own, "colors", settings.colors)
        if (settings.problem, settings.colors) == (type(own).__name__, colors):
            return own
        return problem_named(settings.problem, self.graph, settings.colors)

    @traitlets.observe("settings")
    def _on_settings(self, change: Mapping[str, Any]) -> None:
        old, new = change["old"], change["new"]
        self._original = self._asked(Settings(**new))
        if not old or self.comm is None:
            return
        if any(old.get(name) != new[name] for name in OF_SCENE):
            self._changed()
        else:
            self._look()

    def _changed(self) -> None:
        """Another problem: its angles have other units."""
        self.angles = [list(row) for row in self.scene.first_angles(self.depth)]
        self._begin()

    def _look(self) -> None:
        """Show the present angles and settings."""
        raise NotImplementedError

    def _check(self, graph: Graph | City) -> None:
        self._check_size(graph)
        self._original.on(graph)  # type: ignore[arg-type]  # `takes` allows only graphs

    def _check_size(self, graph: Graph | City) -> None:
        nodes = len(graph.nodes)
        require(1 <= nodes <= MOST_NODES, "graph", f"must have 1 to {MOST_NODES} nodes here", nodes)

    @property
    def scene(self) -> Scene:
        """The problem, prepared. It stays the same while nodes only move."""
        with self._scene_lock:
            chosen = tuple(self.settings[name] for name in OF_SCENE)
            key = self.graph.ids, self.graph.edges, self._original, chosen
            if self._scene is None or self._scene[0] != key:
                self._scene = key, scene_of(self.problem, self.chosen)
            return self._scene[1]

    def expectation(self) -> float:
        """<C> at the angles. Raises `ProblemTooLarge`.

        >>> from qgraph.widgets import QAOAExplorer
        >>> round(QAOAExplorer(Graph.ring(6)).expectation(), 9)
        4.5
        """
        return self.scene.expectation(self.angles)

    # -- angles -------------------------------------------------------------------------------------

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

    @traitlets.observe("angles")
    def _on_angles(self, _: object) -> None:
        self._look()

    def use_preset(self, name: str) -> None:
        """Take published angles by their name in `presets`. Raises `InvalidInput` for other names."""
        require(name in self.presets, "name", f"must be one of {self.presets}", name)
        self.angles = [list(row) for row in self.scene.presets[name](self.depth)]

    @property
    def presets(self) -> list[str]:
        """The names of published angles that apply to this problem.

        >>> from qgraph.widgets import QAOAExplorer
        >>> QAOAExplorer(Graph.ring(6)).presets
        ['Wang, Hadfield, Jiang, Rieffel 2018: depth 1', 'Sack, Serbyn 2021: linear ramp']
        """
        return list(self.scene.presets)

    def reset(self) -> None:
        """Take the angles that the explorer starts with at this depth.

        >>> from qgraph.widgets import QAOAExplorer
        >>> explorer = QAOAExplorer(Graph.ring(6))
        >>> explorer.angles = [[0.1], [0.2]]
        >>> explorer.reset()
        >>> round(explorer.expectation(), 9)
        4.5
        """
        self.angles = [list(row) for row in self.scene.first_angles(self.depth)]

    # -- states and pictures ------------------------------------------------------------------------

    def _own_state(self) -> dict[str, Any]:
        problem = json.loads(self.problem.to_json())
        return {"problem": problem, "angles": self.angles, "settings": self.settings}

    @classmethod
    def _rebuilt(cls, graph: Any, state: Mapping[str, Any]) -> Self:
        explorer = cls(states.problem_in(state, graph))
        explorer.angles = state.get("angles")
        explorer.settings = {**explorer.settings, **(state.get("settings") or {})}
        return explorer

    def _figure(self) -> Figure:
        return figures.explorer(self.scene, self.graph, self.angles, repr(self))


def _on_a_graph(given: Problem | Graph) -> OnGraph:
    """A problem on a graph; MaxCut for a graph. Raises `InvalidInput`."""
    if isinstance(given, Graph):
        return MaxCut(given)
    require_problem(given)
    if not isinstance(given, (GraphProblem, Ising)):
        known = "a graph or a problem on a graph (RouteExplorer is for cities)"
        raise InvalidInput(f"`problem_or_graph` must be {known}, got {shown(given)}")
    return given
