"""Tests in a real browser: scripts alone on a stage, and whole notebooks in JupyterLab."""
