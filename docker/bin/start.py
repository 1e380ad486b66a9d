"""The entry point: prepare the folders for any user, lay out the lessons, and run the command."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from pathlib import Path
from typing import NoReturn

import cluster
import lessons
import packages

HOME, WORK = Path("/home/appuser"), Path("/home/appuser/work")
STATE = WORK / ".qgraph"  # as in the Dockerfile, for commands that come without this program
# Where a mounted home has the same from before: an older image, or other programs.
EARLIER = {".jupyter": "jupyter/config", ".local/share/jupyter": "jupyter/data", ".ipython": "ipython"}
SERVERS = (["jupyter", "lab"], ["jupyter", "notebook"])
USER = f"uid {os.getuid()}, gid {os.getgid()}"


def say(text: str) -> None:
    """One line for the log."""
    print(f"qgraph: {text}", file=sys.stderr, flush=True)


def writable(folder: Path) -> bool:
    """Whether this user can make files in `folder`. It is made if it does not exist."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(folder, os.W_OK | os.X_OK)


def prepare_home() -> None:
    """A home that can be written, and matplotlib's list of fonts, which takes seconds to make."""
    home = Path(os.environ.get("HOME") or "/")
    if not writable(home):  # a read-only root, or a uid that is not in the image
        os.environ["HOME"] = "/tmp/home"
        writable(Path("/tmp/home"))
    fonts = Path(os.environ["MPLCONFIGDIR"])
    if not fonts.exists():
        shutil.copytree("/opt/qgraph/matplotlib", fonts)


def work_folder() -> Path:
    """Where the files of this session are. If that folder is not writable, say so once."""
    work = Path(os.environ["QGRAPH_WORK"])
    if writable(work):
        return work
    if os.path.ismount(work):  # show it as it is
        owner = work.stat()
        say(
            f"{work} is not writable by {USER}, so nothing can be saved there. Start with "
            f"--user {owner.st_uid}:{owner.st_gid}, or make the folder writable for uid {os.getuid()}"
        )
        return work
    say(
        f"{work} is not writable by {USER}: working in /tmp/lessons, which is lost with this container. "
        f"To keep your work, add -v qgraph-work:{work}"
    )
    lost = Path("/tmp/lessons")
    writable(lost)
    return lost


def state_folder(work: Path) -> Path:
    """The hidden folder for settings, trust, history and packages. All variables name it from now on."""
    state = work / ".qgraph"
    if not writable(state):
        if os.access(work, os.W_OK):
            say(f"{state} is not writable by {USER}: settings and packages are lost with this container")
        state = Path("/tmp/qgraph-state")
    if state != STATE:
        for name, value in os.environ.items():
            os.environ[name] = value.replace(str(STATE), str(state))
    if not os.environ.get("QGRAPH_PACKAGES"):  # switched off, and so are their extensions
        os.environ |= {"JUPYTER_PATH": "", "JUPYTER_CONFIG_PATH": ""}
    return state


def keep_state(state: Path) -> None:
    """The folders that programs expect, and what an older image or another one left in a mounted home."""
    state.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(OSError):  # a file system without modes
        state.chmod(0o700)  # history, and perhaps passwords for git
    for folder in ("git", *(f"packages/{packages.VERSION}/{part}" for part in packages.PARTS)):
        (state / folder).mkdir(parents=True, exist_ok=True)
    ignored = state / ".gitignore"  # the work folder may be somebody's repository
    if not ignored.exists():
        ignored.write_text("*\n")
    for old, new in EARLIER.items():
        if (HOME / old).is_dir() and not (state / new).exists():
            shutil.copytree(HOME / old, state / new, symlinks=True)
    if (HOME / ".gitconfig").is_file() and not (state / "git/config").exists():
        shutil.copy(HOME / ".gitconfig", state / "git/config")


def enter(work: Path) -> None:
    """Begin in the work folder. A folder that was chosen with --workdir stays."""
    if Path.cwd() in (HOME, WORK):
        os.chdir(work)


def lay_lessons(work: Path) -> None:
    """New and newer lessons, if this user can write the folder."""
    if os.access(work, os.W_OK):
        done = lessons.update(Path("/opt/qgraph/share"), work, lessons.shipped_ever())
        if done:
            say(f"lessons: {done}")


def command(arguments: list[str]) -> list[str]:
    """What to run: a hub's server if a hub has started this container."""
    if arguments[:2] not in SERVERS:
        return arguments
    served = ["jupyterhub-singleuser"] if os.environ.get("JUPYTERHUB_API_TOKEN") else ["jupyter", "lab"]
    return served + arguments[2:]


def part_of_a_cluster(arguments: list[str]) -> list[str]:
    """What to run for a scheduler or a worker of Dask. It has no lessons and no settings."""
    if not os.access("/tmp", os.W_OK):
        say(f"/tmp is not writable by {USER}, and Dask needs it. Add --tmpfs /tmp")
        sys.exit(1)
    prepare_home()
    if Path.cwd() == HOME:
        os.chdir("/tmp")
    return cluster.command(arguments)


def main(arguments: list[str]) -> None:
    """Prepare everything, and become the command."""
    if arguments[:1] and arguments[0] in cluster.PROGRAMS:
        become(part_of_a_cluster(arguments))
    if not os.access("/tmp", os.W_OK):
        say(f"/tmp is not writable by {USER}, and Jupyter needs it. Add --tmpfs /tmp")
        if arguments[:2] in SERVERS or arguments[:1] == ["jupyterhub-singleuser"]:
            sys.exit(1)
    work = work_folder()
    os.environ["QGRAPH_WORK"] = str(work)
    state = state_folder(work)
    steps = (prepare_home, lambda: enter(work), lambda: keep_state(state), lambda: lay_lessons(work))
    for step in steps:
        try:
            step()
        except OSError as error:  # a full disk, for example: a server can help to make room
            reason = f"{error.strerror}: {error.filename or work}" if error.strerror else str(error)
            say(f"not everything could be prepared: {reason}")
    for line in packages.left_behind():
        say(line)
    cluster.forget()
    become(command(arguments))


def become(run: list[str]) -> NoReturn:
    """Run the command in place of this program."""
    try:
        os.execvp(run[0], run)
    except OSError as error:
        say(f"{run[0]} cannot be run: {error.strerror}")
        sys.exit(127 if isinstance(error, FileNotFoundError) else 126)


if __name__ == "__main__":
    main(sys.argv[1:])
