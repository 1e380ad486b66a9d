"""One problem, prepared for an explorer: everything that is drawn, as arrays and messages."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cached_property

import numpy as np

from qgraph import histograms
from qgraph.base.errors import InvalidInput
from qgraph.base.typing import Bits, NDArray, Reals
from qgraph.problems.problem import Problem
from qgraph.problems.sense import sign
from qgraph.simulation.simulator import Simulator
from qgraph.simulation.state import State
from qgraph.solvers.qaoa import schedules
from qgraph.solvers.qaoa.schedules import Angles
from qgraph.widgets.still import Message

MOST_LIKELY = 6  # solutions in the list
GRID = (41, 31)  # gammas and betas of the landscape
RANGE = 3.0  # the landscape ends at this multiple of the typical gamma
RAMP = (1.5, 0.6)  # largest angles of the linear ramp: gamma in typical gammas, beta in rad
PUBLISHED = {
    1: "Wang, Hadfield, Jiang, Rieffel 2018: depth 1",
    2: "Wurtz, Lykov 2021: depth 2",
    3: "Wurtz, Lykov 2021: depth 3",
    **{depth: f"optimum of the 3-regular tree: depth {depth}" for depth in range(4, 9)},
}
LINEAR = "Sack, Serbyn 2021: linear ramp"


class Scene:
    """One problem, prepared once. Several threads may use it."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.simulator = Simulator(problem)
        self.ising = problem.to_ising()
        self.unit = schedules.typical_gamma(self.ising)
        uniform = self.simulator.state([], [])
        self.edges, _, self.guess = histograms.shares(uniform)
        self.random = uniform.expectation()
        self.optimum, self.worst = uniform.optimum(), uniform.worst()
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
        content = {
            "kind": "problem",
            "nodes": list(self.ising.nodes),
            "twins": self.ising.flip_symmetric,
            "span": [float(self.edges[0]), float(self.edges[-1])],
            "random": self.random,
            "optimum": self.optimum,
            "worst": self.worst,
            "gamma": [float(self.gammas[0]), float(self.gammas[-1])],
            "beta": [float(self.betas[0]), float(self.betas[-1])],
            "presets": list(self.presets),
        }
        return content, [_floats([] if self.guess is None else self.guess)]

    def landscape_message(self) -> Message:
        """The landscape so far; rows that are missing are NaN."""
        return {"kind": "landscape", "shape": list(GRID)}, [_floats(self.landscape)]

    def view_message(self, angles: Sequence[Sequence[float]], *, live: bool = False) -> Message:
        """What is drawn for these angles: the states after 0 to p layers.

        Parts: heights float32[p + 1, bins] of the distribution; the most likely solutions, as probabilities
        and objectives float32[p + 1, k] and bits uint8[p + 1, k, n].
        """
        gammas, betas = angles
        layers = [self.state([gammas[:p], betas[:p]]) for p in range(len(gammas) + 1)]
        span = float(self.edges[0]), float(self.edges[-1])
        heights = [state.distribution(len(self.edges) - 1, span=span)[1] for state in layers]
        chances, objectives, bits = zip(*(self._likely(state) for state in layers), strict=True)
        content = {
            "kind": "view",
            "live": live,
            "angles": [list(row) for row in angles],
            "expectations": [state.expectation() for state in layers],
            "chances": [state.optimum_probability() for state in layers],
            "merits": [self._merits(state) for state in layers],
            "shape": list(np.shape(bits)),
        }
        return content, [_floats(heights), _floats(chances), _floats(objectives), np.array(bits).tobytes()]

    def state(self, angles: Sequence[Sequence[float]]) -> State:
        """The state at these angles."""
        return self.simulator.state(*angles)

    def _merits(self, state: State) -> dict[str, float | None]:
        """Ratios of a state by name, and its feasible part if the problem has rules. None if undefined."""
        merits = {"normalized ratio": state.normalized_ratio()}
        if not self.problem.constrained:
            return {**merits, "approximation ratio": state.approximation_ratio()}
        chance, mean = state.feasible_probability(), state.feasible_expectation()
        return {**merits, "P(feasible)": chance, "mean of feasible": mean}

    def _likely(self, state: State) -> tuple[Reals, Reals, Bits]:
        """The most likely solutions. If flips change nothing, a solution and its flip count as one."""
        twins = 2 if self.ising.flip_symmetric and state.size > 1 else 1
        found: dict[tuple[int, ...], tuple[float, float]] = {}
        for outcome in state.top(min(twins * MOST_LIKELY, state.size)):
            labels = outcome.candidate.labels or {}
            row = tuple(labels[name] for name in self.ising.nodes)
            if twins == 2 and row[0]:
                row = tuple(1 - bit for bit in row)
            found.setdefault(row, (twins * outcome.probability, outcome.candidate.objective))
        rows = list(found)[:MOST_LIKELY]
        figures = np.zeros((MOST_LIKELY, 2))
        bits = np.zeros((MOST_LIKELY, len(self.ising.nodes)), dtype=np.uint8)
        bits[: len(rows)], figures[: len(rows)] = rows, [found[row] for row in rows]
        return figures[:, 0], figures[:, 1], bits

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


def _floats(values: Sequence[Reals] | Sequence[float] | NDArray[np.float64]) -> bytes:
    return np.asarray(values, dtype=np.float32).tobytes()
