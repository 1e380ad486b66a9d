"""Graphs as files in common formats; `Graph.write` says what each format keeps."""

from __future__ import annotations

import gzip
import re
import uuid
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from html import escape
from os import PathLike
from pathlib import Path

from qgraph.base.checks import require
from qgraph.base.errors import InvalidInput, shown
from qgraph.models.graph_record import GraphRecord

NO_LINE = re.compile(r"[\0\r\n]")
PLAIN = re.compile(r"[\w.-]+")  # names without need of quotes in lists of edges
LARGEST_WHOLE = 2**53  # above it, not every whole number is a float
NO_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write(graph: GraphRecord, path: str | PathLike[str]) -> None:
    """See `Graph.write`."""
    target = Path(path)
    packed = target.suffix.lower() == ".gz"
    ending = (Path(target.stem) if packed else target).suffix.lower()
    require(ending in WRITERS, "path", f"must end in one of {', '.join(WRITERS)}", str(path))
    try:
        data = "".join(WRITERS[ending](graph)).encode()
    except InvalidInput as error:
        raise InvalidInput(f"{ending}: {error}") from None
    _replace(target.resolve(), gzip.compress(data, mtime=0) if packed else data)


def _replace(target: Path, data: bytes) -> None:
    """Write under another name first, so that an older file stays complete until the new one is."""
    if target.exists() and not target.is_file():  # such as /dev/stdout
        target.write_bytes(data)
        return
    beside = target.with_name(f".{uuid.uuid4().hex}.tmp")
    try:
        beside.write_bytes(data)
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)


def _json(graph: GraphRecord) -> Iterator[str]:
    yield graph.to_json()


def _rudy(graph: GraphRecord) -> Iterator[str]:
    yield f"{len(graph.nodes)} {len(graph.edges)}\n"
    for i, j, weight in _numbered(graph):
        yield f"{i} {j} {weight}\n"


def _dimacs(graph: GraphRecord) -> Iterator[str]:
    weighted = bool((graph.weights != 1.0).any())  # few programs expect a weight here
    yield f"p edge {len(graph.nodes)} {len(graph.edges)}\n"
    for i, j, weight in _numbered(graph):
        yield f"e {i} {j} {weight}\n" if weighted else f"e {i} {j}\n"


def _matrix_market(graph: GraphRecord) -> Iterator[str]:
    n = len(graph.nodes)
    yield f"%%MatrixMarket matrix coordinate real symmetric\n{n} {n} {len(graph.edges)}\n"
    for i, j, weight in _numbered(graph):
        yield f"{max(i, j)} {min(i, j)} {weight}\n"  # one triangle of a symmetric matrix


def _pajek(graph: GraphRecord) -> Iterator[str]:
    yield f"*Vertices {len(graph.nodes)}\n"
    for i, name in enumerate(graph.ids, start=1):
        yield f'{i} "{_referenced(name, str.isprintable)}"\n'
    yield "*Edges\n"
    for i, j, weight in _numbered(graph):
        yield f"{i} {j} {weight}\n"


def _gml(graph: GraphRecord) -> Iterator[str]:
    yield "graph [\n"
    for i, node in enumerate(graph.nodes, start=1):
        name = _referenced(node.id, lambda c: c.isascii() and c.isprintable())
        place = "" if node.x is None else f" graphics [ x {_real(node.x)} y {_real(node.y)} ]"
        yield f'node [ id {i} label "{name}"{place} ]\n'
    for (i, j), weight in zip(graph.pairs.tolist(), graph.weights.tolist(), strict=True):
        yield f"edge [ source {i + 1} target {j + 1} weight {_real(weight)} ]\n"
    yield "]\n"


def _graphml(graph: GraphRecord) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<graphml xmlns="http://graphml.graphdrawing.org/xmlns">\n'
    for name, type_ in {"label": "string", "x": "double", "y": "double"}.items():
        yield f'<key id="{name}" for="node" attr.name="{name}" attr.type="{type_}"/>\n'
    yield '<key id="weight" for="edge" attr.name="weight" attr.type="double"/>\n'
    yield '<graph edgedefault="undirected">\n'
    for node in graph.nodes:
        facts = {"label": node.label, "x": node.x, "y": node.y}
        data = [f'<data key="{key}">{_content(v)}</data>' for key, v in facts.items() if v is not None]
        yield f"<node id={_attribute(node.id)}>{''.join(data)}</node>\n"
    for edge in graph.edges:
        ends = f"source={_attribute(edge.source)} target={_attribute(edge.target)}"
        yield f'<edge {ends}><data key="weight">{edge.weight!r}</data></edge>\n'
    yield "</graph>\n</graphml>\n"


