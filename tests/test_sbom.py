"""The bill of materials of the image, on small files of the kinds that it reads."""

from __future__ import annotations

import base64
import doctest
import hashlib
import importlib
import json
import subprocess
import sys
from importlib.metadata import Distribution
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from conftest import ROOT, program

PROGRAM = ROOT / "docker" / "sbom"
sys.path.append(str(PROGRAM))
licences, wheels = map(importlib.import_module, ("licences", "wheels"))
sbom = program(PROGRAM / "__main__.py")

DEP5 = """Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
License: not-of-a-file

Files: *
Copyright: 2001 A
License: GPL-2+

Files: src/*
Copyright: 2002 B
License: {second}
 The text follows.

License: GPL-2+
 On Debian systems, see /usr/share/common-licenses/GPL-2.
"""
FREE = """This package was debianized by A.

    This library is free software; you can redistribute it and/or modify it under the terms
    of the GNU Lesser General Public License as published by the Free Software Foundation;
    either version 2.1 of the License, or (at your option) any later version.

The manual is distributed under the Apache License, see /usr/share/common-licenses/Apache-2.0.
The text of the first one is in /usr/share/common-licenses/LGPL-2.1.
"""
TWO_CLAUSES = "Redistribution and use in source and binary forms, with or\n * without modification"
THREE_CLAUSES = f"{TWO_CLAUSES}\n\nNeither the name of the author"


def wheel(site: Path, name: str, metadata: str = "", files: dict[str, bytes] | None = None) -> Distribution:
    """A distribution as pip leaves it, of version 1.0."""
    info = f"{name}-1.0.dist-info"
    contents = {f"{info}/METADATA": f"Name: {name}\nVersion: 1.0\n{metadata}\n".encode(), **(files or {})}
    contents[f"{info}/RECORD"] = "".join(f"{path},,\n" for path in [*contents, f"{info}/RECORD"]).encode()
    for path, content in contents.items():
        (site / path).parent.mkdir(parents=True, exist_ok=True)
        (site / path).write_bytes(content)
    return Distribution.at(site / info)


def located(distribution: Distribution) -> dict[str, Path]:
    return {str(file): Path(str(file.locate())) for file in distribution.files or ()}


def flat(licences: list[dict[str, Any]]) -> list[str]:
    """Names are marked, so that no test takes one for an id."""
    return [
        each["expression"]
        if "expression" in each
        else each["license"].get("id") or f"name: {each['license']['name']}"
        for each in licences
    ]


@pytest.mark.parametrize("module", [sbom, licences, wheels])
def test_examples(module: ModuleType) -> None:
    assert doctest.testmod(module).failed == 0


def test_a_report_of_pip_is_reduced_to_hashes(tmp_path: Path) -> None:
    digests = ["ab" * 32, "cd" * 32]
    archives = [{"hash": f"sha256={digest}", "hashes": {"sha256": digest}} for digest in digests]
    named = [
        {"name": "Zope.Thing", "version": "2.0"},
        {"name": "a_b", "version": "1", "description": "http://b"},
    ]
    report = {
        "install": [
            {
                "download_info": {"url": "https://index.example/x.whl", "archive_info": archive},
                "metadata": metadata,
            }
            for archive, metadata in zip(archives, named, strict=True)
        ]
    }
    (tmp_path / "report.json").write_text(json.dumps(report))
    command = [
        sys.executable,
        "-I",
        str(PROGRAM),
        "--reduce",
        "report.json",
        "wheels.json",
    ]
    subprocess.run(command, cwd=tmp_path, check=True)
    text = (tmp_path / "wheels.json").read_text()
    assert "://" not in text
    assert list(json.loads(text).items()) == [("a-b==1", digests[1]), ("zope-thing==2.0", digests[0])]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (DEP5.format(second="Expat"), ["GPL-2.0-or-later AND MIT"]),
        (DEP5.format(second="GPL-2+"), ["GPL-2.0-or-later"]),
        (
            DEP5.format(second="GPL-1+ or Artistic, and Expat"),
            ["(GPL-1.0-or-later OR Artistic-1.0-Perl) AND MIT AND GPL-2.0-or-later"],
        ),
        (DEP5.format(second="BSD-3-clause and Own-words"), ["BSD-3-Clause", "GPL-2.0-or-later", "name: Own-words"]),
        (DEP5.format(second="GPL-3+ or Own-words"), ["name: GPL-3+ or Own-words", "GPL-2.0-or-later"]),
        (DEP5.format(second="GPL-3+ with Bison exception"), ["GPL-2.0-or-later AND GPL-3.0-or-later WITH Bison-exception-2.2"]),
        (FREE, ["Apache-2.0 AND LGPL-2.1-or-later"]),
        ("It is in the\npublic domain.", ["name: public-domain"]),
        ("See /usr/share/common-licenses/GPL-3.", ["GPL-3.0-only"]),
        ("Nothing is said.", []),
    ],
)  # fmt: skip
def test_licences_of_debian_packages(tmp_path: Path, text: str, expected: list[str]) -> None:
    (tmp_path / "copyright").write_text(text)
    assert sorted(flat(licences.of_debian(tmp_path / "copyright"))) == sorted(expected)


