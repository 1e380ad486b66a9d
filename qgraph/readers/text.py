"""Read a text file of bounded size, whatever its encoding mark says."""

from __future__ import annotations

import codecs
import os
import re
import stat
from pathlib import Path

from qgraph.errors import InvalidFile, InvalidInput

LARGEST_FILE = 16 * 2**20
NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?", re.ASCII)
MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


def read_text(path: str | os.PathLike[str], max_bytes: int) -> str:
    """The text of a regular file of at most `max_bytes`: UTF-8, or UTF-16 with a byte-order mark."""
    name = Path(path).name
    try:
        with open(path, "rb", opener=_without_waiting) as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise InvalidFile(f"{name}: must be a regular file")
            if status.st_size > max_bytes:
                raise InvalidFile(f"{name}: must be at most {max_bytes} bytes, got {status.st_size}")
            data = file.read(max_bytes + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise error if isinstance(error, InvalidFile) else InvalidFile(f"{name}: {reason}") from None
    if len(data) > max_bytes:
        raise InvalidFile(f"{name}: must be at most {max_bytes} bytes")
    encoding = next((encoding for mark, encoding in MARKS.items() if data.startswith(mark)), "utf-8")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise InvalidFile(f"{name}: must be {encoding} text, and byte {error.start} is not") from None
    if "\0" in text:
        raise InvalidFile(f"{name}: must be text, and character {text.index(chr(0))} is a null")
    return text


def number(word: str, place: str) -> float:
    """A finite number written as text; `place` names where it stands."""
    value = float(word) if NUMBER.fullmatch(word) else float("nan")
    if not abs(value) < float("inf"):
        raise InvalidInput(f"{place}: must be a finite number, got {word[:40]!a}")
    return value


def whole(word: str, place: str, most: int) -> int:
    """A whole number from 0 to `most` written as text; `place` names where it stands."""
    if not (word.isascii() and word.isdigit() and len(word) < 20 and int(word) <= most):
        raise InvalidInput(f"{place}: must be a whole number from 0 to {most}, got {word[:40]!a}")
    return int(word)


def _without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
