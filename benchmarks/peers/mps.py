"""Qiskit Aer's matrix product states, cut off at a bond dimension: approximate, on the whole graph."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qiskit.quantum_info import SparsePauliOp
from qiskit_aer import AerSimulator

from peers import threads
from peers.aer import circuit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cases import Case

    from peers import Evaluator, Kinds

BOND_DIMENSION = 32


class MatrixProducts:
    packages = ("qiskit", "qiskit-aer")
    precisions = ("double",)
    truncates = f"bond dimension {BOND_DIMENSION}"

    def cones(self, case: Case, kinds: Kinds) -> tuple[Evaluator, None]:
        """Measures one edge of each kind. There is nothing to plan."""
        terms = [("ZZ", list(edge), -k / 2) for edge, k in kinds]
        cost = SparsePauliOp.from_sparse_list([*terms, ("", [], case.offset)], case.n)
        simulator = AerSimulator(
            method="matrix_product_state",
            matrix_product_state_max_bond_dimension=BOND_DIMENSION,
            max_parallel_threads=threads(),
        )

        def evaluate(gammas: Sequence[float], betas: Sequence[float]) -> float:
            qaoa = circuit(case, gammas, betas)
            qaoa.save_expectation_value(cost, range(case.n))
            return float(simulator.run(qaoa).result().data()["expectation_value"])

        return evaluate, None


PEER = MatrixProducts()
