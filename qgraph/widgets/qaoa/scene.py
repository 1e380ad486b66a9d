"""One problem, prepared for the QAOA explorer: everything that is drawn, as arrays and messages."""

from __future__ import annotations

import math
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cached_property
from typing import Any

import numpy as np

from qgraph.base.errors import InvalidInput, QGraphError
from qgraph.base.typing import NDArray, Reals
from qgraph.problems.sense import sign
from qgraph.simulation.simulator import Simulator
from qgraph.solvers.qaoa import schedules
from qgraph.solvers.qaoa.schedules import Angles
from qgraph.solvers.result import trivial_bound
from qgraph.widgets.messages import Message, floats
from qgraph.widgets.qaoa.gates import columns, gate_depths
from qgraph.widgets.qaoa.settings import OnGraph, Settings, reading

Rows = Sequence[Sequence[float]]  # gammas and betas

MOST_DEPTH = 12
GRID = (41, 31)  # gammas and betas of the landscape
RANGE = 3.0  # the landscape ends at this multiple of the typical gamma
RAMP = (1.5, 0.6)  # largest angles of the linear ramp: gamma in typical gammas, beta in rad
MOST_GATES = 400  # of one layer that are drawn one by one
PUBLISHED = {
    1: "Wang, Hadfield, Jiang, Rieffel 2018: depth 1",
    2: "Wurtz, Lykov 2021: depth 2",
    3: "Wurtz, Lykov 2021: depth 3",
    **{depth: f"optimum of the 3-regular tree: depth {depth}" for depth in range(4, 9)},
}
LINEAR = "Sack, Serbyn 2021: linear ramp"


