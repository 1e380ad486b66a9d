"""Every solver that applies, side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from html import escape
from typing import Any, NamedTuple

from qgraph.base.checks import require
from qgraph.base.errors import InvalidInput, QGraphError
from qgraph.base.frozen import Frozen
from qgraph.base.typing import Bits
from qgraph.problems.problem import Problem, require_problem
from qgraph.problems.routing import PriorityRouting
from qgraph.problems.sense import Sense
from qgraph.solvers.budget import Budget
from qgraph.solvers.exact.solve import solve_exact
from qgraph.solvers.heuristics.greedy import solve_greedy, solve_random
from qgraph.solvers.heuristics.metaheuristics import solve_annealing, solve_tabu
from qgraph.solvers.qaoa.recursive import CUTOFF, WITH_FLIPS, contracted_bits, contracted_solution
from qgraph.solvers.qaoa.solve import Progress, solve_qaoa
from qgraph.solvers.relaxations.goemans_williamson import solve_goemans_williamson
from qgraph.solvers.result import Result, Solution
from qgraph.solvers.routes.local_search import solve_two_opt

EQUAL_OBJECTIVES = 1e-9  # relative difference of objectives that count as equal


class Row(Frozen):
    """One solver's answer. `mean` is the expectation of C over its samples, for solvers that sample.

    `solution` is None for QAOA where no state could be sampled; then there is only an expectation.
    """

    solution: Solution | None = None
    mean: float | None = None
    result: Result | None = None

    @property
    def solver(self) -> str:
        """The name of the solver."""
        return "qaoa" if self.solution is None else self.solution.solver

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
        stop, sampled = self.result.stopped_by, "" if self.solution else f", {self.result.method}: no samples"
        cut_short = "" if stop == "convergence" else f", stopped by {stop}"
        return f"depth {self.result.depth}{sampled}{cut_short}"


class Comparison(Frozen):
    """Solvers side by side; `skipped` says which did not run, and why.

    `bound` is the best bound on C that one of them proved, and `gap(row)` the relative distance to it.
    """

    sense: Sense
    rows: tuple[Row, ...]
    skipped: dict[str, str]

    @property
    def bound(self) -> float | None:
        """The tightest bound that any solver proved."""
        answers = [row.solution for row in self.rows if row.solution]
        bounds = [answer.bound for answer in answers if answer.bound is not None]
        if not bounds:
            return None
        return max(bounds) if self.sense == "minimize" else min(bounds)

    def gap(self, row: Row) -> float | None:
        """|objective - bound| / |bound|, or None without a bound or for infeasible answers."""
        if self.bound is None or row.solution is None or not row.solution.feasible:
            return None
        distance = abs(row.solution.objective - self.bound)
        if row.solution.optimal or distance <= EQUAL_OBJECTIVES * max(
            abs(row.solution.objective), abs(self.bound)
        ):
            return 0.0
        return distance / abs(self.bound) if self.bound else None

    def __getitem__(self, solver: str) -> Row:
        """The row of a solver, by name."""
        found = {row.solver: row for row in self.rows}
        if solver not in found:
            raise KeyError(f"{solver!r} did not run: {self.skipped.get(solver, 'there is no such solver')}")
        return found[solver]

    def cells(self) -> list[tuple[str, ...]]:
        """The table as text, a tuple per row in the order of `COLUMNS`."""
        return [tuple(cell(self, row) for cell in CELLS.values()) for row in self.rows]

    def __repr__(self) -> str:
        table = [COLUMNS, *self.cells()]
        widths = [max(len(row[column]) for row in table) for column in range(len(COLUMNS))]
        lines = ["  ".join(cell.rjust(w) for cell, w in zip(row, widths, strict=True)) for row in table]
        return "\n".join([*lines, *(f"skipped {name}: {why}" for name, why in self.skipped.items())])

    __str__ = __repr__

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{name}</th>" for name in COLUMNS)
        body = "".join(
            f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in self.cells()
        )
        skipped = "".join(
            f"<p>skipped {escape(name)}: {escape(why)}</p>" for name, why in self.skipped.items()
        )
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{skipped}"


def _of_solution(text: Callable[[Solution], str]) -> Callable[[Comparison, Row], str]:
    return lambda _, row: "" if row.solution is None else text(row.solution)


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.6g}"


def _gap(table: Comparison, row: Row) -> str:
    gap = table.gap(row)
    return "" if gap is None else f"{100 * gap:.2f} %"


def _seconds(_: Comparison, row: Row) -> str:
    answer = row.solution or row.result
    return "" if answer is None else f"{answer.seconds:.3f} s"


CELLS: dict[str, Callable[[Comparison, Row], str]] = {
    "solver": lambda _, row: row.solver,
    "objective": _of_solution(lambda solution: _number(solution.objective)),
    "bound": _of_solution(lambda solution: _number(solution.bound)),
    "gap": _gap,
    "mean": lambda _, row: _number(row.mean),
    "feasible": _of_solution(lambda solution: "yes" if solution.feasible else "no"),
    "optimal": _of_solution(lambda solution: "proved" if solution.optimal else ""),
    "seconds": _seconds,
    "note": lambda _, row: row.note,
}
COLUMNS = tuple(CELLS)


@dataclass(frozen=True, eq=False)
class Options:
    """What one comparison asks of every solver; `tell(solver, share done)` may return True to stop it."""

    depth: int
    seed: int
    shots: int
    time_limit: float
    tell: Callable[[str, float | None], bool | None]
    shared: dict[str, tuple[Bits, Budget]] = field(default_factory=dict)

    def limits(self, solver: str) -> dict[str, Any]:
        """The time limit, and a callback that tells the share of the work that is done."""
        return {"time_limit": self.time_limit, "callback": lambda share: self.tell(solver, share)}


class Entry(NamedTuple):
    """A solver of the table: `applies` says why not, or None; `run` may raise `QGraphError`."""

    name: str
    applies: Callable[[Problem], str | None]
    run: Callable[[Any, Options], Solution | Result]


def _always(_: Problem) -> str | None:
    return None


def _to_bits(problem: Problem) -> str | None:
    return "not for routes" if isinstance(problem, PriorityRouting) else None


def _to_routes(problem: Problem) -> str | None:
    return None if isinstance(problem, PriorityRouting) else "only for routes"


def _recursive(problem: Problem, options: Options, *, flips: bool) -> Solution:
    """One run of recursive QAOA serves both of its rows; what it spent counts in both."""
    if "recursive-qaoa" not in options.shared:
        budget = Budget(**options.limits("recursive-qaoa"))
        options.shared["recursive-qaoa"] = contracted_bits(problem, options.seed, CUTOFF, 1, budget), budget
    return contracted_solution(problem, *options.shared["recursive-qaoa"], flips=flips)


def _qaoa(problem: Problem, options: Options) -> Result:
    def progress(step: Progress) -> bool | None:
        return options.tell("qaoa", step.depth / (step.final_depth + 1))

    how: dict[str, Any] = {"seed": options.seed, "shots": options.shots, "time_limit": options.time_limit}
    return solve_qaoa(problem, options.depth, **how, callback=progress)


SOLVERS = (
    Entry("exact", _always, lambda p, o: solve_exact(p, **o.limits("exact"))),
    Entry(
        "goemans-williamson",
        _to_bits,
        lambda p, o: solve_goemans_williamson(p, seed=o.seed, **o.limits("goemans-williamson")),
    ),
    Entry("greedy", _always, lambda p, _: solve_greedy(p)),
    Entry("two-opt", _to_routes, lambda p, o: solve_two_opt(p, seed=o.seed, **o.limits("two-opt"))),
    Entry("annealing", _to_bits, lambda p, o: solve_annealing(p, seed=o.seed, **o.limits("annealing"))),
    Entry("tabu", _to_bits, lambda p, o: solve_tabu(p, seed=o.seed, **o.limits("tabu"))),
    Entry("random", _always, lambda p, o: solve_random(p, shots=o.shots, seed=o.seed)),
    Entry("recursive-qaoa", _to_bits, partial(_recursive, flips=False)),
    Entry(WITH_FLIPS, _to_bits, partial(_recursive, flips=True)),
    Entry("qaoa", _always, _qaoa),
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
    options = Options(depth, seed, shots, time_limit, callback or (lambda *_: None))
    rows: list[Row] = []
    skipped: dict[str, str] = {}
    for name, _, run in _chosen(problem, solvers):
        if any(row.interrupted for row in rows):
            skipped[name] = "interrupted"
            continue
        options.tell(name, None)
        try:
            rows.append(_row(problem, run(problem, options)))
        except InvalidInput:
            raise  # the caller's mistake, in any solver
        except QGraphError as error:
            skipped[name] = str(error)
    return Comparison(sense=problem.sense, rows=tuple(rows), skipped=skipped)


def _row(problem: Problem, answer: Solution | Result) -> Row:
    if isinstance(answer, Result):
        return Row(solution=answer.best, mean=answer.expectation, result=answer)
    return Row(solution=answer, mean=random_mean(problem) if answer.solver == "random" else None)


def _chosen(problem: Problem, solvers: Sequence[str] | None) -> list[Entry]:
    """The solvers to run, in the order of the table."""
    listed = [entry for entry in SOLVERS if entry.applies(problem) is None]
    if solvers is None:
        return listed
    words = isinstance(solvers, (list, tuple, set, frozenset)) and len(solvers) > 0
    require(words, "solvers", "must be a list of names of solvers", solvers)
    names = [entry.name for entry in listed]
    reasons = {entry.name: entry.applies(problem) for entry in SOLVERS}
    for name in solvers:
        why = f" ({name} is {reasons[name]})" if reasons.get(name) else ""
        require(name in names, "solvers", f"must be among {', '.join(names)}{why}", name)
    return [entry for entry in listed if entry.name in solvers]


def random_mean(problem: Problem) -> float | None:
    """The mean of C over uniformly random answers, in closed form: the baseline of every expectation."""
    if not isinstance(problem, PriorityRouting):
        return problem.to_ising().offset
    return problem.mean_travel_time()
