"""A city's routes side by side: exact, greedy and QAOA."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, Any, ClassVar, Self

import traitlets

from qgraph.base.checks import require, require_seed, require_whole
from qgraph.base.errors import ProblemTooLarge, QGraphError
from qgraph.models.city import City
from qgraph.models.graph import Graph
from qgraph.problems.routing import PriorityRouting
from qgraph.simulation.functions import simulate
from qgraph.solvers.exact.solve import solve_exact
from qgraph.solvers.heuristics.greedy import solve_greedy
from qgraph.solvers.qaoa.solve import Progress, solve_qaoa
from qgraph.solvers.result import Solution
from qgraph.widgets import figures
from qgraph.widgets.assets import EDITOR, joined
from qgraph.widgets.jobs import Worker
from qgraph.widgets.widget import Editor

if TYPE_CHECKING:
    from matplotlib.figure import Figure


MOST_DEPTH = 8
LARGEST_WHOLE = 2**53  # that the script counts with
LONGEST_SEARCH = 10.0  # s, for the exact route
MOST_ROUTES = 50_000  # for QAOA at interactive speed
COLUMNS = ("exact", "greedy", "qaoa")


class RouteExplorer(Editor):
    """A city with traffic, and its exact, greedy and QAOA routes, solved again whenever anything changes.

    `graph` is the city, both ways; `solutions` holds what each solver found for it. QAOA is left out of
    cities with more than 50,000 feasible routes.

    >>> explorer = RouteExplorer(City.random(stops=5, priority=2, seed=1), depth=2)
    >>> explorer.solve()["exact"].priority_satisfied
    True
    """

    solutions = traitlets.Dict()
    depth = traitlets.Int(3).tag(sync=True)

    takes: ClassVar[tuple[type, ...]] = (City,)
    _shown: ClassVar[frozenset[str]] = frozenset({"_document", "depth"})
    _esm = joined(*EDITOR, "city.js", "routes.js")
    _css = joined("widget.css", "routes.css")

    def __init__(self, city: City, depth: int = 3, *, return_to_depot: bool = False, seed: int = 0) -> None:
        require_whole("depth", depth, 1, MOST_DEPTH)
        require_seed(seed)
        self._worker = Worker(["solve", "qaoa"], self._failed)
        self._solving = threading.Lock()
        self._watched = False
        self._closed = return_to_depot
        self._seed = seed
        self._found: dict[str, Any] = {}
        super().__init__(city)
        self.depth = depth
        self.observe(self._on_depth, names="depth")

    def close(self) -> None:
        """Stop what runs, let go of listeners and of the browser's side."""
        if self.comm is not None:
            self._worker.forget()
            self.unobserve(self._on_depth, names="depth")
        super().close()

    @property
    def problem(self) -> PriorityRouting:
        """The routing problem that the city stands for now."""
        return PriorityRouting(self.graph, return_to_depot=self._closed)

    def _check(self, graph: Graph | City) -> None:
        PriorityRouting(graph, return_to_depot=self._closed)  # type: ignore[arg-type]  # `takes` says so

    @traitlets.validate("depth")
    def _valid_depth(self, proposal: Mapping[str, Any]) -> int:
        require_whole("depth", proposal["value"], 1, MOST_DEPTH)
        return int(proposal["value"])

    # -- solving ------------------------------------------------------------------------------------

    def solve(self) -> dict[str, Solution]:
        """Solve the city as it is now, and wait for it: a solution by each solver that can."""
        self._solve_classically()
        self._solve_by_qaoa(patient=True)
        return dict(self.solutions)

    def _solve_classically(self) -> None:
        with self._solving:
            routing = self.problem
            self._found = {"city": self.graph, "errors": {}, "chance": None, "mean": None}
            self._found |= {"luck": None, "solutions": {}}
            self._try("exact", lambda: solve_exact(routing, time_limit=LONGEST_SEARCH))
            self._try("greedy", lambda: solve_greedy(routing))
        self._tell()

    def _solve_by_qaoa(self, *, patient: bool = False) -> None:
        with self._solving:
            routing, found = self.problem, self._found
            if found.get("city") != self.graph:
                return  # an edit has come between; it solves again
            self._try("qaoa", lambda: self._by_qaoa(routing, found, patient))
            if "qaoa" in found["solutions"] or "qaoa" in found["errors"]:
                self.solutions = dict(found["solutions"])
        self._tell()

    def _by_qaoa(self, routing: PriorityRouting, found: dict[str, Any], patient: bool) -> Solution | None:
        if routing.routes > MOST_ROUTES:
            raise ProblemTooLarge(
                f"{routing.counted} routes are too many to simulate live, at most {MOST_ROUTES}"
            )

        def superseded(_: Progress) -> bool:
            return not patient and self._worker.pressed("qaoa")

        result = solve_qaoa(routing, self.depth, seed=self._seed, callback=superseded)
        if result.stopped_by == "callback":
            return None
        found["chance"], found["mean"] = result.optimum_probability, result.expectation
        found["luck"] = simulate(routing, [], []).optimum_probability()
        return result.best

    def _try(self, name: str, solver: Any) -> None:
        try:
            solution = solver()
        except QGraphError as error:
            self._found["errors"][name] = str(error)
        else:
            if solution is not None:
                self._found["solutions"][name] = solution

    # -- what is shown ------------------------------------------------------------------------------

    def _on_graph(self, change: Mapping[str, Any]) -> None:
        super()._on_graph(change)
        self._again()

    def _on_depth(self, _: object) -> None:
        if self._watched:
            self._worker.ask("qaoa", self._solve_by_qaoa)

    def _again(self) -> None:
        if self._watched:
            self._worker.ask("solve", self._solve_classically)
            self._worker.ask("qaoa", self._solve_by_qaoa)

    def _receive(self, content: Mapping[str, Any]) -> None:
        if content.get("kind") == "hello":
            self._watched = True
            self._again()
        elif content.get("kind") == "depth":
            self.depth = content.get("value")  # type: ignore[assignment]  # validated
        else:
            super()._receive(content)

    def _tell(self) -> None:
        found = self._found
        if found.get("city") == self.graph:
            self.send(self._message())

    def _message(self) -> dict[str, Any]:
        found = self._found
        columns = [self._column(name, found) for name in COLUMNS]
        routing = PriorityRouting(found["city"], return_to_depot=self._closed)
        return {
            "kind": "routes",
            "columns": columns,
            "routes": routing.routes if routing.routes <= LARGEST_WHOLE else routing.counted,
            "bits": routing.bits,
            "chance": found["chance"],
            "mean": found["mean"],
            "random": routing.mean_travel_time(),
            "luck": found["luck"],
        }

    def _column(self, name: str, found: dict[str, Any]) -> dict[str, Any]:
        solution, city = found["solutions"].get(name), found["city"]
        if solution is None:
            return {"name": name, "error": found["errors"].get(name)}
        places = {stop: i for i, stop in enumerate(city.stops)}
        legs = [
            {"from": a, "to": b, "time": float(city.travel.times[places[a], places[b]])}
            for a, b in pairwise(solution.route)
        ]
        return {
            "name": name,
            "route": list(solution.route),
            "ways": [list(city.way(a, b)) for a, b in pairwise(solution.route)],
            "legs": legs,
            "time": solution.travel_time,
            "distance": solution.distance,
            "violations": list(solution.violations),
            "optimal": solution.optimal,
        }

    def _failed(self, error: Exception) -> None:
        self.send({"kind": "failed", "message": str(error)})

    # -- still life ---------------------------------------------------------------------------------

    def state(self) -> dict[str, Any]:
        """Everything worth keeping, as plain JSON; `from_state` builds the widget again.

        >>> RouteExplorer(City.random(stops=3, priority=1, seed=1)).state()["depth"]
        3
        """
        own = {"depth": self.depth, "return_to_depot": self._closed, "seed": self._seed}
        return {**super().state(), **own}

    @classmethod
    def _rebuilt(cls, graph: Graph | City, state: Mapping[str, Any]) -> Self:
        require(isinstance(graph, City), "state", "must hold a city", graph)
        depth, closed, seed = (state.get(name) for name in ("depth", "return_to_depot", "seed"))
        return cls(graph, depth, return_to_depot=closed, seed=seed)  # type: ignore[arg-type]  # checked there

    def _settled(self) -> dict[str, Any]:
        if self._found.get("city") != self.graph or "qaoa" not in self._found["solutions"]:
            self.solve()
        return self._found

    def _messages(self) -> list[tuple[dict[str, Any], list[bytes]]]:
        self._settled()
        return [(self._message(), [])]

    def _figure(self) -> Figure:
        return figures.routes(self.graph, self._settled()["solutions"])
