"""Results do not depend on the number of threads, or on other work of the process."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from conftest import random_angles, spin_glass

import qgraph as qg
from qgraph.base import resources
from qgraph.simulation.choose import Mixer
from qgraph.simulation.vector import native
from simulation.conftest import symmetric

MODELS = {
    "fields": spin_glass(17, seed=1),
    "mirrored": symmetric(18, seed=1),
    "routes": qg.PriorityRouting(qg.City.random(10, 3, seed=2), return_to_depot=True),
    "routes, swaps": qg.PriorityRouting(qg.City.random(10, 3, seed=2), return_to_depot=True),
    "long routes, swaps": qg.PriorityRouting(qg.City.random(9, 0, seed=2)),
    "warm": spin_glass(17, seed=4),
    "small": spin_glass(6, seed=1),
    "small mirrored": symmetric(9, seed=1),
    "few routes": qg.PriorityRouting(qg.City.random(5, 2, seed=2)),
}
ANGLES = random_angles(3, seed=9)


def results(name: str, precision: qg.Precision) -> dict[str, np.ndarray]:
    mixer: Mixer = "swap" if "swaps" in name else "auto"
    warm = np.linspace(0.1, 0.8, 17) if name == "warm" else None
    simulator = qg.Simulator(MODELS[name], precision=precision, mixer=mixer, warm_start=warm)
    state = simulator.state(*ANGLES)
    counts = state.sample(2000, seed=3)
    value, gradient = simulator.expectation_and_gradient(*ANGLES)
    tail, slope = simulator.expectation_and_gradient(*ANGLES, cvar=0.2)
    found = {
        "amplitudes": state.amplitudes(),
        "moments": [state.expectation(), state.variance(), simulator.expectation(*ANGLES)],
        "distribution": state.distribution(9)[1],
        "optimum": [state.optimum(), state.worst(), state.optimum_probability()],
        "cvar": [state.cvar(0.1), tail, value],
        "gradients": [gradient, slope],
        "top": [outcome.probability for outcome in state.top(20)],
        "bits": counts.bits,
        "counts": counts.counts,
    }
    return {name: np.asarray(values) for name, values in found.items()}


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("precision", ["single", "double"])
def test_any_number_of_threads_gives_the_same_bits(
    monkeypatch: pytest.MonkeyPatch, name: str, precision: qg.Precision
) -> None:
    monkeypatch.setattr(native, "SMALLEST_SHARED", 1)
    asked = []
    found = []
    for threads in (1, 2, 3, 5):
        monkeypatch.setattr(resources, "threads", lambda threads=threads: asked.append(threads) or threads)
        found.append(results(name, precision))
    assert set(asked) == {1, 2, 3, 5}
    for more in found[1:]:
        for what, values in found[0].items():
            assert np.array_equal(more[what], values), what


def test_the_processors_of_this_process_are_the_threads() -> None:
    """The same program, allowed one processor and allowed all."""
    program = (
        "import os, numpy as np, qgraph as qg; from qgraph.base import resources;"
        "os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:{count}]);"
        "state = qg.simulate(qg.MaxCut(qg.Graph.random_regular(3, 18, seed=1)), [0.6, 0.8], [0.5, 0.3]);"
        "counts = state.sample(500, seed=1);"
        "print(resources.threads(), counts.bits.tolist(), counts.counts.tolist(), state.expectation())"
    )
    one, all_of_them = (
        subprocess.run(
            [sys.executable, "-c", program.format(count=count)], capture_output=True, text=True, check=True
        ).stdout.split(" ", 1)
        for count in (1, 1000)
    )
    assert one[0] == "1"
    assert one[1] == all_of_them[1]


@pytest.mark.parametrize("name", ["fields", "mirrored", "routes"])
def test_one_simulator_serves_several_python_threads(name: str) -> None:
    simulator = qg.Simulator(MODELS[name])
    cases = [random_angles(6, seed=seed) for seed in range(8)]

    def work(angles: tuple[np.ndarray, np.ndarray]) -> list[float]:
        value, gradient = simulator.expectation_and_gradient(*angles)
        return [simulator.expectation(*angles), value, *gradient.ravel().tolist()]

    alone = [work(angles) for angles in cases]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(work, cases * 2)) == alone * 2


HANDLER = """
import signal
import numpy as np
import qgraph as qg
def state(n, precision):
    return qg.simulate(qg.Ising([0.3] * n, {(0, 1): 0.7}), [0.4], [0.3], precision=precision)
