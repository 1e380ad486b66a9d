"""The package's shape: imports point one way, `import qgraph` stays light, the public surface is whole."""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import ROOT

import qgraph as qg

PACKAGE = ROOT / "qgraph"
LAYERS = [
    {"errors", "arrays", "fields", "tables"},
    {
        "resources",
        "generators",
        "layouts",
        "metrics",
        "travel",
        "edges",
        "conversions",
        "writers",
        "graph",
        "city",
    },
    {"readers"},
    {"problems"},
    {"simulation"},
    {"solvers"},
    {"qiskit_bridge", "route_circuits", "histograms", "plotting"},
    {"doctor"},
    {"widgets", "cli"},
]
HEAVY = [
    "qiskit",
    "qiskit_aer",
    "matplotlib",
    "ipywidgets",
    "anywidget",
    "dask",
    "dimod",
    "dwave",
    "highspy",
    "scipy",
    "networkx",
    "rustworkx",
]


def module_of(path: Path) -> str:
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def layer_of(module: str) -> int:
    return next(i for i, layer in enumerate(LAYERS) if module in layer)


def imports_of(path: Path) -> set[str]:
    """The qgraph modules that a file imports at run time (type-checking blocks are skipped)."""
    found = set()

    def visit(node: ast.AST) -> None:
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            return
        if isinstance(node, ast.ImportFrom) and node.module:
            if node.module == "qgraph":
                found.update(alias.name for alias in node.names)
            elif node.module.startswith("qgraph."):
                found.add(node.module.split(".")[1])
        for child in ast.iter_child_nodes(node):
            visit(child)

    visit(ast.parse(path.read_text()))
    return found


SOURCES = sorted(p for p in PACKAGE.rglob("*.py") if p != PACKAGE / "__init__.py")


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_point_down(path: Path) -> None:
    own = layer_of(module_of(path))
    upward = {m for m in imports_of(path) if layer_of(m) > own}
    assert not upward, f"{path.name} imports upward: {upward}"


def test_every_module_has_a_layer() -> None:
    assert {module_of(p) for p in SOURCES} - {"widgets"} == set().union(*LAYERS) - {"widgets"}


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_files_stay_small(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 350


def run_python(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout


def test_import_loads_nothing_heavy() -> None:
    loaded = run_python(f"import sys, qgraph; print([m for m in {HEAVY} if m in sys.modules])")
    assert loaded.strip() == "[]"


def test_import_costs_little_beyond_numpy_and_pydantic(capsys: pytest.CaptureFixture[str]) -> None:
    def seconds(code: str) -> float:
        times = []
        for _ in range(5):
            start = time.perf_counter()
            run_python(code)
            times.append(time.perf_counter() - start)
        return min(times)

    floor, own = seconds("import numpy, pydantic"), seconds("import qgraph")
    with capsys.disabled():
        print(f"\nimport qgraph: {own:.2f} s, of which numpy and pydantic {floor:.2f} s")
    assert own / floor < 3


def test_public_surface_is_sorted_and_whole() -> None:
    assert qg.__all__ == sorted(qg.__all__)
    assert set(qg.__all__) <= set(dir(qg))
    public = {n for n, v in vars(qg).items() if not n.startswith("_") and not inspect.ismodule(v)}
    assert public - {"Any", "TYPE_CHECKING", "annotations", "import_module"} <= set(qg.__all__)


@pytest.mark.parametrize("name", qg.__all__)
def test_public_functions_have_a_doctest(name: str) -> None:
    thing = getattr(qg, name)
    assert inspect.getdoc(thing), f"{name} has no docstring"
    if inspect.isfunction(thing):
        assert ">>>" in inspect.getdoc(thing)  # type: ignore[operator]


def test_unknown_attribute_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'solve_everything'"):
        _ = qg.solve_everything
