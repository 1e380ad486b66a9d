"""What the QAOA explorer computes beside the angles: noisy runs, routed circuits, texts, other solvers."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from qgraph.base.checks import require
from qgraph.base.errors import QGraphError
from qgraph.solvers.exact.solve import solve_exact
from qgraph.solvers.heuristics.metaheuristics import solve_annealing
from qgraph.solvers.qaoa.recursive import solve_recursive_qaoa
from qgraph.solvers.result import Solution
from qgraph.widgets.jobs import Jobs, import_for_good
from qgraph.widgets.messages import floats
from qgraph.widgets.qaoa import gates
from qgraph.widgets.qaoa.angled import AngledProblem
from qgraph.widgets.qaoa.small import UNKNOWN, SmallScene

MOST_NOISY = 14  # qubits of a noisy run
QUIET = 0.4  # seconds without a change until a noisy run begins
LONGEST = 10.0  # seconds of another solver
TEXTS = ("python", "qasm", "state")
SOLVERS: dict[str, Callable[..., Solution]] = {
    "annealing": partial(solve_annealing, seed=0),
    "recursive QAOA": partial(solve_recursive_qaoa, seed=0),
    "exact": solve_exact,
}


class Beside:
    """Slow work for one explorer, on a thread of its own."""

    def __init__(self, explorer: AngledProblem) -> None:
        self.explorer = explorer
        self.jobs = Jobs(("text", "routed", "find", "noisy"), explorer._failed)

    def look(self) -> None:
        """Compute what belongs to the present problem, angles and settings."""
        if not self.explorer._watched:
            return
        chosen = self.explorer.chosen
        if chosen.coupling != "all to all":
            self.jobs.ask("routed", self._route)
        if chosen.noise > 0 and not self.explorer.running:
            self.jobs.ask("noisy", self._run_noisily)

    def write(self, what: str, view: object) -> None:
        """Send a text to one view. Raises `InvalidInput` for unknown ones."""
        require(what in TEXTS, "value", f"must be one of {', '.join(TEXTS)}", what)
        self.jobs.ask("text", lambda: self._write(what, view))

    def find(self, name: str) -> None:
        """Send the solution of another solver. Raises `InvalidInput` for unknown ones."""
        require(name in SOLVERS, "value", f"must be one of {', '.join(SOLVERS)}", name)
        self.jobs.ask("find", lambda: self._solve(name))

    # -- texts --------------------------------------------------------------------------------------

    def _write(self, what: str, view: object) -> None:
        explorer, scene = self.explorer, self.explorer.scene
        if what == "state":
            text = json.dumps(explorer.state())
        elif what == "qasm":
            import_for_good("qiskit")
            text = gates.as_qasm(scene.problem, explorer.angles, scene.warm)
        else:
            state = isinstance(scene, SmallScene)
            text = gates.as_python(scene.problem, explorer.angles, scene.warm, state=state)
        explorer.send({"kind": "text", "view": view, "what": what, "text": text})

    # -- circuits -----------------------------------------------------------------------------------

    def _route(self) -> None:
        explorer, scene, coupling = self.explorer, self.explorer.scene, self.explorer.chosen.coupling
        content: dict[str, Any] = {"coupling": coupling, "layers": explorer.depth}
        try:
            import_for_good("qiskit")
            depth, two_qubit = gates.routed(scene.problem, explorer.depth, coupling, scene.warm)
            content |= {"depth": depth, "two_qubit": two_qubit, "reason": None}
        except (QGraphError, ImportError) as error:
            content |= {"depth": None, "two_qubit": None, "reason": str(error)}
        explorer.send({"kind": "routed", **content})

    def _run_noisily(self) -> None:
        if self._disturbed():
            return
        explorer, settings, scene = self.explorer, self.explorer.chosen, self.explorer.scene
        content: dict[str, Any] = {"kind": "noisy", "noise": settings.noise, "reason": None, "figures": None}
        if not isinstance(scene, SmallScene) or len(scene.ising.nodes) > MOST_NOISY:
            reason = f"Noise is simulated up to {MOST_NOISY} qubits here."
            explorer.send({**content, "reason": reason}, [b""])
            return
        import_for_good("qiskit")
        from qgraph.circuits.run import run_circuit

        angles = explorer.angles
        counts = run_circuit(
            scene.problem,
            *angles,
            shots=settings.some_shots,
            seed=0,
            noise=settings.noise,
            warm_start=scene.warm,
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
            found = SOLVERS[name](problem, time_limit=LONGEST, callback=lambda _: self.jobs.cancelled)
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
