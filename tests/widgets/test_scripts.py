"""The widgets' scripts as texts: what they share, and what they and Python say to each other."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from typing import Any, get_args

import pytest
from anywidget import AnyWidget
from conftest import ROOT

import qgraph as qg
from qgraph.simulation.choose import MIXERS
from qgraph.widgets import GraphEditor, QAOAExplorer, RouteExplorer
from qgraph.widgets.qaoa.beside import SOLVERS
from qgraph.widgets.qaoa.settings import NAMES, Coupling
from widgets.conftest import assert_fields, kinds, types

STATIC = ROOT / "qgraph/widgets/static"
SCRIPTS = {str(path.relative_to(STATIC)): path.read_text() for path in sorted(STATIC.rglob("*.js"))}
WIDGETS = (GraphEditor, QAOAExplorer, RouteExplorer)
CITY = qg.read_city(ROOT / "examples/city.json")


# -- what the scripts share -------------------------------------------------------------------------


def exports(script: str) -> list[str]:
    return [
        name
        for names in re.findall(r"^export \{(.*?)\};", script, re.DOTALL | re.MULTILINE)
        for name in re.findall(r"\w+", names)
    ]


def test_biome_is_told_of_all_shared_names() -> None:
    names = [name for script in SCRIPTS.values() for name in exports(script)]
    listed = re.search(r'"globals": \[(.*?)\]', (ROOT / "biome.jsonc").read_text(), re.DOTALL)
    assert listed is not None
    assert sorted(re.findall(r'"(\w+)"', listed[1])) == sorted(names)


@pytest.mark.parametrize("file", SCRIPTS)
def test_what_a_script_exports_is_used_elsewhere(file: str) -> None:
    others = "\n".join(
        [*(text for name, text in SCRIPTS.items() if name != file), (STATIC / "page.html").read_text()]
    )
    assert [name for name in exports(SCRIPTS[file]) if not re.search(rf"\b{name}\b", others)] == []


def test_scripts_and_styles_are_short() -> None:
    assert {path.name for path in STATIC.rglob("*.*") if len(path.read_text().splitlines()) > 300} == set()


# -- what the scripts send and Python handles -------------------------------------------------------


def sent_by_scripts(widget: Any) -> set[str]:
    """The kinds of messages that a widget's script sends. Each call names its kind."""
    calls = re.findall(r'\blink\.(?:send|tell)\(("\w+")?', str(widget._esm))
    assert all(calls), "a kind must be a literal, so that it can be found"
    return {kind.strip('"') for kind in calls}


def handled_by_python(widget: Any) -> set[str]:
    """The strings that the `_receive` methods of a widget compare with."""
    own = [vars(one)["_receive"] for one in widget.__mro__ if "_receive" in vars(one)]
    trees = [ast.parse(textwrap.dedent(inspect.getsource(method))) for method in own]
    compared = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Compare)]
    constants = [node for one in compared for side in one.comparators for node in ast.walk(side)]
    return {str(node.value) for node in constants if isinstance(node, ast.Constant)}


@pytest.mark.parametrize("widget", WIDGETS)
def test_python_handles_what_a_script_sends(widget: Any) -> None:
    assert sent_by_scripts(widget) == handled_by_python(widget)


def test_all_messages_to_python_are_documented() -> None:
    assert set().union(*map(sent_by_scripts, WIDGETS)) == kinds("ToPython").keys()


def edits_of(editor: GraphEditor) -> set[str]:
    """The kinds of edits that Python knows, from its refusal of another one."""
    said: list[dict[str, Any]] = []
    editor.send = lambda content, buffers=None: said.append(content)
    editor._handle_custom_msg({"kind": "edit", "view": "v", "number": 1, "edit": {"kind": "unknown"}}, [])
    assert_fields("Refused", said[0])
    names = re.search(r"must be one of ([\w, ]+), got", said[0]["message"])
    assert names is not None
    return set(names[1].split(", "))


