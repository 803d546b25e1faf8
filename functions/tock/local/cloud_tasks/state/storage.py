"""Stores queues, tasks and tombstones in a file, so that they survive a restart."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from tock.local.cloud_tasks.queue import Queue
from tock.local.cloud_tasks.task import Task

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


class UnreadableDataError(Exception):
    """The file was not written by this emulator, or by another version of it, or another process has locked it."""

    def __init__(self, path: Path, *, problem: str) -> None:
        super().__init__(f"{path} cannot be used: {problem}")


class Storage:
    """An SQLite file in WAL mode; without a path, nothing is stored.

    A write has reached the operating system when the call returns, so a killed process loses nothing; only a power
    failure may lose the last writes. The file is locked, because two emulators on one file would each deliver every
    task.
    """

    def __init__(self, path: Path | None) -> None:
        self._database = None if path is None else _opened(path)

    def queues(self) -> list[Queue]:
        """Return every stored queue."""
        return [Queue.model_validate_json(row[0]) for row in self._rows("SELECT record FROM queues")]

    def tasks(self) -> list[Task]:
        """Return every stored task, in the order of their creation."""
        return [Task.model_validate_json(row[0]) for row in self._rows("SELECT record FROM tasks ORDER BY serial")]

    def tombstones(self) -> dict[str, datetime]:
        """Return every blocked name with the time at which its block ends, earliest first."""
        rows = self._rows("SELECT name, until FROM spent_names ORDER BY until")
        return {row[0]: datetime.fromisoformat(row[1]) for row in rows}

    def save_queue(self, queue: Queue) -> None:
        """Insert or update a queue."""
        if self._database:
            row = (queue.name, queue.model_dump_json())
            self._database.execute("INSERT OR REPLACE INTO queues VALUES (?, ?)", row)

    def save_task(self, task: Task) -> None:
        """Insert or update a task."""
        if self._database:
            row = (task.serial, task.model_dump_json())
            self._database.execute("INSERT OR REPLACE INTO tasks VALUES (?, ?)", row)

    def delete_queue(self, name: str) -> None:
        """Delete a queue, without its tasks."""
        if self._database:
            self._database.execute("DELETE FROM queues WHERE name = ?", (name,))

    def tombstone_task(self, task: Task, *, until: datetime) -> None:
        """Delete a task and block its name until this time, in one transaction."""
        with self.transaction():
            self.delete_task(task)
            if self._database:
                row = (task.name, _sortable(until))
                self._database.execute("INSERT OR REPLACE INTO spent_names VALUES (?, ?)", row)

    def delete_task(self, task: Task) -> None:
        """Delete a task."""
        if self._database:
            self._database.execute("DELETE FROM tasks WHERE serial = ?", (task.serial,))

    def delete_tombstone(self, name: str) -> None:
        """Delete a tombstone."""
        if self._database:
            self._database.execute("DELETE FROM spent_names WHERE name = ?", (name,))

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Make the writes of the block one transaction; a nested block belongs to the outer transaction."""
        if self._database is None or self._database.in_transaction:
            yield
            return
        self._database.execute("BEGIN")
        with self._database:
            yield

    def close(self) -> None:
        """Write the WAL into the file, and release it."""
        if self._database:
            self._database.close()

    def _rows(self, query: str) -> list[tuple[str, ...]]:
        return self._database.execute(query).fetchall() if self._database else []


def _opened(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(path, isolation_level=None, timeout=0)
    try:
        _prepare(database, path=path)
    except sqlite3.DatabaseError as exc:
        database.close()
        raise UnreadableDataError(path, problem=str(exc)) from exc
    except UnreadableDataError:
        database.close()
        raise
    return database


def _prepare(database: sqlite3.Connection, *, path: Path) -> None:
    database.execute("PRAGMA locking_mode = EXCLUSIVE")
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = NORMAL")
    (version,) = database.execute("PRAGMA user_version").fetchone()
    if version == 0:
        database.executescript(_SCHEMA)
    elif version != _VERSION:
        raise UnreadableDataError(path, problem=f"it has version {version}, not {_VERSION}.")


def _sortable(instant: datetime) -> str:
    return instant.isoformat(timespec="microseconds")
