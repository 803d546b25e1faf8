"""Opens the file of queues, tasks and tombstones, and finds out whether it is whole."""

import contextlib
import sqlite3
from pathlib import Path

_VERSION = 1
# The table of tombstones keeps its original name, spent_names, so that files of earlier versions can be read.
_SCHEMA = f"""
BEGIN;
CREATE TABLE queues (name TEXT PRIMARY KEY, record TEXT NOT NULL);
CREATE TABLE tasks (serial INTEGER PRIMARY KEY, record TEXT NOT NULL);
CREATE TABLE spent_names (name TEXT PRIMARY KEY, until TEXT NOT NULL);
PRAGMA user_version = {_VERSION};
COMMIT;
"""
#: SQLITE_ERROR is about the statement: a table or column is missing.
_DAMAGED = ("SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_ERROR")
#: What SQLite adds to the file's name for its write-ahead log, which belongs to the file.
_LOG = "-wal"


class UnreadableDataError(Exception):
    """The file cannot be used: another process has locked it, another version wrote it, or the disk refuses it."""

    def __init__(self, path: Path, *, problem: str) -> None:
        super().__init__(f"{path} cannot be used: {problem}")


class DamagedDataError(Exception):
    """The file is not what an emulator of this version wrote; it was left as it is."""

    def __init__(self, path: Path, *, problem: str) -> None:
        super().__init__(f"{path} is damaged: {problem}.")
        self.path = path


def open_database(path: Path) -> sqlite3.Connection:
    """Return a connection in autocommit mode, with an exclusive lock; create the file if it is missing.

    The file is in WAL mode: a write has reached the operating system when the call returns, so a killed process loses
    nothing. Only a power failure may lose the last writes.

    Raises DamagedDataError, UnreadableDataError.
    """
    is_new = not path.exists()
    database: sqlite3.Connection | None = None
    try:
        database = sqlite3.connect(path, isolation_level=None, timeout=0)
        database.execute("PRAGMA locking_mode = EXCLUSIVE")
        if is_new:
            database.executescript(_SCHEMA)
        else:
            _check(database, path=path)
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = NORMAL")
    except BaseException as exc:
        if database is not None:
            database.close()
        if isinstance(exc, sqlite3.Error):
            raise data_error(path, exc) from exc
        raise
    return database


def data_error(path: Path, error: sqlite3.Error) -> DamagedDataError | UnreadableDataError:
    """Return the error of this file that SQLite's error stands for."""
    if getattr(error, "sqlite_errorname", "").startswith(_DAMAGED):
        return DamagedDataError(path, problem=str(error))
    return UnreadableDataError(path, problem=str(error))


def set_aside(path: Path) -> Path:
    """Rename the file, so that it is kept and another can take its place; return its new path. Raises OSError."""
    number = 1
    while (aside := path.with_name(f"{path.name}.damaged-{number}")).exists():
        number += 1
    path.rename(aside)
    with contextlib.suppress(FileNotFoundError):
        path.with_name(path.name + _LOG).rename(aside.with_name(aside.name + _LOG))
    return aside


def _check(database: sqlite3.Connection, *, path: Path) -> None:
    if path.stat().st_size == 0:
        raise DamagedDataError(path, problem="it is empty")
    (version,) = database.execute("PRAGMA user_version").fetchone()
    if version == 0:
        raise DamagedDataError(path, problem="this emulator did not write it")
    if version != _VERSION:
        problem = f"it has version {version}, not {_VERSION}: another version of Tock wrote it."
        raise UnreadableDataError(path, problem=problem)
    (found,) = database.execute("PRAGMA quick_check(1)").fetchone()
    if found != "ok":
        raise DamagedDataError(path, problem=" ".join(found.split()))
