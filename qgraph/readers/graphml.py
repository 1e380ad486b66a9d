"""GraphML, written by networkx, graph-tool, igraph, Gephi, OSMnx and yEd."""

from __future__ import annotations

from qgraph.base.errors import InvalidInput, shown
from qgraph.models.edges import Choices
from qgraph.models.graph import Graph
from qgraph.readers.xml import Elements

REFUSED = ("hyperedge", "port", "endpoint")


def graph(text: str, choices: Choices) -> Graph:
    """The graph in a GraphML file; its nodes are named by their ids.

    The weight is the edge attribute that `weight` names; an edge without it has the weight 1. Of
    nodes, the label (`label`, `name` or yEd's) and the place (`x` and `y`, `pos` or yEd's) are kept. Other
    attributes of any type are left out. Nested graphs, hyperedges and ports are refused. Source:
    graphml.graphdrawing.org/specification.html.
    """
    return _Reader.read(text, choices)


class _Reader(Elements):
    """The elements of a GraphML file, and the attributes that its keys name."""

    root = "graphml"

    def __init__(self, choices: Choices) -> None:
        super().__init__(choices)
        self.names: dict[str, str] = {}  # of attributes, by the id of their key
        self.defaults: dict[str, dict[str, str]] = {"node": {}, "edge": {}, "all": {}}
        self.key = ("", "")  # the subject and attribute of the open <key> or <data>

    def start(self, name: str, attributes: dict[str, str], line: int) -> None:
        """An element begins."""
        inside = self.path[-1] if self.path else ""
        if "data" in self.path:  # yEd's drawing; other programs keep elements of any name there
            if name == "Geometry":
                self.facts |= {axis: attributes.get(axis, "") for axis in "xy"}
        elif name in REFUSED or attributes.keys() & {"sourceport", "targetport"}:
            raise InvalidInput(f"must have neither hyperedges nor ports, got {shown(name)}")
        elif name == "key":
            own = attributes.get("id", "")
            self.key = attributes.get("for", "all"), attributes.get("attr.name", own)
            self.names[own] = self.key[1]
        elif name == "graph":
            if inside != "graphml":
                raise InvalidInput(f"must hold one graph, got one within {shown(inside)}")
            self.new_graph(attributes.get("edgedefault") == "directed")
        elif name == "node":
            self.facts = self.new_node(attributes.get("id"))
            self.facts |= self.defaults["all"] | self.defaults["node"]
        elif name == "edge":
            self.choices.require_undirected(attributes.get("directed") == "true")
            self.facts = self.new_edge(attributes.get("source"), attributes.get("target"), line)
            self.facts |= self.defaults["all"] | self.defaults["edge"]
        elif name == "data":
            own = attributes.get("key", "")
            self.key = "", self.names.get(own, own)

    def end(self, name: str, text: str) -> None:
        """An element ends."""
        inside = self.path[-1] if self.path else ""
        if name == "NodeLabel" and "data" in self.path and text.strip():
            self.facts["label"] = text.strip()
        elif name == "default" and inside == "key":
            self.defaults.get(self.key[0], {})[self.key[1]] = text
        elif name == "data" and inside in ("node", "edge") and text.strip():
            self.facts[self.key[1]] = text
