"""Live views for the notebook: draw a graph, change QAOA's angles, compare routes.

Scripts draw, Python computes. The classes need `pip install 'qgraph[lab]'`.
"""

from __future__ import annotations

from qgraph.base.errors import MissingDependency

try:
    import anywidget as _anywidget  # noqa: F401
except ImportError as error:  # pragma: no cover (the lock file always has it)
    raise MissingDependency("qgraph's widgets need anywidget: pip install 'qgraph[lab]'") from error

from qgraph.widgets.editor import GraphEditor
from qgraph.widgets.qaoa.explorer import QAOAExplorer
from qgraph.widgets.routes import RouteExplorer

__all__ = ["GraphEditor", "QAOAExplorer", "RouteExplorer"]
