"""Checks of the names, fields, couplings and other terms that callers give."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from qgraph.base.checks import require
from qgraph.base.errors import InvalidInput
from qgraph.base.fields import as_name, finite


def entries(argument: str, values: Any, names: Sequence[str] | None = None) -> dict[Any, Any]:
    """A mapping as it is; a sequence by `names`, or by its indices. Raises `InvalidInput`."""
    if isinstance(values, Mapping):
        return dict(values)
    row = isinstance(values, (list, tuple)) or (isinstance(values, np.ndarray) and values.ndim == 1)
    form = "one-dimensional sequence" if names is None else "sequence in node order"
    require(row, argument, f"must be a mapping or a {form}", values)
    keys = range(len(values)) if names is None else names
    require(len(values) == len(keys), argument, f"must have {len(keys)} values", len(values))
    return dict(zip(keys, values, strict=True))


def node_name(argument: str, name: object) -> str:
    """A node's name as text. Raises `InvalidInput`."""
    text = as_name(name)
    named = isinstance(text, str) and text != ""
    require(named, argument, "must have text or whole numbers as names", name)
    return str(text)


def require_pair(argument: str, key: object) -> None:
    """Raise `InvalidInput` unless the key of a mapping is a pair."""
    pair = isinstance(key, tuple) and len(key) == 2
    require(pair, argument, "must have pairs of nodes as keys", key)


def indices(key: tuple[object, object], index: dict[str, int]) -> tuple[int, int]:
    """The indices of a pair of nodes, the smaller one first. Raises `InvalidInput`."""
    require_pair("J", key)
    i, j = (index.get(node_name("h", name), -1) for name in key)
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
