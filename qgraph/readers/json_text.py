"""qgraph's own JSON formats, and the node-link format of networkx and D3."""

from __future__ import annotations

import json
from typing import Any, get_args

from qgraph.base.errors import InvalidInput, shown
from qgraph.base.fields import as_name
from qgraph.models import conversions
from qgraph.models.build import build
from qgraph.models.city import City
from qgraph.models.city_record import StopType
from qgraph.models.edges import DROP, WEIGHT, Choices
from qgraph.models.graph import Graph

NODE_LINK = {"links", "directed", "multigraph"}


def graph(text: str, choices: Choices) -> Graph:
    """A graph in qgraph's format, or in node-link format, if it has keys of that format."""
    return _graph(json_object(text), choices)


def city(text: str) -> City:
    """A city in qgraph's format."""
    return build(City, **_known(json_object(text), City))


def graph_or_city(text: str, choices: Choices) -> Graph | City:
    """A city if the nodes have types of stops or the edges distances and traffic, else a graph."""
    data = json_object(text)
    return build(City, **_known(data, City)) if is_city(data) else _graph(data, choices)


def is_city(data: dict[str, Any]) -> bool:
    """Whether this is rather a city than a graph."""
    types = {node.get("type") for node in _objects(data.get("nodes")) if isinstance(node.get("type"), str)}
    roads = [edge for edge in _objects(data.get("edges")) if "distance" in edge and "traffic" in edge]
    signs = "traffic_multipliers" in data or bool(roads) or bool(types & set(get_args(StopType)))
    return signs and not data.keys() & NODE_LINK


def _graph(data: dict[str, Any], choices: Choices) -> Graph:
    if data.keys() & NODE_LINK:
        return conversions.from_node_link(Graph, data, choices)
    fields = _known(data, Graph)
    choices.require_weight({WEIGHT})
    return build(Graph, **{**fields, "edges": _without_loops(fields.get("edges", []), choices)})


def _without_loops(edges: Any, choices: Choices) -> Any:
    """The edges without self-loops; validation refuses invalid edges later."""
    if not isinstance(edges, list):
        return edges
    kept = []
    for i, edge in enumerate(edges):
        ends = [edge.get(key) for key in ("from", "to")] if isinstance(edge, dict) else [None, None]
        if None in ends or as_name(ends[0]) != as_name(ends[1]):
            kept.append(edge)
        elif choices.loops == "refuse":
            raise InvalidInput(f"`edges[{i}]`: self-loop at {shown(as_name(ends[0]))}; {DROP}")
    return kept


def _known(data: dict[str, Any], model: type[Graph | City]) -> dict[str, Any]:
    extra = data.keys() - model.model_fields.keys()
    if extra:
        raise InvalidInput(f"keys must be among {', '.join(model.model_fields)}, got {shown(min(extra))}")
    return data


def _objects(items: object) -> list[dict[str, Any]]:
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []


def json_object(text: str) -> dict[str, Any]:
    """A JSON object whose keys differ and whose numbers are finite. Raises `InvalidInput`."""
    try:
        data = json.loads(text, object_pairs_hook=_distinct_keys, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise InvalidInput(f"line {error.lineno}, column {error.colno}: not JSON: {error.msg}") from None
    except RecursionError:
        raise InvalidInput("is nested too deeply") from None
    except InvalidInput:
        raise
    except ValueError as error:  # a number of thousands of digits
        raise InvalidInput(f"not readable as JSON: {error}") from None
    if not isinstance(data, dict):
        raise InvalidInput(f"must hold a JSON object, got {shown(data)}")
    return data


def _distinct_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    data: dict[str, Any] = {}
    for key, value in pairs:
        if key in data:
            raise InvalidInput(f"duplicate key {shown(key)}")
        data[key] = value
    return data


def _no_constant(word: str) -> float:
    raise InvalidInput(f"numbers must be finite, got {word}")
