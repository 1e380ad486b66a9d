"""Every choice of a simulation: what "auto" stands for and why, and whether a method fits into memory."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from qgraph.base import resources
from qgraph.base.checks import require
from qgraph.base.errors import InvalidInput, ProblemTooLarge, shown
from qgraph.base.frozen import Frozen
from qgraph.problems.problem import Problem, require_problem
from qgraph.problems.routing import PriorityRouting
from qgraph.simulation.library import kernel
from qgraph.simulation.routes.compressed import LARGEST_TIER

if TYPE_CHECKING:
    from qgraph.simulation.cones.engine import ConeEngine

Method = Literal["auto", "statevector", "subspace", "compressed", "closed_form", "lightcone", "mps"]
Mixer = Literal["auto", "transverse_field", "grover", "swap"]
Precision = Literal["single", "double"]
Encoding = Literal["one-hot", "feasible"]  # of routes, as a circuit has them

OF_ROUTES = ("subspace", "compressed")
WITH_STATE = ("statevector", *OF_ROUTES)
MIXERS: dict[str, tuple[Mixer, ...]] = {
    "statevector": ("transverse_field",),
    "subspace": ("grover", "swap"),
    "compressed": ("grover",),
    "closed_form": ("transverse_field",),
    "lightcone": ("transverse_field",),
    "mps": ("transverse_field",),
}
ENCODINGS = {"one-hot": MIXERS["statevector"], "feasible": MIXERS["subspace"]}
COMPLEX: dict[str, type[np.complexfloating]] = {"single": np.complex64, "double": np.complex128}

SMALL = 22  # qubits of a state vector that is quick on any machine
MOST_QUBITS = 40
MOST_COUNTED = 2**63  # routes; no memory holds so many numbers
MOST_STORED = 2**22  # routes; with more of them "auto" takes "compressed"
DENSE_STATES = 8  # plain NumPy needs the memory of this many states at its peak
LONGEST_CHOSEN = 300.0  # seconds of a gradient that "auto" accepts
LONGEST_SAMPLED = 10.0  # the same for a state that is computed for its samples alone
SECONDS_PER_AMPLITUDE = 2e-8  # of a state vector's gradient, by layer


class Choice(Frozen):
    """The method that evaluates expectations at a depth, and why it was chosen.

    >>> from qgraph import Graph, MaxCut, Simulator
    >>> Simulator(MaxCut(Graph.ring(1000))).choice(depth=3)
    Choice(method='lightcone', reason='1 kind of light cones of up to 8 qubits, instead of 1000')
    """

    method: Method
    reason: str


class Choices:
    """What is chosen for one problem. Raises `InvalidInput` for options that do not go together.

    `method` may stay "auto" for more than `SMALL` nodes: then it depends on the depth, see `at`.
    """

    def __init__(
        self, problem: Problem, method: Method, mixer: Mixer, precision: Precision, *, warm: bool
    ) -> None:
        asked = {"method": (method, Method), "precision": (precision, Precision), "mixer": (mixer, Mixer)}
        for argument, (value, known) in asked.items():
            names = get_args(known)
            require(value in names, argument, f"must be one of {', '.join(names)}", value)
        self.problem = problem
        self.precision: Precision = precision
        self.kernel, self._warm = kernel(), warm
        if isinstance(problem, PriorityRouting):
            self.method, self.mixer, self._reason = _for_routes(problem, method, mixer)
        else:
            self.method, self.mixer, self._reason = _for_bits(problem, method, mixer, warm=warm)
        if warm:
            require(self.method == "statevector", "warm_start", 'needs `method` "statevector"', self.method)
        self.cones: dict[int, ConeEngine] = {}
        self._at: dict[int, Choice] = {}
        self._fitted = False

    def at(self, depth: int) -> Choice:
        """The method for expectations at a depth. Raises `ProblemTooLarge` if there is none."""
        if self.method == "closed_form":
            require(depth == 1, "method", '"closed_form" is for depth 1', f"depth {depth}")
        if self.method != "auto":
            return Choice(method=self.method, reason=self._reason)
        if depth not in self._at:
            self._at[depth] = self._quickest(depth)
        return self._at[depth]

    def for_state(self, what: str) -> Method:
        """The method that computes states. Raises `InvalidInput` if there is none; `what` needs one."""
        self.require_exact()
        able = ("auto", *WITH_STATE)
        require(self.method in able, "method", f"must be one of {', '.join(able)} for {what}", self.method)
        return "statevector" if self.method == "auto" else self.method

    def require_exact(self) -> None:
        """Raise `InvalidInput` for "mps", which computes some things only."""
        if self.method == "mps":
            missing = "no states, samples, gradients or landscapes"
            raise InvalidInput(f'`method` "mps" has expectations and correlations only, {missing}')

    def has_state(self, depth: int) -> bool:
        """Whether a state of this depth fits into memory and takes only seconds."""
        if self.method != "auto":
            return self.method in WITH_STATE
        n = len(self.problem.nodes)
        if n > MOST_QUBITS or vector_seconds(n, depth) > LONGEST_SAMPLED:
            return False
        try:
            self.require_state()
        except ProblemTooLarge:
            return False
        return True

    def cone_engine(self, depth: int, longest: float | None = None) -> ConeEngine:
        """The light cones of this depth, found once. Raises `ProblemTooLarge` beyond `longest` seconds."""
        # Here, because `import qgraph` should not pay for light cones.
        from qgraph.simulation.cones.engine import ConeEngine

        if depth not in self.cones:
            dtype = COMPLEX[self.precision]
            self.cones[depth] = ConeEngine(self.problem.to_ising(), depth, longest, dtype)
        return self.cones[depth]

    def require_state(self) -> None:
        """Raise `ProblemTooLarge` if a state does not fit into memory, before anything is allocated."""
        if not self._fitted:
            self._require_memory(states=1)
            self._fitted = True  # what fitted once may exist by now, and is not counted again

    def _require_memory(self, states: int) -> None:
        dense = self.kernel == "reference"
        each = np.dtype(COMPLEX[self.precision]).itemsize * (DENSE_STATES if dense else states)
        if isinstance(self.problem, PriorityRouting) and self.method in OF_ROUTES:
            self._require_routes(self.problem, each)
            return
        n, free = len(self.problem.nodes), max(resources.free_memory(), 1)
        halved = not (dense or self._warm) and n <= MOST_QUBITS and self.problem.to_ising().flip_symmetric
        fits = min((free // each).bit_length() - 1 + halved, MOST_QUBITS)
        what = f"a state vector of {n} qubits"
        if n > MOST_QUBITS:
            raise ProblemTooLarge(f"{what} does not fit; {fits} qubits would fit")
        resources.require_memory(each * 2 ** (n - halved), what, f"{fits} qubits would fit")

    def _require_routes(self, routing: PriorityRouting, each: int) -> None:
        sizes = [len(tier) for tier in routing.tiers]
        if self.method == "compressed" and max(sizes) > LARGEST_TIER:
            rule = f"the compressed form is for tiers of at most {LARGEST_TIER} stops"
            raise ProblemTooLarge(f"{rule}, got one of {max(sizes)}")
        if self.method == "compressed":
            return
        tables = max(math.factorial(size) * (size + 16) for size in sizes)
        fits = f"about {resources.free_memory() // each} routes would fit"
        what = f"a state of {routing.counted} feasible routes"
        if routing.routes > MOST_COUNTED:
            raise ProblemTooLarge(f"{what} does not fit; {fits}")
        resources.require_memory(routing.routes * each + tables, what, fits)

    def _quickest(self, depth: int) -> Choice:
        """The method for more than `SMALL` nodes. If none runs, the error says what each would take."""
        n = len(self.problem.nodes)
        if depth == 1:
            return Choice(method="closed_form", reason=f"depth 1 has a closed form, and there are {n} nodes")
        too_slow = 'method="{}" would take about {:.0f} s for a gradient'
        vector = cones = math.inf
        try:
            self._require_memory(states=2)
            vector = vector_seconds(n, depth)
            of_vector = too_slow.format("statevector", vector)
        except ProblemTooLarge as error:
            of_vector = str(error)
        try:
            plan = self.cone_engine(depth, LONGEST_CHOSEN).plan
        except ProblemTooLarge as error:
            of_cones = str(error)
        else:
            cones, of_cones = plan.seconds, too_slow.format("lightcone", plan.seconds)
            if cones <= min(vector, LONGEST_CHOSEN):
                kinds = "1 kind" if plan.kinds == 1 else f"{plan.kinds} kinds"
                reason = f"{kinds} of light cones of up to {plan.qubits} qubits, instead of {n}"
                return Choice(method="lightcone", reason=reason)
        if vector <= min(cones, 2 * LONGEST_CHOSEN):
            return Choice(method="statevector", reason=f"a state vector of {n} qubits fits; {of_cones}")
        what = f"{n} nodes at depth {depth} in reasonable time"
        raise ProblemTooLarge(f"no method runs {what}: {of_vector}; {of_cones}")


def mixer_of_circuit(problem: Problem, encoding: Encoding | None, mixer: Mixer) -> Mixer:
    """The mixer of a circuit. Raises `InvalidInput` for problem, encoding and mixer that do not fit."""
    require_problem(problem)
    routing = isinstance(problem, PriorityRouting)
    rule = 'must be "one-hot" or "feasible" for routes' if routing else "is for PriorityRouting"
    require(encoding in (tuple(ENCODINGS) if routing else (None,)), "encoding", rule, encoding)
    known: tuple[Mixer, ...] = ("transverse_field",) if encoding is None else ENCODINGS[encoding]
    rule = f"must be one of {', '.join(known)} with this problem and encoding"
    require(mixer in ("auto", *known), "mixer", rule, mixer)
    return known[0] if mixer == "auto" else mixer


def vector_seconds(n: int, depth: int) -> float:
    """About how long a gradient on a state vector takes."""
    return 2.0**n * max(depth, 1) * SECONDS_PER_AMPLITUDE


def _for_bits(problem: Problem, method: Method, mixer: Mixer, *, warm: bool) -> tuple[Method, Mixer, str]:
    """Method and mixer for bit strings, and the reason."""
    n = len(problem.nodes)
    for argument, value in (("method", method), ("mixer", mixer)):
        if value in (*OF_ROUTES, "grover", "swap"):
            raise InvalidInput(f'`{argument}` "{value}" is for PriorityRouting, got {shown(problem)}')
    if method == "auto" and warm:
        return "statevector", "transverse_field", "a warm start takes a state vector"
    if method == "auto" and n <= SMALL:
        return "statevector", "transverse_field", f"a state vector of {n} qubits is quick"
    return method, "transverse_field", "it was asked for"


def _for_routes(routing: PriorityRouting, method: Method, mixer: Mixer) -> tuple[Method, Mixer, str]:
    """Method and mixer for routes, and the reason."""
    reason = "it was asked for"
    if method == "auto":
        grover = mixer in ("auto", "grover")
        many = routing.routes > MOST_STORED and max(len(tier) for tier in routing.tiers) <= LARGEST_TIER
        stored: Method = "statevector" if mixer == "transverse_field" else "subspace"
        method = "compressed" if grover and many else stored
        reason = "routes are simulated among the feasible ones"
    known = MIXERS[method]
    names = " or ".join(f'"{name}"' for name in known)
    require(mixer in ("auto", *known), "mixer", f'must be {names} for routes with method "{method}"', mixer)
    return method, known[0] if mixer == "auto" else mixer, reason
