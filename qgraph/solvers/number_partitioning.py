"""Number partitioning by its own methods: differencing, search, and exact sums.

The objective of the problem is the square of the difference; the methods here compare differences.
"""

from __future__ import annotations

import heapq
import math
from bisect import insort_left

import numpy as np

from qgraph.base import resources
from qgraph.base.typing import Bits, Reals
from qgraph.solvers.budget import Budget

MEET_IN_THE_MIDDLE = 40  # numbers
EXACT = 2.0**53  # whole numbers below it are exact
TABLE = 2**30  # bytes of the table of reachable sums
NODES_AT_ONCE = 256  # of the tree of differences, between two looks at the clock
STEPS_AT_ONCE = 64  # of annealing, between two looks at the clock
COLDEST = 1e-3  # the last temperature, relative to the smallest number
TENURE = 0.25  # the share of the numbers that wait at most, in a tabu search


def difference(numbers: Reals, bits: Bits) -> float:
    """The difference of the two sums, without sign."""
    return abs(math.fsum((numbers * (1.0 - 2.0 * bits)).tolist()))


def differenced(numbers: Reals) -> Bits:
    """Karmarkar and Karp's partition: always put the two largest on different sides (UCB/CSD 82/113, 1982).

    >>> numbers = np.array([8.0, 7.0, 6.0, 5.0, 4.0])
    >>> difference(numbers, differenced(numbers))
    2.0
    """
    heap = [(-value, i) for i, value in enumerate(numbers.tolist())]
    heapq.heapify(heap)
    relations = []
    while len(heap) > 1:
        (first, i), (second, j) = heapq.heappop(heap), heapq.heappop(heap)
        relations.append((i, j, 1))
        heapq.heappush(heap, (first - second, i))
    return _sides(len(numbers), relations)


def _sides(n: int, relations: list[tuple[int, int, int]]) -> Bits:
    """Bits from relations (i, j, other): number j is on the other side (1) or on the same side (0) as i."""
    bits = np.zeros(n, dtype=np.uint8)
    for i, j, other in reversed(relations):
        bits[j] = bits[i] ^ other
    return bits


def annealed(numbers: Reals, steps: int, rng: np.random.Generator, budget: Budget) -> Bits:
    """The best partition of one run of simulated annealing on prepartitions.

    Numbers of a group stay together, and the sums of the groups are differenced; a step moves one number to
    another group. Ruml, Ngo, Marks, Shieber, J. Optim. Theory Appl. 89 (1996), section 3.
    """
    n = len(numbers)
    groups = np.arange(n)
    best = differenced(numbers)
    gap = least = difference(numbers, best)
    hot, cold = least or 1.0, float(numbers.min()) * COLDEST
    with budget.ended_by_interrupt():
        for step in range(steps):
            if step % STEPS_AT_ONCE == 0 and budget.over():
                break
            temperature = hot * min(cold / hot, 1.0) ** (step / steps)
            moved = groups.copy()
            moved[rng.integers(n)] = rng.integers(n)
            bits = differenced(np.bincount(moved, numbers, n).astype(np.float64))[moved]
            found = difference(numbers, bits)
            if found <= gap + temperature * rng.exponential():
                groups, gap = moved, found
            if found < least:
                best, least = bits, found
    return best


def tabu(numbers: Reals, start: Bits, steps: int, rng: np.random.Generator, budget: Budget) -> Bits:
    """The best partition of a tabu search: one or two numbers change sides, and then wait."""
    n = len(numbers)
    best, bits, least = start, start.copy(), difference(numbers, start)
    free_at = np.zeros(n, dtype=np.int64)
    i, j = np.triu_indices(n)  # a pair (i, i) is one number alone
    with budget.ended_by_interrupt():
        for step in range(steps):
            if budget.over():
                break
            signed = numbers * (1.0 - 2.0 * bits)
            change = -2 * signed[i] - np.where(i == j, 0.0, 2 * signed[j])
            left = np.abs(signed.sum() + change)
            waiting = (free_at[i] > step) | (free_at[j] > step)
            place = int(np.where(waiting & (left >= least), math.inf, left).argmin())
            both = [int(i[place]), int(j[place])]
            bits[both] ^= 1
            free_at[both] = step + 1 + rng.integers(1, max(2, int(TENURE * n)), size=2)
            if difference(numbers, bits) < least:
                best, least = bits.copy(), difference(numbers, bits)
    return best


