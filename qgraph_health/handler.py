"""The endpoint: status 200, or 503 if a check failed. Versions and checks are for owners of the token."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

from jupyter_server.auth.decorator import allow_unauthenticated
from jupyter_server.base.handlers import JupyterHandler

from qgraph_health.cache import sound

if TYPE_CHECKING:
    from qgraph_health.cache import Cache
    from qgraph_health.light import Light

METHODS = "GET, HEAD, OPTIONS"


class Watch:
    """All checks of a server, and whether they passed when somebody last asked."""

    def __init__(self, cache: Cache, light: Light) -> None:
        self.cache, self.light = cache, light
        self.well = True

    async def report(self) -> dict[str, Any]:
        """Versions and checks."""
        free, checks = await asyncio.to_thread(self.light.checks)  # its first call imports NumPy
        found = await self.cache.report(free)
        return {**found, "checks": {**found["checks"], **checks}}


class HealthHandler(JupyterHandler):
    """Open without a token, because probes have none. Then it tells nothing but the status."""

    def initialize(self, watch: Watch) -> None:
        """Keep the checks. All requests share them."""
        self.watch = watch

    def _log(self) -> None:
        """Requests are not logged: there are thousands a day. `_note` logs each change."""

    def _note(self, report: dict[str, Any], *, well: bool) -> None:
        if well != self.watch.well:
            failed = [
                f"{name}: {check['detail']}" for name, check in report["checks"].items() if not check["ok"]
            ]
            say = self.log.info if well else self.log.error
            say("health: %s", "ok again" if well else f"failing: {'; '.join(failed)}")
        self.watch.well = well

    @allow_unauthenticated
    async def get(self) -> None:
        """Answer a probe."""
        report = await self.watch.report()
        well = sound(report)
        self._note(report, well=well)
        self.set_status(200 if well else 503)
        self.set_header("Content-Type", "application/json")
        self.set_header("Cache-Control", "no-store")
        known = self.current_user is not None
        self.finish(json.dumps({"status": "ok" if well else "failing", **(report if known else {})}))

    @allow_unauthenticated
    async def head(self) -> None:
        """The same without a body, which Tornado leaves out."""
        await self.get()

    @allow_unauthenticated
    async def options(self) -> None:
        """The methods that are answered."""
        self.set_status(204)
        self.set_header("Allow", METHODS)
        self.finish()