@pytest.mark.parametrize(
    ("metadata", "text", "expected"),
    [
        ("License-Expression: MIT AND (0BSD OR ISC)", "", "MIT AND (0BSD OR ISC)"),
        ("License: Apache 2.0", "", "Apache-2.0"),
        ("License: BSD-3-Clause\nClassifier: License :: OSI Approved :: BSD License", "", "BSD-3-Clause"),
        ("License: UNKNOWN\nClassifier: License :: OSI Approved :: ISC License (ISCL)", "", "ISC"),
        ("Classifier: License :: OSI Approved :: Mozilla Public License 2.0 (MPL 2.0)", "", "MPL-2.0"),
        (
            "Classifier: License :: OSI Approved :: GNU Lesser General Public License v3 or later (LGPLv3+)",
            "",
            "LGPL-3.0-or-later",
        ),
        ("Classifier: License :: OSI Approved :: BSD License", TWO_CLAUSES, "BSD-2-Clause"),
        ("Classifier: License :: OSI Approved :: BSD License", THREE_CLAUSES, "BSD-3-Clause"),
        ("Classifier: License :: OSI Approved :: BSD License", "", "name: BSD License"),
        ("License-File: LICENSE", "Permission is hereby granted, free of charge, to any", "MIT"),
        ("License: My own words", "", "name: My own words"),
    ],
)
def test_licences_of_distributions(tmp_path: Path, metadata: str, text: str, expected: str) -> None:
    made = wheel(tmp_path, "a", metadata, {"a-1.0.dist-info/licenses/LICENSE": text.encode()})
    assert flat(sbom.licences_of(made, located(made))) == [expected]


def test_bundled_javascript_is_named_once_and_without_texts(tmp_path: Path) -> None:
    extension = tmp_path / "labextensions" / "@ours" / "drawing"
    (extension / "static").mkdir(parents=True)
    about = {"name": "@ours/drawing", "version": "0.3.0", "license": "BSD-3-Clause"}
    (extension / "package.json").write_text(json.dumps(about))
    packages = [
        {"name": "@lumino/widgets", "versionInfo": "2.1.0", "licenseId": "BSD-3-Clause", "extractedText": "long"},
        {"name": "react", "versionInfo": "18.2.0", "licenseId": "MIT", "extractedText": "long"},
        {"name": "react", "versionInfo": "18.2.0", "licenseId": "MIT", "extractedText": "long"},
        {"name": "two", "versionInfo": "1.0.0", "licenseId": "(MPL-2.0 OR Apache-2.0)", "extractedText": ""},
        {"name": "three", "versionInfo": "1.0.0", "licenseId": "", "extractedText": "Permission is hereby granted, free of charge"},
    ]  # fmt: skip
    (extension / "static" / "third-party-licenses.json").write_text(json.dumps({"packages": packages}))
    found, parts = sbom.javascript(tmp_path)
    assert [(each["group"], each["name"], each["purl"]) for each in found] == [
        ("@ours", "drawing", "pkg:npm/%40ours/drawing@0.3.0")
    ]
    inside = parts["pkg:npm/%40ours/drawing@0.3.0"]
    assert {each["purl"]: flat(each["licenses"]) for each in inside} == {
        "pkg:npm/%40lumino/widgets@2.1.0": ["BSD-3-Clause"],
        "pkg:npm/react@18.2.0": ["MIT"],
        "pkg:npm/three@1.0.0": ["MIT"],
        "pkg:npm/two@1.0.0": ["MPL-2.0 OR Apache-2.0"],
    }
    assert len(inside) == 4
    assert "long" not in json.dumps(inside)


