"""Correlations of coupled spins, against Qiskit's state vector."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from conftest import asymmetric_graph, spin_glass

import qgraph as qg


@pytest.mark.parametrize("problem", [qg.MaxCut(asymmetric_graph(7, 3)), spin_glass(6, 2)], ids=repr)
@pytest.mark.parametrize("depth", [1, 3])
def test_correlations_are_those_of_qiskit(problem: Any, depth: int) -> None:
    from qiskit.quantum_info import Pauli, Statevector

    gammas, betas = [0.3, -0.2, 0.5][:depth], [0.4, 0.7, -0.1][:depth]
    ising = problem.to_ising()
    vector = Statevector(qg.to_circuit(problem, gammas, betas))
    expected = [vector.expectation_value(Pauli("ZZ"), [i, j]).real for i, j in ising.pairs.tolist()]
    state = qg.simulate(problem, gammas, betas)
    assert state.correlations() == pytest.approx(expected, abs=1e-12)
    assert qg.Simulator(problem).correlations(gammas, betas) == pytest.approx(expected, abs=1e-12)
    cones = qg.Simulator(problem, method="lightcone").correlations(gammas, betas)
    assert np.isnan(cones).tolist() == (ising.J == 0).tolist()
    assert cones[ising.J != 0] == pytest.approx(np.array(expected)[ising.J != 0], abs=1e-12)
    closed = qg.Simulator(problem, method="closed_form")
    if depth == 1:
        assert closed.correlations(gammas, betas) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_correlations_of_large_problems_come_from_light_cones(depth: int) -> None:
    """All edges of rings are alike, and those of longer rings have the same light cones."""
    angles = [0.3, -0.2, 0.5][:depth], [0.4, 0.7, -0.1][:depth]
    large = qg.Simulator(qg.MaxCut(qg.Graph.ring(100)))
    expected = qg.simulate(qg.MaxCut(qg.Graph.ring(9)), *angles).correlations()[0]
    assert large.correlations(*angles) == pytest.approx(np.full(100, expected), abs=1e-12)


def test_correlations_without_a_state_are_refused() -> None:
    with pytest.raises(qg.ProblemTooLarge, match="a state vector of 100 qubits"):
        qg.Simulator(qg.MaxCut(qg.Graph.ring(100)), method="statevector").correlations([0.1, 0.2], [0.2, 0.1])
    routing = qg.PriorityRouting(qg.City.random(4, 2, seed=1))
    with pytest.raises(qg.InvalidInput, match="over all bit strings"):
        qg.simulate(routing, [0.1], [0.2]).correlations()
