"""Gestures of an editor: each makes a new graph or city."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from qgraph.base.checks import require
from qgraph.base.errors import InvalidInput, shown
from qgraph.models.build import build
from qgraph.models.city import City
from qgraph.models.graph import Graph
from qgraph.widgets import whole
from qgraph.widgets.drawing import Drawing

Model = TypeVar("Model", Graph, City)
Fields = dict[str, Any]
Change = Callable[[Fields, Mapping[str, Any]], None]
Whole = Callable[[Any, Mapping[str, Any], float], Any]

SHORTEST_ROAD = 0.01  # km, for a drawn road between two different places
ROAD_FIELDS = ("distance", "traffic", "oneway")


def edited(model: Model, edit: Mapping[str, Any], drawing: Drawing | None = None) -> Model:
    """The graph or city after one edit. `kind` names the edit. Raises `InvalidInput`.

    `drawing` says where nodes without coordinates are shown.

    >>> edited(Graph.from_edges([("a", "b")]), {"kind": "weight", "edge": ["a", "b"], "value": 2.5}).weights
    array([2.5])
    """
    drawing = drawing or Drawing()
    kind = edit.get("kind")
    changes: dict[str, Change] = {**COMMON, **(OF_GRAPHS if isinstance(model, Graph) else OF_CITIES)}
    wholes: dict[str, Whole] = {**WHOLE, **(WHOLE_GRAPHS if isinstance(model, Graph) else {})}
    known = [*changes, *wholes]
    require(isinstance(kind, str) and kind in known, "kind", f"must be one of {', '.join(known)}", kind)
    try:
        if kind in wholes:
            new: Model = wholes[str(kind)](model, edit, drawing.aspect)
            return new
        fields = _fields(model, drawing)
        changes[str(kind)](fields, edit)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        if isinstance(error, InvalidInput):
            raise
        raise InvalidInput(f"`edit` must be complete, got {shown(dict(edit))}") from None
    return build(type(model), **fields)


def _fields(model: Model, drawing: Drawing) -> Fields:
    """What a graph or city is made of, with copies of nodes and edges that may be changed."""
    fields: Fields = {name: getattr(model, name) for name in type(model).model_fields}
    fields["nodes"] = [
        {**node.model_dump(exclude_none=True), "x": x, "y": y}
        for node, (x, y) in zip(model.nodes, drawing.places(model).values(), strict=True)
    ]
    fields["edges"] = [edge.model_dump() for edge in model.edges]
    return fields


def _node(fields: Fields, name: object) -> Fields:
    found: list[Fields] = [node for node in fields["nodes"] if node["id"] == name]
    require(bool(found), "id", "must name an existing node", name)
    return found[0]  # a copy that belongs to this edit


def _edge(fields: Fields, ends: object) -> Fields:
    found: list[Fields] = [edge for edge in fields["edges"] if [edge["from"], edge["to"]] == ends]
    require(bool(found), "edge", "must name an existing edge", ends)
    return found[0]


def _add(fields: Fields, edit: Mapping[str, Any]) -> None:
    node = {"id": edit["id"], "x": edit["x"], "y": edit["y"]}
    if "traffic_multipliers" in fields:
        node["type"] = "junction"  # a node without roads cannot be a stop
    fields["nodes"].append(node)


def _move(fields: Fields, edit: Mapping[str, Any]) -> None:
    for name, (x, y) in edit["places"].items():
        _node(fields, name).update(x=x, y=y)


def _connect(fields: Fields, edit: Mapping[str, Any]) -> None:
    edge = {"from": edit["from"], "to": edit["to"]}
    if "traffic_multipliers" in fields:
        here, there = (_node(fields, name) for name in edge.values())
        straight = math.dist((here["x"], here["y"]), (there["x"], there["y"]))
        distance = max(round(straight, 2), SHORTEST_ROAD) if straight else 0.0
        edge |= {"distance": distance, "traffic": "low"}
    fields["edges"].append(edge)


def _remove(fields: Fields, edit: Mapping[str, Any]) -> None:
    gone = {_node(fields, name)["id"] for name in edit.get("nodes", [])}
    cut = [_edge(fields, ends) for ends in edit.get("edges", [])]
    fields["nodes"] = [node for node in fields["nodes"] if node["id"] not in gone]
    fields["edges"] = [
        edge for edge in fields["edges"] if edge not in cut and not gone & {edge["from"], edge["to"]}
    ]


def _change_node(fields: Fields, edit: Mapping[str, Any]) -> None:
    """Change the name (`to`), the type, or both."""
    old, new = edit["id"], edit.get("to", edit["id"])
    node = _node(fields, old)
    node["id"] = new
    for edge in fields["edges"]:
        edge.update({end: new for end in ("from", "to") if edge[end] == old})
    if edit.get("type", node.get("type")) != node.get("type"):
        node.pop("tier", None)
        node["type"] = edit["type"]


def _weight(fields: Fields, edit: Mapping[str, Any]) -> None:
    _edge(fields, edit["edge"])["weight"] = edit["value"]


def _road(fields: Fields, edit: Mapping[str, Any]) -> None:
    _edge(fields, edit["edge"]).update({name: edit[name] for name in ROAD_FIELDS if name in edit})


def _multipliers(fields: Fields, edit: Mapping[str, Any]) -> None:
    fields["traffic_multipliers"] = {**fields["traffic_multipliers"], **edit["value"]}


COMMON: dict[str, Change] = {
    "add": _add,
    "move": _move,
    "connect": _connect,
    "remove": _remove,
    "node": _change_node,
}
OF_GRAPHS = {"weight": _weight}
OF_CITIES = {"road": _road, "multipliers": _multipliers}
WHOLE: dict[str, Whole] = {
    "clear": whole.cleared,
    "generate": whole.generated,
    "load": whole.loaded,
}
WHOLE_GRAPHS: dict[str, Whole] = {"layout": whole.laid_out}
