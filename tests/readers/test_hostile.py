"""Bad input of many types, and its error: the argument or place, the rule, the value."""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import os
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import dimod
import networkx as nx
import numpy as np
import pydantic
import pytest
import rustworkx as rx
import scipy.sparse as sp
from conftest import ROOT
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import qgraph as qg
from qgraph.models.writers import WRITERS
from qgraph.problems.files import PROBLEM_READERS
from qgraph.readers import GRAPH_READERS

GRAPH = {"nodes": [{"id": "a"}, {"id": "b"}], "edges": [{"from": "a", "to": "b", "weight": 1}]}
CITY = {
    "nodes": [{"id": "a", "x": 0, "y": 0, "type": "priority"}, {"id": "b", "x": 1, "y": 1, "type": "normal"}],
    "edges": [{"from": "a", "to": "b", "distance": 1, "traffic": "low"}],
}
TSP = "TYPE: TSP\nDIMENSION: 3\nEDGE_WEIGHT_TYPE: EXPLICIT\nEDGE_WEIGHT_FORMAT: UPPER_ROW\nEDGE_WEIGHT_SECTION\n1 2 3\nEOF\n"
QUBO = "p qubo 0 2 1 1\n0 0 1\n0 1 2\n"
MATRIX = "%%MatrixMarket matrix coordinate real general\n2 2 1\n1 2 5\n"
GEXF = '<gexf><graph><nodes><node id="a"/><node id="b"/></nodes><edges><edge source="a" target="b"/></edges></graph></gexf>'
GRAPHML = '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">{}</graphml>'


def changed(source: dict[str, Any], *path: Any, to: Any) -> str:
    """The JSON of `source` with one place changed."""
    data = json.loads(json.dumps(source))
    place = data
    for step in path[:-1]:
        place = place[step]
    if isinstance(place, list) and path[-1] == len(place):
        place.append(to)
    else:
        place[path[-1]] = to
    return json.dumps(data)


