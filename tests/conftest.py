"""Shared fixtures. Real benchmark instances are read from QGRAPH_DATA and never shipped."""

from __future__ import annotations

import gc
import importlib.util
import os
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import settings

import qgraph as qg
from qgraph_health import documentation

ROOT = Path(__file__).resolve().parent.parent
settings.register_profile("no clock", settings(), deadline=None)  # busy processors are not a failure
settings.load_profile("no clock")
# A shell that starts the tests in the background ignores interrupts, and all its children inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)


def program(path: Path) -> ModuleType:
    """A program that belongs to no package, as a module."""
    spec = importlib.util.spec_from_file_location(
        f"program_{path.stem}", path
    )  # not __main__, which would run
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist reads the marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One process runs the cells of a notebook, and tests that differ only in kernel and precision.

    The latter compare with the same oracle, which takes longer than they do.
    """
    for item in items:
        parameters = dict(getattr(getattr(item, "callspec", None), "params", {}))
        if item.path.suffix == ".ipynb":
            item.add_marker(pytest.mark.xdist_group(item.path.name))
        elif parameters.pop("kernel", None):
            parameters.pop("precision", None)
            item.add_marker(pytest.mark.xdist_group(f"{item.path.stem} {item.originalname} {parameters}"))


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The documentation site, built without a warning: that of the image where the tests run in it."""
    if documentation.SITE.exists():
        return documentation.SITE
    folder = tmp_path_factory.mktemp("site")
    build = ["make", "docs", f"SITE={folder}"]
    run = subprocess.run(build, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    return folder


@pytest.fixture(scope="session")
def data() -> Path:
    folder = os.environ.get("QGRAPH_DATA")
    if not folder:
        pytest.skip("QGRAPH_DATA names no folder of benchmark instances")
    return Path(folder)


def asymmetric_graph(n: int, seed: int, probability: float = 0.6) -> qg.Graph:
    """A random graph with Gaussian weights: nothing about it is symmetric."""
    return qg.Graph.erdos_renyi(n, probability, seed=seed).with_random_weights(seed=seed)


def spin_glass(n: int, seed: int, sense: str = "minimize") -> qg.Ising:
    """A random Ising model with fields, couplings of both signs and an offset."""
    rng = np.random.default_rng(seed)
    pairs = [(i, j) for i in range(n) for j in range(i + 1, n) if rng.random() < 0.6]
    h = rng.normal(size=n)
    return qg.Ising(h, {pair: float(rng.normal()) for pair in pairs}, float(rng.normal()), sense=sense)  # type: ignore[arg-type]


def random_angles(depth: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.uniform(-2, 2, depth), rng.uniform(-2, 2, depth)


def oneway_routing() -> qg.PriorityRouting:
    """Asymmetric travel times: some roads are one-way."""
    city = qg.City.random(4, 2, seed=12)
    names = [stop.id for stop in city.nodes]
    ring = [
        {"from": a, "to": b, "distance": 1.0 + i, "traffic": "medium", "oneway": True}
        for i, (a, b) in enumerate(zip(names, names[1:] + names[:1], strict=True))
    ]
    return qg.PriorityRouting(city.model_validate({"nodes": city.nodes, "edges": ring}), return_to_depot=True)


def all_bits(n: int) -> np.ndarray:
    """All bit strings, bit q of the row number in column q."""
    return np.arange(2**n)[:, None] >> np.arange(n) & 1


def brute_force_values(problem: Any) -> np.ndarray:
    """C of all bit strings."""
    return np.asarray(problem.objective(all_bits(len(problem.nodes))))


@contextmanager
def interrupted_after(seconds: float) -> Iterator[None]:
    """As if Ctrl-C were pressed after so many seconds.

    Python drops exceptions in callbacks of its garbage collector. Hypothesis has one; an interrupt there is lost.
    """
    timer = threading.Timer(seconds, os.kill, (os.getpid(), signal.SIGINT))
    callbacks, gc.callbacks[:] = list(gc.callbacks), []
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        gc.callbacks[:] = callbacks
