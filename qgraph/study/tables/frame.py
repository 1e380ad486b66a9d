"""The table of a study: one row for each trial that ended, as a pandas DataFrame."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from qgraph.base.errors import MissingDependency
from qgraph.study.columns import ASKED, SEED, STORED, Column
from qgraph.study.settings import Variant, defaults_of
from qgraph.study.store import Store

if TYPE_CHECKING:
    import pandas as pd

TYPES = {"text": "object", "whole": "Int64", "real": "float64", "yes": "boolean", "list": "object"}
OF_SETTINGS = {(bool,): "boolean", (int,): "Int64", (float,): "float64", (float, int): "float64"}
OF_PROBLEMS, OF_SOLVERS = ASKED[:6], ASKED[6:]
RESULTS = ", ".join(f'results."{column.name}"' for column in STORED)
ROWS = """SELECT trials.name, problems.name, kind, n, edges, sense, variant, seed, {}
FROM trials JOIN problems ON problem = problems.id JOIN results ON trial = trials.name ORDER BY trials.id"""


def frame_of(store: Store, variants: dict[int, Variant]) -> pd.DataFrame:
    """The trials that ended, in the order of the plan; see `Study.frame`."""
    try:
        import pandas as pd
    except ImportError:
        raise MissingDependency("a study's table needs pandas: pip install 'qgraph[study]'") from None
    names = [*(column.name for column in OF_PROBLEMS), "variant", "seed", *(column.name for column in STORED)]
    stored = pd.DataFrame(store.read(ROWS.format(RESULTS)), columns=names, dtype=object)
    which = stored.pop("variant").tolist()
    stored["solver"] = [variants[number].label for number in which]
    stored["algorithm"] = [variants[number].algorithm for number in which]
    columns = {column.name: _typed(stored[column.name], column) for column in (*OF_PROBLEMS, *OF_SOLVERS)}
    for name, values in _settings(variants).items():
        kinds = {type(value) for value in values.values() if value is not None}
        dtype = OF_SETTINGS.get(tuple(sorted(kinds, key=lambda kind: kind.__name__)), "object")
        columns[name] = pd.Series([values[number] for number in which], dtype=dtype)
    columns |= {column.name: _typed(stored[column.name], column) for column in (SEED, *STORED)}
    frame = pd.DataFrame(columns)
    frame["optimum"] = frame["optimum"].fillna(frame.groupby("problem")["optimum"].transform("first"))
    span = (frame["optimum"] - frame["random"]).where(lambda width: width != 0)
    ratio = (frame["objective"] - frame["random"]) / span
    ratio = ratio.where(frame["feasible"].fillna(False).astype(bool))
    frame.insert(frame.columns.get_loc("random") + 1, "best_ratio", ratio)
    return frame


def _settings(variants: dict[int, Variant]) -> dict[str, dict[int, Any]]:
    """Each setting that any solver was given, by variant; defaults where a solver was not given it."""
    given = dict.fromkeys(name for variant in variants.values() for name in variant.settings)
    whole = {number: defaults_of(v.algorithm) | v.settings for number, v in variants.items()}
    return {name: {number: settings.get(name) for number, settings in whole.items()} for name in given}


def _typed(values: pd.Series[Any], column: Column) -> pd.Series[Any]:
    if column.kind == "list":
        return values.map(json.loads, na_action="ignore")
    if column.kind == "yes":
        values = values.map(bool, na_action="ignore")
    return values.astype(TYPES[column.kind])
