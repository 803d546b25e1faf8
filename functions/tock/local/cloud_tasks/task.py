"""A task as the emulator keeps it, and how each attempt changes it."""

from datetime import datetime, timedelta

from pydantic import BaseModel, ConfigDict

from tock.local.cloud_tasks.outcome import Answered, Outcome
from tock.local.cloud_tasks.retry_policy import RetryPolicy

#: Limits of the API: https://cloud.google.com/tasks/docs/quotas
RETENTION = timedelta(days=31)
LONGEST_SCHEDULE = timedelta(days=30)


class Oidc(BaseModel):
    """Whom an attempt's bearer token speaks for, and to whom."""

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
    """One attempt; it has no response until it has ended, and no code until then."""

    model_config = ConfigDict(frozen=True)

    schedule_time: datetime
    dispatch_time: datetime
    response_time: datetime | None = None
    code: int = 0
    message: str = ""


class Task(BaseModel):
    """A task from its creation until it is done, given up or deleted; afterwards only its name is kept."""

    model_config = ConfigDict(frozen=True)

    #: Counts the tasks of an emulator: a task that reuses a name is still another task.
    serial: int
    name: str
    target: Target
    schedule_time: datetime
    create_time: datetime
    dispatch_deadline: timedelta
    #: The task's own policy; without one, its queue's holds.
    retry: RetryPolicy | None = None
    dispatch_count: int = 0
    response_count: int = 0
    #: The responses that were no 5xx.
    execution_count: int = 0
    #: The HTTP status of the latest response, if there was one.
    previous_response: int | None = None
    #: Why the latest attempt failed, in words; empty before the first failure.
    retry_reason: str = ""
    first_dispatch: datetime | None = None
    last_attempt: Attempt | None = None

    def dispatched(self, *, now: datetime) -> "Task":
        """The task with one more attempt under way."""
        return self.model_copy(
            update={
                "dispatch_count": self.dispatch_count + 1,
                "first_dispatch": self.first_dispatch or now,
                "last_attempt": Attempt(schedule_time=self.schedule_time, dispatch_time=now),
            }
        )

    def failed(self, outcome: Outcome, *, now: datetime) -> "Task":
        """The task after its attempt ended in this failure."""
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
        """The task with its next attempt at this instant."""
        return self.model_copy(update={"schedule_time": at})

    def outlived(self, at: datetime) -> bool:
        """Whether the task is too old to be kept at this instant."""
        return at - self.create_time >= RETENTION
