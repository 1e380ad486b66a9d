"""How many threads this process may use."""

from __future__ import annotations

import pytest

from qgraph.base import resources
from qgraph.base.errors import InvalidInput


def test_a_variable_limits_the_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    most = resources.threads()
    monkeypatch.setenv("QGRAPH_THREADS", "1")
    assert resources.threads() == 1
    monkeypatch.setenv("QGRAPH_THREADS", "1000000")
    assert resources.threads() == most
    for wrong in ("0", "-1", "many"):
        monkeypatch.setenv("QGRAPH_THREADS", wrong)
        with pytest.raises(InvalidInput, match="`QGRAPH_THREADS` must be a whole number of at least 1, got"):
            resources.threads()
