"""Resolve pyproject.toml into lock files with hashes and without the address of a package index.

`python tools/lock.py docker/image.lock` resolves one of them. `make lock` resolves all of them.
"""

from __future__ import annotations

import re
import subprocess
import sys
import sysconfig
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parent.parent
UV = Path(sysconfig.get_path("scripts")) / "uv"
RUN = ("--extra", "lab", "--extra", "qiskit", "--extra", "study")
GROUPS = ("browser", "build", "check", "docs", "format", "test")
DEVELOP = (*RUN, *(word for group in GROUPS for word in ("--group", group)))
SAME = ("--constraints", "requirements.lock")  # tests use the versions of the installed package
PEERS = ("benchmarks/requirements.in", "--group", "build", "--overrides", "benchmarks/overrides.txt")
OUTPUTS = {
    "requirements.lock": ("pyproject.toml", *RUN),
    "requirements-dev.lock": ("pyproject.toml", *DEVELOP, *SAME),
    "benchmarks/requirements.lock": ("pyproject.toml", *PEERS),
    # What only the image needs. Shared packages have the versions of the other lock files.
    "docker/build.lock": ("--group", "build", "--constraints", "requirements-dev.lock"),
    "docker/image.lock": ("pyproject.toml", *RUN, "--group", "image", *SAME),
    "docker/hub.lock": ("--group", "hub-test", *SAME, "--constraints", "docker/image.lock"),
    "docker/lint.lock": ("--group", "image-lint"),
    "docker/docs.lock": ("--group", "docs", "--constraints", "requirements-dev.lock"),
    "tools/wheel.lock": ("--group", "wheel", "--group", "build", "--constraints", "requirements-dev.lock"),
}


def lock(output: str, choices: tuple[str, ...]) -> None:
    """Write one lock file."""
    command = [str(UV), "pip", "compile", *choices]
    if output == "docker/image.lock":  # it is installed together with requirements.lock
        pinned = re.findall(r"^([a-z0-9.-]+)==", (ROOT / "requirements.lock").read_text(), flags=re.MULTILINE)
        command += [option for name in sorted(set(pinned)) for option in ("--no-emit-package", name)]
    command += ["--universal", "--python-version", "3.11", "--generate-hashes", "--upgrade", "--quiet"]
    command += ["--no-header", "--no-annotate", "--no-emit-index-url", "--output-file", output]
    subprocess.run(command, cwd=ROOT, check=True)
    if output == "requirements-dev.lock":
        measure(ROOT / output)
    print(f"{output}: {sum('==' in line for line in (ROOT / output).read_text().splitlines())} packages")


def measure(output: Path) -> None:
    """Write into the first line what `make setup` downloads, on a platform like this one."""
    with TemporaryDirectory() as folder:
        choices = ("--quiet", "--no-deps", "--require-hashes", "--only-binary", ":all:")
        command = (sys.executable, "-m", "pip", "download", *choices, "--dest", folder, "-r", str(output))
        subprocess.run(command, check=True)
        sizes = [path.stat().st_size for path in Path(folder).iterdir()]
    words = f"# {len(sizes)} packages, {sum(sizes) / 1e6:.0f} MB to download"
    output.write_text(f"{words}\n{output.read_text()}")


if __name__ == "__main__":
    for name in sys.argv[1:] or OUTPUTS:
        lock(name, OUTPUTS[name])
