"""The health endpoint in a real Jupyter server, the probe that asks it, and when it checks again."""

from __future__ import annotations

import asyncio
import copy
import http.client
import json
import os
import platform
import subprocess
import sys
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT

from qgraph_health import cache as caching
from qgraph_health import lessons
from qgraph_health import light as lighting
from qgraph_health.cache import FRESH, RETRY, ROOM, Cache, Report
from qgraph_health.light import Light

EXTENSIONS = tuple(f"qgraph_health{part}" for part in ("", ".lessons", ".address", ".documentation"))
PROBE = ROOT / "docker" / "bin" / "healthcheck.py"


def run(coroutine: Any) -> Any:
    """The result of a coroutine. Tests with a browser leave an event loop in the main thread."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, coroutine).result()


def report(ok: bool) -> Report:
    return {"versions": {}, "checks": {"core": {"ok": ok, "detail": ""}}}


class Clock:
    """A clock that is set by hand, and an examination that counts its calls."""

    def __init__(self, *answers: bool) -> None:
        self.now, self.calls, self.answers = 1000.0, 0, answers

    def __call__(self) -> float:
        return self.now

    def examine(self) -> Report:
        self.calls += 1
        return report(self.answers[min(self.calls, len(self.answers)) - 1])


async def ask(cache: Cache, memory: int = 2 * ROOM) -> bool:
    found = await cache.report(memory)
    if cache._running is not None:
        cache._running.result(timeout=10)
    return caching.sound(found)


@pytest.mark.parametrize(("answer", "lasts"), [(True, FRESH), (False, RETRY)])
def test_a_verdict_is_believed_for_a_while(answer: bool, lasts: float) -> None:
    clock = Clock(answer, not answer)
    cache = Cache(clock.examine, clock)
    assert [run(ask(cache)) for _ in range(20)] == [answer] * 20
    clock.now += lasts - 1
    assert (run(ask(cache)), clock.calls) == (answer, 1)
    clock.now += 1
    run(ask(cache))  # the old verdict, while the new one is made
    assert (run(ask(cache)), clock.calls) == (not answer, 2)


def test_a_check_is_put_off_while_memory_is_short() -> None:
    clock = Clock(True, False)
    cache = Cache(clock.examine, clock)
    run(ask(cache, memory=0))  # the first is made in any case
    clock.now += 2 * FRESH
    assert [run(ask(cache, memory=ROOM - 1)) for _ in range(3)] == [True] * 3
    assert clock.calls == 1


def test_a_crash_of_the_checks_is_a_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    found = caching.examine()
    assert not caching.sound(found)
    assert set(found["checks"]) == {"core", "qiskit", "aer", "kernel"}
    monkeypatch.setattr(sys, "executable", "/nowhere")
    assert "FileNotFoundError" in caching.examine()["checks"]["core"]["detail"]


def test_the_extension_loads_nothing_heavy() -> None:
    code = "import sys, qgraph_health, qgraph_health.cache; print({'numpy', 'qgraph', 'qiskit'} & set(sys.modules))"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.strip() == "set()"


@pytest.fixture
def server(tmp_path: Path, request: pytest.FixtureRequest) -> Any:
    """A Jupyter server with the extension; a parameter is Python code that runs first in its checks."""
    environment = {**os.environ, "HOME": str(tmp_path), "JUPYTER_RUNTIME_DIR": str(tmp_path / "run")}
    environment |= {"JUPYTER_PREFER_ENV_PATH": "0", "http_proxy": "http://127.0.0.1:9"}
    command = [sys.executable, "-m", "jupyter_server", "--allow-root", "--no-browser"]
    command += ["--ServerApp.jpserver_extensions={'qgraph_health': True}", "--ServerApp.base_url=/some/where"]
    command += [f"--ServerApp.root_dir={tmp_path}", "--ServerApp.port_retries=50"]
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log, cwd=tmp_path)
        try:
            until = time.monotonic() + 60
            while not (found := list(tmp_path.glob("run/jpserver-*.json"))) and time.monotonic() < until:
                time.sleep(0.1)
            assert found, (tmp_path / "log").read_text()
            yield environment, json.loads(found[0].read_text()), tmp_path
        finally:
            process.terminate()
            process.wait(timeout=30)


def probe(environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-I", "-S", str(PROBE)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


CHECKS = {"core", "qiskit", "aer", "kernel", "memory", "work folder", "temporary folder", "processes"}


def ask_server(info: dict[str, Any], method: str = "GET", token: str | None = None) -> tuple[int, Any, str]:
    link = http.client.HTTPConnection("127.0.0.1", info["port"], timeout=60)
    header = {"Authorization": f"token {token}"} if token else {}
    link.request(method, "/some/where/qgraph/health", headers=header)
    answer = link.getresponse()
    text = answer.read().decode()
    link.close()
    return answer.status, answer.headers, text


def test_everybody_is_told_the_status_and_owners_the_rest(server: Any) -> None:
    environment, info, folder = server
    done = probe(environment)
    assert (done.returncode, done.stdout) == (0, "200 ok\n")
    status, headers, text = ask_server(info)
    assert (status, json.loads(text), headers["Content-Type"]) == (200, {"status": "ok"}, "application/json")
    assert json.loads(ask_server(info, token="wrong")[2]) == {"status": "ok"}
    _, _, text = ask_server(info, token=info["token"])
    found = json.loads(text)
    assert {name for name, check in found["checks"].items() if check["ok"]} == CHECKS
    assert set(found["versions"]) == {"python", "qgraph", "qiskit", "qiskit-aer", "jupyterlab"}
    for secret in (info["token"], str(folder), sys.prefix, str(ROOT), os.environ.get("USER") or "root/"):
        assert secret not in text
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with pytest.raises(urllib.error.HTTPError) as refused:  # and nothing else is open
        opener.open(f"http://127.0.0.1:{info['port']}/some/where/api/contents", timeout=60)
    refused.value.close()
    assert refused.value.code == 403
    status, headers, text = ask_server(info, "HEAD")
    assert (status, text, headers["Content-Type"]) == (200, "", "application/json")
    status, headers, text = ask_server(info, "OPTIONS")
    assert (status, text, headers["Allow"]) == (204, "", "GET, HEAD, OPTIONS")
    assert "qgraph/health" not in (folder / "log").read_text()


def test_a_folder_that_cannot_be_written_is_a_failed_check(tmp_path: Path) -> None:
    now = 0.0
    light = Light(str(tmp_path / "work"), str(tmp_path), clock=lambda: now)
    free, found = light.checks()
    assert free > 0
    assert {name for name, check in found.items() if not check["ok"]} == {"work folder"}
    assert found["work folder"]["detail"] == "No such file or directory"
    (tmp_path / "work").mkdir()
    assert light.checks()[1] is found  # cheap: nothing is written for each request
    now += lighting.RETRY
    assert {name for name, check in light.checks()[1].items() if not check["ok"]} == set()
    assert list((tmp_path / "work").iterdir()) == []
    (tmp_path / "work").rmdir()
    now += lighting.FRESH - 0.1
    assert light.checks()[1]["work folder"]["ok"]
    now += 0.1
    assert not light.checks()[1]["work folder"]["ok"]


def test_a_process_that_cannot_start_is_a_failed_check(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert lighting.verdict(lighting.starts) == {"ok": False, "detail": "No such file or directory"}


def test_the_probe_fails_in_one_line_where_nothing_listens(tmp_path: Path) -> None:
    (tmp_path / "jpserver-1.json").write_text(
        json.dumps({"hostname": "localhost", "port": 9, "secure": False, "base_url": "/"})
    )
    code = f"import runpy, sys; sys.path.insert(0, {str(PROBE.parent)!r}); import healthcheck; healthcheck.PATIENCE = 0.2; sys.exit(healthcheck.main())"
    environment = {**os.environ, "JUPYTER_RUNTIME_DIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (1, "no answer: ConnectionRefusedError\n")


def opened(metadata: dict[str, Any]) -> dict[str, Any]:
    async def get(path: str) -> dict[str, Any]:
        return {"type": "notebook", "content": {"metadata": metadata}, "path": path}

    found: dict[str, Any] = run(lessons.named(get, "Python 3 (here)")("a.ipynb"))["content"]["metadata"]
    return found


def test_a_notebook_of_python_names_the_python_that_runs() -> None:
    spec, version = {"name": "python3", "display_name": "Python 3"}, platform.python_version()
    found = opened({"kernelspec": spec, "language_info": {"name": "python", "version": "2.7"}})
    assert found["kernelspec"]["display_name"] == "Python 3 (here)"
    assert found["language_info"] == {"name": "python", "version": version}


@pytest.mark.parametrize(
    "kernel", [{}, {"kernelspec": {"name": "julia"}, "language_info": {"version": "1.9"}}]
)
def test_other_notebooks_stay_as_they_are(kernel: dict[str, Any]) -> None:
    assert opened(copy.deepcopy(kernel)) == kernel


def test_the_lessons_of_a_checkout_are_signed() -> None:
    assert {*lessons.lessons()} >= {*(ROOT / "notebooks").glob("*.ipynb")}  # an image has its own, too
    enabled = json.loads((ROOT / "docker" / "qgraph_health.json").read_text())["ServerApp"]
    assert enabled["jpserver_extensions"] == dict.fromkeys(EXTENSIONS, True)
