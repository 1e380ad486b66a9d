"""The menu, forms and gestures of a canvas: layouts, generators, files, sizes, touch."""

from __future__ import annotations

from typing import Any

import pytest
from conftest import ROOT

import qgraph as qg
from browser.stage import TRIANGLE, Stage, command
from qgraph.widgets import GraphEditor, QAOAExplorer, RouteExplorer

BRIDGES = qg.read_graph(ROOT / "examples/bridges.json")
CITY = qg.read_city(ROOT / "examples/city.json")


def node(name: str) -> str:
    return f".qg-editing .qg-node:has(title:text-matches('^{name}( |$)')) .qg-shape"


# -- layouts and shapes -----------------------------------------------------------------------------


def test_layouts_are_one_change_each(page: Any) -> None:
    round_the_middle = BRIDGES.with_layout("circular").positions()
    places = {name: (100 * x, 100 * y) for name, (x, y) in round_the_middle.items()}
    graph = BRIDGES.with_positions(places)  # much larger than any layout
    editor = GraphEditor(graph)
    stage = Stage(page, editor)
    seen: list[Any] = []
    editor.observe(lambda change: seen.append(change["new"].positions()), names="graph")
    kinds = [kind for kind in editor._document["tools"]["layouts"] if kind != "auto"]
    for kind in kinds:
        command(page, kind)
        stage.settle()
        assert min(drawn_shape(page)) > 0.6, "all of it is shown, as large as possible"
    aspect = editor._drawing.aspect
    assert seen == [BRIDGES.with_layout(kind, aspect=aspect).positions() for kind in kinds]
    assert len(seen) == len(editor._past) > 2
    for _ in kinds:
        page.get_by_role("button", name="Undo").click()
        stage.settle()
    assert editor.graph == graph


def drawn_shape(page: Any, where: str = "") -> tuple[float, float]:
    """How much of the width and the height of a canvas the symbols take."""
    shape: tuple[float, float] = page.evaluate(
        "(where) => { const c = document.querySelector(`${where} .qg-canvas`);"
        " const boxes = [...c.querySelectorAll('.qg-shape')].map((e) => e.getBoundingClientRect());"
        " const span = (a, b) => Math.max(...boxes.map((x) => x[b])) - Math.min(...boxes.map((x) => x[a]));"
        " const box = c.getBoundingClientRect();"
        " return [span('left', 'right') / box.width, span('top', 'bottom') / box.height]; }",
        where,
    )
    return shape


@pytest.mark.parametrize("width", [350, 700, 1440])
def test_a_graph_without_places_fills_the_canvas(page: Any, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    editor = GraphEditor(qg.Graph.random_regular(3, 20, seed=1))
    seen: list[Any] = []
    editor.observe(seen.append, names="graph")
    stage = Stage(page, editor)
    assert min(drawn_shape(page)) > 0.7
    for node_ in editor.graph.nodes:
        assert node_.x is None, "nothing is written into the graph"
    assert (seen, editor._past) == ([], []), "and there is nothing to undo"
    page.set_viewport_size({"width": 1790 - width, "height": 900})
    page.wait_for_timeout(400)
    stage.settle()
    assert min(drawn_shape(page)) > 0.7


def test_of_two_views_the_last_gives_the_shape(page: Any) -> None:
    editor = GraphEditor(qg.Graph.random_regular(3, 20, seed=1))
    stage = Stage(page, editor)
    page.evaluate(
        "() => { const el = document.createElement('div'); el.id = 'second'; el.style.width = '300px';"
        " document.body.append(el); window.again(el); }"
    )
    page.wait_for_timeout(500)
    stage.settle()
    assert min(drawn_shape(page, "#second")) > 0.7
    sent = page.evaluate("() => window.sent.filter((content) => content.kind === 'aspect').length")
    assert sent == 2, "each view asks once, and no answer makes another ask again"


def test_python_keeps_places_of_its_own() -> None:
    editor = GraphEditor(TRIANGLE)
    before = editor._document
    editor._receive({"kind": "aspect", "view": "v", "value": 3.0})
    assert editor._document is before
    with pytest.raises(qg.InvalidInput, match="aspect"):
        editor._receive({"kind": "aspect", "view": "v", "value": "wide"})


def test_clear_is_one_change_and_the_hint_returns(page: Any) -> None:
    editor = GraphEditor(TRIANGLE)
    stage = Stage(page, editor)
    assert not page.locator(".qg-hint").is_visible()
    command(page, "Clear")
    stage.settle()
    assert len(editor.graph.nodes) == 0
    assert page.locator(".qg-hint").is_visible()
    page.get_by_role("button", name="Undo").click()
    stage.settle()
    assert editor.graph == TRIANGLE
    assert not page.locator(".qg-hint").is_visible()


def test_weights_are_numbers_or_widths(page: Any) -> None:
    stage = Stage(page, GraphEditor(TRIANGLE))
    assert page.locator(".qg-weight").count() == 3
    command(page, "Weights as widths")
    stage.settle()
    assert page.locator(".qg-weight").count() == 0
    widths = page.locator(".qg-line").evaluate_all(
        "(all) => all.map((e) => parseFloat(getComputedStyle(e).strokeWidth))"
    )
    assert widths[1] > 1.8 * widths[0] > 1.8 * widths[2]
    page.get_by_role("button", name="More commands").click()
    item = page.get_by_role("menuitemcheckbox", name="Weights as widths")
    assert item.get_attribute("aria-checked") == "true"


# -- the menu by keyboard ---------------------------------------------------------------------------


def test_the_menu_works_by_keyboard(page: Any) -> None:
    editor = GraphEditor(TRIANGLE)
    stage = Stage(page, editor)
    button = page.get_by_role("button", name="More commands")
    button.focus()
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.activeElement.textContent === 'auto'")
    assert button.get_attribute("aria-expanded") == "true"
    page.keyboard.press("End")
    page.keyboard.press("ArrowDown")  # around
    for _ in range(4):
        page.keyboard.press("ArrowDown")
    assert page.evaluate("() => document.activeElement.textContent") == "grid"
    page.keyboard.press("Escape")
    assert page.evaluate("() => document.activeElement.getAttribute('aria-label')") == "More commands"
    assert button.get_attribute("aria-expanded") == "false"
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.activeElement.textContent === 'auto'")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    stage.settle()
    assert editor.graph == TRIANGLE.with_layout("stress", aspect=editor._drawing.aspect)


# -- sizes ------------------------------------------------------------------------------------------


def height(page: Any) -> float:
    return float(page.locator(".qg-canvas").first.bounding_box()["height"])


def test_the_handle_changes_the_height(page: Any) -> None:
    stage = Stage(page, GraphEditor(TRIANGLE))
    before, gap = height(page), stage.spot(node("c"))[1] - stage.spot(node("a"))[1]
    x, y = stage.spot(".qg-handle")
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y + 120, steps=4)
    page.mouse.up()
    stage.settle()
    assert height(page) == pytest.approx(before + 120, abs=2)
    assert abs(stage.spot(node("c"))[1] - stage.spot(node("a"))[1]) > abs(gap) + 80, "the drawing follows"
    page.locator(".qg-handle").focus()
    page.keyboard.press("ArrowUp")
    assert height(page) == pytest.approx(before + 100, abs=2)
    assert page.locator(".qg-handle").get_attribute("aria-valuenow") == str(round(before + 100))


