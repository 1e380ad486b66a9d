"""A problem prepared for simulation, by whichever method."""

from __future__ import annotations

from functools import cached_property, partial
from typing import Any, Literal, get_args

import numpy as np

from qgraph.base import resources
from qgraph.base.checks import require, require_whole
from qgraph.base.errors import InvalidInput, ProblemTooLarge, shown
from qgraph.base.typing import Angles, ArrayLike, Reals
from qgraph.problems.problem import Problem, require_problem
from qgraph.problems.routing import PriorityRouting
from qgraph.simulation.angles import check_angles, finite_row
from qgraph.simulation.choose import (
    LONGEST_CHOSEN,
    LONGEST_SAMPLED,
    OF_ROUTES,
    SMALL,
    WITH_STATE,
    Choice,
    LightCones,
    Method,
    choose,
    vector_seconds,
)
from qgraph.simulation.cones.engine import LONGEST, ConeEngine
from qgraph.simulation.engine import Basis, Engine, Evaluator
from qgraph.simulation.formulas.depth_one import ClosedForm
from qgraph.simulation.routes import prepare
from qgraph.simulation.routes.compressed import CompressedState
from qgraph.simulation.routes.prepare import DENSE_STATES, Mixer
from qgraph.simulation.state import State, require_share
from qgraph.simulation.vector import native, reference
from qgraph.simulation.vector.bits import BitBasis
from qgraph.simulation.vector.dense import DenseEngine
from qgraph.simulation.vector.spins import SpinEngine
from qgraph.simulation.warm_start import EPSILON, WarmStart, chances, product_state, tilts

Precision = Literal["single", "double"]

MOST_QUBITS = 40
COMPLEX: dict[str, type[np.complexfloating]] = {"single": np.complex64, "double": np.complex128}
REAL: dict[str, type[np.floating]] = {"single": np.float32, "double": np.float64}


