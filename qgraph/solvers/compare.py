"""Every solver that applies, side by side."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial, reduce
from html import escape
from typing import Any, Literal, NamedTuple

from qgraph.base.checks import require
from qgraph.base.errors import InvalidInput, QGraphError
from qgraph.base.frozen import Frozen
from qgraph.problems.problem import Problem, require_problem
from qgraph.problems.routing import PriorityRouting
from qgraph.problems.sense import Sense, sign
from qgraph.solvers.budget import Budget
from qgraph.solvers.exact.solve import solve_exact
from qgraph.solvers.heuristics.greedy import solve_greedy, solve_random
from qgraph.solvers.heuristics.metaheuristics import solve_annealing, solve_tabu
from qgraph.solvers.progress import watching
from qgraph.solvers.qaoa.contracted import CUTOFF
from qgraph.solvers.qaoa.recursive import (
    WITH_FLIPS,
    contracted_bits,
    contracted_solution,
    solve_recursive_qaoa,
)
from qgraph.solvers.qaoa.solve import Progress, solve_qaoa
from qgraph.solvers.relaxations.goemans_williamson import solve_goemans_williamson
from qgraph.solvers.result import Result, Solution, tighter
from qgraph.solvers.routes.local_search import solve_two_opt

COLUMNS = ("solver", "objective", "bound", "gap", "mean", "feasible", "optimal", "seconds", "note")
Tell = Callable[[float], bool | None]

EQUAL_OBJECTIVES = 1e-9  # relative difference of objectives that count as equal


class Row(Frozen):
    """One solver's answer. `mean` is the expectation of C over its samples, for solvers that sample.

    QAOA without samples has a `solution` from its correlations, see `Result`, or None: only an expectation.

    >>> from qgraph import Graph, MaxCut, compare
    >>> row = compare(MaxCut(Graph.ring(6)), depth=1, seed=7).rows[0]
    >>> row.solver, row.solution.objective
    ('exact', 6.0)
    """

    solution: Solution | None = None
    mean: float | None = None
    result: Result | None = None

    @property
    def solver(self) -> str:
        """The name of the solver."""
        return "qaoa" if self.solution is None or self.result is not None else self.solution.solver

    @property
    def interrupted(self) -> bool:
        """Whether Ctrl-C, or a notebook's stop button, ended it."""
        return "interrupt" in {answer.stopped_by for answer in (self.solution, self.result) if answer}

    @property
    def note(self) -> str:
        """The depth of QAOA, and what stopped a solver early."""
        if self.result is None:
            stopped = None if self.solution is None else self.solution.stopped_by
            return "" if stopped is None else f"stopped by {stopped}"
        stop, sampled = self.result.stopped_by, ""
        if not self.result.shots:
            rounded = ", solution from correlations" if self.solution else ""
            sampled = f", {self.result.method}: no samples{rounded}"
        cut_short = "" if stop == "convergence" else f", stopped by {stop}"
        return f"depth {self.result.depth}{sampled}{cut_short}"


