"""The deliveries of the Cloud Tasks emulator: which are due or under way, and when the next ones are."""

import json
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from google.api_core.exceptions import GoogleAPIError
from google.cloud.tasks_v2 import CloudTasksAsyncClient, ListTasksRequest, Queue, Task

from tock.local.errors import StackSilent
from tock.queue.client import cloud_tasks_client

#: The most tasks of one page (Cloud Tasks, ListTasksRequest).
_PAGE = 1_000
#: How long the emulator may take for an answer, in seconds.
_TIMEOUT = 10.0


@dataclass(frozen=True, slots=True)
class Delivery:
    """A task that is not under way, and what it is for; None if it is for no run."""

    task: str
    project: str | None
    run: str | None
    #: Since when it is due, or when it is tried again.
    due_at: datetime
    #: How often somebody tried to deliver it.
    tries: int


class Deliveries:
    """Looks at the tasks of some queues. Each look raises StackSilent if the emulator does not answer."""

    def __init__(self, client: CloudTasksAsyncClient, host: str, queues: Sequence[str]) -> None:
        self._client = client
        self._host = host
        self._queues = queues

    @classmethod
    @asynccontextmanager
    async def of(cls, host: str, queues: Sequence[str]) -> AsyncIterator["Deliveries"]:
        """Look at the emulator at host:port while the context is entered."""
        client = cloud_tasks_client(emulator=host)
        try:
            yield cls(client, host, queues)
        finally:
            await client.transport.close()

    async def due(self, now: datetime) -> frozenset[str]:
        """Return the attempts to deliver tasks that are under way or due."""
        return frozenset(f"{task.name}#{task.dispatch_count}" for task in await self._tasks() if _is_due(task, now=now))

    async def after(self, now: datetime) -> Sequence[datetime]:
        """Return the times of the tasks that are due later."""
        return [at for task in await self._tasks() if (at := _due_at(task)) > now]

    async def described(self, attempts: Collection[str]) -> Sequence[str]:
        """Return what these attempts to deliver are for, each in a few words."""
        tasks = {f"{task.name}#{task.dispatch_count}": task for task in await self._tasks(whole=True)}
        return [_words(tasks[each]) for each in sorted(attempts) if each in tasks]

    async def stopped(self) -> Mapping[str, str]:
        """Return the state of each queue that delivers nothing, by its name."""
        try:
            queues = [await self._client.get_queue(name=queue, retry=None, timeout=_TIMEOUT) for queue in self._queues]
        except GoogleAPIError as exc:
            raise StackSilent(self._host, reason=str(exc)) from exc
        return {_last(queue.name): queue.state.name for queue in queues if queue.state is not Queue.State.RUNNING}

    async def waiting(self) -> Sequence[Delivery]:
        """Return the tasks that are not under way, whenever they are due."""
        tasks = [task for task in await self._tasks(whole=True) if not _is_under_way(task)]
        return [
            Delivery(
                task=_last(task.name),
                project=_body(task).get("project"),
                run=_body(task).get("run"),
                due_at=_due_at(task),
                tries=task.dispatch_count,
            )
            for task in tasks
        ]

    async def _tasks(self, *, whole: bool = False) -> list[Task]:
        view = Task.View.FULL if whole else Task.View.BASIC
        found = []
        for queue in self._queues:
            request = ListTasksRequest(parent=queue, page_size=_PAGE, response_view=view)
            try:
                # The library would try again for 20 s, but whoever waits can do that, too.
                pages = await self._client.list_tasks(request, retry=None, timeout=_TIMEOUT)
                found += [task async for task in pages]
            except GoogleAPIError as exc:
                raise StackSilent(self._host, reason=str(exc)) from exc
        return found


def _is_due(task: Task, *, now: datetime) -> bool:
    return _is_under_way(task) or _due_at(task) <= now


def _is_under_way(task: Task) -> bool:
    return "last_attempt" in task and "response_time" not in task.last_attempt


def _due_at(task: Task) -> datetime:
    # The library declares what it is on the wire.
    return cast("datetime", task.schedule_time)


def _words(task: Task) -> str:
    try:
        body = _body(task)
        return f"run {body['run']} of the project {body['project']}, attempt {body['attempt']}"
    except KeyError:
        return f"the task {_last(task.name)}"


def _body(task: Task) -> Mapping[str, Any]:
    """Return what the task delivers; nothing if that is no JSON object."""
    try:
        body = json.loads(task.http_request.body)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _last(name: str) -> str:
    return name.rpartition("/")[2]
