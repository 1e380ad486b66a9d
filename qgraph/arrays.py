"""Arrays and mappings that stay as they are."""

from __future__ import annotations

from typing import Any, NoReturn, TypeVar

import numpy as np

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
