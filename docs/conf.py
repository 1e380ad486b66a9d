"""The documentation site: the pages of docs/, the lessons, and the docstrings. `make docs` builds it.

The source folder is the whole repository, so that pages and links are the same here and on a code host.
"""

from __future__ import annotations

import inspect
import json
import re
from importlib.metadata import version as installed
from typing import Any

from docutils import nodes
from latex2mathml.converter import convert
from sphinx import addnodes
from sphinx.util.inspect import stringify_signature

import qgraph
from qgraph import widgets

MEMBERS = {member for name in qgraph.__all__ for member in dir(getattr(qgraph, name))}
PLACES = {name: f"qgraph.{name}" for name in qgraph.__all__ if name not in MEMBERS}
PLACES |= {name: f"qgraph.widgets.{name}" for name in widgets.__all__}
UNLINKED = (nodes.reference, nodes.title, addnodes.pending_xref)

project = "qgraph"
author = "The qgraph developers"
copyright = f"2026, {author}"  # noqa: A001 (Sphinx names it so)
version = release = installed("qgraph")

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.autosummary", "sphinx_copybutton"]
root_doc = "docs/index"
include_patterns = [
    "docs/**",
    "notebooks/*.ipynb",
    "benchmarks/*.md",
    "qgraph/simulation/kernel/README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "CODE_OF_CONDUCT.md",
]
exclude_patterns = [".*", "build", "tests", "docker", "docs/_*"]
nitpicky = True
# Types of other packages have no page, and neither have types inside this one. The site needs no network.
nitpick_ignore_regex = [("py:.*", r"(?!qgraph\.(widgets\.)?\w+$).*")]

templates_path = ["docs/_templates"]  # autosummary looks there from the source folder
html_theme = "furo"
html_title = f"qgraph {release}"
html_extra_path = ["_extra"]
html_static_path = ["_static"]
html_favicon = "_static/icon.svg"
html_css_files = ["site.css"]
html_math_renderer = "mathml"
html_show_sphinx = False
html_copy_source = False

nb_execution_mode = "off"  # the outputs are those that `make test` compares
nb_merge_streams = True
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 4

default_role = "code"  # docstrings have single quotes around names
autosummary_generate = True
# Classes of libraries: what our classes inherit from them is not shown.
LIBRARIES = "AnyWidget DOMWidget Widget HasTraits HasDescriptors BaseModel Exception Protocol object"
autosummary_context = {"libraries": ",".join(LIBRARIES.split())}
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
autodoc_type_aliases = {"ArrayLike": "ArrayLike"}  # NumPy's own form of it fills a page
python_maximum_signature_line_length = 88
autodoc_default_options = {"exclude-members": "model_config"}
copybutton_exclude = ".linenos, .gp, .go"


def with_attachments(_: Any, name: str, source: list[str]) -> None:
    """MyST-NB does not know pictures that are attached to a cell; Sphinx knows pictures within an address."""
    if not name.startswith("notebooks/"):
        return
    notebook = json.loads(source[0])
    for cell in notebook["cells"]:
        text = "".join(cell["source"])
        for picture, forms in cell.get("attachments", {}).items():
            for kind, data in forms.items():
                text = text.replace(f"attachment:{picture}", f"data:{kind};base64,{''.join(data.split())}")
        cell["source"] = text
    source[0] = json.dumps(notebook)


def formula(display: str) -> Any:
    """What writes formulas as MathML. Browsers draw it; Sphinx's own way loads a script by URL."""

    def write(translator: Any, node: Any) -> None:
        text = node.astext().replace("{aligned}", "{split}")  # the same to us; the library knows only one
        translator.body.append(convert(text, display=display))
        raise nodes.SkipNode

    return write, None


def as_written(
    _: Any, what: str, __: str, thing: Any, ___: Any, signature: str | None, returned: str | None
) -> tuple[str | None, str | None] | None:
    """How a class is called, with the types as our source has them: pydantic and traitlets expand them."""
    if what != "class":
        return re.sub(r"TypeAliasForwardRef\('(\w+)'\)", r"\1", signature or "") or None, returned
    try:
        taken = inspect.signature(thing)
    except ValueError:  # errors are built in
        return None
    types: dict[str, str] = {}
    if fields := getattr(thing, "model_fields", {}):
        for base in reversed(thing.__mro__):
            types |= inspect.get_annotations(base)
        for field, info in fields.items():
            types[info.alias or field] = re.sub(r"Annotated\[(\w+), [^]]*\]", r"\1", types[field])
    parameters = [
        one.replace(
            annotation=types.get(one.name, one.annotation),
            default={} if repr(one.default) == "<factory>" else one.default,
        )
        for one in taken.parameters.values()
    ]
    return stringify_signature(taken.replace(parameters=parameters), show_return_annotation=False), ""


def linked(app: Any, document: Any) -> None:
    """A public name in code leads to its page. A name that is also a member of a class stays as it is."""
    for code in list(document.findall(nodes.literal)):
        name = re.match(r"(?:qg\.|qgraph\.)?(\w+)", code.astext())
        target = PLACES.get(name[1]) if name else None
        if target is None or app.env.docname.endswith(target) or _within(code, UNLINKED):
            continue
        link = addnodes.pending_xref("", refdomain="py", reftype="obj", reftarget=target, refexplicit=True)
        code.replace_self(link)
        link += code


def _within(node: nodes.Node | None, kinds: tuple[type[nodes.Node], ...]) -> bool:
    return node is not None and (isinstance(node, kinds) or _within(node.parent, kinds))


def for_all_readers(_: Any, __: str, ___: str, context: dict[str, Any], ____: Any) -> None:
    """A keyboard reaches what scrolls; a screen reader hears the level of captions."""
    if "furo_navigation_tree" in context:
        tree = context["furo_navigation_tree"]
        context["furo_navigation_tree"] = tree.replace('role="heading"', 'role="heading" aria-level="2"')
    if "body" in context:
        scrolls = r'<pre\b|<div(?= class="(?:table|math)-wrapper)'
        body = re.sub(scrolls, r'\g<0> tabindex="0"', context["body"])
        context["body"] = re.sub(r"<dl>.*?</dl>", _as_layout, body, flags=re.DOTALL)


def _as_layout(parameters: re.Match[str]) -> str:
    """Sphinx writes the lines of a signature as definitions without terms."""
    return re.sub("<(dl|dd)>", r'<\1 role="presentation">', parameters[0])


def setup(app: Any) -> None:
    """Connect what Sphinx calls."""
    app.connect("source-read", with_attachments)
    app.connect("doctree-read", linked)
    app.connect("autodoc-process-signature", as_written)
    app.connect("html-page-context", for_all_readers, priority=900)  # after the theme
    app.add_html_math_renderer("mathml", formula("inline"), formula("block"))
