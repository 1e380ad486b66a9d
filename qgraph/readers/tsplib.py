"""TSPLIB 95 (Reinelt): symmetric and asymmetric instances, by coordinates or explicit matrices.

The one maintained-looking parser on the package index pins a networkx of 2020, hence this one.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from qgraph import conversions
from qgraph.city import City
from qgraph.errors import InvalidInput
from qgraph.graph import Graph
from qgraph.readers.text import number, whole

if TYPE_CHECKING:
    from numpy.typing import NDArray

LARGEST_DIMENSION = 1000  # all pairs become edges
EARTH_RADIUS = 6378.388  # km; this and PI are TSPLIB's own
PI = 3.141592

SECTIONS = ("NODE_COORD_SECTION", "EDGE_WEIGHT_SECTION", "DISPLAY_DATA_SECTION")
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

    def kind(self, allowed: tuple[str, ...]) -> None:
        """Refuse other problems; a comment may follow the type, as in "TSP (M.~Hofmeister)"."""
        words = self.entries.get("TYPE", "").split()
        self.entries["TYPE"] = words[0] if words else "nothing"
        self.entry("TYPE", allowed)

    @property
    def dimension(self) -> int:
        """The number of cities."""
        n = whole(self.entries.get("DIMENSION", ""), "DIMENSION", LARGEST_DIMENSION)
        if n < 1:
            raise InvalidInput("DIMENSION must be at least 1, got 0")
        return n


def graph(text: str) -> Graph:
    """The complete graph weighted by distance."""
    instance = parse(text)
    instance.kind(("TSP",))
    n, distances, places = instance.dimension, distance_matrix(instance), coordinates(instance)
    if not np.array_equal(distances, distances.T):
        raise InvalidInput("the distances of an undirected graph must be symmetric")
    edges = [(i + 1, j + 1, distances[i, j]) for i, j in itertools.combinations(range(n), 2)]
    result = Graph.from_edges(edges, range(1, n + 1))
    if places is None:
        return result
    return result.with_positions({str(i + 1): (x, y) for i, (x, y) in enumerate(places.tolist())})


def city(text: str) -> City:
    """Normal stops with direct roads between all; the first is the depot."""
    instance = parse(text)
    instance.kind(("TSP", "ATSP"))
    n, distances = instance.dimension, distance_matrix(instance)
    places = coordinates(instance)
    if places is None:
        places = _drawn_from(distances)
    nodes = [
        {"id": i + 1, "x": x, "y": y, "type": "normal" if i else "depot"}
        for i, (x, y) in enumerate(places.tolist())
    ]
    symmetric = np.array_equal(distances, distances.T)
    pairs = itertools.combinations(range(n), 2) if symmetric else itertools.permutations(range(n), 2)
    edges = [
        {
            "source": i + 1,
            "target": j + 1,
            "distance": distances[i, j],
            "traffic": "low",
            "oneway": not symmetric,
        }
        for i, j in pairs
    ]
    name = instance.entries.get("NAME", "")
    return conversions.build(City, nodes=nodes, edges=edges, through_stops=False, metadata={"name": name})


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
            raise InvalidInput(
                f"line {place}: neither an entry `KEY: value` nor a known section: {word[:40]!a}"
            )
    return instance


def coordinates(instance: Instance) -> NDArray[np.float64] | None:
    """Where the cities are drawn: float64[n, 2], or None; GEO's latitude goes up."""
    for section in ("DISPLAY_DATA_SECTION", "NODE_COORD_SECTION"):
        if section in instance.sections:
            places = _places(instance, section)
            return places[:, ::-1] if instance.entries.get("EDGE_WEIGHT_TYPE") == "GEO" else places
    return None


def _places(instance: Instance, section: str) -> NDArray[np.float64]:
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


def distance_matrix(instance: Instance) -> NDArray[np.float64]:
    """All distances, rounded as TSPLIB says: float64[n, n] with a zero diagonal."""
    allowed = ("EXPLICIT", "EUC_2D", "CEIL_2D", "ATT", "GEO", "MAN_2D", "MAX_2D")
    kind = instance.entry("EDGE_WEIGHT_TYPE", allowed)
    if kind == "EXPLICIT":
        return _explicit(instance)
    places = _places(instance, "NODE_COORD_SECTION")
    if kind == "GEO":
        distances = _geographical(places)
    else:
        dx, dy = np.abs(places[:, None] - places[None, :]).transpose(2, 0, 1)
        distances = {
            "EUC_2D": lambda: np.floor(np.hypot(dx, dy) + 0.5),
            "CEIL_2D": lambda: np.ceil(np.hypot(dx, dy)),
            "ATT": lambda: np.ceil(np.sqrt((dx**2 + dy**2) / 10)),
            "MAN_2D": lambda: np.floor(dx + dy + 0.5),
            "MAX_2D": lambda: np.maximum(np.floor(dx + 0.5), np.floor(dy + 0.5)),
        }[kind]()
    np.fill_diagonal(distances, 0.0)
    return distances


def _geographical(places: NDArray[np.float64]) -> NDArray[np.float64]:
    degrees = np.trunc(places)
    latitude, longitude = (PI * (degrees + 5 * (places - degrees) / 3) / 180).T
    q1 = np.cos(longitude[:, None] - longitude[None, :])
    q2 = np.cos(latitude[:, None] - latitude[None, :])
    q3 = np.cos(latitude[:, None] + latitude[None, :])
    angle = np.arccos(np.clip(((1 + q1) * q2 - (1 - q1) * q3) / 2, -1, 1))
    distances: NDArray[np.float64] = np.floor(EARTH_RADIUS * angle + 1)
    return distances


def _explicit(instance: Instance) -> NDArray[np.float64]:
    n = instance.dimension
    # A triangle stored column by column is the opposite triangle stored row by row.
    triangles: dict[str, Any] = {
        "FULL_MATRIX": np.indices((n, n)).reshape(2, -1),
        "UPPER_ROW": np.triu_indices(n, 1),
        "LOWER_ROW": np.tril_indices(n, -1),
        "UPPER_DIAG_ROW": np.triu_indices(n),
        "LOWER_DIAG_ROW": np.tril_indices(n),
        "UPPER_COL": np.tril_indices(n, -1),
        "LOWER_COL": np.triu_indices(n, 1),
        "UPPER_DIAG_COL": np.tril_indices(n),
        "LOWER_DIAG_COL": np.triu_indices(n),
    }
    form = instance.entry("EDGE_WEIGHT_FORMAT", tuple(triangles))
    rows, columns = triangles[form]
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


def _drawn_from(distances: NDArray[np.float64]) -> NDArray[np.float64]:
    """Places that reproduce the distances as well as a plane can (classical multidimensional scaling)."""
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
