"""Converts tasks from and to the API's messages."""

import secrets
from datetime import UTC, datetime, timedelta

import httpx
from google.cloud import tasks_v2
from google.rpc import status_pb2

from tock.local.cloud_tasks.errors import InvalidFieldError, NotEmulatedError
from tock.local.cloud_tasks.headers import checked_headers
from tock.local.cloud_tasks.names import parent_of, task_name
from tock.local.cloud_tasks.service.queue_messages import read_retry
from tock.local.cloud_tasks.task import LONGEST_SCHEDULE, Attempt, Oidc, Target, Task

#: Limits of the API: https://cloud.google.com/tasks/docs/quotas and the reference of HttpRequest and Task.
_MAX_BYTES = 1024 * 1024
_LONGEST_URL = 2083
_DEADLINES = (timedelta(seconds=15), timedelta(minutes=30))
_DEFAULT_DEADLINE = timedelta(minutes=10)
_METHODS = tasks_v2.HttpMethod
_METHODS_WITH_BODY = (_METHODS.POST, _METHODS.PUT, _METHODS.PATCH)


def read_name(message: tasks_v2.Task, *, queue: str) -> str:
    """Return the name that the message asks for, or a new random one; raises InvalidFieldError."""
    if not message.name:
        return f"{queue}/tasks/{secrets.randbits(63)}"
    if parent_of(task_name(message.name, field="task.name")) != queue:
        raise InvalidFieldError("task.name", problem=f"{message.name} is not in queue {queue}.")
    return message.name


def read_task(message: tasks_v2.Task, *, name: str, serial: int, now: datetime) -> Task:
    """Return the task that CreateTask asks for; raises InvalidFieldError or NotEmulatedError."""
    if "app_engine_http_request" in message:
        raise InvalidFieldError(
            "task.app_engine_http_request", problem="this emulator has HTTP targets only; use http_request."
        )
    if "http_request" not in message:
        raise InvalidFieldError("task.http_request", problem="is required.")
    if tasks_v2.Task.pb(message).ByteSize() > _MAX_BYTES:
        raise InvalidFieldError("task", problem=f"is larger than {_MAX_BYTES} bytes.")
    return Task(
        serial=serial,
        name=name,
        target=_read_target(message.http_request),
        schedule_time=_read_schedule(message, now=now),
        create_time=now,
        dispatch_deadline=_read_deadline(message),
        retry=read_retry(message.retry_config, field="task.retry_config") if "retry_config" in message else None,
    )


def task_message(task: Task, *, view: tasks_v2.Task.View) -> tasks_v2.Task:
    """Return the task as the API's message; only the view FULL contains the body."""
    full = view == tasks_v2.Task.View.FULL
    first = tasks_v2.Attempt(dispatch_time=task.first_dispatch) if task.first_dispatch else None
    return tasks_v2.Task(
        name=task.name,
        http_request=_request_message(task.target, full=full),
        schedule_time=task.schedule_time,
        create_time=task.create_time.replace(microsecond=0),
        dispatch_deadline=task.dispatch_deadline,
        dispatch_count=task.dispatch_count,
        response_count=task.response_count,
        first_attempt=first,
        last_attempt=_attempt_message(task.last_attempt) if task.last_attempt else None,
        view=view or tasks_v2.Task.View.BASIC,
        retry_config=tasks_v2.RetryConfig(**task.retry.model_dump()) if task.retry else None,
    )


def _read_schedule(message: tasks_v2.Task, *, now: datetime) -> datetime:
    if "schedule_time" not in message:
        return now
    stamp = tasks_v2.Task.pb(message).schedule_time
    try:
        asked: datetime = stamp.ToDatetime(tzinfo=UTC)
    except (ValueError, OverflowError) as exc:
        raise InvalidFieldError("task.schedule_time", problem="is not a valid timestamp.") from exc
    if asked > now + LONGEST_SCHEDULE:
        raise InvalidFieldError("task.schedule_time", problem="is more than 30 days in the future.")
    return max(asked, now)


def _read_deadline(message: tasks_v2.Task) -> timedelta:
    if "dispatch_deadline" not in message:
        return _DEFAULT_DEADLINE
    shortest, longest = _DEADLINES
    span = tasks_v2.Task.pb(message).dispatch_deadline
    if not shortest.total_seconds() <= span.seconds <= longest.total_seconds():
        raise InvalidFieldError("task.dispatch_deadline", problem="must be 15 seconds to 30 minutes.")
    deadline = timedelta(seconds=span.seconds, milliseconds=span.nanos // 1_000_000)
    if deadline > longest:
        raise InvalidFieldError("task.dispatch_deadline", problem="must be 15 seconds to 30 minutes.")
    return deadline


def _read_target(request: tasks_v2.HttpRequest) -> Target:
    if "oauth_token" in request:
        raise NotEmulatedError("task.http_request.oauth_token")
    method = request.http_method or _METHODS.POST
    if method not in list(_METHODS):
        raise InvalidFieldError("task.http_request.http_method", problem="is unknown.")
    if request.body and method not in _METHODS_WITH_BODY:
        problem = f"is not allowed with {_METHODS(method).name}, only with POST, PUT and PATCH."
        raise InvalidFieldError("task.http_request.body", problem=problem)
    url = _read_url(request.url)
    return Target(
        url=url,
        method=_METHODS(method).name,
        headers=checked_headers(dict(request.headers), field="task.http_request.headers"),
        body=request.body,
        oidc=_read_oidc(request, url=url),
    )


def _read_url(text: str) -> str:
    if not text.startswith(("http://", "https://")):
        raise InvalidFieldError("task.http_request.url", problem="must begin with http:// or https://.")
    try:
        url = httpx.URL(text)
    except httpx.InvalidURL as exc:
        raise InvalidFieldError("task.http_request.url", problem=f"is not a URL: {exc}.") from exc
    if not url.host:
        raise InvalidFieldError("task.http_request.url", problem="has no host.")
    if len(str(url)) > _LONGEST_URL:
        raise InvalidFieldError("task.http_request.url", problem=f"is longer than {_LONGEST_URL} characters.")
    return text


def _read_oidc(request: tasks_v2.HttpRequest, *, url: str) -> Oidc | None:
    if "oidc_token" not in request:
        return None
    token = request.oidc_token
    if not token.service_account_email:
        field = "task.http_request.oidc_token.service_account_email"
        raise InvalidFieldError(field, problem="is required.")
    return Oidc(email=token.service_account_email, audience=token.audience or url)


def _request_message(target: Target, *, full: bool) -> tasks_v2.HttpRequest:
    return tasks_v2.HttpRequest(
        url=target.url,
        http_method=target.method,
        headers=target.headers,
        body=target.body if full else b"",
        oidc_token=_oidc_message(target.oidc) if target.oidc else None,
    )


def _oidc_message(oidc: Oidc) -> tasks_v2.OidcToken:
    return tasks_v2.OidcToken(service_account_email=oidc.email, audience=oidc.audience)


def _attempt_message(attempt: Attempt) -> tasks_v2.Attempt:
    ended = attempt.response_time is not None
    return tasks_v2.Attempt(
        schedule_time=attempt.schedule_time,
        dispatch_time=attempt.dispatch_time,
        response_time=attempt.response_time,
        response_status=status_pb2.Status(code=attempt.code, message=attempt.message) if ended else None,
    )