class Simulator:
    """A problem prepared for many evaluations.

    `method` says how:

    - "statevector": all 2**n bit strings with the transverse field. If no term is linear, half of them stand
      for all. Double the memory for each node.
    - "subspace": the feasible routes of a `PriorityRouting` alone; "compressed": their costs alone.
    - "closed_form": depth 1, any size; expectations, gradients and landscapes, no state.
    - "lightcone": sparse problems of any size at small depth; the same, no state.
    - "auto": "subspace" for routes, "compressed" beyond 4 million of them if no tier has more than 16 stops;
      for others what is quickest at a depth, see `choice`. The state vector serves all that needs a state.

    `precision` is that of states. Raises `ProblemTooLarge` before anything is allocated.

    **Mixers of routes**, both from the uniform superposition of all feasible routes: `"grover"`, by default,
    is exp(-i beta |F><F|) (Baertschi, Eidenbenz, arXiv:2006.00354, section III). `"swap"` is a product of
    exp(-i beta S) = cos(beta) - i sin(beta) S, where S exchanges the stops at two neighbouring positions of
    a tier: 1-2, 3-4 and so on of each tier, then 2-3, 4-5 and so on. These are the ordering swap mixers of
    Hadfield et al., arXiv:1709.03489, partitioned by parity: a product by definition, which a circuit applies
    exactly (`to_circuit`), not the exponential of the swaps' sum. Exchanges of neighbours lead from any order
    of a tier to any other.

    **Many routes.** Under the Grover mixer an amplitude depends on the route's travel time alone, as a sum
    of p + 1 exponentials. `"compressed"` keeps those, and no routes: expectations, gradients, variances and
    samples of 8! 8! routes and more, exactly, in double precision whatever `precision` says. What would need
    every route (`amplitudes`, `cvar`, `distribution`, `top`) is refused.

    `warm_start` begins near a solution, and mixes about it (Egger, Marecek, Woerner, arXiv:2009.10095): the
    chance of a 1 for each node, as a sequence or mapping, or a solution; kept at least `epsilon` away from 0
    and 1, so that it can be left. Spin flips then matter, and NumPy does the work: three to four qubits fewer
    fit. What such a state is worth at the start is the solution's merit, not QAOA's.

    >>> from qgraph import Graph, MaxCut
    >>> simulator = Simulator(MaxCut(Graph.ring(6)))
    >>> round(simulator.expectation([np.pi / 4], [np.pi / 8]), 12)
    4.5
    >>> from qgraph import City, PriorityRouting
    >>> small, large = (PriorityRouting(City.random(stops, stops // 2, seed=1)) for stops in (4, 16))
    >>> round(Simulator(small, mixer="swap").expectation([0.1], [-0.5]), 3)
    29.643
    >>> Simulator(large).method, round(Simulator(large).expectation([0.03], [-1.6]), 2)
    ('compressed', 137.99)
    """

    def __init__(
        self,
        problem: Problem,
        *,
        method: Method = "auto",
        precision: Precision = "double",
        warm_start: WarmStart | None = None,
        epsilon: float = EPSILON,
        mixer: Mixer = "auto",
    ) -> None:
        require(method in get_args(Method), "method", f"must be one of {', '.join(get_args(Method))}", method)
        require(precision in COMPLEX, "precision", 'must be "single" or "double"', precision)
        require(mixer in get_args(Mixer), "mixer", f"must be one of {', '.join(get_args(Mixer))}", mixer)
        require_problem(problem)
        warm = warm_start is not None
        self.problem = problem
        self._asked: tuple[Method, Mixer, float] = method, mixer, epsilon
        self.method, self.mixer, self._reason = _chosen(problem, method, mixer, warm=warm)
        if warm:
            require(self.method == "statevector", "warm_start", 'needs `method` "statevector"', self.method)
        self.precision: Precision = precision
        self._chance = None if warm_start is None else chances(problem, warm_start, epsilon)
        self.kernel = "reference" if warm else native.kernel()  # which has but the transverse field
        self.offset = 0.0 if self.method in OF_ROUTES else problem.to_ising().offset
        self._cones: dict[int, ConeEngine] = {}
        self._choices: dict[int, Choice] = {}
        if self.method in WITH_STATE:
            _ = self.engine  # refused now, if at all

    def __reduce__(self) -> tuple[Any, ...]:
        method, mixer, epsilon = self._asked
        options: Any = {"method": method, "mixer": mixer, "epsilon": epsilon, "precision": self.precision}
        return partial(Simulator, self.problem, warm_start=self._chance, **options), ()

    @property
    def _key(self) -> tuple[object, ...]:
        chance = None if self._chance is None else self._chance.tobytes()
        return self.problem, self.method, self.mixer, self.precision, chance

    def __eq__(self, other: object) -> bool:
        """The same problem, simulated in the same way."""
        return self._key == other._key if isinstance(other, Simulator) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._key)

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
        problem, dtype, dense = self.problem, COMPLEX[self.precision], self.kernel == "reference"
        if isinstance(problem, PriorityRouting) and self.method == "compressed":
            return prepare.compress(problem)
        if isinstance(problem, PriorityRouting) and self.method == "subspace":
            return prepare.prepare(problem, self.mixer, dtype, dense=dense)
        self._require_bits()
        ising = problem.to_ising()
        if not dense:
            return BitBasis(ising), SpinEngine(ising, REAL[self.precision])
        costs, chance = reference.cost_diagonal(ising.h, ising.coupling_matrix()), self._chance
        mixer = reference.TransverseField() if chance is None else reference.TiltedField(tilts(chance))
        start = None if chance is None else product_state(chance)
        return BitBasis(ising), DenseEngine(
            costs, mixer, dtype, sense=ising.sense, offset=ising.offset, start=start
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
        if depth not in self._choices:
            self._choices[depth] = self._choose(depth)
        return self._choices[depth]

    def _choose(self, depth: int) -> Choice:
        if self.method != "auto":
            return Choice(method=self.method, reason=self._reason)
        return choose(
            len(self.problem.nodes),
            depth,
            vector=lambda: self._require_bits(states=2),
            cones=lambda: self._cone_engine(depth, LONGEST_CHOSEN).plan,
        )

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
        kind = CompressedState if self.method == "compressed" else State
        return kind(self.problem, self.basis, vector, offset=self.offset, extremes=self.engine.extremes)

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
    ) -> tuple[float, Reals]:
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
        method = (self._choices.get(depth) or self.choice(depth)).method
        if method == "closed_form":
            return self._closed_form
        return self._cone_engine(depth) if method == "lightcone" else self.engine

    def landscape(self, gammas: ArrayLike, betas: ArrayLike) -> Reals:
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


def _chosen(problem: Problem, method: Method, mixer: Mixer, *, warm: bool) -> tuple[Method, Mixer, str]:
    """What "auto" stands for, as far as it does not depend on the depth: the method, the mixer, and why."""
    asked = "it was asked for"
    if isinstance(problem, PriorityRouting):
        reason = "routes are simulated among the feasible ones" if method == "auto" else asked
        return *prepare.choose(problem, method, mixer), reason
    for argument, value in (("method", method), ("mixer", mixer)):
        if value in (*OF_ROUTES, "grover", "swap"):
            raise InvalidInput(f'`{argument}` "{value}" is for PriorityRouting, got {shown(problem)}')
    if method == "auto" and warm:
        return "statevector", "transverse_field", "a warm start takes a state vector"
    if method == "auto" and len(problem.nodes) <= SMALL:
        reason = f"a state vector of {len(problem.nodes)} qubits is quick"
        return "statevector", "transverse_field", reason
    return method, "transverse_field", asked
