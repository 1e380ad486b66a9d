"""What the QAOA explorer costs: an optimisation in a real JupyterLab, against `solve_qaoa` alone, in turn.

    python benchmarks/explorer.py [nodes] [depth] [rounds]

Kernel and browser share the processors of this machine. Only the ratio is meant to be quoted. It needs
Chromium and the packages of the browser tests.
"""

from __future__ import annotations

import ast
import statistics
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))  # the browser tests' JupyterLab

from browser.conftest import chromium
from browser.lab import Lab, Notebook

IMPORTS = "import time\nimport qgraph as qg\nfrom qgraph.widgets import QAOAExplorer"
EXPLORER = "explorer = QAOAExplorer(qg.Graph.random_regular(3, {nodes}, seed=1), depth={depth})\nexplorer"
MEASURE = """
def seconds(work):
    began = time.perf_counter()
    work()
    return time.perf_counter() - began

def compared():
    first = [list(row) for row in explorer.scene.first_angles({depth})]
    start, problem = tuple(first), explorer.problem
    alone = seconds(lambda: qg.solve_qaoa(problem, {depth}, start=start, progress=False))
    explorer.angles = first
    return alone, seconds(explorer.optimise)

print([compared() for _ in range({rounds})])
"""


def main() -> None:
    """Measure in turn, and print every round."""
    given = [int(argument) for argument in sys.argv[1:]]
    nodes, depth, rounds = [*given, *(20, 8, 5)[len(given) :]]
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        lab = Lab(Path(folder))
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        try:
            page = browser.new_page(viewport={"width": 1440, "height": 1400})
            page.set_default_timeout(3_600_000)
            cell = EXPLORER.format(nodes=nodes, depth=depth)
            notebook = Notebook(page, lab, lab.notebook("explorer.ipynb", IMPORTS, cell))
            notebook.run_all()
            page.locator(".qg-turn input:not(:disabled)").first.wait_for()
            done = notebook.add_and_run(MEASURE.format(depth=depth, rounds=rounds))
            text = done.locator(".jp-OutputArea-output").first.inner_text()
        finally:
            browser.close()
            lab.stop()
    times = ast.literal_eval(text.strip())
    ratios = [shown / alone for alone, shown in times]
    print(f"{nodes} nodes, depth {depth}, rounds:", ", ".join(f"{ratio:.3f}" for ratio in ratios))
    print(f"explorer / alone: median {statistics.median(ratios):.3f}")


if __name__ == "__main__":
    main()
