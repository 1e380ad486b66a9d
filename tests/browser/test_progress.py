"""The bar of a slow solver in a real JupyterLab, with subshells and without."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from browser.lab import Lab, Notebook

IMPORTS = "import qgraph as qg\nproblem = qg.MaxCut(qg.Graph.erdos_renyi(150, 0.3, seed=1))"
# Without a Stop, this runs for minutes.
SLOW = """print("before")
found = qg.solve_annealing(problem, reads=10**6{options})
print("after", found.stopped_by)"""
TEXT = re.compile(r"annealing · best 2\d\d\d · [1-9]\d* s")
INTERRUPT = "[data-jp-item-name=interrupt] button, [data-jp-item-name=interrupt]"

WITH = pytest.param(True, id="subshells", marks=pytest.mark.xdist_group("subshells"))
WITHOUT = pytest.param(False, id="no-subshells", marks=pytest.mark.xdist_group("no-subshells"))


def started(page: Any, lab: Lab, code: str) -> tuple[Notebook, Any]:
    name = lab.notebook(f"progress{len(list(lab.folder.glob('*.ipynb')))}.ipynb", IMPORTS)
    notebook = Notebook(page, lab, name)
    notebook.run_all()
    return notebook, notebook.add_and_run(code, wait=False)


def saved(notebook: Notebook) -> Any:
    """The notebook's file, after it was saved."""
    notebook.page.evaluate("async () => { await jupyterapp.commands.execute('docmanager:save'); }")
    return json.loads((notebook.lab.folder / notebook.name).read_text())


def ended(cell: Any) -> None:
    cell.locator(".jp-InputArea-prompt").get_by_text(re.compile(r"\[\d+\]:")).wait_for()


@pytest.mark.parametrize("lab", [WITH], indirect=True)
def test_stop_returns_the_best_so_far(lab_page: Any, lab: Lab) -> None:
    notebook, cell = started(lab_page, lab, SLOW.format(options=""))
    cell.get_by_text(TEXT).wait_for()
    cell.get_by_role("button", name="Stop").click()
    ended(cell)
    outputs = cell.locator(".jp-OutputArea-output")
    assert "".join(outputs.all_inner_texts()).split() == ["before", "after", "interrupt"]
    assert notebook.value("found.objective > 2000") == "True"
    assert_no_widget_is_left(notebook)


@pytest.mark.parametrize("lab", [WITHOUT], indirect=True)
def test_without_subshells_the_bar_names_the_interrupt(lab_page: Any, lab: Lab) -> None:
    notebook, cell = started(lab_page, lab, SLOW.format(options=""))
    cell.get_by_text(TEXT).wait_for()
    cell.get_by_text("To stop with the best so far, interrupt the kernel.").wait_for()
    assert not cell.get_by_role("button", name="Stop").is_visible(), "its clicks would not arrive"
    lab_page.locator(INTERRUPT).first.click()
    ended(cell)
    assert "after interrupt" in cell.inner_text()
    assert_no_widget_is_left(notebook)


@pytest.mark.parametrize("lab", [WITH, WITHOUT], indirect=True)
def test_a_comparison_ends_and_its_bar_is_gone(lab_page: Any, lab: Lab) -> None:
    code = 'table = qg.compare(problem, solvers=["annealing", "exact"], time_limit=5)\nprint(len(table.rows))'
    notebook, cell = started(lab_page, lab, code)
    cell.get_by_text(re.compile(r"(annealing|exact) \(\d of 2\) · best 2\d\d\d · \d s")).wait_for()
    bar = cell.locator(".widget-hprogress")
    assert bar.count() == 1
    ended(cell)
    bar.wait_for(state="detached")
    assert_no_widget_is_left(notebook)


@pytest.mark.parametrize("lab", [WITH], indirect=True)
def test_progress_false_shows_no_bar(lab_page: Any, lab: Lab) -> None:
    notebook, cell = started(lab_page, lab, SLOW.format(options=", time_limit=2, progress=False"))
    ended(cell)
    assert [output["output_type"] for output in saved(notebook)["cells"][1]["outputs"]] == ["stream"]


def assert_no_widget_is_left(notebook: Notebook) -> None:
    """Neither in the file, where it would be an error, nor in the kernel."""
    file = saved(notebook)
    assert "widget" not in json.dumps(file["cells"][1]["outputs"])
    assert "widgets" not in file["metadata"]
    count = "import ipywidgets.widgets.widget as module; print('left:', len(module._instances))"
    assert "left: 0" in notebook.add_and_run(count).inner_text()
