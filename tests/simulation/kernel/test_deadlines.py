"""Long computations end when their thread's deadline has passed, in the kernel and in Python."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from conftest import asymmetric_graph, random_angles, spin_glass

import qgraph as qg
from qgraph.simulation import counts, mps
from qgraph.simulation.cones import contraction, coupling, engine, find, vector
from qgraph.simulation.cones import reference as networks
from qgraph.simulation.cones.threads import answers
from qgraph.simulation.cones.trees import TreeTerms
from qgraph.simulation.deadline import Deadline, check, shared
from qgraph.simulation.routes import basis, compressed
from qgraph.simulation.vector import reference
from simulation.kernel.conftest import (
    PROBLEMS,
    evolve,
    expect,
    many_passes,
    many_sums,
    simulator_of,
    take_back,
)

ANGLES = random_angles(2, 3)


@pytest.mark.parametrize("work", [evolve, expect, take_back, many_passes, many_sums])
@pytest.mark.parametrize("name", PROBLEMS)
def test_deadlines_end_every_call_of_the_kernel(name: str, work: Callable[[qg.Simulator], None]) -> None:
    simulator = simulator_of(name)
    expected = simulator.expectation_and_gradient(*ANGLES)
    with Deadline(time.perf_counter() + 0.05).kept(), pytest.raises(TimeoutError, match="has passed"):
        work(simulator)
    value, gradient = simulator.expectation_and_gradient(*ANGLES)
    assert value == expected[0]
    assert np.array_equal(gradient, expected[1])


def cones(depth: int, n: int = 12, degree: int = 3) -> qg.Simulator:
    graph = qg.Graph.random_regular(degree, n, seed=1).with_random_weights(seed=1)
    return qg.Simulator(qg.MaxCut(graph), method="lightcone")


def planned(depth: int, n: int, degree: int = 3) -> qg.Simulator:
    simulator = cones(depth, n, degree)
    simulator.light_cones(depth)
    return simulator


CITY = qg.PriorityRouting(qg.City.random(9, 4, seed=2))
IN_PYTHON: dict[str, tuple[Callable[[], Any], Callable[[Any], object]]] = {
    "planning": (lambda: cones(2), lambda s: s.light_cones(2)),
    "planning of trees": (
        lambda: qg.Simulator(qg.MaxCut(qg.Graph.random_regular(3, 400, seed=1)), method="lightcone"),
        lambda s: s.light_cones(3),
    ),
    "many cones": (lambda: planned(2, 12), lambda s: s.expectation_and_gradient(*ANGLES)),
    "values of cones": (lambda: planned(2, 12), lambda s: s.expectation(*ANGLES)),
    "trees alone": (lambda: planned(2, 2000), lambda s: s.expectation_and_gradient(*ANGLES)),
    "closed form": (
        lambda: qg.Simulator(spin_glass(9, 1), method="closed_form"),
        lambda s: s.expectation([0.1], [0.2]),
    ),
    "matrix product states": (
        lambda: qg.Simulator(qg.MaxCut(qg.Graph.ring(9)), method="mps"),
        lambda s: s.expectation(*ANGLES),
    ),
    "warm start": (
        lambda: qg.Simulator(spin_glass(9, 1), warm_start=[0.3] * 9),
        lambda s: s.expectation(*ANGLES),
    ),
    "sums over routes": (
        lambda: qg.Simulator(CITY, method="compressed"),
        lambda s: s.expectation_and_gradient(*ANGLES),
    ),
    "drawing of routes": (
        lambda: qg.simulate(CITY, *ANGLES, method="compressed"),
        lambda state: state.sample(10),
    ),
    "tables of routes": (lambda: qg.Simulator(CITY, method="compressed"), lambda s: qg.Simulator(CITY)),
}


@pytest.mark.parametrize("name", IN_PYTHON)
def test_deadlines_end_every_computation_in_python(name: str) -> None:
    make, work = IN_PYTHON[name]
    made = make()
    with Deadline(time.perf_counter() - 1).kept(), pytest.raises(TimeoutError, match="has passed"):
        work(made)
    work(made)  # and no more


def in_two_colors() -> qg.Counts:
    """Samples of a problem without any feasible answer."""
    return qg.simulate(qg.GraphColoring(qg.Graph.complete(3), 2), [], []).sample(50, seed=1)


def part(kind: type, simulator: qg.Simulator, depth: int) -> Callable[[], object]:
    """The gradient of one part of an evaluation."""
    found = simulator.choices.cone_engine(depth)
    one = next(one for one in (found.trees, *found.kinds) if isinstance(one, kind))
    return lambda: one.gradient(*random_angles(depth, 1))


def products() -> Callable[[], object]:
    simulator = qg.Simulator(qg.MaxCut(qg.Graph.ring(9)), method="mps")
    return lambda: simulator.expectation(*ANGLES)


OFTEN: dict[str, tuple[Any, Callable[[], Callable[[], object]], int]] = {
    "matrix product states": (mps, products, 60),  # two for each coupling and layer, one for each value
    "contraction": (networks, lambda: part(contraction.Contraction, planned(2, 12), 2), 30),
    "trees": (coupling, lambda: part(TreeTerms, planned(2, 2000), 2), 10),
    "state vectors": (reference, lambda: part(vector.VectorTerm, planned(3, 16, 5), 3), 100),
    "planned trees": (engine, lambda: lambda: planned(2, 400), 10),
    "planned kinds": (find, lambda: lambda: planned(2, 12), 20),
    "planned cones": (engine, lambda: lambda: planned(2, 12), 20),
    "eliminations": (networks, lambda: lambda: planned(2, 12), 30),
    "samples that are all infeasible": (counts, lambda: in_two_colors().best, 10),
    "tables of routes": (basis, lambda: lambda: basis.RouteTables(CITY), 10),
    "drawn routes": (
        compressed,
        lambda: lambda: qg.simulate(CITY, *ANGLES, method="compressed").sample(10),
        len(CITY.stops),
    ),
}


@pytest.mark.parametrize("name", OFTEN)
def test_deadlines_are_checked_often(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """During long work, and not only before it; the kernel checks by itself."""
    monkeypatch.setenv("QGRAPH_KERNEL", "reference")
    module, prepare, least = OFTEN[name]
    work, asked = prepare(), list[None]()
    monkeypatch.setattr(module, "check", lambda: asked.append(None))
    work()
    assert len(asked) >= least


class Endless:
    """Work that only a deadline ends."""

    def __init__(self) -> None:
        self.running, self.heard = threading.Event(), threading.Semaphore(0)

    def expectation(self, *_: object) -> float:
        self.running.set()
        try:
            while True:
                check()
                time.sleep(0.001)
        except TimeoutError:
            self.heard.release()
            raise


def test_an_interrupt_ends_all_parts_of_an_evaluation(monkeypatch: pytest.MonkeyPatch) -> None:
    """A part that runs on another thread learns that its evaluation was given up."""
    simulator = planned(2, 12)
    engine = simulator.choices.cone_engine(2)
    endless = Endless()

    class Failing:
        def expectation(self, *_: object) -> float:
            endless.running.wait(60)
            raise KeyboardInterrupt

    monkeypatch.setattr(engine, "kinds", [Failing(), endless])
    monkeypatch.setattr(engine, "_long", np.zeros(2, dtype=np.bool_))
    monkeypatch.setattr("qgraph.base.resources.threads", lambda: 2)
    with pytest.raises(KeyboardInterrupt):
        simulator.expectation(*ANGLES)
    assert endless.heard.acquire(timeout=60)


def test_an_interrupt_ends_threads_of_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """A part of an evaluation that waits for threads of its own passes on that all was given up."""
    monkeypatch.setattr("qgraph.base.resources.threads", lambda: 2)
    endless = Endless()

    def work(part: int) -> None:
        if part == 1:
            list(answers(endless.expectation, [1, 2]))
        endless.running.wait(60)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(answers(work, [0, 1]))
    assert endless.heard.acquire(timeout=60)
    assert endless.heard.acquire(timeout=60)


def test_deadlines_are_nested_and_restored() -> None:
    past, future = (Deadline(time.perf_counter() + shift) for shift in (-1, 1000))
    simulator = qg.Simulator(spin_glass(6, 1))
    check()
    with past.kept():
        with future.kept():
            check()
            simulator.expectation(*ANGLES)
            assert shared().moment == future.moment
        with pytest.raises(TimeoutError):
            check()
        with pytest.raises(TimeoutError):
            simulator.expectation(*ANGLES)
    check()
    simulator.expectation(*ANGLES)
    assert shared().moment == math.inf


def test_a_deadline_can_be_moved() -> None:
    simulator = qg.Simulator(spin_glass(6, 1))
    deadline = Deadline()
    with deadline.kept():
        simulator.expectation(*ANGLES)
        deadline.move(time.perf_counter() - 1)
        with pytest.raises(TimeoutError):
            simulator.expectation(*ANGLES)
        with pytest.raises(TimeoutError):
            check()
        deadline.move(math.inf)
        simulator.expectation(*ANGLES)
        check()


def test_other_threads_have_deadlines_of_their_own() -> None:
    simulator = qg.Simulator(qg.MaxCut(asymmetric_graph(8, 1)))
    expected = simulator.expectation(*ANGLES)
    found: list[object] = []

    def work() -> None:
        check()
        found.append(simulator.expectation(*ANGLES))
        with Deadline(time.perf_counter() - 1).kept():
            try:
                simulator.expectation(*ANGLES)
            except TimeoutError as error:
                found.append(type(error))

    with Deadline(time.perf_counter() - 1).kept():
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    assert found == [expected, TimeoutError]


def test_closed_forms_are_computed_in_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same to the last bit, and no pair twice."""
    from qgraph.simulation.formulas import depth_one

    model = spin_glass(12, 3)
    whole = qg.Simulator(model, method="closed_form").expectation_and_gradient([0.3], [0.2])
    monkeypatch.setattr(depth_one, "MOST_STEPS", 50)
    engine = depth_one.ClosedForm.of(model)
    portions = engine._portions(engine.pairs)
    assert len(portions) > 5
    assert [k for part in portions for k in range(*part.indices(len(engine.pairs)))] == list(
        range(len(engine.J))
    )
    parts = qg.Simulator(model, method="closed_form").expectation_and_gradient([0.3], [0.2])
    assert parts[0] == whole[0]
    assert np.array_equal(parts[1], whole[1])
