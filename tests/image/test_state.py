"""What a user sets and does outside of notebooks outlives the container, and is not among the files."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from image.client import THEME, Client
from image.container import HARDENED, WORK, Container

HOME = "/home/appuser"
SHORTCUTS = "lab/api/settings/@jupyterlab/shortcuts-extension:shortcuts"
WORKSPACE = "lab/api/workspaces/default"
LAYOUT = {"data": {"layout-restorer:data": {"main": {}}}, "metadata": {"id": "default"}}
MINE = {
    "cells": [
        {
            "cell_type": "code",
            "execution_count": 1,
            "id": "mine",
            "metadata": {},
            "outputs": [{"output_type": "display_data", "metadata": {}, "data": {"text/html": "<b>own</b>"}}],
            "source": "show()",
        }
    ],
    "metadata": {},
    "nbformat": 4,
    "nbformat_minor": 5,
}


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """An empty folder of uid 1000, as a hub mounts it in place of the whole home."""
    folder = tmp_path / "home"
    folder.mkdir()
    os.chown(folder, 1000, 1000)
    yield folder
    for path in (folder, *folder.rglob("*")):
        os.chown(path, os.getuid(), os.getgid(), follow_symlinks=False)


def started(container: Container) -> Client:
    container.wait_until_it_listens()
    return Client(container.address, container.token())


def trusted(client: Client, path: str) -> bool:
    cells = client.json("GET", f"api/contents/{path}")["content"]["cells"]
    return all(cell["metadata"].get("trusted") for cell in cells if cell["cell_type"] == "code")


def put(client: Client, path: str, settings: str) -> None:
    client.json("PUT", path, data=json.dumps({"raw": settings}))


def change(container: Container) -> None:
    """Everything that a person changes in a session, once."""
    client = started(container)
    container.run("sh", "-c", f"cd {WORK} && printf '%s' '{json.dumps(MINE)}' > mine.ipynb")
    assert not trusted(client, "mine.ipynb")
    container.run("jupyter", "trust", f"{WORK}/mine.ipynb")
    put(client, THEME, '{"theme": "JupyterLab Dark"}')
    put(client, SHORTCUTS, '{"shortcuts": []}')
    client.json("PUT", WORKSPACE, data=json.dumps(LAYOUT))
    container.run("git", "config", "--global", "user.name", "Ada")
    assert client.execute(client.kernel(), "'a line to remember'")


def assert_it_is_kept(container: Container) -> None:
    client = started(container)
    assert trusted(client, "mine.ipynb")
    assert client.json("GET", THEME)["settings"] == {"theme": "JupyterLab Dark"}
    assert client.json("GET", SHORTCUTS)["settings"] == {"shortcuts": []}
    assert client.json("GET", WORKSPACE)["data"] == LAYOUT["data"]
    assert container.run("git", "config", "--global", "user.name") == "Ada\n"
    assert "a line to remember" in client.execute(client.kernel(), "%history -g")


@pytest.mark.parametrize("user", ["1000", "1234:0"])
def test_state_is_kept_on_the_work_volume(user: str, volume: str) -> None:
    options = (*HARDENED, f"--user={user}", f"--volume={volume}:{WORK}")
    with Container(*options) as container:
        change(container)
    with Container(*options) as container:
        assert_it_is_kept(container)


def test_state_is_kept_in_a_mounted_home(home: Path) -> None:
    options = (*HARDENED, f"--volume={home}:{HOME}")
    with Container(*options) as container:
        change(container)
        assert "not writable" not in container.log
    with Container(*options) as container:
        assert_it_is_kept(container)
    assert {path.name for path in home.iterdir()} <= {"work", ".cache", ".config", ".local", ".npm"}
    assert {path.name for path in (home / "work").iterdir()} == {
        ".qgraph",
        "examples",
        "mine.ipynb",
        "notebooks",
    }


def test_settings_of_a_home_are_taken_over_once(home: Path) -> None:
    themes = home / ".jupyter/lab/user-settings/@jupyterlab/apputils-extension"
    themes.mkdir(parents=True)
    (themes / "themes.jupyterlab-settings").write_text('{"theme": "JupyterLab Dark"}')
    (home / ".gitconfig").write_text("[user]\n\tname = Ada\n")
    for path in (home, *home.rglob("*")):
        os.chown(path, 1000, 1000)
    for name in ("Ada", "Grace"):
        with Container(f"--volume={home}:{HOME}") as container:
            client = started(container)
            assert client.json("GET", THEME)["settings"] == {"theme": "JupyterLab Dark"}
            assert container.run("git", "config", "--global", "user.name") == f"{name}\n"
            container.run("git", "config", "--global", "user.name", "Grace")
    assert "Ada" in (home / ".gitconfig").read_text()


def test_state_is_hidden_and_private(server: Container, client: Client) -> None:
    names = {entry["name"] for entry in client.json("GET", "api/contents")["content"]}
    assert names == {"notebooks", "examples"}
    assert client.ask("GET", "api/contents/.qgraph").status_code == 404
    assert client.ask("GET", "files/.qgraph/jupyter/data/notebook_secret").status_code in (403, 404)
    assert server.run("stat", "-c", "%a", f"{WORK}/.qgraph") == "700\n"
    assert server.run("cat", f"{WORK}/.qgraph/.gitignore") == "*\n"


def test_shipped_lessons_are_trusted(client: Client) -> None:
    for lesson in client.json("GET", "api/contents/notebooks")["content"]:
        assert trusted(client, lesson["path"]), lesson["path"]


def test_state_of_another_user_is_said_and_left_alone(volume: str) -> None:
    with Container("--user=1000", f"--volume={volume}:{WORK}") as container:
        started(container)
    with Container("--user=1010:1010", f"--volume={volume}:{WORK}") as container:
        client = started(container)
        assert client.execute(client.kernel(), "6 * 7") == "42"
        said = f"{WORK}/.qgraph is not writable by uid 1010, gid 1010: settings and packages are lost"
        assert container.log.count(said) == 1
