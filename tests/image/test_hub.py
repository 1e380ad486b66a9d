"""A real JupyterHub with its proxy gives users a container each, as `hub/jupyterhub_config.py` says."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
import requests
import websocket

from image.client import THEME, Client
from image.container import IMAGE, WORK, Container, docker, unique

PROGRAMS = Path(sys.prefix) / "hub/bin"
CONFIG = Path(__file__).parent / "hub/jupyterhub_config.py"
LESSON = "lab/tree/notebooks/00_start_here.ipynb"
NEVER = 86400  # seconds: while the other tests run, no server is stopped


def free_ports(count: int) -> list[str]:
    """Ports on which nothing listens."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("", 0))
        return [str(one.getsockname()[1]) for one in sockets]


class Hub:
    """A hub on this machine. All that it knows is in `folder`, so it can end and start again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.prefix = unique()
        self.password = uuid.uuid4().hex
        self.log = folder / "hub.log"
        self.process: subprocess.Popen[bytes] | None = None
        ports = free_ports(3)
        self.address = f"127.0.0.1:{ports[0]}"
        self.environment = {
            **os.environ,
            "PATH": f"{PROGRAMS}:{os.environ['PATH']}",
            "QGRAPH_IMAGE": IMAGE,
            "HUB_PASSWORD": self.password,
            "HUB_PREFIX": self.prefix,
            **dict(zip(("HUB_PORT", "HUB_INNER_PORT", "HUB_PROXY_PORT"), ports, strict=True)),
        }

    def start(self, *, idle: int) -> None:
        """Start, and wait until the proxy leads to it."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [PROGRAMS / "jupyterhub", f"--config={CONFIG}"],
                cwd=self.folder,
                env={**self.environment, "HUB_IDLE_SECONDS": str(idle)},
                stdout=log,
                stderr=log,
            )
        until, browser = time.monotonic() + 60, Browser(self)
        while browser.status("/hub/health") != 200:
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < until, self.log.read_text()
            time.sleep(0.1)

    def stop(self) -> None:
        """End it with its proxy and its culler. The servers of the users go on."""
        if self.process:
            self.process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(30)
        for place in Path("/proc").glob("[0-9]*/cwd"):  # what did not end by itself
            with contextlib.suppress(OSError):
                if place.readlink() == self.folder:
                    os.kill(int(place.parent.name), signal.SIGKILL)
        if self.process:
            self.process.kill()
            self.process.wait(30)

    def remove(self) -> None:
        """End it, and remove all that it made."""
        self.stop()
        ours = f"--filter=name={self.prefix}"
        for name in docker("ps", "--all", "--quiet", ours).stdout.split():
            docker("rm", "--force", "--volumes", name)
        for name in docker("volume", "ls", "--quiet", ours).stdout.split():
            docker("volume", "rm", "--force", name)

    def has_container(self, user: str) -> bool:
        """Whether the user has a container, running or not."""
        name = f"--filter=name=^/{self.prefix}-{user}$"
        return bool(docker("ps", "--all", "--quiet", name).stdout)


class Browser:
    """A person's browser: it keeps cookies and follows redirects."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.session = requests.Session()
        self.session.trust_env = False

    def get(self, path: str) -> requests.Response:
        """Where the path leads to in the end."""
        return self.session.get(f"http://{self.hub.address}{path}", timeout=60)

    def status(self, path: str) -> int:
        """The status of that, or 0 if nobody answers."""
        try:
            return self.get(path).status_code
        except requests.ConnectionError:
            return 0

    def log_in(self, path: str, user: str, password: str) -> requests.Response:
        """Open a page, and fill in the form that comes instead of it."""
        form = self.get(path)
        action = re.search(r'<form action="([^"]+)"', form.text)
        token = re.search(r'name="_xsrf" value="([^"]+)"', form.text)
        assert action, form.text
        assert token, form.text
        fields = {"_xsrf": token.group(1), "username": user, "password": password}
        address = f"http://{self.hub.address}{unescape(action.group(1))}"
        return self.session.post(address, data=fields, timeout=60)

    def wait_for_the_server(self, user: str) -> requests.Response:
        """The first page of the user's server, reached through the page that says that it starts."""
        until = time.monotonic() + 60
        while True:
            page = self.get(f"/hub/spawn-pending/{user}")
            if page.url.startswith(f"http://{self.hub.address}/user/{user}/"):
                return page
            assert time.monotonic() < until, f"{page.url}\n{self.hub.log.read_text()}"
            time.sleep(0.2)

    def client(self, user: str, server: str) -> Client:
        """A client of somebody's server, with a token that the user requests on the hub's page of tokens."""
        answer = self.session.post(
            f"http://{self.hub.address}/hub/api/users/{user}/tokens",
            headers={"X-XSRFToken": self.session.cookies.get("_xsrf", path="/hub/")},
            json={"note": "for a script"},
            timeout=60,
        )
        assert answer.ok, answer.text
        return Client(self.hub.address, answer.json()["token"], f"/user/{server}/")


class Spawned(Container):
    """The container that the hub started for a user."""

    def __init__(self, hub: Hub, user: str) -> None:
        self.name = f"{hub.prefix}-{user}"
        self.began = time.monotonic()


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    if not (PROGRAMS / "configurable-http-proxy").exists():
        made = os.path.relpath(Path(sys.prefix) / ".hub")
        pytest.fail(f"there is no JupyterHub with its proxy in {PROGRAMS}: make {made}", pytrace=False)
    hub = Hub(tmp_path_factory.mktemp("hub").resolve())
    try:
        hub.start(idle=NEVER)
        yield hub
    finally:
        hub.remove()


