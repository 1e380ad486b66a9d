"""Requests beyond memory are refused before allocation, and no array of the size of a state exists twice."""

from __future__ import annotations

import re
import subprocess
import sys
import tracemalloc
from pathlib import Path

import pytest
from simulation.conftest import spin_glass, symmetric

import qgraph as qg
from qgraph.base import resources
from qgraph.base.errors import ProblemTooLarge
from qgraph.simulation.choose import Method

GIB = 2**30
VERSIONS = {
    "v2": ("0::/jobs/mine", "jobs/mine", "memory.max", "memory.current", "inactive_file"),
    "v2, the parent": ("0::/jobs/mine", "jobs", "memory.max", "memory.current", "inactive_file"),
    "v1": (
        "4:cpu,memory:/docker/abc",
        "memory/docker/abc",
        "memory.limit_in_bytes",
        "memory.usage_in_bytes",
        "total_inactive_file",
    ),
}


def limit_memory(folder: Path, patch: pytest.MonkeyPatch, free: int, version: str = "v2") -> None:
    """A machine with 64 GiB, and a control group that leaves `free` bytes to large arrays."""
    line, group, limit, usage, cache = VERSIONS[version]
    used, cached = 5 * 2**20, 2**20
    (folder / "proc/self").mkdir(parents=True, exist_ok=True)
    (folder / "proc/meminfo").write_text(f"MemTotal: {2**27} kB\nMemAvailable: {2**26} kB\n")
    (folder / "proc/self/cgroup").write_text(f"{line}\n")
    place = folder / "sys" / group
    place.mkdir(parents=True, exist_ok=True)
    (place / limit).write_text(f"{free + resources.RESERVE + used - cached}\n")
    (place / usage).write_text(f"{used}\n")
    (place / "memory.stat").write_text(f"anon 12345\n{cache} {cached}\n")
    patch.setattr(resources, "PROCESSES", folder / "proc")
    patch.setattr(resources, "ROOT", folder / "sys")


@pytest.mark.parametrize("version", VERSIONS)
def test_limits_of_the_control_group_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    limit_memory(tmp_path, monkeypatch, 3 * GIB, version)
    assert resources.free_memory() == 3 * GIB


def test_without_limits_the_memory_of_the_machine_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit_memory(tmp_path, monkeypatch, GIB)
    (tmp_path / "sys/jobs/mine/memory.max").write_text("max\n")
    assert resources.available_memory() == 64 * GIB


def refusal(problem: qg.Problem, precision: qg.Precision, method: Method = "statevector") -> str:
    """The error message, after a check that almost nothing was allocated before it."""
    tracemalloc.start()
    try:
        with pytest.raises(ProblemTooLarge) as refused:
            qg.Simulator(problem, method=method, precision=precision)
        assert tracemalloc.get_traced_memory()[1] < 2**20
    finally:
        tracemalloc.stop()
    return str(refused.value)


@pytest.mark.parametrize("mirrored", [False, True], ids=["fields", "mirrored"])
@pytest.mark.parametrize(("precision", "each"), [("single", 8), ("double", 16)])
def test_the_memory_error_gives_needed_and_free_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, precision: qg.Precision, each: int, mirrored: bool
) -> None:
    limit_memory(tmp_path, monkeypatch, 3 * GIB)
    model = (symmetric if mirrored else spin_glass)(32, seed=1)
    needed = each * 2 ** (31 if mirrored else 32) / GIB
    message = refusal(model, precision)
    found = re.fullmatch(
        r"a state vector of 32 qubits needs ([\d.]+) GiB, and ([\d.]+) GiB are free; (\d+) qubits would fit",
        message,
    )
    assert found, message
    assert [float(found[1]), float(found[2])] == [needed, 3.0]
    fits = int(found[3])
    assert each * 2 ** (fits - mirrored) <= 3 * GIB < each * 2 ** (fits + 1 - mirrored)
    fitting = (symmetric if mirrored else spin_glass)(fits, seed=1)
    qg.Simulator(fitting, method="statevector", precision=precision)
    refusal((symmetric if mirrored else spin_glass)(fits + 1, seed=1), precision)


