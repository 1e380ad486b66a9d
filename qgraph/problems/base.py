"""What every problem offers, and what a decoded bit string is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol, Self

import numpy as np
from pydantic import model_validator

from qgraph.base.checks import require
from qgraph.base.errors import InvalidInput
from qgraph.base.frozen import Frozen
from qgraph.base.typing import ArrayLike, Bits, Integers, Reals
from qgraph.models.graph import Graph
from qgraph.problems.program import Program

if TYPE_CHECKING:
    from qgraph.problems.ising import Ising
    from qgraph.problems.labelling import Labelling


Sense = Literal["maximize", "minimize"]


class Candidate(Frozen):
    """A possible answer to a problem, checked: what it is worth, and which rules it breaks.

    `objective` is C(x), penalties included where `feasible` is false. Cuts and sets have `labels`
    (node -> 0 or 1), and so do colourings (node -> colour, from 0); routes have `route` (stop names),
    `distance` (km) and `travel_time`.
    """

    objective: float
    feasible: bool = True
    violations: tuple[str, ...] = ()
    labels: dict[str, int] | None = None
    route: tuple[str, ...] | None = None
    distance: float | None = None
    travel_time: float | None = None
    priority_satisfied: bool | None = None

    @model_validator(mode="after")
    def _feasible_without_violations(self) -> Self:
        if self.feasible == bool(self.violations):
            raise ValueError("`feasible` must be true exactly where there are no `violations`")
        return self


class HasSense(Protocol):
    """Whatever is maximised or minimised."""

    @property
    def sense(self) -> Sense:
        """Which of the two."""


class Problem(Protocol):
    """An objective C(x) over bits, one per name in `nodes`, to be maximised or minimised.

    Bit q belongs to `nodes[q]`. `objective` is vectorised: uint8[..., n] to float64[...].
    """

    @property
    def nodes(self) -> tuple[str, ...]:
        """The names of the bits, in qubit order."""

    @property
    def sense(self) -> Sense:
        """Whether C is to be maximised or minimised."""

    @property
    def constrained(self) -> bool:
        """Whether some bit strings break rules, so that C holds penalties."""

    def objective(self, bits: ArrayLike) -> Reals:
        """C of each bit string."""

    def decode(self, bits: ArrayLike) -> Candidate:
        """What one bit string says, and whether it keeps the rules."""

    def to_ising(self) -> Ising:
        """The Ising model whose energy is C."""


class BitProblem(ABC):
    """What the problems of this package share. Each is made again from its own constructor's arguments."""

    sense: Sense
    constrained: bool = False

    if TYPE_CHECKING:

        @property
        def nodes(self) -> tuple[str, ...]:
            """The names of the bits, in qubit order."""

    @property
    @abstractmethod
    def arguments(self) -> dict[str, Any]:
        """What the constructor takes to make this problem again; equal problems have equal arguments."""

    @cached_property
    @abstractmethod
    def _ising(self) -> Ising:
        """C as an Ising model, made once."""

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.arguments == other.arguments

    def __hash__(self) -> int:
        return hash((type(self), *self.arguments.values()))

    def __reduce__(self) -> tuple[Callable[..., BitProblem], tuple[type[BitProblem], dict[str, Any]]]:
        return _made, (type(self), self.arguments)

    def __deepcopy__(self, _: object) -> Self:
        return self  # nothing in it can be changed

    def to_ising(self) -> Ising:
        """The Ising model whose energy is C, penalties included. Raises `ProblemTooLarge`."""
        return self._ising

    def to_qubo(self) -> tuple[dict[tuple[str, str], float], float]:
        """`(Q, offset)` with `C = offset + sum_ij Q_ij b_i b_j`, penalties included; keys by name of the bit.

        >>> from qgraph import Graph, MaxCut
        >>> MaxCut(Graph.from_edges([("a", "b", 2.0)])).to_qubo()
        ({('a', 'a'): 2.0, ('b', 'b'): 2.0, ('a', 'b'): -4.0}, 0.0)
        """
        return self._ising.to_qubo()

    def to_bqm(self) -> Any:
        """What is minimised, C or -C, as a `dimod.BinaryQuadraticModel` of bits, penalties included.

        >>> from qgraph import Graph, MaxCut
        >>> MaxCut(Graph.from_edges([("a", "b", 2.0)])).to_bqm().linear
        {'a': -2.0, 'b': -2.0}
        """
        import dimod

        Q, offset = self.to_qubo()
        side = sign(self)
        return dimod.BinaryQuadraticModel.from_qubo({pair: side * q for pair, q in Q.items()}, side * offset)

    def objective(self, bits: ArrayLike) -> Reals:
        """C of each bit string, penalties included: bits[..., n] to float64[...]."""
        return self._ising.energy(bits)

    def decode(self, bits: ArrayLike) -> Candidate:
        """The bits by node name, C, and the rules that they break."""
        values = check_bits(bits, len(self.nodes), single=True)
        violations = tuple(self._violations(values))
        return Candidate(
            objective=float(self.objective(values)),
            feasible=not violations,
            violations=violations,
            labels=dict(zip(self.nodes, values.tolist(), strict=True)),
        )

    def _violations(self, bits: Bits) -> list[str]:  # noqa: ARG002 (not every problem has rules)
        """Each broken rule in words; `bits` is uint8[n], checked."""
        return []

    def to_program(self) -> Program:
        """The problem as an integer program: here each product of two spins is a column of its own."""
        ising = self._ising
        program = Program(self.sense, ising.offset + float(ising.h.sum() + ising.J.sum()))
        bits = program.add_columns(self.nodes, -2 * ising.h)
        i, j = ising.pairs.T
        names = [f"{self.nodes[a]} and {self.nodes[b]} differ" for a, b in ising.pairs.tolist()]
        program.add_differences(names, bits[i], bits[j], -2 * ising.J)
        return program

    def to_lp(self, path: str | PathLike[str]) -> None:
        """Write the integer program that `solve_exact` solves as an LP file, for any other solver.

        >>> from qgraph import Graph, IndependentSet
        >>> IndependentSet(Graph.ring(5)).to_lp("ring.lp")  # doctest: +SKIP
        """
        Path(path).write_text(self.to_program().to_lp(repr(self)), encoding="ascii")

    def canonical(self, bits: Bits) -> Bits:
        """The one among equivalent answers that `to_program` keeps: uint8[n]."""
        return bits

    def labelling(self) -> Labelling | None:
        """Labels whose moves keep the rules, for local search; None where bits are flipped one by one."""
        return None

    def bits_of(self, labels: Integers) -> Bits:
        """The bits that stand for such labels: int64[nodes] to uint8[n]."""
        return labels.astype(np.uint8)

    @property
    def rules(self) -> Ising | None:
        """How often the rules are broken, as an Ising model: 0 where all are kept, at least 1 elsewhere.

        None where there are no rules. The conventions of bits and spins are those of C.
        """
        return None

    @property
    def trivial_bound(self) -> float:
        """A limit on C of feasible answers that takes no search: no solution is better."""
        return self._ising.trivial_bound


