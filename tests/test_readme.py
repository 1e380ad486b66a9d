"""The code of the README and of docs/ runs as it stands, and the links lead somewhere."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT

import qgraph as qg

README = (ROOT / "README.md").read_text()


def test_python_blocks_run() -> None:
    blocks = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
    assert blocks
    for block in blocks:
        run = subprocess.run(
            [sys.executable, "-c", block], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert run.returncode == 0, run.stderr
        assert "36.0" in run.stdout


def test_the_study_of_the_docs_runs(tmp_path: Path) -> None:
    page = (ROOT / "docs/studies.md").read_text()
    (block,) = re.findall(r"```python\n(.*?)```", page, flags=re.DOTALL)
    run = subprocess.run(
        [sys.executable, "-c", block], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    assert "(random answers)" in run.stdout
    (plan,) = re.findall(r"```toml\n(.*?)```", page, flags=re.DOTALL)
    (tmp_path / "graphs").mkdir()
    (tmp_path / "graphs/G1.txt").write_text("3 2\n1 2 1\n2 3 1\n")
    (tmp_path / "plan.toml").write_text(plan)
    program = "import sys; from qgraph.cli import main; sys.argv[1:] = ['study', 'run', 'plan.toml']; main()"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert "Study(studies/cubic: " in done.stdout, done.stderr


def test_the_explorers_are_made_as_shown() -> None:
    """The lines on widgets go on from the ten lines above them."""
    first = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)[0]
    (widgets,) = re.findall(r"```py\n(.*?)```", README, flags=re.DOTALL)
    run = subprocess.run(
        [sys.executable, "-c", first + widgets], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr


def test_pictures_are_there() -> None:
    pictures = re.findall(r'(?:src|srcset)="([^"]+)"', README)
    assert len(pictures) == 6
    assert [picture for picture in pictures if not (ROOT / picture).is_file()] == []


def test_the_readme_is_a_tour() -> None:
    assert len(README.splitlines()) < 130


PAGES = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "benchmarks/README.md", "benchmarks/RESULTS.md"]


@pytest.mark.parametrize("page", [*PAGES, *(f"docs/{path.name}" for path in ROOT.glob("docs/*.md"))])
def test_links_lead_somewhere(page: str) -> None:
    path = ROOT / page
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", path.read_text()) if "://" not in link]
    missing = [link for link in links if not (path.parent / link).exists()]
    assert not missing


def test_the_reference_names_every_problem_and_solver() -> None:
    text = (ROOT / "docs/reference.md").read_text()
    tables = {"problem": r"^\| (`.*?) \|.*(?:imised|either) \|$", "solver": r"^\| (`solve_.*?) \|"}
    named = {
        kind: set(re.findall(r"`(\w+)", " ".join(re.findall(row, text, flags=re.MULTILINE))))
        for kind, row in tables.items()
    }
    public = {name: getattr(qg, name) for name in qg.__all__}
    problems = {name for name, value in public.items() if hasattr(value, "to_ising")} - {"Problem"}
    assert named["problem"] == problems
    assert named["solver"] == {name for name in public if name.startswith("solve_")}


def test_the_json_files_of_the_docs_can_be_read(tmp_path: Path) -> None:
    graph, city = re.findall(r"```json\n(.*?)```", (ROOT / "docs/files.md").read_text(), flags=re.DOTALL)
    (tmp_path / "graph.json").write_text(graph)
    (tmp_path / "city.json").write_text(city)
    assert len(qg.read_graph(tmp_path / "graph.json").edges) == 1
    assert qg.solve_exact(qg.PriorityRouting(qg.read_city(tmp_path / "city.json"))).priority_satisfied


def test_make_help_lists_the_targets_that_the_readme_names() -> None:
    listed = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    targets = set(re.findall(r"^  ([a-z-]+) ", listed, flags=re.MULTILINE))
    assert {"setup", "lab", "test", "check", "lock", "bench", "clean"} <= targets
    named = set(re.findall(r"^make ([a-z-]+)", README, flags=re.MULTILINE))
    assert named <= targets
