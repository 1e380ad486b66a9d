"""Ask the Jupyter server in this container for its health; exit 0 if it is good (Docker's HEALTHCHECK).

The server writes its port, base URL and TLS into a file, and the probe reads this file. The connection is
direct, so proxy variables do not matter. The probe uses only the standard library, to start in milliseconds.
"""

from __future__ import annotations

import http.client
import json
import os
import socket
import ssl
import sys
import time
from pathlib import Path
from typing import Any

PATIENCE = 10.0  # seconds in which a server must begin to listen; HEALTHCHECK's timeout is longer
ANYWHERE = ("", "*", "0.0.0.0", "::", "localhost")


class Local(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=PATIENCE)
        self.path = path

    def connect(self) -> None:
        """Connect to the path, not to the host."""
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(PATIENCE)
        self.sock.connect(self.path)


def server() -> dict[str, Any]:
    """The file of the server that started last. Raises `OSError` if there is none yet."""
    folder = os.environ.get("JUPYTER_RUNTIME_DIR") or Path.home() / ".local/share/jupyter/runtime"
    files = sorted(Path(folder).glob("jpserver-*.json"), key=lambda path: path.stat().st_mtime)
    if not files:
        raise FileNotFoundError("no Jupyter server has started")
    return dict(json.loads(files[-1].read_text()))


def connection(info: dict[str, Any]) -> http.client.HTTPConnection:
    """A connection to that server. The certificate has its public name, so it is not checked."""
    if info.get("sock"):
        return Local(info["sock"])
    host = "127.0.0.1" if info["hostname"] in ANYWHERE else info["hostname"]
    if info["secure"]:
        context = ssl._create_unverified_context()
        return http.client.HTTPSConnection(host, info["port"], timeout=PATIENCE, context=context)
    return http.client.HTTPConnection(host, info["port"], timeout=PATIENCE)


def ask() -> tuple[int, dict[str, Any]]:
    """The answer of the server: its status and its report."""
    info = server()
    link = connection(info)
    # With the token, the answer tells which check failed. A hub's servers have none in this file.
    header = {"Authorization": f"token {info['token']}"} if info.get("token") else {}
    link.request("GET", f"{info['base_url'].rstrip('/')}/qgraph/health", headers=header)
    answer = link.getresponse()
    text = answer.read()
    return answer.status, json.loads(text) if answer.status in (200, 503) else {}


def main() -> int:
    """Wait while the server starts, then print its answer in one line."""
    give_up = time.monotonic() + PATIENCE
    while True:
        try:
            status, report = ask()
            break
        except (OSError, ValueError) as error:  # no server yet, or an incomplete file
            if time.monotonic() > give_up:
                print(f"no answer: {type(error).__name__}")
                return 1
            time.sleep(0.1)
    checks = report.get("checks", {})
    failed = [f"{name}: {check['detail']}" for name, check in checks.items() if not check["ok"]]
    print(f"{status} {'; '.join(failed) or report.get('status', 'no report')}")
    return 0 if status == http.client.OK and not failed else 1


if __name__ == "__main__":
    sys.exit(main())
