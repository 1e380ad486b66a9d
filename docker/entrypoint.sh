#!/bin/sh
# Prepare a home for any user, copy the lessons, and run the command.
set -eu

say() { echo "qgraph: $*" >&2; }
user="uid $(id -u), gid $(id -g)"

if [ ! -w "/tmp" ]; then
    say "/tmp is not writable by $user, and Jupyter needs it. Add --tmpfs /tmp"
fi
if [ ! -w "${HOME:-/}" ]; then # a read-only root, or a uid that is not in the image
    HOME=/tmp/home
    export HOME
    mkdir -p "$HOME" || true
fi
if [ ! -e "$MPLCONFIGDIR" ]; then
    cp -r /opt/qgraph/matplotlib "$MPLCONFIGDIR" 2>/dev/null || true
fi

if [ ! -w "$QGRAPH_WORK" ]; then
    if grep -q " $QGRAPH_WORK " /proc/self/mounts; then # a mounted folder: show it as it is
        say "$QGRAPH_WORK is not writable by $user, so nothing can be saved there." \
            "Start with --user $(stat -c %u:%g "$QGRAPH_WORK"), or make the folder writable for uid $(id -u)"
    else
        say "$QGRAPH_WORK is not writable by $user: working in /tmp/lessons, which is lost with this container." \
            "To keep your work, add -v qgraph-work:$QGRAPH_WORK"
        QGRAPH_WORK=/tmp/lessons
        export QGRAPH_WORK
        mkdir -p "$QGRAPH_WORK" || true
        # Only from the default folder: a folder given with --workdir stays.
        [ "$PWD" != /home/appuser/work ] || cd "$QGRAPH_WORK"
    fi
fi
if [ -w "$QGRAPH_WORK" ]; then
    python3 -I -S /opt/qgraph/bin/seed.py /opt/qgraph/share "$QGRAPH_WORK" || true # seed.py has printed the reason
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
