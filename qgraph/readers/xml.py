"""XML as a stream of elements, and graphs from such streams."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from xml.parsers import expat

from qgraph.base.errors import InvalidInput, shown
from qgraph.models.build import build
from qgraph.models.edges import Choices, EdgeList
from qgraph.models.graph import Graph
from qgraph.readers.naming import node
from qgraph.readers.text import number

DEEPEST = 100
HEXADECIMAL = re.compile(r"[-+]?0x[0-9a-f]{1,20}(\.[0-9a-f]{0,20})?(p[-+]?\d{1,3})?", re.IGNORECASE)


class Elements(ABC):
    """The nodes and edges of a file, with their attributes; one subclass for each format.

    Namespaces are left out. Document types are refused, because their entities may expand without bound.
    """

    root = ""  # the outermost element

    def __init__(self, choices: Choices) -> None:
        self.choices = choices
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.nodes: dict[str, dict[str, str]] = {}
        self.edges: list[tuple[str, str, dict[str, str], int]] = []
        self.graphs = 0
        self.path: list[str] = []  # the names of the open elements, from the outside
        self.texts: list[list[str]] = []  # the parts of the text of each open element
        self.facts: dict[str, str] = {}  # the attributes of the node or edge that is open

    @classmethod
    def read(cls, text: str, choices: Choices) -> Graph:
        """The graph in a file. Raises `InvalidInput` with the line."""
        own = cls(choices)
        parser = own.parser
        parser.buffer_text = True
        parser.StartElementHandler, parser.EndElementHandler = own._open, own._close
        parser.CharacterDataHandler = own._read
        parser.StartDoctypeDeclHandler = own._refuse
        try:
            parser.Parse(text, True)
        except expat.ExpatError as error:
            raise InvalidInput(f"line {error.lineno}: not XML: {expat.errors.messages[error.code]}") from None
        except InvalidInput as error:
            raise InvalidInput(f"line {parser.CurrentLineNumber}: {error}") from None
        return own.graph()

    @abstractmethod
    def start(self, name: str, attributes: dict[str, str], line: int) -> None:
        """An element begins within the open ones."""

    @abstractmethod
    def end(self, name: str, text: str) -> None:
        """An element ends."""

    def _open(self, name: str, attributes: dict[str, str]) -> None:
        if len(self.path) > DEEPEST:
            raise InvalidInput("is nested too deeply")
        own = _local(name)
        if not self.path and own != self.root:
            raise InvalidInput(f"must have the root element {self.root}, got {shown(own)}")
        facts = {_local(key): value for key, value in attributes.items()}
        self.start(own, facts, self.parser.CurrentLineNumber)
        self.path.append(own)
        self.texts.append([])

    def _read(self, text: str) -> None:
        self.texts[-1].append(text)

    def _close(self, _: str) -> None:
        self.end(self.path.pop(), "".join(self.texts.pop()))
        if not (self.path or self.graphs):
            raise InvalidInput("must hold one graph, got none")

    def _refuse(self, *_: object) -> None:
        raise InvalidInput("must not declare a document type")

    def new_graph(self, directed: bool) -> None:
        """The graph begins. Raises `InvalidInput` for a second one, and unless arcs are merged."""
        if self.graphs:
            raise InvalidInput("must hold one graph, got a second")
        self.graphs += 1
        self.choices.require_undirected(directed)

    def new_node(self, name: str | None) -> dict[str, str]:
        """Add a node and return the dictionary of its attributes. Raises `InvalidInput`."""
        if not name:
            raise InvalidInput("a node must have an `id`")
        if name in self.nodes:
            raise InvalidInput(f"duplicate node id {name!a}")
        self.nodes[name] = {}
        return self.nodes[name]

    def new_edge(self, source: str | None, target: str | None, line: int) -> dict[str, str]:
        """Add an edge and return the dictionary of its attributes. Raises `InvalidInput`."""
        if not (source and target):
            raise InvalidInput("an edge must have a `source` and a `target`")
        self.edges.append((source, target, {}, line))
        return self.edges[-1][2]

    def graph(self) -> Graph:
        """The graph of all nodes and edges; a missing weight is 1. Raises `InvalidInput`."""
        edges, key = EdgeList("line {}", self.choices), self.choices.weight
        for source, target, facts, line in self.edges:
            given = facts.get(key, "").strip()
            weight = number(decimal(given), f"line {line}: {key}") if given else 1.0
            edges.add(source, target, weight, line)
        self.choices.require_weight(set().union(*(facts for _, _, facts, _ in self.edges)))
        nodes = [_drawn(name, facts) for name, facts in self.nodes.items()]
        return build(Graph, **edges.fields(nodes))


def decimal(word: str) -> str:
    """A number in base 10; graph-tool writes numbers in base 16."""
    return repr(float.fromhex(word)) if HEXADECIMAL.fullmatch(word) else word


def _drawn(name: str, facts: dict[str, str]) -> dict[str, object]:
    place = [decimal(word.strip()) for word in facts.get("pos", "").split(",")[:2]]
    x, y = place if len(place) == 2 else (facts.get("x"), facts.get("y"))
    return node(name, facts.get("label") or facts.get("name"), x, y)


def _local(name: str) -> str:
    return name.rpartition(" ")[2]
