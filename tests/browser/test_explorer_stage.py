"""The QAOA explorer's script alone, answered by the real explorer."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import Any

import pytest

import qgraph as qg
from browser.stage import Stage, leaves_nothing
from qgraph.widgets import QAOAExplorer

GRAPH = qg.Graph.random_regular(3, 8, seed=2).with_layout("circular")


def figure(page: Any, name: str) -> float:
    spans = page.locator(".qg-gauge > .qg-figures span")
    return float(spans.filter(has_text=re.compile(rf"^{re.escape(name)}")).locator("b").inner_text())


def slider(page: Any, name: str) -> Any:
    return page.get_by_role("slider", name=name, exact=True)


def field(page: Any, name: str) -> Any:
    return page.get_by_role("textbox", name=f"{name} in rad", exact=True)


def choose(page: Any, name: str, value: str) -> None:
    page.locator(".qg-choices").get_by_role("combobox", name=name).select_option(value)


def turn(page: Any, name: str, value: float) -> None:
    slider(page, name).evaluate(
        "(e, v) => { e.value = v; e.dispatchEvent(new Event('input', {bubbles: true})); }", value
    )


def test_sliders_change_the_angles_and_all_figures(page: Any) -> None:
    explorer = QAOAExplorer(GRAPH, depth=2)
    stage = Stage(page, explorer)
    assert page.locator(".qg-turn").count() == 4
    turn(page, "γ2", 0.25)
    stage.settle()
    assert explorer.angles[0][1] == pytest.approx(0.25)
    assert figure(page, "expectation") == pytest.approx(explorer.expectation(), rel=1e-4)
    assert figure(page, "optimum (exact)") == qg.solve_exact(explorer.problem).objective
    assert figure(page, "random average") == 6.0
    state = qg.simulate(explorer.problem, *explorer.angles)
    assert figure(page, "normalized ratio") == pytest.approx(state.normalized_ratio(), rel=1e-4)
    assert figure(page, "approximation ratio") == pytest.approx(state.approximation_ratio(), rel=1e-4)


def test_with_penalties_the_feasible_part_is_shown(page: Any) -> None:
    explorer = QAOAExplorer(qg.IndependentSet(GRAPH), depth=1)
    Stage(page, explorer).settle()
    state = qg.simulate(explorer.problem, *explorer.angles)
    assert figure(page, "P(feasible)") == pytest.approx(state.feasible_probability(), rel=1e-4)
    assert figure(page, "mean of feasible") == pytest.approx(state.feasible_expectation(), rel=1e-4)
    assert "approximation" not in page.locator(".qg-gauge").inner_text()


def test_the_newest_angles_win_with_one_message_in_flight(page: Any) -> None:
    explorer = QAOAExplorer(GRAPH)
    stage = Stage(page, explorer)
    before = page.evaluate("() => window.sent.length")
    slider(page, "γ1").evaluate(
        "(e) => { for (let i = 1; i <= 50; i++) { e.value = i / 100; e.dispatchEvent(new Event('input')); } }"
    )
    stage.settle()
    assert explorer.angles[0][0] == pytest.approx(0.5)
    assert page.evaluate("() => window.sent.length") - before == 2, "the first at once, then the newest"
    assert figure(page, "expectation") == pytest.approx(explorer.expectation(), rel=1e-4)


def test_the_point_is_moved_by_mouse_and_by_keys(page: Any) -> None:
    explorer = QAOAExplorer(GRAPH)
    stage = Stage(page, explorer)
    box = page.locator(".qg-landscape").bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.5)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.75, box["y"] + box["height"] * 0.25, steps=5)
    page.mouse.up()
    stage.settle()
    assert explorer.angles[0][0] == pytest.approx(explorer.scene.gammas[-1] / 2, rel=0.02)
    assert explorer.angles[1][0] == pytest.approx(explorer.scene.betas[-1] / 2, rel=0.02)
    gamma = explorer.angles[0][0]
    page.locator(".qg-landscape").focus()
    page.keyboard.press("ArrowLeft")
    stage.settle()
    assert explorer.angles[0][0] < gamma
    bright = page.evaluate(
        "() => { const c = document.querySelector('.qg-heat');"
        " const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data; let best = 0, at = 0;"
        " for (let i = 0; i < d.length; i += 4) if (d[i] + d[i+1] > best) { best = d[i] + d[i+1]; at = i / 4; }"
        " return [at % c.width, c.height - 1 - Math.floor(at / c.width)]; }"
    )
    values = qg.landscape(explorer.problem, explorer.scene.gammas, explorer.scene.betas)
    assert values[tuple(bright)] == pytest.approx(values.max(), rel=0.01)


def test_hover_shows_a_solution_in_the_graph(page: Any) -> None:
    explorer = QAOAExplorer(GRAPH, depth=2)
    stage = Stage(page, explorer)
    rows = page.locator(".qg-solutions button")
    rows.nth(3).hover()
    stage.settle()
    assert (
        page.locator(".qg-solutions li:nth-child(4)").inner_text().split("{")[1].count(",") + 1
        == page.locator(".qg-side1").count()
    )
    squares = page.locator(".qg-side1 text").all_text_contents()
    labels = {name: int(name in squares) for name in GRAPH.ids}
    assert f"C = {qg.MaxCut(GRAPH).objective(list(labels.values())):g}" in rows.nth(3).inner_text()
    rows.nth(0).focus()
    assert page.locator(".qg-side1 text").all_text_contents() != squares


def test_the_layer_slider_shows_earlier_layers(page: Any) -> None:
    explorer = QAOAExplorer(GRAPH, depth=3)
    stage = Stage(page, explorer)
    last = page.locator(".qg-bars").get_attribute("d")
    page.get_by_label("after layer").focus()
    for _ in range(3):
        page.keyboard.press("ArrowLeft")
    stage.settle()
    assert figure(page, "expectation") == 6.0
    assert page.locator(".qg-bars").get_attribute("d") != last
    page.keyboard.press("End")
    assert page.locator(".qg-bars").get_attribute("d") == last


def test_depth_presets_optimise_and_cancel(page: Any) -> None:
    explorer = QAOAExplorer(GRAPH)
    stage = Stage(page, explorer)
    page.get_by_role("button", name="Add a layer").click()
    stage.settle()
    assert explorer.depth == 2
    assert page.locator(".qg-turn").count() == 4
    page.get_by_label("presets").select_option(explorer.presets[1])
    stage.settle()
    assert explorer.angles == [list(row) for row in qg.fixed_angles(3, 2)]
    page.get_by_role("button", name="Optimise the angles").click()
    run = explorer._run
    if run is not None:
        run.jobs.wait()
    stage.push()
    assert "Optimised" in page.locator(".qg-status").inner_text()
    assert explorer.result.depth == 2
    assert figure(page, "expectation") == pytest.approx(explorer.result.expectation, rel=1e-4)
    assert page.get_by_role("button", name="Cancel").is_disabled()
    explorer.running = True
    page.evaluate(
        "() => model.deliver({kind: 'progress', running: true, first: 0, points: [[3, 7.5, 1], [9, 8.5, 2]]}, [])"
    )
    assert page.get_by_role("button", name="Cancel").is_enabled()
    assert slider(page, "γ1").is_disabled()
    assert page.locator(".qg-status").inner_text() == "Optimising: 8.5 after 9 evaluations."
    page.evaluate("() => model.deliver({kind: 'failed', message: 'something else'}, [])")
    assert page.locator(".qg-status").inner_text() == "something else"
    assert page.get_by_role("button", name="Cancel").is_enabled(), "the optimisation still runs"


def test_editing_the_graph_changes_every_view(page: Any) -> None:
    explorer = QAOAExplorer(GRAPH)
    stage = Stage(page, explorer)
    before = figure(page, "optimum (exact)")
    page.locator(".qg-canvas").focus()
    page.keyboard.press("n")
    page.keyboard.press("c")
    page.keyboard.press("[")
    page.keyboard.press("[")
    page.keyboard.press("Enter")
    stage.settle()
    assert len(explorer.graph.nodes) == 9
    assert len(explorer.graph.edges) == 13
    assert figure(page, "optimum (exact)") == before + 1


def test_a_page_without_python_still_shows(page: Any, tmp_path: Any) -> None:
    explorer = QAOAExplorer(GRAPH, depth=2)
    explorer.optimise()
    explorer.to_html(tmp_path / "explorer.html")
    page.goto((tmp_path / "explorer.html").as_uri())
    assert figure(page, "expectation") == pytest.approx(explorer.expectation(), rel=1e-4)
    page.locator(".qg-solutions button").nth(2).hover()
    assert page.locator(".qg-side1").count() > 0
    assert slider(page, "γ1").is_disabled()
    assert page.locator(".qg-dots").first.is_visible()


def test_two_thousand_views_leave_nothing_behind(page: Any) -> None:
    explorer = QAOAExplorer(GRAPH, depth=2)
    stage = Stage(page, explorer)
    stage.out.clear()
    explorer._send_view()
    views = "([[_, content, parts]]) => { for (let i = 0; i < %d; i++) model.deliver(content, parts); }"
    count = "() => [document.querySelectorAll('*').length, model.heard('msg:custom')]"
    page.evaluate(views % 10, stage.out)
    before = page.evaluate(count)
    page.evaluate(views % 2_000, stage.out)
    assert page.evaluate(count) == before


def test_a_view_that_has_ended_leaves_nothing(page: Any) -> None:
    leaves_nothing(page, QAOAExplorer(GRAPH))


@pytest.mark.parametrize("width", [1280, 350], ids=["wide", "zoomed"])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_accessible_in_both_themes(page: Any, dark: bool, width: int) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page.set_viewport_size({"width": width, "height": 1400})  # 700 pixels at 200 % are 350
    explorer = QAOAExplorer(GRAPH, depth=2)
    stage = Stage(page, explorer, dark=dark)
    choose(page, "sample", "100")
    stage.settle()
    page.get_by_role("button", name="Copy as Python").click()
    assert explorer._beside.jobs.wait()
    stage.push()
    found = Axe().run(page).response["violations"]
    serious = [v for v in found if v["impact"] in ("serious", "critical")]
    assert [(v["id"], [n["target"] for n in v["nodes"]]) for v in serious] == []
    wide = "() => document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    assert page.evaluate(wide), "nothing sticks out to the right"
    widths = page.locator(".qg-turn input[type=range]").evaluate_all(
        "(all) => all.map((one) => one.offsetWidth)"
    )
    assert min(widths) >= 120


# -- angles that are typed and drawn ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("0.7853981633974483", math.pi / 4),
        ("-pi/8", -math.pi / 8),
        ("3 pi / 4", 0.75 * math.pi),
        ("1e-3", 0.001),
    ],
)
def test_angles_are_typed(page: Any, typed: str, value: float) -> None:
    explorer = QAOAExplorer(GRAPH, depth=2)
    stage = Stage(page, explorer)
    field(page, "β2").fill(typed)
    page.keyboard.press("Enter")
    stage.settle()
    assert explorer.angles[1][1] == value
    assert field(page, "β2").input_value() == typed
    assert figure(page, "expectation") == pytest.approx(explorer.expectation(), rel=1e-4)
    page.keyboard.press("ArrowUp")
    stage.settle()
    assert explorer.angles[1][1] == pytest.approx(value + 0.01, abs=1e-6)


def test_what_is_no_angle_is_refused_in_place(page: Any) -> None:
    explorer = QAOAExplorer(GRAPH)
    Stage(page, explorer)
    before = explorer.angles
    for wrong in ("", "two", "pi/0", "1..2", "1/"):
        field(page, "γ1").fill(wrong)
        page.keyboard.press("Enter")
        said = page.locator(".qg-status").inner_text()
        assert f"must be a number or a multiple of pi, got {wrong}".strip() in said
        assert field(page, "γ1").get_attribute("aria-invalid") == "true"
    assert explorer.angles == before


def test_points_of_the_schedule_are_moved(page: Any) -> None:
    explorer = QAOAExplorer(GRAPH, depth=3)
    stage = Stage(page, explorer)
    before = explorer.angles
    point = page.get_by_role("slider", name="point of γ2", exact=True)
    box = point.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y + 30, steps=5)
    page.mouse.up()
    stage.settle()
    assert explorer.angles[0][1] < before[0][1] - 0.1
    assert (explorer.angles[0][0], explorer.angles[0][2]) == (before[0][0], before[0][2])
    gamma = explorer.angles[0][1]
    page.keyboard.press("ArrowUp")
    stage.settle()
    assert explorer.angles[0][1] > gamma
    assert point.evaluate("(e) => e === document.activeElement")


def test_reset_and_presets_say_what_is_shown(page: Any) -> None:
    explorer = QAOAExplorer(GRAPH, depth=2)
    stage = Stage(page, explorer)
    presets, first = page.get_by_label("presets"), explorer.angles
    presets.select_option(explorer.presets[-1])
    stage.settle()
    assert presets.input_value() == explorer.presets[-1]
    turn(page, "γ1", 0.25)
    stage.settle()
    assert presets.input_value() == "", "these are no published angles any more"
    presets.select_option(explorer.presets[1])
    stage.settle()
    assert presets.input_value() == explorer.presets[1]
    page.get_by_role("button", name="Optimise the angles").click()
    assert explorer._run is None or explorer._run.jobs.wait()
    stage.push()
    assert presets.input_value() == ""
    assert "Optimised" in page.locator(".qg-status").inner_text()
    turn(page, "β1", 0.1)
    assert page.locator(".qg-status").inner_text() == "", "the message was about other angles"
    page.get_by_role("button", name="Reset to the first angles").click()
    stage.settle()
    assert explorer.angles == first


# -- choices ----------------------------------------------------------------------------------------


def test_problems_and_samples_are_chosen(page: Any) -> None:
    graph = qg.Graph.random_regular(3, 6, seed=2)
    explorer = QAOAExplorer(graph, depth=2)
    stage = Stage(page, explorer)
    choose(page, "problem", "VertexCover")
    stage.settle()
    assert explorer.problem == qg.VertexCover(graph)
    assert figure(page, "optimum (exact)") == qg.solve_exact(explorer.problem).objective
    assert figure(page, "P(feasible)") > 0
    assert "{…} lists the nodes in the cover." in page.get_by_text("{…}").inner_text()
    rows = page.locator(".qg-solutions li")
    for row in range(rows.count()):
        text = rows.nth(row).inner_text()
        names = [name for name in re.findall(r"\{(.*)\}", text)[0].split(", ") if name]
        bits = [int(name in names) for name in graph.ids]
        assert ("infeasible" in text) == (not explorer.problem.decode(bits).feasible)
    choose(page, "sample", "1000")
    stage.settle()
    assert "sample, 1000 shots: mean" in page.locator(".qg-gauge").inner_text()
    assert page.locator(".qg-sampled").count() == 1
    choose(page, "problem", "GraphColoring")
    page.get_by_label("colors").fill("2")
    page.keyboard.press("Enter")
    stage.settle()
    assert explorer.problem == qg.GraphColoring(graph, 2)
    texts = [text for text in rows.all_inner_texts() if text]
    assert {text.count("{") for text in texts} <= {0, 2}


def test_refused_choices_go_back(page: Any) -> None:
    explorer = QAOAExplorer(qg.Graph.ring(16))
    stage = Stage(page, explorer)
    box = page.get_by_label("warm start")
    box.click()
    stage.settle()
    assert "is simulated up to 14 qubits here, got 16" in page.locator(".qg-status").inner_text()
    assert not box.is_checked()


def test_large_graphs_show_what_there_is(page: Any) -> None:
    explorer = QAOAExplorer(qg.Graph.random_regular(3, 60, seed=1))
    stage = Stage(page, explorer)
    assert figure(page, "expectation") == pytest.approx(explorer.expectation(), rel=1e-4)
    assert figure(page, "bound") == 90
    assert page.locator(".qg-bars").count() == 0
    assert page.locator(".qg-solutions").is_hidden()
    page.get_by_label("edge widths show correlations").click()
    widths = page.locator(".qg-edge .qg-line").evaluate_all(
        "(lines) => lines.map((l) => parseFloat(l.style.strokeWidth))"
    )
    found = explorer.scene.correlations(explorer.angles)
    assert widths == pytest.approx(0.5 + 7 * abs(found), abs=0.02)
    page.get_by_role("button", name="Solve by this solver").click()
    assert explorer._beside.jobs.wait()
    stage.push()
    assert "annealing: C = 8" in page.get_by_text("annealing: C").inner_text()
    cut = page.locator(".qg-cut").count()
    assert f"C = {cut}" in page.get_by_text("annealing: C").inner_text()
    page.get_by_role("button", name="Add a layer").click()
    for _ in range(7):
        page.get_by_role("button", name="Add a layer").click()
        stage.settle()
    assert "no method runs 60 nodes at depth 9" in page.locator(".qg-reason").inner_text()


# -- circuit and texts ------------------------------------------------------------------------------


def test_the_circuit_is_drawn_and_scrubbed(page: Any) -> None:
    explorer = QAOAExplorer(GRAPH, depth=3)
    stage = Stage(page, explorer)
    assert page.locator(".qg-coupling").count() == 36
    circuit = qg.to_circuit(explorer.problem, *explorer.angles)
    said = (
        page.locator(".qg-panel").filter(has=page.locator(".qg-circuit")).locator(".qg-figures").inner_text()
    )
    assert f"depth {circuit.depth()}" in " ".join(said.split())
    assert "36 RZZ" in said
    page.locator("[data-layer='1'] .qg-layer").click(position={"x": 5, "y": 5})
    assert page.get_by_label("after layer").input_value() == "1"
    assert page.locator(".qg-later").count() == 2
    page.get_by_label("qubits coupled as").select_option("line")
    assert explorer._beside.jobs.wait()
    stage.push()
    from qgraph.widgets.qaoa.gates import routed

    depth, gates = routed(explorer.problem, 3, "line", None)
    said = " ".join(page.locator(".qg-figures").filter(has_text="on a line").inner_text().split())
    assert f"on a line: depth {depth}" in said
    assert f"{gates} CX" in said


def test_texts_are_copied_saved_and_opened(page: Any, tmp_path: Path) -> None:
    explorer = QAOAExplorer(GRAPH, depth=2)
    stage = Stage(page, explorer)
    area = page.get_by_label("Copied text")
    for name, start in (("Copy as Python", "import qgraph as qg"), ("Copy QASM", "OPENQASM 2.0;")):
        page.get_by_role("button", name=name).click()
        assert explorer._beside.jobs.wait()
        stage.push()
        stage.settle()
        assert area.input_value().startswith(start)
    with page.expect_download() as download:
        page.get_by_role("button", name="Save the state as a file").click()
        assert explorer._beside.jobs.wait()
        stage.push()
    saved = tmp_path / "state.json"
    download.value.save_as(saved)
    state = explorer.state()
    assert json.loads(saved.read_text()) == json.loads(json.dumps(state))
    turn(page, "γ1", 0.1)
    choose(page, "problem", "IndependentSet")
    stage.settle()
    assert explorer.state() != state
    page.get_by_label("File with a saved state").set_input_files(saved)
    page.wait_for_timeout(100)
    stage.settle()
    assert explorer.state() == state
    saved.write_text("{}")
    page.get_by_label("File with a saved state").set_input_files(saved)
    page.wait_for_timeout(100)
    stage.settle()
    assert "`state` must be of a QAOAExplorer" in page.locator(".qg-status").inner_text().replace(
        "state must", "`state` must"
    )


# -- charts -----------------------------------------------------------------------------------------


def test_ticks_are_round_and_text_keeps_its_size(page: Any) -> None:
    Stage(page, QAOAExplorer(qg.Graph.random_regular(3, 12, seed=1), depth=3))
    for width in (1400, 700, 400):
        page.set_viewport_size({"width": width, "height": 1400})
        page.wait_for_timeout(100)
        texts = page.locator(".qg-chart .qg-tick")
        numbers = [text for text in texts.all_text_contents() if re.fullmatch(r"-?[\d.]+", text)]
        assert len(numbers) > 10
        assert all(len(text.lstrip("-").replace(".", "").strip("0")) <= 2 for text in numbers), numbers
        heights = texts.evaluate_all("(all) => all.map((one) => one.getBoundingClientRect().height)")
        assert max(heights) - min(heights) < 3
        sizes = texts.evaluate_all("(all) => all.map((one) => getComputedStyle(one).fontSize)")
        assert {*sizes} == {"11px"}
        clipped = page.evaluate(CLIPPED)
        assert clipped == []


# Texts of charts outside of their picture.
CLIPPED = """() => [...document.querySelectorAll(".qg-chart text")].filter((text) => {
  const own = text.getBoundingClientRect(), all = text.closest("svg").getBoundingClientRect();
  return own.width && (own.left < all.left - 1 || own.right > all.right + 1 || own.bottom > all.bottom + 1);
}).map((text) => text.textContent)"""


def test_values_show_on_hover(page: Any) -> None:
    explorer = QAOAExplorer(GRAPH, depth=2)
    Stage(page, explorer)
    chart = page.get_by_role("img", name="Expectation after each layer")
    box = chart.bounding_box()
    page.mouse.move(box["x"] + box["width"] - 15, box["y"] + 60)
    tip = page.locator(".qg-tip:not([hidden])")
    assert tip.inner_text() == f"after layer 2: {explorer.expectation():.6g}"
    page.mouse.move(box["x"], box["y"] - 20)
    assert tip.count() == 0
    chart = page.get_by_role("img", name="Probability of each objective value")
    box = chart.bounding_box()
    page.mouse.move(box["x"] + box["width"] - 16, box["y"] + 60)
    state = qg.simulate(explorer.problem, *explorer.angles)
    assert f"{100 * state.optimum_probability():.3g} %" in tip.inner_text()
