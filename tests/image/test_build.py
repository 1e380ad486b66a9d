"""Building again, and docker compose."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from image.client import Client
from image.compose import Compose, composed
from image.container import ROOT, WORK, built, docker


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The files of the repository, elsewhere, newer than those of the cache: as docker sees them, by git."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, names.split("\0")):
        if (ROOT / name).is_file():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


@pytest.mark.alone
def test_a_change_in_the_package_is_built_in_seconds(copy: Path, figures: dict[str, str]) -> None:
    with built(str(copy)):  # fills the cache
        with (copy / "qgraph" / "base" / "errors.py").open("a") as module:
            module.write(f"\nCHANGED = {uuid.uuid4().hex!r}\n")
        began = time.monotonic()
        with built(str(copy)) as tag:
            seconds = time.monotonic() - began
            code = "import qgraph.base.errors; print(qgraph.base.errors.CHANGED)"
            changed = docker("run", "--rm", tag, "python", "-I", "-c", code).stdout.strip()
    figures["seconds to rebuild after a change in qgraph/"] = f"{seconds:.0f}"
    assert len(changed) == 32
    assert changed in (copy / "qgraph" / "base" / "errors.py").read_text()
    assert seconds < 60


@pytest.fixture
def compose() -> Iterator[Compose]:
    with composed() as run:
        yield run


def test_compose_serves_hardened_and_keeps_work(compose: Compose) -> None:
    compose("up", "--build", "--detach")
    container = compose("ps", "--quiet", "lab").strip()

    def state() -> dict[str, dict[str, object]]:
        return dict(json.loads(docker("inspect", container).stdout)[0])

    until = time.monotonic() + 60
    while state()["State"]["Health"]["Status"] != "healthy" and time.monotonic() < until:  # type: ignore[index]
        time.sleep(0.2)
    host = state()["HostConfig"]
    assert host["ReadonlyRootfs"] is True
    assert host["CapDrop"] == ["ALL"]
    assert host["Memory"] == 4 * 2**30
    assert (host["NanoCpus"], host["PidsLimit"]) == (2 * 10**9, 1024)
    assert host["RestartPolicy"]["Name"] == "unless-stopped"
    assert host["LogConfig"] == {"Type": "json-file", "Config": {"max-size": "10m", "max-file": "3"}}
    assert "no-new-privileges" in str(host["SecurityOpt"])
    address = docker("port", container, "8888/tcp").stdout.strip()
    assert address.startswith("127.0.0.1:")
    log = docker("logs", container).stderr
    assert f"http://{address}/lab/tree/" in log  # the published port
    token = log.split("token=")[1].split()[0]
    client = Client(address, token)
    client.json("PUT", "api/contents/kept.txt", json={"type": "file", "format": "text", "content": "kept"})
    assert client.execute(client.kernel(), "import qgraph; 6 * 7") == "42"
    compose("down")
    compose("up", "--detach")
    assert compose("exec", "-T", "lab", "cat", f"{WORK}/kept.txt") == "kept"


def test_compose_runs_the_tests_without_a_network(compose: Compose) -> None:
    compose("build", "test")
    some = (
        "tests/simulation/test_simulation.py",
        "tests/test_docs.py",
        "tests/test_health.py",
        "tests/test_notebooks.py",
        "tests/test_readme.py",
    )
    command = ("python", "-m", "pytest", "-p", "no:cacheprovider", "-q", *some)
    only_make_lab = " passed, 1 skipped in "
    assert only_make_lab in compose("run", "--rm", "-T", "test", *command)
