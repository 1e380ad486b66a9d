"""A Jupyter server extension: `GET <base_url>/qgraph/health` tells whether this server can do its work.

qgraph, Qiskit, Aer and a kernel must work, and it must be possible to write files and to start processes. It
is a separate package and imports neither qgraph nor other heavy packages, so it still answers when these are
broken. Enable it with `jupyter server extension enable qgraph_health`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerApp


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "qgraph_health"}]


def _load_jupyter_server_extension(server: ServerApp) -> None:
    from jupyter_server.utils import url_path_join

    from qgraph_health.cache import Cache
    from qgraph_health.handler import HealthHandler, Watch
    from qgraph_health.light import Light

    cache = Cache()
    cache.refresh()  # while the server starts, so that the first probe waits less
    web_app: Any = server.web_app
    watch = Watch(cache, Light(str(server.root_dir), str(server.runtime_dir)))
    path = url_path_join(web_app.settings["base_url"], "qgraph", "health")
    web_app.add_handlers(".*$", [(path, HealthHandler, {"watch": watch})])
