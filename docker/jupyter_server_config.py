"""JupyterLab in the image. Command-line options and ~/.jupyter override these settings."""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:

    def get_config() -> Any:
        """Jupyter defines this function before it reads this file."""


def seconds(name: str) -> int:
    """The environment variable `name` as a number of seconds; 0 (never) if it is not set."""
    text = os.environ.get(name) or "0"
    if not text.isdecimal():
        sys.exit(f"qgraph: `{name}` must be a whole number of seconds, got {text!r}")
    return int(text)


class Without(logging.Filter):
    """Drops the one message of a logger that contains `text`."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text

    def filter(self, record: logging.LogRecord) -> bool:
        """Keep all other messages."""
        return self.text not in record.getMessage()


c = get_config()

# The network of the container is the boundary, so the server listens on all its addresses. A token protects
# the server. Each start makes a new one, unless JUPYTER_TOKEN or a password is set. Cross-origin requests are
# refused, as Jupyter does by default.
c.ServerApp.ip = "0.0.0.0"
c.ServerApp.open_browser = False
c.ServerApp.root_dir = os.environ.get("QGRAPH_WORK") or str(Path.cwd())
c.PasswordIdentityProvider.hashed_password = os.environ.get("JUPYTER_PASSWORD_HASH", "")
# The log shows one address, and a person can open it: not the container's host name. Jupyter's last message
# at start repeats both, as a critical message, so it is dropped.
logging.getLogger("ServerApp").addFilter(Without("To access the server"))
# Jupyter and Tornado use the same name for a ping in milliseconds and in seconds. Tornado warns; both work.
logging.getLogger("tornado.general").addFilter(Without("websocket_ping_timeout"))
if not any("port=" in argument for argument in sys.argv):
    c.ServerApp.custom_display_url = f"//127.0.0.1:{os.environ.get('JUPYTER_PORT') or 8888}"

c.LabApp.default_url = "/lab/tree/notebooks/00_start_here.ipynb"
c.LabApp.news_url = None
c.LabApp.check_for_updates_class = "jupyterlab.NeverCheckForUpdate"
c.LabApp.extension_manager = "readonly"  # nothing can be installed into the image
c.LanguageServerManager.autodetect = False  # none is installed, and the search takes time at each start

# Encrypted if the kernel can do it: all processes in the network namespace see the TCP ports.
c.KernelManager.transport_encryption = "auto"
# A stopping server gives a busy kernel so many seconds before it kills the kernel.
c.KernelManager.shutdown_wait_time = 1.0
c.ServerApp.terminado_settings = {"shell_command": ["/bin/bash", "-l"]}

idle = seconds("QGRAPH_CULL_IDLE_SECONDS")
c.MappingKernelManager.cull_idle_timeout = idle
c.MappingKernelManager.cull_interval = max(1, min(idle // 2, 300)) if idle else 300
c.TerminalManager.cull_inactive_timeout = idle
c.TerminalManager.cull_interval = max(1, min(idle // 2, 300)) if idle else 300
c.ServerApp.shutdown_no_activity_timeout = seconds("QGRAPH_SHUTDOWN_IDLE_SECONDS")
