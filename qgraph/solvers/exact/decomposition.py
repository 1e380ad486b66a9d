"""Decomposition of Ising models into pieces that can be minimised one by one, exactly.

A field is a coupling to one more spin, the anchor, so there are only couplings. The neighbours of a spin with
at most two couplings decide its value: the minimum over this spin is again a coupling of the two neighbours.
Of the rest, each block (no single spin separates it) is a piece. Flipping a whole piece does not change its
energy, so the minima of the pieces can be joined at the spins that they share.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from qgraph.base.typing import Bits
from qgraph.problems.ising import Ising, from_arrays
from qgraph.problems.sense import sign

Near = list[dict[int, float]]


@dataclass(frozen=True)
class Pieces:
    """The `models` to minimise; `members` lists the spins of each in the whole model; the anchor is spin n.

    `constant` is what the removed spins add to the least energy, and `gone` lists them in order, each with
    the couplings that decide its value.
    """

    n: int
    models: list[Ising]
    members: list[list[int]]
    constant: float
    gone: list[tuple[int, dict[int, float]]]

    def joined(self, found: Sequence[Bits]) -> Bits:
        """The bits of the whole model, from those of each piece: uint8[n]."""
        spins = np.zeros(self.n + 1)
        at = defaultdict[int, list[int]](list)
        for piece, members in enumerate(self.members):
            for spin in members:
                at[spin].append(piece)
        placed = np.zeros(len(self.members), dtype=bool)
        for first in range(len(self.members)):
            waiting = deque([first])
            while waiting:
                piece = waiting.popleft()
                if placed[piece]:
                    continue
                placed[piece] = True
                members, own = self.members[piece], 1.0 - 2.0 * found[piece]
                relation = [
                    spins[spin] * value for spin, value in zip(members, own, strict=True) if spins[spin]
                ]
                spins[members] = own * (relation[0] if relation else 1.0)
                waiting.extend(other for spin in members for other in at[spin])
        spins[self.n] = spins[self.n] or 1.0
        for spin, couplings in reversed(self.gone):
            field = sum(value * spins[other] for other, value in couplings.items())
            spins[spin] = -1.0 if field > 0 else 1.0
        return np.asarray(spins[:-1] * spins[-1] < 0, dtype=np.uint8)


def pieces(ising: Ising) -> Pieces:
    """Remove spins with few couplings, and split the rest at single spins."""
    import networkx as nx

    n, side = len(ising.nodes), sign(ising)
    near: Near = [{} for _ in range(n + 1)]
    pairs, couplings = ising.fields_as_couplings()
    fields_first = np.roll(np.arange(len(couplings)), np.count_nonzero(ising.h))
    for (i, j), value in zip(pairs[fields_first].tolist(), couplings[fields_first].tolist(), strict=True):
        if value:
            near[i][j] = near[j][i] = side * value
    gone, constant = _set_aside(near, n)
    graph = nx.Graph((spin, other) for spin, row in enumerate(near) for other in row if spin < other)
    members = sorted((sorted(block) for block in nx.biconnected_components(graph)), key=len)
    return Pieces(n, [_model(near, block) for block in members], members, constant, gone)


def _set_aside(near: Near, n: int) -> tuple[list[tuple[int, dict[int, float]]], float]:
    """Remove spins with at most two couplings from `near`, but never the anchor n."""
    gone: list[tuple[int, dict[int, float]]] = []
    constant, left, waiting = 0.0, set(range(n)), deque(range(n))
    while waiting:
        spin = waiting.popleft()
        if spin not in left or len(near[spin]) > 2:
            continue
        left.remove(spin)
        couplings = near[spin]
        near[spin] = {}
        gone.append((spin, couplings))
        for other in couplings:
            del near[other][spin]
        constant -= max(map(abs, couplings.values()), default=0.0)
        if len(couplings) == 2:  # -|a s + b t| = -max(|a|, |b|) - sign(ab) min(|a|, |b|) s t
            (one, a), (other, b) = couplings.items()
            value = near[one].get(other, 0.0) - float(np.sign(a * b)) * min(abs(a), abs(b))
            near[one][other] = near[other][one] = value
            if value == 0:
                del near[one][other], near[other][one]
        waiting.extend(couplings)
    return gone, constant


def _model(near: Near, block: list[int]) -> Ising:
    number = {spin: i for i, spin in enumerate(block)}
    edges = [
        (number[spin], number[other], value)
        for spin in block
        for other, value in near[spin].items()
        if spin < other and other in number
    ]
    i, j, J = zip(*edges, strict=True)
    pairs = np.array([i, j], dtype=np.int64).T
    return from_arrays(map(str, range(len(block))), np.zeros(len(block)), pairs, np.array(J), 0.0, "minimize")
