"""GEXF in all versions, written by Gephi and networkx."""

from __future__ import annotations

from qgraph.base.errors import InvalidInput
from qgraph.models.edges import Choices
from qgraph.models.graph import Graph
from qgraph.readers.xml import Elements

DIRECTED = ("directed", "mutual")


def graph(text: str, choices: Choices) -> Graph:
    """The graph in a GEXF file; its nodes are named by their ids, and their labels and places are kept.

    The weight is the edge's `weight`, or the attribute that `weight` names; an edge without it has 1. A graph
    that changes in time keeps the nodes and edges of all times. Nodes must not hold nodes. Source:
    gexf.net/primer.html.
    """
    return _Reader.read(text, choices)


class _Reader(Elements):
    """The elements of a GEXF file, and the titles of their attributes."""

    root = "gexf"

    def __init__(self, choices: Choices) -> None:
        super().__init__(choices)
        self.titles: dict[tuple[str, str], str] = {}  # of attributes, by class ("node" or "edge") and id
        self.defaults: dict[str, dict[str, str]] = {"node": {}, "edge": {}}
        self.described = ""  # the class of the open list of attributes
        self.title = ""

    def start(self, name: str, attributes: dict[str, str], line: int) -> None:
        """An element begins."""
        if name == "graph":
            self.new_graph(attributes.get("defaultedgetype") in DIRECTED)
        elif name == "attributes":
            self.described = attributes.get("class", "")
        elif name == "attribute":
            own = attributes.get("id", "")
            self.title = attributes.get("title", own)
            self.titles[self.described, own] = self.title
        elif name == "node":
            if "node" in self.path:
                raise InvalidInput("a node must not hold nodes")
            self.facts = self.new_node(attributes.get("id"))
            self.facts |= self.defaults["node"] | {"label": attributes.get("label", "")}
        elif name == "edge":
            self.choices.require_undirected(attributes.get("type") in DIRECTED)
            self.facts = self.new_edge(attributes.get("source"), attributes.get("target"), line)
            self.facts |= self.defaults["edge"]
            self.facts |= {"weight": attributes["weight"]} if "weight" in attributes else {}
        elif name == "attvalue":
            own = attributes.get("for", attributes.get("id", ""))
            described = "edge" if "edge" in self.path else "node"
            self.facts[self.titles.get((described, own), own)] = attributes.get("value", "")
        elif name == "position":
            self.facts |= {axis: attributes.get(axis, "") for axis in "xy"}

    def end(self, name: str, text: str) -> None:
        """An element ends."""
        if name == "default" and self.path[-1] == "attribute":
            self.defaults.get(self.described, {})[self.title] = text
