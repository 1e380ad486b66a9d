"""The widgets without a browser: edits, undo, refusals, states, pictures, pages."""

from __future__ import annotations

import io
import json
import xml.etree.ElementTree as ET
from typing import Any

import matplotlib.image
import pytest
from conftest import ROOT, asymmetric_graph

import qgraph as qg
from qgraph.widgets import GraphEditor, QAOAExplorer, RouteExplorer
from qgraph.widgets.gestures import edited
from widgets.conftest import Wire

CITY = qg.read_city(ROOT / "examples/city.json")
PATH = qg.Graph.from_edges([("a", "b", 2.5), ("b", "c", -1.0)]).with_layout("circular")


def graphs_seen(editor: GraphEditor) -> list[Any]:
    seen: list[Any] = []
    editor.observe(lambda change: seen.append(change["new"]), names="graph")
    return seen


GESTURES = [
    ({"kind": "add", "id": "d", "x": 0.5, "y": 2.0}, 4, [2.5, -1.0]),
    ({"kind": "connect", "from": "a", "to": "c"}, 3, [2.5, -1.0, 1.0]),
    ({"kind": "remove", "nodes": ["c"], "edges": []}, 2, [2.5]),
    ({"kind": "remove", "edges": [["a", "b"]]}, 3, [-1.0]),
    ({"kind": "weight", "edge": ["b", "c"], "value": 7}, 3, [2.5, 7.0]),
    ({"kind": "move", "places": {"a": [3, 4], "b": [5, 6]}}, 3, [2.5, -1.0]),
    ({"kind": "node", "id": "b", "to": "hub"}, 3, [2.5, -1.0]),
]


@pytest.mark.parametrize(("edit", "nodes", "weights"), GESTURES, ids=lambda value: str(value)[:30])
def test_one_gesture_is_one_change_and_can_be_undone(
    edit: dict[str, Any], nodes: int, weights: list[float]
) -> None:
    editor = GraphEditor(PATH)
    seen, wire = graphs_seen(editor), Wire(editor)
    assert wire.say("edit", edit=edit) == []
    assert seen == [editor.graph]
    assert (len(editor.graph.nodes), editor.graph.weights.tolist()) == (nodes, weights)
    after = editor.graph
    wire.say("undo")
    assert editor.graph == PATH
    wire.say("redo")
    assert editor.graph == after
    assert len(seen) == 3


def test_edits_change_places_and_names() -> None:
    moved = edited(PATH, GESTURES[5][0])
    assert moved.positions()["b"] == (5.0, 6.0)
    assert moved.positions()["c"] == PATH.positions()["c"]
    renamed = edited(PATH, GESTURES[6][0])
    assert [(edge.source, edge.target) for edge in renamed.edges] == [("a", "hub"), ("hub", "c")]
    assert edited(PATH, {"kind": "add", "id": "d", "x": 1, "y": 2}).nodes[-1] == qg.Node(id="d", x=1, y=2)


