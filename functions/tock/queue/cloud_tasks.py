"""The Cloud Tasks adapter of the queue port: one CreateTask per delivery and per continuation, named after it."""

import asyncio
import json
from collections import deque
from collections.abc import Mapping, Sequence
from datetime import timedelta
from itertools import islice
from typing import Any

import grpc
from google.api_core.exceptions import (
    AlreadyExists,
    GoogleAPIError,
    InternalServerError,
    ResourceExhausted,
    ServiceUnavailable,
)
from google.api_core.gapic_v1.routing_header import to_grpc_metadata
from google.api_core.retry import if_exception_type
from google.cloud.tasks_v2 import CloudTasksAsyncClient, CreateTaskRequest, HttpMethod

from tock.core.errors import QueueUnavailable
from tock.core.ids.derived import shard_of, task_id
from tock.google_rpc import call_unary
from tock.ports.queue import Task, TickContinuation
from tock.queue.errors import queue_error

#: How long one CreateTask may take with its retries; the sweep finds a run whose task was not accepted.
TIMEOUT = timedelta(seconds=10)
#: How many CreateTask calls of one batch are in flight at once. A tick enqueues eight batches beside each other.
CALLS_AT_ONCE = 8
#: How much longer than the attempt's timeout Cloud Tasks waits for a response, so that the attempt can be settled.
SETTLING = timedelta(seconds=60)
#: The limits of a dispatch deadline (Cloud Tasks, reference of Task).
SHORTEST_DEADLINE = timedelta(seconds=15)
LONGEST_DEADLINE = timedelta(minutes=30)
#: How long a continuation may take: as long as every request of the tick function (its timeout).
TICK_DEADLINE = timedelta(seconds=60)

_RETRIED_ERRORS = if_exception_type(InternalServerError, ResourceExhausted, ServiceUnavailable)
_CreateTaskRequest = CreateTaskRequest.pb()


class CloudTasksQueue:
    """Delivers tasks as POST requests to `url`, each with an identity token of `service_account` for `audience`.

    One queue carries 500 deliveries a second (Cloud Tasks, quotas), so several may share the runs; a run's id decides
    which queue it uses. When the number of queues changes, a task that is created again may also exist in its earlier
    queue: of two deliveries of one attempt, the second has nothing to do.

    Continuations have a queue of their own, so that many runs never delay them: they go from `tick_queue` to
    `tick_url`, for `tick_audience`. Without a service account requests carry no token, and deployed functions refuse
    them.
    """

    def __init__(
        self,
        client: CloudTasksAsyncClient,
        *,
        project: str,
        location: str,
        queues: Sequence[str],
        url: str,
        service_account: str,
        audience: str,
        tick_queue: str = "ticks",
        tick_url: str = "",
        tick_audience: str = "",
        timeout: timedelta = TIMEOUT,
    ) -> None:
        self._transport: Any = client.transport
        parent = f"projects/{project}/locations/{location}/queues"
        self._queues = tuple(f"{parent}/{queue}" for queue in queues)
        self._tick_queue = f"{parent}/{tick_queue}"
        self._tick_url = tick_url
        self._tick_audience = tick_audience
        self._url = url
        self._service_account = service_account
        self._audience = audience
        self._timeout = timeout.total_seconds()
        self._metadata = {name: to_grpc_metadata({"parent": name}) for name in (*self._queues, self._tick_queue)}

    async def enqueue(self, tasks: Sequence[Task]) -> dict[Task, QueueUnavailable]:
        """Create each task in Cloud Tasks, unless a task of its name exists or was delivered lately.

        Returns the tasks that Cloud Tasks refused or did not answer for, also for a missing queue or permission: their
        runs must not be lost for that, because the sweep sends their tasks again.

        Price: the calls are sent first and awaited in turn, since an asyncio task and a limiter's slot for each cost
        more. Only a call that failed gets an asyncio task, so that its pauses hold no other task up.
        """
        refused: dict[Task, QueueUnavailable] = {}

        async def send_again(task: Task, sent: Any) -> None:
            try:
                await self._create(*self._request(task), sent=sent)
            except QueueUnavailable as exc:
                refused[task] = exc

        calls: deque[tuple[Task, Any]] = deque()
        left = iter(tasks)
        async with asyncio.TaskGroup() as repeated:
            calls.extend((task, self._send(task)) for task in islice(left, CALLS_AT_ONCE))
            while calls:
                task, sent = calls.popleft()
                try:
                    await sent
                except grpc.aio.AioRpcError:
                    repeated.create_task(send_again(task, sent))
                calls.extend((task, self._send(task)) for task in islice(left, 1))
        return refused

    async def continue_tick(self, tick: TickContinuation) -> None:
        """Enqueue the continuation, unless one of this name exists or was delivered lately.

        Raises QueueUnavailable like `enqueue`.
        """
        await self._create(self._tick_message(tick), self._tick_queue)

    def _send(self, task: Task) -> Any:
        """Send the call that creates the task, and return it without waiting for its answer."""
        message, queue = self._request(task)
        return self._transport.create_task(
            CreateTaskRequest.wrap(message), metadata=(self._metadata[queue],), timeout=self._timeout
        )

    async def _create(self, message: Any, queue: str, *, sent: Any = None) -> None:
        """Create the task of this message; `sent` is the first try, if it was sent already."""
        try:
            # Price: the client's method takes a third longer than the transport's beneath it.
            await call_unary(
                self._transport.create_task,
                CreateTaskRequest.wrap(message),
                metadata=(self._metadata[queue],),
                retried=_RETRIED_ERRORS,
                seconds=self._timeout,
                seconds_per_try=self._timeout,
                sent=sent,
            )
        except AlreadyExists:
            return
        except GoogleAPIError as exc:
            raise queue_error(exc, queue=queue, service_account=self._service_account) from exc

    def _request(self, task: Task) -> tuple[Any, str]:
        queue = self._queues[shard_of(task.run, shards=len(self._queues))]
        return self._task_message(task, queue=queue), queue

    def _task_message(self, task: Task, *, queue: str) -> Any:
        name = task_id(project=task.project, run=task.run, attempt=task.attempt, dispatch=task.dispatch)
        body = {"project": task.project, "run": task.run, "attempt": task.attempt, "dispatch": task.dispatch}
        message = self._message(queue, name=name, url=self._url, audience=self._audience, body=body)
        message.task.schedule_time.FromDatetime(task.due_at)
        deadline = min(max(task.timeout + SETTLING, SHORTEST_DEADLINE), LONGEST_DEADLINE)
        message.task.dispatch_deadline.FromTimedelta(deadline)
        return message

    def _tick_message(self, tick: TickContinuation) -> Any:
        body = {"tick": tick.name, "shards": tick.shards}
        message = self._message(
            self._tick_queue, name=tick.name, url=self._tick_url, audience=self._tick_audience, body=body
        )
        message.task.dispatch_deadline.FromTimedelta(TICK_DEADLINE)
        return message

    def _message(self, queue: str, *, name: str, url: str, audience: str, body: Mapping[str, Any]) -> Any:
        message = _CreateTaskRequest(parent=queue)
        message.task.name = f"{queue}/tasks/{name}"
        request = message.task.http_request
        request.url = url
        request.http_method = HttpMethod.POST
        request.headers["Content-Type"] = "application/json"
        request.body = json.dumps(body).encode()
        if self._service_account:
            request.oidc_token.service_account_email = self._service_account
            request.oidc_token.audience = audience
        return message
