"""Remove unused files from a virtual environment (`python prune.py /opt/venv`).

`tests/image/test_contents.py` then imports every package. The sizes are those of a build in 2026.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

# The packages' own tests, with their data (50 MB).
FOLDERS = ("tests", "test")
# Relative to site-packages. Only matches are removed. A pattern without a match is reported.
PATTERNS = (
    "jedi/third_party/django-stubs",  # completions of Django code
    "jedi/third_party/typeshed/stubs",  # and of packages that are not installed (10 MB)
    "matplotlib/mpl-data/sample_data",
    "**/*.c",  # sources of compiled modules (10 MB)
    "**/*.pyx",
    "**/*.js.map",
    "jupyterlab/galata",  # JupyterLab's own browser tests
    "widgetsnbextension/static",  # for the classic notebook, which is not installed
    "bokeh/server/static/js/*[!n].js",  # scripts that are there a second time, as *.min.js (15 MB)
    "bokeh/server/static/js/lib",  # sources of extensions of Bokeh
    "bokeh/server/static/lib",
    "httpx/_main.py",  # its command line: where click is installed, every `import httpx` loads it (6 MiB)
)
# Relative to the environment.
SHARED = (
    "share/jupyter/nbextensions",
    "share/jupyterhub/static/components",  # pages of the hub itself (44 MB); the image runs a user's server
    "share/man",
    # docker/server/qgraph_dask.py takes the place of what would load these at each start of a server.
    "etc/jupyter/*/dask_labextension.json",
    "etc/jupyter/*/jupyter-server-proxy.json",
    "etc/jupyter/nbconfig",
    "share/jupyter/labextensions/@jupyterhub/jupyter-server-proxy",  # for servers of its own; there are none
    "share/**/*.js.map",
)
LOCALES = ("root.dat", "en.dat", "en_*.dat")  # babel: the names of all languages in all languages (33 MB)


def remove(path: Path) -> int:
    """Delete a file or a folder and return its size in bytes."""
    if path.is_dir() and not path.is_symlink():
        size = sum(p.lstat().st_size for p in path.rglob("*") if not p.is_dir())
        shutil.rmtree(path)
        return size
    size = path.lstat().st_size
    path.unlink()
    return size


def unused(environment: Path) -> dict[str, list[Path]]:
    """The files to remove, by reason."""
    (site,) = environment.glob("lib/python3.*/site-packages")
    found = {f"*/{name}/": [p for p in site.glob(f"*/**/{name}") if p.is_dir()] for name in FOLDERS}
    found |= {pattern: list(site.glob(pattern)) for pattern in PATTERNS}
    found |= {pattern: list(environment.glob(pattern)) for pattern in SHARED}
    found["babel/locale-data"] = [
        path
        for path in (site / "babel" / "locale-data").glob("*.dat")
        if not any(path.match(kept) for kept in LOCALES)
    ]
    return found


def share_static_files(environment: Path) -> int:
    """JupyterLab's pages are installed twice: keep one copy and a link. Returns the bytes saved."""
    (package,) = environment.glob("lib/python3.*/site-packages/jupyterlab/static")
    shared = environment / "share" / "jupyter" / "lab" / "static"
    same = {path.relative_to(package) for path in package.rglob("*")}
    if same != {path.relative_to(shared) for path in shared.rglob("*")}:
        return 0
    gained = remove(package)
    package.symlink_to(shared)
    return gained


def main(environment: Path) -> None:
    """Remove the files, and print the bytes saved."""
    print(f"{share_static_files(environment) / 1e6:8.1f} MB  jupyterlab/static, a second time")
    for reason, paths in unused(environment).items():
        size = sum(remove(path) for path in paths if path.exists())  # one path may be inside another
        print(f"{size / 1e6:8.1f} MB  {reason}" if paths else f"   nothing   {reason}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