class Comparison(Frozen):
    """Solvers side by side; `skipped` says which did not run, and why.

    `bound` is the best bound on C that one of them proved, and `gap(row)` the relative distance to it.

    >>> from qgraph import Graph, MaxCut, compare
    >>> table = compare(MaxCut(Graph.ring(6)), depth=1, seed=7)
    >>> table.bound, table.rows[0].solver, table.gap(table.rows[0])
    (6.0, 'exact', 0.0)
    """

    sense: Sense
    rows: tuple[Row, ...]
    skipped: dict[str, str]

    @property
    def bound(self) -> float | None:
        """The tightest bound that any solver proved."""
        answers = [row.solution for row in self.rows if row.solution]
        bounds = [answer.bound for answer in answers if answer.bound is not None]
        return reduce(partial(tighter, self), bounds) if bounds else None

    @property
    def notes(self) -> list[str]:
        """What stands below the table: the unit of routes, and which solvers did not run, and why."""
        units = {row.solution.unit for row in self.rows if row.solution} - {""}
        of_routes = [f"objective, bound and mean in{unit}" for unit in units]
        return [*of_routes, *(f"skipped {name}: {why}" for name, why in self.skipped.items())]

    def gap(self, row: Row) -> float | None:
        """`|objective - bound| / |bound|`, or None without a bound or for infeasible answers."""
        answer, bound = row.solution, self.bound
        if bound is None or answer is None or not answer.feasible:
            return None
        if answer.optimal or math.isclose(answer.objective, bound, rel_tol=EQUAL_OBJECTIVES):
            return 0.0
        return abs(answer.objective - bound) / abs(bound) if bound else None

    def __getitem__(self, solver: str) -> Row:
        """The row of a solver, by name."""
        found = {row.solver: row for row in self.rows}
        if solver not in found:
            raise KeyError(f"{solver!r} did not run: {self.skipped.get(solver, 'there is no such solver')}")
        return found[solver]

    def cells(self) -> list[tuple[str, ...]]:
        """The table as text, a tuple per row in the order of `COLUMNS`."""
        return [self._cells(row) for row in self.rows]

    def _cells(self, row: Row) -> tuple[str, ...]:
        answer, gap, timed = row.solution, self.gap(row), row.solution or row.result
        cells = {"solver": row.solver, "mean": _number(row.mean), "note": row.note}
        cells["gap"] = "" if gap is None else f"{100 * gap:.2f} %"
        cells["seconds"] = "" if timed is None else f"{timed.seconds:.3f} s"
        if answer is not None:
            cells |= {"objective": _number(answer.objective), "bound": _number(answer.bound)}
            cells["feasible"] = "yes" if answer.feasible else "no"
            cells["optimal"] = "proved" if answer.optimal else ""
        return tuple(cells.get(column, "") for column in COLUMNS)

    def __repr__(self) -> str:
        table = [COLUMNS, *self.cells()]
        widths = [max(len(row[column]) for row in table) for column in range(len(COLUMNS))]
        lines = ["  ".join(cell.rjust(w) for cell, w in zip(row, widths, strict=True)) for row in table]
        return "\n".join([*lines, *self.notes])

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{name}</th>" for name in COLUMNS)
        rows = ["".join(f"<td>{escape(cell)}</td>" for cell in row) for row in self.cells()]
        body = "".join(f"<tr>{row}</tr>" for row in rows)
        notes = "".join(f"<p>{escape(note)}</p>" for note in self.notes)
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{notes}"


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.6g}"


class Entry(NamedTuple):
    """A solver of the table. `routes` says why it is not for all problems; `takes` are its arguments.

    `run` may raise `QGraphError`. `solve` is the public function, None for a second row of the same function.
    """

    name: str
    routes: Literal["only for routes", "not for routes"] | None
    run: Callable[..., Solution | Result]
    takes: tuple[str, ...]
    solve: Callable[..., Solution | Result] | None

    def refusal(self, problem: Problem) -> str | None:
        """Why the solver does not apply to a problem, or None."""
        refused = "not for routes" if isinstance(problem, PriorityRouting) else "only for routes"
        return refused if self.routes == refused else None


def _recursive(
    problem: Problem, *, flips: bool, seed: int, time_limit: float, callback: Tell, shared: dict[str, Any]
) -> Solution:
    """One run of recursive QAOA serves both of its rows; its time counts in both."""
    if "recursive-qaoa" not in shared:
        budget = Budget(time_limit, callback)
        with budget.shown("recursive-qaoa", problem, True):
            shared["recursive-qaoa"] = contracted_bits(problem, 1, seed, CUTOFF, 1, budget), budget
    return contracted_solution(problem, *shared["recursive-qaoa"], flips=flips)


def _qaoa(
    problem: Problem, *, depth: int, seed: int, shots: int, time_limit: float, callback: Tell
) -> Result:
    def progress(step: Progress) -> bool | None:
        return callback(step.depth / (step.final_depth + 1))

    return solve_qaoa(problem, depth, seed=seed, shots=shots, time_limit=time_limit, callback=progress)


