"""Matrix Market files as graphs: a square matrix of weights."""

from __future__ import annotations

import numpy as np

from qgraph.base.errors import InvalidInput, shown
from qgraph.models.build import build
from qgraph.models.edges import LARGEST_EDGES, WEIGHT, Choices, EdgeList
from qgraph.models.generators import LARGEST_GRAPH
from qgraph.models.graph import Graph
from qgraph.readers.text import lines_of, number, numbered, rows_of, whole

FORMS = {"coordinate": 3, "array": 2}  # and how many numbers give the size
FIELDS = ("real", "integer", "pattern", "double")
SYMMETRIES = ("general", "symmetric")


def graph(text: str, choices: Choices) -> Graph:
    """The graph of a square matrix, nodes from 1: an entry is an edge, its value the weight (a pattern: 1).

    A general matrix is an undirected graph if it is symmetric or triangular. Zeros of the array form are not
    edges. Source: Boisvert, Pozo, Remington, NISTIR 5935.
    """
    # SciPy has a reader, but version 1.17 crashes on a last line such as `3 2 2#`.
    choices.require_weight({WEIGHT})
    form, field, symmetry = _banner(next(lines_of(text))[1].split())
    lines = rows_of(text, "%")
    at, sizes = next(lines, (1, []))
    if len(sizes) != FORMS[form]:
        raise InvalidInput(f"line {at}: must have {FORMS[form]} numbers for the size, got {len(sizes)}")
    size = whole(sizes[0], f"line {at}: number of rows", LARGEST_GRAPH)
    if whole(sizes[1], f"line {at}: number of columns", LARGEST_GRAPH) != size:
        raise InvalidInput(f"line {at}: the matrix must be square, got {size} rows and {sizes[1]} columns")
    if form == "coordinate":
        count = whole(sizes[2], f"line {at}: number of entries", 2 * LARGEST_EDGES)
        entries = [_entry(words, place, size, field) for place, words in lines]
    else:
        count = size * (size + 1) // 2 if symmetry == "symmetric" else size**2
        cells = ((i, j) for j in range(size) for i in range(j if symmetry == "symmetric" else 0, size))
        values = ((place, word) for place, words in lines for word in words)
        filled = zip(cells, values, strict=False)
        entries = [(i, j, number(word, f"line {place}: value"), place) for (i, j), (place, word) in filled]
        entries += [(0, 0, 0.0, place) for place, _ in values]  # values beyond the last cell
    if len(entries) != count:
        raise InvalidInput(f"line {at} announces {count} entries, and {len(entries)} follow")
    names = [str(i + 1) for i in range(size)]
    entries = [entry for entry in entries if entry[2] or (entry[0] != entry[1] and form == "coordinate")]
    if symmetry == "symmetric":
        edges = EdgeList("line {}", choices)
        for i, j, value, place in entries:
            edges.add(names[min(i, j)], names[max(i, j)], value, place)
    else:
        edges = EdgeList("entry {}", choices)
        table = np.array(entries, dtype=np.float64).reshape(-1, 4)
        edges.add_matrix(names, *table.T[:3])
    return build(Graph, **edges.fields(names))


def _banner(words: list[str]) -> list[str]:
    """The form, field and symmetry that the first line names."""
    banner = [word.lower() for word in words]
    if len(banner) != 5 or banner[:2] != ["%%matrixmarket", "matrix"]:
        raise InvalidInput("line 1: must be `%%MatrixMarket matrix form field symmetry`")
    for word, known in zip(banner[2:], (FORMS, FIELDS, SYMMETRIES), strict=True):
        if word not in known:
            raise InvalidInput(f"line 1: must name one of {', '.join(known)}, got {shown(word)}")
    return banner[2:]


def _entry(words: list[str], at: int, size: int, field: str) -> tuple[int, int, float, int]:
    if len(words) != (2 if field == "pattern" else 3):
        form = "i j" if field == "pattern" else "i j value"
        raise InvalidInput(f"line {at}: must be `{form}`, got {shown(' '.join(words))}")
    i, j = numbered(words[0], f"line {at}", size), numbered(words[1], f"line {at}", size)
    return i - 1, j - 1, 1.0 if field == "pattern" else number(words[2], f"line {at}: value"), at
