"""Containers of the image under test, from the outside: the docker command line and nothing else."""

from __future__ import annotations

import json
import os
import re
import subprocess
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

IMAGE = os.environ.get("QGRAPH_IMAGE", "qgraph:latest")
ROOT = Path(__file__).resolve().parents[2]
WORK = "/home/appuser/work"
HARDENED = ("--read-only", "--tmpfs=/tmp", "--cap-drop=ALL", "--security-opt=no-new-privileges")
# A log line at WARNING or above, in Jupyter's, ipykernel's and Python's own ways of writing them.
LOUD = re.compile(r"^\[[WEC] |\b(WARNING|ERROR|CRITICAL)\b|Traceback|Warning:", re.MULTILINE)
# A port that listens, in /proc/net/tcp; 127.0.0.11 is docker's own name server.
LISTENS = re.compile(r"^ *\d+: (?!0B00007F)\S+ \S+ 0A ", re.MULTILINE)


def docker(
    *arguments: str, check: bool = True, timeout: float = 600, given: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run docker, with `given` as its input; a failure shows what it said."""
    done = subprocess.run(
        ["docker", *arguments],
        cwd=ROOT,
        input=given,
        capture_output=True,
        text=True,
        check=False,
        timeout=timeout,
    )
    assert not check or done.returncode == 0, f"docker {' '.join(arguments)}\n{done.stdout}{done.stderr}"
    return done


def unique() -> str:
    """A name that nothing else has, for a container, an image, a volume or a network."""
    return f"qgraph-test-{uuid.uuid4().hex[:12]}"


@contextmanager
def built(*arguments: str, given: str = "") -> Iterator[str]:
    """The name of an image that is built from a context, or from the text of a Dockerfile; then it is removed."""
    tag = unique()
    docker("build", "--quiet", f"--tag={tag}", *(arguments or ("-",)), given=given)
    try:
        yield tag
    finally:
        docker("rmi", "--force", tag)


def listens(container: str) -> bool:
    """Whether its server can be asked: Jupyter shows the address a moment earlier."""
    return bool(LISTENS.search(docker("exec", container, "cat", "/proc/net/tcp").stdout))


@contextmanager
def empty_volume() -> Iterator[str]:
    """The name of a new volume, which is removed with all that is in it."""
    name = unique()
    docker("volume", "create", name)
    try:
        yield name
    finally:
        docker("volume", "rm", "--force", name)


def readable(folder: Path) -> Path:
    """The folder of a test, with rights for every user in a container."""
    for each in (folder, *folder.parents[:3]):
        each.chmod(0o755)
    return folder


def once(
    *command: str, options: tuple[str, ...] = (), check: bool = True
) -> subprocess.CompletedProcess[str]:
    """A container that runs one command and is gone."""
    return docker("run", "--rm", *options, IMAGE, *command, check=check)


class Container:
    """A running container; `with` removes it and its anonymous volumes."""

    def __init__(self, *options: str, command: tuple[str, ...] = (), port: int = 8888) -> None:
        self.name = unique()
        self.port = port
        published = () if "--network=none" in options else (f"--publish=127.0.0.1::{port}",)
        if "--network=host" in options:
            published = ()
        self.began = time.monotonic()
        docker("run", "--detach", f"--name={self.name}", *published, *options, IMAGE, *command)

    def __enter__(self) -> Container:
        return self

    def __exit__(self, *_: object) -> None:
        docker("rm", "--force", "--volumes", self.name)

    def inspect(self) -> dict[str, Any]:
        """What docker knows about it."""
        return dict(json.loads(docker("inspect", self.name).stdout)[0])

    @property
    def state(self) -> dict[str, Any]:
        """Docker's state of it."""
        return dict(self.inspect()["State"])

    @property
    def log(self) -> str:
        """Everything it printed."""
        done = docker("logs", self.name)
        return done.stdout + done.stderr

    @property
    def address(self) -> str:
        """Where the published port is, on this machine."""
        return docker("port", self.name, f"{self.port}/tcp").stdout.splitlines()[0].strip()

    def run(self, *command: str, check: bool = True, options: tuple[str, ...] = ()) -> str:
        """A command inside; its standard output."""
        return docker("exec", *options, self.name, *command, check=check).stdout

    def wait_until(self, health: str, limit: float = 90) -> float:
        """Seconds from its start until docker calls it `health`."""
        while time.monotonic() - self.began < limit:
            state = self.state
            if state["Health"]["Status"] == health:
                return time.monotonic() - self.began
            assert state["Running"], f"it ended with code {state['ExitCode']}:\n{self.log}"
            time.sleep(0.1)
        raise AssertionError(f"not {health} within {limit} s: {self.state['Health']}\n{self.log}")

    def wait_until_it_listens(self, limit: float = 60) -> None:
        """Sooner than docker's first look at its health."""
        while "is running at" not in self.log or not listens(self.name):
            assert time.monotonic() - self.began < limit, self.log
            assert self.state["Running"], self.log
            time.sleep(0.1)

    def token(self) -> str:
        """The token that its log shows."""
        found = re.search(r"http://127\.0\.0\.1:\d+/\S*[?&]token=([0-9a-f]{32,})", self.log)
        assert found, self.log
        return found.group(1)

    def stop(self) -> tuple[float, int]:
        """Send SIGTERM; seconds until it ended, and its exit code."""
        began = time.monotonic()
        docker("kill", "--signal=TERM", self.name)
        code = int(docker("wait", self.name, timeout=60).stdout)
        return time.monotonic() - began, code
