"""Resolve pyproject.toml into hash-pinned lock files that name no package index."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
UV = Path(sysconfig.get_path("scripts")) / "uv"
RUN = ("--extra", "lab", "--extra", "qiskit")
GROUPS = ("browser", "build", "check", "test")
DEVELOP = (*RUN, *(word for group in GROUPS for word in ("--group", group)))
OUTPUTS = {"requirements.lock": RUN, "requirements-dev.lock": DEVELOP}


def lock(output: str, choices: tuple[str, ...]) -> None:
    """Write one lock file; the development lock takes the versions of the runtime lock."""
    constraints = [] if output == "requirements.lock" else ["--constraints", "requirements.lock"]
    command = [str(UV), "pip", "compile", "pyproject.toml", *choices, *constraints]
    command += ["--universal", "--python-version", "3.11", "--generate-hashes", "--upgrade", "--quiet"]
    command += ["--no-header", "--no-annotate", "--no-emit-index-url", "--output-file", output]
    subprocess.run(command, cwd=ROOT, check=True)
    print(f"{output}: {sum('==' in line for line in (ROOT / output).read_text().splitlines())} packages")


if __name__ == "__main__":
    for name, chosen in OUTPUTS.items():
        lock(name, chosen)
    sys.exit()
