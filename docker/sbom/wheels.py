"""What is inside wheels beside Python: crates, shared libraries, OpenSSL."""

from __future__ import annotations

import ctypes
import hashlib
import importlib
import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import quote

from licences import RUNTIME, licences

Component = dict[str, Any]
# By the start of a file's name: the library's name, its licence, and its vendor and product in a CPE.
LIBRARIES = {
    "libscipy_openblas": ("openblas", "BSD-3-Clause", "openblas_project:openblas"),
    "libopenblas": ("openblas", "BSD-3-Clause", "openblas_project:openblas"),
    "libgfortran": ("libgfortran", RUNTIME, ""),
    "libgomp": ("libgomp", RUNTIME, ""),
    "libquadmath": ("libquadmath", "LGPL-2.1-or-later", ""),
    "libzmq": ("libzmq", "MPL-2.0", "zeromq:libzmq"),
    "libsodium": ("libsodium", "ISC", "libsodium:libsodium"),
    "libavif": ("libavif", "BSD-2-Clause", "aomedia:libavif"),
    "libbrotli": ("brotli", "MIT", "google:brotli"),
    "libfreetype": ("freetype", "FTL", "freetype:freetype"),
    "libharfbuzz": ("harfbuzz", "MIT", "harfbuzz_project:harfbuzz"),
    "libjpeg": ("libjpeg-turbo", "IJG AND BSD-3-Clause", "libjpeg-turbo:libjpeg-turbo"),
    "liblcms2": ("Little CMS 2", "MIT", "littlecms:little_cms"),
    "liblzma": ("xz", "0BSD", "tukaani:xz"),
    "libopenjp2": ("openjpeg", "BSD-2-Clause", "uclouvain:openjpeg"),
    "libpng": ("libpng", "libpng-2.0", "libpng:libpng"),
    "libsharpyuv": ("libwebp", "BSD-3-Clause", "webmproject:libwebp"),
    "libtiff": ("libtiff", "libtiff", "libtiff:libtiff"),
    "libwebp": ("libwebp", "BSD-3-Clause", "webmproject:libwebp"),
    "libXau": ("libXau", "MIT-open-group", ""),
    "libxcb": ("libxcb", "X11", ""),
    "libzstd": ("zstd", "BSD-3-Clause", "facebook:zstandard"),
    "openssl": ("openssl", "Apache-2.0", "openssl:openssl"),
}
# How some of them say their version, in their bytes.
SAID = {
    "openblas": rb"OpenBLAS (\d[\d.]*\d) ",
    "libpng": rb"libpng version (\d[\d.]*\d)",
}
# The file's name has their version. Those of others have the version of the interface.
NUMBERED = ("brotli", "openjpeg", "xz", "zstd")


def cpe(vendor_and_product: str, version: str) -> Component:
    """The name under which vulnerabilities are listed, or nothing. A distribution's release is left out.

    >>> cpe("openblas_project:openblas", "0.3.15-6.el8")
    {'cpe': 'cpe:2.3:a:openblas_project:openblas:0.3.15:*:*:*:*:*:*:*'}
    """
    plain = re.match(r"\d[\w.]*", version)
    if not (vendor_and_product and plain):
        return {}
    return {"cpe": f"cpe:2.3:a:{vendor_and_product}:{plain[0]}:*:*:*:*:*:*:*"}


def hashed(path: Path, name: str) -> Component:
    """The SHA-256 of one file of a component, and a property with the name of that file."""
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return {
        "hashes": [{"alg": "SHA-256", "content": digest}],
        "properties": [{"name": "qgraph:hash-of", "value": name}],
    }


def squeezed(name: str) -> str:
    """A library's name with its letters and digits alone."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def known(name: str) -> tuple[str, str, str]:
    """The entry of LIBRARIES for a file or a component, or else its own name."""
    for start, entry in LIBRARIES.items():
        if name.startswith(start) or squeezed(entry[0]) in squeezed(name):
            return entry
    return name, "", ""


def named(owner: str, document: dict[str, Any]) -> list[Component]:
    """The components of a wheel's own bill, without the wheel itself and what was only needed to build it."""
    found = []
    for each in document.get("components", ()):
        purl = re.sub(r"[?&]download_url=file:[^#]*", "", each.get("purl", "")).replace("+", "%2B")
        itself = re.sub("[-_.]+", "-", re.split("[?#]", purl)[0]).lower() == re.sub("[-_.]+", "-", owner)
        if itself or each.get("scope") == "excluded":
            continue
        kept = ("type", "group", "name", "version", "scope", "hashes", "cpe")
        part = {key: each[key] for key in kept if key in each}
        version = part.get("version", "")
        if not purl and version and re.match(r"pkg:generic/[^@#?]+$", each.get("bom-ref", "")):
            purl = f"{each['bom-ref']}@{version}"
        crate = purl.startswith("pkg:cargo/")  # which may have the name of the C library that it calls
        _, licence, product = known(part["name"]) if not crate else ("", "", "")
        part = cpe(product, version) | part
        match each.get("licenses"):
            case [{"expression": stated}]:
                part["licenses"] = [{"expression": stated}]
            case [_, *_] as several:
                names = [one.get("license", {"name": one.get("expression")}) for one in several]
                part["licenses"] = licences(name.get("id") or name["name"] for name in names)
            case _:
                part["licenses"] = licences([licence])
        found.append(part | ({"purl": purl} if purl else {}))
    return found


