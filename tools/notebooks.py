"""Run every notebook and save it with its outputs, without timestamps (`make notebooks`)."""

from __future__ import annotations

import sys
from pathlib import Path

import nbformat
from jupyter_client.kernelspec import KernelSpecManager
from nbclient import NotebookClient

VIEW = "application/vnd.jupyter.widget-view+json"
NOTEBOOKS = Path(__file__).parent.parent / "notebooks"


def run(path: Path) -> None:
    """Execute one notebook in place. If a cell raises, the file does not change."""
    notebook = nbformat.read(path, as_version=4)
    resources = {"metadata": {"path": str(path.parent)}}
    # The pictures of live views are saved, but not their state: it would add the whole script of each view.
    options = {"record_timing": False, "store_widget_state": False}
    client = NotebookClient(notebook, timeout=600, resources=resources, **options)
    client.execute()
    spec = KernelSpecManager().get_kernel_spec(client.kernel_name)
    names = {"name": client.kernel_name, "display_name": spec.display_name, "language": spec.language}
    for output in [output for cell in notebook.cells for output in cell.get("outputs", [])]:
        output.get("data", {}).pop(VIEW, None)  # without its kernel JupyterLab would show an error
    notebook.metadata.kernelspec = names  # as JupyterLab writes it: opening a lesson does not change it
    nbformat.write(notebook, path)


if __name__ == "__main__":
    for path in [Path(name) for name in sys.argv[1:]] or sorted(NOTEBOOKS.glob("*.ipynb")):
        run(path)
        sys.stdout.write(f"{path.name}\n")
