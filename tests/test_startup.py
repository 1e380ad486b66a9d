"""A fresh process: what it loads, how it starts, and that it works where nothing was compiled."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest
from conftest import ROOT

import qgraph as qg

FIRST = """
import sys
import qgraph as qg
problem = qg.MaxCut(qg.Graph.random_regular(3, 10, seed=1))
print(repr(qg.simulate(problem, [0.6, 0.5], [0.4, 0.2]).expectation()))
print(qg.Simulator(problem).kernel)
print([name for name in ("scipy", "qiskit", "matplotlib") if name in sys.modules])
"""
# What an import error leaves.
WITHOUT = "import sys; sys.modules['qgraph.simulation.kernel._kernels'] = None\n"


def run(program: str) -> list[str]:
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def test_a_first_simulation(capsys: pytest.CaptureFixture[str]) -> None:
    times = []
    for _ in range(3):
        start = time.perf_counter()
        value, kernel, loaded = run(FIRST)
        times.append(time.perf_counter() - start)
    with capsys.disabled():
        print(f"\nfresh process to the first expectation of 10 nodes: {min(times):.2f} s")
    problem = qg.MaxCut(qg.Graph.random_regular(3, 10, seed=1))
    assert float(value) == qg.expectation(problem, [0.6, 0.5], [0.4, 0.2])
    assert kernel == qg.Simulator(problem).kernel
    assert loaded == "[]"


def test_without_a_compiled_kernel() -> None:
    value, kernel, _ = run(WITHOUT + FIRST)
    assert kernel == "reference"
    assert float(value) == pytest.approx(float(run(FIRST)[0]), rel=1e-13)


def test_without_a_compiled_kernel_the_public_contract_holds() -> None:
    """The simulator's own tests, in a process that cannot load the kernel."""
    program = WITHOUT + (
        "import pytest; sys.exit(pytest.main(['-q', '-p', 'no:cacheprovider', "
        f"{str(ROOT / 'tests/simulation/test_simulation.py')!r}]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
