"""How fast it starts and stops, what it says meanwhile, and that it runs with everything taken away."""

from __future__ import annotations

import json
import re
import time

import pytest

from image.client import Client
from image.container import HARDENED, LOUD, ROOT, Container, docker, empty_volume, listens, once, unique

pytestmark = pytest.mark.alone

# Executes a notebook in place as JupyterLab would, with the image's own tools.
EXECUTE = (
    "jupyter",
    "nbconvert",
    "--to=notebook",
    "--execute",
    "--inplace",
    "notebooks/00_start_here.ipynb",
)


def seconds_to_healthy() -> float:
    with Container() as container:
        return container.wait_until("healthy")


def seconds_to_stop() -> float:
    with Container() as container:
        container.wait_until("healthy")
        Client(container.address, container.token()).kernel()
        return container.stop()[0]


def test_cold_start_first_cell_and_stop(figures: dict[str, str]) -> None:
    with Container() as container:
        healthy = container.wait_until("healthy")
        client = Client(container.address, container.token())
        kernel = client.kernel()
        assert client.execute(kernel, "import qgraph as qg; print(6 * 7)") == "42\n"
        memory = container.run("sh", "-c", "grep VmRSS /proc/[0-9]*/status | awk '{s += $2} END {print s}'")
        figures["memory, server and one kernel"] = f"{int(memory) / 1024:.0f} MiB"
        loud = [line for line in container.log.splitlines() if LOUD.search(line)]
        seconds, code = container.stop()
    if seconds >= 3:  # as below
        seconds = min(seconds, seconds_to_stop(), seconds_to_stop())
    figures["seconds from SIGTERM to exit, one kernel"] = f"{seconds:.1f}"
    if healthy >= 10:  # other work may run on this machine: the best of three counts
        healthy = min(healthy, seconds_to_healthy(), seconds_to_healthy())
    figures["seconds to healthy"] = f"{healthy:.1f}"
    assert healthy < 10
    assert (code, seconds < 3) == (0, True)
    assert loud == []


def test_first_cell_without_waiting_for_health(figures: dict[str, str]) -> None:
    with Container() as container:
        container.wait_until_it_listens()
        client = Client(container.address, container.token())
        assert client.execute(client.kernel(), "6 * 7") == "42"
        seconds = time.monotonic() - container.began
    figures["seconds to the first executed cell"] = f"{seconds:.1f}"
    assert seconds < 15


def test_the_readmes_command_serves_lessons() -> None:
    """As it stands, with a name and a volume that the test can remove."""
    (line,) = re.findall(r"^docker run .*$", (ROOT / "README.md").read_text(), re.MULTILINE)
    assert "-v qgraph-work:" in line
    with empty_volume() as volume:
        name = unique()
        words = line.replace("qgraph-work:", f"{volume}:").split()
        docker(*words[1:2], "--detach", f"--name={name}", *words[2:])
        try:
            began = time.monotonic()
            address = re.compile(r"http://(127\.0\.0\.1:8888)/lab\S*token=(\w+)")
            while not (shown := address.search(docker("logs", name).stderr)) or not listens(name):
                assert time.monotonic() - began < 60
                time.sleep(0.1)
            lessons = Client(*shown.groups()).json("GET", "api/contents/notebooks")["content"]
            assert "00_start_here.ipynb" in {lesson["name"] for lesson in lessons}
        finally:
            docker("rm", "--force", name)


def test_a_busy_kernel_does_not_hold_up_the_end(figures: dict[str, str]) -> None:
    with Container() as container:
        container.wait_until("healthy")
        client = Client(container.address, container.token())
        kernel = client.kernel()
        assert client.execute(kernel, "import signal, time; 1") == "1"
        link = client.channel(kernel)
        stubborn = "signal.signal(signal.SIGINT, signal.SIG_IGN); print('busy', flush=True)\nwhile True: pass"
        client.send(link, stubborn)
        while json.loads(link.recv())["content"].get("text") != "busy\n":
            pass
        seconds, code = container.stop()
        link.close()
    figures["seconds from SIGTERM to exit, busy kernel"] = f"{seconds:.1f}"
    assert (code, seconds < 3) == (0, True)


def used(container: Container) -> float:
    """Seconds of processor time of the whole container, probes included."""
    files = "/sys/fs/cgroup/cpu.stat /sys/fs/cgroup/cpuacct/cpuacct.usage"
    words = container.run("sh", "-c", f"cat {files} 2>/dev/null; true").split()
    return int(words[1]) / 1e6 if words[0] == "usage_usec" else int(words[0]) / 1e9


def test_fifty_idle_servers_cost_little(figures: dict[str, str]) -> None:
    def cost(wait: float, *command: str) -> float:
        before = used(container)
        time.sleep(wait)
        if command:
            container.run(*command)
        return used(container) - before

    with Container() as container:
        container.wait_until("healthy")
        time.sleep(8)  # the next probe has begun, and waits
        look = min(cost(0) for _ in range(3))
        idle = (cost(20) - look) / 20
        assert len(container.state["Health"]["Log"]) == 1  # one each five seconds would be five more
        again = "rm -f /tmp/jupyter-runtime/healthy; sh /opt/qgraph/bin/health.sh"
        probe = min(cost(0, "sh", "-c", again) for _ in range(3)) - look
        checks = cost(0, "python", "-I", "-m", "qgraph_health.checks") - look
    figures["processor time of a probe, and of the hourly checks"] = f"{1000 * probe:.0f} ms, {checks:.1f} s"
    cores = 50 * (idle + probe / 95 + checks / 3600)
    figures["processors for fifty idle servers"] = f"{cores:.2f}"
    assert cores < 0.15


def test_it_works_read_only_without_capabilities_and_network() -> None:
    with Container(*HARDENED, "--network=none") as container:
        container.wait_until("healthy")
        container.run(*EXECUTE, options=("--workdir=/tmp/lessons", "--env=HOME=/tmp/home"))
        notebook = json.loads(container.run("cat", "/tmp/lessons/notebooks/00_start_here.ipynb"))
        cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
        assert [cell["execution_count"] for cell in cells] == list(range(1, len(cells) + 1))
        assert "which is lost with this container" in container.log
        status = container.run("cat", "/proc/1/status")
        assert "CapEff:\t0000000000000000" in status
        assert "NoNewPrivs:\t1" in status
        assert not [line for line in container.log.splitlines() if LOUD.search(line)]
        assert container.stop()[1] == 0


def test_read_only_without_a_tmpfs_is_one_line() -> None:
    done = once("jupyter", "lab", options=("--read-only",), check=False)
    assert done.returncode == 1
    assert done.stderr == (
        "qgraph: /tmp is not writable by uid 1000, gid 0, and Jupyter needs it. Add --tmpfs /tmp\n"
    )
    assert done.stdout == ""


def test_a_command_of_ones_own_is_run_and_its_exit_code_kept() -> None:
    with Container(command=("sh", "-c", "ls notebooks; exit 7")) as container:
        assert docker("wait", container.name).stdout == "7\n"
        assert "00_start_here.ipynb" in container.log
