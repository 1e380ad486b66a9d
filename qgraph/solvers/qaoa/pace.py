"""How long evaluations take on this machine, and how much time the samples at the end need."""

from __future__ import annotations

import math
import time
from contextlib import suppress
from typing import NoReturn

import numpy as np

from qgraph.base.errors import ProblemTooLarge
from qgraph.base.typing import Reals
from qgraph.simulation.choose import WITH_STATE, vector_seconds
from qgraph.simulation.deadline import Deadline
from qgraph.simulation.simulator import Simulator
from qgraph.solvers.budget import Budget

PASSES = 12.0, 1.5  # of the readout, and of each layer in it, in units of one pass over C; measured
SECONDS_PER_SHOT = 1e-6
ROUNDING = 0.25  # share of the time limit
REFERENCE = 33.0  # times that NumPy is slower than the kernel
GRACE = 0.5, 0.05  # by which the readout may exceed the time limit: seconds, or a share of the limit


class Pace:
    """Measured times. They decide which steps are not started, and when the thread's `deadline` is.

    Without a time limit nothing is measured, and nothing is refused.
    """

    def __init__(
        self, simulator: Simulator, budget: Budget, deadline: Deadline, *, tail: bool, shots: int
    ) -> None:
        self.simulator = simulator
        self.budget = budget
        self.deadline = deadline
        self.tail = tail  # whether a CVaR is optimised, which needs a state
        self.shots = shots
        self.limit = budget.deadline - budget.began
        self.limited = self.limit < math.inf
        self.end = budget.deadline + max(GRACE[0], GRACE[1] * self.limit)  # of the readout
        self._first = self._layer = 0.0  # of gradients on states: the first, and the fastest per layer
        self._pass = 0.0  # one pass over C

    def gradient(self, gammas: Reals, betas: Reals, cvar: float) -> tuple[float, Reals]:
        """The simulator's `centred_gradient`, timed."""
        began = time.perf_counter()
        answer = self.simulator.centred_gradient(gammas, betas, cvar)
        if self.limited and self._on_state(len(gammas)):
            seconds = time.perf_counter() - began
            self._first = self._first or seconds
            self._layer = min(self._layer or seconds, seconds / max(len(gammas), 1))
        return answer

    def evaluation(self, depth: int) -> float:
        """About how long a gradient on a state takes; 0 if none was measured."""
        return self._layer * depth

    def readout(self, depth: int) -> float:
        """About how long the readout takes: a new state, its properties, its samples.

        Without a state, a share of the time limit, for the rounding.
        """
        if not (self.tail or self.simulator.has_state(depth)):
            return ROUNDING * self.limit
        passes = self._pass * (PASSES[0] + PASSES[1] * depth)
        state = (self._first + self.evaluation(depth)) / 2  # the first gradient allocated memory, too
        return (state or passes) + self.shots * SECONDS_PER_SHOT

    def reserve(self, depth: int) -> None:
        """End the search in time for the readout, which gets at most half of the time limit."""
        if self.limited:
            self.deadline.move(self.budget.deadline - min(self.readout(depth), self.limit / 2))

    def over(self, depth: int = 0) -> bool:
        """Whether the search ends here: the time left is likely too short for a gradient at this depth."""
        if self.evaluation(depth) > self.deadline.moment - time.perf_counter():
            self.budget.stopped_by = "time_limit"
        return self.budget.over()

    def too_late(self, depth: int) -> bool:
        """Whether a readout that starts now would end much too late."""
        return self.readout(depth) > 2 * (self.end - time.perf_counter())

    def calibrate(self, depth: int, *, climbs: bool) -> None:
        """Measure what the search itself does not measure, and refuse what cannot end in time."""
        if not self.limited:
            return
        first = 1 if climbs else depth
        if self._on_state(first):
            with suppress(TimeoutError):
                for _ in range(0 if first == 1 else 2):  # one layer; the first call allocates memory
                    self.gradient(np.zeros(1), np.zeros(1), 0.5 if self.tail else 1.0)
            if self.evaluation(first) > self.budget.left:
                self.refuse(first)
        elif self.simulator.has_state(first):
            began = time.perf_counter()
            with Deadline(began + self.budget.left / 4).kept(), suppress(TimeoutError):
                _ = self.simulator.engine.extremes  # they are stored, and needed at the end
            self._pass = time.perf_counter() - began

    def refuse(self, depth: int) -> NoReturn:
        """Raise `ProblemTooLarge`: say how long one evaluation takes, and what would help."""
        simulator, cones = self.simulator, self.simulator.choices.cones.get(depth)
        expected = self.evaluation(depth)
        if cones is not None:
            expected = cones.plan.seconds
        elif not expected and simulator.mixer == "transverse_field" and self._on_state(depth):
            slower = REFERENCE if simulator.kernel == "reference" else 1.0
            expected = slower * vector_seconds(len(simulator.problem.nodes), depth)
        known = f"about {expected:.2g} s" if expected > self.limit else "longer"
        smaller = "a smaller `depth` or fewer nodes" if depth > 1 else "fewer nodes"
        raise ProblemTooLarge(
            f"`time_limit` must allow one evaluation at depth {depth}, which takes {known}, "
            f"got {self.limit:g} s; {smaller} would help, too"
        )

    def _on_state(self, depth: int) -> bool:
        return self.tail or self.simulator.choice(depth).method in WITH_STATE
