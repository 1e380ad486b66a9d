"""What solvers return: checked solutions, and for QAOA the angles and how they were found."""

from __future__ import annotations

import math

from qgraph.base.frozen import Frozen
from qgraph.base.tables import fact_table
from qgraph.problems.base import Candidate
from qgraph.problems.problem import Problem
from qgraph.problems.sense import HasSense, Sense, sign
from qgraph.simulation.counts import described
from qgraph.solvers.budget import Budget, StoppedBy

ROUNDING_ERRORS = 64  # rounding errors between sums of the same terms in another order


class Solution(Candidate):
    """A candidate that a solver found.

    `bound` is a proved limit on C: no solution is better. `optimal` says that this one reaches it.
    `stopped_by` is what ended the search early ("time_limit", "callback" or "interrupt"), or None if nothing
    did.

    >>> from qgraph import Graph, MaxCut, solve_exact
    >>> solve_exact(MaxCut(Graph.from_edges([("a", "b", 2.5), ("b", "c", 1.0)])))
    Solution(exact: objective 3.5, optimal, {b})
    """

    solver: str
    seconds: float
    optimal: bool = False
    bound: float | None = None
    stopped_by: StoppedBy | None = None

    def __repr__(self) -> str:
        verdict = "optimal" if self.optimal else "feasible" if self.feasible else "infeasible"
        found = f"objective {self.objective:.6g}{self.unit}"
        return f"Solution({self.solver}: {found}, {verdict}, {described(self)})"

    def _repr_html_(self) -> str:
        rows: dict[str, object] = {
            "solver": self.solver,
            "objective": f"{self.objective:.6g}{self.unit}",
            "solution": described(self),
            "proved optimal": "yes" if self.optimal else "no",
        }
        if self.travel_time is not None and self.distance is not None:
            rows |= {
                "travel time": f"{self.travel_time:.6g}{self.unit}",
                "distance": f"{self.distance:.6g} km",
            }
        if not self.feasible:
            rows["violations"] = "; ".join(self.violations)
        return fact_table(rows)


class Step(Frozen):
    """One iteration of an optimisation: the value at its end, and the number of evaluations so far.

    >>> from qgraph import Graph, MaxCut, solve_qaoa
    >>> solve_qaoa(MaxCut(Graph.ring(6)), depth=1, seed=7).history[-1]
    Step(depth=1, evaluations=17, value=4.5)
    """

    depth: int
    evaluations: int
    value: float


class DepthResult(Frozen):
    """The best angles (rad) of one depth of a climb, and <C> there; None if only its CVaR was computed.

    >>> from qgraph import Graph, MaxCut, solve_qaoa
    >>> [round(one.expectation, 4) for one in solve_qaoa(MaxCut(Graph.ring(12)), depth=3, seed=7).depths]
    [9.0, 10.0, 10.5]
    """

    depth: int
    gammas: tuple[float, ...]
    betas: tuple[float, ...]
    expectation: float | None


