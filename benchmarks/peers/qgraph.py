"""qgraph itself. Everything after the making of a Simulator counts; the making is reported apart."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from cases import Case

    from peers import Differentiator, Evaluator, Expectation, Gradient, Kinds

qg = import_module("qgraph")


def simulator(case: Case, precision: str, method: str = "auto") -> Any:
    """A prepared problem."""
    graph = qg.Graph.from_edges(
        (str(i), str(j), weight) for (i, j), weight in zip(case.edges, case.weights, strict=True)
    )
    return qg.Simulator(qg.MaxCut(graph), precision=precision, method=method)


class QGraph:
    packages = ("qgraph", "numpy")
    precisions = ("single", "double")

    def expectations(self, case: Case, precision: str) -> dict[str, Callable[[], Expectation]]:
        def prepare() -> Expectation:
            prepared = simulator(case, precision)
            _ = prepared.engine.relabelled  # else found at the first expectation, which is not the least
            return lambda: prepared.expectation(case.gammas, case.betas)

        return {"Simulator.expectation": prepare}

    def gradient(self, case: Case, precision: str) -> Gradient:
        prepared = simulator(case, precision)
        return lambda: prepared.expectation_and_gradient(case.gammas, case.betas)

    def evaluator(self, case: Case) -> Evaluator:
        return simulator(case, "double").expectation

    def differentiator(self, case: Case) -> Differentiator:
        """The expectation and its gradient, of any angles."""
        return simulator(case, "double").expectation_and_gradient

    def cones(self, case: Case, kinds: Kinds) -> tuple[Evaluator, Differentiator]:
        """qgraph finds the kinds of light cones by itself."""
        prepared = simulator(case, "double", method="lightcone")
        prepared.light_cones(len(case.gammas))
        return prepared.expectation, prepared.expectation_and_gradient


PEER = QGraph()
