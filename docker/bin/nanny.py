"""Loaded by each process of Dask that watches over a worker: a busy worker ends soon, too."""

from __future__ import annotations

from typing import Any

PATIENCE = 2.5  # seconds; Dask waits for ten, and then `docker stop` has given up


async def dask_setup(nanny: Any) -> None:
    """Dask calls this at the start."""
    close = nanny.close

    async def close_soon(timeout: float = PATIENCE, reason: str = "nanny-close") -> Any:
        return await close(timeout=min(timeout, PATIENCE), reason=reason)

    nanny.close = close_soon
