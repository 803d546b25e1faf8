"""Builds the headers of a delivery: those of the task, and those that Cloud Tasks adds.

Their names and meaning: https://cloud.google.com/tasks/docs/creating-http-target-tasks#handler
"""

import re

from tock.local.cloud_tasks.errors import InvalidFieldError
from tock.local.cloud_tasks.names import parent_of, short_id
from tock.local.cloud_tasks.task import Task

#: The API's limit for all headers together.
_MAX_BYTES = 80 * 1024
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[\x20-\x7e\t]*")
_RESERVED_PREFIXES = ("x-cloudtasks-", "x-google-", "x-appengine-")
#: Computed for each request; the task's values are ignored.
_COMPUTED = frozenset({"host", "content-length", "transfer-encoding", "connection", "user-agent"})


def checked_headers(headers: dict[str, str], *, field: str) -> dict[str, str]:
    """Return the headers if they are valid in HTTP; raises InvalidFieldError, which names `field`."""
    for name, value in headers.items():
        if not _TOKEN.fullmatch(name):
            raise InvalidFieldError(field, problem=f"{name!r} is not a valid header name.")
        if not _VALUE.fullmatch(value) or value != value.strip():
            raise InvalidFieldError(field, problem=f"the value of {name!r} is not a valid header value.")
    if sum(len(name) + len(value) for name, value in headers.items()) >= _MAX_BYTES:
        raise InvalidFieldError(field, problem="all headers together must be smaller than 80 KB.")
    return headers


def delivery_headers(task: Task, *, token: str | None) -> dict[str, str]:
    """Return the headers of the attempt that was just dispatched; `token`, if given, is its bearer token.

    Reserved headers of the task are dropped, and a header that Cloud Tasks sets overrides the task's.
    """
    headers = {name: value for name, value in task.target.headers.items() if not _is_reserved(name)}
    if task.target.body and "content-type" not in {name.lower() for name in headers}:
        headers["Content-Type"] = "application/octet-stream"
    if token:
        headers = {name: value for name, value in headers.items() if name.lower() != "authorization"}
        headers["Authorization"] = f"Bearer {token}"
    return headers | {"User-Agent": "Google-Cloud-Tasks"} | _attempt_headers(task)


def _attempt_headers(task: Task) -> dict[str, str]:
    headers = {
        "X-CloudTasks-QueueName": short_id(parent_of(task.name)),
        "X-CloudTasks-TaskName": short_id(task.name),
        "X-CloudTasks-TaskRetryCount": str(task.dispatch_count - 1),
        "X-CloudTasks-TaskExecutionCount": str(task.execution_count),
        "X-CloudTasks-TaskETA": f"{task.schedule_time.timestamp():.6f}",
    }
    if task.previous_response is not None:
        headers["X-CloudTasks-TaskPreviousResponse"] = str(task.previous_response)
    if task.retry_reason:
        headers["X-CloudTasks-TaskRetryReason"] = task.retry_reason
    return headers


def _is_reserved(name: str) -> bool:
    return name.lower() in _COMPUTED or name.lower().startswith(_RESERVED_PREFIXES)
