"""QUBO: any quadratic function of bits, without constraints."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from qgraph.base.checks import require
from qgraph.base.errors import InvalidInput, shown
from qgraph.base.frozen import FrozenDict
from qgraph.problems.base import BitProblem
from qgraph.problems.ising import Ising
from qgraph.problems.sense import Sense
from qgraph.problems.terms import finite_number

Terms = Mapping[tuple[Any, Any], float]

RULE = "must be a mapping from pairs of nodes, a square matrix of numbers, or a dimod model"


class QUBO(BitProblem[Ising]):
    """`C(x) = offset + sum_ij Q_ij b_i b_j` over the pairs given; no rule can be broken.

    `Q` is one of these:

    - a mapping from pairs of nodes, in which (i, i) is a linear term and (i, j) and (j, i) add up; nodes come
      in order of appearance;
    - a square matrix, all of whose entries count: nested lists, an array or a SciPy sparse matrix (nodes "0",
      "1", ...), or a pandas frame (nodes by its index);
    - a `dimod` binary quadratic model, whose own offset is added.

    Constraints are the caller's, as penalties within Q. Source: Lucas, arXiv:1302.5843, section 1. Raises
    `InvalidInput`.

    >>> QUBO({("a", "a"): 1.0, ("a", "b"): -3.0}).objective([[1, 0], [1, 1]])
    array([ 1., -2.])
    >>> QUBO([[1.0, 4.0], [0.0, -3.0]]).to_ising()
    Ising(2 nodes, 2 fields, 1 couplings, minimize)
    """

    def __init__(self, Q: Any, offset: float = 0.0, *, sense: Sense = "minimize") -> None:
        terms, constant = _terms(Q)
        require(len(terms) > 0, "Q", "must have at least one term", Q)
        self.Q = FrozenDict(terms)
        self.offset = finite_number("offset", offset) + constant
        self._model = Ising.from_qubo(self.Q, self.offset, sense=sense)
        self._nodes = self._model.nodes
        self.sense: Sense = sense

    @property
    def _summary(self) -> str:
        return f"{len(self.nodes)} nodes, {len(self._ising.J)} pairs, {self.sense}"

    @property
    def _key(self) -> tuple[object, ...]:
        return (self._model,)  # terms may be given in several ways

    @property
    def _ising(self) -> Ising:
        return self._model


def _terms(Q: Any) -> tuple[Terms, float]:
    """What is given as a mapping from pairs of nodes, and a constant. Raises `InvalidInput`."""
    if isinstance(Q, Mapping):
        return Q, 0.0
    if hasattr(Q, "to_qubo") and hasattr(Q, "variables"):
        terms, constant = Q.to_qubo()
        return {**{(name, name): 0.0 for name in Q.variables}, **terms}, float(constant)
    if hasattr(Q, "tocoo"):
        require(Q.shape[0] == Q.shape[1], "Q", RULE, f"the shape {Q.shape}")
        entries = Q.tocoo()
        rows, columns = entries.coords
        return _of_entries(range(Q.shape[0]), rows, columns, entries.data), 0.0
    names = getattr(Q, "index", None) if hasattr(Q, "columns") else None
    if names is not None:
        require(list(names) == list(Q.columns), "Q", "must name the same nodes in rows and columns", "others")
        Q = Q.to_numpy()
    try:
        matrix = np.asarray(Q)
    except ValueError:  # rows of different lengths
        raise InvalidInput(f"`Q` {RULE}, got {shown(Q)}") from None
    numeric = isinstance(Q, (list, tuple, np.ndarray)) and matrix.dtype.kind in "iuf" and matrix.ndim == 2
    require(numeric and matrix.shape[0] == matrix.shape[1], "Q", RULE, Q)
    rows, columns = np.nonzero(matrix)
    own = range(len(matrix)) if names is None else names
    return _of_entries(own, rows, columns, matrix[rows, columns]), 0.0


def _of_entries(names: Iterable[Any], rows: Any, columns: Any, values: Any) -> Terms:
    """The terms of a matrix; its diagonal is listed first, so that no node is left out."""
    own = list(names)
    terms: dict[tuple[Any, Any], float] = {(name, name): 0.0 for name in own}
    for i, j, value in zip(rows.tolist(), columns.tolist(), values.tolist(), strict=True):
        pair = own[i], own[j]
        terms[pair] = terms.get(pair, 0.0) + value
    return terms
