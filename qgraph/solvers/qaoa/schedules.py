"""Angles to start from: from theory, from the literature, or from the depth before."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from qgraph.base.checks import require, require_number, require_whole
from qgraph.base.errors import InvalidInput
from qgraph.problems.ising import Ising
from qgraph.simulation.angles import finite_row

Angles = tuple[tuple[float, ...], tuple[float, ...]]

# For 3-regular graphs. Depths 2 and 3: Wurtz and Lykov, arXiv:2107.00677. Others: optima of
# `tree_cut_fraction(3, ...)`, which reach the values of Basso et al., arXiv:2110.14206, table 1.
THREE_REGULAR: dict[int, Angles] = {
    2: ((0.4877097327098487, 0.8979876956225422), (0.5550603400685824, 0.29250781484335187)),
    3: (
        (0.4220840819023261, 0.7984127540558412, 0.9370887965673924),
        (0.608757260014991, 0.45927530900125874, 0.23539562255067184),
    ),
    4: (
        (0.40875573, 0.78056782, 0.98802575, 1.15689218),
        (0.5995576, 0.43433504, 0.29675452, 0.15903585),
    ),
    5: (
        (0.35923884, 0.70608825, 0.82209228, 1.00420436, 1.15393896),
        (0.63166476, 0.5225239, 0.39013418, 0.27598723, 0.14929409),
    ),
    6: (
        (0.33136638, 0.64557479, 0.73165943, 0.83697135, 1.01020678, 1.1272312),
        (0.63589058, 0.53443248, 0.46333948, 0.35999391, 0.25858553, 0.138847),
    ),
    7: (
        (0.30966036, 0.61675711, 0.6881944, 0.7500102, 0.85739355, 1.02118621, 1.12577269),
        (0.64758448, 0.55305994, 0.48928626, 0.44475338, 0.34074531, 0.24434776, 0.13122292),
    ),
    8: (
        (0.29299736, 0.58619942, 0.65520169, 0.70808818, 0.76439928, 0.86504894, 1.0270658, 1.11651226),
        (0.64925588, 0.55557249, 0.50121095, 0.4690232, 0.42018607, 0.31945177, 0.23091387, 0.12283706),
    ),
}


def interpolate(angles: Sequence[float]) -> tuple[float, ...]:
    """Angles for depth p + 1 from those of depth p, linearly (Zhou et al., arXiv:1812.01041, app. B, INTERP).

    >>> interpolate([0.4, 0.8])
    (0.4, 0.6..., 0.8)
    """
    row = finite_row("angles", angles).tolist()
    p = len(row)
    require(p >= 1, "angles", "must have at least one value", angles)
    padded = [0.0, *row, 0.0]
    return tuple((i * padded[i] + (p - i) * padded[i + 1]) / p for i in range(p + 1))


def linear_ramp(depth: int, gamma: float, beta: float) -> Angles:
    """Gammas that rise to `gamma`, betas that fall from `beta` (Sack, Serbyn, arXiv:2101.05742).

    >>> linear_ramp(2, 0.8, 0.4)
    ((0.2, 0.6...), (0.3..., 0.1))
    """
    require_whole("depth", depth, 1)
    gamma, beta = require_number("gamma", gamma), require_number("beta", beta)
    middles = [(layer + 0.5) / depth for layer in range(depth)]
    return tuple(gamma * x for x in middles), tuple(beta * (1 - x) for x in middles)


def fixed_angles(degree: int, depth: int) -> Angles:
    """Angles that do well on every unit-weight `degree`-regular graph, without optimisation.

    Depth 1: the optimum of triangle-free graphs, any degree of at least 2 (Wang, Hadfield, Jiang,
    Rieffel, arXiv:1706.02998). Depths 2 and 3: 3-regular (Wurtz, Lykov, arXiv:2107.00677). Depths 4 to 8:
    3-regular, the optimum of graphs of large girth (`tree_cut_fraction`). Raises `InvalidInput` for others.

    >>> [round(angle, 6) for (angle,) in fixed_angles(3, 1)]
    [0.61548, 0.392699]
    """
    require_whole("degree", degree, 0)
    require_whole("depth", depth, 1)
    if depth == 1 and degree >= 2:
        return (math.atan(1 / math.sqrt(degree - 1)),), (math.pi / 8,)
    if degree == 3 and depth in THREE_REGULAR:
        return THREE_REGULAR[depth]
    raise InvalidInput(
        "fixed angles are known for depth 1 at any degree of at least 2, and for depths 2 to 8 at degree 3, "
        f"got depth {depth} at degree {degree}"
    )


def typical_gamma(ising: Ising) -> float:
    """The size of a good gamma at depth 1: 1 / (2 * root mean square field on a spin), rad per unit of C.

    For a unit-weight D-regular MaxCut this is 1 / sqrt(D), the limit of the best gamma for large D.

    >>> from qgraph import Graph, MaxCut
    >>> round(typical_gamma(MaxCut(Graph.random_regular(4, 10, seed=1)).to_ising()), 12)
    0.5
    """
    largest = max(float(np.abs(ising.J).max(initial=0.0)), float(np.abs(ising.h).max(initial=0.0)))
    if largest == 0:
        return 1.0
    J, h = ising.J / largest, ising.h / largest  # squares of very large or small weights would overflow
    squared = float(2 * np.square(J).sum() + np.square(h).sum()) / len(ising.nodes)
    return 0.5 / math.sqrt(squared) / largest


def first_depth(unit: float, side: float, starts: int, rng: np.random.Generator, mixer: str) -> list[Angles]:
    """Starts at depth 1: where large sparse graphs, or random cities, have their optimum, then random ones.

    (gammas, betas) and (-gammas, -betas) are equivalent, so gamma may be taken positive.
    """
    beta = {"transverse_field": side * np.pi / 8, "grover": -np.pi / 2, "swap": -0.45}[mixer]
    width = {"transverse_field": np.pi / 4, "grover": np.pi, "swap": np.pi / 2}[mixer]
    found: list[Angles] = [((unit,), (beta,))]
    found += [((unit * rng.uniform(0.2, 2.5),), (rng.uniform(-width, width),)) for _ in range(starts - 1)]
    return found


def perturbed(angles: Angles, starts: int, rng: np.random.Generator) -> list[Angles]:
    """The angles themselves, then copies disturbed by a tenth of a radian or a tenth of their size."""
    found, depth = [angles], len(angles[0])
    for _ in range(starts - 1):
        gammas = np.array(angles[0]) * (1 + 0.1 * rng.standard_normal(depth))
        betas = np.array(angles[1]) + 0.1 * rng.standard_normal(depth)
        found.append((tuple(gammas.tolist()), tuple(betas.tolist())))
    return found


def common_degree(ising: Ising) -> int:
    """The degree D of a MaxCut on a D-regular graph with unit weights. Raises `InvalidInput` for others."""
    degrees = np.bincount(ising.pairs.ravel(), minlength=len(ising.nodes))
    unit = bool((ising.J == -0.5).all()) and not ising.h.any() and ising.sense == "maximize"
    if len(ising.J) == 0 or not unit or np.ptp(degrees):
        rule = "is for MaxCut on a regular graph with unit weights"
        raise InvalidInput(f'`start` "fixed" {rule}; try "interpolate"')
    return int(degrees[0])
