"""Arrays, mappings and models that cannot be changed."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any, NoReturn, Self, TypeVar

import numpy as np
from pydantic import BaseModel, ConfigDict

Array = TypeVar("Array", bound=np.ndarray[Any, Any])


def constant(array: Array) -> Array:
    """The array itself, now read-only.

    >>> import numpy as np
    >>> constant(np.zeros(2)).flags.writeable
    False
    """
    array.setflags(write=False)
    return array


class FrozenDict(dict[Any, Any]):
    """A dictionary that cannot be changed, and can therefore be hashed.

    >>> FrozenDict(a=1)["a"]
    1
    """

    def _refuse(self, *_: object, **__: object) -> NoReturn:
        raise TypeError("this mapping cannot be changed")

    __setitem__ = __delitem__ = __ior__ = clear = pop = popitem = setdefault = update = _refuse

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(frozenset(self.items()))

    def __reduce__(self) -> tuple[type[FrozenDict], tuple[dict[Any, Any]]]:
        return FrozenDict, (dict(self),)


FROZEN = ConfigDict(
    frozen=True,
    extra="forbid",
    validate_by_name=True,
    validate_by_alias=True,
    serialize_by_alias=True,
    ser_json_inf_nan="strings",
)


class Frozen(BaseModel):  # noqa: PLW1641 (pydantic hashes the fields)
    """A model that cannot be changed; copies with changes are validated, and compute their values again."""

    model_config = FROZEN

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """The same model with some fields changed, validated; `deep` makes no difference."""
        del deep  # fields cannot be changed
        return type(self)(**{**self._fields, **(update or {})})

    def __str__(self) -> str:
        return repr(self)

    def __eq__(self, other: object) -> bool:
        """Whether the class and the fields are equal; computed values are not compared."""
        if type(self) is not type(other):
            return NotImplemented
        return self._fields == other._fields

    @property
    def _fields(self) -> dict[str, Any]:
        """The fields without computed values."""
        return {name: self.__dict__[name] for name in type(self).model_fields}

    def __getstate__(self) -> dict[Any, Any]:
        """The fields, for pickle; computed values are left out."""
        return {**super().__getstate__(), "__dict__": self._fields}

    def __deepcopy__(self, memo: dict[int, Any] | None = None) -> Self:
        copied = type(self).__new__(type(self))
        copied.__setstate__(deepcopy(self.__getstate__(), memo))
        return copied
