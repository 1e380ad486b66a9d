"""A Jupyter server extension of the image: the documentation, at `<base_url>/qgraph/docs/`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_server.base.handlers import JupyterHandler
from tornado.web import RedirectHandler, StaticFileHandler, authenticated

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerApp

SITE = Path(sys.prefix, "share", "qgraph", "docs")


class Page(JupyterHandler, StaticFileHandler):
    """A file of the site, for those who may use this server."""

    @authenticated  # HEAD, too, comes here
    async def get(self, path: str, include_body: bool = True) -> None:  # type: ignore[override]
        """The file."""
        await StaticFileHandler.get(self, path, include_body=include_body)


def _load_jupyter_server_extension(server: ServerApp) -> None:
    from jupyter_server.utils import url_path_join

    web_app: Any = server.web_app
    place = url_path_join(web_app.settings["base_url"], "qgraph", "docs")
    pages = {"path": str(SITE), "default_filename": "index.html"}
    handlers = [(place, RedirectHandler, {"url": f"{place}/"}), (f"{place}/(.*)", Page, pages)]
    web_app.add_handlers(".*$", handlers)
