"""Exact routes by branch and cut. HiGHS solves the relaxations; rows are added when a solution violates them.

The rows that forbid subtours, `legs inside S <= |S| - 1` for sets S of stops (Dantzig, Fulkerson, Johnson,
Operations Research 2, 1954), are too many to write down. Minimum cuts find those that a relaxation violates.
The branching is in Python, because HiGHS takes no new rows during its branch and bound.
"""

from __future__ import annotations

import heapq
import itertools
import math
from collections.abc import Iterable
from contextlib import suppress
from typing import Any, NamedTuple

import numpy as np

from qgraph.base.errors import QGraphError
from qgraph.base.typing import Integers, NDArray, Reals
from qgraph.problems.routing import PriorityRouting
from qgraph.solvers import integer_programming
from qgraph.solvers.budget import Budget
from qgraph.solvers.routes.legs import Legs

INTEGRALITY = 1e-6  # distance from a whole number, in the solver's tolerance
EQUAL_TIMES = 1e-9  # relative difference of times that count as equal
MOST_TRIED = 8  # legs on which branching is tried
ITERATIONS = 60  # of the simplex algorithm, for each trial
FREE, UNUSED, USED = -1, 0, 1  # the state of a leg in a node of the search


class Stopped(Exception):
    """The budget has ended."""


class Node(NamedTuple):
    """A part of the search: a bound, a number in order of creation, the state of each leg, and a basis."""

    bound: float
    number: int
    fixed: NDArray[np.int8]
    basis: Any


class RouteProgram:
    """The search and its results: `order` takes `time`, and no route takes less than `bound`."""

    def __init__(self, routing: PriorityRouting, order: list[int]) -> None:
        self.routing, self.order, self.time = routing, order, routing.travel_time(order)
        self.first = self.bound = routing.trivial_bound
        self.legs = Legs.of(routing)
        times = self.legs.times
        largest = float(times.max())
        self.whole = largest <= integer_programming.LARGEST_WHOLE and bool((times == np.round(times)).all())
        self.numbers = itertools.count()
        self.unit = 1.0 if self.whole or largest == 0 else largest / 1000  # the tolerances are absolute

    @property
    def limit(self) -> float:
        """The largest cost that a relaxation with a better route can have, in the solver's unit."""
        slack = 1 - INTEGRALITY if self.whole else EQUAL_TIMES * self.time / self.unit
        return self.time / self.unit - slack

    def search(self, budget: Budget) -> bool:
        """Improve `order` and `bound`; returns whether `order` is proved to be fastest."""
        self.budget = budget
        with suppress(Stopped), budget.ended_by_interrupt():
            self._branch()
            self.bound = self.time
            return True
        return False

    def check(self) -> None:
        """Raise `Stopped` if the budget has ended; the share done is how far the bound has risen."""
        share = (self.bound - self.first) / (self.time - self.first) if self.time > self.first else 1.0
        if self.budget.over(share):
            raise Stopped

    def raise_bound(self, value: float) -> None:
        """The cost of a relaxation is a bound, rounded up if all times are whole."""
        value = min(value, self.limit) * self.unit
        value = math.ceil(value - INTEGRALITY) if self.whole else value * (1 - EQUAL_TIMES)
        self.bound = max(self.bound, value)

    def _branch(self) -> None:
        """Best first: the next node is the one with the least bound."""
        self.relaxation = Relaxation(self)
        value, _, reduced = self.relaxation.tightened()
        kept = (value + reduced <= self.limit + INTEGRALITY) | self.legs.taken(self.order)
        self.legs = self.legs.only(kept)  # no better route uses the others
        self.relaxation = Relaxation(self, self.relaxation.subtours.values())
        fixed = np.full(len(self.legs.times), FREE, dtype=np.int8)
        nodes = [Node(value, next(self.numbers), fixed, None)]
        while nodes and nodes[0].bound <= self.limit:
            node = heapq.heappop(nodes)
            self.raise_bound(node.bound)
            for child in self._children(node):
                heapq.heappush(nodes, child)

    def _children(self, node: Node) -> list[Node]:
        """Two nodes that together replace this one; none if it is a route, or has no better route."""
        relaxation = self.relaxation
        relaxation.fix(node.fixed, node.basis)
        value, x, reduced = relaxation.tightened(self.limit)
        if value > self.limit:
            return []
        doubt = np.minimum(x, 1 - x)
        if doubt.max() <= INTEGRALITY:
            order = self.legs.order(x > 0.5)
            self.order = min(self.order, order, key=self.routing.travel_time)
            self.time = self.routing.travel_time(self.order)
            self.budget.found(self.time)
            return []
        fixed = node.fixed.copy()
        fixed[(fixed == FREE) & (x <= INTEGRALITY) & (value + reduced > self.limit + INTEGRALITY)] = UNUSED
        basis = relaxation.highs.getBasis()
        doubtful = np.argsort(-doubt, kind="stable")[:MOST_TRIED]
        leg, bounds = relaxation.try_each([int(i) for i in doubtful if doubt[i] > INTEGRALITY], fixed, value)
        children = []
        for side, bound in zip((USED, UNUSED), bounds, strict=True):
            if bound <= self.limit:
                chosen = fixed.copy()
                chosen[leg] = side
                children.append(Node(bound, next(self.numbers), chosen, basis))
        return children


