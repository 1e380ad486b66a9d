"""A city's routes side by side: exact, greedy and QAOA."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, ClassVar, Self

import traitlets

from qgraph.base.checks import require, require_seed, require_whole
from qgraph.base.errors import ProblemTooLarge, QGraphError
from qgraph.base.typing import Figure
from qgraph.models.city import City
from qgraph.models.graph import Graph
from qgraph.problems.routing import PriorityRouting
from qgraph.simulation.choose import MIXERS, Mixer
from qgraph.simulation.functions import simulate
from qgraph.solvers.exact.solve import solve_exact
from qgraph.solvers.heuristics.greedy import solve_greedy
from qgraph.solvers.qaoa.solve import solve_qaoa
from qgraph.solvers.result import Solution
from qgraph.widgets import figures
from qgraph.widgets.assets import CITY, EDITOR, STYLE, joined
from qgraph.widgets.messages import Message
from qgraph.widgets.widget import Explorer

MOST_DEPTH = 8
LARGEST_WHOLE = 2**53  # larger whole numbers are not exact in the script
LONGEST_SEARCH = 10.0  # s, for the exact route
MOST_ROUTES = 50_000  # for QAOA at interactive speed
COLUMNS = ("exact", "greedy", "qaoa")


@dataclass
class _Found:
    """What the solvers found for one routing problem: solutions and errors by solver, and QAOA's figures."""

    routing: PriorityRouting
    solutions: dict[str, Solution] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    chance: float | None = None  # QAOA's probability of an optimal route
    luck: float | None = None  # a random guess's
    mean: float | None = None  # QAOA's expected travel time (km at free flow)

    def run(self, name: str, solver: Callable[[], Solution | None]) -> None:
        """Keep a solver's solution, or its error."""
        try:
            if (solution := solver()) is not None:
                self.solutions[name] = solution
        except QGraphError as error:
            self.errors[name] = str(error)


