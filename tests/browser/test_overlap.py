"""Nothing in a drawing covers anything: measured in a real browser, on random graphs and cities."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from itertools import combinations
from typing import Any, TypedDict

import pytest
from conftest import ROOT

import qgraph as qg
from browser.stage import Stage
from qgraph.widgets import GraphEditor, RouteExplorer

Box = tuple[float, float, float, float]
WIDTHS = [700, 1440, 350]  # the last: 700 pixels at 200 % zoom
SLACK = 0.5  # pixels; boxes are rounded
PLACES = ("harbour", "Hospital", "Museum of modern art", "Zoo", "Old town hall", "Mill", "Ferry pier", "Quay")
# The boxes of all that is seen in each canvas.
MEASURE = """() => [...document.querySelectorAll(".qg-canvas")].map((canvas) => {
  const box = (e) => { const b = e.getBoundingClientRect(); return [b.left, b.top, b.right, b.bottom]; };
  const seen = (e) => getComputedStyle(e).visibility === "visible";
  const all = (selector) => [...canvas.querySelectorAll(selector)].filter(seen).map(box);
  return {
    canvas: box(canvas),
    symbols: all(".qg-node .qg-shape"),
    names: all(".qg-name:not(.qg-inside)"),
    inside: all(".qg-name.qg-inside"),
    weights: all(".qg-weight > text"),
    whole: [...canvas.querySelectorAll(".qg-name")].filter((e) => seen(e) && !e.textContent.endsWith("…")).length,
    asked: canvas.querySelectorAll(".qg-name").length,
    edges: canvas.querySelectorAll(".qg-edge").length,
  };
})"""


class Drawn(TypedDict):
    canvas: Box
    symbols: list[Box]
    names: list[Box]
    inside: list[Box]
    weights: list[Box]
    whole: int
    asked: int
    edges: int


def overlap(a: Box, b: Box) -> bool:
    apart = (a[2] - b[0], b[2] - a[0], a[3] - b[1], b[3] - a[1])
    return min(apart) > SLACK


def holds(outer: Box, inner: Box, slack: float = SLACK) -> bool:
    left, top, right, bottom = (b - a for a, b in zip(outer, inner, strict=True))
    return left >= -slack and top >= -slack and right <= slack and bottom <= slack


def faults(drawn: Drawn) -> list[str]:
    """What covers what, or leaves the canvas."""
    labels = [*(("name", box) for box in drawn["names"]), *(("weight", box) for box in drawn["weights"])]
    symbols = [("symbol", box) for box in drawn["symbols"]]
    found = [
        f"{kind} {a} and {other} {b} overlap"
        for (kind, a), (other, b) in combinations([*symbols, *labels], 2)
        if overlap(a, b)
    ]
    found += [
        f"{kind} {box} is clipped" for kind, box in [*symbols, *labels] if not holds(drawn["canvas"], box)
    ]
    for box in drawn["inside"]:
        if not any(holds(symbol, box, 2.5) for symbol in drawn["symbols"]):
            found.append(f"the name {box} is larger than its symbol")
    return found


def graphs() -> Iterator[qg.Graph]:
    """50 graphs of 5 to 60 nodes: regular, random and trees; half with weights, half with long names."""
    chance = random.Random(1)
    for i in range(50):
        n = 5 + i * 55 // 49
        if i % 3 == 0:
            graph = qg.Graph.random_regular(3, n + n % 2, seed=i)
        elif i % 3 == 1:
            graph = qg.Graph.erdos_renyi(n, min(1.0, 3 / n), seed=i)
        else:
            graph = qg.Graph.from_edges([(chance.randrange(k), k) for k in range(1, n)])
        if i % 2:
            graph = graph.with_random_weights(seed=i)
        if i % 4 > 1:
            named = {node: f"{PLACES[k % len(PLACES)]} {k}" for k, node in enumerate(graph.ids)}
            edges = [(named[e.source], named[e.target], e.weight) for e in graph.edges]
            graph = qg.Graph.from_edges(edges, nodes=named.values())
        yield graph


def cities() -> Iterator[qg.City]:
    """50 cities of 2 to 40 stops; half have stops with long names."""
    for i in range(50):
        stops = 2 + i * 38 // 49
        city = qg.City.random(stops=stops, priority=stops // 3, seed=i)
        if i % 2:
            fields = json.loads(city.to_json())
            for k, node in enumerate(fields["nodes"]):
                node["label"] = PLACES[k % len(PLACES)]
            city = qg.City.model_validate(fields)
        yield city


def check(stage: Stage, model: Any) -> Drawn:
    """Show a model and look for faults. Names of a few nodes must be shown, so that hiding all does not pass."""
    stage.widget.graph = model
    stage.push()
    stage.settle()
    drawn: Drawn = stage.page.evaluate(MEASURE)[0]
    assert len(drawn["symbols"]) == len(model.nodes)
    assert faults(drawn) == [], model
    few = [share for most, share in ((8, 1.0), (20, 0.3)) if len(model.nodes) <= most]
    assert names(drawn) >= max(few, default=0.0) * drawn["asked"], model
    return drawn


def names(drawn: Drawn) -> int:
    return len(drawn["names"]) + len(drawn["inside"])


def totals(drawings: list[Drawn]) -> tuple[float, float]:
    """The shares of names that are shown, and shown in full."""
    asked = sum(drawn["asked"] for drawn in drawings)
    return sum(map(names, drawings)) / asked, sum(drawn["whole"] for drawn in drawings) / asked


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_covers_anything_in_graphs(page: Any, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    stage = Stage(page, GraphEditor(qg.Graph.ring(5)))
    drawn = {graph: check(stage, graph) for graph in graphs()}
    assert min(totals(list(drawn.values()))) > (0.7 if width >= 700 else 0.6)
    small = [seen for graph, seen in drawn.items() if len(graph.nodes) < 10 and (graph.weights != 1).any()]
    assert sum(len(seen["weights"]) for seen in small) > 0.8 * sum(seen["edges"] for seen in small) > 0


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_covers_anything_in_cities(page: Any, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    stage = Stage(page, GraphEditor(qg.City.random(4, 2, seed=1)))
    drawn = [check(stage, city) for city in cities()]
    assert min(totals(drawn)) > (0.8 if width >= 700 else 0.7)


@pytest.mark.parametrize("width", WIDTHS)
def test_names_of_routes_are_whole(page: Any, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    Stage(page, RouteExplorer(qg.read_city(ROOT / "examples/city.json"), depth=1))
    drawn: list[Drawn] = page.evaluate(MEASURE)
    assert len(drawn) == 4
    assert [faults(one) for one in drawn] == [[], [], [], []]
    assert totals(drawn) > (0.95, 0.9)


HEAP = {"a": (0, 0), "b": (0.01, 0), "c": (0.01, 0.01), "d": (5, 0), "e": (5, 5), "f": (0, 5)}
SPOTS = """() => Object.fromEntries([...document.querySelectorAll(".qg-node")].map((g) => {
  const box = g.querySelector(".qg-shape").getBoundingClientRect();
  return [g.querySelector("title").textContent, [box.left + box.width / 2, box.top + box.height / 2]];
}))"""


def heap() -> qg.Graph:
    """Three nodes almost in one place, and three far away."""
    return qg.Graph.from_edges([("a", "b", 2), ("c", "d", 3), ("d", "e", 4), ("e", "f", 5)]).with_positions(
        HEAP
    )


def test_symbols_stand_aside_only_on_the_screen(page: Any) -> None:
    editor = GraphEditor(heap())
    stage = Stage(page, editor)
    before = page.evaluate(SPOTS)
    assert faults(page.evaluate(MEASURE)[0]) == []
    page.mouse.move(*before["e"])
    page.mouse.down()
    page.mouse.move(before["e"][0] - 60, before["e"][1] + 40, steps=4)
    page.mouse.up()
    stage.settle()
    after = page.evaluate(SPOTS)
    assert after["e"] == pytest.approx([before["e"][0] - 60, before["e"][1] + 40], abs=1)
    assert {k: v for k, v in after.items() if k != "e"} == {k: v for k, v in before.items() if k != "e"}
    places = editor.graph.positions()
    assert {k: v for k, v in places.items() if k != "e"} == {k: v for k, v in HEAP.items() if k != "e"}


def test_a_dropped_node_stays_and_others_stand_aside(page: Any) -> None:
    editor = GraphEditor(heap())
    stage = Stage(page, editor)
    spots = page.evaluate(SPOTS)
    page.mouse.move(*spots["a"])
    page.mouse.down()
    x, y = spots["d"][0] - 5, spots["d"][1] - 4
    page.mouse.move(x, y, steps=5)
    assert page.evaluate(SPOTS)["a"] == pytest.approx([x, y], abs=1)
    page.mouse.up()
    stage.settle()
    assert page.evaluate(SPOTS)["a"] == pytest.approx([x, y], abs=1)
    assert faults(page.evaluate(MEASURE)[0]) == []
    assert editor.graph.positions()["d"] == (5, 0)


def test_a_drag_places_only_what_moves(page: Any) -> None:
    Stage(page, GraphEditor(qg.Graph.random_regular(3, 60, seed=1).with_random_weights(seed=1)))
    x, y = next(iter(page.evaluate(SPOTS).values()))
    page.mouse.move(x, y)
    page.mouse.down()
    page.evaluate(
        "() => { window.changed = new Set(); new MutationObserver((all) => all.forEach((one) =>"
        " window.changed.add(one.target.closest('.qg-item')))).observe(document.querySelector('.qg-canvas'),"
        " { subtree: true, attributes: true }); }"
    )
    page.mouse.move(x + 20, y + 20, steps=3)
    assert 1 <= page.evaluate("() => window.changed.size") <= 8, "a node, three edges and their weights"
    page.mouse.up()


def test_hidden_weights_show_on_request(page: Any) -> None:
    """Two symbols that touch leave no space for the weight between them."""
    editor = GraphEditor(heap())
    stage = Stage(page, editor)
    assert page.locator(".qg-weight.qg-hidden text").all_text_contents() == ["2"]
    page.locator(".qg-canvas").focus()
    for _ in range(len(editor.graph.nodes) + 1):
        page.keyboard.press("]")
    stage.settle()
    assert page.locator(".qg-tips text").text_content() == "2"
    page.keyboard.press("]")
    assert page.locator(".qg-tips text").count() == 0, "this weight is there"


def test_hidden_names_show_on_request(page: Any) -> None:
    names = [f"{PLACES[i % 8]} number {i}" for i in range(60)]
    stage = Stage(page, GraphEditor(qg.Graph.from_edges([(names[i], names[i - 7]) for i in range(60)])))
    hidden = page.locator(".qg-node:has(.qg-hidden)").first
    name = hidden.locator("title").text_content()
    page.mouse.move(*page.evaluate(SPOTS)[name])
    stage.settle()
    assert page.locator(".qg-tips text").text_content() == name
    page.mouse.move(2, 2)
    assert page.locator(".qg-tips text").count() == 0
    page.locator(".qg-canvas").focus()
    for _ in range(1 + stage.widget.graph.ids.index(name)):
        page.keyboard.press("]")
    assert page.locator(".qg-tips text").text_content() == name
