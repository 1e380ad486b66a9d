"""The table of a study: one row for each trial that ended, as a pandas DataFrame."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from qgraph.base.errors import MissingDependency
from qgraph.study.columns import ASKED, FOUND, SEED, STORED, Column
from qgraph.study.settings import Variant, defaults_of
from qgraph.study.store import Store

if TYPE_CHECKING:
    import pandas as pd

TYPES = {"text": "object", "whole": "Int64", "real": "float64", "yes": "boolean", "list": "object"}
SETTING_TYPES = ((bool, "boolean"), (int, "Int64"), (float, "float64"))
ROWS = """SELECT trials.name, problems.name, kind, n, edges, sense, variant, seed, {}
FROM trials JOIN problems ON problem = problems.id JOIN results ON trial = trials.name ORDER BY trials.id"""


def frame_of(store: Store, variants: dict[int, Variant]) -> pd.DataFrame:
    """The trials that ended, in the order of the plan; see `Study.frame`."""
    try:
        import pandas as pd
    except ImportError:
        raise MissingDependency("a study's table needs pandas: pip install 'qgraph[study]'") from None
    stored = ", ".join(f'results."{column.name}"' for column in STORED)
    rows = store.read(ROWS.format(stored))
    asked, found = [c.name for c in ASKED[:6]], [c.name for c in STORED]
    data = dict(
        zip((*asked, "variant", "seed", *found), zip(*rows, strict=True) if rows else [()] * 99, strict=False)
    )
    which = data.pop("variant")
    columns: dict[str, Any] = {c.name: _series(pd, c, data[c.name]) for c in ASKED[:6]}
    columns["solver"] = pd.Series([variants[v].label for v in which], dtype=object)
    columns["algorithm"] = pd.Series([variants[v].algorithm for v in which], dtype=object)
    columns |= {name: _setting(pd, values, which) for name, values in _settings(variants).items()}
    columns |= {c.name: _series(pd, c, data[c.name]) for c in (SEED, *STORED)}
    frame = pd.DataFrame(columns)
    frame["optimum"] = frame["optimum"].fillna(frame.groupby("problem")["optimum"].transform("first"))
    frame["best_ratio"] = (frame.objective - frame.random) / (frame.optimum - frame.random).where(
        lambda x: x != 0
    )
    frame.loc[~frame.feasible.fillna(False).astype(bool), "best_ratio"] = float("nan")
    order = [name for name in frame if name not in {c.name for c in FOUND}] + [c.name for c in FOUND]
    return frame[order]


def _settings(variants: dict[int, Variant]) -> dict[str, dict[int, Any]]:
    """Each setting that any solver was given, by variant; defaults where a solver was not given it."""
    given = dict.fromkeys(name for variant in variants.values() for name in variant.settings)
    values: dict[str, dict[int, Any]] = {}
    for name in given:
        of_one = {number: defaults_of(v.algorithm) | v.settings for number, v in variants.items()}
        values[name] = {number: settings.get(name) for number, settings in of_one.items()}
    return values


def _setting(pd: Any, values: dict[int, Any], which: Iterable[int]) -> Any:
    known = [value for value in values.values() if value is not None]
    column = [values[number] for number in which]
    for kind, dtype in SETTING_TYPES:
        if known and all(type(value) is kind for value in known):
            return pd.Series(
                pd.array([pd.NA if x is None else x for x in column], dtype=dtype)
                if dtype != "float64"
                else [float("nan") if x is None else x for x in column]
            )
    if known and all(type(value) in (int, float) for value in known):
        return pd.Series([float("nan") if x is None else float(x) for x in column], dtype="float64")
    return pd.Series(column, dtype=object)


def _series(pd: Any, column: Column, values: Iterable[Any]) -> Any:
    if column.kind == "list":
        return pd.Series([None if text is None else json.loads(text) for text in values], dtype=object)
    if column.kind == "yes":
        return pd.Series(pd.array([pd.NA if x is None else bool(x) for x in values], dtype="boolean"))
    return pd.Series(list(values), dtype=TYPES[column.kind])
