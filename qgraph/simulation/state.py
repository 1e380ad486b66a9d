"""A simulated QAOA state, and what can be computed from it."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np

from qgraph.base import resources
from qgraph.base.checks import as_float, require, require_number, require_seed, require_whole
from qgraph.base.errors import ProblemTooLarge
from qgraph.base.typing import Amplitudes, Integers, Reals
from qgraph.simulation import readout
from qgraph.simulation.counts import Counts, Outcome, outcome_table
from qgraph.simulation.engine import WEIGHT, Vector
from qgraph.simulation.merit import Merit

MOST_SHOTS = 10**8


class State(Merit):
    """The state `|gammas, betas>` of a problem, from `simulate`.

    Qubit q of index i is bit q of i; where bits are returned, column q is `problem.nodes[q]`. Only
    `amplitudes`, `probabilities` and `costs` form further arrays of the state's size.

    >>> from qgraph import Graph, MaxCut, simulate
    >>> simulate(MaxCut(Graph.ring(6)), [0.785], [0.393])
    State(MaxCut(Graph(6 nodes, 6 edges)), 64 amplitudes, expectation 4.5)
    """

    def __getstate__(self) -> dict[str, Any]:
        """What a copy keeps: no array of costs, and of the engine only the extremes of C."""
        own = {name: value for name, value in self.__dict__.items() if name not in ("costs", "_engine")}
        return {**own, "_extremes": self._extremes}

    def __eq__(self, other: object) -> bool:
        """The same problem and the same amplitudes, to the last bit and stored in the same way."""
        if not isinstance(other, State):
            return NotImplemented
        mine, theirs = self._vector, other._vector
        if type(mine) is not type(theirs) or self.problem != other.problem:
            return False
        pairs = zip(mine.held, theirs.held, strict=True)
        return all(a.dtype == b.dtype and np.array_equal(a, b) for a, b in pairs)

    def __hash__(self) -> int:
        return hash((self.problem, type(self._vector)))

    def __repr__(self) -> str:
        return f"State({self.problem!r}, {self._basis.size} amplitudes, expectation {self.expectation():.6g})"

    @property
    def size(self) -> int:
        """The number of basis states."""
        return self._basis.size

    def _stored(self, what: str, bytes_each: int = 0) -> Vector:
        """The stored amplitudes, if `what` takes so many bytes each. Raises `ProblemTooLarge` otherwise."""
        if not isinstance(self._vector, Vector):
            raise ProblemTooLarge(
                f'`{what}` needs all {self.size} routes, and method "compressed" stores none of them. '
                "It computes expectation, variance, sample and optimum_probability; "
                'method "subspace" computes all'
            )
        if bytes_each:
            self._reserve(bytes_each)
        return self._vector

    def amplitudes(self) -> Amplitudes:
        """All amplitudes: complex[size], a new array. Raises `ProblemTooLarge` where it would not fit."""
        return self._stored("amplitudes", 32).amplitudes()

    def probabilities(self) -> Reals:
        """All probabilities: float64[size], a new array. Raises `ProblemTooLarge` where it would not fit."""
        return self._stored("probabilities", 24).probabilities()

    @cached_property
    def costs(self) -> Reals:
        """C of all basis states: float64[size]. Raises `ProblemTooLarge` where it would not fit."""
        self._reserve(24)
        costs = self._basis.costs()
        costs.setflags(write=False)
        return costs

    def _reserve(self, bytes_each: int) -> None:
        resources.require_memory(
            bytes_each * self._basis.size, "an array of all basis states", "ask for less, such as top(k)"
        )

    def cvar(self, alpha: float) -> float:
        """The mean of C over the best `alpha` of the probability, 0 < alpha <= 1.

        Conditional value at risk: Barkoutsos et al., arXiv:1907.04769, section 3.

        >>> from qgraph import Graph, MaxCut, simulate
        >>> simulate(MaxCut(Graph.ring(4)), [], []).cvar(0.125)
        4.0
        """
        require_share("alpha", alpha)
        _, mean = readout.tail(self._stored("cvar"), self.problem.sense, alpha)
        return self._offset + mean

    def distribution(self, bins: int = 60, *, span: tuple[float, float] | None = None) -> tuple[Reals, Reals]:
        """How probable the values of C are: the edges of `bins` bins, and the probability of each.

        The bins share `span`, by default from the least value of C to the largest.

        >>> from qgraph import Graph, MaxCut, simulate
        >>> simulate(MaxCut(Graph.ring(4)), [], []).distribution(3)[1]
        array([0.125, 0.75 , 0.125])
        """
        require_whole("bins", bins, 1)
        vector = self._stored("distribution")
        low, high = self._extremes
        if span is not None:
            low, high = (require_number("span", limit) - self._offset for limit in span)
        table = vector.histogram(low, high, bins)
        return self._offset + np.linspace(low, high, bins + 1), table[:, WEIGHT]

    def guess(self, shots: int = 1024, seed: int = 0) -> Counts:
        """What uniformly random basis states give, for comparison with `sample`.

        >>> from qgraph import Graph, MaxCut, simulate
        >>> simulate(MaxCut(Graph.ring(4)), [0.785], [0.393]).guess(1000, seed=7).expectation()
        1.9...
        """
        return self._counts(self._basis.guess(shots, _generator(shots, seed)))

    def sample(self, shots: int = 1024, seed: int = 0) -> Counts:
        """Measure all qubits `shots` times. The same seed gives the same counts, on any number of threads.

        With method "compressed" each stop is drawn from its exact distribution, given the stops before it;
        the counts of a seed then differ from those of other methods.

        >>> from qgraph import Graph, MaxCut, simulate
        >>> simulate(MaxCut(Graph.ring(4)), [], []).sample(100, seed=7)
        Counts(100 shots, 16 distinct)
        """
        return self._counts(self._vector.measure(shots, _generator(shots, seed)))

    def _counts(self, measured: Integers) -> Counts:
        indices, counts = np.unique(measured, return_counts=True, axis=0)
        order = np.argsort(-counts, kind="stable")
        return Counts(self.problem, self._basis.bits(indices[order]), counts[order])

    def top(self, k: int = 10) -> tuple[Outcome, ...]:
        """The `k` most probable basis states; ties by index.

        >>> from qgraph import Graph, MaxCut, simulate
        >>> state = simulate(MaxCut(Graph.ring(4)), [0.785], [0.393])
        >>> [outcome.candidate.objective for outcome in state.top(2)]
        [4.0, 4.0]
        """
        require_whole("k", k, 1)
        indices, p = readout.most_likely(self._stored("top"), min(k, self._basis.size))
        bits = self._basis.bits(indices)
        return tuple(Outcome(float(share), self.problem.decode(b)) for share, b in zip(p, bits, strict=True))

    def marginals(self) -> Reals:
        """The probability that each bit is 1: float64[n].

        >>> from qgraph import Graph, MaxCut, simulate
        >>> simulate(MaxCut(Graph.ring(4)), [0.3], [0.2]).marginals()
        array([0.5, 0.5, 0.5, 0.5])
        """
        return self._vector.marginals(self._basis, len(self.problem.nodes))

    def correlations(self) -> Reals:
        """<Z_i Z_j> of the coupled pairs, in the order of `problem.to_ising().pairs`: float64[m].

        -1 means that the two bits always differ, 1 that they are always equal.

        >>> from qgraph import Graph, MaxCut, simulate
        >>> simulate(MaxCut(Graph.ring(6)), [np.pi / 4], [np.pi / 8]).correlations().round(12)
        array([-0.5, -0.5, -0.5, -0.5, -0.5, -0.5])
        """
        require(self.size == 2 ** len(self.problem.nodes), "state", "must be over all bit strings", self)
        return readout.correlations(self.probabilities(), self.problem.to_ising().pairs)

    def _repr_html_(self) -> str:
        if isinstance(self._vector, Vector):
            return outcome_table(self.top(), "probability")
        return self.sample()._repr_html_()


def require_share(argument: str, share: float) -> None:
    """Raise `InvalidInput` unless `share`, of the probability, is above 0 and at most 1."""
    require(0 < as_float(share) <= 1, argument, "must be above 0 and at most 1", share)


def _generator(shots: int, seed: int) -> np.random.Generator:
    """The random numbers of a sample. Raises `InvalidInput` for bad `shots` or `seed`."""
    require_whole("shots", shots, 1, MOST_SHOTS)
    require_seed(seed)
    return np.random.default_rng(seed)
