"""The kernel's C as a reader finds it: files that stand alone, one statement a line, one list of arguments."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sysconfig
from pathlib import Path

import pytest
from conftest import ROOT

from qgraph.simulation.kernel import _kernels

KERNEL = ROOT / "qgraph" / "simulation" / "kernel"
HEADERS = sorted(KERNEL.glob("*/*.h"))
SOURCES = [KERNEL / "module.c", *HEADERS]
MAY_INCLUDE = {"base": {"base"}, "variant": {"base", "variant"}, "calls": {"base", "calls"}}
PARAMETERS = {
    "REAL": "float",
    "LANES": "2",
    "BUTTERFLY": "3",
    "LOOKUP": "0",
    "TILTED": "0",
    "SUFFIX": "alone",
}

HIDDEN = re.compile(r"/\*[\s\S]*?\*/|\"(?:\\.|[^\"\\\n])*\"|^[ \t]*#(?:.*\\\n)*.*$", re.MULTILINE)
CONTROL = re.compile(r"\s*((if|for|while|switch|UNROLL|_Pragma)\s*@|else\b|do\b|case\b[^:]*:|\w+:)")
DECLARATION = re.compile(r"\s*(?!return\b)((static|const|inline|typedef|struct|enum)\s+)*\w+@?(\s+|\s*\*+)\w")


def chained(text: str) -> list[str]:
    """Statements in which commas chain assignments or calls; brackets are replaced from the inside out."""
    text = HIDDEN.sub(lambda match: "s" if match[0][0] == '"' else "", text)
    for brackets, name in ((r"\([^()]*\)", "@"), (r"\[[^\[\]]*\]", ""), (r"\{[^{};]*\}", "")):
        while (shorter := re.sub(brackets, name, text)) != text:
            text = shorter
    found = []
    for statement in re.split(r"[;{}]", text):
        while match := CONTROL.match(statement):
            statement = statement[match.end() :]  # noqa: PLW2901
        if "," in statement and not DECLARATION.match(statement):
            found.append(" ".join(statement.split()))
    return found


@pytest.mark.parametrize(
    ("code", "count"),
    [
        ("#define M(a) a, a\n{ a = 1, b = 2; }", 1),
        ("{ for (int q = 0; q < n; q++) a[q, 1] = 1, f(b, c); }", 1),
        ("{ if (a) return f(a), 0; else free(a), free(b); }", 2),
        ("{ double x = f(a, b), *y = {1, 2}; g(x, y); const REAL *p = q, *r; }", 0),
        ("enum { A, B };\nstatic int x[2] = {1, 2}, y;\n#define M(a) a, a\n/* a, b = 1; */ NAME(t) p, q;", 0),
    ],
)
def test_chained_statements_are_found(code: str, count: int) -> None:
    assert len(chained(code)) == count


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_no_statements_are_chained_by_commas(path: Path) -> None:
    assert chained(path.read_text()) == []


@pytest.mark.parametrize("path", HEADERS, ids=lambda path: path.name)
def test_headers_include_what_they_need(path: Path, tmp_path: Path) -> None:
    included = re.findall(r'#include "(?:\.\./(\w+)/)?', path.read_text())
    assert {folder or path.parent.name for folder in included} <= MAY_INCLUDE[path.parent.name]
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("needs a C compiler")
    defined = PARAMETERS if path.parent.name == "variant" else {}
    alone = tmp_path / "alone.c"
    alone.write_text(
        "".join(f"#define {name} {value}\n" for name, value in defined.items()) + f'#include "{path}"\n'
    )
    flags = ["-std=gnu11", "-fsyntax-only", "-Werror=implicit", f"-I{sysconfig.get_path('include')}"]
    done = subprocess.run([compiler, *flags, alone], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("missing", PARAMETERS)
def test_a_variant_names_the_parameter_it_lacks(missing: str) -> None:
    assert f'#ifndef {missing}\n#error "{missing}: ' in (KERNEL / "variant" / "parameters.h").read_text()


def test_stubs_name_every_function_and_argument() -> None:
    stubs = ast.parse((KERNEL / "_kernels.pyi").read_text()).body
    typed = {f.name: [a.arg for a in f.args.posonlyargs] for f in stubs if isinstance(f, ast.FunctionDef)}
    documented = {}
    for name in dir(_kernels):
        if not name.startswith("_"):
            listed = re.match(rf"{name}\(([^)]*)\)", getattr(_kernels, name).__doc__)
            assert listed, name
            documented[name] = [a for a in re.sub(r"\[[^\]]*\]", "", listed[1]).split(", ") if a]
    assert typed == documented
