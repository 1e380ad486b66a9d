# A login shell, such as a terminal in JupyterLab, starts with Debian's PATH.
PATH=/opt/venv/bin:$PATH:$QGRAPH_PACKAGES/bin
export PATH
