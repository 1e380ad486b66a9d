"""HiGHS, the solver of linear and integer programs (Huangfu, Hall, Math. Program. Comput. 10, 2018).

It runs on a separate thread, which is cancelled when the budget ends or at an interrupt. While HiGHS looks
for cuts, it does not react to this, and for large programs that takes minutes. So large programs run in a
separate process.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from qgraph.base.typing import Bits, Reals
from qgraph.problems.base import BitProblem
from qgraph.problems.program import Program
from qgraph.problems.sense import sign
from qgraph.solvers import process
from qgraph.solvers.budget import Budget
from qgraph.solvers.result import tighter

POLL = 0.02  # s
LARGEST_INSIDE = 1000  # rows up to which this process solves the program itself
LARGEST_WHOLE = 1e6  # whole costs up to this size are not scaled
TOLERANCE = 1e-6  # of the solver, for numbers near 1


class Answer(NamedTuple):
    """The best columns, or None, a bound on all answers, and whether the two are proved to be equal."""

    x: Reals | None
    bound: float
    proved: bool


def new() -> Any:
    """An empty model that prints nothing."""
    import highspy

    class Silent(highspy.Highs):
        def enableCallbacks(self) -> None:  # noqa: N802 (a hook of highspy's)
            self.silent()  # before the constructor prints its banner
            super().enableCallbacks()  # type: ignore[no-untyped-call]

    model: Any = Silent()  # type: ignore[no-untyped-call]
    model.HandleUserInterrupt = True
    model.setOptionValue("threads", 1)  # the same answer on every number of processors
    if model.run() == highspy.HighsStatus.kError:  # another user of HiGHS fixed the threads of this process
        model.setOptionValue("threads", 0)
    model.setOptionValue("mip_rel_gap", 0.0)
    return model


def relaxation(costs: Reals) -> Any:
    """A linear program without rows, whose columns are from 0 to 1, to be minimised."""
    model, size = new(), len(costs)
    model.addVars(size, np.zeros(size), np.ones(size))
    model.changeColsCost(size, np.arange(size, dtype=np.int32), costs)
    return model


def run(model: Any, budget: Budget) -> None:
    """Solve until the end, or until the budget ends; the model has the results so far."""
    if math.isfinite(budget.left):
        model.setOptionValue("time_limit", model.getRunTime() + max(budget.left, POLL))
    thread = model.startSolve()
    while thread.is_alive():
        with budget.ended_by_interrupt():
            thread.join(POLL)
            budget.over(0.0)
        if budget.stopped_by:
            model.cancelSolve()


def solve_bits(
    problem: BitProblem[Any], start: Bits, bound: float, budget: Budget
) -> tuple[Bits, float, bool]:
    """The best bits of a program, the stronger of its bound and `bound`, and whether they are proved."""
    answer = solve(problem.to_program(), problem.canonical(start), budget)
    bits = start if answer.x is None else np.round(answer.x[: len(start)]).astype(np.uint8)
    return bits, tighter(problem, bound, answer.bound), answer.proved


def solve(program: Program, start: Bits | None, budget: Budget) -> Answer:
    """The best columns of a program; `start` has the first columns of a feasible answer."""
    if program.matrix.shape[0] > LARGEST_INSIDE:
        told = process.run(_improve, (program, start), budget)
        x = next((found for found, _, _ in reversed(told) if found is not None), None)
        least = max((bound for _, bound, _ in told), default=-math.inf)
        proved = bool(told) and told[-1][-1]
    else:
        model = _loaded(program, start)
        run(model, budget)
        x, least, proved = _end(model)
    unit = unit_of(np.array(program.costs))
    least = _rounded_up(least, program.step / unit)
    return Answer(x, program.offset + sign(program) * unit * least, proved)


def _loaded(program: Program, start: Bits | None) -> Any:
    import highspy

    model, matrix = new(), program.matrix
    costs = np.array(program.costs)
    lp = highspy.HighsLp()
    lp.num_row_, lp.num_col_ = matrix.shape
    lp.sense_ = highspy.ObjSense.kMinimize
    lp.col_cost_ = sign(program) * costs / unit_of(costs)
    lp.col_lower_, lp.col_upper_ = np.zeros(matrix.shape[1]), np.array(program.upper)
    lp.row_lower_ = np.concatenate([rows.low for rows in program.rows])
    lp.row_upper_ = np.concatenate([rows.high for rows in program.rows])
    kinds = highspy.HighsVarType
    lp.integrality_ = [kinds.kInteger if whole else kinds.kContinuous for whole in program.whole]
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = matrix.indptr, matrix.indices, matrix.data
    model.passModel(lp)
    if start is not None:
        model.setSolution(len(start), np.arange(len(start)), start.astype(np.float64))
    return model


def _end(model: Any) -> tuple[Reals | None, float, bool]:
    """The result of a run: columns, a bound in the solver's units, and whether the columns are optimal."""
    import highspy

    info = model.getInfo()
    found = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    x = np.array(model.getSolution().col_value) if found else None
    return x, float(info.mip_dual_bound), is_optimal(model)


def _improve(program: Program, start: Bits | None, tell: Callable[[Any], None]) -> None:
    """Tell each better answer and each better bound, as `_end` does."""
    model, least = _loaded(program, start), -math.inf

    def tell_solution(event: Any) -> None:
        tell((np.array(event.data_out.mip_solution), -math.inf, False))

    def tell_bound(event: Any) -> None:
        nonlocal least
        bound = float(event.data_out.mip_dual_bound)
        if math.isfinite(bound) and bound > least + TOLERANCE * abs(bound):
            least = bound
            tell((None, bound, False))

    model.cbMipImprovingSolution += tell_solution
    model.cbMipInterrupt += tell_bound
    model.run()
    tell(_end(model))


def is_optimal(model: Any) -> bool:
    """Whether the last run found an optimum."""
    import highspy

    return bool(model.getModelStatus() == highspy.HighsModelStatus.kOptimal)


def unit_of(costs: Reals) -> float:
    """The unit of costs: the solver's tolerances are absolute, for numbers near 1."""
    largest = float(np.abs(costs).max(initial=0.0))
    moderate = largest <= LARGEST_WHOLE and bool((costs == np.round(costs)).all())
    return 1.0 if moderate or largest == 0 else largest


def _rounded_up(bound: float, step: float) -> float:
    """A lower bound on multiples of `step`."""
    if not math.isfinite(bound) or step == 0:
        return bound - TOLERANCE
    return math.ceil(bound / step - TOLERANCE / min(step, 1.0)) * step
