"""Ask the server in this container for its health; exit 0 if it is good (Docker's HEALTHCHECK).

It is a Jupyter server, or a scheduler or a worker of Dask if there is the file that cluster.py writes.

The server writes its port, base URL and TLS into a file, and the probe reads this file. The connection is
direct, so proxy variables do not matter. The probe uses only the standard library, to start in milliseconds.
"""

from __future__ import annotations

import contextlib
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
REPORTS = "127.0.0.2"  # the processes of a worker report here, and nothing else listens here (cluster.py)
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


def runtime_folder() -> Path:
    """Where servers tell who and where they are."""
    return Path(os.environ.get("JUPYTER_RUNTIME_DIR") or Path.home() / ".local/share/jupyter/runtime")


def server() -> dict[str, Any]:
    """The file of the server that started last. Raises `OSError` if there is none yet."""
    files = sorted(runtime_folder().glob("jpserver-*.json"), key=lambda path: path.stat().st_mtime)
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


def local_ports() -> list[int]:
    """The ports on `REPORTS` where something listens."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    listening = [row[1].split(":") for row in rows if row[3] == "0A"]
    here = f"{int.from_bytes(socket.inet_aton(REPORTS), sys.byteorder):08X}"
    return [int(port, 16) for host, port in listening if host == here]


def ask_dask(port: str) -> tuple[int, dict[str, Any]]:
    """The answer of a scheduler, or of one process of a worker. Raises `OSError` if none answers."""
    if port == "none":  # it was told to have no report
        return 200, {"status": "ok"}
    host, ports = (REPORTS, local_ports()) if port == "local" else ("127.0.0.1", [int(port)])
    for each in ports:
        with contextlib.suppress(OSError, http.client.HTTPException):
            link = http.client.HTTPConnection(host, each, timeout=PATIENCE)
            link.request("GET", "/health")
            answer = link.getresponse()
            if answer.read(3).strip() == b"ok":
                return answer.status, {"status": "ok"}
    raise ConnectionError("no part of Dask answers")


def ask() -> tuple[int, dict[str, Any]]:
    """The answer of the server: its status and its report."""
    part = Path(runtime_folder(), "dask")
    if part.exists():
        return ask_dask(part.read_text())
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
