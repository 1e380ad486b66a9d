"""Where the problems of a study come from: objects, functions and files, as JSON that can be shipped."""

from __future__ import annotations

import hashlib
import inspect
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from glob import glob
from importlib import import_module
from os import PathLike, fspath
from pathlib import Path
from typing import Any, NamedTuple, cast

from qgraph.base.checks import require
from qgraph.base.errors import InvalidInput, printable, shown
from qgraph.models.city import City
from qgraph.models.graph import Graph
from qgraph.problems.base import BitProblem
from qgraph.problems.files import PROBLEM_READERS, PROBLEMS, holds_problem, problem_of, read_problem
from qgraph.problems.ising import Ising
from qgraph.problems.maxcut import MaxCut
from qgraph.problems.routing import PriorityRouting
from qgraph.readers import read
from qgraph.readers.text import ending_of

AnyProblem = BitProblem[Ising]
Source = dict[str, Any]  # plain JSON
OF_FILES = ("directed", "loops", "weight")
OF_MODELS = ("problem", "parameters")  # which problem a graph or city stands for
KEYS = ("files", "file", "function", "arguments", *OF_MODELS, *OF_FILES)
DIGITS = 16  # hexadecimal, of a digest


class Named(NamedTuple):
    """A problem of a study: its name, its source, and what the source gives."""

    name: str
    source: Source
    problem: AnyProblem

    @property
    def digest(self) -> str:
        """What the problem is, without its name."""
        return digest_of(self.problem)


def digest(text: str) -> str:
    """A content hash as hexadecimal digits.

    >>> digest("a graph")
    '170df6144b15bdf1'
    """
    return hashlib.sha256(text.encode()).hexdigest()[:DIGITS]


def digest_of(problem: AnyProblem) -> str:
    """The content hash of a problem. Equal problems have equal hashes, wherever they come from."""
    return digest(problem.to_json())


def resolve(source: Source) -> AnyProblem:
    """The problem of a source. Raises `InvalidInput` or `InvalidFile`.

    >>> resolve({"function": "qgraph:Graph.ring", "arguments": {"n": 5}})
    MaxCut(Graph(5 nodes, 5 edges))
    """
    if "file" in source:
        path = source["file"]
        if ending_of(path) in PROBLEM_READERS or holds_problem(path):
            return read_problem(path)
        return _as_problem(read(path, **{key: source[key] for key in OF_FILES if key in source}), source)
    if "function" in source:
        try:
            made = named_function(source["function"])(**source.get("arguments", {}))
        except TypeError as error:
            raise InvalidInput(f"`problems`: {source['function']}: {error}") from None
        return _as_problem(made, source)
    return problem_of(source)


def sources(problems: object) -> list[Named]:
    """The problems that a user gave, by name: a mapping, a sequence, or one item.

    An item is a problem, a function without arguments (`functools.partial` gives it some), a file or a
    pattern of files such as "graphs/*.txt", or a mapping with the key `files` or `function`. Raises
    `InvalidInput`.
    """
    named = isinstance(problems, Mapping) and not problems.keys() & {"files", "file", "function"}
    if named:
        given = [(str(name), item) for name, item in cast("Mapping[Any, Any]", problems).items()]
    else:
        listed = isinstance(problems, Sequence) and not isinstance(problems, str)
        given = [("", item) for item in (cast("Sequence[Any]", problems) if listed else [problems])]
    found: dict[str, Named] = {}
    for name, item in given:
        for one in _expanded(name, item):
            unique = one if named else one._replace(name=_unused(one.name, found))
            require(unique.name not in found, "problems", "must have different names", unique.name)
            found[unique.name] = unique
    require(len(found) > 0, "problems", "must hold at least one problem", problems)
    return list(found.values())


def named_function(name: str) -> Callable[..., Any]:
    """The function of a name such as "package.module:function". Raises `InvalidInput`."""
    module, _, path = name.partition(":")
    try:
        found: Any = import_module(module)
        for part in path.split("."):
            found = getattr(found, part)
    except (ImportError, AttributeError, ValueError) as error:
        raise InvalidInput(
            f"`function` must be importable as module:name, got {shown(name)}: {error}"
        ) from None
    return cast("Callable[..., Any]", found)