GRAPH_FILES = {
    "empty.json": ("", "line 1, column 1: not JSON"),
    "cut.json": ('{"nodes": [', "not JSON"),
    "list.json": ("[]", r"must hold a JSON object, got \[\]"),
    "deep.json": ("[" * 200_000, "is nested too deeply"),
    "deep_object.json": ('{"metadata":' * 100_000, "is nested too deeply"),
    "nan.json": (changed(GRAPH, "edges", 0, "weight", to=float("nan")), "numbers must be finite, got NaN"),
    "infinity.json": (changed(GRAPH, "edges", 0, "weight", to=float("-inf")), "numbers must be finite, got -Infinity"),
    "overflow.json": (changed(GRAPH, "edges", 0, "weight", to=12345).replace("12345", "1e999"), r"`edges\[0\].weight`: must be finite and .*, got inf"),
    "large.json": (changed(GRAPH, "edges", 0, "weight", to=1e101), "must be finite and at most 1e\\+100 in size, got 1e\\+101"),
    "digits.json": ('{"nodes": ' + "9" * 5000 + "}", "not readable as JSON"),
    "integer.json": (changed(GRAPH, "edges", 0, "weight", to=10**400), r"`edges\[0\].weight`: must be finite"),
    "string_weight.json": (changed(GRAPH, "edges", 0, "weight", to="1"), r"`edges\[0\].weight`: must be a number, got '1'"),
    "bool_weight.json": (changed(GRAPH, "edges", 0, "weight", to=True), r"`edges\[0\].weight`: must be a number, got True"),
    "unknown_node.json": (changed(GRAPH, "edges", 0, "to", to="z"), r"`edges\[0\]`: unknown node 'z'"),
    "loop.json": (changed(GRAPH, "edges", 0, "to", to="a"), r"`edges\[0\]`: self-loop at 'a'"),
    "twice.json": (changed(GRAPH, "nodes", 1, "id", to="a"), r"`nodes\[1\]`: duplicate node id 'a'"),
    "parallel.json": (
        changed(GRAPH, "edges", 1, to={"from": "b", "to": "a"}),
        r"`edges\[1\]`: duplicate edge between 'b' and 'a'",
    ),
    "nameless.json": (changed(GRAPH, "nodes", 0, "id", to=""), r"`nodes\[0\].id`: must have at least one character, got ''"),
    "null_name.json": (changed(GRAPH, "nodes", 0, "id", to=None), r"`nodes\[0\].id`: must be text, got None"),
    "long_name.json": (changed(GRAPH, "nodes", 0, "id", to="x" * 257), r"`nodes\[0\].id`: must have at most 256 characters, got 257"),
    "typo.json": (changed(GRAPH, "edges", 0, "wieght", to=2), r"`edges\[0\].wieght`: Extra inputs are not permitted, got 2"),
    "half_place.json": (changed(GRAPH, "nodes", 0, "x", to=1), r"`nodes\[0\]`: a node has both coordinates"),
    "surrogate.json": ('{"nodes": [{"id": "\\ud800"}]}', r"`nodes\[0\].id`: must be valid Unicode"),
    "duplicate_key.json": ('{"nodes": [], "nodes": []}', "duplicate key 'nodes'"),
    "extra_key.json": (changed(GRAPH, "vertices", to=[]), "keys must be among nodes, edges, metadata, got 'vertices'"),
    "no_nodes.json": ("{}", "`nodes`: Field required"),
    "directed.json": (changed(GRAPH, "directed", to=True), "the graph must be undirected; directed=\"merge\" .* takes arcs as edges"),
    "multi.json": ('{"multigraph": true, "nodes": [{"id": 0}, {"id": 1}], "links": [{"source": 0, "target": 1}, {"source": 0, "target": 1, "weight": 2}]}', r"`links\[1\]`: the edge between '0' and '1' has the weight 2.0, and had 1.0 before"),
    "links.json": ('{"nodes": [], "links": 3}', "`links` must be a list, got 3"),
    "link.json": ('{"nodes": [], "links": [3]}', r"`links\[0\]` must be an object, got 3"),
    "city.json": (json.dumps(CITY), r"`nodes\[0\].type`: Extra inputs"),
    "latin.json": ('{"nodes": ["é"]}'.encode("latin-1"), "must be utf-8 text, and byte 12 is not"),
    "binary.rud": (b"2 1\n1 2\0", "must be text, and character 7 is a null"),
    "image.png": (b"\x89PNG", "the ending must be one of .json, .rud,"),
    "empty.rud": ("", "the first line must be the numbers of nodes and edges"),
    "header.rud": ("2\n1 2\n", "the first line must be the numbers of nodes and edges"),
    "huge_header.rud": ("99999999999999999999 0\n", "line 1: number of nodes: must be a whole number from 0 to 1000000"),
    "short.rud": ("3 2\n1 2\n", "line 1 announces 2 edges, and 1 follow"),
    "zero.rud": ("2 1\n0 1\n", "line 2: nodes are numbered from 1, got 0"),
    "beyond.rud": ("2 1\n1 3\n", "line 2: node: must be a whole number from 0 to 2, got '3'"),
    "nan.rud": ("2 1\n1 2 nan\n", "line 2: weight: must be a finite number, got 'nan'"),
    "words.rud": ("2 1\n1 2 3 4\n", "line 2: must be `i j weight`, got '1 2 3 4'"),
    "unicode.rud": ("2 1\n1 ٢\n", "line 2: node: must be a whole number"),
    "loop.txt": ("2 1\n1 1\n", "line 2: self-loop at '1'; loops=\"drop\" .* leaves self-loops out"),
    "notxml.graphml": ("hello", "not XML"),
    "other.graphml": ("<a/>", "must have the root element graphml, got 'a'"),
    "bomb.graphml": ('<!DOCTYPE x [<!ENTITY a "aaaa">]><graphml/>', "must not declare a document type"),
    "directed.graphml": (GRAPHML.format('<graph edgedefault="directed"/>'), "must be undirected"),
    "spaced.json": (changed(GRAPH, "edges", 0, "to", to="a"), r"`edges\[0\]`: self-loop at 'a'; loops=\"drop\""),
    "links_name.json": ('{"nodes": [{"id": [1]}], "links": [{"source": {}, "target": 0}]}', r"`links\[0\].source` must be the name of a node, got \{\}"),
    "links_id.json": ('{"nodes": [{"id": [1]}], "links": []}', r"`nodes\[0\].id`: must be text, got \[1\]"),
    "links_weight.json": ('{"nodes": [{"id": 0}, {"id": 1}], "links": [{"source": 0, "target": 1, "weight": "2"}]}', r"`links\[0\].weight` must be a finite number, got '2'"),
    "links_unknown.json": ('{"nodes": [{"id": 0}], "links": [{"source": 0, "target": 1}]}', r"`links\[0\]`: unknown node '1'"),
    "twice.rud": ("2 2\n1 2 3\n2 1 4\n", "line 3: the edge between '2' and '1' has the weight 4.0, and had 3.0 before; directed=\"merge\""),
    "again.rud": ("2 2\n1 2 3\n1 2 4\n", "line 3: the edge between '1' and '2' has the weight 4.0, and had 3.0 before$"),
    "empty.gph": ("c nothing\n\n", "must have a line `p edge n m`"),
    "early.gph": ("e 1 2\np edge 2 1\n", "line 1: the `p` line must come before the edges"),
    "two.col": ("p col 2 1\np col 2 1\n", "line 2: there must be one `p` line, got a second"),
    "huge.clq": ("p edge 99999999 1\n", "line 1: number of nodes: must be a whole number from 0 to 1000000, got '99999999'"),
    "beyond.dimacs": ("p edge 2 1\ne 1 3\n", "line 2: node: must be a whole number from 0 to 2, got '3'"),
    "zero.gph": ("p edge 2 1\ne 0 1\n", "line 2: nodes are numbered from 1, got 0"),
    "arc.gph": ("p sp 2 1\na 1 2 5\n", "line 2: must be `e i j` or `e i j weight`, got 'a 1 2 5'"),
    "short.gph": ("p edge 2\n", "line 1: must be `p edge n m`, got 'p edge 2'"),
    "inf.gph": ("p edge 2 1\ne 1 2 inf\n", "line 2: weight: must be a finite number, got 'inf'"),
    "loop.gph": ("p edge 2 1\ne 2 2\n", "line 2: self-loop at '2'; loops=\"drop\""),
    "empty.mtx": ("", "line 1: must be `%%MatrixMarket matrix form field symmetry`"),
    "complex.mtx": (MATRIX.replace("real", "complex"), "line 1: must name one of real, integer, pattern, double, got 'complex'"),
    "skew.mtx": (MATRIX.replace("general", "skew-symmetric"), "line 1: must name one of general, symmetric, got 'skew-symmetric'"),
    "vector.mtx": (MATRIX.replace("matrix c", "vector c"), "line 1: must be `%%MatrixMarket matrix"),
    "wide.mtx": (MATRIX.replace("2 2 1", "2 3 1"), "line 2: the matrix must be square, got 2 rows and 3 columns"),
    "huge.mtx": (MATRIX.replace("2 2 1", "2000000 2000000 1"), "line 2: number of rows: must be a whole number from 0 to 1000000"),
    "many.mtx": (MATRIX.replace("2 2 1", "2 2 9999999999"), "line 2: number of entries: must be a whole number from 0 to 4000000"),
    "cut.mtx": (MATRIX.replace("2 2 1", "2 2 2"), "line 2 announces 2 entries, and 1 follow"),
    "square.mtx": ("%%MatrixMarket matrix array real general\n1000000 1000000\n1\n", "line 2 announces 1000000000000 entries, and 1 follow"),
    "long.mtx": ("%%MatrixMarket matrix array real symmetric\n1 1\n0\n5\n6\n", "line 2 announces 1 entries, and 3 follow"),
    "size.mtx": ("%%MatrixMarket matrix array real general\n2 2 1\n", "line 2: must have 2 numbers for the size, got 3"),
    "broken.mtx": (MATRIX.replace("1 2 5", "1 2 5#"), "line 3: value: must be a finite number, got '5#'"),
    "pattern.mtx": (MATRIX.replace("real", "pattern"), "line 3: must be `i j`, got '1 2 5'"),
    "beyond.mtx": (MATRIX.replace("1 2 5", "1 3 5"), "line 3: node: must be a whole number from 0 to 2, got '3'"),
    "loop.mtx": (MATRIX.replace("1 2 5", "1 1 5"), r"entry \(1, 1\): self-loop at '1'; loops=\"drop\""),
    "arcs.mtx": (MATRIX.replace("2 2 1\n1 2 5", "3 3 2\n1 2 5\n3 2 5"), "the graph must be undirected; directed=\"merge\""),
    "unequal.mtx": (MATRIX.replace("2 2 1\n1 2 5", "2 2 2\n1 2 5\n2 1 6"), r"entry \(2, 1\): the edge between '2' and '1' has the weight 6.0, and had 5.0 before; directed="),
    "empty.csv": ("# nothing\n\n", "must have at least one line `source target`"),
    "one.csv": ("alone\n", "line 1: must have 2 to 3 columns, blank-separated, got 1"),
    "quote.csv": ('a,b\n"c,d\n', "line 2: unexpected end of data"),
    "quoted.csv": ('a,b\n"c"d,e\n', "line 2: ',' expected after '\"'"),
    "matrix.csv": ("0,1,0,0,1\n1,0,1,0,0\n", "line 1: a list of edges without a header has 2 to 4 columns, got 5; a matrix is read from .mtx"),
    "nan.csv": ("a,b,nan\n", "line 1: weight: must be a finite number, got 'nan'"),
    "word.csv": ("a,b,1\nb,c,heavy\n", "line 2: weight: must be a finite number, got 'heavy'"),
    "nameless.csv": ("a,b\n,c\n", "line 2: the name of a node must have at least one character, got ''"),
    "ragged.tsv": ("a\tb\nb\tc\td\te\n", "line 2: must have 2 to 3 columns, tab-separated, got 4"),
    "narrow.csv": ("source,x,target\na,b\n", "line 2: must have 3 columns, comma-separated, got 2"),
    "twice.csv": ("a,b,1\nb,a,2\n", "line 2: the edge between 'b' and 'a' has the weight 2.0, and had 1.0 before; directed="),
    "loop.edges": ("a b\nb b\n", "line 2: self-loop at 'b'; loops=\"drop\""),
    "attribute.edgelist": ("a b {'weight': 'x'}\n", "line 1: weight: must be a finite number, got 'x'"),
    "deep.edgelist": ("a b " + "{" * 100_000 + "}\n" + "b c " + "['weight':" * 1000, "line 2: weight: must be a finite number"),
    "long.el": ("x" * 300 + " b\n", r"`nodes\[0\].id`: must have at most 256 characters, got 300"),
    "overflow.el": ("a b 1e101\n", r"`edges\[0\].weight`: must be finite and at most"),
    "edges.txt": ("1 2\n2 2\n", "line 2: self-loop at '2'"),
    "entity.graphml": (GRAPHML.format('<graph><node id="&a;"/></graph>'), "line 1: not XML: undefined entity"),
    "external.graphml": ('<!DOCTYPE g SYSTEM "file:///etc/passwd"><graphml/>', "line 1: must not declare a document type"),
    "twice.graphml": (GRAPHML.format('<graph><node id="a"/>\n<node id="a"/></graph>'), "line 2: duplicate node id 'a'"),
    "nested.graphml": (GRAPHML.format('<graph><node id="a"><graph/></node></graph>'), "line 1: must hold one graph, got one within 'node'"),
    "graphs.graphml": (GRAPHML.format("<graph/><graph/>"), "must hold one graph, got a second"),
    "none.graphml": (GRAPHML.format(""), "must hold one graph, got none"),
    "hyper.graphml": (GRAPHML.format("<graph><hyperedge/></graph>"), "must have neither hyperedges nor ports, got 'hyperedge'"),
    "port.graphml": (GRAPHML.format('<graph><node id="a"><port name="n"/></node></graph>'), "must have neither hyperedges nor ports, got 'port'"),
    "sourceport.graphml": (GRAPHML.format('<graph><edge source="a" target="b" sourceport="n"/></graph>'), "must have neither hyperedges nor ports, got 'edge'"),
    "unknown.graphml": (GRAPHML.format('<graph><node id="a"/>\n<edge source="a" target="z"/></graph>'), "line 2: unknown node 'z'"),
    "endless.graphml": (GRAPHML.format('<graph><edge source="a"/></graph>'), "an edge must have a `source` and a `target`"),
    "nameless.graphml": (GRAPHML.format("<graph><node/></graph>"), "a node must have an `id`"),
    "deep.graphml": (GRAPHML.format("<graph>" * 1 + "<desc>" * 100_000), "is nested too deeply"),
    "arc.graphml": (GRAPHML.format('<graph edgedefault="undirected"><edge directed="true" source="a" target="b"/></graph>'), "line 1: the graph must be undirected; directed="),
    "weight.graphml": (GRAPHML.format('<graph><node id="a"/><node id="b"/><edge source="a" target="b"><data key="weight">true</data></edge></graph>'), "line 1: weight: must be a finite number, got 'true'"),
    "hex.graphml": (GRAPHML.format('<graph><node id="a"/><node id="b"/><edge source="a" target="b"><data key="weight">0x1p+999999</data></edge></graph>'), "line 1: weight: must be a finite number, got '0x1p"),
    "half.graphml": (GRAPHML.format("<graph>")[:-10], "not XML: (no element found|unclosed token)"),
    "other.gexf": ("<graphml/>", "line 1: must have the root element gexf, got 'graphml'"),
    "bomb.gexf": ('<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><gexf>&b;</gexf>', "must not declare a document type"),
    "none.gexf": ("<gexf/>", "must hold one graph, got none"),
    "graphs.gexf": ("<gexf><graph/><graph/></gexf>", "must hold one graph, got a second"),
    "directed.gexf": ('<gexf><graph defaultedgetype="directed"/></gexf>', "the graph must be undirected; directed="),
    "mutual.gexf": (GEXF.replace("<edge ", '<edge type="mutual" '), "the graph must be undirected; directed="),
    "twice.gexf": (GEXF.replace('"b"/>', '"a"/>', 1), "duplicate node id 'a'"),
    "nested.gexf": (GEXF.replace('"a"/>', '"a"><nodes><node id="c"/></nodes></node>'), "a node must not hold nodes"),
    "unknown.gexf": (GEXF.replace('target="b"', 'target="z"'), "line 1: unknown node 'z'"),
    "weight.gexf": (GEXF.replace("<edge ", '<edge weight="heavy" '), "line 1: weight: must be a finite number, got 'heavy'"),
    "deep.gexf": ("<gexf>" + "<node>" * 100_000, "a node must have an `id`"),
    "empty.gml": ("# nothing", "`graph` must be there once, got 0"),
    "graphs.gml": ("graph [ ] graph [ ]", "`graph` must be there once, got 2"),
    "word.gml": ("graph 5", "`graph` must be there once, got 0"),
    "cut.gml": ("graph [\n node [ id 1 ", "line 2: must not end before all brackets are closed"),
    "deep.gml": ("graph [ " + "a [ " * 100_000, "line 1: is nested too deeply"),
    "close.gml": ("graph [ ] ]", "line 1: must be a key, got ']'"),
    "value.gml": ("graph [ node ]", "line 1: must be a value, got ']'"),
    "quote.gml": ('graph [ node [ id "1 ] ]', "line 1: must be a key, a number, text in quotes or a bracket, got"),
    "twice.gml": ("graph [ node [ id 1 ] node [ id 1 ] ]", "node 2: duplicate id '1'"),
    "nameless.gml": ('graph [ node [ label "a" ] ]', "node 1: must have `id`"),
    "unknown.gml": ("graph [ node [ id 1 ] edge [ source 1 target 2 ] ]", "edge 1: unknown node '2'"),
    "end.gml": ("graph [ node [ id 1 ] edge [ source 1 ] ]", "edge 1: must have `target`"),
    "weight.gml": ("graph [ node [ id 1 ] node [ id 2 ] edge [ source 1 target 2 weight INF ] ]", "edge 1: weight: must be a finite number, got 'INF'"),
    "directed.gml": ("graph [ directed 1 ]", "the graph must be undirected; directed="),
    "parallel.gml": ("graph [ node [ id 1 ] node [ id 2 ] edge [ source 1 target 2 ] edge [ source 1 target 2 weight 2 ] ]", "edge 2: the edge between '1' and '2' has the weight 2.0, and had 1.0 before"),
    "empty.net": ("% nothing", r"must have a line `\*Vertices n`"),
    "early.net": ("*Edges\n1 2\n", r"line 1: `\*Vertices` must come before '\*Edges'"),
    "two.paj": ("*Vertices 1\n*Vertices 2\n", "line 2: there must be one network, got a second"),
    "count.net": ("*Vertices many\n", "line 1: number of vertices: must be a whole number from 0 to 1000000, got 'many'"),
    "beyond.net": ("*Vertices 1\n2 b\n", "line 2: node: must be a whole number from 0 to 1, got '2'"),
    "twice.net": ("*Vertices 2\n1 a\n1 b\n", "line 3: duplicate node 1"),
    "arcs.net": ("*Vertices 2\n*Arcs\n1 2\n", "the graph must be undirected; directed="),
    "short.net": ("*Vertices 2\n*Edges\n1\n", "line 3: must be `i j` or `i j weight`, got '1'"),
    "weight.net": ("*Vertices 2\n*Edges\n1 2 x\n", "line 3: weight: must be a finite number, got 'x'"),
    "rows.net": ("*Vertices 2\n*Matrix\n0 1\n", r"`\*Matrix` must have 2 lines, got 1"),
    "row.net": ("*Vertices 2\n*Matrix\n0 1 1\n", "line 3: must have 2 numbers, got 3"),
    "lopsided.net": ("*Vertices 2\n*Matrix\n0 1\n2 0\n", r"entry \(2, 1\): the edge between '2' and '1' has the weight 2.0, and had 1.0 before"),
    "plain.rud.gz": ("2 1\n1 2\n", "must be compressed by gzip: Not a gzipped file"),
    "cut.rud.gz": (gzip.compress(b"2 1\n1 2\n")[:-9], "must be compressed by gzip: Compressed file ended"),
    "damaged.csv.gz": (gzip.compress(b"a,b\n")[:12] + b"\xff" * 20, "must be compressed by gzip: "),
    "bomb.csv.gz": (gzip.compress(b"a,b\n" * 5_000_000), "must be at most 16777216 bytes"),
    "bomb_of_bombs.json.gz": (gzip.compress(gzip.compress(b"0" * 20_000_000)), "must be utf-8 text, and byte 1 is not"),
    "nothing.gz": (gzip.compress(b""), r"the ending must be one of \.json, .*, got ''"),
    "type.tsp": (TSP.replace("TSP", "CVRP", 1), "TYPE must be one of TSP, got 'CVRP'"),
    "untyped.tsp": (TSP.replace("TYPE: TSP\n", ""), "TYPE must be one of TSP, got 'nothing'"),
    "dimension.tsp": (TSP.replace(": 3", ": 100000"), "DIMENSION: must be a whole number from 0 to 1000, got '100000'"),
    "pairs.tsp": (TSP.replace(": 3", ": 1001").replace("EXPLICIT", "EUC_2D"), "DIMENSION must be at most 1000 for a graph of all pairs, got 1001"),
    "nodimension.tsp": (TSP.replace("DIMENSION: 3\n", ""), "DIMENSION: must be a whole number"),
    "weights.tsp": (TSP.replace("EXPLICIT", "XRAY1"), "EDGE_WEIGHT_TYPE must be one of EXPLICIT, EUC_2D"),
    "form.tsp": (TSP.replace("UPPER_ROW", "FUNCTION"), "EDGE_WEIGHT_FORMAT must be one of FULL_MATRIX"),
    "count.tsp": (TSP.replace("1 2 3", "1 2"), "EDGE_WEIGHT_SECTION must have 3 numbers as UPPER_ROW, got 2"),
    "word.tsp": (TSP.replace("1 2 3", "1 x 3"), "EDGE_WEIGHT_SECTION: number 2: must be a finite number, got 'x'"),
    "stray.tsp": ("hello\n", "line 1: must be an entry `KEY: value` or begin a known section, got 'hello'"),
    "places.tsp": ("TYPE: TSP\nDIMENSION: 2\nEDGE_WEIGHT_TYPE: EUC_2D\n", "NODE_COORD_SECTION must have 2 lines"),
    "same.tsp": (
        "TYPE: TSP\nDIMENSION: 2\nEDGE_WEIGHT_TYPE: EUC_2D\nNODE_COORD_SECTION\n1 0 0\n1 1 1\n",
        "cities are numbered 1 to 2, each once, got '1'",
    ),
}  # fmt: skip

