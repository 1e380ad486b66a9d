"""Expectations term by term, each on its light cone, for thousands of nodes at small depth.

Equal cones are evaluated once. Trees are evaluated by message passing (`trees.py`), cones with cycles by
tensor contraction (`contraction.py`) or by a state vector (`vector.py`), whichever is quicker.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import cached_property

import numpy as np

from qgraph.base import resources
from qgraph.base.errors import ProblemTooLarge, shown
from qgraph.base.typing import Flags, Integers, Reals
from qgraph.problems.couplings import as_mappings
from qgraph.problems.ising import Ising
from qgraph.simulation.cones.branches import tree_terms
from qgraph.simulation.cones.contraction import Contraction
from qgraph.simulation.cones.find import Cone, Kinds, Network, Rows, cut_out, reach
from qgraph.simulation.cones.plan import (
    BYTES_PER_MESSAGE,
    LARGEST_VECTOR,
    SECONDS_PER_MESSAGE,
    Estimate,
    LightCones,
    cheapest,
)
from qgraph.simulation.cones.threads import answers
from qgraph.simulation.cones.vector import VectorTerm
from qgraph.simulation.deadline import check
from qgraph.simulation.engine import Evaluator

Term = tuple[tuple[int, ...], float]

DEEPEST = 12  # messages have 4**depth numbers
MOST_VISITS = 5 * 10**7  # of nodes in the search for cones
CHUNK = 2**17  # nodes that are reached between two checks of the deadline
LONGEST = 3600.0  # seconds of a gradient
ELSE = "depth 1 runs at any size (closed_form), and solve_recursive_qaoa finds solutions of any size"


class ConeEngine:
    """An Ising model at one depth. Costs are counted from the offset."""

    def __init__(self, ising: Ising, depth: int, longest: float = LONGEST) -> None:
        self.ising, self.depth, self.longest = ising, depth, longest
        self.network = Network(ising)
        self.ends, self.coefficients = _terms(ising)
        on_trees, with_cycles = self._split()
        some = on_trees.any()
        trees = tree_terms(
            self.network, self.ends[on_trees], self.coefficients[on_trees], depth if some else 0
        )
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
            terms=len(self.ends),
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

    @cached_property
    def rows(self) -> Rows:
        """The coupled nodes of each node, with their couplings."""
        return as_mappings(self.network.starts, self.network.there, self.network.couplings)

    def expectation(self, gammas: Reals, betas: Reals) -> float:
        """<C>."""
        return float(sum(answers(lambda part: part.expectation(gammas, betas), self.parts)))

    def gradient(self, gammas: Reals, betas: Reals) -> tuple[float, Reals]:
        """<C> and its derivatives: float64[2, p]."""
        found = list(answers(lambda part: part.gradient(gammas, betas), self.parts))
        slopes = sum((slope for _, slope in found), np.zeros((2, len(gammas))))
        return float(sum(value for value, _ in found)), slopes

    def _split(self) -> tuple[Flags, list[Term]]:
        """Which terms are on trees, and one of each kind of cones with cycles, with all its coefficients."""
        network, ends = self.network, self.ends
        visits = int(np.sum(network.degrees**2))  # the least number of visits to find branches
        if self.depth == 0 or (self.depth <= DEEPEST and visits <= MOST_VISITS and _is_forest(network)):
            return np.ones(len(ends), dtype=np.bool_), []
        kinds, start, size = Kinds(network, self.depth), 0, 1
        numbers, on_trees = list[int](), np.zeros(len(ends), dtype=np.bool_)
        while start < len(ends):
            check()
            part = ends[start : start + size]
            keys, distances, trees = reach(network, part, self.depth)
            visits += len(keys)
            if visits > MOST_VISITS:
                qubits = np.bincount(keys // network.n)
                raise ProblemTooLarge(
                    f"light cones of depth {self.depth} are too large: that of "
                    f"{self._named(_roots(part[qubits.argmax()]))} has {qubits.max()} qubits; {ELSE}"
                )
            trees &= self.depth <= DEEPEST
            on_trees[start : start + size] = trees
            if not trees.all():
                if not numbers:  # the most connected term comes first: errors come early
                    self._kinds([(_roots(part[trees.argmin()]), 0.0)])
                others = ~trees[keys // network.n]
                numbers += kinds.add(keys[others], distances[others], part)
            start += size
            size = max(1, min(2 * size, CHUNK * size // len(keys)))
        places, first = np.flatnonzero(~on_trees), np.unique(numbers, return_index=True)[1]
        weights = np.bincount(np.array(numbers, dtype=np.int64), self.coefficients[places]).tolist()
        return on_trees, [(_roots(ends[k]), weight) for k, weight in zip(places[first], weights, strict=True)]

    def _kinds(self, terms: Sequence[Term]) -> tuple[list[tuple[Cone, float]], list[Estimate]]:
        """The cones of terms, each with its coefficient, and what each takes."""
        kinds, estimates = list[tuple[Cone, float]](), dict[object, Estimate]()
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
            kinds.append((cone, weight))
            seconds += estimate.seconds
            if seconds > self.longest:
                raise ProblemTooLarge(
                    f"light cones of depth {self.depth}, of up to {cone.qubits} qubits, would take more than "
                    f"{self.longest:.0f} s for a gradient{hint}; {ELSE}"
                )
        return kinds, [estimates[cone.structure] for cone, _ in kinds]

    def _named(self, nodes: tuple[int, ...]) -> str:
        names = [shown(self.ising.nodes[node]) for node in nodes]
        return f"node {names[0]}" if len(names) == 1 else f"edge {names[0]}, {names[1]}"


def _terms(ising: Ising) -> tuple[Integers, Reals]:
    """The ends of the terms of C, as in `reach`, and their coefficients; the most connected ones first."""
    fields, coupled = np.flatnonzero(ising.h), np.flatnonzero(ising.J)
    pairs = ising.pairs[coupled]
    degrees = np.bincount(pairs.reshape(-1), minlength=len(ising.nodes))
    ends = np.concatenate([np.stack([fields, fields], axis=1), pairs])
    order = np.argsort(-np.concatenate([degrees[fields], degrees[pairs].sum(axis=1)]), kind="stable")
    return ends[order], np.concatenate([ising.h[fields], ising.J[coupled]])[order]


def _roots(ends: Integers) -> tuple[int, ...]:
    """The one or two nodes of a term."""
    return tuple(dict.fromkeys(ends.tolist()))


def _is_forest(network: Network) -> bool:
    """Whether the couplings form no cycle."""
    count = len(network.J) // 2
    if count >= network.n:
        return False
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    adjacency = csr_array((network.couplings, network.there, network.starts), shape=(network.n, network.n))
    return bool(count == network.n - connected_components(adjacency, directed=False)[0])