def test_bills_in_wheels_are_merged(tmp_path: Path) -> None:
    digest = {"alg": "SHA-256", "content": "ab" * 32}
    document = {
        "components": [
            {
                "type": "library",
                "name": "drawing",
                "version": "1.0",
                "purl": "pkg:pypi/My_Drawing@1.0?file_name=x.whl",
            },
            {"type": "library", "name": "My.part", "version": "1.0", "purl": "pkg:pypi/my-drawing@1.0#c-ext"},
            {
                "type": "library",
                "bom-ref": "path+file:///somewhere#1",
                "name": "openssl",
                "version": "0.10.7+x",
                "purl": "pkg:cargo/openssl@0.10.7+x?download_url=file://.",
                "hashes": [digest],
                "licenses": [{"expression": "Apache-2.0 OR MIT"}],
                "externalReferences": [{"type": "vcs", "url": "https://example.org"}],
            },
            {"type": "library", "name": "gomp-sys", "version": "3", "purl": "pkg:cargo/gomp-sys@3"},
            {"type": "library", "name": "compiler", "version": "1", "scope": "excluded"},
            {"type": "library", "name": "libgomp", "version": "8.5.0-2", "purl": "pkg:rpm/a/libgomp@8.5.0-2"},
            {
                "type": "library",
                "bom-ref": "pkg:generic/freetype2",
                "name": "FreeType",
                "version": "2.14.3",
                "scope": "optional",
                "licenses": [{"license": {"id": "FTL"}}, {"license": {"id": "Newer-1.0"}}],
            },
            {"type": "library", "name": "FriBiDi", "version": "1.0.17", "scope": "optional"},
        ]
    }
    libraries = {
        "libgomp-a1.so.1.0.0": b"gomp",
        "libfreetype-b2.so.6.20.6": b"freetype",
        "libnew-c3.so.7.1": b"new",
    }
    files = {f"my_drawing.libs/{name}": content for name, content in libraries.items()}
    files["my_drawing-1.0.dist-info/sboms/one.cdx.json"] = json.dumps(document).encode()
    made = wheel(tmp_path, "my_drawing", files=files)
    parts = {part["name"]: part for part in wheels.bundled("pkg:pypi/my-drawing@1.0", located(made))}
    assert set(parts) == {"openssl", "gomp-sys", "libgomp", "FreeType", "libnew"}
    crate = parts["openssl"]
    assert crate["purl"] == "pkg:cargo/openssl@0.10.7%2Bx"
    assert crate["bom-ref"] == "pkg:pypi/my-drawing@1.0#pkg:cargo/openssl@0.10.7%2Bx"
    assert crate["hashes"] == [digest]
    assert flat(crate["licenses"]) == ["Apache-2.0 OR MIT"]
    assert "cpe" not in crate  # the crate is not the C library
    assert "externalReferences" not in crate
    assert flat(parts["libgomp"]["licenses"]) == ["GPL-3.0-or-later WITH GCC-exception-3.1"]
    assert parts["FreeType"]["cpe"] == "cpe:2.3:a:freetype:freetype:2.14.3:*:*:*:*:*:*:*"
    assert parts["FreeType"]["purl"] == "pkg:generic/freetype2@2.14.3"
    assert flat(parts["FreeType"]["licenses"]) == ["FTL", "name: Newer-1.0"]
    for name, file in (("libgomp", "libgomp-a1.so.1.0.0"), ("FreeType", "libfreetype-b2.so.6.20.6")):
        assert parts[name]["hashes"][0]["content"] == hashlib.sha256(libraries[file]).hexdigest()
        assert parts[name]["properties"] == [{"name": "qgraph:hash-of", "value": file}]
    assert parts["libnew"]["version"] == "7.1"
    assert {"name": "qgraph:version-of", "value": "interface"} in parts["libnew"]["properties"]


