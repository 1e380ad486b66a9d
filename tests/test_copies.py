"""Every public object pickles and copies, fresh or used, equals its copy, and works in another process."""

from __future__ import annotations

import copy
import inspect
import pickle
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

import numpy as np
import pytest
from conftest import asymmetric_graph, oneway_routing, random_angles, spin_glass
from simulation.conftest import KERNELS, symmetric

import qgraph as qg
from qgraph.models.travel import Travel
from qgraph.simulation.engine import Vector
from qgraph.simulation.vector.native import LINE, NativeVector

GRAPH = asymmetric_graph(6, 1)
CITY = qg.City.random(5, 2, seed=1)
NUMBERS = {"a": 4.0, "b": 3.5, "c": 2.0, "d": 7.25}
ANGLES = random_angles(2, 3)


def progress() -> qg.Progress:
    seen: list[qg.Progress] = []
    qg.solve_qaoa(qg.MaxCut(GRAPH), starts=1, callback=seen.append)
    return seen[-1]


def state(problem: qg.Problem, **how: Any) -> qg.State:
    return qg.simulate(problem, *ANGLES, **how)


MAKERS: dict[str, Callable[[], Any]] = {
    "Candidate": lambda: qg.MaxCut(GRAPH).decode([0, 1, 1, 0, 0, 1]),
    "Choice": lambda: qg.Simulator(qg.MaxCut(GRAPH)).choice(2),
    "City": lambda: qg.City.random(5, 2, seed=1),
    "Comparison": lambda: qg.compare(qg.MaxCut(GRAPH), solvers=["exact", "qaoa"], time_limit=20),
    "DepthResult": lambda: qg.solve_qaoa(qg.MaxCut(GRAPH), starts=1).depths[0],
    "Counts": lambda: state(spin_glass(6, 1)).sample(100, seed=1),
    "Edge": lambda: GRAPH.edges[0],
    "Graph": lambda: asymmetric_graph(6, 1),
    "GraphColoring": lambda: qg.GraphColoring(qg.Graph.ring(3), 2),
    "GraphPartitioning": lambda: qg.GraphPartitioning(GRAPH),
    "IndependentSet": lambda: qg.IndependentSet(GRAPH, {"0": 1.5}),
    "InvalidFile": lambda: qg.InvalidFile("`graph.json`: line 1 must be JSON"),
    "InvalidInput": lambda: qg.InvalidInput("`depth` must be at least 1, got 0"),
    "Ising": lambda: spin_glass(6, 1, "maximize"),
    "LightCones": lambda: qg.Simulator(qg.MaxCut(GRAPH)).light_cones(1),
    "MaxCut": lambda: qg.MaxCut(GRAPH),
    "MaxKCut": lambda: qg.MaxKCut(asymmetric_graph(3, 1), 3),
    "MissingDependency": lambda: qg.MissingDependency("`highspy` is not installed"),
    "Node": lambda: GRAPH.nodes[0],
    "NumberPartitioning": lambda: qg.NumberPartitioning(NUMBERS),
    "Outcome": lambda: state(spin_glass(6, 1)).top(1)[0],
    "PriorityRouting": lambda: qg.PriorityRouting(CITY, return_to_depot=True),
    "ProblemTooLarge": lambda: qg.ProblemTooLarge("a state vector of 50 qubits does not fit"),
    "Progress": progress,
    "QGraphError": lambda: qg.QGraphError("something is wrong"),
    "QUBO": lambda: qg.QUBO({("a", "b"): 1.5, ("b", "b"): -2.0, ("b", "c"): 0.25}, 3.0, sense="maximize"),
    "Result": lambda: qg.solve_qaoa(qg.MaxCut(GRAPH), starts=1),
    "Road": lambda: CITY.edges[0],
    "Row": lambda: qg.compare(qg.MaxCut(GRAPH), solvers=["qaoa"], time_limit=20)["qaoa"],
    "Simulator": lambda: qg.Simulator(spin_glass(6, 1), precision="single"),
    "Solution": lambda: qg.solve_greedy(qg.MaxCut(GRAPH)),
    "State": lambda: state(spin_glass(6, 1)),
    "Step": lambda: qg.solve_qaoa(qg.MaxCut(GRAPH), starts=1).history[0],
    "Stop": lambda: CITY.nodes[0],
    "Travel": lambda: qg.City.random(5, 2, seed=1).travel,
    "Truncated": lambda: qg.expectation(spin_glass(6, 1), [0.3], [0.2], method="mps", bond_dimension=2),
    "VertexCover": lambda: qg.VertexCover(GRAPH, [1.0, 2.0, 1.5, 1.0, 3.0, 1.25]),
}
NOT_MADE = {"Problem", "Study"}  # a protocol, and a file
TIMED = {"Comparison", "Progress", "Result", "Row", "Solution"}  # they tell how long they took
UNHASHABLE = {"Candidate", "Comparison", "Outcome", "Result", "Row", "Solution"}  # they hold a dictionary


