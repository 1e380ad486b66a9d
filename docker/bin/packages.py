#!/opt/venv/bin/python -IS
"""Where `pip` of this image installs. pip runs this program as its interpreter (PIP_PYTHON).

Nobody can write /opt/venv in a running container. Packages of the user go into a virtual environment in the
work folder. It sees /opt/venv, and /opt/venv sees it last (`qgraph_packages.pth`). The constraints keep all
tested versions. Root, in a derived image, installs into /opt/venv under the same constraints.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

VENV = Path("/opt/venv")
CONSTRAINTS = "/opt/qgraph/constraints.txt"
VERSION = f"python{sys.version_info.major}.{sys.version_info.minor}"
# They are there from the start, because Python remembers folders that are missing.
PARTS = (f"lib/{VERSION}/site-packages", "bin")
# In the environment of the user, too, the packages of the image come first. Both Pythons read this file.
SEES = "import sys; sys.prefix == '{0}' or sys.path.insert(sys.path.index(sitedir), '{0}/{1}')\n"
OFFLINE = """The package index cannot be reached from this container, so nothing was installed.
Ask for a network, or put wheels into the work folder and run:
pip install --no-index --find-links=FOLDER PACKAGE"""
TESTED = f"""The packages of this image keep the versions that were tested ({CONSTRAINTS}).
For other versions, make an image of your own, or a separate environment: python -m venv FOLDER"""
COMPILER = """This package has no wheel for this platform, and the image has no compiler.
Build a wheel elsewhere, or install the package in an image of your own."""
FULL = "The work folder is full, so nothing was installed."
ADVICE = {
    r"NewConnectionError|NameResolutionError|ConnectTimeout|ProxyError|Network is unreachable": OFFLINE,
    r"\(constraint\)|ResolutionImpossible": TESTED,
    r"(command|directory:) '?\S*(gcc|g\+\+|cc|c\+\+)'?( failed|$)|Unknown compiler": COMPILER,
    r"No space left on device|Disk quota exceeded": FULL,
}


def make(folder: Path) -> None:
    """The user's environment, if it is not there yet. Raises `OSError`."""
    if (folder / "pyvenv.cfg").exists():
        return
    venv.EnvBuilder(symlinks=True).create(folder)
    (folder / PARTS[0] / "image.pth").write_text(SEES.format(VENV, PARTS[0]))


def environment_of(pip: str) -> Path:
    """The environment of the pip at this path: of this image, or one that a user made.

    >>> environment_of("/home/a/env/lib/python3.11/site-packages/pip/__pip-runner__.py").as_posix()
    '/home/a/env'
    """
    parents = Path(pip).parents
    return parents[4] if len(parents) > 4 else VENV


def left_behind() -> list[str]:
    """A line for each environment of another Python: what is installed there, and how to have it here."""
    here = os.environ.get("QGRAPH_PACKAGES")
    lines = []
    for folder in sorted(Path(here).parent.glob("python*")) if here else ():
        infos = folder.glob("lib/python*/site-packages/*.dist-info")
        names = sorted(path.name.split("-")[0] for path in infos)
        if folder.name != VERSION and names:
            lines.append(
                f"packages of {folder.name} are not used by {VERSION}: {', '.join(names)}. "
                f"Install them again with: pip install {' '.join(names)}. Then delete {folder}"
            )
    return lines


def watched(command: list[str]) -> int:
    """Run, pass on what it says, and add advice to a failure. Returns its exit code."""
    # Ctrl-C reaches both, and pip ends in its own way. A handler, unlike SIG_IGN, is not inherited.
    signal.signal(signal.SIGINT, lambda *_: None)
    process = subprocess.Popen(command, stderr=subprocess.PIPE)
    assert process.stderr is not None
    said = ""
    while chunk := os.read(process.stderr.fileno(), 65536):
        os.write(2, chunk)
        said = (said + chunk.decode(errors="replace"))[-100_000:]
    code = process.wait()
    advice = next((words for pattern, words in ADVICE.items() if re.search(pattern, said, re.MULTILINE)), "")
    if code and advice:
        print(f"\nqgraph: {advice}", file=sys.stderr)
    return code


def become(environment: Path, arguments: list[str]) -> None:
    """Go on as the Python of an environment. It finds its packages by its whole name."""
    python = str(environment / "bin/python")
    os.execv(python, [python, *arguments])


def main(arguments: list[str]) -> int:
    """Run pip, which is the first of `arguments`, for the right environment."""
    owner = environment_of(arguments[0])
    if owner != VENV and (owner / "bin/python").exists():  # somebody's own environment, with a pip of its own
        become(owner, arguments)
    os.environ["PIP_CONSTRAINT"] = f"{CONSTRAINTS} {os.environ.get('PIP_CONSTRAINT', '')}".strip()
    if os.access(VENV, os.W_OK):
        become(VENV, arguments)
    folder = Path(os.environ.get("QGRAPH_PACKAGES") or "/")
    if folder == Path("/"):
        print(
            "qgraph: packages of your own are switched off here (QGRAPH_PACKAGES is empty)", file=sys.stderr
        )
        return 1
    try:
        make(folder)
        temporary = tempfile.mkdtemp(prefix="tmp-", dir=folder)  # /tmp may be small, and count as memory
    except OSError as error:
        print(f"qgraph: packages cannot be kept: {error.strerror}: {error.filename}", file=sys.stderr)
        return 1
    os.environ["TMPDIR"] = temporary
    try:
        return watched([str(folder / "bin/python"), *arguments])
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
