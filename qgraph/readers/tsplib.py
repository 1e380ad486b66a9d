"""TSPLIB 95 (Reinelt): symmetric and asymmetric instances, by coordinates or explicit matrices.

Other packages that read TSPLIB need a version of networkx from 2020. Therefore this reader exists.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, field
from typing import Any, cast, get_args

import numpy as np

from qgraph.base.errors import InvalidInput
from qgraph.base.typing import Reals
from qgraph.models import metrics
from qgraph.models.build import build
from qgraph.models.city import MOST_JOINED, City
from qgraph.models.edges import WEIGHT, Choices
from qgraph.models.graph import Graph
from qgraph.readers.text import number, whole

MOST_CITIES = 100_000

SECTIONS = ("NODE_COORD_SECTION", "EDGE_WEIGHT_SECTION", "DISPLAY_DATA_SECTION")
TRIANGLES = itertools.product(("UPPER", "LOWER"), ("_", "_DIAG_"), ("ROW", "COL"))
FORMS = ("FULL_MATRIX", *map("".join, TRIANGLES))
_KEY = re.compile(r"\s*([A-Z_0-9]+)\s*:\s*(.*?)\s*$")


@dataclass
class Instance:
    """A parsed file: its keyword entries, and the words of each section."""

    entries: dict[str, str] = field(default_factory=dict)
    sections: dict[str, list[str]] = field(default_factory=dict)

    def entry(self, key: str, allowed: tuple[str, ...], default: str | None = None) -> str:
        """An entry whose value must be among `allowed`."""
        value = self.entries.get(key, default)
        if value not in allowed:
            got = "nothing" if value is None else f"{value[:40]!a}"
            raise InvalidInput(f"{key} must be one of {', '.join(allowed)}, got {got}")
        return value

    def require_type(self, *allowed: str) -> None:
        """Refuse other problems; a comment may follow the type, as in "TSP (M.~Hofmeister)"."""
        words = self.entries.get("TYPE", "").split()
        self.entries["TYPE"] = words[0] if words else "nothing"
        self.entry("TYPE", allowed)

    @property
    def dimension(self) -> int:
        """The number of cities; a matrix of distances becomes a road for every pair."""
        most = MOST_JOINED if self.entries.get("EDGE_WEIGHT_TYPE") == "EXPLICIT" else MOST_CITIES
        n = whole(self.entries.get("DIMENSION", ""), "DIMENSION", most)
        if n < 1:
            raise InvalidInput("DIMENSION must be at least 1, got 0")
        return n


def graph(text: str, choices: Choices) -> Graph:
    """The complete graph weighted by distance."""
    choices.require_weight({WEIGHT})
    instance = parse(text)
    instance.require_type("TSP")
    n = instance.dimension
    if n > MOST_JOINED:
        raise InvalidInput(f"DIMENSION must be at most {MOST_JOINED} for a graph of all pairs, got {n}")
    distances, places = distance_matrix(instance), coordinates(instance)
    if not np.array_equal(distances, distances.T):
        raise InvalidInput("the distances of an undirected graph must be symmetric")
    edges = [(i + 1, j + 1, distances[i, j]) for i, j in itertools.combinations(range(n), 2)]
    result = Graph.from_edges(edges, range(1, n + 1))
    drawn = enumerate([] if places is None else places.tolist(), start=1)
    return result.with_positions({str(i): (x, y) for i, (x, y) in drawn})


def city(text: str) -> City:
    """Normal stops with direct roads between all pairs, or a metric; the first stop is the depot."""
    instance = parse(text)
    instance.require_type("TSP", "ATSP")
    metric = metric_of(instance)
    if metric is None:
        distances, places = _explicit(instance), coordinates(instance)
        roads: dict[str, Any] = {"edges": _roads(distances)}
        places = _drawn_from(distances) if places is None else places
    else:
        roads, places = {"metric": metric}, _located(instance)
    nodes = [
        {"id": i + 1, "x": x, "y": y, "type": "normal" if i else "depot"}
        for i, (x, y) in enumerate(places.tolist())
    ]
    metadata = {"name": instance.entries.get("NAME", "")}
    return build(City, nodes=nodes, **roads, through_stops=False, metadata=metadata)


def _roads(distances: Reals) -> list[dict[str, Any]]:
    """A road for every pair of cities, or two roads if the distances differ by direction."""
    symmetric, n = np.array_equal(distances, distances.T), len(distances)
    pairs = itertools.combinations(range(n), 2) if symmetric else itertools.permutations(range(n), 2)
    alike = {"traffic": "low", "oneway": not symmetric}
    return [{"source": i + 1, "target": j + 1, "distance": distances[i, j], **alike} for i, j in pairs]


def parse(text: str) -> Instance:
    """Split a file into entries and sections."""
    instance, section = Instance(), None
    for place, line in enumerate(text.splitlines(), start=1):
        word = line.strip()
        if word == "EOF":
            break
        if word.rstrip(" :") in SECTIONS:
            section = word.rstrip(" :")
            instance.sections[section] = []
        elif entry := _KEY.match(line):
            instance.entries[entry[1]], section = entry[2], None
        elif section is not None:
            instance.sections[section] += word.split()
        elif word:
            rule = "must be an entry `KEY: value` or begin a known section"
            raise InvalidInput(f"line {place}: {rule}, got {word[:40]!a}")
    return instance


def coordinates(instance: Instance) -> Reals | None:
    """The places at which cities are drawn: float64[n, 2], or None."""
    if "DISPLAY_DATA_SECTION" in instance.sections:
        return _places(instance, "DISPLAY_DATA_SECTION")
    return _located(instance) if "NODE_COORD_SECTION" in instance.sections else None


def _located(instance: Instance) -> Reals:
    """The coordinates that give the distances: float64[n, 2]. In files of GEO, x is the latitude."""
    places = _places(instance, "NODE_COORD_SECTION")
    return places[:, ::-1] if instance.entries.get("EDGE_WEIGHT_TYPE") == "GEO" else places


def _places(instance: Instance, section: str) -> Reals:
    n, words = instance.dimension, instance.sections.get(section)
    if words is None or len(words) != 3 * n:
        raise InvalidInput(f"{section} must have {n} lines `city x y`, got {len(words or []) / 3:g}")
    places = np.full((n, 2), np.nan)
    for name, x, y in zip(words[0::3], words[1::3], words[2::3], strict=True):
        i = whole(name, f"{section}: city", n) - 1
        if i < 0 or not np.isnan(places[i, 0]):
            raise InvalidInput(f"{section}: cities are numbered 1 to {n}, each once, got {name!a}")
        places[i] = number(x, f"{section}: city {name}"), number(y, f"{section}: city {name}")
    return places


def distance_matrix(instance: Instance) -> Reals:
    """All distances, rounded as TSPLIB says: float64[n, n] with a zero diagonal."""
    metric = metric_of(instance)
    return _explicit(instance) if metric is None else metrics.distances(metric, _located(instance))


def metric_of(instance: Instance) -> metrics.Metric | None:
    """The rule by which coordinates give distances, or None if the file has all distances."""
    rule = instance.entry("EDGE_WEIGHT_TYPE", ("EXPLICIT", *get_args(metrics.Metric)))
    return None if rule == "EXPLICIT" else cast("metrics.Metric", rule)


def _explicit(instance: Instance) -> Reals:
    n = instance.dimension
    form = instance.entry("EDGE_WEIGHT_FORMAT", FORMS)
    outside = 0 if "DIAG" in form else 1
    if form == "FULL_MATRIX":
        rows, columns = np.indices((n, n)).reshape(2, -1)
    elif form.startswith("UPPER") == form.endswith("ROW"):
        rows, columns = np.triu_indices(n, outside)
    else:  # a triangle stored column by column is the opposite triangle stored row by row
        rows, columns = np.tril_indices(n, -outside)
    words = instance.sections.get("EDGE_WEIGHT_SECTION", [])
    if len(words) != len(rows):
        raise InvalidInput(f"EDGE_WEIGHT_SECTION must have {len(rows)} numbers as {form}, got {len(words)}")
    values = np.array([number(word, f"EDGE_WEIGHT_SECTION: number {i + 1}") for i, word in enumerate(words)])
    distances = np.zeros((n, n))
    distances[rows, columns] = values
    if form != "FULL_MATRIX":
        distances[columns, rows] = values
    np.fill_diagonal(distances, 0.0)
    return distances


def _drawn_from(distances: Reals) -> Reals:
    """Places in the plane that approximate the distances (classical multidimensional scaling)."""
    n = len(distances)
    symmetric = (distances + distances.T) / 2
    centring = np.eye(n) - 1 / n
    values, vectors = np.linalg.eigh(-centring @ symmetric**2 @ centring / 2)
    plane = vectors[:, ::-1][:, :2] * np.sqrt(np.maximum(values[::-1][:2], 0))
    places = np.zeros((n, 2))
    places[:, : plane.shape[1]] = (
        plane * np.sign(plane[np.abs(plane).argmax(axis=0), range(plane.shape[1])])
    ).round(3)
    return places
