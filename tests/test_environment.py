"""environment.yml and the lock files say what pyproject.toml says."""

from __future__ import annotations

import re
import tomllib

import yaml
from conftest import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
CONDA_ONLY = {"pip", "c-compiler"}
PIP_ONLY = "browser"  # this group is not on conda-forge


def normal(requirement: str) -> str:
    return requirement.lower().replace("_", "-").replace(" ", "")


def wanted() -> set[str]:
    extras = PROJECT["project"]["optional-dependencies"].values()
    groups = [group for name, group in PROJECT["dependency-groups"].items() if name != PIP_ONLY]
    return {normal(r) for rs in [PROJECT["project"]["dependencies"], *extras, *groups] for r in rs}


def test_conda_environment_equals_pyproject() -> None:
    *listed, from_pip = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    python = f"python{PROJECT['project']['requires-python']}"
    assert {normal(r) for r in listed} == wanted() | CONDA_ONLY | {python}
    assert from_pip == {"pip": PROJECT["dependency-groups"][PIP_ONLY]}


def test_lock_files_pin_every_requirement_by_hash_and_name_no_index() -> None:
    for name, groups in {"requirements.lock": False, "requirements-dev.lock": True}.items():
        text = (ROOT / name).read_text()
        pinned = set(re.findall(r"^([a-z0-9.-]+)==", text, flags=re.MULTILINE))
        chosen = [PROJECT["project"]["dependencies"], *PROJECT["project"]["optional-dependencies"].values()]
        chosen += PROJECT["dependency-groups"].values() if groups else []
        assert {re.split(r"[<>=]", normal(r))[0] for rs in chosen for r in rs} <= pinned
        entries = re.split(r"\n(?=\S)", text.strip())
        assert all("--hash=sha256:" in entry for entry in entries)
        assert "://" not in text
