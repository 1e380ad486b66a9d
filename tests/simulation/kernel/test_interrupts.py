"""Ctrl-C and a notebook's stop button: heard in the middle of the work, and harmless to what comes after."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable

import numpy as np
import pytest
from conftest import interrupted_after, random_angles
from jupyter_client.manager import start_new_kernel

import qgraph as qg
from simulation.conftest import NATIVE
from simulation.kernel.conftest import (
    PROBLEMS,
    evolve,
    expect,
    many_passes,
    many_shots,
    simulator_of,
    take_back,
)

PROGRAM = """
import numpy as np
import qgraph as qg
simulator = qg.Simulator(qg.MaxCut(qg.Graph.random_regular(3, 20, seed=1)), precision="single")
endless = np.full(10**6, 0.3)
before = simulator.expectation([0.6], [0.4])
try:
    print("ready", flush=True)
    simulator.state(endless, endless)
    print("completed", flush=True)
except KeyboardInterrupt:
    print("interrupted", flush=True)
print(simulator.expectation([0.6], [0.4]) == before, flush=True)
"""


@pytest.mark.parametrize("name", [NATIVE[0], "reference"])
def test_ctrl_c_stops_a_long_evolution_only(name: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        env=os.environ | {"QGRAPH_KERNEL": name},
        stdout=subprocess.PIPE,
        text=True,
    ) as child:
        try:
            assert child.stdout is not None
            assert child.stdout.readline() == "ready\n"
            child.send_signal(signal.SIGINT)
            rest, _ = child.communicate(timeout=120)
        finally:
            child.kill()  # a process that ignores the interrupt would run for hours
    assert rest == "interrupted\nTrue\n"


@pytest.mark.parametrize("work", [evolve, expect, take_back, many_passes, many_shots])
@pytest.mark.parametrize("name", PROBLEMS)
def test_every_call_of_the_kernel_can_be_interrupted(name: str, work: Callable[[qg.Simulator], None]) -> None:
    simulator = simulator_of(name)
    angles = random_angles(2, 3)
    expected = simulator.expectation_and_gradient(*angles)
    with pytest.raises(KeyboardInterrupt), interrupted_after(0.15):
        work(simulator)
    value, gradient = simulator.expectation_and_gradient(*angles)
    assert value == expected[0]
    assert np.array_equal(gradient, expected[1])


SOLVING = """
import qgraph as qg
problem, options = {problem}
told = []
def tell(progress):
    if progress.depth == {depth} and not told:
        told.append(print("ready", flush=True))
result = qg.solve_qaoa(problem, callback=tell, seed=1, **options)
print(result.stopped_by, result.depth >= {depth}, result.evaluations > 0, flush=True)
"""
CUBIC = "qg.MaxCut(qg.Graph.random_regular(3, {}, seed=1)), dict(depth=10**4{})"
CYCLES = "qg.Graph.erdos_renyi(30, 0.13, seed=2)"  # a gradient takes half a second
SOLVED = {
    "a state": (CUBIC.format(20, ""), 2),
    "a tail": (CUBIC.format(16, ", cvar=0.1"), 2),
    "a warm start": (CUBIC.format(16, ", warm_start=[0.3] * 16"), 2),
    "plain NumPy": (CUBIC.format(12, ""), 2),
    "light cones": (f"qg.MaxCut({CYCLES}), dict(depth=2)", 2),
    "routes": ("qg.PriorityRouting(qg.City.random(10, 4, seed=2)), dict(depth=10**4)", 2),
}
FIRST_EVALUATION = """
import traceback
import qgraph as qg
problem, layers = qg.MaxCut(qg.Graph.random_regular(3, 22, seed=1)), 10**4
qg.solve_qaoa(problem, 1, seed=1)  # an import loses a Ctrl-C that comes within it
print("ready", flush=True)
try:
    qg.solve_qaoa(problem, layers, start=([0.01] * layers, [0.01] * layers))
except KeyboardInterrupt as interrupt:
    print(traceback.extract_tb(interrupt.__traceback__)[-1].name, flush=True)
"""


def interrupted(program: str, kernel: str = "") -> str:
    """What a program still says when it is interrupted after it has said that it is ready."""
    env = os.environ | {"QGRAPH_KERNEL": kernel}
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, env=env
    ) as child:
        try:
            assert child.stdout is not None
            assert child.stdout.readline() == "ready\n"
            time.sleep(0.3)  # into the midst of an evaluation
            child.send_signal(signal.SIGINT)
            rest, _ = child.communicate(timeout=120)
        finally:
            child.kill()
    return rest


@pytest.mark.parametrize("name", SOLVED)
def test_ctrl_c_ends_an_optimisation_with_the_best_so_far(name: str) -> None:
    problem, depth = SOLVED[name]
    kernel = "reference" if name == "plain NumPy" else os.environ.get("QGRAPH_KERNEL", "")
    program = SOLVING.format(problem=problem, depth=depth)
    assert interrupted(program, kernel) == "interrupt True True\n"


def test_ctrl_c_before_the_first_evaluation_is_raised() -> None:
    assert interrupted(FIRST_EVALUATION).endswith("gradient\n")


def test_a_notebooks_stop_button_ends_an_optimisation() -> None:
    manager, client = start_new_kernel()
    try:
        program = SOLVING.format(problem=SOLVED["a state"][0], depth=2)
        asked = client.execute(program, stop_on_error=False)
        while client.get_iopub_msg(timeout=60)["msg_type"] != "stream":
            pass
        manager.interrupt_kernel()
        while (reply := client.get_shell_msg(timeout=60))["parent_header"].get("msg_id") != asked:
            pass
        assert reply["content"]["status"] == "ok"
        check = "assert result.stopped_by == 'interrupt' and result.best.feasible and result.depth >= 2"
        assert client.execute_interactive(check, timeout=60)["content"]["status"] == "ok"
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def test_a_notebooks_stop_button() -> None:
    manager, client = start_new_kernel()
    try:
        setup = PROGRAM.split("try:", maxsplit=1)[0]
        assert client.execute_interactive(setup, timeout=60)["content"]["status"] == "ok"
        asked = client.execute(  # a kernel that stops on errors may abort what is asked right after one
            "print('started', flush=True); simulator.state(endless, endless)", stop_on_error=False
        )
        while client.get_iopub_msg(timeout=60)["msg_type"] != "stream":
            pass
        manager.interrupt_kernel()
        while (reply := client.get_shell_msg(timeout=60))["parent_header"].get("msg_id") != asked:
            pass
        assert reply["content"]["ename"] == "KeyboardInterrupt"
        after = client.execute_interactive("assert simulator.expectation([0.6], [0.4]) == before", timeout=60)
        assert after["content"]["status"] == "ok"
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
