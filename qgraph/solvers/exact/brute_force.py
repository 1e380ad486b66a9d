"""Brute force: the energies of all bit strings, in blocks that stay in cache."""

from __future__ import annotations

import numpy as np

from qgraph.base.typing import Bits
from qgraph.problems.ising import Ising
from qgraph.problems.sense import sign
from qgraph.simulation.vector.reference import cost_diagonal
from qgraph.solvers.budget import Budget

LARGEST_BRUTE_FORCE = 28
LOW_BITS = 18  # a block of 2**18 energies stays in cache


def brute_force(ising: Ising, budget: Budget) -> tuple[Bits, bool]:
    """The best bits, and whether all were tried: 2**n energies, or 2**(n - 1) without fields."""
    n = len(ising.nodes)
    free = n - 1 if ising.flip_symmetric else n  # by symmetry the last spin may stay up
    low = min(free, LOW_BITS)
    coupling, h = sign(ising) * ising.coupling_matrix(), sign(ising) * ising.h
    inner, uncoupled = cost_diagonal(np.zeros(low), coupling[:low, :low]), np.zeros((low, low))
    best, best_index = np.inf, 0
    blocks = 2 ** (free - low)
    done = 0
    with budget.ended_by_interrupt():
        while done < blocks:
            outer = 1.0 - 2.0 * (done >> np.arange(n - low) & 1)
            fields = h[:low] + coupling[:low, low:] @ outer
            constant = h[low:] @ outer + outer @ coupling[low:, low:] @ outer / 2
            energies = inner + cost_diagonal(fields, uncoupled)
            place = int(energies.argmin())
            if energies[place] + constant < best:
                best, best_index = energies[place] + constant, done << low | place
                budget.found(ising.offset + sign(ising) * float(best))
            done += 1
            if budget.over(done / blocks):
                break
    return (best_index >> np.arange(n) & 1).astype(np.uint8), done == blocks