def use(thing: Any) -> None:
    """Ask for everything that takes no arguments, and fill what the thing keeps."""
    for name, member in inspect.getmembers(type(thing)):
        if not name.startswith(("_", "model_")) and not callable(member):
            getattr(thing, name)  # properties, also those that are kept
    repr(thing)
    html = getattr(thing, "_repr_html_", None)
    if html is not None:
        html()
    if hasattr(thing, "to_ising"):
        thing.objective(np.zeros(len(thing.nodes), dtype=np.uint8))
        qg.solve_exact(thing)
        qg.solve_qaoa(thing, starts=1, shots=10)
    if isinstance(thing, qg.Simulator):
        thing.expectation_and_gradient(*ANGLES)
        thing.expectation_and_gradient(*ANGLES, cvar=0.3)
        thing.landscape([0.1], [0.2])
        thing.light_cones(1)
    if isinstance(thing, qg.State):
        answers(thing)


def answers(state: qg.State) -> list[Any]:
    """What a state says, as plain values."""
    said = [state.expectation(), state.variance(), state.optimum(), state.worst(), state.marginals().tolist()]
    said += [state.optimum_probability(), state.sample(50, seed=3), state.guess(50, seed=3)]
    if isinstance(state._vector, Vector):
        said += [state.cvar(0.3), state.top(3), [row.tolist() for row in state.distribution(5)]]
        said += [state.amplitudes().tolist(), state.probabilities().tolist(), state.costs.tolist()]
    return said


COPIES: dict[str, Callable[[Any], Any]] = {
    "pickle": lambda thing: pickle.loads(pickle.dumps(thing)),
    "oldest pickle": lambda thing: pickle.loads(pickle.dumps(thing, protocol=2)),
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
}


def test_every_public_name_is_covered() -> None:
    classes = {name for name in qg.__all__ if not inspect.isfunction(getattr(qg, name))}
    assert classes == (MAKERS.keys() - {"Travel"}) | NOT_MADE


@pytest.mark.parametrize("used", [False, True], ids=["fresh", "used"])
@pytest.mark.parametrize("name", MAKERS)
def test_a_copy_is_equal_and_works(name: str, *, used: bool) -> None:
    thing, other = MAKERS[name](), MAKERS[name]()
    assert type(thing).__name__ == name
    if used:
        use(thing)
    copies = {way: copied(thing) for way, copied in COPIES.items()}
    for way, copied in copies.items():
        assert type(copied) is type(thing), way
        if isinstance(thing, Exception):
            assert copied.args == thing.args, way
            continue
        assert copied == thing, way
        if name not in UNHASHABLE:
            assert hash(copied) == hash(thing), way
        use(copied)
        assert copied == thing, way
    if name not in TIMED and not isinstance(thing, Exception):
        assert other == thing, "what is made in the same way is equal"


def test_different_objects_are_not_equal() -> None:
    model, mirrored = spin_glass(6, 1), symmetric(6, 1)
    states = [
        state(model),
        state(model, precision="single"),
        state(model, warm_start=[0.3] * 6),
        state(spin_glass(6, 2)),
        qg.simulate(model, [0.1], [0.2]),
        state(mirrored),
        qg.simulate(model, [], []),  # the same amplitudes, all of them exact, in three states
        qg.simulate(model, [], [], precision="single"),
        qg.simulate(spin_glass(6, 2), [], []),
    ]
    simulators = [
        qg.Simulator(model),
        qg.Simulator(model, precision="single"),
        qg.Simulator(model, method="lightcone"),
        qg.Simulator(model, method="mps"),
        qg.Simulator(model, method="mps", bond_dimension=8),
        qg.Simulator(model, warm_start=[0.3] * 6),
        qg.Simulator(model, warm_start=[0.4] * 6),
        qg.Simulator(mirrored),
    ]
    counts = [
        states[0].sample(10, seed=1),
        states[0].sample(10, seed=2),
        states[4].sample(10, seed=1),
    ]
    counts.append(qg.Counts(model, counts[0].bits, counts[0].counts + 1))
    travels = [qg.City.random(5, 2, seed=seed).travel for seed in (1, 2)]
    for things in (states, simulators, counts, travels):
        for i, one in enumerate(things):
            assert [other == one for other in things] == [i == j for j in range(len(things))]
            assert one != "another thing"