CITY_FILES = {
    "type.json": (changed(CITY, "nodes", 0, "type", to="vip"), r"`nodes\[0\].type`: .*'priority', 'normal', 'depot'"),
    "typeless.json": (json.dumps({"nodes": [{"id": "a", "x": 0, "y": 0}]}), r"`nodes\[0\].type`: Field required"),
    "place.json": (changed(CITY, "nodes", 0, "x", to=None), r"`nodes\[0\].x`: must be a number, got None"),
    "minus.json": (changed(CITY, "edges", 0, "distance", to=-2), r"`edges\[0\].distance`: must be at least 0, got -2"),
    "metric.json": (changed(CITY, "metric", to="EUC_3D"), r"`metric`: .*'EUC_2D'.* got 'EUC_3D'"),
    "metric_roads.json": (changed(CITY, "metric", to="EUC_2D"), "`edges` must be empty if there is a `metric`, got 1 roads"),
    "jam.json": (changed(CITY, "edges", 0, "traffic", to="jam"), r"`edges\[0\].traffic`: .*'low', 'medium' or 'high', got 'jam'"),
    "oneway.json": (changed(CITY, "edges", 0, "oneway", to=True), "no way leads from stop 'b' to stop 'a'"),
    "oneway_word.json": (changed(CITY, "edges", 0, "oneway", to="yes"), r"`edges\[0\].oneway`: .*boolean, got 'yes'"),
    "island.json": (changed(CITY, "nodes", 2, to={"id": "c", "x": 0, "y": 0, "type": "normal"}), "from stop 'a' to stop 'c'"),
    "depots.json": (
        changed(CITY, "nodes", to=[{"id": i, "x": 0, "y": 0, "type": "depot"} for i in "ab"]),
        "`nodes`: a city has at most one depot, got 'a' and 'b'",
    ),
    "tier.json": (changed(CITY, "nodes", 1, "tier", to=2), r"`nodes\[1\]`: `tier` is for priority stops only"),
    "tier_zero.json": (changed(CITY, "nodes", 0, "tier", to=0), r"`nodes\[0\].tier`: .*greater than or equal to 1"),
    "parallel.json": (
        changed(CITY, "edges", 1, to={"from": "b", "to": "a", "distance": 2, "traffic": "low", "oneway": True}),
        r"`edges\[1\]`: duplicate road between 'b' and 'a'",
    ),
    "multiplier.json": (changed(CITY, "traffic_multipliers", to={"low": 0}), "`traffic_multipliers.low`: .*greater than 0"),
    "rush.json": (changed(CITY, "traffic_multipliers", to={"rush": 2}), "`traffic_multipliers.rush.*'low', 'medium' or 'high'"),
    "graph.json": (json.dumps(GRAPH), r"`nodes\[0\].x`: Field required"),
    "g.rud": ("1 0\n", "the ending must be one of .json, .tsp, .atsp, got '.rud'"),
    "minus.tsp": (TSP.replace("1 2 3", "1 -2 3"), r"`edges\[1\].distance`: must be at least 0, got .*-2.0"),
    "matrix.tsp": (TSP.replace(": 3", ": 1001"), "DIMENSION: must be a whole number from 0 to 1000, got '1001'"),
    "many.tsp": (TSP.replace(": 3", ": 100001").replace("EXPLICIT", "EUC_2D"), "DIMENSION: must be a whole number from 0 to 100000, got"),
}  # fmt: skip

