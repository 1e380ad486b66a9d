"""A cluster of Dask from the image: scheduler, workers, the dashboard in JupyterLab, and TLS."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import websocket

from image.client import Client
from image.compose import Compose, composed
from image.container import HARDENED, IMAGE, ROOT, Container, docker, once, unique

WORKERS = 2
PROBE = ("python3", "-I", "-S", "/opt/qgraph/bin/healthcheck.py")
CONNECT = "import socket, sys; socket.create_connection((sys.argv[1], int(sys.argv[2])), 3); print('open')"
TASK = """
from distributed import Client
with Client(timeout=10) as client:
    print("sum", client.submit(sum, [1, 2, 3]).result(60), client.scheduler.addr.split(":")[0])
"""
# Each tries to get into a cluster with TLS, and has no certificate of its authority.
STRANGERS = {
    "another authority": """
from distributed import Client
from distributed.security import Security
other = Security.temporary()
own = {"tls_client_cert": other.tls_client_cert, "tls_client_key": other.tls_client_key}
Client(timeout=5, security=Security(tls_ca_file="/tls/ca.pem", require_encryption=True, **own))
""",
    "no certificate": """
import socket, ssl
context = ssl.create_default_context(cafile="/tls/ca.pem")
context.check_hostname = False
context.wrap_socket(socket.create_connection(("scheduler", 8786), 5)).recv(1)
""",
    "no TLS": """
from distributed import Client
from distributed.security import Security
Client("tcp://scheduler:8786", timeout=5, security=Security(require_encryption=False))
""",
}
STUDY = """
import qgraph as qg, socket
from distributed import Client
client = Client()
study = qg.Study("s", problems={"ring": qg.MaxCut(qg.Graph.ring(6))},
    solvers={"qaoa": {"solver": "qaoa", "depth": range(1, 3)}}, seeds=range(4))
study.run(client=client)
frame = study.frame()
print(len(frame), frame.error.isna().all(), socket.gethostname() in set(frame.host), *sorted(set(frame.host)))
"""


class Started(Container):
    """A container that compose has started."""

    def __init__(self, identifier: str) -> None:
        self.name, self.port = identifier, 8888
        self.began = time.monotonic()


@dataclass
class Cluster:
    """The services of compose.yaml with the profile `cluster`."""

    lab: Started
    scheduler: Started
    workers: list[Started]

    @classmethod
    def start(cls, compose: Compose) -> Cluster:
        """Start it, and wait until all parts are healthy."""
        compose("up", "--detach", "--no-build", "--scale", f"worker={WORKERS}")
        ids = {name: compose("ps", "--quiet", name).split() for name in ("lab", "scheduler", "worker")}
        workers = [Started(each) for each in ids["worker"]]
        cluster = cls(Started(ids["lab"][0]), Started(ids["scheduler"][0]), workers)
        for part in cluster.parts:
            part.wait_until("healthy")
        return cluster

    @property
    def parts(self) -> list[Started]:
        """All containers."""
        return [self.lab, self.scheduler, *self.workers]

    @property
    def address(self) -> str:
        """The scheduler's address on the network of the cluster."""
        (network,) = self.scheduler.inspect()["NetworkSettings"]["Networks"].values()
        return str(network["IPAddress"])

    def client(self) -> Client:
        """The owner of the lab."""
        return Client(self.lab.address, self.lab.token())


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with composed("--profile", "cluster", QGRAPH_IMAGE=IMAGE) as compose:
        yield Cluster.start(compose)


def test_all_is_hardened_and_only_the_lab_is_published(cluster: Cluster) -> None:
    assert len(cluster.workers) == WORKERS
    for part in cluster.parts:
        known = part.inspect()
        assert known["HostConfig"]["ReadonlyRootfs"], known["Name"]
        assert known["HostConfig"]["CapDrop"] == ["ALL"]
        assert known["HostConfig"]["Memory"] > 0
        assert "no-new-privileges" in str(known["HostConfig"]["SecurityOpt"])
        assert part.run("id", "-u") == "1000\n"
        published = [port for port in known["NetworkSettings"]["Ports"].values() if port]
        assert len(published) == (part is cluster.lab)
        assert "Traceback" not in part.log
    for part in cluster.parts[1:]:
        (network,) = part.inspect()["NetworkSettings"]["Networks"]
        assert json.loads(docker("network", "inspect", network).stdout)[0]["Internal"]


def test_a_worker_has_the_limits_of_its_container(cluster: Cluster) -> None:
    code = """
from distributed import Client
import os
client = Client()
workers = client.scheduler_info()["workers"].values()
print([(w["nthreads"], w["memory_limit"], w["local_directory"].split("/")[1]) for w in workers])
single = "QGRAPH_THREADS", "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"
print(client.run(lambda: [os.environ[name] for name in single]).values())
"""
    known = cluster.lab.run("python", "-c", code)
    limit = cluster.workers[0].inspect()["HostConfig"]["Memory"]
    assert str([(1, limit, "tmp")] * WORKERS) in known
    assert str([["1", "1", "1"]] * WORKERS) in known


