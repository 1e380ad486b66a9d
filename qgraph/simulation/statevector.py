"""Simulate QAOA exactly: states, expectations, gradients and landscapes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from qgraph import resources
from qgraph.errors import InvalidInput, ProblemTooLarge, require, shown
from qgraph.fields import LARGEST_NUMBER
from qgraph.problems.base import require_problem
from qgraph.problems.routing import PriorityRouting
from qgraph.simulation import feasible, native, reference
from qgraph.simulation.compressed import CompressedState
from qgraph.simulation.dense import DenseEngine
from qgraph.simulation.feasible import DENSE_STATES, Mixer
from qgraph.simulation.spins import SpinEngine
from qgraph.simulation.state import State, require_share
from qgraph.simulation.warm_start import EPSILON, chances, product_state, tilts

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from qgraph.problems.base import Problem
    from qgraph.problems.ising import Ising
    from qgraph.simulation.state import Basis
    from qgraph.simulation.vectors import Engine
    from qgraph.simulation.warm_start import WarmStart

    Angles = NDArray[np.float64]

Method = Literal["auto", "statevector", "subspace", "compressed"]
Precision = Literal["single", "double"]

MOST_QUBITS = 40
COMPLEX: dict[str, type[np.complexfloating]] = {"single": np.complex64, "double": np.complex128}
REAL: dict[str, type[np.floating]] = {"single": np.float32, "double": np.float64}


class Simulator:
    """A problem prepared for many evaluations.

    `method="auto"` simulates `PriorityRouting` on its feasible routes ("subspace"), everything else on all
    2**n bit strings with the transverse field ("statevector"). If no term is linear, half of the state vector
    stands for all of it. Raises `ProblemTooLarge` before anything is allocated.

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
    every route (`amplitudes`, `cvar`, `distribution`, `top`) is refused. "auto" takes it beyond 4 million
    routes, if no tier has more than 16 stops.


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
        self.problem = problem
        self.method, self.mixer = _chosen(problem, method, mixer)
        self.precision: Precision = precision
        chance = None if warm_start is None else chances(problem, warm_start, epsilon)
        warm = chance is not None  # the native kernel has but the transverse field
        self.kernel = "reference" if warm else native.kernel()
        self.basis: Basis
        self.engine: Engine
        if isinstance(problem, PriorityRouting) and self.method != "statevector":
            require(not warm, "warm_start", 'needs `method` "statevector"', self.method)
            self.offset = 0.0
            if self.method == "compressed":
                self.basis, self.engine = feasible.compress(problem)
            else:
                dense, dtype = self.kernel == "reference", COMPLEX[precision]
                self.basis, self.engine = feasible.prepare(problem, self.mixer, dtype, dense=dense)
        else:
            _require_bits(problem, precision, dense=self.kernel == "reference")
            ising = problem.to_ising()
            self.offset = ising.offset
            self.basis = BitBasis(ising)
            if self.kernel == "reference":
                costs = reference.cost_diagonal(ising.h, ising.pairs, ising.J)
                self.engine = DenseEngine(
                    costs,
                    reference.TransverseField() if chance is None else reference.TiltedField(tilts(chance)),
                    COMPLEX[precision],
                    sense=ising.sense,
                    offset=ising.offset,
                    start=None if chance is None else product_state(chance),
                )
            else:
                self.engine = SpinEngine(ising, REAL[precision])

    def state(self, gammas: ArrayLike, betas: ArrayLike) -> State:
        """The state |gammas, betas>.

        >>> from qgraph import Graph, MaxCut
        >>> Simulator(MaxCut(Graph.ring(4))).state([], []).variance()
        1.0
        """
        vector = self.engine.evolve(*check_angles(gammas, betas))
        kind = CompressedState if self.method == "compressed" else State
        return kind(self.problem, self.basis, vector, offset=self.offset, extremes=self.engine.extremes)

    def expectation(self, gammas: ArrayLike, betas: ArrayLike) -> float:
        """<C> at these angles.

        >>> from qgraph import Graph, MaxCut
        >>> Simulator(MaxCut(Graph.ring(4))).expectation([], [])
        2.0
        """
        return self.offset + self.engine.expectation(*check_angles(gammas, betas))

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
        value, gradient = self.engine.gradient(*check_angles(gammas, betas), cvar)
        return self.offset + value, gradient

    def landscape(self, gammas: ArrayLike, betas: ArrayLike) -> NDArray[np.float64]:
        """<C> at depth 1 for all pairs of angles: float64[len(gammas), len(betas)].

        >>> from qgraph import Graph, MaxCut
        >>> Simulator(MaxCut(Graph.ring(4))).landscape([0.0, 0.1], [0.0, 0.1]).shape
        (2, 2)
        """
        rows, columns = (finite_row(name, angles) for name, angles in (("gammas", gammas), ("betas", betas)))
        grid = [
            [self.engine.expectation(gamma, beta) for beta in columns[:, None]] for gamma in rows[:, None]
        ]
        return self.offset + np.array(grid).reshape(len(rows), len(columns))


def _chosen(problem: Problem, method: str, mixer: str) -> tuple[str, str]:
    """What "auto" stands for: the method and the mixer."""
    if isinstance(problem, PriorityRouting):
        return feasible.choose(problem, method, mixer)
    for argument, value in (("method", method), ("mixer", mixer)):
        if value in ("subspace", "compressed", "grover", "swap"):
            raise InvalidInput(f'`{argument}` "{value}" is for PriorityRouting, got {shown(problem)}')
    return "statevector", "transverse_field"


