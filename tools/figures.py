"""Draw the picture of the README: a cut, the distribution of QAOA's samples, and a route."""

from __future__ import annotations

from pathlib import Path

import qgraph as qg
from qgraph import canvas

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    """Write docs/images/overview.png."""
    graph = qg.read_graph(ROOT / "examples/bridges.json")
    city = qg.read_city(ROOT / "examples/city.json")
    problem = qg.MaxCut(graph)
    result = qg.solve_qaoa(problem, depth=3, seed=7)
    figure = canvas.figure(15, 4.4)
    left, middle, right = figure.subplots(1, 3, width_ratios=[1, 1.1, 1.35])
    qg.plot_cut(graph, result.best.labels or {}, ax=left).set_title("MaxCut: the best of 1024 samples")
    qg.plot_distribution(qg.simulate(problem, result.gammas, result.betas), ax=middle)
    middle.set_title("QAOA, depth 3, beside a random guess")
    route = qg.solve_exact(qg.PriorityRouting(city)).route
    qg.plot_route(city, route or (), ax=right).set_title("Urgent stops first: the fastest route")
    figure.savefig(ROOT / "docs/images/overview.png", dpi=90)


if __name__ == "__main__":
    main()
