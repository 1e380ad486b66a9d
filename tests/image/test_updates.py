"""Lessons of a newer image: untouched ones are replaced or removed, a person's own stay. And a teacher's material."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from image.client import Client
from image.container import IMAGE, WORK, Container, built, docker, once, readable
from image.wheels import wheel

# A newer image: lesson 01 has a new version, 05 is gone, and 07 is new.
NEWER = f"""
FROM {IMAGE}
USER 0
RUN cd /opt/qgraph/share/notebooks && sed -i 's/Maximum cut/The maximum cut/;s/$/ /' 01_maxcut.ipynb \\
    && rm 05_speed.ipynb && cp 00_start_here.ipynb 07_new.ipynb && sed -i 's/$/ /' 00_start_here.ipynb
USER 1000
"""


@pytest.fixture(scope="module")
def newer() -> Iterator[str]:
    with built(given=NEWER) as tag:
        yield tag


def sums(image: str, volume: str) -> dict[str, str]:
    line = "cd notebooks && sha256sum *"
    done = docker("run", "--rm", f"--volume={volume}:{WORK}", image, "sh", "-c", line)
    return {name: digest for digest, name in map(str.split, done.stdout.splitlines())}


def test_an_upgrade_replaces_what_nobody_changed(newer: str, volume: str, tmp_path: Path) -> None:
    options = (f"--volume={volume}:{WORK}",)
    wheel(tmp_path, "pebble")
    install = ("pip", "install", "--no-index", "--find-links=/wheels", "pebble")
    once(*install, options=(*options, f"--volume={readable(tmp_path)}:/wheels:ro"))
    before = sums(IMAGE, volume)
    once(
        "sh",
        "-c",
        "echo ' ' >> notebooks/00_start_here.ipynb; echo mine > notebooks/own.txt",
        options=options,
    )
    mine = sums(IMAGE, volume)["00_start_here.ipynb"]
    said = docker("run", "--rm", *options, newer, "true").stderr
    assert said == (
        "qgraph: lessons: 1 added, 1 updated, 1 removed; "
        "kept with your changes: notebooks/00_start_here.ipynb\n"
    )
    after = sums(newer, volume)
    assert set(after) == (set(before) - {"05_speed.ipynb"}) | {"07_new.ipynb", "own.txt"}
    assert after["01_maxcut.ipynb"] != before["01_maxcut.ipynb"]
    assert after["00_start_here.ipynb"] == mine
    assert after["02_large_graphs.ipynb"] == before["02_large_graphs.ipynb"]
    assert docker("run", "--rm", *options, newer, "true").stderr == ""  # nothing is left to do
    assert docker("run", "--rm", *options, newer, "pebble").stdout == "pebble 1.0\n"
    lines = docker("run", "--rm", *options, newer, "qgraph-lessons", "--beside").stdout.splitlines()
    assert "notebooks/02_large_graphs.ipynb: as shipped" in lines
    (changed,) = [line for line in lines if "changed by you" in line]
    copy = changed.split()[-1]
    beside = sums(newer, volume)
    assert beside["00_start_here.ipynb"] == mine
    assert beside[copy] not in before.values()


def test_only_lessons_lie_among_the_lessons(server: Container) -> None:
    names = server.run("ls", f"{WORK}/notebooks").split()
    assert all(name.endswith(".ipynb") for name in names)
    assert server.run("cat", "/opt/qgraph/sanitize.cfg").startswith("[")


@pytest.mark.parametrize("command", [(), ("jupyter", "notebook")], ids=["lab", "notebook"])
def test_the_first_page_is_the_first_lesson(command: tuple[str, ...]) -> None:
    with Container(command=command) as container:
        container.wait_until_it_listens()
        answer = Client(container.address, container.token()).ask("GET", "")
        assert answer.headers["Location"].rstrip("?") == "/lab/tree/notebooks/00_start_here.ipynb"


@pytest.fixture
def material(tmp_path: Path) -> Iterator[Path]:
    """A teacher's repository."""
    folder = tmp_path / "course.git"
    author = ("-c", "user.name=Teacher", "-c", "user.email=teacher@example.org")
    subprocess.run(["git", "init", "--quiet", "--initial-branch=main", str(folder)], check=True)
    (folder / "week1.ipynb").write_text(
        json.dumps({"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    )
    for command in (("add", "."), (*author, "commit", "--quiet", "--message=Week 1")):
        subprocess.run(["git", *command], cwd=folder, check=True)
    for path in (folder, *folder.rglob("*")):
        os.chown(path, 1000, 1000)
    readable(folder.parent)
    yield folder
    for path in (folder, *folder.rglob("*")):
        os.chown(path, os.getuid(), os.getgid())


def test_a_teacher_s_material_is_pulled(material: Path) -> None:
    with Container(f"--volume={material}:/srv/course.git:ro") as container:
        container.wait_until_it_listens()
        client = Client(container.address, container.token())
        pull = "repo=file:///srv/course.git&branch=main&targetpath=course"
        assert client.ask("GET", f"git-pull?{pull}").status_code == 200
        events = client.ask("GET", f"git-pull/api?{pull}").text
        assert '"phase": "finished"' in events, events
        assert client.json("GET", "api/contents/course/week1.ipynb")["type"] == "notebook"
        assert "Week 1" in container.run("git", "-C", f"{WORK}/course", "log", "--oneline")
        assert container.run("sh", "-c", "command -v less") == "/usr/bin/less\n"
