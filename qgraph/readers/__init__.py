"""Read graphs and cities from files; every complaint names the file, the place and the rule."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeVar, get_args

from qgraph.city import City
from qgraph.errors import InvalidFile, InvalidInput, require, shown
from qgraph.graph import Graph
from qgraph.readers import graphml, json_text, rudy, tsplib
from qgraph.readers.text import LARGEST_FILE, read_text

if TYPE_CHECKING:
    from collections.abc import Callable
    from os import PathLike

Model = TypeVar("Model", Graph, City, Graph | City)
Kind = Literal["auto", "graph", "city"]

GRAPH_READERS: dict[str, Callable[[str], Graph]] = {
    ".json": json_text.graph,
    ".rud": rudy.graph,
    ".rudy": rudy.graph,
    ".mc": rudy.graph,
    ".txt": rudy.graph,
    ".graphml": graphml.graph,
    ".tsp": tsplib.graph,
}
CITY_READERS: dict[str, Callable[[str], City]] = {
    ".json": json_text.city,
    ".tsp": tsplib.city,
    ".atsp": tsplib.city,
}


def read_graph(path: str | PathLike[str], *, max_bytes: int = LARGEST_FILE) -> Graph:
    """Read a graph; the file's ending names its format.

    `.json`: qgraph's own format or node-link; `.txt`, `.rud`, `.rudy`, `.mc`: G-set and rudy; `.graphml`;
    `.tsp`: TSPLIB, as the complete graph weighted by distance. Raises `InvalidFile`.

    >>> read_graph("examples/bridges.json")
    Graph(12 nodes, 18 edges)
    """
    return _read(path, GRAPH_READERS, max_bytes)


def read_city(path: str | PathLike[str], *, max_bytes: int = LARGEST_FILE) -> City:
    """Read a city; the file's ending names its format.

    `.json`: qgraph's own format; `.tsp`, `.atsp`: TSPLIB, as normal stops with direct roads between all,
    the first city being the depot (a closed tour is the same from any start). Coordinates become a `metric`,
    for at most 100,000 cities; a matrix of distances becomes roads, for at most 1000. Raises `InvalidFile`.

    >>> read_city("examples/city.json")
    City(3 priority, 5 normal, 4 junctions, depot, 24 roads)
    """
    return _read(path, CITY_READERS, max_bytes)


def read(path: str | PathLike[str], *, kind: Kind = "auto") -> Graph | City:
    """Read a graph or a city: the one named by `kind`, or whichever the file holds. Raises `InvalidFile`.

    >>> read("examples/city.json").depot
    'depot'
    """
    require(kind in get_args(Kind), "kind", f"must be one of {', '.join(get_args(Kind))}", kind)
    ending = Path(path).suffix.lower()
    if kind == "auto" and ending == ".json":
        return _parse(path, json_text.graph_or_city, LARGEST_FILE)
    if kind == "city" or (kind == "auto" and ending in CITY_READERS):
        return read_city(path)
    return read_graph(path)


def _read(path: str | PathLike[str], readers: dict[str, Callable[[str], Model]], max_bytes: int) -> Model:
    ending = Path(path).suffix.lower()
    if ending not in readers:
        raise InvalidFile(
            f"{shown(str(path))}: the ending must be one of {', '.join(readers)}, got {shown(ending)}"
        )
    return _parse(path, readers[ending], max_bytes)


def _parse(path: str | PathLike[str], parse: Callable[[str], Model], max_bytes: int) -> Model:
    text = read_text(path, max_bytes)
    try:
        return parse(text)
    except InvalidInput as error:
        raise InvalidFile(f"{Path(path).name}: {error}") from None
