"""What people do with the widgets, in a real JupyterLab, once by mouse and once by keyboard alone."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import qgraph as qg
from browser.lab import Lab, Notebook

IMPORTS = "import qgraph as qg\nfrom qgraph.widgets import GraphEditor, QAOAExplorer, RouteExplorer"
FOCUSED = "(e) => e === document.activeElement"
MOST_TABS = 150

pytestmark = [
    pytest.mark.xdist_group("subshells"),
    pytest.mark.parametrize("lab", [True], indirect=True, ids=["subshells"]),
]
by_both = pytest.mark.parametrize("by", ["mouse", "keyboard"])


class Hand:
    """Uses controls by mouse or by keyboard alone."""

    def __init__(self, page: Any, by: str) -> None:
        self.page, self.by = page, by

    @property
    def keyboard(self) -> bool:
        return self.by == "keyboard"

    def enter(self) -> None:
        """Come to the first control of the widget."""
        view = self.page.locator(".qgraph-widget")
        view.wait_for()
        if self.keyboard:  # from the notebook's cell, as a person with a keyboard would
            view.evaluate("(e) => e.closest('.jp-Cell').focus()")

    def reach(self, control: Any) -> None:
        """Go to a control: by Tab, and backwards if it does not come."""
        for key in ("Tab", "Shift+Tab"):
            for _ in range(MOST_TABS):
                if control.evaluate(FOCUSED):
                    return
                self.page.keyboard.press(key)
        raise AssertionError(f"{control} is not reached by the keyboard")

    def press(self, control: Any) -> None:
        """Press a button."""
        if self.keyboard:
            self.reach(control)
            self.page.keyboard.press("Enter")
        else:
            control.click()

    def write(self, control: Any, text: str) -> None:
        """Write into a field."""
        if self.keyboard:
            self.reach(control)
            self.page.keyboard.press("Control+a")
        else:
            control.click(click_count=3)
        self.page.keyboard.type(text)
        self.page.keyboard.press("Enter")

    def choose(self, select: Any, text: str) -> None:
        """Choose in a list: by its first letters, or by the pointer."""
        if self.keyboard:
            self.reach(select)
            self.page.keyboard.type(text)
            self.page.keyboard.press("Tab")
        else:
            select.select_option(label=text)


def opened(page: Any, lab: Lab, code: str) -> Notebook:
    name = f"task{len(list(lab.folder.glob('*')))}.ipynb"
    notebook = Notebook(page, lab, lab.notebook(name, IMPORTS, code))
    notebook.run_all()
    return notebook


def explorer(page: Any, lab: Lab, depth: int = 2, n: int = 8) -> Notebook:
    code = f"explorer = QAOAExplorer(qg.Graph.random_regular(3, {n}, seed=1), depth={depth})\nexplorer"
    notebook = opened(page, lab, code)
    page.locator(".qg-turn input:not(:disabled)").first.wait_for()
    return notebook


def load(page: Any, hand: Hand, path: Path) -> None:
    """Import a file through the menu of the canvas."""
    hand.press(page.get_by_role("button", name="More commands"))
    item = page.get_by_role("menuitem", name="Import…")
    with page.expect_file_chooser() as chooser:
        if hand.keyboard:
            for _ in range(40):
                if item.evaluate(FOCUSED):
                    break
                page.keyboard.press("ArrowDown")
            page.keyboard.press("Enter")
        else:
            item.click()
    chooser.value.set_files(path)


@by_both
def test_draw_a_weighted_graph_of_eight_nodes(lab_page: Any, lab: Lab, by: str) -> None:
    page, hand = lab_page, Hand(lab_page, by)
    notebook = opened(page, lab, "editor = GraphEditor()\neditor")
    hand.enter()
    canvas = page.locator(".qg-canvas")
    if hand.keyboard:
        hand.reach(canvas)
        for _ in range(8):
            page.keyboard.press("n")
        for _ in range(7):  # node 7 with 6, 6 with 5, ...
            for key in ("c", "[", "Enter"):
                page.keyboard.press(key)
        page.keyboard.press("Escape")
        page.keyboard.press("]")
        for _ in range(8):
            page.keyboard.press("]")  # past the nodes: the first edge
    else:
        box = canvas.bounding_box()
        places = [(box["x"] + 60 + 90 * (i % 4), box["y"] + 80 + 150 * (i // 4)) for i in range(8)]
        for place in places:
            page.mouse.dblclick(*place)
        page.get_by_role("button", name="Connect nodes").click()
        for i in range(7):
            page.mouse.move(*places[i])
            page.mouse.down()
            page.mouse.move(*places[i + 1], steps=3)
            page.mouse.up()
        assert notebook.becomes("len(editor.graph.edges)", "7")
        page.mouse.click(*[(a + b) / 2 for a, b in zip(places[0], places[1], strict=True)])
    field = page.get_by_label("weight")
    if hand.keyboard:
        page.keyboard.press("Enter")
    field.wait_for()
    page.keyboard.press("Control+a")
    page.keyboard.type("2.5")
    page.keyboard.press("Enter")
    graph = "len(editor.graph.nodes), sorted(editor.graph.weights.tolist())"
    assert notebook.becomes(graph, "(8, [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 2.5])")


@by_both
@pytest.mark.parametrize("n", [20, 60])
def test_load_a_graph(lab_page: Any, lab: Lab, by: str, n: int, tmp_path: Path) -> None:
    page, hand = lab_page, Hand(lab_page, by)
    graph = qg.Graph.random_regular(3, n, seed=2)
    graph.write(tmp_path / "graph.graphml")
    notebook = explorer(page, lab)
    hand.enter()
    load(page, hand, tmp_path / "graph.graphml")
    page.locator(".qg-node").nth(n - 1).wait_for()
    assert notebook.becomes("len(explorer.graph.nodes)", str(n))
    expected = float(notebook.value("explorer.expectation()"))
    page.locator(".qg-gauge b").first.get_by_text(f"{expected:.5g}", exact=True).wait_for()


@by_both
def test_optimise_cancel_and_keep_the_best(lab_page: Any, lab: Lab, by: str) -> None:
    page, hand = lab_page, Hand(lab_page, by)
    notebook = explorer(page, lab, depth=5, n=20)
    before = float(notebook.value("explorer.expectation()"))
    hand.enter()
    hand.press(page.get_by_role("button", name="Optimise the angles"))
    status = page.locator(".qg-status")
    status.get_by_text(re.compile(r"Optimising: .* after [1-9]\d* evaluations")).wait_for()
    if hand.keyboard:
        assert page.get_by_role("button", name="Cancel and keep the best").evaluate(FOCUSED)
    hand.press(page.get_by_role("button", name="Cancel and keep the best"))
    status.get_by_text("Stopped. These are the best angles so far").wait_for()
    if hand.keyboard:
        assert page.get_by_role("button", name="Optimise the angles").evaluate(FOCUSED)
    assert float(notebook.value("explorer.expectation()")) > before
    assert notebook.becomes("explorer.result.stopped_by", "callback")


@by_both
def test_type_an_angle(lab_page: Any, lab: Lab, by: str) -> None:
    page, hand = lab_page, Hand(lab_page, by)
    notebook = explorer(page, lab)
    hand.enter()
    hand.write(page.get_by_role("textbox", name="β2 in rad"), "pi/8")
    assert notebook.becomes("explorer.angles[1][1] == 3.141592653589793 / 8", "True")


@by_both
def test_copy_qasm_and_run_it(lab_page: Any, lab: Lab, by: str) -> None:
    from qiskit import qasm2
    from qiskit.quantum_info import Statevector

    page, hand = lab_page, Hand(lab_page, by)
    notebook = explorer(page, lab)
    hand.enter()
    hand.press(page.get_by_role("button", name="Copy QASM"))
    area = page.get_by_label("Copied text")
    area.wait_for(timeout=60_000)
    circuit = qasm2.loads(area.input_value())
    circuit.remove_final_measurements()
    problem = qg.MaxCut(qg.Graph.random_regular(3, 8, seed=1))
    bits = np.arange(2**8)[:, None] >> np.arange(8) & 1
    mean = Statevector(circuit).probabilities() @ problem.objective(bits)
    assert mean == pytest.approx(float(notebook.value("explorer.expectation()")), rel=1e-9)


@by_both
def test_switch_to_vertex_cover(lab_page: Any, lab: Lab, by: str) -> None:
    page, hand = lab_page, Hand(lab_page, by)
    notebook = explorer(page, lab)
    hand.enter()
    hand.choose(page.locator(".qg-choices").get_by_role("combobox", name="problem"), "vertex cover")
    assert notebook.becomes("explorer.problem", "VertexCover(Graph(8 nodes, 12 edges))")
    optimum = qg.solve_exact(qg.VertexCover(qg.Graph.random_regular(3, 8, seed=1))).objective
    page.locator(".qg-gauge span").filter(has_text="optimum").get_by_text(
        f"{optimum:g}", exact=True
    ).wait_for()


@by_both
def test_change_the_traffic_of_a_road(lab_page: Any, lab: Lab, by: str) -> None:
    page, hand = lab_page, Hand(lab_page, by)
    notebook = opened(page, lab, "routes = RouteExplorer(qg.City.random(5, 2, seed=1), depth=1)\nroutes")
    page.locator(".qg-legs tbody tr").nth(14).wait_for()
    ends = notebook.value("routes.graph.edges[0].source, routes.graph.edges[0].target")
    before = notebook.value("routes.graph.edges[0].traffic")
    traffic = "high" if before != "high" else "low"
    steps = 1 + int(notebook.value("len(routes.graph.nodes)"))  # the first edge comes after the nodes
    hand.enter()
    canvas = page.get_by_role("application", name=re.compile("^City"))
    if hand.keyboard:
        hand.reach(canvas)
        for _ in range(steps):
            page.keyboard.press("]")
        page.keyboard.press("Enter")
    else:
        canvas.scroll_into_view_if_needed()
        line = page.locator(".qg-edge .qg-line").first.bounding_box()
        page.mouse.click(line["x"] + line["width"] / 2, line["y"] + line["height"] / 2)
    select = page.locator(".qg-form").get_by_label("traffic")
    select.wait_for()
    if hand.keyboard:
        assert select.evaluate(FOCUSED)
        page.keyboard.type(traffic)
        page.keyboard.press("Tab")
        hand.press(page.locator(".qg-form").get_by_role("button", name="Set"))
    else:
        select.select_option(traffic)
        page.locator(".qg-form").get_by_role("button", name="Set").click()
    assert notebook.becomes("routes.graph.edges[0].traffic", traffic), ends
    assert notebook.becomes(
        "routes._jobs.wait(), sorted(routes.solutions)", "(True, ['exact', 'greedy', 'qaoa'])"
    )


@by_both
def test_export_reload_and_open_the_same_state(lab_page: Any, lab: Lab, by: str, tmp_path: Path) -> None:
    page, hand = lab_page, Hand(lab_page, by)
    notebook = explorer(page, lab)
    hand.enter()
    hand.write(page.get_by_role("textbox", name="γ1 in rad"), "0.123456789")
    assert notebook.becomes("explorer.angles[0][0]", "0.123456789")
    with page.expect_download() as download:
        hand.press(page.get_by_role("button", name="Save the state as a file"))
    saved = tmp_path / "state.json"
    download.value.save_as(saved)
    notebook.add_and_run("explorer.problem = qg.IndependentSet(qg.Graph.ring(5))")
    assert notebook.becomes("explorer.problem", "IndependentSet(Graph(5 nodes, 5 edges))")
    if hand.keyboard:
        hand.enter()
    with page.expect_file_chooser() as chooser:
        hand.press(page.get_by_role("button", name="Open a saved state"))
    chooser.value.set_files(saved)
    page.locator(".qg-node").nth(7).wait_for()
    assert notebook.becomes("explorer.angles[0][0]", "0.123456789")
    state = json.loads(saved.read_text())
    notebook.add_and_run("import json")
    assert json.loads(notebook.value("json.dumps(explorer.state())")) == state
