"""Install a wheel into an empty environment, where no compiler is found, and use it."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = """
import qgraph as qg
from qgraph.simulation.library import kernel
graph = qg.Graph.from_edges([("a", "b", 2.5), ("b", "c", 1.0), ("c", "a", 0.5)])
print(kernel(), qg.solve_qaoa(qg.MaxCut(graph), depth=2, seed=7).best.objective)
"""


def main(wheel: Path) -> None:
    """Fail if the wheel cannot be installed or has no native kernel, or if its values are wrong."""
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        programs = Path(folder, "Scripts" if sys.platform == "win32" else "bin")
        constraints = Path(folder, "constraints.txt")
        lock = (ROOT / "requirements.lock").read_text()
        pinned = re.findall(r"^([\w.-]+==.*?) *\\?$", lock, flags=re.MULTILINE)  # with markers
        constraints.write_text("\n".join(pinned))

        def run(*words: str) -> str:
            command = [str(programs / words[0]), *words[1:]]
            paths = {"PATH": str(programs), "HOME": folder, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
            return subprocess.run(
                command, cwd=folder, env=paths, check=True, stdout=subprocess.PIPE, text=True
            ).stdout

        choices = ("--quiet", "--only-binary", ":all:", "--constraint", str(constraints))
        run("python", "-m", "pip", "install", *choices, str(wheel.resolve()))
        print(run("qgraph", "doctor"))
        name, value = run("python", "-c", PROGRAM).split()
        if name == "reference" or value != "3.5":
            sys.exit(f"the wheel must have a native kernel and cut 3.5, got {name} and {value}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
