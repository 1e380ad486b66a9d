"""XML as a stream of elements, and graphs of nodes and edges that are read from one."""

from __future__ import annotations

import re
from collections.abc import Callable
from xml.parsers import expat

from qgraph.base.errors import InvalidInput
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

    Document types are refused, because entities are a known bomb. Raises `InvalidInput` with the line, also
    where `start` or `end` raise it.
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
    """The nodes and edges that a file names, with what it says of each, and where in the file we are."""

    def __init__(self, choices: Choices) -> None:
        self.choices = choices
        self.nodes: dict[str, dict[str, str]] = {}
        self.edges: list[tuple[str, str, dict[str, str], int]] = []
        self.attributes: set[str] = set()  # those that edges have
        self.graphs = 0
        self.path: list[str] = []  # the names of the elements that are open
        self.facts: dict[str, str] = {}  # of the node or edge that is open

    def new_node(self, name: str | None) -> dict[str, str]:
        """One more node, and where to put what is said of it. Raises `InvalidInput`."""
        if not name:
            raise InvalidInput("a node must have an `id`")
        if name in self.nodes:
            raise InvalidInput(f"duplicate node id {name!a}")
        self.nodes[name] = {}
        return self.nodes[name]

    def new_edge(self, source: str | None, target: str | None, line: int) -> dict[str, str]:
        """One more edge, and where to put what is said of it. Raises `InvalidInput`."""
        if not (source and target):
            raise InvalidInput("an edge must have a `source` and a `target`")
        self.edges.append((source, target, {}, line))
        return self.edges[-1][2]

    def graph(self) -> Graph:
        """All of them as a graph; an edge without the wanted weight has 1. Raises `InvalidInput`."""
        edges, weight = EdgeList("line {}", self.choices), self.choices.weight
        for source, target, facts, line in self.edges:
            given = facts.get(weight, "").strip()
            edges.add(
                source, target, number(decimal(given), f"line {line}: {weight}") if given else 1.0, line
            )
            self.attributes.update(facts)
        self.choices.require_weight(self.attributes)
        nodes = [_drawn(name, facts) for name, facts in self.nodes.items()]
        return build(Graph, **edges.fields(nodes))


def decimal(word: str) -> str:
    """A number that may be written in base 16, as graph-tool does it, in base 10."""
    return repr(float.fromhex(word)) if HEXADECIMAL.fullmatch(word) else word


def _drawn(name: str, facts: dict[str, str]) -> dict[str, object]:
    place = [decimal(word.strip()) for word in facts.get("pos", "").split(",")[:2]]
    x, y = place if len(place) == 2 else (facts.get("x"), facts.get("y"))
    return node(name, facts.get("label") or facts.get("name"), x, y)


def _local(name: str) -> str:
    return name.rpartition(" ")[2]
