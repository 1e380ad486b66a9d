"""The documentation in the image: who may read it, and how JupyterLab's menu opens it."""

from __future__ import annotations

import os

import pytest
from browser.conftest import HERE, chromium

from image.client import Client
from image.container import Container, once


def test_only_those_with_the_token_read_it(server: Container, client: Client) -> None:
    assert Client(server.address, None).ask("GET", "qgraph/docs/docs/index.html").status_code in (302, 403)
    assert client.ask("GET", "qgraph/docs").headers["Location"] == "/qgraph/docs/"
    assert client.ask("GET", "qgraph/docs/").status_code == 200
    page = client.ask("GET", "qgraph/docs/docs/api/qgraph.solve_qaoa.html")
    assert page.status_code == 200
    assert "depth" in page.text
    assert client.ask("HEAD", "qgraph/docs/docs/index.html").status_code == 200
    assert client.ask("GET", "qgraph/docs/../../etc/passwd").status_code in (403, 404)


def test_it_is_small(figures: dict[str, str]) -> None:
    size = int(once("du", "--summarize", "--bytes", "/opt/venv/share/qgraph/docs").stdout.split()[0])
    figures["documentation"] = f"{size / 1e6:.1f} MB"
    assert size < 15e6


@pytest.mark.parametrize("base", ["/", "/user/someone/"])
def test_the_help_menu_opens_it(base: str) -> None:
    from playwright.sync_api import sync_playwright

    path = chromium()
    if path is None:
        missing = "no Chromium was found; install one, or name it in QGRAPH_CHROMIUM"
        pytest.fail(missing) if os.environ.get("CI") else pytest.skip(missing)
    outside: list[str] = []
    with (
        Container(command=("jupyter", "lab", f"--ServerApp.base_url={base}")) as server,
        sync_playwright() as playwright,
    ):
        server.wait_until_it_listens()
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        context = browser.new_context()
        context.on("request", lambda request: outside.append(request.url))
        page = context.new_page()
        page.goto(f"http://{server.address}{base}lab?token={server.token()}")
        page.get_by_role("menuitem", name="Help").click()
        with context.expect_page() as opened:
            page.get_by_role("menuitem", name="qgraph Documentation").click()
        pages = opened.value
        pages.wait_for_url(f"**{base}qgraph/docs/docs/index.html")
        pages.get_by_role("heading", name="qgraph", exact=True).wait_for()
        browser.close()
    hosts = {url.split("/")[2].split(":")[0] for url in outside if url.startswith("http")}
    assert hosts <= HERE
