"""Messages to a script. `static/messages.js` describes what they contain."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from qgraph.base.typing import NDArray, Reals

Message = tuple[dict[str, Any], list[bytes]]  # the content, and its binary parts


def floats(values: Sequence[Reals] | Sequence[float] | NDArray[np.float64]) -> bytes:
    """Numbers as a message's binary part: float32."""
    return np.asarray(values, dtype=np.float32).tobytes()
