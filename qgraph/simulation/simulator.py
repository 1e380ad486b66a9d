"""The one door to simulation: a problem prepared for many evaluations, by any method."""

from __future__ import annotations

from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import numpy as np

from qgraph.base.checks import require, require_whole
from qgraph.base.typing import Angles, ArrayLike, Reals
from qgraph.problems.problem import Problem, require_problem
from qgraph.problems.routing import PriorityRouting
from qgraph.simulation.angles import check_angles, finite_row
from qgraph.simulation.choose import COMPLEX, OF_ROUTES, WITH_STATE, Choice, Choices, Method, Mixer, Precision
from qgraph.simulation.engine import Basis, Engine, Evaluator
from qgraph.simulation.formulas.depth_one import ClosedForm
from qgraph.simulation.routes.prepare import route_engine
from qgraph.simulation.state import State, require_share
from qgraph.simulation.vector.bits import BitBasis, bit_engine
from qgraph.simulation.warm_start import EPSILON, WarmStart, chances

if TYPE_CHECKING:
    from qgraph.simulation.cones.plan import LightCones

BOND_DIMENSION = 64


class Simulator:
    """A problem prepared for many evaluations.

    `method` is one of:

    - "statevector": all 2**n bit strings with the transverse field. If no term is linear, half of them are
      stored. Each further node doubles the memory.
    - "subspace": only the feasible routes of a `PriorityRouting`; "compressed": only their travel times.
    - "closed_form": depth 1, any size; expectations, gradients and landscapes, no state.
    - "lightcone": problems of any size, each term of C on the nodes that it depends on, exactly; the same, no
      state. What counts is not the number of nodes but how many cycles a cone has: see `light_cones`.
    - "mps": approximate expectations and correlations from a matrix product state. Only where asked for.
    - "auto": for routes "subspace", or "compressed" if there are more than 4 million of them and no tier has
      more than 16 stops. For other problems the quickest method at a depth, see `choice`; states are
      computed by "statevector".

    `precision` is that of states. Raises `ProblemTooLarge` before anything is allocated.

    **Mixers of routes** start from the uniform superposition of all feasible routes. `"grover"`, the default,
    is `exp(-i beta |F><F|)` (Baertschi, Eidenbenz, arXiv:2006.00354, section III). `"swap"` is a product of
    exp(-i beta S) = cos(beta) - i sin(beta) S, where S exchanges the stops at two neighbouring positions of
    a tier: 1-2, 3-4 and so on of each tier, then 2-3, 4-5 and so on. These are the ordering swap mixers of
    Hadfield et al., arXiv:1709.03489, partitioned by parity. The product is the definition, and a circuit
    applies it exactly (`to_circuit`); it is not the exponential of the sum of swaps.

    **Many routes.** Under the Grover mixer an amplitude depends only on the route's travel time, as a sum
    of p + 1 exponentials. `"compressed"` stores these and no routes. It computes expectations, gradients,
    variances and samples for 8! 8! routes and more, exactly, always in double precision. Methods that need
    every route (`amplitudes`, `cvar`, `distribution`, `top`) raise `ProblemTooLarge`.

    **Matrix product states** keep at most `bond_dimension` singular values, 64 by default, between any two
    parts of a line of nodes. `expectation` then returns a `Truncated`: a float with an estimate of its error,
    the bond dimension that was reached, and the discarded weight. This is good for paths, rings, ladders and
    narrow grids of any length, at depths that light cones do not reach; where they do, they are exact and
    quicker. It is useless for random and for wide graphs beyond what a state vector does: entanglement grows
    with each layer, and the bond dimension that is needed grows exponentially with it. See `MatrixProducts`
    in `simulation/mps.py` for the estimate.

    `warm_start` begins near a solution and mixes around it (Egger, Marecek, Woerner, arXiv:2009.10095). Give
    the chance of a 1 for each node, as a sequence or mapping, or a solution. Chances are kept at least
    `epsilon` away from 0 and 1, so that other solutions can be reached. These states are stored in full.
    Credit the warm start, not QAOA, for how good the first state is.

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
        bond_dimension: int | None = None,
    ) -> None:
        require_problem(problem)
        self.problem = problem
        rule = 'is for `method` "mps"'
        require(bond_dimension is None or method == "mps", "bond_dimension", rule, bond_dimension)
        self._asked: tuple[Method, Mixer, float] = method, mixer, epsilon
        self.choices = Choices(problem, method, mixer, precision, warm=warm_start is not None)
        self.method, self.mixer = self.choices.method, self.choices.mixer
        self.precision, self.kernel = self.choices.precision, self.choices.kernel
        self._chance = None if warm_start is None else chances(problem, warm_start, epsilon)
        self.offset = 0.0 if self.method in OF_ROUTES else problem.to_ising().offset
        self._evaluators: dict[int, Evaluator] = {}
        self.bond_dimension = BOND_DIMENSION if bond_dimension is None and method == "mps" else bond_dimension
        if self.bond_dimension is not None:
            # Here, because `import qgraph` should not pay for matrix product states.
            from qgraph.simulation.mps import MatrixProducts

            self._products = MatrixProducts(problem.to_ising(), self.bond_dimension)
        if self.method in WITH_STATE:
            _ = self.engine  # raises ProblemTooLarge if it does not fit

    def __reduce__(self) -> tuple[Any, ...]:
        method, mixer, epsilon = self._asked
        options: Any = {"method": method, "mixer": mixer, "epsilon": epsilon, "precision": self.precision}
        options |= {"warm_start": self._chance, "bond_dimension": self.bond_dimension}
        return partial(Simulator, self.problem, **options), ()

    @property
    def _key(self) -> tuple[object, ...]:
        chance = None if self._chance is None else self._chance.tobytes()
        return self.problem, self.method, self.mixer, self.precision, self.bond_dimension, chance

    def __eq__(self, other: object) -> bool:
        """The same problem, simulated in the same way."""
        return self._key == other._key if isinstance(other, Simulator) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._key)

    @cached_property
    def engine(self) -> Engine:
        """The engine that evolves states."""
        return self._prepared[1]

    @cached_property
    def basis(self) -> Basis:
        """The basis states."""
        return self._prepared[0]

    @cached_property
    def _prepared(self) -> tuple[Basis, Engine]:
        self.choices.require_state()
        problem, dtype = self.problem, COMPLEX[self.precision]
        if isinstance(problem, PriorityRouting) and self.method in OF_ROUTES:
            return route_engine(problem, self.method, self.mixer, dtype, self.kernel)
        ising = problem.to_ising()
        return BitBasis(ising), bit_engine(ising, dtype, self.kernel, self._chance)

    def light_cones(self, depth: int) -> LightCones:
        """Size, memory and time of the light cones at this depth. Raises `ProblemTooLarge` beyond an hour.

        >>> from qgraph import Graph, MaxCut
        >>> plan = Simulator(MaxCut(Graph.ring(1000))).light_cones(depth=3)
        >>> plan.kinds, plan.qubits
        (1, 8)
        """
        require_whole("depth", depth, 0)
        return self.choices.cone_engine(depth).plan

    def hardness(self, depth: int) -> Reals:
        """How hard each coupled pair is at this depth, by its light cone: float64[m], no unit.

        log10 of about how many products its value and gradient take, in the order of
        `problem.to_ising().pairs`. Pairs of equal cones share one computation. Pairs whose coupling is 0 are
        not a number. Raises `ProblemTooLarge` beyond an hour, as `light_cones` does.

        >>> from qgraph import Graph, MaxCut
        >>> triangle_and_tail = Graph.from_edges([(0, 1), (1, 2), (0, 2), (2, 3), (3, 4), (4, 5)])
        >>> Simulator(MaxCut(triangle_and_tail)).hardness(depth=1).round(1)
        array([1.7, 2.1, 2.1, 1. , 1. , 1. ])
        """
        require_whole("depth", depth, 0)
        return self.choices.cone_engine(depth).hardness()

    def choice(self, depth: int) -> Choice:
        """The method that evaluates expectations at this depth, and why.

        "auto" takes the state vector up to 22 nodes. With more nodes it takes the closed form at depth 1, and
        at larger depths light cones or the state vector, depending on the estimated time. Raises
        `ProblemTooLarge` if neither runs in reasonable time.

        >>> from qgraph import Graph, MaxCut
        >>> [Simulator(MaxCut(Graph.ring(n))).choice(depth=2).method for n in (10, 1000)]
        ['statevector', 'lightcone']
        """
        require_whole("depth", depth, 0)
        return self.choices.at(depth)

    def require_state(self, what: str) -> Method:
        """The method of states. Raises `InvalidInput` if there is none, `ProblemTooLarge` if none fits."""
        method = self.choices.for_state(what)
        _ = self.engine  # raises ProblemTooLarge if it does not fit
        return method

    def has_state(self, depth: int) -> bool:
        """Whether `state` works at this depth and takes only seconds."""
        return self.choices.has_state(depth)

    def state(self, gammas: ArrayLike, betas: ArrayLike) -> State:
        """The state `|gammas, betas>`. Raises `InvalidInput` for methods that have none.

        >>> from qgraph import Graph, MaxCut
        >>> Simulator(MaxCut(Graph.ring(4))).state([], []).variance()
        1.0
        """
        angles = check_angles(gammas, betas)
        self.require_state("`state`")
        return State(self.problem, self.basis, self.engine, self.engine.evolve(*angles), self.offset)

    def expectation(self, gammas: ArrayLike, betas: ArrayLike) -> float:
        """<C> at these angles; a `Truncated` with method "mps".

        >>> from qgraph import Graph, MaxCut
        >>> Simulator(MaxCut(Graph.ring(4))).expectation([], [])
        2.0
        >>> long = Simulator(MaxCut(Graph.ring(100)), method="mps", bond_dimension=8)
        >>> long.expectation([0.4, 0.7], [0.6, 0.3])
        73.7 +- 0.6 (bond dimension 8, discarded weight 0.011)
        """
        angles = check_angles(gammas, betas)
        if self.method == "mps":
            return self._products.expectation(*angles)
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
        """The same of C - offset, so that a large offset costs no precision. Angles are not checked."""
        if cvar < 1:
            self.require_state("`cvar` below 1")
            return self.engine.gradient(gammas, betas, cvar)
        return self._evaluator(len(gammas)).gradient(gammas, betas)

    def _evaluator(self, depth: int) -> Evaluator:
        self.choices.require_exact()
        found = self._evaluators.get(depth)
        if found is None:
            method = self.choice(depth).method
            if method == "closed_form":
                found = ClosedForm.of(self.problem.to_ising())
            else:
                found = self.choices.cone_engine(depth) if method == "lightcone" else self.engine
            self._evaluators[depth] = found
        return found

    def correlations(self, gammas: ArrayLike, betas: ArrayLike) -> Reals:
        """<Z_i Z_j> of the coupled pairs, in the order of `problem.to_ising().pairs`: float64[m].

        By the method of the expectation at this depth. From light cones, pairs whose coupling is 0 have none,
        and are not a number. With method "mps" they are approximate, as its expectation is.

        >>> from qgraph import Graph, MaxCut
        >>> Simulator(MaxCut(Graph.ring(1000))).correlations([np.pi / 4], [np.pi / 8])[:2].round(12)
        array([-0.5, -0.5])
        """
        gamma, beta = check_angles(gammas, betas)
        if self.method == "mps":
            return self._products.correlations(gamma, beta)
        evaluator = self._evaluator(len(gamma))
        if isinstance(evaluator, ClosedForm):
            return evaluator.correlations(float(gamma[0]), float(beta[0]))[1]
        if self.choice(len(gamma)).method == "lightcone":
            return self.choices.cone_engine(len(gamma)).correlations(gamma, beta)
        return self.state(gamma, beta).correlations()

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
