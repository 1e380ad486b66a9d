"""The command line: `qgraph solve | compare | study | doctor | lab`."""

from __future__ import annotations

import io
import json
import os
import sys
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from qgraph import doctor as checks
from qgraph.base.errors import InvalidInput, QGraphError, printable
from qgraph.models.city import City
from qgraph.models.edges import WEIGHT, Directed, Loops
from qgraph.models.graph import Graph
from qgraph.problems.coloring import GraphColoring
from qgraph.problems.files import PROBLEM_READERS, holds_problem, read_problem
from qgraph.problems.graph_partitioning import GraphPartitioning
from qgraph.problems.independent_set import IndependentSet
from qgraph.problems.max_k_cut import MaxKCut
from qgraph.problems.maxcut import MaxCut
from qgraph.problems.problem import Problem
from qgraph.problems.routing import PriorityRouting
from qgraph.problems.sense import sign
from qgraph.problems.vertex_cover import VertexCover
from qgraph.readers import ModelName, read
from qgraph.readers.text import ending_of
from qgraph.solvers.compare import COLUMNS, ORDER, Comparison, compare
from qgraph.solvers.result import Solution
from qgraph.study import commands

WIDTH = 120  # of a table, in characters; a narrow terminal wraps the lines instead of cutting names
LAB = ["--ServerApp.root_dir=.", "--LabApp.news_url=None"]
LAB += ["--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"]
LAB += ["--ServerApp.jpserver_extensions={'qgraph_health.lessons': True}"]
# No search for language servers; encryption where the kernel can do it, because it warns if there is none.
LAB += ["--LanguageServerManager.autodetect=False", "--KernelManager.transport_encryption=auto"]
QUIET = ["--ServerApp.log_level=WARN", "--LabApp.log_level=WARN"]  # they show the address
FIRST_NOTEBOOK = Path("notebooks/00_start_here.ipynb")

ProblemName = Literal[
    "auto",
    "maxcut",
    "independent-set",
    "vertex-cover",
    "graph-coloring",
    "graph-partitioning",
    "max-k-cut",
    "routing",
]

OF_GRAPHS: dict[str, type[IndependentSet | VertexCover | GraphPartitioning]] = {
    "independent-set": IndependentSet,
    "vertex-cover": VertexCover,
    "graph-partitioning": GraphPartitioning,
}
COLORED: dict[str, type[GraphColoring | MaxKCut]] = {"graph-coloring": GraphColoring, "max-k-cut": MaxKCut}

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(commands.app, name="study")
# Names from files are printed unchanged: no markup, no emoji codes.
out = Console(highlight=False, markup=False, emoji=False)

ENDINGS = ".json, .txt, .csv, .mtx, .graphml, .gexf, .gml, .net, .gph, .col, .rud, .tsp"
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"qgraph {version('qgraph')}")
        raise typer.Exit


@app.callback()
def qgraph(
    _: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_show_version, help="Show the version.")
    ] = False,
) -> None:
    """Quantum optimisation on graphs: QAOA beside the exact optimum and classical heuristics."""


@app.command("compare", help="Run every solver that applies to FILE and print them as a table.")
@app.command(
    "solve", help="Solve FILE with QAOA, and show the exact optimum and classical heuristics beside it."
)
def solve_or_compare(
    context: typer.Context,
    file: Annotated[
        Path,
        typer.Argument(help=f"A graph or city: {ENDINGS}; a problem: .json, .qubo, .bq. Also with .gz."),
    ],
    directed: Annotated[
        Directed,
        typer.Option("--directed", help="Graphs with arcs: merge each with its reverse into one edge."),
    ] = "refuse",
    loops: Annotated[
        Loops, typer.Option("--loops", help="Graphs with self-loops: drop the loops.")
    ] = "refuse",
    weight: Annotated[str, typer.Option(help="The edge attribute or column that is the weight.")] = WEIGHT,
    problem: Annotated[
        ProblemName, typer.Option("--problem", help="Which problem; by default, what the file holds.")
    ] = "auto",
    colors: Annotated[int, typer.Option(help="Colours of graph-coloring, parts of max-k-cut.")] = 3,
    solver: Annotated[
        list[str] | None,
        typer.Option("--solver", help=f"Run only this solver; may be repeated. {', '.join(ORDER)}."),
    ] = None,
    depth: Annotated[int, typer.Option(help="QAOA layers.")] = 3,
    seed: Annotated[int, typer.Option(help="Seed of all random numbers.")] = 0,
    shots: Annotated[int, typer.Option(help="Samples drawn at the best angles.")] = 1024,
    return_to_depot: Annotated[
        bool, typer.Option("--return-to-depot", help="Routes: return to the depot at the end.")
    ] = False,
    time_limit: Annotated[float, typer.Option(help="Time limit of each slow solver, in seconds.")] = 60.0,
    as_json: AsJson = False,
) -> None:
    """Two commands with the same options: `solve` shows the best answer before the table."""
    answers = context.command.name == "solve"
    task = _problem(_read(file, problem, directed, loops, weight), problem, colors, return_to_depot)
    table = compare(task, depth, solvers=solver or None, seed=seed, shots=shots, time_limit=time_limit)
    if as_json:
        out.print_json(_answer_json(task, table) if answers else table.model_dump_json())
    else:
        if answers:
            out.print(Text.assemble((printable(file.name), "bold"), f": {task!r}"))
            _print_answer(task, table)
        _print_comparison(table)
    if any(row.interrupted for row in table.rows):  # what was found is printed; the exit code tells scripts
        raise KeyboardInterrupt