def exact(numbers: Reals, start: Bits, least: float, budget: Budget) -> tuple[Bits, bool]:
    """The best partition found, `start` or better, and whether it is proved to be optimal.

    The search ends at a difference of `least`, since no partition is better.

    By the sums of two halves to 40 numbers (Horowitz, Sahni, J. ACM 21, 1974), by a table of reachable sums
    for whole numbers, and by complete differencing for others (Korf, Artificial Intelligence 106, 1998).
    """
    if len(numbers) <= MEET_IN_THE_MIDDLE:
        return min(start, _from_halves(numbers), key=lambda bits: difference(numbers, bits)), True
    total = float(numbers.sum())
    whole = bool((numbers == np.round(numbers)).all()) and total < EXACT
    if whole and len(numbers) * total / 8 <= min(TABLE, resources.free_memory()):
        return _from_table(numbers, budget, start)
    return _complete(numbers, start, least, budget)


def _from_halves(numbers: Reals) -> Bits:
    half = len(numbers) // 2
    first, second = _signed_sums(numbers[:half]), _signed_sums(numbers[half:])
    order = np.argsort(second, kind="stable")
    ranked = second[order]
    after = np.searchsorted(ranked, -first).clip(0, len(ranked) - 1)
    near = np.stack([after, np.maximum(after - 1, 0)])
    side, i = np.unravel_index(np.abs(first + ranked[near]).argmin(), near.shape)
    j = order[near[side, i]]
    indices = np.concatenate([i >> np.arange(half) & 1, j >> np.arange(len(numbers) - half) & 1])
    return indices.astype(np.uint8)


def _signed_sums(numbers: Reals) -> Reals:
    """The sums with all signs; bit q of the index is that of number q: float64[2**n]."""
    sums = np.zeros(1)
    for number in numbers.tolist():
        sums = np.concatenate([sums + number, sums - number])
    return sums


def _from_table(numbers: Reals, budget: Budget, start: Bits) -> tuple[Bits, bool]:
    """Dynamic program: bit s of row i says whether a subset of the first i numbers has the sum s."""
    values = [int(number) for number in numbers.tolist()]
    rows = [1]
    for i, value in enumerate(values):
        if budget.over(i / len(values)):
            return start, False
        rows.append(rows[-1] | rows[-1] << value)
    left = (rows[-1] & ((1 << sum(values) // 2 + 1) - 1)).bit_length() - 1
    bits = np.zeros(len(values), dtype=np.uint8)
    for i in reversed(range(len(values))):
        if not rows[i] >> left & 1:
            bits[i], left = 1, left - values[i]
    return bits, True


def _complete(numbers: Reals, start: Bits, least: float, budget: Budget) -> tuple[Bits, bool]:
    """Depth-first search of a tree: the two largest numbers go to different sides, or to the same side."""
    best, gap = start, difference(numbers, start)
    order = np.argsort(-numbers, kind="stable")
    stack = [([(float(numbers[i]), int(i)) for i in order], [])]  # type: ignore[var-annotated]
    looked = 0
    with budget.ended_by_interrupt():
        while stack and gap > least:
            looked += 1
            if looked % NODES_AT_ONCE == 0 and budget.over(0.0):
                break
            left, relations = stack.pop()
            rest = sum(value for value, _ in left[1:])
            if left[0][0] >= rest or len(left) == 2:
                if left[0][0] - rest < gap:
                    i = left[0][1]
                    best = _sides(len(numbers), [*relations, *((i, j, 1) for _, j in left[1:])])
                    gap = difference(numbers, best)
                continue
            (first, i), (second, j), *others = left
            for value, other in ((first + second, 0), (first - second, 1)):
                row = others.copy()
                insort_left(row, (value, i), key=lambda pair: -pair[0])
                stack.append((row, [*relations, (i, j, other)]))
    return best, budget.stopped_by is None
