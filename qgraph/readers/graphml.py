"""GraphML, through networkx; document type declarations are refused, entities being a known bomb."""

from __future__ import annotations

import io
import re
from xml.etree.ElementTree import ParseError

from qgraph.errors import InvalidInput
from qgraph.graph import Graph
from qgraph.readers.text import number

DECLARATION = re.compile(r"^\ufeff?\s*<\?xml.*?\?>", re.DOTALL)


def graph(text: str) -> Graph:
    """An undirected graph; the edge attribute `weight` and the node attributes x, y, label are kept."""
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise InvalidInput("must not declare a document type")
    if len(re.findall(r"<graph[\s>]", text)) > 1:
        raise InvalidInput("must hold one graph")
    import networkx as nx

    content = DECLARATION.sub("", text, count=1)  # the text is decoded already
    try:
        source = nx.read_graphml(io.BytesIO(content.encode()))
    except ParseError as error:
        raise InvalidInput(f"not XML: {error}") from None
    except (nx.NetworkXError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InvalidInput(f"not GraphML: {error}") from None
    for name, data in source.nodes(data=True):
        for axis in ("x", "y"):
            if isinstance(data.get(axis), str):
                data[axis] = number(data[axis], f"node {name!a}: {axis}")
    return Graph.from_networkx(source)
