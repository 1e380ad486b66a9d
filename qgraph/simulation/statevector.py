"""Simulate QAOA exactly: states, expectations, gradients and landscapes."""

from __future__ import annotations

import math
from functools import cached_property
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from qgraph import resources
from qgraph.errors import InvalidInput, ProblemTooLarge, require, require_whole, shown
from qgraph.problems.base import require_problem
from qgraph.problems.routing import PriorityRouting
from qgraph.simulation import native, reference
from qgraph.simulation.angles import check_angles, finite_row
from qgraph.simulation.bits import BitBasis
from qgraph.simulation.closed_form import ClosedForm
from qgraph.simulation.dense import DenseEngine
from qgraph.simulation.lightcone import LONGEST, ConeEngine
from qgraph.simulation.methods import (
    LONGEST_CHOSEN,
    LONGEST_SAMPLED,
    SMALL,
    WITH_STATE,
    Choice,
    LightCones,
    Method,
    choose,
    vector_seconds,
)
from qgraph.simulation.routes import RouteEngine
from qgraph.simulation.spins import SpinEngine
from qgraph.simulation.state import State, require_share
from qgraph.simulation.subspace import RouteBasis

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from qgraph.problems.base import Problem
    from qgraph.simulation.state import Basis
    from qgraph.simulation.vectors import Engine, Evaluator

    Angles = NDArray[np.float64]

Precision = Literal["single", "double"]

MOST_QUBITS = 40
DENSE_STATES = 8  # how many states' worth of memory plain NumPy takes at its peak
COMPLEX: dict[str, type[np.complexfloating]] = {"single": np.complex64, "double": np.complex128}
REAL: dict[str, type[np.floating]] = {"single": np.float32, "double": np.float64}


