"""The route explorer without a browser."""

from __future__ import annotations

import io
import json
from typing import Any

import matplotlib.image
import pytest
from conftest import ROOT

import qgraph as qg
from qgraph.widgets import RouteExplorer
from widgets.conftest import Wire, watched

CITY = qg.read_city(ROOT / "examples/city.json")


def told(wire: Wire) -> dict[str, Any]:
    assert wire.widget._jobs.wait()
    return [content for content, _ in wire.said if content["kind"] == "routes"][-1]


def columns(message: dict[str, Any]) -> dict[str, Any]:
    return {column["name"]: column for column in message["columns"]}


def test_the_columns_are_what_the_solvers_find() -> None:
    explorer = RouteExplorer(CITY, depth=2, seed=3)
    message = told(watched(explorer))
    routing = qg.PriorityRouting(CITY)
    expected = {
        "exact": qg.solve_exact(routing),
        "greedy": qg.solve_greedy(routing),
        "qaoa": qg.solve_qaoa(routing, 2, seed=3).best,
    }
    for name, column in columns(message).items():
        assert tuple(column["route"]) == expected[name].route
        assert sum(leg["time"] for leg in column["legs"]) == pytest.approx(column["time"])
        assert column["time"] == pytest.approx(expected[name].travel_time)
        assert [way[0] for way in column["ways"]] == column["route"][:-1]
        assert column["violations"] == []
    assert message["routes"] == 720
    assert explorer.solutions["exact"].route == expected["exact"].route


def test_edits_solve_again() -> None:
    explorer = RouteExplorer(CITY, depth=1)
    wire = watched(explorer)
    before = columns(told(wire))["exact"]
    wire.edit("node", id="market", type="priority")
    after = columns(told(wire))["exact"]
    assert after["route"].index("market") <= 4
    assert after["time"] != before["time"]
    wire.edit("multipliers", value={"high": 5.0, "medium": 4.0})
    slower = columns(told(wire))["exact"]
    assert slower["time"] > after["time"]
    assert slower["time"] == pytest.approx(qg.solve_exact(explorer.problem).travel_time)
    wire.say("undo")
    assert columns(told(wire))["exact"]["time"] == pytest.approx(after["time"])


def test_depth_solves_qaoa_again() -> None:
    explorer = RouteExplorer(CITY, depth=1)
    wire = watched(explorer)
    shallow = told(wire)
    wire.say("depth", value=4)
    deep = told(wire)
    assert explorer.depth == 4
    assert deep["mean"] < shallow["mean"]
    assert deep["chance"] > shallow["chance"]
    assert shallow["random"] > shallow["mean"]
    assert shallow["luck"] == pytest.approx(1 / 720)
    assert "must be a whole number from 1 to 8, got 0" in wire.say("depth", value=0)[0]["message"]


def test_cities_too_large_for_qaoa_have_a_message() -> None:
    explorer = RouteExplorer(qg.City.random(stops=12, priority=3, seed=1))
    found = columns(told(watched(explorer)))
    assert "routes are too many to simulate live" in found["qaoa"]["error"]
    assert found["exact"]["optimal"]
    assert set(explorer.solve()) == {"exact", "greedy"}


def test_errors_of_a_job_reach_the_view(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qgraph.widgets.routes.solve_greedy", lambda _: 1 / 0)
    wire = watched(RouteExplorer(CITY, depth=1))
    assert wire.widget._jobs.wait()
    assert wire.said[0][0]["kind"] == "failed"
    assert "ZeroDivisionError" in wire.said[0][0]["message"]


def test_bad_input_is_refused() -> None:
    bare = qg.City.random(stops=3, priority=1, depot=False, seed=1)
    with pytest.raises(qg.InvalidInput, match=r"must be a qgraph\.City"):
        RouteExplorer(qg.Graph.ring(3))  # type: ignore[arg-type]
    with pytest.raises(qg.InvalidInput, match="`return_to_depot` needs a city with a depot"):
        RouteExplorer(bare, return_to_depot=True)
    explorer = RouteExplorer(CITY, return_to_depot=True)
    answers = Wire(explorer).edit("node", id="depot", type="junction")
    assert "needs a city with a depot" in answers[0]["message"]


def test_states_pictures_and_pages(tmp_path: Any) -> None:
    explorer = RouteExplorer(CITY, depth=2, return_to_depot=True)
    state = json.loads(json.dumps(explorer.state()))
    again = RouteExplorer.from_state(state)
    assert again.problem.return_to_depot
    assert (again.graph, again.depth) == (CITY, 2)
    assert matplotlib.image.imread(io.BytesIO(explorer.snapshot())).shape[1] > 900
    page = explorer.to_html(tmp_path / "routes.html")
    assert '"kind": "routes"' in page
    with pytest.raises(qg.InvalidInput):
        RouteExplorer.from_state({**state, "depth": "deep"})
    with pytest.raises(qg.InvalidInput, match="must hold a city"):
        RouteExplorer.from_state({**state, "graph": {"nodes": []}})


def test_the_mixer_is_chosen() -> None:
    explorer = RouteExplorer(CITY, depth=1)
    wire = watched(explorer)
    found = {}
    for mixer in ("grover", "swap"):
        wire.say("mixer", value=mixer)
        assert explorer._jobs.wait()
        found[mixer] = told(wire)["mean"]
        expected = qg.solve_qaoa(explorer.problem, 1, mixer=mixer)  # type: ignore[arg-type]
        assert found[mixer] == pytest.approx(expected.expectation)
    assert found["grover"] != pytest.approx(found["swap"], rel=1e-3)
    assert RouteExplorer.from_state(explorer.state()).mixer == "swap"
    assert "must be one of grover, swap" in wire.say("mixer", value="blender")[0]["message"]
