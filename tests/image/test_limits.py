"""A kernel that asks for more memory than the container has."""

from __future__ import annotations

import pytest

from image.client import Client, KernelDied
from image.container import Container

LIMIT = ("--memory=1g", "--memory-swap=1g")


def test_more_memory_than_there_is() -> None:
    with Container(*LIMIT) as container:
        container.wait_until_it_listens()
        client = Client(container.address, container.token())
        kernel = client.kernel()
        client.execute(kernel, "open('saved.txt', 'w').write('kept'); kept = 1")

        asks = "import qgraph as qg; qg.simulate(qg.MaxCut(qg.Graph.ring(30)), [0.1], [0.2])"
        refused = client.execute(kernel, asks)
        assert refused.startswith("ProblemTooLarge: ")
        assert "GiB are free" in refused
        assert client.execute(kernel, "kept") == "1"  # refused before it was allocated: the kernel lives

        with pytest.raises(KernelDied):
            client.execute(kernel, "hog = b'x' * (3 * 2**30); len(hog)")
        assert client.execute(kernel, "open('saved.txt').read()") == "'kept'"  # a new one, on the same files
        assert "NameError" in client.execute(kernel, "kept")
        state = container.inspect()
        assert state["State"]["Running"]
        assert state["RestartCount"] == 0
        assert container.run("python3", "-I", "-S", "/opt/qgraph/bin/healthcheck.py") == "200 ok\n"
        assert container.stop()[1] == 0


def test_jupyterlab_shows_memory_and_processor() -> None:
    with Container(*LIMIT) as container:
        container.wait_until_it_listens()
        client = Client(container.address, container.token())
        client.kernel()
        used = client.json("GET", "api/metrics/v1")
        assert 50 * 2**20 < used["pss" if used.get("pss") else "rss"] < 2**30
        assert used["limits"]["memory"]["rss"] == 2**30
        assert used["cpu_percent"] >= 0
        assert "@jupyter-server/resource-usage" in container.run(
            "sh", "-c", "jupyter labextension list 2>&1; true"
        )
