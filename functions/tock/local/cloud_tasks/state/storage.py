"""Stores queues, tasks and tombstones in a file, so that they survive a restart."""

import logging
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from tock.local.cloud_tasks.names import parent_of
from tock.local.cloud_tasks.queue import Queue
from tock.local.cloud_tasks.state.changes import Change
from tock.local.cloud_tasks.state.database import DamagedDataError, data_error, open_database
from tock.local.cloud_tasks.task import Task

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Contents:
    """Every stored queue, task (in the order of creation) and blocked name (in the order in which they are freed)."""

    queues: list[Queue] = field(default_factory=list)
    tasks: list[Task] = field(default_factory=list)
    tombstones: dict[str, datetime] = field(default_factory=dict)


class Storage:
    """An SQLite file, locked, because two emulators on one file would each deliver every task.

    Without a path, nothing is stored. While the disk is full or refuses writes, changes are held back in memory, and
    stored with the next write that succeeds.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._database = None if path is None else open_database(path)
        self._held_back: dict[tuple[str, str | int], Change] = {}
        self._is_failing = False

    def contents(self) -> Contents:
        """Return what is stored. Raises DamagedDataError if a record cannot be read."""
        if self._path is None or self._database is None:
            return Contents()
        try:
            return _contents(self._database)
        except sqlite3.Error as exc:
            raise data_error(self._path, exc) from exc
        except (ValueError, LookupError) as exc:
            problem = f"a record cannot be read ({str(exc).splitlines()[0]})"
            raise DamagedDataError(self._path, problem=problem) from exc

    def store(self, *changes: Change) -> None:
        """Store the changes in one transaction, together with those that were held back, or hold them back too."""
        if self._database is None:
            return
        self._held_back |= {change.row: change for change in changes}
        try:
            _commit(self._database, self._held_back.values())
        except sqlite3.Error as exc:
            if not self._is_failing:
                _log.error(
                    "%s cannot be written: %s. Deliveries go on, but what changes is lost if this ends before it can.",
                    self._path,
                    exc,
                )
            self._is_failing = True
            return
        self._held_back.clear()
        if self._is_failing:
            _log.warning("%s is written again.", self._path)
        self._is_failing = False

    def close(self) -> None:
        """Store what was held back, write the WAL into the file, and release it."""
        if self._database is None:
            return
        if self._held_back:
            self.store()
        if self._held_back:
            _log.error(
                "%s was not written: what changed since is lost, and deliveries since may be repeated.",
                self._path,
            )
        self._database.close()


def _contents(database: sqlite3.Connection) -> Contents:
    queues = database.execute("SELECT record FROM queues").fetchall()
    tasks = database.execute("SELECT record FROM tasks ORDER BY serial").fetchall()
    tombstones = database.execute("SELECT name, until FROM spent_names ORDER BY until").fetchall()
    found = Contents(
        queues=[Queue.model_validate_json(record) for (record,) in queues],
        tasks=[Task.model_validate_json(record) for (record,) in tasks],
        tombstones={name: datetime.fromisoformat(until) for name, until in tombstones},
    )
    names = {queue.name for queue in found.queues}
    for task in found.tasks:
        if parent_of(task.name) not in names:
            raise LookupError(f"the queue of task {task.name} is missing")
    return found


def _commit(database: sqlite3.Connection, changes: Iterable[Change]) -> None:
    database.execute("BEGIN")
    try:
        for change in changes:
            database.execute(change.sql, change.values)
        database.execute("COMMIT")
    except sqlite3.Error:
        # SQLite itself rolls back after some errors of the disk.
        if database.in_transaction:
            database.execute("ROLLBACK")
        raise
