"""Simulated annealing in a labelling, several runs side by side; every move keeps the rules."""

from __future__ import annotations

import math

import numpy as np

from qgraph.base.typing import Flags, Integers, Reals
from qgraph.problems.labelling import Labelling
from qgraph.solvers.budget import Budget
from qgraph.solvers.heuristics.local_search import ROUNDING, LabelSearch, random_labels

STEPS_AT_ONCE = 64  # between two calls of the callback
LARGEST_DENSE = 512  # nodes up to which a dense matrix is faster than a sparse one


def annealed(
    model: Labelling, reads: int, sweeps: int, rng: np.random.Generator, budget: Budget
) -> list[Integers]:
    """The labels that `reads` runs of simulated annealing end with, each a local optimum.

    Kirkpatrick, Gelatt, Vecchi, Science 220 (1983), with a geometric schedule. All runs go side by side. Each
    step moves the same random nodes or pairs in all of them; no two are adjacent, so their moves are
    independent. A sweep proposes as many moves as there are nodes. If the time does not allow all sweeps,
    the temperature falls faster, so that the runs end cold.
    """
    n = len(model.alone)
    state = _Replicas(model, [random_labels(model, rng) for _ in range(reads)])
    hot, cold = _temperatures(model)
    proposed, step, wanted = 0, 0, sweeps * n
    with budget.ended_by_interrupt():
        while proposed < wanted and not budget.over(None if step % STEPS_AT_ONCE else proposed / wanted):
            groups, within = _independent(model, 2 if model.balanced else 1, rng)
            temperature = hot * (cold / hot) ** max(proposed / wanted, budget.spent)
            (state.exchange if model.balanced else state.relabel)(groups, within, temperature, rng)
            step, proposed = step + 1, proposed + groups.size
    ends = sorted(state.labels.T, key=model.energy)
    return [LabelSearch(model, labels).descended() for labels in (ends[:1] if budget.stopped_by else ends)]


def _temperatures(model: Labelling) -> tuple[float, float]:
    """The hottest, where the node with the largest terms moves half of the time, and the coldest.

    At the coldest, small losses are rare.
    """
    terms = np.abs(np.concatenate([model.together, np.diff(np.sort(model.alone, axis=1)).ravel()]))
    terms = terms[terms > ROUNDING * model.scale]
    small = float(np.quantile(terms, 0.1)) if len(terms) else 1.0
    return model.scale / math.log(2), small / math.log(100 * len(model.alone))


def _independent(model: Labelling, width: int, rng: np.random.Generator) -> tuple[Integers, Reals]:
    """Random groups of `width` nodes, none of them adjacent to another: int64[s, width].

    Also the energy within each group if its nodes have the same label.
    """
    n = len(model.alone)
    groups = rng.permutation(n)[: n - n % width].reshape(-1, width)
    number = np.full(n, len(groups))
    number[groups] = np.arange(len(groups))[:, None]
    i, j = number[model.pairs.T]
    free = np.ones(len(groups) + 1, dtype=bool)
    free[np.maximum(i, j)[i != j]] = False
    free[-1] = False
    within = np.bincount(i[i == j], model.together[i == j], len(groups) + 1)
    return groups[free[:-1]], within[free].astype(np.float64)


class _Replicas:
    """Several runs side by side: labels int64[n, reads], costs float64[n, reads, k]."""

    def __init__(self, model: Labelling, starts: list[Integers]) -> None:
        n, self.k = model.alone.shape
        self.labels = np.stack(starts, axis=1)
        self.costs = np.stack([model.costs(labels) for labels in starts], axis=1)
        self.neighbours = model.neighbours.toarray() if n <= LARGEST_DENSE else model.neighbours

    def relabel(self, groups: Integers, _: Reals, temperature: float, rng: np.random.Generator) -> None:
        """Propose another label for each node."""
        nodes = groups[:, 0]
        old = self.labels[nodes]
        new = (old + rng.integers(1, self.k, size=old.shape)) % self.k if self.k > 1 else old
        change = self._at(nodes, new) - self._at(nodes, old)
        self._apply(nodes, old, new, change <= temperature * rng.exponential(size=change.shape))

    def exchange(self, groups: Integers, within: Reals, temperature: float, rng: np.random.Generator) -> None:
        """Propose that the two nodes of each pair exchange their labels."""
        first, second = groups.T
        one, other = self.labels[first], self.labels[second]
        change = self._at(first, other) - self._at(first, one)
        change = change + self._at(second, one) - self._at(second, other) - 2 * within[:, None]
        accepted = (change <= temperature * rng.exponential(size=change.shape)) & (one != other)
        nodes, old, new = (np.concatenate(two) for two in ((first, second), (one, other), (other, one)))
        self._apply(nodes, old, new, np.concatenate([accepted, accepted]))

    def _at(self, nodes: Integers, labels: Integers) -> Reals:
        return self.costs[nodes[:, None], np.arange(labels.shape[1]), labels]

    def _apply(self, nodes: Integers, old: Integers, new: Integers, accepted: Flags) -> None:
        one_hot = np.eye(self.k)
        moved = (one_hot[new] - one_hot[old]) * accepted[:, :, None]
        change = self.neighbours[nodes].T @ moved.reshape(len(nodes), -1)
        self.costs += change.reshape(self.costs.shape)
        self.labels[nodes] = np.where(accepted, new, old)
