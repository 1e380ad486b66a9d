"""Every solver that applies, side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from html import escape

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

COLUMNS = ("solver", "objective", "bound", "gap", "mean", "feasible", "optimal", "seconds", "note")
ORDER = (
    "exact",
    "goemans-williamson",
    "greedy",
    "two-opt",
    "annealing",
    "tabu",
    "random",
    "recursive-qaoa",
    WITH_FLIPS,
    "qaoa",
)
ON_BITS: dict[str, Callable[..., Solution]] = {  # and not on routes
    "goemans-williamson": solve_goemans_williamson,
    "annealing": solve_annealing,
    "tabu": solve_tabu,
}
SAME = 1e-9  # objectives closer than this, relative to their size, are one


class Row(Frozen):
    """One solver's answer. `mean` is the expectation of C over its samples, where it samples.

    `solution` is None for QAOA where no state could be sampled: there is an expectation alone.
    """

    solution: Solution | None = None
    mean: float | None = None
    result: Result | None = None

    @property
    def solver(self) -> str:
        """Whose answer it is."""
        return "qaoa" if self.solution is None else self.solution.solver

    @property
    def interrupted(self) -> bool:
        """Whether Ctrl-C, or a notebook's stop button, ended it."""
        return "interrupt" in {answer.stopped_by for answer in (self.solution, self.result) if answer}

    @property
    def note(self) -> str:
        """What QAOA was run at, and whether a solver was cut short."""
        if self.result is None:
            stopped = None if self.solution is None else self.solution.stopped_by
            return "" if stopped is None else f"stopped by {stopped}"
        stop, sampled = self.result.stopped_by, "" if self.solution else f", {self.result.method}: no samples"
        cut_short = "" if stop == "convergence" else f", stopped by {stop}"
        return f"depth {self.result.depth}{sampled}{cut_short}"


class Comparison(Frozen):
    """Solvers side by side; `skipped` says which did not run, and why.

    `bound` is the best limit on C that any of them proved, and `gap(row)` the distance to it, relative to it.
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
        if row.solution.optimal or distance <= SAME * max(abs(row.solution.objective), abs(self.bound)):
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
        return [(row.solver, *self._cells(row), row.note) for row in self.rows]

    def _cells(self, row: Row) -> tuple[str, ...]:
        mean, solution = "" if row.mean is None else f"{row.mean:.6g}", row.solution
        if solution is None:
            return "", "", "", mean, "", "", "" if row.result is None else f"{row.result.seconds:.3f} s"
        return (
            f"{solution.objective:.6g}",
            "" if solution.bound is None else f"{solution.bound:.6g}",
            _percent(self.gap(row)),
            mean,
            "yes" if solution.feasible else "no",
            "proved" if solution.optimal else "",
            f"{solution.seconds:.3f} s",
        )

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
    """Run every solver that applies, or those of `solvers`, by name; slow ones for about `time_limit` s each.

    `random` is the best of as many samples as QAOA draws, so that sampling alone is not taken for merit.
    Ctrl-C, or a notebook's stop button, ends the solver that runs with its best so far and skips the others.
    `callback(solver, share done or None)` is told what is running; while a slow solver runs, it may return
    True to have that one stop with its best so far.

    >>> from qgraph import Graph, MaxCut
    >>> table = compare(MaxCut(Graph.ring(6)), depth=1, seed=7)
    >>> [(row.solver, row.solution.objective) for row in table.rows]
    [('exact', 6.0), ('goemans-williamson', 6.0), ('greedy', 6.0), ('annealing', 6.0), ('tabu', 6.0),
    ('random', 6.0), ('recursive-qaoa', 6.0), ('recursive-qaoa+flips', 6.0), ('qaoa', 6.0)]
    """
    require_problem(problem)
    tell = callback or (lambda *_: None)

    def exact() -> Row:
        solution = solve_exact(problem, time_limit=time_limit, callback=lambda share: tell("exact", share))
        return Row(solution=solution)

    def qaoa() -> Row:
        def progress(step: Progress) -> bool | None:
            return tell("qaoa", step.depth / (step.final_depth + 1))

        result = solve_qaoa(problem, depth, seed=seed, shots=shots, time_limit=time_limit, callback=progress)
        return Row(solution=result.best, mean=result.expectation, result=result)

    def greedy() -> Row:
        return Row(solution=solve_greedy(problem))

    def two_opt() -> Row:
        assert isinstance(problem, PriorityRouting)  # noqa: S101 (for the type checker)
        solution = solve_two_opt(
            problem, seed=seed, time_limit=time_limit, callback=lambda share: tell("two-opt", share)
        )
        return Row(solution=solution)

    def random() -> Row:
        return Row(solution=solve_random(problem, shots=shots, seed=seed), mean=random_mean(problem))

    def bits(name: str, solve: Callable[..., Solution]) -> Callable[[], Row]:
        def run() -> Row:
            progress = lambda share: tell(name, share)  # noqa: E731
            return Row(solution=solve(problem, seed=seed, time_limit=time_limit, callback=progress))

        return run

    @cache
    def contracted() -> tuple[Bits, Budget]:
        budget = Budget(time_limit, lambda share: tell("recursive-qaoa", share))
        return contracted_bits(problem, seed, CUTOFF, 1, budget), budget

    def recursive(*, flips: bool) -> Callable[[], Row]:
        return lambda: Row(solution=contracted_solution(problem, *contracted(), flips=flips))

    runs: dict[str, Callable[[], Row]] = {"exact": exact, "greedy": greedy, "random": random, "qaoa": qaoa}
    if not isinstance(problem, PriorityRouting):
        runs |= {name: bits(name, solve) for name, solve in ON_BITS.items()}
        runs |= {"recursive-qaoa": recursive(flips=False), WITH_FLIPS: recursive(flips=True)}
    else:
        runs["two-opt"] = two_opt
    rows: list[Row] = []
    skipped: dict[str, str] = {}
    for name, run in _chosen(runs, solvers).items():
        if any(row.interrupted for row in rows):
            skipped[name] = "interrupted"
            continue
        tell(name, None)
        try:
            rows.append(run())
        except InvalidInput:
            raise  # the caller's mistake, whichever solver noticed it
        except QGraphError as error:
            skipped[name] = str(error)
    return Comparison(sense=problem.sense, rows=tuple(rows), skipped=skipped)


def _chosen(
    runs: dict[str, Callable[[], Row]], solvers: Sequence[str] | None
) -> dict[str, Callable[[], Row]]:
    """What is to be run, in the order of `ORDER`."""
    listed = [name for name in ORDER if name in runs]
    if solvers is None:
        return {name: runs[name] for name in listed}
    words = isinstance(solvers, (list, tuple, set, frozenset)) and len(solvers) > 0
    require(words, "solvers", "must be a list of names of solvers", solvers)
    for name in solvers:
        require(name in listed, "solvers", f"must be among {', '.join(listed)}", name)
    return {name: runs[name] for name in listed if name in solvers}


def random_mean(problem: Problem) -> float | None:
    """The mean of C over uniformly random answers, in closed form: the baseline of every expectation."""
    if not isinstance(problem, PriorityRouting):
        return problem.to_ising().offset
    return problem.mean_travel_time()


def _percent(share: float | None) -> str:
    return "" if share is None else f"{100 * share:.2f} %"
