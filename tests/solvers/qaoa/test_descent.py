"""The descent of the search for angles: compared with SciPy, and what known curvature saves."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from conftest import asymmetric_graph, spin_glass
from scipy.optimize import minimize, rosen, rosen_der, rosen_hess

import qgraph as qg
from qgraph.base.typing import Reals
from qgraph.solvers.qaoa.descent import Minimum, descend, inverted, lengthened, measured
from qgraph.solvers.qaoa.search import AngleSearch

GRAPH = qg.MaxCut(asymmetric_graph(8, 1))


class Counted:
    """Rosenbrock's function, and how often it was evaluated."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, x: Reals) -> tuple[float, Reals]:
        self.count += 1
        return float(rosen(x)), rosen_der(x)


def found_by(loss: Any, x: Reals, inverse: Reals | None = None, most: int = 200) -> Minimum:
    found = descend(loss, x, inverse, most=most, gap=1e-12, iterated=lambda: None, known=lambda *_: False)
    assert found is not None
    return found


def test_a_curved_valley_is_followed_to_its_end() -> None:
    loss = Counted()
    found = found_by(loss, np.array([1.3, 0.7, 0.8, 1.9]))
    assert found.converged
    assert found.loss < 1e-10
    assert found.x == pytest.approx(np.ones(4), abs=1e-5)
    assert loss.count < 2 * minimize(rosen, [1.3, 0.7, 0.8, 1.9], jac=rosen_der, method="BFGS").nfev


def test_known_curvature_saves_evaluations() -> None:
    start, without, known = np.array([1.1, 1.15, 1.3]), Counted(), Counted()
    found_by(without, start)
    found = found_by(known, start, np.linalg.inv(rosen_hess(start)))
    assert found.loss < 1e-10
    assert known.count < without.count
    assert found.curvature is not None


def test_iterations_that_run_out_are_no_convergence() -> None:
    found = found_by(Counted(), np.array([-1.2, 1.0]), most=3)
    assert not found.converged
    assert not found.attracts(1e9, found.x, found.gradient, np.pi)


def test_a_flat_place_is_an_end() -> None:
    found = found_by(lambda x: (1.0, np.zeros(2)), np.zeros(2))
    assert (found.converged, found.inverse) == (True, None)
    assert measured(lambda x: (1.0, np.zeros(2)), found, 1e-5) is None
    assert inverted(np.zeros((2, 2))) is None
    assert inverted(np.full((2, 2), np.nan)) is None


def test_differences_of_gradients_are_the_curvature() -> None:
    x = np.array([0.4, -0.3, 1.2])
    at = Minimum(float(rosen(x)), x, rosen_der(x), None, True)
    assert measured(Counted(), at, 1e-6) == pytest.approx(rosen_hess(x), rel=1e-4)


def test_a_curvature_of_one_band_stays_one() -> None:
    """Constant along its diagonals, it is constant when it is longer."""
    gammas, betas, mixed = (3.0, -1.0, 0.5), (8.0, -2.0, 0.25), (1.0, 0.5, -0.5)

    def banded(p: int) -> Reals:
        apart = np.subtract.outer(range(p), range(p))
        block = [np.select([np.abs(apart) == k for k in range(3)], row) for row in (gammas, mixed, betas)]
        return np.block([[block[0], block[1]], [block[1], block[2]]])

    assert lengthened(banded(4)) == pytest.approx(banded(5))


def test_each_diagonal_is_stretched_between_its_ends() -> None:
    longer = lengthened(np.diag([1.0, 2.0, 3.0, 8.0, 6.0, 4.0]))
    assert longer == pytest.approx(np.diag([1.0, 5 / 3, 7 / 3, 3.0, 8.0, 20 / 3, 16 / 3, 4.0]))


CURVATURE = np.array([[3.0, 0.5, 0.2, 0.0], [0.5, 2.0, 0.0, 0.1], [0.2, 0.0, 4.0, 1.0], [0.0, 0.1, 1.0, 5.0]])
PLACE = np.array([0.5, 0.9, 0.6, 0.3])
PARABOLA = Minimum(-2.0, PLACE, np.zeros(4), np.linalg.inv(CURVATURE), True)


@pytest.mark.parametrize("sign", [1.0, -1.0])
@pytest.mark.parametrize("turns", [(0, 0), (1, -2)])
def test_a_basin_is_known_by_its_shape(sign: float, turns: tuple[int, int]) -> None:
    away = np.array([0.1, -0.2, 0.05, 0.1])
    loss, gradient = -2.0 + away @ CURVATURE @ away / 2, CURVATURE @ away
    x = sign * (PLACE + away) + np.pi * np.array([0, 0, *turns])
    assert PARABOLA.attracts(loss, x, sign * gradient, np.pi)
    assert not PARABOLA.attracts(loss, x, -sign * gradient, np.pi), "this way leads elsewhere"
    assert not PARABOLA.attracts(loss, x, 0.3 * sign * gradient, np.pi), "there may be a ridge"
    assert not PARABOLA.attracts(-2.5, x, sign * gradient, np.pi), "this is better than the minimum"
    sideways = np.array([away[1], -away[0], 0, 0]) * 6
    assert not PARABOLA.attracts(loss, x, sign * (gradient + sideways), np.pi), "the gradient is another one"


@pytest.mark.parametrize(
    "problem", [GRAPH, spin_glass(7, 2), qg.IndependentSet(qg.Graph.erdos_renyi(8, 0.4, seed=3))]
)
def test_starts_that_are_cut_short_lose_nothing(problem: qg.Problem, monkeypatch: pytest.MonkeyPatch) -> None:
    short = qg.solve_qaoa(problem, 4, seed=2)
    monkeypatch.setattr(AngleSearch, "_is_known", lambda *_: False)
    full = qg.solve_qaoa(problem, 4, seed=2)
    assert short.expectation == pytest.approx(full.expectation, rel=1e-9)
    assert short.evaluations < 0.7 * full.evaluations


def test_searches_on_many_threads_find_the_same() -> None:
    alone = qg.solve_qaoa(GRAPH, 3, seed=2, progress=False)
    with ThreadPoolExecutor(8) as pool:
        jobs = [pool.submit(qg.solve_qaoa, GRAPH, 3, seed=2, progress=False) for _ in range(16)]
        for result in (job.result() for job in jobs):
            assert (result.gammas, result.betas, result.history) == (alone.gammas, alone.betas, alone.history)


def test_a_search_loads_no_optimiser() -> None:
    """SciPy's takes longer to load than a search, and its BLAS wakes threads for vectors of ten numbers."""
    code = "import sys, qgraph as qg; qg.solve_qaoa(qg.MaxCut(qg.Graph.ring(6)), 2); print('scipy' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "False\n"
