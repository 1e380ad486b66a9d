"""JupyterLab in the image. Command-line options and the user's own configuration override these settings."""

from __future__ import annotations

import logging
import os
import re
import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:

    def get_config() -> Any:
        """Jupyter defines this function before it reads this file."""


LESSON = "notebooks/00_start_here.ipynb"
HASH = re.compile(
    r"argon2:\$argon2id?\$v=\d+\$m=\d+,t=\d+,p=\d+\$[\w+/]+\$[\w+/]+|[a-z][a-z0-9]+:\w+:[0-9a-f]{32,}"
)


def seconds(name: str) -> int:
    """The environment variable `name` as a number of seconds; 0 (never) if it is not set."""
    text = os.environ.get(name) or "0"
    if not text.isdecimal():
        sys.exit(f"qgraph: `{name}` must be a whole number of seconds, got {text!r}")
    return int(text)


def password_hash() -> str:
    """The hash of the password, if there is one. A malformed hash would let nobody in."""
    text = os.environ.get("JUPYTER_PASSWORD_HASH", "")
    if text and not HASH.fullmatch(text):  # it may be the password itself, so it is not shown
        sys.exit(
            "qgraph: `JUPYTER_PASSWORD_HASH` must be what jupyter_server.auth.passwd() prints, "
            f"'argon2:$argon2id$...', got a text of {len(text)} characters. "
            "In a compose file, write $$ for each $"
        )
    return text


def token_of_file() -> str | None:
    """The token in the file that JUPYTER_TOKEN_FILE names, without the line end that editors add."""
    path = os.environ.get("JUPYTER_TOKEN_FILE")
    if not path or os.environ.get("JUPYTER_TOKEN"):
        return None
    try:
        words = Path(path).read_text().split()
    except (OSError, UnicodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not a text"
        sys.exit(f"qgraph: `JUPYTER_TOKEN_FILE` must be a file that can be read, got {path!r}: {why}")
    if len(words) != 1:
        sys.exit(f"qgraph: `JUPYTER_TOKEN_FILE` must be a file with one word, got {path!r} with {len(words)}")
    return words[0]


def memory_limit() -> int:
    """Bytes that this container may use, or 0 for no limit."""
    for path in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        if Path(path).exists():
            text = Path(path).read_text().strip()
            return int(text) if text.isdecimal() and int(text) < 2**60 else 0
    return 0


class Without(logging.Filter):
    """Drops the messages of a logger that contain `text`."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text

    def filter(self, record: logging.LogRecord) -> bool:
        """Keep all other messages."""
        return self.text not in record.getMessage()


c = get_config()
work = Path(os.environ.get("QGRAPH_WORK") or Path.cwd())

# The network of the container is the boundary, so the server listens on all its addresses. A token protects
# the server. Each start makes a new one, unless JUPYTER_TOKEN or a password is set. Cross-origin requests are
# refused, as Jupyter does by default.
c.ServerApp.ip = "0.0.0.0"
c.ServerApp.open_browser = False
c.ServerApp.root_dir = str(work)
c.PasswordIdentityProvider.hashed_password = password_hash()
token = token_of_file()
if token is not None:
    c.IdentityProvider.token = token
# The log shows one address, and a person can open it (qgraph_health/address.py). Jupyter's last message at
# start repeats it, as a critical message, so it is dropped.
logging.getLogger("ServerApp").addFilter(Without("To access the server"))
# Jupyter and Tornado use the same name for a ping in milliseconds and in seconds. Tornado warns; both work.
logging.getLogger("tornado.general").addFilter(Without("websocket_ping_timeout"))
warnings.filterwarnings("ignore", message="date_default is deprecated")  # jupyter-resource-usage calls it

c.LabApp.default_url = f"/lab/tree/{LESSON}" if (work / LESSON).exists() else "/lab"
# A hub's server finds its first page in another way. What the operator has chosen comes before this.
os.environ.setdefault("JUPYTERHUB_DEFAULT_URL", c.LabApp.default_url)
c.LabApp.news_url = None
c.LabApp.check_for_updates_class = "jupyterlab.NeverCheckForUpdate"
c.LabApp.extension_manager = "readonly"  # nothing can be installed into the image
c.LanguageServerManager.autodetect = False  # none is installed, and the search takes time at each start

# Encrypted if the kernel can do it: all processes in the network namespace see the TCP ports.
c.KernelManager.transport_encryption = "auto"
# A stopping server gives a busy kernel so many seconds before it kills the kernel.
c.KernelManager.shutdown_wait_time = 1.0
c.ServerApp.terminado_settings = {"shell_command": ["/bin/bash", "-l"]}

# JupyterLab shows the memory of this server and its kernels. A hub sets MEM_LIMIT itself.
if not os.environ.get("MEM_LIMIT"):
    c.ResourceUseDisplay.mem_limit = memory_limit()
c.ResourceUseDisplay.track_cpu_percent = True
c.ResourceUseDisplay.enable_prometheus_metrics = False  # it would measure each second, although nobody asks

idle = seconds("QGRAPH_CULL_IDLE_SECONDS")
c.MappingKernelManager.cull_idle_timeout = idle
c.MappingKernelManager.cull_interval = max(1, min(idle // 2, 300)) if idle else 300
c.TerminalManager.cull_inactive_timeout = idle
c.TerminalManager.cull_interval = max(1, min(idle // 2, 300)) if idle else 300
c.ServerApp.shutdown_no_activity_timeout = seconds("QGRAPH_SHUTDOWN_IDLE_SECONDS")
