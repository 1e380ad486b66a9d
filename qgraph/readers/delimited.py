"""Lists of edges: CSV, TSV, and columns separated by blanks; written by spreadsheets, SNAP and networkx."""

from __future__ import annotations

import csv
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass

from qgraph.base.errors import InvalidInput, shown
from qgraph.models.build import build
from qgraph.models.edges import WEIGHTS, Choices, EdgeList, columns_of, named_ends
from qgraph.models.graph import Graph
from qgraph.models.graph_record import READ_AS
from qgraph.readers.text import WHOLE, lines_of, number

Rows = Iterator[tuple[int, list[str]]]

DELIMITERS = {"\t": "tab", ";": "semicolon", ",": "comma", " ": "blank"}
COMMENTS = ("#", "%")
MOST_COLUMNS = 4  # two ends, a weight and a time; more are probably a matrix
QUOTED = re.compile(r'"(?:[^"]++|"")*+"')
ATTRIBUTE = re.compile(r"""['"]([^'"]*)['"]\s*:\s*['"]?([^,'"{}]*)""")


def graph(text: str, choices: Choices) -> Graph:
    """A graph from lines `source target` or `source target weight`.

    - Columns are separated by the first of tab, semicolon, comma and blank that is in the first line.
      Names may have double quotes around them. Lines that begin with # or % are comments.
    - A first line without a number is a header if it names the columns (source and target, from and to, u and
      v, weight, value ...), or if there is a number in the second line. Without a header, there are at most 4
      columns.
    - If all nodes are whole numbers, they come in the order of these numbers; else in order of appearance.
    - The weight is the column that `weight` names: by default `weight` or `value`, or the third column if it
      holds numbers and no names of columns are known. An edge without one has the weight 1. The column may
      also hold `{'weight': 2.0}`, which networkx writes.

    How the file was understood is in the metadata of the graph, and in its `repr`.
    """
    table = _Table.of(text, choices.weight)
    edges, attributes = EdgeList("line {}", choices), set(table.others)
    least, width = max(table.source, table.target) + 1, len(table.header) or max(3, len(table.first))
    for at, words in itertools.islice(_rows(text, table.delimiter), bool(table.header), None):
        if not least <= len(words) <= width:
            span = f"{least} to {width}" if least < width else str(width)
            rule = f"must have {span} columns, {DELIMITERS[table.delimiter]}-separated"
            raise InvalidInput(f"line {at}: {rule}, got {len(words)}")
        source, target = words[table.source], words[table.target]
        if not (source and target):
            raise InvalidInput(f"line {at}: the name of a node must have at least one character, got ''")
        word = words[table.weight] if table.weight is not None and table.weight < len(words) else ""
        if word[:1] == "{":
            found = dict(ATTRIBUTE.findall(word))
            attributes.update(found)
            word = found.get(choices.weight, "").strip()
        if table.delimiter == ";":
            word = word.replace(",", ".")  # such tables have commas as decimal points
        edges.add(source, target, number(word, f"line {at}: weight") if word else 1.0, at)
    choices.require_weight(attributes)
    nodes = list(edges.names)
    numbered = all(WHOLE.fullmatch(name) for name in nodes)
    if numbered:
        nodes.sort(key=int)
    naming = "named nodes" if not numbered else f"nodes from {nodes[0]}" if nodes else "no nodes"
    header = ", header" if table.header else ""
    found_out = f"{DELIMITERS[table.delimiter]}-separated{header}, {naming}{table.weighting}"
    return build(Graph, **edges.fields(nodes), metadata={READ_AS: found_out})


@dataclass(frozen=True)
class _Table:
    """The columns, as the first lines describe them; `header` is empty if there is none."""

    delimiter: str
    header: list[str]
    first: list[str]
    source: int
    target: int
    weight: int | None

    @classmethod
    def of(cls, text: str, weight: str) -> _Table:
        line = next(_lines(text), None)
        if line is None:
            raise InvalidInput("must have at least one line `source target`")
        bare = QUOTED.sub("", line[1])
        delimiter = next((mark for mark in "\t;," if mark in bare), " ")
        head = [words for _, words in itertools.islice(_rows(text, delimiter), 2)]
        header = head.pop(0) if _is_header(text, delimiter, head, weight) else []
        first = head[0] if head else []
        if not header and len(first) > MOST_COLUMNS:
            rule = f"a list of edges without a header has 2 to {MOST_COLUMNS} columns, got {len(first)}"
            raise InvalidInput(f"line {line[0]}: {rule}; a matrix is read from .mtx")
        third = (first[2:] or ["x"])[0]
        spare = not third or third[0] == "{" or _is_number(third.replace(",", "."))
        columns = columns_of(header or [""] * len(first), weight, spare=spare)
        return cls(delimiter, header, first, *columns)

    @property
    def others(self) -> list[str]:
        """The names of the columns besides the ends of an edge."""
        return [name for k, name in enumerate(self.header) if k not in (self.source, self.target)]

    @property
    def weighting(self) -> str:
        """The column of the weights, unless it has that name or is the third."""
        if self.weight is None:
            return ", no weights" if self.others or len(self.first) > 2 else ""
        name = self.header[self.weight] if self.header else "weight"
        return "" if name.lower() == "weight" else f", weights from {shown(name)}"


def _lines(text: str) -> Iterator[tuple[int, str]]:
    return ((at, line) for at, line in lines_of(text) if line.strip() and line.lstrip()[0] not in COMMENTS)


def _rows(text: str, delimiter: str) -> Rows:
    """The words of each line; text in quotes is not changed."""
    for at, line in _lines(text):
        if delimiter == " " and "{" in line and line.rstrip()[-1] == "}":  # the attributes of networkx
            ends, brace, attributes = line.partition("{")
            yield at, [*ends.split(), brace + attributes]
        elif '"' in line:
            try:
                row = csv.reader([line.strip(" ")], delimiter=delimiter, skipinitialspace=True, strict=True)
                yield at, next(row)
            except csv.Error as error:
                raise InvalidInput(f"line {at}: {error}") from None
        elif delimiter != " ":
            yield at, [word.strip() for word in line.split(delimiter)]
        else:
            yield at, line.split()


def _is_header(text: str, delimiter: str, head: list[list[str]], weight: str) -> bool:
    first = head[0]
    if len(first) < 2 or any(map(_is_number, first)) or (len(first) > 2 and first[2][:1] in ("", "{")):
        return False
    named = any(name == weight or name.lower() in WEIGHTS for name in first[2:])
    if len(first) > 2 and (named or named_ends(first)):
        return True
    if not named_ends(first) and not any(map(_is_number, head[-1])):
        return False
    # Only two words, or unknown words. A word that is repeated in later lines is the name of a node.
    source, target, _ = columns_of(first, weight)
    names = {name for k, name in enumerate(first) if k in (source, target)}
    below = itertools.islice(_rows(text, delimiter), 1, None)
    return not any(names.intersection(words[:2]) for _, words in below)


def _is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True
