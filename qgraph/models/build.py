"""Build models from fields, with errors on one line."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, FailFast, TypeAdapter, ValidationError

from qgraph.base.checks import require
from qgraph.base.errors import InvalidInput, first_complaint

Model = TypeVar("Model", bound=BaseModel)


def build(model: type[Model], /, **fields: Any) -> Model:
    """A model from `fields`. Raises `InvalidInput` with pydantic's first complaint on one line.

    Items of `nodes` and `edges` are validated first, and validation ends at the first bad item.
    """
    try:
        with uncollected():
            checked = {name: _items(model, name, value) for name, value in fields.items()}
            return model(**checked)
    except ValidationError as error:
        raise InvalidInput(first_complaint(error)) from None


@contextmanager
def uncollected() -> Iterator[None]:
    """Pause garbage collection: it would double the time to make many nodes, and find nothing."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _items(model: type[BaseModel], name: str, value: Any) -> Any:
    if name not in ("nodes", "edges") or not isinstance(value, (list, tuple)):
        return value
    item_model = model.model_fields[name].annotation.__args__[0]  # type: ignore[union-attr]
    try:
        return _many(item_model).validate_python(value)
    except ValidationError as error:
        i = int(error.errors(include_url=False)[0]["loc"][0])
        require(isinstance(value[i], (dict, item_model)), f"{name}[{i}]", "must be an object", value[i])
        raise InvalidInput(first_complaint(error, f"{name}[{i}]", skipped=1)) from None


@cache
def _many(model: type[BaseModel]) -> TypeAdapter[Any]:
    many: Any = Annotated[tuple[model, ...], FailFast()]  # type: ignore[valid-type]
    return TypeAdapter(many)