def test_a_notebook_runs_a_study_on_the_cluster(cluster: Cluster) -> None:
    client = cluster.client()
    said = client.execute(client.kernel(), STUDY)
    hosts = sorted(worker.run("hostname").strip() for worker in cluster.workers)
    assert said.split()[:3] == ["8", "True", "False"], said
    assert set(said.split()[3:]) <= set(hosts)
    assert len(said.split()) > 3
    links = client.execute(client.kernel(), "from distributed import Client; Client().dashboard_link")
    assert links == "'/proxy/scheduler:8787/status'"


def test_nobody_outside_reaches_the_scheduler(cluster: Cluster) -> None:
    for port in ("8786", "8787"):
        assert cluster.lab.run("python", "-c", CONNECT, cluster.address, port) == "open\n"
        refused = once("python", "-c", CONNECT, cluster.address, port, check=False)
        assert refused.returncode == 1
        assert "open" not in refused.stdout
        assert re.search("TimeoutError|timed out|unreachable", refused.stderr), refused.stderr


def test_the_dashboard_needs_the_token(cluster: Cluster) -> None:
    client, stranger = cluster.client(), Client(cluster.lab.address, None)
    pages = ("status", "individual-task-stream", "statics/js/bokeh.min.js", "health", "individual-plots.json")
    places = [f"proxy/scheduler:8787/{page}" for page in pages]
    assert "Dask" in client.ask("GET", places[0]).text
    assert client.ask("GET", places[3]).text == "ok"
    assert {client.ask("GET", place).status_code for place in (places[0], places[1], places[4])} == {200}
    check = "dask/dashboard-check/http%3A%2F%2Fscheduler%3A8787%2Fstatus"
    assert client.json("GET", check)["isActive"]
    assert client.json("GET", check)["effectiveUrl"] == "/proxy/scheduler:8787"
    for path in (*places, check, "dask/clusters", "dask/dashboard", "dask/dashboard/status"):
        answer = stranger.ask("GET", path)
        refused = answer.status_code == 403 or "/login?" in answer.headers.get("Location", "")
        assert refused, f"{path}: {answer.status_code}"
        assert stranger.ask("POST", path).status_code in (302, 403, 405)
    script = client.ask("GET", "proxy/scheduler:8787/status").text
    path = "proxy/scheduler:8787/status/ws"
    token = re.search(r'"token":"([^"]+)"', script)
    assert token, script
    protocols = {"subprotocols": ["bokeh", token.group(1)]}
    client.socket(path, **protocols).close()
    with pytest.raises(websocket.WebSocketBadStatusException) as refused_socket:
        stranger.socket(path, **protocols)
    assert refused_socket.value.status_code == 403


def test_the_panel_of_jupyterlab_finds_the_dashboard(cluster: Cluster) -> None:
    client = cluster.client()
    assert client.json("GET", "dask/clusters") == []
    plots = client.ask("GET", "dask/dashboard/individual-plots.json")
    assert plots.headers["Location"] == "/proxy/scheduler:8787/individual-plots.json"
    assert "Individual Task Stream" in client.json("GET", "proxy/scheduler:8787/individual-plots.json")
    settings = client.json("GET", "lab/api/settings/dask-labextension:plugin")
    assert settings["schema"]["properties"]["defaultURL"]["default"] == "/dask/dashboard"


def test_the_proxy_leads_nowhere_else(cluster: Cluster) -> None:
    client = cluster.client()
    worker = cluster.workers[0].run("hostname").strip()
    for host in (worker, cluster.address, "lab", "example.com", "169.254.169.254"):
        for prefix in ("proxy", "proxy/absolute"):
            assert client.ask("GET", f"{prefix}/{host}:8787/").status_code == 403, host
        found = client.json("GET", f"dask/dashboard-check/http%3A%2F%2F{host}%3A8787%2Fstatus")
        assert not found["isActive"]
    # Dask's own proxy to its workers would lead anywhere, for everybody who reaches the scheduler.
    assert client.ask("GET", f"proxy/scheduler:8787/proxy/8888/{worker}/status").status_code == 404


@pytest.mark.parametrize("user", ["1000", "1234:0", "1010:1010"])
def test_any_user_can_be_a_worker(cluster: Cluster, user: str) -> None:
    (network,) = cluster.scheduler.inspect()["NetworkSettings"]["Networks"]
    options = (*HARDENED, f"--user={user}", f"--network={network}", "--cpus=2", "--memory=1g")
    address = "tcp://scheduler:8786"
    docker("run", "--detach", f"--name={(name := unique())}", *options, IMAGE, "dask-worker", address)
    with Started(name) as worker:
        worker.wait_until("healthy")  # its processes answer; they register a little later
        while worker.log.count("Registered to:") < 2:  # a process for each processor
            time.sleep(0.2)
        assert worker.log.count("Registered to:") == 2
        assert worker.log.count("512.00 MiB") == 2
        assert "not writable" not in worker.log


