"""Remove debugging symbols from extension modules (`python strip.py /opt/venv`).

Many wheels have them: 60 MB in all. Some libraries in wheels were edited, so `strip` can break their layout.
Each result is checked. If it would not load, the original file stays.
"""

from __future__ import annotations

import os
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

PT_LOAD = 1


def loadable(path: Path) -> bool:
    """Whether each segment's offset in a 64-bit ELF file agrees with its address, as the loader needs."""
    data = path.read_bytes()
    if data[:5] != b"\x7fELF\x02":
        return False
    order = "<" if data[5] == 1 else ">"
    start = struct.unpack_from(f"{order}Q", data, 32)[0]
    size, count = struct.unpack_from(f"{order}HH", data, 54)
    for i in range(count):
        kind, _, offset, address, _, _, _, align = struct.unpack_from(
            f"{order}IIQQQQQQ", data, start + i * size
        )
        if kind == PT_LOAD and align > 1 and (offset - address) % align:
            return False
    return True


def strip(path: Path) -> int:
    """Strip a file in place and return the bytes saved; 0 if that is not safe."""
    descriptor, name = tempfile.mkstemp(dir=path.parent)
    os.close(descriptor)
    part = Path(name)
    try:
        command = ["strip", "--strip-unneeded", "-p", "-o", str(part), str(path)]
        done = subprocess.run(command, capture_output=True, check=False).returncode == 0
        gain = path.stat().st_size - part.stat().st_size
        if not (done and gain > 0 and loadable(part)):
            return 0
        part.chmod(path.stat().st_mode)
        part.replace(path)
        return gain
    finally:
        part.unlink(missing_ok=True)


if __name__ == "__main__":
    modules = [
        path
        for path in Path(sys.argv[1]).rglob("*.so")
        if path.is_file() and not path.is_symlink() and not path.parent.name.endswith(".libs")
    ]
    gains = [strip(path) for path in modules]
    print(f"{sum(gains) / 1e6:.1f} MB out of {sum(map(bool, gains))} of {len(modules)} extension modules")