SEARCH = ("seed", "time_limit", "callback")
SHARED = (*SEARCH, "shared")
SOLVERS = (
    Entry("exact", None, solve_exact, ("time_limit", "callback"), solve_exact),
    Entry("goemans-williamson", "not for routes", solve_goemans_williamson, SEARCH, solve_goemans_williamson),
    Entry("greedy", None, solve_greedy, (), solve_greedy),
    Entry("two-opt", "only for routes", solve_two_opt, SEARCH, solve_two_opt),
    Entry("annealing", "not for routes", solve_annealing, SEARCH, solve_annealing),
    Entry("tabu", "not for routes", solve_tabu, SEARCH, solve_tabu),
    Entry("random", None, solve_random, ("shots", "seed"), solve_random),
    Entry("recursive-qaoa", "not for routes", partial(_recursive, flips=False), SHARED, solve_recursive_qaoa),
    Entry(WITH_FLIPS, "not for routes", partial(_recursive, flips=True), SHARED, None),
    Entry("qaoa", None, _qaoa, ("depth", "shots", *SEARCH), solve_qaoa),
)
ORDER = tuple(entry.name for entry in SOLVERS)


def compare(
    problem: Problem,
    depth: int = 1,
    *,
    solvers: Sequence[str] | None = None,
    seed: int = 0,
    shots: int = 1024,
    time_limit: float = 60.0,
    callback: Callable[[str, float | None], bool | None] | None = None,
    progress: bool = True,
) -> Comparison:
    """Run every solver that applies, or those of `solvers`, by name; each for about `time_limit` (s).

    `random` is the best of as many samples as QAOA draws: it shows what sampling alone is worth.
    Ctrl-C, or a notebook's stop button, ends the solver that runs with its best so far and skips the others.
    `callback(solver, share done or None)` is told which solver runs. While a slow solver runs, it may return
    True; that solver then stops with its best so far.

    >>> from qgraph import Graph, MaxCut
    >>> table = compare(MaxCut(Graph.ring(6)), depth=1, seed=7)
    >>> [(row.solver, row.solution.objective) for row in table.rows]
    [('exact', 6.0), ('goemans-williamson', 6.0), ('greedy', 6.0), ('annealing', 6.0), ('tabu', 6.0),
    ('random', 6.0), ('recursive-qaoa', 6.0), ('recursive-qaoa+flips', 6.0), ('qaoa', 6.0)]
    """
    require_problem(problem)
    tell = callback or (lambda *_: None)
    given: dict[str, Any] = {"depth": depth, "seed": seed, "shots": shots, "time_limit": time_limit}
    given["shared"] = {}
    rows: list[Row] = []
    skipped: dict[str, str] = {}
    chosen = _chosen(problem, solvers)
    with watching("compare", sign=sign(problem), wanted=progress) as watch:
        for number, (name, _, run, takes, _) in enumerate(chosen, start=1):
            if watch.stopped or any(row.interrupted for row in rows):
                skipped[name] = "interrupted"
                continue
            watch.solver, watch.share = f"{name} ({number} of {len(chosen)})", None
            tell(name, None)
            given["callback"] = partial(tell, name)
            try:
                rows.append(_row(problem, run(problem, **{argument: given[argument] for argument in takes})))
            except InvalidInput:
                raise  # the caller's mistake, in any solver
            except QGraphError as error:
                skipped[name] = str(error)
    return Comparison(sense=problem.sense, rows=tuple(rows), skipped=skipped)


def _row(problem: Problem, answer: Solution | Result) -> Row:
    if isinstance(answer, Result):
        return Row(solution=answer.best, mean=answer.expectation, result=answer)
    if answer.solver != "random":
        return Row(solution=answer)
    if isinstance(problem, PriorityRouting):  # in closed form, not from the samples
        return Row(solution=answer, mean=problem.mean_travel_time())
    return Row(solution=answer, mean=problem.to_ising().offset)


def _chosen(problem: Problem, solvers: Sequence[str] | None) -> list[Entry]:
    """The solvers to run, in the order of the table."""
    listed = [entry for entry in SOLVERS if entry.refusal(problem) is None]
    if solvers is None:
        return listed
    words = isinstance(solvers, (list, tuple, set, frozenset)) and len(solvers) > 0
    require(words, "solvers", "must be a list of names of solvers", solvers)
    names = [entry.name for entry in listed]
    reasons = {entry.name: entry.refusal(problem) for entry in SOLVERS}
    for name in solvers:
        why = f" ({name} is {reasons[name]})" if reasons.get(name) else ""
        require(name in names, "solvers", f"must be among {', '.join(names)}{why}", name)
    return [entry for entry in listed if entry.name in solvers]