class Scene(ABC):
    """One problem, prepared once. Several threads may use it. A scene without a state serves any size."""

    quick = True  # whether a view of all layers is computed at once
    warm: tuple[float, ...] | None = None  # the chances of a warm start
    simulator: Simulator

    def __init__(self, problem: OnGraph) -> None:
        self.problem, self.graph = problem, problem.graph
        self.ising = problem.to_ising()
        self.unit = schedules.typical_gamma(self.ising)
        self.gammas = np.linspace(-RANGE * self.unit, RANGE * self.unit, GRID[0])
        half = math.pi / 4 if self.ising.flip_symmetric else math.pi / 2  # half a period
        self.betas = np.linspace(-half, half, GRID[1])
        self.landscape = np.full(GRID, np.nan)
        self._rows = 0
        self._lock = threading.Lock()

    # -- the landscape of depth 1 -------------------------------------------------------------------

    def landscape_row(self) -> bool:
        """Compute the next row of the landscape. Returns False if it is complete."""
        with self._lock:
            if self._rows < GRID[0]:
                self.landscape[self._rows] = self.simulator.landscape(self.gammas[self._rows], self.betas)[0]
                self._rows += 1
            return self._rows < GRID[0]

    def finish_landscape(self) -> None:
        """Compute all rows that are missing."""
        while self.landscape_row():
            pass

    # -- messages -----------------------------------------------------------------------------------

    def problem_message(self) -> Message:
        """What does not depend on the angles."""
        n, pairs = len(self.ising.nodes), self.ising.pairs
        drawn = pairs if len(pairs) <= MOST_GATES else pairs[:0]
        slots, width = columns(drawn, n)
        gates = np.column_stack([drawn, slots]).astype(np.int32)
        content: dict[str, Any] = {
            "kind": "problem",
            "nodes": list(self.graph.ids),
            "qubits": list(self.ising.nodes),
            "sense": self.problem.sense,
            "constrained": self.problem.constrained,
            "colors": getattr(self.problem, "colors", None),
            "reading": reading(self.problem, twins=self.ising.flip_symmetric),
            "gamma": [float(self.gammas[0]), float(self.gammas[-1])],
            "beta": [float(self.betas[0]), float(self.betas[-1])],
            "presets": list(self.presets),
            "couplings": len(pairs),
            "fields": int(np.count_nonzero(self.ising.h)),
            "width": width,
            "steps": self._gate_depths() if len(pairs) <= MOST_GATES else None,
            **self._values(),
        }
        return content, [floats(self._guess()), gates.tobytes()]

    def _gate_depths(self) -> list[int]:
        return gate_depths(self.ising, MOST_DEPTH)

    @abstractmethod
    def _values(self) -> dict[str, Any]:
        """`state`, `span`, `random`, `optimum` and `worst` of the problem message, None where unknown."""

    def _guess(self) -> Reals:
        """The distribution of a random guess; empty where there is none."""
        return np.zeros(0)

    def landscape_message(self) -> Message:
        """The landscape so far; rows that are missing are NaN."""
        return {"kind": "landscape", "shape": list(GRID)}, [floats(self.landscape)]

    @abstractmethod
    def view_message(
        self, angles: Rows, settings: Settings, *, live: bool = False, every: bool = True
    ) -> Message:
        """What is drawn for these angles: of every layer or, quicker, only of the last one.

        Parts, with L layers, k solutions and n nodes: heights float32[L, bins] of the distributions;
        probabilities and objectives float32[L, k] of the most likely solutions, their labels uint8[L, k, n]
        and whether they keep the rules, uint8[L, k]; heights of the sample float32[bins]; correlations of
        the edges float32[m]. What is not known is empty.
        """

    @abstractmethod
    def expectation(self, angles: Rows) -> float:
        """<C>. Raises `ProblemTooLarge`."""

    def value(self, angles: Rows, settings: Settings) -> float:
        """What an optimisation improves: <C>, or its CVaR. Raises `ProblemTooLarge`."""
        del settings  # without a state there is no CVaR
        return self.expectation(angles)

    def correlations(self, angles: Rows) -> Reals:
        """<Z_u Z_v> of the graph's edges, NaN where an edge couples nothing; empty if unknown: float64[m]."""
        places = self._couplings_of_edges
        if places is None or not angles[0]:
            return np.zeros(0)
        try:
            found = self.simulator.correlations(*angles)
        except QGraphError:
            return np.zeros(0)
        return np.where(places >= 0, np.append(found, np.nan)[places], np.nan)

    @cached_property
    def _couplings_of_edges(self) -> NDArray[np.int64] | None:
        """For each edge of the graph its pair in the Ising model, -1 for none; None if bits are not nodes."""
        graph = self.graph
        if graph.ids != self.ising.nodes:
            return None
        known = {pair: place for place, pair in enumerate(map(tuple, self.ising.pairs.tolist()))}
        ends = np.sort(graph.pairs, axis=1).tolist()
        return np.array([known.get((i, j), -1) for i, j in ends], dtype=np.int64)

    # -- published angles ---------------------------------------------------------------------------

    @cached_property
    def presets(self) -> dict[str, Callable[[int], Angles]]:
        """Published angles that apply to this problem, by name, as functions of the depth."""
        found: dict[str, Callable[[int], Angles]] = {}
        with suppress(InvalidInput):  # from graphs that are not regular
            degree = schedules.common_degree(self.ising)
            for depth, name in PUBLISHED.items():
                angles = schedules.fixed_angles(degree, depth)
                found[name] = lambda _, angles=angles: angles  # type: ignore[misc]
        gamma, beta = RAMP[0] * self.unit, -sign(self.problem) * RAMP[1]
        found[LINEAR] = lambda depth: schedules.linear_ramp(depth, gamma, beta)
        return found

    def first_angles(self, depth: int) -> Angles:
        """The angles that an explorer starts with: published ones if there are any, else a linear ramp."""
        name = PUBLISHED.get(depth, "")
        return self.presets.get(name, self.presets[LINEAR])(depth)


class LargeScene(Scene):
    """A problem that is too large for a state: expectations, the landscape, correlations."""

    def __init__(self, problem: OnGraph) -> None:
        super().__init__(problem)
        self.simulator = Simulator(problem)

    def _values(self) -> dict[str, Any]:
        bound = trivial_bound(self.problem)
        known = {"optimum": None, "worst": None, "bound": bound if math.isfinite(bound) else None}
        return {"state": False, "span": None, "random": self.ising.offset, **known}

    def expectation(self, angles: Rows) -> float:
        """See `Scene`."""
        return self.simulator.expectation(*angles)

    def view_message(
        self, angles: Rows, settings: Settings, *, live: bool = False, every: bool = True
    ) -> Message:
        """See `Scene`. Only the last layer is there; `reason` says why a figure is missing."""
        del settings, every
        value, reason = None, None
        try:
            value = self.expectation(angles)
        except QGraphError as error:
            reason = str(error)
        correlations = self.correlations(angles)
        if reason is None and not len(correlations):
            reason = "These edges have no correlations, or they take too long at this depth."
        content = {
            "kind": "view",
            "live": live,
            "angles": [list(row) for row in angles],
            "layers": [len(angles[0])],
            "expectations": [value],
            "chances": [None],
            "merits": [{}],
            "shape": [1, 0, len(self.graph.ids)],
            "sampled": None,
            "reason": reason,
        }
        return content, [b"", b"", b"", b"", b"", b"", floats(correlations)]
