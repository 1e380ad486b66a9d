"""GML: keys and values in nested brackets; written by Newman's collection, igraph, Gephi and networkx."""

from __future__ import annotations

import re
from typing import Any, NoReturn

from qgraph.base.checks import require
from qgraph.base.errors import InvalidInput, shown
from qgraph.models.build import build
from qgraph.models.edges import Choices, EdgeList
from qgraph.models.graph import Graph
from qgraph.readers.naming import names_of, node, unescaped
from qgraph.readers.text import number

TOKEN = re.compile(
    r"\s*+(?:#[^\n]*+\s*+)*+"
    r'(?:(?P<key>[A-Za-z_][\w.:-]*)|"(?P<text>[^"]*)"|(?P<word>[-+.\d][^\s"\[\]]*)|(?P<mark>[\[\]])|\Z)'
)
DEEPEST = 50


def graph(text: str, choices: Choices) -> Graph:
    """The graph in a GML file. Nodes are named by their labels if these differ, else by their ids.

    The weight is the edge's value of `weight`, or of the key that `weight` names; an edge without it has 1.
    Source: Himsolt, GML: a portable graph file format, University of Passau, 1997.
    """
    graphs = [item for item in _parsed(text).get("graph", []) if isinstance(item, dict)]
    require(len(graphs) == 1, "graph", "must be there once", len(graphs))
    own = graphs[0]
    choices.require_undirected(own.get("directed", ["0"])[-1] != "0")
    items = _scopes(own, "node")
    ids = [_word(item, "id", f"node {i}") for i, item in enumerate(items, start=1)]
    names = names_of(ids, [_optional(item, "label") for item in items])
    named: dict[str, str] = {}
    for i, (own_id, name) in enumerate(zip(ids, names, strict=True), start=1):
        if own_id in named:
            raise InvalidInput(f"node {i}: duplicate id {own_id!a}")
        named[own_id] = name
    edges, attributes = EdgeList("edge {}", choices), set[str]()
    for i, item in enumerate(_scopes(own, "edge"), start=1):
        ends = [_word(item, key, f"edge {i}") for key in ("source", "target")]
        for end in ends:
            if end not in named:
                raise InvalidInput(f"edge {i}: unknown node {end!a}")
        attributes.update(item)
        weight = _optional(item, choices.weight)
        value = 1.0 if weight is None else number(weight, f"edge {i}: {choices.weight}")
        edges.add(named[ends[0]], named[ends[1]], value, i)
    choices.require_weight(attributes - {"source", "target"})
    return build(Graph, **edges.fields(map(_drawn, names, items)))


def _drawn(name: str, item: dict[str, list[Any]]) -> dict[str, Any]:
    graphics = next(iter(_scopes(item, "graphics")), item)
    return node(name, _optional(item, "label"), _optional(graphics, "x"), _optional(graphics, "y"))


def _parsed(text: str) -> dict[str, list[Any]]:
    """Each key with its values in order: text, or the keys and values in brackets."""
    stack: list[dict[str, list[Any]]] = [{}]
    key, place = "", 0
    while True:
        found = TOKEN.match(text, place)
        if found is None:
            _refuse(text, place, "must be a key, a number, text in quotes or a bracket")
        place, part = found.end(), found.lastgroup
        if part is None:
            break
        word = found[part]
        if not key and part == "key":
            key = word
        elif not key and word == "]" and len(stack) > 1:
            stack.pop()
        elif key and part != "mark":
            stack[-1].setdefault(key, []).append(unescaped(word) if part == "text" else word)
            key = ""
        elif key and word == "[" and len(stack) <= DEEPEST:
            inner: dict[str, list[Any]] = {}
            stack[-1].setdefault(key, []).append(inner)
            stack.append(inner)
            key = ""
        elif word == "[" and key:
            _refuse(text, place - 1, "is nested too deeply")
        else:
            _refuse(text, found.start(part), "must be " + ("a value" if key else "a key"))
    if key or len(stack) > 1:
        _refuse(text, place, "must not end before all brackets are closed")
    return stack[0]


def _refuse(text: str, place: int, rule: str) -> NoReturn:
    line = text.count("\n", 0, place) + 1
    raise InvalidInput(f"line {line}: {rule}, got {shown(text[place : place + 20].strip())}")


def _scopes(item: dict[str, list[Any]], key: str) -> list[dict[str, list[Any]]]:
    return [value for value in item.get(key, []) if isinstance(value, dict)]


def _optional(item: dict[str, list[Any]], key: str) -> str | None:
    value = item.get(key, [None])[-1]
    return value if isinstance(value, str) else None


def _word(item: dict[str, list[Any]], key: str, place: str) -> str:
    word = _optional(item, key)
    if word is None:
        raise InvalidInput(f"{place}: must have `{key}`")
    return word