class RouteExplorer(Explorer):
    """A city with traffic, and its exact, greedy and QAOA routes, solved again after every change.

    `graph` is the city, `depth` and `mixer` are QAOA's; script and Python set them. `solutions` holds each
    solver's solution. Cities with more than 50,000 feasible routes have no solution by QAOA.

    >>> explorer = RouteExplorer(City.random(stops=5, priority=2, seed=1), depth=2)
    >>> explorer.solve()["exact"].priority_satisfied
    True
    """

    solutions = traitlets.Dict()
    depth: Any = traitlets.Int(3).tag(sync=True)
    mixer: Any = traitlets.Unicode("grover").tag(sync=True)

    takes: ClassVar[tuple[type, ...]] = (City,)
    job_names: ClassVar[tuple[str, ...]] = ("solve", "qaoa")
    _shown: ClassVar[frozenset[str]] = frozenset({"_document", "depth", "mixer"})
    _esm = joined(*EDITOR, CITY, "routes/routes.js")
    _css = joined(*STYLE, "routes/routes.css")

    def __init__(
        self,
        city: City,
        depth: int = 3,
        *,
        mixer: Mixer = "grover",
        return_to_depot: bool = False,
        seed: int = 0,
    ) -> None:
        require_whole("depth", depth, 1, MOST_DEPTH)
        require_seed(seed)
        self._solving = threading.RLock()
        self._return_to_depot = return_to_depot
        self._seed = seed
        self._found: _Found | None = None
        super().__init__(city)
        self.depth, self.mixer = depth, mixer

    @property
    def problem(self) -> PriorityRouting:
        """The routing problem of the city as it is now."""
        return PriorityRouting(self.graph, return_to_depot=self._return_to_depot)

    def _check(self, graph: Graph | City) -> None:
        # `takes` says that it is a city.
        PriorityRouting(graph, return_to_depot=self._return_to_depot)  # type: ignore[arg-type]

    @traitlets.validate("depth")
    def _valid_depth(self, proposal: Mapping[str, Any]) -> int:
        require_whole("depth", proposal["value"], 1, MOST_DEPTH)
        return int(proposal["value"])

    @traitlets.validate("mixer")
    def _valid_mixer(self, proposal: Mapping[str, Any]) -> str:
        known = MIXERS["subspace"]
        require(proposal["value"] in known, "mixer", f"must be one of {', '.join(known)}", proposal["value"])
        return str(proposal["value"])

    # -- solving ------------------------------------------------------------------------------------

    def solve(self) -> dict[str, Solution]:
        """Solve the city as it is now, and wait. Returns the solutions by the solvers' names."""
        self._solve_classically()
        self._solve_by_qaoa(patient=True)
        return dict(self.solutions)

    def _solve_classically(self) -> None:
        with self._solving:
            found = self._found = _Found(self.problem)
            found.run("exact", lambda: solve_exact(found.routing, time_limit=LONGEST_SEARCH))
            found.run("greedy", lambda: solve_greedy(found.routing))
        self._tell()

    def _solve_by_qaoa(self, *, patient: bool = False) -> None:
        with self._solving:
            found = self._current()
            if found is None:
                return  # the city has changed, and is solved again
            found.run("qaoa", lambda: self._qaoa_solution(found, patient))
            if "qaoa" in found.solutions or "qaoa" in found.errors:
                self.solutions = dict(found.solutions)
        self._tell()

    def _qaoa_solution(self, found: _Found, patient: bool) -> Solution | None:
        """QAOA's solution; None if a newer request waits, unless `patient`."""
        routing = found.routing
        if routing.routes > MOST_ROUTES:
            rule = f"are too many to simulate live, at most {MOST_ROUTES}"
            raise ProblemTooLarge(f"{routing.counted} routes {rule}")
        result = solve_qaoa(
            routing,
            self.depth,
            seed=self._seed,
            mixer=self.mixer,
            callback=lambda _: not patient and self._jobs.should_stop("qaoa"),
        )
        if result.stopped_by == "callback":
            return None
        found.chance, found.mean = result.optimum_probability, result.expectation
        found.luck = simulate(routing, [], []).optimum_probability()
        return result.best

    def _current(self) -> _Found | None:
        """What was found, unless it is for an earlier city."""
        found = self._found
        return found if found is not None and found.routing.city == self.graph else None

    # -- what is shown ------------------------------------------------------------------------------

    @traitlets.observe("depth", "mixer")
    def _on_choice(self, _: object) -> None:
        self._ask("qaoa", self._solve_by_qaoa)

    def _receive(self, content: Mapping[str, Any]) -> None:
        if content.get("kind") == "mixer":
            self.mixer = content.get("value")
        else:
            super()._receive(content)

    def _begin(self) -> None:
        self._ask("solve", self._solve_classically)
        self._ask("qaoa", self._solve_by_qaoa)

    def _tell(self) -> None:
        if (found := self._current()) is not None:
            self.send(_routes_message(found))
            self._touch()

    # -- states, pictures and pages -----------------------------------------------------------------

    def _own_state(self) -> dict[str, Any]:
        closed = self._return_to_depot
        return {"depth": self.depth, "mixer": self.mixer, "return_to_depot": closed, "seed": self._seed}

    @classmethod
    def _rebuilt(cls, graph: Any, state: Mapping[str, Any]) -> Self:
        saved: Any = {"mixer": "grover", **state}  # states of earlier versions have no mixer
        names = ("mixer", "return_to_depot", "seed")
        return cls(graph, saved.get("depth"), **{name: saved.get(name) for name in names})

    def _settled(self) -> _Found:
        """What all solvers found for the city as it is now."""
        if (found := self._current()) is None or "qaoa" not in found.solutions:
            self.solve()
            found = self._found
        assert found is not None  # noqa: S101 (it was solved)
        return found

    def _messages(self) -> list[Message]:
        return [(_routes_message(self._settled()), [])]

    def _figure(self) -> Figure:
        return figures.routes(self.graph, self._settled().solutions)


def _routes_message(found: _Found) -> dict[str, Any]:
    routing = found.routing
    return {
        "kind": "routes",
        "columns": [_column(name, found) for name in COLUMNS],
        "routes": routing.routes if routing.routes <= LARGEST_WHOLE else routing.counted,
        "bits": routing.bits,
        "chance": found.chance,
        "mean": found.mean,
        "random": routing.mean_travel_time(),
        "luck": found.luck,
    }


def _column(name: str, found: _Found) -> dict[str, Any]:
    """One solver's route, or its error, or neither while it runs."""
    solution, city = found.solutions.get(name), found.routing.city
    if solution is None:
        return {"name": name, "error": found.errors.get(name)}
    places = {stop: i for i, stop in enumerate(city.stops)}
    legs = list(pairwise(solution.route or ()))
    times = [float(city.travel.times[places[a], places[b]]) for a, b in legs]
    return {
        "name": name,
        "route": list(solution.route or ()),
        "ways": [list(city.way(a, b)) for a, b in legs],
        "legs": [{"from": a, "to": b, "time": time} for (a, b), time in zip(legs, times, strict=True)],
        "time": solution.travel_time,
        "distance": solution.distance,
        "violations": list(solution.violations),
        "optimal": solution.optimal,
    }
