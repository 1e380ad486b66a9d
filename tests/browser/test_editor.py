"""The graph editor's script alone: gestures, keyboard, forms, clean-up, themes."""

from __future__ import annotations

from typing import Any

import pytest
from conftest import ROOT

import qgraph as qg
from browser.stage import Stage, leaves_nothing
from qgraph.widgets import GraphEditor

TRIANGLE = qg.Graph.from_edges([("a", "b", 2.0), ("b", "c"), ("a", "c")]).with_positions(
    {"a": (0, 0), "b": (1, 0), "c": (0.5, 1)}
)


def node(name: str) -> str:
    return f".qg-node:has(title:text-matches('^{name}( |$)')) .qg-shape"


def edges_of(graph: Any) -> set[frozenset[str]]:
    return {frozenset((edge.source, edge.target)) for edge in graph.edges}


def test_a_graph_is_drawn_by_mouse(page: Any) -> None:
    editor = GraphEditor()
    stage = Stage(page, editor)
    for x, y in [(100, 100), (300, 100), (200, 250)]:
        page.mouse.dblclick(*stage.canvas(x, y))
        stage.settle()
    assert editor.graph.ids == ("0", "1", "2")
    page.keyboard.down("Shift")
    page.mouse.move(*stage.spot(node("0")))
    page.mouse.down()
    page.mouse.move(*stage.spot(node("1")), steps=4)
    page.mouse.up()
    page.keyboard.up("Shift")
    page.get_by_role("button", name="Connect nodes").click()
    for name in ("1", "2"):
        page.mouse.click(*stage.spot(node(name)))
    stage.settle()
    assert edges_of(editor.graph) == {frozenset("01"), frozenset("12")}
    places = editor.graph.positions()
    assert places["0"][1] == pytest.approx(places["1"][1], abs=0.02)
    assert places["2"][1] < places["0"][1], "up is up"


def test_dragging_is_one_change(page: Any) -> None:
    editor = GraphEditor(TRIANGLE)
    changes: list[Any] = []
    editor.observe(changes.append, names="graph")
    stage = Stage(page, editor)
    x, y = stage.spot(node("a"))
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 30, y - 40, steps=10)
    assert changes == []
    page.mouse.up()
    stage.settle()
    assert len(changes) == 1
    moved = editor.graph.positions()
    assert moved["a"][0] > 0
    assert moved["a"][1] > 0
    assert moved["b"] == (1.0, 0.0)
    assert stage.spot(node("a")) == pytest.approx((x + 30, y - 40), abs=1.5)
    page.get_by_role("button", name="Undo").click()
    stage.settle()
    assert editor.graph == TRIANGLE
    assert stage.spot(node("a")) == pytest.approx((x, y), abs=1)
    page.get_by_role("button", name="Redo").click()
    stage.settle()
    assert editor.graph.positions() == moved


def test_a_graph_is_drawn_by_keyboard_alone(page: Any) -> None:
    editor = GraphEditor()
    stage = Stage(page, editor)
    page.locator(".qg-canvas").focus()
    for _ in range(4):
        page.keyboard.press("n")
    stage.settle()
    assert len(editor.graph.nodes) == 4
    page.keyboard.press("Escape")
    page.keyboard.press("]")  # node 0
    for steps in (1, 2):
        page.keyboard.press("c")
        for _ in range(steps):
            page.keyboard.press("]")
        page.keyboard.press("Enter")
    stage.settle()
    assert edges_of(editor.graph) == {frozenset("01"), frozenset("13")}
    for _ in range(2):
        page.keyboard.press("]")  # past node 3, the edges
    page.keyboard.press("Enter")
    page.keyboard.type("-2.5")
    page.keyboard.press("Enter")
    stage.settle()
    assert editor.graph.weights.tolist() == [1.0, -2.5]
    page.keyboard.press("Delete")
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+Shift+Z")
    stage.settle()
    assert edges_of(editor.graph) == {frozenset("01")}


