"""The documentation site in a real browser: themes, widths, search, accessibility."""

from __future__ import annotations

import functools
import http.server
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.xdist_group("site")
PAGES = [
    "docs/index",
    "docs/methods",
    "docs/api",
    "docs/api/qgraph.solve_qaoa",
    "notebooks/01_maxcut",
    "notebooks/04_paper_to_circuit",
    "benchmarks/RESULTS",
]
DESKTOP, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=site))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def page(new_context: Callable[[], tuple[Any, Any]], address: str) -> Iterator[Any]:
    context, watch = new_context()
    yield context.new_page()
    watch.check()
    context.close()


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_page_fits_and_is_accessible(page: Any, address: str, name: str, theme: Any, size: Any) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page.set_viewport_size(size)
    page.emulate_media(color_scheme=theme)
    page.goto(f"{address}/{name}.html")
    if folder := os.environ.get("QGRAPH_PICTURES"):
        page.screenshot(path=Path(folder) / f"site-{name.replace('/', '-')}-{theme}-{size['width']}.png")
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    found = Axe().run(page).response["violations"]
    serious = [
        (one["id"], one["nodes"][0]["html"]) for one in found if one["impact"] in ("serious", "critical")
    ]
    assert serious == []


def test_the_search_works_offline(page: Any, address: str) -> None:
    page.set_viewport_size(DESKTOP)
    page.goto(f"{address}/docs/index.html")
    page.get_by_role("textbox", name="Search").fill("expectation_and_gradient")
    page.keyboard.press("Enter")
    hit = page.locator(".search li a").first
    hit.wait_for()
    hit.click()
    page.wait_for_url("**/*.html*")
    assert "expectation_and_gradient" in page.locator("article").inner_text()


def test_the_first_address_leads_to_the_first_page(page: Any, address: str) -> None:
    page.goto(address)
    page.wait_for_url("**/docs/index.html")
    assert page.locator("h1").first.inner_text().startswith("qgraph")
