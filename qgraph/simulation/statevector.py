"""Simulate QAOA exactly: states, expectations, gradients and landscapes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from qgraph import memory
from qgraph.errors import InvalidInput, ProblemTooLarge, require
from qgraph.problems.routing import PriorityRouting
from qgraph.simulation import reference
from qgraph.simulation.state import State, tail_values
from qgraph.simulation.subspace import RouteBasis, route_costs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from qgraph.problems.base import Problem
    from qgraph.simulation.state import Basis

Method = Literal["auto", "statevector", "subspace"]
Precision = Literal["single", "double"]

LARGEST_STATE = 32  # qubits
DTYPES: dict[str, type[np.complexfloating]] = {"single": np.complex64, "double": np.complex128}
AMPLITUDES_AT_PEAK = 5  # states held at once while a gradient is computed, the diagonal included


class Simulator:
    """A problem prepared for many evaluations: its diagonal is computed once.

    `method="auto"` simulates `PriorityRouting` on its feasible routes with the Grover mixer
    ("subspace"), everything else on all 2**n bit strings with the transverse field ("statevector").
    Raises `ProblemTooLarge` before anything is allocated.

    >>> from qgraph import Graph, MaxCut
    >>> simulator = Simulator(MaxCut(Graph.ring(6)))
    >>> round(simulator.expectation([np.pi / 4], [np.pi / 8]), 12)
    4.5
    """

    def __init__(self, problem: Problem, *, method: Method = "auto", precision: Precision = "double") -> None:
        require(method in get_args(Method), "method", f"must be one of {', '.join(get_args(Method))}", method)
        require(precision in DTYPES, "precision", 'must be "single" or "double"', precision)
        require(hasattr(problem, "to_ising"), "problem", "must be a problem, such as MaxCut(graph)", problem)
        if method == "auto":
            method = "subspace" if isinstance(problem, PriorityRouting) else "statevector"
        self.problem = problem
        self.method = method
        self.dtype = DTYPES[precision]
        self.basis: Basis
        self.mixer: reference.Mixer
        if method == "subspace":
            if not isinstance(problem, PriorityRouting):
                raise InvalidInput(f'`method` "subspace" is for PriorityRouting, got {problem!r}')
            self._reserve(problem.routes, f"{problem.routes} feasible routes")
            self.basis, self.mixer = RouteBasis(problem), reference.Grover()
            self.costs = route_costs(problem)
        else:
            n = len(problem.nodes)
            if n > LARGEST_STATE:
                raise ProblemTooLarge(
                    f"a state vector of {n} qubits does not fit; at most {LARGEST_STATE} qubits do"
                )
            self._reserve(2**n, f"a state vector of {n} qubits")
            ising = problem.to_ising()
            self.basis, self.mixer = BitBasis(n), reference.TransverseField()
            self.costs = reference.cost_diagonal(ising.h, ising.pairs, ising.J, ising.offset)

    def _reserve(self, size: int, what: str) -> None:
        each = AMPLITUDES_AT_PEAK * np.dtype(self.dtype).itemsize
        fits = max(memory.available() - memory.RESERVE, 1) // each
        memory.need(size * each, what, f"{fits.bit_length() - 1} qubits, or {fits} routes, would fit")

    def state(self, gammas: ArrayLike, betas: ArrayLike) -> State:
        """The state |gammas, betas>."""
        gamma, beta = check_angles(gammas, betas)
        amplitudes = reference.evolve(self.costs, self.mixer, gamma, beta, self.dtype)
        return State(self.problem, self.basis, self.costs, amplitudes)

    def expectation(self, gammas: ArrayLike, betas: ArrayLike) -> float:
        """<C> at these angles."""
        return self.state(gammas, betas).expectation()

    def expectation_and_gradient(
        self, gammas: ArrayLike, betas: ArrayLike, *, cvar: float = 1.0
    ) -> tuple[float, NDArray[np.float64]]:
        """<C>, or the CVaR of the best share `cvar`, and its derivatives: float64[2, p]."""
        gamma, beta = check_angles(gammas, betas)
        amplitudes = reference.evolve(self.costs, self.mixer, gamma, beta, self.dtype)
        p = reference.probabilities(amplitudes)
        values = self.costs if cvar == 1.0 else tail_values(self.costs, p, self.problem.sense, cvar)
        return float(p @ values), reference.gradient(amplitudes, self.costs, values, self.mixer, gamma, beta)

    def landscape(self, gammas: ArrayLike, betas: ArrayLike) -> NDArray[np.float64]:
        """<C> at depth 1 for all pairs of angles: float64[len(gammas), len(betas)]."""
        rows, columns = (_finite_row(name, angles) for name, angles in (("gammas", gammas), ("betas", betas)))
        grid = [[self.expectation([gamma], [beta]) for beta in columns] for gamma in rows]
        return np.array(grid).reshape(len(rows), len(columns))


class BitBasis:
    """All bit strings of n bits."""

    def __init__(self, n: int) -> None:
        self.n = n
        self.size = 2**n

    def bits(self, indices: NDArray[np.int64]) -> NDArray[np.uint8]:
        """The bits of indices: int64[k] to uint8[k, n]."""
        return (np.asarray(indices)[:, None] >> np.arange(self.n) & 1).astype(np.uint8)


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


def check_angles(gammas: ArrayLike, betas: ArrayLike) -> tuple[Sequence[float], Sequence[float]]:
    """Two lists of finite angles of one length. Raises `InvalidInput`."""
    gamma, beta = _finite_row("gammas", gammas), _finite_row("betas", betas)
    require(len(gamma) == len(beta), "betas", f"must be as many as gammas, {len(gamma)}", len(beta))
    return gamma, beta


def _finite_row(argument: str, angles: ArrayLike) -> Sequence[float]:
    try:
        row = np.atleast_1d(np.asarray(angles, dtype=np.float64))
    except (TypeError, ValueError):
        raise InvalidInput(f"`{argument}` must be a list of angles in radians, got {angles!a}") from None
    require(
        row.ndim == 1 and bool(np.isfinite(row).all()), argument, "must be a list of finite angles", angles
    )
    values: list[float] = row.tolist()
    return values
