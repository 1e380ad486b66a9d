"""The direction of an optimisation."""

from __future__ import annotations

from typing import Literal, Protocol

Sense = Literal["maximize", "minimize"]


class HasSense(Protocol):
    """A problem, a program or a table with a direction."""

    @property
    def sense(self) -> Sense:
        """Whether the objective is to be maximised or minimised."""


def sign(problem: HasSense) -> float:
    """1.0 where the problem is minimised, -1.0 where it is maximised.

    >>> from qgraph import Graph, MaxCut
    >>> sign(MaxCut(Graph.ring(3)))
    -1.0
    """
    return 1.0 if problem.sense == "minimize" else -1.0
