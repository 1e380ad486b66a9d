"""The shipped notebooks and `qgraph doctor`, inside the image with the network off."""

from __future__ import annotations

import json
import time

from image.container import HARDENED, LOUD, ROOT, once

OFFLINE = (*HARDENED, "--network=none")


def test_the_notebooks_pass_strict_nbval(figures: dict[str, str]) -> None:
    began = time.monotonic()
    done = once(
        *("python", "-m", "pytest", "--nbval", "--nbval-sanitize-with", "notebooks/sanitize.cfg"),
        *("-p", "no:cacheprovider", "-q", "notebooks"),
        options=OFFLINE,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    cells = sum(
        cell["cell_type"] == "code"
        for path in (ROOT / "notebooks").glob("*.ipynb")
        for cell in json.loads(path.read_text())["cells"]
    )
    assert f"{cells} passed" in done.stdout
    figures["seconds for all notebooks, network off"] = f"{time.monotonic() - began:.0f}"


def test_nbval_in_the_image_notices_a_changed_output() -> None:
    change = """
import json, pathlib
path = sorted(pathlib.Path('notebooks').glob('*.ipynb'))[0]
notebook = json.loads(path.read_text())
output = next(o for c in notebook['cells'] for o in c.get('outputs', []) if o.get('name') == 'stdout')
output['text'] = ['something else\\n']
path.write_text(json.dumps(notebook))
"""
    run = "python -m pytest --nbval --nbval-sanitize-with notebooks/sanitize.cfg -p no:cacheprovider -q -x notebooks"
    done = once("sh", "-c", f'python -c "$0" && {run}', change, options=OFFLINE, check=False)
    assert done.returncode == 1
    assert "mismatch 'stdout'" in done.stdout


def test_doctor_is_content(figures: dict[str, str]) -> None:
    done = once("qgraph", "doctor", "--json", options=OFFLINE)
    report = json.loads(done.stdout)
    assert report["ok"] is True
    assert all(check["ok"] for check in report["checks"])
    assert not LOUD.search(done.stderr)
    figures["qgraph doctor"] = json.dumps(report)
