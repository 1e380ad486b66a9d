"""Write the bill of materials of this image, in CycloneDX 1.6 (`python -I sbom [FILE]`).

It names the interpreter, the Python distributions and what their wheels bundle, the JavaScript of JupyterLab,
and the Debian packages. When packages were added, the same command writes it anew. While the image is built,
`sbom --reduce REPORT OUT` keeps the hashes of the wheels from pip's report, without the addresses in it.
"""

from __future__ import annotations

import json
import platform
import re
import subprocess
import sys
import uuid
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Any
from urllib.parse import quote

if __name__ == "__main__":
    sys.dont_write_bytecode = True  # nothing but the bill is written
from licences import in_text, licences, of_debian, spdx
from wheels import Component, bundled, cpe, hashed

Parts = dict[str, list[Component]]  # by the bom-ref of what they are in
FIELDS = (
    "${db:Status-Abbrev}\t${Package}\t${Version}\t${Architecture}\t${source:Package}\t${source:Version}\n"
)


def canonical(name: str) -> str:
    """A distribution's name, as an index writes it.

    >>> canonical("Zope.Thing_b")
    'zope-thing-b'
    """
    return re.sub(r"[-_.]+", "-", name).lower()


def reduce_report(report: dict[str, Any]) -> dict[str, str]:
    """The SHA-256 of each wheel in a report of pip, by `name==version`."""
    found = {}
    for each in report["install"]:
        wheel = f"{canonical(each['metadata']['name'])}=={each['metadata']['version']}"
        found[wheel] = each["download_info"]["archive_info"]["hashes"]["sha256"]
    return dict(sorted(found.items()))


def interpreter() -> Component:
    """The Python that runs this."""
    version = platform.python_version()
    purl = f"pkg:generic/python@{version}"
    component = {"type": "platform", "name": "python", "version": version, "licenses": licences(["PSF-2.0"])}
    return component | cpe("python:python", version) | {"purl": purl, "bom-ref": purl}


def licences_of(distribution: Distribution, files: dict[str, Path]) -> list[dict[str, Any]]:
    """From the expression, the field, the classifiers or the texts that a distribution has."""
    metadata = distribution.metadata
    if "License-Expression" in metadata:
        return [{"expression": metadata["License-Expression"]}]
    field = metadata["License"].strip() if "License" in metadata else ""
    if spdx(field):  # more exact than the classifiers
        return licences([field])
    found = [line.split(" :: ")[-1] for line in metadata.get_all("Classifier", []) if "License :: " in line]
    if found and all(map(spdx, found)):
        return licences(found)
    paths = [
        p for file, p in files.items() if ".dist-info/" in file and re.search("LICEN[CS]E|COPYING", p.name)
    ]
    in_texts = set[str]().union(*map(in_text, [field, *(path.read_text(errors="replace") for path in paths)]))
    if "BSD License" in found:  # with two clauses, or three
        in_texts = {name for name in in_texts if name.startswith("BSD-")}
    short = [] if "\n" in field or field == "UNKNOWN" else [field]
    return licences(in_texts or found or short)


def python_packages(wheels: dict[str, str]) -> tuple[list[Component], Parts]:
    """Every distribution with metadata that this interpreter finds, and what their wheels bundle."""
    found: dict[str, Component] = {}
    parts: Parts = {}
    for each in distributions():
        name = canonical(each.metadata["Name"])
        purl = f"pkg:pypi/{name}@{each.version}"
        located = {str(file): Path(str(file.locate())) for file in each.files or ()}
        files = {file: path for file, path in located.items() if path.is_file()}
        component: Component = {"type": "library", "name": name, "version": each.version}
        component["licenses"] = licences_of(each, files)
        record = next((path for file, path in files.items() if file.endswith(".dist-info/RECORD")), None)
        if digest := wheels.get(f"{name}=={each.version}"):
            component["hashes"] = [{"alg": "SHA-256", "content": digest}]
        elif record:
            component |= hashed(record, "RECORD")
        found[purl] = component | {"purl": purl, "bom-ref": purl}
        parts[purl] = bundled(purl, files)
    return [found[purl] for purl in sorted(found)], dict(sorted(parts.items()))


