"""Values of pairs of nodes as a symmetric matrix: dense, sparse, or by rows."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from qgraph.base.typing import Integers, Reals, Sparse


def dense(pairs: Integers, values: Reals, n: int) -> Reals:
    """The whole matrix: float64[n, n], from int64[m, 2] with each pair once, and float64[m].

    >>> dense(np.array([[0, 2]]), np.array([5.0]), 3)[2]
    array([5., 0., 0.])
    """
    matrix = np.zeros((n, n))
    matrix[pairs[:, 0], pairs[:, 1]] = values
    return matrix + matrix.T


def by_rows(pairs: Integers, values: Reals, n: int) -> tuple[Integers, Integers, Reals]:
    """Row i has `values[starts[i]:starts[i + 1]]` in the columns `columns[starts[i]:starts[i + 1]]`.

    Returns starts int64[n + 1], columns int64[2 m] in ascending order in each row, and values float64[2 m].

    >>> by_rows(np.array([[0, 2]]), np.array([5.0]), 3)
    (array([0, 1, 1, 2]), array([2, 0]), array([5., 5.]))
    """
    ends = np.concatenate([pairs, pairs[:, ::-1]])
    order = np.argsort(ends[:, 0] * n + ends[:, 1])
    starts = np.searchsorted(ends[order, 0], np.arange(n + 1))
    return starts, np.ascontiguousarray(ends[order, 1]), np.concatenate([values, values])[order]


def as_mappings(starts: Integers, columns: Integers, values: Reals) -> list[dict[int, float]]:
    """The rows of `by_rows` as mappings from columns to values.

    >>> as_mappings(*by_rows(np.array([[0, 2]]), np.array([5.0]), 3))
    [{2: 5.0}, {}, {0: 5.0}]
    """
    rows = pairwise(starts.tolist())
    return [dict(zip(columns[a:b].tolist(), values[a:b].tolist(), strict=True)) for a, b in rows]


def sparse(pairs: Integers, values: Reals, n: int) -> Sparse:
    """The matrix as a sparse array.

    >>> sparse(np.array([[0, 2]]), np.array([5.0]), 3) @ np.array([1.0, 2.0, 3.0])
    array([15.,  0.,  5.])
    """
    from scipy.sparse import csr_array

    starts, columns, entries = by_rows(pairs, values, n)
    return csr_array((entries, columns, starts), shape=(n, n))


def added(pairs: Integers, values: Reals, n: int) -> tuple[Integers, Reals]:
    """Each pair once, in ascending order, with the sum of its values: int64[m, 2], float64[m].

    >>> pairs, sums = added(np.array([[1, 0], [0, 1], [0, 2]]), np.array([5.0, 1.0, 2.0]), 3)
    >>> pairs.tolist(), sums.tolist()
    ([[0, 1], [0, 2]], [6.0, 2.0])
    """
    first, second = np.sort(pairs, axis=1).T
    keys, place = np.unique(first * n + second, return_inverse=True)
    return np.stack([keys // n, keys % n], axis=1), np.bincount(place, values, len(keys)).astype(np.float64)


def row_sums(pairs: Integers, values: Reals, n: int) -> Reals:
    """The sum of each row: float64[n].

    >>> row_sums(np.array([[0, 1], [0, 2]]), np.array([5.0, 1.0]), 3)
    array([6., 5., 1.])
    """
    first, second = (np.bincount(ends, values, n).astype(np.float64) for ends in pairs.T)
    return first + second