PROBLEM_FILES = {
    "empty.qubo": ("c nothing\n", "line 1: the line `p qubo topology maxNodes nNodes nCouplers` must come first"),
    "short.qubo": ("p qubo 0 2 1\n", "line 1: must be `p qubo topology maxNodes nNodes nCouplers`"),
    "other.qubo": ("p edge 0 2 1 1\n", "line 1: must be `p qubo topology"),
    "early.qubo": ("0 0 1\n", "line 1: the line `p qubo topology maxNodes nNodes nCouplers` must come first"),
    "second.qubo": (QUBO + "p qubo 0 2 1 1\n", "line 4: must be `i j value`, got 'p qubo 0 2 1 1'"),
    "beyond.qubo": (QUBO.replace("0 1 2", "0 2 2"), "line 3: bit: must be a whole number from 0 to 1, got '2'"),
    "word.qubo": (QUBO.replace("0 1 2", "0 1 two"), "line 3: value: must be a finite number, got 'two'"),
    "twice.qubo": (QUBO + "1 0 2\n", "line 4: must name each pair once, got 1 and 0 again"),
    "count.qubo": (QUBO.replace("2 1 1", "2 2 1"), "the `p` line announces 2 nodes and 1 couplers, and 1 and 1 follow"),
    "huge.qubo": (QUBO.replace("2 1 1", "9e9 1 1"), "line 1: must be a whole number from 0 to 2000000, got '9e9'"),
    "none.qubo": ("p qubo 0 0 0 0\n", "`Q` must have at least one term"),
    "empty.bq": ("# nothing\n", "the first line must be the numbers of bits and entries"),
    "huge.bq": ("1000001 1\n", "line 1: number of bits: must be a whole number from 0 to 1000000, got '1000001'"),
    "zero.bq": ("2 1\n0 1 5\n", "line 2: bits are numbered from 1, got 0"),
    "beyond.bq": ("2 1\n1 3 5\n", "line 2: bit: must be a whole number from 0 to 2, got '3'"),
    "short.sparse": ("2 2\n1 2 5\n", "line 1 announces 2 entries, and 1 follow"),
    "pair.bq": ("2 1\n1 2\n", "line 2: must be `i j value`, got '1 2'"),
    "twice.bq": ("2 2\n1 2 5\n2 1 5\n", "line 3: must name each pair once, got 2 and 1 again"),
    "overflow.bq": ("2 1\n1 2 1e101\n", r"must be finite and at most 1e\+100 in size"),
    "graph.rud": ("2 1\n1 2\n", r"the ending must be one of \.json, \.qubo, \.bq, \.sparse, got '\.rud'"),
}  # fmt: skip


