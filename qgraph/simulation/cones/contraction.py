"""Light cones with cycles: sums over the histories of all nodes, one node after another.

The spins' histories are those of `trees.py`; here they may interact in any way. Eliminating a node multiplies
all factors that know it and sums over its histories, which leaves a factor of its neighbours (Markov and Shi,
arXiv:quant-ph/0511069, section 4). The cost doubles with each spin of the largest factor.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property, reduce

import numpy as np

from qgraph.base.typing import Complexes, Reals
from qgraph.simulation.cones.find import Cone
from qgraph.simulation.cones.trees import mixer_amplitudes, spin_before
from qgraph.simulation.deadline import check

Nodes = tuple[int, ...]

WIDEST = 24  # spins of the largest factor
CHUNK = 2**17  # amplitudes that are worked on at a time
SECONDS_PER_AMPLITUDE, SECONDS_PER_STEP = 4e-8, 1.5e-4  # of a gradient, roughly


class Elimination:
    """The order in which the nodes of a cone go: next always the one that costs least."""

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
            if self.width > WIDEST:
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
        """About how long a gradient takes; infinite where the largest factor is too large."""
        if self.width > WIDEST:
            return float("inf")
        return self.amplitudes * SECONDS_PER_AMPLITUDE + len(self.order) * SECONDS_PER_STEP


class Contraction:
    """Terms whose cones differ in fields and couplings alone; `weights` multiply their expectations."""

    def __init__(self, cones: Sequence[Cone], weights: Sequence[float]) -> None:
        self.cone = cones[0]
        self.order = Elimination(self.cone).order
        self.width = Elimination(self.cone).width
        self.h = np.array([cone.h for cone in cones])
        self.J = np.array([[J for _, _, J in cone.couplings] for cone in cones]).reshape(len(cones), -1)
        self.weights = np.array(weights)

    def value(self, gammas: Reals, betas: Reals) -> float:
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
    """All histories of a node on which t layers act: forward spins, the middle one, backward spins."""

    def __init__(self, t: int, gammas: Reals, betas: Reals) -> None:
        self.gammas, self.betas = gammas[:t], betas[:t]
        side = 2**t
        forward = np.array([spin_before(t, layer) for layer in range(t)]).reshape(t, side)
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
        """Forward spins, backward spins and amplitudes of a term's own nodes, measured and summed over."""
        up = self.middle > 0
        return self.forward[:, up], self.backward[:, up], self.mixers[:, up] - self.mixers[:, ~up]

    @cached_property
    def others(self) -> tuple[Reals, Reals, Complexes]:
        """The same of others, whose middle spins meet the phase of the layer that no longer mixes them."""
        forward, backward = (np.vstack([spins, self.middle]) for spins in (self.forward, self.backward))
        return forward, backward, self.mixers


