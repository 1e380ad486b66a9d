"""A JupyterHub on one machine that gives every user a container of the image: an example for operators.

The hub runs beside Docker, not in a container. `test_hub.py` starts it with this file.
"""

from __future__ import annotations

import os
import sys

import docker

c = get_config()  # noqa: F821  (JupyterHub defines it)

# Who may log in. Here all names have the same password, which is for tests. A real hub has another
# authenticator, for example OAuthenticator.
c.JupyterHub.authenticator_class = "shared-password"
c.SharedPasswordAuthenticator.user_password = os.environ["HUB_PASSWORD"]
c.Authenticator.allow_all = True

# The proxy is the only part that people reach. Put TLS before it. Containers reach the hub by the address
# that this machine has on Docker's bridge, and the proxy reaches the containers there: no port is published.
bridge = docker.from_env().networks.get("bridge").attrs["IPAM"]["Config"][0]["Gateway"]
c.JupyterHub.bind_url = f"http://127.0.0.1:{os.environ['HUB_PORT']}"
c.JupyterHub.hub_ip = c.JupyterHub.hub_connect_ip = bridge
c.JupyterHub.hub_port = int(os.environ["HUB_INNER_PORT"])
c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{os.environ['HUB_PROXY_PORT']}"
c.JupyterHub.cleanup_servers = False  # a hub that starts again finds the servers of its users

# Every user has a container, which goes when the server stops, and a volume, which stays.
c.JupyterHub.spawner_class = "docker"
c.DockerSpawner.image = os.environ["QGRAPH_IMAGE"]
c.DockerSpawner.pull_policy = "never"
c.DockerSpawner.prefix = os.environ["HUB_PREFIX"]
c.DockerSpawner.volumes = {"{prefix}-{username}": "/home/appuser/work"}
c.DockerSpawner.use_internal_ip = True
c.DockerSpawner.remove = True
c.DockerSpawner.mem_limit = "2G"
c.DockerSpawner.extra_host_config = {
    "memswap_limit": "2G",  # without swap, a kernel that needs too much memory ends at once
    "read_only": True,
    "tmpfs": {"/tmp": ""},
    "cap_drop": ["ALL"],
    "security_opt": ["no-new-privileges"],
    "pids_limit": 1024,
}

# A server that nobody uses is stopped. Its volume stays.
idle = int(os.environ["HUB_IDLE_SECONDS"])
culler = [sys.executable, "-m", "jupyterhub_idle_culler", f"--timeout={idle}"]
c.JupyterHub.services = [{"name": "culler", "command": culler}]
c.JupyterHub.load_roles = [
    {
        "name": "culler",
        "services": ["culler"],
        "scopes": ["list:users", "read:users:activity", "read:servers", "delete:servers"],
    }
]