@pytest.mark.parametrize(
    ("read", "name", "content", "message"),
    [(qg.read_graph, name, *case) for name, case in GRAPH_FILES.items()]
    + [(qg.read_city, name, *case) for name, case in CITY_FILES.items()]
    + [(qg.read_problem, name, *case) for name, case in PROBLEM_FILES.items()],
    ids=[f"graph-{name}" for name in GRAPH_FILES]
    + [f"city-{name}" for name in CITY_FILES]
    + [f"problem-{name}" for name in PROBLEM_FILES],
)
def test_hostile_files(read: Any, name: str, content: str | bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(qg.InvalidFile, match=message) as caught:
        read(path)
    assert name in str(caught.value)
    assert "\n" not in str(caught.value)


def test_only_regular_files_are_read(tmp_path: Path) -> None:
    (tmp_path / "folder.json").mkdir()
    os.mkfifo(tmp_path / "pipe.json")
    for name, message in {
        "folder.json": "Is a directory|regular file",
        "pipe.json": "must be a regular file",
        "missing.json": "No such file",
        "nul\0.json": "null byte",
    }.items():
        with pytest.raises(qg.InvalidFile, match=message):
            qg.read_graph(tmp_path / name)


RING = qg.MaxCut(qg.Graph.ring(4))
BOAT = qg.City.model_validate(CITY)
ROUTING = qg.PriorityRouting(qg.City.random(stops=3, priority=1, seed=1))
ARGUMENTS = {
    "ring": (lambda: qg.Graph.ring(2), "`n` must be a whole number from 3"),
    "ring-float": (lambda: qg.Graph.ring(4.0), "`n` must be a whole number from 3 to 1000000, got 4.0"),
    "complete": (lambda: qg.Graph.complete(10**6), "`n` must be a whole number from 1 to 3000, got 1000000"),
    "regular-odd": (lambda: qg.Graph.random_regular(3, 5, seed=1), "`degree` times n = 5 must be even, got 3"),
    "regular-large": (lambda: qg.Graph.random_regular(5, 4, seed=1), "`degree` must be below n = 4, got 5"),
    "probability": (lambda: qg.Graph.erdos_renyi(5, 1.5, seed=1), "`probability` must lie between 0 and 1, got 1.5"),
    "edges-short": (lambda: qg.Graph.from_edges([("a",)]), r"`edges\[0\]` must be \(source, target\)"),
    "edges-nan": (lambda: qg.Graph.from_edges([("a", "b", np.nan)]), r"`edges\[0\].weight`: must be finite and .*, got nan"),
    "weights": (lambda: qg.Graph.ring(3).with_weights([1]), "`weights` must have 3 values, got 1"),
    "layout": (lambda: qg.Graph.ring(3).with_layout("star"), "`kind` must be one of auto, stress, spring, circular, grid, kamada_kawai"),
    "positions": (lambda: qg.Graph.ring(3).with_positions({"9": (0, 0)}), r"`positions` must name nodes of the graph, got \['9'\]"),
    "digraph": (lambda: qg.Graph.from_networkx(nx.DiGraph()), "`graph` must be undirected"),
    "multigraph": (lambda: qg.Graph.from_networkx(nx.MultiGraph([(0, 1), (1, 0)])), r"parallel edges, got \(0, 1\)"),
    "same-text": (lambda: qg.Graph.from_networkx(nx.Graph([(1, "1")])), "must not have a node that is equal as text to 1, got '1'"),
    "rustworkx-digraph": (lambda: qg.Graph.from_rustworkx(rx.PyDiGraph()), "must be an undirected rustworkx.PyGraph"),
    "read-directed": (lambda: qg.read_graph("g.json", directed="yes"), "`directed` must be \"refuse\" or \"merge\", got 'yes'"),
    "read-loops": (lambda: qg.read_graph("g.json", loops=True), "`loops` must be \"refuse\" or \"drop\", got True"),
    "read-weight": (lambda: qg.read_graph("g.json", weight=2), "`weight` must be the name of an attribute, got 2"),
    "read-folder": (lambda: qg.read_graph("/nowhere/g.json"), "g.json: No such file or directory in /nowhere"),
    "networkx-weight": (lambda: qg.Graph.from_networkx(nx.Graph([(0, 1, {"capacity": 2, "cost": 1})]), weight="capcity"), "`weight` must name an attribute of the edges, which have 'capacity', 'cost', got 'capcity'"),
    "sparse-wide": (lambda: qg.Graph.from_edges(sp.csr_array((2, 3))), r"`edges` must be a square matrix, got 'the shape \(2, 3\)'"),
    "sparse-complex": (lambda: qg.Graph.from_edges(sp.csr_array([[0, 1j], [1j, 0]])), "`edges` must be a matrix of real numbers, got dtype"),
    "sparse-arcs": (lambda: qg.Graph.from_edges(sp.csr_array([[0, 1, 0], [0, 0, 0], [0, 1, 0]])), "`edges` must be symmetric or triangular as a matrix$"),
    "sparse-unequal": (lambda: qg.Graph.from_edges(sp.csr_array([[0, 1.0], [2.0, 0]])), r"entry \(2, 1\) of `edges`: the edge between '1' and '0' has the weight 2.0, and had 1.0 before$"),
    "sparse-loop": (lambda: qg.Graph.from_edges(sp.eye_array(2)), r"entry \(1, 1\) of `edges`: self-loop at '0'$"),
    "sparse-names": (lambda: qg.Graph.from_edges(sp.csr_array((2, 2)), ["a"]), "`nodes` must be 2 names, one for each row, got 1"),
    "sparse-nan": (lambda: qg.Graph.from_edges(sp.csr_array([[0, np.nan], [0, 0]])), r"`edges\[0\].weight`: must be finite"),
    "dimod-linear": (lambda: qg.Graph.from_edges(dimod.BinaryQuadraticModel({"a": 1.0}, {"ab": 2.0}, "BINARY")), r"`edges` must have no linear terms to be a graph; QUBO\(model\) accepts them, got 'a'"),
    "numpy-number": (lambda: qg.IndependentSet(qg.Graph.ring(3), {"0": np.float64(0.0)}), r"`weights\['0'\]` must be positive and finite, got 0.0$"),
    "numpy-tuple": (lambda: qg.Graph.from_edges([(np.int64(1), 2, 3, np.float64(0.5))]), r"got \(1, 2, 3, 0.5\)$"),
    "city-stops": (lambda: qg.City.random(stops=0, seed=1), "`stops` must be a whole number from 1 to 10000, got 0"),
    "city-roads": (BOAT.with_roads, "`metric` must be given, because roads follow from it, got None"),
    "city-priority": (lambda: qg.City.random(stops=3, priority=4, seed=1), "`priority` must be a whole number from 0 to 3, got 4"),
    "maxcut-type": (lambda: qg.MaxCut([(0, 1)]), r"`graph` must be a qgraph.Graph, got \[\(0, 1\)\]"),
    "maxcut-empty": (lambda: qg.MaxCut(qg.Graph(nodes=())), "`graph` must have at least one node"),
    "set-weight": (lambda: qg.IndependentSet(qg.Graph.ring(3), {"0": -1}), r"`weights\['0'\]` must be positive and finite, got -1"),
    "set-node": (lambda: qg.IndependentSet(qg.Graph.ring(3), {"9": 1}), "`weights` must name nodes of the graph, got '9'"),
    "ising-nan": (lambda: qg.Ising([np.nan], {}), r"`h\['0'\]` must be finite and at most 1e\+100 in size, got nan"),
    "ising-empty": (lambda: qg.Ising([], {}), "`h` must have at least one node"),
    "ising-self": (lambda: qg.Ising([0], {(0, 0): 1.0}), r"`J` must couple different nodes, got \(0, 0\)"),
    "ising-twice": (lambda: qg.Ising([0, 0], {(0, 1): 1.0, (1, 0): 1.0}), "`J` must name each pair once"),
    "ising-unknown": (lambda: qg.Ising([0, 0], {(0, 2): 1.0}), r"`J` must name nodes of `h`, got \(0, 2\)"),
    "ising-matrix": (lambda: qg.Ising([0, 0], np.array([[0, 1], [2, 0]])), "`J` must be symmetric or upper triangular as an array"),
    "ising-sense": (lambda: qg.Ising([0], {}, sense="max"), "`sense` must be \"maximize\" or \"minimize\", got 'max'"),
    "cover-weight": (lambda: qg.VertexCover(qg.Graph.ring(3), {"0": np.inf}), r"`weights\['0'\]` must be positive and finite, got inf"),
    "cover-weights": (lambda: qg.VertexCover(qg.Graph.ring(3), [1, 2]), "`weights` must have 3 values, got 2"),
    "cover-weights-type": (lambda: qg.VertexCover(qg.Graph.ring(3), "abc"), "`weights` must be a mapping or a sequence in node order, got 'abc'"),
    "cover-type": (lambda: qg.VertexCover({"a": 1}), "`graph` must be a qgraph.Graph"),
    "cover-empty": (lambda: qg.VertexCover(qg.Graph(nodes=())), "`graph` must have at least one node"),
    "colors-none": (lambda: qg.GraphColoring(qg.Graph.ring(3), 0), "`colors` must be a whole number from 1 to 1000, got 0"),
    "colors-float": (lambda: qg.GraphColoring(qg.Graph.ring(3), 3.0), "`colors` must be a whole number from 1 to 1000, got 3.0"),
    "colors-many": (lambda: qg.MaxKCut(qg.Graph.ring(3), 10**9), "`colors` must be a whole number from 2 to 1000"),
    "colors-one": (lambda: qg.MaxKCut(qg.Graph.ring(3), 1), "`colors` must be a whole number from 2 to 1000, got 1"),
    "colors-graph": (lambda: qg.MaxKCut([(0, 1)], 3), "`graph` must be a qgraph.Graph"),
    "colors-bits": (lambda: qg.MaxKCut(qg.Graph.ring(3), 2).decode([1, 0, 1]), r"`bits` must have the shape \(6,\), got \(3,\)"),
    "labels-node": (lambda: qg.MaxKCut(qg.Graph.ring(3), 2).encode({"0": 1}), "`labels` must name every node"),
    "labels-color": (lambda: qg.MaxKCut(qg.Graph.ring(3), 2).encode({0: 1, 1: 0, 2: 2}), r"`labels\['2'\]` must be a whole number from 0 to 1, got 2"),
    "labels-type": (lambda: qg.MaxKCut(qg.Graph.ring(3), 2).encode([0, 1, 0]), "`labels` must be a mapping from nodes to colors"),
    "numbers-none": (lambda: qg.NumberPartitioning([]), "`numbers` must have at least one number"),
    "numbers-zero": (lambda: qg.NumberPartitioning([1, 0]), r"`numbers\[1\]` must be positive and at most 1e\+45, got 0"),
    "numbers-large": (lambda: qg.NumberPartitioning([1e60]), r"`numbers\[0\]` must be positive and at most 1e\+45"),
    "numbers-nan": (lambda: qg.NumberPartitioning([np.nan]), r"`numbers\[0\]` must be finite"),
    "numbers-text": (lambda: qg.NumberPartitioning("123"), "`numbers` must be a mapping or a one-dimensional sequence, got '123'"),
    "numbers-bool": (lambda: qg.NumberPartitioning([True, 2]), r"`numbers\[0\]` must be a number, got True"),
    "numbers-names": (lambda: qg.NumberPartitioning({1: 2.0, "1": 3.0}), "`numbers` must have names that differ as text"),
    "numbers-table": (lambda: qg.NumberPartitioning(np.ones((2, 2))), "`numbers` must be a mapping or a one-dimensional sequence"),
    "numbers-ragged": (lambda: qg.NumberPartitioning([[1], [2, 3]]), r"`numbers\[0\]` must be a number|`numbers` must be a mapping or a sequence"),
    "parts-graph": (lambda: qg.GraphPartitioning(None), "`graph` must be a qgraph.Graph, got None"),
    "parts-empty": (lambda: qg.GraphPartitioning(qg.Graph(nodes=())), "`graph` must have at least one node"),
    "qubo-empty": (lambda: qg.QUBO({}), "`Q` must have at least one term"),
    "qubo-shape": (lambda: qg.QUBO(np.ones((2, 3))), "`Q` must be a mapping from pairs of nodes, a square matrix of numbers, or"),
    "qubo-ragged": (lambda: qg.QUBO([[1, 2], [3]]), r"`Q` must be .* a square matrix of numbers, or a dimod model, got \[\[1, 2\], \[3\]\]"),
    "qubo-text": (lambda: qg.QUBO([["1", "2"], ["3", "4"]]), "`Q` must be .* a square matrix of numbers, or a dimod model"),
    "qubo-nan": (lambda: qg.QUBO(np.array([[np.nan]])), r"`Q\[\(0, 0\)\]` must be finite and at most"),
    "qubo-key": (lambda: qg.QUBO({"ab": 1.0}), "`Q` must have pairs of nodes as keys, got 'ab'"),
    "qubo-sense": (lambda: qg.QUBO({("a", "b"): 1.0}, sense="max"), "`sense` must be \"maximize\" or \"minimize\", got 'max'"),
    "relaxed-roundings": (lambda: qg.solve_goemans_williamson(RING, roundings=0), "`roundings` must be a whole number from 1 to 1000000, got 0"),
    "relaxed-seed": (lambda: qg.solve_goemans_williamson(RING, seed=-1), "`seed` must be a whole number"),
    "relaxed-time": (lambda: qg.solve_goemans_williamson(RING, time_limit=0), "`time_limit` must be positive, got 0"),
    "relaxed-route": (lambda: qg.solve_goemans_williamson(ROUTING), "`problem` must not be PriorityRouting"),
    "relaxed-graph": (lambda: qg.solve_goemans_williamson(qg.Graph.ring(3)), "`problem` must be a problem, such as MaxCut"),
    "annealing-reads": (lambda: qg.solve_annealing(RING, reads=0), "`reads` must be a whole number from 1 to 1000000, got 0"),
    "annealing-sweeps": (lambda: qg.solve_annealing(RING, sweeps=1.5), "`sweeps` must be a whole number from 1 to 1000000, got 1.5"),
    "annealing-graph": (lambda: qg.solve_annealing(qg.Graph.ring(3)), "`problem` must be a problem, such as MaxCut"),
    "annealing-seed": (lambda: qg.solve_annealing(RING, seed="7"), "`seed` must be a whole number"),
    "tabu-restarts": (lambda: qg.solve_tabu(RING, restarts=-1), "`restarts` must be a whole number from 0 to 1000000, got -1"),
    "tabu-time": (lambda: qg.solve_tabu(RING, time_limit=np.nan), "`time_limit` must be positive, got nan"),
    "compare-solver": (lambda: qg.compare(RING, solvers=["oracle"]), "`solvers` must be among exact, .*, got 'oracle'"),
    "compare-solvers": (lambda: qg.compare(RING, solvers="exact"), "`solvers` must be a list of names of solvers, got 'exact'"),
    "compare-none": (lambda: qg.compare(RING, solvers=[]), r"`solvers` must be a list of names of solvers, got \[\]"),
    "warm-length": (lambda: qg.simulate(RING, [], [], warm_start=[0.5]), "`warm_start` must have 4 values, got 1"),
    "warm-value": (lambda: qg.simulate(RING, [], [], warm_start=[0, 1, 0, 1.5]), r"`warm_start\['3'\]` must lie between 0 and 1, got 1.5"),
    "warm-nan": (lambda: qg.simulate(RING, [], [], warm_start=[0, 1, 0, np.nan]), r"`warm_start\['3'\]` must lie between 0 and 1, got nan"),
    "warm-bool": (lambda: qg.simulate(RING, [], [], warm_start=[True, 1, 0, 0]), r"`warm_start\['0'\]` must lie between 0 and 1, got True"),
    "warm-name": (lambda: qg.simulate(RING, [], [], warm_start={"a": 1}), r"`warm_start` must be a number from 0 to 1 for every node, or a solution, got \['a'\]"),
    "warm-text": (lambda: qg.simulate(RING, [], [], warm_start="goemans-williamson"), "`warm_start` must be a number from 0 to 1 for every node, or a solution"),
    "warm-word": (lambda: qg.solve_qaoa(RING, warm_start="best"), "`warm_start` must be a number from 0 to 1 for every node, or a solution, got 'best'"),
    "warm-ragged": (lambda: qg.simulate(RING, [], [], warm_start=[[0], [1, 2], 0, 1]), r"`warm_start\['0'\]` must lie between 0 and 1, got \[0\]"),
    "warm-table": (lambda: qg.simulate(RING, [], [], warm_start=np.zeros((4, 4))), "`warm_start` must be a number from 0 to 1 for every node"),
    "warm-foreign": (lambda: qg.simulate(RING, [], [], warm_start=qg.solve_greedy(ROUTING)), "`warm_start` must be a solution of MaxCut"),
    "warm-epsilon": (lambda: qg.simulate(RING, [], [], warm_start=[0] * 4, epsilon=0.6), "`epsilon` must lie between 0 and 0.5, got 0.6"),
    "warm-routes": (lambda: qg.simulate(ROUTING, [], [], warm_start=[0] * 5), "`warm_start` needs `method` \"statevector\", got 'subspace'"),
    "warm-circuit": (lambda: qg.to_circuit(RING, [], [], warm_start=[0.5]), "`warm_start` must have 4 values, got 1"),
    "bits-length": (lambda: RING.objective([0, 1]), r"`bits` must have the shape \(..., 4\), got \(2,\)"),
    "bits-values": (lambda: RING.objective([0, 1, 2, 0]), "`bits` must be zeros and ones"),
    "bits-ragged": (lambda: RING.objective([[0], [1, 2]]), "`bits` must be an array"),
    "bits-many": (lambda: RING.decode([[0, 1, 0, 1]]), r"`bits` must have the shape \(4,\), got \(1, 4\)"),
    "depot": (lambda: qg.PriorityRouting(BOAT, return_to_depot=True), "`return_to_depot` needs a city with a depot, got True"),
    "tiers-missing": (lambda: qg.PriorityRouting(BOAT, tiers=[["a"]]), r"`tiers` must name every stop; \['b'\] is missing"),
    "tiers-twice": (lambda: qg.PriorityRouting(BOAT, tiers=[["a", "b"], ["a"]]), "`tiers` must name each stop once"),
    "route-name": (lambda: ROUTING.evaluate(["P1", "X"]), "`route` must consist of stops of the problem, got 'X'"),
    "route-encode": (lambda: ROUTING.encode(["P1", "S1"]), "`route` must be feasible"),
    "angles-unequal": (lambda: qg.simulate(RING, [0.1], [0.1, 0.2]), "`betas` must be as many as gammas, 1, got 2"),
    "angles-nan": (lambda: qg.simulate(RING, [np.nan], [0.1]), "`gammas` must be a list of finite angles"),
    "angles-words": (lambda: qg.simulate(RING, ["x"], [0.1]), "`gammas` must be a list of angles in radians"),
    "angles-text": (lambda: qg.expectation(RING, ["0.1"], [0.2]), r"`gammas` must be a list of angles in radians, got \['0.1'\]"),
    "angles-boolean": (lambda: qg.expectation(RING, [0.1], [True]), r"`betas` must be a list of angles in radians, got \[True\]"),
    "angles-some-boolean": (lambda: qg.expectation(RING, [0.1, True], [0.1, 0.2]), "`gammas` must be a list of angles in radians"),
    "angles-boolean-array": (lambda: qg.landscape(RING, np.array([True]), [0.2]), "`gammas` must be a list of angles in radians"),
    "angles-complex": (lambda: qg.simulate(RING, [0.1], [1j]), r"`betas` must be a list of angles in radians, got \[1j\]"),
    "angles-objects": (lambda: qg.simulate(RING, [RING], [0.1]), "`gammas` must be a list of angles in radians"),
    "angles-none": (lambda: qg.expectation(RING, [0.1], None), "`betas` must be a list of angles in radians, got None"),
    "angles-ragged": (lambda: qg.expectation(RING, [0.1], [[0.1], [0.2, 0.3]]), "`betas` must be a list of angles in radians"),
    "method": (lambda: qg.expectation(RING, [0.1], [0.1], method="magic"), "`method` must be one of auto, statevector"),
    "method-problem": (lambda: qg.expectation(RING, [0.1], [0.1], method="subspace"), "`method` \"subspace\" is for PriorityRouting"),
    "method-compressed": (lambda: qg.expectation(RING, [0.1], [0.1], method="compressed"), "`method` \"compressed\" is for PriorityRouting"),
    "mixer": (lambda: qg.expectation(RING, [0.1], [0.1], mixer=["x"]), r"`mixer` must be one of auto, transverse_field, grover, swap, got \['x'\]"),
    "mixer-problem": (lambda: qg.solve_qaoa(RING, mixer="swap"), "`mixer` \"swap\" is for PriorityRouting"),
    "mixer-compressed": (lambda: qg.simulate(ROUTING, [0.1], [0.1], mixer="swap", method="compressed"), '`mixer` must be "grover" for routes with method "compressed", got \'swap\''),
    "mixer-statevector": (lambda: qg.simulate(ROUTING, [0.1], [0.1], mixer="grover", method="statevector"), '`mixer` must be "transverse_field" for routes with method "statevector"'),
    "mixer-subspace": (lambda: qg.simulate(ROUTING, [0.1], [0.1], mixer="transverse_field", method="subspace"), '`mixer` must be "grover" or "swap" for routes'),
    "two-opt-problem": (lambda: qg.solve_two_opt(RING), "`routing` must be a PriorityRouting, got "),
    "two-opt-restarts": (lambda: qg.solve_two_opt(ROUTING, restarts=-1), "`restarts` must be a whole number of at least 0, got -1"),
    "two-opt-time": (lambda: qg.solve_two_opt(ROUTING, time_limit=0), "`time_limit` must be positive, got 0"),
    "precision": (lambda: qg.expectation(RING, [0.1], [0.1], precision="half"), "`precision` must be one of single, double, got 'half'"),
    "problem": (lambda: qg.simulate(qg.Graph.ring(3), [0.1], [0.1]), "`problem` must be a problem, such as MaxCut"),
    "shots": (lambda: qg.simulate(RING, [0.1], [0.1]).sample(0, seed=1), "`shots` must be a whole number from 1 to 100000000, got 0"),
    "alpha": (lambda: qg.simulate(RING, [0.1], [0.1]).cvar(0), "`alpha` must be above 0 and at most 1, got 0"),
    "top": (lambda: qg.simulate(RING, [0.1], [0.1]).top(0), "`k` must be a whole number of at least 1, got 0"),
    "depth": (lambda: qg.solve_qaoa(RING, depth=0), "`depth` must be a whole number of at least 1, got 0"),
    "depth-bool": (lambda: qg.solve_qaoa(RING, depth=True), "`depth` must be a whole number of at least 1, got True"),
    "starts": (lambda: qg.solve_qaoa(RING, starts=0), "`starts` must be a whole number of at least 1, got 0"),
    "start": (lambda: qg.solve_qaoa(RING, start="best"), '`start` must be "interpolate", "fixed", "ramp" or'),
    "start-angles": (lambda: qg.solve_qaoa(RING, depth=2, start=([1], [1])), "`start` must have 2 gammas and betas, got 1"),
    "start-fixed": (lambda: qg.solve_qaoa(qg.MaxCut(qg.Graph.grid(2, 3)), start="fixed"), "is for MaxCut on a regular graph"),
    "fixed": (lambda: qg.fixed_angles(4, 2), "got depth 2 at degree 4"),
    "cvar": (lambda: qg.solve_qaoa(RING, cvar=1.5), "`cvar` must be above 0 and at most 1, got 1.5"),
    "time": (lambda: qg.solve_qaoa(RING, time_limit=-1), "`time_limit` must be positive, got -1"),
    "time-exact": (lambda: qg.solve_exact(RING, time_limit=0), "`time_limit` must be positive, got 0"),
    "start-shape": (lambda: qg.solve_qaoa(RING, start=(1, 2, 3)), '`start` must be "interpolate", "fixed", "ramp" or'),
    "start-number": (lambda: qg.solve_qaoa(RING, start=3), '`start` must be "interpolate", "fixed", "ramp" or .*, got 3'),
    "seed": (lambda: qg.solve_qaoa(RING, seed=-1), "`seed` must be a whole number from 0 to 9223372036854775807, got -1"),
    "seed-float": (lambda: qg.solve_random(RING, seed=0.5), "`seed` must be a whole number"),
    "solve-graph": (lambda: qg.solve_greedy(qg.Graph.ring(3)), "`problem` must be a problem, such as MaxCut"),
    "compare-city": (lambda: qg.compare(BOAT), "`problem` must be a problem, such as MaxCut"),
    "time-nan": (lambda: qg.solve_exact(RING, time_limit=float("nan")), "`time_limit` must be positive, got nan"),
    "time-text": (lambda: qg.solve_qaoa(RING, time_limit="1"), "`time_limit` must be positive, got '1'"),
    "cvar-bool": (lambda: qg.solve_qaoa(RING, cvar=True), "`cvar` must be above 0 and at most 1, got True"),
    "fixed-depth": (lambda: qg.fixed_angles(3, 0.5), "`depth` must be a whole number of at least 1, got 0.5"),
    "interpolate": (lambda: qg.interpolate([]), r"`angles` must have at least one value, got \[\]"),
    "interpolate-nan": (lambda: qg.interpolate([np.nan]), "`angles` must be a list of finite angles"),
    "ramp-depth": (lambda: qg.linear_ramp(0, 1, 1), "`depth` must be a whole number of at least 1, got 0"),
    "ramp-gamma": (lambda: qg.linear_ramp(2, "1", 1), "`gamma` must be a finite number, got '1'"),
    "circuit-routes": (lambda: qg.to_circuit(ROUTING, [0.1], [0.1]), '`encoding` must be "one-hot" or "feasible" for routes'),
    "circuit-encodings": (lambda: qg.to_circuit(ROUTING, [0.1], [0.1], encoding=["one-hot"]), '`encoding` must be "one-hot" or "feasible" for routes'),
    "circuit-mixer": (lambda: qg.to_circuit(ROUTING, [0.1], [0.1], encoding="one-hot", mixer="swap"), "`mixer` must be one of transverse_field with this problem and encoding, got 'swap'"),
    "circuit-mixers": (lambda: qg.to_circuit(RING, [0.1], [0.1], mixer="grover"), "`mixer` must be one of transverse_field with this problem"),
    "circuit-encoding": (lambda: qg.to_circuit(RING, [0.1], [0.1], encoding="one-hot"), "`encoding` is for PriorityRouting"),
    "circuit-half": (lambda: qg.to_circuit(RING, [0.1]), "`betas` must be a list of angles or parameters, got None"),
    "circuit-angle": (lambda: qg.to_circuit(RING, [0.1], ["x"]), "`betas` must be a finite number, got 'x'"),
    "circuit-angles": (lambda: qg.run_circuit(RING, [np.inf], [0.1]), "`gammas` must be a list of finite angles"),
    "circuit-seed": (lambda: qg.run_circuit(RING, [0.1], [0.1], seed=-1), "`seed` must be a whole number"),
    "circuit-bool": (lambda: qg.run_circuit(RING, [0.1], [0.1], noise=True), "`noise` must be a probability"),
    "plot-route": (lambda: qg.plot_route(BOAT, ["a", "X"]), r"`route` must consist of stops of the city, got 'X'"),
    "plot-landscape": (lambda: qg.plot_landscape([0, 1], [0], np.zeros((1, 2))), r"`values` must have the shape \(2, 1\), got \(1, 2\)"),
    "plot-value": (lambda: qg.plot_cut(qg.Graph.ring(3), {"0": 1, "1": 0, "2": 5}), r"`labels\['2'\]` must be 0 or 1, got 5"),
    "circuit-depth": (lambda: qg.to_circuit(RING), "`depth` must be a whole number of at least 1, got None"),
    "circuit-noise": (lambda: qg.run_circuit(RING, [0.1], [0.1], noise=1.5), "`noise` must be a probability"),
    "circuit-method": (lambda: qg.run_circuit(RING, [0.1], [0.1], method="x"), "`method` must be one of Aer's methods, got 'x'"),
    "circuit-backend": (lambda: qg.run_circuit(RING, [0.1], [0.1], backend="ibm"), "`backend` must be a V2 backend or sampler, got 'ibm'"),
    "plot-cut": (lambda: qg.plot_cut(qg.Graph.ring(3), {"0": 1}), "`labels` must name every node of the graph"),
}  # fmt: skip


@pytest.mark.parametrize("name", ARGUMENTS)
def test_hostile_arguments(name: str) -> None:
    call, message = ARGUMENTS[name]
    with pytest.raises(qg.InvalidInput, match=message):
        call()


def test_models_built_directly_raise_validation_errors() -> None:
    with pytest.raises(pydantic.ValidationError, match="unknown node 'b'"):
        qg.Graph(nodes=(qg.Node(id="a"),), edges=(qg.Edge(source="a", target="b"),))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: qg.simulate(qg.MaxCut(qg.Graph.ring(40)), [0.1], [0.1]), "a state vector of 40 qubits"),
        (lambda: qg.simulate(qg.PriorityRouting(qg.City.random(20, 0, seed=1)), [0.1], [0.1]), "2432902008176640000 feasible routes"),
        (lambda: qg.solve_exact(qg.PriorityRouting(qg.City.random(317, 0, seed=1))), "at most 100000 legs between stops, got 100489"),
        (lambda: qg.PriorityRouting(qg.City.random(60, 0, seed=1)).to_ising(), "would have 3600 bits"),
    ],
)  # fmt: skip
def test_requests_beyond_memory_are_refused_at_once(call: Any, message: str) -> None:
    with pytest.raises(qg.ProblemTooLarge, match=message):
        call()


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)
words = st.sampled_from(
    ["a", "b", "priority", "normal", "depot", "junction", "low", "high", "", 0, 1, -1, 2.5, None]
)
keys = [
    "id",
    "x",
    "y",
    "type",
    "tier",
    "label",
    "from",
    "to",
    "source",
    "target",
    "weight",
    "distance",
    "traffic",
]
items = st.lists(st.dictionaries(st.sampled_from(keys), words | json_values, max_size=7), max_size=4)
documents = st.fixed_dictionaries(
    {},
    optional={
        "nodes": items | json_values,
        "edges": items | json_values,
        "links": items | json_values,
        "directed": json_values,
        "traffic_multipliers": json_values,
        "metadata": json_values,
    },
)


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(documents | json_values)
def test_random_json_raises_only_invalid_file(tmp_path: Path, document: object) -> None:
    path = tmp_path / "any.json"
    path.write_text(json.dumps(document))
    for read in (qg.read_graph, qg.read_city):
        try:
            model = read(path)
        except qg.InvalidFile as error:
            assert str(error).startswith("any.json: ")  # noqa: PT017 (either outcome is right)
        else:
            assert type(model).model_validate_json(model.to_json()) == model


