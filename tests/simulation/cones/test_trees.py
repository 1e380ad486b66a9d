"""Messages on trees: in any portions, on any number of threads, and given up in time."""

from __future__ import annotations

import threading
import time

import networkx as nx
import numpy as np
import pytest
from conftest import interrupted_after, random_angles

import qgraph as qg
from qgraph.simulation.cones import coupling, trees
from qgraph.simulation.cones.engine import ConeEngine
from qgraph.simulation.deadline import Deadline


def tree(n: int, seed: int) -> qg.Ising:
    rng = np.random.default_rng(seed)
    graph = nx.random_labeled_tree(n, seed=seed)
    h = {node: float(rng.normal()) * (rng.random() < 0.6) for node in graph}
    return qg.Ising(h, {edge: float(rng.normal()) for edge in graph.edges})


def endlessly(engine: ConeEngine) -> None:
    while True:
        engine.gradient(*random_angles(4, 1))


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_the_same_bits_on_any_number_of_threads(threads: int, monkeypatch: pytest.MonkeyPatch) -> None:
    found = []
    for count in (1, threads):
        monkeypatch.setattr("qgraph.base.resources.threads", lambda count=count: count)
        monkeypatch.setattr(trees, "CHUNK", 2**9)
        engine, angles = ConeEngine(tree(80, 1), 3), random_angles(3, 2)
        assert engine.trees.count == engine.plan.kinds
        found.append((engine.expectation(*angles), *engine.gradient(*angles)))
    assert found[0][:2] == found[1][:2]
    assert np.array_equal(found[0][2], found[1][2])


@pytest.mark.parametrize("depth", [1, 4, 5, 7])
@pytest.mark.parametrize("chunk", [1, 2**15])
def test_equals_the_state_vector_in_any_portions(
    depth: int, chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of legs, and of columns in products of matrices."""
    monkeypatch.setattr(trees, "CHUNK", chunk)
    monkeypatch.setattr(coupling, "PRODUCT", 2**8)
    problem, angles = tree(9, 4), random_angles(depth, 3)
    exact, slopes = qg.expectation_and_gradient(problem, *angles, method="statevector")
    value, gradient = qg.expectation_and_gradient(problem, *angles, method="lightcone")
    assert value == pytest.approx(exact, abs=1e-12)
    assert np.abs(gradient - slopes).max() < 1e-11


@pytest.mark.parametrize("threads", [1, 2])
def test_a_gradient_ends_at_its_deadline_or_interrupt(threads: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """In all threads: none is left behind."""
    monkeypatch.setattr("qgraph.base.resources.threads", lambda: threads)
    monkeypatch.setattr(trees, "CHUNK", 2**12)
    engine, angles = ConeEngine(tree(400, 2), 4), random_angles(4, 1)
    expected, before = engine.gradient(*angles), set(threading.enumerate())
    with Deadline(time.perf_counter() + 0.02).kept(), pytest.raises(TimeoutError):
        engine.gradient(*angles)
    with pytest.raises(KeyboardInterrupt), interrupted_after(0.02):
        endlessly(engine)
    for _ in range(6000):
        if not (left := set(threading.enumerate()) - before):
            break
        time.sleep(0.01)
    assert not left
    value, gradient = engine.gradient(*angles)
    assert value == expected[0]
    assert np.array_equal(gradient, expected[1])
