#!/bin/sh
# Make whichever user this is at home, lay out the lessons, and become the command.
set -eu

say() { echo "qgraph: $*" >&2; }
user="uid $(id -u), gid $(id -g)"

if [ ! -w "/tmp" ]; then
    say "/tmp is not writable by $user, and Jupyter needs it: add --tmpfs /tmp"
fi
if [ ! -w "${HOME:-/}" ]; then # a read-only root, or a uid that the image does not know
    HOME=/tmp/home
    export HOME
    mkdir -p "$HOME" || true
fi
if [ ! -e "$MPLCONFIGDIR" ]; then
    cp -r /opt/qgraph/matplotlib "$MPLCONFIGDIR" 2>/dev/null || true
fi

if [ ! -w "$QGRAPH_WORK" ]; then
    if grep -q " $QGRAPH_WORK " /proc/self/mounts; then # somebody's own folder: show it as it is
        say "$QGRAPH_WORK is not writable by $user, so nothing can be saved there:" \
            "start with --user $(stat -c %u:%g "$QGRAPH_WORK"), or make the folder writable for uid $(id -u)"
    else
        say "$QGRAPH_WORK is not writable by $user: working in /tmp/lessons, which is lost with this container;" \
            "to keep your work add -v qgraph-work:$QGRAPH_WORK"
        QGRAPH_WORK=/tmp/lessons
        export QGRAPH_WORK
        mkdir -p "$QGRAPH_WORK" || true
        # Only from where the image starts: a folder given with --workdir is meant.
        [ "$PWD" != /home/appuser/work ] || cd "$QGRAPH_WORK"
    fi
fi
if [ -w "$QGRAPH_WORK" ]; then
    python3 -I -S /opt/qgraph/bin/seed.py /opt/qgraph/share "$QGRAPH_WORK" || true # it has said why
fi

case "${1-} ${2-}" in
"jupyter lab" | "jupyter notebook")
    shift 2
    if [ -n "${JUPYTERHUB_API_TOKEN:-}" ]; then
        set -- jupyterhub-singleuser "$@"
    else
        set -- jupyter lab "$@"
    fi
    ;;
esac
exec "$@"
