"""Keys that are pressed in a widget stay there: in a real JupyterLab, for every control of every widget."""

from __future__ import annotations

from typing import Any

import pytest

from browser.lab import Lab, Notebook

WIDGETS = {
    "editor": "GraphEditor(qg.Graph.ring(5))",
    "qaoa": "QAOAExplorer(qg.Graph.ring(5), depth=1)",
    "routes": "RouteExplorer(qg.City.random(5, 2, seed=1), depth=1)",
}
IMPORTS = "import qgraph as qg\nfrom qgraph.widgets import GraphEditor, QAOAExplorer, RouteExplorer"
KEYS = ["x", "b", "a", "m", "d", "d", "z", "y", "0", "0", "Delete", "Control+Enter"]
ARROWS = ["ArrowDown", "ArrowUp", "ArrowLeft", "ArrowRight", "PageDown", "PageUp", "End", "Home"]
CELLS = "() => jupyterapp.shell.currentWidget.content.model.sharedModel.cells.map((cell) => cell.getSource())"
# Every control that can have the focus, marked with a number.
MARK = """() => {
  const controls = "button, select, input, textarea, [tabindex='0']";
  const box = document.querySelector(".qgraph-widget");
  const usable = (e) => !e.disabled && e.getClientRects().length > 0;
  const found = [...box.querySelectorAll(controls)].filter(usable);
  found.forEach((e, i) => e.setAttribute("data-control", i));
  return found.length;
}"""
IS_FOCUSED = "(i) => document.activeElement?.getAttribute('data-control') === String(i)"
IS_INSIDE = "() => document.activeElement.closest('.qgraph-widget') !== null"

pytestmark = pytest.mark.xdist_group("subshells")
lab_with = pytest.mark.parametrize("lab", [True], indirect=True, ids=["subshells"])
every_widget = pytest.mark.parametrize("widget", WIDGETS)


def shown(page: Any, lab: Lab, widget: str) -> Notebook:
    notebook = Notebook(
        page, lab, lab.notebook(f"{widget}{len(list(lab.folder.glob('*')))}.ipynb", IMPORTS, WIDGETS[widget])
    )
    notebook.run_all()
    page.locator(".qgraph-widget .qg-node").first.wait_for()
    if widget == "qaoa":
        page.locator(".qg-bars").wait_for()
        page.locator(".qg-turn input:not(:disabled)").first.wait_for()
    if widget == "routes":
        page.locator(".qg-legs tbody tr").nth(14).wait_for()
    return notebook


@lab_with
@every_widget
def test_no_key_reaches_the_notebook(lab_page: Any, lab: Lab, widget: str) -> None:
    page = lab_page
    shown(page, lab, widget)
    before = page.evaluate(CELLS)
    controls = page.evaluate(MARK)
    assert controls > 8
    for i in range(controls):
        control = page.locator(f"[data-control='{i}']")
        control.evaluate("(e) => e.focus()")
        for key in [*ARROWS, *KEYS]:
            page.keyboard.press(key)
            assert page.evaluate(IS_FOCUSED, i), f"{key} on {control.evaluate('(e) => e.outerHTML')[:200]}"
        assert page.evaluate(CELLS) == before


@lab_with
@every_widget
def test_enter_and_forms_stay_in_the_widget(lab_page: Any, lab: Lab, widget: str) -> None:
    page = lab_page
    shown(page, lab, widget)
    before = page.evaluate(CELLS)
    page.locator(".qg-editing .qg-canvas").focus()
    for key in ("]", "Enter"):
        page.keyboard.press(key)
    form = page.locator(".qg-form")
    for control in form.locator("input, select, button").all():
        control.evaluate("(e) => e.focus()")
        for key in ("x", "b", "ArrowDown", "ArrowUp", "Control+Enter", "Delete", "Shift+Delete"):
            page.keyboard.press(key)
            assert page.evaluate(IS_INSIDE), key
    assert form.count() == 1
    page.keyboard.press("Escape")
    assert form.count() == 0
    page.get_by_role("button", name="More commands").focus()
    page.keyboard.press("Enter")
    for key in ("ArrowDown", "x", "b", "Delete", "Control+Enter", "ArrowUp", "End"):
        page.keyboard.press(key)
        assert page.evaluate("() => document.activeElement.closest('.qg-menu') !== null"), key
    page.keyboard.press("Escape")
    page.keyboard.press("Shift+Tab")
    assert page.evaluate(IS_INSIDE)
    page.locator(".qg-editing .qg-canvas").focus()
    assert page.locator(".qg-editing .qg-canvas").evaluate("(e) => e === document.activeElement")
    assert page.evaluate(CELLS) == before


