"""What a widget's saved state holds, read again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from qgraph.base.checks import require
from qgraph.base.errors import InvalidInput, first_complaint
from qgraph.models.build import build
from qgraph.models.city import City
from qgraph.models.graph import Graph
from qgraph.problems.files import problem_of
from qgraph.problems.problem import Problem
from qgraph.solvers.result import Result


def graph_in(state: Mapping[str, Any]) -> Graph | City:
    """The graph or city in a widget's state. Raises `InvalidInput`."""
    fields: Any = state.get("graph")
    require(isinstance(fields, dict), "state", "must hold a graph or a city", fields)
    return build(City, **fields) if "traffic_multipliers" in fields else build(Graph, **fields)


def result_in(state: Mapping[str, Any]) -> Result | None:
    """The result in a widget's state, if there is one. Raises `InvalidInput`."""
    try:
        return None if state.get("result") is None else Result.model_validate(state["result"])
    except ValidationError as error:
        raise InvalidInput(first_complaint(error, "state")) from None


def problem_in(state: Mapping[str, Any], graph: Graph) -> Problem:
    """The problem of a saved state, on its graph. Raises `InvalidInput`.

    States that were saved before problems had a JSON form name the class by "kind", without graph and J.
    """
    saved: Any = state.get("problem")
    require(isinstance(saved, dict), "problem", "must be one that `state()` described", saved)
    if "kind" in saved:
        rest = {"J": []} if saved["kind"] == "Ising" else {"graph": json.loads(graph.to_json())}
        saved = {"problem": saved["kind"], **rest, **{key: saved[key] for key in saved if key != "kind"}}
    return problem_of(saved).on(graph)
