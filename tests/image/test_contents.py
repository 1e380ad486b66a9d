"""What is in the image, and what is not."""

from __future__ import annotations

import json
import re

from packaging.requirements import Requirement

from image.container import IMAGE, ROOT, docker, once

LEFT_OUT = {"pytest", "coverage", "iniconfig", "pluggy", "pyarrow"}  # see the Dockerfile
BASE = "python:3.11-slim"  # the Dockerfile's default

# Runs inside, with the image's own Python.
IMPORT_ALL = """
import importlib.metadata as m, importlib, json, os, re, sys, warnings
warnings.simplefilter("ignore")
failed, tried = {}, set()
for d in m.distributions():
    text = d.read_text("top_level.txt")
    names = set(text.split()) if text else {
        f.parts[0].removesuffix(".py").split(".")[0] for f in d.files or ()
        if f.parts[0] not in ("..", "__pycache__") and not f.parts[0].endswith((".dist-info", ".libs", ".pth"))
        and (len(f.parts) > 1 or f.suffix in (".py", ".so"))}
    for name in names:
        if not name.isidentifier():
            continue
        tried.add(name)
        try:
            importlib.import_module(name)
        except Exception as error:
            failed[name] = f"{d.metadata['Name']}: {type(error).__name__}: {error}"
print(json.dumps({"failed": failed, "tried": sorted(tried),
    "markers": {"python_version": "%d.%d" % sys.version_info[:2], "python_full_version": sys.version.split()[0],
                "sys_platform": sys.platform, "os_name": os.name, "platform_machine": os.uname().machine}, "packages": sorted(
    re.sub(r"[-_.]+", "-", d.metadata["Name"]).lower() for d in m.distributions())}))
"""
# Modules that load most of what was stripped and pruned, beyond each package's first module.
DEEP = """
import importlib, importlib.metadata, json, pkgutil, sys, warnings
warnings.simplefilter("ignore")
failed = {}
brought = {name for d in importlib.metadata.distributions() for f in d.files or ()
           for name in (str(f.parent / f.name.split(".")[0]), *([str(f.parent)] if f.name == "__init__.py" else []))
           if f.suffix in (".py", ".so")}
packages = ("numpy", "scipy", "networkx", "matplotlib", "qiskit", "qiskit_aer", "qgraph", "jedi", "babel",
                "fontTools", "PIL", "zmq", "sqlalchemy", "aiohttp", "yaml", "debugpy", "dask", "distributed",
                "pandas", "fastparquet", "bokeh")
for package in packages:
    root = importlib.import_module(package)
    for found in pkgutil.walk_packages(root.__path__, package + ".", onerror=lambda name: None):
        if any(part in found.name for part in ("__main__", "_vendored", "scipy.special._precompute")):
            continue  # programs
        try:
            importlib.import_module(found.name)
        except BaseException as error:
            # A module that no wheel brought is for another system, or optional.
            wanted = (getattr(error, "name", None) or "").replace(".", "/")
            if isinstance(error, OSError) or "ELF" in str(error) or (isinstance(error, ModuleNotFoundError) and wanted in brought):
                failed[found.name] = f"{type(error).__name__}: {error}"
print(json.dumps(failed))
"""


def test_size(figures: dict[str, str]) -> None:
    """The image as docker counts it (all layers, unpacked); the environment as the sum of its files."""
    whole = int(docker("image", "inspect", IMAGE, "--format={{.Size}}").stdout)
    layers = json.loads(docker("image", "inspect", IMAGE, "--format={{json .RootFS.Layers}}").stdout)
    bottom = json.loads(docker("image", "inspect", BASE, "--format={{json .RootFS.Layers}}").stdout)
    assert layers[: len(bottom)] == bottom, f"{IMAGE} was not built on the {BASE} that is here"
    base = int(docker("image", "inspect", BASE, "--format={{.Size}}").stdout)
    files = once("find", "/opt/venv", "-type", "f", "-printf", r"%s\n").stdout
    environment = sum(map(int, files.split()))
    figures["size, total"] = f"{whole / 1e6:.0f} MB"
    figures["size, above the base"] = f"{(whole - base) / 1e6:.0f} MB"
    figures["size of /opt/venv"] = f"{environment / 1e6:.0f} MB"
    assert environment <= 640e6
    assert whole <= 880e6