@lab_with
@every_widget
def test_enter_runs_no_cell(lab_page: Any, lab: Lab, widget: str) -> None:
    page = lab_page
    shown(page, lab, widget)
    before = page.evaluate(CELLS)
    for i in range(page.evaluate(MARK)):
        control = page.locator(f"[data-control='{i}']")
        if control.count() == 0 or "Full screen" in (control.get_attribute("title") or ""):
            continue  # the sliders of QAOA's angles are new at another depth
        control.evaluate("(e) => e.focus()")
        page.keyboard.press("Enter")
        page.keyboard.press("Escape")
        assert page.evaluate(CELLS) == before
    assert page.locator(".qgraph-widget").count() == 1


@lab_with
def test_a_button_that_is_switched_off_passes_the_focus_on(lab_page: Any, lab: Lab) -> None:
    page = lab_page
    shown(page, lab, "editor")
    page.locator(".qg-canvas").focus()
    page.keyboard.press("n")
    page.locator("button[aria-label=Undo]:not(:disabled)").focus()
    page.keyboard.press("Enter")
    page.locator("button[aria-label=Undo]:disabled").wait_for()
    assert page.locator(".qg-canvas").evaluate("(e) => e === document.activeElement")


@lab_with
@pytest.mark.parametrize("widget", ["qaoa", "routes"])
def test_keys_move_sliders(lab_page: Any, lab: Lab, widget: str) -> None:
    page = lab_page
    shown(page, lab, widget)
    sliders = page.locator(".qgraph-widget input[type=range]:not(:disabled)")
    assert sliders.count() >= 3
    for i in range(sliders.count()):
        slider = sliders.nth(i)
        slider.evaluate("(e) => e.focus()")
        page.keyboard.press("Home")
        values = [float(slider.input_value())]
        for key in ("ArrowRight", "ArrowUp", "PageUp", "End"):
            page.keyboard.press(key)
            values.append(float(slider.input_value()))
        page.keyboard.press("ArrowLeft")
        assert values[0] < values[1] <= values[2] <= values[3] <= values[4], values
        assert float(slider.input_value()) < values[4]
        assert slider.evaluate("(e) => e === document.activeElement")


@lab_with
@every_widget
def test_control_s_saves_and_escape_leaves(lab_page: Any, lab: Lab, widget: str) -> None:
    page = lab_page
    notebook = shown(page, lab, widget)
    path = lab.folder / notebook.name
    assert '"outputs": []' in path.read_text()
    page.locator(".qg-editing .qg-tools button").last.focus()
    page.evaluate("() => addEventListener('keydown', (e) => { window.pressed = e; }, true)")
    page.keyboard.press("Control+s")
    for _ in range(100):
        if "widget-view" in path.read_text():
            break
        page.wait_for_timeout(100)
    assert "widget-view" in path.read_text(), "the notebook is saved"
    assert page.evaluate("() => window.pressed.defaultPrevented"), "the browser asks for no file"
    assert page.evaluate(IS_INSIDE)
    page.keyboard.press("Escape")
    assert not page.evaluate(IS_INSIDE)
    active = (
        "() => document.activeElement.closest('.jp-Cell').contains(document.querySelector('.qgraph-widget'))"
    )
    assert page.evaluate(active)
    page.keyboard.press("b")
    assert len(page.evaluate(CELLS)) == 3, "the keys are the notebook's again"
