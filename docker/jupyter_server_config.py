"""JupyterLab in the image. Command-line options and ~/.jupyter go before what is said here."""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:

    def get_config() -> Any:
        """Jupyter's own, in scope where it reads this file."""


def seconds(name: str) -> int:
    """The environment variable `name` as a number of seconds; 0, never, where it is not set."""
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
        """Keep everything else."""
        return self.text not in record.getMessage()


c = get_config()

# The container's own network is the boundary; a token, made at each start unless JUPYTER_TOKEN or a
# password is set, guards it. Cross-origin requests are refused, as Jupyter does by default.
c.ServerApp.ip = "0.0.0.0"
c.ServerApp.open_browser = False
c.ServerApp.root_dir = os.environ.get("QGRAPH_WORK") or str(Path.cwd())
c.PasswordIdentityProvider.hashed_password = os.environ.get("JUPYTER_PASSWORD_HASH", "")
# One address in the log, and one that a person can open: not the container's host name. Jupyter's last
# word at start repeats both, as a critical message.
logging.getLogger("ServerApp").addFilter(Without("To access the server"))
# Jupyter names its ping's milliseconds as Tornado does its seconds; Tornado warns, and both work.
logging.getLogger("tornado.general").addFilter(Without("websocket_ping_timeout"))
if not any("port=" in argument for argument in sys.argv):
    c.ServerApp.custom_display_url = f"//127.0.0.1:{os.environ.get('JUPYTER_PORT') or 8888}"

c.LabApp.default_url = "/lab/tree/notebooks/00_start_here.ipynb"
c.LabApp.news_url = None
c.LabApp.check_for_updates_class = "jupyterlab.NeverCheckForUpdate"
c.LabApp.extension_manager = "readonly"  # nothing can be installed into the image
c.LanguageServerManager.autodetect = False  # none is installed; looking for them takes time at each start

# Encrypted where the kernel can: the channels are TCP ports that everybody in the network namespace sees.
c.KernelManager.transport_encryption = "auto"
# A kernel in the middle of a calculation gets this long before a stopping server kills it.
c.KernelManager.shutdown_wait_time = 1.0
c.ServerApp.terminado_settings = {"shell_command": ["/bin/bash", "-l"]}

idle = seconds("QGRAPH_CULL_IDLE_SECONDS")
c.MappingKernelManager.cull_idle_timeout = idle
c.MappingKernelManager.cull_interval = max(1, min(idle // 2, 300)) if idle else 300
c.TerminalManager.cull_inactive_timeout = idle
c.TerminalManager.cull_interval = max(1, min(idle // 2, 300)) if idle else 300
c.ServerApp.shutdown_no_activity_timeout = seconds("QGRAPH_SHUTDOWN_IDLE_SECONDS")
