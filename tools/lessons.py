"""Add the lessons and examples of this checkout to `docker/bin/lessons.json`, the list of all ever shipped.

An image replaces a user's lesson only if its content is in this list. `make notebooks` calls this program.
`python tools/lessons.py --history` adds all versions in git's history.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MANIFEST = ROOT / "docker" / "bin" / "lessons.json"
FOLDERS = ("notebooks", "examples")
SHIPPED = ("notebooks/*.ipynb", "examples")  # of these folders today


def git(*arguments: str, given: str = "") -> list[str]:
    """The lines that git prints."""
    command = ["git", *arguments]
    done = subprocess.run(command, cwd=ROOT, input=given, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def now() -> list[tuple[str, str]]:
    """Path and digest of each file that an image of this checkout ships."""
    paths = git("ls-files", "--cached", "--others", "--exclude-standard", *SHIPPED)
    present = [path for path in paths if (ROOT / path).is_file()]
    return list(zip(present, git("hash-object", "--stdin-paths", given="\n".join(present)), strict=True))


def before() -> list[tuple[str, str]]:
    """The same for all commits, oldest first."""
    options = ("--reverse", "--format=", "--raw", "--no-abbrev", "--no-renames", "--diff-filter=AM")
    rows = [line.split(maxsplit=5) for line in git("log", *options, "--", *FOLDERS) if line]
    return [(row[5], row[3]) for row in rows]


def main(arguments: list[str]) -> None:
    """Write the list; nothing is ever removed from it."""
    ever: dict[str, list[str]] = json.loads(MANIFEST.read_text()) if MANIFEST.exists() else {}
    for path, digest in [*(before() if arguments == ["--history"] else []), *now()]:
        versions = ever.setdefault(path, [])
        if digest not in versions:
            versions.append(digest)
    MANIFEST.write_text(json.dumps(dict(sorted(ever.items())), indent=1) + "\n")
    print(f"{MANIFEST.name}: {sum(map(len, ever.values()))} versions of {len(ever)} files")


if __name__ == "__main__":
    main(sys.argv[1:])