def test_the_probe_sees_a_scheduler_that_hangs() -> None:
    with Container("--network=none", command=("dask-scheduler", "--dashboard-address=:9123")) as scheduler:
        scheduler.wait_until("healthy")
        assert scheduler.run(*PROBE) == "200 ok\n"
        find = "cd /proc; for p in [0-9]*; do grep -qs ^dask $p/comm && echo $p; done"
        found = scheduler.run("sh", "-c", find, check=False).split()
        assert len(found) == 1
        scheduler.run("sh", "-c", f"kill -STOP {found[0]}")
        assert docker("exec", scheduler.name, *PROBE, check=False).stdout == "no answer: ConnectionError\n"
        scheduler.run("sh", "-c", f"kill -CONT {found[0]}")
        assert scheduler.run(*PROBE) == "200 ok\n"


def test_without_a_place_for_temporary_files_it_says_so() -> None:
    done = once("dask-worker", "tcp://scheduler:8786", options=("--read-only",), check=False)
    assert done.returncode == 1
    assert done.stderr == (
        "qgraph: /tmp is not writable by uid 1000, gid 0, and Dask needs it. Add --tmpfs /tmp\n"
    )


def test_a_lab_alone_has_a_cluster_of_its_own(server: Container, client: Client) -> None:
    loaded = "cat /proc/[0-9]*/maps | grep -c aiohttp; true"
    path = "dask/dashboard/individual-plots.json"
    assert client.ask("GET", path).status_code == 204
    assert server.run("sh", "-c", loaded) == "0\n"
    kernel = client.kernel()
    start = "from distributed import Client; c = Client(n_workers=1, threads_per_worker=1); c.dashboard_link"
    assert client.execute(kernel, start) == "'/proxy/127.0.0.1:8787/status'"
    assert client.execute(kernel, "c.submit(sum, [1, 2]).result()") == "3"
    assert client.ask("GET", path).headers["Location"] == "/proxy/127.0.0.1:8787/individual-plots.json"
    assert "Dask" in client.ask("GET", "proxy/8787/status").text
    assert client.ask("GET", "proxy/scheduler:8787/status").status_code == 403
    assert server.run("sh", "-c", loaded) != "0\n"
    client.execute(kernel, "c.shutdown()")


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made as docs/cluster.md says."""
    folder = tmp_path_factory.mktemp("certificates")
    (commands,) = re.findall(r"```sh\n(openssl .*?)```", (ROOT / "docs/cluster.md").read_text(), re.DOTALL)
    folder.chmod(0o777)
    mounts = (f"--volume={folder}:/made", "--workdir=/made", "--user=0")
    done = docker("run", "--rm", "--interactive", *mounts, IMAGE, "sh", "-e", given=commands, check=False)
    assert done.returncode == 0, done.stderr
    return folder / "tls"


def test_tls_lets_in_who_has_a_certificate(certificates: Path) -> None:
    options = ("-f", "compose.yaml", "-f", "compose.tls.yaml", "--profile", "cluster")
    with composed(*options, QGRAPH_IMAGE=IMAGE, QGRAPH_TLS=str(certificates)) as compose:
        cluster = Cluster.start(compose)
        assert cluster.lab.run("python", "-c", TASK) == "sum 6 tls\n"
        assert "Registered to:       tls://" in cluster.workers[0].log
        for name, code in STRANGERS.items():
            command = ("exec", cluster.lab.name, "python", "-c", code + "print('in')")
            refused = docker(*command, check=False)
            assert (refused.returncode, refused.stdout) == (1, ""), name
            assert re.search("OSError|TimeoutError|CommClosedError|SSLError", refused.stderr), refused.stderr


@pytest.mark.alone
def test_a_busy_worker_and_a_scheduler_end_soon(figures: dict[str, str]) -> None:
    with composed("--profile", "cluster", QGRAPH_IMAGE=IMAGE) as compose:
        cluster = Cluster.start(compose)
        client = cluster.client()
        busy = "c.map(lambda i: [None for j in range(10**10)], range(4))"
        client.execute(client.kernel(), f"from distributed import Client; c = Client(); f = {busy}")
        time.sleep(2)
        for name, part in (("worker", cluster.workers[0]), ("scheduler", cluster.scheduler)):
            docker("update", "--restart=no", part.name)
            seconds, code = part.stop()
            figures[f"seconds from SIGTERM to exit, {name} of Dask"] = f"{seconds:.1f}"
            assert (code, seconds < 5) == (0, True), part.log
