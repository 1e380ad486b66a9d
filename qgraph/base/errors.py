"""Errors, and how messages show values: each names the argument, the rule and the value."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydantic import ValidationError


LONGEST_VALUE = 80
NUMPY_SCALAR = re.compile(r"\bnp\.\w+\(([^()]*)\)")


class QGraphError(Exception):
    """Any error that qgraph raises on purpose.

    >>> from qgraph import Graph
    >>> try:
    ...     Graph.ring(2)
    ... except QGraphError as error:
    ...     print(error)
    `n` must be a whole number from 3 to 1000000, got 2
    """


class InvalidInput(QGraphError, ValueError):
    """An argument, model or file breaks a rule.

    >>> from qgraph import Graph, MaxCut, solve_qaoa
    >>> solve_qaoa(MaxCut(Graph.ring(4)), depth=0)
    Traceback (most recent call last):
    qgraph.base.errors.InvalidInput: `depth` must be a whole number of at least 1, got 0
    """


class InvalidFile(InvalidInput):
    """A file is too large, unreadable, or not in the format that its ending names.

    >>> from qgraph import read_graph
    >>> read_graph("no-such-file.json")
    Traceback (most recent call last):
    qgraph.base.errors.InvalidFile: no-such-file.json: No such file or directory in ...
    """


class ProblemTooLarge(QGraphError):
    """The request needs too much memory or time; the message says what would fit.

    >>> from qgraph import Graph, MaxCut, simulate
    >>> simulate(MaxCut(Graph.ring(1000)), [0.4], [0.3])
    Traceback (most recent call last):
    qgraph.base.errors.ProblemTooLarge: ...
    """


class MissingDependency(QGraphError, ImportError):
    """An optional package is needed for this; the message says how to install it.

    >>> issubclass(MissingDependency, ImportError)
    True
    """


def shown(value: object) -> str:
    """A value as an error message shows it: its repr in ASCII, at most one line long.

    >>> import numpy as np
    >>> shown((np.float64(0.5), "a"))
    "(0.5, 'a')"
    >>> shown("a" * 200)[-10:]
    'aaaaaaa...'
    """
    try:
        text = plain(ascii(value))
    except Exception:  # a foreign object's repr may raise anything
        text = f"a {type(value).__name__}"
    return text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 3] + "..."


def plain(text: str) -> str:
    """A repr without the types of NumPy's scalars: `np.float64(0.5)` becomes 0.5."""
    return NUMPY_SCALAR.sub(r"\1", text)


def printable(text: str) -> str:
    r"""A name as people see it: control, invisible and direction-changing characters are escaped.

    >>> print(printable("café \x1b[31m"))
    café \x1b[31m
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def first_complaint(error: ValidationError, within: str = "", *, skipped: int = 0) -> str:
    """The first complaint of a pydantic error on one line: place, rule and value.

    `within` replaces the first `skipped` steps of the place.
    """
    details = error.errors(include_url=False)
    first = details[0]
    place = ".".join([*([within] if within else []), *(str(part) for part in first["loc"][skipped:])])
    rule = first["msg"].removeprefix("Value error, ").replace("Input should ", "must ", 1)
    value = "" if first["type"] in ("missing", "value_error") else f", got {shown(first['input'])}"
    more = f" (and {len(details) - 1} more)" if len(details) > 1 else ""
    return f"{f'`{place}`: ' if place else ''}{rule}{value}{more}"