@app.command()
def doctor(as_json: AsJson = False) -> None:
    """Check this installation: versions, threads, memory, and one known answer from each simulator."""
    report = checks.examine()
    if as_json:
        out.print_json(json.dumps({"ok": report.ok, **asdict(report)}))
    else:
        table = Table(show_header=False, box=None)
        for name, value in report.facts.items():
            table.add_row(name, value)
        for check in report.checks:
            verdict = ("ok", "green") if check.ok else ("failed", "red")
            table.add_row(check.name, Text.assemble(verdict, f"  {check.detail}"))
        out.print(table)
    if not report.ok:
        raise typer.Exit(1)


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def lab(context: typer.Context) -> None:
    """Open JupyterLab on the notebooks; all other options go to JupyterLab."""
    given = {argument.split("=")[0] for argument in context.args}
    options = [*LAB, *([] if given & {"--debug", "--log-level"} else QUIET)]
    if FIRST_NOTEBOOK.is_file():
        options.append(f"--LabApp.default_url=/lab/tree/{FIRST_NOTEBOOK.as_posix()}")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        options.append("--allow-root")
    options = [option for option in options if option.split("=")[0] not in given]  # Jupyter takes one of each
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-m", "jupyterlab", *options, *context.args])  # noqa: S606


def main() -> None:
    """Run the command line: errors on one line and exit code 2, no traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a terminal that cannot show a character gets its code
            stream.reconfigure(errors="backslashreplace")
    try:
        code = app(sys.argv[1:] or ["--help"], standalone_mode=False)
        sys.exit(code if isinstance(code, int) else 0)
    except typer.TyperException as error:
        _fail(error.format_message())
    except QGraphError as error:
        _fail(str(error))
    except MemoryError:
        _fail("memory ran out; try fewer nodes, or stop other programs")
    except (typer.Abort, KeyboardInterrupt):
        typer.echo("stopped", err=True)
        sys.exit(130)
    except BrokenPipeError:  # the program that reads the output, such as head, has ended
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)


def _fail(message: str) -> None:
    typer.echo(f"qgraph: {printable(' '.join(message.split()))}", err=True)
    sys.exit(2)


def _read(
    file: Path, problem: ProblemName, directed: Directed, loops: Loops, weight: str
) -> Graph | City | Problem:
    if ending_of(file) in PROBLEM_READERS or (problem == "auto" and holds_problem(file)):
        if problem != "auto":
            raise InvalidInput(f"`--problem` must be auto for a file that holds one, got {problem}")
        return read_problem(file)
    held: ModelName = "auto" if problem == "auto" else "city" if problem == "routing" else "graph"
    return read(file, model=held, directed=directed, loops=loops, weight=weight)


def _problem(
    data: Graph | City | Problem, problem: ProblemName, colors: int, return_to_depot: bool
) -> Problem:
    if isinstance(data, City):
        return PriorityRouting(data, return_to_depot=return_to_depot)
    if return_to_depot:
        raise InvalidInput("`--return-to-depot` needs a city, and the file holds none")
    if not isinstance(data, Graph):
        return data
    if problem in COLORED:
        return COLORED[problem](data, colors)
    return OF_GRAPHS.get(problem, MaxCut)(data)


def _best(table: Comparison) -> Solution:
    found = [row.solution for row in table.rows if row.solution]
    return min(found, key=lambda one: (not one.feasible, sign(table) * one.objective, not one.optimal))


def _print_answer(task: Problem, table: Comparison) -> None:
    best = _best(table)
    if isinstance(task, PriorityRouting) and best.route is not None:
        out.print(f"route          {' → '.join(map(printable, best.route))}", soft_wrap=True)
        out.print(f"travel time    {best.travel_time:.6g}{best.unit}   distance {best.distance:.6g} km")
    else:
        for heading, names in _parts(task, best):
            out.print(f"{heading:<11}{', '.join(map(printable, names))}", soft_wrap=True)
        for violation in best.violations:
            out.print(f"violation  {printable(violation)}", soft_wrap=True)
        out.print(f"objective  {best.objective:.6g}")
    out.print(f"found by   {best.solver}{', proved optimal' if best.optimal else ''}\n")


def _parts(task: Problem, best: Solution) -> list[tuple[str, list[str]]]:
    """The nodes by label: all nodes if labels are colours, else the nodes with label 1."""
    labels = best.labels or {}
    if isinstance(task, (GraphColoring, MaxKCut)):
        wanted = {color: f"color {color}" for color in sorted(set(labels.values()))}
    else:
        wanted = {1: "side 1" if isinstance(task, (MaxCut, GraphPartitioning)) else "chosen"}
    return [
        (heading, [name for name, label in labels.items() if label == which])
        for which, heading in wanted.items()
    ]


def _print_comparison(table: Comparison) -> None:
    grid = Table(box=None, header_style="bold")
    for column in COLUMNS:
        grid.add_column(column, justify="left" if column == "solver" else "right")
    for cells in table.cells():
        grid.add_row(*cells)
    Console(highlight=False, markup=False, emoji=False, width=max(out.width, WIDTH)).print(grid)
    for note in table.notes:
        out.print(note)


def _answer_json(task: Problem, table: Comparison) -> str:
    answer = json.loads(_best(table).model_dump_json())
    return json.dumps({"problem": repr(task), "answer": answer, **json.loads(table.model_dump_json())})
