"""The benchmarks measure what they say, and their results name no machine."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import numpy as np
import pytest
from conftest import ROOT, asymmetric_graph, random_angles

import qgraph as qg

if TYPE_CHECKING:
    from pathlib import Path

BENCHMARKS = ROOT / "benchmarks"


@pytest.fixture(autouse=True)
def _importable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(BENCHMARKS))


@pytest.mark.parametrize("family", ["regular", "gaussian"])
def test_costs_of_a_case_are_the_objective(family: str) -> None:
    import cases

    case = cases.make(family, 8, 2)
    graph = qg.Graph.from_edges(
        (str(i), str(j), w) for (i, j), w in zip(case.edges, case.weights, strict=True)
    )
    problem = qg.MaxCut(graph)
    order = [graph.ids.index(str(i)) for i in range(8)]
    bits = np.zeros((256, 8), dtype=int)
    bits[:, order] = np.arange(256)[:, None] >> np.arange(8) & 1
    assert np.allclose(case.diagonal, problem.objective(bits), rtol=0, atol=1e-12)
    assert cases.make(family, 8, 2).edges == case.edges


@pytest.mark.parametrize(("name", "depth"), [("regular", 2), ("grid", 1), ("karate", 1)])
def test_edges_of_a_kind_have_the_same_light_cone(name: str, depth: int) -> None:
    import cones

    case = cones.make(name, depth)
    kinds = cones.kinds(case)
    problem = qg.MaxCut(qg.Graph.from_edges((str(i), str(j)) for i, j in case.edges))
    assert sum(count for _, count in kinds) == len(case.edges)
    assert len(kinds) == qg.Simulator(problem, method="lightcone").light_cones(depth).kinds


def test_forward_differences_are_the_gradient() -> None:
    import cones

    simulator = qg.Simulator(qg.MaxCut(asymmetric_graph(7, seed=3)))
    gammas, betas = random_angles(2, seed=4)
    value, slopes = cones.forward_differences(simulator.expectation, gammas, betas)
    exact, gradient = simulator.expectation_and_gradient(gammas, betas)
    assert abs(value - exact) < 1e-12
    assert np.allclose(slopes, gradient, rtol=0, atol=1e-4)


@pytest.mark.parametrize("wrong", [0.0, 1e-6])
def test_times_count_only_where_values_agree(wrong: float) -> None:
    import cones

    runs = {
        "qgraph": {"value": 2.0, "seconds": 1.0},
        "quimb": {"value": 2.0 + wrong, "seconds": 1.0, "truncates": ""},
        "mps": {"value": 2.2, "seconds": 1.0, "truncates": "bond dimension 32"},
    }
    disagreements: list[str] = []
    cones.check("regular", 3, runs, disagreements)
    assert len(disagreements) == (wrong > 0)
    assert ("seconds" in runs["quimb"]) == (wrong == 0)
    assert runs["mps"]["apart"] == pytest.approx(0.1)
    assert "seconds" in runs["mps"]


def test_multiply_adds_of_a_layer_are_those_of_the_kernel() -> None:
    """12 spins in single precision: 4 within a vector of 64 bytes, 4 pairs of two, and a complex product."""
    import contest

    assert contest.multiply_adds(12, "single", 64) == (4 * 2 + 4 * 9 / 2 + 4) * 2**11
    assert contest.multiply_adds(12, "double", 16) == (1 * 2 + 11 * 9 / 4 + 4) * 2**11


def test_the_limit_is_measured(tmp_path: Path) -> None:
    import contest

    limit = contest.Limit(tmp_path, 1).measure(2**14)
    assert limit["passes"] > 0
    assert min(limit["single"], limit["double"]) > 0
    assert limit["vector"] in {16, 32, 64}


def test_closed_form_of_triangle_free_graphs() -> None:
    import huge

    graph, _ = huge.triangle_free(12)
    value = qg.expectation(qg.MaxCut(qg.Graph.from_networkx(graph)), [huge.GAMMA], [huge.BETA])
    assert abs(value - huge.closed_form(18)) < 1e-12


def test_every_peer_has_a_title_and_a_style() -> None:
    import figure
    import peers

    assert set(peers.NAMES) == set(peers.TITLES) == set(figure.STYLES)
    assert all((BENCHMARKS / f"peers/{name}.py").exists() for name in peers.NAMES)


def test_lock_file_is_pinned_by_hash_and_names_no_index() -> None:
    text = (BENCHMARKS / "requirements.lock").read_text()
    entries = re.split(r"\n(?=\S)", text.strip())
    assert all("--hash=sha256:" in entry for entry in entries)
    assert "://" not in text
    wanted = re.findall(r"^[a-z-]+", (BENCHMARKS / "requirements.in").read_text(), flags=re.MULTILINE)
    assert {f"{name}==" for name in wanted} <= {entry.split("==")[0] + "==" for entry in entries}


def test_results_are_written_up_and_name_no_machine() -> None:
    import report

    results = json.loads((BENCHMARKS / "results/speed.json").read_text())
    written = (BENCHMARKS / "RESULTS.md").read_text()
    assert report.markdown(results) == written
    assert not re.search(r"/(tmp|home|root|work)/", json.dumps(results) + written)
    assert not results["expectation"]["disagreements"]
