"""A study in a real JupyterLab: in the cell, and in the background while its tab is closed."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest

from browser.lab import Lab, Notebook

IMPORTS = """import tempfile
import qgraph as qg
problems = {f"g{seed}": qg.MaxCut(qg.Graph.random_regular(3, 12, seed=seed)) for seed in range(400)}
solvers = {"climb": {"solver": "qaoa", "depth": range(1, 4)}, "tabu": {"solver": "tabu"}}
study = qg.Study(tempfile.mkdtemp(), problems=problems, solvers=solvers, seeds=range(30))"""
LINE = re.compile(r"study \w+ · [1-9]\d* of 48000 trials · .* per second · .* left")
DONE = re.compile(r"[1-9]\d* of 36000")
ENDED = re.compile(r"· \d+ of 48000 trials")

WITH = pytest.param(True, id="subshells", marks=pytest.mark.xdist_group("subshells"))


def opened(page: Any, lab: Lab, name: str) -> Notebook:
    notebook = Notebook(page, lab, lab.notebook(name, IMPORTS))
    notebook.run_all()
    return notebook


def picture(page: Any, name: str) -> None:
    """Pictures for people, if a folder for them is named."""
    folder = os.environ.get("QGRAPH_PICTURES")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png")


@pytest.mark.parametrize("lab", [WITH], indirect=True)
def test_a_run_in_the_cell_shows_its_table_and_stops(lab_page: Any, lab: Lab) -> None:
    notebook = opened(lab_page, lab, "study.ipynb")
    cell = notebook.add_and_run("study.run();", wait=False)
    cell.get_by_text(LINE).wait_for()
    cell.get_by_text(DONE).wait_for()
    cell.locator("svg polyline").wait_for()
    picture(lab_page, "study_run")
    cell.get_by_role("button", name="Stop").click()
    cell.locator(".jp-InputArea-prompt").get_by_text(re.compile(r"\[\d+\]:")).wait_for()
    assert notebook.value("study.stopped_by") == "interrupt"
    assert notebook.value("0 < study.waiting < 48000") == "True"


@pytest.mark.parametrize("lab", [WITH], indirect=True)
def test_a_study_in_the_background_survives_a_closed_tab(lab_page: Any, lab: Lab) -> None:
    notebook = opened(lab_page, lab, "background.ipynb")
    cell = notebook.add_and_run("study.start()")
    cell.get_by_text(LINE).wait_for()
    lab_page.evaluate(
        """async () => {
          const { commands } = window.jupyterapp;
          await commands.execute("docmanager:save");
          await commands.execute("application:close");
        }"""
    )
    lab_page.locator(".jp-Notebook").wait_for(state="detached")
    lab_page.evaluate(
        "async path => { await window.jupyterapp.commands.execute('docmanager:open', { path }); }",
        notebook.name,
    )
    again = lab_page.locator(".jp-Notebook .jp-Cell").last
    # The trials of both solvers: those of one stand still while the other has its turn.
    [first] = ENDED.findall(again.get_by_text(LINE).inner_text())
    again.get_by_text(first).wait_for(state="detached")
    picture(lab_page, "study_background")
    again.get_by_role("button", name="Stop").click()
    again.get_by_role("button", name="Stop").wait_for(state="hidden")
    again.locator("table").wait_for()
    assert notebook.value("study.wait().stopped_by") == "interrupt"
    shown = lab_page.locator(".jp-Notebook .jp-Cell").nth(1).locator("tr").nth(2).inner_text()
    assert shown.split()[1] == notebook.value("sum(study.frame().solver == 'tabu')")
    picture(lab_page, "study_stopped")
