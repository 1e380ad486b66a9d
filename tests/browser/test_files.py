"""Graphs and cities from generators and files, and into files, by the menu of a canvas."""

from __future__ import annotations

import gzip
import json
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from typing import Any

import pytest
from conftest import ROOT

import qgraph as qg
from browser.stage import TRIANGLE, Stage, command
from qgraph.readers import read
from qgraph.widgets import GraphEditor, RouteExplorer
from qgraph.widgets.whole import LARGEST_IMPORT

BRIDGES = qg.read_graph(ROOT / "examples/bridges.json")
CITY = qg.read_city(ROOT / "examples/city.json")


def status(page: Any) -> str:
    return str(page.locator(".qg-status").inner_text())


def test_graphs_are_generated_and_refusals_stay_in_place(page: Any) -> None:
    editor = GraphEditor(TRIANGLE)
    stage = Stage(page, editor)
    command(page, "Generate…")
    form = page.locator(".qg-form")
    form.get_by_label("n", exact=True).fill("7")
    form.get_by_role("button", name="Generate").click()
    stage.settle()
    assert "degree times n = 7 must be even" in form.locator(".qg-note").inner_text()
    assert editor.graph == TRIANGLE
    form.get_by_label("n", exact=True).fill("14")
    page.keyboard.press("Enter")
    stage.settle()
    assert form.count() == 0
    assert editor.graph == qg.Graph.random_regular(3, 14, seed=1)
    for name, wanted in [
        ("grid", qg.Graph.grid(3, 4)),
        ("Erdős–Rényi", qg.Graph.erdos_renyi(12, 0.3, seed=1)),
    ]:
        command(page, "Generate…")
        form.get_by_label("kind").select_option(name)
        form.get_by_role("button", name="Generate").click()
        stage.settle()
        assert editor.graph == wanted
    assert len(editor._past) == 3


def test_cities_are_generated(page: Any) -> None:
    explorer = RouteExplorer(CITY, depth=1)
    stage = Stage(page, explorer)
    command(page, "Generate…")
    page.get_by_label("stops").fill("5")
    page.get_by_label("priority").fill("2")
    page.get_by_role("button", name="Generate").click()
    stage.settle()
    assert explorer.graph == qg.City.random(5, 2, seed=1)
    command(page, "Clear")
    stage.settle()
    assert "must have" in status(page), "routes need a stop"
    assert explorer.graph == qg.City.random(5, 2, seed=1)


def choose_file(page: Any, name: str, data: bytes) -> None:
    with page.expect_file_chooser() as chooser:
        command(page, "Import…")
    chooser.value.set_files({"name": name, "mimeType": "text/plain", "buffer": data})


def written(tmp_path: Any) -> Iterator[tuple[str, bytes]]:
    for ending in (".json", ".graphml", ".gml", ".csv", ".mtx", ".rud", ".net", ".gexf", ".col"):
        path = tmp_path / f"graph{ending}"
        BRIDGES.write(path)
        yield path.name, path.read_bytes()
    yield "graph.json.gz", gzip.compress((tmp_path / "graph.json").read_bytes())


def test_files_of_all_formats_are_read(page: Any, tmp_path: Any) -> None:
    editor = GraphEditor(qg.Graph.ring(3))
    stage = Stage(page, editor)
    for name, data in written(tmp_path):
        editor.graph = qg.Graph.ring(3)
        stage.push()
        choose_file(page, name, data)
        page.locator(".qg-node").nth(11).wait_for(state="attached")
        stage.settle()
        assert (len(editor.graph.nodes), len(editor.graph.edges)) == (12, 18), name
        editor.undo()
        assert editor.graph == qg.Graph.ring(3)


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("notes.pdf", b"text", "notes.pdf: the ending must be one of .json"),
        ("broken.json", b"{", "broken.json:"),
        ("large.csv", b"a,b\n" * (LARGEST_IMPORT // 4 + 1), "large.csv must be at most 5000000 bytes"),
        ("many.csv", "\n".join(f"{i},{i + 1}" for i in range(2500)).encode(), "at most 2000 nodes"),
        ("../../city.json", (ROOT / "examples/city.json").read_bytes(), "city.json:"),
    ],
    ids=["ending", "broken", "large", "many", "city"],
)
def test_files_are_refused_with_a_reason(page: Any, name: str, data: bytes, message: str) -> None:
    editor = GraphEditor(TRIANGLE)
    stage = Stage(page, editor)
    choose_file(page, name, data)
    page.locator(".qg-status[data-tone=refused]").wait_for()
    stage.settle()
    assert message in status(page)
    assert editor.graph == TRIANGLE


@pytest.mark.parametrize("model", [BRIDGES, CITY, qg.Graph.random_regular(3, 8, seed=1)], ids=str)
def test_a_file_with_everything_is_written(page: Any, model: Any, tmp_path: Any) -> None:
    Stage(page, GraphEditor(model))
    with page.expect_download() as download:
        command(page, "Export JSON")
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    assert read(path) == model
    assert json.loads(path.read_text()) == json.loads(model.to_json())


def test_a_static_copy_keeps_its_view_and_exports_it(page: Any, tmp_path: Any) -> None:
    path = tmp_path / "copy.html"
    GraphEditor(BRIDGES).to_html(path)
    page.goto(path.as_uri())
    assert page.locator(".qg-node").count() == 12
    assert page.locator(".qg-editing .qg-tools button:visible").all_inner_texts() == [
        "+",
        "−",
        "Fit",
        "More ▾",
    ]
    page.get_by_role("button", name="More commands").click()
    assert page.get_by_role("menuitem").all_inner_texts() == ["Export SVG"]
    with page.expect_download() as download:
        page.get_by_role("menuitem", name="Export SVG").click()
    assert download.value.suggested_filename == "graph.svg"
    page.get_by_role("button", name="Compact form for slides").click()
    assert not page.locator(".qg-editing .qg-tools").is_visible()


def test_the_drawing_is_written_as_svg(page: Any, tmp_path: Any) -> None:
    Stage(page, GraphEditor(TRIANGLE, labels={"a": 0, "b": 1, "c": 0}), dark=True)
    with page.expect_download() as download:
        command(page, "Export SVG")
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    text = path.read_text()
    root = ET.fromstring(text)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert [word in text for word in ("var(", "class=", "<script", "href")] == [False] * 4
    assert sorted("".join(e.itertext()) for e in root.findall(".//{*}text")) == ["1", "2", "5", "a", "b", "c"]
    page.set_viewport_size({"width": 900, "height": 500})
    page.goto(path.as_uri())
    symbols = page.locator("path").evaluate_all("(all) => all.map((e) => getComputedStyle(e).fill)")
    assert sorted(symbols) == ["rgb(0, 114, 178)", "rgb(0, 114, 178)", "rgb(230, 159, 0)"]
    assert page.locator("rect").first.evaluate("(e) => getComputedStyle(e).fill") == "rgb(17, 17, 17)"
