"""`qgraph lab` with the lessons: trusted, unchanged when opened, and a log that says only what matters."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT

from browser.lab import TOKEN, Lab

QGRAPH_LAB = ("-c", "from qgraph.cli import main; main()", "lab")
LESSONS = sorted((ROOT / "notebooks").glob("*.ipynb"))
# Whether the notebook is changed when its kernel has answered, as its tab says, and which cells are not trusted.
OPEN = """async (path) => {
  const panel = await jupyterapp.commands.execute("docmanager:open", { path });
  await panel.context.ready;
  await panel.sessionContext.ready;
  const { kernel } = panel.sessionContext.session;
  await kernel.info;
  const spec = await kernel.spec;
  for (let i = 0; i < 100 && !panel.content.model.getMetadata("kernelspec"); i++)
    await new Promise((done) => setTimeout(done, 20));
  await new Promise((done) => setTimeout(done, 500));
  const answer = {
    dirty: panel.context.model.dirty || panel.title.className.includes("jp-mod-dirty"),
    kernel: panel.content.model.getMetadata("kernelspec").display_name === spec.display_name,
    doubted: panel.content.widgets.filter((cell) => cell.model.type === "code" && !cell.model.trusted).length,
  };
  return answer;
}"""


@pytest.fixture(scope="module")
def lab(browser: Any, tmp_path_factory: Any) -> Iterator[Lab]:
    """The lessons are copies, as in the image: they are trusted because of what they contain."""
    made = Lab(tmp_path_factory.mktemp("lessons"), QGRAPH_LAB)
    shutil.copytree(ROOT / "notebooks", made.folder / "notebooks")
    yield made
    made.stop()


@pytest.fixture(scope="module")
def page(lab: Lab, new_context: Any) -> Iterator[Any]:
    context, watch = new_context()
    page = context.new_page()
    page.goto(f"{lab.url}lab?token={TOKEN}&reset")
    page.wait_for_function("() => window.jupyterapp", timeout=60_000)
    page.evaluate("async () => { await window.jupyterapp.restored; }")
    yield page
    context.close()
    assert watch.outside == []
    # The files have pictures of live views, and no views whose models are gone: JupyterLab would show an error.
    assert [error for error in watch.errors if "widget" in error] == []  # others are JupyterLab's own


pytestmark = pytest.mark.xdist_group("lessons")


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)
def test_a_lesson_opens_trusted_and_unchanged(page: Any, lesson: Path) -> None:
    assert page.evaluate(OPEN, f"notebooks/{lesson.name}") == {"dirty": False, "kernel": True, "doubted": 0}


def test_other_versions_of_python_change_no_notebook(page: Any, lab: Lab) -> None:
    text = LESSONS[0].read_text()
    assert text.count('"version": "3.') == 1
    (lab.folder / "other.ipynb").write_text(text.replace('"version": "3.', '"version": "2.'))
    answer = page.evaluate(OPEN, "other.ipynb")
    assert answer["dirty"] is False
    assert answer["doubted"] > 0, "only the lessons as they were shipped are trusted"
    assert '"version": "2.' in (lab.folder / "other.ipynb").read_text()


def test_the_log_has_the_address_and_nothing_else(page: Any, lab: Lab) -> None:
    """After the tests above, which open all lessons and leave their kernels running.

    ipykernel 7 sometimes prints a traceback when a kernel ends. So only the server says nothing then.
    """
    log = Path(lab.log.name).read_text()
    kept = [line for line in log.splitlines() if "other.ipynb is not trusted" not in line]
    lines = [line.strip() for line in kept if line.strip()]
    assert any(line.startswith("http://127.0.0.1:") and "?token=" in line for line in lines)
    assert len(lines) <= 7, "\n".join(lines)
    assert "Skipped" not in log
    assert "WARNING" not in log
    page.evaluate("() => window.jupyterapp.serviceManager.sessions.shutdownAll()")
    page.wait_for_function("() => window.jupyterapp.serviceManager.sessions.running().next().done")
    end = Path(lab.log.name).read_text()[len(log) :]
    assert [line for line in end.splitlines() if re.match(r"\[[A-Z] \d{4}-", line)] == []
