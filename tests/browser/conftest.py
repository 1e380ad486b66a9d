"""A Chromium for the session, and pages whose test fails on errors and on requests to other hosts."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from browser.lab import Lab

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
QUIET = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]
HERE = {"127.0.0.1", "localhost", "::1"}
SCHEMES = {"data", "blob", "about", "file", "attachment"}


def chromium() -> str | None:
    """The browser that QGRAPH_CHROMIUM names, or one on the path."""
    return os.environ.get("QGRAPH_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    path = chromium()
    if path is None:
        missing = "no Chromium was found; install one, or name it in QGRAPH_CHROMIUM"
        pytest.fail(missing) if os.environ.get("CI") else pytest.skip(missing)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        root = hasattr(os, "geteuid") and os.geteuid() == 0
        launched = playwright.chromium.launch(
            executable_path=path, args=[*QUIET, *(["--no-sandbox"] if root else [])]
        )
        yield launched
        launched.close()


class Watch:
    """Errors on a page, and its requests to other hosts."""

    def __init__(self, context: Any) -> None:
        self.errors: list[str] = []
        self.outside: list[str] = []
        context.on("request", self._request)
        context.on("console", self._console)
        context.on("weberror", lambda error: self.errors.append(str(error.error)))

    def _request(self, request: Any) -> None:
        url = urlsplit(request.url)
        if url.scheme not in SCHEMES and url.hostname not in HERE:
            self.outside.append(request.url)

    def _console(self, message: Any) -> None:
        if message.type == "error":
            self.errors.append(f"{message.text} ({message.location.get('url')})")

    def check(self) -> None:
        """Fail on what has happened since the last check."""
        outside, errors = self.outside, self.errors
        self.outside, self.errors = [], []
        assert outside == []
        assert errors == []


@pytest.fixture(scope="session")
def new_context(browser: Any) -> Callable[[], tuple[Any, Watch]]:
    """Makes browser contexts that are watched."""

    def make() -> tuple[Any, Watch]:
        made = browser.new_context(viewport={"width": 1280, "height": 1400}, has_touch=True)
        made.set_default_timeout(20_000)
        return made, Watch(made)

    return make


@pytest.fixture
def page(new_context: Any) -> Iterator[Any]:
    context, watch = new_context()
    yield context.new_page()
    context.close()
    watch.check()


@pytest.fixture(scope="module")
def lab(request: Any, browser: Any, tmp_path_factory: Any) -> Iterator[Lab]:
    """A JupyterLab; the parameter says whether messages of widgets come over subshells."""
    how = "perCommTarget" if request.param else "disabled"
    kernel = {"@jupyterlab/apputils-extension:kernels-settings": {"commsOverSubshells": how}}
    made = Lab(tmp_path_factory.mktemp("lab"), **kernel)
    yield made
    made.stop()


@pytest.fixture(scope="module")
def window(lab: Lab, new_context: Any) -> Iterator[Any]:
    """One page for all tests with a JupyterLab, because it takes seconds to load."""
    context, watch = new_context()
    yield context.new_page(), watch
    context.close()


@pytest.fixture
def lab_page(window: Any, lab: Lab, request: Any) -> Iterator[Any]:
    """The page with the JupyterLab. After a failure, the next test loads it again."""
    shared, watch = window
    failed = request.session.testsfailed
    yield shared
    if request.session.testsfailed > failed:
        shared.goto("about:blank")
        lab.kernel = None
    watch.check()
