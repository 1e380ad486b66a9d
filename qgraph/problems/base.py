"""What a decoded bit string is, and the base class of all problems on bits."""

from __future__ import annotations

import inspect
import json
from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import partial
from os import PathLike
from pathlib import Path
from typing import Any, Generic, Protocol, Self, TypeVar

import numpy as np
from pydantic import model_validator

from qgraph.base.checks import require
from qgraph.base.errors import InvalidInput, shown
from qgraph.base.fields import as_name
from qgraph.base.frozen import Frozen
from qgraph.base.typing import ArrayLike, Bits, Integers, Reals
from qgraph.models.city import City
from qgraph.models.graph import Graph
from qgraph.models.travel import UNIT
from qgraph.problems.labelling import Labelling
from qgraph.problems.program import Program
from qgraph.problems.sense import Sense, sign

TERMS = {"J", "Q"}  # arguments that map pairs of nodes to values


class Candidate(Frozen):
    """A possible answer to a problem: its objective, and the rules that it breaks.

    `objective` is C(x), with penalties if `feasible` is false. Cuts and sets have `labels`
    (node -> 0 or 1), and so do colourings (node -> colour, from 0); routes have `route` (stop names),
    `distance` (km) and `travel_time` (km at free flow).

    >>> from qgraph import Graph, IndependentSet
    >>> path = Graph.from_edges([("a", "b"), ("b", "c")])
    >>> IndependentSet(path).decode([1, 1, 0]).violations
    ("'a' and 'b' are adjacent",)
    """

    objective: float
    feasible: bool = True
    violations: tuple[str, ...] = ()
    labels: dict[str, int] | None = None
    route: tuple[str, ...] | None = None
    distance: float | None = None
    travel_time: float | None = None
    priority_satisfied: bool | None = None

    @property
    def unit(self) -> str:
        """What follows the objective where it is shown: " km at free flow" for routes, else nothing."""
        return "" if self.travel_time is None else f" {UNIT}"

    @model_validator(mode="after")
    def _feasible_without_violations(self) -> Self:
        if self.feasible == bool(self.violations):
            raise ValueError("`feasible` must be true exactly if there are no `violations`")
        return self


class Energy(Protocol):
    """What the base class needs of an Ising model. `qgraph.Ising` is the only one."""

    @property
    def trivial_bound(self) -> float:
        """A limit on the energy."""

    def energy(self, bits: ArrayLike) -> Reals:
        """The energy of each bit string."""

    def to_qubo(self) -> tuple[dict[tuple[str, str], float], float]:
        """The same function of bits."""

    def to_program(self) -> Program:
        """The same function as an integer program."""


Model = TypeVar("Model", bound=Energy)  # qgraph.Ising, which is itself a problem


