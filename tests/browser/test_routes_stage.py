"""The route explorer's script alone, answered by the real explorer."""

from __future__ import annotations

from typing import Any

import pytest
from conftest import ROOT

import qgraph as qg
from browser.stage import Stage, leaves_nothing
from qgraph.widgets import RouteExplorer

CITY = qg.read_city(ROOT / "examples/city.json")


def times(page: Any) -> list[float]:
    texts = page.locator(".qg-columns .qg-figures span:first-child b").all_inner_texts()
    return [float(text.split()[0]) for text in texts]


def set_slider(page: Any, name: str, value: float) -> None:
    page.get_by_label(name).evaluate(
        "(e, v) => { e.value = v; e.dispatchEvent(new Event('change')); }", value
    )


def test_three_routes_side_by_side(page: Any) -> None:
    explorer = RouteExplorer(CITY, depth=2)
    Stage(page, explorer)
    expected = [explorer.solutions[name].travel_time for name in ("exact", "greedy", "qaoa")]
    assert times(page) == pytest.approx(expected, rel=1e-3)
    assert page.locator(".qg-legs tbody tr").count() == 24
    assert page.locator(".qg-columns .qg-leg").count() > 24
    assert page.get_by_text("✓ respected").count() == 3
    assert (
        "720 routes respect the priorities. A one-hot encoding needs 34 bits."
        in page.locator(".qg-facts").inner_text()
    )


def test_travel_times_have_a_unit(page: Any) -> None:
    Stage(page, RouteExplorer(CITY, depth=1))
    heads = page.locator(".qg-legs th:nth-child(2)").all_inner_texts()
    assert heads == ["time (km at free flow)"] * 3
    facts = page.locator(".qg-facts").inner_text()
    assert facts.startswith("Travel times are in km at free flow: distance × traffic.")


def test_traffic_depth_and_types_solve_again(page: Any) -> None:
    explorer = RouteExplorer(CITY, depth=1)
    stage = Stage(page, explorer)
    before = times(page)[0]
    set_slider(page, "high traffic ×", 5)
    stage.settle()
    assert explorer.graph.traffic_multipliers["high"] == 5.0
    assert times(page)[0] > before
    page.get_by_role("button", name="Undo").click()
    stage.settle()
    assert times(page)[0] == before
    assert page.get_by_label("high traffic ×").input_value() == "2"
    set_slider(page, "QAOA depth", 3)
    stage.settle()
    assert explorer.depth == 3
    page.mouse.dblclick(*stage.spot(".qg-editing .qg-node:has(title:text-matches('^Market')) .qg-shape"))
    page.get_by_label("type").select_option("priority")
    page.get_by_role("button", name="Set").click()
    stage.settle()
    assert "market" in explorer.graph.tiers[0]
    assert times(page)[0] == pytest.approx(qg.solve_exact(explorer.problem).travel_time, rel=1e-3)


def test_a_view_that_has_ended_leaves_nothing(page: Any) -> None:
    leaves_nothing(page, RouteExplorer(CITY, depth=1))


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1440, 350])
def test_accessible_in_both_themes(page: Any, dark: bool, width: int) -> None:
    """350 pixels are 700 at 200 % zoom."""
    from axe_playwright_python.sync_playwright import Axe

    page.set_viewport_size({"width": width, "height": 900})
    Stage(page, RouteExplorer(CITY, depth=1), dark=dark)
    found = Axe().run(page).response["violations"]
    serious = [v for v in found if v["impact"] in ("serious", "critical")]
    assert [(v["id"], [n["target"] for n in v["nodes"]]) for v in serious] == []
