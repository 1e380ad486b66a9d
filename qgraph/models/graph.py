"""Weighted undirected graphs: the input of MaxCut and related problems."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from os import PathLike
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from qgraph.base.checks import require, require_seed
from qgraph.models import conversions, generators, layouts, writers
from qgraph.models.build import build
from qgraph.models.edges import edge_fields
from qgraph.models.graph_record import GraphRecord

if TYPE_CHECKING:
    import networkx
    import rustworkx


class Graph(GraphRecord):
    """A weighted undirected graph without self-loops or parallel edges; immutable.

    Node order is qubit order: `nodes[q]` is qubit q. Invalid input raises `pydantic.ValidationError`
    from the constructor, and `InvalidInput` from the other constructors.

    >>> Graph.from_edges([("a", "b", 2.5), ("b", "c", 1.0)])
    Graph(3 nodes, 2 edges, weights 1 to 2.5; unweighted() drops them)
    """

    # -- construction -------------------------------------------------------------------------------

    @classmethod
    def from_edges(cls, edges: Any, nodes: Iterable[Any] = ()) -> Self:
        """A graph from `(source, target)` or `(source, target, weight)`; nodes in order of appearance.

        `nodes` come first; they add isolated nodes or set the order. `edges` may also be

        - a square SciPy sparse matrix, symmetric or of one triangle: nodes "0", "1", ... or as in `nodes`;
        - a pandas frame whose columns are named source, target and optionally weight, or start with these;
        - a `dimod` model without linear terms: its quadratic terms are the weights.

        Raises `InvalidInput`.

        >>> Graph.from_edges([("a", "b"), ("b", "c", -1.5)]).weights
        array([ 1. , -1.5])
        """
        return conversions.from_edges(cls, edges, nodes)

    @classmethod
    def from_networkx(cls, graph: networkx.Graph[Any], *, weight: str = "weight") -> Self:
        """A graph from networkx: names become strings, `weight` is the edge attribute (1.0 if absent).

        Positions are taken from the node attributes `x` and `y`, or `pos`. Raises `InvalidInput` for directed
        graphs, parallel edges, a `weight` that no edge has, and invalid fields.

        >>> import networkx as nx
        >>> Graph.from_networkx(nx.karate_club_graph())
        Graph(34 nodes, 78 edges, weights 1 to 7; unweighted() drops them)
        """
        return conversions.from_networkx(cls, graph, weight)

    @classmethod
    def from_rustworkx(cls, graph: rustworkx.PyGraph[Any, Any]) -> Self:
        """A graph from rustworkx: names are the node payloads if these are distinct, else node indices.

        Edge payloads are weights: a number, a mapping with `"weight"`, or None for 1.0.

        >>> import rustworkx as rx
        >>> Graph.from_rustworkx(rx.generators.cycle_graph(5)).ids
        ('0', '1', '2', '3', '4')
        """
        return conversions.from_rustworkx(cls, graph)

    @classmethod
    def from_node_link(cls, data: Mapping[str, Any]) -> Self:
        """A graph from the node-link format of networkx and D3 (`links` or `edges`).

        >>> Graph.from_node_link({"nodes": [{"id": 0}, {"id": 1}], "links": [{"source": 0, "target": 1}]})
        Graph(2 nodes, 1 edges)
        """
        return conversions.from_node_link(cls, data)

    @classmethod
    def ring(cls, n: int) -> Self:
        """The ring of `n >= 3` nodes; its MaxCut problem is the "ring of disagrees".

        >>> Graph.ring(5).degrees
        array([2, 2, 2, 2, 2])
        """
        return cls.from_edges(generators.ring(n), range(n)).with_layout("circular", aspect=1)

    @classmethod
    def complete(cls, n: int) -> Self:
        """The complete graph on `n >= 1` nodes.

        >>> len(Graph.complete(5).edges)
        10
        """
        return cls.from_edges(generators.complete(n), range(n)).with_layout("circular", aspect=1)

    @classmethod
    def grid(cls, rows: int, columns: int, *, periodic: bool = False) -> Self:
        """The square lattice, with coordinates; `periodic` makes it a torus.

        >>> Graph.grid(2, 3)
        Graph(6 nodes, 7 edges)
        """
        edges = generators.grid(rows, columns, periodic=periodic)
        places = {str(r * columns + c): (float(c), float(-r)) for r in range(rows) for c in range(columns)}
        return cls.from_edges(edges, range(rows * columns)).with_positions(places)

    @classmethod
    def random_regular(cls, degree: int, n: int, *, seed: int) -> Self:
        """A random simple `degree`-regular graph on `n` nodes.

        >>> set(Graph.random_regular(3, 10, seed=1).degrees.tolist())
        {3}
        """
        return cls.from_edges(generators.random_regular(degree, n, seed), range(n))

    @classmethod
    def erdos_renyi(cls, n: int, probability: float, *, seed: int) -> Self:
        """A random graph on `n` nodes, each edge present with `probability`.

        >>> Graph.erdos_renyi(10, 0.5, seed=1)
        Graph(10 nodes, 23 edges)
        """
        return cls.from_edges(generators.erdos_renyi(n, probability, seed), range(n))

    # -- other forms --------------------------------------------------------------------------------

    def with_weights(self, weights: Iterable[float]) -> Self:
        """The same graph with one new weight per edge, in edge order.

        >>> Graph.ring(3).with_weights([1.0, 2.0, -0.5]).weights
        array([ 1. ,  2. , -0.5])
        """
        values = list(weights)
        require(len(values) == len(self.edges), "weights", f"must have {len(self.edges)} values", len(values))
        edges = edge_fields((e.source, e.target, w) for e, w in zip(self.edges, values, strict=True))
        return build(type(self), nodes=self.nodes, edges=edges, metadata=self.metadata)

    def unweighted(self) -> Self:
        """The same graph with all weights 1.

        >>> Graph.ring(3).with_weights([1.0, 2.0, -0.5]).unweighted()
        Graph(3 nodes, 3 edges)
        """
        return self.with_weights([1.0] * len(self.edges))

    def with_random_weights(self, *, seed: int) -> Self:
        """The same graph with standard normal weights (a Gaussian spin glass).

        >>> Graph.ring(3).with_random_weights(seed=1).weights.round(2)
        array([0.35, 0.82, 0.33])
        """
        require_seed(seed)
        return self.with_weights(np.random.default_rng(seed).standard_normal(len(self.edges)).tolist())

    def with_positions(self, positions: Mapping[str, tuple[float, float]]) -> Self:
        """The same graph with nodes moved to `positions`; nodes not named stay where they are.

        >>> Graph.from_edges([("a", "b")]).with_positions({"a": (0, 1), "b": (2, 3)}).nodes[1].x
        2.0
        """
        nodes = layouts.moved(self.nodes, positions)
        return build(type(self), nodes=nodes, edges=self.edges, metadata=self.metadata)

    def with_layout(
        self, kind: layouts.Layout = "auto", *, seed: int = 0, aspect: float = layouts.ASPECT
    ) -> Self:
        """The same graph with computed coordinates: x in [-aspect, aspect], y in [-1, 1].

        `kind` is "auto", "stress" (also named "kamada_kawai"), "spring", "circular" or "grid". `aspect` is
        the width of the drawing divided by its height.

        >>> Graph.from_edges([("a", "b")]).with_layout("circular", aspect=1).positions()["a"]
        (1.0, 0.0)
        """
        return self.with_positions(layouts.layout(self.ids, self.pairs, kind=kind, seed=seed, aspect=aspect))

    def positions(self, *, aspect: float = layouts.ASPECT) -> dict[str, tuple[float, float]]:
        """Where each node is drawn: its own coordinates, or near its neighbours; else by the layout "auto".

        >>> Graph.grid(1, 2).positions()
        {'0': (0.0, 0.0), '1': (1.0, 0.0)}
        """
        placed = {n.id: (n.x, n.y) for n in self.nodes if n.x is not None and n.y is not None}
        if not placed:
            return layouts.layout(self.ids, self.pairs, aspect=aspect)
        return placed if len(placed) == len(self.nodes) else layouts.completed(self.ids, self.pairs, placed)

    def to_networkx(self) -> networkx.Graph[str]:
        """As a networkx graph with `weight`, `x`, `y` and `label` attributes.

        >>> Graph.ring(4).to_networkx().number_of_edges()
        4
        """
        return conversions.to_networkx(self)

    def to_rustworkx(self) -> rustworkx.PyGraph[str, float]:
        """As a rustworkx graph: node payloads are the names, edge payloads the weights.

        >>> Graph.ring(4).to_rustworkx().num_edges()
        4
        """
        return conversions.to_rustworkx(self)

    def to_node_link(self) -> dict[str, Any]:
        """In the node-link format of networkx and D3.

        >>> Graph.from_edges([("a", "b")]).to_node_link()["links"]
        [{'source': 'a', 'target': 'b', 'weight': 1.0}]
        """
        return conversions.to_node_link(self)

    def write(self, path: str | PathLike[str]) -> None:
        """Write a file that `read_graph` reads; its ending names the format, and `.gz` may follow it.

        `.json` keeps everything. `.graphml`, `.gexf`, `.gml` and `.net` keep names and weights. So do `.csv`,
        `.tsv`, `.edges`, `.el` and `.edgelist`, without the order of nodes; nodes without edges are refused.
        Rudy (`.rud`, `.rudy`, `.mc`, `.mac`, `.txt`), DIMACS (`.gph`, `.col`, `.clq`, `.dimacs`) and `.mtx`
        number the nodes from 1. Weights are exact. If writing fails, an older file is not changed. Raises
        `InvalidInput`, also for names with characters that the format cannot hold.

        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     Graph.ring(3).write(f"{folder}/ring.mtx")
        """
        writers.write(self, path)
