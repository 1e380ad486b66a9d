"""The QAOA explorer's script alone, answered by the real explorer."""

from __future__ import annotations

from typing import Any

import pytest

import qgraph as qg
from browser.stage import Stage, leaves_nothing
from qgraph.widgets import QAOAExplorer

GRAPH = qg.Graph.random_regular(3, 8, seed=2).with_layout("circular")


def figure(page: Any, name: str) -> float:
    return float(page.locator(".qg-figures span").filter(has_text=name).locator("b").inner_text())


def slider(page: Any, name: str) -> Any:
    return page.locator(".qg-turn").filter(has_text=name).locator("input")


def turn(page: Any, name: str, value: float) -> None:
    slider(page, name).evaluate(
        "(e, v) => { e.value = v; e.dispatchEvent(new Event('input', {bubbles: true})); }", value
    )


def test_sliders_turn_the_angles_and_everything_follows(page: Any) -> None:
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


def test_penalties_have_a_feasible_part_and_no_flattering_ratio(page: Any) -> None:
    explorer = QAOAExplorer(qg.IndependentSet(GRAPH), depth=1)
    Stage(page, explorer).settle()
    state = qg.simulate(explorer.problem, *explorer.angles)
    assert figure(page, "P(feasible)") == pytest.approx(state.feasible_probability(), rel=1e-4)
    assert figure(page, "mean of feasible") == pytest.approx(state.feasible_expectation(), rel=1e-4)
    assert "approximation" not in page.locator(".qg-figures").inner_text()


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


def test_the_point_is_dragged_and_driven_by_keys(page: Any) -> None:
    explorer = QAOAExplorer(GRAPH)
    stage = Stage(page, explorer)
    box = page.locator(".qg-landscape").bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.5)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.75, box["y"] + box["height"] * 0.25, steps=5)
    page.mouse.up()
    stage.settle()
    assert explorer.angles[0][0] == pytest.approx(explorer.bench.gammas[-1] / 2, rel=0.02)
    assert explorer.angles[1][0] == pytest.approx(explorer.bench.betas[-1] / 2, rel=0.02)
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
    values = qg.landscape(explorer.problem, explorer.bench.gammas, explorer.bench.betas)
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


def test_the_scrubber_goes_back_through_the_layers(page: Any) -> None:
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
        run.thread.join()
    stage.push()
    assert "Optimised" in page.locator(".qg-status").inner_text()
    assert explorer.result.depth == 2
    assert figure(page, "expectation") == pytest.approx(explorer.result.expectation, rel=1e-4)
    assert page.get_by_role("button", name="Cancel").is_disabled()
    explorer.running = True
    page.evaluate(
        "() => model.deliver({kind: 'progress', running: true, points: [[3, 7.5, 1], [9, 8.5, 2]]}, [])"
    )
    assert page.get_by_role("button", name="Cancel").is_enabled()
    assert slider(page, "γ1").is_disabled()
    assert page.locator(".qg-status").inner_text() == "Optimising: 8.5 after 9 evaluations."


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


def test_ten_thousand_views_leave_nothing_behind(page: Any) -> None:
    explorer = QAOAExplorer(GRAPH, depth=2)
    stage = Stage(page, explorer)
    stage.out.clear()
    explorer._send_view()
    views = "([[_, content, parts]]) => { for (let i = 0; i < %d; i++) model.deliver(content, parts); }"
    count = "() => [document.querySelectorAll('*').length, model.heard('msg:custom')]"
    page.evaluate(views % 10, stage.out)
    before = page.evaluate(count)
    page.evaluate(views % 10_000, stage.out)
    assert page.evaluate(count) == before


def test_the_view_ends_without_a_trace(page: Any) -> None:
    leaves_nothing(page, QAOAExplorer(GRAPH))


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_accessible_in_both_themes(page: Any, dark: bool) -> None:
    from axe_playwright_python.sync_playwright import Axe

    Stage(page, QAOAExplorer(GRAPH), dark=dark)
    found = Axe().run(page).response["violations"]
    serious = [v for v in found if v["impact"] in ("serious", "critical")]
    assert [(v["id"], [n["target"] for n in v["nodes"]]) for v in serious] == []
