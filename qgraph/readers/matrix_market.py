"""Matrix Market files as graphs: a square matrix of weights."""

from __future__ import annotations

import io
import itertools
from typing import Any

from qgraph import conversions
from qgraph.edges import LARGEST_EDGES, WEIGHT, Choices, EdgeList
from qgraph.errors import InvalidInput, require
from qgraph.generators import LARGEST_GRAPH
from qgraph.graph import Graph
from qgraph.readers.text import lines_of, whole

FORMS = {"coordinate": 3, "array": 2}
KINDS = ("real", "integer", "pattern", "double")
SYMMETRIES = ("general", "symmetric")


def graph(text: str, choices: Choices) -> Graph:
    """The graph of a square matrix, nodes from 1: an entry is an edge, its value the weight (a pattern: 1).

    A general matrix is an undirected graph if it is symmetric, or if it has entries on one side of the
    diagonal alone. Zeros of the array form are no edges. Source: Boisvert, Pozo, Remington, NISTIR 5935.
    """
    choices.require_weight({WEIGHT})
    form, size = _header(text)
    from scipy.io import mmread

    try:
        matrix: Any = mmread(io.BytesIO(text.encode()))
    except (ValueError, OverflowError) as error:
        raise InvalidInput(f"not a Matrix Market file: {error}") from None
    if form == "array":
        rows, columns = matrix.nonzero()
        values = matrix[rows, columns]
    else:
        (rows, columns), values = matrix.coords, matrix.data
    edges = EdgeList("entry {}", choices)
    names = [str(i + 1) for i in range(size)]
    edges.add_matrix(names, rows, columns, values)
    return conversions.build(Graph, **edges.fields(names))


def _header(text: str) -> tuple[str, int]:
    """The form and the number of rows, checked before anything is reserved for the entries."""
    lines = ((at, line) for at, line in lines_of(text) if at == 1 or (line.strip() and line[0] != "%"))
    head = [(at, line.split()) for at, line in itertools.islice(lines, 2)]
    banner = [word.lower() for word in head[0][1]]
    if len(banner) != 5 or banner[:2] != ["%%matrixmarket", "matrix"]:
        raise InvalidInput("line 1: must be `%%MatrixMarket matrix form kind symmetry`")
    for word, known in zip(banner[2:], (FORMS, KINDS, SYMMETRIES), strict=True):
        require(word in known, "line 1", f"must say one of {', '.join(known)}", word)
    numbers = head[1][1] if len(head) > 1 else []
    if len(numbers) != FORMS[banner[2]]:
        raise InvalidInput("must have a line with the numbers of rows and columns")
    at = head[1][0]
    rows, columns, *entries = (whole(word, f"line {at}", LARGEST_GRAPH**2) for word in numbers)
    if rows != columns:
        raise InvalidInput(f"line {at}: the matrix must be square, got {rows} rows and {columns} columns")
    size = whole(numbers[0], f"line {at}: number of rows", LARGEST_GRAPH)
    announced = entries[0] if entries else rows * columns
    if announced > min(len(text), 2 * LARGEST_EDGES):
        raise InvalidInput(f"line {at}: announces {announced} entries, more than there are")
    return banner[2], size