def test_arrows_select_and_shift_arrows_move_once(page: Any) -> None:
    editor = GraphEditor(TRIANGLE)
    stage = Stage(page, editor)
    page.locator(".qg-canvas").focus()
    page.keyboard.press("]")
    page.keyboard.press("ArrowRight")
    assert page.locator(".qg-status").inner_text().startswith("Node b, 2 edges")
    page.keyboard.press("ArrowUp")
    assert page.locator(".qg-status").inner_text().startswith("Node c")
    page.keyboard.down("Shift")
    for _ in range(5):
        page.keyboard.press("ArrowLeft")
    assert editor.graph == TRIANGLE
    page.keyboard.up("Shift")
    stage.settle()
    assert editor.graph.positions()["c"][0] < 0.5
    assert len(editor._past) == 1


def test_weights_are_edited_and_refused_in_place(page: Any) -> None:
    editor = GraphEditor(TRIANGLE)
    stage = Stage(page, editor)
    (x, y), (u, v) = stage.spot(node("a")), stage.spot(node("b"))
    page.mouse.click((x + u) / 2, (y + v) / 2)
    field = page.get_by_label("weight")
    assert field.input_value() == "2"
    field.fill("heavy")
    page.keyboard.press("Enter")
    assert "weight must be a number, got heavy" in page.locator(".qg-status").inner_text()
    assert field.get_attribute("aria-invalid") == "true"
    field.fill("3.25")
    page.keyboard.press("Enter")
    stage.settle()
    assert editor.graph.weights[0] == 3.25
    assert page.locator(".qg-form").count() == 0
    assert page.locator(".qg-weight").first.text_content() == "3.25"


def test_python_decides_and_the_view_follows(page: Any) -> None:
    editor = GraphEditor(TRIANGLE)
    stage = Stage(page, editor)
    page.evaluate(
        "() => model.send({kind: 'edit', view: 'other', number: 1, edit: {kind: 'connect', from: 'a', to: 'a'}})"
    )
    stage.settle()
    assert editor.graph == TRIANGLE
    page.locator(".qg-canvas").focus()
    page.keyboard.press("]")
    page.keyboard.press("Enter")
    page.get_by_label("name").fill("x" * 256)
    editor.graph = qg.Graph.from_edges([("b", "c")]).with_layout("circular")  # behind the view's back
    page.keyboard.press("Enter")
    stage.settle()
    assert "must name an existing node" in page.locator(".qg-status").inner_text()
    assert page.locator(".qg-node").count() == 2
    page.locator(".qg-canvas").focus()
    page.keyboard.press("]")
    page.keyboard.press("c")
    page.keyboard.press("Enter")
    assert "two different nodes" in page.locator(".qg-status").inner_text()


def test_python_changes_show(page: Any) -> None:
    editor = GraphEditor(TRIANGLE)
    stage = Stage(page, editor)
    editor.labels = {"a": 0, "b": 1, "c": 0}
    stage.push()
    assert page.locator(".qg-side1").count() == 1
    assert page.locator(".qg-cut").count() == 2
    editor.graph = qg.Graph.ring(7)
    stage.push()
    assert page.locator(".qg-node").count() == 7


def test_boxes_select_and_delete(page: Any) -> None:
    editor = GraphEditor(TRIANGLE)
    stage = Stage(page, editor)
    x, y = stage.spot(node("c"))
    page.mouse.move(x - 40, y - 30)
    page.mouse.down()
    page.mouse.move(x + 40, y + 40, steps=3)
    page.mouse.up()
    assert page.locator(".qg-selected").count() == 1
    page.get_by_role("button", name="Delete the selection").click()
    stage.settle()
    assert editor.graph.ids == ("a", "b")


def test_only_the_control_wheel_zooms(page: Any) -> None:
    stage = Stage(page, GraphEditor(TRIANGLE))
    distance = lambda: stage.spot(node("b"))[0] - stage.spot(node("a"))[0]  # noqa: E731
    before = distance()
    page.mouse.move(*stage.canvas(200, 150))
    page.mouse.wheel(0, -200)
    stage.settle()
    assert distance() == pytest.approx(before)
    page.keyboard.down("Control")
    page.mouse.wheel(0, -200)
    page.keyboard.up("Control")
    stage.settle()
    assert distance() > 1.3 * before
    page.get_by_role("button", name="Show everything").click()
    assert distance() == pytest.approx(before, rel=0.01)


