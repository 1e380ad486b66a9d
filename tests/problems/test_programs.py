"""Each problem's own integer program: solved from its LP file by HiGHS alone, beside brute force."""

from __future__ import annotations

import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import highspy
import numpy as np
import pytest
from conftest import asymmetric_graph, brute_force_values, oneway_routing, spin_glass

import qgraph as qg
from qgraph.problems.sense import sign
from qgraph.solvers import integer_programming
from qgraph.solvers.budget import Budget

SIGNED = asymmetric_graph(5, 3)
PROBLEMS: dict[str, Any] = {
    "maxcut": qg.MaxCut(asymmetric_graph(8, 1)),
    "ising": spin_glass(8, 2, "maximize"),
    "qubo": qg.QUBO(np.random.default_rng(1).normal(size=(7, 7)), 0.5),
    "independent-set": qg.IndependentSet(qg.Graph.erdos_renyi(9, 0.5, seed=1), np.linspace(0.5, 3, 9)),
    "vertex-cover": qg.VertexCover(qg.Graph.erdos_renyi(9, 0.5, seed=2), np.linspace(0.5, 3, 9)),
    "partitioning": qg.GraphPartitioning(asymmetric_graph(7, 4)),
    "partitioning-even": qg.GraphPartitioning(asymmetric_graph(8, 5)),
    "coloring": qg.GraphColoring(qg.Graph.complete(4), 3),
    "coloring-two": qg.GraphColoring(qg.Graph.erdos_renyi(6, 0.7, seed=3), 2),
    "k-cut": qg.MaxKCut(SIGNED, 3),
    "route": qg.PriorityRouting(qg.City.random(4, 2, seed=3)),
    "route-closed": qg.PriorityRouting(qg.City.random(3, 1, seed=4), return_to_depot=True),
    "route-oneway": oneway_routing(),
    "k-cut-many": qg.MaxKCut(qg.Graph.complete(3).with_random_weights(seed=1), 4),
}


def best_value(problem: Any) -> float:
    """Over the bit strings that keep the rules; if there are none, over those with the fewest conflicts."""
    values = brute_force_values(problem)
    return float(values.min() if problem.sense == "minimize" else values.max())


def read_back(path: Path) -> tuple[float, np.ndarray]:
    """The optimum of an LP file and its columns, by HiGHS's own reader."""
    model = highspy.Highs()
    model.silent()
    assert model.readModel(str(path)) == highspy.HighsStatus.kOk
    model.run()
    assert model.getModelStatus() == highspy.HighsModelStatus.kOptimal
    names = [model.getColName(i)[1] for i in range(model.getNumCol())]
    values = dict(zip(names, model.getSolution().col_value, strict=True))
    columns = [values[f"x{i}"] for i in range(len(values) - ("constant" in values))]
    return float(model.getInfo().objective_function_value), np.array(columns)


@pytest.mark.parametrize("name", PROBLEMS)
def test_lp_files_contain_the_whole_problem(name: str, tmp_path: Path) -> None:
    problem = PROBLEMS[name]
    problem.to_lp(tmp_path / "problem.lp")
    value, columns = read_back(tmp_path / "problem.lp")
    bits = np.round(columns[: len(problem.nodes)]).astype(np.uint8)
    assert value == pytest.approx(best_value(problem), abs=1e-6)
    assert problem.objective(bits) == pytest.approx(value, abs=1e-6)
    assert np.array_equal(problem.canonical(bits), bits)


def test_the_lp_file_of_numbers_minimises_their_difference(tmp_path: Path) -> None:
    problem = qg.NumberPartitioning([7.5, 3.25, 2.0, 9.0, 4.5])
    problem.to_lp(tmp_path / "numbers.lp")
    assert read_back(tmp_path / "numbers.lp")[0] ** 2 == pytest.approx(best_value(problem))


def test_lp_files_name_columns_in_plain_ascii(tmp_path: Path) -> None:
    problem = qg.IndependentSet(qg.Graph.from_edges([("Zürich\n\\x", "b c"), ("b c", "\x1b]0;")]))
    problem.to_lp(tmp_path / "names.lp")
    text = (tmp_path / "names.lp").read_text(encoding="ascii")
    assert "\\ x0: Z\\xfcrich\\n\\\\x" in text
    assert "\x1b" not in text
    assert read_back(tmp_path / "names.lp")[0] == 2