def test_all_edits_are_sent_handled_and_documented() -> None:
    scripts = "\n".join(str(widget._esm) for widget in WIDGETS)
    sent = re.findall(r'\.edit\(("\w+")?', scripts)
    assert all(sent), "a kind must be a literal, so that it can be found"
    handled = edits_of(GraphEditor()) | edits_of(GraphEditor(CITY))
    assert {kind.strip('"') for kind in sent} == handled == kinds("Edit").keys()


# -- what Python sends and the scripts handle -------------------------------------------------------


def sent_by_python() -> set[str]:
    """The values of "kind" in the dictionaries that the widgets' modules write out."""
    trees = [ast.parse(path.read_text()) for path in (ROOT / "qgraph/widgets").rglob("*.py")]
    written = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Dict)]
    pairs = [pair for one in written for pair in zip(one.keys, one.values, strict=True)]
    return {
        str(value.value)
        for key, value in pairs
        if isinstance(key, ast.Constant) and key.value == "kind" and isinstance(value, ast.Constant)
    }


def handled_by_scripts() -> set[str]:
    tables = re.findall(
        r"onMessages\(model, life, \{\n(.*?)\n\s*\}\);", "\n".join(SCRIPTS.values()), re.DOTALL
    )
    assert len(tables) == 3
    return {kind for table in tables for kind in re.findall(r"^\s+(\w+): \(", table, re.MULTILINE)}


def test_scripts_handle_what_python_sends() -> None:
    assert sent_by_python() == handled_by_scripts() == kinds("FromPython").keys()


def widgets() -> list[Any]:
    explorer = QAOAExplorer(qg.Graph.ring(4).with_layout("circular"), depth=2)
    explorer.optimise()
    return [
        GraphEditor(),
        GraphEditor(CITY, route=["depot", "clinic"]),
        explorer,
        RouteExplorer(CITY, depth=1),
    ]


@pytest.mark.parametrize("widget", widgets(), ids=["empty", "city", "qaoa", "routes"])
def test_messages_and_documents_have_the_documented_fields(widget: Any) -> None:
    for content, _ in widget._messages():
        assert_fields(kinds("FromPython")[content["kind"]], content)
        for column in content.get("columns", []):
            assert_fields("RouteColumn", column)
    document = {key: value for key, value in widget._document.items() if value is not None}
    assert_fields("GraphDocument", document)
    for node in document["nodes"]:
        assert_fields("GraphNode", node)
    for edge in document["edges"]:
        assert_fields("GraphEdge", edge)


@pytest.mark.parametrize("widget", WIDGETS)
def test_synced_traits_are_documented(widget: Any) -> None:
    properties = types()[f"{widget.__name__}Traits"][1]
    synced = widget.class_traits(sync=True).keys() - AnyWidget.class_traits(sync=True).keys()
    assert synced == widget._shown == {name for name, (_, may) in properties.items() if not may}
    used = set(re.findall(r'model\.[gs]et\("(\w+)"', widget._esm))
    assert used == set(properties)


@pytest.mark.parametrize("file", SCRIPTS)
def test_scripts_refer_to_types_that_exist(file: str) -> None:
    known = {
        *types(),
        "Float32Array",
        "Int32Array",
        "Uint8Array",
        "DataView",
        "Element",
        "Node",
        "T",
        "Object",
    }
    named = {
        name
        for text in re.findall(r"@(?:param|type|returns|property) \{(.*)\}", SCRIPTS[file])
        for name in re.findall(r"\b[A-Z]\w+|\bT\b", re.sub(r'"\w+"', "", text))
    }
    assert named <= known


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("COUPLINGS", get_args(Coupling)),
        ("SOLVERS", tuple(SOLVERS)),
        ("MIXERS", MIXERS["subspace"]),
        ("TITLES_OF_PROBLEMS", NAMES),
    ],
)
def test_choices_are_those_of_python(name: str, known: tuple[str, ...]) -> None:
    """Lists of strings, or the keys of an object."""
    found = re.search(rf"const {name} = [\[{{](.*?)[\]}}];", "\n".join(SCRIPTS.values()), re.DOTALL)
    assert found is not None
    offered = (
        re.findall(r'"([^"]+)"(?!:)', found[1]) if ":" not in found[1] else re.findall(r"(\w+):", found[1])
    )
    assert sorted(offered) == sorted(known)
