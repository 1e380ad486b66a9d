"""Copy shipped files into the work folder where they are absent; whatever exists is left alone."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def copy(source: Path, target: Path) -> None:
    """Copy one file whole or not at all; raise `FileExistsError` where anything has that name."""
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        part.write_bytes(source.read_bytes())
        try:
            os.link(part, target)  # unlike a rename, it never replaces
        except FileExistsError:
            raise
        except OSError:  # a file system without hard links
            with target.open("xb") as stream:
                stream.write(part.read_bytes())
    finally:
        part.unlink(missing_ok=True)


def seed(shipped: Path, work: Path) -> None:
    """Lay out every file of `shipped` below `work`."""
    for source in sorted(path for path in shipped.rglob("*") if path.is_file()):
        target = work / source.relative_to(shipped)
        if os.path.lexists(target):
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        copy(source, target)


if __name__ == "__main__":
    try:
        seed(Path(sys.argv[1]), Path(sys.argv[2]))
    except OSError as error:
        sys.exit(f"qgraph: the shipped notebooks could not be laid out: {error.strerror}: {error.filename}")
