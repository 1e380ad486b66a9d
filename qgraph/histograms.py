"""Histograms of the values of C, for figures of states and counts."""

from __future__ import annotations

import numpy as np

from qgraph.base.typing import Reals
from qgraph.simulation.counts import Counts
from qgraph.simulation.state import State

MOST_BARS = 60
MOST_VALUES = 2000  # with more distinct values, bins ignore the steps between values
MOST_STATES = 2**16  # with more basis states, values are counted in bins and the random guess is sampled
GUESSES = 20_000


def shares(state: State | Counts) -> tuple[Reals, Reals, Reals | None]:
    """The edges of bins over C, the probability of each bin, and the same for a random guess."""
    if isinstance(state, Counts):
        edges = _bins(state.objectives)
        return edges, np.histogram(state.objectives, edges, weights=state.counts / state.shots)[0], None
    if state.size <= MOST_STATES:
        edges, costs = _bins(state.costs), state.costs
        heights = np.histogram(costs, edges, weights=state.probabilities())[0]
        return edges, heights, np.histogram(costs, edges)[0] / len(costs)
    guess = state.guess(GUESSES)
    edges = _bins(np.append(guess.objectives, [state.optimum(), state.worst()]))
    edges, heights = state.distribution(len(edges) - 1, span=(edges[0], edges[-1]))
    return edges, heights, np.histogram(guess.objectives, edges, weights=guess.counts / guess.shots)[0]


def _bins(values: Reals) -> Reals:
    """Edges of at most `MOST_BARS` bins; equally spaced values get a whole number of steps per bin."""
    low, high = float(values.min()), float(values.max())
    if high - low <= 1e-9 * max(abs(low), abs(high)):
        half = 0.5 * max(abs(low), 1.0) if low else 0.5
        return np.array([low - half, low + half])
    distinct = np.unique(((values - low) / (high - low)).round(9))
    gap = float(np.diff(distinct).min())
    steps = distinct / gap
    if len(distinct) <= MOST_VALUES and np.abs(steps - steps.round()).max() < 1e-3:
        count = round(steps[-1]) + 1
        together = -(-count // MOST_BARS)
        places = together * np.arange(-(-count // together) + 1) - 0.5
        return np.asarray(low + (high - low) * gap * places)
    margin = 1e-9 * (high - low)  # keeps both extremes inside in spite of rounding
    return np.linspace(low - margin, high + margin, MOST_BARS + 1)
