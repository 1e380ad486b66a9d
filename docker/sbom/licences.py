"""Names and texts of licences, as people write them, as SPDX ids and expressions."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

# Any other id is written as a name: the schema has a list of ids, and a wheel may know newer ones.
IDS = """0BSD Apache-2.0 Artistic-1.0-Perl Artistic-2.0 BSD-2-Clause BSD-3-Clause BSD-4-Clause BSD-4-Clause-UC
BSL-1.0 Beerware CC-BY-3.0 CC-BY-4.0 CC0-1.0 EPL-2.0 FSFAP FSFULLR FTL HPND IJG ISC Latex2e MIT MIT-0 MIT-CMU
MIT-open-group MPL-1.1 MPL-2.0 MS-PL OFL-1.1 OLDAP-2.8 OpenSSL PSF-2.0 Sleepycat Spencer-86 Unicode-3.0
Unicode-DFS-2016 Unlicense X11 Zlib curl libpng-2.0 libtiff"""
# Names in metadata of Python packages, their classifiers, and Debian, as `squashed` leaves them.
ALIASES = {
    "3clausebsd": "BSD-3-Clause",
    "apache": "Apache-2.0",
    "apache2": "Apache-2.0",
    "artistic": "Artistic-1.0-Perl",
    "artistic1": "Artistic-1.0-Perl",
    "artistic2": "Artistic-2.0",
    "boost": "BSL-1.0",
    "bsd2": "BSD-2-Clause",
    "bsd3": "BSD-3-Clause",
    "bsl1": "BSL-1.0",
    "expat": "MIT",
    "isciscl": "ISC",
    "mozillapublic2.0mpl2.0": "MPL-2.0",
    "mpl2": "MPL-2.0",
    "openldap2.8": "OLDAP-2.8",
    "psfl": "PSF-2.0",
    "pythonfoundation": "PSF-2.0",
}
EXCEPTIONS = {
    "autoconf": "Autoconf-exception-{}.0",
    "bison": "Bison-exception-2.2",
    "bison-2.2": "Bison-exception-2.2",
    "gcc": "GCC-exception-3.1",
    "libtool": "Libtool-exception",
    "linux-syscall-note": "Linux-syscall-note",
    "texinfo": "Texinfo-exception",
}
RUNTIME = "GPL-3.0-or-later WITH GCC-exception-3.1"
NO_ENDORSEMENT = "(Neither the name|endorse or promote)"
TEXTS = {
    "Python Software Foundation License Version 2": "PSF-2.0",
    "GCC Runtime Library Exception": RUNTIME,
    "Permission is hereby granted, free of charge": "MIT",
    "(in the|is) public domain": "public-domain",
    f"Redistribution and use in source and binary forms(?!.*{NO_ENDORSEMENT})": "BSD-2-Clause",
    f"Redistribution and use in source and binary forms.*{NO_ENDORSEMENT}": "BSD-3-Clause",
}
GRANT = (
    r"(Lesser |Library |)(?:GNU )?General Public License,?(?: as published by the Free Software Foundation;)?"
    r" (?:either )?version ([\d.]*\d)(.{0,60}?any later version)?"
)
GNU = (
    r"(A?L?GPL|GFDL)(-NIV)?(?:-?v?(\d)(\.\d)?(?:\.0)?)?"
    r"(-no-invariants)?(\+|-or-later|-only)?(-no-invariant)?"
)
WITH = r"(\S+?)(?: with |-with-|(?<=\+)-)(.+?)(?:[ -]exception(?:-[\d.]+)?)?"


def squashed(name: str) -> str:
    """What is left of a licence's name without the parts that people write in different ways.

    >>> squashed("Apache License, Version 2.0") == squashed("Apache-2.0")
    True
    """
    return re.sub(r'\b(the|licen[cs]e|version|software)\b|[\s,()"_-]+', "", name.lower())


KNOWN = {squashed(name): name for name in IDS.split()} | ALIASES


def gnu(name: str) -> str | None:
    """The id of a licence of the GNU project, or None. A name without a number means any version.

    >>> [gnu(name) for name in ("GPL-2+", "LGPLv3+", "GPL", "GFDL-NIV-1.3+", "MIT")]
    ['GPL-2.0-or-later', 'LGPL-3.0-or-later', 'GPL-1.0-or-later', 'GFDL-1.3-no-invariants-or-later', None]
    """
    if not (found := re.fullmatch(GNU, name, flags=re.IGNORECASE)):
        return None
    family = found[1].upper()
    if not found[3]:
        return {"GPL": "GPL-1.0-or-later", "LGPL": "LGPL-2.0-or-later"}.get(family)
    middle = "-no-invariants" if found[2] or found[5] or found[7] else ""
    last = "-or-later" if (found[6] or "").lower() in ("+", "-or-later") else "-only"
    return f"{family}-{found[3]}{found[4] or '.0'}{middle}{last}"


def spdx(name: str) -> str | None:
    """The id, perhaps with an exception, that the name of one licence means. None if that is not clear.

    >>> [spdx(name) for name in ("Expat", "GPL-2+ with Libtool exception", "BSD License")]
    ['MIT', 'GPL-2.0-or-later WITH Libtool-exception', None]
    """
    name = re.sub(r"^GNU .*\((.*)\)$", r"\1", name.strip())  # a classifier
    if found := KNOWN.get(squashed(name)) or gnu(name):
        return found
    parts = re.fullmatch(WITH, name, flags=re.IGNORECASE)
    licence, exception = (gnu(parts[1]), EXCEPTIONS.get(parts[2].lower())) if parts else (None, None)
    return f"{licence} WITH {exception.format(licence[4])}" if licence and exception else None


def joined(parts: list[str], word: str = "AND") -> str:
    """One expression out of several."""
    both = word == "AND" and len(parts) > 1
    # An "or" inside of brackets needs no others.
    return f" {word} ".join(
        f"({part})" if both and " OR " in re.sub(r"\([^()]*\)", "", part) else part for part in parts
    )


def expression(text: str) -> str | None:
    """The SPDX expression of licences joined by "and" and "or", as in Debian or SPDX. None if one is unknown.

    >>> expression("GPL-1+ or Artistic, and Expat")
    '(GPL-1.0-or-later OR Artistic-1.0-Perl) AND MIT'
    """
    if found := spdx(text):
        return found
    names = [name.strip() for name in re.split(r" AND | OR |[()]", text) if name.strip()]
    if len(names) > 1 and all(spdx(name) == name for name in names):
        return text
    for divider, word in ((r",\s*and\s+", "AND"), (r"\s+(?:and/)?or\s+|_or_", "OR"), (r"\s+and\s+", "AND")):
        sides = re.split(divider, text, flags=re.IGNORECASE)
        if len(sides) > 1:
            known = [found for side in sides if (found := expression(side))]
            return joined(known, word) if len(known) == len(sides) else None
    return None


def licences(names: Iterable[str]) -> list[dict[str, Any]]:
    """The `licenses` of a component: one id, or one expression for all, or else a list of ids and names.

    >>> licences(["GPL-2+", "public-domain"])
    [{'license': {'id': 'GPL-2.0-or-later'}}, {'license': {'name': 'public-domain'}}]
    """
    found: dict[str, bool] = {}
    for name in (re.sub(r"^\(([^()]*)\)$", r"\1", name) for name in names):
        alone = [name] if re.search("[ _]or ", name.lower()) else re.split(" and ", name, flags=re.I)
        found |= {expression(each) or each.strip(): bool(expression(each)) for each in alone if each.strip()}
    if all(found.values()) and (len(found) > 1 or " " in "".join(found)):
        return [{"expression": joined(sorted(found))}]
    return [
        {"license": {"id" if found[name] and " " not in name else "name": name}} for name in sorted(found)
    ]


def in_text(text: str) -> set[str]:
    """The licences that a text contains or grants."""
    flat = re.sub(r"\s*\n[\s*#]*|\s+", " ", text)
    found = {name for pattern, name in TEXTS.items() if re.search(pattern, flat, flags=re.IGNORECASE)}
    for kind, version, later in re.findall(GRANT, flat, flags=re.IGNORECASE):
        found.add(f"{'L' if kind else ''}GPL-{version}{'+' if later else ''}")
    return found | set(re.findall(r"\bL?GPLv[\d.]*\d\+", flat))


def of_debian(copyright_file: Path) -> list[dict[str, Any]]:
    """The licences of a Debian package: those of its files (DEP-5), or else those that the text names."""
    text = copyright_file.read_text(errors="replace")
    if not re.match(r"\s*Format(-Specification)?:", text, flags=re.IGNORECASE):
        found = {spdx(name) or name for name in in_text(text)}
        referred = {
            spdx(name) or name for name in re.findall(r"common-licenses/([A-Z][A-Za-z]+(?:-[\d.]*\d)?)", text)
        }
        # Whether it is "or later" stands in the text, and not in the name of the file that it refers to.
        others = {name for name in referred if not re.match("L?GPL|GFDL", name)}
        return licences(found | others or referred)
    names = set()
    for paragraph in re.split(r"\n\s*\n", text):
        field = re.search(r"^License:[ \t]*(\S.*)", paragraph, flags=re.MULTILINE | re.IGNORECASE)
        # Some have the text where the name belongs.
        if field and len(field[1]) < 80 and re.search(r"^Files:", paragraph, flags=re.MULTILINE):
            names.add(field[1])
    return licences(names)