class Relaxation:
    """The linear program of a search's legs, with the subtours that are forbidden so far."""

    def __init__(self, program: RouteProgram, subtours: Iterable[Integers] = ()) -> None:
        self.program, self.legs = program, program.legs
        self.subtours: dict[bytes, Integers] = {}
        self.highs = integer_programming.relaxation(self.legs.times / program.unit)
        for legs, total in self.legs.rows():
            self._add(legs, total, total)
        for stops in subtours:
            self._forbid(stops)

    def _add(self, legs: Integers, least: float, most: float) -> None:
        self.highs.addRow(least, most, len(legs), legs.astype(np.int32), np.ones(len(legs)))

    def _forbid(self, stops: Integers) -> None:
        self.subtours[stops.tobytes()] = stops
        self._add(self.legs.within(stops), -math.inf, len(stops) - 1.0)

    def fix(self, fixed: NDArray[np.int8], basis: Any) -> None:
        """Fix legs as in a node, and start from its basis."""
        lower, upper = (fixed == USED).astype(np.float64), (fixed != UNUSED).astype(np.float64)
        self.highs.changeColsBounds(len(fixed), np.arange(len(fixed), dtype=np.int32), lower, upper)
        if basis is not None:
            from highspy import HighsBasisStatus

            missing = self.highs.getNumRow() - len(basis.row_status)
            basis.row_status = [*basis.row_status, *[HighsBasisStatus.kBasic] * missing]
            self.highs.setBasis(basis)

    def tightened(self, limit: float = math.inf) -> tuple[float, Reals, Reals]:
        """The least cost, infinite if there is none; the legs there, and their reduced costs.

        Subtours are forbidden until none is left, or until the cost is above `limit`. Without a limit, each
        cost raises the bound of the search: then no leg may be fixed.
        """
        while True:
            value = self._run()
            if limit == math.inf:
                self.program.raise_bound(value)
            if value > limit:
                return value, np.zeros(0), np.zeros(0)
            solution = self.highs.getSolution()
            x = np.array(solution.col_value)
            new = [stops for stops in self.legs.subtours(x) if stops.tobytes() not in self.subtours]
            if not new:
                return value, x, np.array(solution.col_dual)
            for stops in new:
                self._forbid(stops)

    def try_each(self, legs: list[int], fixed: NDArray[np.int8], value: float) -> tuple[int, list[float]]:
        """Strong branching: the leg that raises the cost most, used and not used, within a few iterations.

        Also the bounds of both sides: their costs if these are known, else the present cost.
        """
        highs, basis = self.highs, self.highs.getBasis()
        trials = []
        highs.setOptionValue("simplex_iteration_limit", ITERATIONS)
        for leg in legs:
            gains, bounds = [], []
            for side in (USED, UNUSED):
                tried = fixed.copy()
                tried[leg] = side
                self.fix(tried, basis)
                cost = self._run()
                gains.append(min(max(cost - value, INTEGRALITY), 1 / INTEGRALITY))
                bounds.append(max(cost, value) if self.sure else value)
            trials.append((gains[0] * gains[1], leg, bounds))
        highs.setOptionValue("simplex_iteration_limit", 2**31 - 1)
        _, leg, bounds = max(trials, key=lambda trial: trial[0])
        return leg, bounds

    def _run(self) -> float:
        """The least cost, infinite if no route is left; not `sure` if the iterations ran out first."""
        from highspy import HighsModelStatus

        self.program.check()
        self.highs.setOptionValue("time_limit", self.highs.getRunTime() + self.program.budget.left)
        self.highs.run()
        status = self.highs.getModelStatus()
        self.sure = status != HighsModelStatus.kIterationLimit
        if status == HighsModelStatus.kInfeasible:
            return math.inf
        if status == HighsModelStatus.kTimeLimit:
            self.program.budget.stopped_by = "time_limit"
            raise Stopped
        if status not in (HighsModelStatus.kOptimal, HighsModelStatus.kIterationLimit):
            raise QGraphError(f"HiGHS could not solve a relaxation of the routes: {status.name}")
        return float(self.highs.getInfo().objective_function_value)
