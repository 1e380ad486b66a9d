"""QUBO files: the terms of a quadratic function of bits, which is minimised."""

from __future__ import annotations

from collections.abc import Callable, Iterable

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
    rows = rows_of(text, "c")
    place, header = next(rows, (1, []))
    first_line = "`p qubo topology maxNodes nNodes nCouplers`"
    if header[:1] != ["p"]:
        raise InvalidInput(f"line {place}: the line {first_line} must come first")
    if len(header) != 6 or header[1] != "qubo":
        raise InvalidInput(f"line {place}: must be {first_line}")
    counts = [whole(word, f"line {place}", LARGEST_EDGES) for word in header[3:]]
    pairs = _terms(rows, lambda word, at: whole(word, f"line {at}: bit", counts[0] - 1))
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
    pairs = _terms(rows, lambda word, at: numbered(word, f"line {at}", n, "bit"))
    if len(pairs) != m:
        raise InvalidInput(f"line {place} announces {m} entries, and {len(pairs)} follow")
    return _named(range(1, n + 1), {(i, j): q if i == j else 2 * q for (i, j), q in pairs.items()})


def _terms(rows: Iterable[tuple[int, list[str]]], bit: Callable[[str, int], int]) -> Pairs:
    """The value of each pair of bits from lines `i j value`; `bit` reads the number of a bit on a line."""
    pairs: Pairs = {}
    for at, words in rows:
        if len(words) != 3:
            raise InvalidInput(f"line {at}: must be `i j value`, got {shown(' '.join(words))}")
        value = number(words[2], f"line {at}: value")
        i, j = bit(words[0], at), bit(words[1], at)
        pair = (min(i, j), max(i, j))
        if pair in pairs:
            raise InvalidInput(f"line {at}: must name each pair once, got {i} and {j} again")
        pairs[pair] = value
    return pairs


def _named(bits: Iterable[int], pairs: Pairs) -> Terms:
    """The terms by name; one linear term for each bit comes first, which sets the order of the bits."""
    terms = {(str(bit), str(bit)): 0.0 for bit in bits}
    return terms | {(str(i), str(j)): value for (i, j), value in pairs.items()}
