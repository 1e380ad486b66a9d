"""Read graphs and cities from files; every complaint names the file, the place and the rule.

| ending | format | nodes |
|---|---|---|
| `.json` | qgraph's own, and node-link (networkx, D3) | by id |
| `.rud` `.rudy` `.mc` `.mac` | rudy: G-set, Biq Mac | from 1 |
| `.gph` `.col` `.clq` `.dimacs` | DIMACS | from 1 |
| `.mtx` | Matrix Market | from 1 |
| `.csv` `.tsv` `.edges` `.el` `.edgelist` | lists of edges | by number, or by name as they appear |
| `.txt` | rudy if its first line gives the numbers of nodes and edges, else a list of edges | |
| `.graphml` `.gexf` | GraphML, GEXF | by id |
| `.gml` `.net` `.paj` | GML, Pajek | by label if labels differ, else by id |
| `.tsp` | TSPLIB, as the complete graph weighted by distance | from 1 |

`.gz` may follow each ending. The module of a format has the details.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from os import PathLike
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args

from qgraph.base.checks import require
from qgraph.base.errors import InvalidFile, InvalidInput, printable, shown
from qgraph.models.build import uncollected
from qgraph.models.city import City
from qgraph.models.edges import WEIGHT, Choices, Directed, Loops
from qgraph.models.graph import Graph
from qgraph.readers.text import LARGEST_FILE, ending_of, read_text

Read = TypeVar("Read")
ModelName = Literal["auto", "graph", "city"]


def reader(module: str, function: str = "graph") -> Callable[..., Any]:
    """A function of one of the modules here, which is imported when the first file of the format is read."""

    def parse(text: str, *choices: Choices) -> Any:
        return getattr(import_module(f"qgraph.readers.{module}"), function)(text, *choices)

    return parse


GRAPH_READERS: dict[str, Callable[[str, Choices], Graph]] = {
    ".json": reader("json_text"),
    **dict.fromkeys((".rud", ".rudy", ".mc", ".mac"), reader("rudy")),
    **dict.fromkeys((".gph", ".col", ".clq", ".dimacs"), reader("dimacs")),
    ".mtx": reader("matrix_market"),
    **dict.fromkeys((".csv", ".tsv", ".edges", ".el", ".edgelist"), reader("delimited")),
    ".txt": reader("rudy", "graph_or_edges"),
    ".graphml": reader("graphml"),
    ".gexf": reader("gexf"),
    ".gml": reader("gml"),
    **dict.fromkeys((".net", ".paj"), reader("pajek")),
    ".tsp": reader("tsplib"),
}
CITY_READERS: dict[str, Callable[[str], City]] = {
    ".json": reader("json_text", "city"),
    **dict.fromkeys((".tsp", ".atsp"), reader("tsplib", "city")),
}


def read_graph(
    path: str | PathLike[str],
    *,
    directed: Directed = "refuse",
    loops: Loops = "refuse",
    weight: str = WEIGHT,
    max_bytes: int = LARGEST_FILE,
) -> Graph:
    """Read a graph; the file's ending names its format, and `.gz` may follow it.

    `.json`: qgraph's own format or node-link; `.rud`, `.rudy`, `.mc`, `.mac`: G-set and rudy; `.gph`, `.col`,
    `.clq`, `.dimacs`: DIMACS; `.mtx`: Matrix Market; `.csv`, `.tsv`, `.edges`, `.el`, `.edgelist`: lists of
    edges; `.txt`: rudy or a list of edges; `.graphml`, `.gexf`, `.gml`, `.net`, `.paj`: GraphML, GEXF, GML,
    Pajek; `.tsp`: TSPLIB, as the complete graph weighted by distance.

    - `directed`: "merge" takes a directed graph as undirected. An arc and its reverse become one edge, whose
      weight is the mean of the two; an arc without a reverse keeps its own.
    - `loops`: "drop" leaves self-loops out, such as the diagonal of a matrix.
    - `weight` names the edge attribute, or the column of a table, that is the weight. An edge without it has
      the weight 1; if no edge has it, the error lists the attributes that edges have.
    - `max_bytes` limits the size of the file, and its size after decompression.

    An edge that is repeated with the same weight, from either end, is one edge; with another weight it is an
    error. Raises `InvalidFile`.

    >>> read_graph("examples/bridges.json")
    Graph(12 nodes, 18 edges, weights 1 to 4; unweighted() drops them)
    >>> read_graph("examples/towns.csv")
    Graph(8 nodes, 12 edges; read as comma-separated, header, named nodes, no weights)
    >>> read_graph("examples/towns.csv", weight="km").edges[0]
    Edge(source='Arden', target='Birchley', weight=12.0)
    """
    return parse_file(path, GRAPH_READERS, max_bytes, Choices(directed, loops, weight))


def read_city(path: str | PathLike[str], *, max_bytes: int = LARGEST_FILE) -> City:
    """Read a city; the file's ending names its format, and `.gz` may follow it.

    `.json`: qgraph's own format; `.tsp`, `.atsp`: TSPLIB, as normal stops with direct roads between all.
    The first city is the depot (a closed tour may start anywhere). Coordinates become a `metric`,
    for at most 100,000 cities; a matrix of distances becomes roads, for at most 1000. Raises `InvalidFile`.

    >>> read_city("examples/city.json")
    City(3 priority, 5 normal, 4 junctions, depot, 24 roads)
    """
    return parse_file(path, CITY_READERS, max_bytes)


def read(
    path: str | PathLike[str],
    *,
    model: ModelName = "auto",
    directed: Directed = "refuse",
    loops: Loops = "refuse",
    weight: str = WEIGHT,
) -> Graph | City:
    """Read a graph or a city: `model` says which; "auto" reads what the file has. Raises `InvalidFile`.

    >>> read("examples/city.json").depot
    'depot'
    """
    require(model in get_args(ModelName), "model", f"must be one of {', '.join(get_args(ModelName))}", model)
    choices, ending = Choices(directed, loops, weight), ending_of(path)
    if model == "graph" or (model == "auto" and ending not in CITY_READERS):
        return read_graph(path, directed=directed, loops=loops, weight=weight)
    if model == "city" or ending != ".json":
        found: Graph | City = read_city(path)
    else:
        found = parse_file(path, {".json": reader("json_text", "graph_or_city")}, LARGEST_FILE, choices)
    if isinstance(found, City) and choices != Choices():
        raise InvalidInput("`directed`, `loops` and `weight` are for graphs, and the file holds a city")
    return found


def parse_file(
    path: str | PathLike[str], readers: Mapping[str, Callable[..., Read]], max_bytes: int, *choices: Choices
) -> Read:
    """The model that the reader for the file's ending makes from its text. Raises `InvalidFile`."""
    ending = ending_of(path)
    if ending not in readers:
        name, known = printable(Path(path).name), ", ".join(readers)
        raise InvalidFile(f"{name}: the ending must be one of {known}, got {shown(ending)}")
    text = read_text(path, max_bytes)
    try:
        with uncollected():
            return readers[ending](text, *choices)
    except InvalidInput as error:
        raise InvalidFile(f"{printable(Path(path).name)}: {error}") from None