def test_touch_draws_too(page: Any) -> None:
    editor = GraphEditor()
    stage = Stage(page, editor)
    page.get_by_role("button", name="Add nodes").tap()
    page.touchscreen.tap(*stage.canvas(100, 100))
    page.touchscreen.tap(*stage.canvas(250, 200))
    page.get_by_role("button", name="Connect nodes").tap()
    stage.settle()
    page.touchscreen.tap(*stage.spot(node("0")))
    page.touchscreen.tap(*stage.spot(node("1")))
    stage.settle()
    assert edges_of(editor.graph) == {frozenset("01")}


def test_cities_are_edited_by_form(page: Any) -> None:
    editor = GraphEditor(qg.read_city(ROOT / "examples/city.json"))
    stage = Stage(page, editor)
    page.mouse.dblclick(*stage.spot(node("Bakery")))
    page.get_by_label("type").select_option("priority")
    page.get_by_role("button", name="Set").click()
    stage.settle()
    assert "bakery" in editor.graph.tiers[0]
    assert page.locator(".qg-priority").count() == 4
    page.mouse.dblclick(*stage.spot(node("Bakery")))
    page.get_by_label("type").select_option("depot")
    page.get_by_role("button", name="Set").click()
    stage.settle()
    assert "at most one depot" in page.locator(".qg-status").inner_text()
    (x, y), (u, v) = stage.spot(node("Depot")), stage.spot(node("Museum"))
    page.mouse.click((x + u) / 2, (y + v) / 2)
    page.get_by_label("traffic").select_option("high")
    page.get_by_role("button", name="Set").click()
    stage.settle()
    assert editor.graph.edges[1].traffic == "high"


def test_a_view_that_has_ended_leaves_nothing(page: Any) -> None:
    leaves_nothing(page, GraphEditor(TRIANGLE))


def test_a_late_answer_undoes_nothing(page: Any) -> None:
    """While the second of two gestures is on its way, the answer to the first does not undo it."""
    stage = Stage(page, GraphEditor())
    page.evaluate("() => { window.late = []; model.send = (content) => window.late.push(content); }")
    for x in (100, 300):
        page.mouse.dblclick(*stage.canvas(x, 100))
    answer = (
        "async () => { const content = window.late.shift(); window.deliver(await window.python(content)); }"
    )
    for _ in range(2):
        assert page.locator(".qg-node").count() == 2
        page.evaluate(answer)
        stage.settle()
    assert page.locator(".qg-node").count() == 2
    assert stage.widget.graph.ids == ("0", "1")


def test_two_views_of_one_model_agree(page: Any) -> None:
    editor = GraphEditor(TRIANGLE)
    stage = Stage(page, editor)
    page.evaluate(
        "() => { const el = document.createElement('div'); el.id = 'second'; document.body.append(el);"
        " window.again(el); }"
    )
    assert page.locator("#second .qg-node").count() == 3
    page.locator("#stage .qg-canvas").focus()
    page.keyboard.press("n")
    stage.settle()
    assert page.locator("#second .qg-node").count() == 4
    ids = page.evaluate("() => [...document.querySelectorAll('[id]')].map((e) => e.id)")
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1440, 350])
def test_accessible_in_both_themes(page: Any, dark: bool, width: int) -> None:
    """350 pixels are 700 at 200 % zoom."""
    from axe_playwright_python.sync_playwright import Axe

    page.set_viewport_size({"width": width, "height": 900})
    stage = Stage(page, GraphEditor(TRIANGLE, labels={"a": 0, "b": 1, "c": 0}), dark=dark)
    page.mouse.click(*stage.spot(node("c")))
    page.get_by_role("button", name="How to edit").click()
    found = Axe().run(page).response["violations"]
    assert [
        (v["id"], [n["target"] for n in v["nodes"]]) for v in found if v["impact"] in ("serious", "critical")
    ] == []
