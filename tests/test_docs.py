"""The documentation site: strict, complete, and small; and one version everywhere."""

from __future__ import annotations

import doctest
import inspect
import json
import re
from pathlib import Path

import pytest
import yaml
from conftest import ROOT

import qgraph as qg
from qgraph import widgets

NAMES = [*(f"qgraph.{name}" for name in qg.__all__), *(f"qgraph.widgets.{name}" for name in widgets.__all__)]
SITE = pytest.mark.xdist_group("site")


def listed() -> list[str]:
    return re.findall(r"^   (qgraph\.[\w.]+)$", (ROOT / "docs/api.md").read_text(), flags=re.MULTILINE)


def test_the_reference_lists_each_public_name_once() -> None:
    assert sorted(listed()) == sorted(NAMES)


@SITE
def test_every_public_name_has_a_page(site: Path) -> None:
    pages = {page.stem for page in (site / "docs/api").glob("*.html")}
    assert pages == set(NAMES)


@SITE
def test_every_page_of_a_public_name_has_an_example(site: Path) -> None:
    without = [name for name in NAMES if "&gt;&gt;&gt;" not in (site / f"docs/api/{name}.html").read_text()]
    assert without == []


@SITE
def test_no_docstring_has_broken_markup(site: Path) -> None:
    """A quote of code that does not end leaves a backtick on the page."""
    pages = (site / "docs/api").glob("*.html")
    assert {
        page.stem
        for page in pages
        if "`" in re.sub(r"<pre[^>]*>.*?</pre>", "", page.read_text(), flags=re.DOTALL)
    } == set()


def test_every_public_name_has_an_example_that_the_tests_run() -> None:
    """They run the docstrings of all modules, so it suffices that a name has an example."""
    finder = doctest.DocTestFinder()
    without = []
    for name in NAMES:
        place = widgets if name.startswith("qgraph.widgets.") else qg
        thing = inspect.unwrap(getattr(place, name.rsplit(".", 1)[1]))
        found = finder.find(thing, name, globs={})
        if not any(test.examples for test in found if test.name == name):
            without.append(name)
    assert without == []


@SITE
def test_the_site_is_small(site: Path) -> None:
    size = sum(file.stat().st_size for file in site.rglob("*") if file.is_file())
    assert size < 15e6


@SITE
def test_names_in_the_text_lead_to_their_pages(site: Path) -> None:
    """`expectation` is a function, but also a field of results."""
    pages = "".join((site / f"docs/{name}.html").read_text() for name in ("methods", "studies", "honesty"))
    linked = set(re.findall(r'href="api/(qgraph\.\w+)\.html#[^"]*"[^>]*><code', pages))
    assert {"qgraph.solve_exact", "qgraph.compare", "qgraph.Result"} <= linked
    assert "qgraph.expectation" not in linked


@SITE
def test_no_link_is_within_another(site: Path) -> None:
    """HTML does not have that: a browser makes two links of it, and the first has no text."""
    within = re.compile(r"<a [^>]*>(?:(?!</a>).)*<a [^>]*>", re.DOTALL)
    found = {page.name: within.findall(page.read_text()) for page in site.rglob("*.html")}
    assert {name: links for name, links in found.items() if links} == {}


@SITE
def test_every_page_is_two_clicks_from_the_first(site: Path) -> None:
    def linked(page: Path) -> set[Path]:
        links = re.findall(r'href="([^"#?]+)', page.read_text())
        return {
            (page.parent / link).resolve() for link in links if ":" not in link and link.endswith(".html")
        }

    first = (site / "docs/index.html").resolve()
    near = {first} | linked(first)
    within = near.union(*(linked(page) for page in near if page.is_file()))
    pages = {page.resolve() for page in site.rglob("*.html")} - {(site / "index.html").resolve()}
    assert pages - within == set()


@SITE
def test_no_page_needs_a_network(site: Path) -> None:
    asked = re.compile(r'<(?:script|img|link)[^>]+(?:src|href)="(?:https?:)?//[^"]+"')
    found = {page.name: asked.findall(page.read_text()) for page in site.rglob("*.html")}
    assert {name: links for name, links in found.items() if links} == {}


def test_one_version_everywhere() -> None:
    """meson.build has it; what is read without a build must repeat it."""
    (version,) = re.findall(r"version: '([\d.]+)'", (ROOT / "meson.build").read_text().splitlines()[0])
    assert qg.__version__ == version
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert citation["version"] == version
    assert yaml.safe_load((ROOT / "conda/recipe.yaml").read_text())["context"]["version"] == version
    changes = re.findall(r"^## \[([\d.]+)\] - ([\d-]+)$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert changes[0] == (version, str(citation["date-released"]))
    tags = re.findall(
        r"qgraph:([\d.]+)|tag: \"([\d.]+)\"",
        "".join(p.read_text() for p in (ROOT / "docs").iterdir() if p.suffix in (".md", ".yaml")),
    )
    assert {one or other for one, other in tags} == {version}


def test_the_badges_are_true() -> None:
    badges = {path.stem: path.read_text() for path in (ROOT / "docs/images/badges").glob("*.svg")}
    assert qg.__version__ in badges["version"]
    project = (ROOT / "pyproject.toml").read_text()
    assert 'requires-python = ">=3.11"' in project
    assert "3.11" in badges["python"]
    assert 'license = "MIT"' in project
    assert "MIT" in badges["licence"]
    assert "[tool.mypy]\nstrict = true" in project
    assert "strict" in badges["types"]
    assert len(badges) == 4


def test_the_conda_recipe_has_the_same_dependencies() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    recipe = yaml.safe_load((ROOT / "conda/recipe.yaml").read_text())
    wanted = {re.sub(r"(>=)", r" \1", one) for one in project["project"]["dependencies"]}
    assert set(recipe["requirements"]["run"]) == wanted | {"python >=3.11"}
    built = {one.split(" ")[0] for one in recipe["requirements"]["host"]}
    assert {re.split("[>=]", one)[0] for one in project["build-system"]["requires"]} <= built


def test_the_help_menu_names_a_command_of_its_plugin() -> None:
    folder = ROOT / "docker/help"
    schema = json.loads((folder / "schemas/@qgraph/help/plugin.json").read_text())
    ((menu),) = schema["jupyter.lab.menus"]["main"]
    package = json.loads((folder / "package.json").read_text())
    script = (folder / package["jupyterlab"]["_build"]["load"]).read_text()
    assert all(f'"{item["command"]}"' in script for item in menu["items"])
    assert f'"{package["name"]}:plugin"' in script
