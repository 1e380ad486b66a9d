"""What the QAOA explorer computes beside the angles: noisy runs, routed circuits, texts, other solvers."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from qgraph.base.checks import require
from qgraph.base.errors import QGraphError
from qgraph.solvers.exact.solve import solve_exact
from qgraph.solvers.heuristics.metaheuristics import solve_annealing
from qgraph.solvers.qaoa.recursive import solve_recursive_qaoa
from qgraph.solvers.result import Solution
from qgraph.widgets import gates
from qgraph.widgets.angled import AngledProblem
from qgraph.widgets.jobs import Jobs, import_for_good
from qgraph.widgets.scene import floats
from qgraph.widgets.settings import Settings
from qgraph.widgets.small import UNKNOWN, SmallScene

MOST_NOISY = 14  # qubits of a noisy run
NOISY_SHOTS = 1024  # if no number is chosen
QUIET = 0.4  # seconds without a change until a noisy run begins
LONGEST = 10.0  # seconds of another solver
TEXTS = ("python", "qasm", "state")
SOLVERS: dict[str, Callable[..., Solution]] = {
    "annealing": lambda problem: solve_annealing(problem, seed=0, time_limit=LONGEST),
    "recursive QAOA": lambda problem: solve_recursive_qaoa(problem, seed=0, time_limit=LONGEST),
    "exact": lambda problem: solve_exact(problem, time_limit=LONGEST),
}


class Beside:
    """Slow work for one explorer, on a thread of its own."""

    def __init__(self, explorer: AngledProblem) -> None:
        self.explorer = explorer
        self.jobs = Jobs(("text", "routed", "find", "noisy"), explorer._failed)

    @property
    def settings(self) -> Settings:
        """The explorer's choices."""
        return Settings(**self.explorer.settings)

    def look(self) -> None:
        """Compute what belongs to the present problem, angles and settings."""
        if not self.explorer._watched:
            return
        if self.settings.coupling != "all to all":
            self.jobs.ask("routed", self._route)
        if self.settings.noise > 0 and not self.explorer.running:
            self.jobs.ask("noisy", self._run_noisily)

    def answer(self, kind: str, value: str) -> None:
        """Send a text, or the solution of another solver. Raises `InvalidInput` for unknown ones."""
        known: tuple[str, ...] = TEXTS if kind == "text" else tuple(SOLVERS)
        require(value in known, "value", f"must be one of {', '.join(known)}", value)
        self.jobs.ask(kind, (lambda: self._write(value)) if kind == "text" else (lambda: self._solve(value)))

    # -- texts --------------------------------------------------------------------------------------

    def _write(self, what: str) -> None:
        explorer = self.explorer
        problem, angles, warm = explorer.problem, explorer.angles, getattr(explorer.scene, "warm", None)
        if what == "state":
            text = json.dumps(explorer.state())
        elif what == "qasm":
            import_for_good("qiskit")
            text = gates.as_qasm(problem, angles, warm)
        else:
            text = gates.as_python(problem, angles, warm, state=isinstance(explorer.scene, SmallScene))
        explorer.send({"kind": "text", "what": what, "text": text})

    # -- circuits -----------------------------------------------------------------------------------

    def _route(self) -> None:
        explorer, coupling = self.explorer, self.settings.coupling
        content: dict[str, Any] = {"coupling": coupling, "layers": explorer.depth}
        try:
            import_for_good("qiskit")
            warm = getattr(explorer.scene, "warm", None)
            depth, two_qubit = gates.routed(explorer.problem, explorer.depth, coupling, warm)
            content |= {"depth": depth, "two_qubit": two_qubit, "reason": None}
        except (QGraphError, ImportError) as error:
            content |= {"depth": None, "two_qubit": None, "reason": str(error)}
        explorer.send({"kind": "routed", **content})

    def _run_noisily(self) -> None:
        if self._disturbed():
            return
        explorer, settings, scene = self.explorer, self.settings, self.explorer.scene
        shots = settings.shots or NOISY_SHOTS
        content: dict[str, Any] = {"kind": "noisy", "noise": settings.noise, "reason": None, "figures": None}
        if not isinstance(scene, SmallScene) or len(scene.ising.nodes) > MOST_NOISY:
            reason = f"Noise is simulated up to {MOST_NOISY} qubits here."
            explorer.send({**content, "reason": reason}, [b""])
            return
        import_for_good("qiskit")
        from qgraph.circuits.run import run_circuit

        angles = explorer.angles
        counts = run_circuit(
            explorer.problem, *angles, shots=shots, seed=0, noise=settings.noise, warm_start=scene.warm
        )
        if angles == explorer.angles and scene is explorer.scene:
            explorer.send({**content, "figures": scene.read(counts)}, [floats(scene.heights(counts))])

    def _disturbed(self) -> bool:
        """Wait for a quiet moment. Returns True if a newer request came meanwhile."""
        end = time.monotonic() + QUIET
        while time.monotonic() < end:
            if self.jobs.should_stop("noisy"):
                return True
            time.sleep(QUIET / 8)
        return False

    # -- other solvers ------------------------------------------------------------------------------

    def _solve(self, name: str) -> None:
        explorer, problem = self.explorer, self.explorer.problem
        content: dict[str, Any] = {"kind": "answer", "solver": name, "reason": None}
        explorer.send({**content, "running": True, "solution": None}, [b""])
        try:
            found = SOLVERS[name](problem)
        except QGraphError as error:
            explorer.send({**content, "running": False, "reason": str(error), "solution": None}, [b""])
            return
        labels = found.labels or {}
        row = np.array([labels.get(name, UNKNOWN) for name in explorer.graph.ids], dtype=np.uint8)
        figures = {
            "objective": found.objective,
            "bound": found.bound,
            "optimal": found.optimal,
            "feasible": found.feasible,
            "seconds": found.seconds,
        }
        if problem == explorer.problem:
            explorer.send({**content, "running": False, "solution": figures}, [row.tobytes()])
