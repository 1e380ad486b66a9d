"""The command line: in this process, and in one of its own where that matters."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import time
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest
from conftest import ROOT

import qgraph as qg
from qgraph.cli import main
from qgraph.solvers.compare import ORDER

CITY, BRIDGES = str(ROOT / "examples/city.json"), str(ROOT / "examples/bridges.json")


def process(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from qgraph.cli import main; main()", *arguments]
    environment = {**os.environ, "COLUMNS": "100"}
    return subprocess.run(
        command, capture_output=True, text=True, cwd=ROOT, env=environment, timeout=120, check=False
    )


def qgraph(*arguments: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """The same without a new process, which would import everything again."""
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.setattr(sys, "argv", ["qgraph", *arguments])
        patch.setenv("COLUMNS", "100")
        patch.chdir(cwd)
        with pytest.raises(SystemExit) as ended:
            main()
    code = ended.value.code
    assert isinstance(code, int)
    return subprocess.CompletedProcess(arguments, code, out.getvalue(), err.getvalue())


def test_solve_a_city() -> None:
    run = process("solve", CITY)
    assert run.returncode == 0
    assert "depot → pharmacy → hospital → clinic → museum → bakery → school → library → market" in run.stdout
    assert "travel time    50.5 km at free flow   distance 40.18 km" in run.stdout
    assert "objective, bound and mean in km at free flow" in run.stdout
    assert "exact, proved optimal" in run.stdout
    for solver in ("exact", "greedy", "random", "qaoa"):
        assert f" {solver} " in run.stdout


def test_solve_a_graph_as_json() -> None:
    run = qgraph("solve", BRIDGES, "--json", "--depth", "1")
    answer = json.loads(run.stdout)
    assert answer["answer"]["objective"] == 36
    assert answer["answer"]["optimal"] is True
    assert set(answer["answer"]["labels"].values()) == {0, 1}
    assert [row["solution"]["solver"] for row in answer["rows"]] == [
        name for name in ORDER if name != "two-opt"
    ]


def test_solve_with_chosen_solvers_shows_values_and_bounds() -> None:
    run = qgraph("solve", BRIDGES, "--solver", "goemans-williamson", "--solver", "exact")
    assert run.returncode == 0
    table = run.stdout.split("found by")[1]
    assert [line.split()[0] for line in table.splitlines()[2:]] == ["solver", "exact", "goemans-williamson"]
    assert "bound" in table
    assert "36.373" in table


@pytest.mark.parametrize(
    ("problem", "objective", "words"),
    [
        ("vertex-cover", 7, "chosen     "),
        ("graph-coloring", 0, "color 2    "),
        ("graph-partitioning", 8.5, "side 1     "),
        ("max-k-cut", 39.5, "color 2    "),
    ],
)
def test_the_problems_of_graphs(problem: str, objective: float, words: str) -> None:
    run = qgraph("solve", BRIDGES, "--problem", problem, "--solver", "annealing")
    assert run.returncode == 0
    assert f"objective  {objective}\n" in run.stdout
    assert words in run.stdout


def test_a_problem_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "two.qubo").write_text("p qubo 0 2 2 1\n0 0 -1\n1 1 -1.5\n0 1 3\n")
    run = qgraph("solve", "two.qubo", "--solver", "exact", cwd=tmp_path)
    assert "two.qubo: QUBO(2 nodes, 1 pairs, minimize)" in run.stdout
    assert "chosen     1\nobjective  -1.5\n" in run.stdout
    run = qgraph("solve", "two.qubo", "--problem", "maxcut", cwd=tmp_path)
    assert run.stderr == "qgraph: `--problem` must be auto for a file that holds one, got maxcut\n"


def test_a_problem_as_json(tmp_path: Path) -> None:
    weights = {"0": 2.5, "1": 1.0, "2": 1.0, "3": 1.0, "4": 1.0}
    text = qg.VertexCover(qg.Graph.ring(5), weights=weights).to_json()
    (tmp_path / "cover.json").write_text(text)
    run = qgraph("solve", "cover.json", "--solver", "exact", cwd=tmp_path)
    assert "cover.json: VertexCover(" in run.stdout
    assert "objective  3\n" in run.stdout
    (tmp_path / "cover.json").write_text(text.replace("VertexCover", "Sudoku"))
    run = qgraph("solve", "cover.json", cwd=tmp_path)
    assert run.stderr.startswith("qgraph: cover.json: `problem` must be one of GraphColoring, ")
    assert run.stderr.endswith(", got 'Sudoku'\n")


def test_choices_for_files(tmp_path: Path) -> None:
    (tmp_path / "arcs.csv").write_text("from,to,km\na,b,2\nb,a,4\nb,b,9\nb,c,1\n")
    options = ["--weight", "km", "--solver", "exact"]
    run = qgraph("solve", "arcs.csv", *options, cwd=tmp_path)
    assert 'directed="merge" (in the terminal, --directed merge)' in run.stderr
    run = qgraph("solve", "arcs.csv", *options, "--directed", "merge", cwd=tmp_path)
    assert 'loops="drop" (in the terminal, --loops drop)' in run.stderr
    run = qgraph("solve", "arcs.csv", *options, "--directed", "merge", "--loops", "drop", cwd=tmp_path)
    assert "objective  4\n" in run.stdout
    run = qgraph("solve", CITY, "--weight", "km")
    assert "`directed`, `loops` and `weight` are for graphs, and the file holds a city" in run.stderr


def test_names_reach_the_terminal_escaped(tmp_path: Path) -> None:
    name = "g\x1b]0;x.csv"
    (tmp_path / name).write_text("\x1b[31mred\x07,\u202eback\n", encoding="utf-8")
    run = qgraph("solve", name, "--solver", "exact", "--problem", "vertex-cover", cwd=tmp_path)
    assert run.returncode == 0
    missing = qgraph("solve", "no\x1bthing.csv", cwd=tmp_path)
    for text in (run.stdout, run.stderr, missing.stderr):
        assert not set(text) & set("\x1b\x07\u202e")
    assert r"g\x1b]0;x.csv" in run.stdout
    assert r"no\x1bthing.csv: No such file or directory in" in missing.stderr


def test_errors_name_the_broken_rule() -> None:
    run = qgraph("solve", BRIDGES, "--problem", "graph-coloring", "--colors", "2", "--solver", "exact")
    assert "violation  'north' and 'castle' are adjacent and of one color" in run.stdout
    assert "objective  2\n" in run.stdout


def test_compare_as_a_table_and_as_json() -> None:
    assert "proved" in qgraph("compare", CITY, "--return-to-depot", "--depth", "1").stdout
    rows = json.loads(
        qgraph("compare", BRIDGES, "--problem", "independent-set", "--depth", "1", "--json").stdout
    )
    assert rows["sense"] == "maximize"


def test_doctor_gives_versions_resources_and_known_answers() -> None:
    run = process("doctor", "--json")
    report = json.loads(run.stdout)
    assert run.returncode == 0
    assert report["ok"]
    assert {check["name"] for check in report["checks"]} >= {"core", "aer"}
    assert report["facts"]["threads"].isdigit()
    assert "GiB" in report["facts"]["memory"]
    assert "ok" in qgraph("doctor").stdout


def test_doctor_fails_on_a_wrong_core() -> None:
    broken = (
        "import qgraph.doctor as d; d.RING_OF_FOUR = 3.1; import sys; sys.argv[1:] = ['doctor'];"
        "from qgraph.cli import main; main()"
    )
    run = subprocess.run([sys.executable, "-c", broken], capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert "failed" in run.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["solve", "nothing.json"], f"nothing.json: No such file or directory in {ROOT}"),
        (["solve", "README.md"], "the ending must be one of"),
        (["solve", CITY, "--depth", "0"], "`depth` must be a whole number of at least 1, got 0"),
        (["solve", CITY, "--depth", "x"], "--depth"),
        (["solve", CITY, "--problem", "maxcut"], "city.json: "),
        (
            ["solve", BRIDGES, "--return-to-depot"],
            "`--return-to-depot` needs a city, and the file holds none",
        ),
        (["solve", BRIDGES, "--problem", "sudoku"], "--problem"),
        (["solve", BRIDGES, "--time-limit", "0"], "`time_limit` must be positive, got 0.0"),
        (
            ["solve", BRIDGES, "--solver", "oracle"],
            "`solvers` must be among exact, goemans-williamson, greedy,",
        ),
        (
            ["solve", CITY, "--solver", "tabu"],
            "`solvers` must be among exact, greedy, two-opt, random, qaoa (tabu is not for routes), got 'tabu'",
        ),
        (
            ["solve", BRIDGES, "--problem", "max-k-cut", "--colors", "1"],
            "`colors` must be a whole number from 2",
        ),
        (["solve"], "Missing argument"),
        (["dance"], "No such command 'dance'"),
    ],
)
def test_errors_are_one_line_and_exit_code_two(arguments: list[str], message: str) -> None:
    run = (process if arguments == ["solve"] else qgraph)(*arguments)
    assert run.returncode == 2
    assert message in run.stderr
    assert len(run.stderr.strip().splitlines()) == 1
    assert run.stderr.startswith("qgraph: ")
    assert run.stdout == ""


def test_help_lists_the_commands() -> None:
    for run in (process(), qgraph(), qgraph("--help")):
        assert run.returncode == 0
        assert all(command in run.stdout for command in ("solve", "compare", "doctor", "lab"))


def test_an_interrupt_ends_quietly(tmp_path: Path) -> None:
    nodes = [{"id": i} for i in range(70)]
    edges = [
        {"from": i, "to": j, "weight": (i * 7919 + j * 104729) % 97 + 0.5}
        for i in range(70)
        for j in range(i)
    ]
    (tmp_path / "hard.json").write_text(json.dumps({"nodes": nodes, "edges": edges}))
    command = [
        sys.executable,
        "-c",
        "from qgraph.cli import main; main()",
        "solve",
        "hard.json",
        "--time-limit",
        "300",
    ]
    child = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    time.sleep(4)
    child.send_signal(signal.SIGINT)
    _, stderr = child.communicate(timeout=10)
    assert child.returncode == 130
    assert "Traceback" not in stderr


def test_a_closed_pipe_is_not_an_error() -> None:
    command = (
        f"'{sys.executable}' -c 'from qgraph.cli import main; main()' compare {BRIDGES} --depth 1 | true"
    )
    run = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)
    assert "Traceback" not in run.stderr