def npm(name: str, version: str, names: set[str]) -> Component:
    """A package of JavaScript, with the names of its licences."""
    purl = f"pkg:npm/{quote(name)}@{quote(version)}"
    group, _, short = name.rpartition("/")
    component = {"type": "library", "name": short, "version": version, "licenses": licences(names)}
    return ({"group": group} if group else {}) | component | {"purl": purl, "bom-ref": purl}


def javascript(share: Path) -> tuple[list[Component], Parts]:
    """JupyterLab's pages and its extensions, and the packages that were bundled into each."""
    found: list[Component] = []
    parts: Parts = {}
    patterns = ("lab/static/package.json", "labextensions/*/package.json", "labextensions/@*/*/package.json")
    for manifest in (path for pattern in patterns for path in sorted(share.glob(pattern))):
        about = json.loads(manifest.read_text())
        owner = npm(about["name"], about["version"], {about.get("license", "")})
        inside = {}
        for folder in (manifest.parent, manifest.parent / "static"):
            if (file := folder / "third-party-licenses.json").is_file():
                for each in json.loads(file.read_text())["packages"]:
                    licence = each.get("licenseId")
                    names = {licence} if licence else in_text(each.get("extractedText") or "")
                    part = npm(each["name"], each["versionInfo"], names)
                    inside[part["bom-ref"]] = part
        found.append(owner)
        parts[owner["bom-ref"]] = [inside[reference] for reference in sorted(inside)]
    return found, parts


def debian_packages() -> list[Component]:
    """Every package that dpkg installed."""
    command = ["dpkg-query", "--show", f"--showformat={FIELDS}"]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    release = platform.freedesktop_os_release()
    distro = f"&distro={release['ID']}-{release['VERSION_ID']}" if "VERSION_ID" in release else ""
    found = []
    for line in lines:
        status, name, version, architecture, source, source_version = line.split("\t")
        if not status.startswith("ii"):
            continue
        purl = f"pkg:deb/debian/{quote(name)}@{quote(version, safe=':~')}?arch={architecture}{distro}"
        # Debian's list of vulnerabilities has the names of source packages.
        upstream = source if source_version == version else f"{source}@{source_version}"
        purl += f"&upstream={quote(upstream, safe=':')}" if upstream != name else ""
        file = Path("/usr/share/doc", name, "copyright")
        component: Component = {"type": "library", "name": name, "version": version}
        component["licenses"] = of_debian(file) if file.is_file() else []
        found.append(component | {"purl": purl, "bom-ref": purl})
    return found


def bill(wheels: dict[str, str]) -> dict[str, Any]:
    """The whole document, with the hashes of `wheels`. The same packages give the same document."""
    python, in_wheels = python_packages(wheels)
    pages, in_pages = javascript(Path(sys.prefix, "share/jupyter"))
    inside: Parts = {"image": [interpreter(), *python, *pages, *debian_packages()], **in_wheels, **in_pages}
    components = {each["bom-ref"]: each for group in inside.values() for each in group}
    for each in components.values():
        if not each["licenses"]:
            del each["licenses"]
    identity = json.dumps(list(components.values()), sort_keys=True)
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, identity)}",
        "version": 1,
        "metadata": {
            "component": {
                "type": "container",
                "name": "qgraph",
                "version": next(each["version"] for each in python if each["name"] == "qgraph"),
                "bom-ref": "image",
            }
        },
        "components": list(components.values()),
        "dependencies": [
            {"ref": owner, "dependsOn": sorted({each["bom-ref"] for each in group} - {owner})}
            for owner, group in inside.items()
            if group
        ],
    }


def main(arguments: list[str]) -> None:
    """Write the bill; with --reduce, the hashes that a later bill has."""
    if arguments[:1] == ["--reduce"]:
        report, out = map(Path, arguments[1:])
        out.write_text(json.dumps(reduce_report(json.loads(report.read_text())), indent=1) + "\n")
        return
    wheels = Path("/opt/qgraph/wheels.json")
    document = bill(json.loads(wheels.read_text()) if wheels.exists() else {})
    Path(*arguments or ["/opt/qgraph/sbom.cdx.json"]).write_text(json.dumps(document, indent=1) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
