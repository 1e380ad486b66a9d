"""Where pointers and fingers hit a canvas, and the forms that they open."""

from __future__ import annotations

from typing import Any

import pytest
from conftest import ROOT

import qgraph as qg
from browser.stage import TRIANGLE, Stage
from qgraph.widgets import GraphEditor

CITY = qg.read_city(ROOT / "examples/city.json")


def node(name: str) -> str:
    return f".qg-editing .qg-node:has(title:text-matches('^{name}( |$)')) .qg-shape"


# -- forms beside what they edit --------------------------------------------------------------------


def boxes(page: Any, *selectors: str) -> list[dict[str, float]]:
    return [page.locator(selector).first.bounding_box() for selector in selectors]


def apart(a: dict[str, float], b: dict[str, float]) -> bool:
    across = a["x"] + a["width"] <= b["x"] or b["x"] + b["width"] <= a["x"]
    return across or a["y"] + a["height"] <= b["y"] or b["y"] + b["height"] <= a["y"]


@pytest.mark.parametrize("width", [350, 700, 1440])
def test_forms_stand_beside_what_they_edit(page: Any, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 460})
    stage = Stage(page, GraphEditor(TRIANGLE))
    for i in range(3):
        page.locator(f".qg-weight >> nth={i}").scroll_into_view_if_needed()
        page.mouse.click(*stage.spot(f".qg-weight >> nth={i}"))
        form, weight = boxes(page, ".qg-form", f".qg-weight >> nth={i}")
        assert apart(form, weight)
        assert 0 <= form["x"] <= width - form["width"]
        assert 0 <= form["y"] <= 460 - form["height"]
        page.keyboard.press("Escape")
    for name in "abc":
        page.locator(node(name)).scroll_into_view_if_needed()
        page.mouse.dblclick(*stage.spot(node(name)))
        form, symbol = boxes(page, ".qg-form", node(name))
        assert apart(form, symbol)
        assert 0 <= form["x"] <= width - form["width"]
        assert 0 <= form["y"] <= 460 - form["height"]
        page.keyboard.press("Escape")


def test_names_count_as_their_nodes(page: Any) -> None:
    editor = GraphEditor(CITY)
    stage = Stage(page, editor)
    name = page.locator(".qg-name").get_by_text("Market", exact=True)
    box = name.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.dblclick(x, y)
    stage.settle()
    assert editor.graph == CITY, "no new junction"
    assert page.get_by_label("name").input_value() == "market"
    page.keyboard.press("Escape")
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 30, y + 20, steps=3)
    page.mouse.up()
    stage.settle()
    moved = {n.id for n, m in zip(editor.graph.nodes, CITY.nodes, strict=True) if (n.x, n.y) != (m.x, m.y)}
    assert moved == {"market"}


# -- many at once, and touch ------------------------------------------------------------------------


def test_selections_grow(page: Any) -> None:
    stage = Stage(page, GraphEditor(TRIANGLE))
    page.mouse.click(*stage.spot(node("a")))
    page.keyboard.down("Control")
    page.mouse.click(*stage.spot(node("b")))
    x, y = stage.spot(node("c"))
    page.mouse.move(x - 40, y - 30)
    page.mouse.down()
    page.mouse.move(x + 40, y + 40, steps=3)
    page.mouse.up()
    page.keyboard.up("Control")
    assert page.locator(".qg-node.qg-selected").count() == 3
    page.keyboard.press("Escape")
    assert page.locator(".qg-node.qg-selected").count() == 0
    page.get_by_role("button", name="More commands").click()
    page.get_by_role("menuitem", name="Select all").click()
    assert page.locator(".qg-node.qg-selected").count() == 3
    assert page.locator(".qg-status").inner_text() == "3 nodes selected"


class Fingers:
    """Several fingers on the page; Playwright's own touch screen has one that taps."""

    def __init__(self, page: Any) -> None:
        self.session = page.context.new_cdp_session(page)

    def __call__(self, kind: str, *points: tuple[float, float]) -> None:
        fingers = [{"x": x, "y": y, "id": i} for i, (x, y) in enumerate(points)]
        self.session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": fingers})


def test_fingers_drag_pinch_and_press_long(page: Any) -> None:
    editor = GraphEditor(TRIANGLE)
    stage, touch = Stage(page, editor), Fingers(page)
    x, y = stage.spot(node("a"))
    touch("touchStart", (x, y))
    for step in range(1, 5):
        touch("touchMove", (x + 10 * step, y - 8 * step))
    touch("touchEnd")
    stage.settle()
    assert stage.spot(node("a")) == pytest.approx((x + 40, y - 32), abs=2)
    assert len(editor._past) == 1
    gap = abs(stage.spot(node("b"))[0] - stage.spot(node("a"))[0])
    (x, y), (u, v) = stage.canvas(120, 60), stage.canvas(180, 60)
    touch("touchStart", (x, y))
    touch("touchStart", (x, y), (u, v))
    for step in range(1, 5):
        touch("touchMove", (x - 10 * step, y), (u + 10 * step, v))
    touch("touchEnd")
    stage.settle()
    assert abs(stage.spot(node("b"))[0] - stage.spot(node("a"))[0]) > 1.5 * gap
    page.get_by_role("button", name="Show everything").click()
    touch("touchStart", stage.spot(node("c")))
    page.locator(".qg-form").wait_for()
    touch("touchEnd")
    assert page.get_by_label("name").input_value() == "c"
    assert len(editor._past) == 1
