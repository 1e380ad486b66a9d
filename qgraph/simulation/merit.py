"""How good a state is, compared with the optimum and with guessing, and whether it keeps the rules."""

from __future__ import annotations

from functools import cached_property
from typing import cast

from qgraph.problems.problem import Problem
from qgraph.simulation import readout
from qgraph.simulation.engine import Basis, BitVector, Engine, Evolved

TIED = 1e-9  # costs closer than this, relative to their range, count as equally good


class Merit:
    """The part of `State` that only needs the costs, counted from the problem's offset."""

    def __init__(
        self, problem: Problem, basis: Basis, engine: Engine, vector: Evolved, offset: float
    ) -> None:
        self.problem, self._offset = problem, offset
        self._basis, self._engine, self._vector = basis, engine, vector

    @cached_property
    def _extremes(self) -> tuple[float, float]:
        return self._engine.extremes

    @cached_property
    def _moments(self) -> tuple[float, float]:
        return self._vector.moments()

    def expectation(self) -> float:
        """<C>.

        >>> from qgraph import Graph, MaxCut, simulate
        >>> simulate(MaxCut(Graph.ring(6)), [], []).expectation()
        3.0
        """
        return self._offset + self._moments[0]

    def variance(self) -> float:
        """<C^2> - <C>^2.

        >>> from qgraph import Graph, MaxCut, simulate
        >>> round(simulate(MaxCut(Graph.ring(6)), [], []).variance(), 12)
        1.5
        """
        return self._moments[1]

    def optimum(self) -> float:
        """The best value of C over all basis states.

        >>> from qgraph import Graph, MaxCut, simulate
        >>> simulate(MaxCut(Graph.ring(5)), [], []).optimum()
        4.0
        """
        return self._offset + self._best_and_worst[0]

    def worst(self) -> float:
        """The worst value of C over all basis states.

        >>> from qgraph import Graph, MaxCut, simulate
        >>> simulate(MaxCut(Graph.ring(5)), [], []).worst()
        0.0
        """
        return self._offset + self._best_and_worst[1]

    def optimum_probability(self) -> float:
        """The probability of measuring an optimum.

        >>> from qgraph import Graph, MaxCut, simulate
        >>> simulate(MaxCut(Graph.ring(4)), [], []).optimum_probability()
        0.125
        """
        low, high = self._extremes
        return self._vector.optimum_probability(self._best_and_worst[0], TIED * (high - low))

    def random_expectation(self) -> float:
        """The mean of C over uniformly random basis states, which is what guessing gives.

        >>> from qgraph import Graph, MaxCut, simulate
        >>> simulate(MaxCut(Graph.ring(5)), [0.7], [0.4]).random_expectation()
        2.5
        """
        return self._basis.mean

    def normalized_ratio(self) -> float | None:
        """(expectation - random_expectation) / (optimum - random_expectation), for either sense.

        0 is uniform guessing and 1 the optimum. Below 0 is worse than guessing. None if C is the same for all
        basis states.

        >>> from qgraph import QUBO, simulate
        >>> state = simulate(QUBO({("a", "a"): -1.0, ("b", "b"): -1.0, ("a", "b"): 18.0}), [], [])
        >>> state.normalized_ratio(), round(state.approximation_ratio(), 3)
        (0.0, 0.735)
        """
        random = self._basis.mean - self._offset
        best, _ = self._best_and_worst
        return None if self._flat else 0.0 + (self._moments[0] - random) / (best - random)  # not -0.0

    def approximation_ratio(self) -> float | None:
        """(expectation - worst) / (optimum - worst), for either sense: 1 is the best.

        It is expectation / optimum where the worst is 0, as for cuts of positive weights. Otherwise it
        depends on the worst state; `normalized_ratio` does not. None if C contains penalties, since any
        expectation would then look good, or if C is the same for all basis states.

        >>> from qgraph import Graph, MaxCut, simulate
        >>> simulate(MaxCut(Graph.ring(6)), [], []).approximation_ratio()
        0.5
        """
        best, worst = self._best_and_worst
        penalised = self.problem.constrained and not self._basis.feasible
        return None if penalised or self._flat else (self._moments[0] - worst) / (best - worst)

    def feasible_probability(self) -> float | None:
        """The probability of an outcome that keeps all rules; 1 for problems without rules.

        None for a constrained problem without `rules`, which another package may define.

        >>> from qgraph import Graph, IndependentSet, simulate
        >>> simulate(IndependentSet(Graph.ring(3)), [], []).feasible_probability()
        0.5
        """
        return self._feasible_part[0]

    def feasible_expectation(self) -> float | None:
        """The mean of C over the outcomes that keep all rules; None if their probability is 0 or unknown.

        >>> from qgraph import Graph, IndependentSet, simulate
        >>> simulate(IndependentSet(Graph.ring(3)), [], []).feasible_expectation()
        0.75
        """
        mean = self._feasible_part[1]
        return None if mean is None else self._offset + mean

    @property
    def _best_and_worst(self) -> tuple[float, float]:
        low, high = self._extremes
        return (low, high) if self.problem.sense == "minimize" else (high, low)

    @property
    def _flat(self) -> bool:
        """Whether C is the same for all basis states, up to rounding of its sums."""
        low, high = self._extremes
        return high - low <= readout.RESOLUTION * max(abs(low), abs(high))

    @cached_property
    def _feasible_part(self) -> tuple[float | None, float | None]:
        if self._basis.feasible or not self.problem.constrained:
            return 1.0, self._moments[0]
        rules = getattr(self.problem, "rules", None)
        if rules is None:
            return None, None
        vector = cast("BitVector", self._vector)
        return readout.feasible_part(vector, self.problem.to_ising(), rules, self._extremes)
