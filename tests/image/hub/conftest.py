"""The configuration is for JupyterHub to read, not for pytest."""

collect_ignore = ["jupyterhub_config.py"]
