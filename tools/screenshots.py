"""Make pictures of each explorer in a real JupyterLab (`make screenshots`)."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))  # the JupyterLab of the browser tests

from browser.conftest import chromium  # noqa: E402
from browser.lab import Lab, Notebook  # noqa: E402

IMAGES = ROOT / "docs" / "images"
LIGHT: dict[str, dict[str, Any]] = {"@jupyterlab/apputils-extension:themes": {"theme": "JupyterLab Light"}}
BRIDGES, CITY = (
    f'qg.read_{kind}(r"{ROOT / "examples" / name}")'
    for kind, name in (("graph", "bridges.json"), ("city", "city.json"))
)
CELLS = {
    "graph-editor": f"graph = {BRIDGES}\nGraphEditor(graph, labels=qg.solve_exact(qg.MaxCut(graph)).labels)",
    "qaoa-explorer": f"explorer = QAOAExplorer({BRIDGES}, depth=3)\nexplorer.optimise()\nexplorer",
    "route-explorer": f"RouteExplorer({CITY}, depth=3)",
}
READY = {
    "graph-editor": ".qg-node",
    "qaoa-explorer": ".qg-bars",
    "route-explorer": ".qg-panel:nth-child(3) .qg-legs tr",
}


def pictures(browser: Any) -> Iterator[Path]:
    """Run each widget in a notebook of its own, and save a picture of it."""
    with tempfile.TemporaryDirectory() as folder:
        lab = Lab(Path(folder), **LIGHT)
        try:
            for name, cell in CELLS.items():
                page = browser.new_page(viewport={"width": 1560, "height": 1500})
                imports = (
                    "import qgraph as qg\nfrom qgraph.widgets import GraphEditor, QAOAExplorer, RouteExplorer"
                )
                Notebook(page, lab, lab.notebook(f"{name}.ipynb", imports, cell)).run_all()
                page.locator(READY[name]).first.wait_for(state="attached")
                page.mouse.move(0, 0)
                page.wait_for_timeout(1500)
                path = IMAGES / f"{name}.png"
                page.locator(".qgraph-widget").screenshot(path=path)
                page.close()
                yield path
        finally:
            lab.stop()


def main() -> None:
    """Write docs/images/<explorer>.png."""
    with open_browser() as browser:
        for made in pictures(browser):
            print(made.relative_to(ROOT))


@contextmanager
def open_browser() -> Iterator[Any]:
    """A Chromium; the program ends if there is none."""
    path = chromium()
    if path is None:
        sys.exit("no Chromium was found: install one, or set QGRAPH_CHROMIUM to its path")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


if __name__ == "__main__":
    main()
