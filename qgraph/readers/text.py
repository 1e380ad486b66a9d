"""Read a text file of bounded size, and the lines and numbers in it."""

from __future__ import annotations

import codecs
import gzip
import io
import os
import re
import stat
import zlib
from collections.abc import Iterator
from pathlib import Path

from qgraph.base.errors import InvalidFile, InvalidInput, printable

LARGEST_FILE = 16 * 2**20
NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?", re.ASCII)
WHOLE = re.compile(r"0|[1-9][0-9]{0,17}")  # the name of a node: one way to write each number
MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


def ending_of(path: str | os.PathLike[str]) -> str:
    """The ending that names the format, in lower case, without the `.gz` that may follow it."""
    name = Path(path)
    return (Path(name.stem) if name.suffix.lower() == ".gz" else name).suffix.lower()


def read_text(path: str | os.PathLike[str], max_bytes: int) -> str:
    """The text of a regular file of at most `max_bytes`: UTF-8, or UTF-16 with a byte-order mark.

    A file that ends in `.gz` is decompressed. The limit then holds before and after.
    """
    name = printable(Path(path).name)
    try:
        with open(path, "rb", opener=_without_waiting) as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise InvalidFile(f"{name}: must be a regular file")
            if status.st_size > max_bytes:
                raise InvalidFile(f"{name}: must be at most {max_bytes} bytes, got {status.st_size}")
            data = file.read(max_bytes + 1)
        if Path(path).suffix.lower() == ".gz":
            data = gzip.GzipFile(fileobj=io.BytesIO(data)).read(max_bytes + 1)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise InvalidFile(f"{name}: must be compressed by gzip: {error}") from None
    except FileNotFoundError:
        where = printable(str(Path(path).absolute().parent))
        raise InvalidFile(f"{name}: No such file or directory in {where}") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise error if isinstance(error, InvalidFile) else InvalidFile(f"{name}: {reason}") from None
    if len(data) > max_bytes:
        raise InvalidFile(f"{name}: must be at most {max_bytes} bytes")
    encoding = next((encoding for mark, encoding in MARKS.items() if data.startswith(mark)), "utf-8")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        rule = f"must be {encoding} text, and byte {error.start} is not; save it as UTF-8"
        raise InvalidFile(f"{name}: {rule}") from None
    if "\0" in text:
        raise InvalidFile(f"{name}: must be text, and character {text.index(chr(0))} is a null")
    return text


def lines_of(text: str) -> Iterator[tuple[int, str]]:
    """The lines of a text and their numbers, from 1; only line breaks end a line."""
    return enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), start=1)


def rows_of(text: str, *comments: str) -> Iterator[tuple[int, list[str]]]:
    """The number of each line, from 1, and its words; without blank lines and lines that begin a comment."""
    rows = ((at, line.split()) for at, line in lines_of(text))
    return ((at, words) for at, words in rows if words and not words[0].startswith(comments))


def number(word: str, place: str) -> float:
    """A finite number written as text; errors begin with `place`."""
    value = float(word) if NUMBER.fullmatch(word) else float("nan")
    if not abs(value) < float("inf"):
        raise InvalidInput(f"{place}: must be a finite number, got {word[:40]!a}")
    return value


def weight_of(words: list[str], column: int, line: int) -> float:
    """The weight in a column of this line; 1 if the line ends before it."""
    return number(words[column], f"line {line}: weight") if len(words) > column else 1.0


def whole(word: str, place: str, most: int) -> int:
    """A whole number from 0 to `most` written as text; errors begin with `place`."""
    if not (word.isascii() and word.isdigit() and len(word) < 20 and int(word) <= most):
        raise InvalidInput(f"{place}: must be a whole number from 0 to {most}, got {word[:40]!a}")
    return int(word)


def numbered(word: str, place: str, most: int, what: str = "node") -> int:
    """A whole number from 1 to `most`, the name of a node or of `what`; errors begin with `place`."""
    value = whole(word, f"{place}: {what}", most)
    if value == 0:
        raise InvalidInput(f"{place}: {what}s are numbered from 1, got 0")
    return value


class Numbered:
    """The names of nodes that are numbered from 1 to `n`, by the number as a file writes it."""

    def __init__(self, n: int) -> None:
        self.names = {str(i): str(i) for i in range(1, n + 1)}

    def __call__(self, word: str, line: int) -> str:
        """The name of the node that `word` numbers on this line. Raises `InvalidInput`."""
        name = self.names.get(word)
        return name or str(numbered(word, f"line {line}", len(self.names)))


def _without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
