"""The DIMACS formats of graphs for colouring, cliques and independent sets: `p edge n m`, then `e i j`."""

from __future__ import annotations

from qgraph.base.errors import InvalidInput, shown
from qgraph.models.build import build
from qgraph.models.edges import WEIGHT, Choices, EdgeList
from qgraph.models.generators import LARGEST_GRAPH
from qgraph.models.graph import Graph
from qgraph.readers.text import Numbered, rows_of, weight_of, whole

IGNORED = ("c", "n", "d", "v", "x")  # comments, and lines of some files about nodes or the generator


def graph(text: str, choices: Choices) -> Graph:
    """A graph in DIMACS format: `p edge n m` or `p col n m`, then `e i j` or `e i j weight`, nodes from 1.

    The number of edges in the `p` line is not checked: many files list each edge in both directions and
    count it twice, or once. Blank lines are allowed, and lines that begin with c, n, d, v or x are left out.
    """
    choices.require_weight({WEIGHT})
    node: Numbered | None = None
    edges = EdgeList("line {}", choices)
    for at, words in rows_of(text):
        if words[0] in IGNORED:
            continue
        if words[0] == "p":
            if node:
                raise InvalidInput(f"line {at}: there must be one `p` line, got a second")
            if len(words) != 4:
                raise InvalidInput(f"line {at}: must be `p edge n m`, got {shown(' '.join(words))}")
            node = Numbered(whole(words[2], f"line {at}: number of nodes", LARGEST_GRAPH))
        elif words[0] != "e" or len(words) not in (3, 4):
            raise InvalidInput(f"line {at}: must be `e i j` or `e i j weight`, got {shown(' '.join(words))}")
        elif node is None:
            raise InvalidInput(f"line {at}: the `p` line must come before the edges")
        else:
            edges.add(node(words[1], at), node(words[2], at), weight_of(words, 3, at), at)
    if node is None:
        raise InvalidInput("must have a line `p edge n m`")
    return build(Graph, **edges.fields(node.names))
