"""Checks of what an Ising model is made of: names of nodes, fields and couplings as people give them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from qgraph.base.checks import require
from qgraph.base.errors import InvalidInput, shown
from qgraph.base.fields import as_name, finite


def entries(argument: str, values: Any) -> dict[Any, Any]:
    """A mapping as it is; a sequence as the mapping from its indices."""
    if isinstance(values, Mapping):
        return dict(values)
    row = isinstance(values, (list, tuple)) or (isinstance(values, np.ndarray) and values.ndim == 1)
    require(row, argument, "must be a mapping or a one-dimensional sequence", values)
    return dict(enumerate(values))


def node_name(name: object) -> str:
    """A node's name as text. Raises `InvalidInput`."""
    text = as_name(name)
    require(isinstance(text, str) and text != "", "h", "must have text or whole numbers as node names", name)
    return str(text)


def indices(key: object, index: dict[str, int]) -> tuple[int, int]:
    """The indices of a pair of nodes, the smaller one first. Raises `InvalidInput`."""
    if not (isinstance(key, tuple) and len(key) == 2):
        raise InvalidInput(f"`J` must have pairs of nodes as keys, got {shown(key)}")
    i, j = (index.get(node_name(name), -1) for name in key)
    require(min(i, j) >= 0, "J", "must name nodes of `h`", key)
    require(i != j, "J", "must couple different nodes", key)
    return (i, j) if i < j else (j, i)


def nonzero(matrix: Any, n: int) -> dict[tuple[int, int], float]:
    """The couplings in a symmetric or upper triangular array, each pair once. Raises `InvalidInput`."""
    square = isinstance(matrix, np.ndarray) and matrix.shape == (n, n) and matrix.dtype.kind in "iuf"
    require(square, "J", f"must be a mapping or a numeric array of shape {(n, n)}", matrix)
    require(not matrix.diagonal().any(), "J", "must have a zero diagonal", matrix.diagonal().tolist())
    whole = np.array_equal(matrix, matrix.T) or not np.tril(matrix).any()
    require(bool(whole), "J", "must be symmetric or upper triangular as an array", "neither")
    rows, columns = np.nonzero(np.triu(matrix))
    return {(int(i), int(j)): float(matrix[i, j]) for i, j in zip(rows, columns, strict=True)}


def finite_number(argument: str, value: Any) -> float:
    """A finite number that an Ising model may hold. Raises `InvalidInput`."""
    try:
        return finite(value)
    except ValueError as error:
        raise InvalidInput(f"`{argument}` {error}") from None
