"""The command line of studies: `qgraph study run | table | export`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from qgraph.base.checks import require
from qgraph.base.errors import QGraphError, printable
from qgraph.study.pool import require_dask
from qgraph.study.study import Study

app = typer.Typer(help="Studies: problems x solvers x seeds, as TOML describes them.", no_args_is_help=True)
out = Console(highlight=False, markup=False, emoji=False)
SHOWN = {  # columns of the summary, with their headings
    "trials": "trials",
    "failed": "failed",
    "problems": "problems",
    "optimum_found": "found",
    "gap": "gap",
    "best_ratio": "best ratio",
    "normalized_ratio": "ratio",
    "optimum_probability": "P(optimum)",
    "seconds": "seconds",
}
WIDTH = 120  # of a table, in characters; a narrow terminal wraps the lines instead of cutting names
NOTE = "medians over problems; found: share of trials that reach the optimum; ratio: 0 random, 1 optimum"


@app.command()
def run(
    plan: Annotated[Path, typer.Argument(help="A plan in TOML, or the folder of a study.")],
    folder: Annotated[
        Path | None, typer.Option(help="The study's folder; by default named after the plan.")
    ] = None,
    scheduler: Annotated[
        str | None, typer.Option(help="A Dask scheduler, such as tcp://10.0.0.5:8786; else this machine.")
    ] = None,
    workers: Annotated[
        int | None, typer.Option(help="Processes on this machine; by default its cores.")
    ] = None,
    retry: Annotated[bool, typer.Option("--retry", help="Run failed trials again.")] = False,
    time_limit: Annotated[float | None, typer.Option(help="Time limit of the whole run, in seconds.")] = None,
) -> None:
    """Run the trials of PLAN that have no result yet. Ctrl-C stops; the same command goes on."""
    require_dask()
    require(
        scheduler is None or workers is None, "--workers", "is for this machine, not a scheduler", workers
    )
    require(
        folder is None or not plan.is_dir(), "--folder", "is for a plan, not the folder of a study", folder
    )
    study = Study.open(plan) if plan.is_dir() else Study.from_plan(plan, folder)
    if scheduler is None:
        study.run(workers=workers, retry=retry, time_limit=time_limit)
    else:
        from distributed import Client

        try:
            client = Client(scheduler, set_as_default=False)
        except (OSError, ValueError) as error:
            raise QGraphError(f"`--scheduler` {scheduler} does not answer: {error}") from None
        with client:
            study.run(client, retry=retry, time_limit=time_limit)
    out.print(repr(study), soft_wrap=True)
    if study.stopped_by == "interrupt":  # the exit code tells scripts
        raise KeyboardInterrupt


@app.command()
def table(
    folder: Annotated[Path, typer.Argument(help="The folder of a study.")],
    by: Annotated[str, typer.Option(help="The column that tells rows apart.")] = "solver",
    where: Annotated[
        str | None, typer.Option(help="A pandas query that chooses trials: 'depth == 3'.")
    ] = None,
) -> None:
    """Print the summary of a study: medians over problems."""
    study = Study.open(folder)
    summary = study.summary(by, where=where)
    grid = Table(box=None, header_style="bold")
    names = list(summary)[: list(summary).index("trials")]  # what tells the rows apart
    for heading in (*names, *SHOWN.values()):
        grid.add_column(heading, justify="left" if heading == by else "right")
    for row in summary.to_dict("records"):
        grid.add_row(*(_cell(row.get(name)) for name in (*names, *SHOWN)))
    Console(highlight=False, markup=False, emoji=False, width=max(out.width, WIDTH)).print(grid)
    out.print(f"{study!r}; {NOTE}", soft_wrap=True)


@app.command()
def export(
    folder: Annotated[Path, typer.Argument(help="The folder of a study.")],
    file: Annotated[Path, typer.Argument(help="The file to write: .csv, .parquet or .toml (the plan).")],
) -> None:
    """Write the table of a study, one row for each trial, or its plan."""
    study = Study.open(folder)
    writers = {".csv": study.to_csv, ".parquet": study.to_parquet, ".toml": study.save_plan}
    require(file.suffix in writers, "FILE", f"must end with one of {', '.join(writers)}", str(file))
    writers[file.suffix](file)


def _cell(value: object) -> str:
    if value is None or value != value or str(value) == "<NA>":  # noqa: PLR0124 (NaN differs from itself)
        return ""
    return f"{value:.4g}" if isinstance(value, float) else printable(str(value))
