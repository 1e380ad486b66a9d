"""GraphML, through networkx; document type declarations are refused, entities being a known bomb."""

from __future__ import annotations

import io
from xml.etree.ElementTree import ParseError

from qgraph.errors import InvalidInput
from qgraph.graph import Graph


def graph(text: str) -> Graph:
    """An undirected graph; the edge attribute `weight` and the node attributes x, y, label are kept."""
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise InvalidInput("must not declare a document type")
    import networkx as nx

    try:
        source = nx.read_graphml(io.BytesIO(text.encode()))
    except ParseError as error:
        raise InvalidInput(f"not XML: {error}") from None
    except (nx.NetworkXError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InvalidInput(f"not GraphML: {error}") from None
    return Graph.from_networkx(source)
