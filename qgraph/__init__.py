"""Quantum optimisation on graphs, in the notebook.

Conventions, stated once:

- A problem has an objective `C(x)` in its natural units and sign, and a `sense`, "maximize" or "minimize".
- QAOA: `|gammas, betas> = prod_l exp(-i beta_l sum_q X_q) exp(-i gamma_l C) |+>` (Farhi, Goldstone,
  Gutmann, arXiv:1411.4028). Published MaxCut angles in that convention go in unchanged. Radians.
- Qubit q is bit q of the basis-state index (bit 0 the lowest, as in Qiskit); node order is
  `graph.nodes` order. Bits are shown to people per node, by name.
- `s = 1 - 2 b` between spins and bits; `Ising(h, J, offset)`: `C = offset + sum h_i s_i + sum J_ij s_i s_j`.
- A solver that takes more than a second shows a bar with its best so far, in a notebook or a terminal.
  `progress=False` turns it off for one call, the environment variable `QGRAPH_PROGRESS=0` for all.
- Randomness only through `seed`. The same seed gives the same result.
- Distances in km. Travel times in km at free flow: each km of road counts its traffic multiplier, so 1 km of
  road with the multiplier 1.0 counts 1.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from qgraph.base.errors import InvalidFile, InvalidInput, MissingDependency, ProblemTooLarge, QGraphError
from qgraph.models.city import City
from qgraph.models.city_record import Road, Stop
from qgraph.models.graph import Graph
from qgraph.models.graph_record import Edge, Node
from qgraph.problems.base import Candidate
from qgraph.problems.coloring import GraphColoring
from qgraph.problems.files import read_problem
from qgraph.problems.graph_partitioning import GraphPartitioning
from qgraph.problems.independent_set import IndependentSet
from qgraph.problems.ising import Ising
from qgraph.problems.max_k_cut import MaxKCut
from qgraph.problems.maxcut import MaxCut
from qgraph.problems.number_partitioning import NumberPartitioning
from qgraph.problems.problem import Problem
from qgraph.problems.qubo import QUBO
from qgraph.problems.routing import PriorityRouting
from qgraph.problems.vertex_cover import VertexCover
from qgraph.readers import read_city, read_graph
from qgraph.simulation.choose import Choice
from qgraph.simulation.counts import Counts, Outcome
from qgraph.simulation.formulas.infinite import sherrington_kirkpatrick, tree_cut_fraction
from qgraph.simulation.functions import expectation, expectation_and_gradient, landscape, simulate
from qgraph.simulation.simulator import Simulator
from qgraph.simulation.state import State
from qgraph.solvers.heuristics.greedy import solve_greedy, solve_random
from qgraph.solvers.heuristics.metaheuristics import solve_annealing, solve_tabu
from qgraph.solvers.qaoa.schedules import fixed_angles, interpolate, linear_ramp
from qgraph.solvers.qaoa.solve import Progress, solve_qaoa
from qgraph.solvers.relaxations.goemans_williamson import solve_goemans_williamson
from qgraph.solvers.result import DepthResult, Result, Solution, Step
from qgraph.solvers.routes.local_search import solve_two_opt

if TYPE_CHECKING:
    from qgraph import widgets as widgets
    from qgraph.circuits.build import to_circuit, to_sparse_pauli_op
    from qgraph.circuits.run import run_circuit
    from qgraph.plotting import (
        plot_convergence,
        plot_cut,
        plot_distribution,
        plot_graph,
        plot_landscape,
        plot_route,
        plot_schedule,
    )
    from qgraph.simulation.cones.plan import LightCones
    from qgraph.simulation.mps import Truncated
    from qgraph.solvers.compare import Comparison, Row, compare
    from qgraph.solvers.exact.solve import solve_exact
    from qgraph.solvers.qaoa.recursive import solve_recursive_qaoa
    from qgraph.study.study import Study

__all__ = [  # noqa: RUF022 (in plain order)
    "Candidate",
    "Choice",
    "City",
    "Comparison",
    "Counts",
    "DepthResult",
    "Edge",
    "Graph",
    "GraphColoring",
    "GraphPartitioning",
    "IndependentSet",
    "InvalidFile",
    "InvalidInput",
    "Ising",
    "LightCones",
    "MaxCut",
    "MaxKCut",
    "MissingDependency",
    "Node",
    "NumberPartitioning",
    "Outcome",
    "PriorityRouting",
    "Problem",
    "ProblemTooLarge",
    "Progress",
    "QGraphError",
    "QUBO",
    "Result",
    "Road",
    "Row",
    "Simulator",
    "Solution",
    "State",
    "Step",
    "Stop",
    "Study",
    "Truncated",
    "VertexCover",
    "compare",
    "expectation",
    "expectation_and_gradient",
    "fixed_angles",
    "interpolate",
    "landscape",
    "linear_ramp",
    "plot_convergence",
    "plot_cut",
    "plot_distribution",
    "plot_graph",
    "plot_landscape",
    "plot_route",
    "plot_schedule",
    "read_city",
    "read_graph",
    "read_problem",
    "run_circuit",
    "sherrington_kirkpatrick",
    "simulate",
    "solve_annealing",
    "solve_exact",
    "solve_goemans_williamson",
    "solve_greedy",
    "solve_qaoa",
    "solve_random",
    "solve_recursive_qaoa",
    "solve_tabu",
    "solve_two_opt",
    "to_circuit",
    "to_sparse_pauli_op",
    "tree_cut_fraction",
]

_AT_FIRST_USE = {
    "qgraph.plotting": [name for name in __all__ if name.startswith("plot_")],
    "qgraph.circuits.build": ["to_circuit", "to_sparse_pauli_op"],
    "qgraph.circuits.run": ["run_circuit"],
    "qgraph.simulation.cones.plan": ["LightCones"],
    "qgraph.simulation.mps": ["Truncated"],
    "qgraph.solvers.compare": ["Comparison", "Row", "compare"],
    "qgraph.solvers.exact.solve": ["solve_exact"],
    "qgraph.solvers.qaoa.recursive": ["solve_recursive_qaoa"],
    "qgraph.study.study": ["Study"],
}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("qgraph")
    if name == "widgets":
        return import_module("qgraph.widgets")
    for module, names in _AT_FIRST_USE.items():
        if name in names:
            return getattr(import_module(module), name)
    raise AttributeError(f"module 'qgraph' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__, "__version__", "widgets"])