class GraphProblem(BitProblem):
    """A problem on a graph; its bits belong to the nodes unless a subclass says otherwise."""

    def __init__(self, graph: Graph) -> None:
        require(isinstance(graph, Graph), "graph", "must be a qgraph.Graph", graph)
        require(len(graph.nodes) > 0, "graph", "must have at least one node", graph)
        self.graph = graph

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.graph!r})"

    @property
    def nodes(self) -> tuple[str, ...]:
        """The nodes of the graph."""
        return self.graph.ids

    @property
    def arguments(self) -> dict[str, Any]:
        """See `BitProblem`."""
        return {"graph": self.graph}


def _made(kind: type[BitProblem], arguments: dict[str, Any]) -> BitProblem:
    return kind(**arguments)


def require_problem(problem: object) -> None:
    """Raise `InvalidInput` unless this is a problem; a graph or a city is not one yet."""
    require(hasattr(problem, "to_ising"), "problem", "must be a problem, such as MaxCut(graph)", problem)


def sign(problem: HasSense) -> float:
    """1.0 where the problem is minimised, -1.0 where it is maximised."""
    return 1.0 if problem.sense == "minimize" else -1.0


def check_bits(bits: ArrayLike, n: int, *, single: bool = False) -> Bits:
    """Bits as uint8[..., n], or uint8[n] if `single`. Raises `InvalidInput`."""
    try:
        values = np.asarray(bits)
    except ValueError:  # ragged lists
        raise InvalidInput("`bits` must be an array, got lists of different lengths") from None
    shape = f"({n},)" if single else f"(..., {n})"
    fits = values.ndim == 1 if single else values.ndim >= 1
    require(fits and values.shape[-1] == n, "bits", f"must have the shape {shape}", values.shape)
    numeric = values.dtype.kind in "biuf"
    require(numeric and bool(np.isin(values, (0, 1)).all()), "bits", "must be zeros and ones", bits)
    return values.astype(np.uint8)