class BitProblem(ABC, Generic[Model]):
    """What the problems of this package share. Each can be made again from its constructor's arguments."""

    sense: Sense
    constrained: bool = False
    _nodes: tuple[str, ...]

    @property
    def nodes(self) -> tuple[str, ...]:
        """The names of the bits, in qubit order."""
        return self._nodes

    @property
    def arguments(self) -> dict[str, Any]:
        """The constructor's arguments that make this problem again; equal problems have equal arguments."""
        return {name: getattr(self, name) for name in inspect.signature(type(self)).parameters}

    @property
    @abstractmethod
    def _ising(self) -> Model:
        """C as an Ising model, made once."""

    @property
    @abstractmethod
    def _summary(self) -> str:
        """What stands between the brackets of the repr."""

    @property
    def _key(self) -> tuple[object, ...]:
        """What makes two problems of one class equal; the order of nodes counts."""
        return self.nodes, *self.arguments.values()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._summary})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, BitProblem) and type(self) is type(other) and self._key == other._key

    def __hash__(self) -> int:
        return hash((type(self), *self._key))

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return partial(type(self), **self.arguments), ()

    def __deepcopy__(self, _: object) -> Self:
        return self  # it cannot be changed

    def to_ising(self) -> Model:
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
        """The minimised function, C or -C, as a `dimod.BinaryQuadraticModel` of bits, penalties included.

        >>> from qgraph import Graph, MaxCut
        >>> MaxCut(Graph.from_edges([("a", "b", 2.0)])).to_bqm().linear
        {'a': -2.0, 'b': -2.0}
        """
        import dimod

        Q, offset = self.to_qubo()
        side = sign(self)
        return dimod.BinaryQuadraticModel.from_qubo({pair: side * q for pair, q in Q.items()}, side * offset)

    def on(self, graph: Graph) -> Self:  # noqa: ARG002 (problems on graphs take another one)
        """The same problem on another graph. Raises `InvalidInput` for problems that are not on graphs."""
        raise InvalidInput(f"`problem` must be a problem on a graph, got {shown(self)}")

    def to_json(self) -> str:
        """The problem as JSON, which `read_problem` reads back: its class, and what its constructor takes.

        Graphs and cities stand in qgraph's own JSON formats. Terms of pairs are lists `[node, node, value]`.
        The order of nodes is the order of qubits.

        >>> from qgraph import Ising
        >>> Ising(h={"a": 0.5}, J={("a", "b"): -1.0}).to_json()
        '{"problem": "Ising", "h": {"a": 0.5, "b": 0.0}, "J": [["a", "b", -1.0]], "offset": 0.0, ...}'
        """
        fields = {name: _plain(name, value) for name, value in self.arguments.items()}
        data = {"problem": type(self).__name__, **fields}
        return json.dumps(data, allow_nan=False, ensure_ascii=False, default=float)  # NumPy's numbers too

    def objective(self, bits: ArrayLike) -> Reals:
        """C of each bit string, penalties included: bits[..., n] to float64[...]."""
        return self._ising.energy(bits)

    def decode(self, bits: ArrayLike) -> Candidate:
        """The labels by node name, C, and the rules that the bits break."""
        values = check_bits(bits, len(self.nodes), single=True)
        violations = tuple(self._violations(values))
        return Candidate(
            objective=float(self.objective(values)),
            feasible=not violations,
            violations=violations,
            labels=self._labels(values),
        )

    def _labels(self, bits: Bits) -> dict[str, int] | None:
        return dict(zip(self.nodes, bits.tolist(), strict=True))

    def _violations(self, bits: Bits) -> list[str]:  # noqa: ARG002 (not every problem has rules)
        """Each broken rule in words; `bits` is uint8[n], checked."""
        return []

    def to_program(self) -> Program:
        """The problem as an integer program; by default that of its Ising model."""
        return self._ising.to_program()

    def to_lp(self, path: str | PathLike[str]) -> None:
        """Write the problem's integer program as an LP file for other solvers.

        >>> from qgraph import Graph, IndependentSet
        >>> IndependentSet(Graph.ring(5)).to_lp("ring.lp")  # doctest: +SKIP
        """
        Path(path).write_text(self.to_program().to_lp(repr(self)), encoding="ascii")

    def canonical(self, bits: Bits) -> Bits:
        """Of equivalent answers, the one that `to_program` allows: uint8[n]."""
        return bits

    def labelling(self) -> Labelling | None:
        """Labels whose changes keep the rules, for local search; None if single bits are flipped."""
        return None

    def bits_of(self, labels: Integers) -> Bits:
        """The bits that stand for such labels: int64[nodes] to uint8[n]."""
        return labels.astype(np.uint8)

    @property
    def rules(self) -> Model | None:
        """How often the rules are broken, as an Ising model: 0 if all are kept, otherwise at least 1.

        None where there are no rules. The conventions of bits and spins are those of C.
        """
        return None

    @property
    def trivial_bound(self) -> float:
        """A bound on C that needs no search: no feasible answer is better."""
        return self._ising.trivial_bound


def _plain(name: str, value: Any) -> Any:
    """An argument as plain JSON."""
    if isinstance(value, (Graph, City)):
        return json.loads(value.to_json())
    if name in TERMS:
        return [[as_name(i), as_name(j), term] for (i, j), term in value.items()]
    return value


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
