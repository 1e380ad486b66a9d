"""A problem laid out for looking at: everything that an explorer shows, as arrays."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from qgraph import histograms
from qgraph.base.errors import InvalidInput
from qgraph.base.typing import Bits, NDArray, Reals
from qgraph.problems.base import Problem
from qgraph.simulation.simulator import Simulator
from qgraph.simulation.state import State
from qgraph.solvers.qaoa import schedules
from qgraph.solvers.qaoa.schedules import Angles

MOST_LIKELY = 6
GRID = (41, 31)
WIDEST = 3.0  # gammas are shown up to so many times their typical size
RAMP = (1.5, 0.6)  # how far a linear ramp goes, in typical gammas and in rad
PUBLISHED = {
    1: "Wang, Hadfield, Jiang, Rieffel 2018: depth 1",
    2: "Wurtz, Lykov 2021: depth 2",
    3: "Wurtz, Lykov 2021: depth 3",
    **{depth: f"optimum of the 3-regular tree: depth {depth}" for depth in range(4, 9)},
}
LINEAR = "Sack, Serbyn 2021: linear ramp"


@dataclass(frozen=True)
class View:
    """The state after each layer, 0 to p: what is drawn for one choice of angles.

    `merits` are the ratios of each state, by name, and what its rules leave, if there are any; None where
    undefined. `heights`: float32[p + 1, bins]; `bits`: uint8[p + 1, k, n], the most likely solutions, with
    `probabilities` and `objectives`: float32[p + 1, k].
    """

    expectations: list[float]
    chances: list[float]
    merits: list[dict[str, float | None]]
    heights: NDArray[np.float32]
    probabilities: NDArray[np.float32]
    objectives: NDArray[np.float32]
    bits: Bits

    def message(
        self, angles: Sequence[Sequence[float]], *, live: bool = False
    ) -> tuple[dict[str, Any], list[bytes]]:
        """The view as a message with binary parts."""
        content = {
            "kind": "view",
            "live": live,
            "angles": [list(row) for row in angles],
            "expectations": self.expectations,
            "chances": self.chances,
            "merits": self.merits,
            "shape": list(self.bits.shape),
        }
        parts = (self.heights, self.probabilities, self.objectives, self.bits)
        return content, [part.tobytes() for part in parts]


class Bench:
    """One problem, prepared once; safe to use from several threads, but for `landscape_row`."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.simulator = Simulator(problem)
        self.ising = problem.to_ising()
        self.unit = schedules.typical_gamma(self.ising)
        uniform = self.simulator.state([], [])
        self.edges, _, self.guess = histograms.shares(uniform)
        self.random = uniform.expectation()
        self.optimum, self.worst = uniform.optimum(), uniform.worst()
        self.done = 0
        self.landscape = np.full(GRID, np.nan)

    @property
    def gammas(self) -> Reals:
        """The gammas of the landscape."""
        return np.linspace(-WIDEST * self.unit, WIDEST * self.unit, GRID[0])

    @property
    def betas(self) -> Reals:
        """The betas of the landscape: one period, half of it where flips change nothing."""
        half = math.pi / 4 if self.ising.flip_symmetric else math.pi / 2
        return np.linspace(-half, half, GRID[1])

    def landscape_row(self) -> bool:
        """Fill in the next row of the landscape; False if it is complete."""
        if self.done < GRID[0]:
            self.landscape[self.done] = self.simulator.landscape(self.gammas[self.done], self.betas)[0]
            self.done += 1
        return self.done < GRID[0]

    def finish_landscape(self) -> None:
        """Fill in whatever is missing."""
        while self.landscape_row():
            pass

    def state(self, angles: Sequence[Sequence[float]]) -> State:
        """The state at these angles."""
        return self.simulator.state(*angles)

    def view(self, angles: Sequence[Sequence[float]]) -> View:
        """Everything that is drawn for these angles."""
        gammas, betas = angles
        layers = [self.state([gammas[:p], betas[:p]]) for p in range(len(gammas) + 1)]
        span = float(self.edges[0]), float(self.edges[-1])
        heights = [state.distribution(len(self.edges) - 1, span=span)[1] for state in layers]
        likely = [self._likely(state) for state in layers]
        return View(
            expectations=[state.expectation() for state in layers],
            chances=[state.optimum_probability() for state in layers],
            merits=[self._merits(state) for state in layers],
            heights=np.array(heights, dtype=np.float32),
            probabilities=np.array([p for p, _, _ in likely], dtype=np.float32),
            objectives=np.array([c for _, c, _ in likely], dtype=np.float32),
            bits=np.array([b for _, _, b in likely], dtype=np.uint8),
        )

    def _merits(self, state: State) -> dict[str, float | None]:
        merits = {"normalized ratio": state.normalized_ratio()}
        if not self.problem.constrained:
            return {**merits, "approximation ratio": state.approximation_ratio()}
        chance, mean = state.feasible_probability(), state.feasible_expectation()
        return {**merits, "P(feasible)": chance, "mean of feasible": mean}

    def _likely(self, state: State) -> tuple[Reals, Reals, Bits]:
        """The most likely solutions; where flips change nothing, both sides of a cut are one solution."""
        twins = 2 if self.ising.flip_symmetric and state.size > 1 else 1
        n = len(self.ising.nodes)
        chances, values = np.zeros(MOST_LIKELY), np.full(MOST_LIKELY, np.nan)
        bits = np.zeros((MOST_LIKELY, n), dtype=np.uint8)
        seen: list[tuple[int, ...]] = []
        for outcome in state.top(min(twins * MOST_LIKELY, state.size)):
            labels = outcome.candidate.labels or {}
            row = tuple(labels[name] for name in self.ising.nodes)
            if twins == 2 and row[0]:
                row = tuple(1 - bit for bit in row)
            if row in seen or len(seen) == MOST_LIKELY:
                continue
            chances[len(seen)] = twins * outcome.probability
            values[len(seen)], bits[len(seen)] = outcome.candidate.objective, row
            seen.append(row)
        return chances, np.nan_to_num(values), bits

    @cached_property
    def presets(self) -> dict[str, Callable[[int], Angles]]:
        """Published angles that apply to this problem: name to a function of the depth wanted."""
        found: dict[str, Callable[[int], Angles]] = {}
        try:
            degree = schedules.common_degree(self.ising)
        except InvalidInput:
            degree = 0
        for depth, name in PUBLISHED.items():
            try:
                angles = schedules.fixed_angles(degree, depth)
            except InvalidInput:
                continue
            found[name] = lambda _, angles=angles: angles  # type: ignore[misc]
        side = 1.0 if self.problem.sense == "maximize" else -1.0
        found[LINEAR] = lambda depth: schedules.linear_ramp(depth, RAMP[0] * self.unit, side * RAMP[1])
        return found

    def first_angles(self, depth: int) -> Angles:
        """Where an explorer starts: published angles if there are any, else a linear ramp."""
        name = PUBLISHED.get(depth, "")
        return self.presets.get(name, self.presets[LINEAR])(depth)

    def message(self) -> tuple[dict[str, Any], list[bytes]]:
        """What does not depend on the angles, as a message."""
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
        guess = np.zeros(0) if self.guess is None else self.guess
        return content, [guess.astype(np.float32).tobytes()]

    def landscape_message(self) -> tuple[dict[str, Any], list[bytes]]:
        """The landscape, as far as it has come; what is missing is NaN."""
        return {"kind": "landscape", "shape": list(GRID)}, [self.landscape.astype(np.float32).tobytes()]
