"""The code of the README and of docs/ runs as it stands, and the links lead somewhere."""

from __future__ import annotations

import doctest
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
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


EXAMPLES = [path.name for path in sorted(ROOT.glob("docs/*.md")) if "```pycon" in path.read_text()]


@pytest.mark.parametrize("page", EXAMPLES)
def test_the_examples_of_the_docs_show_what_happens(page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Their fences would be a part of what is expected."""
    monkeypatch.chdir(ROOT)
    text = re.sub(r"^```.*$", "", (ROOT / "docs" / page).read_text(), flags=re.MULTILINE)
    examples = doctest.DocTestParser().get_doctest(text, {}, page, page, 0)
    said: list[str] = []
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    assert runner.run(examples, out=said.append).attempted > 0
    assert said == [], "".join(said)


def test_the_picture_moves() -> None:
    from PIL import Image

    with Image.open(ROOT / "docs/images/explorer.gif") as picture:
        assert picture.n_frames > 10
    assert (ROOT / "docs/images/explorer.gif").stat().st_size < 1e6


def test_the_readme_is_a_tour() -> None:
    assert len(README.splitlines()) < 130


PAGES = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md"]
PAGES += ["benchmarks/README.md", "benchmarks/RESULTS.md"]


@pytest.mark.parametrize("page", [*PAGES, *(f"docs/{path.name}" for path in ROOT.glob("docs/*.md"))])
def test_links_lead_somewhere(page: str) -> None:
    path = ROOT / page
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", path.read_text()) if "://" not in link]
    missing = [link for link in links if not (path.parent / link).exists()]
    assert not missing


def test_the_pages_name_every_problem_and_solver() -> None:
    text = "".join((ROOT / f"docs/{page}.md").read_text() for page in ("problems", "methods"))
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


def commands() -> set[str]:
    """All commands of the README, without their comments."""
    blocks = re.findall(r"```sh\n(.*?)```", README, flags=re.DOTALL)
    lines = [line.partition("  #")[0].strip() for block in blocks for line in block.splitlines()]
    return {*lines, *re.findall(r"`((?:\S+/)?(?:qgraph|make|conda|pip) [^`]+)`", README)}


HERE = {
    ".venv/bin/qgraph solve examples/city.json",
    "qgraph --help",
    "qgraph doctor",
    "make help",
    "make lab",
}
ELSEWHERE = {
    "make test": "this very run",
    "make docs": "tests/test_docs.py",
    "make image": ".ci/run",
    "docker run --rm -p 127.0.0.1:8888:8888 -v qgraph-work:/home/appuser/work qgraph": "tests/image/test_start.py",
}


def test_every_command_of_the_readme_is_run_by_a_test() -> None:
    assert commands() == HERE | set(ELSEWHERE)


@pytest.mark.parametrize("command", sorted(HERE - {"make lab"}))
def test_the_commands_of_the_readme_run(command: str) -> None:
    bin_first = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    words = command.replace(".venv/bin/", "").split()
    run = subprocess.run(words, cwd=ROOT, env=bin_first, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert run.stdout


def page(address: str, server: subprocess.Popen[str]) -> str:
    """What it answers; Jupyter shows its address a moment before it listens."""
    while server.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=60) as answer:
                return str(answer.read(), "utf-8")
        except urllib.error.URLError as refused:
            if not isinstance(refused.reason, ConnectionRefusedError):
                raise
            time.sleep(0.1)
    raise AssertionError(f"the server ended with code {server.returncode}")


@pytest.mark.skipif(
    shutil.which("gcc") is None, reason="make lab is for a machine with gcc, not for an image"
)
def test_make_lab_opens_jupyterlab() -> None:
    """The address that it shows answers. Ctrl-C ends it."""
    quiet = {**os.environ, "BROWSER": "true", "PYTHONUNBUFFERED": "1"}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    lab = subprocess.Popen(["make", "lab"], cwd=ROOT, env=quiet, text=True, start_new_session=True, **pipes)
    try:
        shown = ""
        while not (found := re.search(r"http://\S+token=\w+", shown)):
            line = lab.stdout.readline()
            assert line, shown
            shown += line
        assert "JupyterLab" in page(found.group(0), lab)
    finally:
        os.killpg(lab.pid, signal.SIGTERM)
        lab.communicate(timeout=60)
