"""XML as a stream of elements, and graphs from such streams."""

from __future__ import annotations

import re
from collections.abc import Callable
from xml.parsers import expat

from qgraph.base.errors import InvalidInput, shown
from qgraph.models.build import build
from qgraph.models.edges import Choices, EdgeList
from qgraph.models.graph import Graph
from qgraph.readers.naming import node
from qgraph.readers.text import number

Start = Callable[[str, dict[str, str], int], None]
End = Callable[[str, str], None]

DEEPEST = 100
HEXADECIMAL = re.compile(r"[-+]?0x[0-9a-f]{1,20}(\.[0-9a-f]{0,20})?(p[-+]?\d{1,3})?", re.IGNORECASE)


def parse(text: str, start: Start, end: End) -> None:
    """Call `start(name, attributes, line)` and `end(name, text)` for each element; namespaces are left out.

    Document types are refused, because their entities may expand without bound. Raises `InvalidInput` with
    the line, also for errors of `start` and `end`.
    """
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    texts: list[list[str]] = []

    def begin(name: str, attributes: dict[str, str]) -> None:
        if len(texts) > DEEPEST:
            raise InvalidInput("is nested too deeply")
        texts.append([])
        own = {_local(key): value for key, value in attributes.items()}
        start(_local(name), own, parser.CurrentLineNumber)

    def finish(name: str) -> None:
        end(_local(name), "".join(texts.pop()))

    def read(data: str) -> None:
        texts[-1].append(data)

    def refuse(*_: object) -> None:
        raise InvalidInput("must not declare a document type")

    parser.StartElementHandler, parser.EndElementHandler = begin, finish
    parser.CharacterDataHandler = read
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(text, True)
    except expat.ExpatError as error:
        raise InvalidInput(f"line {error.lineno}: not XML: {expat.errors.messages[error.code]}") from None
    except InvalidInput as error:
        raise InvalidInput(f"line {parser.CurrentLineNumber}: {error}") from None


class Elements:
    """The nodes and edges of a file, with their attributes; one subclass for each format."""

    root = ""  # the outermost element

    def __init__(self, choices: Choices) -> None:
        self.choices = choices
        self.nodes: dict[str, dict[str, str]] = {}
        self.edges: list[tuple[str, str, dict[str, str], int]] = []
        self.graphs = 0
        self.path: list[str] = []  # the names of the open elements, from the outside
        self.facts: dict[str, str] = {}  # the attributes of the node or edge that is open

    @classmethod
    def read(cls, text: str, choices: Choices) -> Graph:
        """The graph in a file. Raises `InvalidInput`."""
        own = cls(choices)
        parse(text, own._open, own._close)
        return own.graph()

    def start(self, name: str, attributes: dict[str, str], line: int) -> None:
        """An element begins within the open ones."""
        raise NotImplementedError

    def end(self, name: str, text: str) -> None:
        """An element ends."""
        raise NotImplementedError

    def _open(self, name: str, attributes: dict[str, str], line: int) -> None:
        if not self.path and name != self.root:
            raise InvalidInput(f"must have the root element {self.root}, got {shown(name)}")
        self.start(name, attributes, line)
        self.path.append(name)

    def _close(self, name: str, text: str) -> None:
        self.path.pop()
        self.end(name, text)
        if not (self.path or self.graphs):
            raise InvalidInput("must hold one graph, got none")

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
