"""The changes of the file, each of which replaces an earlier change of the same row."""

from dataclasses import dataclass
from datetime import datetime

from tock.local.cloud_tasks.queue import Queue
from tock.local.cloud_tasks.task import Task


@dataclass(frozen=True, slots=True)
class Change:
    """One statement, and the row that it is about."""

    row: tuple[str, str | int]
    sql: str
    values: tuple[str | int, ...]


def save_queue(queue: Queue) -> Change:
    """Insert or update a queue."""
    values = (queue.name, queue.model_dump_json())
    return Change(("queues", queue.name), "INSERT OR REPLACE INTO queues VALUES (?, ?)", values)


def delete_queue(name: str) -> Change:
    """Delete a queue, without its tasks."""
    return Change(("queues", name), "DELETE FROM queues WHERE name = ?", (name,))


def save_task(task: Task) -> Change:
    """Insert or update a task."""
    values = (task.serial, task.model_dump_json())
    return Change(("tasks", task.serial), "INSERT OR REPLACE INTO tasks VALUES (?, ?)", values)


def delete_task(task: Task) -> Change:
    """Delete a task."""
    return Change(("tasks", task.serial), "DELETE FROM tasks WHERE serial = ?", (task.serial,))


def save_tombstone(name: str, *, until: datetime) -> Change:
    """Block a task's name until this time."""
    values = (name, until.isoformat(timespec="microseconds"))
    return Change(("spent_names", name), "INSERT OR REPLACE INTO spent_names VALUES (?, ?)", values)


def delete_tombstone(name: str) -> Change:
    """Free a task's name."""
    return Change(("spent_names", name), "DELETE FROM spent_names WHERE name = ?", (name,))
