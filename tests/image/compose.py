"""The services of compose.yaml, under names of their own."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from image.container import ROOT, docker

Compose = Callable[..., str]


@contextmanager
def composed(*options: str, **variables: str) -> Iterator[Compose]:
    """A function that runs docker compose with `options`; in the end all that it started is removed.

    Images have new names, and are removed as well, unless `variables` name others.
    """
    program = ["docker-compose"] if shutil.which("docker-compose") else ["docker", "compose"]
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    project = f"qgraphtest{uuid.uuid4().hex[:8]}"
    environment = {**os.environ, "QGRAPH_PORT": port, "COMPOSE_PROJECT_NAME": project}
    # Names of its own: the image under test stays what it is.
    images = {"QGRAPH_IMAGE": f"{project}:lab", "QGRAPH_TEST_IMAGE": f"{project}:test"}
    environment |= {**images, "COMPOSE_DOCKER_CLI_BUILD": "1", "DOCKER_BUILDKIT": "1", **variables}

    def run(*arguments: str) -> str:
        done = subprocess.run(
            [*program, *options, *arguments],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{arguments}\n{done.stdout}{done.stderr}"
        return done.stdout

    try:
        yield run
    finally:
        run("down", "--volumes")
        docker("rmi", "--force", *images.values(), check=False)
