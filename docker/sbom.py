"""Write the bill of materials of this image: its Python and Debian packages (`python sbom.py FILE`).

The format is CycloneDX 1.6.
"""

from __future__ import annotations

import json
import platform
import re
import subprocess
import sys
import uuid
from importlib.metadata import distributions
from pathlib import Path
from typing import Any
from urllib.parse import quote

FIELDS = "${Package}\t${Version}\t${Architecture}\t${db:Status-Abbrev}\n"
Component = dict[str, Any]


def python_packages() -> list[Component]:
    """Every distribution with metadata that this interpreter finds."""
    found = {}
    for each in distributions():
        name = re.sub(r"[-_.]+", "-", each.metadata["Name"]).lower()
        purl = f"pkg:pypi/{name}@{each.version}"
        component: Component = {"type": "library", "name": name, "version": each.version}
        if "License-Expression" in each.metadata:
            component["licenses"] = [{"expression": each.metadata["License-Expression"]}]
        found[purl] = component | {"purl": purl, "bom-ref": purl}
    return [found[purl] for purl in sorted(found)]


def debian_packages() -> list[Component]:
    """Every package that dpkg installed."""
    command = ["dpkg-query", "--show", f"--showformat={FIELDS}"]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    found = []
    for line in run.stdout.splitlines():
        name, version, architecture, status = line.split("\t")
        if status.startswith("ii"):
            purl = f"pkg:deb/debian/{quote(name)}@{quote(version, safe=':~')}?arch={architecture}"
            found.append({"type": "library", "name": name, "version": version, "purl": purl, "bom-ref": purl})
    return found


def bill() -> dict[str, Any]:
    """The whole document. The same packages give the same document."""
    components = [*python_packages(), *debian_packages()]
    interpreter = {"type": "platform", "name": "python", "version": platform.python_version()}
    own = next(c for c in components if c["name"] == "qgraph")
    identity = json.dumps([interpreter, components], sort_keys=True)
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
                "version": own["version"],
                "bom-ref": "image",
            }
        },
        "components": [interpreter, *components],
    }


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(json.dumps(bill(), indent=1) + "\n")
