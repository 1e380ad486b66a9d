"""Distances from coordinates, by the rules of TSPLIB 95 (Reinelt, section 2)."""

from __future__ import annotations

from typing import Literal

import numpy as np

from qgraph.base.typing import Reals

Metric = Literal["EUC_2D", "CEIL_2D", "MAN_2D", "MAX_2D", "ATT", "GEO"]

EARTH_RADIUS = 6378.388  # km; TSPLIB defines this and PI
PI = 3.141592
AT_ONCE = 2**20  # distances at a time, which limits the memory for intermediate arrays


def distances(metric: Metric, places: Reals) -> Reals:
    """Distances between all places, as whole numbers: float64[n, 2] to float64[n, n] with a zero diagonal.

    Places are (x, y); for "GEO" they are (longitude, latitude), written as degrees.minutes.

    >>> distances("EUC_2D", np.array([[0.0, 0.0], [3.5, 2.4]]))[0]
    array([0., 4.])
    """
    n = len(places)
    table = np.empty((n, n))
    step = max(1, AT_ONCE // max(n, 1))
    for start in range(0, n, step):
        rows = places[start : start + step]
        if metric == "GEO":
            table[start : start + step] = _geographical(rows, places)
        else:
            dx, dy = np.abs(rows[:, None] - places[None, :]).transpose(2, 0, 1)
            table[start : start + step] = _planar(metric, dx, dy)
    np.fill_diagonal(table, 0.0)
    return table


def _planar(metric: Metric, dx: Reals, dy: Reals) -> Reals:
    if metric == "MAN_2D":
        return _nearest(dx + dy)
    if metric == "MAX_2D":
        return np.maximum(_nearest(dx), _nearest(dy))
    squared = dx * dx + dy * dy  # np.hypot may come out just below an exact half
    if metric == "EUC_2D":
        return _nearest(np.sqrt(squared))
    return np.asarray(np.ceil(np.sqrt(squared if metric == "CEIL_2D" else squared / 10)))


def _nearest(values: Reals) -> Reals:
    """TSPLIB's nint: to the nearest whole number, halves up."""
    return np.asarray(np.floor(values + 0.5))


def _geographical(rows: Reals, places: Reals) -> Reals:
    here, there = _radians(rows), _radians(places)
    q1 = np.cos(here[:, None, 0] - there[None, :, 0])
    q2 = np.cos(here[:, None, 1] - there[None, :, 1])
    q3 = np.cos(here[:, None, 1] + there[None, :, 1])
    angle = np.arccos(np.clip(((1 + q1) * q2 - (1 - q1) * q3) / 2, -1, 1))
    return np.asarray(np.floor(EARTH_RADIUS * angle + 1))


def _radians(places: Reals) -> Reals:
    """From degrees.minutes."""
    degrees = np.trunc(places)
    return PI * (degrees + 5 * (places - degrees) / 3) / 180
