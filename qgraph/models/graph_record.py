"""The records of a weighted undirected graph: its nodes, its edges, and arrays of them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Self

import numpy as np
from pydantic import Field, model_validator

from qgraph.base.errors import printable
from qgraph.base.fields import Finite, Label, Metadata, NodeId
from qgraph.base.frozen import Frozen, FrozenDict, constant
from qgraph.base.typing import Integers, Reals
from qgraph.models.edges import checked_pairs, numbers_of

READ_AS = "read_as"  # the metadata key under which a reader notes how it understood the file


class Node(Frozen):
    """A node: its name, and the place and the label with which it is drawn.

    >>> Node(id="a", x=0.0, y=1.0)
    Node(id='a', x=0.0, y=1.0, label=None)
    """

    id: NodeId
    x: Finite | None = None
    y: Finite | None = None
    label: Label | None = None

    @model_validator(mode="after")
    def _both_coordinates(self) -> Self:
        if (self.x is None) != (self.y is None):
            raise ValueError("a node has both coordinates, x and y, or neither")
        return self


class Edge(Frozen):
    """An undirected edge; `source` and `target` are written `from` and `to` in JSON.

    >>> Edge(source="a", target="b", weight=2.5).model_dump()
    {'from': 'a', 'to': 'b', 'weight': 2.5}
    """

    source: NodeId = Field(alias="from")
    target: NodeId = Field(alias="to")
    weight: Finite = 1.0


class GraphRecord(Frozen):
    """The fields of a `Graph`, checked, and the arrays that are computed from them."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...] = ()
    metadata: Metadata = Field(default_factory=dict)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        index = numbers_of(node.id for node in self.nodes)
        self.__dict__["pairs"] = self._pairs(index)  # checks the edges
        return self

    def __repr__(self) -> str:
        facts = f"{len(self.nodes)} nodes, {len(self.edges)} edges"
        if (self.weights != 1.0).any():
            low, high = f"{self.weights.min():.6g}", f"{self.weights.max():.6g}"
            span = f"weights {low} to {high}" if low != high else f"all weights {low}"
            facts = f"{facts}, {span}; unweighted() drops them"
        found_out = self.metadata.get(READ_AS)
        if isinstance(found_out, str):
            facts = f"{facts}; read as {printable(found_out[:200])}"
        return f"Graph({facts})"

    def __hash__(self) -> int:
        return hash((self.nodes, self.edges))

    @cached_property
    def ids(self) -> tuple[str, ...]:
        """The node names, in qubit order."""
        return tuple(node.id for node in self.nodes)

    @cached_property
    def index(self) -> Mapping[str, int]:
        """Node name to qubit number."""
        return FrozenDict({name: q for q, name in enumerate(self.ids)})

    @cached_property
    def pairs(self) -> Integers:
        """The ends of each edge as qubit numbers: int64[edges, 2]."""
        return self._pairs(self.index)

    @cached_property
    def weights(self) -> Reals:
        """The weight of each edge: float64[edges]."""
        return constant(np.array([edge.weight for edge in self.edges], dtype=np.float64))

    @cached_property
    def degrees(self) -> Integers:
        """The number of edges at each node: int64[nodes]."""
        return constant(np.bincount(self.pairs.ravel(), minlength=len(self.nodes)))

    def to_json(self) -> str:
        """In qgraph's own JSON format, which `read_graph` reads; it keeps everything.

        >>> from qgraph import Graph
        >>> Graph.from_edges([("a", "b")]).to_json()
        '{"nodes":[{"id":"a"},{"id":"b"}],"edges":[{"from":"a","to":"b","weight":1.0}],"metadata":{}}'
        """
        return self.model_dump_json(exclude_none=True)

    def _pairs(self, index: Mapping[str, int]) -> Integers:
        return constant(checked_pairs([(edge.source, edge.target) for edge in self.edges], index))
