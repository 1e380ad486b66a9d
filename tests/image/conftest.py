"""The tests of the image (`make image-test`): real containers of QGRAPH_IMAGE, and a table of figures."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from image.client import Client
from image.container import IMAGE, Container, docker, empty_volume

FIGURES = pytest.StashKey[dict[str, str]]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[FIGURES] = {}


def pytest_sessionfinish(session: pytest.Session) -> None:
    output = getattr(session.config, "workeroutput", None)  # of a process of pytest-xdist
    if output is not None:
        output["figures"] = session.config.stash[FIGURES]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    node.config.stash[FIGURES].update(getattr(node, "workeroutput", {}).get("figures", {}))


def pytest_sessionstart(session: pytest.Session) -> None:
    if hasattr(session.config, "workerinput"):  # the main process has checked this
        return
    if shutil.which("docker") is None:
        pytest.exit("the tests of the image need a container engine: no `docker` on PATH", returncode=3)
    if docker("info", check=False).returncode:
        pytest.exit("the tests of the image need a container engine: `docker info` fails", returncode=3)
    if docker("image", "inspect", IMAGE, check=False).returncode:
        pytest.exit(f"there is no image {IMAGE}: make image, or name one in QGRAPH_IMAGE", returncode=3)


@pytest.fixture(scope="session")
def figures(request: pytest.FixtureRequest) -> dict[str, str]:
    """What `make image-test` prints at its end, in order of measurement."""
    return request.config.stash[FIGURES]


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    figures = config.stash[FIGURES]
    if figures:
        terminalreporter.section(f"figures of {IMAGE}")
        width = max(map(len, figures))
        for name, value in figures.items():
            terminalreporter.write_line(f"  {name:<{width}}  {value}")


@pytest.fixture
def volume() -> Iterator[str]:
    """An empty volume."""
    with empty_volume() as name:
        yield name


@pytest.fixture(scope="module")
def server() -> Iterator[Container]:
    """One healthy container for all tests of a module that leave it as it was."""
    with Container() as container:
        container.wait_until("healthy")
        yield container


@pytest.fixture(scope="module")
def client(server: Container) -> Client:
    """Its owner."""
    return Client(server.address, server.token())