snippets = st.lists(
    st.sampled_from(
        [
            "\n",
            "0",
            "1",
            "2",
            "3",
            " ",
            ".",
            "-",
            "e",
            "#",
            ":",
            ",",
            ";",
            "\t",
            '"',
            "'",
            "{",
            "}",
            "%",
            "<",
            ">",
            "/",
            "*",
            "&#0;",
            "nan",
            "1e999",
            "a",
            "weight",
            "source,target",
            "p edge 2 1",
            "e 1 2",
            "p qubo 0 2 1 1",
            "0 0 1",
            "2 1",
            "1 2",
            "1 2 3",
            "*Vertices 2",
            "*Edges",
            "*Matrix",
            "graph [",
            "node [ id 1 ]",
            "edge [ source 1 target 1",
            "]",
            "%%MatrixMarket matrix coordinate real symmetric\n",
            "%%MatrixMarket matrix array real general\n",
            "<graphml>",
            "<gexf>",
            "<graph>",
            "<node id='1'/>",
            "<edge source='1' target='1'",
            "</graph>",
            "<!DOCTYPE",
            "DIMENSION: 3",
            "EOF",
        ]
    ),
    max_size=12,
).map(lambda words: "".join(words).encode())


any_bytes = st.binary(max_size=60) | snippets
any_bytes |= st.text("0123456789 \n.-e#:ABCDEFTSPXYZ_<>/gm", max_size=80).map(str.encode)


