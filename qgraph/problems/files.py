"""Problems from files."""

from __future__ import annotations

from os import PathLike

from qgraph.problems.qubo import QUBO
from qgraph.readers import parse_file
from qgraph.readers.text import LARGEST_FILE


def _qbsolv(text: str) -> QUBO:
    from qgraph.readers.qubo import qbsolv

    return QUBO(qbsolv(text))


def _biqmac(text: str) -> QUBO:
    from qgraph.readers.qubo import biqmac

    return QUBO(biqmac(text))


PROBLEM_READERS = {".qubo": _qbsolv, ".bq": _biqmac, ".sparse": _biqmac}


def read_problem(path: str | PathLike[str], *, max_bytes: int = LARGEST_FILE) -> QUBO:
    r"""Read a QUBO, which is minimised; the file's ending names its format, and `.gz` may follow it.

    `.qubo`: D-Wave's qbsolv, bits from 0, where the term of a pair counts once. `.bq`, `.sparse`: the Biq
    Mac library, bits from 1, where x'Qx counts it twice. Raises `InvalidFile`.

    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "two.bq")
    ...     _ = path.write_text("2 2\n1 1 -3\n1 2 2.5\n")
    ...     read_problem(path).objective([[1, 0], [1, 1]])
    array([-3.,  2.])
    """
    return parse_file(path, PROBLEM_READERS, max_bytes)
