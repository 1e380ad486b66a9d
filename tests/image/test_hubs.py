"""Started as Binder, JupyterHub and OpenShift start it: their command lines, users and environments."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pytest

from image.client import Client
from image.container import LOUD, WORK, Container

pytestmark = pytest.mark.alone

# BinderHub's way: no shell, the server found by Python, and every option under both of its names.
BINDER = ("python3", "-c", "import os, sys; os.execvp('jupyter-lab', sys.argv)")
OPTIONS = (
    "base_url=/user/somebody-abc/",
    "token=a-token-from-binder",
    "trust_xheaders=True",
    "default_url=/lab",
)
ARGUMENTS = (
    "--ip=0.0.0.0",
    "--port=8888",
    *(f"--NotebookApp.{option}" for option in OPTIONS),
    *(f"--ServerApp.{option}" for option in OPTIONS),
)


@pytest.mark.parametrize(
    "command", [BINDER, ("jupyter", "notebook"), ("jupyter", "lab")], ids=lambda c: c[-1][:16]
)
def test_binder(command: tuple[str, ...]) -> None:
    options = (
        "--user=1000",
        "--security-opt=no-new-privileges",
        "--env=BINDER_LAUNCH_HOST=https://binder.example/",
    )
    with Container(*options, command=(*command, *ARGUMENTS)) as container:
        container.wait_until("healthy", 20)
        client = Client(container.address, "a-token-from-binder", "/user/somebody-abc/")
        assert client.execute(client.kernel(), "import qgraph; 6 * 7") == "42"
        assert client.json("GET", "api/contents/notebooks/00_start_here.ipynb?content=0")["writable"]
        assert client.ask("GET", "lab/tree/notebooks/00_start_here.ipynb").status_code == 200
        assert Client(container.address, None, client.base).ask("GET", "api/kernels").status_code == 403
        assert "a-token-from-binder" not in container.log


def test_openshift_with_any_uid_of_group_0() -> None:
    options = ("--user=1000720000:0", "--cap-drop=ALL", "--security-opt=no-new-privileges")
    with Container(*options) as container:
        container.wait_until("healthy", 20)
        client = Client(container.address, container.token())
        client.json("PUT", "api/contents/x.txt", json={"type": "file", "format": "text", "content": "x"})
        assert container.run("cat", f"{WORK}/x.txt") == "x"
        assert not [line for line in container.log.splitlines() if LOUD.search(line)]


class Hub(BaseHTTPRequestHandler):
    """As much of a hub as its guests ask: its version, who a token is, and notes of their activity."""

    seen: ClassVar[list[tuple[str, str]]] = []
    ADA: ClassVar[dict[str, object]] = {
        "kind": "user",
        "name": "ada",
        "admin": False,
        "groups": [],
        "scopes": ["access:servers!user=ada"],
        "session_id": None,
    }

    def do_GET(self) -> None:
        self.answer()

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.answer()

    def answer(self) -> None:
        path = self.path.split("?")[0].rstrip("/")
        token = self.headers.get("Authorization", "").removeprefix("Bearer ").removeprefix("token ")
        self.seen.append((path, token))
        status, body = 404, {}
        if path == "/hub/api":
            status, body = 200, {"version": "6.1.1"}
        elif path == "/hub/api/user":
            status, body = (200, self.ADA) if token == "ada-s-token" else (403, {})
        elif path.startswith("/hub/api/users/ada") and token == "the-server-s-token":
            status, body = 200, {}
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def hub() -> Iterator[str]:
    Hub.seen.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), Hub) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/hub/api"
        server.shutdown()


@pytest.mark.parametrize("command", [(), ("jupyterhub-singleuser",)], ids=["by default", "by name"])
def test_jupyterhub(hub: str, command: tuple[str, ...]) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = {
        "JUPYTERHUB_API_TOKEN": "the-server-s-token",
        "JUPYTERHUB_API_URL": hub,
        "JUPYTERHUB_ACTIVITY_URL": f"{hub}/users/ada/activity",
        "JUPYTERHUB_BASE_URL": "/",
        "JUPYTERHUB_CLIENT_ID": "jupyterhub-user-ada",
        "JUPYTERHUB_HOST": "",
        "JUPYTERHUB_OAUTH_CALLBACK_URL": "/user/ada/oauth_callback",
        "JUPYTERHUB_OAUTH_SCOPES": '["access:servers!user=ada"]',
        "JUPYTERHUB_OAUTH_ACCESS_SCOPES": '["access:servers!user=ada"]',
        "JUPYTERHUB_SERVER_NAME": "",
        "JUPYTERHUB_SERVICE_PREFIX": "/user/ada/",
        "JUPYTERHUB_SERVICE_URL": f"http://127.0.0.1:{port}/user/ada/",
        "JUPYTERHUB_USER": "ada",
    }
    environment = tuple(f"--env={name}={value}" for name, value in settings.items())
    # The host's network, so that the hub may listen on this machine's loopback address alone.
    with Container("--network=host", "--user=1000", *environment, command=command) as container:
        container.wait_until("healthy", 30)
        address = f"127.0.0.1:{port}"
        client = Client(address, "ada-s-token", "/user/ada/")
        assert client.execute(client.kernel(), "import qgraph; 6 * 7") == "42"
        assert client.json("GET", "api/contents/notebooks/00_start_here.ipynb?content=0")["writable"]
        assert Client(address, "eve-s-token", "/user/ada/").ask("GET", "api/kernels").status_code == 403
        assert (
            client.ask("GET", "lab", headers={"Authorization": ""}).status_code == 302
        )  # to the hub's login
        assert ("/hub/api/users/ada/activity", "the-server-s-token") in Hub.seen
        assert container.stop()[1] == 0
