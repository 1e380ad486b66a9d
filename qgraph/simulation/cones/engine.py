"""Expectations term by term, each on its light cone, for thousands of nodes at small depth.

Equal cones are evaluated once. Trees are evaluated by message passing (`trees.py`), cones with cycles by
tensor contraction (`contraction.py`) or by a state vector (`vector.py`), whichever is quicker.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TypeVar

import numpy as np

from qgraph.base import resources
from qgraph.base.errors import ProblemTooLarge, shown
from qgraph.base.typing import Flags, Integers, Reals
from qgraph.problems.couplings import as_mappings
from qgraph.problems.ising import Ising
from qgraph.simulation.cones.branches import tree_terms
from qgraph.simulation.cones.contraction import Contraction, Workspaces
from qgraph.simulation.cones.find import Adjacency, Cone, Kinds, Rows, cut_out, reach
from qgraph.simulation.cones.plan import (
    BYTES_PER_MESSAGE,
    SECONDS_PER_MESSAGE,
    Estimate,
    LightCones,
    cheapest,
)
from qgraph.simulation.cones.threads import answers
from qgraph.simulation.cones.vector import VectorTerm
from qgraph.simulation.deadline import check
from qgraph.simulation.engine import Evaluator

Term = tuple[int, ...]
Answer = TypeVar("Answer")

DEEPEST = 12  # messages have 4**depth numbers
MOST_VISITS = 5 * 10**7  # of nodes in the search for cones
CHUNK = 2**17  # nodes that are reached between two checks of the deadline
LONGEST = 3600.0  # seconds of a gradient
LONG = 0.3  # seconds of a gradient from which all threads work on one term
ELSE = "depth 1 runs at any size (closed_form), and solve_recursive_qaoa finds solutions of any size"


class ConeEngine:
    """An Ising model at one depth. Costs are counted from the offset."""

    def __init__(
        self,
        ising: Ising,
        depth: int,
        longest: float | None = None,
        dtype: type[np.complexfloating] = np.complex128,
    ) -> None:
        self.ising, self.depth, self.dtype = ising, depth, dtype
        self.longest = LONGEST if longest is None else longest
        self.adjacency = Adjacency(ising)
        self.ends, self.coefficients = _terms(ising)
        self._estimates: dict[object, Estimate] = {}
        on_trees, with_cycles, numbers = self._split()
        some = on_trees.any()
        self.trees = tree_terms(
            self.adjacency, self.ends[on_trees], self.coefficients[on_trees], depth if some else 0
        )
        cones, estimates = self._kinds(with_cycles)
        self.weights = np.bincount(numbers, self.coefficients[~on_trees], len(cones))
        self._numbers = np.zeros(len(self.ends), dtype=np.int64)  # of each term, among trees or kinds
        self._numbers[on_trees], self._numbers[~on_trees] = self.trees.numbers, numbers
        self._on_trees = on_trees
        self.products = np.array([estimate.products for estimate in estimates], dtype=np.float64)
        self._long = np.array([estimate.seconds >= LONG for estimate in estimates], dtype=np.bool_)
        threads, spaces = resources.threads(), Workspaces()
        self.kinds = [
            VectorTerm(cone, dtype)
            if estimate.order is None
            else Contraction(cone, estimate.order, spaces, threads if long else 1)
            for cone, estimate, long in zip(cones, estimates, self._long.tolist(), strict=True)
        ]
        together = np.where(self._long, 1, threads)  # terms that are in memory at a time
        memory = np.array([estimate.memory for estimate in estimates]) * together
        self.plan = LightCones(
            depth=depth,
            terms=len(self.ends),
            kinds=self.trees.count + len(cones),
            qubits=max([self.trees.largest, *(cone.qubits for cone in cones)]),
            trees=self.trees.count,
            contracted=sum(one.order is not None for one in estimates),
            vectors=sum(one.order is None for one in estimates),
            memory=self.trees.amplitudes * BYTES_PER_MESSAGE + int(memory.max(initial=0.0)),
            seconds=1e-3
            + self.trees.steps * SECONDS_PER_MESSAGE
            + sum(one.seconds for one in estimates) / threads,
        )
        what = f"a simulation of {self.plan.kinds} kinds of light cones at depth {depth}"
        resources.require_memory(self.plan.memory, what, "a smaller depth would fit")

    @cached_property
    def rows(self) -> Rows:
        """The coupled nodes of each node, with their couplings."""
        return as_mappings(self.adjacency.starts, self.adjacency.there, self.adjacency.couplings)

    def expectation(self, gammas: Reals, betas: Reals) -> float:
        """<C>."""
        found = self._each(lambda part: part.expectation(gammas, betas))
        on_trees = self.trees.expectation(gammas, betas) if self.trees.count else 0.0
        return on_trees + float(self.weights @ np.array(found, dtype=np.float64))

    def gradient(self, gammas: Reals, betas: Reals) -> tuple[float, Reals]:
        """<C> and its derivatives: float64[2, p]."""
        value, slopes = 0.0, np.zeros((2, self.depth))
        if self.trees.count:
            value, slopes = self.trees.gradient(gammas, betas)
        found = self._each(lambda part: part.gradient(gammas, betas))
        for weight, (mean, by_angles) in zip(self.weights.tolist(), found, strict=True):
            value += weight * mean
            slopes = slopes + weight * by_angles
        return value, slopes

    def correlations(self, gammas: Reals, betas: Reals) -> Reals:
        """<Z_i Z_j> of the pairs, in the order of `Ising.pairs`; where a coupling is 0, not a number."""
        trees = self.trees.means(gammas, betas) if self.trees.count else np.zeros(0)
        kinds = np.array(self._each(lambda part: part.expectation(gammas, betas)), dtype=np.float64)
        return self._of_pairs(trees, kinds)

    def hardness(self) -> Reals:
        """log10 of `Estimate.products`, in the order of `Ising.pairs`. Trees share their work equally."""
        trees = np.full(self.trees.count, self.trees.steps / max(self.trees.count, 1))
        return np.log10(np.maximum(self._of_pairs(trees, self.products), 1.0))

    def _of_pairs(self, trees: Reals, kinds: Reals) -> Reals:
        """What belongs to each coupling, of numbers for all different terms on trees and for all kinds."""
        found = np.empty(len(self.ends))
        found[self._on_trees] = trees[self._numbers[self._on_trees]]
        found[~self._on_trees] = kinds[self._numbers[~self._on_trees]]
        pair = self.ends[:, 0] != self.ends[:, 1]
        n = len(self.ising.nodes)
        keys, wanted = self.ends[pair] @ [n, 1], self.ising.pairs @ [n, 1]
        order = np.argsort(keys)
        of_pairs = np.full(len(wanted), np.nan)
        coupled = self.ising.J != 0
        of_pairs[coupled] = found[pair][order][np.searchsorted(keys[order], wanted[coupled])]
        return of_pairs

    def _each(self, ask: Callable[[Evaluator], Answer]) -> list[Answer]:
        """The answers of all kinds with cycles, in order. Long ones come one by one, each on all threads."""
        found = dict[int, Answer]()
        for k in np.flatnonzero(self._long).tolist():
            check()
            found[k] = ask(self.kinds[k])
        short = np.flatnonzero(~self._long).tolist()
        found.update(zip(short, answers(ask, [self.kinds[k] for k in short]), strict=True))
        return [found[k] for k in range(len(self.kinds))]

    def _split(self) -> tuple[Flags, list[Term], Integers]:
        """Which terms are on trees, a term of each kind of cones with cycles, and the kind of the others."""
        adjacency, ends = self.adjacency, self.ends
        visits = int(np.sum(adjacency.degrees**2))  # the least number of visits to find branches
        if self.depth == 0 or (self.depth <= DEEPEST and visits <= MOST_VISITS and _is_forest(adjacency)):
            return np.ones(len(ends), dtype=np.bool_), [], np.zeros(0, dtype=np.int64)
        kinds, start, size = Kinds(adjacency, self.depth), 0, 1
        numbers, on_trees = list[int](), np.zeros(len(ends), dtype=np.bool_)
        while start < len(ends):
            check()
            part = ends[start : start + size]
            keys, distances, trees = reach(adjacency, part, self.depth)
            visits += len(keys)
            if visits > MOST_VISITS:
                qubits = np.bincount(keys // adjacency.n)
                raise ProblemTooLarge(
                    f"light cones of depth {self.depth} are too large: that of "
                    f"{self._named(_roots(part[qubits.argmax()]))} has {qubits.max()} qubits; {ELSE}"
                )
            trees &= self.depth <= DEEPEST
            on_trees[start : start + size] = trees
            if not trees.all():
                if not numbers:  # the most connected term comes first: errors come early
                    self._kinds([_roots(part[trees.argmin()])])
                others = ~trees[keys // adjacency.n]
                numbers += kinds.add(keys[others], distances[others], part)
            start += size
            size = max(1, min(2 * size, CHUNK * size // len(keys)))
        places, first = np.flatnonzero(~on_trees), np.unique(numbers, return_index=True)[1]
        return on_trees, [_roots(ends[k]) for k in places[first]], np.array(numbers, dtype=np.int64)

    def _kinds(self, terms: Sequence[Term]) -> tuple[list[Cone], list[Estimate]]:
        """The cones of terms, and what each takes."""
        cones = list[Cone]()
        for nodes in terms:
            check()
            cones.append(cut_out(self.ising, self.rows, nodes, self.depth))
        counts = Counter(cone.structure for cone in cones)
        new = {
            cone.structure: (cone, nodes)
            for cone, nodes in zip(cones, terms, strict=True)
            if cone.structure not in self._estimates
        }
        hint = "" if self.longest == LONGEST else f' (method="lightcone" goes up to {LONGEST:.0f} s)'
        found = answers(lambda one: cheapest(one[0], self.depth, self.dtype), list(new.values()))
        seconds = 0.0
        for (structure, (cone, nodes)), estimate in zip(new.items(), found, strict=True):
            self._estimates[structure] = estimate
            seconds += counts[structure] * estimate.seconds / resources.threads()
            if math.isinf(estimate.seconds):
                needs = f"{estimate.memory / 2**30:.2g} GiB"
                many = "too many cycles" if math.isinf(estimate.memory) else needs
                raise ProblemTooLarge(
                    f"the light cone of {self._named(nodes)} at depth {self.depth} does not fit: it has "
                    f"{cone.qubits} qubits and {many}; {ELSE}"
                )
            if seconds > self.longest:
                raise ProblemTooLarge(
                    f"light cones of depth {self.depth}, such as that of {self._named(nodes)} with "
                    f"{cone.qubits} qubits, would take more than {self.longest:.0f} s for a gradient{hint}; "
                    + ELSE
                )
        return cones, [self._estimates[cone.structure] for cone in cones]

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


def _is_forest(adjacency: Adjacency) -> bool:
    """Whether the couplings form no cycle."""
    count = len(adjacency.J) // 2
    if count >= adjacency.n:
        return False
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    matrix = csr_array(
        (adjacency.couplings, adjacency.there, adjacency.starts), shape=(adjacency.n, adjacency.n)
    )
    return bool(count == adjacency.n - connected_components(matrix, directed=False)[0])
