"""The benchmarks measure what they say, and their results name no machine."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest
from conftest import ROOT

import qgraph as qg

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
