"""The file of a study: SQLite, a commit for each trial, and claims, so that no trial runs twice.

A run claims trials before it starts them. It holds a lock on a file of its own as long as it lives, which the
system lets go at its end, however it ends. Claims of a run that no longer lives are free.
"""

from __future__ import annotations

import json
import os
import socket
import sqlite3
import threading
import weakref
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

from qgraph.base.errors import InvalidFile, QGraphError, printable
from qgraph.study.columns import SQL, STORED

try:
    import fcntl
except ImportError:  # not on Windows
    fcntl = None  # type: ignore[assignment]

FILE = "study.sqlite"
APPLICATION = 0x71677068  # "qgph", in the header of the file
FORMAT = 1
WAIT = 60.0  # s, for the lock of another process on the file
RESULTS = tuple(column.name for column in STORED)
COLUMNS = ", ".join(f'"{column.name}" {SQL[column.kind]}' for column in STORED)
SCHEMA = f"""
CREATE TABLE asked (what TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE problems (id INTEGER PRIMARY KEY, name TEXT UNIQUE NOT NULL, digest TEXT NOT NULL,
  source TEXT NOT NULL, kind TEXT NOT NULL, n INTEGER NOT NULL, edges INTEGER NOT NULL, sense TEXT NOT NULL,
  halved INTEGER NOT NULL, routes REAL);
CREATE TABLE variants (id INTEGER PRIMARY KEY, "key" TEXT UNIQUE NOT NULL, label TEXT NOT NULL,
  algorithm TEXT NOT NULL, settings TEXT NOT NULL);
CREATE TABLE trials (id INTEGER PRIMARY KEY, name TEXT UNIQUE NOT NULL, problem INTEGER NOT NULL,
  variant INTEGER NOT NULL, seed INTEGER);
CREATE TABLE claims (trial TEXT PRIMARY KEY, owner TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE results (trial TEXT PRIMARY KEY, {COLUMNS}) WITHOUT ROWID;
CREATE TABLE answers (trial TEXT PRIMARY KEY, json BLOB NOT NULL);
"""
WAITING = """SELECT name, problem, variant, seed FROM trials
WHERE NOT EXISTS (SELECT 1 FROM results WHERE trial = name)
  AND NOT EXISTS (SELECT 1 FROM claims WHERE trial = name) ORDER BY id"""

TAKEN = """SELECT trial FROM results WHERE trial IN (SELECT value FROM json_each(?))
UNION SELECT trial FROM claims WHERE trial IN (SELECT value FROM json_each(?))"""


class Row(NamedTuple):
    """What a trial gave: its name, the columns in the order of `STORED`, and its answer as JSON."""

    trial: str
    values: tuple[Any, ...]
    answer: bytes | None


