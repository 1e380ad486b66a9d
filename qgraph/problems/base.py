"""What every problem offers, and what a decoded bit string is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol, Self

import numpy as np
from pydantic import model_validator

from qgraph.errors import InvalidInput, require
from qgraph.fields import Frozen

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from qgraph.problems.ising import Ising

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

    def objective(self, bits: ArrayLike) -> NDArray[np.float64]:
        """C of each bit string."""

    def decode(self, bits: ArrayLike) -> Candidate:
        """What one bit string says, and whether it keeps the rules."""

    def to_ising(self) -> Ising:
        """The Ising model whose energy is C."""


def require_problem(problem: object) -> None:
    """Raise `InvalidInput` unless this is a problem; a graph or a city is not one yet."""
    require(hasattr(problem, "to_ising"), "problem", "must be a problem, such as MaxCut(graph)", problem)


def sign(problem: HasSense) -> float:
    """1.0 where the problem is minimised, -1.0 where it is maximised."""
    return 1.0 if problem.sense == "minimize" else -1.0


def check_bits(bits: ArrayLike, n: int, *, single: bool = False) -> NDArray[np.uint8]:
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
