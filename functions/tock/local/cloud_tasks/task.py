"""A task as the emulator stores it, and how each attempt changes it."""

from datetime import datetime, timedelta

from pydantic import BaseModel, ConfigDict

from tock.local.cloud_tasks.outcome import Answered, Outcome
from tock.local.cloud_tasks.retry_policy import RetryPolicy

#: Limits of the API: https://cloud.google.com/tasks/docs/quotas
RETENTION = timedelta(days=31)
LONGEST_SCHEDULE = timedelta(days=30)


class Oidc(BaseModel):
    """The service account and the audience of an attempt's bearer token."""

    model_config = ConfigDict(frozen=True)

    email: str
    audience: str


class Target(BaseModel):
    """The HTTP request that an attempt sends."""

    model_config = ConfigDict(frozen=True, ser_json_bytes="base64", val_json_bytes="base64")

    url: str
    method: str
    headers: dict[str, str]
    body: bytes
    oidc: Oidc | None


class Attempt(BaseModel):
    """One attempt; `response_time`, `code` and `message` are set when it has ended."""

    model_config = ConfigDict(frozen=True)

    schedule_time: datetime
    dispatch_time: datetime
    response_time: datetime | None = None
    code: int = 0
    message: str = ""


class Task(BaseModel):
    """A task from its creation until it is executed, given up or deleted; then only a tombstone of its name stays."""

    model_config = ConfigDict(frozen=True)

    #: A number that is unique among all tasks of an emulator: a later task that reuses the name has another one.
    serial: int
    name: str
    target: Target
    schedule_time: datetime
    create_time: datetime
    dispatch_deadline: timedelta
    #: The task's own retry policy; None means that of its queue.
    retry: RetryPolicy | None = None
    dispatch_count: int = 0
    response_count: int = 0
    #: The number of responses other than 5xx.
    execution_count: int = 0
    #: The HTTP status of the latest response, if there was one.
    previous_response: int | None = None
    #: Why the latest attempt failed, as text; empty before the first failure.
    retry_reason: str = ""
    first_dispatch: datetime | None = None
    last_attempt: Attempt | None = None

    def dispatched(self, *, now: datetime) -> "Task":
        """Return the task with one more attempt in progress."""
        return self.model_copy(
            update={
                "dispatch_count": self.dispatch_count + 1,
                "first_dispatch": self.first_dispatch or now,
                "last_attempt": Attempt(schedule_time=self.schedule_time, dispatch_time=now),
            }
        )

    def failed(self, outcome: Outcome, *, now: datetime) -> "Task":
        """Return the task after its attempt failed with this outcome."""
        end = {"response_time": now, "code": outcome.code, "message": outcome.message}
        attempt = self.last_attempt.model_copy(update=end) if self.last_attempt else None
        after = self.model_copy(update={"last_attempt": attempt, "retry_reason": outcome.message})
        if not isinstance(outcome, Answered):
            return after
        return after.model_copy(
            update={
                "response_count": self.response_count + 1,
                "execution_count": self.execution_count + int(outcome.executed),
                "previous_response": outcome.status,
            }
        )

    def rescheduled(self, at: datetime) -> "Task":
        """Return the task with its next attempt at this instant."""
        return self.model_copy(update={"schedule_time": at})

    def expired(self, at: datetime) -> bool:
        """Whether Cloud Tasks no longer keeps the task at this instant: it is 31 days old."""
        return at - self.create_time >= RETENTION
