"""What a study asks for: problems x solvers x seeds, in Python or as a TOML file."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, cast

from qgraph.base.checks import require, require_seed
from qgraph.base.errors import InvalidFile, printable
from qgraph.study.settings import ONE, Solver, solvers_of
from qgraph.study.sources import Named, Source, digest, sources

HEADER = """\
# A plan of qgraph: each problem is solved by each solver with each seed.
# Run it: qgraph study run FILE.toml
#
# [problems.NAME]  what problem.to_json() gives; or file = "graph.txt"; or files = "graphs/*.txt";
#                  or function = "module:name", arguments = {...}. A graph stands for MaxCut unless
#                  problem = "VertexCover" or the like says otherwise, with parameters = {...}.
# [solvers.NAME]   solver = "qaoa" and its settings. A list gives several values, with a trial for each;
#                  {value = [...]} is one list. [[solvers.NAME]], repeated, gives several sets of settings.
"""
KEYS = ("folder", "problems", "solvers", "seeds")


class Plan(NamedTuple):
    """Problems x solvers x seeds."""

    problems: list[Named]
    solvers: list[Solver]
    seeds: list[int]


def trial_name(problem: str, content: str, variant: str, seed: int | None) -> str:
    """The content hash of a trial: hexadecimal digits."""
    return digest(json.dumps([problem, content, variant, seed]))


def plan_of(problems: object, solvers: object, seeds: object) -> Plan:
    """The plan of what a user gave. Raises `InvalidInput`.

    >>> from qgraph import Graph, MaxCut
    >>> plan = plan_of({"ring": MaxCut(Graph.ring(5))}, ["qaoa", "greedy"], range(3))
    >>> plan.seeds, [solver.label for solver in plan.solvers]
    ([0, 1, 2], ['qaoa', 'greedy'])
    """
    listed = isinstance(seeds, Sequence) and not isinstance(seeds, str) and len(seeds) > 0
    require(listed, "seeds", "must be a range or a list of whole numbers", seeds)
    for seed in cast("Sequence[Any]", seeds):
        require_seed(seed)
    numbers = [int(seed) for seed in cast("Sequence[Any]", seeds)]
    return Plan(sources(problems), solvers_of(solvers), list(dict.fromkeys(numbers)))


def read_plan(path: Path) -> tuple[Plan, Path]:
    """The plan of a TOML file, and the study's folder. Raises `InvalidFile` or `InvalidInput`."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InvalidFile(f"{printable(path.name)}: {error}") from None
    for key in data:
        require(key in KEYS, "keys", f"must be among {', '.join(KEYS)}", key)
    named = data.get("problems")
    require(isinstance(named, dict), "problems", "must be tables [problems.NAME]", named)
    folder = data.get("folder", str(path.with_suffix("")))
    require(isinstance(folder, str), "folder", "must be a text", folder)
    return plan_of(named, data.get("solvers"), data.get("seeds", [0])), Path(folder)


def write_plan(
    path: Path, problems: Mapping[str, Source], solvers: Sequence[Solver], seeds: Sequence[int]
) -> None:
    """Write a plan as TOML, which `read_plan` reads."""
    import tomli_w

    tables: dict[str, list[dict[str, Any]]] = {}
    for solver in solvers:
        tables.setdefault(solver.label, []).append(dict(_settings(solver)))
    data = {
        "seeds": list(seeds),
        "problems": {name: _without_none(source) for name, source in problems.items()},
        "solvers": {label: several if len(several) > 1 else several[0] for label, several in tables.items()},
    }
    path.write_text(f"{HEADER}\n{tomli_w.dumps(data)}", encoding="utf-8")


def _settings(solver: Solver) -> Iterator[tuple[str, Any]]:
    yield "solver", solver.algorithm
    for name, value in solver.fixed.items():
        if value is not None:  # None is a default, and TOML has no word for it
            yield name, {ONE: value} if isinstance(value, tuple) else value
    for name, values in solver.axes.items():
        yield name, [{ONE: value} if isinstance(value, tuple) else value for value in values]


def _without_none(value: Any) -> Any:
    """JSON for TOML, which has no word for null. In the JSON of problems, null is the default of each key."""
    if isinstance(value, dict):
        return {key: _without_none(one) for key, one in value.items() if one is not None}
    return [_without_none(one) for one in value] if isinstance(value, list) else value
