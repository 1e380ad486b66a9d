"""Resolve pyproject.toml into hash-pinned lock files that name no package index."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
UV = Path(sysconfig.get_path("scripts")) / "uv"
RUN = ("--extra", "lab", "--extra", "qiskit")
DEVELOP = (*RUN, "--group", "build", "--group", "check", "--group", "test")
SAME = ("--constraints", "requirements.lock")  # tests take the versions that run
PEERS = ("benchmarks/requirements.in", "--group", "build", "--overrides", "benchmarks/overrides.txt")
OUTPUTS = {
    "requirements.lock": RUN,
    "requirements-dev.lock": (*DEVELOP, *SAME),
    "benchmarks/requirements.lock": PEERS,
}


def lock(output: str, choices: tuple[str, ...]) -> None:
    """Write one lock file."""
    command = [str(UV), "pip", "compile", "pyproject.toml", *choices]
    command += ["--universal", "--python-version", "3.11", "--generate-hashes", "--upgrade", "--quiet"]
    command += ["--no-header", "--no-annotate", "--no-emit-index-url", "--output-file", output]
    subprocess.run(command, cwd=ROOT, check=True)
    print(f"{output}: {sum('==' in line for line in (ROOT / output).read_text().splitlines())} packages")


if __name__ == "__main__":
    for name in sys.argv[1:] or OUTPUTS:
        lock(name, OUTPUTS[name])
