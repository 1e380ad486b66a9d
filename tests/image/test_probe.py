"""Health as docker sees it: wherever the server listens, and when what it serves is broken."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
import requests

from image.certificate import certificate_and_key
from image.client import Client
from image.container import Container, once

PROXIES = tuple(
    f"--env={name}=http://127.0.0.1:9" for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "ALL_PROXY")
)
QUICK = ("--health-interval=1s", "--health-start-period=1s")
CHECKS = {"core", "qiskit", "aer", "kernel", "memory", "work folder", "temporary folder", "processes"}
SITE = "/opt/venv/lib/python3.11/site-packages"


def answer(container: Container, path: str, scheme: str = "http") -> requests.Response:
    session = requests.Session()
    session.trust_env = False
    return session.get(
        f"{scheme}://{container.address}{path}", timeout=60, verify=False
    )  # a certificate of our own


def full_report(container: Container, base: str = "/") -> Any:
    client = Client(container.address, container.token(), base)
    return client.ask("GET", "qgraph/health").json()


def failed(container: Container) -> set[str]:
    return {name for name, check in full_report(container)["checks"].items() if not check["ok"]}


@pytest.mark.alone
@pytest.mark.parametrize("how", ["options", "environment", "two words"])
def test_healthy_on_another_port_and_base_with_proxies(how: str) -> None:
    lab = ("jupyter", "lab")
    options, command, base = {
        "options": ((), (*lab, "--port=9123", "--ServerApp.base_url=/some/where/"), "/some/where/"),
        "environment": (("--env=JUPYTER_PORT=9123",), (), "/"),
        "two words": ((), (*lab, "--port", "9123"), "/"),
    }[how]
    with Container(*PROXIES, *options, command=command, port=9123) as container:
        container.wait_until("healthy", 20)
        report = answer(container, f"{base}qgraph/health")
        assert (report.status_code, report.json()) == (200, {"status": "ok"})
        assert set(full_report(container, base)["checks"]) == CHECKS
        assert "127.0.0.1:9123/" in container.log
        assert "127.0.0.1:8888" not in container.log


def test_the_address_has_the_published_port() -> None:
    with Container("--env=QGRAPH_PORT=9777") as container:
        container.wait_until_it_listens()
        container.run("true")
        assert "http://127.0.0.1:9777/lab/tree/" in container.log
        assert ":8888" not in container.log


def test_probes_leave_no_line_in_the_log(server: Container) -> None:
    before = server.log
    for method in ("GET", "HEAD", "OPTIONS"):
        for _ in range(3):
            said = requests.request(method, f"http://{server.address}/qgraph/health", timeout=60)
            assert said.status_code == (204 if method == "OPTIONS" else 200)
            assert said.text == ('{"status": "ok"}' if method == "GET" else "")
    assert server.log == before
    debug = ("jupyter", "lab", "--debug")
    with Container(command=debug) as container:
        container.wait_until("healthy")
        assert "qgraph/health" not in container.log


def becomes(container: Container, expected: set[str]) -> None:
    """The light checks are made again after five seconds."""
    until = time.monotonic() + 30
    while failed(container) != expected and time.monotonic() < until:
        time.sleep(1)
    assert failed(container) == expected, full_report(container)


@pytest.mark.parametrize(
    ("where", "check"), [("/home/appuser/work", "work folder"), ("/tmp", "temporary folder")]
)
def test_unhealthy_while_a_disk_is_full(where: str, check: str) -> None:
    with Container(f"--tmpfs={where}:size=24m,mode=1777", *QUICK) as container:
        container.wait_until("healthy")
        container.run("sh", "-c", f"head -c 99999999 /dev/zero > {where}/fill", check=False)
        becomes(container, {check})
        assert answer(container, "/qgraph/health").status_code == 503
        assert answer(container, "/qgraph/health").json() == {"status": "failing"}
        assert container.log.count(f"health: failing: {check}: No space left on device") == 1
        container.run("rm", f"{where}/fill")
        becomes(container, set())
        assert container.log.count("health: ok again") == 1


def test_unhealthy_on_a_foreign_mount(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    with Container("--user=1010:1010", f"--volume={tmp_path}:/home/appuser/work", *QUICK) as container:
        container.wait_until("unhealthy")
        assert failed(container) == {"work folder"}
        assert "work folder: Permission denied" in json.dumps(container.state["Health"])


def test_unhealthy_at_the_limit_of_processes() -> None:
    with Container(*QUICK, "--pids-limit=80") as container:
        container.wait_until("healthy")
        container.run("sh", "-c", "for i in $(seq 90); do sleep 20 > /dev/null 2>&1 & done", check=False)
        becomes(container, {"processes"})
        becomes(container, set())


def test_many_probes_cost_little(figures: dict[str, str]) -> None:
    def used(container: Container) -> float:
        """Seconds of processor time of the server and of the children that it has waited for."""
        fields = container.run(
            "sh",
            "-c",
            "cat /proc/$(sed -n 's/.*\"pid\": //p' /tmp/jupyter-runtime/jpserver-*.json | tr -d ,)/stat",
        ).split()
        return sum(map(int, fields[13:17])) / 100

    with Container() as container:
        container.wait_until("healthy")
        before = used(container)
        for _ in range(50):
            assert answer(container, "/qgraph/health").status_code == 200
        seconds = (used(container) - before) / 50
    figures["processor time of one health request"] = f"{1000 * seconds:.1f} ms"
    assert seconds < 0.05  # the checks themselves take a second and more


@pytest.mark.alone
@pytest.mark.filterwarnings("ignore::urllib3.exceptions.InsecureRequestWarning")
def test_healthy_with_tls(tmp_path: Path) -> None:
    pem = tmp_path / "server.pem"
    pem.write_text("".join(certificate_and_key()))
    pem.chmod(0o644)
    tmp_path.chmod(0o755)
    command = ("jupyter", "lab", "--ServerApp.certfile=/tls/server.pem")
    with Container(f"--volume={tmp_path}:/tls:ro", *PROXIES, command=command) as container:
        container.wait_until("healthy", 20)
        assert answer(container, "/qgraph/health", "https").json()["status"] == "ok"
        assert "https://127.0.0.1:8888/" in container.log


def wrong_value(folder: Path) -> tuple[str, str]:
    module = "qgraph/simulation/functions.py"
    text = once("cat", f"{SITE}/{module}").stdout
    text += "\n_right = expectation\n\n\ndef expectation(*args, **options):\n    return _right(*args, **options) + 0.5\n"
    (folder / "broken.py").write_text(text)
    return module, "core: ring of four: 3.500000, known 3.000000"


def broken_import(folder: Path) -> tuple[str, str]:
    (folder / "broken.py").write_text("raise RuntimeError('/secret/path of somebody')\n")
    return "qgraph/simulation/functions.py", "core: RuntimeError"


def broken_aer(folder: Path) -> tuple[str, str]:
    (folder / "broken.py").write_text("raise ImportError('no such file: /secret/path')\n")
    return "qiskit_aer/__init__.py", "aer: ImportError"


def broken_kernel(folder: Path) -> tuple[str, str]:
    (folder / "broken.py").write_text("raise ImportError('no such file: /secret/path')\n")
    return "ipykernel_launcher.py", "kernel: RuntimeError"


BROKEN = [wrong_value, broken_import, broken_aer, broken_kernel]


@pytest.mark.parametrize("broken", BROKEN, ids=lambda f: f.__name__)
def test_unhealthy_when_something_is_broken(broken: object, tmp_path: Path) -> None:
    module, said = broken(tmp_path)  # type: ignore[operator]
    # Byte-code is not checked against its source here, so it is hidden as well.
    folder, name = f"{SITE}/{module}".rsplit("/", 1)
    cached = f"{folder}/__pycache__/{name.removesuffix('.py')}.cpython-311.pyc"
    (tmp_path / "empty.pyc").write_bytes(b"")
    tmp_path.chmod(0o755)
    mounts = (
        f"--volume={tmp_path}/broken.py:{folder}/{name}:ro",
        f"--volume={tmp_path}/empty.pyc:{cached}:ro",
    )
    with Container(*mounts, *QUICK) as container:
        container.wait_until("unhealthy")
        report = answer(container, "/qgraph/health")
        assert (report.status_code, report.json()) == (503, {"status": "failing"})
        assert said.split(":")[0] in failed(container)
        assert "/secret" not in json.dumps(full_report(container))
        assert said in json.dumps(container.state["Health"])