def version_of(path: Path, name: str) -> tuple[str, bool]:
    """The version of a shared library, and whether that is sure. Else it is that of its interface."""
    try:
        if name == "libzmq":
            numbers = [ctypes.c_int() for _ in range(3)]
            ctypes.CDLL(str(path)).zmq_version(*map(ctypes.byref, numbers))
            return ".".join(str(number.value) for number in numbers), True
        if name == "libsodium":
            ask = ctypes.CDLL(str(path)).sodium_version_string
            ask.restype = ctypes.c_char_p
            return ask().decode(), True
    except (OSError, AttributeError):
        pass  # not for this processor, or not this library
    if name in SAID and (said := re.search(SAID[name], path.read_bytes())):
        return said[1].decode(), True
    numbered = re.search(r"\.so\.(\d[\d.]*)$", path.name)
    return (numbered[1], name in NUMBERED) if numbered else ("unknown", False)


def shared_libraries(files: list[Path], found: list[Component]) -> list[Component]:
    """What a wheel has in its folder of libraries: more about the components `found`, and other ones."""
    ours: list[Component] = []
    candidates = [part for part in found if not part.get("purl", "").startswith("pkg:cargo/")]
    entries = [(path, *known(re.split(r"-|\.so", path.name)[0])) for path in files]
    # The main library of a project before the others: libwebp, then libwebpdemux.
    for path, name, licence, product in sorted(entries, key=lambda e: (not e[0].name.startswith(e[1]), e[0])):
        same = [part for part in candidates if squeezed(name) in squeezed(part["name"])]
        if free := [part for part in same if "hashes" not in part]:
            free[0].pop("scope", None)
            free[0] |= hashed(path, path.name)
            continue
        version, certain = version_of(path, name)
        if same and "version" in same[0]:
            version, certain = same[0]["version"], True
        part: Component = {"type": "library", "name": name, "version": version}
        part |= (
            {"licenses": licences([licence])}
            | hashed(path, path.name)
            | (cpe(product, version) if certain else {})
        )
        if not certain:
            part["properties"].append({"name": "qgraph:version-of", "value": "interface"})
        purl = f"pkg:generic/{quote(squeezed(name) if ' ' in name else name)}@{version}"
        ours.append(part | {"purl": f"{purl}?file_name={quote(path.name)}"})
    # Some bills name what a package would use if it were there. It is in that folder, or it is not there.
    return [part for part in found if part.get("scope") != "optional"] + ours


def openssl() -> list[Component]:
    """The OpenSSL inside of cryptography, by what it says itself."""
    module = importlib.import_module("cryptography.hazmat.backends.openssl.backend")
    version = module.backend.openssl_version_text().split()[1]
    name, licence, product = LIBRARIES["openssl"]
    part = {"type": "library", "name": name, "version": version, "licenses": licences([licence])}
    return [part | cpe(product, version) | {"purl": f"pkg:generic/{name}@{version}"}]


def bundled(owner: str, files: dict[str, Path]) -> list[Component]:
    """What the wheel with this purl bundles: what its own bills (PEP 770) name, and its shared libraries."""
    found: list[Component] = []
    for file, path in sorted(files.items()):
        if ".dist-info/sboms/" in file and path.suffix == ".json":
            found += named(owner, json.loads(path.read_text()))
    libraries = [path for file, path in files.items() if file.split("/")[0].endswith(".libs")]
    if libraries:
        found = shared_libraries(libraries, found)
    if owner.startswith("pkg:pypi/cryptography@") and "openssl:openssl" not in json.dumps(found):
        found += openssl()
    unique = {f"{owner}#{part.get('purl') or part['name']}": part for part in found}
    return [part | {"bom-ref": reference} for reference, part in sorted(unique.items())]
