"""Every exercise of every lesson can be done: each change that it suggests is made, and the lesson is run.

An exercise is a cell of text with the tag "exercise". It says "Change `this` to `that`", or its solution stands in the
collapsed cell below it, or both. Solutions are cells of the lesson, so every run of the lesson runs them too.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import nbformat
import pytest
from conftest import ROOT
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
SUGGESTION = re.compile(r"\b[Cc]hange\s+`([^`]+)`\s+to\s+`([^`]+)`")
MENTION = re.compile(r"\b[Cc]hange\s+`")
COLLAPSED = {"source_hidden": True, "outputs_hidden": True}
# What readers do without being told, all at once: other weights, other nodes, other seeds.
OWN_IDEAS = {
    "00_start_here": {
        '("d", "e", 1.5)': '("d", "e", 0.0)',
        '("b", "d", 4.0)]': '("b", "d", -4.0), ("f", "c", 0.1)]',
        "solve_qaoa(problem, depth=3, seed=7)": "solve_qaoa(problem, depth=2, seed=1)",
        "qg.compare(routing, depth=3, seed=7)": "qg.compare(routing, depth=1, seed=1)",
    },
    "01_maxcut": {
        "seed=4).with_layout": "seed=5).with_random_weights(seed=1).with_layout",
        "state.sample(1000, seed=7)": "state.sample(100, seed=8)",
    },
}


class Change(NamedTuple):
    """A lesson, and code that is replaced: old to new."""

    path: Path
    replaced: dict[str, str]


def tagged(notebook: Any, tag: str) -> list[Any]:
    return [cell for cell in notebook.cells if tag in cell.metadata.get("tags", [])]


def names(cells: list[Any], context: type[ast.expr_context]) -> set[str]:
    """The names that cells assign (`ast.Store`) or read (`ast.Load`)."""
    source = "\n".join(
        line for cell in cells for line in cell.source.splitlines() if not line.startswith("%")
    )
    nodes = ast.walk(ast.parse(source))
    return {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, context)}


def suggested(path: Path) -> list[Change]:
    """The changes of a lesson, in as few runs as possible: two for one place need two runs."""
    runs: list[Change] = []
    for cell in tagged(nbformat.read(path, 4), "exercise"):
        for old, new in SUGGESTION.findall(cell.source):
            free = next((run for run in runs if old not in run.replaced), None)
            if free is None:
                runs.append(free := Change(path, {}))
            free.replaced[old] = new
    return runs


def all_changes() -> Iterator[Any]:
    """The changes of one lesson share a kernel, so they run in one process."""
    for path in NOTEBOOKS:
        own = [Change(path, OWN_IDEAS[path.stem])] if path.stem in OWN_IDEAS else []
        for number, change in enumerate([*suggested(path), *own], 1):
            group = pytest.mark.xdist_group(f"exercises of {path.stem}")
            yield pytest.param(change, id=f"{path.stem}-{number}", marks=group)


def changed(change: Change) -> Any:
    """The lesson with the change. The old code stands in exactly one place, or a reader would not find it."""
    notebook = nbformat.read(change.path, 4)
    solutions = tagged(notebook, "solution")
    lesson = [cell for cell in notebook.cells if cell.cell_type == "code" and cell not in solutions]
    for old, new in change.replaced.items():
        places = [cell for cell in lesson for _ in range(cell.source.count(old))]
        assert len(places) == 1, f"{old} stands in {len(places)} places"
        places[0].source = places[0].source.replace(old, new)
    made = names(lesson, ast.Store)
    alone = [cell for cell in solutions if not names([cell], ast.Load) & made]  # nbval has run just the same
    notebook.cells = [cell for cell in notebook.cells if cell not in alone]
    return notebook


@pytest.fixture(scope="module")
def kernels() -> Iterator[dict[Path, NotebookClient]]:
    """One kernel for each lesson, as a reader has it: cells are run again without a restart."""
    clients: dict[Path, NotebookClient] = {}
    yield clients
    for client in clients.values():
        client._cleanup_kernel()


def run(notebook: Any, path: Path, kernels: dict[Path, NotebookClient]) -> None:
    if path not in kernels:
        resources = {"metadata": {"path": str(path.parent)}}
        kernels[path] = NotebookClient(notebook, timeout=300, resources=resources, store_widget_state=False)
        kernels[path].create_kernel_manager()
        kernels[path].start_new_kernel()
        kernels[path].start_new_kernel_client()
    kernels[path].nb = notebook
    for place, cell in enumerate(notebook.cells):
        kernels[path].execute_cell(cell, place)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_lesson_ends_with_exercises_that_can_be_done(path: Path) -> None:
    notebook = nbformat.read(path, 4)
    titles = [cell for cell in notebook.cells if cell.source.startswith("## Your turn")]
    exercises = tagged(notebook, "exercise")
    assert len(titles) == 1
    assert exercises
    after = notebook.cells[notebook.cells.index(titles[0]) + 1 : -1]
    assert all(cell in exercises or cell in tagged(notebook, "solution") for cell in after)
    for exercise in exercises:
        below = notebook.cells[notebook.cells.index(exercise) + 1]
        assert SUGGESTION.search(exercise.source) or "solution" in below.metadata.get("tags", [])
        assert len(SUGGESTION.findall(exercise.source)) == len(MENTION.findall(exercise.source))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_solutions_are_collapsed(path: Path) -> None:
    solutions = tagged(nbformat.read(path, 4), "solution")
    assert all(cell.metadata.get("jupyter") == COLLAPSED for cell in solutions)
    assert all(cell.source.startswith("# Solution\n") for cell in solutions)  # the line that is seen
    assert solutions or path.stem[:2] not in ("00", "01", "02")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_solutions_leave_the_names_of_the_lesson_alone(path: Path) -> None:
    """A reader goes back to a cell after a solution, and runs it again."""
    notebook = nbformat.read(path, 4)
    solutions = tagged(notebook, "solution")
    lesson = [cell for cell in notebook.cells if cell.cell_type == "code" and cell not in solutions]
    assert not names(solutions, ast.Store) & names(lesson, ast.Store)


@pytest.mark.parametrize("change", list(all_changes()))
def test_lessons_survive_changes(change: Change, kernels: dict[Path, NotebookClient]) -> None:
    run(changed(change), change.path, kernels)


def test_a_change_that_breaks_a_lesson_is_noticed(kernels: dict[Path, NotebookClient]) -> None:
    """An assertion with a number typed by hand, as a lesson must not have it."""
    change = next(
        change for change in suggested(NOTEBOOKS[0]) if '("b", "c", 5.0)' in change.replaced.values()
    )
    notebook = changed(change)
    place = next(i for i, cell in enumerate(notebook.cells) if "best = qg.solve_exact" in cell.source)
    notebook.cells[place].source += "\nassert best.objective == 13.0"
    notebook.cells = notebook.cells[: place + 1]
    with pytest.raises(CellExecutionError, match="AssertionError"):
        run(notebook, change.path, kernels)
