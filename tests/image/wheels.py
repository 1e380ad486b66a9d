"""Wheels for tests of `pip`: made by hand, or those of the lock file."""

from __future__ import annotations

import base64
import hashlib
import re
import subprocess
import sys
import zipfile
from pathlib import Path

from image.container import ROOT


def wheel(
    folder: Path,
    name: str,
    version: str = "1.0",
    *,
    needs: str = "",
    code: str = "",
    data: dict[str, str] | None = None,
) -> Path:
    """A wheel with one module, files of the environment, and a command that prints `name version`."""
    info = f"{name}-{version}.dist-info"
    main = f"def main():\n    print('{name} {version}')\n"
    require = f"Requires-Dist: {needs}\n" if needs else ""
    files = {
        f"{name}.py": code + main,
        **{f"{name}-{version}.data/data/{path}": text for path, text in (data or {}).items()},
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\nLicense: MIT License\n{require}",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/entry_points.txt": f"[console_scripts]\n{name} = {name}:main\n",
    }
    rows = [f"{path},sha256={digest(text)},{len(text)}" for path, text in files.items()]
    files[f"{info}/RECORD"] = "\n".join([*rows, f"{info}/RECORD,,", ""])
    path = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for inside, text in files.items():
            archive.writestr(inside, text)
    for entry in (folder, path):
        entry.chmod(0o755)
    return path


def digest(text: str) -> str:
    """The form in which RECORD has a SHA-256."""
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()


def download(folder: Path, *names: str) -> None:
    """The wheels of these packages, in the versions of requirements.lock."""
    text = (ROOT / "requirements.lock").read_text()
    pins = [re.search(rf"^{name}==\S+", text, flags=re.MULTILINE) for name in names]
    chosen = [pin[0] for pin in pins if pin is not None]
    assert len(chosen) == len(names)
    command = (sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:")
    subprocess.run((*command, "--python-version", "3.11", "--dest", str(folder), *chosen), check=True)
    folder.chmod(0o755)