def test_moving_one_node_leaves_the_others_in_place() -> None:
    bare = qg.Graph.from_edges([("a", "b"), ("b", "c")])
    shown = bare.positions()
    moved = edited(bare, {"kind": "move", "places": {"a": [9, 9]}})
    assert moved.positions() == {**shown, "a": (9.0, 9.0)}


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        ({"kind": "connect", "from": "a", "to": "b"}, "duplicate edge between 'a' and 'b'"),
        ({"kind": "connect", "from": "b", "to": "b"}, "self-loop at 'b'"),
        ({"kind": "connect", "from": "b", "to": "z"}, "unknown node 'z'"),
        ({"kind": "weight", "edge": ["a", "b"], "value": "heavy"}, "must be a number, got 'heavy'"),
        ({"kind": "weight", "edge": ["a", "b"], "value": float("nan")}, "must be finite"),
        ({"kind": "weight", "edge": ["b", "a"], "value": 1}, "must name an existing edge"),
        ({"kind": "add", "id": "a", "x": 0, "y": 0}, "duplicate node id 'a'"),
        ({"kind": "add", "x": 0, "y": 0}, "must be complete"),
        ({"kind": "move", "places": 3}, "must be complete"),
        ({"kind": "node", "id": "a", "to": ""}, "at least one character"),
        ({"kind": "node", "id": "a", "to": "b"}, "duplicate node id 'b'"),
        ({"kind": "remove", "nodes": ["z"]}, "must name an existing node"),
        ({"kind": "road", "edge": ["a", "b"]}, "must be one of add"),
        ({}, "must be one of add"),
    ],
)
def test_invalid_edits_are_refused_with_a_reason(edit: dict[str, Any], message: str) -> None:
    editor = GraphEditor(PATH)
    seen, wire = graphs_seen(editor), Wire(editor)
    (answer,) = wire.say("edit", edit=edit)
    assert answer["kind"] == "refused"
    assert message in answer["message"]
    assert (answer["view"], answer["number"]) == ("v", 1)
    assert editor.graph == PATH
    assert seen == []


def test_gestures_count_in_order_of_their_numbers() -> None:
    editor = GraphEditor(PATH)
    wire = Wire(editor)
    connect = {"kind": "connect", "from": "a", "to": "d"}
    wire.widget._handle_custom_msg({"kind": "edit", "view": "v", "number": 2, "edit": connect}, [])
    assert editor.graph == PATH, "it waits for the node"
    assert wire.edit("add", id="d", x=0, y=0) == []
    assert (len(editor.graph.nodes), len(editor.graph.edges)) == (4, 3)
    assert editor._document["answers"] == {"view": "v", "number": 2}


def test_undo_with_nothing_to_undo_is_refused() -> None:
    wire = Wire(GraphEditor(PATH))
    assert wire.say("undo")[0]["message"] == "there is nothing to undo"
    assert wire.say("redo")[0]["message"] == "there is nothing to redo"
    wire.edit("add", id="d", x=0, y=0)
    wire.say("undo")
    wire.edit("add", id="e", x=0, y=0)
    assert wire.say("redo")[0]["kind"] == "refused", "a new change ends what could be redone"


def test_every_message_is_answered_in_the_document() -> None:
    editor = GraphEditor(PATH)
    wire = Wire(editor)
    wire.edit("add", id="d", x=0, y=0)
    assert editor._document["answers"] == {"view": "v", "number": 1}
    assert editor._document["undo"]
    wire.edit("move", places={"d": [0, 0]})
    assert editor._document["answers"]["number"] == 2, "also if nothing changed"
    assert len(editor._past) == 1


def test_the_graph_is_checked_from_python_too() -> None:
    editor = GraphEditor(PATH)
    with pytest.raises(qg.InvalidInput, match=r"must be a qgraph\.Graph or a qgraph\.City"):
        editor.graph = 3
    with pytest.raises(qg.InvalidInput, match="must stay a Graph"):
        editor.graph = CITY
    editor.graph = qg.Graph.ring(5)
    assert [node["id"] for node in editor._document["nodes"]] == list("01234")
    assert editor.undo()
    assert editor.graph == PATH


