"""Local search in a labelling: greedy construction, steepest descent and tabu search.

Every move keeps the rules: a node takes another label, or, where the labels are balanced, two nodes exchange
theirs.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable
from functools import cached_property

import numpy as np

from qgraph.base.typing import Bits, Flags, Integers, Reals
from qgraph.problems.base import BitProblem
from qgraph.problems.ising import Ising
from qgraph.problems.labelling import Labelling
from qgraph.problems.problem import Problem
from qgraph.problems.sense import sign
from qgraph.solvers.budget import Budget

ROUNDING = 1e-12  # relative size of changes that count as rounding errors
NOISE = 1e-9  # relative size of the noise that chooses among equal moves
ALL_PAIRS = 1024  # nodes up to which all exchanges are compared
LARGE = 2**14  # nodes times labels above which comparing all moves takes too long
FEW = 64  # nodes of each side that are compared in larger models
TENURE = 10  # fewest steps that a node waits; it waits at most twice as many
STEPS_A_NODE = 20  # of a tabu search
FEWEST_STEPS = 400
STEPS_OF_NOISE = 64  # steps


def flips(ising: Ising) -> Labelling:
    """Bits as labels: every move is one flip."""
    side = sign(ising)
    return Labelling(ising.pairs, 2 * side * ising.J, side * np.stack([ising.h, -ising.h], axis=1))


def moves(problem: Problem) -> tuple[Labelling, Callable[[Integers], Bits]]:
    """The labels that local search changes, and how to turn them into bits."""
    if isinstance(problem, BitProblem) and (own := problem.labelling()):
        return own, problem.bits_of
    return flips(problem.to_ising()), as_bits


def as_bits(labels: Integers) -> Bits:
    """Labels 0 and 1 as bits."""
    return labels.astype(np.uint8)


def as_labels(model: Labelling, bits: Bits) -> Integers:
    """The labels of bits that keep the rules: one bit per node, or one per node and label."""
    table = bits.reshape(len(model.alone), -1).astype(np.int64)
    return table[:, 0] if table.shape[1] == 1 else table.argmax(axis=1)


class LabelSearch:
    """Labels, and the energy of each node under each label."""

    def __init__(self, model: Labelling, labels: Integers) -> None:
        matrix = model.neighbours
        self.model = model
        self.starts, self.ends, self.weights = matrix.indptr, matrix.indices, matrix.data
        self.labels = labels.copy()
        self.costs = model.costs(labels)
        self.own = self.costs[np.arange(len(labels)), labels]
        self.least = ROUNDING * model.scale

    def put(self, node: int, label: int) -> float:
        """Give a node another label; the change of energy."""
        row = slice(self.starts[node], self.starts[node + 1])
        near, weights, old = self.ends[row], self.weights[row], self.labels[node]
        change = float(self.costs[node, label] - self.costs[node, old])
        self.costs[near, old] -= weights
        self.costs[near, label] += weights
        self.labels[node] = label
        self.own[near] = self.costs[near, self.labels[near]]
        self.own[node] = self.costs[node, label]
        return change

    def changes(self) -> Reals:
        """The change of energy if a node took a label: float64[n, k], infinite for the one that it has."""
        changes = self.costs - self.own[:, None]
        changes[np.arange(len(self.labels)), self.labels] = math.inf
        return changes

    def descended(self) -> Integers:
        """The labels after the best moves, until none improves; large models take any move that improves."""
        if self.costs.size > LARGE and not self.model.balanced:
            return self._settled()
        while self._exchanged() if self.model.balanced else self._relabelled():
            pass
        return self.labels

    def _settled(self) -> Integers:
        waiting = deque(range(len(self.labels)))
        listed = np.ones(len(self.labels), dtype=bool)
        while waiting:
            node = waiting.popleft()
            listed[node] = False
            label = int(self.costs[node].argmin())
            if self.costs[node, label] < self.own[node] - self.least:
                self.put(node, label)
                near = self.ends[self.starts[node] : self.starts[node + 1]]
                waiting.extend(near[~listed[near]].tolist())
                listed[near] = True
        return self.labels

    def _relabelled(self) -> bool:
        changes = self.changes()
        place = int(changes.argmin())
        if changes.flat[place] >= -self.least:
            return False
        self.put(*divmod(place, changes.shape[1]))
        return True

    @cached_property
    def _couplings(self) -> Reals:
        return np.asarray(self.model.neighbours.toarray())

    def _exchanged(self) -> bool:
        change = self.changes().min(axis=1)
        first, second = (np.flatnonzero(self.labels == label) for label in (0, 1))
        if min(len(first), len(second)) == 0:
            return False
        if len(change) > ALL_PAIRS:  # only the best few of each side
            first, second = (side[np.argsort(change[side], kind="stable")[:FEW]] for side in (first, second))
            between = self.model.neighbours[first][:, second].toarray()
        else:
            between = self._couplings[np.ix_(first, second)]
        totals = change[first][:, None] + change[second] - 2 * between
        i, j = np.unravel_index(int(totals.argmin()), totals.shape)
        if totals[i, j] >= -self.least:
            return False
        self.put(int(first[i]), 1)
        self.put(int(second[j]), 0)
        return True


def constructed(model: Labelling) -> Integers:
    """Labels node by node, the node whose choice matters most first; each takes its best label: int64[n]."""
    n, k = model.alone.shape
    matrix = model.neighbours
    costs, labels = model.alone.copy(), np.full(n, -1)
    ties = 1e-6 * (np.abs(matrix).sum(axis=1) + np.ptp(model.alone, axis=1))  # at first all are equal
    room = np.full(k, (n + 1) // 2 if model.balanced else n)
    urgency = costs.sum(axis=1) - k * costs.min(axis=1) + ties
    for _ in range(n):
        node = int(urgency.argmax())
        label = int(np.where(room > 0, costs[node], math.inf).argmin())
        labels[node], room[label], urgency[node] = label, room[label] - 1, -math.inf
        row = slice(matrix.indptr[node], matrix.indptr[node + 1])
        near = matrix.indices[row]
        costs[near, label] += matrix.data[row]
        near = near[labels[near] < 0]
        urgency[near] = costs[near].sum(axis=1) - k * costs[near].min(axis=1) + ties[near]
    return labels


def random_labels(model: Labelling, rng: np.random.Generator) -> Integers:
    """Random labels that keep the rules: int64[n]."""
    n, k = model.alone.shape
    return np.asarray(rng.permutation(n) % 2 if model.balanced else rng.integers(k, size=n))


def tabu(
    model: Labelling, start: Integers, restarts: int, rng: np.random.Generator, budget: Budget
) -> Integers:
    """The best labels of a tabu search and its restarts, each from a perturbed copy of the best: int64[n].

    Glover, ORSA J. Comput. 1 (1989); a node may not return to a label for a random number of steps, unless
    that gives the lowest energy so far.
    """
    search, best, least = LabelSearch(model, start), start, math.inf
    search.descended()
    for restart in range(restarts + 1):
        if restart:
            search = LabelSearch(model, _disturbed(model, best, rng))
        found, energy = _one_tabu(search, rng, budget)
        if energy < least - search.least:
            best, least = found, energy
        if budget.over():
            break
    return best


def _disturbed(model: Labelling, labels: Integers, rng: np.random.Generator) -> Integers:
    """A quarter of the nodes with other labels."""
    n = len(labels)
    some, new = rng.permutation(n)[: max(2, n // 4)], labels.copy()
    new[some] = labels[rng.permutation(some)] if model.balanced else random_labels(model, rng)[some]
    return new


def _one_tabu(search: LabelSearch, rng: np.random.Generator, budget: Budget) -> tuple[Integers, float]:
    n, k = search.costs.shape
    tenure = min(TENURE, n // 4)
    free_at = np.zeros((n, k), dtype=np.int64)  # the step from which a node may take a label again
    noise = np.zeros((n, k))
    energy = search.model.energy(search.labels)
    best, least = search.labels.copy(), energy
    with budget.ended_by_interrupt():
        for step in range(FEWEST_STEPS + STEPS_A_NODE * n):
            if step % STEPS_OF_NOISE == 0:
                if budget.over():
                    break
                noise = NOISE * search.model.scale * rng.random((n, k))
            waiting = free_at > step + rng.integers(tenure + 1)
            changes = search.changes() + noise
            wanted = -math.inf if search.model.balanced else least - energy - search.least
            node, label = _best_move(changes, waiting, wanted)
            old = int(search.labels[node])
            energy += search.put(node, label)
            free_at[node, old] = step + 2 * tenure
            if search.model.balanced:  # another node takes its place
                changes = search.changes()
                changes[node] = changes[:, label] = math.inf
                other, _ = _best_move(changes, waiting, least - energy - search.least)
                energy += search.put(other, old)
                free_at[other, label] = step + 2 * tenure
            if energy < least - search.least:
                best, least = search.labels.copy(), energy
    return best, search.model.energy(best)


def _best_move(changes: Reals, waiting: Flags, wanted: float) -> tuple[int, int]:
    """The best move that is free, or that changes the energy by less than `wanted`: (node, label)."""
    place = int(np.where(waiting & (changes >= wanted), math.inf, changes).argmin())
    if not math.isfinite(changes.flat[place]) or (waiting.flat[place] and changes.flat[place] >= wanted):
        place = int(changes.argmin())
    return divmod(place, int(changes.shape[1]))
