"""One widget's script in a blank page, answered by the real Python object, without Jupyter."""

from __future__ import annotations

import base64
from typing import Any

from widgets.conftest import assert_documented

import qgraph as qg
from qgraph.widgets.assets import joined

TRIANGLE = qg.Graph.from_edges([("a", "b", 2.0), ("b", "c", 5.0), ("a", "c")]).with_positions(
    {"a": (0, 0), "b": (1, 0), "c": (0.5, 1)}
)

PAGE = """<!doctype html><html lang="en"><head><title>stage</title><style>%s</style></head>
<body style="%s"><main class="qgraph-page" id="stage"></main></body></html>"""
DARK = "background:#111;--jp-ui-font-color1:#fff;--jp-ui-font-color2:#bbb;--jp-layout-color1:#111;--jp-layout-color2:#222"
MODEL = """
const model = offlineModel(state, []);
window.sent = [];
const deliver = (answers) => {
  for (const [kind, content, parts] of answers) {
    if (kind === "state") for (const [name, value] of Object.entries(content)) model.set(name, value);
    else model.deliver(content, parts);
  }
};
const ask = async (content) => { window.sent.push(content); deliver(await window.python(content)); };
model.send = (content) => ask(content);
model.save_changes = () => ask({ kind: "state", angles: state.angles });
const el = document.querySelector("#stage");
window.end = widget.render({ model, el });
window.again = (other) => widget.render({ model, el: other });
window.model = model;
window.deliver = deliver;
"""


# Listeners and size observers would keep a view alive after its end.
COUNTING = """() => {
  window.kept = new Set();
  const name = (target, event, listener) => { listener.key ??= Math.random(); return [target === window, event, listener.key].join(); };
  const { addEventListener: add, removeEventListener: remove } = EventTarget.prototype;
  EventTarget.prototype.addEventListener = function (event, listener, ...rest) {
    window.kept.add(name(this, event, listener));
    return add.call(this, event, listener, ...rest);
  };
  EventTarget.prototype.removeEventListener = function (event, listener, ...rest) {
    window.kept.delete(name(this, event, listener));
    return remove.call(this, event, listener, ...rest);
  };
  window.ResizeObserver = class extends ResizeObserver {
    observe(target) { window.kept.add(this); super.observe(target); }
    disconnect() { window.kept.delete(this); super.disconnect(); }
  };
}"""


def leaves_nothing(page: Any, widget: Any) -> None:
    """Show a widget and end its view. No element, listener or observer may be left."""
    page.evaluate(COUNTING)
    stage = Stage(page, widget)
    assert page.evaluate("() => window.kept.size") > 10
    page.evaluate("() => window.end()")
    assert page.locator("#stage").inner_html() == ""
    assert page.evaluate("() => window.kept.size") == 0
    events = [*(f"change:{name}" for name in widget._shown), "msg:custom"]
    assert page.evaluate("(events) => events.map((event) => model.heard(event))", events) == [0] * len(events)
    stage.push()
    assert page.locator("#stage").inner_html() == ""


def command(page: Any, name: str) -> None:
    """Choose a command in the menu of the canvas."""
    page.get_by_role("button", name="More commands").click()
    page.get_by_role("menuitem", name=name, exact=True).or_(
        page.get_by_role("menuitemcheckbox", name=name, exact=True)
    ).click()


class Stage:
    """Puts a widget on a page; `settle` waits until both sides are quiet."""

    def __init__(self, page: Any, widget: Any, *, dark: bool = False) -> None:
        self.page, self.widget, self.out = page, widget, []
        widget.send = self._said
        page.set_content(PAGE % (widget._css, DARK if dark else ""))
        page.expose_function("python", self._answer)
        script = str(widget._esm).replace("export default", "const widget =")
        self.state = widget.get_state()
        synced = {name: self.state[name] for name in widget._shown}
        page.evaluate(f"(state) => {{ {script}\n{joined('offline.js')}\n{MODEL} }}", synced)
        self.settle()

    def _said(self, content: dict[str, Any], buffers: list[bytes] | None = None) -> None:
        parts = [base64.b64encode(part).decode() for part in buffers or []]
        self.out.append(["custom", content, parts])

    def _answer(self, content: dict[str, Any]) -> list[Any]:
        if content["kind"] == "state":
            self.widget.angles = content["angles"]
        else:
            assert_documented({name: value for name, value in content.items() if value is not None})
            self.widget._on_message(None, content, [])
        return self._news()

    def _news(self) -> list[Any]:
        for worker in (self.widget, getattr(self.widget, "_beside", None)):
            jobs = getattr(worker, "_jobs", None) or getattr(worker, "jobs", None)
            if jobs is not None:
                jobs.wait()
        news, self.out = self.out, []
        state = {name: getattr(self.widget, name) for name in self.widget._shown}
        changed = {name: value for name, value in state.items() if value != self.state[name]}
        self.state.update(changed)
        return [*([["state", changed, []]] if changed else []), *news]

    def push(self) -> None:
        """Send the page what Python has changed."""
        self.page.evaluate("(news) => window.deliver(news)", self._news())

    def settle(self) -> None:
        """Wait for a frame and for answers."""
        for _ in range(3):
            self.page.evaluate(
                "() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 10)))"
            )

    def spot(self, selector: str) -> tuple[float, float]:
        """The middle of an element, in page pixels."""
        box = self.page.locator(selector).bounding_box()
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def canvas(self, x: float, y: float) -> tuple[float, float]:
        """A point of the canvas, in page pixels."""
        box = self.page.locator(".qg-canvas").first.bounding_box()
        return box["x"] + x, box["y"] + y
