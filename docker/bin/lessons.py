#!/opt/venv/bin/python -I
"""Keep the shipped lessons in the work folder up to date, and never change what a person has changed.

`lessons.json` names every version of every lesson that was ever shipped. A file with one of these contents
was not changed, so a newer version replaces it. Any other file stays. `qgraph-lessons` in a terminal shows
the state of each lesson. `qgraph-lessons --beside` lays the shipped version beside each changed lesson.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from pathlib import Path

SHARE = Path("/opt/qgraph/share")
MANIFEST = Path(__file__).resolve().with_name("lessons.json")
Shipped = dict[str, list[str]]


def shipped_ever() -> Shipped:
    """The digests of all versions that were ever shipped, by path."""
    return dict(json.loads(MANIFEST.read_text()))


def digest(content: bytes) -> str:
    """The name of this content in git, so `git hash-object` shows the same.

    >>> digest(b"")
    'e69de29bb2d1d6434b8b29ae775ad8c2e48c5391'
    """
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def lay(source: Path, target: Path, *, replace: bool = False) -> None:
    """Copy one complete file or none. Raises `FileExistsError` if the name exists and may not be replaced."""
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        part.write_bytes(source.read_bytes())
        if replace:
            part.replace(target)
            return
        try:
            os.link(part, target)  # unlike a rename, a link never replaces a file
        except FileExistsError:
            raise
        except OSError:  # a file system without hard links
            with target.open("xb") as stream:
                stream.write(part.read_bytes())
    finally:
        part.unlink(missing_ok=True)


def untouched(path: Path, versions: list[str]) -> bool:
    """Whether `path` is a file with one of these contents."""
    return path.is_file() and not path.is_symlink() and digest(path.read_bytes()) in versions


def offered(share: Path) -> list[str]:
    """The paths of all files that this image lays out."""
    return sorted(str(path.relative_to(share)) for path in share.rglob("*") if path.is_file())


def update(share: Path, work: Path, ever: Shipped) -> str:
    """Add, replace and remove lessons in `work`; what was done, in one line, or nothing.

    In a repository (`.git`), files are only added: their versions are git's matter. Raises `OSError`.
    """
    added, replaced, removed, kept = [], [], [], []
    own_versions = (work / ".git").exists()
    for name in offered(share):
        target = work / name
        content = (share / name).read_bytes()
        if not os.path.lexists(target):
            lay(share / name, target)
            added.append(name)
        elif own_versions or untouched(target, [digest(content)]):
            continue
        elif untouched(target, ever.get(name, [])):
            lay(share / name, target, replace=True)
            replaced.append(name)
        else:
            kept.append(name)
    if not own_versions:
        for name in sorted(ever.keys() - set(offered(share))):
            if untouched(work / name, ever[name]):
                (work / name).unlink()
                removed.append(name)
    if not (added or replaced or removed):
        return ""
    done = {"added": added, "updated": replaced, "removed": removed}
    counts = [f"{len(names)} {verb}" for verb, names in done.items() if names]
    stays = f"; kept with your changes: {', '.join(kept)}" if kept else ""
    return ", ".join(counts) + stays


def beside(path: Path, version: str) -> Path:
    """The name of the shipped version beside a changed lesson.

    >>> beside(Path("notebooks/01_maxcut.ipynb"), "0.2.0").name
    '01_maxcut.shipped-0.2.0.ipynb'
    """
    return path.with_name(f"{path.stem}.shipped-{version}{path.suffix}")


def report(share: Path, work: Path, ever: Shipped, *, lay_beside: bool) -> list[str]:
    """One line for each lesson. `lay_beside` lays the shipped version beside each changed one."""
    from importlib.metadata import version

    lines = []
    for name in offered(share):
        target = work / name
        changed = target.exists() and not untouched(
            target, [*ever.get(name, []), digest((share / name).read_bytes())]
        )
        state = "changed by you" if changed else "as shipped" if target.exists() else "not here"
        if changed and lay_beside:
            copy = beside(target, version("qgraph"))
            if not copy.exists():
                lay(share / name, copy)
            state += f"; the shipped version is {copy.name}"
        lines.append(f"{name}: {state}")
    return lines


def main(arguments: list[str]) -> None:
    """`qgraph-lessons [--beside]`."""
    if arguments not in ([], ["--beside"]):
        sys.exit("usage: qgraph-lessons [--beside]    --beside: lay shipped versions beside changed lessons")
    work = Path(os.environ.get("QGRAPH_WORK") or Path.cwd())
    try:
        print(*report(SHARE, work, shipped_ever(), lay_beside=bool(arguments)), sep="\n")
    except OSError as error:
        sys.exit(f"qgraph-lessons: {error.strerror}: {error.filename}")


if __name__ == "__main__":
    main(sys.argv[1:])