outer, inner = state(23, "double"), state(20, "single")  # inner takes more scratch than outer
sums, values = [], []
def handler(signum, frame):
    if frame.f_code.co_name == "histogram" and len(sums) < 5:
        sums.append(inner.distribution()[1].sum())
    signal.setitimer(signal.ITIMER_REAL, 0.06)  # not before: on a busy machine this takes longer
signal.signal(signal.SIGALRM, handler)
signal.setitimer(signal.ITIMER_REAL, 0.06)
while len(sums) < 5:
    values.append(outer.cvar(0.3))
signal.setitimer(signal.ITIMER_REAL, 0)
values.append(outer.cvar(0.3))
print(len(set(values)), np.abs(np.array(sums) - 1).max() < 1e-4)
"""


def test_a_signal_handler_may_simulate_during_a_simulation() -> None:
    """What it must not do, use memory that it has freed, `make sanitize` sees."""
    done = subprocess.run(
        [sys.executable, "-c", HANDLER], capture_output=True, text=True, timeout=120, check=True
    )
    assert done.stdout.split() == ["1", "True"]


FORK = """
import os, sys, threading, warnings
import numpy as np
import qgraph as qg
warnings.simplefilter("ignore")  # of forking while threads run: that is what is tried
simulator = qg.Simulator(qg.MaxCut(qg.Graph.random_regular(3, 18, seed=1)))
angles = np.linspace(0.1, 0.9, 40), np.linspace(0.8, 0.2, 40)
expected = simulator.expectation(*angles)
stop = threading.Event()
def busy():
    while not stop.is_set():
        qg.Simulator(simulator.problem).expectation(*angles)
background = threading.Thread(target=busy)
background.start()
codes = []
for _ in range(6):
    child = os.fork()
    if child == 0:
        os._exit(0 if simulator.expectation(*angles) == expected else 1)
    codes.append(os.waitpid(child, 0)[1])
stop.set()
background.join()
print(codes, simulator.expectation(*angles) == expected)
"""


def test_a_forked_child_starts_afresh() -> None:
    done = subprocess.run(
        [sys.executable, "-c", FORK], capture_output=True, text=True, timeout=120, check=True
    )
    assert done.stdout.split() == ["[0,", "0,", "0,", "0,", "0,", "0]", "True"]


AT_EXIT = """
import threading, time
import numpy as np
import qgraph as qg
simulator = qg.Simulator(qg.MaxCut(qg.Graph.random_regular(3, 18, seed=1)))
running = threading.Event()
def forever():
    running.set()
    simulator.expectation(np.ones(10**6), np.ones(10**6))
threading.Thread(target=forever, daemon=True).start()
running.wait()
time.sleep(0.2)
print("left")
"""


def test_python_can_exit_while_a_daemon_thread_simulates() -> None:
    for _ in range(3):
        done = subprocess.run(
            [sys.executable, "-c", AT_EXIT], capture_output=True, text=True, timeout=60, check=False
        )
        assert (done.returncode, done.stdout, done.stderr) == (0, "left\n", "")


@pytest.mark.parametrize("name", ["fields", "mirrored"])
def test_an_expectation_does_not_count_processors_again(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading a control group's limits takes longer than many an expectation."""
    simulator = qg.Simulator(MODELS[name])
    expected = simulator.expectation_and_gradient(*ANGLES)
    monkeypatch.setattr(resources, "threads", lambda: pytest.fail("asked again"))
    assert simulator.expectation(*ANGLES) == pytest.approx(expected[0], rel=1e-12)
    assert simulator.expectation_and_gradient(*ANGLES)[0] == expected[0]
