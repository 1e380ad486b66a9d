"""A JupyterLab for the tests alone, and notebooks in it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import nbformat

TOKEN = "browser-tests"
QUIET = {
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
    "@jupyterlab/docmanager-extension:plugin": {"autosave": False},
}
FORGET = "import ipywidgets; ipywidgets.Widget.close_all(); get_ipython().reset(new_session=False)"
# Close what is open, open a notebook with this kernel or a new one, and wait until the kernel answers.
OPEN = """async ([path, id, forget]) => {
  const { commands, shell } = window.jupyterapp;
  for (const widget of [...shell.widgets("main")]) {
    await widget.context?.sessionContext.session?.kernel?.requestExecute({ code: forget }).done;
    widget.dispose();
  }
  const panel = await commands.execute("docmanager:open", id ? { path, kernel: { id } } : { path });
  await panel.context.ready;
  await panel.sessionContext.ready;
  const { kernel } = panel.sessionContext.session;
  await kernel.info;
  return kernel.id;
}"""


class Lab:
    """JupyterLab on a free port, with its own configuration and files."""

    def __init__(
        self, folder: Path, program: Sequence[str] = ("-m", "jupyterlab"), **settings: dict[str, Any]
    ) -> None:
        self.kernel: str | None = None  # its id
        self.folder = folder / "files"
        self.folder.mkdir(parents=True)
        for name, value in {**QUIET, **settings}.items():
            extension, plugin = name.rsplit(":", 1)
            path = folder / "settings" / extension / f"{plugin}.jupyterlab-settings"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(value))
        places = {
            name: str(folder / name.lower())
            for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_DATA_DIR", "IPYTHONDIR")
        }
        settings_dir = {"JUPYTERLAB_SETTINGS_DIR": str(folder / "settings")}
        self.info = Path(places["JUPYTER_RUNTIME_DIR"])
        options = ["--no-browser", "--allow-root", "--ServerApp.port=0", "--ServerApp.port_retries=0"]
        options += [f"--IdentityProvider.token={TOKEN}", f"--ServerApp.root_dir={self.folder}"]
        options += ["--ServerApp.ip=127.0.0.1", f"--LabApp.workspaces_dir={folder / 'workspaces'}"]
        options += [
            "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
            "--LabApp.news_url=None",
            "--LabApp.expose_app_in_browser=True",
            # On a busy machine a page may take longer to answer, and would lose its kernel.
            '--ServerApp.tornado_settings={"ws_ping_interval": 0}',
        ]
        self.log = (folder / "lab.log").open("w")
        self.process = subprocess.Popen(
            [sys.executable, *program, *options],
            env={**os.environ, **places, **settings_dir},
            stdout=self.log,
            stderr=subprocess.STDOUT,
            cwd=self.folder,
        )
        self.url = self._address()

    def _address(self) -> str:
        for _ in range(300):
            found = list(self.info.glob("jpserver-*.json"))
            if found and (text := found[0].read_text()):
                url = str(json.loads(text)["url"])
                try:
                    urllib.request.urlopen(f"{url}api?token={TOKEN}", timeout=5)
                    return url
                except OSError:
                    pass
            if self.process.poll() is not None:
                break
            time.sleep(0.2)
        raise RuntimeError(Path(self.log.name).read_text()[-3000:])

    def stop(self) -> None:
        """End the server and its kernels."""
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:  # a kernel is busy
            self.process.kill()
            self.process.wait(30)
        self.log.close()

    def notebook(self, name: str, *cells: str) -> str:
        """Write a notebook; cells are code."""
        book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
        book.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
        nbformat.write(book, self.folder / name)
        return name


class Notebook:
    """A notebook open in a page. JupyterLab and the kernel, which has its imports, serve the next notebook, too."""

    def __init__(self, page: Any, lab: Lab, name: str) -> None:
        self.page, self.lab, self.name = page, lab, name
        if not page.url.startswith(lab.url):
            page.goto(f"{lab.url}lab?token={TOKEN}&reset")
            page.wait_for_function("() => window.jupyterapp", timeout=60_000)
            page.evaluate("async () => { await window.jupyterapp.restored; }")
        lab.kernel = page.evaluate(OPEN, [name, lab.kernel, FORGET])
        self.idle(timeout=60_000)

    def idle(self, timeout: float = 30_000) -> None:
        """Wait for an idle kernel."""
        panel = ".jp-NotebookPanel:not(.lm-mod-hidden)"
        idle = f"{panel} .jp-Notebook-ExecutionIndicator[data-status=idle]"
        self.page.locator(idle).wait_for(state="attached", timeout=timeout)

    def run_all(self) -> None:
        """Run all cells, and wait."""
        self.page.evaluate("async () => { await jupyterapp.commands.execute('notebook:run-all-cells'); }")
        self.idle()

    def add_and_run(self, code: str, *, wait: bool = True) -> Any:
        """Add a cell at the end and run it. Returns its locator."""
        cells = self.page.locator(".jp-Notebook .jp-Cell")
        before = cells.count()
        self.page.locator(".jp-Notebook-footer").click()
        cell = cells.nth(before)
        cell.locator(".cm-content").click()
        self.page.keyboard.insert_text(code)
        self.page.keyboard.press("Control+Enter")  # Shift+Enter would add a cell, too late
        if wait:
            cell.locator(".jp-InputArea-prompt").get_by_text(re.compile(r"\[\d+\]:")).wait_for()
        return cell

    def value(self, expression: str) -> str:
        """An expression as the kernel prints it."""
        cell = self.add_and_run(f"print(({expression}))")
        return str(cell.locator(".jp-OutputArea-output").first.inner_text()).strip()

    def becomes(self, expression: str, expected: str) -> bool:
        """Whether the kernel soon prints this for an expression. Messages of a widget may still be under way."""
        for _ in range(20):
            if self.value(expression) == expected:
                return True
            self.page.wait_for_timeout(250)
        return False