def test_cities_are_edited_road_by_road() -> None:
    editor = GraphEditor(CITY, route=["depot", "clinic"])
    wire = Wire(editor)
    assert editor._document["ways"] == [list(CITY.way("depot", "clinic"))]
    road = CITY.edges[0]
    ends = [road.source, road.target]
    wire.edit("road", edge=ends, traffic="high", distance=9.5, oneway=False)
    assert (editor.graph.edges[0].traffic, editor.graph.edges[0].distance) == ("high", 9.5)
    wire.edit("node", id="bakery", type="priority")
    assert "bakery" in editor.graph.tiers[0]
    assert "at most one depot" in wire.edit("node", id="bakery", type="depot")[0]["message"]
    assert "must be at least 0" in wire.edit("road", edge=ends, distance=-1)[0]["message"]
    wire.edit("multipliers", value={"high": 3.5})
    assert editor.graph.traffic_multipliers["high"] == 3.5
    wire.edit("add", id="new", x=1.0, y=1.0)
    assert editor.graph.nodes[-1].type == "junction"
    assert "no way leads" in wire.edit("node", id="new", type="normal")[0]["message"]
    wire.edit("connect", **{"from": "new", "to": "depot"})
    assert editor.graph.edges[-1].distance == pytest.approx(1.41)
    wire.edit("node", id="new", type="normal", to="florist")
    assert "florist" in editor.graph.stops
    assert len(editor.graph.edges) == len(CITY.edges) + 1
    wire.edit("node", id="clinic", type="junction")
    assert editor._document["route"] is None, "a route through a removed stop is not shown"


def test_cities_with_a_metric_are_edited_stop_by_stop() -> None:
    nodes = [{"id": name, "x": x, "y": 0, "type": "normal"} for name, x in [("a", 0), ("b", 3), ("c", 7)]]
    editor = GraphEditor(qg.City.model_validate({"nodes": nodes, "metric": "EUC_2D"}), route=["a", "c"])
    wire = Wire(editor)
    assert editor._document["ways"] == [["a", "c"]]
    wire.edit("move", places={"c": [9.0, 0.0]})
    assert editor.graph.travel.times[0].tolist() == [0, 3, 9]
    wire.edit("add", id="d", x=9.0, y=0.0)
    wire.edit("node", id="d", type="normal")
    assert editor.graph.travel.times[2, 3] == 0
    refused = wire.edit("connect", **{"from": "a", "to": "b"})[0]["message"]
    assert "`edges` must be empty if there is a `metric`" in refused
    assert GraphEditor.from_state(editor.state()).graph == editor.graph
    assert editor.to_html().startswith("<!doctype html>")


def test_roads_between_stops_in_one_place_take_no_time() -> None:
    nodes = [{"id": name, "x": 2, "y": 1, "type": "junction"} for name in "ab"]
    editor = GraphEditor(qg.City.model_validate({"nodes": nodes}))
    wire = Wire(editor)
    wire.edit("connect", **{"from": "a", "to": "b"})
    assert editor.graph.edges[0].distance == 0
    wire.edit("road", edge=["a", "b"], distance=2.5)
    wire.edit("road", edge=["a", "b"], distance=0)
    assert editor.graph.edges[0].distance == 0


def test_cut_and_route_are_checked() -> None:
    editor = GraphEditor(PATH, labels={"a": 0, "b": 1, "c": 0})
    assert editor._document["labels"] == {"a": 0, "b": 1, "c": 0}
    with pytest.raises(qg.InvalidInput, match="must name nodes of the graph, got 'z'"):
        editor.labels = {"z": 1}
    with pytest.raises(qg.InvalidInput, match="must be 0 or 1"):
        editor.labels = {"a": 2}
    with pytest.raises(qg.InvalidInput, match="`route` needs a city"):
        editor.route = ["a"]
    Wire(editor).edit("remove", nodes=["a"])
    assert editor._document["labels"] == {"b": 1, "c": 0}


@pytest.mark.parametrize(
    "editor",
    [
        GraphEditor(),
        GraphEditor(asymmetric_graph(6, 1)),
        GraphEditor(qg.Graph.ring(4), labels={str(i): i % 2 for i in range(4)}),
        GraphEditor(CITY, route=["depot", "clinic", "market"]),
    ],
    ids=["empty", "weighted", "cut", "city"],
)
def test_states_pictures_and_pages(editor: GraphEditor, tmp_path: Any) -> None:
    image = matplotlib.image.imread(io.BytesIO(editor.snapshot()))
    assert image.shape[0] > 200
    assert (image[..., :3].min(), image[..., :3].max()) == (0.0, 1.0) or not editor.graph.nodes
    editor.snapshot(tmp_path / "editor.svg")
    assert ET.parse(tmp_path / "editor.svg").getroot().tag.endswith("svg")
    page = editor.to_html(tmp_path / "editor.html")
    assert (tmp_path / "editor.html").read_text(encoding="utf-8") == page
    outside = page.replace("http://www.w3.org/2000/svg", "")
    assert "http" not in outside
    assert "src=" not in outside
    state = json.loads(json.dumps(editor.state()))
    again = GraphEditor.from_state(state)
    assert again.graph == editor.graph
    assert again._marks() == editor._marks()