class Simulator:
    """A problem prepared for many evaluations.

    `method` says how:

    - "statevector": all 2**n bit strings with the transverse field. If no term is linear, half of them stand
      for all. Double the memory for each node.
    - "subspace": the feasible routes of a `PriorityRouting` alone, with the Grover mixer.
    - "closed_form": depth 1, any size; expectations, gradients and landscapes, no state.
    - "lightcone": sparse problems of any size at small depth; the same, no state.
    - "auto": "subspace" for routes; for others what is quickest at a depth, see `choice`. The state vector
      serves all that needs a state.

    All give the same numbers where they run. `precision` is that of states. Raises `ProblemTooLarge` before
    anything is allocated.

    >>> from qgraph import Graph, MaxCut
    >>> simulator = Simulator(MaxCut(Graph.ring(6)))
    >>> round(simulator.expectation([np.pi / 4], [np.pi / 8]), 12)
    4.5
    """

    def __init__(self, problem: Problem, *, method: Method = "auto", precision: Precision = "double") -> None:
        require(method in get_args(Method), "method", f"must be one of {', '.join(get_args(Method))}", method)
        require(precision in COMPLEX, "precision", 'must be "single" or "double"', precision)
        require_problem(problem)
        self._reason = "it was asked for"
        if method == "auto" and isinstance(problem, PriorityRouting):
            method, self._reason = "subspace", "routes are simulated among the feasible ones"
        elif method == "auto" and len(problem.nodes) <= SMALL:
            method, self._reason = "statevector", f"a state vector of {len(problem.nodes)} qubits is quick"
        if method == "subspace" and not isinstance(problem, PriorityRouting):
            raise InvalidInput(f'`method` "subspace" is for PriorityRouting, got {shown(problem)}')
        self.problem = problem
        self.method: Method = method
        self.precision: Precision = precision
        self.kernel = native.kernel()
        self.offset = 0.0 if method == "subspace" else problem.to_ising().offset
        self._cones: dict[int, ConeEngine] = {}
        self._choices: dict[int, Choice] = {}
        if method in ("statevector", "subspace"):
            _ = self.engine  # refused now, if at all

    @cached_property
    def engine(self) -> Engine:
        """What evolves states."""
        return self._prepared[1]

    @cached_property
    def basis(self) -> Basis:
        """What the basis states stand for."""
        return self._prepared[0]

    @cached_property
    def _prepared(self) -> tuple[Basis, Engine]:
        problem, precision = self.problem, self.precision
        if self.method == "subspace" and isinstance(problem, PriorityRouting):
            return self._routes(problem)
        self._require_bits()
        ising = problem.to_ising()
        if self.kernel != "reference":
            return BitBasis(ising), SpinEngine(ising, REAL[precision])
        costs = reference.cost_diagonal(ising.h, ising.pairs, ising.J)
        mixer = reference.TransverseField()
        return BitBasis(ising), DenseEngine(
            costs, mixer, COMPLEX[precision], sense=ising.sense, offset=ising.offset
        )

    @cached_property
    def _closed_form(self) -> ClosedForm:
        return ClosedForm.of(self.problem.to_ising())

    def _cone_engine(self, depth: int, longest: float = LONGEST) -> ConeEngine:
        if depth not in self._cones:
            self._cones[depth] = ConeEngine(self.problem.to_ising(), depth, longest)
        return self._cones[depth]

    def light_cones(self, depth: int) -> LightCones:
        """What light cones of this depth would take. Raises `ProblemTooLarge` if they cannot be simulated.

        >>> from qgraph import Graph, MaxCut
        >>> plan = Simulator(MaxCut(Graph.ring(1000))).light_cones(depth=3)
        >>> plan.kinds, plan.qubits
        (1, 8)
        """
        require_whole("depth", depth, 0)
        return self._cone_engine(depth).plan

    def choice(self, depth: int) -> Choice:
        """The method that evaluates expectations at this depth, and why.

        "auto" takes the state vector up to 22 nodes; above, the closed form at depth 1, and for deeper
        circuits light cones or the state vector, whichever is likely to be quicker. Raises `ProblemTooLarge`
        if neither runs in reasonable time.

        >>> from qgraph import Graph, MaxCut
        >>> [Simulator(MaxCut(Graph.ring(n))).choice(depth=2).method for n in (10, 1000)]
        ['statevector', 'lightcone']
        """
        require_whole("depth", depth, 0)
        if self.method == "closed_form":
            require(depth == 1, "method", '"closed_form" is for depth 1', f"depth {depth}")
        if self.method == "auto" and depth not in self._choices:
            self._choices[depth] = choose(
                len(self.problem.nodes),
                depth,
                vector=lambda: self._require_bits(states=2),
                cones=lambda: self._cone_engine(depth, LONGEST_CHOSEN).plan,
            )
        return self._choices.get(depth) or Choice(method=self.method, reason=self._reason)

    def _routes(self, routing: PriorityRouting) -> tuple[Basis, Engine]:
        dense = self.kernel == "reference"
        each = (DENSE_STATES if dense else 1) * np.dtype(COMPLEX[self.precision]).itemsize
        tables = max(math.factorial(len(tier)) * (len(tier) + 16) for tier in routing.tiers)
        fits = resources.free_memory() // each
        what = f"a state of {routing.routes} feasible routes"
        resources.require_memory(routing.routes * each + tables, what, f"about {fits} routes would fit")
        basis = RouteBasis(routing)
        if dense:
            return basis, DenseEngine(
                basis.costs(), reference.Grover(), COMPLEX[self.precision], sense="minimize"
            )
        return basis, RouteEngine(basis.tables, REAL[self.precision])

    def require_state(self, what: str) -> None:
        """Raise `InvalidInput` if the method has no state, and `ProblemTooLarge` if it does not fit."""
        able = ("auto", *WITH_STATE)
        require(self.method in able, "method", f"must be one of {', '.join(able)} for {what}", self.method)
        _ = self.engine  # refused now, if at all

    def has_state(self, depth: int) -> bool:
        """Whether `state` can be asked for at this depth, and answers soon."""
        if self.method != "auto":
            return self.method in WITH_STATE
        n = len(self.problem.nodes)
        if n > MOST_QUBITS or vector_seconds(n, depth) > LONGEST_SAMPLED:
            return False
        try:
            _ = self.engine
        except ProblemTooLarge:
            return False
        return True

    def state(self, gammas: ArrayLike, betas: ArrayLike) -> State:
        """The state |gammas, betas>. Raises `InvalidInput` for methods that have none.

        >>> from qgraph import Graph, MaxCut
        >>> Simulator(MaxCut(Graph.ring(4))).state([], []).variance()
        1.0
        """
        angles = check_angles(gammas, betas)
        self.require_state("`state`")
        vector = self.engine.evolve(*angles)
        return State(self.problem, self.basis, vector, offset=self.offset, extremes=self.engine.extremes)

    def expectation(self, gammas: ArrayLike, betas: ArrayLike) -> float:
        """<C> at these angles.

        >>> from qgraph import Graph, MaxCut
        >>> Simulator(MaxCut(Graph.ring(4))).expectation([], [])
        2.0
        """
        angles = check_angles(gammas, betas)
        return self.offset + self._evaluator(len(angles[0])).expectation(*angles)

    def expectation_and_gradient(
        self, gammas: ArrayLike, betas: ArrayLike, *, cvar: float = 1.0
    ) -> tuple[float, NDArray[np.float64]]:
        """<C>, or the CVaR of the best share `cvar`, and its derivatives: float64[2, p].

        >>> from qgraph import Graph, MaxCut
        >>> value, gradient = Simulator(MaxCut(Graph.ring(4))).expectation_and_gradient([0.0], [0.2])
        >>> value, gradient.shape, float(gradient[0, 0])
        (2.0, (2, 1), 1.4347...)
        """
        require_share("cvar", cvar)
        value, gradient = self.centred_gradient(*check_angles(gammas, betas), cvar)
        return self.offset + value, gradient

    def centred_gradient(self, gammas: Angles, betas: Angles, cvar: float) -> tuple[float, Angles]:
        """The same of C - offset, so that a large offset costs no precision; angles are trusted."""
        if cvar < 1:
            self.require_state("`cvar` below 1")
            return self.engine.gradient(gammas, betas, cvar)
        return self._evaluator(len(gammas)).gradient(gammas, betas)

    def _evaluator(self, depth: int) -> Evaluator:
        method = self.choice(depth).method
        if method == "closed_form":
            return self._closed_form
        return self._cone_engine(depth) if method == "lightcone" else self.engine

    def landscape(self, gammas: ArrayLike, betas: ArrayLike) -> NDArray[np.float64]:
        """<C> at depth 1 for all pairs of angles: float64[len(gammas), len(betas)].

        >>> from qgraph import Graph, MaxCut
        >>> Simulator(MaxCut(Graph.ring(4))).landscape([0.0, 0.1], [0.0, 0.1]).shape
        (2, 2)
        """
        rows, columns = (finite_row(name, angles) for name, angles in (("gammas", gammas), ("betas", betas)))
        evaluator = self._evaluator(1)
        if isinstance(evaluator, ClosedForm):
            return self.offset + evaluator.landscape(rows, columns)
        grid = [[evaluator.expectation(gamma, beta) for beta in columns[:, None]] for gamma in rows[:, None]]
        return self.offset + np.array(grid).reshape(len(rows), len(columns))

    def _require_bits(self, states: int = 1) -> None:
        """Refuse state vectors that would not fit, before anything is allocated."""
        dense, n = self.kernel == "reference", len(self.problem.nodes)
        each = np.dtype(COMPLEX[self.precision]).itemsize * (DENSE_STATES if dense else states)
        free = max(resources.free_memory(), 1)
        halved = not dense and n <= MOST_QUBITS and self.problem.to_ising().flip_symmetric
        fits = min((free // each).bit_length() - 1 + (1 if halved else 0), MOST_QUBITS)
        if n > MOST_QUBITS:
            raise ProblemTooLarge(f"a state vector of {n} qubits does not fit; {fits} qubits would fit")
        size = each * 2 ** (n - 1 if halved else n)
        resources.require_memory(size, f"a state vector of {n} qubits", f"{fits} qubits would fit")


def simulate(
    problem: Problem,
    gammas: ArrayLike,
    betas: ArrayLike,
    *,
    method: Method = "auto",
    precision: Precision = "double",
) -> State:
    """The QAOA state of a problem at `gammas`, `betas` (rad). See `Simulator` for `method`.

    >>> from qgraph import Graph, MaxCut
    >>> round(simulate(MaxCut(Graph.ring(4)), [np.pi / 4], [np.pi / 8]).optimum_probability(), 12)
    0.53125
    """
    return Simulator(problem, method=method, precision=precision).state(gammas, betas)


def expectation(
    problem: Problem,
    gammas: ArrayLike,
    betas: ArrayLike,
    *,
    method: Method = "auto",
    precision: Precision = "double",
) -> float:
    """<C> of a problem at `gammas`, `betas` (rad).

    >>> from qgraph import Graph, MaxCut
    >>> round(expectation(MaxCut(Graph.ring(6)), [np.pi / 4], [np.pi / 8]), 12)
    4.5
    """
    return Simulator(problem, method=method, precision=precision).expectation(gammas, betas)


def expectation_and_gradient(
    problem: Problem,
    gammas: ArrayLike,
    betas: ArrayLike,
    *,
    method: Method = "auto",
    precision: Precision = "double",
) -> tuple[float, NDArray[np.float64]]:
    """<C> and its derivatives by all angles: float64[2, p], d/dgamma then d/dbeta.

    >>> from qgraph import Graph, MaxCut
    >>> value, gradient = expectation_and_gradient(MaxCut(Graph.ring(6)), [np.pi / 4], [np.pi / 8])
    >>> abs(gradient).max() < 1e-12
    np.True_
    """
    return Simulator(problem, method=method, precision=precision).expectation_and_gradient(gammas, betas)


def landscape(
    problem: Problem,
    gammas: ArrayLike,
    betas: ArrayLike,
    *,
    method: Method = "auto",
    precision: Precision = "double",
) -> NDArray[np.float64]:
    """<C> at depth 1 on a grid: float64[len(gammas), len(betas)].

    >>> from qgraph import Graph, MaxCut
    >>> landscape(MaxCut(Graph.ring(6)), [0, np.pi / 4], [np.pi / 8]).round(6)
    array([[3. ],
           [4.5]])
    """
    return Simulator(problem, method=method, precision=precision).landscape(gammas, betas)