def test_libraries_say_their_versions(tmp_path: Path) -> None:
    libraries = {
        "libscipy_openblas64_-32a4.so": b"\0OpenBLAS : terminated\0OpenBLAS 0.3.31.188.0  USE64BITINT\0",
        "libpng16-1d.so.16.58.0": b"\0 libpng version 1.6.58\0",
        "libzstd-40.so.1.5.7": b"",
        "libwebp-51.so.7.2.0": b"",
        "libsodium-6c.so.26.4.0": b"not a library",
    }
    files = {f"a.libs/{name}": content for name, content in libraries.items()}
    parts = wheels.bundled("pkg:pypi/a@1.0", located(wheel(tmp_path, "a", files=files)))
    assert {part["name"]: (part["version"], part.get("cpe", "").split(":")[4:6]) for part in parts} == {
        "openblas": ("0.3.31.188.0", ["openblas", "0.3.31.188.0"]),
        "libpng": ("1.6.58", ["libpng", "1.6.58"]),
        "zstd": ("1.5.7", ["zstandard", "1.5.7"]),
        "libwebp": ("7.2.0", []),  # of the interface, so no list of vulnerabilities has it
        "libsodium": ("26.4.0", []),
    }


def test_cryptography_says_which_openssl_it_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    backend = SimpleNamespace(openssl_version_text=lambda: "OpenSSL 3.5.1 1 Jul 2025")
    module = "cryptography.hazmat.backends.openssl.backend"
    monkeypatch.setitem(sys.modules, module, SimpleNamespace(backend=backend))
    (part,) = wheels.bundled("pkg:pypi/cryptography@45.0", {})
    assert part["cpe"] == "cpe:2.3:a:openssl:openssl:3.5.1:*:*:*:*:*:*:*"
    assert part["purl"] == "pkg:generic/openssl@3.5.1"
    assert flat(part["licenses"]) == ["Apache-2.0"]
    named = {"name": "openssl", "version": "4.0.3", "type": "library", "purl": "pkg:generic/openssl@4.0.3"}
    (tmp_path / "sbom.json").write_text(json.dumps({"components": [named]}))
    files = {"cryptography-45.0.dist-info/sboms/sbom.json": tmp_path / "sbom.json"}
    (part,) = wheels.bundled("pkg:pypi/cryptography@45.0", files)
    assert part["version"] == "4.0.3"


def test_the_whole_bill(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = [
        wheel(tmp_path / "site", "qgraph", "License-Expression: MIT"),
        wheel(tmp_path / "site", "Some_Thing", files={"Some_Thing.libs/libgomp-1.so.1.0.0": b"x"}),
    ]
    monkeypatch.setattr(sbom, "distributions", lambda: iter(made))
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    monkeypatch.setattr(sbom, "debian_packages", list)
    wheels = {"some-thing==1.0": base64.b16encode(b"0" * 32).decode().lower()}
    document = sbom.bill(wheels)
    components = {each["bom-ref"]: each for each in document["components"]}
    assert len(components) == len(document["components"]) == 4
    for each in components.values():
        assert {"type", "name", "version"} <= set(each)
        assert each.get("licenses") != []
    thing, own = components["pkg:pypi/some-thing@1.0"], components["pkg:pypi/qgraph@1.0"]
    assert thing["hashes"] == [{"alg": "SHA-256", "content": wheels["some-thing==1.0"]}]
    assert "properties" not in thing
    record = (tmp_path / "site" / "qgraph-1.0.dist-info" / "RECORD").read_bytes()
    assert own["hashes"] == [{"alg": "SHA-256", "content": hashlib.sha256(record).hexdigest()}]
    assert own["properties"] == [{"name": "qgraph:hash-of", "value": "RECORD"}]
    depends = {each["ref"]: each["dependsOn"] for each in document["dependencies"]}
    (inside,) = depends.pop("pkg:pypi/some-thing@1.0")
    assert components[inside]["name"] == "libgomp"
    assert depends == {"image": sorted(set(components) - {inside})}
    made.reverse()
    assert json.dumps(sbom.bill(wheels)) == json.dumps(document)
    assert sbom.bill({})["serialNumber"] != document["serialNumber"]
