"""A simulated QAOA state, and the counts that measuring it gives."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING, Protocol

import numpy as np

from qgraph.errors import require, require_whole
from qgraph.simulation import reference

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from qgraph.problems.base import Candidate, Problem

ROWS_AT_ONCE = 2**16
SAME = 1e-9  # objective values closer than this, relative to their range, count as equal


class Basis(Protocol):
    """The basis of a state: which bits each index stands for."""

    size: int

    def bits(self, indices: NDArray[np.int64]) -> NDArray[np.uint8]:
        """The bits of basis states: int64[k] to uint8[k, n]."""


@dataclass(frozen=True)
class Outcome:
    """A basis state worth showing: its probability, and what it says about the problem."""

    probability: float
    candidate: Candidate


@dataclass(frozen=True, eq=False)
class Counts:
    """What measuring gave: distinct bit strings (uint8[k, n]), most frequent first, and how often.

    Column q of `bits` belongs to `problem.nodes[q]`.
    """

    problem: Problem
    bits: NDArray[np.uint8]
    counts: NDArray[np.int64]

    @property
    def shots(self) -> int:
        """The number of measurements."""
        return int(self.counts.sum())

    @cached_property
    def objectives(self) -> NDArray[np.float64]:
        """C of each distinct bit string: float64[k]."""
        return self.problem.objective(self.bits)

    def expectation(self) -> float:
        """The mean of C over the shots."""
        return float(self.counts @ self.objectives / self.shots)

    def best(self) -> Candidate:
        """The best feasible candidate; the best infeasible one if there is none."""
        sign = 1.0 if self.problem.sense == "minimize" else -1.0
        order = np.argsort(sign * self.objectives, kind="stable")
        candidates = (self.problem.decode(self.bits[i]) for i in order)
        return next((c for c in candidates if c.feasible), self.problem.decode(self.bits[order[0]]))

    def top(self, k: int = 10) -> tuple[Outcome, ...]:
        """The `k` most frequent bit strings, with their frequencies."""
        shares = (self.counts / self.shots).tolist()
        return tuple(
            Outcome(p, self.problem.decode(b)) for p, b in zip(shares[:k], self.bits[:k], strict=True)
        )

    def __repr__(self) -> str:
        return f"Counts({self.shots} shots, {len(self.counts)} distinct)"

    def _repr_html_(self) -> str:
        return outcome_table(self.top(), "frequency")


class State:
    """|gammas, betas> of a problem.

    `costs` holds C of every basis state: float64[size]. Qubit q of index i is bit q of i; where bits are
    returned, column q is `problem.nodes[q]`.
    """

    def __init__(
        self,
        problem: Problem,
        basis: Basis,
        costs: NDArray[np.float64],
        amplitudes: NDArray[np.complexfloating],
    ) -> None:
        self.problem = problem
        self.costs = costs
        self._basis = basis
        self._amplitudes = amplitudes

    def __repr__(self) -> str:
        return f"State({self.problem!r}, {self._basis.size} amplitudes, expectation {self.expectation():.6g})"

    def amplitudes(self) -> NDArray[np.complexfloating]:
        """A copy of the amplitudes: complex[size]."""
        return self._amplitudes.copy()

    def probabilities(self) -> NDArray[np.float64]:
        """The probability of every basis state: float64[size]."""
        return self._probabilities.copy()

    @cached_property
    def _probabilities(self) -> NDArray[np.float64]:
        return reference.probabilities(self._amplitudes)

    def expectation(self) -> float:
        """<C>."""
        return float(self._probabilities @ self.costs)

    def variance(self) -> float:
        """<C^2> - <C>^2."""
        return float(self._probabilities @ np.square(self.costs - self.expectation()))

    def cvar(self, alpha: float) -> float:
        """The mean of C over the best `alpha` of the probability, 0 < alpha <= 1.

        Conditional value at risk: Barkoutsos et al., arXiv:1907.04769, section 3.
        """
        return float(
            self._probabilities @ tail_values(self.costs, self._probabilities, self.problem.sense, alpha)
        )

    def sample(self, shots: int = 1024, *, seed: int) -> Counts:
        """Measure all qubits `shots` times. The same seed gives the same counts."""
        require_whole("shots", shots, 1)
        cumulative = np.cumsum(self._probabilities)
        points = np.random.default_rng(seed).random(shots) * cumulative[-1]
        found = np.searchsorted(cumulative, points, side="right")
        return self._count(np.minimum(found, self._basis.size - 1))

    def _count(self, found: NDArray[np.int64]) -> Counts:
        indices, counts = np.unique(found, return_counts=True)
        order = np.argsort(-counts, kind="stable")
        return Counts(self.problem, self._basis.bits(indices[order]), counts[order])

    def top(self, k: int = 10) -> tuple[Outcome, ...]:
        """The `k` most probable basis states; ties by index."""
        require_whole("k", k, 1)
        p = self._probabilities
        k = min(k, len(p))
        threshold = np.partition(p, len(p) - k)[len(p) - k]
        likely = np.flatnonzero(p >= threshold)
        indices = likely[np.argsort(-p[likely], kind="stable")][:k]
        bits = self._basis.bits(indices)
        return tuple(Outcome(float(p[i]), self.problem.decode(b)) for i, b in zip(indices, bits, strict=True))

    def marginals(self) -> NDArray[np.float64]:
        """The probability that each bit is 1: float64[n]."""
        total = np.zeros(len(self.problem.nodes))
        for start in range(0, self._basis.size, ROWS_AT_ONCE):
            indices = np.arange(start, min(start + ROWS_AT_ONCE, self._basis.size))
            total += self._probabilities[indices] @ self._basis.bits(indices)
        return total

    def optimum(self) -> float:
        """The best value of C over all basis states."""
        return float(self.costs.min() if self.problem.sense == "minimize" else self.costs.max())

    def optimum_probability(self) -> float:
        """The probability of measuring an optimum."""
        tolerance = SAME * max(1.0, float(np.abs(self.costs).max()))
        return float(self._probabilities[np.abs(self.costs - self.optimum()) <= tolerance].sum())

    def _repr_html_(self) -> str:
        return outcome_table(self.top(), "probability")


def tail_values(
    costs: NDArray[np.float64], probabilities: NDArray[np.float64], sense: str, alpha: float
) -> NDArray[np.float64]:
    """The diagonal observable whose mean is the CVaR: t -+ max(0, +-(t - C)) / alpha at the quantile t.

    With t held fixed its derivative is the CVaR's (Rockafellar and Uryasev 2000, theorem 1).
    """
    require(0 < alpha <= 1, "alpha", "must be above 0 and at most 1", alpha)
    flip = 1.0 if sense == "minimize" else -1.0
    order = np.argsort(flip * costs, kind="stable")
    cumulative = np.cumsum(probabilities[order])
    place = min(int(np.searchsorted(cumulative, alpha * cumulative[-1])), len(order) - 1)
    quantile = costs[order[place]]
    values: NDArray[np.float64] = quantile + flip * np.minimum(flip * (costs - quantile), 0.0) / alpha
    return values


def outcome_table(outcomes: tuple[Outcome, ...], share: str) -> str:
    """Outcomes as an HTML table: each node by name, or the route."""
    rows = "".join(
        f"<tr><td>{o.probability:.4f}</td><td>{o.candidate.objective:.6g}</td>"
        f"<td style='text-align:left'>{escape(described(o.candidate))}</td></tr>"
        for o in outcomes
    )
    head = f"<tr><th>{share}</th><th>objective</th><th>solution</th></tr>"
    return f"<table><thead>{head}</thead><tbody>{rows}</tbody></table>"


def described(candidate: Candidate, most: int = 12) -> str:
    """A candidate in words: the route, or the names of the nodes on side 1."""
    if candidate.route is not None:
        return " → ".join(candidate.route)
    if candidate.labels is None:
        return "; ".join(candidate.violations)
    ones = [name for name, bit in candidate.labels.items() if bit]
    more = f" and {len(ones) - most} more" if len(ones) > most else ""
    text = "{" + ", ".join(ones[:most]) + "}" + more
    return text if candidate.feasible else f"{text} (infeasible)"