class BitBasis:
    """All bit strings of an Ising model's n bits."""

    def __init__(self, ising: Ising) -> None:
        self.ising = ising
        self.size = 2 ** len(ising.nodes)

    def bits(self, indices: NDArray[np.int64]) -> NDArray[np.uint8]:
        """The bits of indices: int64[k] to uint8[k, n]."""
        bits = np.empty((len(indices), len(self.ising.nodes)), dtype=np.uint8)
        for q in range(bits.shape[1]):  # column by column: no wide temporary, and interrupts are heard
            bits[:, q] = indices >> q & 1
        return bits

    def costs(self) -> NDArray[np.float64]:
        """C of all bit strings: float64[2**n]."""
        ising = self.ising
        return reference.cost_diagonal(ising.h, ising.pairs, ising.J) + ising.offset


def _require_bits(problem: Problem, precision: Precision, *, dense: bool) -> None:
    """Refuse a state vector that would not fit, before anything is allocated."""
    n = len(problem.nodes)
    each = np.dtype(COMPLEX[precision]).itemsize * (DENSE_STATES if dense else 1)
    free = max(resources.free_memory(), 1)
    halved = not dense and n <= MOST_QUBITS and problem.to_ising().flip_symmetric
    fits = min((free // each).bit_length() - 1 + (1 if halved else 0), MOST_QUBITS)
    size = each * 2 ** (n - 1 if halved else n)
    if n > MOST_QUBITS:
        raise ProblemTooLarge(f"a state vector of {n} qubits does not fit; {fits} qubits would fit")
    resources.require_memory(size, f"a state vector of {n} qubits", f"{fits} qubits would fit")


def simulate(
    problem: Problem,
    gammas: ArrayLike,
    betas: ArrayLike,
    *,
    method: Method = "auto",
    precision: Precision = "double",
    warm_start: WarmStart | None = None,
    epsilon: float = EPSILON,
    mixer: Mixer = "auto",
) -> State:
    """The QAOA state of a problem at `gammas`, `betas` (rad). See `Simulator` for the rest.

    >>> from qgraph import Graph, MaxCut
    >>> round(simulate(MaxCut(Graph.ring(4)), [np.pi / 4], [np.pi / 8]).optimum_probability(), 12)
    0.53125
    """
    simulator = Simulator(
        problem, method=method, precision=precision, warm_start=warm_start, epsilon=epsilon, mixer=mixer
    )
    return simulator.state(gammas, betas)


def expectation(
    problem: Problem,
    gammas: ArrayLike,
    betas: ArrayLike,
    *,
    method: Method = "auto",
    precision: Precision = "double",
    warm_start: WarmStart | None = None,
    epsilon: float = EPSILON,
    mixer: Mixer = "auto",
) -> float:
    """<C> of a problem at `gammas`, `betas` (rad).

    >>> from qgraph import Graph, MaxCut
    >>> round(expectation(MaxCut(Graph.ring(6)), [np.pi / 4], [np.pi / 8]), 12)
    4.5
    """
    simulator = Simulator(
        problem, method=method, precision=precision, warm_start=warm_start, epsilon=epsilon, mixer=mixer
    )
    return simulator.expectation(gammas, betas)


def expectation_and_gradient(
    problem: Problem,
    gammas: ArrayLike,
    betas: ArrayLike,
    *,
    method: Method = "auto",
    precision: Precision = "double",
    warm_start: WarmStart | None = None,
    epsilon: float = EPSILON,
    mixer: Mixer = "auto",
) -> tuple[float, NDArray[np.float64]]:
    """<C> and its derivatives by all angles: float64[2, p], d/dgamma then d/dbeta.

    >>> from qgraph import Graph, MaxCut
    >>> value, gradient = expectation_and_gradient(MaxCut(Graph.ring(6)), [np.pi / 4], [np.pi / 8])
    >>> abs(gradient).max() < 1e-12
    np.True_
    """
    simulator = Simulator(
        problem, method=method, precision=precision, warm_start=warm_start, epsilon=epsilon, mixer=mixer
    )
    return simulator.expectation_and_gradient(gammas, betas)


def landscape(
    problem: Problem,
    gammas: ArrayLike,
    betas: ArrayLike,
    *,
    method: Method = "auto",
    precision: Precision = "double",
    warm_start: WarmStart | None = None,
    epsilon: float = EPSILON,
    mixer: Mixer = "auto",
) -> NDArray[np.float64]:
    """<C> at depth 1 on a grid: float64[len(gammas), len(betas)].

    >>> from qgraph import Graph, MaxCut
    >>> landscape(MaxCut(Graph.ring(6)), [0, np.pi / 4], [np.pi / 8]).round(6)
    array([[3. ],
           [4.5]])
    """
    simulator = Simulator(
        problem, method=method, precision=precision, warm_start=warm_start, epsilon=epsilon, mixer=mixer
    )
    return simulator.landscape(gammas, betas)


def check_angles(gammas: ArrayLike, betas: ArrayLike) -> tuple[Angles, Angles]:
    """Two rows of finite angles of one length. Raises `InvalidInput`."""
    gamma, beta = finite_row("gammas", gammas), finite_row("betas", betas)
    require(len(gamma) == len(beta), "betas", f"must be as many as gammas, {len(gamma)}", len(beta))
    return gamma, beta


def finite_row(argument: str, angles: ArrayLike) -> Angles:
    """Finite angles as float64[p]. Raises `InvalidInput`."""
    try:
        row = np.atleast_1d(np.asarray(angles, dtype=np.float64))
    except (TypeError, ValueError):
        raise InvalidInput(f"`{argument}` must be a list of angles in radians, got {shown(angles)}") from None
    good = row.ndim == 1 and bool((np.abs(row) <= LARGEST_NUMBER).all())
    require(good, argument, "must be a list of finite angles", angles)
    return np.ascontiguousarray(row)
