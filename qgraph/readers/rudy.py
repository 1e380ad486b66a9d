"""The rudy format of the G-set and BiqMac collections: `n m`, then `i j weight`, nodes from 1."""

from __future__ import annotations

from qgraph.errors import InvalidInput
from qgraph.generators import LARGEST_GRAPH
from qgraph.graph import Graph
from qgraph.readers.text import number, whole

LARGEST_EDGES = 2_000_000


def graph(text: str) -> Graph:
    """A graph in rudy format; a missing weight is 1, and lines that start with # are comments."""
    lines = enumerate((line.split() for line in text.splitlines()), start=1)
    rows = [(place, words) for place, words in lines if words and not words[0].startswith("#")]
    if not rows or len(rows[0][1]) != 2:
        raise InvalidInput("the first line must be the numbers of nodes and edges")
    place, header = rows[0]
    n = whole(header[0], f"line {place}: number of nodes", LARGEST_GRAPH)
    m = whole(header[1], f"line {place}: number of edges", LARGEST_EDGES)
    if len(rows) - 1 != m:
        raise InvalidInput(f"line {place} announces {m} edges, and {len(rows) - 1} follow")
    edges = [_edge(place, words, n) for place, words in rows[1:]]
    return Graph.from_edges(edges, range(1, n + 1))


def _edge(place: int, words: list[str], n: int) -> tuple[int, int, float]:
    if len(words) not in (2, 3):
        raise InvalidInput(f"line {place}: must be `i j weight`, got {' '.join(words)[:40]!a}")
    ends = [whole(word, f"line {place}: node", n) for word in words[:2]]
    if 0 in ends:
        raise InvalidInput(f"line {place}: nodes are numbered from 1, got 0")
    return ends[0], ends[1], number(words[2], f"line {place}: weight") if len(words) == 3 else 1.0
