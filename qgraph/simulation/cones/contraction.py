"""Light cones with cycles: tensor contraction over the histories of all nodes, one node after another.

The history of each node (`histories.py`) is an index of tensors. Eliminating a node
multiplies all tensors with its index and sums over it, which leaves a tensor of its neighbours (Markov and
Shi, arXiv:quant-ph/0511069, section 4). Each further spin of the largest tensor doubles the cost.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property, reduce

import numpy as np

from qgraph.base.typing import Complexes, Reals
from qgraph.simulation.cones.find import Cone
from qgraph.simulation.deadline import check
from qgraph.simulation.histories import mixer_amplitudes, spin

Nodes = tuple[int, ...]

LARGEST_TENSOR = 24  # spins
CHUNK = 2**17  # amplitudes in memory at a time
SECONDS_PER_AMPLITUDE, SECONDS_PER_STEP = 4e-8, 1.5e-4  # of a gradient, roughly


class Elimination:
    """The order in which the nodes of a cone are eliminated: always the one with the smallest tensor next."""

    def __init__(self, cone: Cone) -> None:
        self.bits = [2 * level + (k >= cone.roots) for k, level in enumerate(cone.levels)]
        self.order: list[int] = []
        self.width = 0
        self.amplitudes = 0
        near = [set(row) for row in cone.rows]
        costs = {k: self._cost(k, near[k]) for k in range(cone.qubits)}
        while costs:
            check()
            node = min(costs, key=lambda k: (costs[k], k))
            self.width = max(self.width, costs.pop(node))
            if self.width > LARGEST_TENSOR:
                return
            self.order.append(node)
            self.amplitudes += (len(near[node]) + 2) * 2 ** self._cost(node, near[node])
            for other in near[node]:
                near[other] |= near[node]
                near[other] -= {node, other}
                costs[other] = self._cost(other, near[other])

    def _cost(self, node: int, near: set[int]) -> int:
        return self.bits[node] + sum(self.bits[other] for other in near)

    @property
    def seconds(self) -> float:
        """About how long a gradient takes; infinite if the largest tensor is too large."""
        if self.width > LARGEST_TENSOR:
            return float("inf")
        return self.amplitudes * SECONDS_PER_AMPLITUDE + len(self.order) * SECONDS_PER_STEP


class Contraction:
    """Terms on cones of the same structure, each with its weight, evaluated together."""

    def __init__(self, terms: Sequence[tuple[Cone, float]]) -> None:
        self.cone, _ = terms[0]
        elimination = Elimination(self.cone)
        self.order, self.width = elimination.order, elimination.width
        self.h = np.array([cone.h for cone, _ in terms])
        self.J = np.array([[J for _, _, J in cone.couplings] for cone, _ in terms]).reshape(len(terms), -1)
        self.weights = np.array([weight for _, weight in terms])

    def expectation(self, gammas: Reals, betas: Reals) -> float:
        """The sum over all terms."""
        return float(sum(part.value for part in self._passes(gammas, betas)))

    def gradient(self, gammas: Reals, betas: Reals) -> tuple[float, Reals]:
        """The sum over all terms, and its derivatives: float64[2, p]."""
        value, slopes = 0.0, np.zeros((2, len(gammas)))
        for part in self._passes(gammas, betas):
            value += part.value
            slopes += part.backward()
        return value, slopes

    def _passes(self, gammas: Reals, betas: Reals) -> Iterator[_Pass]:
        step = max(1, CHUNK >> self.width)
        tables = [_Histories(t, gammas, betas) for t in range(len(gammas) + 1)]
        for start in range(0, len(self.weights), step):
            yield _Pass(self, tables, slice(start, start + step))


class _Histories:
    """All histories of a node with t layers: forward spins, the middle spin, backward spins."""

    def __init__(self, t: int, gammas: Reals, betas: Reals) -> None:
        self.gammas, self.betas = gammas[:t], betas[:t]
        side = 2**t
        forward = np.array([spin(t, layer) for layer in range(t)]).reshape(t, side)
        shape = (t, side, 2, side)
        self.forward = np.broadcast_to(forward[:, :, None, None], shape).reshape(t, 2 * 4**t)
        self.backward = np.broadcast_to(forward[:, None, None, :], shape).reshape(t, 2 * 4**t)
        self.middle = np.broadcast_to(np.array([1.0, -1.0])[:, None], shape[1:]).reshape(-1)

    @cached_property
    def mixers(self) -> Complexes:
        """The mixers' amplitudes of all histories, then their derivatives by beta: complex[1 + t, size]."""
        by = [None, *range(len(self.betas))]
        return np.array([mixer_amplitudes(self.betas, layer) for layer in by]).reshape(len(by), -1)

    @cached_property
    def roots(self) -> tuple[Reals, Reals, Complexes]:
        """Forward spins, backward spins and amplitudes of a term's own nodes, which are measured."""
        up = self.middle > 0
        return self.forward[:, up], self.backward[:, up], self.mixers[:, up] - self.mixers[:, ~up]

    @cached_property
    def others(self) -> tuple[Reals, Reals, Complexes]:
        """The same of other nodes, whose middle spins get a phase from one more layer, without its mixer."""
        forward, backward = (np.vstack([spins, self.middle]) for spins in (self.forward, self.backward))
        return forward, backward, self.mixers


