"""The results of measurements."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from html import escape

import numpy as np

from qgraph.base.checks import require_whole
from qgraph.base.errors import printable
from qgraph.base.typing import Bits, Integers, Reals
from qgraph.problems.base import Candidate
from qgraph.problems.problem import Problem
from qgraph.problems.sense import sign
from qgraph.simulation.deadline import check

LONGEST_ROUTE = 60  # stops; longer routes are shortened when shown


@dataclass(frozen=True)
class Outcome:
    """A basis state with its probability, or its frequency among samples, and the candidate it encodes.

    >>> from qgraph import Graph, MaxCut, simulate
    >>> first, _ = simulate(MaxCut(Graph.ring(4)), [0.785], [0.393]).top(2)
    >>> round(first.probability, 4), first.candidate.labels
    (0.2656, {'0': 1, '1': 0, '2': 1, '3': 0})
    """

    probability: float
    candidate: Candidate


@dataclass(frozen=True, eq=False)
class Counts:
    """Measured bit strings: the distinct ones (uint8[k, n]), most frequent first, and how often each came.

    Column q of `bits` belongs to `problem.nodes[q]`.

    >>> from qgraph import Graph, MaxCut, simulate
    >>> counts = simulate(MaxCut(Graph.ring(4)), [0.785], [0.393]).sample(1000, seed=7)
    >>> counts.shots, counts.bits[0], counts.counts[0].item()
    (1000, array([1, 0, 1, 0], dtype=uint8), 270)
    """

    problem: Problem
    bits: Bits
    counts: Integers

    @property
    def shots(self) -> int:
        """The number of measurements."""
        return int(self.counts.sum())

    def __eq__(self, other: object) -> bool:
        """The same problem and the same bit strings, equally often and in the same order."""
        if not isinstance(other, Counts):
            return NotImplemented
        arrays = np.array_equal(self.bits, other.bits) and np.array_equal(self.counts, other.counts)
        return self.problem == other.problem and arrays

    def __hash__(self) -> int:
        return hash((self.problem, self.bits.tobytes(), self.counts.tobytes()))

    @cached_property
    def objectives(self) -> Reals:
        """C of each distinct bit string: float64[k]."""
        return self.problem.objective(self.bits)

    def expectation(self) -> float:
        """The mean of C over the shots.

        >>> from qgraph import Graph, MaxCut, simulate
        >>> simulate(MaxCut(Graph.ring(4)), [], []).sample(10_000, seed=1).expectation()
        1.9926
        """
        return float(np.sum(self.counts * self.objectives) / self.shots)

    def best(self) -> Candidate:
        """The best feasible candidate; the best infeasible one if there is none.

        >>> from qgraph import Graph, MaxCut, simulate
        >>> simulate(MaxCut(Graph.ring(4)), [], []).sample(100, seed=1).best().objective
        4.0
        """
        return best_candidate(self.problem, self.bits, self.objectives)

    def top(self, k: int = 10) -> tuple[Outcome, ...]:
        """The `k` most frequent bit strings, with their frequencies.

        >>> from qgraph import Graph, MaxCut, simulate
        >>> len(simulate(MaxCut(Graph.ring(4)), [], []).sample(100, seed=1).top(3))
        3
        """
        require_whole("k", k, 1)
        shares = (self.counts / self.shots).tolist()
        pairs = zip(shares[:k], self.bits[:k], strict=True)
        return tuple(Outcome(share, self.problem.decode(bits)) for share, bits in pairs)

    def __repr__(self) -> str:
        return f"Counts({self.shots} shots, {len(self.counts)} distinct)"

    def _repr_html_(self) -> str:
        return outcome_table(self.top(), "frequency")


def best_candidate(problem: Problem, bits: Bits, values: Reals) -> Candidate:
    """The best feasible of many bit strings; the best infeasible one if there is none."""
    order = np.argsort(sign(problem) * values, kind="stable")
    for i in order:
        check()  # if nothing is feasible, all are decoded
        candidate = problem.decode(bits[i])
        if candidate.feasible:
            return candidate
    return problem.decode(bits[order[0]])


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
    """A candidate in words: the route, the names of the nodes on side 1, or those of each colour."""
    if candidate.route is not None:
        route, more = [printable(stop) for stop in candidate.route], f"{len(candidate.route) - most - 1} more"
        return " → ".join(route if len(route) <= LONGEST_ROUTE else (*route[:most], more, route[-1]))
    if candidate.labels is None:
        return "; ".join(map(printable, candidate.violations))
    last = max(candidate.labels.values(), default=0)
    parts = []
    for label in range(last + 1) if last > 1 else [1]:
        names = [name for name, given in candidate.labels.items() if given == label]
        more = f" and {len(names) - most} more" if len(names) > most else ""
        parts.append("{" + ", ".join(map(printable, names[:most])) + "}" + more)
    text = " ".join(parts)
    return text if candidate.feasible else f"{text} (infeasible)"
