"""Any user and any mounted folder: work is kept, and no file of a user is changed."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from image.client import Client
from image.container import LOUD, WORK, Container

USERS = ["1000", "1234:0", "1010:1010"]


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """Somebody's own folder with somebody's own files, one of them named like a shipped notebook."""
    mine = tmp_path / "mine"
    (mine / "notebooks").mkdir(parents=True)
    (mine / "notebooks" / "00_start_here.ipynb").write_bytes(b'{"cells": [], "mine": "\xc3\xa9"}')
    (mine / "data.bin").write_bytes(os.urandom(10_000))
    (mine / "notebooks" / "notes.md").write_text("my notes\r\n")
    for path in (mine, *mine.rglob("*")):
        os.chown(path, 1000, 1000)
    yield mine
    for path in (mine, *mine.rglob("*")):
        os.chown(path, os.getuid(), os.getgid())


def digests(folder: Path, *names: str) -> dict[str, tuple[str, float, int]]:
    files = [folder / name for name in names] if names else [p for p in folder.rglob("*") if p.is_file()]
    return {
        str(p.relative_to(folder)): (
            hashlib.sha256(p.read_bytes()).hexdigest(),
            p.stat().st_mtime,
            p.stat().st_uid,
        )
        for p in files
    }


def save(client: Client, path: str, text: str) -> None:
    client.json("PUT", f"api/contents/{path}", json={"type": "file", "format": "text", "content": text})


def read(client: Client, path: str) -> str:
    return str(client.json("GET", f"api/contents/{path}")["content"])


@pytest.mark.parametrize("user", USERS)
def test_any_user_can_work_and_save_in_a_volume(user: str, volume: str) -> None:
    with Container(f"--user={user}", f"--volume={volume}:{WORK}") as container:
        container.wait_until_it_listens()
        assert container.run("id", "-u") == f"{user.split(':', maxsplit=1)[0]}\n"
        client = Client(container.address, container.token())
        save(client, "notebooks/saved.txt", "by hand")
        kernel = client.kernel()
        code = "import pathlib, matplotlib.pyplot as plt, qgraph as qg\nplt.figure(); plt.savefig('plot.png'); pathlib.Path('plot.png').stat().st_size > 100"
        assert client.execute(kernel, code) == "True"
        assert client.json("GET", "api/contents/notebooks/00_start_here.ipynb?content=0")["writable"]
        assert "not writable" not in container.log
        assert not [line for line in container.log.splitlines() if LOUD.search(line)]


def test_work_stays_and_an_upgrade_adds_new_lessons(volume: str) -> None:
    options = (f"--volume={volume}:{WORK}",)
    with Container(*options) as container:
        container.wait_until_it_listens()
        client = Client(container.address, container.token())
        save(client, "results.txt", "three days of work")
        save(client, "notebooks/01_maxcut.ipynb", "mine now")
        client.ask("DELETE", "api/contents/examples/city.json")
    with Container(*options) as container:
        container.wait_until_it_listens()
        client = Client(container.address, container.token())
        assert read(client, "results.txt") == "three days of work"
        assert container.run("cat", f"{WORK}/notebooks/01_maxcut.ipynb") == "mine now"
        assert "nodes" in read(client, "examples/city.json")


def test_an_own_folder_is_unchanged_after_start_use_and_stop(folder: Path) -> None:
    before = digests(folder)
    with Container(f"--volume={folder}:{WORK}") as container:
        container.wait_until_it_listens()
        client = Client(container.address, container.token())
        kernel = client.kernel()
        assert client.execute(
            kernel, "open('new.txt', 'w').write('x'); print(open('notebooks/notes.md').read())"
        )
        assert client.json("GET", "api/contents/notebooks/00_start_here.ipynb?content=0")["name"]
        client.ask("GET", "lab/tree/notebooks/00_start_here.ipynb")
        assert container.stop()[1] == 0
    assert digests(folder, *before) == before
    added = set(digests(folder)) - set(before)
    assert "new.txt" in added
    assert "notebooks/01_maxcut.ipynb" in added


def test_a_read_only_folder_is_reported_in_one_line(folder: Path) -> None:
    before = digests(folder)
    with Container("--user=1010:1010", f"--volume={folder}:{WORK}") as container:
        container.wait_until_it_listens()
        lines = [line for line in container.log.splitlines() if "not writable" in line]
        assert len(lines) == 1
        assert f"{WORK} is not writable by uid 1010, gid 1010" in lines[0]
        assert "--user 1000:1000" in lines[0]
        client = Client(container.address, container.token())
        assert read(client, "notebooks/notes.md") == "my notes\r\n"
        assert client.ask(
            "PUT", "api/contents/x.txt", json={"type": "file", "format": "text", "content": ""}
        ).status_code in (403, 500)
    assert digests(folder) == before
    with Container("--user=1000:1000", f"--volume={folder}:{WORK}") as container:  # as the line says
        container.wait_until_it_listens()
        save(Client(container.address, container.token()), "x.txt", "saved")
    assert (folder / "x.txt").read_text() == "saved"