def test_states_of_different_offsets_differ() -> None:
    """The kernel keeps a global phase beside its arrays."""
    plain, lifted = (qg.QUBO({("a", "b"): 1.0, ("a", "a"): 0.5}, offset) for offset in (0.0, 2.0))
    one, other = (qg.simulate(problem, [0.4], [0.2]) for problem in (plain, lifted))
    other.problem = one.problem
    assert one != other


CITY_OF_NINE = qg.PriorityRouting(qg.City.random(9, 4, seed=3))
STATES: dict[str, Callable[[], qg.State]] = {
    "fields": lambda: state(spin_glass(9, 1)),
    "fields, single": lambda: state(spin_glass(9, 1), precision="single"),
    "mirrored": lambda: state(symmetric(9, 1)),
    "mirrored, single": lambda: state(symmetric(9, 1), precision="single"),
    "one node": lambda: state(qg.Ising([0.5], {})),
    "warm": lambda: state(spin_glass(8, 1), warm_start=[0.1 * k for k in range(8)]),
    "one-hot routes": lambda: state(oneway_routing(), method="statevector"),
    "routes": lambda: state(CITY_OF_NINE),
    "routes, swaps": lambda: state(CITY_OF_NINE, mixer="swap", precision="single"),
    "compressed": lambda: state(CITY_OF_NINE, method="compressed"),
}


@pytest.mark.parametrize("kernel", ["reference", KERNELS[1]])
@pytest.mark.parametrize("name", STATES)
def test_a_state_keeps_its_amplitudes(name: str, kernel: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QGRAPH_KERNEL", kernel)
    made = STATES[name]()
    expected = answers(made)
    for way, copied in COPIES.items():
        again = copied(made)
        assert again == made, way
        assert answers(again) == expected, way
        if isinstance(again._vector, NativeVector):
            assert again._vector.re.ctypes.data % LINE == again._vector.im.ctypes.data % LINE == 0
            assert isinstance(made._vector, NativeVector)
            assert again._vector.re.dtype == made._vector.re.dtype


def test_a_copied_state_is_small() -> None:
    """The amplitudes, and no array of costs nor the simulator's own arrays."""
    model = spin_glass(14, 1)
    made = state(model)
    use(made)
    assert len(pickle.dumps(made)) < 1.1 * 16 * 2**14
    assert len(pickle.dumps(state(symmetric(14, 1)))) < 1.1 * 16 * 2**13
    assert len(pickle.dumps(state(CITY_OF_NINE))) < 1.1 * 16 * CITY_OF_NINE.routes + 20_000


def test_arrays_of_a_copied_travel_stay_constant() -> None:
    again = COPIES["pickle"](CITY.travel)
    assert isinstance(again, Travel)
    assert not any(a.flags.writeable for a in (again.times, again.distances, again.predecessors))


def test_a_copied_simulator_keeps_its_choice() -> None:
    asked = qg.Simulator(spin_glass(6, 1), method="statevector")
    chosen = qg.Simulator(spin_glass(6, 1))
    for simulator in (asked, chosen):
        assert COPIES["pickle"](simulator).choice(2) == simulator.choice(2)


def test_simulators_and_states_travel_between_processes() -> None:
    """Started afresh: nothing but what is pickled is there."""
    simulators = [
        qg.Simulator(symmetric(10, 1)),
        qg.Simulator(spin_glass(10, 1), precision="single"),
        qg.Simulator(spin_glass(7, 1), warm_start=[0.2] * 7),
        qg.Simulator(CITY_OF_NINE, mixer="swap"),
        qg.Simulator(CITY_OF_NINE, method="compressed"),
    ]
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        for simulator in simulators:
            here = simulator.state(*ANGLES)
            there = pool.submit(qg.Simulator.state, simulator, *ANGLES).result(timeout=120)
            assert there == here
            assert pool.submit(type(here).sample, here, 50, 3).result(timeout=120) == here.sample(50, 3)
            assert pool.submit(type(here).marginals, here).result(timeout=120).tolist() == here.marginals().tolist()  # fmt: skip
            said = pool.submit(qg.Simulator.expectation_and_gradient, simulator, *ANGLES).result(timeout=120)
            assert np.array_equal(said[1], simulator.expectation_and_gradient(*ANGLES)[1])
