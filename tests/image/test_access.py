"""Who gets in, and from where."""

from __future__ import annotations

import json
import re
import time

import pytest
import requests
import websocket

from image.client import Client
from image.container import Container, once

CLOSED = [
    ("GET", "api/contents"),
    ("GET", "api/status"),
    ("GET", "api/sessions"),
    ("GET", "api/kernels"),
    ("POST", "api/kernels"),
    ("GET", "api/terminals"),
    ("POST", "api/terminals"),
    ("PUT", "api/contents/x.txt"),
    ("GET", "files/notebooks/00_start_here.ipynb"),
    ("GET", "lab/api/settings"),
    ("POST", "api/shutdown"),
]


@pytest.mark.parametrize("token", [None, "wrong"], ids=["no token", "a wrong token"])
def test_nothing_is_open_without_the_token(server: Container, client: Client, token: str | None) -> None:
    stranger = Client(server.address, token)
    assert stranger.ask("GET", "lab").status_code == 302  # to the login page
    for method, path in CLOSED:
        answer = stranger.ask(method, path)
        refused = answer.status_code in (401, 403) or (
            answer.status_code == 302 and "/login?" in answer.headers["Location"]
        )
        assert refused, f"{method} {path}: {answer.status_code}"
        assert answer.status_code != 302 or not path.startswith("api")
    kernel = client.kernel()
    terminal = client.json("POST", "api/terminals")["name"]
    for path in (f"api/kernels/{kernel}/channels", f"terminals/websocket/{terminal}"):
        with pytest.raises(websocket.WebSocketBadStatusException) as refused_socket:
            stranger.socket(path)
        assert refused_socket.value.status_code in (401, 403)
        client.socket(path).close()  # and it is there for its owner


def test_the_address_in_the_log_works_and_is_a_local_one(server: Container) -> None:
    addresses = re.findall(r"https?://\S+token=\S+", server.log)
    assert addresses
    assert all(address.startswith("http://127.0.0.1:8888/") for address in addresses)
    session = requests.Session()
    session.trust_env = False
    answer = session.get(addresses[0].replace("127.0.0.1:8888", server.address), timeout=60)
    assert answer.status_code == 200
    assert "JupyterLab" in answer.text
    scripts = re.findall(r'<script[^>]* src="([^"]+)"', answer.text)
    assert scripts
    for script in scripts:  # the page's own parts
        part = session.get(f"http://{server.address}{script}", timeout=60)
        assert part.status_code == 200, script
        assert "javascript" in part.headers["Content-Type"]
    # The cookie that it set is enough from now on.
    assert session.get(f"http://{server.address}/api/kernels", timeout=60).status_code == 200


def test_a_foreign_origin_is_refused(server: Container, client: Client) -> None:
    session = requests.Session()
    session.trust_env = False
    session.get(f"http://{server.address}/lab?token={server.token()}", timeout=60)  # a person's browser
    foreign = {"Origin": "https://elsewhere.example", "X-XSRFToken": session.cookies["_xsrf"]}
    own = {"Origin": f"http://{server.address}", "X-XSRFToken": session.cookies["_xsrf"]}
    address = f"http://{server.address}/api/kernels"
    assert session.post(address, headers=foreign, timeout=60).status_code in (403, 404)
    answer = session.post(address, headers=own, timeout=60)
    assert answer.status_code == 201
    assert "Access-Control-Allow-Origin" not in session.get(address, headers=foreign, timeout=60).headers
    cookie = "; ".join(f"{name}={value}" for name, value in session.cookies.items())
    path = f"ws://{server.address}/api/kernels/{answer.json()['id']}/channels"
    options = {"cookie": cookie, "http_no_proxy": ["*"], "timeout": 60}
    with pytest.raises(websocket.WebSocketBadStatusException) as refused:
        websocket.create_connection(path, origin=foreign["Origin"], **options)
    assert refused.value.status_code == 403
    websocket.create_connection(path, origin=own["Origin"], **options).close()


def test_a_terminal_finds_the_environment(client: Client) -> None:
    terminal = client.json("POST", "api/terminals")["name"]
    link = client.socket(f"terminals/websocket/{terminal}")
    link.send(json.dumps(["stdin", "command -v python qgraph; echo en''d\r"]))
    text = ""
    while "end" not in text:
        kind, *content = json.loads(link.recv())
        text += content[0] if kind == "stdout" else ""
    link.close()
    assert "/opt/venv/bin/python" in text
    assert "/opt/venv/bin/qgraph" in text


def test_a_password_and_a_token_of_ones_own() -> None:
    code = "from jupyter_server.auth import passwd; print(passwd('four words of mine'))"
    digest = once("python", "-c", code).stdout.strip()
    options = (f"--env=JUPYTER_PASSWORD_HASH={digest}", "--env=JUPYTER_TOKEN=a-token-of-mine")
    with Container(*options) as container:
        container.wait_until_it_listens()
        assert "a-token-of-mine" not in container.log
        assert Client(container.address, "a-token-of-mine").ask("GET", "api/kernels").status_code == 200
        for word, code_of in (("four words of mine", 200), ("other words", 403)):
            session = requests.Session()
            session.trust_env = False
            base = f"http://{container.address}"
            session.get(f"{base}/login", timeout=60)
            fields = {"_xsrf": session.cookies["_xsrf"], "password": word}
            session.post(f"{base}/login", data=fields, timeout=60)
            assert session.get(f"{base}/api/kernels", timeout=60).status_code == code_of


@pytest.mark.parametrize("wrong", ["four words of mine", "argon2:$argon2i$v=1", "argon2:=19=10240,t=10,p=8"])
def test_a_malformed_hash_of_a_password_is_refused_at_the_start(wrong: str) -> None:
    done = once("jupyter", "lab", options=(f"--env=JUPYTER_PASSWORD_HASH={wrong}",), check=False)
    assert done.returncode != 0
    assert done.stderr.splitlines()[-1].startswith("qgraph: `JUPYTER_PASSWORD_HASH` must be what ")
    assert f"got a text of {len(wrong)} characters" in done.stderr
    assert wrong not in done.stderr


def test_idle_kernels_are_culled_when_asked_for() -> None:
    with Container("--env=QGRAPH_CULL_IDLE_SECONDS=10") as container:
        container.wait_until_it_listens()
        client = Client(container.address, container.token())
        assert client.execute(client.kernel(), "1 + 1") == "2"
        until = time.monotonic() + 30
        while client.json("GET", "api/kernels") and time.monotonic() < until:
            time.sleep(0.5)
        assert client.json("GET", "api/kernels") == []


def test_a_wrong_setting_is_said_in_one_line() -> None:
    done = once("jupyter", "lab", options=("--env=QGRAPH_CULL_IDLE_SECONDS=soon",), check=False)
    assert done.returncode != 0
    said = done.stderr.splitlines()[-1]
    assert said == "qgraph: `QGRAPH_CULL_IDLE_SECONDS` must be a whole number of seconds, got 'soon'"