class _Pass:
    """One evaluation of some of the terms: elimination, and for the gradient the way back."""

    def __init__(self, terms: Contraction, tables: list[_Histories], part: slice) -> None:
        self.cone, self.tables = terms.cone, tables
        self.h, self.J, self.weights = terms.h[part], terms.J[part], terms.weights[part]
        self.place = {node: at for at, node in enumerate(terms.order)}
        self.factors: list[Complexes] = []  # [terms, histories of each node that it knows]
        self.known: list[Nodes] = []  # these nodes, the first to be eliminated last
        self.steps: list[tuple[list[int], Nodes]] = []
        for node in range(self.cone.qubits):
            self._add(self._of_node(node), (node,))
        for k, (i, j, _) in enumerate(self.cone.couplings):
            factor = self._of_pair(k)
            late = self.place[i] > self.place[j]
            self._add(factor if late else factor.swapaxes(1, 2), (i, j) if late else (j, i))
        waiting = set(range(len(self.factors)))
        for node in terms.order:
            mine = sorted((f for f in waiting if node in self.known[f]), key=lambda f: self.factors[f].size)
            nodes = tuple(
                sorted({other for f in mine for other in self.known[f]}, key=self.place.__getitem__)[::-1]
            )
            product = reduce(np.multiply, (self._spread(f, nodes) for f in mine))
            self.steps.append((mine, nodes))
            self._add(product.sum(axis=-1), nodes[:-1])
            waiting -= set(mine)
            waiting.add(len(self.factors) - 1)
        self.value = float(np.dot(self.weights, self.factors[-1].real))

    def _add(self, factor: Complexes, nodes: Nodes) -> None:
        self.factors.append(factor)
        self.known.append(nodes)

    def _spread(self, number: int, nodes: Nodes) -> Complexes:
        """A factor with an axis for each of these nodes."""
        check()  # what it is multiplied by takes long
        factor, known = self.factors[number], self.known[number]
        sizes = iter(factor.shape[1:])
        shape = [next(sizes) if node in known else 1 for node in nodes]
        return factor.reshape(len(factor), *shape)

    def _table(self, node: int) -> _Histories:
        return self.tables[self.cone.levels[node]]

    def _known_of(self, node: int) -> tuple[Reals, Reals, Complexes]:
        table = self._table(node)
        return table.roots if node < self.cone.roots else table.others

    def _spins(self, node: int) -> tuple[Reals, Reals]:
        return self._known_of(node)[:2]

    def _phase(self, node: int) -> Complexes:
        """The phases of a node's field."""
        table, (forward, backward) = self._table(node), self._spins(node)
        layers = len(table.gammas)
        phase: Complexes = np.exp(
            -1j * np.outer(self.h[:, node], table.gammas @ (forward[:layers] - backward[:layers]))
        )
        return phase

    def _of_node(self, node: int) -> Complexes:
        factor: Complexes = self._phase(node) * self._known_of(node)[2][0]
        return factor

    def _layers(self, k: int) -> tuple[Reals, Reals, Reals, Reals]:
        """The spins of both ends of a coupling, forward and backward, in the layers in which it matters."""
        i, j, _ = self.cone.couplings[k]
        layers = max(self.cone.levels[i], self.cone.levels[j])
        (of_i, back_i), (of_j, back_j) = self._spins(i), self._spins(j)
        return of_i[:layers], back_i[:layers], of_j[:layers], back_j[:layers]

    def _of_pair(self, k: int) -> Complexes:
        of_i, back_i, of_j, back_j = self._layers(k)
        gammas = self.tables[len(of_i)].gammas[:, None]
        rates = of_i.T @ (gammas * of_j) - back_i.T @ (gammas * back_j)
        factor: Complexes = np.exp(-1j * self.J[:, k, None, None] * rates)
        return factor

    def backward(self) -> Reals:
        """The derivatives by all angles: float64[2, p]."""
        slopes = np.zeros((2, len(self.tables) - 1))
        adjoints: dict[int, Complexes] = {len(self.factors) - 1: self.weights.astype(np.complex128)}
        first = len(self.factors) - len(self.steps)
        for number in reversed(range(len(self.steps))):
            mine, nodes = self.steps[number]
            ahead = [adjoints.pop(first + number)[..., None]]
            for f in mine[:-1]:
                ahead.append(ahead[-1] * self._spread(f, nodes))
            behind: Complexes = np.ones(1, dtype=np.complex128)
            for f in reversed(mine):
                others = np.broadcast_to(ahead.pop() * behind, self._size(nodes))
                gone = tuple(1 + at for at, node in enumerate(nodes) if node not in self.known[f])
                adjoints[f] = others.sum(axis=gone)
                behind = behind * self._spread(f, nodes)
        for node in range(self.cone.qubits):
            self._node_slopes(node, adjoints[node], slopes)
        for k in range(len(self.cone.couplings)):
            self._pair_slopes(k, adjoints[self.cone.qubits + k], slopes)
        return slopes

    def _size(self, nodes: Nodes) -> tuple[int, ...]:
        return (len(self.weights), *(self.factors[node].shape[1] for node in nodes))

    def _node_slopes(self, node: int, adjoint: Complexes, slopes: Reals) -> None:
        table, (forward, backward) = self._table(node), self._spins(node)
        layers = len(table.gammas)
        by_beta = self._known_of(node)[2][1:]
        slopes[1, :layers] += (by_beta @ np.sum(adjoint * self._phase(node), axis=0)).real
        rates = self.h[:, node] @ (adjoint * self.factors[node])
        slopes[0, :layers] += ((forward[:layers] - backward[:layers]) @ rates).imag

    def _pair_slopes(self, k: int, adjoint: Complexes, slopes: Reals) -> None:
        i, j, _ = self.cone.couplings[k]
        if self.place[i] < self.place[j]:
            adjoint = adjoint.swapaxes(1, 2)
        of_i, back_i, of_j, back_j = self._layers(k)
        both = np.tensordot(self.J[:, k], adjoint * self._of_pair(k), 1)
        along = np.einsum("ls,ls->l", of_i, (both @ of_j.T).T) - np.einsum(
            "ls,ls->l", back_i, (both @ back_j.T).T
        )
        slopes[0, : len(of_i)] += along.imag
