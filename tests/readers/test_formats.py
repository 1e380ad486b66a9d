"""One graph in every format, as common programs write it; and other contents of such files."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pytest
import scipy.io
import scipy.sparse

import qgraph as qg

EDGES = {("1", "2"): 2.5, ("2", "3"): 1.0, ("1", "4"): -0.5, ("3", "4"): 4e-05}
GRAPHML = '<?xml version="1.0" encoding="UTF-8"?>\n<graphml xmlns="http://graphml.graphdrawing.org/xmlns">\n'

# What is different from one program to another: order, directions, comments, counts, types, and the unasked-for.
FILES: dict[str, str] = {
    "own.json": """{"nodes": [{"id": 1}, {"id": 2}, {"id": 3}, {"id": 4}], "edges": [{"from": 1, "to": 2, "weight": 2.5},
        {"from": 2, "to": 3}, {"from": 1, "to": 4, "weight": -0.5}, {"from": 3, "to": 4, "weight": 4e-5}]}""",
    "networkx_link.json": """{"directed": false, "multigraph": true, "graph": {}, "nodes": [{"id": 1}, {"id": 2}, {"id": 3},
        {"id": 4}], "edges": [{"weight": 2.5, "source": 1, "target": 2, "key": 0}, {"source": 2, "target": 3, "key": 0},
        {"weight": -0.5, "source": 1, "target": 4, "key": 0}, {"weight": 4e-05, "source": 3, "target": 4, "key": 0}]}""",
    "biqmac.mac": "# a comment\n4 4\n1 2 2.5\n2 3 1\n1 4 -0.5\n3 4 4e-05\n",
    "gset.txt": "4 4\n1 2 2.5\n2 3 1\n1 4 -0.5\n3 4 0.00004\n",
    "both_ways.col": (
        "c counted twice, and announced once\n\np col 4 4\nn 1 7\ne 1 2 2.5\ne 2 1 2.5\ne 2 3\ne 3 2\n"
        "e 1 4 -0.5\ne 4 1 -0.5\ne 3 4 4e-05\ne 4 3 4e-05\n"
    ),
    "once.gph": "p edge 4 8\ne 2 1 2.5\ne 3 2 1\ne 4 1 -.5\ne 4 3 4E-5\n",
    "lower.mtx": (
        "%%MatrixMarket matrix coordinate real symmetric\n% SuiteSparse\n%\n4 4 4\n2 1 2.5\n3 2 1\n4 1 -0.5\n4 3 4e-05\n"
    ),
    "full.mtx": (
        "%%MatrixMarket matrix coordinate real general\n4 4 8\n1 2 2.5\n2 1 2.5\n2 3 1.0\n3 2 1.0\n"
        "1 4 -5.0e-01\n4 1 -5.0e-01\n3 4 4e-05\n4 3 4e-05\n"
    ),
    "dense.mtx": "%%MatrixMarket matrix array real symmetric\n4 4\n0\n2.5\n0\n-0.5\n0\n1\n0\n0\n4e-05\n0\n",
    "pandas.csv": ",source,target,weight\n0,1,2,2.5\n1,2,3,1.0\n2,1,4,-0.5\n3,3,4,4e-05\n",
    "gephi.csv": (
        "Source;Target;Type;Id;Label;timeset;Weight\n1;2;Undirected;0;;;2,5\n2;3;Undirected;1;;;1\n"
        '"1";"4";Undirected;2;;;-0,5\n3;4;Undirected;3;"a;b";;4e-05\n'
    ),
    "named.csv": "from_town,to_town,km\r\n1, 2, 2.5\r\n2, 3, 1\r\n1, 4, -0.5\r\n3, 4, 0.00004\r\n",
    "plain.tsv": "1\t2\t2.5\n2\t3\t\n1\t4\t-0.5\n3\t4\t4e-05",
    "konect.edges": "% sym weighted\n% 4 4 4\n1 2 2.5\n2 3 1\n1 4 -0.5\n4 3 4e-05\n",
    "networkx.edgelist": "1 2 {'weight': 2.5}\n2 3 {}\n1 4 {'color': 'red', 'weight': -0.5}\n3 4 {'weight': 4e-05}\n",
    "snap.txt": "# Nodes: 4 Edges: 4\n# FromNodeId\tToNodeId\n1\t2\t2.5\n2\t3\t1\n2\t1\t2.5\n1\t4\t-0.5\n3\t4\t4e-05\n",
    "newman.gml": """Creator "Mark Newman"
        graph
        [
          directed 0
          node
          [
            id 1
          ]
          node [ id 2 label "two" ] node [ id 3 label "two" ]
          node [ id 4 ]
          # given twice, as in his football network
          edge [ source 1 target 2 weight 2.5 ]
          edge [ source 2 target 1 weight 2.5 ]
          edge [ source 2 target 3 ]
          edge [ source 1 target 4 weight -0.5 ]
          edge [ source 3 target 4 weight 4e-05 value "&quot;heavy&quot;" ]
        ]""",
    "labelled.gml": """graph [ node [ id 0 label "1" graphics [ x 1.5 y 2.5 w 10 ] ] node [ id 1 label "2" ] node [ id 2 label "3" ]
        node [ id 3 label "4" ] edge [ source 0 target 1 weight 2.5 ] edge [ source 1 target 2 weight 1 ]
        edge [ source 0 target 3 weight -0.5 ] edge [ source 2 target 3 weight 4.0E-5 ] ]""",
    "gephi.gexf": """<?xml version='1.0' encoding='UTF-8'?>
        <gexf xmlns="http://www.gexf.net/1.3" version="1.3" xmlns:viz="http://www.gexf.net/1.3/viz">
          <meta lastmodifieddate="2024-01-01"><creator>Gephi 0.9</creator></meta>
          <graph defaultedgetype="undirected" mode="static">
            <attributes class="node" mode="static"><attribute id="weight" title="weight" type="double"/></attributes>
            <nodes>
              <node id="1" label="1"><attvalues><attvalue for="weight" value="9.0"/></attvalues>
                <viz:size value="10.0"/><viz:position x="-3.5" y="1.25" z="0.0"/></node>
              <node id="2" label="zwei"/><node id="3" label="3"/><node id="4"/>
            </nodes>
            <edges>
              <edge id="0" source="1" target="2" weight="2.5"/><edge id="1" source="2" target="3"/>
              <edge id="2" source="1" target="4" weight="-0.5"/><edge id="3" source="3" target="4" weight="4.0E-5"/>
            </edges>
          </graph>
        </gexf>""",
    "pajek.net": (
        '% drawn by hand\n*Vertices 4\n1 "1" 0.1 0.2 0.5\n2 "2"\n 3 "3" 0.3 0.4 ellipse\n*Edges :1 "roads"\n'
        '1 2 2.5 c Blue\n2 3\n1 4 -0.5\n3 4 4e-05\n*Partition "sides"\n*Vertices_of_it\n1\n2\n'
    ),
    "matrix.net": "*vertices 4\r\n*matrix\r\n0 2.5 0 -0.5\r\n2.5 0 1 0\r\n0 1 0 4e-05\r\n-0.5 0 4e-05 0\r\n",
    "networkx.graphml": GRAPHML
    + """<key id="d0" for="edge" attr.name="weight" attr.type="double"/><graph edgedefault="undirected">
        <node id="1"/><node id="2"/><node id="3"/><node id="4"/>
        <edge source="1" target="2"><data key="d0">2.5</data></edge><edge source="2" target="3"/>
        <edge source="1" target="4"><data key="d0">-0.5</data></edge>
        <edge source="3" target="4"><data key="d0">4e-05</data></edge></graph></graphml>""",
    "graph_tool.graphml": GRAPHML
    + """<key id="key0" for="graph" attr.name="readme" attr.type="string"/>
        <key id="key1" for="node" attr.name="label" attr.type="string"/>
        <key id="key2" for="node" attr.name="pos" attr.type="vector_float"/>
        <key id="key3" for="edge" attr.name="weight" attr.type="float"/>
        <graph id="G" edgedefault="undirected" parse.nodeids="canonical" parse.order="nodesfirst">
        <data key="key0">about &lt;edge&gt;</data>
        <node id="1"><data key="key1">one</data><data key="key2">0x1.8p+1, -0x1p-1</data></node>
        <node id="2"/><node id="3"/><node id="4"/>
        <edge id="e0" source="1" target="2"><data key="key3">0x1.4p+1</data></edge>
        <edge id="e1" source="2" target="3"><data key="key3">0x1p+0</data></edge>
        <edge id="e2" source="1" target="4"><data key="key3">-0x1p-1</data></edge>
        <edge id="e3" source="3" target="4"><data key="key3">0x1.4f8b588e368f1p-15</data></edge></graph></graphml>""",
    "igraph.graphml": GRAPHML
    + """<!-- Created by igraph -->
        <key id="v_name" for="node" attr.name="name" attr.type="string"/>
        <key id="v_seen" for="node" attr.name="seen" attr.type="boolean"/>
        <key id="e_weight" for="edge" attr.name="weight" attr.type="double"><default> 1.0 </default></key>
        <graph id="G" edgedefault="undirected">
        <edge source="1" target="2"><data key="e_weight">2.5</data></edge>
        <edge source="2" target="3"></edge>
        <edge source="1" target="4"><data key="e_weight">-0.5</data></edge>
        <edge source="3" target="4"><data key="e_weight"> 4e-05 </data></edge>
        <node id="1"><data key="v_name">one</data><data key="v_seen"> true </data></node>
        <node id="2"><data key="v_seen"> </data></node><node id="3"/><node id="4"/></graph></graphml>""",
    "yed.graphml": """<?xml version="1.0" encoding="UTF-8" standalone="no"?>
        <graphml xmlns="http://graphml.graphdrawing.org/xmlns" xmlns:y="http://www.yworks.com/xml/graphml">
        <key for="port" id="d0" yfiles.type="portgraphics"/><key for="node" id="d6" yfiles.type="nodegraphics"/>
        <key attr.name="weight" attr.type="double" for="edge" id="d8"/><key for="edge" id="d10" yfiles.type="edgegraphics"/>
        <graph edgedefault="directed" id="G">
        <node id="1"><data key="d6"><y:ShapeNode><y:Geometry height="30.0" width="30.0" x="3.0" y="-0.5"/>
          <y:NodeLabel alignment="center">one<y:LabelModel><y:SmartNodeLabelModel distance="4.0"/></y:LabelModel>
          </y:NodeLabel></y:ShapeNode></data></node>
        <node id="2"/><node id="3"/><node id="4"/>
        <edge id="e0" source="1" target="2"><data key="d8">2.5</data><data key="d10"><y:PolyLineEdge><y:Path sx="0.0"/>
          <y:EdgeLabel>5</y:EdgeLabel></y:PolyLineEdge></data></edge>
        <edge id="e1" source="2" target="3"/><edge id="e2" source="1" target="4"><data key="d8">-0.5</data></edge>
        <edge id="e3" source="4" target="3"><data key="d8">4e-05</data></edge></graph></graphml>""",
    "osmnx.graphml": GRAPHML
    + """<key id="d9" for="edge" attr.name="weight" attr.type="string"/>
        <key id="d5" for="node" attr.name="x" attr.type="string"/><key id="d4" for="node" attr.name="y" attr.type="string"/>
        <key id="d2" for="graph" attr.name="simplified" attr.type="string"/>
        <graph edgedefault="directed"><data key="d2">True</data>
        <node id="1"><data key="d4">-0.5</data><data key="d5">3.0</data></node>
        <node id="2"/><node id="3"/><node id="4"/>
        <edge source="1" target="2" id="0"><data key="d9">2.0</data></edge>
        <edge source="2" target="1" id="0"><data key="d9">3.0</data></edge>
        <edge source="2" target="3" id="0"/><edge source="3" target="2" id="0"/><edge source="2" target="2" id="0"/>
        <edge source="1" target="4" id="0"><data key="d9">-0.5</data></edge>
        <edge source="3" target="4" id="0"><data key="d9">4e-05</data></edge></graph></graphml>""",
}  # fmt: skip
OPTIONS: dict[str, dict[str, Any]] = {
    "yed.graphml": {"directed": "merge"},
    "osmnx.graphml": {"directed": "merge", "loops": "drop"},
}


def edges_of(graph: qg.Graph) -> dict[tuple[str, ...], float]:
    return {tuple(sorted((edge.source, edge.target))): edge.weight for edge in graph.edges}


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("name", FILES)
def test_every_format_holds_the_same_graph(write, name: str, packed: bool) -> None:
    path = write(name, FILES[name])
    if packed:
        path = write(f"{name}.GZ", gzip.compress(FILES[name].encode()))
    graph = qg.read_graph(path, **OPTIONS.get(name, {}))
    assert graph.ids == ("1", "2", "3", "4")
    assert edges_of(graph) == EDGES


@pytest.mark.parametrize("name", ["graph_tool", "yed", "osmnx"])
def test_graphml_keeps_labels_and_places(write, name: str) -> None:
    graph = qg.read_graph(write("g.graphml", FILES[f"{name}.graphml"]), directed="merge", loops="drop")
    assert (graph.nodes[0].x, graph.nodes[0].y) == (3.0, -0.5)
    assert graph.nodes[0].label == (None if name == "osmnx" else "one")
    assert graph.nodes[1].x is None


def test_defaults_of_graphml_and_gexf_are_weights_too(write) -> None:
    text = FILES["igraph.graphml"].replace("<default> 1.0 ", "<default> 3.0 ")
    assert edges_of(qg.read_graph(write("g.graphml", text))) == {**EDGES, ("2", "3"): 3.0}
    text = text.replace('for="edge"', 'for="all"')
    assert edges_of(qg.read_graph(write("g.graphml", text))) == {**EDGES, ("2", "3"): 3.0}
    text = (
        FILES["gephi.gexf"]
        .replace('class="node"', 'class="edge"')
        .replace('type="double"/>', "><default>3</default></attribute>")
    )
    assert edges_of(qg.read_graph(write("g.gexf", text))) == {**EDGES, ("2", "3"): 3.0}


def test_repeated_labels_are_not_names(write) -> None:
    text = 'graph [ node [ id 7 label "A" ] node [ id 5 label "B" ] edge [ source 7 target 5 ] ]'
    assert qg.read_graph(write("g.gml", text)).ids == ("A", "B")
    graph = qg.read_graph(write("g.gml", text.replace('"B"', '"A"')))
    assert [(node.id, node.label) for node in graph.nodes] == [("7", "A"), ("5", "A")]
    net = '*Vertices 2\n1 "A"\n2 "A"\n*Edges\n1 2\n'
    assert qg.read_graph(write("g.net", net)).ids == ("1", "2")
    assert qg.read_graph(write("g.net", net.replace('2 "A"', '2 "B"'))).ids == ("A", "B")


def test_other_formats_keep_labels_and_places(write) -> None:
    nodes = {name: qg.read_graph(write(name, FILES[name])).nodes for name in ("gephi.gexf", "pajek.net")}
    assert (nodes["gephi.gexf"][0].x, nodes["gephi.gexf"][0].y) == (-3.5, 1.25)
    assert nodes["gephi.gexf"][1].label == "zwei"
    assert (nodes["pajek.net"][0].x, nodes["pajek.net"][2].y) == (0.1, 0.4)
    assert qg.read_graph(write("g.gml", FILES["labelled.gml"])).nodes[0].y == 2.5


def test_weights_by_name(write) -> None:
    link = FILES["networkx_link.json"].replace("weight", "value")
    for name, text in {
        "g.graphml": FILES["igraph.graphml"].replace('attr.name="weight"', 'attr.name="value"'),
        "g.gml": FILES["labelled.gml"].replace("weight", "value"),
        "g.json": link,
        "g.edgelist": FILES["networkx.edgelist"].replace("weight", "value"),
        "g.csv": FILES["pandas.csv"].replace("weight", "value"),
    }.items():
        assert edges_of(qg.read_graph(write(name, text), weight="value")) == EDGES
        if name != "g.csv":  # where `value` is a name that is known
            assert set(edges_of(qg.read_graph(write(name, text))).values()) == {1.0}
        with pytest.raises(
            qg.InvalidFile, match=r"`weight` must name an attribute of the edges, which have .*'value'"
        ):
            qg.read_graph(write(name, text), weight="capacity")
    gexf = (
        FILES["gephi.gexf"]
        .replace('class="node"', 'class="edge"')
        .replace('id="weight" title="weight"', 'id="7" title="cost"')
    )
    gexf = gexf.replace(
        'target="2" weight="2.5"/>', 'target="2"><attvalues><attvalue for="7" value="8"/></attvalues></edge>'
    )
    assert edges_of(qg.read_graph(write("g.gexf", gexf), weight="cost")) == {
        **dict.fromkeys(EDGES, 1.0),
        ("1", "2"): 8.0,
    }
    for name in ("biqmac.mac", "once.gph", "lower.mtx", "pajek.net", "own.json"):
        with pytest.raises(
            qg.InvalidFile, match="`weight` must name an attribute of the edges, which have 'weight'"
        ):
            qg.read_graph(write(name, FILES[name]), weight="capacity")


TABLES = {
    "1,2\n2,3": "comma-separated, nodes from 1",
    "u v\n0 5\n5 7": "blank-separated, header, nodes from 0",
    "a\tb\nb\tc\n": "tab-separated, named nodes",
    "from,to,value\na,b,2": "comma-separated, header, named nodes, weights from 'value'",
    "from,to,km\na,b,2": "comma-separated, header, named nodes, no weights",
    "x;y;z\n3;4;5": "semicolon-separated, header, nodes from 3, weights from 'z'",
    '"a,b";c;friends\nd;e;enemies': "semicolon-separated, named nodes, no weights",
    "u,v\nv,w\n": "comma-separated, named nodes",
    "source,target\nsource,b": "comma-separated, named nodes",
    "source,target,weight\nsource,b,2": "comma-separated, header, named nodes",
    "a,b,\nb,c,2": "comma-separated, named nodes",
    "a,b,\nc,d,2": "comma-separated, named nodes",
    "07 8\n8 9": "blank-separated, named nodes",
}  # fmt: skip


@pytest.mark.parametrize("text", TABLES)
def test_repr_says_how_a_table_was_read(write, text: str) -> None:
    graph = qg.read_graph(write("table.csv", text))
    assert repr(graph).endswith(f"; read as {TABLES[text]})")
    again = qg.Graph.model_validate_json(graph.to_json())
    assert repr(again) == repr(graph)


def test_a_text_file_is_rudy_or_a_list_of_edges(write) -> None:
    for text, expected in {
        "3 2\n1 2\n2 3\n": "rudy",
        "3 2 \n1 2 5\n2 3 1\n": "rudy",
        "5 0\n": "rudy",
        "3 2\n1 2\n2 4\n": "blank-separated, nodes from 1",
        "3 2\n0 1\n2 1\n": "blank-separated, nodes from 0",
        "3 2\n1 2\n": "blank-separated, nodes from 1",
        "3 2 1\n1 2 1\n": "blank-separated, nodes from 1",
    }.items():
        assert qg.read_graph(write("g.txt", text)).metadata == {"read_as": expected}, text


def test_numbers_come_in_order_and_names_as_they_appear(write) -> None:
    assert qg.read_graph(write("g.edges", "10 9\n2 10\n0 9\n")).ids == ("0", "2", "9", "10")
    assert qg.read_graph(write("g.edges", "b a\nc b\n")).ids == ("b", "a", "c")


def test_quoted_names_are_not_changed(write) -> None:
    text = 'source,target\n" a ""x"" ","b, c"\n"#1",% d \n'
    assert qg.read_graph(write("g.csv", text)).ids == (' a "x" ', "b, c", "#1", "% d")


def test_arcs_are_merged_on_request(write) -> None:
    text = '{"directed": true, "nodes": [{"id": 0}, {"id": 1}, {"id": 2}], "links": [{"source": 0, "target": 1, "weight": 2},'
    text += '{"source": 1, "target": 0, "weight": 5}, {"source": 2, "target": 1, "weight": 7}]}'
    assert edges_of(qg.read_graph(write("g.json", text), directed="merge")) == {
        ("0", "1"): 3.5,
        ("1", "2"): 7.0,
    }
    graph = qg.read_graph(write("g.csv", "a,b,2\nb,a,5\n"), directed="merge")
    assert edges_of(graph) == {("a", "b"): 3.5}
    net = "*Vertices 3\n*Arcs\n1 2 2\n2 1 4\n*Edges\n2 3\n"
    assert edges_of(qg.read_graph(write("g.net", net), directed="merge")) == {
        ("1", "2"): 3.0,
        ("2", "3"): 1.0,
    }


def test_loops_are_dropped_on_request_and_their_nodes_stay(write) -> None:
    graphml = (
        GRAPHML
        + '<graph edgedefault="undirected"><node id="a"/><node id="b"/><edge source="a" target="a"/></graph></graphml>'
    )
    for name, text in {
        "g.csv": "a,a\nb,b\n",
        "g.rud": "2 1\n1 1 3\n",
        "g.gph": "p edge 2 1\ne 2 2\n",
        "g.mtx": "%%MatrixMarket matrix coordinate pattern general\n2 2 2\n1 1\n2 2\n",
        "g.graphml": graphml,
        "g.gml": "graph [ node [ id 1 ] node [ id 2 ] edge [ source 1 target 1 ] ]",
        "g.net": "*Vertices 2\n*Edges\n1 1\n",
        "g.json": '{"nodes": [{"id": 1}, {"id": "b"}], "edges": [{"from": 1, "to": "1"}]}',
    }.items():
        graph = qg.read_graph(write(name, text), loops="drop")
        assert (len(graph.nodes), len(graph.edges)) == (2, 0), name
        with pytest.raises(qg.InvalidFile, match=r"self-loop at '.*'; loops=\"drop\""):
            qg.read_graph(write(name, text))


@pytest.mark.parametrize("seed", range(3))
def test_matrices_equal_those_of_scipy(tmp_path: Path, seed: int) -> None:
    rng = np.random.default_rng(seed)
    upper = np.triu(rng.normal(size=(7, 7)) * (rng.random((7, 7)) < 0.6), 1)
    path = tmp_path / "a.mtx"
    for matrix in (upper, upper.T, upper + upper.T):
        for form in (matrix, scipy.sparse.coo_array(matrix)):
            scipy.io.mmwrite(path, form)
            assert np.array_equal(nx.to_numpy_array(qg.read_graph(path).to_networkx()), upper + upper.T)
    arcs = upper + 3 * upper.T * (rng.random((7, 7)) < 0.5)
    scipy.io.mmwrite(path, scipy.sparse.coo_array(arcs + np.eye(7)))
    with pytest.raises(qg.InvalidFile, match='must be undirected; directed="merge"'):
        qg.read_graph(path)
    merged = np.where((arcs != 0) & (arcs.T != 0), (arcs + arcs.T) / 2, arcs + arcs.T)
    graph = qg.read_graph(path, directed="merge", loops="drop")
    assert np.array_equal(nx.to_numpy_array(graph.to_networkx()), merged)


@pytest.mark.parametrize("ending", ["graphml", "gexf", "gml", "net", "edgelist"])
def test_files_of_networkx_give_the_same_graph(tmp_path: Path, ending: str) -> None:
    rng = np.random.default_rng(4)
    source = nx.Graph()
    source.add_nodes_from(
        ['Zoë "Z"', "a b", "ß", "&amp;", "5"] if ending in ("graphml", "gexf", "gml") else list("abcde")
    )
    nodes = list(source)
    for i, j in [(0, 1), (1, 2), (0, 3), (2, 4), (3, 4)]:
        source.add_edge(nodes[j], nodes[i], weight=float(rng.normal()) * 1e-5)
    path = tmp_path / f"g.{ending}"
    names = {"net": "pajek", "edgelist": "edgelist"}
    getattr(nx, f"write_{names.get(ending, ending)}")(source, path)
    graph = qg.read_graph(path)
    expected = {tuple(sorted(edge)): weight for *edge, weight in source.edges(data="weight")}
    assert edges_of(graph) == expected
    assert set(graph.ids) == set(nodes)


@pytest.mark.parametrize(
    ("name", "nodes", "edges"),
    [
        ("dolphins", 62, 159),
        ("football", 115, 613),
        ("karate", 34, 78),
        ("netscience", 1589, 2742),
        ("power", 4941, 6594),
    ],
)
def test_networks_of_graph_tool(data: Path, name: str, nodes: int, edges: int) -> None:
    graph = qg.read_graph(data / f"graphs/{name}.graphml")
    assert (len(graph.nodes), len(graph.edges)) == (nodes, edges)
    assert (graph.weights == 1).all()
    assert all(node.x is not None for node in graph.nodes)


def test_les_miserables_equals_that_of_networkx(data: Path) -> None:
    graph = qg.read_graph(data / "graphs/lesmis.graphml", weight="value")
    named = nx.relabel_nodes(graph.to_networkx(), {node.id: node.label for node in graph.nodes})
    theirs = nx.les_miserables_graph()
    assert len(graph.nodes) == len(theirs)
    assert sorted(graph.weights) == sorted(weight for *_, weight in theirs.edges(data="weight"))
    assert nx.is_isomorphic(named, theirs, edge_match=lambda a, b: a["weight"] == b["weight"])


@pytest.mark.parametrize(
    ("name", "nodes", "edges"),
    [("hamming6-2", 64, 1824), ("karate", 34, 78), ("aves-sparrow-social", 52, 454), ("es60fst02", 186, 280)],
)
def test_dimacs_instances(data: Path, name: str, nodes: int, edges: int) -> None:
    graph = qg.read_graph(data / f"independent_set/{name}.gph")
    assert (len(graph.nodes), len(graph.edges)) == (nodes, edges)


QBSOLV = "c two linear terms and a coupler\np qubo 0 9 3 2\n0 0 1.5\n2 2 -4\n7 7 0\nc\n2 0 3\n2 7 -2.5\n"


def test_qubo_files_of_qbsolv(write) -> None:
    problem = qg.read_problem(write("x.qubo", QBSOLV))
    assert problem.nodes == ("0", "2", "7")
    assert problem.sense == "minimize"
    assert problem.objective([[0, 0, 0], [1, 0, 0], [1, 1, 0], [1, 1, 1]]).tolist() == [0, 1.5, 0.5, -2]


def test_qubo_files_of_biq_mac(write, tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    Q = np.triu(rng.integers(-9, 10, (6, 6)))
    rows, columns = np.nonzero(Q)
    lines = [f"{i + 1} {j + 1} {Q[i, j]}" for i, j in zip(rows, columns, strict=True)]
    text = "\n".join(["# symmetric", f"6 {len(lines)}", *lines])
    problem = qg.read_problem(write("x.bq", text))
    bits = rng.integers(0, 2, (20, 6))
    symmetric = Q + np.triu(Q, 1).T
    assert problem.objective(bits).tolist() == [float(x @ symmetric @ x) for x in bits]
    assert qg.read_problem(write("x.sparse.gz", gzip.compress(text.encode()))) == problem
    assert qg.read_problem(write("y.bq", "4 1\n3 1 5\n")).nodes == ("1", "2", "3", "4")


def test_biq_mac_counts_each_pair_twice(data: Path, write) -> None:
    # be100.1 is there as a cut on one more node. Its entries lie within -100 and 100 where pairs count twice.
    cut = qg.read_graph(data / "biqmac/be100.1.sparse.mc")
    n = 100
    w = nx.to_numpy_array(cut.to_networkx(), nodelist=cut.ids)
    last = int(np.argmax(np.abs(w).max(axis=0)))
    inner = np.delete(np.delete(w, last, 0), last, 1)
    diagonal = -(np.delete(w[last], last) + inner.sum(axis=1))
    assert np.abs(diagonal).max() <= 100
    lines = [f"{i + 1} {i + 1} {diagonal[i]:g}" for i in range(n)]
    lines += [f"{i + 1} {j + 1} {inner[i, j]:g}" for i in range(n) for j in range(i + 1, n) if inner[i, j]]
    problem = qg.read_problem(write("be.bq", "\n".join([f"{n} {len(lines)}", *lines])))
    bits = np.random.default_rng(1).integers(0, 2, (50, n))
    assert np.array_equal(
        problem.objective(bits), -qg.MaxCut(cut).objective(np.insert(bits, last, 0, axis=1))
    )


def test_json_of_a_link_diagram_names_nodes_by_index(write) -> None:
    data = {
        "nodes": [{"name": "Myriel"}, {"name": "Napoleon"}],
        "links": [{"source": 1, "target": 0, "value": 3}],
    }
    graph = qg.read_graph(write("d3.json", json.dumps(data)), weight="value")
    assert edges_of(graph) == {("0", "1"): 3.0}
