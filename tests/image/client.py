"""A client of a Jupyter server: REST, and code executed over the kernel's WebSocket."""

from __future__ import annotations

import json
import time
import uuid
from typing import Any

import requests
import websocket

PATIENCE = 120.0
THEME = "lab/api/settings/@jupyterlab/apputils-extension:themes"


class KernelDied(Exception):
    """The kernel was restarted or given up by the server while it executed."""


class Client:
    """Requests to `http://{address}{base}`, with a token unless it is None."""

    def __init__(self, address: str, token: str | None, base: str = "/") -> None:
        self.address, self.base = address, base
        self.http = requests.Session()
        self.http.trust_env = False  # no proxy between this process and this machine
        self.header = {"Authorization": f"token {token}"} if token else {}

    def url(self, path: str) -> str:
        """The whole address of a path."""
        return f"http://{self.address}{self.base}{path}"

    def ask(self, method: str, path: str, **options: Any) -> requests.Response:
        """A request; whatever comes back is returned."""
        headers = {**self.header, **options.pop("headers", {})}
        return self.http.request(
            method, self.url(path), headers=headers, timeout=PATIENCE, allow_redirects=False, **options
        )

    def json(self, method: str, path: str, **options: Any) -> Any:
        """A request that must succeed."""
        answer = self.ask(method, path, **options)
        assert answer.ok, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    def kernel(self) -> str:
        """Start a kernel; its id."""
        return str(self.json("POST", "api/kernels", json={"name": "python3"})["id"])

    def socket(self, path: str, **options: Any) -> websocket.WebSocket:
        """A WebSocket; raises `websocket.WebSocketBadStatusException` where it is refused."""
        headers = {**self.header, **options.pop("headers", {})}
        return websocket.create_connection(
            f"ws://{self.address}{self.base}{path}",
            header=[f"{name}: {value}" for name, value in headers.items()],
            timeout=PATIENCE,
            http_no_proxy=["*"],
            **options,
        )

    def channel(self, kernel: str) -> websocket.WebSocket:
        """The kernel's channels."""
        return self.socket(f"api/kernels/{kernel}/channels?session_id={uuid.uuid4().hex}")

    def send(self, link: websocket.WebSocket, code: str) -> str:
        """Send code to execute; the message's id."""
        header = {
            "msg_id": uuid.uuid4().hex,
            "msg_type": "execute_request",
            "username": "",
            "session": uuid.uuid4().hex,
            "version": "5.3",
        }
        content = {"code": code, "silent": False, "store_history": True, "allow_stdin": False}
        message = {"header": header, "parent_header": {}, "metadata": {}, "content": content}
        link.send(json.dumps({**message, "channel": "shell", "buffers": []}))
        return header["msg_id"]

    def execute(self, kernel: str, code: str) -> str:
        """Execute and return what was printed, results and errors included."""
        link = self.channel(kernel)
        try:
            return self._listen(link, self.send(link, code))
        finally:
            link.close()

    def _listen(self, link: websocket.WebSocket, sent: str) -> str:
        text, until = "", time.monotonic() + PATIENCE
        while time.monotonic() < until:
            message = json.loads(link.recv())
            kind, content = message["msg_type"], message["content"]
            if kind == "status" and content["execution_state"] in ("restarting", "autorestarting", "dead"):
                raise KernelDied(content["execution_state"])
            if message.get("parent_header", {}).get("msg_id") != sent:
                continue
            if kind == "stream":
                text += content["text"]
            elif kind == "execute_result":
                text += content["data"]["text/plain"]
            elif kind == "error":
                text += f"{content['ename']}: {content['evalue']}"
            elif kind == "status" and content["execution_state"] == "idle":
                return text
        raise AssertionError(f"no answer within {PATIENCE:.0f} s; so far: {text}")
