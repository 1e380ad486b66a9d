"""The solvers of a study with their settings, and the variants that several values of a setting give."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import product
from typing import Any, NamedTuple, cast

import numpy as np

from qgraph.base.checks import require, require_whole
from qgraph.base.errors import InvalidInput
from qgraph.problems.base import Candidate
from qgraph.solvers.compare import SOLVERS
from qgraph.study.sources import digest, function_name, named_function

GIVEN = ("problem", "seed", "callback", "progress")  # by the study, not by its settings
ALGORITHMS: dict[str, Callable[..., Any]] = {entry.name: entry.solve for entry in SOLVERS if entry.solve}
ONE = "value"  # in TOML, {value = [...]} is one list, where [...] alone stands for several values


class Solver(NamedTuple):
    """A solver of a study. `fixed` has one value for each setting, `axes` several ones."""

    label: str
    algorithm: str
    fixed: dict[str, Any]
    axes: dict[str, list[Any]]

    def variants(self) -> Iterator[Variant]:
        """One variant for each combination of the values of the axes."""
        for values in product(*self.axes.values()):
            settings = {**self.fixed, **dict(zip(self.axes, values, strict=True))}
            yield Variant(self.label, self.algorithm, settings)


class Variant(NamedTuple):
    """A solver with one value for each of its settings that differs from the default."""

    label: str
    algorithm: str
    settings: dict[str, Any]

    @property
    def key(self) -> str:
        """What the variant is, without its label. Settings at their defaults make no difference."""
        defaults = defaults_of(self.algorithm)
        missing = object()
        chosen = {name: x for name, x in self.settings.items() if defaults.get(name, missing) != x}
        return json.dumps([self.algorithm, chosen], sort_keys=True)

    @property
    def climb(self) -> str | None:
        """Variants with the same `climb` differ in their depth alone, and one climb serves them all."""
        if self.algorithm != "qaoa" or self.settings.get("start", "interpolate") != "interpolate":
            return None
        return digest(self._replace(settings={**self.settings, "depth": None}).key)

    @property
    def seeded(self) -> bool:
        """Whether the solver takes a seed. One that does not has a single trial for each problem."""
        return "seed" in parameters_of(self.algorithm)


def solvers_of(given: object) -> list[Solver]:
    """The solvers that a user gave. Raises `InvalidInput`.

    By label: a mapping with the key `solver` and its settings, several of them, or the name of a solver; or a
    list of names. A `range` or a list gives several values to a setting, with a trial for each; a tuple is
    one value.

    >>> (solver,) = solvers_of({"climb": {"solver": "qaoa", "depth": range(1, 3), "starts": 5}})
    >>> [variant.settings for variant in solver.variants()]
    [{'starts': 5, 'depth': 1}, {'starts': 5, 'depth': 2}]
    """
    if isinstance(given, str):
        given = [given]
    if isinstance(given, Sequence) and all(isinstance(name, str) for name in given):
        given = {name: name for name in given}
    rule = 'must be a mapping such as {"qaoa": {"solver": "qaoa", "depth": 3}}'
    require(isinstance(given, Mapping) and len(given) > 0, "solvers", rule, given)
    found = []
    for label, item in cast("Mapping[Any, Any]", given).items():
        found += [_solver(str(label), one) for one in (item if isinstance(item, list) else [item])]
    require_distinct(found)
    return found


def require_distinct(solvers: Sequence[Solver]) -> None:
    """Raise `InvalidInput` if a label stands for two algorithms, or two labels for the same settings."""
    algorithms: dict[str, str] = {}
    labels: dict[str, str] = {}
    for solver in solvers:
        first = algorithms.setdefault(solver.label, solver.algorithm)
        if first != solver.algorithm:
            raise InvalidInput(f"`solvers[{solver.label!r}]` must stay {first}, got {solver.algorithm}")
        for variant in solver.variants():
            other = labels.setdefault(variant.key, solver.label)
            if other != solver.label:
                raise InvalidInput(
                    f"`solvers`: {other} and {solver.label} are the same solver with equal settings"
                )


def algorithm_of(name: str) -> Callable[..., Any]:
    """The function of an algorithm: a solver of the package, or any other as "module:name"."""
    if ":" in name:
        return named_function(name)
    require(name in ALGORITHMS, "solver", f"must be one of {', '.join(ALGORITHMS)} or module:name", name)
    return ALGORITHMS[name]


def parameters_of(algorithm: str) -> Mapping[str, inspect.Parameter]:
    """The arguments of an algorithm's function."""
    return inspect.signature(algorithm_of(algorithm)).parameters


def defaults_of(algorithm: str) -> dict[str, Any]:
    """The default of each setting of an algorithm that has one.

    >>> defaults_of("annealing")["reads"]
    20
    """
    parameters = parameters_of(algorithm).items()
    return {
        name: parameter.default
        for name, parameter in parameters
        if name not in GIVEN and parameter.default is not parameter.empty
    }


def _solver(label: str, item: object) -> Solver:
    if isinstance(item, str) or callable(item):
        item = {"solver": item}
    rule = 'must be a mapping with the key "solver", or the name of a solver'
    require(isinstance(item, Mapping) and "solver" in item, f"solvers[{label!r}]", rule, item)
    given = dict(cast("Mapping[str, Any]", item))
    algorithm = _name_of(given.pop("solver"))
    known = parameters_of(algorithm)
    settings = [name for name in known if name not in GIVEN]
    fixed, axes = {}, {}
    for name, value in given.items():
        where = f"solvers[{label!r}]"
        require(name in settings, where, f"must have settings among {', '.join(settings)}", name)
        if isinstance(value, (range, list)):
            require(len(value) > 0, f"{where}[{name!r}]", "must have at least one value", value)
            axes[name] = list(dict.fromkeys(_frozen(name, one) for one in value))
        else:
            fixed[name] = _frozen(name, value)
    for depth in axes.get("depth", [fixed.get("depth", 1)]):
        require_whole("depth", depth, 1)
    return Solver(label, algorithm, fixed, axes)


def _name_of(solver: object) -> str:
    if isinstance(solver, str):
        algorithm_of(solver)
        return solver
    own = [name for name, function in ALGORITHMS.items() if function is solver]
    name = own[0] if own else function_name(solver) if callable(solver) else None
    rule = "must be the name of a solver, or a function in a module that other processes can import"
    require(name is not None, "solver", rule, solver)
    return str(name)


def _frozen(name: str, value: object) -> Any:
    """A setting as plain JSON that can be compared: NumPy's numbers become Python's, lists become tuples."""
    if isinstance(value, Mapping) and value.keys() == {ONE}:
        value = value[ONE]
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, (list, tuple)):
        return tuple(_frozen(name, one) for one in value)
    rule = "must be a number, a text, True, False, None, or tuples of these"
    plain = value is None or isinstance(value, (bool, int, float, str))
    require(plain and not isinstance(value, Candidate), name, rule, value)
    return value


def tuples(value: Any) -> Any:
    """Settings from JSON: lists become the tuples that they were.

    >>> tuples({"start": [[0.1], [0.2]]})
    {'start': ((0.1,), (0.2,))}
    """
    if isinstance(value, dict):
        return {name: tuples(one) for name, one in value.items()}
    return tuple(map(tuples, value)) if isinstance(value, list) else value
