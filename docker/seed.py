"""Copy the shipped files into the work folder. A file that already exists there is never changed.

The name is all that counts. If a lesson has a new number, the file with the old number stays, and the lesson
with the new number is added.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path


def copy(source: Path, target: Path) -> None:
    """Copy one complete file or none. Raises `FileExistsError` if the name already exists."""
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        part.write_bytes(source.read_bytes())
        try:
            os.link(part, target)  # unlike a rename, a link never replaces a file
        except FileExistsError:
            raise
        except OSError:  # a file system without hard links
            with target.open("xb") as stream:
                stream.write(part.read_bytes())
    finally:
        part.unlink(missing_ok=True)


def seed(shipped: Path, work: Path) -> None:
    """Copy every file of `shipped` that `work` does not have."""
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
        sys.exit(f"qgraph: the lessons could not be copied: {error.strerror}: {error.filename}")