class Store:
    """A study's folder. Raises `InvalidFile` for files that are no study, or of a newer format."""

    def __init__(self, folder: Path, *, new: bool) -> None:
        self.folder = folder
        self._lock = threading.RLock()  # a person may look at a study while another thread runs it
        path = folder / FILE
        if not new and not path.is_file():
            raise InvalidFile(f"`folder` must hold a study, and {printable(str(path))} does not exist")
        with self._explained():
            if new:
                folder.mkdir(parents=True, exist_ok=True)
            address = f"{path.absolute().as_uri()}?{_mode(path)}"
            given: dict[str, Any] = {"uri": True, "timeout": WAIT, "isolation_level": None}
            self._file = sqlite3.connect(address, check_same_thread=False, **given)
            weakref.finalize(self, self._file.close)  # SQLite then merges its log into the file
            self._file.execute("PRAGMA synchronous = NORMAL")
            self._create_or_check(path)

    def _create_or_check(self, path: Path) -> None:
        if self._ask("PRAGMA application_id") == APPLICATION:
            found = self._ask("PRAGMA user_version")
            if found > FORMAT:
                raise InvalidFile(
                    f"{printable(str(path))} has format {found}, of a newer qgraph; this one reads {FORMAT}"
                )
            return
        with self.transaction():
            if self._ask("PRAGMA application_id") == APPLICATION:
                return  # another process was quicker
            if self._ask("SELECT count(*) FROM sqlite_master"):
                raise InvalidFile(f"{printable(str(path))} must be a study, but is another SQLite file")
            for statement in SCHEMA.split(";\n"):
                self._file.execute(statement)
            self._file.execute(f"PRAGMA application_id = {APPLICATION}")
            self._file.execute(f"PRAGMA user_version = {FORMAT}")
        # A reader never waits for the writer; a commit needs no wait for the disk.
        self._file.execute("PRAGMA journal_mode = WAL")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of the changes inside, or none of them."""
        with self._lock, self._explained():
            self._file.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._file.execute("COMMIT")
            except BaseException:
                if self._file.in_transaction:
                    self._file.execute("ROLLBACK")
                raise

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """SQLite's errors in words."""
        where = printable(str(self.folder))
        try:
            yield
        except sqlite3.Error as error:
            if getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR):
                raise QGraphError(
                    f"the disk of {where} is full or fails ({error}). All trials that were stored are kept. "
                    "Make room, and run() goes on from there"
                ) from error
            if getattr(error, "sqlite_errorcode", 0) & 0xFF in (
                sqlite3.SQLITE_NOTADB,
                sqlite3.SQLITE_CORRUPT,
            ):
                raise InvalidFile(f"{where}/{FILE} must be a study: {error}") from error
            raise QGraphError(f"the study in {where} cannot be used: {error}") from error
        except OSError as error:
            raise QGraphError(f"the study in {where} cannot be used: {error.strerror or error}") from error

    def _ask(self, statement: str, *values: object) -> Any:
        with self._lock, self._explained():
            row = self._file.execute(statement, values).fetchone()
        return None if row is None else row[0]

    def read(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """The rows that a statement finds."""
        with self._lock, self._explained():
            rows: list[tuple[Any, ...]] = self._file.execute(statement, values).fetchall()
            return rows

    def change(self, statement: str, rows: Iterable[Sequence[object]]) -> None:
        """Run a statement for many rows, inside a transaction."""
        self._file.executemany(statement, rows)

    def add(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        """Add rows to a table, inside a transaction. Rows whose key is there already make no difference."""
        names, marks = ", ".join(f'"{name}"' for name in columns), ", ".join("?" * len(columns))
        self.change(f"INSERT OR IGNORE INTO {table} ({names}) VALUES ({marks})", rows)  # noqa: S608

    def asked(self, what: str) -> Any:
        """A part of what was asked for, from JSON; None if there is none."""
        text = self._ask("SELECT value FROM asked WHERE what = ?", what)
        return None if text is None else json.loads(text)

    def ask_for(self, what: str, value: object) -> None:
        """Store a part of what is asked for."""
        self.change("INSERT OR REPLACE INTO asked VALUES (?, ?)", [(what, json.dumps(value))])

    def counts(self) -> tuple[int, int, int]:
        """The numbers of trials, of those that ended, and of those that ended with an error."""
        all_trials = self._ask("SELECT count(*) FROM trials")
        ended, failed = self.read("SELECT count(*), count(error) FROM results")[0]
        return all_trials, ended, failed

    def forget_failures(self) -> None:
        """Delete the rows of trials that failed, so that they run again."""
        with self.transaction():
            self.change("DELETE FROM results WHERE error IS NOT NULL", [()])

    def keep(self, row: Row) -> None:
        """Store what a trial gave, in a commit of its own."""
        with self.transaction():
            self.add("results", ("trial", *RESULTS), [(row.trial, *row.values)])
            if row.answer is not None:
                self.add("answers", ("trial", "json"), [(row.trial, row.answer)])
            self.change("DELETE FROM claims WHERE trial = ?", [(row.trial,)])

    def answers(self, trials: Iterable[str] | None) -> Iterator[tuple[str, str]]:
        """Trials with their answers as JSON; None stands for all trials, in the order of the plan."""
        if trials is None:
            trials = [row[0] for row in self.read("SELECT name FROM trials ORDER BY id")]
        for name in trials:
            packed = self._ask("SELECT json FROM answers WHERE trial = ?", name)
            if packed is not None:
                yield name, zlib.decompress(packed).decode()


def _mode(path: Path) -> str:
    """How to open a file: one that this user may not change, such as a published study, can still be read."""
    if not path.exists() or (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)):
        return "mode=rwc"
    return "mode=ro" if Path(f"{path}-wal").exists() else "immutable=1"


class Run:
    """One run of a study, which lives as long as its process does. It claims trials before it starts them."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.owner = f"{socket.gethostname()}-{os.getpid()}-{uuid4().hex[:8]}"
        self._path = self._file_of(self.owner)
        with store._explained():
            self._path.parent.mkdir(exist_ok=True)
            self._lock = self._path.open("w")
        if fcntl is not None:
            fcntl.flock(self._lock, fcntl.LOCK_EX)

    def end(self) -> None:
        """Give back all claims."""
        try:
            with self.store.transaction():
                self.store.change("DELETE FROM claims WHERE owner = ?", [(self.owner,)])
        finally:
            self._lock.close()
            self._path.unlink(missing_ok=True)

    def free_the_dead(self) -> None:
        """Free the claims of runs that no longer live."""
        owners = [row[0] for row in self.store.read("SELECT DISTINCT owner FROM claims")]
        dead = [owner for owner in owners if owner != self.owner and not self._lives(owner)]
        if dead:
            with self.store.transaction():
                self.store.change("DELETE FROM claims WHERE owner = ?", [(owner,) for owner in dead])
            for owner in dead:
                self._file_of(owner).unlink(missing_ok=True)

    def claim(self, trials: Sequence[str]) -> set[str]:
        """Those of the trials that nobody has run or claimed before; they are claimed now."""
        with self.store.transaction():
            gone = {row[0] for row in self.store.read(TAKEN, *2 * [json.dumps(trials)])}
            mine = [trial for trial in trials if trial not in gone]
            self.store.add("claims", ("trial", "owner"), [(trial, self.owner) for trial in mine])
        return set(mine)

    def unclaim(self, trials: Sequence[str]) -> None:
        """Give back claims on trials that did not run."""
        with self.store.transaction():
            self.store.change(
                "DELETE FROM claims WHERE trial = ? AND owner = ?", [(t, self.owner) for t in trials]
            )

    def waiting(self) -> list[tuple[str, int, int, int | None]]:
        """The trials that nobody has run or claimed: name, problem, variant, seed."""
        return self.store.read(WAITING)

    def claimed_by_others(self) -> int:
        """The number of trials that other runs have claimed."""
        return int(self.store.read("SELECT count(*) FROM claims WHERE owner <> ?", self.owner)[0][0])

    def _file_of(self, owner: str) -> Path:
        return self.store.folder / "runs" / owner

    def _lives(self, owner: str) -> bool:
        """Whether the run of an owner still holds its lock."""
        try:
            with self._file_of(owner).open("r") as file:
                if fcntl is None:
                    return False
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except FileNotFoundError:
            return False
        except BlockingIOError:
            return True
        return False