WIDGETS = {
    "editor": lambda: GraphEditor(TRIANGLE),
    "qaoa": lambda: QAOAExplorer(qg.Graph.ring(5), depth=1),
    "routes": lambda: RouteExplorer(CITY, depth=1),
}


@pytest.mark.parametrize("make", WIDGETS.values(), ids=WIDGETS)
def test_compact_and_full_screen(page: Any, make: Any) -> None:
    stage = Stage(page, make())
    before = height(page)
    compact = page.get_by_role("button", name="Compact form for slides")
    compact.click()
    stage.settle()
    assert compact.get_attribute("aria-pressed") == "true"
    hidden = page.locator(".qg-editing .qg-tools, .qg-caption, .qg-handle")
    assert hidden.count() >= 2
    assert not any(hidden.nth(i).is_visible() for i in range(hidden.count()))
    assert height(page) > 1.2 * before
    compact.click()
    stage.settle()
    assert page.locator(".qg-editing .qg-tools").is_visible()
    assert height(page) == before
    page.get_by_role("button", name="Full screen").click()
    page.wait_for_function("() => document.fullscreenElement?.matches('.qgraph-widget')")
    page.get_by_role("button", name="Full screen").click()
    page.wait_for_function("() => !document.fullscreenElement")


@pytest.mark.parametrize("make", [WIDGETS["editor"], WIDGETS["routes"]], ids=["editor", "routes"])
def test_a_wide_screen_is_used(page: Any, make: Any) -> None:
    page.set_viewport_size({"width": 1440, "height": 900})
    Stage(page, make())
    box = page.locator(".qgraph-widget").bounding_box()
    panels = page.locator(".qg-panel, .qg-editor-alone .qg-stage")
    boxes = [panels.nth(i).bounding_box() for i in range(panels.count())]
    area = sum(one["width"] * one["height"] for one in boxes)
    assert area > 0.8 * box["width"] * box["height"]
    across, up = drawn_shape(page)
    assert max(across, up) > 0.7
    assert across * up > 0.3


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [350, 1280])
def test_menu_and_form_are_accessible(page: Any, dark: bool, width: int) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page.set_viewport_size({"width": width, "height": 900})
    Stage(page, GraphEditor(TRIANGLE), dark=dark)
    for open_ in ("More commands", "Generate…"):
        if open_ == "More commands":
            page.get_by_role("button", name=open_).click()
        else:
            page.get_by_role("menuitem", name=open_).click()
        found = Axe().run(page).response["violations"]
        serious = [v for v in found if v["impact"] in ("serious", "critical")]
        assert [(v["id"], [n["target"] for n in v["nodes"]]) for v in serious] == []
