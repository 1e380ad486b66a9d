"""A Jupyter server extension of the image: the log shows the one address that a person outside can open.

The name of the container and its own ports mean nothing there. QGRAPH_PORT names the port on the host, if it
is not the one on which the server listens.
"""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerApp


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "qgraph_health.address"}]


def _load_jupyter_server_extension(server: ServerApp) -> None:
    observed: Any = server

    def show(_: object = None) -> None:
        observed.custom_display_url = f"//127.0.0.1:{os.environ.get('QGRAPH_PORT') or observed.port}"

    def outside(record: logging.LogRecord) -> bool:
        """Jupyter logs the public address, and then the container's own one."""
        inside: str = observed.local_url
        return inside == observed.public_url or record.getMessage().strip() != inside

    show()
    observed.observe(show, names=["port"])  # it takes the next one if this one is in use
    observed.log.addFilter(outside)