def _gexf(graph: GraphRecord) -> Iterator[str]:
    spaces = 'xmlns="http://gexf.net/1.3" xmlns:viz="http://gexf.net/1.3/viz"'
    yield f'<?xml version="1.0" encoding="UTF-8"?>\n<gexf {spaces} version="1.3">\n'
    yield '<graph defaultedgetype="undirected">\n<nodes>\n'
    for node in graph.nodes:
        place = "" if node.x is None else f'<viz:position x="{node.x!r}" y="{node.y!r}" z="0.0"/>'
        yield f"<node id={_attribute(node.id)} label={_attribute(node.label or node.id)}>{place}</node>\n"
    yield "</nodes>\n<edges>\n"
    for i, edge in enumerate(graph.edges):
        ends = f"source={_attribute(edge.source)} target={_attribute(edge.target)}"
        yield f'<edge id="{i}" {ends} weight="{edge.weight!r}"/>\n'
    yield "</edges>\n</graph>\n</gexf>\n"


def _list(delimiter: str, header: str, graph: GraphRecord) -> Iterator[str]:
    alone = set(graph.ids).difference(*((edge.source, edge.target) for edge in graph.edges))
    if alone or not graph.edges:
        first = shown(min(alone, default=""))
        raise InvalidInput(f"a list of edges cannot hold nodes without edges, got {first}")
    yield header
    for edge in graph.edges:
        yield delimiter.join((_quoted(edge.source), _quoted(edge.target), _exact(edge.weight))) + "\n"


def _numbered(graph: GraphRecord) -> Iterable[tuple[int, int, str]]:
    for (i, j), weight in zip(graph.pairs.tolist(), graph.weights.tolist(), strict=True):
        yield i + 1, j + 1, _exact(weight)


def _exact(weight: float) -> str:
    """The shortest text that reads as this number: 2 rather than 2.0."""
    return str(int(weight)) if weight.is_integer() and abs(weight) < LARGEST_WHOLE else repr(weight)


def _real(number: float | None) -> str:
    """A number with a decimal point, as GML requires."""
    digits, e, exponent = repr(number).partition("e")
    return digits + ("" if "." in digits else ".0") + e + exponent


def _quoted(name: str) -> str:
    if NO_LINE.search(name):
        raise InvalidInput(f"a name must not have line breaks or nulls, got {shown(name)}")
    return name if PLAIN.fullmatch(name) else '"' + name.replace('"', '""') + '"'


def _referenced(name: str, allowed: Callable[[str], bool]) -> str:
    """A name with character references, such as `&#34;`, for quotes and for characters not allowed."""
    return "".join(c if allowed(c) and c not in '&"' else f"&#{ord(c)};" for c in name)


def _attribute(name: str) -> str:
    if NO_XML.search(name):
        raise InvalidInput(f"a name must not have control characters, got {shown(name)}")
    return f'"{_referenced(name, lambda c: c >= " " and c not in "<>")}"'


def _content(value: str | float) -> str:
    return escape(value, quote=False).replace("\r", "&#13;") if isinstance(value, str) else repr(value)


WRITERS: dict[str, Callable[[GraphRecord], Iterator[str]]] = {
    ".json": _json,
    **dict.fromkeys((".rud", ".rudy", ".mc", ".mac", ".txt"), _rudy),
    **dict.fromkeys((".gph", ".col", ".clq", ".dimacs"), _dimacs),
    ".mtx": _matrix_market,
    ".csv": partial(_list, ",", "source,target,weight\n"),
    ".tsv": partial(_list, "\t", "source\ttarget\tweight\n"),
    **dict.fromkeys((".edges", ".el", ".edgelist"), partial(_list, " ", "")),
    ".graphml": _graphml,
    ".gexf": _gexf,
    ".gml": _gml,
    ".net": _pajek,
}
