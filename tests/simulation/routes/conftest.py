"""Cities with tiers of all shapes, and angles of any size and sign."""

from __future__ import annotations

import numpy as np
from conftest import oneway_routing, random_angles

import qgraph as qg

ANGLES = {
    "random": random_angles(3, seed=4),
    "large": (np.array([40.0, -3.0]), np.array([1e3, -1e20])),
    "full turns": (np.array([0.1, -0.2]), np.array([2 * np.pi, np.pi])),
    "none": (np.array([0.0, 1e-9]), np.array([0.4, 0.0])),
    "no layer": (np.zeros(0), np.zeros(0)),
}


def tiers(sizes: list[int], *, depot: bool = True, closed: bool = False) -> qg.PriorityRouting:
    city = qg.City.random(sum(sizes), 0, depot=depot, seed=sum(sizes))
    names = iter(city.tiers[0])
    return qg.PriorityRouting(
        city, return_to_depot=closed, tiers=[[next(names) for _ in range(k)] for k in sizes]
    )


ROUTINGS = {
    "one stop": tiers([1]),
    "two tiers of one": tiers([1, 1], depot=False),
    "one tier": tiers([5]),
    "one tier, no depot": tiers([4], depot=False),
    "two tiers": tiers([3, 4]),
    "closed": tiers([4, 3], closed=True),
    "three tiers": tiers([2, 3, 3], depot=False),
    "many runs": tiers([5, 5], closed=True),
    "one-way": oneway_routing(),
}
