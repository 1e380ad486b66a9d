"""Expectations term by term, each on its light cone: thousands of nodes are within reach at small depth.

Cones that are the same are counted once. Trees go through messages (`trees.py`), cones with cycles through
the cheaper of a contraction (`contraction.py`) and a state vector of their own (`cone_vector.py`).
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple, Protocol, TypeVar

import numpy as np

from qgraph.base import resources
from qgraph.base.errors import ProblemTooLarge, shown
from qgraph.base.typing import Reals
from qgraph.problems.ising import Ising
from qgraph.simulation.choose import LightCones
from qgraph.simulation.cones.branches import Branches
from qgraph.simulation.cones.contraction import WIDEST, Contraction, Elimination
from qgraph.simulation.cones.find import Cone, Kinds, cut_out, neighbours, reach
from qgraph.simulation.cones.trees import TreeTerms
from qgraph.simulation.cones.vector import VectorTerm
from qgraph.simulation.deadline import check, shared

Term = tuple[tuple[int, ...], float]

Answer = TypeVar("Answer")

DEEPEST = 12  # messages have 4**depth numbers
LARGEST_VECTOR = 24  # qubits
MOST_VISITS = 5 * 10**7  # of nodes, while cones are found
LONGEST = 3600.0  # seconds of a gradient
BYTES_PER_MESSAGE, BYTES_PER_HISTORY, BYTES_PER_STATE = 48, 192, 120  # numbers of each at a gradient's peak
ELSE = "depth 1 runs at any size (closed_form), and solve_recursive_qaoa finds solutions of any size"
SECONDS_PER_MESSAGE, SECONDS_PER_STATE = 1.2e-7, 4e-8  # by spin and number; by layer, qubit and number


class Terms(Protocol):
    """Some of the terms of C."""

    def value(self, gammas: Reals, betas: Reals) -> float:
        """Their expectation."""

    def gradient(self, gammas: Reals, betas: Reals) -> tuple[float, Reals]:
        """Their expectation and its derivatives: float64[2, p]."""


class Way(NamedTuple):
    """How a cone is simulated: by contraction, `width` spins at a time, or by a state vector if that is 0."""

    width: int
    seconds: float
    memory: int


class Kind(NamedTuple):
    """One of the different cones, and the coefficients of all terms that have it."""

    cone: Cone
    weight: float
    way: Way


class ConeEngine:
    """An Ising model at one depth; costs are counted from the offset."""

    def __init__(self, ising: Ising, depth: int, longest: float = LONGEST) -> None:
        self.ising, self.depth, self.longest = ising, depth, longest
        self.rows = neighbours(ising)
        terms = _terms(ising)
        straight, crossed = self._sorted_out(terms)
        trees = Branches(self.rows, ising.h, depth if straight else 0).terms(straight)
        kinds = self._kinds(crossed)
        self.parts: list[Terms] = [TreeTerms(trees)] if trees.count else []
        groups: dict[object, list[Kind]] = defaultdict(list)
        for kind in kinds:
            if kind.way.width:
                groups[kind.cone.structure].append(kind)
            else:
                self.parts.append(VectorTerm(kind.cone, kind.weight))
        for group in groups.values():
            self.parts.append(Contraction([kind.cone for kind in group], [kind.weight for kind in group]))
        side_by_side = resources.threads() * max((kind.way.memory for kind in kinds), default=0)
        self.plan = LightCones(
            depth=depth,
            terms=len(terms),
            kinds=trees.count + len(kinds),
            qubits=max([trees.largest, *(kind.cone.qubits for kind in kinds)]),
            trees=trees.count,
            contracted=sum(kind.way.width > 0 for kind in kinds),
            vectors=sum(kind.way.width == 0 for kind in kinds),
            memory=trees.amplitudes * BYTES_PER_MESSAGE + side_by_side,
            seconds=1e-3 + trees.steps * SECONDS_PER_MESSAGE + sum(kind.way.seconds for kind in kinds),
        )
        what = f"a simulation of {self.plan.kinds} kinds of light cones at depth {depth}"
        resources.require_memory(self.plan.memory, what, "a smaller depth would fit")

    def expectation(self, gammas: Reals, betas: Reals) -> float:
        """<C>."""
        return float(sum(self._each(lambda part: part.value(gammas, betas))))

    def gradient(self, gammas: Reals, betas: Reals) -> tuple[float, Reals]:
        """<C> and its derivatives: float64[2, p]."""
        found = self._each(lambda part: part.gradient(gammas, betas))
        slopes = sum((slope for _, slope in found), np.zeros((2, len(gammas))))
        return float(sum(value for value, _ in found)), slopes

    def _each(self, ask: Callable[[Terms], Answer]) -> list[Answer]:
        """The answers of all parts, in order, found side by side."""
        if len(self.parts) < 2:
            return [ask(part) for part in self.parts]
        deadline = shared()

        def answered(part: Terms) -> Answer:
            with deadline.kept():
                return ask(part)

        with ThreadPoolExecutor(resources.threads()) as pool:
            waiting = [pool.submit(answered, part) for part in self.parts]
            try:
                return [answer.result() for answer in waiting]
            except BaseException:  # an interrupt too: what runs ends at its next check
                deadline.move(-math.inf)
                pool.shutdown(cancel_futures=True)
                raise

    def _sorted_out(self, terms: Sequence[Term]) -> tuple[list[Term], list[Term]]:
        """Terms on trees, and those on cones with cycles."""
        if self.depth > DEEPEST:
            return [], list(terms)
        straight: list[Term] = []
        crossed: list[Term] = []
        visits = sum(len(row) ** 2 for row in self.rows)  # what branches take at least
        if self.depth == 0 or (visits <= MOST_VISITS and _is_forest(self.ising)):
            return list(terms), []
        for term in terms:
            check()
            distance, tree = reach(self.rows, term[0], self.depth)
            (straight if tree else crossed).append(term)
            visits += len(distance)
            if visits > MOST_VISITS:
                raise ProblemTooLarge(
                    f"light cones of depth {self.depth} are too large: that of {self._named(term[0])} has "
                    f"{len(distance)} qubits; {ELSE}"
                )
            if crossed == [term]:
                self._kinds(crossed)  # the most connected come first: refused soon, if at all
        return straight, crossed

    def _kinds(self, terms: Sequence[Term]) -> list[Kind]:
        """The different cones with cycles, and how each is dealt with."""
        known, ways = Kinds(), dict[object, Way]()
        found: list[Kind] = []
        seconds = 0.0
        patience = "" if self.longest == LONGEST else f' (method="lightcone" goes up to {LONGEST:.0f} s)'
        for nodes, weight in terms:
            check()
            cone = cut_out(self.ising, self.rows, nodes, self.depth)
            way = ways.get(cone.structure)
            if way is None:
                way = ways[cone.structure] = _cheapest(cone, self.depth)
            if way.seconds == float("inf"):
                raise ProblemTooLarge(
                    f"the light cone of {self._named(nodes)} at depth {self.depth} has {cone.qubits} qubits; "
                    f"{LARGEST_VECTOR} qubits would fit, or more in cones with fewer cycles; {ELSE}"
                )
            number, new = known.add(cone)
            if new:
                found.append(Kind(cone, 0.0, way))
                seconds += way.seconds
            if seconds > self.longest:
                raise ProblemTooLarge(
                    f"light cones of depth {self.depth}, of up to {cone.qubits} qubits, would take more than "
                    f"{self.longest:.0f} s for a gradient{patience}; {ELSE}"
                )
            found[number] = found[number]._replace(weight=found[number].weight + weight)
        return found

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
    """Whether there is no cycle at all."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    n, some = len(ising.nodes), ising.pairs[ising.J != 0]
    adjacency = coo_array((np.ones(len(some)), (some[:, 0], some[:, 1])), shape=(n, n))
    return bool(len(some) == n - connected_components(adjacency, directed=False)[0])


def _cheapest(cone: Cone, depth: int) -> Way:
    """A contraction or a state vector, whichever takes less time."""
    elimination = Elimination(cone)
    size = 2 ** min(elimination.width, WIDEST)
    contracted = Way(elimination.width, elimination.seconds, size * BYTES_PER_HISTORY)
    if cone.qubits > LARGEST_VECTOR:
        return contracted
    states = 2**cone.qubits
    seconds = SECONDS_PER_STATE * states * (depth + 1) * cone.qubits + 1e-4
    return min(contracted, Way(0, seconds, states * BYTES_PER_STATE), key=lambda way: way.seconds)
