"""Packages that a user installs: they stay, and what the image was tested with stays, too."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from image.client import Client
from image.container import HARDENED, LOUD, WORK, Container, built, docker, once, readable
from image.wheels import wheel

PACKAGES = f"{WORK}/.qgraph/packages/python3.11"
FIND = "--no-index --find-links=/wheels"


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Two versions of one package, one that needs another NumPy, and one of a package in the image."""
    folder = readable(tmp_path_factory.mktemp("wheels"))
    wheel(folder, "pebble")
    wheel(folder, "pebble", "2.0")
    wheel(folder, "greedy", needs="numpy==1.26.0")
    wheel(folder, "cycler", "99.0")
    return f"--volume={folder}:/wheels:ro"


@pytest.mark.parametrize("user", ["1000", "1234:0"])
def test_a_package_installed_in_a_notebook_stays(user: str, wheels: str, volume: str) -> None:
    options = (*HARDENED, f"--user={user}", f"--volume={volume}:{WORK}", wheels)
    with Container(*options) as container:
        container.wait_until_it_listens()
        client = Client(container.address, container.token())
        kernel = client.kernel()
        said = client.execute(kernel, f"%pip install {FIND} pebble==1.0")
        assert "Successfully installed pebble-1.0" in said
        assert "pebble 1.0" in client.execute(kernel, "import pebble; pebble.main()")  # without a restart
    with Container(*options) as container:
        container.wait_until_it_listens()
        client = Client(container.address, container.token())
        kernel = client.kernel()
        assert client.execute(kernel, "!pebble").strip() == "pebble 1.0"
        assert "Successfully uninstalled pebble-1.0" in client.execute(
            kernel, f"!pip install {FIND} -U pebble"
        )
        assert client.execute(kernel, "!pebble").strip() == "pebble 2.0"
        order = "import sys; print([p.split('/lib/')[0] for p in sys.path if p.endswith('site-packages')])"
        assert client.execute(kernel, order).strip() == str(["/opt/venv", PACKAGES])
        assert "Successfully uninstalled pebble-2.0" in client.execute(kernel, "%pip uninstall --yes pebble")


def test_the_tested_versions_stay(wheels: str, volume: str) -> None:
    options = (f"--volume={volume}:{WORK}", wheels, "--network=none")
    for package in ("greedy", "numpy==1.26.0", "cycler==99.0"):
        done = once("sh", "-c", f"pip install {FIND} {package}", options=options, check=False)
        assert done.returncode != 0
        assert "keep the versions that were tested (/opt/qgraph/constraints.txt)" in done.stderr, done.stderr
    done = once("pip", "uninstall", "--yes", "numpy", options=options, check=False)
    assert "outside environment" in done.stdout
    assert once("python", "-c", "import cycler; print(cycler.__file__)", options=options).stdout.startswith(
        "/opt/venv/"
    )


def test_without_a_network_or_place_the_reason_is_said(wheels: str) -> None:
    done = once("python", "-m", "pip", "install", "no-such-package", options=("--network=none",), check=False)
    assert done.returncode != 0
    assert "The package index cannot be reached from this container, so nothing was installed." in done.stderr
    full = (f"--tmpfs={WORK}:size=1m,mode=777", "--network=none", wheels)
    done = once(
        "sh", "-c", f"head -c 2000000 /dev/zero > fill; pip install {FIND} pebble", options=full, check=False
    )
    assert "No space left on device" in done.stderr
    last = done.stderr.splitlines()[-1]
    assert last.startswith(("qgraph: packages cannot be kept: ", "qgraph: The work folder is full")), (
        done.stderr
    )
    off = ("--env=QGRAPH_PACKAGES=", "--network=none")
    done = once("pip", "install", "x", options=off, check=False)
    assert done.stderr.splitlines()[-1].startswith("qgraph: packages of your own are switched off")


EXTENSION = """
def _jupyter_server_extension_points():
    return [{"module": "noisy"}]
def _load_jupyter_server_extension(server):
    server.log.info("noisy is here")
"""


