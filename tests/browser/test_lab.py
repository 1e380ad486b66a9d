"""The widgets in real notebooks: JupyterLab, a real kernel, a real browser."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

import pytest

from browser.lab import Lab, Notebook

IMPORTS = "import qgraph as qg\nfrom qgraph.widgets import GraphEditor, QAOAExplorer"
EDITOR = "editor = GraphEditor()\neditor"
EXPLORER = "explorer = QAOAExplorer(qg.Graph.random_regular(3, 14, seed=1), depth=4)\nexplorer"
LONG = "explorer = QAOAExplorer(qg.Graph.random_regular(3, 18, seed=1), depth=10)\nexplorer"
FRAMES = """() => new Promise((done) => { const times = []; const step = (t) => { times.push(t);
  if (times.length < 45) requestAnimationFrame(step); else done(times); }; requestAnimationFrame(step); })"""
# Input events one after another, each timed until the frame after the picture has changed.
LATENCY = """async (count) => {
  const range = document.querySelector('.qg-turn input'), bars = document.querySelector('.qg-bars');
  const frame = () => new Promise(requestAnimationFrame);
  const times = [];
  for (let i = 0; i < count; i++) {
    const before = bars.getAttribute('d'), start = performance.now();
    range.value = 0.1 + 0.4 * ((i * 7) % count) / count;
    range.dispatchEvent(new Event('input', { bubbles: true }));
    while (bars.getAttribute('d') === before && performance.now() - start < 3000) await frame();
    await frame();
    times.push(performance.now() - start);
  }
  return times;
}"""

# Whether the theme's style sheet has come: white paper in the light theme, another colour in the dark one.
PAPER = """(light) => {
  const paper = getComputedStyle(document.querySelector(".qgraph-widget")).backgroundColor;
  return (paper === "rgb(255, 255, 255)") === light;
}"""


@pytest.fixture
def page(lab_page: Any) -> Any:
    return lab_page


# A JupyterLab takes seconds to start: the tests with one setting run in one process.
WITH = pytest.param(True, id="subshells", marks=pytest.mark.xdist_group("subshells"))
WITHOUT = pytest.param(False, id="no-subshells", marks=pytest.mark.xdist_group("no-subshells"))
once = pytest.mark.parametrize("lab", [WITH], indirect=True)
both = pytest.mark.parametrize("lab", [WITH, WITHOUT], indirect=True)


def opened(page: Any, lab: Lab, *cells: str) -> Notebook:
    notebook = Notebook(
        page, lab, lab.notebook(f"n{len(list(lab.folder.glob('*.ipynb')))}.ipynb", IMPORTS, *cells)
    )
    notebook.run_all()
    return notebook


def spot(page: Any, x: float, y: float) -> tuple[float, float]:
    box = page.locator(".qg-canvas").first.bounding_box()
    return box["x"] + x, box["y"] + y


def quantile(times: list[float], share: float) -> float:
    return sorted(times)[min(len(times) - 1, int(share * len(times)))]


@both
def test_five_nodes_by_mouse_then_undone_and_redone(page: Any, lab: Lab) -> None:
    notebook = opened(page, lab, EDITOR)
    places = [(60, 60), (200, 40), (330, 120), (240, 240), (90, 220)]
    for place in places:
        page.mouse.dblclick(*spot(page, *place))
    page.get_by_role("button", name="Connect nodes").click()
    for a, b in zip(places, places[1:] + places[:1], strict=True):
        page.mouse.move(*spot(page, *a))
        page.mouse.down()
        page.mouse.move(*spot(page, *b), steps=3)
        page.mouse.up()
    ring = str([["0", "1"], ["0", "4"], ["1", "2"], ["2", "3"], ["3", "4"]])
    assert notebook.becomes("sorted(sorted((e.source, e.target)) for e in editor.graph.edges)", ring)
    full = notebook.value("editor.graph.to_json()")
    for _ in range(10):
        page.get_by_role("button", name="Undo").click()
    page.locator("button[aria-label=Undo]:disabled").wait_for()
    assert notebook.becomes("editor.graph", "Graph(0 nodes, 0 edges)")
    for _ in range(10):
        page.get_by_role("button", name="Redo").click()
    page.locator("button[aria-label=Redo]:disabled").wait_for()
    assert notebook.becomes("editor.graph.to_json()", full)


@both
def test_a_slider_answers_at_once_and_a_drag_is_smooth(page: Any, lab: Lab, capsys: Any) -> None:
    notebook = opened(page, lab, EXPLORER)
    page.locator(".qg-bars").wait_for()
    page.evaluate(LATENCY, 5)
    times = page.evaluate(LATENCY, 20)
    x, y = spot(page, 0, 0)
    box = page.locator(".qg-node .qg-shape").first.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.evaluate("(f) => { window.frames_ = eval(f)(); }", FRAMES)
    for step in range(60):
        page.mouse.move(x + 100 + 2 * (step % 30), y + 100 + step)
    frames = page.evaluate("() => window.frames_")
    page.mouse.up()
    gaps = [b - a for a, b in pairwise(frames)]
    with capsys.disabled():
        print(
            f"\nn = 14, depth 4: p50 {quantile(times, 0.5):.0f} ms, p95 {quantile(times, 0.95):.0f} ms from"
        )
        print(f"input to painted result; node drag at {1000 / quantile(gaps, 0.5):.0f} frames per second")
    gamma = page.evaluate("() => Number(document.querySelector('.qg-turn input').value)")
    assert notebook.becomes(f"abs(explorer.angles[0][0] - {gamma}) < 1e-6", "True")


@both
def test_optimise_progress_cancel_and_the_kernel_answers(page: Any, lab: Lab) -> None:
    notebook = opened(page, lab, LONG)
    before = float(notebook.value("explorer.expectation()"))
    page.get_by_role("button", name="Optimise the angles").click()
    page.locator(".qg-status").get_by_text(
        re.compile(r"Optimising: .* after [1-9]\d* evaluations")
    ).wait_for()
    assert notebook.value("explorer.running, explorer.result") == "(True, None)", (
        "the kernel answers meanwhile"
    )
    page.locator(".qg-line").first.wait_for(state="attached")
    page.get_by_role("button", name="Cancel").click()
    page.locator(".qg-status").get_by_text("Stopped. These are the best angles so far:").wait_for()
    assert notebook.value("explorer.running") == "False"
    assert float(notebook.value("explorer.expectation()")) > before
    assert notebook.becomes("explorer.result.stopped_by", "callback")
    page.get_by_role("slider", name="γ1", exact=True).press("ArrowRight")
    page.wait_for_function("() => document.querySelector('.qg-status').textContent === ''")


@both
def test_the_stop_button_ends_a_long_run(page: Any, lab: Lab) -> None:
    notebook = opened(page, lab, LONG)
    before = float(notebook.value("explorer.expectation()"))
    cell = notebook.add_and_run("explorer.optimise().stopped_by", wait=False)
    page.locator(".qg-status").get_by_text(
        re.compile(r"Optimising: .* after [1-9]\d* evaluations")
    ).wait_for()
    page.locator("[data-jp-item-name=interrupt] button, [data-jp-item-name=interrupt]").first.click()
    cell.get_by_text("'callback'").first.wait_for()
    notebook.idle()
    assert float(notebook.value("explorer.expectation()")) > before
    assert notebook.value("explorer.running") == "False"


@both
def test_the_curve_begins_at_once(page: Any, lab: Lab, capsys: Any) -> None:
    big = "explorer = QAOAExplorer(qg.Graph.random_regular(3, 20, seed=1), depth=8)\nexplorer"
    opened(page, lab, big)
    page.locator(".qg-turn input:not(:disabled)").first.wait_for()
    first = page.evaluate(
        "async () => { const start = performance.now();"
        " [...document.querySelectorAll('button')].find((b) => b.textContent === 'Optimise').click();"
        " while (!document.querySelector('.qg-chart[aria-label^=Best] .qg-dots')?.getAttribute('d'))"
        " await new Promise(requestAnimationFrame); return performance.now() - start; }"
    )
    page.get_by_role("button", name="Cancel").click()
    page.locator(".qg-status").get_by_text("Stopped").wait_for()
    with capsys.disabled():
        print(f"\nn = 20, depth 8: the first point of the curve after {first:.0f} ms")
    assert "qg-dots" in page.content()


@both
def test_two_explorers_do_not_disturb_each_other(page: Any, lab: Lab) -> None:
    ring = "other = QAOAExplorer(qg.Graph.ring(6), depth=1)\nother"
    notebook = opened(page, lab, EXPLORER, ring)
    page.locator(".qg-bars").nth(1).wait_for()
    first = page.locator(".qg-figures").first.inner_text()
    angles = notebook.value("explorer.angles")
    second = page.locator(".qg-explorer").nth(1)
    second.locator(".qg-turn input").first.evaluate(
        "(e) => { e.value = 0.1; e.dispatchEvent(new Event('input', {bubbles: true})); }"
    )
    assert notebook.becomes("abs(other.angles[0][0] - 0.1) < 1e-6", "True")
    assert notebook.value("explorer.angles") == angles
    assert page.locator(".qg-figures").first.inner_text() == first


@once
def test_changes_of_a_city_solve_its_routes_again(page: Any, lab: Lab) -> None:
    city = "from qgraph.widgets import RouteExplorer\nroutes = RouteExplorer(qg.City.random(5, 2, seed=1), depth=1)"
    notebook = opened(page, lab, f"{city}\nroutes")
    page.locator(".qg-legs tbody tr").nth(14).wait_for()  # 5 legs of each of 3 solvers
    for name, value in (("high traffic ×", 5), ("QAOA depth", 2)):
        page.get_by_label(name).evaluate(
            "(e, v) => { e.value = v; e.dispatchEvent(new Event('change')); }", value
        )
    assert notebook.becomes("routes.graph.traffic_multipliers['high'], routes.depth", "(5.0, 2)")
    assert notebook.becomes(
        "routes._jobs.wait(), sorted(routes.solutions)", "(True, ['exact', 'greedy', 'qaoa'])"
    )
    assert notebook.becomes(
        "routes.solutions['exact'].travel_time == qg.solve_exact(routes.problem).travel_time", "True"
    )
    time = float(notebook.value("routes.solutions['exact'].travel_time"))
    page.locator(".qg-columns .qg-figures").first.get_by_text(f"{time:.4g}").wait_for()


@once
def test_without_a_kernel_the_last_picture_shows(page: Any, lab: Lab) -> None:
    notebook = opened(page, lab, EXPLORER, "print('the end')")
    page.locator(".qg-bars").wait_for()
    picture = page.locator(".jp-OutputArea-child .jp-RenderedImage img")
    assert picture.count() == 1
    assert not picture.is_visible(), "the live view hides its picture"
    page.locator(
        "[data-jp-item-name=restart-and-run] button, [data-jp-item-name=restart-and-run]"
    ).first.click()
    page.locator(".jp-Dialog .jp-mod-accept").click()
    page.locator(".qg-bars").wait_for(state="detached")
    notebook.idle(60_000)
    page.locator(".qg-turn input:not(:disabled)").first.wait_for()
    first = picture.get_attribute("src")
    page.get_by_role("textbox", name="γ1 in rad", exact=True).fill("pi/3")
    page.keyboard.press("Enter")
    assert notebook.becomes("explorer.angles[0][0] == 3.141592653589793 / 3", "True")
    page.wait_for_function(
        "(first) => document.querySelector('.jp-RenderedImage img').getAttribute('src') !== first", arg=first
    )
    last, said = picture.get_attribute("src"), notebook.value("explorer")
    page.keyboard.press("Control+s")
    path = lab.folder / notebook.name
    for _ in range(100):
        if f"picture of {said}" in path.read_text():
            break
        page.wait_for_timeout(100)
    page.request.delete(f"{lab.url}api/sessions/{session(page, lab, notebook.name)}?token=browser-tests")
    lab.kernel = None
    page.goto("about:blank")
    page.goto(f"{lab.url}lab/tree/{notebook.name}?token=browser-tests&reset")
    picture.wait_for(timeout=60_000)
    assert picture.is_visible()
    assert picture.get_attribute("src") == last
    page.goto("about:blank")  # a view without its model is an error in JupyterLab's console


def session(page: Any, lab: Lab, name: str) -> str:
    found = page.request.get(f"{lab.url}api/sessions?token=browser-tests").json()
    return str(next(one["id"] for one in found if one["path"] == name))


@once
@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_accessible_in_jupyterlabs_themes(page: Any, lab: Lab, theme: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    city = "from qgraph.widgets import RouteExplorer\nRouteExplorer(qg.City.random(5, 2, seed=1), depth=1)"
    opened(page, lab, EXPLORER, city)
    page.get_by_role("menuitem", name="Settings", exact=True).click()
    page.get_by_text("Theme", exact=True).hover()
    page.get_by_role("menuitemcheckbox", name=theme).or_(
        page.get_by_role("menuitem", name=theme)
    ).first.click()
    light = "true" if theme == "JupyterLab Light" else "false"
    page.locator(f"body[data-jp-theme-light={light}]").wait_for(state="attached")
    page.wait_for_function(PAPER, arg=theme == "JupyterLab Light")
    page.locator(".qg-bars").wait_for()
    page.locator(".qg-legs tbody tr").first.wait_for()
    found = Axe().run(page, context=".qgraph-widget").response["violations"]
    serious = [v for v in found if v["impact"] in ("serious", "critical")]
    assert [(v["id"], [n["target"] for n in v["nodes"]]) for v in serious] == []
