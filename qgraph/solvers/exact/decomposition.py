"""Decomposition of Ising models into pieces that can be minimised one by one, exactly.

A field is a coupling to one more spin, the anchor, so there are only couplings. The neighbours of a spin with
at most two couplings decide its value: the minimum over this spin is again a coupling of the two neighbours.
Such spins are removed. The pieces are the blocks of the rest: removing any one spin of a block leaves it
connected. Flipping a whole piece does not change its energy, so the minima of the pieces can be joined at the
spins that they share.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from qgraph.base.typing import Bits
from qgraph.problems.ising import Ising, from_arrays
from qgraph.problems.sense import sign


@dataclass(frozen=True)
class Pieces:
    """The `models` to minimise; `members` lists the spins of each in the whole model; the anchor is spin n.

    A piece shares at most one spin with the pieces before it. `constant` is what the removed spins add to the
    least energy, and `gone` lists them in order, each with the couplings that decide its value.
    """

    n: int
    models: list[Ising]
    members: list[list[int]]
    constant: float
    gone: list[tuple[int, dict[int, float]]]

    def joined(self, found: Sequence[Bits]) -> Bits:
        """The bits of the whole model, from those of each piece: uint8[n]."""
        spins = np.zeros(self.n + 1)
        for members, bits in zip(self.members, found, strict=True):
            own = 1.0 - 2.0 * bits
            spins[members] = own * (own @ spins[members] or 1.0)  # at most one of them has a value already
        spins[self.n] = spins[self.n] or 1.0
        for spin, couplings in reversed(self.gone):
            field = sum(value * spins[other] for other, value in couplings.items())
            spins[spin] = -1.0 if field > 0 else 1.0
        return np.asarray(spins[:-1] * spins[-1] < 0, dtype=np.uint8)


def pieces(ising: Ising) -> Pieces:
    """Remove spins with few couplings, and split the rest at single spins."""
    import networkx as nx

    n = len(ising.nodes)
    pairs, couplings = ising.fields_as_couplings()
    fields_first = np.roll(np.arange(len(couplings)), np.count_nonzero(ising.h))
    table = np.column_stack([pairs, sign(ising) * couplings])[fields_first]
    graph: nx.Graph[int] = nx.Graph()
    graph.add_nodes_from(range(n + 1))
    graph.add_weighted_edges_from((int(i), int(j), value) for i, j, value in table.tolist() if value)
    gone, constant = _set_aside(graph, n)
    members = [sorted(block) for block in nx.biconnected_components(graph)][::-1]
    return Pieces(n, [_model(graph, block) for block in members], members, constant, gone)


def _set_aside(graph: Any, n: int) -> tuple[list[tuple[int, dict[int, float]]], float]:
    """Remove spins with at most two couplings from the graph, but never the anchor n."""
    gone: list[tuple[int, dict[int, float]]] = []
    constant, waiting = 0.0, deque(range(n))
    while waiting:
        spin = waiting.popleft()
        if spin == n or spin not in graph or len(graph[spin]) > 2:
            continue
        couplings = {other: edge["weight"] for other, edge in graph[spin].items()}
        graph.remove_node(spin)
        gone.append((spin, couplings))
        constant -= max(map(abs, couplings.values()), default=0.0)
        if len(couplings) == 2:  # -|a s + b t| = -max(|a|, |b|) - sign(ab) min(|a|, |b|) s t
            (one, a), (other, b) = couplings.items()
            before = graph.get_edge_data(one, other, {"weight": 0.0})["weight"]
            value = before - float(np.sign(a * b)) * min(abs(a), abs(b))
            graph.add_edge(one, other, weight=value)
            if value == 0:
                graph.remove_edge(one, other)
        waiting.extend(couplings)
    return gone, constant


def _model(graph: Any, block: list[int]) -> Ising:
    """The couplings inside a block."""
    number = {spin: i for i, spin in enumerate(block)}
    edges = graph.subgraph(block).edges(data="weight")
    i, j, J = np.array([(number[spin], number[other], value) for spin, other, value in edges]).T
    pairs = np.stack([i, j], axis=1).astype(np.int64)
    return from_arrays(map(str, range(len(block))), np.zeros(len(block)), pairs, J, 0.0, "minimize")
