"""Problems from files and from JSON."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import partial
from os import PathLike
from typing import Any

from qgraph.base.checks import require
from qgraph.base.errors import InvalidFile, InvalidInput
from qgraph.models.build import build
from qgraph.models.city import City
from qgraph.models.graph import Graph
from qgraph.problems.base import TERMS, BitProblem
from qgraph.problems.coloring import GraphColoring
from qgraph.problems.graph_partitioning import GraphPartitioning
from qgraph.problems.independent_set import IndependentSet
from qgraph.problems.ising import Ising
from qgraph.problems.max_k_cut import MaxKCut
from qgraph.problems.maxcut import MaxCut
from qgraph.problems.number_partitioning import NumberPartitioning
from qgraph.problems.qubo import QUBO
from qgraph.problems.routing import PriorityRouting
from qgraph.problems.vertex_cover import VertexCover
from qgraph.readers import json_text, parse_file, reader
from qgraph.readers.text import LARGEST_FILE, ending_of

OF_GRAPHS = (GraphColoring, GraphPartitioning, IndependentSet, MaxCut, MaxKCut, VertexCover)
OTHERS = (Ising, NumberPartitioning, PriorityRouting, QUBO)
PROBLEMS: dict[str, Callable[..., BitProblem[Ising]]] = {kind.__name__: kind for kind in OF_GRAPHS + OTHERS}


def read_problem(text_or_path: str | PathLike[str], *, max_bytes: int = LARGEST_FILE) -> BitProblem[Ising]:
    r"""Read a problem from a file, or from the text that `to_json` gave. Raises `InvalidFile`.

    A file's ending names its format, and `.gz` may follow it. `.json`: any problem, as `to_json` writes it.
    `.qubo`: D-Wave's qbsolv, bits from 0, where the term of a pair counts once. `.bq`, `.sparse`: the Biq
    Mac library, bits from 1, where x'Qx counts it twice; these are QUBOs, which are minimised. A text
    that starts with a brace is JSON.

    >>> from qgraph import Graph, VertexCover
    >>> problem = VertexCover(Graph.ring(5), weights={"0": 2.5})
    >>> read_problem(problem.to_json()) == problem
    True
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "two.bq")
    ...     _ = path.write_text("2 2\n1 1 -3\n1 2 2.5\n")
    ...     read_problem(path).objective([[1, 0], [1, 1]])
    array([-3.,  2.])
    """
    if not (isinstance(text_or_path, str) and text_or_path.lstrip().startswith("{")):
        readers: dict[str, Callable[[str], BitProblem[Ising]]] = {".json": _json, **PROBLEM_READERS}
        return parse_file(text_or_path, readers, max_bytes)
    try:
        require(len(text_or_path) <= max_bytes, "text", f"must have at most {max_bytes} characters", "more")
        return _json(text_or_path)
    except InvalidInput as error:
        raise InvalidFile(f"JSON: {error}") from None


def holds_problem(path: str | PathLike[str]) -> bool:
    """Whether this is a JSON file with the key `problem`. Raises `InvalidFile`."""
    readers = {".json": lambda text: '"problem"' in text and "problem" in json_text.json_object(text)}
    return ending_of(path) in readers and parse_file(path, readers, LARGEST_FILE)


def problem_of(data: dict[str, Any]) -> BitProblem[Ising]:
    """The problem that JSON describes: its class, and what its constructor takes. Raises `InvalidInput`."""
    if "problem" not in data and data.keys() & {"nodes", "edges", "links"}:
        model = "city" if json_text.is_city(data) else "graph"
        raise InvalidInput(f"must hold a problem, but holds a {model}; read it with read_{model}")
    name = data.get("problem")
    require(name in list(PROBLEMS), "problem", f"must be one of {', '.join(PROBLEMS)}", name)
    kind = PROBLEMS[str(name)]
    parameters = inspect.signature(kind).parameters
    for key in data.keys() - {"problem"}:
        require(key in parameters, "keys", f"must be among problem, {', '.join(parameters)}", key)
    for key, parameter in parameters.items():
        if key not in data and parameter.default is parameter.empty:
            raise InvalidInput(f"`{key}` must be given for {name}")
    return kind(**{key: _argument(key, data[key]) for key in parameters if key in data})


def _argument(key: str, value: Any) -> Any:
    """A constructor's argument from JSON. Raises `InvalidInput`."""
    if key in ("graph", "city"):
        require(isinstance(value, dict), key, f"must be a {key} as a JSON object", value)
        try:
            return build(Graph if key == "graph" else City, **value)
        except InvalidInput as error:
            raise InvalidInput(f"in `{key}`: {error}") from None
    if key in TERMS:
        return _terms(key, value)
    if key == "return_to_depot":
        require(isinstance(value, bool), key, "must be true or false", value)
    return value


def _terms(key: str, value: Any) -> dict[tuple[str, str], Any]:
    require(isinstance(value, list), key, "must be a list of terms [node, node, value]", value)
    terms: dict[tuple[str, str], Any] = {}
    for i, term in enumerate(value):
        fits = isinstance(term, list) and len(term) == 3 and all(isinstance(end, str) for end in term[:2])
        require(fits, f"{key}[{i}]", "must be a term [node, node, value] of two names", term)
        first, second, coefficient = term
        require((first, second) not in terms, f"{key}[{i}]", "must name each pair once", (first, second))
        terms[first, second] = coefficient
    return terms


def _json(text: str) -> BitProblem[Ising]:
    return problem_of(json_text.json_object(text))


def _qubo(format_name: str, text: str) -> QUBO:
    return QUBO(reader("qubo", format_name)(text))


PROBLEM_READERS: dict[str, Callable[[str], QUBO]] = {  # files that hold only problems
    ".qubo": partial(_qubo, "qbsolv"),
    **dict.fromkeys((".bq", ".sparse"), partial(_qubo, "biqmac")),
}