def test_routes_beyond_memory_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    routing = qg.PriorityRouting(qg.City.random(16, 8, seed=1))  # 8! 8! routes, 13 GB in single precision
    limit_memory(tmp_path, monkeypatch, 8 * GIB)
    message = refusal(routing, "single", "subspace")
    assert re.search(
        r"1625702400 feasible routes needs 12.1 GiB, and 8.0 GiB are free; about \d+ routes", message
    )


def test_compressed_routes_are_refused_beyond_their_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit_memory(tmp_path, monkeypatch, 2**24)
    assert qg.Simulator(qg.PriorityRouting(qg.City.random(16, 8, seed=1))).method == "compressed"
    tier = qg.Simulator(qg.PriorityRouting(qg.City.random(16, 0, seed=1)))
    with pytest.raises(ProblemTooLarge, match=r"sums over routes through a tier of 16 stops needs .* GiB"):
        tier.expectation([0.1] * 10, [0.1] * 10)


def test_memory_is_checked_again_before_allocation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """States in other variables count: every evolution checks the memory, not only the first."""
    limit_memory(tmp_path, monkeypatch, GIB)
    simulator = qg.Simulator(spin_glass(22, seed=1), precision="double")  # 64 MiB
    assert simulator.state([], []).variance() > 0
    limit_memory(tmp_path, monkeypatch, 100 * 2**20)
    with pytest.raises(
        ProblemTooLarge, match=r"22 qubits with its gradient needs 0.1 GiB.* 21 qubits would fit"
    ):
        simulator.expectation_and_gradient([0.1], [0.2])
    limit_memory(tmp_path, monkeypatch, 60 * 2**20)
    with pytest.raises(ProblemTooLarge, match=r"22 qubits needs 0.1 GiB, .* 21 qubits would fit"):
        simulator.state([0.1], [0.2])


LIMITED = """
import resource, sys
import qgraph as qg
used = int(open("/proc/self/statm").read().split()[{field}]) * resource.getpagesize()
limit = used + 2**30
resource.setrlimit(resource.{limit}, (limit, limit))
for n, state in ((28, "{{}}"), (24, "fits")):
    try:
        problem = qg.MaxCut(qg.Graph.random_regular(3, n, seed=1))
        print(state.format("no"), qg.simulate(problem, [0.6], [0.4], precision="single").expectation() > n)
    except Exception as error:
        print(type(error).__name__, error)
"""


@pytest.mark.parametrize(("limit", "field"), [("RLIMIT_AS", 0), ("RLIMIT_DATA", 5)])
def test_limits_of_the_process_count(limit: str, field: int) -> None:
    program = LIMITED.format(limit=limit, field=field)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    large, small = done.stdout.splitlines()
    assert re.fullmatch(
        r"ProblemTooLarge a state vector of 28 qubits needs 1.0 GiB, and 0.[67] GiB are free; 27 qubits would fit",
        large,
    )
    assert small == "fits True"


PEAK = """
import re, sys
import qgraph as qg

def memory(name):
    return int(re.search(name + r":\\s+(\\d+) kB", open("/proc/self/status").read())[1]) * 1024

def ask(problem, precision):
    state = qg.simulate(problem, [0.6, 0.5], [0.4, 0.2], precision=precision)
    state.expectation(), state.variance(), state.cvar(0.1), state.sample(1000), state.top(5)
    state.optimum_probability(), state.distribution()
    return state

kind, n, precision = sys.argv[1], int(sys.argv[2]), sys.argv[3]
def make(n):
    graph = qg.Graph.random_regular(4, n, seed=1)
    return qg.MaxCut(graph) if kind == "mirrored" else qg.Ising([0.3] * n, {(i, i + 1): 0.7 for i in range(n - 1)})

ask(make(12), precision)
before = memory("VmRSS")
problem = make(n)
state = ask(problem, precision)
vector = state._vector
print((memory("VmHWM") - before) / (vector.re.nbytes + vector.im.nbytes))
"""


@pytest.mark.parametrize(
    ("kind", "n", "precision"),
    [("mirrored", 25, "single"), ("fields", 24, "single"), ("fields", 23, "double")],
)
def test_no_array_of_the_size_of_a_state_exists_twice(kind: str, n: int, precision: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PEAK, kind, str(n), precision], capture_output=True, text=True, check=True
    )
    assert 1.0 <= float(done.stdout) < 1.35
