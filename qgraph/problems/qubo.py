"""QUBO: any quadratic function of bits, without constraints."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from qgraph.errors import require
from qgraph.problems.ising import Ising

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from qgraph.problems.base import Candidate, Sense


class QUBO:
    """`C(x) = offset + sum_ij Q_ij b_i b_j` over the pairs given; no rule can be broken.

    `Q` is a mapping from pairs of nodes, in which (i, i) is a linear term and (i, j) and (j, i) add up, with
    nodes in order of appearance; or an array of shape (n, n), all of whose entries count, for nodes "0", "1",
    ... Constraints are the caller's, as penalties within Q. Source: Lucas, arXiv:1302.5843, section 1.

    >>> QUBO({("a", "a"): 1.0, ("a", "b"): -3.0}).objective([[1, 0], [1, 1]])
    array([ 1., -2.])
    """

    constrained = False

    def __init__(
        self,
        Q: Mapping[tuple[Any, Any], float] | NDArray[np.float64],
        offset: float = 0.0,
        *,
        sense: Sense = "minimize",
    ) -> None:
        terms = Q if isinstance(Q, Mapping) else _terms(Q)
        require(len(terms) > 0, "Q", "must have at least one term", Q)
        self._ising = Ising.from_qubo(terms, offset, sense=sense)
        self.sense: Sense = sense

    def __eq__(self, other: object) -> bool:
        return isinstance(other, QUBO) and self._ising == other._ising

    def __hash__(self) -> int:
        return hash(self._ising)

    def __repr__(self) -> str:
        return f"QUBO({len(self.nodes)} nodes, {len(self._ising.J)} pairs, {self.sense})"

    @property
    def nodes(self) -> tuple[str, ...]:
        """The names of the bits."""
        return self._ising.nodes

    def to_ising(self) -> Ising:
        """The same function of spins.

        >>> QUBO(np.array([[1.0, 4.0], [0.0, -3.0]])).to_ising()
        Ising(2 nodes, 2 fields, 1 couplings, minimize)
        """
        return self._ising

    def objective(self, bits: ArrayLike) -> NDArray[np.float64]:
        """C of each bit string: bits[..., n] to float64[...]."""
        return self._ising.energy(bits)

    def decode(self, bits: ArrayLike) -> Candidate:
        """The bits by node name, and C."""
        return self._ising.decode(bits)


def _terms(matrix: object) -> dict[tuple[int, int], float]:
    """The entries of a square array that are not zero, and its diagonal, so that no node is left out."""
    numeric = isinstance(matrix, np.ndarray) and matrix.dtype.kind in "iuf" and matrix.ndim == 2
    square = numeric and matrix.shape[0] == matrix.shape[1]  # type: ignore[attr-defined]
    require(square, "Q", "must be a mapping or a numeric array of shape (n, n)", matrix)
    values = np.asarray(matrix)
    diagonal = {(q, q): float(values[q, q]) for q in range(len(values))}
    places = zip(*np.nonzero(values), strict=True)
    return diagonal | {(int(i), int(j)): float(values[i, j]) for i, j in places}