@pytest.mark.parametrize("name", PROBLEMS)
def test_programs_are_solved_from_any_start(name: str) -> None:
    problem = PROBLEMS[name]
    worst = qg.solve_random(problem, shots=64, seed=1)
    model = problem.labelling()
    start = np.zeros(len(problem.nodes), dtype=np.uint8)
    if model is not None:
        start = problem.bits_of(np.arange(len(model.alone)) % model.alone.shape[1])
    bits, bound, proved = integer_programming.solve_bits(problem, start, problem.trivial_bound, Budget(60))
    assert proved
    assert problem.objective(bits) == pytest.approx(best_value(problem))
    assert bound == pytest.approx(best_value(problem), abs=1e-4)
    assert sign(problem) * worst.objective >= sign(problem) * bound - 1e-4


@pytest.mark.parametrize("name", list(PROBLEMS)[::2])
def test_a_separate_process_gives_the_same_answer(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Large programs run in a separate process. It starts slowly, so every second problem is enough."""
    program = PROBLEMS[name].to_program()
    here = integer_programming.solve(program, None, Budget(60))
    monkeypatch.setattr(integer_programming, "LARGEST_INSIDE", 0)
    there = integer_programming.solve(program, None, Budget(60))
    assert np.array_equal(here.x, there.x)  # type: ignore[arg-type]
    assert (here.bound, here.proved) == (there.bound, there.proved)


def test_the_time_limit_ends_a_large_program_during_cuts() -> None:
    """HiGHS has an answer and a bound within 1 s. It then looks for cuts for 15 s to 30 s and checks no limit.

    A busy machine needs longer for both, so the limit is far from either.
    """
    problem, budget = geometric_halves(700), Budget(8)
    answer = integer_programming.solve(problem.to_program(), None, budget)
    assert budget.seconds < 11
    assert answer.x is not None
    assert problem.decode(np.round(answer.x[:700]).astype(np.uint8)).feasible
    assert 0 < answer.bound < np.inf
    assert not answer.proved


def geometric_halves(n: int) -> qg.GraphPartitioning:
    places = np.random.default_rng(1).random((n, 2))
    near = np.linalg.norm(places[:, None] - places, axis=2) < 1.85 / math.sqrt(n)
    return qg.GraphPartitioning(qg.Graph.from_edges(np.argwhere(np.triu(near, 1)).tolist()))


def test_no_time_means_no_answer_of_a_large_program() -> None:
    problem = geometric_halves(700)
    assert integer_programming.solve(problem.to_program(), None, Budget(1e-6))[::2] == (None, False)
    start = np.arange(700, dtype=np.uint8) % 2
    bits, bound, proved = integer_programming.solve_bits(problem, start, 0.0, Budget(1e-6))
    assert np.array_equal(bits, start)
    assert (bound, proved) == (0.0, False)


@pytest.mark.parametrize("name", PROBLEMS)
def test_trivial_bounds_hold(name: str) -> None:
    problem = PROBLEMS[name]
    assert sign(problem) * problem.trivial_bound <= sign(problem) * best_value(problem) + 1e-9


def test_bounds_of_whole_number_costs_are_rounded() -> None:
    """Where time runs out, a bound of 8.3 conflicts means 9."""
    graph = qg.Graph.erdos_renyi(40, 0.5, seed=1)
    problem = qg.GraphPartitioning(graph)
    answer = integer_programming.solve(problem.to_program(), None, Budget(1.0))
    assert answer.bound == math.floor(answer.bound)
    assert problem.to_program().step == 1.0
    assert qg.GraphPartitioning(asymmetric_graph(6, 1)).to_program().step == 0.0


OTHER_USER = """
import highspy
import qgraph as qg
other = highspy.Highs()
other.silent()
other.setOptionValue("threads", 2)
other.addVar(0, 1)
other.run()
print(qg.solve_exact(qg.IndependentSet(qg.Graph.grid(6, 6))).optimal)
routing = qg.PriorityRouting(qg.City.random(40, 0, seed=1), return_to_depot=True)
print(qg.solve_exact(routing).optimal)
"""


def test_another_user_of_highs_may_choose_threads() -> None:
    """HiGHS has one number of threads for each process."""
    done = subprocess.run([sys.executable, "-c", OTHER_USER], capture_output=True, text=True, check=False)
    assert done.stdout.split()[-2:] == ["True", "True"], done.stderr
