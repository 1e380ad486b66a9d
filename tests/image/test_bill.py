"""The bill of materials in the image: what it names, and how to make it anew."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from image.container import IMAGE, ROOT, built, docker, once
from image.wheels import wheel

NAMES = "import importlib.metadata as m, re\nfor d in m.distributions(): print(re.sub('[-_.]+', '-', d.metadata['Name']).lower(), d.version)"
Component = dict[str, Any]


def bill_of(image: str = IMAGE) -> dict[str, Any]:
    return dict(json.loads(docker("run", "--rm", image, "cat", "/opt/qgraph/sbom.cdx.json").stdout))


@pytest.fixture(scope="module")
def bill() -> dict[str, Any]:
    return bill_of()


@pytest.fixture(scope="module")
def components(bill: dict[str, Any]) -> list[Component]:
    return list(bill["components"])


def named(components: list[Component], purl: str) -> list[Component]:
    """Those with this package URL, at whichever version."""
    return [each for each in components if re.match(re.escape(purl) + "(@|$)", each.get("purl", ""))]


def bundled(each: Component) -> bool:
    return each["bom-ref"].startswith("pkg:pypi/") and "#" in each["bom-ref"]


def test_bill_names_what_is_installed(bill: dict[str, Any], components: list[Component]) -> None:
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    references = [each["bom-ref"] for each in components]
    assert len(references) == len(set(references))
    listed = {each["purl"].split("?")[0] for each in components if not bundled(each)}
    python = {
        f"pkg:pypi/{name}@{version}"
        for name, version in map(str.split, once("python", "-I", "-c", NAMES).stdout.splitlines())
    }
    installed = once(
        "dpkg-query", "--show", "--showformat=${db:Status-Abbrev} ${Package}@${Version}\n"
    ).stdout
    debian = {
        f"pkg:deb/debian/{quote(line[3:].strip(), safe='@:~')}"
        for line in installed.splitlines()
        if line[:2] == "ii"
    }
    assert {purl for purl in listed if purl.startswith("pkg:pypi/")} == python
    assert {purl for purl in listed if purl.startswith("pkg:deb/")} == debian
    depends = {each["ref"]: each["dependsOn"] for each in bill["dependencies"]}
    assert set(depends) <= {*references, "image"}
    assert {reference for group in depends.values() for reference in group} == set(references)


def test_bill_names_the_interpreter(components: list[Component]) -> None:
    version = once("python", "-c", "import platform; print(platform.python_version())").stdout.strip()
    (found,) = named(components, "pkg:generic/python")
    assert found["version"] == version
    assert found["purl"] == f"pkg:generic/python@{version}"
    assert found["cpe"] == f"cpe:2.3:a:python:python:{version}:*:*:*:*:*:*:*"
    assert found["licenses"] == [{"license": {"id": "PSF-2.0"}}]


def test_bill_names_the_libraries_inside_of_wheels(bill: dict[str, Any], components: list[Component]) -> None:
    code = (
        "import json, numpy, scipy.linalg, threadpoolctl, zmq\n"
        "from cryptography.hazmat.backends.openssl.backend import backend\n"
        "blas = [i['version'] for i in threadpoolctl.threadpool_info() if i['internal_api'] == 'openblas']\n"
        "print(json.dumps([blas, backend.openssl_version_text().split()[1], zmq.zmq_version()]))"
    )
    blas, openssl, zmq = json.loads(once("python", "-c", code).stdout)
    assert blas
    for version in blas:
        found = [
            each for each in components if each.get("cpe", "").endswith(f":openblas:{version}:*:*:*:*:*:*:*")
        ]
        assert found
        assert all(each["licenses"] == [{"license": {"id": "BSD-3-Clause"}}] for each in found)
    for product, version in (("openssl:openssl", openssl), ("zeromq:libzmq", zmq)):
        (found,) = [each for each in components if f":{product}:" in each.get("cpe", "")]
        assert found["version"] == version
        (owner,) = [each["ref"] for each in bill["dependencies"] if found["bom-ref"] in each["dependsOn"]]
        assert owner.split("@")[0] in ("pkg:pypi/cryptography", "pkg:pypi/pyzmq")
    look = "cd /opt/venv/lib/python3*/site-packages && sha256sum *.libs/*"
    lines = once("sh", "-c", look).stdout.splitlines()
    hashes = {each["content"] for part in components if bundled(part) for each in part.get("hashes", ())}
    assert len(lines) > 20
    assert [line for line in lines if line.split()[0] not in hashes] == []


def test_bill_names_the_javascript(components: list[Component]) -> None:
    lab = once("python", "-c", "import jupyterlab; print(jupyterlab.__version__)").stdout.strip()
    (page,) = named(components, "pkg:npm/%40jupyterlab/application-top")
    assert page["version"] == lab
    for name in (
        "%40jupyterlab/notebook",
        "%40lumino/widgets",
        "react",
        "%40jupyter-widgets/jupyterlab-manager",
    ):
        found = named(components, f"pkg:npm/{name}")
        assert found, name
        assert all(each["licenses"] for each in found)


def test_locked_packages_have_the_hashes_of_the_lock(components: list[Component]) -> None:
    entries = {}
    for lock in ("requirements.lock", "docker/image.lock"):
        text = (ROOT / lock).read_text()
        for name, version, hashes in re.findall(
            r"^([a-z0-9.-]+)==([^ \\;]+)(.*(?:\n +.*)*)", text, re.MULTILINE
        ):
            entries[f"pkg:pypi/{name}@{version}"] = set(re.findall("sha256:([0-9a-f]{64})", hashes))
    python = [
        each for each in components if each.get("purl", "").startswith("pkg:pypi/") and not bundled(each)
    ]
    locked = [each for each in python if each["purl"] in entries]
    assert len(locked) > 140
    assert [each["name"] for each in python if each not in locked] == ["qgraph"]
    for each in locked:
        (digest,) = [entry["content"] for entry in each.get("hashes", ())]
        assert digest in entries[each["purl"]], each["purl"]


def test_bill_has_licences(components: list[Component], figures: dict[str, str]) -> None:
    licensed = [each for each in components if each.get("licenses")]
    hashed = [each for each in components if each.get("hashes")]
    figures["components in the bill"] = (
        f"{len(components)}, {len(licensed)} with a licence, {len(hashed)} with a hash"
    )
    assert len(components) > 800
    assert len(licensed) / len(components) >= 0.95


def test_no_address_of_an_index_stays_in_the_image() -> None:
    wheels = once("cat", "/opt/qgraph/wheels.json").stdout
    assert len(json.loads(wheels)) > 140
    assert "://" not in wheels
    search = ("grep", "-rl", "--include=*.json", "download_info", "/opt/qgraph", "/tmp", "/root")
    assert once(*search, check=False, options=("--user=0",)).stdout == ""


def test_the_same_packages_have_the_same_bill() -> None:
    again = "python -I /opt/qgraph/bin/sbom /tmp/again && cmp /tmp/again /opt/qgraph/sbom.cdx.json"
    once("sh", "-c", again, options=("--network=none",))


def test_a_derived_image_makes_its_own_bill(tmp_path: Path, components: list[Component]) -> None:
    wheel(tmp_path, "tiny_drawing", "1.2")
    lines = (
        f"FROM {IMAGE}",
        "USER 0",
        "COPY *.whl /w/",
        "RUN pip install --no-index --find-links=/w tiny-drawing && python -I /opt/qgraph/bin/sbom",
        "USER 1000",
    )
    (tmp_path / "Dockerfile").write_text("\n".join(lines) + "\n")
    record = "sha256sum /opt/venv/lib/python3*/site-packages/tiny_drawing-1.2.dist-info/RECORD"
    with built(str(tmp_path)) as tag:
        derived = bill_of(tag)
        digest = docker("run", "--rm", tag, "sh", "-c", record).stdout.split()[0]
    (added,) = [each for each in derived["components"] if each not in components]
    assert added["purl"] == "pkg:pypi/tiny-drawing@1.2"
    assert added["licenses"] == [{"license": {"id": "MIT"}}]
    assert added["hashes"] == [{"alg": "SHA-256", "content": digest}]
    assert added["properties"] == [{"name": "qgraph:hash-of", "value": "RECORD"}]
    assert [each for each in components if each not in derived["components"]] == []
    (image,) = [each["dependsOn"] for each in derived["dependencies"] if each["ref"] == "image"]
    assert added["bom-ref"] in image
