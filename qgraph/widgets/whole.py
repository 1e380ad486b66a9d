"""Edits that make a whole new graph or city: a layout, an empty one, a generated one, one from a file."""

from __future__ import annotations

import base64
import binascii
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from qgraph.base.checks import require, require_whole
from qgraph.base.errors import InvalidInput, shown
from qgraph.models.build import build
from qgraph.models.city import City
from qgraph.models.graph import Graph
from qgraph.models.layouts import KINDS
from qgraph.readers import CITY_READERS, GRAPH_READERS, read_city, read_graph

LARGEST_IMPORT = 5_000_000  # bytes; a message of a browser to the kernel may have 10 MB
LONGEST_NAME = 100  # characters; the end of a longer one is kept
MOST_DRAWN = 2000  # nodes; more make a browser slow

Generator = tuple[Callable[..., Any], dict[str, float]]

GRAPHS: dict[str, Generator] = {
    "random regular": (Graph.random_regular, {"degree": 3, "n": 12, "seed": 1}),
    "Erdős–Rényi": (Graph.erdos_renyi, {"n": 12, "probability": 0.3, "seed": 1}),
    "ring": (Graph.ring, {"n": 8}),
    "complete": (Graph.complete, {"n": 6}),
    "grid": (Graph.grid, {"rows": 3, "columns": 4}),
}
CITIES: dict[str, Generator] = {"random city": (City.random, {"stops": 8, "priority": 3, "seed": 1})}


def tools(model: Graph | City) -> dict[str, Any]:
    """What a script offers for a graph or a city: layouts, generators with their values, endings of files.

    >>> tools(Graph.ring(3))["generators"]["ring"]
    {'n': 8}
    """
    of_graphs = isinstance(model, Graph)
    return {
        "layouts": list(KINDS) if of_graphs else [],
        "generators": {name: values for name, (_, values) in (GRAPHS if of_graphs else CITIES).items()},
        "endings": [*(GRAPH_READERS if of_graphs else CITY_READERS), ".gz"],
    }


def laid_out(model: Graph, edit: Mapping[str, Any], aspect: float) -> Graph:
    """The graph with coordinates by the layout that the edit names."""
    return model.with_layout(edit["value"], aspect=aspect)


def cleared(model: Graph | City, _edit: Mapping[str, Any], _aspect: float) -> Graph | City:
    """The graph or city without nodes."""
    fields = {name: getattr(model, name) for name in type(model).model_fields}
    return build(type(model), **{**fields, "nodes": (), "edges": ()})


def generated(model: Graph | City, edit: Mapping[str, Any], _aspect: float) -> Graph | City:
    """A graph or city by one of the generators.

    >>> generated(Graph.ring(3), {"name": "complete", "values": {"n": 4}}, 1.0)
    Graph(4 nodes, 6 edges)
    """
    known = GRAPHS if isinstance(model, Graph) else CITIES
    name, values = edit["name"], edit["values"]
    require(name in known, "name", f"must be one of {', '.join(known)}", name)
    make, wanted = known[name]
    require(values.keys() == wanted.keys(), "values", f"must be {', '.join(wanted)}", list(values))
    for size in wanted.keys() & {"n", "rows", "columns", "stops"}:
        require_whole(size, values[size], 0, MOST_DRAWN)
    return _drawable(make(**values))


def loaded(model: Graph | City, edit: Mapping[str, Any], _aspect: float) -> Graph | City:
    """The graph or city in a file: `name` is its name, `data` its bytes in base64."""
    name = Path(str(edit["name"])).name[-LONGEST_NAME:] or "file"
    try:
        data = base64.b64decode(edit["data"], validate=True)
    except binascii.Error:
        raise InvalidInput(f"`data` must be base64, got {shown(edit['data'])}") from None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, name)
        path.write_bytes(data)
        read = read_graph if isinstance(model, Graph) else read_city
        return _drawable(read(path, max_bytes=LARGEST_IMPORT))


def _drawable(model: Graph | City) -> Graph | City:
    nodes = len(model.nodes)
    require(nodes <= MOST_DRAWN, "graph", f"must have at most {MOST_DRAWN} nodes to be drawn", nodes)
    return model
