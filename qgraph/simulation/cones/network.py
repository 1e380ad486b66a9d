"""A term of C as a tensor network over bits: the histories of its cone's nodes, joined by mixers and phases.

<Z_u Z_v> is a sum over the bits of all nodes before each mixer, of the state and of its conjugate. Each mixer
joins the bit before it to the bit after it. Each phase joins the bits of two coupled nodes in one layer, and
has no other effect on them: a bit may stand in many tensors (Markov and Shi, arXiv:quant-ph/0511069; phases
as in Boixo, Isakov, Smelyanskiy, Neven, arXiv:1712.05384, section III). What acts outside the light cone
cancels: a node on which t layers act has t bits of the state, t of its conjugate, and one that both share.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from qgraph.base.typing import Flags, Integers, NDArray, Reals
from qgraph.simulation.cones.find import Cone

MIXER, PHASE, MEASURED = range(3)
FORWARD, BACKWARD = 1, -1  # of the state, of its conjugate


class TensorNetwork(NamedTuple):
    """Tensors of one or two bits, one row of `links` for each.

    `links`, int32[m, 6]: two bits (the second is -1 in the tensor of a field), what it is, its layer, its
    side, and whether it is halved. `rates`: of phases, the coupling or field; they are gamma times the rate.
    A node starts in |+> on both sides, so one of its tensors is halved.
    """

    links: NDArray[np.int32]
    rates: Reals
    bits: int


class _Tensors:
    """Collects rows of a network."""

    def __init__(self) -> None:
        self.links: list[Integers] = []
        self.rates: list[Reals] = []

    def add(
        self, a: Integers, b: Integers, what: int, layer: Integers, side: int, halved: Flags, rate: Reals
    ) -> None:
        self.links.append(np.stack(np.broadcast_arrays(a, b, what, layer, side, halved), axis=1))
        self.rates.append(np.broadcast_to(rate, len(a)))

    def done(self, bits: int) -> TensorNetwork:
        links = np.ascontiguousarray(np.concatenate(self.links), dtype=np.int32)
        return TensorNetwork(links, np.ascontiguousarray(np.concatenate(self.rates)), bits)


def network_of(cone: Cone) -> TensorNetwork:
    """The network of <Z> of a cone's root, or of <Z Z> of its two roots. The depth is at least 1."""
    levels, tensors = np.array(cone.levels), _Tensors()
    shared = np.arange(cone.qubits) >= cone.roots  # roots are measured: their last bits are summed already
    sizes = 2 * levels + shared
    first = np.cumsum(sizes) - sizes

    def bit(node: Integers, layer: Integers, side: int) -> Integers:
        t = levels[node]
        found: Integers = first[node] + np.where(layer == t, 2 * t, layer + (0 if side == FORWARD else t))
        return found

    one = np.ones(1)
    node, layer = _layers(levels)
    last = ~shared[node] & (layer == levels[node] - 1)
    tensors.add(
        bit(node, layer, FORWARD)[last],
        bit(node, layer, BACKWARD)[last],
        MEASURED,
        layer[last],
        FORWARD,
        layer[last] == 0,
        one,
    )
    node, layer = node[~last], layer[~last]
    i, j = np.array([ends[:2] for ends in cone.couplings], dtype=np.int64).reshape(-1, 2).T
    J, h = np.array([J for _, _, J in cone.couplings]), np.array(cone.h)
    pair, when = _layers(np.maximum(levels[i], levels[j]))
    # Nodes without a mixer have no tensors but couplings of the first layer: one of them is halved.
    bare = np.where(levels[i] == 0, i, np.where(levels[j] == 0, j, -1))
    halved = np.zeros(len(i), dtype=np.bool_)
    halved[np.unique(bare, return_index=True)[1]] = True
    halved &= bare >= 0
    alone, acting = _layers(np.where(h != 0, levels, 0))
    for side in (FORWARD, BACKWARD):
        forward = side == FORWARD
        ends = bit(node, layer, side), bit(node, layer + 1, side)
        tensors.add(*ends, MIXER, layer, side, (layer == 0) & forward, one)
        ends = bit(i[pair], when, side), bit(j[pair], when, side)
        tensors.add(*ends, PHASE, when, side, halved[pair] & forward, J[pair])
        ends = bit(alone, acting, side), np.full(len(alone), -1)
        tensors.add(*ends, PHASE, acting, side, np.zeros(len(alone), dtype=np.bool_), h[alone])
    return tensors.done(int(sizes.sum()))


def _layers(counts: Integers) -> tuple[Integers, Integers]:
    """The numbers of all rows, each repeated for each of its layers, and the layers."""
    rows = np.repeat(np.arange(len(counts)), counts)
    return rows, np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
