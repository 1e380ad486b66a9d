"""Behind nginx with TLS, as `docs/nginx.conf` says, and with the token in a file."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import requests
import websocket

from image.certificate import certificate_and_key
from image.client import PATIENCE, Client
from image.container import HARDENED, ROOT, Container, built, docker, unique

NGINX = """
FROM python:3.11-slim
RUN apt-get update && apt-get install --yes --no-install-recommends nginx-light && rm -rf /var/lib/apt/lists/*
CMD ["nginx", "-g", "daemon off;"]
"""
TOKEN = uuid.uuid4().hex
SECRET = "/run/secrets/token"

BAD_GATEWAY = 502  # nginx does not reach the server


class Site:
    """nginx before a container of the image, in a network of their own."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.name = unique()
        docker("network", "create", self.name)
        stack.callback(docker, "network", "rm", self.name)
        secret = folder / "token"
        secret.write_text(f"{TOKEN}\n")  # as editors and `echo` end a file
        options = (
            f"--network={self.name}",
            "--network-alias=qgraph",
            f"--volume={secret}:{SECRET}:ro",
            f"--env=JUPYTER_TOKEN_FILE={SECRET}",
        )
        command = ("jupyter", "lab", "--ServerApp.trust_xheaders=True")
        self.server = stack.enter_context(Container(*options, *HARDENED, command=command))

        certificate, key = certificate_and_key()
        self.certificate = folder / "qgraph.pem"
        self.certificate.write_text(certificate)
        (folder / "qgraph.key").write_text(key)
        nginx = stack.enter_context(built(given=NGINX))
        files = {
            ROOT / "docs/nginx.conf": "conf.d/qgraph.conf",
            self.certificate: "tls/qgraph.pem",
            folder / "qgraph.key": "tls/qgraph.key",
        }
        docker(
            "run",
            "--detach",
            f"--name={self.name}",
            f"--network={self.name}",
            "--publish=127.0.0.1::80",
            "--publish=127.0.0.1::443",
            *(f"--volume={source}:/etc/nginx/{target}:ro" for source, target in files.items()),
            nginx,
        )
        stack.callback(docker, "rm", "--force", "--volumes", self.name)

    def address(self, port: int) -> str:
        """Where nginx's port is, on this machine."""
        return docker("port", self.name, f"{port}/tcp").stdout.splitlines()[0].strip()

    @property
    def log(self) -> str:
        """Everything that nginx wrote down."""
        files = docker("exec", self.name, "sh", "-c", "cat /var/log/nginx/*").stdout
        done = docker("logs", self.name)
        return files + done.stdout + done.stderr

    def browser(self) -> requests.Session:
        """A browser that trusts the certificate and no other."""
        session = requests.Session()
        session.trust_env = False
        session.verify = str(self.certificate)
        return session


class Encrypted(Client):
    """A client of the site."""

    def __init__(self, site: Site, token: str | None) -> None:
        super().__init__(site.address(443), token)
        self.http = site.browser()

    def url(self, path: str) -> str:
        """The whole address of a path."""
        return f"https://{self.address}{self.base}{path}"

    def socket(self, path: str, **options: Any) -> websocket.WebSocket:
        """A WebSocket; raises `websocket.WebSocketBadStatusException` where it is refused."""
        return websocket.create_connection(
            self.url(path).replace("https:", "wss:", 1),
            header=[f"{name}: {value}" for name, value in self.header.items()],
            timeout=PATIENCE,
            http_no_proxy=["*"],
            sslopt={"ca_certs": self.http.verify},
            **options,
        )


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with ExitStack() as stack:
        site = Site(tmp_path_factory.mktemp("site"), stack)
        site.server.wait_until_it_listens()
        until = time.monotonic() + 30
        while Encrypted(site, None).ask("GET", "qgraph/health").status_code == BAD_GATEWAY:
            assert time.monotonic() < until, site.log  # nginx asks Docker for the server's address
            time.sleep(0.2)
        yield site


@pytest.fixture(scope="module")
def client(site: Site) -> Encrypted:
    """The owner's script."""
    return Encrypted(site, TOKEN)


def test_the_token_of_the_file_and_no_other_is_accepted(site: Site, client: Encrypted) -> None:
    assert client.ask("GET", "api/kernels").status_code == 200
    for token in (None, "another", TOKEN[:-1]):
        assert Encrypted(site, token).ask("GET", "api/kernels").status_code == 403


def test_a_page_with_the_token_gives_a_cookie_for_https_alone(site: Site, client: Encrypted) -> None:
    session = site.browser()
    page = session.get(client.url(f"lab?token={TOKEN}"), timeout=60)
    assert page.status_code == 200
    assert page.url.startswith(client.url("lab"))
    assert "JupyterLab" in page.text
    known = [cookie for cookie in session.cookies if cookie.name.startswith("username-")]
    assert known
    assert all(cookie.secure for cookie in known)
    assert session.get(client.url("api/kernels"), timeout=60).status_code == 200


def test_a_cell_runs_over_an_encrypted_socket(client: Encrypted) -> None:
    assert client.execute(client.kernel(), "import qgraph; 6 * 7") == "42"


def test_a_large_notebook_can_be_saved(client: Encrypted) -> None:
    file = {"type": "file", "format": "text", "content": "x" * 3_000_000}
    assert client.json("PUT", "api/contents/large.txt", json=file)["size"] == 3_000_000


def test_http_leads_to_https(site: Site) -> None:
    answer = site.browser().get(
        f"http://{site.address(80)}/lab?reset",
        headers={"Host": "qgraph.example"},
        timeout=60,
        allow_redirects=False,
    )
    assert answer.status_code == 301
    assert answer.headers["Location"] == "https://qgraph.example/lab?reset"


def test_a_socket_of_another_site_is_refused(site: Site, client: Encrypted) -> None:
    path = f"api/kernels/{client.kernel()}/channels"
    session = site.browser()
    session.get(client.url(f"lab?token={TOKEN}"), timeout=60)
    visitor = Encrypted(site, None)
    cookie = "; ".join(f"{name}={value}" for name, value in session.cookies.items())
    with pytest.raises(websocket.WebSocketBadStatusException) as refused:
        visitor.socket(path, cookie=cookie, origin="https://elsewhere.example")
    assert refused.value.status_code == 403
    visitor.socket(path, cookie=cookie, origin=f"https://{site.address(443)}").close()


def test_nobody_chooses_the_address_in_the_log(site: Site) -> None:
    forged = dict.fromkeys(("X-Forwarded-For", "X-Real-IP"), "203.0.113.9")
    path = "api/kernels?who"
    assert Encrypted(site, None).ask("GET", path, headers=forged).status_code == 403  # which is logged
    gateway = docker(
        "network", "inspect", "--format={{(index .IPAM.Config 0).Gateway}}", site.name
    ).stdout.strip()
    assert f"403 GET /{path} (@{gateway})" in site.server.log
    assert "203.0.113.9" not in site.log


def test_the_token_is_in_no_log(site: Site, client: Encrypted) -> None:
    site.browser().get(client.url(f"lab?token={TOKEN}"), timeout=60)
    until = time.monotonic() + 10
    while '"GET /lab' not in site.log:
        assert time.monotonic() < until, site.log
        time.sleep(0.1)
    assert TOKEN not in site.log
    assert TOKEN not in site.server.log


def test_a_server_whose_token_is_in_a_file_becomes_healthy(site: Site) -> None:
    site.server.wait_until("healthy")


@pytest.mark.parametrize(
    "content",
    [None, b"", b" \n", b"\xff\xfe\x00", b"two\nlines\n"],
    ids=["missing", "empty", "blank", "no text", "two lines"],
)
def test_a_wrong_file_is_said_in_one_line(tmp_path: Path, content: bytes | None) -> None:
    options: tuple[str, ...] = (f"--env=JUPYTER_TOKEN_FILE={SECRET}",)
    if content is not None:
        (tmp_path / "token").write_bytes(content)
        options += (f"--volume={tmp_path}/token:{SECRET}:ro",)
    with Container(*options) as container:
        assert docker("wait", container.name, timeout=30).stdout == "1\n"
        *before, said = container.log.splitlines()
        assert re.fullmatch(rf"qgraph: `JUPYTER_TOKEN_FILE` must .*'{SECRET}'.*", said)
        assert all(line.startswith("qgraph: lessons: ") for line in before)
