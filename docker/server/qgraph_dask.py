"""Dask's dashboard inside JupyterLab, for those who are logged in: a Jupyter server extension of the image.

It takes the place of the server's half of dask-labextension, which imports Dask into every server and lets it
fetch any address. Its panel asks here. jupyter-server-proxy is imported when somebody looks at a dashboard.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import tornado.httpclient
import tornado.web
from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.utils import url_path_join

ANNOUNCED = Path("/etc/dask/scheduler.yaml")  # see cluster.py
PORT = 8787  # of the dashboard, for a scheduler and for a LocalCluster
PATIENCE = 2.0  # seconds
HERE = ("localhost", "127.0.0.1")


def scheduler() -> str:
    """The name of the machine of the scheduler that `Client()` finds, or an empty text."""
    address = os.environ.get("DASK_SCHEDULER_ADDRESS", "")
    if not address and ANNOUNCED.is_file():
        found = re.search(r"^scheduler-address: *(\S+)", ANNOUNCED.read_text(), re.MULTILINE)
        address = found.group(1) if found else ""
    return urlsplit(address if "//" in address else f"//{address}").hostname or ""


def allowed(_: object, host: str) -> bool:
    """Whether the proxy may lead to `host`: this container, and the scheduler."""
    return host in HERE or (bool(host) and host == scheduler())


async def answers(host: str, port: int) -> bool:
    """Whether something listens there."""
    try:
        _, link = await asyncio.wait_for(asyncio.open_connection(host, port), PATIENCE)
    except (OSError, TimeoutError):
        return False
    link.close()
    return True


class Clusters(JupyterHandler):
    """The panel asks which clusters this server has started. It starts none: notebooks do."""

    @tornado.web.authenticated
    async def get(self) -> None:
        """An empty list."""
        self.finish(json.dumps([]))


class Dashboard(JupyterHandler):
    """Where the panel looks at first: the scheduler's dashboard, or that of a cluster in this container."""

    @tornado.web.authenticated
    async def get(self, path: str | None = None) -> None:
        """Lead to the dashboard. Without one there is no content, and no line in the log."""
        host = scheduler() or HERE[1]
        if await answers(host, PORT):
            query = f"?{self.request.query}" if self.request.query else ""
            self.redirect(url_path_join(self.base_url, "proxy", f"{host}:{PORT}", path or "") + query)
        else:
            self.set_status(204)


class Check(JupyterHandler):
    """Whether an address that somebody wrote into the panel is a dashboard that the proxy may show."""

    @tornado.web.authenticated
    async def get(self, url: str) -> None:
        """The plots that it has, and where the browser finds them."""
        found: dict[str, Any] = {"url": url, "isActive": False, "plots": {}}
        parts = urlsplit(url)
        if parts.hostname and allowed(self, parts.hostname):
            place = f"{parts.hostname}:{parts.port or 80}"
            client = tornado.httpclient.AsyncHTTPClient()
            try:
                answer = await client.fetch(f"http://{place}/individual-plots.json", request_timeout=PATIENCE)
                plots = json.loads(answer.body)
            except (OSError, ValueError, tornado.httpclient.HTTPError):
                plots = {}
            shown = url_path_join(self.base_url, "proxy", place)
            found |= {"isActive": bool(plots), "plots": plots, "effectiveUrl": shown}
        self.finish(json.dumps(found))


class Proxy(JupyterHandler):
    """Becomes a handler of jupyter-server-proxy, which is imported for the first request to it.

    That one asks for the login. A dashboard that is left open does not keep a server alive.
    """

    def __new__(cls, *arguments: Any, real: str, **options: Any) -> Any:
        """The handler that `real` names."""
        from jupyter_server_proxy import handlers

        return getattr(handlers, real)(*arguments, update_last_activity=False, **options)


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "qgraph_dask"}]


def _load_jupyter_server_extension(app: Any) -> None:
    base = app.web_app.settings["base_url"]
    # The links that Dask shows in notebooks lead through the proxy.
    os.environ.setdefault("DASK_DISTRIBUTED__DASHBOARD__LINK", f"{base}proxy/{{host}}:{{port}}/status")
    # An operator may allow other hosts.
    hosts = app.config.get("ServerProxy", {}).get("host_allowlist", allowed)
    rules: list[Any] = [
        (url_path_join(base, "dask/clusters/?"), Clusters),
        (url_path_join(base, r"dask/dashboard(?:/(.*)|)"), Dashboard),
        (url_path_join(base, r"dask/dashboard-check/(.+)"), Check),
    ]
    for place, real in ((r"([^/:@]+):(\d+)", "RemoteProxyHandler"), (r"(\d+)", "LocalProxyHandler")):
        for prefix in ("", "absolute/"):
            options = {"real": real, "absolute_url": bool(prefix), "host_allowlist": hosts}
            rules.append((url_path_join(base, rf"proxy/{prefix}{place}(/.*|)"), Proxy, options))
    app.web_app.add_handlers(".*$", rules)
