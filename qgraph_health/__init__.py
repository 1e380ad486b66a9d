"""A Jupyter server extension: `GET <base_url>/qgraph/health` says whether qgraph, Qiskit and Aer work.

It is a package of its own. It imports neither qgraph nor other large packages, so it can still answer
when they are broken. Enable it with `jupyter server extension enable qgraph_health`.
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
    from qgraph_health.handler import HealthHandler

    cache = Cache()
    cache.refresh()  # while the server starts, so the first probe does not wait
    web_app: Any = server.web_app
    path = url_path_join(web_app.settings["base_url"], "qgraph", "health")
    web_app.add_handlers(".*$", [(path, HealthHandler, {"cache": cache})])
