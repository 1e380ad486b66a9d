"""Pajek networks: `*Vertices n` with labels, then `*Edges`, `*Arcs`, lists of neighbours or a matrix."""

from __future__ import annotations

import re

import numpy as np

from qgraph.base.errors import InvalidInput, shown
from qgraph.models.build import build
from qgraph.models.edges import WEIGHT, Choices, EdgeList
from qgraph.models.generators import LARGEST_GRAPH
from qgraph.models.graph import Graph
from qgraph.readers.naming import names_of, node, unescaped
from qgraph.readers.text import lines_of, number, numbered, weight_of, whole

WORD = re.compile(r'"([^"]*)"|(\S+)')
PAIRS, LISTS = ("*edges", "*arcs"), ("*edgeslist", "*arcslist")


def graph(text: str, choices: Choices) -> Graph:
    """The network in a Pajek file. Nodes are named by their labels if these differ, else by their numbers.

    A network with arcs is directed. Lines that begin with % are comments, and sections of other kinds
    than these are left out. Source: Mrvar and Batagelj, Pajek reference manual, section 5.3.
    """
    choices.require_weight({WEIGHT})
    network = _Network(choices)
    for at, line in lines_of(text):
        words = [quoted or bare for quoted, bare in WORD.findall(line)]
        if words and words[0].startswith("*") and not line.lstrip().startswith('"'):
            network.begin(words, at)
        elif words and not words[0].startswith("%"):
            network.read(words, at)
    return network.graph()


class _Network:
    """The parts that were read so far; `section` is the one that the next line belongs to."""

    def __init__(self, choices: Choices) -> None:
        self.choices = choices
        self.section = ""
        self.count = -1
        self.vertices: dict[int, list[str]] = {}
        self.links: list[tuple[int, int, float, int]] = []
        self.matrix: list[list[float]] = []

    def begin(self, words: list[str], at: int) -> None:
        """Begin the section that a line with a star names."""
        self.section = words[0].lower().split(":")[0]
        if self.section == "*vertices":
            if self.count >= 0:
                raise InvalidInput(f"line {at}: there must be one network, got a second")
            self.count = whole("".join(words[1:2]), f"line {at}: number of vertices", LARGEST_GRAPH)
        elif self.section in (*PAIRS, *LISTS, "*matrix"):
            if self.count < 0:
                raise InvalidInput(f"line {at}: `*Vertices` must come before {shown(words[0])}")
            self.choices.require_undirected("arcs" in self.section)

    def read(self, words: list[str], at: int) -> None:
        """Read a line of the section."""
        if self.section == "*vertices":
            vertex = numbered(words[0], f"line {at}", self.count)
            if vertex in self.vertices:
                raise InvalidInput(f"line {at}: duplicate node {vertex}")
            self.vertices[vertex] = words
        elif self.section == "*matrix":
            if len(words) != self.count:
                raise InvalidInput(f"line {at}: must have {self.count} numbers, got {len(words)}")
            self.matrix.append([number(word, f"line {at}: weight") for word in words])
        elif self.section in PAIRS:
            if len(words) < 2:
                raise InvalidInput(f"line {at}: must be `i j` or `i j weight`, got {shown(words[0])}")
            self._link(words[0], words[1], weight_of(words, 2, at), at)
        elif self.section in LISTS:
            for word in words[1:]:
                self._link(words[0], word, 1.0, at)

    def _link(self, source: str, target: str, weight: float, at: int) -> None:
        i, j = (numbered(word, f"line {at}", self.count) for word in (source, target))
        self.links.append((i - 1, j - 1, weight, at))

    def graph(self) -> Graph:
        """The graph of all parts."""
        if self.count < 0:
            raise InvalidInput("must have a line `*Vertices n`")
        rows = [self.vertices.get(i + 1, [str(i + 1)]) for i in range(self.count)]
        labels = [unescaped("".join(row[1:2])) for row in rows]
        names = names_of([row[0] for row in rows], labels)
        edges = EdgeList("line {}", self.choices)
        for i, j, weight, at in self.links:
            edges.add(names[i], names[j], weight, at)
        if self.matrix:
            if len(self.matrix) != self.count:
                raise InvalidInput(f"`*Matrix` must have {self.count} lines, got {len(self.matrix)}")
            matrix = np.array(self.matrix)
            edges.place = "entry {}"
            rows_of, columns_of = matrix.nonzero()
            edges.add_matrix(names, rows_of, columns_of, matrix[rows_of, columns_of])
        places = [row[2:4] if len(row) > 3 else [] for row in rows]
        nodes = [node(name, label, *place) for name, label, place in zip(names, labels, places, strict=True)]
        return build(Graph, **edges.fields(nodes))
