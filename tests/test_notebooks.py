"""The notebooks as regression tests: clean, with asserted values, and compared strictly.

`make test` runs nbval on them; here is the proof that nbval would notice a change.
"""

from __future__ import annotations

import ast
import itertools
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
from conftest import ROOT

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
LONGEST_FUNCTION = 5


def code_cells(path: Path) -> list[Any]:
    return [cell for cell in nbformat.read(path, 4).cells if cell.cell_type == "code"]


def python_of(cell: Any) -> str:
    return "\n".join(line for line in cell.source.splitlines() if not line.startswith("%"))


def test_the_lessons_are_there() -> None:
    lessons = ["start_here", "maxcut", "large_graphs", "published_results", "paper_to_circuit", "speed"]
    lessons += ["priority_routing", "studies"]
    assert [path.stem for path in NOTEBOOKS] == [f"{number:02}_{name}" for number, name in enumerate(lessons)]


def test_only_what_needs_files_from_elsewhere_is_not_compared() -> None:
    """nbval compares no output of cells with such tags; their assertions hold all the same."""
    for path in NOTEBOOKS:
        loose = [cell for cell in code_cells(path) if cell.metadata.get("tags", ["solution"]) != ["solution"]]
        assert all(cell.metadata.tags == ["nbval-ignore-output"] for cell in loose)
        assert all('"QGRAPH_DATA" in os.environ' in cell.source for cell in loose)
        assert not any("NBVAL" in cell.source for cell in code_cells(path))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_notebooks_were_run_once_from_top_to_bottom(path: Path) -> None:
    cells = code_cells(path)
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    outputs = [output for cell in cells for output in cell.outputs]
    assert not [output for output in outputs if output.output_type == "error"]
    assert not [output for output in outputs if output.get("name") == "stderr"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_notebooks_assert_values_and_define_no_long_functions(path: Path) -> None:
    trees = [ast.parse(python_of(cell)) for cell in code_cells(path)]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    assert sum(isinstance(node, ast.Assert) for node in nodes) >= 5
    functions = [node for node in nodes if isinstance(node, ast.FunctionDef)]
    assert all((node.end_lineno or 0) - node.lineno < LONGEST_FUNCTION for node in functions)


def test_each_lesson_leads_to_the_next() -> None:
    for path, following in itertools.pairwise(NOTEBOOKS):
        assert f"Next: [{following.stem}]({following.name})" in nbformat.read(path, 4).cells[-1].source


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_links_between_lessons_lead_somewhere(path: Path) -> None:
    """To other lessons only: the image has no other pages."""
    texts = [cell.source for cell in nbformat.read(path, 4).cells if cell.cell_type == "markdown"]
    links = [link for text in texts for link in re.findall(r"\]\(([^)]+)\)", text)]
    local = [link for link in links if not link.startswith(("http", "attachment:"))]
    assert set(local) <= {lesson.name for lesson in NOTEBOOKS}


def test_computed_values_agree_with_the_published_ones() -> None:
    """The lesson does not stop at a value that differs, so that readers may change it. Its saved outputs count."""
    (path,) = (path for path in NOTEBOOKS if "published" in path.stem)
    texts = [output.get("text", "") for cell in code_cells(path) for output in cell.outputs]
    agree, computed, left_out = re.findall(
        r"(\d+) of (\d+) computed values agree, (\d+) results", "".join(texts)
    )[0]
    assert int(agree) == int(computed) > 40
    assert not any("DIFFERS" in text for text in texts)
    assert int(left_out) > 0


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_cells_with_figures_print_what_must_hold(path: Path) -> None:
    """nbval does not compare images, so each figure stands beside a printed invariant."""
    for cell in code_cells(path):
        figures = [output for output in cell.outputs if "image/png" in output.get("data", {})]
        assert not figures or any(output.output_type == "stream" for output in cell.outputs), cell.source


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_live_views_leave_a_picture_and_nothing_large(path: Path) -> None:
    """Below each live view stands its picture; no script is kept, or every view would add its own."""
    assert "widgets" not in nbformat.read(path, 4).metadata
    assert path.stat().st_size < 500_000
    for cell in code_cells(path):
        kinds = [set(output.get("data", {})) for output in cell.outputs]
        for place, kind in enumerate(kinds):
            if "application/vnd.jupyter.widget-view+json" in kind:
                assert kinds[place + 1] == {"image/png", "text/plain"}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_pages_of_notebooks_show_every_picture(path: Path) -> None:
    """What nbconvert makes, and so nbviewer: live views fall back to text, their pictures stand below."""
    from nbconvert import HTMLExporter

    page, _ = HTMLExporter().from_filename(str(path))
    attached = sum(len(cell.get("attachments", {})) for cell in nbformat.read(path, 4).cells)
    outputs = [output for cell in code_cells(path) for output in cell.outputs]
    pictures = [output for output in outputs if "image/png" in output.get("data", {})]
    assert page.count('src="data:image/png;base64,') == len(pictures) + attached


def first_printing(cells: list[Any]) -> tuple[int, Any]:
    """The place of the first cell that prints, and what it prints."""
    return next(
        (place, output)
        for place, cell in enumerate(cells)
        for output in cell.get("outputs", [])
        if output.get("name") == "stdout"
    )


def changed_copies(folder: Path) -> list[str]:
    """Notebooks with another digit in the first saved text of each lesson.

    The first lesson is run up to there. The cells of the others print what is saved: that takes less time.
    """
    first, *others = (nbformat.read(path, 4) for path in NOTEBOOKS)
    short = nbformat.from_dict({**first, "cells": []})
    for number, lesson in enumerate(others):
        place, output = first_printing(lesson.cells)
        cell = lesson.cells[place]
        cell.id, cell.source, cell.outputs = f"cell-{number}", f"print({output.text!r}, end='')", [output]
        short.cells.append(cell)
    first.cells = first.cells[: first_printing(first.cells)[0] + 1]
    for output in (first_printing(first.cells)[1], *(cell.outputs[0] for cell in short.cells)):
        digit = next(character for character in output.text if character.isdigit())
        output.text = output.text.replace(digit, str((int(digit) + 1) % 10), 1)
    nbformat.write(first, folder / "first.ipynb")
    nbformat.write(short, folder / "short.ipynb")
    return [str(folder / "first.ipynb"), str(folder / "short.ipynb")]


def test_nbval_fails_on_a_changed_output_of_each_lesson(tmp_path: Path) -> None:
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    sanitizer = str(ROOT / "notebooks" / "sanitize.cfg")
    command = [sys.executable, "-m", "pytest", "--nbval", "--nbval-sanitize-with", sanitizer, "-q", "-rN"]
    command += changed_copies(tmp_path / "notebooks")
    run = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert run.returncode == 1, run.stdout
    assert run.stdout.count("mismatch 'stdout'") == len(NOTEBOOKS), run.stdout
    assert re.search(rf"\n{len(NOTEBOOKS)} failed", run.stdout), run.stdout
