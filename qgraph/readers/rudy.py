"""The rudy format of the G-set and BiqMac collections: `n m`, then `i j weight`, nodes from 1."""

from __future__ import annotations

from typing import Any

from qgraph import conversions
from qgraph.edges import LARGEST_EDGES, WEIGHT, Choices, EdgeList
from qgraph.errors import InvalidInput
from qgraph.generators import LARGEST_GRAPH
from qgraph.graph import READ_AS, Graph
from qgraph.readers import delimited
from qgraph.readers.text import lines_of, number, numbered, whole


def graph(text: str, choices: Choices) -> Graph:
    """A graph in rudy format; a missing weight is 1, and lines that start with # are comments."""
    return conversions.build(Graph, **_fields(text, choices))


def graph_or_edges(text: str, choices: Choices) -> Graph:
    """A graph in rudy format if the first line announces what follows, else from a list of edges."""
    if _announced(text):
        return conversions.build(Graph, **_fields(text, choices), metadata={READ_AS: "rudy"})
    return delimited.graph(text, choices)


def _rows(text: str) -> list[tuple[int, list[str]]]:
    rows = ((at, line.split()) for at, line in lines_of(text))
    return [(at, words) for at, words in rows if words and not words[0].startswith("#")]


def _announced(text: str) -> bool:
    """Whether the first line is `n m`: triples follow, or m pairs of nodes from 1 to n."""
    rows = [words for _, words in _rows(text)]
    if not rows or len(rows[0]) != 2 or not all(word.isascii() and word.isdigit() for word in rows[0]):
        return False
    if len(rows) > 1 and len(rows[1]) == 3:
        return True
    n, m = (int(word[:20]) for word in rows[0])
    ends = {word for words in rows[1:] for word in words[:2]}
    return len(rows) - 1 == m and all(word.isdigit() and 1 <= int(word[:20]) <= n for word in ends)


def _fields(text: str, choices: Choices) -> dict[str, Any]:
    rows = _rows(text)
    if not rows or len(rows[0][1]) != 2:
        raise InvalidInput("the first line must be the numbers of nodes and edges")
    place, header = rows[0]
    n = whole(header[0], f"line {place}: number of nodes", LARGEST_GRAPH)
    m = whole(header[1], f"line {place}: number of edges", LARGEST_EDGES)
    if len(rows) - 1 != m:
        raise InvalidInput(f"line {place} announces {m} edges, and {len(rows) - 1} follow")
    choices.require_weight({WEIGHT})
    names = [str(i) for i in range(n + 1)]
    edges = EdgeList("line {}", choices)
    for at, words in rows[1:]:
        if len(words) not in (2, 3):
            raise InvalidInput(f"line {at}: must be `i j weight`, got {' '.join(words)[:40]!a}")
        source, target = (names[numbered(word, f"line {at}", n)] for word in words[:2])
        edges.add(source, target, number(words[2], f"line {at}: weight") if len(words) == 3 else 1.0, at)
    return edges.fields(names[1:])
