"""Ctrl-C and a notebook's stop button: heard in the middle of the work, and harmless to what comes after."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable

import numpy as np
import pytest
from conftest import random_angles, spin_glass
from jupyter_client.manager import start_new_kernel
from oracle import NATIVE, symmetric

import qgraph as qg
from qgraph.simulation import native

ENDLESS = np.full(10**6, 0.3)  # layers: the work of an hour and more, so that an interrupt comes first

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
def test_ctrl_c_stops_a_long_evolution_and_no_more(name: str) -> None:
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
            child.kill()  # one that hears no interrupt would go on for hours
    assert rest == "interrupted\nTrue\n"


def evolve(simulator: qg.Simulator) -> None:
    simulator.state(ENDLESS, ENDLESS)


def expect(simulator: qg.Simulator) -> None:
    simulator.expectation(ENDLESS, ENDLESS)


def take_back(simulator: qg.Simulator) -> None:
    """The second half of a gradient, which an interrupt of the whole would hardly ever meet."""
    engine = simulator.engine
    assert isinstance(engine, native.NativeEngine)
    arrays = native.parts(engine.stored, engine.dtype, 2)
    for array in arrays:
        array.fill(0.001)
    engine._gradient((*arrays, ENDLESS, ENDLESS), (1.0, 0.0, 1.0), np.empty((2, len(ENDLESS))))


def many_passes(simulator: qg.Simulator) -> None:
    vector = simulator.engine.evolve(*random_angles(1, 1))
    while True:
        vector.histogram(-np.inf, np.inf, 1)


def many_shots(simulator: qg.Simulator) -> None:
    state = simulator.state(*random_angles(1, 1))
    while True:
        state.sample(10**6)


PROBLEMS = {
    "fields": spin_glass(17, seed=1),
    "mirrored": symmetric(18, seed=1),
    "small": symmetric(6, seed=1),
    "routes": qg.PriorityRouting(qg.City.random(10, 4, seed=2)),
    "routes, swaps": qg.PriorityRouting(qg.City.random(10, 4, seed=2)),
}


@pytest.mark.parametrize("work", [evolve, expect, take_back, many_passes, many_shots])
@pytest.mark.parametrize("name", PROBLEMS)
def test_every_kind_of_work_hears_an_interrupt(name: str, work: Callable[[qg.Simulator], None]) -> None:
    simulator = qg.Simulator(PROBLEMS[name], mixer="swap" if "swaps" in name else "auto")
    angles = random_angles(2, 3)
    expected = simulator.expectation_and_gradient(*angles)
    timer = threading.Timer(0.15, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        work(simulator)
    timer.join()
    value, gradient = simulator.expectation_and_gradient(*angles)
    assert value == expected[0]
    assert np.array_equal(gradient, expected[1])


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