@settings(max_examples=1500, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from([*GRAPH_READERS, *PROBLEM_READERS, ".csv.gz"]), any_bytes)
def test_random_bytes_raise_only_invalid_file(tmp_path: Path, ending: str, content: bytes) -> None:
    path = tmp_path / f"any{ending}"
    path.write_bytes(content)
    with contextlib.suppress(qg.InvalidFile):
        (qg.read_problem if ending in PROBLEM_READERS else qg.read_graph)(path)


@settings(max_examples=700, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from([*WRITERS]), st.floats(0, 1), st.integers(0, 9), snippets)
def test_damaged_files_raise_only_invalid_file(
    tmp_path: Path, ending: str, share: float, lost: int, put: bytes
) -> None:
    path = tmp_path / f"any{ending}"
    qg.Graph.from_edges([("a", "b", 2.5), ("b", 'c "', -1e-9), ("a", "d,")]).write(path)
    content = path.read_bytes()
    start = int(share * len(content))
    path.write_bytes(content[:start] + put + content[start + lost :])
    with contextlib.suppress(qg.InvalidFile):
        qg.read_graph(path, directed="merge", loops="drop")


def test_names_are_escaped_in_messages(tmp_path: Path) -> None:
    names = ["\x1b]0;title\x07", "nul\x00", "\u202egnirts", "zero\u200bwidth", "caf\u00e9"]
    graph = qg.Graph.from_edges(pairwise(names))
    assert graph.ids == tuple(names)
    assert json.loads(graph.to_json())["nodes"][1]["id"] == "nul\x00"
    problem = qg.MaxCut(graph)
    best = qg.solve_exact(problem)
    state = qg.simulate(problem, [0.4], [0.3])
    route = qg.Solution(solver="x", seconds=0, objective=1, route=tuple(names))
    dependent = qg.IndependentSet(graph).decode([1] * 5)
    picture = io.StringIO()
    qg.plot_graph(graph).figure.savefig(picture, format="svg")
    ElementTree.fromstring(picture.getvalue())
    for text in (
        repr(best),
        best._repr_html_(),
        state._repr_html_(),
        repr(route),
        str(dependent.violations),
        picture.getvalue(),
    ):
        assert not set(text) & set("\x1b\x07\x00\u202e\u200b")
    assert r"\x1b]0;title\x07" in repr(route)
    assert r"\u202egnirts → zero\u200bwidth → café" in repr(route)


def test_there_are_enough_hostile_inputs() -> None:
    assert len(GRAPH_FILES) + len(CITY_FILES) + len(ARGUMENTS) >= 40
    assert (ROOT / "examples").is_dir()
