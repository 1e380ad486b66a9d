"""Expectations term by term, each on its light cone, for thousands of nodes at small depth.

Equal cones are evaluated once. Trees are evaluated by message passing (`trees.py`), cones with cycles by
tensor contraction (`contraction.py`) or by a state vector (`vector.py`), whichever is quicker.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import numpy as np

from qgraph.base import resources
from qgraph.base.errors import ProblemTooLarge, shown
from qgraph.base.typing import Reals
from qgraph.problems.ising import Ising
from qgraph.simulation.cones.branches import Branches
from qgraph.simulation.cones.contraction import Contraction
from qgraph.simulation.cones.find import Cone, Kinds, cut_out, neighbours, reach
from qgraph.simulation.cones.plan import (
    BYTES_PER_MESSAGE,
    LARGEST_VECTOR,
    SECONDS_PER_MESSAGE,
    Estimate,
    LightCones,
    cheapest,
)
from qgraph.simulation.cones.vector import VectorTerm
from qgraph.simulation.deadline import check, shared
from qgraph.simulation.engine import Evaluator

Term = tuple[tuple[int, ...], float]

Answer = TypeVar("Answer")

DEEPEST = 12  # messages have 4**depth numbers
MOST_VISITS = 5 * 10**7  # of nodes in the search for cones
LONGEST = 3600.0  # seconds of a gradient
ELSE = "depth 1 runs at any size (closed_form), and solve_recursive_qaoa finds solutions of any size"


class ConeEngine:
    """An Ising model at one depth. Costs are counted from the offset."""

    def __init__(self, ising: Ising, depth: int, longest: float = LONGEST) -> None:
        self.ising, self.depth, self.longest = ising, depth, longest
        self.rows = neighbours(ising)
        terms = _terms(ising)
        on_trees, with_cycles = self._split(terms)
        trees = Branches(self.rows, ising.h, depth if on_trees else 0).terms(on_trees)
        kinds, estimates = self._kinds(with_cycles)
        self.parts: list[Evaluator] = [trees] if trees.count else []
        groups: dict[object, list[tuple[Cone, float]]] = defaultdict(list)
        for (cone, weight), estimate in zip(kinds, estimates, strict=True):
            if estimate.width:
                groups[cone.structure].append((cone, weight))
            else:
                self.parts.append(VectorTerm(cone, weight))
        self.parts += [Contraction(group) for group in groups.values()]
        side_by_side = resources.threads() * max((one.memory for one in estimates), default=0)
        self.plan = LightCones(
            depth=depth,
            terms=len(terms),
            kinds=trees.count + len(kinds),
            qubits=max([trees.largest, *(cone.qubits for cone, _ in kinds)]),
            trees=trees.count,
            contracted=sum(one.width > 0 for one in estimates),
            vectors=sum(one.width == 0 for one in estimates),
            memory=trees.amplitudes * BYTES_PER_MESSAGE + side_by_side,
            seconds=1e-3 + trees.steps * SECONDS_PER_MESSAGE + sum(one.seconds for one in estimates),
        )
        what = f"a simulation of {self.plan.kinds} kinds of light cones at depth {depth}"
        resources.require_memory(self.plan.memory, what, "a smaller depth would fit")

    def expectation(self, gammas: Reals, betas: Reals) -> float:
        """<C>."""
        return float(sum(self._each(lambda part: part.expectation(gammas, betas))))

    def gradient(self, gammas: Reals, betas: Reals) -> tuple[float, Reals]:
        """<C> and its derivatives: float64[2, p]."""
        found = self._each(lambda part: part.gradient(gammas, betas))
        slopes = sum((slope for _, slope in found), np.zeros((2, len(gammas))))
        return float(sum(value for value, _ in found)), slopes

    def _each(self, ask: Callable[[Evaluator], Answer]) -> list[Answer]:
        """The answers of all parts in order, computed in parallel."""
        if len(self.parts) < 2:
            return [ask(part) for part in self.parts]
        deadline = shared()

        def answered(part: Evaluator) -> Answer:
            with deadline.kept():
                return ask(part)

        with ThreadPoolExecutor(resources.threads()) as pool:
            waiting = [pool.submit(answered, part) for part in self.parts]
            try:
                return [answer.result() for answer in waiting]
            except BaseException:  # interrupts too: running parts end at their next check
                deadline.move(-math.inf)
                pool.shutdown(cancel_futures=True)
                raise

    def _split(self, terms: Sequence[Term]) -> tuple[list[Term], list[Term]]:
        """Terms on trees, and those on cones with cycles."""
        if self.depth > DEEPEST:
            return [], list(terms)
        on_trees: list[Term] = []
        with_cycles: list[Term] = []
        visits = sum(len(row) ** 2 for row in self.rows)  # the least number of visits to find branches
        if self.depth == 0 or (visits <= MOST_VISITS and _is_forest(self.ising)):
            return list(terms), []
        for term in terms:
            check()
            distance, tree = reach(self.rows, term[0], self.depth)
            (on_trees if tree else with_cycles).append(term)
            visits += len(distance)
            if visits > MOST_VISITS:
                raise ProblemTooLarge(
                    f"light cones of depth {self.depth} are too large: that of {self._named(term[0])} has "
                    f"{len(distance)} qubits; {ELSE}"
                )
            if with_cycles == [term]:
                self._kinds(with_cycles)  # the most connected term comes first: errors come early
        return on_trees, with_cycles

    def _kinds(self, terms: Sequence[Term]) -> tuple[list[tuple[Cone, float]], list[Estimate]]:
        """The different cones with cycles, each with the sum of its coefficients, and what each takes."""
        known, weights, estimates = Kinds(), list[float](), dict[object, Estimate]()
        seconds = 0.0
        hint = "" if self.longest == LONGEST else f' (method="lightcone" goes up to {LONGEST:.0f} s)'
        for nodes, weight in terms:
            check()
            cone = cut_out(self.ising, self.rows, nodes, self.depth)
            estimate = estimates.get(cone.structure)
            if estimate is None:
                estimate = estimates[cone.structure] = cheapest(cone, self.depth)
            if estimate.seconds == float("inf"):
                raise ProblemTooLarge(
                    f"the light cone of {self._named(nodes)} at depth {self.depth} has {cone.qubits} qubits; "
                    f"{LARGEST_VECTOR} qubits would fit, or more in cones with fewer cycles; {ELSE}"
                )
            number, new = known.add(cone)
            if new:
                weights.append(0.0)
                seconds += estimate.seconds
            if seconds > self.longest:
                raise ProblemTooLarge(
                    f"light cones of depth {self.depth}, of up to {cone.qubits} qubits, would take more than "
                    f"{self.longest:.0f} s for a gradient{hint}; {ELSE}"
                )
            weights[number] += weight
        kinds = list(zip(known.found, weights, strict=True))
        return kinds, [estimates[cone.structure] for cone, _ in kinds]

    def _named(self, nodes: tuple[int, ...]) -> str:
        names = [shown(self.ising.nodes[node]) for node in nodes]
        return f"node {names[0]}" if len(names) == 1 else f"edge {names[0]}, {names[1]}"


def _terms(ising: Ising) -> list[Term]:
    """The nodes and pairs that C has terms of, with their coefficients, the most connected first."""
    fields, coupled = np.flatnonzero(ising.h), np.flatnonzero(ising.J)
    i, j = ising.pairs[coupled].T
    degrees = np.bincount(np.concatenate([i, j]), minlength=len(ising.nodes))
    roots = [*zip(fields.tolist(), strict=True), *zip(i.tolist(), j.tolist(), strict=True)]
    values = [*ising.h[fields].tolist(), *ising.J[coupled].tolist()]
    order = np.argsort(-np.concatenate([degrees[fields], degrees[i] + degrees[j]]), kind="stable")
    return [(roots[k], values[k]) for k in order.tolist()]


def _is_forest(ising: Ising) -> bool:
    """Whether the couplings form no cycle."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    n, some = len(ising.nodes), ising.pairs[ising.J != 0]
    adjacency = coo_array((np.ones(len(some)), (some[:, 0], some[:, 1])), shape=(n, n))
    return bool(len(some) == n - connected_components(adjacency, directed=False)[0])
