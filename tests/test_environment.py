"""environment.yml and the lock files say what pyproject.toml says."""

from __future__ import annotations

import os
import re
import tomllib

import pytest
import yaml
from conftest import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
CONDA_ONLY = {"pip", "c-compiler"}
EXTRAS = PROJECT["project"]["optional-dependencies"]
GROUPS = PROJECT["dependency-groups"]
ELSEWHERE = {"hub-test", "image", "image-lint", "wheel"}  # for the image and its tests, and for a release
PIP_ONLY = {"browser", "format"}  # these groups are not on conda-forge
RUN = [r for rs in [PROJECT["project"]["dependencies"], *EXTRAS.values()] for r in rs]
DEVELOP = [r for name in GROUPS if name not in ELSEWHERE for r in GROUPS[name]]
LOCKS = {
    "requirements.lock": RUN,
    "requirements-dev.lock": RUN + DEVELOP,
    "docker/build.lock": GROUPS["build"],
    "docker/image.lock": GROUPS["image"],
    "docker/hub.lock": GROUPS["hub-test"],
    "docker/lint.lock": GROUPS["image-lint"],
    "docker/docs.lock": GROUPS["docs"],
    "tools/wheel.lock": GROUPS["wheel"] + GROUPS["build"],
}


def normal(requirement: str) -> str:
    return requirement.lower().replace("_", "-").replace(" ", "")


def test_conda_environment_equals_pyproject() -> None:
    *listed, from_pip = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    python = f"python{PROJECT['project']['requires-python']}"
    conda = [r for name in GROUPS if name not in ELSEWHERE | PIP_ONLY for r in GROUPS[name]]
    assert {normal(r) for r in listed} == {normal(r) for r in RUN + conda} | CONDA_ONLY | {python}
    assert from_pip == {"pip": sorted(r for name in PIP_ONLY for r in GROUPS[name])}


def pins(name: str) -> set[tuple[str, str]]:
    text = (ROOT / name).read_text()
    return set(re.findall(r"^([a-z0-9.-]+)==([^ ]+)", text, flags=re.MULTILINE))


@pytest.mark.parametrize("name", LOCKS)
def test_lock_files_pin_by_hash_and_name_no_index(name: str) -> None:
    text = (ROOT / name).read_text()
    chosen = {re.split(r"[<>=]", normal(r))[0] for r in LOCKS[name]}
    assert chosen <= {pinned for pinned, _ in pins(name)}
    entries = [entry for entry in re.split(r"\n(?=\S)", text.strip()) if not entry.startswith("#")]
    assert all("--hash=sha256:" in entry for entry in entries)
    assert "://" not in text


def test_the_image_builds_with_the_versions_of_development() -> None:
    """And the image's lock, installed together with requirements.lock, repeats none of it."""
    assert pins("docker/build.lock") <= pins("requirements-dev.lock")
    hub = dict(pins("requirements.lock") | pins("docker/image.lock"))
    assert {name for name, version in pins("docker/hub.lock") if hub.get(name, version) != version} == set()
    assert not {name for name, _ in pins("docker/image.lock")} & {
        name for name, _ in pins("requirements.lock")
    }


@pytest.mark.xdist_group("together")
def test_tests_of_one_group_run_in_one_process(request: pytest.FixtureRequest) -> None:
    """Without groups, pytest-xdist would start a JupyterLab in every process, and scatter cells of a notebook."""
    assert request.node.nodeid.endswith("@together") == ("PYTEST_XDIST_WORKER" in os.environ)


def test_the_examples_of_the_guide_for_clusters_parse() -> None:
    guide = (ROOT / "docs" / "cluster.md").read_text()
    for code in re.findall(r"```python\n(.*?)```", guide, re.DOTALL):
        compile(code, "cluster.md", "exec")
    kinds = [yaml.safe_load(text)["kind"] for text in re.findall(r"```yaml\n(.*?)```", guide, re.DOTALL)]
    assert kinds == ["DaskCluster", "NetworkPolicy"]


def test_compose_publishes_the_lab_alone() -> None:
    composed = yaml.safe_load((ROOT / "compose.yaml").read_text())
    services = composed["services"]
    assert [name for name, service in services.items() if "ports" in service] == ["lab"]
    assert services["lab"]["ports"][0].startswith("127.0.0.1:")
    assert composed["networks"]["cluster"] == {"internal": True}
    for name in ("scheduler", "worker"):
        assert services[name]["networks"] == ["cluster"]
        assert services[name]["profiles"] == ["cluster"]