def test_every_package_of_the_lock_is_there_and_imports() -> None:
    found = json.loads(
        once("python", "-I", "-c", IMPORT_ALL, options=("--network=none",)).stdout.splitlines()[-1]
    )
    assert found["failed"] == {}
    locked = set()
    for lock in ("requirements.lock", "docker/image.lock"):
        for line in re.findall(r"^[a-z0-9.-]+==.*", (ROOT / lock).read_text(), flags=re.MULTILINE):
            entry = Requirement(line.removesuffix("\\"))
            if entry.marker is None or entry.marker.evaluate(found["markers"]):
                locked.add(entry.name)
    assert locked - set(found["packages"]) == LEFT_OUT  # nbval is there, and works when they are installed
    assert len(found["tried"]) > len(locked) * 0.9


def test_nothing_that_pruning_took_is_missed_deeper_down() -> None:
    found = json.loads(once("python", "-I", "-c", DEEP, options=("--network=none",)).stdout.splitlines()[-1])
    assert found == {}


def test_tables_are_written_as_parquet() -> None:
    code = """
import pandas as pd
types = {"text": "str", "whole": "Int64", "real": "float64", "yes": "boolean", "list": "object"}
rows = [["a", 1, 0.5, True, [0.25, 2.0]], ["b", None, None, None, None]]
frame = pd.DataFrame(rows, columns=list(types)).astype(types)
frame.to_parquet("/tmp/table.parquet", index=False)
again = pd.read_parquet("/tmp/table.parquet").astype({"text": "str"})
pd.testing.assert_frame_equal(again, frame)
print(*again.list[0])
"""
    done = once("python", "-c", code, options=("--network=none",))
    assert done.stdout == "0.25 2.0\n"


def test_kernelspec_and_extensions() -> None:
    specs = json.loads(once("jupyter", "kernelspec", "list", "--json").stdout)["kernelspecs"]
    assert list(specs) == ["python3"]
    done = once("jupyter", "labextension", "list")
    rows = [line for line in (done.stdout + done.stderr).splitlines() if re.match(r"\s+\S+ v\d", line)]
    assert len(rows) >= 3
    assert all("enabled" in row and "OK" in row for row in rows), rows
    done = once("jupyter", "server", "extension", "list")
    text = done.stdout + done.stderr
    assert re.search(r"qgraph_health.*\n?.*enabled", text)
    assert not re.search("dask_labextension|jupyter_server_proxy", text)  # qgraph_dask takes their place
    assert "OK" in text
    assert not re.search(r"\bX\b|error|Validation failed", text), text


def test_no_tools_for_an_intruder() -> None:
    search = "for tool in gcc g++ cc c++ ld make curl wget sudo ssh; do command -v $tool; done; true"
    assert once("sh", "-c", search).stdout == ""
    special = "find / -xdev -perm /6000 -type f; find / -xdev -type f -perm -0002"
    assert once("sh", "-c", special, options=("--user=0",)).stdout == ""
    files = once("find", "/opt", "/etc/jupyter", "-xdev", "!", "-user", "root", options=("--user=0",)).stdout
    assert files == ""  # the server's own user can change neither the environment nor its configuration


def test_user_labels_and_ports() -> None:
    config = json.loads(docker("image", "inspect", IMAGE, "--format={{json .Config}}").stdout)
    assert config["User"] == "1000"
    assert once("id", "-un").stdout == "appuser\n"
    assert set(config["ExposedPorts"]) == {"8888/tcp"}
    version = once("python", "-c", "import qgraph; print(qgraph.__version__)").stdout.strip()
    labels = {name.removeprefix("org.opencontainers.image."): text for name, text in config["Labels"].items()}
    assert labels["version"] == version
    known = {"title", "description", "licenses", "authors", "revision", "created", "source"}
    assert known <= set(labels)
    assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)", labels["created"])
    assert re.match(r"https://|unknown$", labels["source"])
    assert labels["base.name"] == BASE
    assert re.fullmatch(r"sha256:[0-9a-f]{64}", labels["base.digest"])
    assert re.fullmatch(r"[0-9a-f]{40}|unknown", labels["revision"])


def test_byte_code_is_there_and_used_for_any_time_stamps() -> None:
    code = "import qgraph.models.graph as g; print(g.__cached__, open(g.__cached__, 'rb').read(8)[4])"
    cached, flags = once("python", "-c", code).stdout.split()
    assert cached.startswith("/opt/venv/")
    assert flags == "1"  # by hash, unchecked
    missing = (
        "import json, pathlib, sysconfig\n"
        "for path in pathlib.Path(sysconfig.get_path('platlib')).rglob('*.py'):\n"
        "    if not list(path.parent.glob('__pycache__/' + path.stem + '.cpython-*.pyc')): print(path)"
    )
    without = once("python", "-c", missing).stdout.splitlines()
    assert len(without) < 10, without  # templates that are no Python
