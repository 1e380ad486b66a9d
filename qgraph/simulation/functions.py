"""Simulate QAOA exactly: states, expectations, gradients and landscapes."""

from __future__ import annotations

from qgraph.base.typing import ArrayLike, Reals
from qgraph.problems.problem import Problem
from qgraph.simulation.choose import Method, Mixer, Precision
from qgraph.simulation.simulator import Simulator
from qgraph.simulation.state import State
from qgraph.simulation.warm_start import EPSILON, WarmStart


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
    """The QAOA state of a problem at `gammas`, `betas` (rad). See `Simulator` for the options.

    >>> import numpy as np
    >>> from qgraph import Graph, MaxCut
    >>> round(simulate(MaxCut(Graph.ring(4)), [np.pi / 4], [np.pi / 8]).optimum_probability(), 12)
    0.53125
    """
    return Simulator(
        problem, method=method, precision=precision, warm_start=warm_start, epsilon=epsilon, mixer=mixer
    ).state(gammas, betas)


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
    bond_dimension: int | None = None,
) -> float:
    """<C> of a problem at `gammas`, `betas` (rad). See `Simulator` for the options.

    >>> import numpy as np
    >>> from qgraph import Graph, MaxCut
    >>> round(expectation(MaxCut(Graph.ring(6)), [np.pi / 4], [np.pi / 8]), 12)
    4.5
    """
    return Simulator(
        problem,
        method=method,
        precision=precision,
        warm_start=warm_start,
        epsilon=epsilon,
        mixer=mixer,
        bond_dimension=bond_dimension,
    ).expectation(gammas, betas)


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
) -> tuple[float, Reals]:
    """<C> and its derivatives by all angles: float64[2, p], d/dgamma then d/dbeta.

    >>> import numpy as np
    >>> from qgraph import Graph, MaxCut
    >>> value, gradient = expectation_and_gradient(MaxCut(Graph.ring(6)), [np.pi / 4], [np.pi / 8])
    >>> abs(gradient).max() < 1e-12
    np.True_
    """
    return Simulator(
        problem, method=method, precision=precision, warm_start=warm_start, epsilon=epsilon, mixer=mixer
    ).expectation_and_gradient(gammas, betas)


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
) -> Reals:
    """<C> at depth 1 on a grid: float64[len(gammas), len(betas)].

    >>> import numpy as np
    >>> from qgraph import Graph, MaxCut
    >>> landscape(MaxCut(Graph.ring(6)), [0, np.pi / 4], [np.pi / 8]).round(6)
    array([[3. ],
           [4.5]])
    """
    return Simulator(
        problem, method=method, precision=precision, warm_start=warm_start, epsilon=epsilon, mixer=mixer
    ).landscape(gammas, betas)
