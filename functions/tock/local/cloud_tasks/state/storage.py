"""The file in which queues, tasks and spent names survive a restart."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from tock.local.cloud_tasks.queue import Queue
from tock.local.cloud_tasks.task import Task

_VERSION = 1
# The table of tombstones keeps its first name, so that files of earlier versions can be read.
_SCHEMA = f"""
BEGIN;
CREATE TABLE queues (name TEXT PRIMARY KEY, record TEXT NOT NULL);
CREATE TABLE tasks (serial INTEGER PRIMARY KEY, record TEXT NOT NULL);
CREATE TABLE spent_names (name TEXT PRIMARY KEY, until TEXT NOT NULL);
PRAGMA user_version = {_VERSION};
COMMIT;
"""


class UnreadableDataError(Exception):
    """The file is not one of this emulator's, or of another version."""

    def __init__(self, path: Path, *, problem: str) -> None:
        super().__init__(f"{path} cannot be used: {problem}")


class Storage:
    """An SQLite file in WAL mode, or nothing at all when no path is given.

    A write has reached the operating system when the call returns, so a killed process loses nothing; only a
    machine that loses power may lose its last moments. The file is locked: two emulators on one file would each
    deliver every task.
    """

    def __init__(self, path: Path | None) -> None:
        self._database = None if path is None else _opened(path)

    def queues(self) -> list[Queue]:
        """Every queue that was kept."""
        return [Queue.model_validate_json(row[0]) for row in self._rows("SELECT record FROM queues")]

    def tasks(self) -> list[Task]:
        """Every task that was kept, in the order of creation."""
        return [Task.model_validate_json(row[0]) for row in self._rows("SELECT record FROM tasks ORDER BY serial")]

    def tombstones(self) -> dict[str, datetime]:
        """Every name that was spent, and until when, the earliest first."""
        rows = self._rows("SELECT name, until FROM spent_names ORDER BY until")
        return {row[0]: datetime.fromisoformat(row[1]) for row in rows}

    def keep_queue(self, queue: Queue) -> None:
        """Write a queue, new or changed."""
        if self._database:
            row = (queue.name, queue.model_dump_json())
            self._database.execute("INSERT OR REPLACE INTO queues VALUES (?, ?)", row)

    def keep_task(self, task: Task) -> None:
        """Write a task, new or changed."""
        if self._database:
            row = (task.serial, task.model_dump_json())
            self._database.execute("INSERT OR REPLACE INTO tasks VALUES (?, ?)", row)

    def drop_queue(self, name: str) -> None:
        """Delete a queue, without its tasks."""
        if self._database:
            self._database.execute("DELETE FROM queues WHERE name = ?", (name,))

    def bury_task(self, task: Task, *, until: datetime) -> None:
        """Delete a task and keep its name as spent, both or neither."""
        with self.together():
            self.drop_task(task)
            if self._database:
                row = (task.name, _sortable(until))
                self._database.execute("INSERT OR REPLACE INTO spent_names VALUES (?, ?)", row)

    def drop_task(self, task: Task) -> None:
        """Delete a task."""
        if self._database:
            self._database.execute("DELETE FROM tasks WHERE serial = ?", (task.serial,))

    def drop_tombstone(self, name: str) -> None:
        """Forget a spent name."""
        if self._database:
            self._database.execute("DELETE FROM spent_names WHERE name = ?", (name,))

    @contextmanager
    def together(self) -> Iterator[None]:
        """Make the writes inside one transaction; inside another such block, part of that one."""
        if self._database is None or self._database.in_transaction:
            yield
            return
        self._database.execute("BEGIN")
        with self._database:
            yield

    def close(self) -> None:
        """Release the file and fold its log into it."""
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
