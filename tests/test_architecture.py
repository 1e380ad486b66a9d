"""The package's shape: imports point one way, `import qgraph` stays light, the public surface is whole."""

from __future__ import annotations

import ast
import inspect
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import networkx as nx
import pytest
from conftest import ROOT

import qgraph as qg

PACKAGE = ROOT / "qgraph"
LONGEST_FILE = 300
LONGEST_LINE = 110

# From the bottom up: a module may import from its own line and from lines above it.
ORDER = """
base
models
readers
problems
simulation.kernel simulation.angles simulation.warm_start simulation.histories
simulation.library
simulation.deadline
simulation.engine simulation.counts
simulation.readout
simulation.vector simulation.formulas simulation.mps
simulation.routes simulation.cones
simulation.merit
simulation.state
simulation.choose
simulation.simulator
simulation.functions
solvers.progress
solvers.budget
solvers.result
solvers.begin
solvers.integer_programming solvers.process solvers.number_partitioning
solvers.routes
solvers.heuristics
solvers.relaxations
solvers.exact
solvers.qaoa
solvers.compare
circuits histograms canvas
plotting
study
doctor
widgets cli
"""
FLOORS = {room: floor for floor, line in enumerate(ORDER.split("\n")) for room in line.split()}
HEAVY = [
    "qiskit",
    "qiskit_aer",
    "matplotlib",
    "ipywidgets",
    "anywidget",
    "dask",
    "distributed",
    "pandas",
    "dimod",
    "dwave",
    "highspy",
    "scipy",
    "networkx",
    "rustworkx",
]


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports_of(path: Path) -> set[str]:
    """The modules of qgraph that a file imports anywhere: at run time, inside functions, and for types alone."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "qgraph":
            inner = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= (inner & MODULES.keys()) or {node.module}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names} & MODULES.keys()
    return found - {module_of(path)}


SOURCES = sorted(PACKAGE.rglob("*.py"))
MODULES = {module_of(path): path for path in SOURCES}
BELOW_THE_TOP = [path for path in SOURCES if path != PACKAGE / "__init__.py"]
WRITTEN = [p for ending in ("py", "pyi", "c", "h", "js", "css") for p in sorted(PACKAGE.rglob(f"*.{ending}"))]


def floor_of(module: str) -> int:
    """The floor of the innermost room that is in `ORDER`."""
    parts = module.split(".")[1:]
    rooms = [".".join(parts[:end]) for end in range(len(parts), 0, -1)]
    return next(FLOORS[room] for room in rooms if room in FLOORS)


def is_hallway(path: Path) -> bool:
    """The `__init__.py` of a room that holds rooms: a docstring, no code."""
    return path.name == "__init__.py" and module_of(path).removeprefix("qgraph.") not in FLOORS


@pytest.mark.parametrize("path", BELOW_THE_TOP, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_point_down(path: Path) -> None:
    if is_hallway(path):
        assert not imports_of(path)
        return
    own = floor_of(module_of(path))
    upward = {module for module in imports_of(path) if module == "qgraph" or floor_of(module) > own}
    assert not upward, f"{path.name} imports upward: {upward}"


def circles(arrows: Mapping[str, set[str]]) -> list[set[str]]:
    """Groups of names that reach each other."""
    graph = nx.DiGraph([(a, b) for a, ends in arrows.items() for b in ends])
    return [found for found in nx.strongly_connected_components(graph) if len(found) > 1]


def test_no_modules_import_each_other_in_a_circle() -> None:
    assert circles({module_of(path): imports_of(path) for path in BELOW_THE_TOP}) == []


def test_no_kernel_sources_include_each_other_in_a_circle() -> None:
    included = {
        path.name: set(re.findall(r'^#include "(?:.*/)?(.+)"', path.read_text(), flags=re.MULTILINE))
        for path in PACKAGE.rglob("*.[ch]")
    }
    assert len(included) > 10
    assert circles(included) == []


def test_circles_are_found() -> None:
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": set()}) == [{"b", "c"}]


def test_every_room_stands_in_the_order() -> None:
    used = {
        room
        for path in BELOW_THE_TOP
        if not is_hallway(path)
        for room in FLOORS
        if f"{module_of(path)}.".startswith(f"qgraph.{room}.")
    }
    assert used == FLOORS.keys()


@pytest.mark.parametrize("path", WRITTEN, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_files_stay_small(path: Path) -> None:
    lines = path.read_text().splitlines()
    assert len(lines) <= LONGEST_FILE
    assert max(map(len, lines), default=0) <= LONGEST_LINE


@pytest.mark.parametrize("path", sorted((ROOT / "tests").rglob("test_*.py")), ids=lambda p: p.stem)
def test_tests_import_no_tests(path: Path) -> None:
    names = {
        name
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for name in (
            [node.module or ""] if isinstance(node, ast.ImportFrom) else [a.name for a in node.names]
        )
    }
    assert not {name for name in names if name.split(".")[-1].startswith("test_")}


def test_names_of_tests_are_short() -> None:
    names = [
        node.name
        for path in (ROOT / "tests").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    ]
    assert [name for name in names if len(name) > 60] == []


def test_tests_mirror_the_package() -> None:
    """A folder of tests has the name of a folder of the package."""
    own = {"browser", "image"}
    folders = {path.parent.relative_to(ROOT / "tests") for path in (ROOT / "tests").rglob("test_*.py")}
    assert {str(f) for f in folders if not (PACKAGE / f).is_dir()} == own
    left_out = {str(f) for f in folders if str(f)[0] in "i_"}  # by `testpaths` in pyproject.toml
    assert left_out == {"image"}


def run_python(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout


def test_import_loads_nothing_heavy() -> None:
    loaded = run_python(f"import sys, qgraph; print([m for m in {HEAVY} if m in sys.modules])")
    assert loaded.strip() == "[]"


COUNTED = """import sys
calls = 0
def count(*_):
    global calls
    calls += 1
sys.setprofile(count)
import {}
sys.setprofile(None)
print(calls)"""


def test_import_costs_little_beyond_numpy_and_pydantic(capsys: pytest.CaptureFixture[str]) -> None:
    """In calls and returns, which no other work on the machine changes; seconds have about the same ratio."""
    floor, own = (int(run_python(COUNTED.format(names))) for names in ("numpy, pydantic", "qgraph"))
    with capsys.disabled():
        print(f"\nimport qgraph: {own} calls and returns, of which numpy and pydantic {floor}")
    assert own / floor < 2.5


def test_public_surface_is_sorted_and_whole() -> None:
    assert qg.__all__ == sorted(qg.__all__)
    assert set(qg.__all__) <= set(dir(qg))
    public = {n for n, v in vars(qg).items() if not n.startswith("_") and not inspect.ismodule(v)}
    assert public - {"Any", "TYPE_CHECKING", "annotations", "import_module"} <= set(qg.__all__)


def test_unknown_attribute_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'solve_everything'"):
        _ = qg.solve_everything
