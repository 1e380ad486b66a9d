"""Circuits, operators and runs with Qiskit."""

from importlib.util import find_spec

from qgraph.base.errors import MissingDependency

if find_spec("qiskit") is None:  # pragma: no cover (the lock file always has it)
    raise MissingDependency("qgraph's circuits need Qiskit: pip install 'qgraph[qiskit]'")