def test_a_server_extension_works_and_can_be_switched_off(tmp_path: Path, volume: str) -> None:
    enabled = {"ServerApp": {"jpserver_extensions": {"noisy": True}}}
    data = {"etc/jupyter/jupyter_server_config.d/noisy.json": json.dumps(enabled)}
    wheel(tmp_path, "noisy", code=EXTENSION, data=data)
    options = (f"--volume={volume}:{WORK}", "--network=none")
    install = ("pip", "install", "--no-index", "--find-links=/wheels", "noisy")
    once(*install, options=(*options, f"--volume={tmp_path}:/wheels:ro"))
    for off in ((), ("--env=QGRAPH_PACKAGES=",)):
        with Container(*options, *off) as container:
            container.wait_until_it_listens()
            assert ("noisy is here" in container.log) == (not off)
            assert not [line for line in container.log.splitlines() if LOUD.search(line)]


def test_packages_of_another_python_are_named_at_the_start(wheels: str, volume: str) -> None:
    options = (f"--volume={volume}:{WORK}", wheels)
    once("sh", "-c", f"pip install {FIND} pebble", options=options)
    older = f"cd {WORK}/.qgraph/packages && mv python3.11 python3.10 && mv python3.10/lib/python3.1?  python3.10/lib/python3.10"
    once("sh", "-c", older, options=(*options, "--entrypoint=", "--user=0"))
    done = once("python", "-c", "import pebble", options=options, check=False)
    assert "packages of python3.10 are not used by python3.11: pebble. " in done.stderr
    assert "Install them again with: pip install pebble." in done.stderr
    assert "No module named 'pebble'" in done.stderr


def test_an_environment_of_ones_own_has_its_own_packages(wheels: str, volume: str) -> None:
    options = (f"--volume={volume}:{WORK}", wheels, "--network=none")
    own = f"python -m venv env && env/bin/pip install {FIND} cycler==99.0 && env/bin/cycler"
    done = once("sh", "-c", own, options=options)
    assert done.stdout.endswith("cycler 99.0\n")
    assert once("sh", "-c", f"ls {PACKAGES}/bin", options=options).stdout == ""


@pytest.fixture
def base_with_pip() -> Iterator[str]:
    """As python:3.11-slim of the registry: a pip beside the Python in /usr/local."""
    install = "--python /usr/bin/python3 install --quiet --break-system-packages"
    text = f"""
FROM python:3.11-slim
RUN python3 -m venv /tmp/tools && /tmp/tools/bin/pip install --quiet --upgrade pip \\
    && /tmp/tools/bin/pip {install} pip && rm -r /tmp/tools && test -x /usr/local/bin/pip
"""
    with built(given=text) as tag:
        yield tag


def test_a_pip_of_the_base_is_no_second_way(base_with_pip: str, wheels: str) -> None:
    run = ("run", "--rm", "--network=none", wheels)
    with built(f"--build-arg=RUNTIME_BASE={base_with_pip}", ".") as tag:
        assert docker(*run, tag, "sh", "-c", "ls /usr/local/bin/*pip*; true").stdout == ""
        found = docker(*run, tag, "sh", "-lc", "command -v pip; command -v pip3").stdout
        assert found == "/opt/venv/bin/pip\n/opt/venv/bin/pip3\n"
        line = f"pip install {FIND} pebble && pip show -f pebble"
        assert f"Location: {PACKAGES}/" in docker(*run, tag, "sh", "-lc", line).stdout


def test_the_constraints_name_every_package_of_the_image() -> None:
    code = "import importlib.metadata as m; print(*(f\"{d.metadata['Name']}=={d.version}\" for d in m.distributions()), sep='\\n')"
    installed = once("python", "-c", code).stdout.lower().replace("_", "-").replace(".", "-").split()
    text = once("cat", "/opt/qgraph/constraints.txt").stdout.lower().replace("_", "-").replace(".", "-")
    assert [pin for pin in installed if pin not in text] == []