def function_name(function: Callable[..., Any]) -> str | None:
    """The name by which other processes can import a function, or None."""
    module, path = getattr(function, "__module__", None), getattr(function, "__qualname__", "<")
    if module in (None, "__main__") or "<" in path:
        return None
    try:
        same = named_function(f"{module}:{path}") == function
    except InvalidInput:
        return None
    return f"{module}:{path}" if same else None


def _expanded(name: str, item: object) -> Iterator[Named]:
    """The problems that one item stands for."""
    if isinstance(item, (str, PathLike)):
        item = {"files": fspath(item)}
    if isinstance(item, Mapping) and item.keys() & {"files", "file", "function"}:
        source = dict(item)
        for key in source:
            require(key in KEYS, "problems", f"must have keys among {', '.join(KEYS)}", key)
        if "function" in source:
            yield _named(name or _called(source["function"], source.get("arguments", {})), source)
            return
        yield from _files(name, source)
        return
    if isinstance(item, Mapping):
        problem = problem_of(dict(item))
    elif callable(item) and not hasattr(item, "to_ising"):
        yield _function(name, item)
        return
    else:
        problem = _as_problem(item, {})
    text = problem.to_json()
    yield Named(name or f"{type(problem).__name__}-{digest(text)[:8]}", json.loads(text), problem)


def _files(name: str, source: Source) -> Iterator[Named]:
    patterns = source.pop("files", None) or source.pop("file")
    places: list[str] = []
    for pattern in [patterns] if isinstance(patterns, str) else patterns:
        one = Path(pattern).is_file()
        found = [pattern] if one else sorted(glob(pattern, recursive=True))  # noqa: PTH207
        require(len(found) > 0, "problems", "must name files that exist", pattern)
        places += [str(Path(place).absolute()) for place in found if Path(place).is_file()]
    for place in places:
        stem = printable(Path(place).name.split(".")[0])
        alone = len(places) == 1 and name
        yield _named(name if alone else f"{name}-{stem}" if name else stem, {"file": place, **source})


def _function(name: str, function: Callable[..., Any]) -> Named:
    """A function that other processes can import is shipped by name, any other one by its problem."""
    inner, arguments = (
        (function.func, _arguments(function)) if isinstance(function, partial) else (function, {})
    )
    known = None if arguments is None else function_name(inner)
    label = name or _called(getattr(inner, "__qualname__", "problem"), arguments or {})
    if known:
        return _named(label, {"function": known, "arguments": arguments})
    problem = _as_problem(function(), {})
    return Named(label, json.loads(problem.to_json()), problem)


def _arguments(function: partial[Any]) -> dict[str, Any] | None:
    """The arguments of a partial by name, or None if they cannot be written as JSON."""
    try:
        bound = inspect.signature(function.func).bind_partial(*function.args, **function.keywords)
        json.dumps(dict(bound.arguments))
    except (TypeError, ValueError):  # no JSON, or a function without a signature
        return None
    return dict(bound.arguments)


def _named(name: str, source: Source) -> Named:
    return Named(name, source, resolve(source))


def _as_problem(made: object, source: Source) -> AnyProblem:
    """A problem as it is; a graph or a city as the problem that the source names."""
    kind, parameters = source.get("problem"), source.get("parameters", {})
    require(kind is None or kind in PROBLEMS, "problem", f"must be one of {', '.join(PROBLEMS)}", kind)
    if isinstance(made, (Graph, City)):
        default: Callable[..., AnyProblem] = MaxCut if isinstance(made, Graph) else PriorityRouting
        try:
            return (PROBLEMS[kind] if kind else default)(made, **parameters)
        except TypeError as error:
            raise InvalidInput(f"`parameters` do not fit {kind}: {error}") from None
    require(isinstance(made, BitProblem), "problems", "must be problems, such as MaxCut(graph)", made)
    rule = "must be left out for something that is already a problem"
    require(kind is None and not parameters, "problem", rule, kind or parameters)
    return cast("AnyProblem", made)


def _called(function: str, arguments: Mapping[str, Any]) -> str:
    inside = ", ".join(f"{key}={value}" for key, value in arguments.items())
    return f"{function.rpartition(':')[2]}({inside})"


def _unused(name: str, taken: Mapping[str, object]) -> str:
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name}-{number}"
    return free
