"""The shipped notebooks and `qgraph doctor`, inside the image with the network off."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator

import pytest

from image.container import HARDENED, LOUD, ROOT, WORK, empty_volume, once, readable
from image.wheels import download

OFFLINE = (*HARDENED, "--network=none")
NBVAL = ("--nbval", "--nbval-sanitize-with", "/opt/qgraph/sanitize.cfg", "-p", "no:cacheprovider", "-q")


@pytest.fixture(scope="module")
def tools(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, ...]]:
    """Options of a container whose user has installed what nbval needs: the image has nbval alone."""
    wheels = readable(tmp_path_factory.mktemp("wheels"))
    download(wheels, "pytest", "coverage", "iniconfig", "pluggy")
    install = ("pip", "install", "--no-index", "--find-links=/wheels", "pytest", "coverage")
    with empty_volume() as name:
        options = (*OFFLINE, f"--volume={name}:{WORK}")
        once(*install, options=(*options, f"--volume={wheels}:/wheels:ro"))
        yield options


def test_the_notebooks_pass_strict_nbval(figures: dict[str, str], tools: tuple[str, ...]) -> None:
    began = time.monotonic()
    done = once("pytest", *NBVAL, "notebooks", options=tools, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    cells = sum(
        cell["cell_type"] == "code"
        for path in (ROOT / "notebooks").glob("*.ipynb")
        for cell in json.loads(path.read_text())["cells"]
    )
    assert f"{cells} passed" in done.stdout
    figures["seconds for all notebooks, network off"] = f"{time.monotonic() - began:.0f}"


def test_nbval_in_the_image_notices_a_changed_output(tools: tuple[str, ...]) -> None:
    change = """
import json, pathlib
path = sorted(pathlib.Path('changed').glob('*.ipynb'))[0]
notebook = json.loads(path.read_text())
output = next(o for c in notebook['cells'] for o in c.get('outputs', []) if o.get('name') == 'stdout')
output['text'] = ['something else\\n']
path.write_text(json.dumps(notebook))
"""
    run = f'cp -r notebooks /tmp/changed && cd /tmp && python -c "$0" && pytest {" ".join(NBVAL)} -x changed'
    done = once("sh", "-c", run, change, options=tools, check=False)
    assert done.returncode == 1
    assert "mismatch 'stdout'" in done.stdout


def test_doctor_is_content(figures: dict[str, str]) -> None:
    done = once("qgraph", "doctor", "--json", options=OFFLINE)
    report = json.loads(done.stdout)
    assert report["ok"] is True
    assert all(check["ok"] for check in report["checks"])
    assert not LOUD.search(done.stderr)
    figures["qgraph doctor"] = json.dumps(report)
