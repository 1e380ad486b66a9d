"""The kernel's functions; module.c lists them. All arrays are contiguous.

A state of m spins is its real and its imaginary part, re and im: real[2**m], of one precision. With
`flip_symmetric` it is half of a state of m + 1 spins that is unchanged when all spins flip; then h holds the
couplings to the spin that is not stored. `left_re` and `left_im` are workspace of the same shape.
"""

from typing import Literal, TypeAlias, TypedDict, overload

import numpy as np
from numpy.typing import NDArray

Reals: TypeAlias = NDArray[np.floating]
Doubles: TypeAlias = NDArray[np.float64]
Integers: TypeAlias = NDArray[np.int64]

class Features(TypedDict):
    """The instruction sets that this build and this processor have, the best first, and the one in use."""

    supported: list[str]
    chosen: str

def features() -> Features: ...
def choose(name: str, /) -> None: ...
def limit(seconds: float, /) -> None: ...
def independent_spins(itemsize: int, /) -> int: ...
def evolve(
    h: Doubles,  # [m]
    J: Doubles,  # [m, m], symmetric
    flip_symmetric: bool,
    thetas: Doubles,  # [m], of a warm start; or empty
    re: Reals,
    im: Reals,
    gammas: Doubles,  # [depth], at least 1
    betas: Doubles,  # [depth]
    threads: int,
    /,
) -> tuple[float, float, float]: ...  # the norm, <C> and <C C>
def expectation(
    h: Doubles,
    J: Doubles,
    flip_symmetric: bool,
    thetas: Doubles,
    re: Reals,
    im: Reals,
    gammas: Doubles,
    betas: Doubles,
    threads: int,
    /,
) -> tuple[float, float]: ...  # the norm and <C>
def evolve_only(
    h: Doubles,
    J: Doubles,
    flip_symmetric: bool,
    thetas: Doubles,
    re: Reals,
    im: Reals,
    gammas: Doubles,
    betas: Doubles,
    threads: int,
    /,
) -> None: ...
def gradient(
    h: Doubles,
    J: Doubles,
    flip_symmetric: bool,
    thetas: Doubles,
    measured_h: Doubles,  # [m], of O; h and J themselves for the objective
    measured_J: Doubles,
    re: Reals,  # the evolved state; evolved back afterwards
    im: Reals,
    left_re: Reals,
    left_im: Reals,
    gammas: Doubles,
    betas: Doubles,
    sign: float,
    quantile: float,
    alpha: float,
    out: Doubles,  # [2, depth]
    threads: int,
    /,
) -> float: ...  # <O>
def moments(
    h: Doubles, J: Doubles, flip_symmetric: bool, re: Reals, im: Reals, threads: int, /
) -> tuple[float, float, float]: ...
def histogram(
    h: Doubles,
    J: Doubles,
    flip_symmetric: bool,
    re: Reals,  # empty: every basis state has weight 1
    im: Reals,
    low: float,
    high: float,
    out: Doubles,  # [bins, 5]: sums of p, p C and p C**2, the least and the largest C
    threads: int,
    /,
) -> None: ...
def evolve_routes(
    outer: Doubles,  # [routes through all tiers except the last]
    last: NDArray[np.int32],  # of each of them, its last stop
    links: Doubles,  # [last stops, first stops of the last tier]
    inner: Doubles,  # [routes through the last tier]
    re: Reals,  # [outer * inner]
    im: Reals,
    gammas: Doubles,
    betas: Doubles,
    threads: int,
    /,
) -> None: ...
def gradient_routes(
    outer: Doubles,
    last: NDArray[np.int32],
    links: Doubles,
    inner: Doubles,
    re: Reals,
    im: Reals,
    left_re: Reals,
    left_im: Reals,
    gammas: Doubles,
    betas: Doubles,
    sign: float,
    quantile: float,
    alpha: float,
    out: Doubles,
    threads: int,
    /,
) -> float: ...
def evolve_swaps(
    outer: Doubles,
    last: NDArray[np.int32],
    links: Doubles,
    inner: Doubles,
    swaps: Integers,  # [swaps, 2]: stops left at the first position, routes that share all up to the second
    re: Reals,
    im: Reals,
    gammas: Doubles,
    betas: Doubles,
    threads: int,
    /,
) -> None: ...
def gradient_swaps(
    outer: Doubles,
    last: NDArray[np.int32],
    links: Doubles,
    inner: Doubles,
    swaps: Integers,
    re: Reals,
    im: Reals,
    left_re: Reals,
    left_im: Reals,
    gammas: Doubles,
    betas: Doubles,
    sign: float,
    quantile: float,
    alpha: float,
    out: Doubles,
    threads: int,
    /,
) -> float: ...
def histogram_routes(
    outer: Doubles,
    last: NDArray[np.int32],
    links: Doubles,
    inner: Doubles,
    re: Reals,
    im: Reals,
    low: float,
    high: float,
    out: Doubles,
    threads: int,
    /,
) -> None: ...
def sums(
    re: Reals,
    im: Reals,
    sums: Doubles,  # [runs] of equal length
    maxima: Doubles,  # [runs]
    threads: int,
    /,
) -> None: ...
def locate(
    re: Reals,
    im: Reals,
    sums: Doubles,
    points: Doubles,  # [shots], in increasing order
    found: Integers,  # [shots]
    /,
) -> None: ...
def depth_one(
    starts: Integers,  # [n + 1]: where a node's neighbours begin
    neighbours: Integers,  # sorted within a node
    couplings: Doubles,  # of each neighbour
    h: Doubles,  # [n]
    ends: Integers,  # [k, 2]
    gamma: float,
    nodes: Doubles,  # [n, 2]: values and derivatives by gamma
    pairs: Doubles,  # [k, 4]: the same of tilt and of flat
    /,
) -> None: ...
def elimination(
    links: NDArray[np.int32],  # [m, 6], see simulation/cones/network.py
    order: NDArray[np.int32],  # [n], output
    shares: Doubles,  # [n], output: products of entries that have each variable
    /,
) -> None: ...
@overload
def contraction(
    links: NDArray[np.int32],  # [m, 6]
    rates: Doubles,  # [m]
    fixed: NDArray[np.int8],  # [n], -1 for the variables that are summed
    order: NDArray[np.int32],  # [n]
    gammas: Doubles,  # [depth]
    betas: Doubles,  # [depth]
    planned: Literal[False],
    space: Doubles,  # workspace of the bytes that were planned
    slopes: Doubles,  # [2, depth], derivatives are added; or empty
    threads: int,
    /,
) -> float: ...
@overload
def contraction(  # nothing is computed: the number of products, and the bytes of workspace
    links: NDArray[np.int32],
    rates: Doubles,
    fixed: NDArray[np.int8],
    order: NDArray[np.int32],
    gammas: Doubles,
    betas: Doubles,
    planned: Literal[True],
    space: Doubles,
    slopes: Doubles,
    threads: int,
    /,
) -> tuple[float, float]: ...