class Result(Frozen):
    """What `solve_qaoa` found.

    `gammas`, `betas` (rad) and the `expectation` of C there; `best`, the best of `shots` samples;
    `method` and `mixer`, which evaluated it; `optimum`, its probability, and `worst`, since a state holds all
    basis states; `history`, the optimised value (<C>, or its CVaR where `cvar` is below 1) by iteration;
    `warm_start`, if there was one, the probability of a 1 for each bit at the start. Where no state could be
    computed, or not in time, `shots` is 0, and everything that needs a state is None.

    Where there is no state, `best` is no sample. Its solver is "qaoa-correlations": the strongest
    <Z_i Z_j> at the angles fix pairs, the model is contracted, and so on, as in `solve_recursive_qaoa`; later
    rounds hold the angles, gammas in proportion to each model's terms. Above 400 nodes only the first round
    has these angles. Brute force sets the last 20 nodes, at most half of all. Where contracted models are
    too dense for the depth, the rest is found at typical angles of depth 1. `best` is None if there is no
    time for this, or if the search was stopped.

    `depths` has the best angles and the expectation of each depth of the climb, the shortest first; the last
    is that of the result. A start at the final depth has that one only. Older saved results have none.

    - `normalized_ratio` is (expectation - random) / (optimum - random), where `random` is the mean of C over
      uniformly random answers: 0 is guessing and 1 the optimum, for both senses.
    - `approximation_ratio` is (expectation - worst) / (optimum - worst): 1 is the best for both senses;
      expectation / optimum where the worst is 0, as for cuts of positive weights. None where C contains
      penalties, which would make every expectation look good.
    - `feasible_probability` is the probability of a sample that keeps all rules, and `feasible_expectation`
      the mean of C over those samples, None if there are none. For problems without rules: 1, and the
      expectation.

    Both ratios are None if all values of C are equal.

    >>> from qgraph import Graph, MaxCut, solve_qaoa
    >>> result = solve_qaoa(MaxCut(Graph.ring(8)), depth=2, seed=7)
    >>> result
    Result(depth 2, expectation 6.66667, optimum 8, best sample 8)
    >>> round(result.approximation_ratio, 4)  # (2p + 1) / (2p + 2)
    0.8333
    """

    gammas: tuple[float, ...]
    betas: tuple[float, ...]
    depth: int
    sense: Sense
    method: str
    mixer: str
    expectation: float
    cvar: float
    optimum: float | None
    worst: float | None
    approximation_ratio: float | None
    normalized_ratio: float | None = None
    optimum_probability: float | None
    feasible_probability: float | None = None
    feasible_expectation: float | None = None
    best: Solution | None
    shots: int
    depths: tuple[DepthResult, ...] = ()
    history: tuple[Step, ...]
    seed: int
    evaluations: int
    seconds: float
    stopped_by: StoppedBy
    warm_start: tuple[float, ...] | None = None

    def __repr__(self) -> str:
        found = f"expectation {self.expectation:.6g}"
        if self.best is None or self.optimum is None:
            rounded = "" if self.best is None else f", best from correlations {self.best.objective:.6g}"
            return f"Result(depth {self.depth}, {found}{rounded}, no samples: {self.method})"
        found += f", optimum {self.optimum:.6g}"
        return f"Result(depth {self.depth}, {found}, best sample {self.best.objective:.6g}{self.best.unit})"

    def _repr_html_(self) -> str:
        unit = "" if self.best is None else self.best.unit
        rows: dict[str, object] = {
            "QAOA depth": self.depth,
            "stopped by": self.stopped_by.replace("_", " "),
            "expectation": f"{self.expectation:.6g}{unit}",
        }
        stateless = self.method in ("closed_form", "lightcone")
        if stateless:
            rows["method"] = self.method
        if self.best is None or self.optimum is None or self.optimum_probability is None:
            rows["samples"] = "none: there is no state" if stateless else "none: there was no time"
            if self.best is not None:
                rows["best from correlations"] = f"{self.best.objective:.6g}{unit}"
                rows["solution"] = described(self.best)
        else:
            rows |= {
                "optimum": f"{self.optimum:.6g}{unit}",
                "normalized ratio": _ratio(self.normalized_ratio),
                "approximation ratio": _ratio(self.approximation_ratio),
                "probability of an optimum": f"{self.optimum_probability:.4f}",
            }
            if self.feasible_probability is not None and self.feasible_probability < 1:
                mean = self.feasible_expectation
                rows |= {
                    "probability of a feasible sample": f"{self.feasible_probability:.4f}",
                    "expectation of feasible samples": "undefined" if mean is None else f"{mean:.6g}{unit}",
                }
            rows |= {
                f"best of {self.shots} samples": f"{self.best.objective:.6g}{unit}",
                "solution": described(self.best),
            }
        rows["gammas"] = ", ".join(f"{angle:.4f}" for angle in self.gammas)
        rows["betas"] = ", ".join(f"{angle:.4f}" for angle in self.betas)
        return fact_table(rows)


def _ratio(ratio: float | None) -> str:
    return "undefined" if ratio is None else f"{ratio:.4f}"


def judged(
    problem: Problem,
    candidate: Candidate,
    solver: str,
    budget: Budget,
    *,
    optimal: bool = False,
    bound: float | None = None,
) -> Solution:
    """A candidate as a solution; it is optimal if the solver says so or if it meets the trivial bound.

    A solution that is not optimal has a bound only if its solver gives one.
    """
    trivial = trivial_bound(problem)
    limit = trivial if bound is None else tighter(problem, bound, trivial)
    optimal = optimal or (candidate.feasible and meets(candidate.objective, limit))
    proved = candidate.objective if optimal else None if bound is None else limit
    return Solution(
        **dict(candidate),
        solver=solver,
        seconds=budget.seconds,
        optimal=optimal,
        bound=proved,
        stopped_by=budget.stopped_by,
    )


def trivial_bound(problem: Problem) -> float:
    """The bound that a problem knows without a solver; infinite if it knows none."""
    return float(getattr(problem, "trivial_bound", -sign(problem) * math.inf))


def meets(objective: float, bound: float) -> bool:
    """Whether an objective and a bound are equal, apart from the rounding of their sums."""
    return abs(objective - bound) <= ROUNDING_ERRORS * math.ulp(max(abs(objective), abs(bound)))


def tighter(problem: HasSense, first: float, second: float) -> float:
    """The stronger of two bounds."""
    return max(first, second) if problem.sense == "minimize" else min(first, second)