class _Pass:
    """One evaluation of some of the terms: elimination, and back-propagation for the gradient.

    The axes of a tensor: terms, then the histories of each of its nodes.
    """

    def __init__(self, terms: Contraction, tables: list[_Histories], part: slice) -> None:
        self.cone, self.tables, self.gammas = terms.cone, tables, tables[-1].gammas
        self.h, self.J, self.weights = terms.h[part], terms.J[part], terms.weights[part]
        self.place = {node: at for at, node in enumerate(terms.order)}
        alone = range(self.cone.qubits)
        self.indices: list[Nodes] = [(node,) for node in alone]  # the nodes of each tensor
        self.indices += [self._last_first(ends) for *ends, _ in self.cone.couplings]
        self.tensors: list[Complexes] = [self._phase(k) * self._histories_of(k)[2][0] for k in alone]
        self.tensors += [self._of_pair(k) for k in range(len(self.cone.couplings))]
        self.steps: list[tuple[list[int], Nodes]] = []
        waiting = set(range(len(self.tensors)))
        for node in terms.order:
            mine = sorted((f for f in waiting if node in self.indices[f]), key=lambda f: self.tensors[f].size)
            nodes = self._last_first({other for f in mine for other in self.indices[f]})
            self.steps.append((mine, nodes))
            self.tensors.append(reduce(np.multiply, (self._spread(f, nodes) for f in mine)).sum(axis=-1))
            self.indices.append(nodes[:-1])
            waiting -= set(mine)
            waiting.add(len(self.tensors) - 1)
        self.value = float(np.dot(self.weights, self.tensors[-1].real))

    def _last_first(self, nodes: Iterable[int]) -> Nodes:
        """Nodes in the order of a tensor's axes: the first to be eliminated is the last."""
        return tuple(sorted(nodes, key=self.place.__getitem__, reverse=True))

    def _spread(self, number: int, nodes: Nodes) -> Complexes:
        """A tensor with an axis for each of these nodes."""
        check()  # the product that follows takes long
        known = self.indices[number]
        shape = [self.tensors[node].shape[1] if node in known else 1 for node in nodes]
        return self.tensors[number].reshape(len(self.weights), *shape)

    def _histories_of(self, node: int) -> tuple[Reals, Reals, Complexes]:
        table = self.tables[self.cone.levels[node]]
        return table.roots if node < self.cone.roots else table.others

    def _turns(self, node: int) -> Reals:
        """What a field's phase multiplies by gamma in each layer: forward spins less backward ones."""
        forward, backward, _ = self._histories_of(node)
        layers = self.cone.levels[node]
        return forward[:layers] - backward[:layers]

    def _phase(self, node: int) -> Complexes:
        """The phases of a node's field."""
        turns = self._turns(node)
        phase: Complexes = np.exp(-1j * np.outer(self.h[:, node], self.gammas[: len(turns)] @ turns))
        return phase

    def _layers(self, k: int) -> tuple[Reals, Reals, Reals, Reals]:
        """The spins of both ends of a coupling, forward and backward, in the layers in which it acts."""
        i, j = self.indices[self.cone.qubits + k]
        layers = max(self.cone.levels[i], self.cone.levels[j])
        (of_i, back_i, _), (of_j, back_j, _) = self._histories_of(i), self._histories_of(j)
        return of_i[:layers], back_i[:layers], of_j[:layers], back_j[:layers]

    def _of_pair(self, k: int) -> Complexes:
        of_i, back_i, of_j, back_j = self._layers(k)
        gammas = self.gammas[: len(of_i), None]
        rates = of_i.T @ (gammas * of_j) - back_i.T @ (gammas * back_j)
        tensor: Complexes = np.exp(-1j * self.J[:, k, None, None] * rates)
        return tensor

    def backward(self) -> Reals:
        """The derivatives by all angles: float64[2, p]."""
        slopes = np.zeros((2, len(self.gammas)))
        adjoints: dict[int, Complexes] = {len(self.tensors) - 1: self.weights.astype(np.complex128)}
        first = len(self.tensors) - len(self.steps)
        for number in reversed(range(len(self.steps))):
            mine, nodes = self.steps[number]
            shape = len(self.weights), *(self.tensors[node].shape[1] for node in nodes)
            ahead = [adjoints.pop(first + number)[..., None]]
            for f in mine[:-1]:
                ahead.append(ahead[-1] * self._spread(f, nodes))
            behind: Complexes = np.ones(1, dtype=np.complex128)
            for f in reversed(mine):
                others = np.broadcast_to(ahead.pop() * behind, shape)
                gone = tuple(1 + at for at, node in enumerate(nodes) if node not in self.indices[f])
                adjoints[f] = others.sum(axis=gone)
                behind = behind * self._spread(f, nodes)
        for node in range(self.cone.qubits):
            self._node_slopes(node, adjoints[node], slopes)
        for k in range(len(self.cone.couplings)):
            self._pair_slopes(k, adjoints[self.cone.qubits + k], slopes)
        return slopes

    def _node_slopes(self, node: int, adjoint: Complexes, slopes: Reals) -> None:
        layers = self.cone.levels[node]
        by_beta = self._histories_of(node)[2][1:]
        slopes[1, :layers] += (by_beta @ np.sum(adjoint * self._phase(node), axis=0)).real
        rates = self.h[:, node] @ (adjoint * self.tensors[node])
        slopes[0, :layers] += (self._turns(node) @ rates).imag

    def _pair_slopes(self, k: int, adjoint: Complexes, slopes: Reals) -> None:
        of_i, back_i, of_j, back_j = self._layers(k)
        both = np.tensordot(self.J[:, k], adjoint * self._of_pair(k), 1)
        ends = zip((1, -1), (of_i, back_i), (of_j, back_j), strict=True)
        along = sum(sign * np.einsum("ls,sl->l", one, both @ other.T) for sign, one, other in ends)
        slopes[0, : len(of_i)] += along.imag
