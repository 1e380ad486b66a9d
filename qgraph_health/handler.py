"""The endpoint: 200 with versions and checks, or 503 with the failed checks."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

from jupyter_server.auth.decorator import allow_unauthenticated
from jupyter_server.base.handlers import JupyterHandler

from qgraph_health.cache import sound

if TYPE_CHECKING:
    from qgraph_health.cache import Cache

LEAST = 2**26  # bytes; with less free memory, no kernel starts


def available_memory() -> int:
    """Bytes that this container may still use, as qgraph computes them. Raises every error of its import."""
    from qgraph.base.resources import available_memory as available

    return available()


class HealthHandler(JupyterHandler):
    """Needs no token, because probes have none. The answer has nothing about users, files or tokens."""

    def initialize(self, cache: Cache) -> None:
        """Keep the cache. All requests share it."""
        self.cache = cache

    @allow_unauthenticated
    async def get(self) -> None:
        """Answer a probe."""
        try:
            free = await asyncio.to_thread(available_memory)  # its first call imports NumPy
            memory = {"ok": free >= LEAST, "detail": f"{free / 2**30:.2f} GiB available"}
        except Exception as error:  # qgraph itself is broken
            free, memory = 0, {"ok": False, "detail": f"unknown: {type(error).__name__}"}
        found = await self.cache.report(free)
        report: dict[str, Any] = {**found, "checks": {**found["checks"], "memory": memory}}
        well = sound(report)
        self.set_status(200 if well else 503)
        self.set_header("Content-Type", "application/json")
        self.set_header("Cache-Control", "no-store")
        self.finish(json.dumps({"status": "ok" if well else "failing", **report}))
