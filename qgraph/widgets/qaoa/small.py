"""A problem that is small enough for a state, prepared for the QAOA explorer."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from qgraph import histograms
from qgraph.base.checks import require
from qgraph.base.typing import Reals
from qgraph.problems.base import Candidate
from qgraph.problems.sense import sign
from qgraph.simulation.counts import Counts
from qgraph.simulation.simulator import Simulator
from qgraph.simulation.state import State
from qgraph.simulation.warm_start import EPSILON, chances
from qgraph.solvers.relaxations.goemans_williamson import solve_goemans_williamson
from qgraph.widgets.messages import Message, floats
from qgraph.widgets.qaoa.gates import gate_depths
from qgraph.widgets.qaoa.scene import MOST_DEPTH, LargeScene, Rows, Scene
from qgraph.widgets.qaoa.settings import OnGraph, Settings

MOST_QUBITS = 24  # of a state that follows a slider
MOST_QUICK = 10  # qubits up to which every layer comes at once; above, the last layer comes first
MOST_WARM = 14  # where there is no kernel, NumPy computes warm starts
MOST_LIKELY = 6  # solutions in the list
UNKNOWN = 255  # the label of a node that has none

HALF = 0.5  # rules are 0 where all are kept and at least 1 elsewhere

Likely = tuple[float, Candidate, list[int]]


def scene_of(problem: OnGraph, settings: Settings) -> Scene:
    """The scene with a state if one follows a slider, else the one without. Raises `ProblemTooLarge`."""
    n = len(problem.nodes)
    if n > MOST_QUBITS or not Simulator(problem).has_state(MOST_DEPTH):
        return LargeScene(problem)
    return SmallScene(problem, warm=settings.warm_start)


class SmallScene(Scene):
    """All figures come from states. Several threads may use it."""

    def __init__(self, problem: OnGraph, *, warm: bool = False) -> None:
        super().__init__(problem)
        self.warm = tuple(_chances(problem)) if warm else None
        self.simulator = Simulator(problem, warm_start=self.warm)
        uniform = Simulator(problem).state([], [])
        self.quick = len(self.ising.nodes) <= MOST_QUICK
        self.edges, _, guess = histograms.shares(uniform)
        self.guess = np.zeros(0) if guess is None else guess
        self.random = uniform.expectation()
        self.optimum, self.worst = uniform.optimum(), uniform.worst()

    def _values(self) -> dict[str, Any]:
        span = [float(self.edges[0]), float(self.edges[-1])]
        values = {"random": self.random, "optimum": self.optimum, "worst": self.worst, "bound": self.optimum}
        return {"state": True, "span": span, **values}

    def _guess(self) -> Reals:
        return self.guess

    def _gate_depths(self) -> list[int]:
        return gate_depths(self.ising, MOST_DEPTH, warm=self.warm is not None)

    def state(self, angles: Rows) -> State:
        """The state at these angles."""
        return self.simulator.state(*angles)

    def expectation(self, angles: Rows) -> float:
        """See `Scene`."""
        return self.state(angles).expectation()

    def value(self, angles: Rows, settings: Settings) -> float:
        """See `Scene`."""
        return self.state(angles).cvar(settings.cvar) if settings.cvar < 1 else self.expectation(angles)

    def view_message(
        self, angles: Rows, settings: Settings, *, live: bool = False, every: bool = True
    ) -> Message:
        """See `Scene`."""
        gammas, betas = angles
        layers = list(range(len(gammas) + 1)) if every else [len(gammas)]
        states = [self.state([gammas[:p], betas[:p]]) for p in layers]
        span = float(self.edges[0]), float(self.edges[-1])
        heights = [state.distribution(len(self.edges) - 1, span=span)[1] for state in states]
        likely = [self._likely(state) for state in states]
        counts = states[-1].sample(settings.shots, seed=0) if settings.shots and not live else None
        content = {
            "kind": "view",
            "live": live,
            "angles": [list(row) for row in angles],
            "layers": layers,
            "expectations": [state.expectation() for state in states],
            "chances": [state.optimum_probability() for state in states],
            "merits": [self._merits(state, settings) for state in states],
            "shape": [len(layers), MOST_LIKELY, len(self.graph.ids)],
            "sampled": None if counts is None else self.read(counts),
            "reason": None,
        }
        parts = [floats(heights), *self._table(likely)]
        sampled = np.zeros(0) if counts is None else self.heights(counts)
        seen = self.correlations(angles) if every else np.zeros(0)
        return content, [*parts, floats(sampled), floats(seen)]

    # -- figures of a state -------------------------------------------------------------------------

    def _merits(self, state: State, settings: Settings) -> dict[str, float | None]:
        """Ratios of a state by name, and its feasible part if the problem has rules. None if undefined."""
        merits = {"normalized ratio": state.normalized_ratio()}
        if settings.cvar < 1:
            merits = {f"CVaR of the best {settings.cvar:g}": state.cvar(settings.cvar), **merits}
        if not self.problem.constrained:
            return {**merits, "approximation ratio": state.approximation_ratio()}
        chance, mean = state.feasible_probability(), state.feasible_expectation()
        merits |= {"P(feasible)": chance, "mean of feasible": mean}
        return {**merits, "ratio of feasible mean and optimum": self._ratio(mean)}

    def _ratio(self, mean: float | None) -> float | None:
        """How close the mean of feasible outcomes is to the optimum, for either sense: 1 is the best."""
        if mean is None or mean <= 0 or self.optimum <= 0:
            return None
        return mean / self.optimum if self.problem.sense == "maximize" else self.optimum / mean

    def _likely(self, state: State) -> list[Likely]:
        """The most likely solutions. If flips change nothing, a solution and its flip count as one."""
        twins = 2 if self.ising.flip_symmetric and state.size > 1 else 1
        found: dict[object, Likely] = {}
        for place, outcome in enumerate(state.top(min(twins * MOST_LIKELY, state.size))):
            labels = self._labels(outcome.candidate)
            if twins == 2 and labels[0]:
                labels = [1 - label for label in labels]
            key = place if UNKNOWN in labels else tuple(labels)
            found.setdefault(key, (twins * outcome.probability, outcome.candidate, labels))
        return list(found.values())[:MOST_LIKELY]

    def _labels(self, candidate: Candidate) -> list[int]:
        """The label of each node of the graph."""
        labels = candidate.labels or {}
        return [labels.get(name, UNKNOWN) for name in self.graph.ids]

    def _table(self, likely: Sequence[Sequence[Likely]]) -> list[bytes]:
        """Probabilities, objectives, labels and feasibility of the most likely solutions, layer by layer."""
        shape = len(likely), MOST_LIKELY
        figures = np.zeros((2, *shape))
        labels = np.zeros((*shape, len(self.graph.ids)), dtype=np.uint8)
        feasible = np.zeros(shape, dtype=np.uint8)
        for layer, rows in enumerate(likely):
            for rank, (probability, candidate, row) in enumerate(rows):
                figures[:, layer, rank] = probability, candidate.objective
                labels[layer, rank], feasible[layer, rank] = row, candidate.feasible
        return [*map(floats, figures), labels.tobytes(), feasible.tobytes()]

    # -- samples ------------------------------------------------------------------------------------

    def read(self, counts: Counts) -> dict[str, float | None]:
        """What a sample says: its mean with the standard error, its best value, its share of optima."""
        values, shares = counts.objectives, counts.counts / counts.shots
        mean = counts.expectation()
        spread = math.sqrt(float(shares @ np.square(values - mean)))
        slack = 1e-9 * max(1.0, abs(self.optimum), abs(self.worst))
        optimal = float(shares[sign(self.problem) * (values - self.optimum) <= slack].sum())
        feasible = None
        if (rules := getattr(self.problem, "rules", None)) is not None:
            feasible = float(shares[rules.energy(counts.bits) < HALF].sum())
        return {
            "shots": counts.shots,
            "mean": mean,
            "error": spread / math.sqrt(counts.shots),
            "best": counts.best().objective,
            "optimal": optimal,
            "feasible": feasible,
        }

    def heights(self, counts: Counts) -> Reals:
        """The share of the shots in each bin: float64[bins]."""
        return np.histogram(counts.objectives, self.edges, weights=counts.counts / counts.shots)[0]


def require_warm(problem: OnGraph) -> None:
    """Raise `InvalidInput` for problems whose warm start is not simulated here."""
    n = len(problem.nodes)
    require(n <= MOST_WARM, "warm_start", f"is simulated up to {MOST_WARM} qubits here", n)


def _chances(problem: OnGraph) -> list[float]:
    """The chances of a warm start from the Goemans-Williamson algorithm."""
    return list(map(float, chances(problem, solve_goemans_williamson(problem, seed=0), EPSILON)))
