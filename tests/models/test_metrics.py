"""TSPLIB's distances compared with exact whole numbers and fractions."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

import qgraph as qg
from qgraph.models import metrics

HALF = [[347.42, 278.65], [461.42, 193.15]]  # 114 and 85.5 apart, so 142.5 in all


def nearest_root(square: Fraction) -> int:
    """The square root to the nearest whole number, halves up."""
    return (math.isqrt(4 * square.numerator * square.denominator) + square.denominator) // (
        2 * square.denominator
    )


def root_above(square: Fraction) -> int:
    """The smallest whole number that is at least the square root."""
    least = math.isqrt(square.numerator // square.denominator)
    return least if least * least >= square else least + 1


RULES = {
    "EUC_2D": lambda dx, dy: nearest_root(dx * dx + dy * dy),
    "CEIL_2D": lambda dx, dy: root_above(dx * dx + dy * dy),
    "ATT": lambda dx, dy: root_above((dx * dx + dy * dy) / 10),
    "MAN_2D": lambda dx, dy: math.floor(dx + dy + Fraction(1, 2)),
    "MAX_2D": lambda dx, dy: math.floor(max(dx, dy) + Fraction(1, 2)),
}


@pytest.mark.parametrize("metric", RULES)
@pytest.mark.parametrize("parts", [1, 2, 8])
def test_distances_against_fractions(metric: metrics.Metric, parts: int) -> None:
    grid = np.random.default_rng(parts).integers(-300, 300, (60, 2))
    table = metrics.distances(metric, grid / parts)
    for i, j in itertools.product(range(60), repeat=2):
        dx, dy = (Fraction(abs(int(a - b)), parts) for a, b in zip(grid[i], grid[j], strict=True))
        assert table[i, j] == (RULES[metric](dx, dy) if i != j else 0), (dx, dy)


def test_exact_halves_are_rounded_up() -> None:
    assert metrics.distances("EUC_2D", np.array(HALF))[0, 1] == 143
    assert metrics.distances("EUC_2D", np.array([[0.0, 0.0], [1.5, 2.0]]))[0, 1] == 3


def test_blocks_of_rows_make_one_table(monkeypatch: pytest.MonkeyPatch) -> None:
    places = np.random.default_rng(1).uniform(0, 40, (23, 2))
    whole = {metric: metrics.distances(metric, places) for metric in (*RULES, "GEO")}  # type: ignore[arg-type]
    monkeypatch.setattr(metrics, "AT_ONCE", 50)
    for metric, table in whole.items():
        assert np.array_equal(metrics.distances(metric, places), table)  # type: ignore[arg-type]


def test_every_pair_of_tsp225(data: Path) -> None:
    """With decimal numbers; at an exact half the last binary digit decides, as in TSPLIB's code."""
    lines = (data / "tsplib/tsp225.tsp").read_text().split("NODE_COORD_SECTION")[1].split("EOF")[0]
    words = lines.split()
    places = [(Fraction(x), Fraction(y)) for x, y in zip(words[1::3], words[2::3], strict=True)]
    times = qg.read_city(data / "tsplib/tsp225.tsp").travel.times
    halves = 0
    for (i, a), (j, b) in itertools.combinations(enumerate(places), 2):
        square = (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2
        exact = nearest_root(square)
        if 4 * square == (2 * exact - 1) ** 2:
            dx, dy = float(a[0]) - float(b[0]), float(a[1]) - float(b[1])
            exact = math.floor(math.sqrt(dx * dx + dy * dy) + 0.5)
            halves += 1
        assert times[i, j] == times[j, i] == exact, (i + 1, j + 1)
    assert len(places) == 225
    assert halves > 200
    assert times[74, 110] == 143
