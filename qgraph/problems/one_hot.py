"""What graph colouring and max-k-cut share: a bit for each node and colour."""

from __future__ import annotations

import itertools
from abc import abstractmethod
from collections.abc import Mapping
from functools import cached_property

import numpy as np

from qgraph.base.checks import require, require_fits, require_whole
from qgraph.base.fields import as_name
from qgraph.base.typing import Bits, Integers, Reals
from qgraph.models.graph import Graph
from qgraph.problems.ising import MOST_COUPLINGS, Ising, from_bits
from qgraph.problems.labelling import Labelling
from qgraph.problems.node_set import cliques
from qgraph.problems.problem import GraphProblem
from qgraph.problems.program import Program
from qgraph.problems.sense import Sense, sign

MOST_COLORS = 1000


class OneHot(GraphProblem):
    """`E(x) = sum_edges t_uv sum_c b_uc b_vc + sum_v A_v (1 - sum_c b_vc)^2` over colours c; lower is better.

    C is E where it is minimised; where it is maximised, C is `constant` - E. Bit `c + k v` belongs to node v
    and colour c of k, and is named `v=c`.
    """

    constrained = True
    fewest_colors: int

    def __init__(self, graph: Graph, colors: int) -> None:
        super().__init__(graph)
        require_whole("colors", colors, self.fewest_colors, MOST_COLORS)
        self.colors = int(colors)

    @property
    def _summary(self) -> str:
        return f"{self.graph!r}, {self.colors} colors"

    @cached_property
    def nodes(self) -> tuple[str, ...]:
        """The names of the bits: `node=colour`, colours counted from 0."""
        return tuple(f"{name}={color}" for name in self.graph.ids for color in range(self.colors))

    @cached_property
    def _ising(self) -> Ising:
        side, penalties = sign(self), self._penalties
        offset = self._constant + side * float(penalties.sum())
        return self._model(side * self._together(), side * penalties, offset, self.sense)

    @cached_property
    def rules(self) -> Ising:
        """See `BitProblem`: `sum_v (1 - sum_c b_vc)^2`, and the edges within a colour where they count."""
        n = len(self.graph.nodes)
        return self._model(self._forbidden(), np.ones(n), float(n), "minimize")

    def _model(self, together: Reals, penalties: Reals, offset: float, sense: Sense) -> Ising:
        """E from t of each edge and A of each node, with the value `offset` where all bits are 0."""
        k, n, m = self.colors, len(self.graph.nodes), len(self.graph.edges)
        couplings = m * k + n * k * (k - 1) // 2
        what = f"{k} colors of {n} nodes would have {couplings} couplings"
        require_fits(couplings, MOST_COUPLINGS, what)
        color = np.arange(k)
        edges = (self.graph.pairs[:, None, :] * k + color[None, :, None]).reshape(-1, 2)
        inside = np.stack(np.triu_indices(k, 1), axis=1)
        rivals = (np.arange(n)[:, None, None] * k + inside).reshape(-1, 2)
        linear, pairs = -np.repeat(penalties, k), np.concatenate([edges, rivals])
        quadratic = np.concatenate([np.repeat(together, k), np.repeat(2 * penalties, len(inside))])
        return from_bits(self.nodes, linear, pairs, quadratic, offset, sense)

    @property
    @abstractmethod
    def _penalties(self) -> Reals:
        """A of each node: float64[nodes]."""

    def _forbidden(self) -> Reals:
        """1 for each edge whose ends must differ, else 0: float64[edges]."""
        return np.zeros(len(self.graph.edges))

    def to_program(self) -> Program:
        """See `BitProblem`: one row for each node, and a column for each edge and colour of both ends.

        Where s nodes of a clique have a colour, at least s - 1 of its edges are within it. Colours are named
        in order of appearance.
        """
        n, k, pairs = len(self.graph.nodes), self.colors, self.graph.pairs
        lost = self._together()
        program = Program(self.sense, self._constant)
        bits = program.add_columns(self.nodes, 0.0).reshape(n, k)
        program.add_rows(bits, 1.0, low=1.0, high=1.0)
        names = [f"{self.graph.ids[i]} and {self.graph.ids[j]} are of color" for i, j in pairs.tolist()]
        numbered = [f"{name} {color}" for color in range(k) for name in names]
        columns = program.add_columns(numbered, np.tile(sign(self) * lost, k), whole=False)
        within = columns.reshape(k, len(pairs)).T
        bad = lost > 0
        for color in range(k):
            first, second, both = bits[pairs[:, 0], color], bits[pairs[:, 1], color], within[:, color]
            program.add_rows(np.stack([first, second, both], axis=1)[bad], [1.0, 1.0, -1.0], high=1.0)
            for end in (first, second):
                program.add_rows(np.stack([end, both], axis=1)[~bad], [1.0, -1.0], low=0.0)
        number = {(i, j): e for e, (i, j) in enumerate(np.sort(pairs, axis=1).tolist()) if bad[e]}
        for clique in cliques(n, list(number)):
            inside = [number[pair] for pair in itertools.combinations(clique, 2)]
            signs = [1.0] * len(clique) + [-1.0] * len(inside)
            if len(clique) > 2:
                rows = [[*bits[list(clique), color], *within[inside, color]] for color in range(k)]
                program.add_rows(rows, signs, high=1.0)
        for node in range(min(n, k)):
            for bit in bits[node, node + 1 :].tolist():
                program.upper[bit] = 0.0
        return program

    def canonical(self, bits: Bits) -> Bits:
        """See `BitProblem`: colours are named in order of appearance."""
        colors = bits.reshape(-1, self.colors).argmax(axis=1)
        new = {color: number for number, color in enumerate(dict.fromkeys(colors.tolist()))}
        return self.bits_of(np.array([new[color] for color in colors.tolist()]))

    @property
    def _constant(self) -> float:
        """C where no edge is within a colour."""
        return float(self._together().sum()) if self.sense == "maximize" else 0.0

    def labelling(self) -> Labelling:
        """See `BitProblem`: every node has one colour."""
        alone = np.zeros((len(self.graph.nodes), self.colors))
        return Labelling(self.graph.pairs, self._together(), alone)

    def bits_of(self, labels: Integers) -> Bits:
        """See `BitProblem`."""
        return np.eye(self.colors, dtype=np.uint8)[labels].ravel()

    @abstractmethod
    def _together(self) -> Reals:
        """The loss if both ends of an edge have one colour: float64[edges]."""

    def _violations(self, bits: Bits) -> list[str]:
        counts = bits.reshape(-1, self.colors).sum(axis=1).tolist()
        return [
            f"{name!r} has {count or 'no'} color{'s' if count else ''}"
            for name, count in zip(self.graph.ids, counts, strict=True)
            if count != 1
        ]

    def _labels(self, bits: Bits) -> dict[str, int] | None:
        """The colour of each node, from 0; None unless each has exactly one."""
        table = bits.reshape(-1, self.colors)
        single = bool((table.sum(axis=1) == 1).all())
        return dict(zip(self.graph.ids, table.argmax(axis=1).tolist(), strict=True)) if single else None

    def encode(self, labels: Mapping[str, int]) -> Bits:
        """The bits of a colour for every node: uint8[n * colors]. Raises `InvalidInput`."""
        require(isinstance(labels, Mapping), "labels", "must be a mapping from nodes to colors", labels)
        given = {as_name(name): color for name, color in labels.items()}
        require(given.keys() == set(self.graph.ids), "labels", "must name every node", list(labels)[:5])
        for name in self.graph.ids:
            require_whole(f"labels[{name!r}]", given[name], 0, self.colors - 1)
        return self.bits_of(np.array([int(given[name]) for name in self.graph.ids]))