def test_outputs_are_a_live_view_and_a_small_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[dict[str, str]] = []
    monkeypatch.setattr("IPython.display.display", lambda data, **_: shown.append(data))
    for widget in (GraphEditor(PATH), QAOAExplorer(PATH), RouteExplorer(CITY, depth=1)):
        shown.clear()
        widget._ipython_display_()
        live, picture = shown
        assert live["application/vnd.jupyter.widget-view+json"]["model_id"] == widget.model_id  # type: ignore[index]
        assert live["text/plain"] == repr(widget)
        assert picture.keys() == {"text/plain", "image/png"}
        assert len(json.dumps(shown)) < 130_000
        assert "function" not in json.dumps(shown)


def test_pages_hold_hostile_names_as_text() -> None:
    graph = qg.Graph.from_edges([("</script><b>", "/*replay*/"), ("<!--title-->", "&amp;")])
    page = GraphEditor(graph).to_html()
    assert "</script><b>" not in page
    assert page.count("</script>") == 1
    assert "/*replay*/" in page


def test_states_are_checked() -> None:
    state = GraphEditor(PATH).state()
    for wrong, message in [
        ({**state, "widget": "Other"}, "must be of a GraphEditor, got 'Other'"),
        ({**state, "version": 99}, "must be of version 1, got 99"),
        ({**state, "graph": None}, "must hold a graph or a city"),
        ({**state, "graph": {"nodes": [{"id": ""}]}}, "at least one character"),
        ("text", r"must come from `state\(\)`"),
    ]:
        with pytest.raises(qg.InvalidInput, match=message):
            GraphEditor.from_state(wrong)  # type: ignore[arg-type]
    with pytest.raises(qg.InvalidInput, match='must be "png" or "svg", got \'pdf\''):
        GraphEditor(PATH).snapshot("picture.pdf")


SAVED = json.loads((ROOT / "tests/widgets/states.json").read_text(encoding="utf-8"))  # by version 1


@pytest.mark.parametrize("state", SAVED, ids=["cut", "independent-set", "ising", "routes"])
def test_states_saved_earlier_still_load(state: dict[str, Any]) -> None:
    widgets = {widget.__name__: widget for widget in (GraphEditor, QAOAExplorer, RouteExplorer)}
    again = widgets[state["widget"]].from_state(state).state()
    changed = {"result", "problem"}
    assert {name: again[name] for name in state if name not in changed} == {
        name: value for name, value in state.items() if name not in changed
    }
    if "problem" in state:
        problem = {"kind": again["problem"]["problem"], **again["problem"]}
        assert {name: problem[name] for name in state["problem"]} == state["problem"]
    if state.get("result"):
        assert again["result"]["gammas"] == state["result"]["gammas"]


def test_closing_ends_the_listeners() -> None:
    editor = GraphEditor(PATH)
    editor.close()
    before = editor._document
    editor.graph = qg.Graph.ring(3)
    assert editor._document is before


def test_scripts_are_small_and_load_nothing() -> None:
    for kind in (GraphEditor, QAOAExplorer, RouteExplorer):
        script = str(kind._esm)
        assert len(script.encode()) < 120_000
        assert "import" not in script
        assert "http" not in script.replace("http://www.w3.org/2000/svg", "")
        assert "getElementById" not in script
        assert "url(" not in str(kind._css)
