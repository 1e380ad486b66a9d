"""Where to draw the nodes of a graph that has no coordinates."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Literal, get_args

import numpy as np

from qgraph.base.checks import require, require_whole
from qgraph.base.fields import as_name
from qgraph.base.typing import Integers
from qgraph.models.graph_record import Node

Layout = Literal["spring", "circular", "kamada_kawai"]
LARGEST_FORCE_LAYOUT = 2000


def layout(
    ids: Sequence[str], pairs: Integers, *, kind: Layout = "spring", seed: int = 0
) -> dict[str, tuple[float, float]]:
    """Coordinates for each node, in [-1, 1]; above 2000 nodes always a circle, which takes no time."""
    require_whole("seed", seed, 0, 2**32 - 1)
    require(kind in get_args(Layout), "kind", f"must be one of {', '.join(get_args(Layout))}", kind)
    n = len(ids)
    if kind == "circular" or n > LARGEST_FORCE_LAYOUT or n < 2:
        angles = ((name, math.tau * i / n) for i, name in enumerate(ids))
        return {name: (round(math.cos(angle), 12), round(math.sin(angle), 12)) for name, angle in angles}
    import networkx as nx

    graph = nx.empty_graph(n)
    graph.add_edges_from(pairs.tolist())
    start = nx.circular_layout(graph)
    if kind == "spring":
        places = nx.spring_layout(graph, pos=start, seed=seed, iterations=100, method="force")
    else:
        places = nx.kamada_kawai_layout(graph, pos=start)
    return {name: (float(places[i][0]), float(places[i][1])) for i, name in enumerate(ids)}


def moved(nodes: Sequence[Node], positions: Mapping[str, tuple[float, float]]) -> list[Node | dict[str, Any]]:
    """The nodes at their new places; those that `positions` does not name stay as they are."""
    places = {as_name(name): place for name, place in positions.items()}
    unknown = list(places.keys() - {node.id for node in nodes})
    require(not unknown, "positions", "must name nodes of the graph", unknown[:1])
    new: dict[object, dict[str, Any]] = {}
    for name, place in places.items():
        fits = isinstance(place, (tuple, list, np.ndarray)) and len(place) == 2
        require(fits, f"positions[{name!r}]", "must be (x, y)", place)
        new[name] = {"x": place[0], "y": place[1]}
    return [{"id": n.id, "label": n.label, **new[n.id]} if n.id in new else n for n in nodes]
