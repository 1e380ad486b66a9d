"""A Jupyter server extension: the shipped lessons are trusted, and opening a notebook does not change it.

A notebook names its kernel and the version of Python that saved it. JupyterLab replaces both by those that
run, and then the tab counts as changed. `qgraph lab` and the image enable this extension.
"""

from __future__ import annotations

import logging
import platform
from collections.abc import Awaitable, Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerApp

P = ParamSpec("P")

CHECKOUT, IMAGE = Path(__file__).parent.parent, Path("/opt/qgraph/share")
BOUND = 0.5  # seconds after which the server has its port
KERNEL = "python3"  # it runs in the environment of this server


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "qgraph_health.lessons"}]


def _load_jupyter_server_extension(server: ServerApp) -> None:
    import nbformat
    from jupyter_server.base.websocket import WS_PING_INTERVAL

    web_app: Any = server.web_app
    # Jupyter's limit is longer than the time between its pings. Tornado warns of that at each connection.
    web_app.settings.setdefault("ws_ping_timeout", WS_PING_INTERVAL)
    read: Any = nbformat.read
    manager: Any = server.contents_manager
    specs: Any = server.kernel_spec_manager
    loop: Any = server.io_loop
    loop.call_later(BOUND, announce, server)
    manager.get = named(manager.get, specs.get_kernel_spec(KERNEL).display_name)
    for lesson in lessons():  # a signature is for the content, so copies in other folders are trusted, too
        manager.notary.sign(read(lesson, as_version=4))


def announce(server: ServerApp) -> None:
    """Show the address where Jupyter does not: it is quiet, and its token is not a new one."""
    identity: Any = server.identity_provider
    level: Any = server.log_level
    if level > logging.INFO and not identity.token_generated:
        server.log.critical("JupyterLab is running at:\n    %s", server.display_url)


def lessons() -> list[Path]:
    """The notebooks that came with this installation: in a checkout, or in the image."""
    roots = [IMAGE, *([CHECKOUT] if (CHECKOUT / "meson.build").is_file() else [])]
    return [path for root in roots for path in sorted(root.glob("notebooks/*.ipynb"))]


def named(get: Callable[P, Awaitable[dict[str, Any]]], kernel: str) -> Callable[P, Awaitable[dict[str, Any]]]:
    """`get` of a contents manager; notebooks of Python name this kernel and this version of Python."""

    @wraps(get)
    async def renamed(*args: P.args, **kwargs: P.kwargs) -> dict[str, Any]:
        model = await get(*args, **kwargs)
        if model["type"] == "notebook" and model["content"] is not None:
            metadata = model["content"]["metadata"]
            spec, language = metadata.get("kernelspec", {}), metadata.get("language_info", {})
            if spec.get("name") == KERNEL and "version" in language:
                spec["display_name"], language["version"] = kernel, platform.python_version()
        return model

    return renamed
