"""Work of the kernel that never ends by itself: an interrupt or a deadline has to end it."""

from __future__ import annotations

import numpy as np
from conftest import random_angles, spin_glass

import qgraph as qg
from qgraph.simulation.vector import native
from simulation.conftest import symmetric

ENDLESS = np.full(10**6, 0.3)  # layers: the work of an hour and more


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
    engine._gradient(*arrays, ENDLESS, ENDLESS, 1.0, 0.0, 1.0, np.empty((2, len(ENDLESS))), engine.threads)


def many_passes(simulator: qg.Simulator) -> None:
    vector = simulator.engine.evolve(*random_angles(1, 1))
    while True:
        vector.histogram(-np.inf, np.inf, 1)


def many_shots(simulator: qg.Simulator) -> None:
    state = simulator.state(*random_angles(1, 1))
    while True:
        state.sample(10**6)


def many_sums(simulator: qg.Simulator) -> None:
    vector = simulator.engine.evolve(*random_angles(1, 1))
    while True:
        vector.run_sums()


PROBLEMS = {
    "fields": spin_glass(17, seed=1),
    "mirrored": symmetric(18, seed=1),
    "small": symmetric(6, seed=1),
    "warm": spin_glass(17, seed=3),
    "small, warm": spin_glass(5, seed=3),
    "routes": qg.PriorityRouting(qg.City.random(10, 4, seed=2)),
    "routes, swaps": qg.PriorityRouting(qg.City.random(10, 4, seed=2)),
}


def simulator_of(name: str) -> qg.Simulator:
    warm = np.linspace(0.1, 0.8, len(PROBLEMS[name].nodes)) if "warm" in name else None
    return qg.Simulator(PROBLEMS[name], mixer="swap" if "swaps" in name else "auto", warm_start=warm)
