"""The Ising model: every problem reaches simulators and circuits in this form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, Self

import numpy as np

from qgraph.base.checks import require, require_fits
from qgraph.base.fields import LARGEST_NUMBER
from qgraph.base.frozen import FrozenDict, constant
from qgraph.base.typing import ArrayLike, Integers, Reals
from qgraph.models.graph import Graph
from qgraph.problems import couplings
from qgraph.problems.base import BitProblem, check_bits
from qgraph.problems.program import Program
from qgraph.problems.sense import Sense, sign
from qgraph.problems.terms import entries, finite_number, indices, node_name, nonzero, require_pair

ROWS_AT_ONCE = 2**22  # spin products held at a time
MOST_COUPLINGS = 2**22  # a graph of 3000 nodes may be complete


class Ising(BitProblem["Ising"]):
    """`C = offset + sum_i h_i s_i + sum_ij J_ij s_i s_j` with spins `s = 1 - 2 b`; itself a problem.

    `h` is a sequence (nodes "0", "1", ...) or a mapping from node names; `J` maps pairs of nodes to
    couplings, each pair once (nodes that `h` leaves out have no field), or is a symmetric or upper triangular
    array of which each pair counts once. Raises `InvalidInput` for values that are not finite, unknown nodes,
    repeated pairs and pairs (i, i).

    >>> Ising(h=[0.5, 0.0], J={(0, 1): -1.0}, offset=2.0).energy([[0, 0], [0, 1]])
    array([1.5, 3.5])
    >>> Ising(h=[1.0], J={}).decode([1])
    Candidate(objective=-1.0, feasible=True, violations=(), labels={'0': 1}, ...)
    """

    def __init__(
        self,
        h: Mapping[Any, float] | Sequence[float] | Reals,
        J: Mapping[tuple[Any, Any], float] | Reals,
        offset: float = 0.0,
        *,
        sense: Sense = "minimize",
    ) -> None:
        require(sense in ("maximize", "minimize"), "sense", 'must be "maximize" or "minimize"', sense)
        fields = {node_name("h", name): value for name, value in entries("h", h).items()}
        given = J if isinstance(J, Mapping) else nonzero(J, len(fields))
        if isinstance(h, Mapping):
            for key in given:
                require_pair("J", key)
                for name in key:
                    fields.setdefault(node_name("h", name), 0.0)
        require(len(fields) > 0, "h", "must have at least one node", h)
        index = {name: q for q, name in enumerate(fields)}
        terms: dict[tuple[int, int], float] = {}
        for key, value in given.items():
            pair = indices(key, index)
            require(pair not in terms, "J", "must name each pair once", key)
            terms[pair] = finite_number(f"J[{key!r}]", value)
        order = sorted(terms)
        values = [finite_number(f"h[{name!r}]", value) for name, value in fields.items()]
        self._nodes = tuple(fields)
        self.sense: Sense = sense
        self.offset: float = finite_number("offset", offset)
        self.h: Reals = constant(np.array(values, dtype=np.float64))
        self.pairs: Integers = constant(np.array(order, dtype=np.int64).reshape(-1, 2))
        self.J: Reals = constant(np.array([terms[pair] for pair in order], dtype=np.float64))

    @property
    def _key(self) -> tuple[object, ...]:
        arrays = (self.h + 0.0).tobytes(), self.pairs.tobytes(), (self.J + 0.0).tobytes()  # -0.0 equals 0.0
        return self.nodes, self.sense, self.offset, *arrays

    def __reduce__(self) -> tuple[Any, ...]:
        return _restored, (self.nodes, self.h, self.pairs, self.J, self.offset, self.sense)

    @property
    def _summary(self) -> str:
        fields = np.count_nonzero(self.h)
        return f"{len(self.nodes)} nodes, {fields} fields, {len(self.J)} couplings, {self.sense}"

    @cached_property
    def flip_symmetric(self) -> bool:
        """Whether flipping all spins leaves C unchanged: no fields."""
        return not self.h.any()

    def coupling_matrix(self) -> Reals:
        """The symmetric matrix of all couplings: float64[n, n].

        >>> Ising(h=[0.0, 0.0], J={(0, 1): -1.5}).coupling_matrix()
        array([[ 0. , -1.5],
               [-1.5,  0. ]])
        """
        return couplings.dense(self.pairs, self.J, len(self.nodes))

    def fields_as_couplings(self) -> tuple[Integers, Reals]:
        """The same energies by couplings alone: each field becomes a coupling to one more spin, spin n.

        Returns pairs int64[m, 2] and couplings float64[m]: first those of `J`, then the fields that are
        not 0. The energies are equal where spin n is up; flipping all spins changes none.

        >>> Ising(h=[0.0, 2.0], J={(0, 1): -1.5}).fields_as_couplings()[0].tolist()
        [[0, 1], [1, 2]]
        """
        (held,) = np.nonzero(self.h)
        added = np.stack([held, np.full(len(held), len(self.nodes))], axis=1)
        return np.concatenate([self.pairs, added]), np.concatenate([self.J, self.h[held]])

    def energy(self, bits: ArrayLike) -> Reals:
        """C of each bit string: bits[..., n] to float64[...].

        >>> Ising(h=[0.0, 0.0], J={(0, 1): 1.0}).energy([0, 1])
        array(-1.)
        """
        values = check_bits(bits, len(self.nodes))
        rows = values.reshape(-1, len(self.nodes))
        energies = np.empty(len(rows))
        step = max(1, ROWS_AT_ONCE // max(1, len(self.J), len(self.nodes)))
        for start in range(0, len(rows), step):
            spins = 1.0 - 2.0 * rows[start : start + step]
            products = spins[:, self.pairs[:, 0]] * spins[:, self.pairs[:, 1]]
            energies[start : start + step] = self.offset + spins @ self.h + products @ self.J
        return energies.reshape(values.shape[:-1])

    objective = energy

    @property
    def _ising(self) -> Ising:
        return self

    def to_program(self) -> Program:
        """See `BitProblem`: each product of two spins has a column of its own."""
        program = Program(self.sense, self.offset + float(self.h.sum() + self.J.sum()))
        program.add_columns(self.nodes, -2 * self.h)
        program.add_differences(self.pairs, -2 * self.J)
        return program

    @property
    def trivial_bound(self) -> float:
        """The sum of the best values of all terms."""
        return self.offset - sign(self) * float(np.abs(self.h).sum() + np.abs(self.J).sum())

    @cached_property
    def graph(self) -> Graph:
        """The graph of the couplings, which are its weights; it contains no fields.

        >>> Ising(h=[1.0, 0.0], J={(0, 1): -2.0}).graph.weights
        array([-2.])
        """
        return Graph.from_edges([(*ends, J) for ends, J in self.arguments["J"].items()], self.nodes)

    def on(self, graph: Graph) -> Ising:
        """The model whose couplings are the weights of this graph; nodes that stay keep their fields.

        >>> Ising(h=[1.0, 0.5], J={(0, 1): 1.0}).on(Graph.from_edges([(1, 2, -3.0)])).h
        array([0.5, 0. ])
        """
        require(isinstance(graph, Graph), "graph", "must be a qgraph.Graph", graph)
        own = self.arguments["h"]
        h = {name: own.get(name, 0.0) for name in graph.ids}
        J = {(edge.source, edge.target): edge.weight for edge in graph.edges}
        return Ising(h, J, self.offset, sense=self.sense)

    @property
    def arguments(self) -> dict[str, Any]:
        """See `BitProblem`."""
        h = FrozenDict(zip(self.nodes, self.h.tolist(), strict=True))
        ends = [(self.nodes[i], self.nodes[j]) for i, j in self.pairs.tolist()]
        J = FrozenDict(zip(ends, self.J.tolist(), strict=True))
        return {"h": h, "J": J, "offset": self.offset, "sense": self.sense}

    @classmethod
    def from_qubo(
        cls, Q: Mapping[tuple[Any, Any], float], offset: float = 0.0, *, sense: Sense = "minimize"
    ) -> Self:
        """`C = offset + sum_ij Q_ij b_i b_j` over the pairs given; a pair (i, i) is a linear term.

        Pairs (i, j) and (j, i) add up. Nodes come in order of appearance.

        >>> Ising.from_qubo({("a", "a"): 1.0, ("a", "b"): -3.0}).energy([[1, 0], [1, 1]])
        array([ 1., -2.])
        """
        require(isinstance(Q, Mapping), "Q", "must be a mapping from pairs of nodes", Q)
        for pair in Q:
            require_pair("Q", pair)
        h = {node: 0.0 for pair in Q for node in pair}
        J: dict[tuple[Any, Any], float] = {}
        constant = finite_number("offset", offset)
        for (i, j), given in Q.items():
            value = finite_number(f"Q[{(i, j)!r}]", given)
            share = value / 2 if i == j else value / 4
            constant += share
            for node in {i, j}:
                h[node] -= share
            if i != j:
                pair = (j, i) if (j, i) in J else (i, j)
                J[pair] = J.get(pair, 0.0) + share
        return cls(h, J, constant, sense=sense)

    def to_qubo(self) -> tuple[dict[tuple[str, str], float], float]:
        """`(Q, offset)` with `C = offset + sum_ij Q_ij b_i b_j`, keys by node name.

        >>> Ising(h=[0.0, 0.0], J={(0, 1): 1.0}).to_qubo()
        ({('0', '0'): -2.0, ('1', '1'): -2.0, ('0', '1'): 4.0}, 1.0)
        """
        linear = -2.0 * self.h
        for ends in self.pairs.T:
            np.subtract.at(linear, ends, 2.0 * self.J)
        Q = {(name, name): float(value) for name, value in zip(self.nodes, linear, strict=True)}
        for (i, j), coupling in zip(self.pairs.tolist(), self.J.tolist(), strict=True):
            Q[self.nodes[i], self.nodes[j]] = 4.0 * coupling
        return Q, self.offset + float(self.h.sum() + self.J.sum())


def from_arrays(
    nodes: Iterable[str],
    h: Reals,
    pairs: Integers,
    J: Reals,
    offset: float,
    sense: Sense,
) -> Ising:
    """An Ising model from arrays; pairs that occur twice add up.

    Names are taken to be unique. Raises `InvalidInput` for terms that are too large, `ProblemTooLarge` for
    too many.
    """
    n = len(h)
    require_fits(len(J), MOST_COUPLINGS, f"the Ising model would have {len(J)} couplings")
    ordered, sums = couplings.added(pairs, J, n)
    largest = float(np.abs(np.concatenate([h, sums, [offset]])).max())
    require(largest <= LARGEST_NUMBER, "weights", f"must give terms of at most {LARGEST_NUMBER:g}", largest)
    return _restored(tuple(nodes), np.array(h, dtype=np.float64), ordered, sums, float(offset), sense)


def _restored(
    nodes: tuple[str, ...],
    h: Reals,
    pairs: Integers,
    J: Reals,
    offset: float,
    sense: Sense,
) -> Ising:
    """A model from its own attributes, which are trusted."""
    model = Ising.__new__(Ising)
    model._nodes, model.sense, model.offset = nodes, sense, offset
    model.h, model.pairs, model.J = constant(h), constant(pairs), constant(J)
    return model


def from_bits(
    nodes: Iterable[str],
    linear: Reals,
    pairs: Integers,
    quadratic: Reals,
    offset: float,
    sense: Sense,
) -> Ising:
    """`C = offset + sum linear_i b_i + sum quadratic_ij b_i b_j` as an Ising model, by `b = (1 - s) / 2`."""
    h = -linear / 2
    for ends in pairs.T:
        h = h - np.bincount(ends, quadratic, len(h)) / 4
    constant_part = offset + float(linear.sum()) / 2 + float(quadratic.sum()) / 4
    return from_arrays(nodes, h, pairs, quadratic / 4, constant_part, sense)
