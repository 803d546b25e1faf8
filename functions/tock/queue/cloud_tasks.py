"""The queue in Cloud Tasks: one CreateTask for each delivery, named by what it delivers."""

import json
from datetime import timedelta
from typing import Any

from google.api_core.exceptions import (
    AlreadyExists,
    GoogleAPIError,
    InternalServerError,
    ResourceExhausted,
    ServiceUnavailable,
)
from google.api_core.retry import AsyncRetry, if_exception_type
from google.cloud.tasks_v2 import CloudTasksAsyncClient, CreateTaskRequest, HttpMethod

from tock.core.identity import task_id
from tock.ports.queue import Task
from tock.queue.errors import queue_error

#: How long one CreateTask may take, repetitions included; a run whose task is not accepted is found by the sweep.
PATIENCE = timedelta(seconds=10)
#: How much longer than the attempt's timeout its delivery stays open, so that its outcome can still be written.
SETTLING = timedelta(seconds=60)
#: The limits of a dispatch deadline (Cloud Tasks, reference of Task).
SHORTEST_DEADLINE = timedelta(seconds=15)
LONGEST_DEADLINE = timedelta(minutes=30)

_REPEATED = if_exception_type(InternalServerError, ResourceExhausted, ServiceUnavailable)
_CreateTaskRequest = CreateTaskRequest.pb()


class CloudTasksQueue:
    """Delivers tasks as POST requests to `url`, each with an identity token of `service_account` for `audience`.

    Without a service account the requests carry no token, which the run function refuses.
    """

    def __init__(
        self,
        client: CloudTasksAsyncClient,
        *,
        project: str,
        location: str,
        queue: str,
        url: str,
        service_account: str,
        audience: str,
        patience: timedelta = PATIENCE,
    ) -> None:
        self._client = client
        self._queue = f"projects/{project}/locations/{location}/queues/{queue}"
        self._url = url
        self._service_account = service_account
        self._audience = audience
        self._seconds = patience.total_seconds()

    async def enqueue(self, task: Task) -> None:
        """Create the task in Cloud Tasks; one of the same name, there already or delivered lately, is as good.

        Raises QueueUnavailable when Cloud Tasks did not answer or did not take it, a missing queue or permission
        included: the run must not be lost for that, the sweep tries again.
        """
        retry = AsyncRetry(_REPEATED, initial=0.1, maximum=1.0, timeout=self._seconds)
        try:
            await self._client.create_task(
                request=CreateTaskRequest.wrap(self._request(task)), retry=retry, timeout=self._seconds
            )
        except AlreadyExists:
            return
        except GoogleAPIError as exc:
            raise queue_error(exc, queue=self._queue, service_account=self._service_account) from exc

    def _request(self, task: Task) -> Any:
        name = task_id(project=task.project, run=task.run, attempt=task.attempt, dispatch=task.dispatch)
        body = {"project": task.project, "run": task.run, "attempt": task.attempt, "dispatch": task.dispatch}
        message = _CreateTaskRequest(parent=self._queue)
        message.task.name = f"{self._queue}/tasks/{name}"
        message.task.schedule_time.FromDatetime(task.due_at)
        deadline = min(max(task.timeout + SETTLING, SHORTEST_DEADLINE), LONGEST_DEADLINE)
        message.task.dispatch_deadline.FromTimedelta(deadline)
        request = message.task.http_request
        request.url = self._url
        request.http_method = HttpMethod.POST
        request.headers["Content-Type"] = "application/json"
        request.body = json.dumps(body).encode()
        if self._service_account:
            request.oidc_token.service_account_email = self._service_account
            request.oidc_token.audience = self._audience
        return message
