"""What solvers return: checked solutions, and QAOA's angles with how they were found."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np

from qgraph.fields import Frozen
from qgraph.problems.base import Candidate, Problem, Sense
from qgraph.simulation.counts import described

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike

    from qgraph.problems.routing import PriorityRouting

StoppedBy = Literal["convergence", "iterations", "time_limit", "callback"]


class Solution(Candidate):
    """A candidate that a solver found.

    `bound` is a proved limit on C (no solution is better), `optimal` says that it is reached.
    """

    solver: str
    seconds: float
    optimal: bool = False
    bound: float | None = None

    @classmethod
    def of(
        cls,
        candidate: Candidate,
        *,
        solver: str,
        seconds: float,
        optimal: bool = False,
        bound: float | None = None,
    ) -> Self:
        """A candidate with where it came from.

        >>> Solution.of(Candidate(objective=4.0), solver="greedy", seconds=0.1).objective
        4.0
        """
        fields: dict[str, Any] = {name: getattr(candidate, name) for name in Candidate.model_fields}
        return cls(**fields, solver=solver, seconds=seconds, optimal=optimal, bound=bound)

    def __repr__(self) -> str:
        verdict = "optimal" if self.optimal else "feasible" if self.feasible else "infeasible"
        return f"Solution({self.solver}: objective {self.objective:.6g}, {verdict}, {described(self)})"

    __str__ = __repr__

    def _repr_html_(self) -> str:
        rows: dict[str, object] = {
            "solver": self.solver,
            "objective": f"{self.objective:.6g}",
            "solution": described(self),
            "proved optimal": "yes" if self.optimal else "no",
        }
        if self.travel_time is not None and self.distance is not None:
            rows |= {"travel time": f"{self.travel_time:.6g}", "distance": f"{self.distance:.6g} km"}
        if not self.feasible:
            rows["violations"] = "; ".join(self.violations)
        return fact_table(rows)


class Step(Frozen):
    """One iteration of an optimisation: the value at its end, after so many evaluations in all."""

    depth: int
    evaluations: int
    value: float


class Result(Frozen):
    """What `solve_qaoa` found.

    `gammas`, `betas` (rad) and the `expectation` of C there; `best`, the best of `shots` samples;
    `method` and `mixer`, the `Simulator`'s; `optimum`, its probability, and `worst`, since the simulator sees
    every basis state; `history`, the optimised value (<C>, or its CVaR where `cvar` is below 1) by iteration;
    `warm_start`, where there was one, the chances of a 1 that it began with.

    `approximation_ratio` is (expectation - worst) / (optimum - worst): 1 is the best, whatever the sense;
    expectation / optimum where the worst is 0, as for cuts of positive weights. None where penalties for
    infeasible bits would make any expectation look good, or if all values are equal.
    """

    gammas: tuple[float, ...]
    betas: tuple[float, ...]
    depth: int
    sense: Sense
    method: str
    mixer: str
    expectation: float
    cvar: float
    optimum: float
    worst: float
    approximation_ratio: float | None
    optimum_probability: float
    best: Solution
    shots: int
    history: tuple[Step, ...]
    seed: int
    evaluations: int
    seconds: float
    stopped_by: StoppedBy
    warm_start: tuple[float, ...] | None = None

    def __repr__(self) -> str:
        found = f"expectation {self.expectation:.6g}, optimum {self.optimum:.6g}"
        return f"Result(depth {self.depth}, {found}, best sample {self.best.objective:.6g})"

    __str__ = __repr__

    def _repr_html_(self) -> str:
        ratio = self.approximation_ratio
        return fact_table(
            {
                "QAOA depth": self.depth,
                "stopped by": self.stopped_by.replace("_", " "),
                "expectation": f"{self.expectation:.6g}",
                "optimum": f"{self.optimum:.6g}",
                "approximation ratio": "undefined" if ratio is None else f"{ratio:.4f}",
                "probability of an optimum": f"{self.optimum_probability:.4f}",
                f"best of {self.shots} samples": f"{self.best.objective:.6g}",
                "solution": described(self.best),
                "gammas": ", ".join(f"{angle:.4f}" for angle in self.gammas),
                "betas": ", ".join(f"{angle:.4f}" for angle in self.betas),
            }
        )


def solved(
    problem: Problem,
    bits: ArrayLike,
    *,
    solver: str,
    seconds: float,
    optimal: bool = False,
    bound: float | None = None,
) -> Solution:
    """The solution that these bits stand for; a proved optimum is its own bound."""
    candidate = problem.decode(np.asarray(bits))
    limit = candidate.objective if optimal else bound
    return Solution.of(candidate, solver=solver, seconds=seconds, optimal=optimal, bound=limit)


def routed(
    routing: PriorityRouting, order: Sequence[int], *, solver: str, seconds: float, optimal: bool = False
) -> Solution:
    """The solution that visits `routing.stops` in this order."""
    candidate = routing.evaluate(routing.named(order))
    bound = candidate.objective if optimal else None
    return Solution.of(candidate, solver=solver, seconds=seconds, optimal=optimal, bound=bound)


def fact_table(rows: dict[str, object]) -> str:
    """A two-column HTML table."""
    left = "style='text-align:left'"
    cells = (
        f"<tr><th {left}>{escape(name)}</th><td {left}>{escape(str(value))}</td></tr>"
        for name, value in rows.items()
    )
    return f"<table>{''.join(cells)}</table>"