@pytest.fixture(scope="module")
def ada(hub: Hub, figures: dict[str, str]) -> Browser:
    """Logged in, with a server."""
    browser, began = Browser(hub), time.monotonic()
    page = browser.log_in("/", "ada", hub.password)
    assert "/hub/spawn-pending/ada" in page.url, hub.log.read_text()
    browser.wait_for_the_server("ada")
    figures["from a hub's login to JupyterLab"] = f"{time.monotonic() - began:.1f} s"
    return browser


@pytest.fixture(scope="module")
def eve(hub: Hub) -> Browser:
    """Logged in, without a server."""
    browser = Browser(hub)
    assert browser.log_in("/hub/home", "eve", hub.password).url.endswith("/hub/home")
    return browser


@pytest.fixture(scope="module")
def container(hub: Hub, ada: Browser) -> Spawned:
    """Ada's container."""
    return Spawned(hub, "ada")


@pytest.fixture(scope="module")
def client(ada: Browser) -> Client:
    """Ada's script."""
    return ada.client("ada", "ada")


def test_a_wrong_password_opens_nothing(hub: Hub) -> None:
    browser = Browser(hub)
    assert browser.log_in("/", "ada", "a guess").status_code == 403
    assert "/hub/login" in browser.get("/hub/home").url


def test_a_user_arrives_at_the_first_lesson(hub: Hub, ada: Browser) -> None:
    for path in ("/user/ada/", "/hub/user-redirect/", "/hub/"):
        page = ada.get(path)
        assert page.status_code == 200
        assert page.url.split("?")[0] == f"http://{hub.address}/user/ada/{LESSON}", path
        assert "JupyterLab" in page.text


def test_a_cell_runs_behind_the_proxy(client: Client) -> None:
    assert client.execute(client.kernel(), "import qgraph; 6 * 7") == "42"
    assert client.json("GET", "api/contents/notebooks/00_start_here.ipynb?content=0")["writable"]


def test_the_limit_of_the_hub_is_shown(client: Client) -> None:
    assert client.json("GET", "api/metrics/v1")["limits"]["memory"]["rss"] == 2**31


def test_the_container_becomes_healthy(container: Spawned) -> None:
    container.wait_until("healthy", 60)
    settings = container.inspect()["HostConfig"]
    assert settings["ReadonlyRootfs"]
    assert settings["CapDrop"] == ["ALL"]


def test_probes_leave_the_log_as_it_is(container: Spawned) -> None:
    before = container.log
    for _ in range(10):
        assert container.run("python3", "-I", "-S", "/opt/qgraph/bin/healthcheck.py") == "200 ok\n"
    assert container.log == before
    assert "qgraph/health" not in before


def test_others_are_refused(hub: Hub, client: Client, eve: Browser) -> None:
    kernel = client.kernel()
    assert eve.get("/user/ada/api/kernels").status_code == 403
    assert eve.get("/user/ada/lab").status_code == 403  # after the hub was asked
    stranger = Browser(hub)
    assert stranger.get("/user/ada/api/kernels").status_code == 403
    assert "/hub/login" in stranger.get("/user/ada/lab").url
    for other in (eve.client("eve", "ada"), Client(hub.address, None, "/user/ada/")):
        assert other.ask("GET", "api/kernels").status_code == 403
        with pytest.raises(websocket.WebSocketBadStatusException) as refused:
            other.channel(kernel)
        assert refused.value.status_code == 403
    client.channel(kernel).close()
    assert not hub.has_container("eve")


def test_a_dashboard_of_dask_is_for_its_user_alone(ada: Browser, client: Client, eve: Browser) -> None:
    code = "from distributed import Client; c = Client(n_workers=1, threads_per_worker=1); c.dashboard_link"
    kernel = client.kernel()
    assert client.execute(kernel, code) == "'/user/ada/proxy/127.0.0.1:8787/status'"
    assert "Dask" in ada.get("/user/ada/proxy/127.0.0.1:8787/status").text
    assert "Individual Workers" in ada.get("/user/ada/dask/dashboard/individual-plots.json").text  # the panel
    assert eve.get("/user/ada/proxy/127.0.0.1:8787/status").status_code == 403
    client.execute(kernel, "c.shutdown()")


def test_an_idle_server_is_culled_and_its_files_stay(hub: Hub, ada: Browser, client: Client) -> None:
    note = {"type": "file", "format": "text", "content": "mine"}
    client.json("PUT", "api/contents/note.txt", json=note)
    client.json("PUT", THEME, json={"raw": '{"theme": "JupyterLab Dark"}'})
    first = Spawned(hub, "ada").inspect()["Id"]
    hub.stop()
    hub.start(idle=5)  # a hub that starts again finds the servers of its users
    assert Spawned(hub, "ada").inspect()["Id"] == first
    until = time.monotonic() + 60
    while hub.has_container("ada"):
        assert time.monotonic() < until, hub.log.read_text()
        time.sleep(0.5)
    assert "culling server" in hub.log.read_text().lower()

    hub.stop()
    hub.start(idle=NEVER)
    assert "/hub/spawn-pending/ada" in ada.get("/hub/spawn").url
    ada.wait_for_the_server("ada")
    second = Spawned(hub, "ada")
    assert second.inspect()["Id"] != first
    assert client.json("GET", "api/contents/note.txt")["content"] == "mine"
    assert "JupyterLab Dark" in client.json("GET", THEME)["raw"]
    assert ".qgraph" in second.run("ls", "--almost-all", WORK).split()
