# Login shells, such as JupyterLab's terminals, start from Debian's PATH.
PATH=/opt/venv/bin:$PATH
export PATH
