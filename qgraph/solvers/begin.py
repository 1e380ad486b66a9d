"""What every solver does first: check its arguments, and start the clock."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from qgraph.base.checks import require, require_seed
from qgraph.problems.problem import Problem, require_problem
from qgraph.problems.routing import PriorityRouting
from qgraph.solvers.budget import Budget


def begin(
    problem: Problem,
    seed: int = 0,
    time_limit: float | None = None,
    callback: Callable[[Any], bool | None] | None = None,
    *,
    routes: bool = True,
) -> Budget:
    """The budget of a solver that starts now.

    Raises `InvalidInput`, also for a `PriorityRouting` if the solver is not for `routes`.

    >>> from qgraph import Graph, MaxCut
    >>> begin(MaxCut(Graph.ring(3)), time_limit=2.0).over()
    False
    """
    require_problem(problem)
    rule = "must not be PriorityRouting (solve_exact and solve_greedy are for routes)"
    require(routes or not isinstance(problem, PriorityRouting), "problem", rule, problem)
    require_seed(seed)
    return Budget(time_limit, callback)
