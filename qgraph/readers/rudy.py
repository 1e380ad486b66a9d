"""The rudy format of the G-set and BiqMac collections: `n m`, then `i j weight`, nodes from 1."""

from __future__ import annotations

from typing import Any

from qgraph.base.errors import InvalidInput
from qgraph.models.build import build
from qgraph.models.edges import LARGEST_EDGES, WEIGHT, Choices, EdgeList
from qgraph.models.generators import LARGEST_GRAPH
from qgraph.models.graph import Graph
from qgraph.models.graph_record import READ_AS
from qgraph.readers import delimited
from qgraph.readers.text import WHOLE, Numbered, rows_of, weight_of, whole


def graph(text: str, choices: Choices) -> Graph:
    """A graph in rudy format; a missing weight is 1, and lines that begin with # are comments."""
    return build(Graph, **_fields(text, choices))


def graph_or_edges(text: str, choices: Choices) -> Graph:
    """A graph in rudy format if the first line gives the right numbers, else from a list of edges."""
    if _announced(text):
        return build(Graph, **_fields(text, choices), metadata={READ_AS: "rudy"})
    return delimited.graph(text, choices)


def _announced(text: str) -> bool:
    """Whether the first line is `n m`: triples follow, or m pairs of nodes from 1 to n."""
    rows = (words for _, words in rows_of(text, "#"))
    header = next(rows, [])
    if len(header) != 2 or not all(WHOLE.fullmatch(word) for word in header):
        return False
    n, m = map(int, header)
    count, ends = 0, set[str]()
    for words in rows:
        if count == 0 and len(words) == 3:
            return True
        ends.update(words)
        count += 1
    return count == m and all(WHOLE.fullmatch(word) and 1 <= int(word) <= n for word in ends)


def _fields(text: str, choices: Choices) -> dict[str, Any]:
    rows = rows_of(text, "#")
    place, header = next(rows, (1, []))
    if len(header) != 2:
        raise InvalidInput("the first line must be the numbers of nodes and edges")
    node = Numbered(whole(header[0], f"line {place}: number of nodes", LARGEST_GRAPH))
    m = whole(header[1], f"line {place}: number of edges", LARGEST_EDGES)
    choices.require_weight({WEIGHT})
    edges, count = EdgeList("line {}", choices), 0
    for at, words in rows:
        count += 1
        if len(words) not in (2, 3):
            raise InvalidInput(f"line {at}: must be `i j weight`, got {' '.join(words)[:40]!a}")
        edges.add(node(words[0], at), node(words[1], at), weight_of(words, 2, at), at)
    if count != m:
        raise InvalidInput(f"line {place} announces {m} edges, and {count} follow")
    return edges.fields(node.names)
