"""QUBO files: the terms of a quadratic function of bits, which is minimised."""

from __future__ import annotations

from collections.abc import Iterable

from qgraph.base.errors import InvalidInput, shown
from qgraph.models.edges import LARGEST_EDGES
from qgraph.models.generators import LARGEST_GRAPH
from qgraph.readers.text import number, numbered, rows_of, whole

Pairs = dict[tuple[int, int], float]
Terms = dict[tuple[str, str], float]


def qbsolv(text: str) -> Terms:
    """The terms in a file of D-Wave's qbsolv: `p qubo topology maxNodes nNodes nCouplers`, then `i j value`.

    `i i value` is the linear term of a bit, numbered from 0; the term of a pair counts once. Bits come in the
    order of their numbers. Lines that begin with c are comments. Source: the README of qbsolv, "qbsolv QUBO
    input file format".
    """
    counts: list[int] = []
    pairs: Pairs = {}
    for at, words in rows_of(text, "c"):
        if words[0] == "p" and not counts:
            if len(words) != 6 or words[1] != "qubo":
                raise InvalidInput(f"line {at}: must be `p qubo topology maxNodes nNodes nCouplers`")
            counts = [whole(word, f"line {at}", LARGEST_EDGES) for word in words[3:]]
        elif not counts:
            raise InvalidInput(f"line {at}: the `p` line must come before the terms")
        else:
            i, j, value = _term(words, at)
            a, b = (whole(word, f"line {at}: bit", counts[0] - 1) for word in (i, j))
            _put(pairs, a, b, value, at)
    if not counts:
        raise InvalidInput("must have a line `p qubo topology maxNodes nNodes nCouplers`")
    linear = sum(i == j for i, j in pairs)
    if (linear, len(pairs) - linear) != (counts[1], counts[2]):
        follow = f"{linear} and {len(pairs) - linear} follow"
        raise InvalidInput(f"the `p` line announces {counts[1]} nodes and {counts[2]} couplers, and {follow}")
    return _named(sorted({bit for pair in pairs for bit in pair}), pairs)


def biqmac(text: str) -> Terms:
    """The terms of x'Qx in a file of the Biq Mac library: `n m`, then m lines `i j value`, bits from 1.

    Q is symmetric and each pair is listed once, so that it counts twice: its term is 2 `value`. Lines that
    begin with # are comments. Source: biqmac.aau.at, "Description of the input for solving quadratic 0-1
    problems". The OR-library lists the same entries, to be maximised.
    """
    rows = rows_of(text, "#")
    place, header = next(rows, (1, []))
    if len(header) != 2:
        raise InvalidInput("the first line must be the numbers of bits and entries")
    n = whole(header[0], f"line {place}: number of bits", LARGEST_GRAPH)
    m = whole(header[1], f"line {place}: number of entries", LARGEST_EDGES)
    pairs: Pairs = {}
    for at, words in rows:
        i, j, value = _term(words, at)
        ends = numbered(i, f"line {at}", n, "bit"), numbered(j, f"line {at}", n, "bit")
        _put(pairs, *ends, value if i == j else 2 * value, at)
    if len(pairs) != m:
        raise InvalidInput(f"line {place} announces {m} entries, and {len(pairs)} follow")
    return _named(range(1, n + 1), pairs)


def _term(words: list[str], at: int) -> tuple[str, str, float]:
    if len(words) != 3:
        raise InvalidInput(f"line {at}: must be `i j value`, got {shown(' '.join(words))}")
    return words[0], words[1], number(words[2], f"line {at}: value")


def _put(pairs: Pairs, i: int, j: int, value: float, at: int) -> None:
    pair = (min(i, j), max(i, j))
    if pair in pairs:
        raise InvalidInput(f"line {at}: must name each pair once, got {i} and {j} again")
    pairs[pair] = value


def _named(bits: Iterable[int], pairs: Pairs) -> Terms:
    """The terms by name; one linear term for each bit comes first, which sets the order of the bits."""
    terms = {(str(bit), str(bit)): 0.0 for bit in bits}
    return terms | {(str(i), str(j)): value for (i, j), value in pairs.items()}
