"""Graphs and cities from and to networkx, rustworkx and node-link JSON, and from tables of edges."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Mapping
from numbers import Integral
from typing import TYPE_CHECKING, Any

import numpy as np

from qgraph.base.checks import require, require_number
from qgraph.base.fields import as_name
from qgraph.models.build import Model, build
from qgraph.models.city_record import CityRecord
from qgraph.models.edges import WEIGHT, Choices, EdgeList, columns_of, edge_fields
from qgraph.models.graph_record import GraphRecord

if TYPE_CHECKING:
    import networkx
    import rustworkx


NODE_FIELDS = ("x", "y", "label")
STOP_FIELDS = ("x", "y", "type", "tier", "label")
ROAD_FIELDS = ("distance", "traffic")


def from_edges(model: type[Model], edges: Any, nodes: Iterable[Any]) -> Model:
    """See `Graph.from_edges`."""
    own = [as_name(name) for name in nodes]
    if hasattr(edges, "tocoo"):
        return build(model, **_of_sparse(edges, own))
    if hasattr(edges, "quadratic") and hasattr(edges, "linear"):
        loaded = next((name for name, bias in edges.linear.items() if bias), None)
        rule = "must have no linear terms to be a graph; QUBO(model) accepts them"
        require(loaded is None, "edges", rule, loaded)
        own += [as_name(name) for name in edges.variables]
        edges = [(*pair, bias) for pair, bias in edges.quadratic.items()]
    elif hasattr(edges, "columns"):
        names = list(edges.columns)
        places = [place for place in columns_of(names, WEIGHT) if place is not None]
        require(max(places) < len(names), "edges", "must have a source and a target as columns", names)
        edges = zip(*(edges[names[place]] for place in places), strict=True)
    triples = []
    for i, edge in enumerate(edges):
        fits = isinstance(edge, (tuple, list, np.ndarray)) and len(edge) in (2, 3)
        require(fits, f"edges[{i}]", "must be (source, target) or (source, target, weight)", edge)
        triples.append((as_name(edge[0]), as_name(edge[1]), edge[2] if len(edge) == 3 else 1.0))
    ends = itertools.chain.from_iterable((source, target) for source, target, _ in triples)
    nodes = [{"id": name} for name in dict.fromkeys(itertools.chain(own, ends))]
    return build(model, nodes=nodes, edges=edge_fields(triples))


def _of_sparse(matrix: Any, names: list[Any]) -> dict[str, Any]:
    size = matrix.shape[0]
    require(matrix.shape == (size, size), "edges", "must be a square matrix", f"the shape {matrix.shape}")
    require(matrix.dtype.kind in "biuf", "edges", "must be a matrix of real numbers", matrix.dtype)
    own = names or [str(i) for i in range(size)]
    require(len(own) == size, "nodes", f"must be {size} names, one for each row", len(own))
    entries = matrix.tocsr().tocoo()  # repeated entries are added
    edges = EdgeList("entry {} of `edges`")
    rows, columns = entries.coords
    edges.add_matrix(own, rows, columns, entries.data)
    return edges.fields(own)


def from_networkx(model: type[Model], graph: networkx.Graph[Any], weight: str) -> Model:
    """See `Graph.from_networkx`."""
    require(not graph.is_directed(), "graph", "must be undirected (see its to_undirected method)", graph)
    if graph.is_multigraph():
        joined = Counter(frozenset(pair) for pair in graph.edges())
        twice = next((tuple(pair) for pair, times in joined.items() if times > 1), None)
        require(twice is None, "graph", "must not have parallel edges", twice)
    if weight != WEIGHT and graph.number_of_edges():
        Choices(weight=weight).require_weight(set().union(*(data for _, _, data in graph.edges(data=True))))
    _unambiguous(graph.nodes)
    nodes = []
    for name, data in graph.nodes(data=True):
        pos = data.get("pos")
        pair = isinstance(pos, (tuple, list, np.ndarray)) and len(pos) == 2
        place = {"x": pos[0], "y": pos[1]} if pair else {}
        nodes.append({"id": _text(name), **_chosen(data, NODE_FIELDS), **place})
    edges = ((_text(s), _text(t), data.get(weight, 1.0)) for s, t, data in graph.edges(data=True))
    return build(model, nodes=nodes, edges=edge_fields(edges), metadata=_metadata(graph.graph))


def to_networkx(graph: GraphRecord) -> networkx.Graph[str]:
    """See `Graph.to_networkx`."""
    import networkx as nx

    result = nx.Graph(**({"metadata": dict(graph.metadata)} if graph.metadata else {}))
    for node in graph.nodes:
        result.add_node(node.id, **node.model_dump(exclude={"id"}, exclude_none=True))
    result.add_weighted_edges_from((e.source, e.target, e.weight) for e in graph.edges)
    return result


def city_from_networkx(model: type[Model], graph: networkx.Graph[Any]) -> Model:
    """See `City.from_networkx`."""
    require(not graph.is_multigraph(), "graph", "must not have parallel edges", graph)
    _unambiguous(graph.nodes)
    nodes = [{"id": _text(name), **_chosen(data, STOP_FIELDS)} for name, data in graph.nodes(data=True)]
    edges, driven = [], set()
    for source, target, data in graph.edges(data=True):
        back = graph.get_edge_data(target, source) if graph.is_directed() else None
        if (target, source) in driven and back == data:
            continue
        driven.add((source, target))
        ends = {"source": _text(source), "target": _text(target)}
        oneway = graph.is_directed() and back != data
        edges.append({**ends, "oneway": oneway, **_chosen(data, ROAD_FIELDS)})
    whole = _chosen(graph.graph, ("traffic_multipliers", "through_stops"))
    return build(model, nodes=nodes, edges=edges, metadata=_metadata(graph.graph), **whole)


def city_to_networkx(city: CityRecord) -> networkx.DiGraph[str]:
    """See `City.to_networkx`."""
    import networkx as nx

    whole = {"traffic_multipliers": dict(city.traffic_multipliers), "through_stops": city.through_stops}
    result = nx.DiGraph(**whole, **({"metadata": dict(city.metadata)} if city.metadata else {}))
    for node in city.nodes:
        result.add_node(node.id, **node.model_dump(exclude={"id"}, exclude_none=True))
    for road in city.edges:
        time = road.distance * city.traffic_multipliers[road.traffic]
        facts = {"distance": road.distance, "traffic": road.traffic, "time": time}
        result.add_edge(road.source, road.target, **facts)
        if not road.oneway:
            result.add_edge(road.target, road.source, **facts)
    return result


def from_rustworkx(model: type[Model], graph: rustworkx.PyGraph[Any, Any]) -> Model:
    """See `Graph.from_rustworkx`."""
    import rustworkx as rx

    require(isinstance(graph, rx.PyGraph), "graph", "must be an undirected rustworkx.PyGraph", graph)
    indices, payloads = graph.node_indices(), graph.nodes()
    named = all(isinstance(payload, (str, Integral)) for payload in payloads)
    distinct = named and len({str(payload) for payload in payloads}) == len(payloads)
    names = dict(zip(indices, payloads if distinct else indices, strict=True))
    edges = ((names[s], names[t], _payload_weight(payload)) for s, t, payload in graph.weighted_edge_list())
    return build(model, nodes=[{"id": name} for name in names.values()], edges=edge_fields(edges))


def to_rustworkx(graph: GraphRecord) -> rustworkx.PyGraph[str, float]:
    """See `Graph.to_rustworkx`."""
    import rustworkx as rx

    result: rustworkx.PyGraph[str, float] = rx.PyGraph(multigraph=False)
    result.add_nodes_from(graph.ids)
    numbers = zip(graph.pairs.tolist(), graph.weights.tolist(), strict=True)
    result.add_edges_from([(i, j, weight) for (i, j), weight in numbers])
    return result


def from_node_link(model: type[Model], data: Mapping[str, Any], choices: Choices | None = None) -> Model:
    """See `Graph.from_node_link`; attributes that qgraph does not use are left out."""
    directed = data.get("directed", False)
    if choices is None:
        require(directed is False, "directed", "must be false", directed)
    else:
        choices.require_undirected(directed is not False)
    links = data["links"] if "links" in data else data.get("edges", [])
    items = enumerate(_objects(data.get("nodes"), "nodes"))
    nodes = [{**_chosen(item, NODE_FIELDS), "id": as_name(item.get("id", i))} for i, item in items]
    edges, attributes = EdgeList("`links[{}]`", choices), set[str]()
    weight = edges.choices.weight
    for i, link in enumerate(_objects(links, "links")):
        source, target = (_end(link.get(key), f"links[{i}].{key}") for key in ("source", "target"))
        attributes.update(link)
        edges.add(source, target, require_number(f"links[{i}].{weight}", link.get(weight, 1.0)), i)
    if edges.weights:
        edges.choices.require_weight(attributes - {"source", "target", "key"})
    return build(model, **edges.fields(nodes), metadata=_metadata(data.get("graph")))


def to_node_link(graph: GraphRecord) -> dict[str, Any]:
    """See `Graph.to_node_link`."""
    return {
        "directed": False,
        "multigraph": False,
        "graph": {"metadata": dict(graph.metadata)},
        "nodes": [node.model_dump(exclude_none=True) for node in graph.nodes],
        "links": edge_fields((e.source, e.target, e.weight) for e in graph.edges),
    }


def _objects(items: Any, place: str) -> list[dict[str, Any]]:
    require(isinstance(items, list), place, "must be a list", items)
    for i, item in enumerate(items):
        require(isinstance(item, dict), f"{place}[{i}]", "must be an object", item)
    return list(items)


def _end(value: object, place: str) -> str:
    name = as_name(value)
    require(isinstance(name, str), place, "must be the name of a node", value)
    return str(name)


def _chosen(data: Mapping[str, Any], keys: tuple[str, ...]) -> dict[str, Any]:
    return {key: data[key] for key in keys if key in data}


def _metadata(attributes: object) -> dict[str, Any]:
    metadata = attributes.get("metadata") if isinstance(attributes, dict) else None
    return metadata if isinstance(metadata, dict) else {}


def _unambiguous(names: Iterable[object]) -> None:
    """Refuse names that become equal as strings, like 1 and "1"."""
    seen: dict[object, object] = {}
    for name in names:
        other = seen.setdefault(_text(name), name)
        require(other == name, "graph", f"must not have a node that is equal as text to {other!a}", name)


def _text(name: object) -> object:
    text = as_name(name)
    return text if isinstance(text, str) else str(name)


def _payload_weight(payload: object) -> object:
    if payload is None:
        return 1.0
    return payload.get("weight", 1.0) if isinstance(payload, dict) else payload
